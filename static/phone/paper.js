/**
 * The notice on paper: the layout stands in templates/notices/, and here its words are put in; then it is
 * printed, or a copy of it shared.
 */

import { generate } from '../vendor/lean-qr-2.7.4.js';
import { copy, doing, put, slot } from './dom.js';
import { shown } from './books.js';
import * as forms from './forms.js';
import { clock, day, toLondon } from './london.js';
import { setState, state } from './notebook.js';
import { KINDS, pounds } from './page.js';
import { row } from './rules.js';
import { Trouble } from './troubles.js';

/**
 * A notice as it reads.
 * @param {Pick<Context, 'notebook'>} context
 * @param {string} kind
 * @param {Said} body
 */
export function paper(context, kind, body) {
  const sheet = put(copy(`paper-${kind}`), { ...common(context.notebook, kind, body), ...WORDS[kind](body) });
  const { link } = /** @type {HTMLElement | null} */ (sheet.querySelector('[data-link]'))?.dataset ?? {};
  return link ? put(sheet, payment(link, body.number)) : sheet;
}

/** @type {Record<string, (body: Said) => Record<string, string | Node[] | null>>} */
const WORDS = {
  fpn: ofPenalty,
  cpw: (body) => ofConduct('cpw', body),
  cpn: (body) => ({ ...ofConduct('cpn', body), ...ofNotice(body) }),
};

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
    issued: momentWords(body.issued_at),
    officer: officer_name,
  };
}

/** @param {Said} body */
function ofPenalty({ offence, points = {}, occurred_at, particulars, amount, discount, discount_until, pay_by, ...breached }) {
  const known = row('offences', offence);
  const answered = known.points.filter((/** @type {any} */ { code }) => points[code] && !tells(particulars, points[code]));
  return {
    plain: known.plain,
    created_by: known.created_by,
    power: known.power,
    maximum: known.maximum,
    occurred: momentWords(occurred_at),
    particulars: particulars ?? '…',
    points: answered.map((/** @type {any} */ { code, label }) => item(`${label} ${points[code]}`)),
    breach: breachWords(breached),
    amount: pounds(amount),
    discount: discount ? `${pounds(discount)} if paid by the end of ${dayWords(discount_until)}` : null,
    pay_by: dayWords(pay_by),
    period: periodWords(row('families', known.family.toLowerCase())),
  };
}

/**
 * Whether the particulars say an answer already: nothing stands twice on a paper.
 * @param {string | undefined} particulars
 * @param {string} answer
 */
const tells = (particulars, answer) => (particulars ?? '').includes(answer.trim().replace(/\.$/, ''));

/**
 * Which order, or which notice, and what of it.
 * @param {Said} body
 */
function breachWords({ pspo, article, breached, requirement }) {
  if (breached) return `Breached: Community Protection Notice ${shown(breached)}, requirement: ${requirement ?? '…'}`;
  const order = row('orders', pspo);
  const known = order?.articles.find((/** @type {{code: string}} */ { code }) => code === article);
  return order && `Breached: ${order.title}, made on ${dayWords(order.made)}, article: ${known?.label ?? article ?? '…'}`;
}

/** @param {{period_days: number, period_counting: string}} family */
const periodWords = ({ period_days, period_counting }) =>
  `${period_days} days ${period_counting === 'beginning' ? 'beginning with' : 'following'} the date of this notice`;

/**
 * @param {string} kind
 * @param {Said} body
 */
function ofConduct(kind, { conduct, since, effect, persistence, unreasonable, requirements = [], comply_by }) {
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

/** @param {Said} body */
function ofNotice({ warning_number, warned_on, warning_comply_by, appeal_by, ends_on }) {
  const number = warning_number ? ` ${shown(warning_number)}` : '';
  return {
    warning: `Community Protection Warning${number}, given on ${dayWords(warned_on)}, asked for the change by ${dayWords(warning_comply_by)}`,
    appeal_by: dayWords(appeal_by),
    ends_on: dayWords(ends_on),
    maximum: row('offences', 'cpn-breach').maximum,
  };
}

/**
 * Where it can be paid on line, as text and as a QR code.
 * @param {string} link as the settings have it
 * @param {string} [number]
 */
function payment(link, number) {
  const address = link.replaceAll('{number}', number ?? '…');
  return { payment_link: address, qr: number ? [qrCode(address)] : null };
}

/**
 * With the light modules around it without which no reader finds it.
 * @param {string} text
 */
function qrCode(text) {
  const { size, get } = generate(text);
  const dark = [...Array(size * size).keys()].filter((at) => get(at % size, Math.floor(at / size)));
  const path = dark.map((at) => `M${at % size} ${Math.floor(at / size)}h1v1h-1z`).join('');
  const svg = `<svg viewBox="-4 -4 ${size + 8} ${size + 8}" shape-rendering="crispEdges" role="img" aria-label="QR code of the same address"><path d="${path}"/></svg>`;
  const code = /** @type {SVGElement} */ (document.createRange().createContextualFragment(svg).firstChild);
  code.dataset.text = text;
  return code;
}

/** @param {string} text */
const item = (text) => Object.assign(document.createElement('li'), { textContent: text });

/** @param {string} [date] "2026-12-06", as "Sunday 6 December 2026" */
const dayWords = (date) => (date ? `${day(`${date}T12:00:00Z`)} ${date.slice(0, 4)}` : '…');

/** @param {string} [moment] as "Sunday 22 November 2026 at 14:10" */
const momentWords = (moment) => (moment ? `${dayWords(toLondon(moment).slice(0, 10))} at ${clock(moment)}` : '…');

/** How many letters a line of a roll has. */
const COLUMNS = /** @type {Record<string, number>} */ ({ '58mm': 32 });
const MOST_COLUMNS = 48;

/**
 * Makes the ways of printing work on a screen that shows a paper. What it is printed on is remembered on
 * this phone.
 * @param {HTMLElement} screen
 * @param {string} kind
 */
export async function offerPrinting(screen, kind) {
  const choices = /** @type {HTMLElement[]} */ ([...screen.querySelectorAll('[data-size]')]);
  const choose = (/** @type {string} */ size) => {
    screen.dataset.paper = size;
    for (const one of choices) one.ariaPressed = String(one.dataset.size === size);
  };
  choose((await state('paper')) ?? choices[0].dataset.size);
  for (const one of choices) {
    one.onclick = async () => {
      choose(String(one.dataset.size));
      await setState('paper', one.dataset.size);
    };
  }
  doing(screen, 'print').onclick = () => print();
  doing(screen, 'print-bluetooth').onclick = () => printByBluetooth(screen);
  if (kind !== 'cpn') offerCopy(screen);
}

/** @param {HTMLElement} screen */
async function printByBluetooth(screen) {
  const button = /** @type {HTMLButtonElement} */ (doing(screen, 'print-bluetooth'));
  const say = (/** @type {string} */ printed) => put(screen, { printed });
  button.disabled = true;
  say('Printing…');
  try {
    const { printOn } = await import('./printer.js');
    const name = await printOn(slot(screen, 'paper'), COLUMNS[screen.dataset.paper ?? ''] ?? MOST_COLUMNS);
    say(`Sent to ${name}. Check that all of it came out: it ends with who issued it.`);
  } catch (error) {
    if (!(error instanceof Trouble)) console.error(error);
    say(error instanceof Trouble ? error.message : `This did not print: ${error}. Tap Print instead.`);
  } finally {
    button.disabled = false;
  }
}

/**
 * A copy as a file, where the phone can share one. A notice that must be served in person is never offered.
 * @param {HTMLElement} screen
 */
function offerCopy(screen) {
  const title = slot(screen, 'number').textContent ?? '';
  const file = new File([copyOf(slot(screen, 'paper'), title)], `${title.replaceAll(' ', '')}.html`, { type: 'text/html' });
  slot(screen, 'sharing').hidden = !navigator.canShare?.({ files: [file] });
  // Whoever changes their mind ends it with an error, and nothing has gone wrong.
  doing(screen, 'share').onclick = () => navigator.share({ files: [file] }).catch(() => undefined);
}

/**
 * @param {HTMLElement} paper
 * @param {string} title
 */
function copyOf(paper, title) {
  const look = [...document.styleSheets].find(({ href }) => href?.endsWith('/paper.css'));
  const rules = [...(look?.cssRules ?? [])].map(({ cssText }) => cssText).join('\n');
  const head = `<!doctype html><html lang="en-GB"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Copy of ${title}</title>`;
  return `${head}<style>${rules}</style><p><strong>This is a copy. Sending it is not service.</strong></p>${paper.innerHTML}</html>`;
}
