"""Who may sign: the written authorisations on file, and which of them covers a notice.

EPA 1990 s88(10); ASBCPA 2014 s53; LLAA 2012 s2: authorised in writing by the council.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlite_utils import Database

from field_app import words
from field_app.database import all_rows
from field_app.rules import power_of
from field_app.times import london


def of_officer(db: Database, officer: str) -> list[dict[str, Any]]:
    """An officer's written authorisations, those that have ended too: the powers as codes, the document,
    its first day and its last (None while it has no end)."""
    rows = all_rows(
        db,
        "SELECT record, powers, document, starts, ends, ended_reason FROM authorisations "
        "WHERE granted_to = ? AND state = 'accepted' ORDER BY starts, record",
        [officer],
    )
    return [row | {"powers": json.loads(row["powers"])} for row in rows]


def all_in_force(db: Database, on: date) -> list[dict[str, Any]]:
    """Everybody's written authorisations that are in force on a day: whose, and the powers as codes."""
    rows = all_rows(
        db,
        "SELECT granted_to, powers FROM authorisations WHERE state = 'accepted' "
        "AND starts <= ?1 AND coalesce(ends, '9999') >= ?1",
        [on.isoformat()],
    )
    return [row | {"powers": json.loads(row["powers"])} for row in rows]


def in_force(authorisation: dict[str, Any], on: date) -> bool:
    return bool(authorisation["starts"] <= on.isoformat() <= (authorisation["ends"] or "9999"))


def wrong_days(starts: Any, ends: Any, until: str | None) -> str | None:
    """Why an authorisation that begins on a day cannot end on another, or None; `until` is the last day
    that it has now: one that has passed stays passed."""
    if not (isinstance(starts, str) and isinstance(ends, str)):
        return None
    if ends < starts:
        return f"It begins on {words.day(starts)}, after that"
    if until and ends > until:
        return f"It ends on {words.day(until)} already; a longer one is a new authorisation"
    return None


def covering(db: Database, notice: dict[str, Any]) -> dict[str, Any] | None:
    """The authorisation on file that names the power of a notice's row, on the day of the notice; None
    when nobody authorised it."""
    power = power_of(notice["kind"], notice["offence"])
    day = london(notice["issued_at"] or notice["written_at"]).date()
    found = (
        one
        for one in of_officer(db, notice["officer"])
        if power in one["powers"] and in_force(one, day)
    )
    return next(found, None)
