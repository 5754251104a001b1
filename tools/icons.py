"""Draw static/icons/*.png from the two SVG sources there: `.venv/bin/python tools/icons.py`."""

import subprocess
import tempfile
from pathlib import Path

ICONS = Path(__file__).resolve().parent.parent / "static" / "icons"
DRAWINGS = {
    "icon-192.png": ("icon.svg", 192),
    "icon-512.png": ("icon.svg", 512),
    "maskable-512.png": ("maskable.svg", 512),
    "apple-touch-icon.png": ("maskable.svg", 180),
    "favicon-32.png": ("favicon.svg", 32),
}


def draw(source: Path, size: int, target: Path, folder: Path) -> None:
    page = folder / "page.html"
    page.write_text(
        "<!doctype html><style>body{margin:0}img{display:block}</style>"
        f'<img src="{source.as_uri()}" width="{size}" height="{size}">',
        encoding="utf-8",
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    picture = [f"--screenshot={target}", f"--window-size={size},{size}"]
    background = "--default-background-color=00000000"
    subprocess.run(
        ["/usr/bin/chromium", *options, *picture, background, page.as_uri()],
        check=True,
        capture_output=True,
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, (source, size) in DRAWINGS.items():
            draw(ICONS / source, size, ICONS / name, Path(folder))


if __name__ == "__main__":
    main()
