/**
 * The wire, version 1: what a phone offers, in what portions, and what counts as an answer. Pure.
 */

const MOST_PAGES = 200;
// The server takes 2 MiB a post; the rest is room for the envelope.
const MOST_BYTES = 1.5 * 1024 * 1024;

const STATES = ['accepted', 'held', 'known', 'forked'];

/**
 * The pages to offer: all of them when the epoch is new, or when the server's last seal is not ours at
 * that number and this tail was not offered in this epoch; otherwise what it lacks, and from the first
 * page whose receipt was lost on the way. Pages known to be forked are not offered again.
 * @param {Notebook} notebook
 * @param {Page[]} pages in order
 * @param {Receipt[]} receipts
 * @param {Standing} at
 */
export function toOffer(notebook, pages, receipts, at) {
  const { epoch, offered } = notebook;
  const wasOffered = offered?.epoch === at.epoch && offered.tail === pages.at(-1)?.seal;
  const disagree = ownSeal(notebook, pages, at.received_through) !== at.last_seal;
  if (epoch !== at.epoch || (disagree && !wasOffered)) return { everything: true, pages };
  const states = new Map(receipts.map((receipt) => [receipt.page, receipt.state]));
  const first = pages.findIndex(({ page }) => {
    const state = states.get(page);
    return !state || (page > at.received_through && state !== 'forked');
  });
  return { everything: false, pages: first < 0 ? [] : pages.slice(first) };
}

/**
 * @param {Notebook} notebook
 * @param {Page[]} pages
 * @param {number} number
 */
function ownSeal({ id, oldest, tail_before }, pages, number) {
  if (number === 0) return id;
  if (number === oldest - 1) return tail_before;
  return pages.find(({ page }) => page === number)?.seal;
}

/**
 * The first portion of these pages: at most `most`, and no more bytes than a post may have, but one page
 * at least.
 * @param {Page[]} pages
 * @param {number} [most]
 */
export function firstPortion(pages, most = MOST_PAGES) {
  const encoder = new TextEncoder();
  let bytes = 0;
  let count = 0;
  for (const page of pages.slice(0, Math.min(most, MOST_PAGES))) {
    bytes += encoder.encode(JSON.stringify(onTheWire(page))).length + 1;
    if (count > 0 && bytes > MOST_BYTES) break;
    count += 1;
  }
  return pages.slice(0, count);
}

/** @param {Page} page */
export function onTheWire({ page, kind, record, written_at, previous, seal, body }) {
  return { page, kind, record, written_at, previous, seal, body };
}

/**
 * Whether this JSON says where the server stands.
 * @param {any} body
 * @returns {body is Standing}
 */
export function isPlace(body) {
  const texts = ['epoch', 'notebook_state', 'last_seal', 'server_time'];
  const numbers = ['received_through', 'backed_up_through'];
  return (
    texts.every((name) => typeof body?.[name] === 'string') &&
    numbers.every((name) => Number.isSafeInteger(body[name])) &&
    !Number.isNaN(Date.parse(body.server_time))
  );
}

/**
 * Whether this JSON is a receipt for exactly these pages: each named with its seal and a state we know.
 * @param {any} body
 * @param {Page[]} sent
 * @returns {body is Answer}
 */
export function isReceipt(body, sent) {
  if (!isPlace(body)) return false;
  const results = /** @type {any} */ (body).results;
  if (!Array.isArray(results) || results.length !== sent.length) return false;
  const known = results.filter((one) => STATES.includes(one?.state) && Array.isArray(one.problems));
  return sent.every(({ page, seal }) => known.some((one) => one.page === page && one.seal === seal));
}
