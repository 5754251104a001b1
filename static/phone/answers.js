/**
 * Telling our server's answers from everything else that may come back, and what else may come. Pure.
 */

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

/** The server asks to be left alone for `ms`: an hour at most, whatever it says. */
export class TooSoon extends Error {
  /** @param {Headers} headers */
  constructor(headers) {
    super();
    const seconds = Number(headers.get('Retry-After')) || 5;
    this.ms = Math.min(Math.max(seconds, 1), 3_600) * 1_000;
  }
}

/** The server answered and did not take it; the message is for the officer. */
export class Refused extends Error {
  /**
   * @param {string} what
   * @param {Reply} reply
   */
  constructor(what, { status, json }) {
    const reason = typeof json?.message === 'string' ? json.message : `Error ${status}.`;
    super(`The central file did not take ${what}. ${reason} It is kept on this phone. Tell your team leader.`);
  }
}

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
