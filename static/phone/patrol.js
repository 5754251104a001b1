/** A patrol: begun with one tap, kept as a draft at every change, saved as a page. */

import { photo, thumbnail } from './camera.js';
import { copy, doing, put, slot } from './dom.js';
import * as forms from './forms.js';
import { clock } from './london.js';
import { draft, dropDraft, evidence, saveDraft, write } from './notebook.js';
import { find, position } from './place.js';
import { send } from './sync.js';
import { uuidv7 } from './uuid.js';

/**
 * @typedef {import('./app.js').Context} Context
 * @typedef {import('./place.js').Place} Place
 * @typedef {import('./notebook.js').Draft} Draft
 */

/** Where a visit with nothing to say more about is usual. */
const OFTEN_QUIET = ['faith-reassurance', 'evening-safety', 'weapon-sweep'];

/**
 * Begins a patrol now, and opens it.
 * @param {Context} context
 * @param {{activity?: string, place?: Place}} about
 */
export async function beginPatrol(context, { activity, place }) {
  const now = context.now();
  const body = {
    activity: activity ?? activityAt(context, place),
    started_at: wholeMinute(now),
    ...fromShift(context),
    ...(place && at(place)),
    ...whereNow(now),
  };
  const id = crypto.randomUUID();
  await context.trying(async () => {
    await saveDraft({ id, kind: 'patrol', record: uuidv7(now), body }, now);
    location.hash = `#patrol/${id}`;
  });
}

/**
 * The first activity that is usual at this kind of place.
 * @param {Context} context
 * @param {Place | undefined} place
 */
function activityAt({ reference }, place) {
  const fits = reference.activities.find((one) => place && one.place_categories.includes(place.category));
  return fits?.code ?? 'joint-operation';
}

/** @param {Place} place */
const at = ({ id, name, ward }) => ({ place: id, place_name: name, ward });

/** @param {Context} context */
function fromShift({ shift }) {
  if (!shift) return {};
  const { colleagues, company = [], police_shoulder, partner_agency } = shift.body;
  const usual = { colleagues, police_shoulder, partner_agency, with_police: company.includes('police') };
  return { shift: shift.record, ...usual };
}

/** @param {Date} now */
function whereNow(now) {
  const here = position(now);
  if (!here) return {};
  const { latitude, longitude, accuracy_m } = here;
  return { latitude, longitude, accuracy_m };
}

/**
 * A form shows minutes: a patrol that began at 14:10:37 would seem to end before it, at 14:10.
 * @param {Date} now
 */
export function wholeMinute(now) {
  return new Date(Math.floor(now.getTime() / 60_000) * 60_000).toISOString();
}

/**
 * @param {Context} context
 * @param {string} id
 */
export async function patrol(context, id) {
  const begun = await draft(id);
  if (!begun || begun.notebook !== context.notebook.id) return null;
  const screen = copy('patrol');
  const form = /** @type {HTMLFormElement} */ (screen.querySelector('form'));
  const pen = new Pen(context, begun, form);
  prepare(context, form, begun.body);
  form.addEventListener('input', () => pen.keep());
  form.addEventListener('change', () => afterChange(form));
  afterChange(form);
  doing(screen, 'drop').onclick = () => pen.drop();
  doing(screen, 'nothing-unusual').onclick = () => {
    forms.set(form, 'outcomes', ['nothing-unusual']);
    pen.save();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    pen.save();
  };
  takePhotos(form, pen);
  return screen;
}

/**
 * Draws what only the phone knows, and fills the form.
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {Record<string, any>} body
 */
export function prepare(context, form, body) {
  drawColleagues(context, form);
  forms.fill(form, body);
  choosePlace(context, form);
  showPhotos(form);
  showAbout(form);
  slot(form, 'about').toggleAttribute('open', !body.place);
}

/**
 * @param {Context} context
 * @param {HTMLFormElement} form
 */
export function drawColleagues({ reference, notebook }, form) {
  const colleagues = forms.group(form, 'colleagues');
  for (const { id, name } of reference.colleagues) {
    if (colleagues && id !== notebook.officer) forms.addBox(colleagues, id, name);
  }
}

/** @param {HTMLFormElement} form */
function afterChange(form) {
  const { activity, outcomes } = forms.read(form);
  forms.chooseSection(form, activity);
  const quiet = OFTEN_QUIET.includes(activity) && !outcomes;
  put(form, { title: forms.wordsFor('patrol', 'activity', activity) });
  showAbout(form);
  doing(form, 'nothing-unusual').hidden = !quiet;
  doing(form, 'save').classList.toggle('govuk-button--secondary', quiet);
}

/**
 * @param {Context} context
 * @param {HTMLFormElement} form
 */
function choosePlace(context, form) {
  const search = /** @type {HTMLInputElement} */ (doing(form, 'find'));
  search.oninput = () => {
    const lines = find(context.reference.places, search.value, 5).map((place) => {
      const line = put(copy('place'), { name: place.name, more: place.address ?? '' });
      line.querySelector('button')?.addEventListener('click', () => setPlace(form, at(place)));
      return line;
    });
    slot(form, 'found').replaceChildren(...lines);
  };
  doing(form, 'change-place').onclick = () => setPlace(form, { place: '', place_name: '' });
  showPlace(form);
}

/**
 * @param {HTMLFormElement} form
 * @param {Record<string, string>} values
 */
function setPlace(form, values) {
  for (const [name, value] of Object.entries(values)) forms.set(form, name, value);
  showPlace(form);
  showAbout(form);
  form.dispatchEvent(new Event('input'));
}

/** @param {HTMLFormElement} form */
function showAbout(form) {
  const { place_name, address, ward, started_at } = forms.read(form);
  const where = place_name ?? address ?? 'Place not said yet';
  const words = [where, ward && forms.wordsFor('patrol', 'ward', ward), started_at && `since ${clock(started_at)}`];
  put(form, { 'about-words': words.filter(Boolean).join(' · ') });
}

/** @param {HTMLFormElement} form */
function showPlace(form) {
  const { place, place_name = 'Place' } = forms.read(form);
  put(form, { 'chosen-name': place_name });
  slot(form, 'chosen').hidden = !place;
  slot(form, 'choose').hidden = Boolean(place);
  const address = forms.group(form, 'address');
  if (address) address.hidden = Boolean(place) && !forms.read(form).address;
}

/**
 * @param {HTMLFormElement} form
 * @param {Pen} pen
 */
function takePhotos(form, pen) {
  const input = /** @type {HTMLInputElement} */ (doing(form, 'photo'));
  input.onchange = () => {
    for (const file of input.files ?? []) pen.addPhoto(file);
    input.value = '';
  };
}

/** @param {HTMLFormElement} form */
async function showPhotos(form) {
  const { photos = [] } = forms.read(form);
  const kept = await Promise.all(photos.map((/** @type {{sha256: string}} */ one) => evidence(one.sha256)));
  put(form, { photos: kept.flatMap((one) => (one ? [thumbnail(one)] : [])) });
  const group = forms.group(form, 'photos');
  if (group) group.hidden = !photos.length;
}

/** Keeps one draft as it is written, one save after the other, and makes a page of it once. */
class Pen {
  /**
   * @param {Context} context
   * @param {Draft} begun
   * @param {HTMLFormElement} form
   */
  constructor(context, begun, form) {
    this.context = context;
    this.begun = begun;
    this.form = form;
    /** @type {Promise<unknown>} */
    this.last = Promise.resolve();
    this.done = false;
  }

  /**
   * @param {import('./notebook.js').NewEvidence[]} [evidence]
   */
  keep(evidence = []) {
    if (this.done) return this.last;
    const body = forms.read(this.form);
    this.last = this.last.then(() =>
      this.context.trying(() => saveDraft({ ...this.begun, body }, this.context.now(), evidence), this.form),
    );
    return this.last;
  }

  /** @param {File} file */
  async addPhoto(file) {
    await this.context.trying(async () => {
      const made = await photo(file);
      const { photos = [] } = forms.read(this.form);
      const taken = { sha256: made.sha256, taken_at: this.context.now().toISOString() };
      forms.set(this.form, 'photos', [...photos, taken]);
      await this.keep([made]);
      await showPhotos(this.form);
    }, this.form);
  }

  async save() {
    if (this.done) return;
    const now = this.context.now();
    if (!forms.read(this.form).ended_at) forms.set(this.form, 'ended_at', wholeMinute(now));
    const problems = forms.check(this.form);
    forms.show(this.form, problems);
    if (problems.length) return;
    this.done = true;
    await this.last;
    this.done = await this.context.trying(() => this.write(now), this.form);
  }

  /** @param {Date} now */
  async write(now) {
    const { id, kind, record } = this.begun;
    const page = await write({ kind, record, body: forms.read(this.form), draft: id }, now);
    location.hash = `#saved/${page.seal}`;
    send({ by: 'save' });
  }

  async drop() {
    this.done = true;
    await this.last;
    await this.context.trying(() => dropDraft(this.begun.id), this.form);
    location.hash = '#home';
  }
}
