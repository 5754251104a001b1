/** What is added to a record on a later page: what changes and why, or photos. The first version stays readable. */

import { LETTERS } from './books.js';
import { copy, put, slot } from './dom.js';
import * as forms from './forms.js';
import { drawColleagues, prepare, showPhotos, takePhotos } from './patrol.js';
import { Pen, begun } from './pen.js';
import { changesBetween, stateOf } from './records.js';
import { whatOf } from './saved.js';
import { notices } from './screens.js';

/**
 * @param {Context} context
 * @param {string} id
 */
export async function amend(context, id) {
  const record = context.records.get(id);
  if (!record) return null;
  const screen = copy('amend');
  screen.append(formOf(record.kind));
  const [why, what] = /** @type {HTMLFormElement[]} */ ([...screen.querySelectorAll('form')]);
  if (record.kind in LETTERS) forms.group(why, 'entered_in_error')?.remove(); // only the desk makes a notice void
  back(screen, record);
  await draw(context, what, record);
  const before = forms.read(what);
  const draft = begun(context, 'amendment', id, () => id);
  forms.fill(why, draft.body.why ?? {});
  if (draft.body.what) await draw(context, what, { ...record, body: draft.body.what });
  else showHeld(context, record, what);
  const pen = new Pen(context, draft, screen, () => ({ why: forms.read(why), what: forms.read(what) }));
  what.onsubmit = async (event) => {
    event.preventDefault();
    const body = await amendment(context, record, why, what, before);
    if (body) pen.write(body, (page) => `#saved/${page.seal}`);
  };
  return screen;
}

/**
 * The form of a kind with all its questions, without what belongs to writing for the first time.
 * @param {string} kind
 */
function formOf(kind) {
  const form = /** @type {HTMLFormElement} */ (copy(kind === 'shift-start' ? `amend-${kind}` : kind).querySelector('form'));
  for (const one of form.querySelectorAll('[data-once]')) one.remove();
  for (const step of form.querySelectorAll('[data-step]')) /** @type {HTMLElement} */ (step).hidden = false;
  // What the paper asks for never changes.
  for (const one of form.querySelectorAll('[data-as-issued]')) /** @type {HTMLElement} */ (one).hidden = true;
  const save = /** @type {HTMLElement} */ (form.querySelector('.bar button'));
  save.textContent = 'Save amendment';
  return form;
}

/**
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {FieldRecord} record
 */
async function draw(context, form, { kind, body }) {
  if (kind in LETTERS) return (await notices()).prepareNotice(context, form, body);
  if (kind === 'patrol') return prepare(context, form, body);
  drawColleagues(context, form);
  forms.fill(form, body);
  if (forms.group(form, 'photos')) await showPhotos(form);
  const end = forms.group(form, 'ended_at');
  if (end) end.hidden = !body.ended_at;
}

/**
 * The amendment that the two forms say; null when something is wrong, which is then shown.
 * @param {Context} context
 * @param {FieldRecord} record
 * @param {HTMLFormElement} why
 * @param {HTMLFormElement} what
 * @param {Record<string, any>} before
 */
async function amendment(context, record, why, what, before) {
  const law = record.kind in LETTERS ? await notices() : null;
  const other = changesBetween(before, forms.read(what));
  if ('recipient_name' in other || 'born' in other || 'occurred_at' in other) law?.sayWhoAgain(context, what);
  const changes = changesBetween(before, forms.read(what));
  forms.set(why, 'changes', changes);
  const { entered_in_error } = forms.read(why);
  const notEnded = record.kind === 'shift-start' && !record.body.ended_at;
  // A clock that went back since makes nothing of the record lie in the future.
  const at = new Date(Math.max(context.now().getTime(), ...record.pages.map((page) => Date.parse(page.written_at))));
  const problems = entered_in_error ? [] : forms.check(what, at, undefined, law?.shut).filter(({ field }) => !(notEnded && field === 'ended_at'));
  forms.show(what, problems);
  const wrong = forms.check(why, at);
  const reasons = wrong.length ? wrong : nothingChanged(changes, entered_in_error, problems);
  forms.show(why, reasons);
  return reasons.length || problems.length ? null : forms.read(why);
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
  if (!record || record.kind in LETTERS) return null;
  const screen = put(copy('error'), { what: `Page ${record.first.page}, ${whatOf(context, record.first)},` });
  const form = /** @type {HTMLFormElement} */ (screen.querySelector('form'));
  back(screen, record);
  const draft = begun(context, 'amendment', id, () => id);
  forms.fill(form, draft.body.why ?? {});
  const pen = new Pen(context, draft, screen, () => ({ ...draft.body, why: forms.read(form) }));
  pen.submits(form, (page) => `#saved/${page.seal}`, { more: { entered_in_error: true } });
  return screen;
}

/**
 * @param {Context} context
 * @param {string} id
 */
export async function addPhotos(context, id) {
  const record = context.records.get(id);
  if (!record || record.inError) return null;
  const screen = put(copy('photos-added'), { what: `Page ${record.first.page}, ${whatOf(context, record.first)}.` });
  const form = /** @type {HTMLFormElement} */ (screen.querySelector('form'));
  back(screen, record);
  const draft = begun(context, 'photos-added', id, () => id);
  forms.fill(form, draft.body);
  const pen = new Pen(context, draft, screen, () => forms.read(form));
  takePhotos(form, pen);
  pen.submits(form, (page) => `#saved/${page.seal}`);
  await showPhotos(form);
  return screen;
}

/**
 * @param {HTMLElement} screen
 * @param {FieldRecord} record
 */
function back(screen, record) {
  /** @type {HTMLAnchorElement} */ (slot(screen, 'back')).href = `#page/${record.first.seal}`;
}
