/** Today: the pages of the shift, newest first, and how far each has come. */

import { copy, count, doing, put, slot } from './dom.js';
import { clock } from './london.js';
import { pagesOfShift, stateOf } from './records.js';
import { whatOf } from './saved.js';
import { send } from './sync.js';

/** @param {Context} context */
export async function today(context) {
  const screen = copy('today');
  const pages = pagesOfShift(context.pages, context.shift, context.now());
  put(screen, {
    status: context.status,
    trouble: context.sent.waiting.find(({ officer, trouble }) => trouble && officer === context.notebook.officer)?.trouble ?? null,
    others: others(context),
    pages: pages.map((page) => line(context, page)),
  });
  slot(screen, 'empty').hidden = pages.length > 0;
  const button = /** @type {HTMLButtonElement} */ (doing(screen, 'send'));
  button.onclick = async () => {
    button.disabled = true;
    button.textContent = 'Sending…';
    await send({ by: 'hand' });
    button.textContent = 'Send now';
    button.disabled = false;
  };
  return screen;
}

/**
 * What other officers left on this phone: how many pages, never what they say.
 * @param {Context} context
 */
function others({ notebook, sent }) {
  const theirs = sent.waiting.filter(({ officer }) => officer !== notebook.officer);
  const pages = theirs.reduce((sum, one) => sum + one.pages, 0);
  if (!pages) return null;
  return `${count(pages, 'page')} of another officer still to be sent from this phone. They go by themselves.`;
}

/**
 * @param {Context} context
 * @param {Page} page
 */
function line(context, page) {
  const item = put(copy('today-page'), {
    time: clock(page.written_at),
    what: whatOf(context, page),
    state: stateWords(context, page),
  });
  const link = /** @type {HTMLAnchorElement} */ (item.querySelector('a'));
  link.href = `#page/${page.seal}`;
  link.dataset.state = stateOf(page, context.receipts.get(page.seal)).word;
  return item;
}

/**
 * "waiting", "received 14:02", "held: why", with what was done to the record since.
 * @param {Context} context
 * @param {Page} page
 */
export function stateWords(context, page) {
  const { word, problems, at } = stateOf(page, context.receipts.get(page.seal));
  const record = context.records.get(page.record);
  const later = record?.first === page && (record.stands ?? (record.inError ? 'entered in error' : record.amended && 'amended'));
  const words = {
    waiting: 'waiting',
    received: `received ${at ? clock(at) : ''}`,
    held: `held: ${problems[0]?.message ?? ''}`,
    forked: 'kept twice: another page has this number',
  };
  return [words[word], later].filter(Boolean).join(' · ');
}
