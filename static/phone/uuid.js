/** Ids of records: UUIDv7 (RFC 9562), so that they sort by the moment they were made. */

/** @param {Date} now */
export function uuidv7(now) {
  const time = now.getTime().toString(16).padStart(12, '0');
  const random = Array.from(crypto.getRandomValues(new Uint8Array(10)));
  random[0] = (random[0] & 0x0f) | 0x70; // the version
  random[2] = (random[2] & 0x3f) | 0x80; // the variant
  const hex = time + random.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
