"""Bringing a central file to the present schema, whatever it was before."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import field_app
from field_app import schema

HERE = Path(field_app.__file__).parent
KEEPING = {HERE / name for name in ("__init__.py", "database.py", "evidence.py")}
"""What the fold imports that keeps and fetches, and decides nothing."""


def imported_by(file: Path) -> Iterator[Path]:
    """The modules of ours that a file imports."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in (node.module, *(f"{node.module}.{one.name}" for one in node.names)):
                path = HERE.parent / name.replace(".", "/")
                yield from (
                    one for one in (path.with_suffix(".py"), path / "__init__.py") if one.exists()
                )


def test_a_change_to_whatever_decides_a_fold_folds_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, deciding = [HERE / "fold.py"], set[Path]()
    while waiting:
        file = waiting.pop()
        if file not in deciding | KEEPING:
            deciding.add(file)
            waiting += imported_by(file)
    assert HERE / "rules.py" in deciding
    hashed: set[Path] = set()
    read = Path.read_bytes

    def noted(file: Path) -> bytes:
        hashed.add(file)
        return read(file)

    monkeypatch.setattr(Path, "read_bytes", noted)
    schema._code_that_reads_pages()
    assert deciding - hashed == set()
