"""Fetch, build and list what static/vendor holds: `.venv/bin/python tools/vendor.py`."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
TABLE = ROOT / "docs" / "vendored.md"
NODE_TOOLS = ROOT / ".venv" / "bin"

GOVUK_FRONTEND = "6.6.0"
HTMX = "2.0.11"
SASS = "1.108.2"
CEL_JS = "8.0.0"
LEAN_QR = "2.7.4"
ENCODER = "4.0.1"
BLUETOOTH = "2.1.0"
LEAFLET = "1.9.4"
ESBUILD = "0.28.2"

INTRODUCTION = """\
# Vendored files

What others wrote and the browser loads from us. `tools/vendor.py` fetches, builds and lists it;
nothing here is edited by hand, and `tests/test_vendored.py` holds every file against its SHA-256.

- **GOV.UK Frontend** is compiled from the npm package by `tools/govuk-frontend.scss`: the
  components named there, with system fonts. The GOV.UK typeface and the crown are not ours to use
  and are not here. Its colours stay CSS custom properties (`--govuk-text-colour` and so on), so
  that a dark theme can set them. The macros of govuk-frontend-jinja 4.1.0 were made for 6.3.0;
  6.6.0 draws what they write, and makes the inverse text colour a custom property too.
- **htmx** is the package's own `dist/htmx.min.js`; only the desk loads it.
- **cel-js** (`@marcbachmann/cel-js`) evaluates the catalogue's gates on the phone; esbuild makes one
  file of the part that is used, with its types beside it.
- **lean-qr** draws the QR code of a notice's payment address: its smallest part, `lean-qr/nano`.
- **receipt-printer-encoder** and **webbluetooth-receipt-printer** (`@point-of-sale/…`) print a notice
  on a Bluetooth thermal printer; each holds the few small packages of its makers that it needs, all MIT.
- **Leaflet** draws the desk's maps; only the desk loads it. Its stylesheet is here without the rules that
  name pictures, which belong to parts that are not used.

"""


CEL_TYPES = """\
/** A program that a text in the Common Expression Language says. */
export function parse(expression: string): (facts: object) => unknown;
"""

QR_TYPES = """\
/** A QR code of a text: `size` modules a side, dark where `get` says so. */
export function generate(text: string): { size: number; get(x: number, y: number): boolean };
"""

ENCODER_TYPES = """\
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
"""

BLUETOOTH_TYPES = """\
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
"""


LEAFLET_TYPES = """\
/** A position: latitude and longitude, degrees WGS84. */
export type Position = [number, number];

type Layer = { addTo(map: Chart | Group): Layer };

export type Group = Layer & {
  addTo(map: Chart): Group;
  clearLayers(): Group;
};

/** A map, as it is drawn. */
export type Chart = {
  attributionControl: { setPrefix(prefix: false): void };
  fitBounds(bounds: Position[], options: { padding: Position; maxZoom: number }): Chart;
};

export function map(place: HTMLElement, options?: object): Chart;
export function tileLayer(address: string, options: object): Layer;
export function layerGroup(): Group;
export function marker(at: Position, options: object): Layer;
export function divIcon(options: object): object;
export function polyline(line: Position[], options: object): Layer;
export function geoJSON(shapes: object, options: object): Layer;
export const control: { scale(options: object): Layer };
"""


@dataclass(frozen=True)
class Module:
    """What one npm package gives: `exported` is all of it that is kept, as one file; `css` its stylesheet."""

    package: str
    version: str
    exported: str
    types: str
    licence: str = "MIT"
    css: str = ""

    @property
    def name(self) -> str:
        return self.package.split("/")[-1]

    @property
    def script(self) -> str:
        return f"{self.name}-{self.version}.js"

    @property
    def files(self) -> list[str]:
        css = [self.script.replace(".js", ".css")] if self.css else []
        types = self.script.replace(".js", ".d.ts")
        return [self.script, types, f"{self.name}.LICENSE.txt", *css]


MODULES = [
    Module(
        "@marcbachmann/cel-js", CEL_JS, "export { parse } from '@marcbachmann/cel-js';", CEL_TYPES
    ),
    Module("lean-qr", LEAN_QR, "export { generate } from 'lean-qr/nano';", QR_TYPES),
    Module(
        "@point-of-sale/receipt-printer-encoder",
        ENCODER,
        "export { default } from '@point-of-sale/receipt-printer-encoder';",
        ENCODER_TYPES,
    ),
    Module(
        "@point-of-sale/webbluetooth-receipt-printer",
        BLUETOOTH,
        "export { default } from '@point-of-sale/webbluetooth-receipt-printer';",
        BLUETOOTH_TYPES,
    ),
    Module(
        "leaflet",
        LEAFLET,
        "export { control, divIcon, geoJSON, layerGroup, map, marker, polyline, tileLayer } "
        "from 'leaflet/dist/leaflet-src.esm.js';",
        LEAFLET_TYPES,
        "BSD-2-Clause",
        "dist/leaflet.css",
    ),
]


def fetch(folder: Path) -> Path:
    packages = [
        f"govuk-frontend@{GOVUK_FRONTEND}",
        f"htmx.org@{HTMX}",
        f"sass@{SASS}",
        f"esbuild@{ESBUILD}",
        *(f"{module.package}@{module.version}" for module in MODULES),
    ]
    options = ["--silent", "--no-package-lock", "--no-audit", "--no-fund"]
    subprocess.run(
        [NODE_TOOLS / "npm", "install", "--prefix", folder, *options, *packages], check=True
    )
    return folder / "node_modules"


def build_css(packages: Path, css: Path) -> None:
    sass = [NODE_TOOLS / "node", packages / "sass" / "sass.js"]
    options = ["--style=compressed", "--no-source-map", "--no-charset"]
    load_path = f"--load-path={packages / 'govuk-frontend' / 'dist'}"
    source = ROOT / "tools" / "govuk-frontend.scss"
    subprocess.run([*sass, *options, load_path, source, css], check=True)


def bundle(packages: Path, module: Module) -> None:
    """One file of what is exported from a package, and nothing else of it; types and licence beside it."""
    script, types, licence, *css = (VENDOR / name for name in module.files)
    entry = packages.parent / "entry.mjs"
    entry.write_text(module.exported, encoding="utf-8")
    options = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning"]
    esbuild = packages / ".bin" / "esbuild"
    subprocess.run([esbuild, entry, *options, f"--outfile={script}"], check=True)
    types.write_text(module.types, encoding="utf-8")
    shutil.copyfile(packages / module.package / "LICENSE", licence)
    for sheet in css:
        text = (packages / module.package / module.css).read_text(encoding="utf-8")
        sheet.write_text(_without_pictures(text), encoding="utf-8")


def _without_pictures(css: str) -> str:
    """Leaves out every declaration that names a file."""
    return re.sub(r"^\s*[\w-]+:\s*url\([^)]*\);?\n", "", css, flags=re.MULTILINE)


def row(name: str, version: str, licence: str) -> str:
    digest = hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()
    return f"| {name} | {version} | {licence} | {digest} |\n"


def write_table(css: str, script: str) -> None:
    rows = [
        row(css, GOVUK_FRONTEND, "MIT"),
        row("govuk-frontend.LICENSE.txt", GOVUK_FRONTEND, "MIT"),
        row(script, HTMX, "0BSD"),
        row("htmx.LICENSE.txt", HTMX, "0BSD"),
        *(row(name, module.version, module.licence) for module in MODULES for name in module.files),
    ]
    heading = "| file | version | licence | sha256 |\n|---|---|---|---|\n"
    TABLE.write_text(INTRODUCTION + heading + "".join(rows), encoding="utf-8")


def main() -> None:
    css, script = f"govuk-frontend-{GOVUK_FRONTEND}.css", f"htmx-{HTMX}.js"
    for old in [*VENDOR.glob("*.css"), *VENDOR.glob("*.js"), *VENDOR.glob("*.d.ts")]:
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        packages = fetch(Path(folder))
        build_css(packages, VENDOR / css)
        shutil.copyfile(packages / "htmx.org" / "dist" / "htmx.min.js", VENDOR / script)
        shutil.copyfile(packages / "htmx.org" / "LICENSE", VENDOR / "htmx.LICENSE.txt")
        for module in MODULES:
            bundle(packages, module)
    write_table(css, script)


if __name__ == "__main__":
    main()
