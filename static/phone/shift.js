/** Starting and ending a shift. */

import { copy, count, put, summaryRow } from './dom.js';
import * as forms from './forms.js';
import { write } from './notebook.js';
import { drawColleagues, wholeMinute } from './patrol.js';
import { send } from './sync.js';
import { uuidv7 } from './uuid.js';

/** @typedef {import('./app.js').Context} Context */

/** @param {Context} context */
export async function startShift(context) {
  if (context.shift) return null;
  const screen = copy('shift');
  const form = /** @type {HTMLFormElement} */ (screen.querySelector('form'));
  drawColleagues(context, form);
  forms.fill(form, { ...usual(context), started_at: wholeMinute(context.now()) });
  savesWith(context, form, () => uuidv7(context.now()), 'shift-start');
  return screen;
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
  const { shift } = context;
  if (!shift) return null;
  const screen = copy('end-shift');
  const form = /** @type {HTMLFormElement} */ (screen.querySelector('form'));
  put(screen, { summary: summary(context), waiting: stillWaiting(context) });
  forms.fill(form, { ended_at: wholeMinute(context.now()) });
  savesWith(context, form, () => shift.record, 'shift-end');
  return screen;
}

/** @param {Context} context */
function summary({ records, shift }) {
  const done = [...records.values()].filter(
    ({ kind, body, inError }) => kind === 'patrol' && body.shift === shift?.record && !inError,
  );
  const activities = [...new Set(done.map(({ body }) => body.activity))];
  const rows = activities.map((activity) => {
    const patrols = done.filter(({ body }) => body.activity === activity);
    return summaryRow(forms.wordsFor('patrol', 'activity', activity), count(patrols.length, 'patrol'));
  });
  return [...rows, summaryRow('All together', count(done.length, 'patrol'))];
}

/** @param {Context} context */
function stillWaiting({ pages, receipts }) {
  const waiting = pages.filter(({ seal }) => !receipts.has(seal)).length;
  return waiting
    ? `${count(waiting, 'page')} still to be sent. They are safe on this phone and go by themselves when there is a signal; open Fieldbook there before you hand the phone in.`
    : 'Everything you wrote has reached the office.';
}

/**
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {() => string} record
 * @param {string} kind
 */
function savesWith(context, form, record, kind) {
  let saving = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    const problems = forms.check(form);
    forms.show(form, problems);
    if (problems.length || saving) return;
    saving = true;
    saving = await context.trying(async () => {
      await write({ kind, record: record(), body: forms.read(form) }, context.now());
      location.hash = '#home';
      send({ by: 'save' });
    }, form);
  };
}
