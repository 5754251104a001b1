// A Bluetooth thermal printer for tests: an MPT-II with the GATT service that such printers have. It keeps
// every byte it is sent, answers when asked about its paper, and can be switched off or run out.

const SERVICE = '000018f0-0000-1000-8000-00805f9b34fb';
const PRINT = '00002af1-0000-1000-8000-00805f9b34fb';
const STATUS = '00002af0-0000-1000-8000-00805f9b34fb';
const HAS_PAPER = 0x12;
const NO_PAPER = 0x72;

const thermal = { bytes: [], writes: 0, asked: 0, paper: true, on: true, losesAt: 0, mute: false, sleep };
window.thermal = thermal;

window.BluetoothRemoteGATTCharacteristic = class extends EventTarget {
  constructor(uuid, properties) {
    super();
    Object.assign(this, { uuid, properties, value: null });
  }

  async startNotifications() {}

  async writeValueWithResponse(data) {
    if (!device.gatt.connected) throw new DOMException('GATT Server is disconnected.', 'NetworkError');
    const bytes = [...new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength)];
    if (bytes.length > 512) throw new DOMException('Too long', 'InvalidModificationError');
    if (bytes.join() === '16,4,4') return void setTimeout(answer);
    thermal.writes += 1;
    if (thermal.writes === thermal.losesAt) throw new DOMException('GATT operation failed for unknown reason.', 'NetworkError');
    thermal.bytes.push(...bytes);
  }

  async writeValueWithoutResponse() {
    throw new DOMException('Not supported', 'NotSupportedError');
  }
};

function sleep() {
  server.connected = false;
}

function answer() {
  if (thermal.mute) return;
  status.value = new DataView(Uint8Array.of(thermal.paper ? HAS_PAPER : NO_PAPER).buffer);
  status.dispatchEvent(new Event('characteristicvaluechanged'));
}

const print = new BluetoothRemoteGATTCharacteristic(PRINT, { write: true });
const status = new BluetoothRemoteGATTCharacteristic(STATUS, { notify: true });
const service = { uuid: SERVICE, getCharacteristic: async (uuid) => ({ [PRINT]: print, [STATUS]: status })[uuid] };

const server = {
  connected: false,
  async connect() {
    if (!thermal.on) throw new DOMException('Bluetooth Device is no longer in range.', 'NetworkError');
    server.connected = true;
    return server;
  },
  async disconnect() {
    server.connected = false;
  },
  getPrimaryServices: async () => [service],
  getPrimaryService: async () => service,
};
const device = Object.assign(new EventTarget(), { id: 'thermal-1', name: 'MPT-II', gatt: server });

const bluetooth = Object.assign(new EventTarget(), {
  async requestDevice({ filters }) {
    thermal.asked += 1;
    if (!navigator.userActivation.isActive) throw new DOMException('Must be handling a user gesture', 'SecurityError');
    if (!thermal.on || !filters.some(({ name }) => name === device.name)) throw new DOMException('User cancelled', 'NotFoundError');
    localStorage.setItem('thermal-known', 'yes');
    return device;
  },
  getDevices: async () => (localStorage.getItem('thermal-known') ? [device] : []),
});
Object.defineProperty(Navigator.prototype, 'bluetooth', { configurable: true, get: () => bluetooth });
