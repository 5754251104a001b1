"""Bringing a central file to the present schema, whatever it was before."""

from __future__ import annotations

import ast
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlite_utils import Database

import field_app
from field_app import schema
from field_app.database import all_rows, insert, path_of

HERE = Path(field_app.__file__).parent
KEEPING = {HERE / name for name in ("__init__.py", "database.py", "evidence.py", "inbox.py")}
"""What the fold imports that keeps, fetches and tells, and decides nothing."""


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


@pytest.fixture
def before_pages(db: Database) -> Callable[..., str]:
    """Put a place into the table that places had before they had pages; its id."""
    columns = "id, name, category, ward, address, latitude, longitude, retired_at"
    db.conn.execute(f"CREATE TABLE places_without_pages ({columns})")

    def put(name: str, category: str = "church") -> str:
        row = {"id": str(uuid.uuid4()), "name": name, "category": category, "ward": "E05013665"}
        insert(db, "places_without_pages", row)
        return str(row["id"])

    return put


def test_an_old_place_that_breaks_a_rule_is_held_and_stops_nothing(
    app: Flask, db: Database, officer: Callable[..., str], before_pages: Callable[..., str]
) -> None:
    officer("Ada Admin", "administrator")
    good, odd = before_pages("Good hall"), before_pages("Odd hall", "no-such-category")
    schema.prepare(path_of(app))
    states = {row["record"]: row["state"] for row in all_rows(db, "SELECT * FROM places")}
    assert states == {good: "accepted", odd: "held"}
    assert not db.table("places_without_pages").exists()


def test_old_places_wait_for_somebody_to_keep_them(
    app: Flask, db: Database, officer: Callable[..., str], before_pages: Callable[..., str]
) -> None:
    record = before_pages("Good hall")
    schema.prepare(path_of(app))
    assert all_rows(db, "SELECT name FROM places_without_pages") == [{"name": "Good hall"}]
    officer("Ada Admin", "administrator")
    schema.prepare(path_of(app))
    assert all_rows(db, "SELECT record, state FROM places") == [
        {"record": record, "state": "accepted"}
    ]
