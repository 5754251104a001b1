/**
 * Earlier notices to the same person, as far as this phone knows; the server looks again when the notice
 * arrives (field_app/earlier.py, which says alike who is the same). Pure.
 */

import { LETTERS } from './books.js';
import { clock, day, toLondon } from './london.js';

/**
 * The live notices that the office listed, and this phone's own that the list cannot have yet; newest first.
 * @param {Pick<Context, 'records' | 'receipts' | 'reference'>} context
 * @returns {LiveNotice[]}
 */
export function live({ records, receipts, reference }) {
  const listed = reference.warnings ?? [];
  const isNew = (/** @type {FieldRecord} */ { first }) => {
    const receipt = receipts.get(first.seal);
    return !receipt || (receipt.state !== 'held' && !(receipt.received_at < (reference.told_at ?? '')));
  };
  const own = [...records.values()].filter(
    (one) => one.kind in LETTERS && !one.inError && !listed.some(({ record }) => record === one.record) && isNew(one),
  );
  return [...listed, ...own].sort((a, b) => (a.body.issued_at < b.body.issued_at ? 1 : -1));
}

/**
 * A notice of this phone or of the office's list, live or not.
 * @param {Pick<Context, 'records' | 'reference'>} context
 * @param {string} id
 * @returns {LiveNotice | undefined}
 */
export const noticeOf = ({ records, reference }, id) => records.get(id) ?? reference.warnings?.find(({ record }) => record === id);

/**
 * Of these, the ones that its person had.
 * @param {LiveNotice[]} known
 * @param {Said} notice
 */
export const earlierThan = (known, notice) => (notice.recipient_name ? known.filter(({ body }) => isSamePerson(notice, body)) : []);

/**
 * Whether one of them is a penalty for the same offence on the same day.
 * @param {LiveNotice[]} earlier
 * @param {Said} notice
 */
export const hadSame = (earlier, { offence, occurred_at }) =>
  earlier.some(({ body }) => offence && body.offence === offence && londonDay(body.occurred_at) === londonDay(occurred_at));

/** @param {string} [moment] */
const londonDay = (moment) => moment && toLondon(moment).slice(0, 10);

/**
 * Names of the same words, or nearly, and dates of birth that do not differ; or the same date of birth and last name.
 * @param {Said} one
 * @param {Said} other
 */
export function isSamePerson(one, other) {
  const born = one.born && other.born;
  const [name, its] = [one, other].map(({ recipient_name }) => plain(recipient_name ?? '').split(/[\p{P}\p{S}\s]+/u).filter(Boolean));
  if (born && one.born !== other.born) return false;
  return (born && name.at(-1) === its.at(-1)) || (allNear(name, its) && allNear(its, name));
}

/**
 * @param {string[]} words
 * @param {string[]} others
 */
const allNear = (words, others) => words.every((one) => others.some((other) => isNear(one, other)));

/**
 * Whether two words may be one: as its initial, or with a letter wrong, missing or in another place.
 * @param {string} one
 * @param {string} other
 */
function isNear(one, other) {
  const [short, long] = [one.length, other.length].sort((a, b) => a - b);
  if (short < 2) return one[0] === other[0];
  return one === other || (long > 3 && withoutOne(one).some((left) => withoutOne(other).includes(left)));
}

/**
 * A word, and what is left of it without any one letter.
 * @param {string} word
 */
const withoutOne = (word) => [word, ...[...word].map((_, at, all) => all.filter((_one, i) => i !== at).join(''))];

/**
 * Text as it is compared: without case, accents, and what commas and apostrophes look like.
 * @param {string} text
 */
export function plain(text) {
  const folded = text.toUpperCase().toLowerCase().normalize('NFKD');
  return folded.replace(/\p{Mn}|['‘’\u0060]/gu, '').replaceAll(',', ' ');
}

/**
 * How old the office's list is: "09:12", or with its day when that is not today.
 * @param {Reference} reference
 * @param {Date} now
 */
export function asOf({ as_of }, now) {
  if (!as_of) return null;
  const today = toLondon(now.toISOString()).slice(0, 10) === toLondon(as_of).slice(0, 10);
  return today ? clock(as_of) : `${day(as_of)} ${clock(as_of)}`;
}
