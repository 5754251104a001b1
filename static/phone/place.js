/** Where the phone is, and what is near. The only file that says geolocation. */

const FRESH = 120_000;
/** @type {Position | null} */
let last = null;
/** @type {number | null} */
let watching = null;

/**
 * The last position, unless it is more than two minutes old.
 * @param {Date} now
 */
export function position(now) {
  return last && Math.abs(now.getTime() - last.at) < FRESH ? last : null;
}

/**
 * Begins to follow the phone, once; `listener` hears the first position, or null when there is none.
 * @param {(position: Position | null) => void} listener
 */
export function follow(listener) {
  if (!('geolocation' in navigator)) return listener(null);
  if (watching !== null) navigator.geolocation.clearWatch(watching);
  let told = false;
  const tellOnce = (/** @type {Position | null} */ where) => {
    if (!told) listener(where);
    told = true;
  };
  watching = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => {
      const { latitude, longitude, accuracy } = coords;
      last = { latitude, longitude, accuracy_m: Math.round(accuracy), at: timestamp };
      tellOnce(last);
    },
    () => tellOnce(null),
    { enableHighAccuracy: true, maximumAge: 30_000, timeout: 15_000 },
  );
}

const METRES_A_DEGREE = 111_195;

/**
 * Metres between two points, good to a metre or so across a borough.
 * @param {{latitude: number, longitude: number}} a
 * @param {{latitude: number, longitude: number}} b
 */
export function metres(a, b) {
  const shrink = Math.cos((a.latitude * Math.PI) / 180);
  return METRES_A_DEGREE * Math.hypot(a.latitude - b.latitude, (a.longitude - b.longitude) * shrink);
}

/**
 * The nearest places, nearest first.
 * @param {Place[]} places
 * @param {{latitude: number, longitude: number}} here
 * @param {number} most
 * @returns {{place: Place, metres: number}[]}
 */
export function nearest(places, here, most) {
  /** @type {{place: Place, metres: number}[]} */
  const found = [];
  for (const place of places) {
    if (place.latitude === null || place.longitude === null) continue;
    const away = metres(here, { latitude: place.latitude, longitude: place.longitude });
    if (found.length === most && away >= found[most - 1].metres) continue;
    found.push({ place, metres: away });
    found.sort((a, b) => a.metres - b.metres);
    found.length = Math.min(found.length, most);
  }
  return found;
}

/**
 * "80 m", "1.2 km"
 * @param {number} metres
 */
export function distance(metres) {
  return metres < 1_000 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1_000).toFixed(1)} km`;
}

/** @param {string} text */
const plain = (text) => text.toLowerCase().replace(/['’]/g, '');

/**
 * Places whose name or address has every word typed; those whose name has them come first.
 * @param {Place[]} places
 * @param {string} typed
 * @param {number} most
 */
export function find(places, typed, most) {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const has = (/** @type {string} */ said) => words.every((word) => plain(said).includes(word));
  if (!words.length) return [];
  const named = places.filter(({ name }) => has(name));
  const others = places.filter((one) => !named.includes(one) && has(`${one.name} ${one.address ?? ''}`));
  return [...named, ...others].slice(0, most);
}
