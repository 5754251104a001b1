/** Beginning a notice: anew, or after another one, filled from it. */

import { shown } from './books.js';
import { choiceLine, copy, put, slot } from './dom.js';
import { live } from './earlier.js';
import * as forms from './forms.js';
import { clock, day, toLondon } from './london.js';
import { saveDraft } from './notebook.js';
import { KINDS } from './page.js';
import { whereNow, wholeMinute } from './patrol.js';
import { metres, position } from './place.js';
import { documentFor } from './powers.js';
import { monthsAfter, powerOf, row } from './rules.js';
import { whatOf } from './saved.js';
import { NotAuthorised } from './troubles.js';
import { uuidv7 } from './uuid.js';

const PLACE = ['place', 'place_name', 'address', 'ward'];
const WHO = ['recipient', 'age', 'age_checked', 'recipient_name', 'born', 'recipient_address', 'identity', 'company_number', 'spoke_for'];
const CONDUCT = ['conduct', 'since', 'premises', 'only_rough_sleeping', 'effect', 'persistence', 'unreasonable', 'requirements'];

/**
 * Begins a notice, and opens it.
 * @param {Context} context
 * @param {string} kind
 * @param {Said} [carried] what is known of it already
 * @throws {NotAuthorised}
 */
export async function beginNotice(context, kind, carried = {}) {
  const now = context.now();
  const power = kind === 'fpn' && !carried.offence ? null : powerOf(kind, carried.offence);
  if (power && !documentFor(context.reference, power, toLondon(now.toISOString()).slice(0, 10))) throw new NotAuthorised();
  const known = { ...placeOf(context), camera: cameraOf(context), ...whereNow(now) };
  const days = proposedDays(kind, toLondon(now.toISOString()).slice(0, 10));
  const body = { shift: context.shift?.record, recipient: 'person', occurred_at: wholeMinute(now), ...days, ...known, ...carried };
  const id = crypto.randomUUID();
  await saveDraft({ id, kind, record: uuidv7(now), notebook: context.notebook.id, body }, now);
  location.hash = `#notice/${id}/1`;
}

/**
 * When a warning is reviewed and a notice ends, as long from today as the council's periods say.
 * @param {string} kind
 * @param {string} today
 */
function proposedDays(kind, today) {
  const after = (/** @type {string} */ period) => monthsAfter(today, row('periods', period).months);
  return kind === 'fpn' ? {} : { review_on: after('cpw-review'), ...(kind === 'cpn' && { ends_on: after('cpn-end') }) };
}

/** A patrol that ended longer ago says nothing of where the officer is, nor one that is further away. */
const LATELY_MS = 900_000;
const HERE_M = 500;

/**
 * Where the officer's last patrol is, running or just saved.
 * @param {Context} context
 */
function placeOf({ records, drafts, reference, now }) {
  const saved = [...records.values()].filter(({ inError }) => !inError);
  const { body } = [...saved, ...drafts].filter(({ kind }) => kind === 'patrol').at(-1) ?? {};
  if (!body || now().getTime() - Date.parse(body.ended_at ?? now().toISOString()) > LATELY_MS) return {};
  const { latitude, longitude } = reference.places.find(({ id }) => id === body.place) ?? body;
  const here = position(now());
  return here && latitude && longitude && metres(here, { latitude, longitude }) > HERE_M ? {} : taken(body, PLACE);
}

/**
 * The camera that the officer wears on this shift, as they said last.
 * @param {Context} context
 */
function cameraOf({ shift, records }) {
  const said = [...records.values()].filter(({ body }) => shift && body.camera && body.shift === shift.record);
  return said.at(-1)?.body.camera;
}

/**
 * @param {Said} body
 * @param {string[]} names
 */
const taken = (body, names) => Object.fromEntries(names.filter((name) => name in body).map((name) => [name, body[name]]));

/**
 * What a Community Protection Notice takes over from its warning; whether the person is vulnerable is
 * considered anew.
 * @param {LiveNotice} warning
 */
const afterWarning = ({ record, body }) => ({
  ...taken(body, [...PLACE, ...CONDUCT, ...WHO]),
  warning: record,
  warning_number: body.number,
  warned_on: body.served_at && toLondon(body.served_at).slice(0, 10),
  warning_comply_by: body.comply_by,
});

/** The longest answer that the field takes. */
const LONGEST = 500;

/**
 * What a Fixed Penalty Notice takes over from the Community Protection Notice that was breached.
 * @param {LiveNotice} notice
 * @param {string} requirement
 */
const afterBreach = ({ body }, requirement) => ({
  ...taken(body, [...PLACE, ...WHO]),
  offence: 'cpn-breach',
  breached: body.number,
  requirement: requirement.slice(0, LONGEST),
});

/**
 * On a notice's own page: its paper, and what may follow when it went unheeded.
 * @param {Context} context
 * @param {HTMLElement} screen
 * @param {FieldRecord} record
 */
export function showFollowing(context, screen, record) {
  slot(screen, 'following').hidden = record.inError;
  /** @type {HTMLAnchorElement} */ (slot(screen, 'paper')).href = `#issued/${record.first.seal}`;
  /** @type {HTMLAnchorElement} */ (slot(screen, 'statement')).href = `/statements/${record.record}`;
  if (live(context).some((one) => one.record === record.record)) offerNext(context, screen, record);
}

/**
 * What may follow a warning or notice that went unheeded, whoever issued it; nothing follows a penalty.
 * @param {Context} context
 * @param {HTMLElement} screen
 * @param {LiveNotice} notice
 */
export function offerNext(context, screen, notice) {
  const { requirements = [] } = notice.body;
  const breaches = requirements.map((/** @type {any} */ { kind, what }, /** @type {number} */ nth) => {
    const words = `${nth + 1}. ${KINDS[kind]}: ${what}`;
    return way(context, words, 'fpn', afterBreach(notice, words));
  });
  const running = notice.body.comply_by >= toLondon(context.now().toISOString()).slice(0, 10);
  const unheeded = running ? `The time it gave ends ${dayWords(notice.body.comply_by)}` : 'Not heeded in the time it gave';
  const titles = /** @type {Record<string, string>} */ ({ cpw: unheeded, cpn: 'Breached: which requirement?' });
  const ways = /** @type {Record<string, Node[]>} */ ({
    cpw: running ? [] : [way(context, 'Community Protection Notice', 'cpn', afterWarning(notice))],
    cpn: breaches,
  });
  put(screen, { 'follow-title': titles[notice.kind] ?? null, follow: ways[notice.kind] ?? null });
}

/**
 * @param {Context} context
 * @param {string} what
 * @param {string} kind
 * @param {Said} carried
 */
function way(context, what, kind, carried) {
  const line = put(copy('follow'), { what });
  line.querySelector('button')?.addEventListener('click', () => context.trying(() => beginNotice(context, kind, carried)));
  return line;
}

/**
 * What a Community Protection Notice is based on: its warning, and the patrols that may show that it went
 * unheeded.
 * @param {Context} context
 * @param {HTMLFormElement} form
 */
export function drawWarning(context, form) {
  if (!forms.group(form, 'warning')) return;
  const { warning_number, warned_on, warning_comply_by, observation } = forms.read(form);
  const known = [warning_number && shown(warning_number), warned_on && `given ${dayWords(warned_on)}`, warning_comply_by && `time until ${dayWords(warning_comply_by)}`];
  const seen = observations(context, forms.read(form));
  const none = 'You logged no patrol since that time. Go there and log one: what you see is the fresh observation. This draft waits.';
  put(form, {
    warning: known.filter(Boolean).join(', '),
    observation: seen.length ? seen.map((one) => observed(context, form, one, observation)) : none,
  });
}

/** @param {string} date "2026-11-22" */
const dayWords = (date) => day(`${date}T12:00:00Z`);

/**
 * The officer's own patrols after the warning's time, those at the same place first, newest first.
 * @param {Context} context
 * @param {Said} notice
 */
function observations({ records }, { warning_comply_by, place, address }) {
  const there = (/** @type {FieldRecord} */ { body }) => (place ? body.place === place : body.address === address);
  const since = [...records.values()].filter(
    ({ kind, inError, body }) => kind === 'patrol' && !inError && toLondon(body.started_at).slice(0, 10) > warning_comply_by,
  );
  return since.reverse().sort((a, b) => Number(there(b)) - Number(there(a)));
}

/**
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {FieldRecord} patrol
 * @param {string} [chosen]
 */
function observed(context, form, { record, first, body }, chosen) {
  const what = `${day(body.started_at)} ${clock(body.started_at)} · ${whatOf(context, { ...first, body: JSON.stringify(body) })}`;
  return choiceLine({ name: 'observed', value: record, label: what, checked: record === chosen }, () => forms.set(form, 'observation', record));
}
