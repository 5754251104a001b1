/**
 * Sending one notebook: its pages, then the photos of pages that have arrived; and reading what was said
 * about it. The way out is given as `line`, which only sync.js can make.
 */

import { NoAnswer, Refused } from './answers.js';
import { evidence, pages, setState, updateNotebook } from './notebook.js';
import {
  evidenceWaiting,
  keepEvidenceReceipt,
  keepPlace,
  keepReceipts,
  receipts,
  waiting,
} from './receipts.js';
import { upload } from './upload.js';
import { firstPortion, isPlace, isReceipt, onTheWire, toOffer } from './wire.js';

/**
 * What was not taken, by notebook or photo: offered again by the timer or by hand, which clear this.
 * @type {Map<string, Refused>}
 */
export const refusals = new Map();

/** The notebooks whose last post in this pass has said that nothing is left. */
const done = new Set();

/**
 * Where the server stands. What the phone's clock is off by is measured against the middle of the way
 * there and back: the milliseconds to be added to its time to get the server's.
 * @param {Line} line
 * @returns {Promise<Standing>}
 */
async function place({ call, clock }) {
  const asked = clock().getTime();
  const { status, json } = await call('');
  const answered = clock().getTime();
  if (status !== 200 || !isPlace(json)) throw new NoAnswer();
  const offset_ms = Math.round(Date.parse(json.server_time) - (asked + answered) / 2);
  await setState('clock', { offset_ms, measured_at: new Date(answered).toISOString() });
  return json;
}

/**
 * @param {Line} line
 * @param {Notebook} notebook
 */
export async function sendPages(line, notebook) {
  done.delete(notebook.id);
  const at = await place(line);
  const written = await pages(notebook.id);
  const offer = toOffer(notebook, written, await receipts(notebook.id), at);
  const refusal = refusals.get(notebook.id);
  if (refusal && offer.pages.length) throw refusal;
  const last = await offerPages(line, notebook, written, offer);
  // A server restored in the middle has another epoch now: the next pass offers everything.
  if (last && last.epoch !== at.epoch) return;
  await keepPlace(notebook.id, last ?? at, written.at(-1)?.seal ?? notebook.tail_before);
}

/**
 * Posts portion by portion; the last answer, or null when there was nothing to offer.
 * @param {Line} line
 * @param {Notebook} notebook
 * @param {Page[]} written
 * @param {{everything: boolean, pages: Page[]}} offer
 * @returns {Promise<Standing | null>}
 */
async function offerPages(line, notebook, written, offer) {
  let { everything, pages: todo } = offer;
  let answer = null;
  let most;
  while (todo.length > 0) {
    const portion = firstPortion(todo, most);
    const reply = await post(line, notebook, portion, todo.length - portion.length);
    const { status, json } = reply;
    if (status === 409 && !everything) {
      everything = true;
      todo = written;
    } else if (status === 201 && isReceipt(json, portion)) {
      answer = json;
      await keepReceipts(notebook.id, answer, line.clock());
      todo = todo.slice(portion.length);
    } else {
      most = fewer(reply, portion);
    }
  }
  return answer;
}

/**
 * @param {Line} line
 * @param {Notebook} notebook
 * @param {Page[]} portion
 * @param {number} left how many pages are to be sent after these
 */
async function post({ call, clock }, { id, oldest, books }, portion, left) {
  const photos = (await evidenceWaiting(id)).length;
  const { quota = 0, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  const battery = await /** @type {any} */ (navigator).getBattery?.();
  const phone = {
    sent_at: clock().toISOString(),
    waiting: left,
    evidence_waiting: photos,
    oldest,
    books,
    version: document.querySelector('meta[name=version]')?.getAttribute('content') ?? '',
    battery: battery && Math.round(battery.level * 100),
    storage_left: quota - usage,
  };
  const body = JSON.stringify({ pages: portion.map(onTheWire), phone });
  const headers = { 'Content-Type': 'application/json' };
  const reply = await call('/pages', { method: 'POST', headers, body });
  if (reply.status === 201 && left + photos === 0) done.add(id);
  return reply;
}

/**
 * Says what is left, unless a post has said so: an officer with nothing to send is heard from too.
 * @param {Line} line
 * @param {Notebook} notebook
 */
export async function sayWhatIsLeft(line, notebook) {
  if (!done.has(notebook.id)) await post(line, notebook, [], (await waiting(notebook.id)).length);
}

/**
 * How many pages to try next when a portion was not taken: half of one that was too large, those before
 * a page that the server cannot read.
 * @param {Reply} reply
 * @param {Page[]} portion
 */
function fewer(reply, portion) {
  const { status, json } = reply;
  if (status < 400) throw new NoAnswer();
  if (status === 413 && portion.length > 1) return Math.floor(portion.length / 2);
  const unread = portion.findIndex(({ page }) => status === 422 && page === json.page);
  if (unread > 0) return unread;
  const refusal = new Refused(`page ${portion[0].page}`, reply);
  refusals.set(portion[0].notebook, refusal);
  throw refusal;
}

/**
 * Pages may be held, or held no longer, because of others. The inbox names the record; what stands against
 * its pages here is in the answer to offering each again. Of an earlier notice to the same person the
 * officer is told until they have read it.
 * @param {Line} line
 * @param {Notebook} notebook
 */
export async function readInbox(line, notebook) {
  const { id, epoch, inbox, told = [] } = notebook;
  const after = inbox?.epoch === epoch ? inbox?.cursor : 0;
  const { status, json } = await line.call(`/inbox?after=${after}`);
  if (status !== 200 || !epoch || !Number.isSafeInteger(json.cursor) || !json.items?.length) return;
  const records = new Set();
  for (const { kind, about } of json.items) if (['held', 'accepted'].includes(kind)) records.add(about);
  const states = new Map((await receipts(id)).map(({ seal, state }) => [seal, state]));
  for (const page of await pages(id)) {
    if (!records.has(page.record) || (states.get(page.seal) ?? 'forked') === 'forked') continue;
    const reply = await post(line, notebook, [page], (await waiting(id)).length);
    if (isReceipt(reply.json, [page])) await keepReceipts(id, reply.json, line.clock());
    else if (reply.status < 400) throw new NoAnswer();
  }
  await updateNotebook(id, { inbox: { epoch, cursor: json.cursor }, told: toldWith(told, json.items) });
}

/** What an officer reads once: a notice of before that the phone missed, and one that was made void. */
export const TO_READ = ['earlier', 'void'];

/** @param {News} news what they are known by: a question by the seal of its page */
const nameOf = ({ kind, about, fields }) => (TO_READ.includes(kind) ? kind + about : fields.query);

/**
 * What the officer is told until they have read or answered it. A new epoch's inbox begins anew: what was
 * told, and perhaps read, is not told again.
 * @param {News[]} told
 * @param {News[]} items
 */
function toldWith(told, items) {
  const ended = items.filter(({ kind }) => kind === 'answered' || kind === 'query-closed').map(nameOf);
  const news = items.filter((one) => [...TO_READ, 'query'].includes(one.kind) && !told.some((known) => nameOf(known) === nameOf(one)));
  return [...told, ...news].filter((one) => TO_READ.includes(one.kind) || !ended.includes(nameOf(one)));
}

/**
 * The photos of pages that have arrived, one by one; one that is not taken does not hold up the others.
 * @param {Line} line
 * @param {Notebook} notebook
 */
export async function sendEvidence(line, notebook) {
  const names = await evidenceWaiting(notebook.id);
  const received = new Set(names.length ? (await receipts(notebook.id)).map(({ page }) => page) : []);
  let refused;
  for (const sha256 of names) {
    const item = await evidence(sha256);
    if (!item?.page || !received.has(item.page)) continue;
    if (!refusals.has(sha256)) {
      const reply = await upload((request) => line.call(`/evidence/${sha256}`, request), item);
      if (reply === true) await keepEvidenceReceipt(sha256, line.clock().toISOString());
      else refusals.set(sha256, new Refused(`a photo of page ${item.page}`, reply));
    }
    refused ??= refusals.get(sha256);
  }
  if (refused) throw refused;
}
