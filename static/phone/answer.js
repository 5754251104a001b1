/** Questions from the desk: each a card on Home until it is answered or closed, and the page that answers. */

import { copy, put, slot } from './dom.js';
import * as forms from './forms.js';
import { clock, day } from './london.js';
import { Pen } from './pen.js';
import { bodyOf, stateOf } from './records.js';
import { whatOf } from './saved.js';

/** @param {News} question what it is known by: the seal of its page */
const nameOf = ({ fields }) => fields.query;

/**
 * What is asked and not answered yet, and what was closed while its answer was being written.
 * @param {Context} context
 * @returns {News[]}
 */
function unanswered({ notebook: { told = [] }, pages, receipts, drafts }) {
  const answers = pages.filter((page) => page.kind === 'answer' && !['held', 'forked'].includes(stateOf(page, receipts.get(page.seal)).word));
  const answered = answers.map((page) => bodyOf(page).query);
  const begun = drafts.filter(({ kind }) => kind === 'answer').map(({ asked }) => asked);
  const open = told.filter((one) => one.kind === 'query' && !answered.includes(nameOf(one)));
  return [...open, ...begun.filter((one) => !open.some((other) => nameOf(other) === nameOf(one)))];
}

/** @param {Context} context */
export function questions(context) {
  return unanswered(context).map((one) => {
    const card = asked(context, one, copy('question'));
    const go = /** @type {HTMLAnchorElement} */ (slot(card, 'go'));
    go.href = `#answer/${nameOf(one)}`;
    if (draftOf(context, one)) go.textContent = 'Continue the answer';
    return card;
  });
}

/**
 * @param {Context} context
 * @param {News} one
 */
const draftOf = ({ drafts }, one) => drafts.find(({ kind, body }) => kind === 'answer' && body.query === nameOf(one));

/**
 * Who asks, about what, and the way to it while its page is on this phone.
 * @template {HTMLElement} T
 * @param {Context} context
 * @param {News} one
 * @param {T} shown
 */
function asked(context, one, shown) {
  const page = context.pages.find(({ seal }) => seal === one.fields.page);
  const open = /** @type {HTMLAnchorElement} */ (slot(shown, 'open'));
  open.hidden = !page;
  open.href = `#page/${page?.seal}`;
  return put(shown, {
    asks: page ? `${one.by} asks about page ${page.page}` : `${one.by} asks`,
    what: page ? whatOf(context, page) : null,
    said: one.text,
    when: `${day(one.said_at)} ${clock(one.said_at)}`,
  });
}

/**
 * @param {Context} context
 * @param {string} name
 */
export async function answer(context, name) {
  const one = unanswered(context).find((other) => nameOf(other) === name);
  if (!one) return null;
  const screen = asked(context, one, copy('answer'));
  const form = /** @type {HTMLFormElement} */ (screen.querySelector('form'));
  const fresh = { id: crypto.randomUUID(), kind: 'answer', record: one.about, notebook: context.notebook.id, body: {}, asked: one };
  const draft = draftOf(context, one) ?? fresh;
  forms.fill(form, { ...draft.body, query: name });
  const pen = new Pen(context, draft, screen, () => forms.read(form));
  pen.submits(form, (page) => `#saved/${page.seal}`);
  return screen;
}
