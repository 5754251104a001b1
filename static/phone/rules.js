/**
 * The catalogue's gates and deadlines, as field_app/rules.py has them, over the same file. Pure.
 * Days are London's, "2026-11-22"; sums are pence.
 */

import { parse } from '../vendor/cel-js-8.0.0.js';
import { toLondon } from './london.js';
import { WARNINGS } from './powers.js';
import { inside } from './wards.js';

/** @type {Law} */
const law = JSON.parse(
  /** @type {HTMLTemplateElement} */ (document.getElementById('law')).content.textContent ?? '',
);

/**
 * @param {'offences' | 'families' | 'periods' | 'orders'} list
 * @param {any} code
 * @returns {any} null when there is none
 */
export const row = (list, code) => law[list].find((one) => one.code === code) ?? null;

/**
 * Answers given often to a question: a field, or "offence.point".
 * @param {string} question
 * @returns {string[]}
 */
export const phrasesFor = (question) => law.phrases[question] ?? [];

/** Whether the council gives notices only on what Legal has confirmed. */
export const confirmedOnly = law.confirmed_only;

/** The words and periods that it has not. */
const unconfirmed = [...law.wording, ...law.periods].filter(({ confirmed }) => !confirmed).map(({ code }) => code);

/**
 * The power under which a notice is given, as authorisations name it.
 * @param {string} kind
 * @param {string} [offence]
 */
export function powerOf(kind, offence) {
  if (kind !== 'fpn') return WARNINGS;
  const known = row('offences', offence);
  return law.powers.find(({ label }) => label === known?.power)?.code;
}

/** @type {Map<string, (facts: object) => unknown>} */
const programs = new Map();

/**
 * The gates that are shut for a notice, in the order in which they are declared.
 * @param {string} kind
 * @param {Said} values what its fields say; null where one is not given, or is wrong
 * @returns {Gate[]}
 */
export function shut(kind, values) {
  const known = facts(values);
  return law.gates.filter(({ kinds, when }) => {
    if (!kinds.includes(kind)) return false;
    const program = programs.get(when) ?? parse(when);
    programs.set(when, program);
    return isShut(program, known);
  });
}

/**
 * What cannot be told shuts the gate.
 * @param {(facts: object) => unknown} program
 * @param {object} known
 */
function isShut(program, known) {
  try {
    return program(known) !== false;
  } catch {
    return true;
  }
}

/**
 * What gates may ask about: the names that gates.json explains.
 * @param {Said} said
 */
export function facts(said) {
  /** @type {Said} */
  const values = { ...said, points: answered(said.points) };
  const day = { issued: londonDay(values.issued_at), occurred: londonDay(values.occurred_at) };
  const o = row('offences', values.offence);
  const f = o && row('families', o.family.toLowerCase());
  const a = o && day.occurred ? amount(o.code, day.occurred) : null;
  const order = row('orders', values.pspo);
  const in_area = order && inArea(order.area, values.longitude, values.latitude);
  return { n: values, o, a, f, order, due: { ...due(day, a, f), in_area }, day, unconfirmed };
}

/**
 * @param {{issued: string | null, occurred: string | null}} day
 * @param {any} a
 * @param {any} f
 */
function due({ issued, occurred }, a, f) {
  const appeal = row('periods', 'cpn-appeal');
  const summary = row('periods', 'summary-prosecution');
  const discount = a && (a.council_discount ?? a.default_discount);
  const counting = f?.period_counting;
  return {
    amount: a && (a.council_amount ?? a.default),
    discount,
    discount_until: issued && f?.discount_days && discount ? lastDay(issued, f.discount_days, f.discount_counting) : null,
    lower_until:
      issued && f?.lower_must_be_under_days ? lastDay(issued, f.lower_must_be_under_days - 1, counting) : null,
    pay_by: issued && f ? lastDay(issued, f.period_days, counting) : null,
    prosecute_by: occurred && monthsAfter(occurred, summary.months),
    adult_born: issued && monthsAfter(issued, -18 * 12),
    born_16: issued && monthsAfter(issued, -16 * 12),
    appeal_by: issued && lastDay(issued, appeal.days, appeal.counting),
  };
}

/**
 * White space answers no point to prove.
 * @param {Record<string, string> | null} [points]
 */
const answered = (points) => points && Object.fromEntries(Object.entries(points).filter(([, answer]) => answer.trim() !== ''));

/**
 * Whether a position lies inside a polygon of [longitude, latitude]; null where that cannot be told.
 * @param {any} area
 * @param {number | null} [longitude]
 * @param {number | null} [latitude]
 */
function inArea(area, longitude, latitude) {
  if (!Array.isArray(area) || typeof longitude !== 'number' || typeof latitude !== 'number') return null;
  return inside(area, longitude, latitude);
}

/**
 * The last of so many days: the start is day 1 when counting "beginning", else the day after is.
 * @param {string} start
 * @param {number} days
 * @param {string} counting
 */
function lastDay(start, days, counting) {
  const day = new Date(`${start}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days - (counting === 'beginning' ? 1 : 0));
  return day.toISOString().slice(0, 10);
}

/**
 * The corresponding date so many months on; a month's end clamps.
 * @param {string} start
 * @param {number} months
 */
export function monthsAfter(start, months) {
  const [year, month, day] = start.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(day, last))).toISOString().slice(0, 10);
}

/** @param {string | null} moment */
const londonDay = (moment) => (moment ? toLondon(moment).slice(0, 10) : null);

/**
 * @param {string} offence
 * @param {string} on
 */
function amount(offence, on) {
  const mine = law.amounts.filter((one) => one.offence === offence);
  return mine.find(({ starts, ends }) => (starts ?? on) <= on && on <= (ends ?? on)) ?? null;
}
