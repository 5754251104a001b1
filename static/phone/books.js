/**
 * Books: runs of notice numbers lent to this notebook, drawn one after the other without a signal. Pure.
 * A number is "CF26" + six digits + two check digits (ISO 7064 MOD 97-10), as in field_app/numbers.py.
 */

import { NoNumber } from './troubles.js';

/** With which letters the numbers of each kind of notice begin. */
export const LETTERS = /** @type {Record<string, string>} */ ({ fpn: 'CF', cpw: 'CW', cpn: 'CN' });

/** What officers call them. */
export const NAMES = /** @type {Record<string, string>} */ ({ fpn: 'FPN', cpw: 'CPW', cpn: 'CPN' });

/** From here on an officer is told to look for a signal. */
const FEW = 10;

/**
 * @param {string} series "CF26"
 * @param {number} serial
 */
export function numberOf(series, serial) {
  const before = `${series}${String(serial).padStart(6, '0')}`;
  return before + String(98n - (digits(`${before}00`) % 97n)).padStart(2, '0');
}

/** @param {string} text letters as two digits each: A is 10 */
const digits = (text) => BigInt([...text].map((one) => parseInt(one, 36)).join(''));

/** @param {string} number */
export const isSound = (number) =>
  /^C[FWN]\d{10}$/.test(number) && number === numberOf(number.slice(0, 4), Number(number.slice(4, 10)));

/** @param {string} number in groups, as people read it */
export const shown = (number) => `${number.slice(0, 4)} ${number.slice(4, 10)} ${number.slice(10)}`;

/**
 * The number to draw next for a kind of notice.
 * @param {Notebook} notebook
 * @param {string} kind
 * @returns {{series: string, serial: number, number: string}}
 * @throws {NoNumber}
 */
export function next(notebook, kind) {
  const [left] = unused(notebook, kind);
  if (!left) throw new NoNumber();
  return { series: left.series, serial: left.first, number: numberOf(left.series, left.first) };
}

/**
 * How many are left of a kind.
 * @param {Notebook} notebook
 * @param {string} kind
 */
export function left(notebook, kind) {
  return unused(notebook, kind).reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/**
 * What an officer should know about the numbers left of a kind; null while there are plenty.
 * @param {Notebook} notebook
 * @param {string} kind
 */
export function fewWords(notebook, kind) {
  const count = left(notebook, kind);
  if (count > FEW) return null;
  if (count) return `${count} ${NAMES[kind]} number${count === 1 ? '' : 's'} left on this phone. More come by themselves where there is a signal.`;
  return `No ${NAMES[kind]} numbers are left on this phone: find a signal, or use the paper book. A paper notice is entered at the desk later.`;
}

/**
 * What is left of each book, oldest first. Serials only rise: whatever was drawn, all before it is used.
 * @param {Notebook} notebook
 * @param {string} kind
 */
function unused({ books = [], drawn = {} }, kind) {
  const mine = books.filter(({ series }) => series.startsWith(LETTERS[kind]));
  const rest = mine.map((book) => ({ ...book, first: Math.max(book.first, (drawn[book.series] ?? 0) + 1) }));
  return rest.filter(({ first, last }) => first <= last).sort((a, b) => (numberOf(a.series, a.first) < numberOf(b.series, b.first) ? -1 : 1));
}

/**
 * The books that either side knows: a server restored from an older backup has forgotten some.
 * @param {Book[]} [known]
 * @param {Book[]} [told]
 * @returns {Book[]}
 */
export function together(known = [], told = []) {
  const strange = told.filter((one) => !known.some(({ series, first }) => series === one.series && first === one.first));
  return [...known, ...strange];
}
