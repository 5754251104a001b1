"""What a recipient wrote against a notice: every letter stays to be read until a decision has answered it."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from field_app.fold import Folding, pages_about
from field_app.records import body_of
from field_app.records.case import Decision, Representation

Row = dict[str, Any]


def representations(db: Database, record: str) -> list[list[Row]]:
    """What the pages of representations say, the first first: for each decision those that it answered,
    and at last those that wait for one."""
    pages = pages_about(db, record)
    found: list[list[Row]] = [[]]
    for page in Folding(record, pages).standing_pages(pages):
        if page["kind"] == Representation.kind:
            found[-1].append(body_of(page["body"]) or {})
        elif page["kind"] == Decision.kind:
            found.append([])
    return found


def undecided(db: Database, record: str) -> list[Row]:
    """Those that wait for a decision."""
    return representations(db, record)[-1]


def answered(db: Database, record: str) -> list[Row]:
    """Those that the last decision answered."""
    return [[], *representations(db, record)][-2]
