/** Look up: live notices and warnings by name, place or number, offline, with the age of the list. */

import { offerNext } from './begin.js';
import { NAMES, isSound, shown } from './books.js';
import { bullet, copy, doing, put, summaryRow } from './dom.js';
import { asOf, earlierThan, live, plain } from './earlier.js';
import * as forms from './forms.js';
import { clock, day } from './london.js';
import { words } from './page.js';
import { row } from './rules.js';

const MOST = 20;

/** @param {Context} context */
export async function lookup(context) {
  const screen = copy('lookup');
  const known = live(context);
  const search = /** @type {HTMLInputElement} */ (doing(screen, 'search'));
  put(screen, { age: ageWords(context) });
  search.oninput = () => {
    const found = find(known, search.value);
    put(screen, {
      said: saidOf(search.value, found),
      found: found.slice(0, MOST).map((one) => card(context, one)),
    });
  };
  return screen;
}

/** @param {Context} context */
function ageWords({ reference, now }) {
  const age = asOf(reference, now());
  return age ? `The office’s list as of ${age}.` : 'The office’s list has not come to this phone yet. Only its own notices are found.';
}

/**
 * @param {LiveNotice[]} known
 * @param {string} typed
 */
function find(known, typed) {
  const wanted = plain(typed).split(/\s+/).filter(Boolean);
  if (!wanted.length) return [];
  return known.filter(({ kind, body }) => {
    const ward = forms.wordsFor(kind, 'ward', body.ward);
    const said = plain([body.recipient_name, shown(body.number), body.number, body.place_name, body.address, ward].filter(Boolean).join(' '));
    return wanted.every((word) => said.includes(word));
  });
}

/** A number as it is typed, with spaces or none. */
const NUMBER = /^c[fwn]\d{10}$/i;

/**
 * @param {string} typed
 * @param {LiveNotice[]} found
 */
function saidOf(typed, found) {
  const number = typed.replace(/\s/g, '').toUpperCase();
  if (!number) return null;
  if (NUMBER.test(number) && !isSound(number)) return 'Its check digits do not fit: one of the digits is wrong.';
  if (!found.length) return 'None found. Only live notices and warnings of the last year are listed here.';
  return found.length > MOST ? `${found.length} found; the newest ${MOST} are shown. Type more.` : null;
}

/**
 * @param {Context} context
 * @param {LiveNotice} one
 */
function card(context, one) {
  const { kind, body, standing } = one;
  const line = put(copy('looked-up'), {
    number: `${NAMES[kind]} ${shown(body.number)}`,
    who: body.recipient_name,
    more: summary(one),
    standing: standing ?? 'On this phone',
    said: ASKED.filter((name) => body[name] !== undefined).map((name) => rowOf(context, kind, name, body[name])),
  });
  offerNext(context, line, one);
  return line;
}

/** What a warning or notice says that an officer on the spot wants to know. */
const ASKED = ['born', 'conduct', 'requirements', 'comply_by', 'ends_on'];

/**
 * @param {Context} context
 * @param {string} kind
 * @param {string} name
 * @param {any} value
 */
function rowOf(context, kind, name, value) {
  const field = forms.fieldsOf(kind).find((one) => one.name === name);
  return summaryRow(field?.label ?? name, words(context, kind, name, field?.type ?? 'text', value));
}

/**
 * What a notice is about, when and where.
 * @param {LiveNotice} notice
 */
function summary({ body }) {
  return [row('offences', body.offence)?.label, `${day(body.issued_at)} ${clock(body.issued_at)}`, body.place_name ?? body.address].filter(Boolean).join(' · ');
}

/**
 * Keeps on a notice that is being written the earlier ones of its person, by what is said of them so far.
 * @param {Context} context
 * @param {HTMLFormElement} form
 */
export function showEarlier(context, form) {
  const known = live(context);
  const draw = () => {
    const said = forms.read(form);
    const found = earlierThan(known, said);
    put(form, { earlier: said.recipient_name ? [put(copy('earlier'), { title: `${found.length || 'None'} found, ${listWords(context)}`, list: found.map(bulletOf) })] : null });
  };
  form.addEventListener('input', draw);
  draw();
}

/** @param {Context} context */
function listWords({ reference, now }) {
  const age = asOf(reference, now());
  return age ? `list as of ${age}` : 'but the office’s list has not come to this phone yet';
}

/** @param {LiveNotice} one */
const bulletOf = (one) => bullet(`${NAMES[one.kind]} ${shown(one.body.number)} · ${summary(one)}`);
