/**
 * The notebook on this phone: pages, receipts, drafts and evidence. The only file that says indexedDB.
 *
 * A promise of this file settles when its transaction has completed or was aborted, never when a request
 * succeeded. Nothing but the transaction's own requests is awaited inside one: Firefox and WebKit end a
 * transaction that waits for crypto, the network or a Blob, and Chromium hides the mistake.
 * What fails, fails as a `Trouble` (troubles.js), whose message an officer can act on.
 *
 * What the server has answered is kept by receipts.js, through `transact`.
 */

import { next } from './books.js';
import { sealOf } from './seal.js';
import {
  AlreadySaved,
  CannotOpen,
  ChangedElsewhere,
  NoNotebook,
  NoRoom,
  NotSaved,
  OldWindow,
  OpenElsewhere,
  Trouble,
} from './troubles.js';

// Opening

/** @type {Promise<IDBDatabase> | null} */
let handle = null;

const forgetHandle = () => {
  handle = null;
};

function database() {
  handle ??= opened().catch((error) => {
    forgetHandle();
    throw error;
  });
  return handle;
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('fieldbook', 1);
    request.onupgradeneeded = ({ oldVersion }) => upgrade(request.result, oldVersion);
    // Other windows close on versionchange, but only when their running transactions have ended.
    request.onblocked = () => setTimeout(() => reject(new OpenElsewhere()), 3_000);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => resolve(watched(request.result));
  });
}

/**
 * Stores and indexes are only ever added: an upgrade that makes a store anew loses what waits in it.
 * @param {IDBDatabase} db
 * @param {number} from
 */
function upgrade(db, from) {
  if (from < 1) {
    db.createObjectStore('notebooks', { keyPath: 'id' });
    const pages = db.createObjectStore('pages', { keyPath: ['notebook', 'page'] });
    pages.createIndex('record', 'record');
    pages.createIndex('draft', 'draft', { unique: true });
    db.createObjectStore('receipts', { keyPath: ['notebook', 'page'] });
    db.createObjectStore('drafts', { keyPath: 'id' }).createIndex('notebook', 'notebook');
    const evidence = db.createObjectStore('evidence', { keyPath: 'sha256' });
    evidence.createIndex('page', ['notebook', 'page']);
    evidence.createIndex('received_at', 'received_at');
    db.createObjectStore('state', { keyPath: 'name' });
  }
}

/**
 * iOS ends the connections of apps in the background; every later call on the dead handle fails.
 * @param {IDBDatabase} db
 */
function watched(db) {
  db.onclose = forgetHandle;
  db.onversionchange = () => {
    db.close();
    forgetHandle();
  };
  return db;
}

// Transactions

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * @template T
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(tx: IDBTransaction) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function attempt(stores, mode, work) {
  const db = await database();
  return new Promise((resolve, reject) => {
    // Strict, because engines otherwise report "complete" before the disk has it.
    const tx = db.transaction(stores, mode, { durability: 'strict' });
    /** @type {{value: T} | null} */
    let done = null;
    /** @type {unknown} */
    let cause = null;
    tx.oncomplete = () => (done ? resolve(done.value) : reject(new Error('It ended too early.')));
    tx.onabort = () => reject(whyAborted(tx, cause));
    work(tx).then(
      (value) => {
        done = { value };
      },
      (error) => {
        cause = error;
        abort(tx);
      },
    );
  });
}

/** @param {IDBTransaction} tx */
function abort(tx) {
  try {
    tx.abort();
  } catch {
    // It has ended by itself, and says so through its own event.
  }
}

/**
 * What failed first is on the transaction; the requests that waited behind it only know that it ended.
 * @param {IDBTransaction} tx
 * @param {unknown} cause what the work threw
 */
function whyAborted({ error }, cause) {
  if (cause instanceof Trouble) return cause;
  return error ?? cause ?? new DOMException('The transaction was aborted.', 'AbortError');
}

const CONNECTION_LOST = ['AbortError', 'InvalidStateError', 'UnknownError'];

/**
 * `work` may run twice: the second time on a new connection when the first one was found dead.
 * @template T
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(tx: IDBTransaction) => Promise<T>} work
 */
export async function transact(stores, mode, work) {
  try {
    return await attempt(stores, mode, work).catch((error) => {
      if (!CONNECTION_LOST.includes(error?.name)) throw error;
      forgetHandle();
      return attempt(stores, mode, work);
    });
  } catch (error) {
    throw inWords(error, mode);
  }
}

/**
 * @param {any} error
 * @param {IDBTransactionMode} mode
 */
function inWords(error, mode) {
  if (error instanceof Trouble) return error;
  if (error?.name === 'QuotaExceededError') return new NoRoom(error);
  if (error?.name === 'VersionError') return new OldWindow(error);
  return mode === 'readonly' ? new CannotOpen(error) : new NotSaved(error);
}

/**
 * @template T
 * @param {string} store
 * @param {(store: IDBObjectStore) => IDBRequest<T>} question
 */
export function read(store, question) {
  return transact([store], 'readonly', (tx) => asked(question(tx.objectStore(store))));
}

/**
 * Every key that begins with this notebook's id: an array sorts after any number.
 * @param {string} notebook
 */
export const all = (notebook) => IDBKeyRange.bound([notebook], [notebook, []]);

// Telling the windows

const channel = new BroadcastChannel('fieldbook');
/** @type {Set<(what: Change) => void>} */
const listeners = new Set();
channel.onmessage = ({ data }) => tell(data);

/** @param {Change} what */
function tell(what) {
  for (const listener of listeners) listener(what);
}

/** @param {Change} what */
export function changed(what) {
  channel.postMessage(what);
  tell(what);
}

/**
 * Calls `listener` after each change, made in this window or another. The answer ends it.
 * @param {(what: Change) => void} listener
 */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// Notebooks

/** @returns {Promise<Notebook[]>} */
export function notebooks() {
  return read('notebooks', (store) => store.getAll());
}

/**
 * @param {string} id
 * @returns {Promise<Notebook | undefined>}
 */
export function notebook(id) {
  return read('notebooks', (store) => store.get(id));
}

/**
 * The notebook whose officer uses this phone now.
 * @returns {Promise<Notebook | null>}
 */
export async function currentNotebook() {
  const id = await state('current');
  return (id && (await notebook(id))) || null;
}

/**
 * Makes this the current notebook; null: nobody's.
 * @param {string | null} id
 */
export function use(id) {
  return setState('current', id);
}

/**
 * Makes the officer's open notebook on this phone current; without one, opens a new one. Needs no token.
 * @param {Officer} officer
 * @param {Date} now
 * @returns {Promise<Notebook>}
 */
export async function openNotebook(officer, now) {
  const opened = await transact(['notebooks', 'state'], 'readwrite', async (tx) => {
    const known = openOf(await asked(tx.objectStore('notebooks').getAll()), officer.officer);
    const row = known ?? newNotebook(officer, now);
    tx.objectStore('notebooks').put(row);
    tx.objectStore('state').put({ name: 'current', value: row.id });
    return row;
  });
  changed('notebook');
  return opened;
}

/**
 * @param {Notebook[]} rows
 * @param {string} officer
 */
const openOf = (rows, officer) => rows.find((n) => n.officer === officer && n.state === 'open');

/**
 * @param {Officer} officer
 * @param {Date} now
 * @returns {Notebook}
 */
export function newNotebook({ officer, officer_name, username }, now) {
  const id = crypto.randomUUID();
  return {
    id,
    officer,
    officer_name,
    username,
    token: null,
    epoch: null,
    state: 'open',
    received_through: 0,
    last_seal: id,
    backed_up_through: 0,
    offered: null,
    oldest: 1,
    tail_before: id,
    opened_at: now.toISOString(),
  };
}

/**
 * @param {string} id
 * @param {Partial<Notebook>} changes
 */
export async function updateNotebook(id, changes) {
  await transact(['notebooks'], 'readwrite', async (tx) => {
    const store = tx.objectStore('notebooks');
    store.put({ ...(await asked(store.get(id))), ...changes });
  });
  changed('notebook');
}

// Pages

/**
 * Adds the next page; when this resolves, it is on the phone's disk. It goes into the notebook of its
 * draft, or the one named, or the current one; never into another officer's. With `draws` it takes the
 * next number out of the notebook's books, in the same transaction.
 * @param {{kind: string, record: string, body: Record<string, any>, notebook?: string, draft?: string,
 *   seen?: string, draws?: boolean, evidence?: NewEvidence[]}} entry evidence kept with the draft need not
 *   be given again; `seen`: see saveDraft
 * @param {Date} now
 * @returns {Promise<Page>}
 * @throws {AlreadySaved} carrying the page that this draft became
 * @throws {ChangedElsewhere}
 * @throws {NoRoom | NotSaved | NoNotebook | CannotOpen}
 */
export async function write(entry, now) {
  const page = await underLock(() => writeNext(entry, now));
  changed('page');
  return page;
}

/**
 * The lock spares windows a second try; the transaction's own check is what keeps the pages gapless. So
 * a window that was frozen with the lock in its hand delays a save, and does not prevent it.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function underLock(work) {
  const patience = AbortSignal.timeout(3_000);
  /** @type {Promise<T> | null} */
  let working = null;
  const once = () => (working ??= work());
  try {
    return await navigator.locks.request('notebook', { signal: patience }, once);
  } catch {
    return once();
  }
}

/**
 * @param {Parameters<typeof write>[0]} entry
 * @param {Date} now
 */
async function writeNext({ body, ...entry }, now) {
  for (let tries = 0; tries < 5; tries += 1) {
    const { row, ...place } = await nextPlace(entry);
    const drawn = entry.draws ? next(row, entry.kind) : null;
    const text = JSON.stringify(drawn ? { ...body, number: drawn.number } : body);
    const unsealed = { ...place, kind: entry.kind, record: entry.record, body: text };
    const page = await sealed({ ...unsealed, written_at: now.toISOString() });
    if (await commit(page, entry, drawn)) return page;
  }
  throw new NotSaved();
}

/**
 * @param {Omit<Page, 'seal' | 'draft'>} page
 * @returns {Promise<Page>}
 */
async function sealed({ notebook, page, kind, record, written_at, previous, body }) {
  const seal = await sealOf({ previous, page, kind, record, written_at, body });
  return { notebook, page, kind, record, written_at, previous, seal, body };
}

/** @param {{notebook?: string, draft?: string}} entry */
function nextPlace(entry) {
  return transact(['state', 'notebooks', 'drafts', 'pages'], 'readonly', async (tx) => {
    const row = await writable(tx, entry);
    const tail = await tailOf(tx, row.id);
    return { row, notebook: row.id, page: tail.page + 1, previous: tail.seal };
  });
}

/**
 * The notebook to write in. One that was closed hands over to its officer's open one.
 * @param {IDBTransaction} tx with state, notebooks, drafts
 * @param {{notebook?: string, draft?: string}} entry
 * @returns {Promise<Notebook>}
 */
async function writable(tx, { notebook, draft }) {
  const begun = draft && (await asked(tx.objectStore('drafts').get(draft)));
  const current = await asked(tx.objectStore('state').get('current'));
  const rows = await asked(tx.objectStore('notebooks').getAll());
  const id = begun?.notebook ?? notebook ?? current?.value;
  const row = rows.find((n) => n.id === id);
  const found = row?.state === 'closed' ? openOf(rows, row.officer) : row;
  if (!found) throw new NoNotebook();
  return found;
}

/**
 * @param {IDBTransaction} tx with notebooks, pages
 * @param {string} id
 * @returns {Promise<{page: number, seal: string}>}
 */
async function tailOf(tx, id) {
  const last = await asked(tx.objectStore('pages').openCursor(all(id), 'prev'));
  if (last) return last.value;
  const row = await asked(tx.objectStore('notebooks').get(id));
  return { page: row.oldest - 1, seal: row.tail_before };
}

/**
 * False when the tail has moved and the page must be sealed again.
 * @param {Page} page
 * @param {{draft?: string, seen?: string, evidence?: NewEvidence[]}} entry
 * @param {{series: string, serial: number} | null} drawn
 */
function commit(page, { draft, seen, evidence = [] }, drawn) {
  const stores = ['notebooks', 'pages', 'drafts', 'evidence'];
  return transact(stores, 'readwrite', async (tx) => {
    const row = await asked(tx.objectStore('notebooks').get(page.notebook));
    const tail = await tailOf(tx, page.notebook);
    // A connection that died after the commit and before it could say so.
    if (tail.seal === page.seal) return true;
    if (draft) await refuseSaved(tx, draft);
    if (draft) refuseStale(await asked(tx.objectStore('drafts').get(draft)), seen);
    if (row.state === 'closed' || tail.seal !== page.previous) return false;
    tx.objectStore('pages').add(draft ? { ...page, draft } : page);
    if (draft) await endDraft(tx, draft, page);
    for (const item of evidence) await keepEvidence(tx, item, page);
    if (drawn) tx.objectStore('notebooks').put({ ...row, drawn: { ...row.drawn, [drawn.series]: drawn.serial } });
    return true;
  });
}

/**
 * @param {IDBTransaction} tx with pages
 * @param {string} draft
 */
async function refuseSaved(tx, draft) {
  const page = await asked(tx.objectStore('pages').index('draft').get(draft));
  if (page) throw new AlreadySaved(page);
}

/**
 * A window that has not seen what another one kept would write over it.
 * @param {Draft | undefined} kept
 * @param {string | undefined} seen
 */
function refuseStale(kept, seen) {
  if (kept && seen && kept.saved_at !== seen) throw new ChangedElsewhere();
}

/**
 * The page made of a draft keeps the evidence that it lists; what was taken out of the draft, as all of one
 * that is dropped, goes with it unless it is kept elsewhere.
 * @param {IDBTransaction} tx with drafts, evidence
 * @param {string} id
 * @param {Page} [page]
 */
async function endDraft(tx, id, page) {
  const [drafts, evidence] = [tx.objectStore('drafts'), tx.objectStore('evidence')];
  const ended = await asked(drafts.get(id));
  drafts.delete(id);
  const others = (await asked(drafts.getAll())).flatMap((other) => other.evidence);
  for (const sha256 of ended?.evidence ?? []) {
    const kept = await asked(evidence.get(sha256));
    if (kept && page?.body.includes(sha256)) await keepEvidence(tx, kept, page);
    else if (!kept?.page && !others.includes(sha256)) evidence.delete(sha256);
  }
}

/**
 * The first page that lists evidence keeps it.
 * @param {IDBTransaction} tx with evidence
 * @param {NewEvidence} item
 * @param {{notebook: string, page: number | null}} owner
 */
async function keepEvidence(tx, { sha256, type, bytes }, { notebook, page }) {
  const store = tx.objectStore('evidence');
  const kept = await asked(store.get(sha256));
  if (kept && (kept.page || !page)) return;
  store.put({ sha256, notebook, page, type, bytes });
}

/**
 * Every page kept here, in order.
 * @param {string} notebook
 * @returns {Promise<Page[]>}
 */
export function pages(notebook) {
  return read('pages', (store) => store.getAll(all(notebook)));
}

// Drafts

/**
 * Keeps what is begun, over what was kept under this id before. Photos given here are kept until the
 * draft is saved as a page or dropped.
 * @param {{id: string, kind: string, record: string, body: Record<string, any>, notebook?: string,
 *   [more: string]: any}} draft
 * @param {Date} now
 * @param {NewEvidence[]} [evidence]
 * @param {string} [seen] the `saved_at` of what this goes on from
 * @returns {Promise<Draft>}
 * @throws {AlreadySaved} when a page was made of it meanwhile
 * @throws {ChangedElsewhere} when something else was kept meanwhile
 */
export async function saveDraft(draft, now, evidence = [], seen = undefined) {
  const stores = ['state', 'notebooks', 'drafts', 'pages', 'evidence'];
  const kept = await transact(stores, 'readwrite', async (tx) => {
    await refuseSaved(tx, draft.id);
    const { id } = await writable(tx, { notebook: draft.notebook, draft: draft.id });
    const before = await asked(tx.objectStore('drafts').get(draft.id));
    refuseStale(before, seen);
    const names = [...(before?.evidence ?? []), ...evidence.map(({ sha256 }) => sha256)];
    for (const item of evidence) await keepEvidence(tx, item, { notebook: id, page: null });
    const times = { began_at: before?.began_at ?? now.toISOString(), saved_at: now.toISOString() };
    const row = { ...draft, notebook: id, evidence: [...new Set(names)], ...times };
    tx.objectStore('drafts').put(row);
    return row;
  });
  changed('draft');
  return kept;
}

/**
 * Newest first.
 * @param {string} notebook
 * @returns {Promise<Draft[]>}
 */
export async function drafts(notebook) {
  const found = await read('drafts', (store) => store.index('notebook').getAll(notebook));
  return found.sort((a, b) => (a.saved_at < b.saved_at ? 1 : -1));
}

/**
 * @param {string} id
 * @returns {Promise<Draft | undefined>}
 */
export function draft(id) {
  return read('drafts', (store) => store.get(id));
}

/** @param {string} id */
export async function dropDraft(id) {
  await transact(['drafts', 'evidence'], 'readwrite', (tx) => endDraft(tx, id));
  changed('draft');
}

// Evidence

/**
 * @param {string} sha256
 * @returns {Promise<Evidence | undefined>}
 */
export function evidence(sha256) {
  return read('evidence', (store) => store.get(sha256));
}

// State: small things by name, none of which is a record

/**
 * @param {string} name
 * @returns {Promise<any>}
 */
export async function state(name) {
  return (await read('state', (store) => store.get(name)))?.value ?? null;
}

/**
 * @param {string} name
 * @param {any} value
 */
export async function setState(name, value) {
  await transact(['state'], 'readwrite', async (tx) => {
    tx.objectStore('state').put({ name, value });
  });
  changed('state');
}
