/** The app: who is here, which screen, the one line on top, and updates. */

import { addPhotos, amend, enteredInError } from './amend.js';
import { answer } from './answer.js';
import { count, doing, slot } from './dom.js';
import { health } from './health.js';
import { home } from './home.js';
import { clock } from './london.js';
import { dropDraft, drafts, notebooks, onChange, pages, state } from './notebook.js';
import { enter, leave, leaveWithdrawn, shownNotebook, signInScreen } from './officer.js';
import { page } from './page.js';
import { patrol } from './patrol.js';
import { isForsaken, settled } from './pen.js';
import { evidenceWaiting, forget, receipts, waiting } from './receipts.js';
import { isForgotten, openShifts, recordsIn } from './records.js';
import { saved } from './saved.js';
import { bringScreens, notices } from './screens.js';
import { endShift, startShift } from './shift.js';
import * as sync from './sync.js';
import { today } from './today.js';
import { Trouble } from './troubles.js';

/** @type {Record<string, Drawing>} */
const SCREENS = {
  home,
  shift: startShift,
  'end-shift': endShift,
  patrol,
  notice: async (context, about) => (await notices()).notice(context, about),
  issued: async (context, about) => (await notices()).issued(context, about),
  lookup: async (context) => (await notices()).lookup(context),
  'no-notice': async (context, about) => (await notices()).noNotice(context, about),
  saved,
  today,
  page,
  amend,
  error: enteredInError,
  photos: addPhotos,
  answer,
  health,
};
/** Screens whose templates are in the page from the start. */
const AT_START = ['home', 'shift', 'end-shift', 'patrol', 'saved', 'today', 'health'];
/** Screens on which an update may be taken: nothing is being written there. */
const CLEAN = ['home', 'today', 'health', 'saved'];
/** Screens that are drawn anew when an answer arrives. */
const LIVE = ['today', 'page', 'saved'];

const now = () => new Date();
const version = document.querySelector('meta[name=version]')?.getAttribute('content') ?? '';
const main = /** @type {HTMLElement} */ (document.getElementById('main'));
/** @type {Sent} */
let sent = { online: null, sent_at: null, waiting: [], wants: null };

/** @returns {[string, string]} */
function address() {
  const [name, ...about] = location.hash.slice(1).split('/');
  return [Object.hasOwn(SCREENS, name) ? name : 'home', about.join('/')];
}

let drawing = 0;
/** @type {string | null} the officer whose notebook is on the screen */
let drawnFor = null;

/** Draws the screen of the address; only the newest drawing is shown. */
async function draw() {
  const mine = (drawing += 1);
  // A photo may still be on its way into the draft that the next screen goes on with.
  await settled();
  const context = await contextNow();
  drawnFor = context?.notebook.officer ?? null;
  if (!context) return drawing === mine && main.replaceChildren(signInScreen(sent.waiting));
  const [name, about] = address();
  if (!AT_START.includes(name) && !(await trying(bringScreens))) return undefined;
  const screen = await SCREENS[name](context, about);
  if (drawing !== mine) return undefined;
  if (!screen) return location.replace('#home');
  if (name === 'home') offerUpdate(screen);
  main.replaceChildren(screen);
  // The shortcut "Log a patrol" of the installed app opens /#log.
  if (location.hash === '#log') document.getElementById('log')?.scrollIntoView();
  // Browsers keep titles: a screen whose heading names somebody has another title.
  document.title = `${screen.dataset.title ?? screen.querySelector('h1')?.textContent ?? 'Fieldbook'} – Fieldbook`;
  return undefined;
}

/** @type {Reference} */
const NO_REFERENCE = { activities: [], places: [], colleagues: [] };
/** @type {{officer: string, found: Promise<Reference>} | null} thousands of places take a while to read: once, until they change */
let reference = null;
/** Whether the last screen that was drawn had one. */
let referred = false;

/** @param {string} officer */
function referenceOf(officer) {
  if (reference?.officer !== officer) {
    const found = state('reference').then((kept) => (kept?.officer === officer ? { ...kept.data, as_of: kept.as_of, told_at: kept.told_at } : NO_REFERENCE));
    reference = { officer, found };
  }
  return reference.found;
}

/** @returns {Promise<Context | null>} */
async function contextNow() {
  const notebook = await shownNotebook();
  if (!notebook) return null;
  const mine = await notebooksOf(notebook.officer);
  const ofMine = async (/** @type {(id: string) => Promise<any[]>} */ kept) => (await Promise.all(mine.map(({ id }) => kept(id)))).flat();
  const [begun, written, answered, status, measured, known] = await Promise.all([
    ofMine(drafts),
    ofMine(pages),
    ofMine(receipts),
    statusWords(notebook.officer),
    state('clock'),
    referenceOf(notebook.officer),
  ]);
  referred = known !== NO_REFERENCE;
  const receipted = new Map(answered.map((receipt) => [receipt.seal, receipt]));
  const news = mine.flatMap(({ told = [] }) => told);
  drawnNews = news.length;
  const records = recordsIn(written, receipted, news);
  const open = openShifts(records.values());
  return {
    notebook,
    drafts: begun,
    pages: written,
    receipts: receipted,
    records,
    shift: open.findLast((one) => !isForgotten(one, now())),
    forgotten: open.find((one) => isForgotten(one, now())),
    reference: known,
    status,
    clock: measured,
    sent,
    version,
    now,
    trying,
    signOut,
  };
}

/**
 * An officer's notebooks on this phone, oldest first: after a fork there is more than one.
 * @param {string} officer
 */
async function notebooksOf(officer) {
  const mine = (await notebooks()).filter((one) => one.officer === officer);
  return mine.sort((a, b) => (a.opened_at < b.opened_at ? -1 : 1));
}

/** @type {Context['trying']} */
async function trying(work, screen = main) {
  screen.querySelector('.trouble')?.remove();
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Trouble)) console.error(error);
    const said = error instanceof Trouble ? error.message : `This did not work: ${error}. What you wrote is still here.`;
    const box = Object.assign(document.createElement('div'), { className: 'trouble govuk-error-summary' });
    box.setAttribute('role', 'alert');
    box.textContent = said;
    screen.prepend(box);
    box.scrollIntoView({ block: 'start' });
    return false;
  }
}

// The line on top

/**
 * What waits is asked of the notebooks themselves, so that the line is true from the moment of a save.
 * @param {string} officer
 */
async function statusWords(officer) {
  const mine = await notebooksOf(officer);
  const pages = (await Promise.all(mine.map(({ id }) => waiting(id)))).flat();
  const photos = (await Promise.all(mine.map(({ id }) => evidenceWaiting(id)))).flat();
  const words = [pages.length && count(pages.length, 'page'), photos.length && count(photos.length, 'photo')];
  const left = words.filter(Boolean).join(', ');
  // Another window may have sent since.
  const sent_at = await state('last_sent');
  const last = sent_at ? ` · last sent ${clock(sent_at)}` : '';
  if (sent.wants === 'update') return 'Update Fieldbook to send';
  if (sent.wants === 'sign-in') return left ? `${left} waiting · sign in to send` : 'Sign in to send';
  if (sent.online === false) return left ? `No signal · ${left} saved on this phone` : `No signal${last}`;
  if (left) return `${left} waiting${last}`;
  return sent_at ? `All sent ${clock(sent_at)}` : 'Nothing to send yet';
}

async function showStatus() {
  const notebook = await shownNotebook();
  const words = notebook ? await statusWords(notebook.officer) : 'Nobody is signed in';
  const said = /** @type {HTMLElement} */ (document.getElementById('status'));
  const line = /** @type {HTMLAnchorElement} */ (said.parentElement);
  said.textContent = words;
  line.href = sent.wants === 'sign-in' ? '/sign-in' : '#today';
  const well = words.startsWith('All sent') || words.startsWith('Nothing') ? 'well' : 'waiting';
  line.dataset.state = sent.online === false ? 'no-signal' : sent.wants || !notebook ? 'attend' : well;
}

/** @type {number} how many news the last screen was drawn with */
let drawnNews = 0;
/** After a touch nothing moves under the thumb for so long. */
const CALM_MS = 3_000;
let touchedAt = -CALM_MS;

/** Whether Home has news to show, and nobody is touching it. */
async function hasNews() {
  const notebook = address()[0] === 'home' && performance.now() - touchedAt > CALM_MS && (await shownNotebook());
  return notebook && (await notebooksOf(notebook.officer)).flatMap(({ told = [] }) => told).length !== drawnNews;
}

/** @param {Sent} told */
async function heard(told) {
  sent = { ...told, online: told.online ?? sent.online };
  const withdrawn = await leaveWithdrawn();
  await showStatus();
  if (withdrawn) return draw();
  return (LIVE.includes(address()[0]) || (await hasNews())) && draw();
}

async function signOut() {
  if (sent.online === false && !confirm('There is no signal: nobody can sign in on this phone until there is. Sign out?')) return;
  if (await leave()) location.href = '/sign-in';
  else await draw();
}

// Forgetting

const KEPT_MS = 7 * 86_400_000;

/**
 * Lets go of pages that the server and a backup of it have had for a week (see receipts.js), and of drafts
 * that no screen goes on with.
 */
async function tidy() {
  for (const { id } of await notebooks()) {
    const forsaken = (await drafts(id)).filter((one) => isForsaken(one, now()));
    for (const one of forsaken) await dropDraft(one.id);
    const [running] = openShifts(recordsIn(await pages(id)).values());
    const olderThan = new Date(now().getTime() - KEPT_MS);
    await forget(id, { runningShift: running?.first.page ?? null, olderThan });
  }
}

// Updates

/** @type {ServiceWorkerRegistration | undefined} */
let worker;

async function registerWorker() {
  if (!('serviceWorker' in navigator)) return;
  worker = await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' });
  let taken = false;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (taken) location.reload();
  });
  addEventListener('fieldbook-take-over', () => {
    taken = true;
    worker?.waiting?.postMessage('take over');
  });
  // An installed app that is brought to the front does not look for updates by itself.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') worker?.update().catch(() => undefined);
  });
  const { active } = await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) active?.postMessage('claim me');
}

/** @param {HTMLElement} screen */
function offerUpdate(screen) {
  slot(screen, 'update').hidden = !(worker?.waiting && CLEAN.includes(address()[0]));
  doing(screen, 'update').onclick = () => dispatchEvent(new Event('fieldbook-take-over'));
}

addEventListener('pointerdown', () => {
  touchedAt = performance.now();
});
addEventListener('hashchange', async () => {
  await draw();
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
});
onChange(async (what) => {
  if (what === 'draft') return;
  if (what === 'state') reference = null;
  await showStatus();
  const officer = (await shownNotebook())?.officer ?? null;
  // It may come while Home is being drawn without it.
  const wanted = what === 'state' && !referred && address()[0] === 'home';
  if (officer !== drawnFor || wanted) await draw();
});

registerWorker().catch((error) => console.error(error));
await draw();
await showStatus();
sync.start(heard).then(tidy);
if (await enter(now())) await draw();
