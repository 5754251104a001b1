/** Choosing a place of the register in a form: the nearest ones at once, the others by typing. */

import { copy, doing, put, slot } from './dom.js';
import * as forms from './forms.js';
import { distance, find, nearest, position } from './place.js';
import { wardAt } from './wards.js';

const NEAREST = 3;
const MOST = 5;

/** @param {Place} place what a form says of it */
export const at = ({ id, name, ward }) => ({ place: id, place_name: name, ward });

/**
 * @param {Context} context
 * @param {HTMLFormElement} form
 * @param {() => void} [changed] called now and after each change
 */
export function choosePlace(context, form, changed = () => {}) {
  const set = (/** @type {Record<string, string>} */ values) => {
    for (const [name, value] of Object.entries(values)) forms.set(form, name, value);
    show();
    form.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const show = () => {
    const { place, place_name = 'Place' } = forms.read(form);
    put(form, { 'chosen-name': place_name });
    slot(form, 'chosen').hidden = !place;
    slot(form, 'choose').hidden = Boolean(place);
    changed();
  };
  const search = /** @type {HTMLInputElement} */ (doing(form, 'find'));
  search.oninput = () => {
    const lines = found(context, search.value).map(({ place, more }) => {
      const line = put(copy('place'), { name: place.name, more });
      line.querySelector('button')?.addEventListener('click', () => set(at(place)));
      return line;
    });
    slot(form, 'found').replaceChildren(...lines);
  };
  search.oninput(new InputEvent('input'));
  doing(form, 'change-place').onclick = () => {
    const ward = wardAt(context.reference.boundaries, forms.read(form));
    set({ place: '', place_name: '', ...(ward && { ward }) });
  };
  show();
}

/**
 * @param {Context} context
 * @param {string} typed
 * @returns {{place: Place, more: string}[]}
 */
function found({ reference, now }, typed) {
  if (typed.trim()) return find(reference.places, typed, MOST).map((place) => ({ place, more: place.address ?? '' }));
  const here = position(now());
  return here ? nearest(reference.places, here, NEAREST).map(({ place, metres }) => ({ place, more: distance(metres) })) : [];
}
