/** Starting and ending a shift. */

import { LETTERS } from './books.js';
import { copy, count, put, summaryRow } from './dom.js';
import * as forms from './forms.js';
import { drawColleagues, wholeMinute } from './patrol.js';
import { Pen, begun } from './pen.js';
import { uuidv7 } from './uuid.js';

/** @param {Context} context */
export async function startShift(context) {
  if (context.shift) return null;
  const draft = begun(context, 'shift-start', null, () => uuidv7(context.now()));
  const proposed = { ...usual(context), started_at: wholeMinute(context.now()) };
  return asking(context, copy('shift'), draft, proposed);
}

/**
 * Yesterday's company is proposed; today's may be another.
 * @param {Context} context
 */
function usual({ records }) {
  const last = [...records.values()].filter(({ kind, inError }) => kind === 'shift-start' && !inError).at(-1);
  const { colleagues, company, beat } = last?.body ?? {};
  return { colleagues, company, beat };
}

/** @param {Context} context */
export async function endShift(context) {
  const shift = context.forgotten ?? context.shift;
  if (!shift) return null;
  const screen = copy('end-shift');
  put(screen, { summary: summary(context, shift), waiting: stillWaiting(context) });
  const draft = begun(context, 'shift-end', shift.record, () => shift.record);
  const { started_at } = shift.body;
  return asking(context, screen, draft, { started_at, ended_at: proposedEnd(context, shift) });
}

/**
 * A forgotten shift ended with its last patrol; another ends now.
 * @param {Context} context
 * @param {FieldRecord} shift
 */
export function proposedEnd({ forgotten, records, now }, shift) {
  if (shift !== forgotten) return wholeMinute(now());
  const patrols = [...records.values()].filter(({ kind, body }) => kind === 'patrol' && body.shift === shift.record);
  const ends = [shift.body.started_at, ...patrols.map(({ body }) => body.ended_at ?? body.started_at)];
  return /** @type {string} */ (ends.sort().at(-1));
}

/**
 * @param {Context} context
 * @param {FieldRecord} shift
 */
function summary({ records }, shift) {
  const done = [...records.values()].filter(
    ({ kind, body, inError }) => kind === 'patrol' && body.shift === shift.record && !inError,
  );
  const activities = [...new Set(done.map(({ body }) => body.activity))];
  const rows = activities.map((activity) => {
    const patrols = done.filter(({ body }) => body.activity === activity);
    return summaryRow(forms.wordsFor('patrol', 'activity', activity), count(patrols.length, 'patrol'));
  });
  return [...rows, summaryRow('All together', count(done.length, 'patrol'))];
}

/** @param {Context} context */
function stillWaiting({ pages, receipts, drafts }) {
  const waiting = pages.filter(({ seal }) => !receipts.has(seal)).length;
  const begun = [count(drafts.filter(({ kind }) => kind === 'patrol').length, 'patrol'), count(drafts.filter(({ kind }) => kind in LETTERS).length, 'notice')];
  const unsaved = begun.filter((words) => !words.startsWith('0'));
  if (unsaved.length) return `${unsaved.join(' and ')} begun and not saved yet. Finish or delete on Home, then end the shift.`;
  return waiting
    ? `${count(waiting, 'page')} still to be sent. They are safe on this phone and go by themselves when there is a signal; open Fieldbook there before you hand the phone in.`
    : 'Everything you wrote has reached the office.';
}

/**
 * @param {Context} context
 * @param {HTMLElement} screen
 * @param {Begun} draft
 * @param {Record<string, any>} proposed
 */
function asking(context, screen, draft, proposed) {
  const form = /** @type {HTMLFormElement} */ (screen.querySelector('form'));
  drawColleagues(context, form);
  forms.fill(form, { ...proposed, ...draft.body });
  const pen = new Pen(context, draft, screen, () => forms.read(form));
  pen.submits(form, () => '#home', { known: proposed });
  return screen;
}
