/** Who is here: whose notebook may be shown, signing in and out, and the change of officer. */

import { copy, count, put, slot } from './dom.js';
import { currentNotebook, openNotebook, setState, use } from './notebook.js';
import * as sync from './sync.js';

/**
 * Who signed in last in this browser, as the server's cookie names them; null once signed out. It proves
 * nothing; it keeps one officer's notebook from being shown to the next before the server has answered.
 */
const signedIn = () => /(?:^|; )officer=([0-9a-f-]{36})/.exec(document.cookie)?.[1] ?? null;

/** The notebook that may be shown now: the current one, unless somebody else has signed in since, or it was withdrawn. */
export async function shownNotebook() {
  const current = await currentNotebook();
  const who = signedIn();
  return current && current.state !== 'withdrawn' && (!who || who === current.officer) ? current : null;
}

/** Leaves a notebook that was withdrawn, to be emptied when all of it is sent; whether it was. */
export async function leaveWithdrawn() {
  const withdrawn = (await currentNotebook())?.state === 'withdrawn';
  if (withdrawn) {
    await leave();
    sync.send({ by: 'hand' });
  }
  return withdrawn;
}

/**
 * Opens the notebook of the officer who is signed in; whether another is shown now than before.
 * @param {Date} now
 */
export async function enter(now) {
  const me = await sync.session();
  if (me === 'offline' || me === null || !me.roles.includes('officer')) return false;
  if (!signedIn()) {
    // Signed out on this phone while there was no signal.
    await sync.signOut();
    return false;
  }
  if (await leaveWithdrawn()) return true;
  const current = await currentNotebook();
  if (current?.officer === me.officer && current.state === 'open') return false;
  // Whom the last officer could look up is not for the next one.
  if (current?.officer !== me.officer) await setState('reference', null);
  const officer = { officer: me.officer, officer_name: me.name, username: me.username };
  await sync.register(await openNotebook(officer, now));
  await sync.fetchReference();
  return true;
}

/** Whether the server knows it too; without a signal it is told at the next start. */
export async function leave() {
  document.cookie = 'officer=; path=/; max-age=0; samesite=lax';
  await use(null);
  await setState('reference', null);
  return (await sync.signOut()) === 'signed-out';
}

/**
 * The screen while nobody's notebook is shown; what it says follows when the server has answered.
 * @param {Waiting[]} waiting
 */
export function signInScreen(waiting) {
  const left = waiting.reduce((sum, one) => sum + one.pages, 0);
  const screen = put(copy('sign-in'), {
    why: signedIn() ? 'Opening your notebook…' : 'Sign in once. After that Fieldbook works without a signal.',
    waiting: left ? `${count(left, 'page')} on this phone still to be sent. They go by themselves.` : null,
  });
  sync.session().then((me) => {
    if (me === 'offline') put(screen, { why: NO_SIGNAL });
    if (me && me !== 'offline' && !me.roles.includes('officer')) {
      const go = /** @type {HTMLAnchorElement} */ (slot(screen, 'go'));
      go.href = '/desk';
      put(screen, { why: 'You are signed in for the desk. Notebooks are for officers.', go: 'Open the desk' });
    }
  });
  return screen;
}

const NO_SIGNAL =
  'Nobody is signed in on this phone and there is no signal. Sign in once where there is one; after that ' +
  'Fieldbook works without.';
