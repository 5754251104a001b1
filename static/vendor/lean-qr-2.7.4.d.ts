/** A QR code of a text: `size` modules a side, dark where `get` says so. */
export function generate(text: string): { size: number; get(x: number, y: number): boolean };
