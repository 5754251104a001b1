/** The page's templates: taking a copy, and putting words into its slots. */

/**
 * A copy of a template's one element.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function copy(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
}

/**
 * @param {ParentNode} root
 * @param {string} name
 * @returns {HTMLElement}
 */
export function slot(root, name) {
  return /** @type {HTMLElement} */ (root.querySelector(`[data-slot="${name}"]`));
}

/**
 * Fills slots with text, or with elements; null hides the slot.
 * @template {ParentNode} T
 * @param {T} root
 * @param {Record<string, string | Node[] | null>} words
 * @returns {T}
 */
export function put(root, words) {
  for (const [name, value] of Object.entries(words)) {
    const place = slot(root, name);
    place.hidden = value === null;
    if (value !== null) place.replaceChildren(...(typeof value === 'string' ? [value] : value));
  }
  return root;
}

/**
 * The elements that do something when used: `data-do="save"`.
 * @param {ParentNode} root
 * @param {string} name
 * @returns {HTMLElement}
 */
export function doing(root, name) {
  return /** @type {HTMLElement} */ (root.querySelector(`[data-do="${name}"]`));
}

/**
 * One row of a summary list.
 * @param {string} key
 * @param {string} value
 */
export function summaryRow(key, value) {
  return put(copy('summary-row'), { key, value });
}

/** @param {string} text */
export const bullet = (text) => Object.assign(document.createElement('li'), { textContent: text });

/**
 * "1 page", "3 pages"
 * @param {number} count
 * @param {string} one
 */
export function count(count, one) {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/**
 * One of several choices that are drawn here, and not with the form.
 * @param {{name: string, value: string, label: string, checked: boolean}} choice
 * @param {() => void} chosen
 */
export function choiceLine({ label, ...choice }, chosen) {
  const line = put(copy('choice-line'), { label });
  const box = /** @type {HTMLInputElement} */ (line.querySelector('input'));
  Object.assign(box, choice, { id: `${choice.name}-${choice.value}` });
  /** @type {HTMLLabelElement} */ (slot(line, 'label')).htmlFor = box.id;
  box.addEventListener('input', chosen);
  return line;
}
