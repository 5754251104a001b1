/**
 * What the server has answered, kept beside the pages: receipts, what still waits, and what the phone may
 * therefore forget.
 */

import { together } from './books.js';
import { all, asked, changed, newNotebook, read, transact } from './notebook.js';

/**
 * @param {string} notebook
 * @returns {Promise<Receipt[]>}
 */
export function receipts(notebook) {
  return read('receipts', (store) => store.getAll(all(notebook)));
}

/**
 * The numbers of the pages without a receipt.
 * @param {string} notebook
 */
export function waiting(notebook) {
  return transact(['pages', 'receipts'], 'readonly', async (tx) => {
    const received = await asked(tx.objectStore('receipts').getAllKeys(all(notebook)));
    const written = await asked(tx.objectStore('pages').getAllKeys(all(notebook)));
    const known = new Set(received.map(numberOf));
    return written.map(numberOf).filter((page) => !known.has(page));
  });
}

/** @param {IDBValidKey} key [notebook, page] */
const numberOf = (key) => /** @type {[string, number]} */ (key)[1];

/**
 * Keeps an answer that names our pages. When it says forked, the notebook is closed; if it was the
 * current one its officer goes on in a new one, which takes over the drafts.
 * @param {string} id
 * @param {Answer} answer
 * @param {Date} now
 */
export async function keepReceipts(id, answer, now) {
  const stores = ['notebooks', 'receipts', 'drafts', 'state'];
  await transact(stores, 'readwrite', async (tx) => {
    const row = await asked(tx.objectStore('notebooks').get(id));
    for (const result of answer.results) await keepReceipt(tx, id, result, answer.server_time);
    const forked = answer.results.some((result) => result.state === 'forked');
    tx.objectStore('notebooks').put({ ...row, ...placeIn(row, answer), ...(forked && CLOSED) });
    tx.objectStore('state').put({ name: 'last_sent', value: answer.server_time });
    if (forked) await goOn(tx, row, now);
  });
  changed('receipts');
}

const CLOSED = { state: 'closed' };

/**
 * @param {IDBTransaction} tx
 * @param {string} notebook
 * @param {Result} result
 * @param {string} server_time
 */
async function keepReceipt(tx, notebook, { page, seal, state, problems }, server_time) {
  const store = tx.objectStore('receipts');
  const before = await asked(store.get([notebook, page]));
  const received_at = before?.seal === seal ? before.received_at : server_time;
  const known = problems.length ? 'held' : 'accepted';
  const settled = state === 'known' ? known : state;
  store.put({ notebook, page, seal, state: settled, problems, received_at });
}

/**
 * @param {Notebook} row
 * @param {Standing} place
 */
function placeIn(row, { received_through, last_seal, notebook_state, books }) {
  const told = notebook_state === 'withdrawn' ? 'withdrawn' : 'open';
  const state = row.state === 'closed' ? row.state : told;
  return { received_through, last_seal, state, books: together(row.books, books) };
}

/**
 * @param {IDBTransaction} tx
 * @param {Notebook} closed
 * @param {Date} now
 */
async function goOn(tx, closed, now) {
  const current = await asked(tx.objectStore('state').get('current'));
  if (current?.value !== closed.id) return;
  const next = newNotebook(closed, now);
  tx.objectStore('notebooks').put(next);
  tx.objectStore('state').put({ name: 'current', value: next.id });
  const drafts = tx.objectStore('drafts');
  for (const draft of await asked(drafts.index('notebook').getAll(closed.id))) {
    drafts.put({ ...draft, notebook: next.id });
  }
}

/**
 * Notes what a whole pass has shown: everything up to `tail` was offered in the epoch of `place`. Only
 * now does a new epoch count as answered, so that a pass which broke off begins again.
 * @param {string} id
 * @param {Standing} place
 * @param {string} tail
 */
export async function keepPlace(id, place, tail) {
  const news = await transact(['notebooks', 'evidence'], 'readwrite', async (tx) => {
    const row = await asked(tx.objectStore('notebooks').get(id));
    const { epoch, backed_up_through } = place;
    const changes = { ...placeIn(row, place), epoch, backed_up_through, offered: { epoch, tail } };
    for (const sha256 of place.evidence_wanted ?? []) await wantAgain(tx, sha256);
    if (JSON.stringify({ ...row, ...changes }) === JSON.stringify(row)) return false;
    tx.objectStore('notebooks').put({ ...row, ...changes });
    return true;
  });
  if (news) changed('notebook');
}

/**
 * @param {IDBTransaction} tx
 * @param {string} sha256
 */
async function wantAgain(tx, sha256) {
  const store = tx.objectStore('evidence');
  const kept = await asked(store.get(sha256));
  if (!kept?.received_at) return;
  delete kept.received_at;
  store.put(kept);
}

/**
 * The names of this notebook's evidence that the server does not have yet. Reads no bytes.
 * @param {string} notebook
 */
export function evidenceWaiting(notebook) {
  return transact(['evidence'], 'readonly', (tx) => unreceived(tx, all(notebook)));
}

/**
 * @param {IDBTransaction} tx with evidence
 * @param {IDBKeyRange | [string, number]} query over [notebook, page]
 * @returns {Promise<string[]>}
 */
async function unreceived(tx, query) {
  const store = tx.objectStore('evidence');
  const received = new Set(await asked(store.index('received_at').getAllKeys()));
  const listed = await asked(store.index('page').getAllKeys(query));
  return listed.filter((key) => !received.has(key)).map(String);
}

/**
 * @param {string} sha256
 * @param {string} received_at
 */
export async function keepEvidenceReceipt(sha256, received_at) {
  await transact(['evidence'], 'readwrite', async (tx) => {
    const store = tx.objectStore('evidence');
    const kept = await asked(store.get(sha256));
    if (kept) store.put({ ...kept, received_at });
  });
  changed('receipts');
}

/**
 * Removes old pages from the front of a notebook: each with its own receipt on the main line, in a
 * backup, with its evidence received, written before `olderThan` and before the running shift; never the
 * last page, and never one of a notebook that was closed by a fork.
 * @param {string} id
 * @param {{runningShift: number | null, olderThan: Date}} limits runningShift: the page that began it
 */
export async function forget(id, { runningShift, olderThan }) {
  const stores = ['notebooks', 'pages', 'receipts', 'drafts', 'evidence'];
  await transact(stores, 'readwrite', async (tx) => {
    const row = await asked(tx.objectStore('notebooks').get(id));
    if (row.state !== 'open') return;
    const begun = (await asked(tx.objectStore('drafts').getAll())).flatMap(({ evidence }) => evidence);
    const kept = await asked(tx.objectStore('pages').getAll(all(id)));
    const through = Math.min(row.backed_up_through, (runningShift ?? Infinity) - 1);
    for (const page of kept.slice(0, -1)) {
      if (page.page > through || page.written_at >= olderThan.toISOString()) break;
      if (!(await isReceived(tx, page))) break;
      await remove(tx, page, begun);
      Object.assign(row, { oldest: page.page + 1, tail_before: page.seal });
    }
    tx.objectStore('notebooks').put(row);
  });
  changed('page');
}

/**
 * Empties a notebook that was withdrawn and left, once the server has all its pages and photos.
 * @param {string} id
 */
export async function emptyWithdrawn(id) {
  const stores = ['state', 'notebooks', 'pages', 'receipts', 'drafts', 'evidence'];
  const emptied = await transact(stores, 'readwrite', async (tx) => {
    if ((await asked(tx.objectStore('state').get('current')))?.value === id) return false;
    const row = await asked(tx.objectStore('notebooks').get(id));
    const last = await asked(tx.objectStore('pages').openCursor(all(id), 'prev'));
    if (row?.state !== 'withdrawn' || (last && last.value.page > row.received_through)) return false;
    if ((await unreceived(tx, all(id))).length) return false;
    const begun = await asked(tx.objectStore('drafts').index('notebook').getAll(id));
    const listed = await asked(tx.objectStore('evidence').index('page').getAllKeys(all(id)));
    for (const sha256 of [...listed, ...begun.flatMap(({ evidence }) => evidence)]) tx.objectStore('evidence').delete(sha256);
    for (const one of begun) tx.objectStore('drafts').delete(one.id);
    for (const store of ['pages', 'receipts']) tx.objectStore(store).delete(all(id));
    tx.objectStore('notebooks').delete(id);
    return true;
  });
  if (emptied) changed('notebook');
}

/**
 * @param {IDBTransaction} tx
 * @param {Page} page
 */
async function isReceived(tx, { notebook, page, seal }) {
  const receipt = await asked(tx.objectStore('receipts').get([notebook, page]));
  const onMainLine = receipt?.seal === seal && receipt.state !== 'forked';
  return onMainLine && (await unreceived(tx, [notebook, page])).length === 0;
}

/**
 * @param {IDBTransaction} tx
 * @param {Page} page
 * @param {string[]} begun the evidence that drafts list too
 */
async function remove(tx, { notebook, page }, begun) {
  const evidence = tx.objectStore('evidence');
  tx.objectStore('pages').delete([notebook, page]);
  tx.objectStore('receipts').delete([notebook, page]);
  for (const one of await asked(evidence.index('page').getAll([notebook, page]))) {
    if (!begun.includes(one.sha256)) evidence.delete(one.sha256);
  }
}
