"""Fetch, build and list what static/vendor holds: `.venv/bin/python tools/vendor.py`."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
TABLE = ROOT / "docs" / "vendored.md"
NODE_TOOLS = ROOT / ".venv" / "bin"

GOVUK_FRONTEND = "6.6.0"
HTMX = "2.0.11"
SASS = "1.108.2"
CEL_JS = "8.0.0"
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

"""


CEL_TYPES = """\
/** A program that a text in the Common Expression Language says. */
export function parse(expression: string): (facts: object) => unknown;
"""


def fetch(folder: Path) -> Path:
    packages = [
        f"govuk-frontend@{GOVUK_FRONTEND}",
        f"htmx.org@{HTMX}",
        f"sass@{SASS}",
        f"@marcbachmann/cel-js@{CEL_JS}",
        f"esbuild@{ESBUILD}",
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


def bundle(packages: Path, exported: str, script: Path) -> None:
    """One file of what is exported from a package, and nothing else of it."""
    entry = packages.parent / "entry.mjs"
    entry.write_text(exported, encoding="utf-8")
    options = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning"]
    esbuild = packages / ".bin" / "esbuild"
    subprocess.run([esbuild, entry, *options, f"--outfile={script}"], check=True)


def row(name: str, version: str, licence: str) -> str:
    digest = hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()
    return f"| {name} | {version} | {licence} | {digest} |\n"


def write_table(css: str, script: str, cel: str) -> None:
    rows = [
        row(css, GOVUK_FRONTEND, "MIT"),
        row("govuk-frontend.LICENSE.txt", GOVUK_FRONTEND, "MIT"),
        row(script, HTMX, "0BSD"),
        row("htmx.LICENSE.txt", HTMX, "0BSD"),
        row(cel, CEL_JS, "MIT"),
        row(cel.replace(".js", ".d.ts"), CEL_JS, "MIT"),
        row("cel-js.LICENSE.txt", CEL_JS, "MIT"),
    ]
    heading = "| file | version | licence | sha256 |\n|---|---|---|---|\n"
    TABLE.write_text(INTRODUCTION + heading + "".join(rows), encoding="utf-8")


def main() -> None:
    css, script = f"govuk-frontend-{GOVUK_FRONTEND}.css", f"htmx-{HTMX}.js"
    cel = f"cel-js-{CEL_JS}.js"
    for old in [*VENDOR.glob("*.css"), *VENDOR.glob("*.js"), *VENDOR.glob("*.d.ts")]:
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        packages = fetch(Path(folder))
        build_css(packages, VENDOR / css)
        shutil.copyfile(packages / "htmx.org" / "dist" / "htmx.min.js", VENDOR / script)
        shutil.copyfile(packages / "htmx.org" / "LICENSE", VENDOR / "htmx.LICENSE.txt")
        package = packages / "@marcbachmann" / "cel-js"
        bundle(packages, "export { parse } from '@marcbachmann/cel-js';", VENDOR / cel)
        shutil.copyfile(package / "LICENSE", VENDOR / "cel-js.LICENSE.txt")
        (VENDOR / cel).with_suffix(".d.ts").write_text(CEL_TYPES, encoding="utf-8")
    write_table(css, script, cel)


if __name__ == "__main__":
    main()
