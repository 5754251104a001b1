/**
 * A notice: one question a screen, the gates speaking where they shut, and one tap that issues it. Loaded
 * when a notice is first wanted, with the rules and what evaluates them.
 */

import { drawWarning } from './begin.js';
import { LETTERS, fewWords, left, shown } from './books.js';
import { choiceLine, copy, count, doing, put, slot } from './dom.js';
import { earlierThan, hadSame, isSamePerson, live, noticeOf } from './earlier.js';
import * as forms from './forms.js';
import { clock, day, toLondon } from './london.js';
import { showEarlier } from './lookup.js';
import { drawOffences } from './offence.js';
import { words } from './page.js';
import { offerPrinting, paper } from './paper.js';
import { showPhotos, takePhotos, wholeMinute } from './patrol.js';
import { Pen, begun } from './pen.js';
import { offerAt, offerPhrases } from './phrases.js';
import { documentFor } from './powers.js';
import { bodyOf, stateOf } from './records.js';
import { confirmedOnly, facts, phrasesFor, powerOf, row, shut } from './rules.js';
import { letThemSign } from './signature.js';
import { choosePlace } from './where.js';

export { beginNotice, showFollowing } from './begin.js';
export { lookup } from './lookup.js';
export { noNotice } from './no_notice.js';
export { shut } from './rules.js';

/** What the paper shows, a picture, or what only the phone reads. */
const DRAWN = ['points', 'photos', 'reference'];

/** What the rules fill in. */
const WORKED_OUT = /** @type {Record<string, ('amount' | 'pay_by' | 'discount' | 'discount_until' | 'appeal_by')[]>} */ ({
  fpn: ['amount', 'pay_by', 'discount', 'discount_until'],
  cpw: [],
  cpn: ['appeal_by'],
});

/**
 * @param {Context} context
 * @param {string} about the draft, and which step of it
 */
export async function notice(context, about) {
  const [id, at, back] = about.split('/');
  const draft = context.drafts.find((one) => one.id === id);
  if (!draft) return null;
  const screen = copy(draft.kind);
  const form = /** @type {HTMLFormElement} */ (screen.querySelector('form'));
  await prepareNotice(context, form, draft.body);
  const steps = /** @type {HTMLElement[]} */ ([...form.querySelectorAll('[data-step]')]);
  const number = Math.min(Math.max(Number(at) || 1, 1), steps.length + 1);
  const { not_issued } = draft.body;
  const pen = new Pen(context, draft, screen, () => ({ ...forms.read(form), not_issued }));
  showEarlier(context, form);
  const step = steps[number - 1];
  if (step) step.hidden = false;
  else showCheck(context, form, draft, steps);
  draft.step = number;
  put(form, { step: `${number} of ${steps.length + 1}: ${step?.dataset.step ?? 'Check the notice'}` });
  /** @type {HTMLAnchorElement} */ (slot(screen, 'back')).href = number > 1 ? `#notice/${id}/${number - 1}` : '#home';
  takePhotos(form, pen);
  const offShift = draft.body.shift ? null : 'You are not on shift: no shift will show this notice.';
  put(form, { few: step ? null : [offShift, fewWords(context.notebook, draft.kind)].filter(Boolean).join(' ') || null });
  doing(screen, 'no-notice').onclick = async () => {
    await pen.keep();
    location.hash = `#no-notice/${id}/${number}`;
  };
  if (!step) doing(form, 'next').textContent = `Issue · ${left(context.notebook, draft.kind)} numbers left`;
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (!step) {
      await pen.keep();
      return issue(context, form, pen);
    }
    const problems = wrong(context, form, draft.kind).filter(({ field }) => step.querySelector(`[data-field="${field}"]`));
    // Who is told that there is no notice need not answer the rest.
    const refused = problems.filter(({ field, verdict }) => verdict === 'refuse' && field in forms.read(form));
    forms.show(form, refused.length ? refused : problems);
    if (!problems.length) draft.step = back ? steps.length + 1 : number + 1;
    await pen.keep();
    if (!problems.length) location.hash = `#notice/${id}/${draft.step}`;
  };
  return screen;
}

/**
 * Fills a notice's form, and draws in it what hangs on the answers and on what this phone knows.
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {Said} body
 */
export async function prepareNotice(context, form, body) {
  forms.fill(form, body);
  drawOffences(context, form);
  drawWarning(context, form);
  drawPoints(form);
  drawRequirements(form);
  drawArticles(form);
  offerPhrases(form);
  choosePlace(context, form);
  form.addEventListener('change', ({ target }) => {
    const { name = '' } = /** @type {Partial<HTMLInputElement>} */ (target ?? {});
    showFitting(form, name);
    if (name === 'offence') drawPoints(form);
    if (name === 'pspo' || name === 'offence') drawArticles(form);
    if (name === 'caution') sayWhen(context, form);
  });
  showFitting(form);
  await showPhotos(form);
}

/**
 * What the form says were it issued now.
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {string} kind
 */
function asIssued(context, form, kind) {
  // A form shows minutes: a notice handed over within its minute would seem to be so before it was issued.
  forms.set(form, 'issued_at', wholeMinute(context.now()));
  forms.set(form, 'confirmed_only', confirmedOnly);
  forms.set(form, 'looked_up_at', context.reference.as_of);
  const earlier = earlierThan(live(context), forms.read(form));
  forms.set(form, 'earlier', earlier.map(({ record }) => record));
  sayWho(context, form, earlier);
  return workOut(context, form, kind);
}

/**
 * What is known of the person it is for.
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {LiveNotice[]} earlier
 */
function sayWho(context, form, earlier) {
  const said = forms.read(form);
  forms.set(form, 'had_same', hadSame(earlier, said));
  const warned = said.warning && noticeOf(context, said.warning);
  forms.set(form, 'same_person', Boolean(warned) && isSamePerson(warned.body, said));
}

/**
 * The same when an amendment says that it is for somebody else, or was on another day.
 * @param {Context} context
 * @param {HTMLFormElement} form
 */
export function sayWhoAgain(context, form) {
  const said = forms.read(form);
  sayWho(context, form, earlierThan(live(context), said).filter(({ body }) => body.issued_at < said.issued_at));
  showFitting(form);
}

/**
 * The rules fill in sums and days, and which document authorises it; what the form says then.
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {string} kind
 */
function workOut({ reference }, form, kind) {
  const { offence, issued_at } = forms.read(form);
  const on = issued_at ? toLondon(issued_at).slice(0, 10) : '';
  forms.set(form, 'authorisation', documentFor(reference, powerOf(kind, offence), on));
  const { due } = facts(forms.read(form));
  for (const name of WORKED_OUT[kind]) forms.set(form, name, due.discount_until || !name.startsWith('discount') ? due[name] : null);
  return forms.read(form);
}

/**
 * The number is drawn as the page is written; until then nobody misses it.
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {string} kind
 */
function wrong(context, form, kind) {
  const said = asIssued(context, form, kind);
  showFitting(form);
  const problems = forms.check(form, context.now(), said, shut);
  return problems.filter(({ field }) => field !== 'number');
}

/**
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {Pen} pen
 */
async function issue(context, form, pen) {
  const { kind } = pen.draft;
  const problems = wrong(context, form, kind);
  forms.show(form, problems);
  if (!problems.length) await pen.write(asIssued(context, form, kind), (page) => `#issued/${page.seal}`, { draws: true });
}

/**
 * The notice as it will read, and every answer with the way back to it.
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {Draft} draft
 * @param {HTMLElement[]} steps
 */
function showCheck(context, form, draft, steps) {
  /** @type {Said} */
  const body = asIssued(context, form, draft.kind);
  const fields = forms.fieldsOf(draft.kind).filter(({ name, type }) => body[name] !== undefined && !DRAWN.includes(type));
  const rows = steps.map((step, index) => {
    const mine = fields.filter(({ name }) => step.querySelector(`[data-field="${name}"]`));
    const answers = mine.map(({ name, label, type }) =>
      type === 'yes-no' ? label : words(context, draft.kind, name, type, body[name]),
    );
    if (body.photos && step.querySelector('[data-field="photos"]')) answers.unshift(count(body.photos.length, 'photo'));
    const line = put(copy('check-row'), { key: String(step.dataset.step), value: answers.join(' · ') || 'Nothing' });
    /** @type {HTMLAnchorElement} */ (slot(line, 'change')).href = `#notice/${draft.id}/${index + 1}/change`;
    return line;
  });
  const check = put(copy('check'), { paper: [paper(context, draft.kind, body)], answers: rows });
  put(form, { check: [check] });
}

/**
 * What depends on other answers: which questions are asked, and what the officer should know of the offence.
 * @param {HTMLFormElement} form
 * @param {string} [changed] the answer that was changed just now: what no longer fits it is taken back. What
 *   was said before stays, also where it would not be asked today.
 */
function showFitting(form, changed) {
  const body = forms.read(form);
  for (const part of form.querySelectorAll('[data-asked-if]')) {
    const asked = /** @type {HTMLElement} */ (part);
    const { askedIf = '', answers = '' } = asked.dataset;
    const name = String(asked.querySelector('[data-field]')?.getAttribute('data-field'));
    const fits = answers.split(' ').some((answer) => [body[askedIf]].flat().map(String).includes(answer));
    if (!fits && changed === askedIf) forms.set(form, name, null);
    asked.hidden = !fits && (changed === askedIf || body[name] === undefined);
  }
  const { offence } = forms.read(form);
  const known = row('offences', offence);
  if (!slot(form, 'about-offence')) return;
  const power = known?.name_power && `Refusing name and address is an offence: ${known.name_power}.`;
  put(form, { 'about-offence': known ? [known.conditions, power].filter(Boolean).join(' ') : null });
}

/**
 * A caution that is ticked was given now, unless somebody says when.
 * @param {Context} context
 * @param {HTMLFormElement} form
 */
function sayWhen(context, form) {
  const { caution, caution_at } = forms.read(form);
  if (caution && caution !== 'not-given' && !caution_at) forms.set(form, 'caution_at', wholeMinute(context.now()));
}

/**
 * Points to prove, as requirements below: lines that are drawn, and kept in one field.
 * @param {HTMLFormElement} form
 */
function drawPoints(form) {
  if (!forms.group(form, 'points')) return;
  const { offence, points = {} } = forms.read(form);
  const asked = row('offences', offence)?.points ?? [];
  put(form, { points: asked.map((/** @type {{code: string, label: string}} */ one) => pointLine(form, one, offence, points[one.code])) });
}

/**
 * The articles of the order that was chosen.
 * @param {HTMLFormElement} form
 */
function drawArticles(form) {
  if (!forms.group(form, 'article')) return;
  const { pspo, article } = forms.read(form);
  const articles = row('orders', pspo)?.articles ?? [];
  if (!articles.some((/** @type {{code: string}} */ { code }) => code === article)) forms.set(form, 'article', null);
  put(form, { article: articles.map((/** @type {{code: string, label: string}} */ one) => articleLine(form, one, article)) });
}

/**
 * @param {HTMLFormElement} form
 * @param {{code: string, label: string}} one
 * @param {string} [chosen]
 */
function articleLine(form, { code, label }, chosen) {
  return choiceLine({ name: 'article-choice', value: code, label, checked: code === chosen }, () => forms.set(form, 'article', code));
}

/** @param {HTMLFormElement} form */
function drawRequirements(form) {
  if (!forms.group(form, 'requirements')) return;
  const { requirements = [] } = forms.read(form);
  const kept = requirements.length ? requirements : [{ kind: 'stop', what: '' }];
  put(form, { requirements: kept.map((/** @type {any} */ one) => requirementLine(form, one)) });
  doing(form, 'add-requirement').onclick = () => {
    slot(form, 'requirements').append(requirementLine(form, { kind: 'stop', what: '' }));
  };
}

/**
 * @param {HTMLFormElement} form
 * @param {{code: string, label: string}} point
 * @param {string} offence
 * @param {string} [answer]
 */
function pointLine(form, { code, label }, offence, answer = '') {
  const line = put(copy('point'), { label });
  const box = /** @type {HTMLInputElement} */ (slot(line, 'answer'));
  Object.assign(box, { id: `point-${code}`, value: answer });
  /** @type {HTMLLabelElement} */ (slot(line, 'label')).htmlFor = box.id;
  box.addEventListener('input', () => {
    forms.set(form, 'points', { ...forms.read(form).points, [code]: box.value });
  });
  offerAt(box, phrasesFor(`${offence}.${code}`));
  return line;
}

/**
 * @param {HTMLFormElement} form
 * @param {{kind: string, what: string}} one
 */
function requirementLine(form, one) {
  const line = copy('requirement');
  const [kind, what] = /** @type {HTMLInputElement[]} */ ([slot(line, 'kind'), slot(line, 'what')]);
  Object.assign(kind, { value: one.kind });
  Object.assign(what, { value: one.what });
  line.addEventListener('input', () => {
    const lines = [...slot(form, 'requirements').querySelectorAll('.requirement')];
    const said = lines.map((each) => ({
      kind: /** @type {HTMLInputElement} */ (slot(each, 'kind')).value,
      what: /** @type {HTMLInputElement} */ (slot(each, 'what')).value,
    }));
    forms.set(form, 'requirements', said.filter((each) => each.what.trim()));
  });
  return line;
}

/**
 * What is said when it is issued; then it is printed, and handed over.
 * @param {Context} context
 * @param {string} seal
 */
export async function issued(context, seal) {
  const page = context.pages.find((one) => one.seal === seal && one.kind in LETTERS);
  const record = page && context.records.get(page.record);
  if (!record) return null;
  const { service, served_at, number } = record.body;
  const [problem] = stateOf(page, context.receipts.get(seal)).problems;
  const screen = put(copy('issued'), {
    title: `Saved on this phone ${clock(page.written_at)}`,
    number: shown(number),
    paper: [paper(context, page.kind, bodyOf(page))],
    sending: [
      record.stands && `It is ${record.stands}: do not hand it over.`,
      problem && `Held, so do not hand it over: ${problem.message}`,
      service ? `${forms.wordsFor('issued', 'service', service)} ${day(served_at)} ${clock(served_at)}.` : 'Print it, then say how it was handed over.',
      record.amended && 'Amended since: its page says what changed.',
    ].filter(Boolean).join(' '),
  });
  await offerPrinting(screen, page.kind);
  const form = /** @type {HTMLFormElement} */ (screen.querySelector('form'));
  form.hidden = Boolean(service) || record.inError;
  slot(screen, 'print').hidden = record.inError;
  const draft = begun(context, 'served', page.record, () => page.record);
  forms.fill(form, { served_at: wholeMinute(context.now()), ...draft.body });
  const pen = new Pen(context, draft, screen, () => forms.read(form));
  pen.submits(form, ({ seal: saved }) => `#saved/${saved}`, { first: letThemSign(form, pen), known: { issued_at: record.body.issued_at } });
  return screen;
}
