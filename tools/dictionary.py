"""Writes what the declarations say into README.md and docs/data-dictionary.md."""

from __future__ import annotations

import re
from pathlib import Path

from field_app.dictionary import dictionary, kinds_table

ROOT = Path(__file__).resolve().parent.parent
BETWEEN = re.compile(r"(<!-- kinds -->\n).*?(\n<!-- /kinds -->)", re.DOTALL)


def main() -> None:
    readme = ROOT / "README.md"
    text = BETWEEN.sub(lambda found: found[1] + kinds_table() + found[2], readme.read_text())
    readme.write_text(text)
    (ROOT / "docs" / "data-dictionary.md").write_text(dictionary())


if __name__ == "__main__":
    main()
