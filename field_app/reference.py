"""What a phone needs offline beside its own pages: places, colleagues, lists, live warnings."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from field_app import authorisations, catalogue
from field_app.auth import colleagues
from field_app.database import all_rows


def places(db: Database) -> list[dict[str, Any]]:
    """The places that officers may choose. Retired ones stay in the register, not in this list.

    `last_visited` is when the last counted patrol there began.
    """
    return all_rows(
        db,
        "SELECT id, name, category, ward, address, latitude, longitude, "
        "(SELECT max(started_at) FROM patrols WHERE place = places.id AND state = 'accepted') "
        "AS last_visited FROM places WHERE retired_at IS NULL ORDER BY name, id",
    )


def _authorisations(db: Database, officer: str) -> list[dict[str, Any]]:
    names = ("powers", "document", "starts", "ends")
    return [{name: one[name] for name in names} for one in authorisations.of_officer(db, officer)]


def reference(db: Database, officer: str) -> dict[str, Any]:
    """The whole of it, as JSON values; `authorisations` are the officer's own."""
    return {
        "activities": [
            {"code": one.code, "label": one.label, "place_categories": list(one.place_categories)}
            for one in catalogue.activities()
        ],
        "wards": [{"code": one.code, "label": one.label} for one in catalogue.wards()],
        "places": places(db),
        "colleagues": colleagues(db),
        "authorisations": _authorisations(db, officer),
        "warnings": [],
    }
