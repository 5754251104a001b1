/**
 * Sending what is written, and asking what the phone needs. The only file that says fetch.
 *
 * The server says what it has and the phone sends the rest (wire.js). Nothing is taken for received but
 * the server's own JSON; nothing on the phone is changed by any other answer. Doing it twice does no harm,
 * so the Web Lock "sync" only saves work.
 */

import { NoAnswer, Refused, TooSoon, Wanted, ownJson } from './answers.js';
import { together } from './books.js';
import { currentNotebook, notebook, notebooks, setState, state, updateNotebook } from './notebook.js';
import { emptyWithdrawn, evidenceWaiting, waiting } from './receipts.js';
import { readInbox, refusals, sayWhatIsLeft, sendEvidence, sendPages } from './sending.js';

/** @type {Doors} */
const DOORS = {
  fetch: (...request) => globalThis.fetch(...request),
  clock: () => new Date(),
  ticks: () => performance.now(),
};

// Asking

/**
 * A document of the app, which the worker keeps.
 * @param {string} path
 */
export async function fetchDocument(path) {
  const response = await DOORS.fetch(path);
  return new DOMParser().parseFromString(await response.text(), 'text/html');
}

const PATIENCE_MS = 20_000;

/**
 * What is for the officer, or for later, is thrown.
 * @param {Doors} doors
 * @param {string} path
 * @param {Call} [request]
 * @returns {Promise<Reply>}
 */
async function ask({ fetch }, path, { method = 'GET', token, headers = {}, body } = {}) {
  const authorised = token ? { ...headers, Authorization: `Bearer ${token}` } : headers;
  /** @type {RequestInit} */
  const init = {
    method,
    body,
    headers: authorised,
    // A session that ran out, or is another officer's, has no say in what a token may do.
    credentials: token ? 'omit' : 'same-origin',
    cache: 'no-store',
    // Otherwise a station's Wi-Fi would get the pages, and its login page would be the answer.
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  };
  const reply = await fetch(path, init).then(replied).catch((cause) => {
    throw new NoAnswer('', { cause });
  });
  const { status, json } = reply;
  const bare = method === 'HEAD' || (status === 304 && headers['If-None-Match']);
  if (json === null && !bare) throw new NoAnswer();
  if (status === 401) throw new Wanted('sign-in');
  if (status === 426) throw new Wanted('update');
  if (status === 429 || status === 503) throw new TooSoon(reply.headers);
  return reply;
}

/** @param {Response} response */
async function replied(response) {
  return { status: response.status, headers: response.headers, json: await ownJson(response) };
}

/**
 * @param {Doors} doors
 * @param {Notebook} notebook
 * @returns {Line}
 */
const lineOf = (doors, { id, token }) => ({
  call: (rest, request) => ask(doors, `/api/v1/notebooks/${id}${rest}`, { token, ...request }),
  clock: doors.clock,
});

// Who is signed in, and what a session is needed for

/**
 * Who is signed in; null: nobody.
 * @param {Doors} [doors]
 * @returns {Promise<Me | null | 'offline'>}
 */
export function session(doors = DOORS) {
  return me(doors).catch((error) => (said(error) === 'sign-in' ? null : 'offline'));
}

/**
 * @param {Doors} doors
 * @returns {Promise<Me>}
 */
async function me(doors) {
  const { status, json } = await ask(doors, '/api/v1/me');
  const sound = typeof json.officer === 'string' && typeof json.csrf === 'string';
  if (status !== 200 || !sound) throw new NoAnswer();
  return json;
}

/** @param {unknown} error what `ask` or `open` has thrown, for a screen */
function said(error) {
  if (error instanceof Wanted && error.what === 'sign-in') return error.what;
  if (error instanceof Wanted || error instanceof Refused) return 'refused';
  if (error instanceof NoAnswer || error instanceof TooSoon) return 'offline';
  throw error;
}

/**
 * Makes the notebook known to the server and keeps its token, when its own officer is signed in.
 * @param {Notebook} notebook
 * @param {Doors} [doors]
 * @returns {Promise<'registered' | 'sign-in' | 'offline' | 'refused'>}
 */
export async function register(notebook, doors = DOORS) {
  return open(doors, notebook).catch(said);
}

/**
 * @param {Doors} doors
 * @param {Notebook} notebook
 */
async function open(doors, { id, officer, books }) {
  const who = await me(doors);
  if (who.officer !== officer) throw new Wanted('sign-in');
  const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': who.csrf };
  const body = JSON.stringify({ phone: await phoneItself() });
  const reply = await ask(doors, `/api/v1/notebooks/${id}`, { method: 'PUT', headers, body });
  const { notebook: named, token, books: lent } = reply.json;
  if (reply.status >= 400) throw new Refused('this notebook', reply);
  if (reply.status > 201 || named !== id || typeof token !== 'string' || !token) throw new NoAnswer();
  await updateNotebook(id, { token, books: together(books, lent) });
  return /** @type {const} */ ('registered');
}

async function phoneItself() {
  const { userAgent } = navigator;
  const label = /iPhone|iPad|Android|Windows|Mac OS|Linux/.exec(userAgent)?.[0] ?? 'Phone';
  return { label, user_agent: userAgent, persisted: await navigator.storage.persisted() };
}

/** Older than this, what the office knows of live notices is asked for again. */
const STALE_MS = 600_000;
/** @type {number | null} when it was last heard */
let referredAt = null;

/**
 * Fetches what the officer needs offline, if it has changed, into the state 'reference', with when it was
 * last known to be so, by this phone's clock (`as_of`) and by the server's (`told_at`).
 * @param {Doors} [doors]
 * @returns {Promise<'new' | 'same' | 'sign-in' | 'offline'>}
 */
export async function fetchReference(doors = DOORS) {
  const current = await currentNotebook();
  if (!current?.token) return 'sign-in';
  const { officer, token } = current;
  const found = await state('reference');
  const kept = found?.officer === officer ? found : null;
  const headers = kept ? { 'If-None-Match': kept.etag } : undefined;
  const reply = await ask(doors, '/api/v1/reference', { token, headers }).catch(said);
  if (typeof reply === 'string') return reply === 'sign-in' ? reply : 'offline';
  const { status, json } = reply;
  const same = status === 304 && kept;
  if (!same && (status !== 200 || !Array.isArray(json.places))) return 'offline';
  const known = same ? kept : { officer, etag: reply.headers.get('ETag') ?? '', data: json };
  const told_at = new Date(reply.headers.get('Date') ?? 0).toISOString();
  await setState('reference', { ...known, as_of: doors.clock().toISOString(), told_at });
  referredAt = doors.ticks();
  return same ? 'same' : 'new';
}

/**
 * Ends the session. Notebooks and what waits in them stay, and go on being sent.
 * @param {Doors} [doors]
 * @returns {Promise<'signed-out' | 'offline'>}
 */
export async function signOut(doors = DOORS) {
  const who = await session(doors);
  if (who === 'offline') return who;
  if (who) {
    const headers = { 'X-CSRFToken': who.csrf };
    // It answers with a redirect, for people; whether it worked, the session tells.
    await doors.fetch('/sign-out', { method: 'POST', headers, redirect: 'manual' }).catch(() => null);
  }
  return (await session(doors)) === null ? 'signed-out' : 'offline';
}

// A pass over all notebooks

/** @returns {Outcome} */
const nothingYet = () => ({ online: null, wants: null, failed: false, silence: 0, notes: new Map() });

/**
 * Pages first, photos after: a record is worth more than its picture. A notebook that a fork opens on
 * the way has its turn too.
 * @param {Doors} doors
 */
async function pass(doors) {
  const outcome = nothingYet();
  for (let row = await nextOf(outcome); row; row = await nextOf(outcome)) {
    const { id } = row;
    outcome.notes.set(id, {});
    if (!(await noting(outcome, id, sendOne(doors, row)))) return outcome;
  }
  for (const row of await notebooks()) {
    for (const work of [readInbox, sendEvidence, sayWhatIsLeft]) {
      if (!row.token || outcome.notes.get(row.id)?.wants) break;
      if (!(await noting(outcome, row.id, work(lineOf(doors, row), row)))) return outcome;
    }
    if (row.state === 'withdrawn') await emptyWithdrawn(row.id);
  }
  return outcome;
}

/**
 * In the order they were opened, since what a later one says may be about an earlier one's record.
 * @param {Outcome} outcome
 */
async function nextOf({ notes }) {
  const left = (await notebooks()).filter(({ id }) => !notes.has(id));
  return left.sort((a, b) => (a.opened_at < b.opened_at ? -1 : 1))[0];
}

/**
 * One notebook's pages; a token that is missing or no longer known is asked for once.
 * @param {Doors} doors
 * @param {Notebook} row
 */
async function sendOne(doors, row) {
  try {
    if (row.token) return await sendPages(lineOf(doors, row), row);
  } catch (error) {
    if (!(error instanceof Wanted) || error.what !== 'sign-in') throw error;
  }
  await open(doors, row);
  const known = /** @type {Notebook} */ (await notebook(row.id));
  return sendPages(lineOf(doors, known), known);
}

/**
 * Does one notebook's work and notes how it went; false when the pass is to end. What was refused is no
 * failure: coming again soon would not help.
 * @param {Outcome} outcome
 * @param {string} id
 * @param {Promise<void>} work
 */
async function noting(outcome, id, work) {
  try {
    await work;
    outcome.online ??= true;
    return true;
  } catch (error) {
    outcome.online = !(error instanceof NoAnswer);
    const trouble = outcome.notes.get(id)?.trouble ?? (error instanceof Refused && error.message);
    if (trouble) outcome.notes.set(id, { trouble });
    if (error instanceof Refused) return true;
    if (error instanceof Wanted) {
      if (error.what === 'update') outcome.wants = 'update';
      else if (!trouble) outcome.notes.set(id, { wants: 'sign-in' });
      return error.what === 'sign-in';
    }
    if (error instanceof TooSoon) outcome.silence = error.ms;
    else if (!(error instanceof NoAnswer)) throw error;
    outcome.failed = true;
    return false;
  }
}

/**
 * @param {Outcome} outcome
 * @returns {Promise<Sent>}
 */
async function tally({ online, wants, notes }) {
  const rows = await Promise.all((await notebooks()).map((row) => leftIn(row, notes.get(row.id))));
  const current = await state('current');
  const own = rows.find((row) => row.notebook === current)?.wants ?? null;
  return { online, sent_at: await state('last_sent'), waiting: rows, wants: wants ?? own };
}

/**
 * @param {Notebook} row
 * @param {{wants?: 'sign-in', trouble?: string}} [note]
 * @returns {Promise<Waiting>}
 */
async function leftIn({ id, officer, officer_name }, note = {}) {
  const [unsent, photos] = await Promise.all([waiting(id), evidenceWaiting(id)]);
  const counts = { pages: unsent.length, evidence: photos.length };
  const { wants = null, trouble = null } = note;
  return { notebook: id, officer, officer_name, ...counts, wants, trouble };
}

// When to send

const FIRST_WAIT_MS = 2_000;
// Twenty-two phones are no load, and an officer who comes up from a basement waits for this.
const LONGEST_WAIT_MS = 30_000;

let failures = 0;
let backOffUntil = 0;
let silentUntil = 0;
/** @type {number | null} since when another window has been found sending */
let busySince = null;
let last = nothingYet();
/** @type {((sent: Sent) => void) | null} */
let report = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let retry;

/**
 * Sends what every notebook on this phone has to send, whoever's it is and whoever is signed in. Never
 * throws for lack of a signal. Only the timer keeps to the back-off; everybody keeps to Retry-After.
 * @param {{by?: 'start' | 'save' | 'online' | 'visible' | 'timer' | 'retry' | 'hand'} & Partial<Doors>} [how]
 * @returns {Promise<Sent>}
 */
export async function send({ by = 'hand', ...given } = {}) {
  const doors = { ...DOORS, ...given };
  const now = doors.ticks();
  const early = by !== 'retry' && (now < silentUntil || (by === 'timer' && now < backOffUntil));
  if (!early && (by === 'timer' || by === 'hand')) refusals.clear();
  const outcome = early ? null : await onlyOne(doors);
  if (outcome) pace(outcome, doors.ticks());
  last = outcome ?? { ...last, online: null };
  const sent = await tally(last);
  report?.(sent);
  return sent;
}

// No pass that gets on takes longer by much, and two at once do no harm.
const LONGEST_PASS_MS = 120_000;

/**
 * A pass, or null while another window sends. One that was frozen with the lock in its hand is not
 * waited for.
 * @param {Doors} doors
 */
async function onlyOne(doors) {
  return navigator.locks.request('sync', { ifAvailable: true }, (lock) => {
    const now = doors.ticks();
    busySince = lock ? null : (busySince ?? now);
    if (busySince === null || now - busySince > LONGEST_PASS_MS) return pass(doors);
    again(FIRST_WAIT_MS);
    return null;
  });
}

/**
 * Full jitter, so that twenty phones do not all come back at once; a pass that somebody asked for during
 * the wait does not make it longer.
 * @param {Outcome} outcome
 * @param {number} now
 */
function pace({ online, failed, silence }, now) {
  if (silence) {
    silentUntil = now + silence;
    again(silence);
  } else if (failed) {
    if (now >= backOffUntil) failures += 1;
    const wait = Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
    backOffUntil = now + wait;
    again(wait);
  } else if (online) {
    failures = backOffUntil = silentUntil = 0;
  }
}

/** @param {number} ms */
function again(ms) {
  if (!report) return;
  clearTimeout(retry);
  retry = setTimeout(() => triggered('retry'), ms);
}

/** @param {'start' | 'online' | 'visible' | 'timer' | 'retry'} by */
async function triggered(by) {
  const { online } = await send({ by });
  const stale = referredAt === null || DOORS.ticks() - referredAt > STALE_MS;
  if (by === 'start' || by === 'visible' || (online && stale)) await fetchReference();
}

/**
 * Sends from now on by itself: at once, when the browser says online, when the screen is looked at, every
 * minute while it is. Screens call `send({ by: 'save' })` after a save. Every pass ends with `listener`.
 * @param {(sent: Sent) => void} listener
 */
export function start(listener) {
  report = listener;
  const visible = () => document.visibilityState === 'visible';
  addEventListener('online', () => triggered('online'));
  document.addEventListener('visibilitychange', () => visible() && triggered('visible'));
  setInterval(() => visible() && triggered('timer'), 60_000);
  return triggered('start');
}
