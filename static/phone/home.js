/** Home: what am I on, where am I, what next. */

import { questions } from './answer.js';
import { LETTERS, NAMES, fewWords, shown } from './books.js';
import { bullet, copy, doing, put, slot } from './dom.js';
import { clockWords } from './health.js';
import { clock, day, toLondon } from './london.js';
import { wordsFor } from './forms.js';
import { updateNotebook } from './notebook.js';
import { distance, find, follow, nearest, position } from './place.js';
import { beginPatrol } from './patrol.js';
import { mayGive } from './powers.js';
import { stateOf } from './records.js';
import { notices } from './screens.js';
import { TO_READ } from './sending.js';
import { proposedEnd } from './shift.js';

const NEAREST = 3;

/** @param {Context} context */
export async function home(context) {
  const screen = copy('home');
  put(screen, { shift: [shiftCard(context)], forgotten: forgottenCard(context), running: running(context), told: [...questions(context), ...told(context)] });
  put(screen, { who: context.notebook.officer_name });
  attend(screen, context);
  showPlaces(screen, context);
  for (const button of screen.querySelectorAll('[data-activity]')) {
    const { activity } = /** @type {HTMLElement} */ (button).dataset;
    button.addEventListener('click', () => beginPatrol(context, { activity }));
  }
  for (const button of screen.querySelectorAll('[data-notice]')) {
    const kind = String(/** @type {HTMLElement} */ (button).dataset.notice);
    button.addEventListener('click', () => context.trying(async () => (await notices()).beginNotice(context, kind)));
    const may = mayGive(context.reference, kind, today(context.now()));
    /** @type {HTMLElement} */ (button).hidden = !may;
    if (may) slot(screen, 'powers').hidden = true;
  }
  showFew(screen, context);
  const search = /** @type {HTMLInputElement} */ (doing(screen, 'find'));
  search.oninput = () => {
    const found = find(context.reference.places, search.value, 5);
    const lines = found.map((place) => placeLine(context, place, place.address ?? ''));
    slot(screen, 'found').replaceChildren(...(lines.length || !search.value ? lines : ['No place of that name is known.']));
  };
  return screen;
}

/**
 * Where few numbers are left. A notebook that was never sent has been lent none yet.
 * @param {HTMLElement} screen
 * @param {Context} context
 */
function showFew(screen, { notebook }) {
  if (!slot(screen, 'few') || !notebook.books) return;
  const few = Object.keys(LETTERS).flatMap((kind) => fewWords(notebook, kind) ?? []);
  put(screen, { few: few.length ? few.map(bullet) : null });
}

/** @param {Context} context */
function shiftCard({ shift, reference }) {
  if (!shift) return copy('shift-off');
  const { started_at, colleagues = [], company = [] } = shift.body;
  const names = reference.colleagues.filter(({ id }) => colleagues.includes(id)).map(({ name }) => name);
  const words = wordsFor('shift', 'company', company);
  const company_words = [...names, words].filter(Boolean).join(' · ');
  return put(copy('shift-on'), { since: clock(started_at), with: company_words || null });
}

/**
 * A shift forgotten open is offered for closing; it is in nobody's way.
 * @param {Context} context
 */
function forgottenCard(context) {
  const { forgotten } = context;
  if (!forgotten) return null;
  const { started_at } = forgotten.body;
  const end = proposedEnd(context, forgotten);
  const said = `The shift of ${day(started_at)}, ${clock(started_at)}, was not ended. Its last patrol ended ${clock(end)}.`;
  return [put(copy('shift-forgotten'), { said })];
}

/**
 * What was begun and waits: notices not issued, notices not handed over, photos, patrols.
 * @param {Context} context
 */
function running({ drafts, records }) {
  const of = (/** @type {(kind: string) => boolean} */ wanted) => drafts.filter(({ kind }) => wanted(kind));
  const notices = of((kind) => kind in LETTERS).map(({ id, kind, step = 1, body, saved_at }) => {
    const what = `${NAMES[kind]}, not issued · ${body.recipient_name ?? 'nobody named yet'}`;
    return card(what, `Last changed ${clock(saved_at)}`, `#notice/${id}/${step}`, 'Continue');
  });
  const issued = [...records.values()].filter(({ kind, inError, body }) => kind in LETTERS && !inError && !body.service);
  const unserved = issued.map(({ kind, body, first }) => {
    const what = `${NAMES[kind]} ${shown(body.number)} · ${body.recipient_name}: not handed over yet`;
    return card(what, `Issued ${day(body.issued_at)} ${clock(body.issued_at)}`, `#issued/${first.seal}`, 'Say how it was');
  });
  const photos = of((kind) => kind === 'photos-added').map(({ record, saved_at }) =>
    card('Photos not saved yet', `Last changed ${clock(saved_at)}`, `#photos/${record}`, 'Continue'),
  );
  const patrols = of((kind) => kind === 'patrol').map(({ id, body }) => {
    const where = body.place_name ?? body.address ?? 'Place not said yet';
    return card(`${where} · ${wordsFor('patrol', 'activity', body.activity)}`, `Since ${clock(body.started_at)}`, `#patrol/${id}`, 'Finish');
  });
  return [...notices, ...unserved, ...photos, ...patrols];
}

/**
 * @param {string} what
 * @param {string} since
 * @param {string} href
 * @param {string} words of the way there
 */
function card(what, since, href, words) {
  const made = put(copy('running'), { what, since, go: words });
  /** @type {HTMLAnchorElement} */ (slot(made, 'go')).href = href;
  return made;
}

/**
 * What comes first: a clock that is wrong, a page that is held.
 * @param {HTMLElement} screen
 * @param {Context} context
 */
function attend(screen, { pages, receipts, records, clock: measured, now }) {
  const off = clockWords(measured, now());
  put(screen, { clock: off });
  const held = pages.filter((page) => {
    const record = records.get(page.record);
    const state = stateOf(page, receipts.get(page.seal));
    return state.word === 'held' && !(record?.amended && record.first === page);
  });
  if (!held.length) return;
  const [first] = held;
  const { problems } = stateOf(first, receipts.get(first.seal));
  put(screen, { 'attend-text': `Page ${first.page} is held: ${problems[0]?.message}` });
  slot(screen, 'attend').hidden = false;
  /** @type {HTMLAnchorElement} */ (slot(screen, 'attend-go')).href = `#page/${first.seal}`;
}

/**
 * What the office has said and nobody has read yet.
 * @param {Context} context
 */
function told({ notebook: { id, told: news = [] }, records, trying }) {
  return news.filter(({ kind, read }) => TO_READ.includes(kind) && !read).map((one) => {
    const card = put(copy('told'), { said: one.text, when: `${day(one.said_at)} ${clock(one.said_at)}` });
    const about = records.get(one.about);
    const open = /** @type {HTMLAnchorElement} */ (slot(card, 'go'));
    open.hidden = !about;
    if (about) open.href = `#page/${about.first.seal}`;
    doing(card, 'read').onclick = () =>
      trying(async () => {
        await updateNotebook(id, { told: news.map((each) => (each === one ? { ...each, read: true } : each)) });
        Object.assign(one, { read: true });
        card.remove();
      });
    return card;
  });
}

/**
 * Once shown it stays: nothing moves under the thumb.
 * @param {HTMLElement} screen
 * @param {Context} context
 */
function showPlaces(screen, context) {
  const here = position(context.now());
  if (here) return nearestPlaces(screen, context, here);
  put(screen, { 'places-hint': 'Looking for where you are…' });
  follow((where) => (where ? nearestPlaces(screen, context, where) : recentPlaces(screen, context)));
}

/**
 * @param {HTMLElement} screen
 * @param {Context} context
 * @param {Position} here
 */
function nearestPlaces(screen, context, here) {
  const found = nearest(context.reference.places, here, NEAREST);
  const lines = found.map(({ place, metres }) => {
    return placeLine(context, place, `${distance(metres)} · ${visited(place, context.now())}`);
  });
  put(screen, { places: lines, 'places-hint': lines.length ? null : 'No place is known near here.' });
}

/**
 * @param {Place} place
 * @param {Date} now
 */
function visited({ last_visited }, now) {
  if (!last_visited) return 'not visited yet';
  const days = Math.round((Date.parse(today(now)) - Date.parse(today(new Date(last_visited)))) / 86_400_000);
  if (days < 2) return days === 1 ? 'visited yesterday' : 'visited today';
  return `visited ${days} days ago`;
}

/** @param {Date} moment the London day of it, as a date */
const today = (moment) => toLondon(moment.toISOString()).slice(0, 10);

/**
 * @param {HTMLElement} screen
 * @param {Context} context
 */
function recentPlaces(screen, context) {
  const ids = [...context.records.values()].reverse().map(({ body }) => body.place);
  const recent = [...new Set(ids)].flatMap((id) => context.reference.places.filter((place) => place.id === id));
  const lines = recent.slice(0, NEAREST).map((place) => placeLine(context, place, place.address ?? ''));
  put(screen, {
    'places-title': 'Recent places',
    places: lines,
    'places-hint': 'The phone does not say where you are. Find the place by its name.',
  });
  slot(screen, 'find').setAttribute('open', '');
}

/**
 * @param {Context} context
 * @param {Place} place
 * @param {string} more
 */
function placeLine(context, place, more) {
  const line = put(copy('place'), { name: place.name, more });
  line.querySelector('button')?.addEventListener('click', () => beginPatrol(context, { place }));
  return line;
}
