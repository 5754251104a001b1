/**
 * Sending one notebook: its pages, then the photos of pages that have arrived. The way out is given as
 * `line`, which only sync.js can make.
 */

import { NoAnswer, Refused } from './answers.js';
import { evidence, pages, setState } from './notebook.js';
import {
  evidenceWaiting,
  keepEvidenceReceipt,
  keepPlace,
  keepReceipts,
  receipts,
} from './receipts.js';
import { upload } from './upload.js';
import { firstPortion, isPlace, isReceipt, onTheWire, toOffer } from './wire.js';

/**
 * @typedef {import('./answers.js').Reply} Reply
 * @typedef {import('./notebook.js').Notebook} Notebook
 * @typedef {import('./notebook.js').Page} Page
 * @typedef {import('./receipts.js').Place} Place
 *
 * Calls about one notebook, under its token; `call` gives only answers to be dealt with here.
 * @typedef {{clock: () => Date, call: (rest: string, request?: {method: string,
 *   headers?: Record<string, string>, body?: BodyInit}) => Promise<Reply>}} Line
 */

/**
 * Where the server stands. What the phone's clock is off by is measured against the middle of the way
 * there and back: the milliseconds to be added to its time to get the server's.
 * @param {Line} line
 * @returns {Promise<Place>}
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
  const at = await place(line);
  const written = await pages(notebook.id);
  const offer = toOffer(notebook, written, await receipts(notebook.id), at);
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
 * @returns {Promise<Place | null>}
 */
async function offerPages(line, notebook, written, offer) {
  let { everything, pages: todo } = offer;
  let answer = null;
  let most;
  while (todo.length > 0) {
    const portion = firstPortion(todo, most);
    const { status, json } = await post(line, notebook, portion, todo.length, written[0].page);
    if (status === 409 && !everything) {
      everything = true;
      todo = written;
    } else if (status === 201 && isReceipt(json, portion)) {
      answer = json;
      await keepReceipts(notebook.id, answer, line.clock());
      todo = todo.slice(portion.length);
    } else {
      most = fewer(status, json, portion);
    }
  }
  return answer;
}

/**
 * @param {Line} line
 * @param {Notebook} notebook
 * @param {Page[]} portion
 * @param {number} count how many pages are still to be sent
 * @param {number} oldest
 */
async function post({ call, clock }, notebook, portion, count, oldest) {
  const phone = {
    sent_at: clock().toISOString(),
    waiting: count,
    evidence_waiting: (await evidenceWaiting(notebook.id)).length,
    oldest,
    version: document.querySelector('meta[name=version]')?.getAttribute('content') ?? '',
  };
  const body = JSON.stringify({ pages: portion.map(onTheWire), phone });
  const headers = { 'Content-Type': 'application/json' };
  return call('/pages', { method: 'POST', headers, body });
}

/**
 * How many pages to try next when a portion was not taken: half of one that was too large, those before
 * a page that the server cannot read.
 * @param {number} status
 * @param {any} json
 * @param {Page[]} portion
 */
function fewer(status, json, portion) {
  if (status < 400) throw new NoAnswer();
  if (status === 413 && portion.length > 1) return Math.floor(portion.length / 2);
  const unread = portion.findIndex(({ page }) => status === 422 && page === json.page);
  if (unread > 0) return unread;
  throw notTaken(`page ${portion[0].page}`, status, json);
}

/**
 * @param {string} what
 * @param {number} status
 * @param {any} json
 */
function notTaken(what, status, json) {
  const reason = typeof json?.message === 'string' ? json.message : `Error ${status}.`;
  const kept = 'It is kept on this phone. Tell your team leader.';
  return new Refused(`The central file did not take ${what}. ${reason} ${kept}`);
}

/**
 * The photos of pages that have arrived, one by one; one that is not taken does not hold up the others.
 * @param {Line} line
 * @param {Notebook} notebook
 */
export async function sendEvidence(line, notebook) {
  const names = await evidenceWaiting(notebook.id);
  const received = new Set(names.length ? (await receipts(notebook.id)).map(({ page }) => page) : []);
  let refused = null;
  for (const sha256 of names) {
    const item = await evidence(sha256);
    if (!item?.page || !received.has(item.page)) continue;
    const reply = await upload((request) => line.call(`/evidence/${sha256}`, request), item);
    if (reply === true) await keepEvidenceReceipt(sha256, line.clock().toISOString());
    else refused = notTaken(`a photo of page ${item.page}`, reply.status, reply.json);
  }
  if (refused) throw refused;
}
