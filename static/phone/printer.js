/**
 * The one door to Bluetooth: a thermal printer prints what stands on the paper, word for word. Loaded when
 * that is first wanted.
 */

import Encoder from '../vendor/receipt-printer-encoder-4.0.1.js';
import Library from '../vendor/webbluetooth-receipt-printer-2.1.0.js';
import { setState, state } from './notebook.js';
import { Trouble } from './troubles.js';

const NO_BLUETOOTH = 'This phone’s browser cannot reach Bluetooth printers; on an iPhone none can. Tap Print instead.';
const NO_PRINTER = 'No printer is connected: none was chosen, or it did not answer. Switch it on, hold it near and tap again.';

/**
 * It prints pictures only, or lacks a letter: a notice with a wrong word in it is none.
 * @param {string} name
 * @param {string} what
 */
const cannot = (name, what) => new Trouble(`${name} cannot print ${what}. Tap Print instead.`);

/**
 * Something of the notice may have come out, but not surely all.
 * @param {string} why
 */
const inPart = (why) => new Trouble(`${why} Throw away what came out, then tap again: it is the same notice.`);

const CONNECTING_MS = 4_000;
const SAYING_MS = 50;
const ANSWERING_MS = 700;
const PRINTING_MS = 60_000;

/** Where the two libraries disagree; a printer of which nothing is known has the oldest letters of all. */
const LETTERS = /** @type {Record<string, string | Record<string, number>>} */ ({
  zjiang: 'pos-5890',
  default: { cp437: 0 },
});

/** Typographers' characters, of which no printer has all. */
const PLAIN = /** @type {Record<string, string>} */ ({
  '‘': "'", '’': "'", '“': '"', '”': '"', '–': '-', '—': '-', '…': '...', '\u00a0': ' ',
});

/** @typedef {import('../vendor/webbluetooth-receipt-printer-2.1.0.js').Device} Device */

/** @type {{library: Library, device: Device, heard: (answer: number) => void} | null} */
let printer = null;
/** Whether something that was sent since the last print began did not arrive. */
let failed = false;

/**
 * Prints a notice.
 * @param {HTMLElement} paper
 * @param {number} columns letters to a line
 * @returns {Promise<string>} the name of the printer that took all of it
 * @throws {Trouble} no Bluetooth, no printer, no such letter, no paper, or no connection any more
 */
export async function printOn(paper, columns) {
  if (!(/** @type {any} */ (navigator).bluetooth)) throw new Trouble(NO_BLUETOOTH);
  failed = false;
  let out = printer && (await isOutOfPaper(printer));
  // One that fell asleep since the last notice is connected again.
  if (!printer || failed) {
    printer = await connect();
    failed = false;
    out = await isOutOfPaper(printer);
  }
  const { library, device } = printer;
  const bytes = encoded(paper, device, columns);
  if (out) throw inPart(`${device.name} is out of paper.`);
  const done = await Promise.race([library.print(bytes).then(() => true), after(PRINTING_MS)]);
  if (failed || !done) {
    printer = null;
    await library.disconnect();
    throw inPart(`The connection to ${device.name} was lost.`);
  }
  if (await isOutOfPaper(printer)) throw inPart(`${device.name} ran out of paper.`);
  return device.name;
}

/**
 * The printer of last time where the browser allows that, else one that the officer chooses.
 * @returns {Promise<NonNullable<typeof printer>>}
 */
async function connect() {
  noticeFailures();
  const known = await state('printer');
  // A printer that is switched off keeps the browser busy for longer than a tap lets it ask for another one.
  const again = known && (await Promise.race([opened((library) => library.reconnect(known)), after(CONNECTING_MS)]));
  const found = again ?? (await opened((library) => library.connect()));
  await setState('printer', found && { id: found.device.id });
  if (!found) throw new Trouble(NO_PRINTER);
  return found;
}

/**
 * @param {(library: Library) => Promise<void>} open
 * @returns {Promise<typeof printer>} null when no printer was opened; the library logs why
 */
async function opened(open) {
  const library = new Library();
  /** @type {Promise<Device>} */
  const connected = new Promise((resolve) => library.addEventListener('connected', resolve));
  // It says that it is connected a moment after it is done.
  const done = open(library).then(() => after(SAYING_MS), () => null);
  const device = await Promise.race([connected, done]);
  if (!device) return null;
  const found = { library, device, heard: (/** @type {number} */ _) => undefined };
  library.addEventListener('data', (answer) => found.heard(answer.getUint8(0)));
  await library.listen().catch(() => false);
  return found;
}

let watching = false;

/**
 * The library logs what could not be sent, and goes on with the rest: here it is noticed, and the rest is
 * not sent.
 */
function noticeFailures() {
  if (watching) return;
  watching = true;
  const { prototype } = /** @type {any} */ (globalThis).BluetoothRemoteGATTCharacteristic;
  for (const name of ['writeValueWithResponse', 'writeValueWithoutResponse']) {
    const write = prototype[name];
    prototype[name] = async function watched(/** @type {Uint8Array} */ bytes) {
      try {
        await write.call(this, bytes);
      } catch (error) {
        failed = true;
        await printer?.library.disconnect();
        throw error;
      }
    };
  }
}

/**
 * What an ESC/POS printer says of its paper when asked (DLE EOT 4). Many say nothing: then there is some.
 * @param {NonNullable<typeof printer>} asked
 */
async function isOutOfPaper(asked) {
  if (asked.device.language !== 'esc-pos') return false;
  const answer = new Promise((resolve) => Object.assign(asked, { heard: resolve }));
  await asked.library.print(Uint8Array.of(0x10, 0x04, 0x04));
  const said = (await Promise.race([answer, after(ANSWERING_MS)])) ?? 0;
  // Bits 1 and 4 are always set in an answer, 0 and 7 never; 5 and 6 say that the paper is out.
  return (said & 0x93) === 0x12 && (said & 0x60) !== 0;
}

/** @param {number} ms @returns {Promise<null>} */
const after = (ms) => new Promise((resolve) => setTimeout(resolve, ms, null));

/**
 * The paper as the printer is sent it: its headings, paragraphs, lists and QR code, in their order.
 * @param {HTMLElement} paper
 * @param {Device} device
 * @param {number} columns
 * @throws {Trouble}
 */
function encoded(paper, { name, language, codepageMapping }, columns) {
  if (language !== 'esc-pos' && language !== 'star-line') throw cannot(name, 'words, only pictures');
  const options = /** @type {const} */ ({ language, columns, codepageMapping: LETTERS[codepageMapping] ?? codepageMapping, feedBeforeCut: 4 });
  const fresh = () => new Encoder(options).initialize().codepage('auto');
  const blocks = [...paper.querySelectorAll('h2, h3, p, li, svg')].filter((one) => !one.closest('[hidden]'));
  const lacking = [...new Set(blocks.map((one) => plain(one.textContent ?? '')).join(''))].find(
    (letter) => letter > '~' && fresh().text(letter).encode().includes(INSTEAD),
  );
  if (lacking) throw cannot(name, `“${lacking}”`);
  const encoder = fresh();
  for (const block of blocks) (BLOCKS[block.localName] ?? BLOCKS.p)(encoder, block);
  return encoder.cut('partial').encode();
}

/** A question mark is sent for a letter that a printer lacks. */
const INSTEAD = 0x3f;

/** @type {Record<string, (encoder: Encoder, block: Element) => void>} */
const BLOCKS = {
  h2: (encoder, block) => large(encoder, block).newline(),
  h3: (encoder, block) => write(encoder.rule().bold(true), block).bold(false).newline(),
  p: (encoder, block) => (block.className === 'paper__figure' ? large : write)(encoder, block).newline(),
  li: (encoder, block) => write(encoder.text(mark(block)), block).newline(),
  svg: (encoder, block) => {
    const text = /** @type {SVGElement} */ (block).dataset.text ?? '';
    encoder.align('center').qrcode(text, { model: 2, size: 6, errorlevel: 'm' }).align('left');
  },
};

/**
 * @param {Encoder} encoder
 * @param {Element} block
 */
const large = (encoder, block) => write(encoder.bold(true).size(2, 2), block).size(1, 1).bold(false);

/** @param {Element} line of a list */
const mark = (line) =>
  line.parentElement?.localName === 'ol' ? `${[...line.parentElement.children].indexOf(line) + 1}. ` : '- ';

/**
 * @param {Encoder} encoder
 * @param {Node} node
 * @returns {Encoder}
 */
function write(encoder, node) {
  for (const one of node.childNodes) {
    if (one instanceof Text) encoder.text(plain(one.data));
    else if (/** @type {Element} */ (one).localName === 'strong') write(encoder.bold(true), one).bold(false);
    else write(encoder, one);
  }
  return encoder;
}

/** @param {string} text */
const plain = (text) => text.replace(/\s+/g, ' ').replace(/[‘’“”–—…\u00a0]/g, (one) => PLAIN[one]);
