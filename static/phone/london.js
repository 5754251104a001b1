/**
 * London's clock and UTC. Bodies and pages hold UTC text ("2026-11-22T14:10:00.000Z"); officers read
 * and type London time. Pure. Text that is no moment gives '' (null from `fromLondon`).
 */

const HOUR = 3_600_000;

const NUMBERS = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

const WORDS = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  weekday: 'long',
  day: 'numeric',
  month: 'long',
});

/**
 * @param {Intl.DateTimeFormat} format
 * @param {string} utc
 * @returns {Record<string, string> | null}
 */
function parts(format, utc) {
  const moment = Date.parse(utc);
  if (Number.isNaN(moment)) return null;
  return Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
}

/**
 * As a datetime-local field shows it: "2026-11-22T14:10".
 * @param {string} utc
 */
export function toLondon(utc) {
  const at = parts(NUMBERS, utc);
  return at ? `${at.year.padStart(4, '0')}-${at.month}-${at.day}T${at.hour}:${at.minute}` : '';
}

/**
 * The moment that a datetime-local field means. `keep`, the moment shown before, stands while the text
 * still shows it: its seconds, and which of the two hours it was when the clocks went back. Otherwise an
 * hour that came twice is the first, and one that the spring change left out is an hour later.
 * @param {string} local "2026-11-22T14:10", with or without seconds
 * @param {string} [keep] UTC text
 * @returns {string | null}
 */
export function fromLondon(local, keep) {
  const minute = local.slice(0, 16);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.test(local)) return null;
  if (keep && toLondon(keep) === minute) return keep;
  const winter = Date.parse(`${local}Z`);
  // Chromium reads 30 February as 2 March.
  if (Number.isNaN(winter) || new Date(winter).toISOString().slice(0, 16) !== minute) return null;
  const summer = new Date(winter - HOUR).toISOString();
  return toLondon(summer) === minute ? summer : new Date(winter).toISOString();
}

/**
 * "14:10"
 * @param {string} utc
 */
export function clock(utc) {
  return toLondon(utc).slice(11);
}

/**
 * "Sunday 22 November": put together here, because engines differ about a comma.
 * @param {string} utc
 */
export function day(utc) {
  const at = parts(WORDS, utc);
  return at ? `${at.weekday} ${at.day} ${at.month}` : '';
}
