/** A pen keeps what is being written as a draft, at every change, and makes a page of it once. */

import { LETTERS } from './books.js';
import { doing } from './dom.js';
import * as forms from './forms.js';
import { draft as kept, dropDraft, saveDraft, write } from './notebook.js';
import { send } from './sync.js';

/** A form left for longer is begun anew, unless evidence is kept with it. */
const STALE_MS = 12 * 3_600_000;

/**
 * What was begun and not saved of this kind, about this record or any; otherwise something new.
 * @param {Context} context
 * @param {string} kind
 * @param {string | null} about
 * @param {() => string} newRecord
 * @returns {Begun}
 */
export function begun({ drafts, notebook, now }, kind, about, newRecord) {
  const found = drafts.find((one) => one.kind === kind && (!about || one.record === about) && goesOn(one, now()));
  return found ?? { id: crypto.randomUUID(), kind, record: newRecord(), notebook: notebook.id, body: {} };
}

/**
 * @param {Draft} draft
 * @param {Date} now
 */
const goesOn = ({ evidence, saved_at }, now) => evidence.length > 0 || Date.parse(saved_at) > now.getTime() - STALE_MS;

/** What Home offers to go on with, however old. */
const OFFERED = ['patrol', 'answer', ...Object.keys(LETTERS)];

/**
 * Whether no screen goes on with a draft: it is begun anew, and Home does not offer it.
 * @param {Draft} draft
 * @param {Date} now
 */
export const isForsaken = (draft, now) => !(OFFERED.includes(draft.kind) || goesOn(draft, now));

/** @type {Promise<unknown>} */
let keeping = Promise.resolve();

/** When all that any pen of this window has begun to keep is on the disk, or was said not to be. */
export const settled = () => keeping;

export class Pen {
  /**
   * @param {Context} context
   * @param {Begun} draft
   * @param {HTMLElement} screen
   * @param {() => Record<string, any>} read what the screen says now
   */
  constructor(context, draft, screen, read) {
    this.context = context;
    this.draft = draft;
    this.screen = screen;
    this.read = read;
    /** @type {string | undefined} when what this screen has seen of the draft was kept */
    this.seen = 'saved_at' in draft ? String(draft.saved_at) : undefined;
    /** @type {Promise<unknown>} one save after the other */
    this.last = Promise.resolve();
    this.done = false;
    screen.addEventListener('input', () => this.keep());
    const drop = doing(screen, 'drop');
    if (drop) drop.onclick = () => confirm('Delete this draft? What is written in it is lost.') && this.drop();
  }

  keep() {
    if (this.done) return this.last;
    // Read in its turn: a photo that is being made meanwhile would be left out.
    return this.then(() => this.put(this.read()));
  }

  /**
   * @param {Said} body
   * @param {NewEvidence[]} [evidence]
   */
  async put(body, evidence) {
    this.seen = (await saveDraft({ ...this.draft, body }, this.context.now(), evidence, this.seen)).saved_at;
  }

  /**
   * The evidence is on the disk before the form lists it.
   * @param {HTMLFormElement} form
   * @param {string} name the field
   * @param {Said[]} others what it lists beside it
   * @param {NewEvidence} made
   */
  async enclose(form, name, others, made) {
    const listed = [...others, { sha256: made.sha256, taken_at: this.context.now().toISOString() }];
    await this.put({ ...this.read(), [name]: listed }, [made]);
    forms.set(form, name, listed);
  }

  /**
   * Does something after all that was begun before it.
   * @param {() => Promise<unknown>} work
   * @returns {Promise<boolean>} whether it went well
   */
  then(work) {
    const done = this.last.then(() => this.context.trying(work, this.screen));
    this.last = done;
    keeping = Promise.all([keeping, done]);
    return done;
  }

  /**
   * Makes a page of the form when it is sent, after all that was begun before; what is wrong is shown.
   * @param {HTMLFormElement} form
   * @param {(page: Page) => string} goTo the address to show then
   * @param {{known?: Said, more?: Said, first?: () => Promise<boolean>}} [how] what is known beside the
   *   form as it is checked, what the page says more than it, and what has to go well first
   */
  submits(form, goTo, { known, more, first } = {}) {
    form.onsubmit = async (event) => {
      event.preventDefault();
      await this.last;
      if (first && !(await first())) return;
      const problems = forms.check(form, this.context.now(), { ...known, ...forms.read(form) });
      forms.show(form, problems);
      if (!problems.length) await this.write({ ...forms.read(form), ...more }, goTo);
    };
  }

  /**
   * @param {Record<string, any>} body
   * @param {(page: Page) => string} goTo the address to show then
   * @param {{draws?: boolean, kind?: string}} [how] a page may be of another kind than its draft
   */
  async write(body, goTo, how) {
    if (this.done) return;
    this.done = true;
    await this.last;
    this.done = await this.context.trying(async () => {
      const { id, kind, record, notebook } = this.draft;
      const page = await write({ kind, record, body, draft: id, seen: this.seen, notebook, ...how }, this.context.now());
      location.hash = goTo(page);
      send({ by: 'save' });
    }, this.screen);
  }

  async drop() {
    this.done = true;
    await this.last;
    if (await kept(this.draft.id)) await this.context.trying(() => dropDraft(this.draft.id), this.screen);
    location.hash = '#home';
  }
}
