/** Answers that officers give often, put in with one tap below their question, and free to be changed. */

import { copy } from './dom.js';
import * as forms from './forms.js';
import { phrasesFor } from './rules.js';

/**
 * Below every question of a form that has such answers.
 * @param {HTMLFormElement} form
 */
export function offerPhrases(form) {
  for (const { name } of forms.fieldsOf(String(form.dataset.kind))) {
    const box = forms.group(form, name)?.querySelector('input, textarea');
    if (box) offerAt(/** @type {HTMLInputElement} */ (box), phrasesFor(name));
  }
  const told = forms.group(form, 'particulars')?.querySelector('textarea');
  if (told && forms.group(form, 'points')) {
    told.before(phrase('From the answers above', () => say(told, sentences(forms.read(form).points ?? {}))));
  }
}

/**
 * @param {HTMLInputElement | HTMLTextAreaElement} box
 * @param {string[]} words
 */
export function offerAt(box, words) {
  if (!words.length) return;
  const list = copy('phrases');
  list.append(...words.map((one) => phrase(one, () => say(box, one))));
  box.after(list);
}

/**
 * @param {string} words
 * @param {() => void} use
 */
function phrase(words, use) {
  const button = /** @type {HTMLButtonElement} */ (copy('phrase'));
  button.textContent = words;
  button.onclick = use;
  return button;
}

/**
 * After what stands there already, if anything does.
 * @param {HTMLInputElement | HTMLTextAreaElement} box
 * @param {string} words
 */
function say(box, words) {
  const before = box.value.trim();
  box.value = before ? `${before.replace(/[.;]$/, '')}; ${words}` : words;
  box.dispatchEvent(new Event('input', { bubbles: true }));
}

/** @param {Record<string, string>} points */
const sentences = (points) => Object.values(points).filter(Boolean).map((one) => `${one.trim().replace(/\.$/, '')}.`).join(' ');
