/** Builds what a receipt printer is sent; every call returns the encoder. */
export default class ReceiptPrinterEncoder {
  constructor(options: {
    columns: number;
    language: 'esc-pos' | 'star-prnt' | 'star-line';
    codepageMapping: string | Record<string, number>;
    feedBeforeCut?: number;
  });
  initialize(): this;
  codepage(name: string): this;
  align(side: 'left' | 'center'): this;
  bold(on: boolean): this;
  size(width: number, height: number): this;
  text(text: string): this;
  line(text: string): this;
  newline(count?: number): this;
  rule(): this;
  qrcode(text: string, options: { model: 1 | 2; size: number; errorlevel: 'l' | 'm' | 'q' | 'h' }): this;
  raw(bytes: number[]): this;
  cut(kind: 'full' | 'partial'): this;
  encode(): Uint8Array;
}
