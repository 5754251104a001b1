/** The notice on paper: the layout stands in templates/notices/, and here its words are put in. */

import { copy, put } from './dom.js';
import { shown } from './books.js';
import * as forms from './forms.js';
import { clock, day } from './london.js';
import { row } from './rules.js';

const KINDS = /** @type {Record<string, string>} */ ({ stop: 'Stop', do: 'Do', achieve: 'Take reasonable steps to achieve' });

/**
 * A notice as it reads.
 * @param {Context} context
 * @param {string} kind
 * @param {Said} body
 */
export function paper({ notebook }, kind, body) {
  const sheet = copy(`paper-${kind}`);
  const words = { ...common(notebook, kind, body), ...(kind === 'fpn' ? ofPenalty(body) : ofWarning(kind, body)) };
  return put(sheet, words);
}

/**
 * @param {Notebook} notebook
 * @param {string} kind
 * @param {Said} body
 */
function common({ officer_name }, kind, body) {
  const ward = forms.wordsFor(kind, 'ward', body.ward);
  return {
    number: body.number ? shown(body.number) : 'drawn when you issue it',
    recipient_name: body.recipient_name ?? '…',
    recipient_address: body.recipient_address ?? '…',
    where: [body.place_name, body.address, ward].filter(Boolean).join(', '),
    issued: `${day(body.issued_at)} at ${clock(body.issued_at)}`,
    officer: officer_name,
  };
}

/** @param {Said} body */
function ofPenalty({ offence, points = {}, occurred_at, particulars, amount, discount, discount_until, pay_by }) {
  const known = row('offences', offence) ?? {};
  const answered = (known.points ?? []).filter((/** @type {any} */ { code }) => points[code]);
  return {
    plain: known.plain ?? '…',
    created_by: known.created_by ?? '…',
    power: known.power ?? '…',
    maximum: known.maximum ?? '…',
    occurred: `${day(occurred_at)} at ${clock(occurred_at)}`,
    particulars: particulars ?? '…',
    points: answered.map((/** @type {any} */ { code, label }) => item(`${label}: ${points[code]}`)),
    amount: pounds(amount),
    discount: discount ? `${pounds(discount)} if paid by ${dayWords(discount_until)}` : null,
    pay_by: dayWords(pay_by),
  };
}

/**
 * @param {string} kind
 * @param {Said} body
 */
function ofWarning(kind, { conduct, since, effect, persistence, unreasonable, requirements = [], comply_by }) {
  return {
    conduct: conduct ?? '…',
    since: since ?? '…',
    effect: effect ?? '…',
    unreasonable: unreasonable ?? '…',
    persistence: forms.wordsFor(kind, 'persistence', persistence).toLowerCase(),
    requirements: requirements.map((/** @type {any} */ one) => item(`${KINDS[one.kind]}: ${one.what}`)),
    comply_by: dayWords(comply_by),
  };
}

/** @param {string} text */
const item = (text) => Object.assign(document.createElement('li'), { textContent: text });

/** @param {number | undefined} pence */
export const pounds = (pence) => (pence === undefined ? '…' : `£${(pence / 100).toFixed(pence % 100 ? 2 : 0)}`);

/** @param {string | undefined} date "2026-12-06", as "Sunday 6 December 2026" */
const dayWords = (date) => (date ? `${day(`${date}T12:00:00Z`)} ${date.slice(0, 4)}` : '…');
