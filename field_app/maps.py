"""Where officers were, for the desk's maps: positions that their pages name, and the register's for a place.

Degrees are WGS84. Every map stands beside a table of the same positions, which it is drawn from.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from sqlite_utils import Database

from field_app.database import all_rows

Row = dict[str, Any]

_WHERE = (
    ("patrols", "started_at", "activity"),
    ("notices", "issued_at", "NULL"),
    ("not_issued", "occurred_at", "NULL"),
)
"""The tables whose rows have a position, when that was, and the activity."""


def _positions(where: str) -> str:
    """SQL: positions of rows that `where`, which may speak of {table} and {at}, chooses."""
    return " UNION ALL ".join(
        f"SELECT {table}.record, {table}.kind, {table}.page, {table}.officer, {at} AS at, "
        f"{table}.clock_offset_s, {activity} AS activity, "
        f"coalesce(places.name, {table}.place_name, {table}.address) AS place_name, "
        f"coalesce({table}.latitude, places.latitude) AS latitude, "
        f"coalesce({table}.longitude, places.longitude) AS longitude, "
        f"iif({table}.latitude IS NULL, NULL, {table}.accuracy_m) AS accuracy_m, "
        f"{table}.latitude IS NULL AS of_place "
        f"FROM {table} LEFT JOIN places ON places.record = {table}.place "
        f"WHERE {where.format(table=table, at=at)} AND {table}.state <> 'entered in error' "
        f"AND coalesce({table}.latitude, places.latitude) IS NOT NULL "
        f"AND coalesce({table}.longitude, places.longitude) IS NOT NULL"
        for table, at, activity in _WHERE
    )


def last_known(db: Database, on_shift: list[Row]) -> list[Row]:
    """Where each officer on shift was when they last wrote a page with a position on it; rows of `on_shift`
    have `officer`, `officer_name` and `started_at`."""
    if not on_shift:
        return []
    since = min(row["started_at"] for row in on_shift)
    by_officer: dict[str, Row] = {}
    for row in all_rows(db, f"{_positions('{at} >= :since')} ORDER BY at", {"since": since}):
        by_officer[row["officer"]] = row
    return [
        by_officer[row["officer"]] | {"officer_name": row["officer_name"]}
        for row in on_shift
        if row["officer"] in by_officer and by_officer[row["officer"]]["at"] >= row["started_at"]
    ]


def of_records(db: Database, records: list[str]) -> list[Row]:
    """Where the records were written, in the order of their pages."""
    chosen = "{table}.record IN (SELECT value FROM json_each(:records))"
    rows = all_rows(db, _positions(chosen), {"records": json.dumps(records)})
    place = {record: nth for nth, record in enumerate(records)}
    return sorted(rows, key=lambda row: place[row["record"]])


def tiles(address: str) -> str:
    """The address of a map's pictures, if they all come from one origin; nothing otherwise."""
    return address if tiles_origin(address) else ""


def tiles_origin(tiles: str) -> str | None:
    """The one origin that a map's pictures come from, for the content security policy; None without one."""
    parts = urlsplit(tiles)
    whole = parts.scheme in ("http", "https") and parts.netloc and "{" not in parts.netloc
    return f"{parts.scheme}://{parts.netloc}" if whole else None
