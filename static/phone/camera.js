/** Pictures: from what the camera gives, or was drawn, to the bytes that are kept. The only file that says canvas. */

import { sha256 } from './seal.js';
import { NotAPhoto } from './troubles.js';

const LONGEST = 1_600;
const QUALITY = 0.8;

/**
 * A photo as it is kept: upright, 1,600 pixels at the longest side, JPEG. Drawn anew, it has lost the
 * place and camera that the file names.
 * @param {Blob} file
 * @throws {NotAPhoto}
 */
export async function photo(file) {
  const shot = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch((cause) => {
    throw new NotAPhoto(cause);
  });
  const scale = Math.min(1, LONGEST / Math.max(shot.width, shot.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(shot.width * scale);
  canvas.height = Math.round(shot.height * scale);
  canvas.getContext('2d')?.drawImage(shot, 0, 0, canvas.width, canvas.height);
  shot.close();
  return picture(canvas, 'image/jpeg');
}

/**
 * What is on a canvas, as evidence.
 * @param {HTMLCanvasElement} canvas
 * @param {string} type
 * @returns {Promise<NewEvidence>}
 */
export async function picture(canvas, type) {
  const blob = await new Promise((resolve, reject) => {
    const done = (/** @type {Blob | null} */ made) =>
      made ? resolve(made) : reject(new Error('The picture could not be made.'));
    canvas.toBlob(done, type, QUALITY);
  });
  const bytes = await blob.arrayBuffer();
  return { sha256: await sha256(bytes), type, bytes };
}

/**
 * A pad to sign on: dark ink on white, by day and by night.
 * @param {HTMLCanvasElement} pad
 * @returns {{clear: () => void, taken: () => Promise<NewEvidence> | null}} an empty pad gives nothing
 */
export function inkOn(pad) {
  const ink = /** @type {CanvasRenderingContext2D} */ (pad.getContext('2d'));
  Object.assign(ink, { lineWidth: 5, lineCap: 'round', strokeStyle: '#0b1416', fillStyle: '#fff' });
  let inked = false;
  const clear = () => {
    ink.fillRect(0, 0, pad.width, pad.height);
    inked = false;
  };
  clear();
  pad.onpointerdown = (event) => {
    pad.setPointerCapture(event.pointerId);
    ink.beginPath();
    pad.onpointermove?.(event);
  };
  pad.onpointermove = ({ isPrimary, pointerId, offsetX, offsetY }) => {
    if (!isPrimary || !pad.hasPointerCapture(pointerId)) return;
    const at = /** @type {const} */ ([(offsetX * pad.width) / pad.clientWidth, (offsetY * pad.height) / pad.clientHeight]);
    ink.lineTo(...at);
    ink.stroke();
    ink.beginPath();
    ink.moveTo(...at);
    inked = true;
  };
  return { clear, taken: () => (inked ? picture(pad, 'image/png') : null) };
}

/**
 * A small picture of kept bytes. Of what is kept here, only signatures are PNG.
 * @param {Evidence} evidence
 */
export function thumbnail({ bytes, type }) {
  const image = new Image();
  image.className = 'thumbnail';
  image.alt = type === 'image/png' ? 'Signature' : 'Photo';
  image.src = URL.createObjectURL(new Blob([bytes], { type }));
  image.onload = () => URL.revokeObjectURL(image.src);
  return image;
}
