/** No notice: what came of it instead, filled from the notice that was begun. The form names nobody. */

import { copy, slot } from './dom.js';
import { plain } from './earlier.js';
import * as forms from './forms.js';
import { showAbout, showPhotos, takePhotos, wholeMinute } from './patrol.js';
import { Pen } from './pen.js';
import { changesBetween, mergePatch } from './records.js';

/**
 * What it says otherwise than the notice is kept beside the notice, in its draft: leaving changes neither.
 * Photos are of both.
 * @param {Context} context
 * @param {string} about the notice's draft, and the step that was left
 */
export async function noNotice(context, about) {
  const draft = context.drafts.find(({ id }) => id === about.split('/')[0]);
  if (!draft) return null;
  const screen = copy('not-issued');
  const form = /** @type {HTMLFormElement} */ (screen.querySelector('form'));
  /** @type {HTMLAnchorElement} */ (slot(screen, 'back')).href = `#notice/${about}`;
  const { body } = draft;
  forms.fill(form, { occurred_at: wholeMinute(new Date(draft.began_at)), particulars: body.conduct, ...body });
  const carried = forms.read(form);
  const before = mergePatch(carried, body.not_issued ?? {});
  forms.fill(form, before);
  await showPhotos(form);
  const pen = new Pen(context, draft, screen, () => {
    const said = forms.read(form);
    const { photos } = said;
    return { ...body, photos, not_issued: changesBetween({ ...carried, photos }, said) };
  });
  takePhotos(form, pen);
  form.addEventListener('change', () => showAbout(form));
  showAbout(form);
  slot(form, 'about').toggleAttribute('open', !(before.ward && (before.place || before.address)));
  form.onsubmit = async (event) => {
    event.preventDefault();
    await pen.last;
    const problems = [...forms.check(form, context.now()), ...named(form, body)];
    forms.show(form, problems);
    if (!problems.length) pen.write(forms.read(form), (page) => `#saved/${page.seal}`, { kind: 'not-issued' });
  };
  return screen;
}

/**
 * What names the person of the notice that was begun: this record is to name nobody.
 * @param {HTMLFormElement} form
 * @param {Said} notice
 * @returns {Problem[]}
 */
function named(form, { recipient_name = '' }) {
  const name = plain(recipient_name).trim();
  const said = Object.entries(forms.read(form)).filter(([, value]) => name && typeof value === 'string' && plain(value).includes(name));
  return said.map(([field]) => ({ field, message: `Nobody is named here: take “${recipient_name.trim()}” out`, rule: 'named' }));
}
