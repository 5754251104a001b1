/** A patrol: begun with one tap, kept as a draft at every change, saved as a page. */

import { photo, thumbnail } from './camera.js';
import { copy, doing, put, slot } from './dom.js';
import * as forms from './forms.js';
import { clock } from './london.js';
import { evidence, saveDraft } from './notebook.js';
import { Pen } from './pen.js';
import { position } from './place.js';
import { uuidv7 } from './uuid.js';
import { wardAt } from './wards.js';
import { at, choosePlace } from './where.js';

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
    ...whereNow(context),
    ...(place && at(place)),
  };
  const id = crypto.randomUUID();
  await context.trying(async () => {
    const draft = { id, kind: 'patrol', record: uuidv7(now), notebook: context.notebook.id, body };
    await saveDraft(draft, now);
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

/** @param {Context} context */
function fromShift({ shift }) {
  if (!shift) return {};
  const { colleagues, company = [], police_shoulder, partner_agency } = shift.body;
  const usual = { colleagues, police_shoulder, partner_agency, with_police: company.includes('police') };
  return { shift: shift.record, ...usual };
}

/**
 * Where the officer is, and the ward that is proposed for it.
 * @param {Context} context
 */
export function whereNow({ reference, now }) {
  const here = position(now());
  if (!here) return {};
  const { latitude, longitude, accuracy_m } = here;
  return { latitude, longitude, accuracy_m, ward: wardAt(reference.boundaries, here) };
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
  const draft = context.drafts.find((one) => one.id === id);
  if (!draft) return null;
  const screen = copy('patrol');
  const form = /** @type {HTMLFormElement} */ (screen.querySelector('form'));
  const pen = new Pen(context, draft, screen, () => forms.read(form));
  prepare(context, form, draft.body);
  form.addEventListener('change', () => afterChange(form));
  afterChange(form);
  let touched = Boolean(draft.body.place) || draft.saved_at !== draft.began_at;
  screen.addEventListener('input', () => (touched = true));
  // A look at an activity is no patrol: without a place or an answer nothing is left behind.
  doing(screen, 'leave').onclick = (event) => {
    if (touched) return;
    event.preventDefault();
    pen.drop();
  };
  doing(screen, 'nothing-unusual').onclick = () => {
    forms.set(form, 'outcomes', ['nothing-unusual']);
    save(context, form, pen);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    save(context, form, pen);
  };
  takePhotos(form, pen);
  return screen;
}

/**
 * Saves after every photo that is still being made. A patrol whose end was not said ends now.
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {Pen} pen
 */
async function save(context, form, pen) {
  await pen.last;
  const running = !forms.read(form).ended_at;
  if (running) forms.set(form, 'ended_at', wholeMinute(context.now()));
  const problems = forms.check(form, context.now());
  forms.show(form, problems);
  if (!problems.length) await pen.write(forms.read(form), (page) => `#saved/${page.seal}`);
  else if (running && !problems.some(({ field }) => field === 'ended_at')) forms.set(form, 'ended_at', '');
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
  choosePlace(context, form, () => afterPlace(form));
  showPhotos(form);
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

/** @param {HTMLFormElement} form */
export function showAbout(form) {
  const { offence, place_name, address, ward, started_at, occurred_at } = forms.read(form);
  const kind = String(form.dataset.kind);
  const what = offence && forms.wordsFor(kind, 'offence', offence);
  const where = place_name ?? address ?? 'Place not said yet';
  const when = started_at ? `since ${clock(started_at)}` : occurred_at && clock(occurred_at);
  const words = [what, where, ward && forms.wordsFor(kind, 'ward', ward), when];
  put(form, { 'about-words': words.filter(Boolean).join(' · ') });
}

/**
 * A place that was chosen says where it is; an address is asked for without one.
 * @param {HTMLFormElement} form
 */
function afterPlace(form) {
  const { place, address } = forms.read(form);
  const asked = forms.group(form, 'address');
  if (asked) asked.hidden = Boolean(place) && !address;
  showAbout(form);
}

/**
 * @param {HTMLFormElement} form
 * @param {Pen} pen
 */
export function takePhotos(form, pen) {
  const input = /** @type {HTMLInputElement} */ (doing(form, 'photo'));
  input.onchange = () => {
    for (const file of input.files ?? []) pen.then(() => addPhoto(form, pen, file));
    input.value = '';
  };
}

/**
 * @param {HTMLFormElement} form
 * @param {Pen} pen
 * @param {File} file
 */
async function addPhoto(form, pen, file) {
  const made = await photo(file);
  await pen.enclose(form, 'photos', forms.read(form).photos ?? [], made);
  await showPhotos(form);
}

/**
 * @param {HTMLFormElement} form
 * @param {Evidence} one
 */
function removable(form, one) {
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'remove' });
  button.setAttribute('aria-label', 'Remove this photo');
  button.append(thumbnail(one), 'Remove');
  button.onclick = async () => {
    const { photos } = forms.read(form);
    forms.set(form, 'photos', photos.filter((/** @type {{sha256: string}} */ { sha256 }) => sha256 !== one.sha256));
    form.dispatchEvent(new Event('input', { bubbles: true }));
    await showPhotos(form);
  };
  return button;
}

/** @param {HTMLFormElement} form */
export async function showPhotos(form) {
  const { photos = [] } = forms.read(form);
  const kept = await Promise.all(photos.map((/** @type {{sha256: string}} */ one) => evidence(one.sha256)));
  put(form, { photos: kept.flatMap((one) => (one ? [removable(form, one)] : [])) });
  const group = forms.group(form, 'photos');
  if (group) group.hidden = !photos.length;
}
