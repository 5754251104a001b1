"""Where no notice was given: what officers wrote instead, for the desk."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from field_app.database import all_rows, one_row

_ROWS = (
    "SELECT record, outcome, offence, ward, occurred_at, written_at, "
    "clock_offset_s, state, amendments, officers.name AS officer_name, "
    "coalesce((SELECT name FROM places WHERE places.record = not_issued.place), place_name, address) "
    "AS place_name FROM not_issued JOIN officers ON officers.id = not_issued.officer"
)


def latest(db: Database, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    """What happened last comes first; what does not say when, at the end."""
    return all_rows(
        db, f"{_ROWS} ORDER BY occurred_at DESC, record LIMIT ? OFFSET ?", [limit, offset]
    )


def how_many(db: Database) -> int:
    row = one_row(db, "SELECT count(*) AS n FROM not_issued")
    return row["n"] if row else 0
