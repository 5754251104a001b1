/**
 * Telling our server's answers from everything else that may come back, and what else may come. Pure.
 */

/** @typedef {{status: number, headers: Headers, json: any}} Reply json is null when it is not ours */

/** Nobody answered, or somebody who is not our server: a login page, a redirect, a proxy. */
export class NoAnswer extends Error {}

/** The officer has something to do first. */
export class Wanted extends Error {
  /** @param {'sign-in' | 'update'} what */
  constructor(what) {
    super(what);
    this.what = what;
  }
}

/** The server asks to be left alone for `ms`. */
export class TooSoon extends Error {
  /** @param {number} ms */
  constructor(ms) {
    super();
    this.ms = ms;
  }
}

/** The server answered and did not take it; the message is for the officer. */
export class Refused extends Error {}

/**
 * The answer's JSON object; null when this is not our server speaking.
 * @param {Response} response
 * @returns {Promise<any>}
 */
export async function ownJson(response) {
  const type = response.headers.get('Content-Type') ?? '';
  if (response.redirected || !/^application\/json(;|$)/i.test(type)) return null;
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

const LONGEST_SILENCE_MS = 3_600_000;

/**
 * Seconds or a date. No answer silences a phone for longer than an hour.
 * @param {Headers} headers
 * @param {Date} now
 * @returns {number} milliseconds
 */
export function retryAfter(headers, now) {
  const text = headers.get('Retry-After') ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
  return Math.min(Math.max(ms || 5_000, 1_000), LONGEST_SILENCE_MS);
}
