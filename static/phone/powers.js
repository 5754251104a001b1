/** Who may sign: what the officer's written authorisations on this phone name. Pure; days are London's. */

/** Warnings and notices of the Anti-social Behaviour, Crime and Policing Act 2014 (s53). */
export const WARNINGS = 'asbcpa-53';

/**
 * The document that names a power on a day; null when none does.
 * @param {Reference} reference
 * @param {string | undefined} power
 * @param {string} on
 */
export function documentFor(reference, power, on) {
  const named = inForce(reference, on).find(({ powers }) => powers.includes(String(power)));
  return named?.document ?? null;
}

/**
 * Whether any notice of a kind may be given on a day.
 * @param {Reference} reference
 * @param {string} kind
 * @param {string} on
 */
export function mayGive(reference, kind, on) {
  return inForce(reference, on).some(({ powers }) => powers.some((power) => (power === WARNINGS) === (kind !== 'fpn')));
}

/**
 * @param {Reference} reference
 * @param {string} on
 */
function inForce({ authorisations = [] }, on) {
  return authorisations.filter(({ starts, ends }) => starts <= on && on <= (ends ?? on));
}
