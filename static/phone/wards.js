/** Which ward a position lies in, as field_app/outlines.py tells it with the same numbers. Pure. */

/**
 * Whether a position lies inside a ring of [longitude, latitude].
 * @param {number[][]} ring it may repeat its first position at the end
 * @param {number} longitude
 * @param {number} latitude
 */
export function inside(ring, longitude, latitude) {
  let within = false;
  ring.forEach(([x, y], nth) => {
    const [u, v] = ring[(nth + 1) % ring.length];
    if (y > latitude !== v > latitude && longitude < ((u - x) * (latitude - y)) / (v - y) + x) within = !within;
  });
  return within;
}

/**
 * The code of the ward in which a position lies; undefined outside all of them, or while it is not known.
 * @param {Reference['boundaries']} boundaries
 * @param {{latitude?: number, longitude?: number}} position
 */
export function wardAt(boundaries = {}, { latitude, longitude }) {
  if (latitude === undefined || longitude === undefined) return undefined;
  const rings = (/** @type {string} */ code) => boundaries[code].filter((ring) => inside(ring, longitude, latitude));
  return Object.keys(boundaries).find((code) => rings(code).length % 2);
}
