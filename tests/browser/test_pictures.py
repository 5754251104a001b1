"""The README's pictures can be taken anew from what the screens show today."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.wire.client import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PNG = b"\x89PNG\r\n\x1a\n"


def test_every_picture_of_the_readme_is_one_of_those_that_are_taken(tmp_path: Path) -> None:
    shown = set(re.findall(r"docs/screenshots/([\w-]+\.png)", README))
    taking = [sys.executable, "-m", "tools.pictures", str(tmp_path)]
    done = subprocess.run(taking, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    taken = {file.name for file in tmp_path.iterdir() if file.read_bytes().startswith(PNG)}
    assert shown
    assert shown <= taken
    assert {file.name for file in (ROOT / "docs" / "screenshots").iterdir()} == taken
