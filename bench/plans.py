"""Whether every query of a request has an index that fits it: SQLite's own plans are read.

The SQL is not copied here: it is caught while every address of the wire and the desk is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from flask import Flask
from sqlite_utils import Database

from bench.measured import Measured
from field_app import counts, database, notices

SMALL = {
    "officers": "the people of one council",
    "places": "one register, handed to phones whole and searched by words",
    "team": "the people of one council",
    "authorisations": "a few for each of them",
    "invitations": "a few for each of them",
    "phones": "those that were withdrawn",
    "settings": "those that were changed at the desk",
    "notebooks": "a few for each officer",
    "gaps": "hardly any",
    "books": "a few for each notebook",
    "central": "settings",
    "count_keys": "one for each program that reads the count",
    "catalogue_changes": "a few hundred at most: what an administrator changed of the catalogue",
    "ward_boundaries": "one for each boundary file that was ever in use",
}
"""Tables that may be read from end to end, and why that is little."""

EXCEPTIONS = {
    "notices": "a few thousand a year; the register is searched by words",
    "not_issued": "fewer than the notices; the desk lists all of it",
    "payments": "a few thousand a year; the ones that no notice bears are looked for",
    "spoiled": "hardly any; those whose number a notice bears too are looked for",
    "problems": "holds only what is held just now; the desk lists and counts all of it",
}
"""Tables that grow with the patrols, read from end to end all the same, and why that is little."""


@contextmanager
def caught() -> Iterator[set[str]]:
    """The SQL that requests run while this lasts, each statement once and with its values."""
    statements: set[str] = set()

    def connect(*args: object) -> Database:
        db = opened(*args)  # type: ignore[arg-type]
        db.conn.set_trace_callback(statements.add)
        return db

    opened = database.connect
    with patch.object(database, "connect", connect):
        yield statements


def scans(db: Database, statements: set[str]) -> list[str]:
    """Each step that reads a large table from end to end, or builds an index for itself."""
    db.conn.create_function("spot_code", 1, counts.spot_code, deterministic=True)
    db.conn.create_function("plain", 1, notices.plain, deterministic=True)
    return sorted({found for sql in statements for found in _scans(db, sql)})


def _scans(db: Database, sql: str) -> Iterator[str]:
    if not re.match(r"\s*(SELECT|WITH|UPDATE|DELETE|INSERT)\b", sql):
        return
    steps = [str(row["detail"]) for row in db.conn.execute(f"EXPLAIN QUERY PLAN {sql}")]
    made_here = {step.split()[1] for step in steps if step.startswith(_MADE_HERE)}
    for step in steps:
        word, _, rest = step.partition(" ")
        what = rest.partition(" ")[0]
        at_hand = what in made_here | _ROWS_AT_HAND or "VIRTUAL TABLE" in step
        fits = word != "SCAN" or what in SMALL | EXCEPTIONS or at_hand
        if not fits or "AUTOMATIC" in step:
            yield f"{step}: {' '.join(sql.split())}"


_MADE_HERE = ("MATERIALIZE", "CO-ROUTINE")
_ROWS_AT_HAND = {"CONSTANT", "json_each"}
"""Rows that come with the question."""


def measured(app: Flask, ask_everything: Callable[[Flask], None]) -> list[Measured]:
    with caught() as statements:
        ask_everything(app)
    db = database.connect(database.path_of(app))
    found = scans(db, statements)
    db.conn.close()
    more = f"of {len(statements)} statements"
    lines = [Measured("queries without an index that fits", len(found), "", 0, more)]
    return lines + [Measured(f"    {one[:100]}", 1, "") for one in found]
