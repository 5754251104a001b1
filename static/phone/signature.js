/** A signature on the screen: only of somebody who wants to sign. */

import { inkOn, thumbnail } from './camera.js';
import { doing, put, slot } from './dom.js';
import * as forms from './forms.js';
import { evidence } from './notebook.js';

/**
 * The answer keeps what is on the pad, done or not, and says whether that went well.
 * @param {HTMLFormElement} form
 * @param {import('./pen.js').Pen} pen
 */
export function letThemSign(form, pen) {
  const pad = /** @type {HTMLCanvasElement} */ (slot(form, 'pad'));
  const around = /** @type {HTMLDetailsElement} */ (pad.closest('details'));
  const { clear, taken } = inkOn(pad);
  const show = async () => {
    const [signed] = forms.read(form).signature ?? [];
    const kept = signed && (await evidence(signed.sha256));
    put(form, { signature: kept ? [thumbnail(kept)] : null });
    doing(form, 'sign-again').hidden = !kept;
    around.hidden = Boolean(kept);
  };
  const keep = () =>
    pen.then(async () => {
      const made = await taken();
      if (!made) return;
      await pen.enclose(form, 'signature', [], made);
      clear();
      await show();
    });
  doing(form, 'clear').onclick = clear;
  doing(form, 'signed').onclick = async () => {
    around.open = !(await keep());
  };
  doing(form, 'sign-again').onclick = async () => {
    forms.set(form, 'signature', null);
    await pen.keep();
    around.open = true;
    await show();
  };
  show();
  return keep;
}
