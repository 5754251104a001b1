"""Where the wards are: the boundaries in use, the ward of a position, and whom it surprises."""

from __future__ import annotations

import json
from typing import Any

from sqlite_utils import Database

from field_app import catalogue
from field_app.database import all_rows, one_row
from field_app.fields import Outlines
from field_app.outlines import Ring, metres_to, points_in, rings_of, ward_of

GRID_M = 5
"""A position out of the British National Grid is good to this many metres without OSTN15."""


_LAST_FIRST = (
    "ORDER BY (SELECT max(pages.rowid) FROM pages WHERE pages.record = ward_boundaries.record) DESC"
)
"""By when each page was kept: the server's clock may have been put back between them."""


def in_use(db: Database) -> dict[str, Any] | None:
    """The boundaries that came last, `outlines` read; None before the first file."""
    row = one_row(
        db,
        f"SELECT * FROM ward_boundaries WHERE state = 'accepted' {_LAST_FIRST} LIMIT 1",
    )
    return row and _read(row)


def every(db: Database) -> list[dict[str, Any]]:
    """All boundaries that were ever in use, the ones in use first; who took them in by `name`."""
    rows = all_rows(
        db,
        "SELECT ward_boundaries.*, officers.name FROM ward_boundaries "
        f"JOIN officers ON officers.id = officer WHERE state = 'accepted' {_LAST_FIRST}",
    )
    return [_read(row) for row in rows]


def _read(row: dict[str, Any]) -> dict[str, Any]:
    outlines: Outlines = json.loads(row["outlines"])
    drawn_with = sum(map(points_in, outlines.values()))
    return row | {"outlines": outlines, "points_kept": drawn_with}


def rings(outlines: Outlines) -> dict[str, list[Ring]]:
    """Each ward's rings, outer ones and holes alike."""
    return {code: rings_of(polygons) for code, polygons in outlines.items()}


def for_the_phone(db: Database) -> dict[str, list[Ring]]:
    """What a phone needs to tell the ward of a position; empty before the first file."""
    found = in_use(db)
    return rings(found["outlines"]) if found else {}


def ward_at(db: Database, latitude: float, longitude: float) -> str | None:
    """The code of the ward in which a position lies; None outside all of them, or without boundaries."""
    return ward_of(for_the_phone(db), latitude, longitude)


def elsewhere(db: Database, row: dict[str, Any]) -> dict[str, Any] | None:
    """Where a record's position lies, if its ward cannot be right: further away than the position may be
    wrong. `ward` is the label of where it is, None outside all of them; `says` of the one it says."""
    said, latitude, longitude = (row.get(name) for name in ("ward", "latitude", "longitude"))
    if said is None or latitude is None or longitude is None:
        return None
    found = in_use(db)
    if not found or said not in found["outlines"]:
        return None
    wards = rings(found["outlines"])
    here = ward_of(wards, latitude, longitude)
    wrong_by = (row.get("accuracy_m") or 0) + found["moved_m"] + GRID_M
    if here == said or metres_to(wards[said], latitude, longitude) <= wrong_by:
        return None
    return {
        "ward": here and catalogue.label("wards", here),
        "says": catalogue.label("wards", said),
        "accuracy_m": row.get("accuracy_m"),
    }


def geojson(outlines: Outlines) -> dict[str, Any]:
    """The outlines as GeoJSON (RFC 7946), each with its `code` and `name`."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": code, "name": catalogue.label("wards", code)},
                "geometry": {"type": "MultiPolygon", "coordinates": polygons},
            }
            for code, polygons in outlines.items()
        ],
    }
