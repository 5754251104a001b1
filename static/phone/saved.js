/** What is said after a save: that the page is on this phone, and what can be done about it at once. */

import { LETTERS, NAMES, shown } from './books.js';
import { copy, count, doing, put, slot } from './dom.js';
import { wordsFor } from './forms.js';
import { clock } from './london.js';
import { write } from './notebook.js';
import { bodyOf, stateOf } from './records.js';
import { send } from './sync.js';

/** What an officer may take back at once, or say more about. */
const UNDONE = ['patrol', 'not-issued'];

/**
 * @param {Context} context
 * @param {string} seal
 */
export async function saved(context, seal) {
  const page = context.pages.find((one) => one.seal === seal);
  if (!page) return null;
  const screen = copy('saved');
  const { word } = stateOf(page, context.receipts.get(page.seal));
  put(screen, {
    title: `Saved on this phone ${clock(page.written_at)}`,
    what: `Page ${page.page} · ${whatOf(context, page)}`,
    sending: word === 'waiting' ? 'It is sent by itself as soon as there is a signal.' : 'It has reached the office.',
  });
  const note = /** @type {HTMLAnchorElement} */ (slot(screen, 'note'));
  note.href = `#amend/${page.record}`;
  note.hidden = !UNDONE.includes(page.kind);
  const undo = /** @type {HTMLButtonElement} */ (doing(screen, 'undo'));
  undo.hidden = note.hidden;
  undo.onclick = () =>
    context.trying(async () => {
      undo.disabled = true;
      const body = { reason: 'Undone just after it was saved', entered_in_error: true };
      const undone = await write({ notebook: page.notebook, kind: 'amendment', record: page.record, body }, context.now());
      location.hash = `#saved/${undone.seal}`;
      send({ by: 'save' });
    }, screen);
  return screen;
}

/**
 * A page in a few words: "Example Street Synagogue · Faith-site reassurance".
 * @param {Context} context
 * @param {Page} page
 * @returns {string}
 */
export function whatOf(context, page) {
  const body = bodyOf(page);
  if (page.kind === 'shift-start') return 'Shift started';
  if (page.kind === 'shift-end') return 'Shift ended';
  if (page.kind === 'amendment') {
    const about = context.records.get(page.record);
    const done = body.entered_in_error ? 'Entered in error' : 'Amended';
    return about ? `${done}: page ${about.first.page}, ${whatOf(context, about.first)}` : done;
  }
  if (page.kind === 'photos-added') return `${count(body.photos.length, 'photo')} added to page ${context.records.get(page.record)?.first.page}`;
  if (page.kind === 'answer') return `Answered: page ${context.records.get(page.record)?.first.page}`;
  if (page.kind in LETTERS) return `${NAMES[page.kind]} ${shown(body.number)} · ${body.recipient_name}`;
  if (page.kind === 'served') {
    const about = context.records.get(page.record);
    return about ? `${whatOf(context, about.first)}: how it was served` : 'How a notice was served';
  }
  const where = body.place_name ?? body.address;
  if (page.kind === 'not-issued') return `No notice: ${wordsFor('outcomes', 'outcome', body.outcome)} · ${where}`;
  const activity = wordsFor('patrol', 'activity', body.activity);
  return [where, activity].filter(Boolean).join(' · ');
}
