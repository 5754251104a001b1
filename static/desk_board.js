/**
 * The board refreshes itself; here it is kept from being a nuisance. Nothing is swapped under a keyboard's
 * focus, and what is read aloud is only that more or fewer officers are silent.
 */

/** @param {ParentNode} from */
const silentIn = (from) => Number(from.querySelector('[data-silent]')?.getAttribute('data-silent'));

let silent = silentIn(document);

/** @param {number} number */
function say(number) {
  if (number === silent) return;
  silent = number;
  const said = document.getElementById('said');
  if (said) said.textContent = `${number} ${number === 1 ? 'officer is' : 'officers are'} silent`;
}

document.addEventListener('htmx:beforeSwap', (event) => {
  const { detail } = /** @type {CustomEvent} */ (event);
  if (detail.target.id !== 'now' || detail.xhr.status !== 200) return;
  say(silentIn(new DOMParser().parseFromString(detail.xhr.responseText, 'text/html')));
  if (detail.target.contains(document.activeElement)) detail.shouldSwap = false;
});
