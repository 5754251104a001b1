"""Invented reviews: shifts that team leaders have signed off, and a question that an officer has answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from field_app import shift_log
from field_app.database import all_rows
from field_app.times import moment_text, read_moment

Body = dict[str, Any]
Write = Callable[[str, str, str, Body, datetime], None]
"""Who writes which kind of page about which record, what it says, and when."""
Signing = tuple[datetime, Callable[[datetime], None]]

LEADERS = ("leader1", "leader2")
NOT_SIGNED_YET = timedelta(days=2)
"""Shifts that came later wait to be signed off."""
AFTER = timedelta(hours=12)
"""How long after a shift has come whole it is signed off."""
QUESTION = "Who was the contact, and did they ask for another visit?"
ANSWER = "The caretaker, at the side door. No further visit was asked for."


def signings(db: Database, now: datetime, ids: dict[str, str], write: Write) -> Iterator[Signing]:
    """The sign-off of every complete shift that is old enough: when, and what writes it."""
    rows = all_rows(
        db, "SELECT record FROM shifts WHERE ended_at IS NOT NULL ORDER BY ended_at, record"
    )
    for number, row in enumerate(rows):
        shift, leader = shift_log.read(db, row["record"]), LEADERS[number % 2]
        if shift is None or not shift.is_complete:
            continue
        whole = max(read_moment(page["received_at"]) for page in shift.pages)
        if whole < now - NOT_SIGNED_YET:
            yield whole + AFTER, _sign(shift, leader, ids[leader], write)


def _sign(
    shift: shift_log.Shift, leader: str, officer: str, write: Write
) -> Callable[[datetime], None]:
    def sign(at: datetime) -> None:
        body: Body = {"signed_at": moment_text(at), "signed_by": officer}
        body["signed_through"] = shift.spans[0].last
        write(leader, "shift-signed", shift.row["record"], body, at)

    return sign


def latest_visit(db: Database) -> Body | None:
    """The page of the last visit to a faith site on a shift that waits to be signed off."""
    rows = all_rows(
        db,
        "SELECT pages.record, pages.seal, officers.username FROM patrols "
        "JOIN shifts ON shifts.record = patrols.shift AND shifts.ended_at IS NOT NULL "
        "JOIN pages ON pages.record = patrols.record AND pages.kind = 'patrol' "
        "JOIN officers ON officers.id = patrols.officer "
        "WHERE patrols.activity = 'faith-reassurance' AND patrols.state = 'accepted' "
        "ORDER BY patrols.started_at DESC, patrols.record LIMIT 1",
    )
    return rows[0] if rows else None
