/**
 * Forms and bodies. The only file that reads form elements.
 *
 * Every field's constraints, sentences and type stand in the page, rendered from its declaration
 * (field_app/fields.py); what this file adds is the same reading of a value that the server has.
 * A value that is absent, null, false, "" or [] is not given, nor is text of white space alone.
 */

import { isSound } from './books.js';
import { copy, put, slot } from './dom.js';
import { fromLondon, toLondon } from './london.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const MOMENT =
  /^(19|20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?Z$/;

/** @param {any} text */
function isMoment(text) {
  if (typeof text !== 'string' || !MOMENT.test(text)) return false;
  // Chromium reads 30 February as 2 March.
  const moment = new Date(text);
  return !Number.isNaN(+moment) && moment.toISOString().slice(0, 10) === text.slice(0, 10);
}

/** @param {any} value */
function isPhoto(value) {
  return value && SHA256.test(String(value.sha256)) && isMoment(value.taken_at);
}

/** @param {any} value */
const isAnswer = (value) => typeof value === 'string' && [...value].length <= 500;

/** @param {any} value */
const isObject = (value) => typeof value === 'object' && !Array.isArray(value);

/** @param {any} one */
const isRequirement = (one) =>
  one && ['stop', 'do', 'achieve'].includes(one.kind) && isAnswer(one.what) && one.what.trim() !== '';

/** @param {HTMLElement} group */
const control = (group) =>
  /** @type {Control} */ (group.querySelector('input, textarea, select'));

/** @param {HTMLElement} group */
const boxes = (group) =>
  /** @type {HTMLInputElement[]} */ ([...group.querySelectorAll('input[type=radio], input[type=checkbox]')]);

/** @type {FieldType} */
const text = {
  fill: (group, value) => {
    control(group).value = typeof value === 'string' ? value : '';
  },
  read: (group) => (control(group).value.trim() === '' ? undefined : control(group).value),
  wrong: (group, value) => {
    const { maxLength } = /** @type {HTMLInputElement} */ (control(group));
    // Characters, as the server counts them: the attribute counts UTF-16 units, and only while typing.
    if (maxLength >= 0 && [...value].length > maxLength) return 'length';
    return control(group).validity.patternMismatch ? 'pattern' : null;
  },
};

/** @type {FieldType} */
const number = {
  fill: (group, value) => {
    control(group).value = typeof value === 'number' ? String(value) : '';
  },
  read: (group) => (control(group).value === '' ? undefined : Number(control(group).value)),
  wrong: (group) => {
    const { rangeUnderflow, rangeOverflow, valid } = control(group).validity;
    return rangeUnderflow || rangeOverflow ? 'range' : valid ? null : 'type';
  },
};

/** @type {FieldType} */
const moment = {
  fill: (group, value) => {
    const sound = isMoment(value);
    control(group).value = sound ? toLondon(value) : '';
    control(group).dataset.moment = sound ? value : '';
  },
  read: (group) => {
    const { value, dataset } = control(group);
    return value === '' ? undefined : (fromLondon(value, dataset.moment) ?? value);
  },
  wrong: (_group, value) => (isMoment(value) ? null : 'type'),
};

/** @type {FieldType} */
const choice = {
  fill: (group, value) => {
    const select = group.querySelector('select');
    if (select) select.value = typeof value === 'string' ? value : '';
    for (const box of boxes(group)) box.checked = box.value === value;
  },
  read: (group) => {
    const chosen = group.querySelector('select')?.value ?? boxes(group).find((box) => box.checked)?.value;
    return chosen === '' ? undefined : chosen;
  },
  wrong: () => null,
};

/** @type {FieldType} */
const choices = {
  fill: (group, value) => {
    const wanted = Array.isArray(value) ? value : [];
    for (const box of boxes(group)) box.checked = wanted.includes(box.value);
  },
  read: (group) => boxes(group).filter((box) => box.checked).map((box) => box.value),
  wrong: () => null,
};

/** @type {Record<string, FieldType>} */
const TYPES = {
  text,
  notes: text,
  reference: text,
  seal: text,
  number,
  moment,
  choice,
  choices,
  'yes-no': {
    fill: (group, value) => {
      boxes(group)[0].checked = value === true;
    },
    read: (group) => boxes(group)[0].checked,
    wrong: () => null,
  },
  colleagues: {
    fill: (group, value) => {
      for (const id of Array.isArray(value) ? value : []) addBox(group, String(id), 'Colleague no longer listed');
      choices.fill(group, value);
    },
    read: choices.read,
    wrong: (_group, value) => (value.every((/** @type {string} */ id) => UUID.test(id)) ? null : 'type'),
  },
  photos: kept((value) => Array.isArray(value) && value.every(isPhoto)),
  signature: kept((value) => Array.isArray(value) && value.length < 2 && value.every(isPhoto)),
  references: kept((value) => Array.isArray(value) && new Set(value).size === value.length && value.every((one) => UUID.test(one))),
  changes: kept(isObject),
  points: kept((value) => isObject(value) && Object.values(value).every(isAnswer)),
  requirements: kept((value) => Array.isArray(value) && value.every(isRequirement)),
  day: { ...text, wrong: (_group, value) => (isMoment(`${value}T00:00:00Z`) ? null : 'type') },
  'notice-number': {
    ...text,
    read: (group) => text.read(group)?.replace(/[\s-]/g, '').toUpperCase(),
    wrong: (group, value) => text.wrong(group, value) ?? (isSound(value) ? null : 'check'),
  },
};

/**
 * A value that no element of the form can hold, kept beside it.
 * @param {(value: any) => boolean} sound
 * @returns {FieldType}
 */
function kept(sound) {
  return {
    fill: (group, value) => {
      group.dataset.value = JSON.stringify(value ?? null);
    },
    read: (group) => JSON.parse(group.dataset.value ?? 'null'),
    wrong: (_group, value) => (sound(value) ? null : 'type'),
  };
}

/**
 * Adds a tick box for a value, unless there is one.
 * @param {HTMLElement} group
 * @param {string} value
 * @param {string} label
 */
export function addBox(group, value, label) {
  if (boxes(group).some((box) => box.value === value)) return;
  const id = `${group.id}-${boxes(group).length + 1}`;
  const item = document.createElement('div');
  item.className = 'govuk-checkboxes__item';
  const box = Object.assign(document.createElement('input'), { type: 'checkbox', id, value });
  box.className = 'govuk-checkboxes__input';
  const words = Object.assign(document.createElement('label'), { htmlFor: id, textContent: label });
  words.className = 'govuk-label govuk-checkboxes__label';
  item.append(box, words);
  group.querySelector('[data-slot]')?.append(item);
}

/** @param {any} value */
function given(value) {
  if (value === null || value === false || value === '') return undefined;
  return Array.isArray(value) && value.length === 0 ? undefined : value;
}

/**
 * The groups of the fields that this form asks for now: those of another activity's section are left out.
 * @param {HTMLFormElement} form
 */
function groups(form) {
  const found = /** @type {HTMLElement[]} */ ([...form.querySelectorAll('[data-field]')]);
  return found.filter((group) => !group.closest('fieldset[data-section]:disabled'));
}

/** @param {HTMLElement} group */
const typeOf = (group) => TYPES[String(group.dataset.type)];
/** @param {HTMLElement} group */
const nameOf = (group) => String(group.dataset.field);

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {HTMLElement | undefined}
 */
export function group(form, name) {
  return groups(form).find((one) => nameOf(one) === name);
}

/**
 * Puts a body into the form; fields that it does not name are emptied.
 * @param {HTMLFormElement} form
 * @param {Said} body
 */
export function fill(form, body) {
  chooseSection(form, body.activity);
  for (const one of groups(form)) {
    typeOf(one).fill(one, body[nameOf(one)]);
    tellChosen(one);
  }
}

/**
 * A long list is closed and says what is chosen in it.
 * @param {HTMLElement} one
 */
function tellChosen(one) {
  const said = one.querySelector('[data-chosen]');
  const chosen = boxes(one).filter((box) => box.checked);
  const names = chosen.map((box) => box.nextElementSibling?.textContent?.trim());
  if (said) said.textContent = names.join(', ') || 'None chosen';
}

document.addEventListener('change', ({ target }) => {
  const one = target instanceof HTMLElement && target.closest('[data-field]');
  if (one instanceof HTMLElement) tellChosen(one);
});

/**
 * Shows the section of one activity and takes the others out of the form.
 * @param {HTMLFormElement} form
 * @param {any} activity
 */
export function chooseSection(form, activity) {
  for (const section of form.querySelectorAll('fieldset[data-section]')) {
    const mine = /** @type {HTMLElement} */ (section).dataset.section === activity;
    Object.assign(section, { hidden: !mine, disabled: !mine });
  }
}

/**
 * What the form says now; what is not given is left out.
 * @param {HTMLFormElement} form
 * @returns {Said}
 */
export function read(form) {
  const values = groups(form).map((one) => [nameOf(one), given(typeOf(one).read(one))]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/**
 * What is wrong with the form as it stands: the gates that are shut, then the rules its fields break.
 * @param {HTMLFormElement} form
 * @param {Date} at when it is written: nothing in it may be later
 * @param {Said} [body] what it says, where that is known
 * @param {(kind: string, values: Said) => Gate[]} [shut] the gates of a notice; see rules.js
 * @returns {Problem[]}
 */
export function check(form, at, body = read(form), shut = undefined) {
  const problems = groups(form).flatMap((one) => {
    const rule = brokenRule(one, at, body);
    return rule ? [problem(one, rule)] : [];
  });
  // What refuses the notice comes first: nobody need answer the rest.
  return shut ? [...gates(form, body, problems, shut), ...problems] : problems;
}

/**
 * @param {HTMLFormElement} form
 * @param {Said} body
 * @param {Problem[]} problems
 * @param {(kind: string, values: Said) => Gate[]} shut
 * @returns {Problem[]}
 */
function gates(form, body, problems, shut) {
  const wrong = problems.map(({ field }) => field);
  const names = groups(form).map(nameOf);
  const said = names.map((name) => [name, wrong.includes(name) ? null : (body[name] ?? null)]);
  return shut(String(form.dataset.kind), Object.fromEntries(said))
    .filter(({ field }) => !wrong.includes(field))
    .map(({ field, sentence, code, way_on, source, verdict }) => ({ field, message: sentence, rule: code, verdict, more: `${way_on} (${source})` }));
}

/**
 * @param {HTMLElement} one
 * @param {Date} at
 * @param {Said} body
 */
function brokenRule(one, at, body) {
  const { required, requiredUnless, notBefore, past } = one.dataset;
  const value = body[nameOf(one)];
  if (value === undefined) {
    if (unreadable(one)) return 'type';
    const wanted = required !== undefined || (requiredUnless && body[requiredUnless] === undefined);
    return wanted ? 'required' : null;
  }
  const rule = typeOf(one).wrong(one, value);
  if (rule) return rule;
  const begun = notBefore && body[notBefore];
  if (begun && Date.parse(value) < Date.parse(begun)) return 'not-before';
  return past !== undefined && Date.parse(value) > at.getTime() ? 'future' : null;
}

/**
 * Half a date, or letters in a number: the browser shows them and gives no value.
 * @param {HTMLElement} one
 */
function unreadable(one) {
  return control(one)?.validity.badInput ?? false;
}

/**
 * @param {HTMLElement} one
 * @param {string} rule
 * @returns {Problem}
 */
function problem(one, rule) {
  const sentences = JSON.parse(one.dataset.messages ?? '{}');
  return { field: nameOf(one), message: sentences[rule] ?? sentences.type, rule };
}

/**
 * Shows problems at their fields and in a summary on top, as GOV.UK forms do; none takes them away.
 * @param {HTMLFormElement} form
 * @param {Problem[]} problems
 */
export function show(form, problems) {
  for (const old of form.querySelectorAll('.govuk-error-message, .govuk-error-summary')) old.remove();
  for (const one of form.querySelectorAll('.govuk-form-group--error')) one.classList.remove('govuk-form-group--error');
  for (const one of problems) showAt(group(form, one.field), one);
  if (problems.length) form.prepend(summary(form, problems));
  /** @type {HTMLElement | null} */ (form.querySelector('.govuk-error-summary'))?.focus();
}

/**
 * @param {HTMLElement | undefined} one
 * @param {Problem} problem
 */
function showAt(one, { message, more }) {
  if (!one) return;
  one.classList.add('govuk-form-group--error');
  (one.closest('details') ?? one.querySelector('details'))?.setAttribute('open', '');
  const said = put(copy('error-message'), { words: message, more: more ?? null });
  const before = one.querySelector('.govuk-checkboxes, .govuk-radios, input, textarea, select');
  before?.parentElement?.insertBefore(said, before);
}

/**
 * @param {HTMLFormElement} form
 * @param {Problem[]} problems
 */
function summary(form, problems) {
  return put(copy('error-summary'), { list: problems.map((one) => summaryLine(form, one)) });
}

/**
 * @param {HTMLFormElement} form
 * @param {Problem} problem
 */
function summaryLine(form, { field, message }) {
  const line = put(copy('error-line'), { words: message });
  const target = group(form, field);
  slot(line, 'words').onclick = () => {
    target?.scrollIntoView({ block: 'center' });
    if (target) control(target)?.focus();
  };
  return line;
}

/**
 * Sets one field.
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {any} value
 */
export function set(form, name, value) {
  const one = group(form, name);
  if (one) typeOf(one).fill(one, value);
}

/**
 * The words for a value, as the form of a template shows them: "Calm" for "calm".
 * @param {string} template
 * @param {string} name
 * @param {any} value
 * @returns {string}
 */
export function wordsFor(template, name, value) {
  const { content } = /** @type {HTMLTemplateElement} */ (document.getElementById(template));
  const one = content.querySelector(`[data-field="${name}"]`);
  const codes = [value].flat();
  return codes.map((code) => (one && wordFor(one, code)) ?? String(code ?? '')).join(', ');
}

/**
 * @param {Element} one
 * @param {any} code
 */
function wordFor(one, code) {
  const items = /** @type {(HTMLOptionElement | HTMLInputElement)[]} */ ([...one.querySelectorAll('option, input')]);
  const item = items.find(({ value }) => value === code);
  if (!item) return null;
  const words = item instanceof HTMLOptionElement ? item : item.nextElementSibling;
  return words?.textContent?.trim() ?? null;
}

/**
 * The fields of a template's form with their labels, in its order.
 * @param {string} template
 * @returns {{name: string, label: string, type: string}[]}
 */
export function fieldsOf(template) {
  const { content } = /** @type {HTMLTemplateElement} */ (document.getElementById(template));
  const found = /** @type {HTMLElement[]} */ ([...content.querySelectorAll('[data-field]')]);
  return found.map(({ dataset }) => ({
    name: String(dataset.field),
    label: String(dataset.label ?? dataset.field),
    type: String(dataset.type),
  }));
}
