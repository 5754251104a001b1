"""What the desk and the server say to an officer's phones: each notebook's inbox, read with no signal."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, NamedTuple

from sqlite_utils import Database

from field_app.database import all_rows, insert
from field_app.times import moment_text


class News(NamedTuple):
    """What is said about a record; `fields` is what a phone needs to understand it, as JSON values."""

    kind: str
    about: str
    text: str
    by: str | None = None
    fields: Any = ()


def say(db: Database, notebook: str, news: News, now: datetime) -> None:
    """Say something to a notebook's officer, inside the caller's transaction."""
    kept = news._asdict() | {"fields": json.dumps(news.fields), "said_at": moment_text(now)}
    insert(db, "inbox", {"notebook": notebook} | kept)


def phones_of(db: Database, officer: str) -> list[str]:
    """The notebooks of an officer's phones in use."""
    sql = "SELECT id FROM notebooks WHERE officer = ? AND NOT at_desk AND withdrawn_at IS NULL"
    return [row["id"] for row in all_rows(db, sql, [officer])]


def since(db: Database, notebook: str, after: int) -> list[dict[str, Any]]:
    """What has been said to this notebook's officer since a cursor."""
    rows = all_rows(
        db,
        "SELECT id, about, kind, said_at, by, text, fields FROM inbox "
        "WHERE notebook = ? AND id > ? ORDER BY id LIMIT 200",
        [notebook, after],
    )
    return [row | {"fields": json.loads(row["fields"])} for row in rows]
