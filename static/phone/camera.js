/** Photos: from what the camera gives to the bytes that are kept. The only file that says canvas. */

import { sha256 } from './seal.js';

const LONGEST = 1_600;
const QUALITY = 0.8;

/**
 * A photo as it is kept: upright, 1,600 pixels at the longest side, JPEG. Drawn anew, it has lost the
 * place and camera that the file names.
 * @param {Blob} file
 * @returns {Promise<NewEvidence>}
 */
export async function photo(file) {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const bytes = await (await jpeg(canvas)).arrayBuffer();
  return { sha256: await sha256(bytes), type: 'image/jpeg', bytes };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob>}
 */
function jpeg(canvas) {
  return new Promise((resolve, reject) => {
    const done = (/** @type {Blob | null} */ blob) =>
      blob ? resolve(blob) : reject(new Error('The photo could not be made.'));
    canvas.toBlob(done, 'image/jpeg', QUALITY);
  });
}

/**
 * A small picture of kept bytes.
 * @param {Evidence} evidence
 */
export function thumbnail({ bytes, type }) {
  const image = new Image();
  image.className = 'thumbnail';
  image.alt = 'Photo';
  image.src = URL.createObjectURL(new Blob([bytes], { type }));
  image.onload = () => URL.revokeObjectURL(image.src);
  return image;
}
