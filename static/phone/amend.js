/** Amending: a later page that says what changes and why. The first version stays readable. */

import { copy, put, slot } from './dom.js';
import * as forms from './forms.js';
import { write } from './notebook.js';
import { drawColleagues, prepare } from './patrol.js';
import { changesBetween, stateOf } from './records.js';
import { whatOf } from './saved.js';
import { send } from './sync.js';

/**
 * @typedef {import('./app.js').Context} Context
 * @typedef {import('./records.js').FieldRecord} FieldRecord
 */

/**
 * @param {Context} context
 * @param {string} id
 */
export async function amend(context, id) {
  const record = context.records.get(id);
  if (!record) return null;
  const screen = copy(`amend-${record.kind}`);
  const [why, what] = /** @type {HTMLFormElement[]} */ ([...screen.querySelectorAll('form')]);
  back(screen, record);
  if (record.kind === 'patrol') prepare(context, what, record.body);
  else {
    drawColleagues(context, what);
    forms.fill(what, record.body);
  }
  const before = forms.read(what);
  showHeld(context, record, what);
  const dropEnd = forms.group(what, 'ended_at');
  if (dropEnd && record.kind !== 'patrol') dropEnd.hidden = !record.body.ended_at;
  what.onsubmit = (event) => {
    event.preventDefault();
    saveAmendment(context, record, why, what, before);
  };
  return screen;
}

/**
 * @param {Context} context
 * @param {FieldRecord} record
 * @param {HTMLFormElement} why
 * @param {HTMLFormElement} what
 * @param {Record<string, any>} before
 */
async function saveAmendment(context, record, why, what, before) {
  const changes = changesBetween(before, forms.read(what));
  forms.set(why, 'changes', changes);
  const { entered_in_error } = forms.read(why);
  const notEnded = record.kind !== 'patrol' && !record.body.ended_at;
  const problems = entered_in_error ? [] : forms.check(what).filter(({ field }) => !(notEnded && field === 'ended_at'));
  forms.show(what, problems);
  const reasons = forms.check(why);
  forms.show(why, reasons.length ? reasons : nothingChanged(changes, entered_in_error, problems));
  if (reasons.length || problems.length || (!entered_in_error && !Object.keys(changes).length)) return;
  await save(context, record, forms.read(why), screenOf(why));
}

/**
 * @param {Record<string, any>} changes
 * @param {boolean} inError
 * @param {unknown[]} problems
 */
function nothingChanged(changes, inError, problems) {
  if (inError || problems.length || Object.keys(changes).length) return [];
  const message = 'Nothing is changed yet. Change what is wrong below, then save.';
  return [{ field: '', message, rule: 'unchanged' }];
}

/** @param {HTMLElement} element */
const screenOf = (element) => /** @type {HTMLElement} */ (element.closest('section'));

/**
 * A held page's problems stand at their fields.
 * @param {Context} context
 * @param {FieldRecord} record
 * @param {HTMLFormElement} form
 */
function showHeld(context, record, form) {
  const { word, problems } = stateOf(record.first, context.receipts.get(record.first.seal));
  if (word === 'held' && !record.amended) forms.show(form, problems);
}

/**
 * @param {Context} context
 * @param {string} id
 */
export async function enteredInError(context, id) {
  const record = context.records.get(id);
  if (!record) return null;
  const screen = put(copy('error'), { what: `Page ${record.first.page}, ${whatOf(context, record.first)},` });
  const form = /** @type {HTMLFormElement} */ (screen.querySelector('form'));
  back(screen, record);
  form.onsubmit = (event) => {
    event.preventDefault();
    const problems = forms.check(form);
    forms.show(form, problems);
    if (!problems.length) save(context, record, { ...forms.read(form), entered_in_error: true }, screen);
  };
  return screen;
}

/**
 * @param {HTMLElement} screen
 * @param {FieldRecord} record
 */
function back(screen, record) {
  /** @type {HTMLAnchorElement} */ (slot(screen, 'back')).href = `#page/${record.first.seal}`;
}

/** @type {Set<string>} records whose amendment is being saved: a second tap writes no second page */
const saving = new Set();

/**
 * @param {Context} context
 * @param {FieldRecord} record
 * @param {Record<string, any>} body
 * @param {HTMLElement} screen
 */
async function save(context, { record }, body, screen) {
  if (saving.has(record)) return;
  saving.add(record);
  await context.trying(async () => {
    const page = await write({ kind: 'amendment', record, body }, context.now());
    location.hash = `#saved/${page.seal}`;
    send({ by: 'save' });
  }, screen);
  saving.delete(record);
}
