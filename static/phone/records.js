/** What the pages on this phone say, record by record, as field_app/fold.py has it. Pure. */

import { LETTERS } from './books.js';

/** Kinds whose pages are about a record that another page began. */
const LATER = ['shift-end', 'served', 'amendment', 'photos-added', 'answer'];

/**
 * Every record that these pages begin, in the order they were begun. What a later page wants is left out
 * while the server holds it. News says which notices the desk made void.
 * @param {Page[]} pages
 * @param {Map<string, Receipt>} [receipts] by seal
 * @param {News[]} [news]
 * @returns {Map<string, FieldRecord>}
 */
export function recordsIn(pages, receipts = new Map(), news = []) {
  /** @type {Map<string, FieldRecord>} */
  const records = new Map();
  for (const page of pages) {
    const known = records.get(page.record);
    const state = receipts.get(page.seal)?.state;
    if (known) takeIn(known, page, state === 'held' || state === 'forked');
    else if (!LATER.includes(page.kind)) records.set(page.record, begun(page));
  }
  for (const { kind, about, fields } of news) {
    const record = records.get(about);
    if (record && kind === 'void') Object.assign(record, { inError: true, stands: fields.word });
  }
  return records;
}

/**
 * @param {Page} page
 * @returns {FieldRecord}
 */
function begun(page) {
  const { record, kind } = page;
  return { record, kind, first: page, pages: [page], body: bodyOf(page), amended: false, inError: false };
}

/**
 * @param {FieldRecord} record
 * @param {Page} page
 * @param {boolean} held
 */
function takeIn(record, page, held) {
  const body = bodyOf(page);
  record.pages.push(page);
  if (held || page.kind === 'photos-added' || page.kind === 'answer') return;
  if (page.kind !== 'amendment') {
    record.body = { ...record.body, ...body };
    return;
  }
  if (body.entered_in_error && record.kind in LETTERS) return; // only the desk makes a notice void
  record.amended = true;
  record.inError = body.entered_in_error === true;
  record.body = mergePatch(record.body, body.changes ?? {});
}

/**
 * @param {Page} page
 * @returns {Record<string, any>}
 */
export const bodyOf = (page) => JSON.parse(page.body);

/**
 * RFC 7396.
 * @param {any} target
 * @param {any} patch
 * @returns {any}
 */
export function mergePatch(target, patch) {
  if (!isObject(patch)) return patch;
  const merged = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

/**
 * The merge patch that makes `after` of `before`.
 * @param {Record<string, any>} before
 * @param {Record<string, any>} after
 */
export function changesBetween(before, after) {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null]));
}

/** @param {any} value */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The shifts that were started and neither ended nor entered in error, oldest first.
 * @param {Iterable<FieldRecord>} records
 */
export function openShifts(records) {
  return [...records].filter((one) => one.kind === 'shift-start' && !one.inError && !one.body.ended_at);
}

/** Nobody is on duty for longer: a shift that is still open then was forgotten. */
const LONGEST_SHIFT_MS = 16 * 3_600_000;

/**
 * @param {FieldRecord} shift
 * @param {Date} now
 */
export function isForgotten({ body }, now) {
  return now.getTime() - Date.parse(body.started_at) > LONGEST_SHIFT_MS;
}

/**
 * The pages of a running shift, or without one those of the last twelve hours; newest first.
 * @param {Page[]} pages
 * @param {FieldRecord | undefined} shift
 * @param {Date} now
 */
export function pagesOfShift(pages, shift, now) {
  const since = new Date(now.getTime() - 12 * 3_600_000).toISOString();
  const begun = shift ? pages.findIndex(({ seal }) => seal === shift.first.seal) : -1;
  const those = shift ? pages.slice(begun) : pages.filter((page) => page.written_at >= since);
  return those.reverse();
}

/**
 * @param {Page} page
 * @param {Receipt | undefined} receipt
 * @returns {PageState}
 */
export function stateOf(page, receipt) {
  if (!receipt || receipt.seal !== page.seal) return { word: 'waiting', problems: [], at: null };
  const word = receipt.state === 'accepted' ? 'received' : receipt.state;
  return { word, problems: receipt.problems, at: receipt.received_at };
}
