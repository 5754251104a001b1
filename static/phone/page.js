/** One page: everything written, its history, and the way to amend it. */

import { thumbnail } from './camera.js';
import { LETTERS, shown } from './books.js';
import { bullet, copy, put, slot, summaryRow } from './dom.js';
import { fieldsOf, wordsFor } from './forms.js';
import { clock, day } from './london.js';
import { evidence } from './notebook.js';
import { bodyOf, stateOf } from './records.js';
import { whatOf } from './saved.js';
import { notices } from './screens.js';
import { stateWords } from './today.js';

/** What a person must do, by the code of its kind (ASBCPA 2014 s43(3)). */
export const KINDS = /** @type {Record<string, string>} */ ({ stop: 'Stop', do: 'Do', achieve: 'Take reasonable steps to achieve' });

/** Which templates ask for the fields of what can be amended. */
const FORMS = /** @type {Record<string, string[]>} */ ({
  patrol: ['patrol'],
  'shift-start': ['shift', 'end-shift'],
  fpn: ['fpn', 'issued'],
  cpw: ['cpw', 'issued'],
  cpn: ['cpn', 'issued'],
  'not-issued': ['not-issued'],
});

const WITH_PHOTOS = ['patrol', 'not-issued', ...Object.keys(LETTERS)];

/**
 * @param {Context} context
 * @param {string} seal
 */
export async function page(context, seal) {
  const found = context.pages.find((one) => one.seal === seal);
  if (!found) return null;
  const record = context.records.get(found.record);
  const screen = copy('page');
  const { problems } = stateOf(found, context.receipts.get(found.seal));
  put(screen, {
    title: `Page ${found.page}: ${whatOf(context, found)}`,
    state: `Written ${day(found.written_at)} ${clock(found.written_at)} · ${stateWords(context, found)}`,
    problems: problems.map(({ message }) => bullet(message)),
    body: rows(context, record?.kind ?? found.kind, record?.body ?? bodyOf(found)),
    history: (record?.pages ?? [found]).map((one) => historyLine(context, one, record?.kind ?? found.kind)),
    photos: await pictures(record?.body ?? bodyOf(found), record?.pages ?? []),
  });
  if (record && record.kind in LETTERS) (await notices()).showFollowing(context, screen, record);
  const more = /** @type {HTMLAnchorElement} */ (slot(screen, 'add-photo'));
  more.hidden = !record || record.inError || !WITH_PHOTOS.includes(record.kind);
  more.href = `#photos/${found.record}`;
  const canAmend = record && record.kind in FORMS && !record.inError;
  slot(screen, 'actions').hidden = !canAmend;
  /** @type {HTMLAnchorElement} */ (slot(screen, 'amend')).href = `#amend/${found.record}`;
  const error = /** @type {HTMLAnchorElement} */ (slot(screen, 'error'));
  error.href = `#error/${found.record}`;
  error.hidden = !record || record.kind in LETTERS; // only the desk makes a notice void, with a second person
  return screen;
}

/**
 * The body in words, in the form's order; what no form asks for comes last.
 * @param {Context} context
 * @param {string} kind
 * @param {Record<string, any>} body
 */
function rows(context, kind, body) {
  const templates = FORMS[kind] ?? [];
  const known = templates.flatMap((template) =>
    fieldsOf(template).map((field) => ({ ...field, template })),
  );
  const shown = known.filter(({ name, type }) => body[name] !== undefined && !['photos', 'signature'].includes(type));
  const strange = Object.keys(body).filter((name) => !known.some((field) => field.name === name));
  return [
    ...shown
      .filter(({ name, type }) => type !== 'reference' && !POSITION.includes(name))
      .map(({ name, label, type, template }) => summaryRow(label, words(context, template, name, type, body[name]))),
    ...positionRow(body),
    ...strange.map((name) => summaryRow(name, JSON.stringify(body[name]))),
  ];
}

/** Sums, in pence. */
const PENCE = ['amount', 'discount'];
const POSITION = ['latitude', 'longitude', 'accuracy_m'];

/** @param {Record<string, any>} body */
function positionRow({ latitude, longitude, accuracy_m }) {
  if (latitude === undefined || longitude === undefined) return [];
  const known = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  return [summaryRow('Position when it began', accuracy_m === undefined ? known : `${known}, to ${accuracy_m} m`)];
}

/** @param {number | undefined} pence */
export const pounds = (pence) =>
  pence === undefined ? '…' : `£${(pence / 100).toLocaleString('en-GB', { minimumFractionDigits: pence % 100 ? 2 : 0 })}`;

/**
 * A value in words.
 * @param {Context} context
 * @param {string} template
 * @param {string} name
 * @param {string} type
 * @param {any} value
 */
export function words({ reference }, template, name, type, value) {
  if (value === null) return 'nothing';
  if (type === 'yes-no') return value ? 'Yes' : 'No';
  if (PENCE.includes(name)) return pounds(value);
  if (type === 'notice-number') return shown(String(value));
  if (type === 'moment') return `${day(value)} ${clock(value)}`;
  if (type === 'choice' || type === 'choices') return wordsFor(template, name, value);
  if (type === 'day') return `${day(`${value}T12:00:00Z`)} ${value.slice(0, 4)}`;
  if (type === 'points') return Object.values(value).join(' · ');
  if (type === 'requirements') return value.map((/** @type {{kind: string, what: string}} */ { kind, what }) => `${KINDS[kind] ?? kind}: ${what}`).join(' · ');
  if (type !== 'colleagues') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  const named = (/** @type {string} */ id) => reference.colleagues.find((one) => one.id === id)?.name;
  return value.map((/** @type {string} */ id) => named(id) ?? 'Colleague no longer listed').join(', ');
}

/**
 * @param {Context} context
 * @param {Page} one
 * @param {string} kind
 */
function historyLine(context, one, kind) {
  const body = bodyOf(one);
  const changes = Object.entries(body.changes ?? {}).map(([name, value]) => {
    const template = (FORMS[kind] ?? []).find((id) => fieldsOf(id).some((field) => field.name === name));
    const field = template && fieldsOf(template).find((known) => known.name === name);
    const said = template && field ? words(context, template, name, field.type, value) : JSON.stringify(value);
    return bullet(`${field ? field.label : name}: ${said}`);
  });
  return put(copy('history-line'), {
    head: `Page ${one.page} · ${day(one.written_at)} ${clock(one.written_at)} · ${stateWords(context, one)}`,
    more: one.kind === 'amendment' ? `${body.entered_in_error ? 'Entered in error' : 'Amended'}: ${body.reason}` : [whatOf(context, one), body.photos_note ?? body.answer].filter(Boolean).join(': '),
    changes,
  });
}

/**
 * The photos that were there first, those that were added later, and the signature.
 * @param {Said} body
 * @param {Page[]} pages
 */
async function pictures({ photos = [], signature = [] }, pages) {
  const later = pages.filter(({ kind }) => kind === 'photos-added').flatMap((one) => bodyOf(one).photos);
  const kept = await Promise.all([...photos, ...later, ...signature].map((/** @type {{sha256: string}} */ { sha256 }) => evidence(sha256)));
  return kept.flatMap((one) => (one ? [thumbnail(one)] : []));
}
