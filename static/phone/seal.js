/**
 * The seal of a page, and the name of evidence. Pure but for WebCrypto, whose answers come later:
 * take them before a transaction, never inside one.
 */

/**
 * The SHA-256 of bytes, in lower-case hex.
 * @param {BufferSource} bytes
 */
export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {Unsealed} page */
export function sealOf({ previous, page, kind, record, written_at, body }) {
  const text = [previous, page, kind, record, written_at, body].join('\n');
  return sha256(new TextEncoder().encode(text));
}
