/** What is known of a printer: in which language it is spoken to, and how its letters are numbered. */
export type Device = { id: string; name: string; language: string; codepageMapping: string };

/** Connects to printers. What goes wrong after the choice is logged, and otherwise kept quiet. */
export default class WebBluetoothReceiptPrinter {
  connect(): Promise<void>;
  reconnect(device: { id: string }): Promise<void>;
  listen(): Promise<boolean>;
  print(bytes: Uint8Array): Promise<void>;
  disconnect(): Promise<void>;
  addEventListener(name: 'connected', heard: (device: Device) => void): void;
  addEventListener(name: 'data', heard: (answer: DataView) => void): void;
}
