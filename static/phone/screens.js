/**
 * The screens that Home does without stand in a second document, with the law: reading them takes a slow
 * phone longer than drawing Home. It is brought in when one of them is first wanted.
 */

import { fetchDocument } from './sync.js';
import { NotHere } from './troubles.js';

/** @type {Promise<void> | null} */
let bringing = null;

/** @throws {NotHere} */
export function bringScreens() {
  bringing ??= bring().catch((error) => {
    bringing = null;
    throw error;
  });
  return bringing;
}

async function bring() {
  const found = await fetchDocument('/screens').catch((cause) => {
    throw new NotHere(cause);
  });
  // The login page of a station's Wi-Fi, or a server that is a version ahead of this page.
  if (versionOf(found) !== versionOf(document)) throw new NotHere();
  document.body.append(...found.querySelectorAll('template'));
}

/** @param {Document} document */
const versionOf = (document) => document.querySelector('meta[name=version]')?.getAttribute('content');

/** What draws notices, once there is the law that it reads. */
export async function notices() {
  await bringScreens();
  return import('./notice.js');
}
