/** Choosing an offence out of a long list: what was chosen lately on top, the others found by typing. */

import { doing, slot } from './dom.js';
import * as forms from './forms.js';
import { toLondon } from './london.js';
import { documentFor } from './powers.js';
import { powerOf } from './rules.js';

const LATELY = 3;

/**
 * @param {Context} context
 * @param {HTMLFormElement} form
 */
export function drawOffences({ records, reference, now }, form) {
  const list = /** @type {HTMLDetailsElement} */ (slot(form, 'offences'));
  if (!list) return;
  const items = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('.govuk-radios__item')]);
  const today = toLondon(now().toISOString()).slice(0, 10);
  for (const item of items) {
    if (!documentFor(reference, powerOf('fpn', boxOf(item).value), today)) boxOf(item).toggleAttribute('data-ended', true);
  }
  const offences = [...records.values()].filter(({ kind }) => kind === 'fpn').map(({ body }) => body.offence);
  const lately = [...new Set(offences.reverse())].slice(0, LATELY);
  const moved = lately.flatMap((code) => items.filter((item) => boxOf(item).value === code));
  slot(list, 'lately').querySelector('.chips')?.prepend(...moved);
  const search = /** @type {HTMLInputElement} */ (doing(list, 'search'));
  search.oninput = () => find(list, items, search.value);
  search.onkeydown = (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const found = items.filter(isOffered);
    if (found.length === 1) boxOf(found[0]).click();
  };
  // Arrow keys choose too, and go on from there; a thumb is done.
  list.onclick = ({ target, detail }) => {
    if (detail && target instanceof HTMLInputElement && target.type === 'radio') list.open = false;
  };
  list.open = !forms.read(form).offence;
  find(list, items, '');
}

/** @param {HTMLElement} item */
const boxOf = (item) => /** @type {HTMLInputElement} */ (item.querySelector('input'));

/** @param {HTMLElement} item */
const isOffered = (item) => !item.hidden && !('ended' in boxOf(item).dataset);

/**
 * @param {HTMLElement} list
 * @param {HTMLElement[]} items
 * @param {string} typed
 */
function find(list, items, typed) {
  const words = typed.toLowerCase().split(/\s+/);
  for (const item of items) item.hidden = !boxOf(item).checked && !words.every((word) => item.dataset.words?.includes(word));
  for (const group of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('section'))) {
    group.hidden = !items.some((item) => group.contains(item) && isOffered(item));
  }
  slot(list, 'none-found').hidden = items.some(isOffered);
}
