/** This phone: what it needs to keep a notebook well, and what to do about each. */

import { copy, doing, put, summaryRow } from './dom.js';
import { clock } from './london.js';
import { position } from './place.js';

/** A clock that is further off than this is said to the officer. */
const OFF_MS = 120_000;

/** @param {Context} context */
export async function health(context) {
  const screen = copy('health');
  put(screen, { facts: await facts(context) });
  doing(screen, 'persist').onclick = async () => {
    await navigator.storage.persist();
    put(screen, { facts: await facts(context) });
  };
  doing(screen, 'sign-out').onclick = () => context.signOut();
  return screen;
}

/** @param {Context} context */
async function facts({ notebook, now, version, clock: measured }) {
  const kept = await navigator.storage.persisted();
  const { usage = 0 } = await navigator.storage.estimate();
  const here = position(now());
  return [
    summaryRow('Officer', notebook.officer_name),
    summaryRow('Notebook', notebook.id.slice(0, 8)),
    summaryRow('Stored', kept ? 'Kept by the browser' : 'The browser may clear it when room is short. Install Fieldbook, then ask below.'),
    summaryRow('Room used', `${(usage / 1_000_000).toFixed(1)} MB`),
    summaryRow('Position', here ? `Known to ${here.accuracy_m} m` : 'Not known. Allow location for this site in the browser’s settings.'),
    summaryRow('Clock', clockWords(measured, now()) ?? 'Right'),
    summaryRow('Installed', matchMedia('(display-mode: standalone)').matches ? 'On the home screen' : 'In a browser tab'),
    summaryRow('Version', version),
  ];
}

/**
 * What is wrong with the phone's clock, and what to do; null when it is right or was not compared yet.
 * @param {{offset_ms: number} | null} measured what must be added to the phone's time
 * @param {Date} now
 */
export function clockWords(measured, now) {
  if (!measured || Math.abs(measured.offset_ms) <= OFF_MS) return null;
  const minutes = Math.round(Math.abs(measured.offset_ms) / 60_000);
  const far = minutes >= 120 ? `${Math.round(minutes / 60)} hours` : `${minutes} minutes`;
  const which = measured.offset_ms > 0 ? 'slow' : 'fast';
  return (
    `The clock is ${far} ${which}: it says ${clock(now.toISOString())}. Set it right in the phone’s settings. ` +
    'What you write keeps the phone’s time; the office sees both.'
  );
}
