/** Text that is not saved yet is not left without a word. */

const text = /** @type {HTMLTextAreaElement} */ (document.getElementById('statement'));
const refused = text.classList.contains('govuk-textarea--error');
let sending = false;

text.form?.addEventListener('submit', () => {
  sending = true;
});

addEventListener('beforeunload', (event) => {
  if (!sending && (refused || text.value !== text.defaultValue)) event.preventDefault();
});
