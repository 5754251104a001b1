"""Keys to the count: made and withdrawn at the desk, each a page of who did it.

A key is shown once. The file has its SHA-256, which is enough to know it again: it is drawn from 256 bits
at random, so nobody can find it from that by trying.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from field_app.database import all_rows, one_row, writing
from field_app.notebook import write_at_desk, written_about
from field_app.records.count_key import KeyMade, KeyWithdrawn
from field_app.times import moment_text, read_moment

PREFIX = "fieldbook-count-"
"""So that a key that lies about somewhere is known for what it is."""
USES_APART = timedelta(minutes=1)
"""A use is written down at most so often: a read must not cost a write each time."""


def make(db: Database, officer: str, record: str, purpose: str | None, now: datetime) -> str | None:
    """Make a key, inside the caller's transaction; None when this record has one already, as when a form
    is sent twice. NotWritten when it is not said what it is for."""
    if written_about(db, record):
        return None
    key = PREFIX + secrets.token_urlsafe(32)
    said = {"digest": _digest(key)} | ({"purpose": purpose} if purpose else {})
    write_at_desk(db, officer, KeyMade.kind, record, said, now)
    return key


def withdraw(db: Database, officer: str, record: str, reason: str | None, now: datetime) -> None:
    """Withdraw a key, inside the caller's transaction; one that is withdrawn already stays so.
    NotWritten without a reason."""
    found = one(db, record)
    if found is None or found["withdrawn_at"]:
        return
    said = {"withdrawn_at": moment_text(now), "withdrawn_by": officer}
    said |= {"withdrawn_reason": reason} if reason else {}
    write_at_desk(db, officer, KeyWithdrawn.kind, record, said, now)


_KEYS = (
    "SELECT count_keys.record, purpose, count_keys.written_at AS made_at, officers.name AS made_by, "
    "used_at, withdrawn_at, withdrawn_reason, "
    "(SELECT name FROM officers WHERE id = withdrawn_by) AS withdrawn_name FROM count_keys "
    "JOIN officers ON officers.id = count_keys.officer "
    "LEFT JOIN key_uses ON key_uses.record = count_keys.record WHERE state = 'accepted'"
)


def every(db: Database) -> list[dict[str, Any]]:
    """Every key, those in use first, the newest first: what it is for, who made it and when, when it was
    last used, and whether it was withdrawn. None of them can be read again."""
    return all_rows(
        db, f"{_KEYS} ORDER BY withdrawn_at IS NOT NULL, made_at DESC, count_keys.record"
    )


def one(db: Database, record: str) -> dict[str, Any] | None:
    return one_row(db, f"{_KEYS} AND count_keys.record = ?", [record])


def known(db: Database, key: str) -> str | None:
    """The record of a key that is in use; None for any other."""
    row = one_row(
        db,
        "SELECT record FROM count_keys WHERE digest = ? AND state = 'accepted' "
        "AND withdrawn_at IS NULL",
        [_digest(key)],
    )
    return str(row["record"]) if row else None


def note_use(db: Database, record: str, now: datetime) -> None:
    """Write down that a key was used."""
    row = one_row(db, "SELECT used_at FROM key_uses WHERE record = ?", [record])
    if row and read_moment(row["used_at"]) > now - USES_APART:
        return
    with writing(db):
        db.conn.execute("INSERT OR REPLACE INTO key_uses VALUES (?, ?)", [record, moment_text(now)])


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
