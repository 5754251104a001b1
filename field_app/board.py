"""What a team leader looks at first: who is on shift, what is held, what is missing."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from sqlite_utils import Database

from field_app.database import all_rows, one_row
from field_app.times import london_day, moment_text

LONGEST_SHIFT = timedelta(hours=16)
"""A shift without an end that began longer ago was forgotten open."""

_SHIFTS = (
    "SELECT shifts.*, officers.name AS officer_name, "
    "(SELECT count(*) FROM patrols WHERE patrols.shift = shifts.record AND state = 'accepted') "
    "AS patrols FROM shifts JOIN officers ON officers.id = shifts.officer "
)


def shifts_of_day(db: Database, day: date) -> list[dict[str, Any]]:
    """The shifts that began on a London day, in the order in which they began."""
    begins, ends = london_day(day)
    rows = all_rows(
        db,
        f"{_SHIFTS} WHERE shifts.started_at >= ? AND shifts.started_at < ? "
        "ORDER BY shifts.started_at, officer_name",
        [moment_text(begins), moment_text(ends)],
    )
    return [_with_lists(row) for row in rows]


def officers_now(db: Database, now: datetime, silent_after: timedelta) -> list[dict[str, Any]]:
    """Every officer, with the shift that runs (`shift`, and its columns) and what the phone that was heard
    from last has said of itself. Who is `silent` comes first, for the longest first; then who is on shift."""
    rows = all_rows(
        db,
        """
        SELECT officers.id AS officer, officers.name AS officer_name,
          shifts.record AS shift, shifts.started_at, shifts.clock_offset_s, shifts.company,
          shifts.colleagues, shifts.beat, phone.last_contact,
          phone.waiting, phone.evidence_waiting, phone.received_through, phone.persisted, phone.battery,
          phone.storage_left, phone.version, (SELECT count(*) FROM patrols
            WHERE patrols.shift = shifts.record AND patrols.state = 'accepted') AS patrols
        FROM officers
          LEFT JOIN shifts ON shifts.record = (SELECT record FROM shifts WHERE shifts.officer = officers.id
            AND started_at >= :since AND started_at <= :until AND ended_at IS NULL
            AND state != 'entered in error' ORDER BY started_at DESC LIMIT 1)
          LEFT JOIN notebooks AS phone ON phone.id = (SELECT id FROM notebooks
            WHERE notebooks.officer = officers.id AND NOT at_desk
            ORDER BY last_contact DESC, opened_at DESC LIMIT 1)
        WHERE officers.role = 'officer' AND officers.retired_at IS NULL OR shifts.record IS NOT NULL
        ORDER BY shifts.record IS NULL, iif(shifts.record IS NULL, '', coalesce(phone.last_contact, '')),
          officer_name
        """,
        {
            "since": moment_text(now - LONGEST_SHIFT),
            "until": moment_text(now + timedelta(hours=1)),
        },
    )
    heard_since = moment_text(now - silent_after)
    return [
        _with_lists(row)
        | {"silent": bool(row["shift"]) and (row["last_contact"] or "") < heard_since}
        for row in rows
    ]


def _with_lists(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: json.loads(row[name] or "[]") for name in ("beat", "company", "colleagues")}


def held_pages(db: Database, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    """The pages that are held and why, those written last first."""
    return all_rows(
        db,
        "SELECT problems.record, problems.page, pages.kind, pages.written_at, pages.received_at, "
        "notebooks.officer, officers.name AS officer_name, "
        "group_concat(problems.message, char(10)) AS why "
        "FROM problems JOIN pages USING (notebook, page, seal) "
        "JOIN notebooks ON notebooks.id = problems.notebook "
        "JOIN officers ON officers.id = notebooks.officer "
        "GROUP BY problems.notebook, problems.page, problems.seal "
        "ORDER BY pages.written_at DESC, problems.seal LIMIT ? OFFSET ?",
        [limit, offset],
    )


def how_many_held(db: Database) -> int:
    row = one_row(db, "SELECT count(DISTINCT seal) AS n FROM problems")
    return row["n"] if row else 0


def officers(db: Database) -> list[dict[str, Any]]:
    """Everybody who has a notebook or may have one, retired people too."""
    return all_rows(
        db,
        "SELECT id, name, retired_at FROM officers WHERE role = 'officer' OR id IN "
        "(SELECT officer FROM notebooks WHERE NOT at_desk) ORDER BY name, id",
    )
