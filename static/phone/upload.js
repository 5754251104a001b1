/**
 * Sending one photo or signature, in parts small enough for a phone that is put back into the pocket.
 */

const PART = 256 * 1024;

/**
 * True once the server has said, as JSON, that it has the whole; otherwise the reply it stopped at.
 * @param {(request: Call) => Promise<Reply>} call
 * @param {Evidence} item
 * @returns {Promise<true | Reply>}
 */
export async function upload(call, { type, bytes }) {
  let offset = bytes.byteLength > PART ? await offsetThere(call) : 0;
  let fruitless = 0;
  for (;;) {
    const reply = await call({ method: 'PUT', ...part(type, bytes, offset) });
    if (reply.status === 200 || reply.status === 201) return true;
    const received = reply.json.received;
    const goesOn = (reply.status === 202 || reply.status === 409) && Number.isSafeInteger(received);
    fruitless = received > offset ? 0 : fruitless + 1;
    if (!goesOn || fruitless > 2) return reply;
    offset = received < bytes.byteLength ? received : 0;
  }
}

/**
 * A HEAD has no JSON, so 200 might be anybody's: then the first part is offered and the answer to it counts.
 * @param {(request: Call) => Promise<Reply>} call
 */
async function offsetThere(call) {
  const { status, headers } = await call({ method: 'HEAD' });
  const offset = Number(headers.get('Upload-Offset'));
  return status === 404 && Number.isSafeInteger(offset) && offset > 0 ? offset : 0;
}

/**
 * @param {string} type
 * @param {ArrayBuffer} bytes
 * @param {number} offset
 */
function part(type, bytes, offset) {
  const size = bytes.byteLength;
  const end = Math.min(offset + PART, size);
  const range = `bytes ${offset}-${end - 1}/${size}`;
  const partly = size > PART && { 'Content-Range': range };
  return { body: bytes.slice(offset, end), headers: { 'Content-Type': type, ...partly } };
}
