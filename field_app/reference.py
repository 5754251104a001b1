"""What a phone needs offline beside its own pages: places, colleagues, lists, live warnings."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlite_utils import Database

from field_app import authorisations, catalogue, notices
from field_app import wards as boundaries
from field_app.auth import colleagues
from field_app.counts import COUNTS
from field_app.database import all_rows
from field_app.records import KINDS
from field_app.records.notice import Cpn, Cpw


def places(db: Database) -> list[dict[str, Any]]:
    """The places that officers may choose. Retired ones stay in the register, not in this list.

    `last_visited` is when the last counted patrol there began.
    """
    return all_rows(
        db,
        "SELECT record AS id, name, category, ward, address, latitude, longitude, "
        f"(SELECT max(started_at) FROM patrols WHERE place = places.record AND {COUNTS}) "
        "AS last_visited FROM places WHERE state = 'accepted' AND NOT retired ORDER BY name, record",
    )


def _authorisations(db: Database, officer: str) -> list[dict[str, Any]]:
    names = ("powers", "document", "starts", "ends")
    return [{name: one[name] for name in names} for one in authorisations.of_officer(db, officer)]


_LOOKED_UP = (
    "number",
    "issued_at",
    "occurred_at",
    "offence",
    "recipient",
    "recipient_name",
    "born",
    "place",
    "place_name",
    "address",
    "ward",
)
"""What is said of a penalty: who had it, for what, when and where."""
_NOT_FOLLOWED = ("Warning", "Support first", "Evidence")
_FOLLOWED = (
    *_LOOKED_UP,
    "served_at",
    *(
        name
        for step, names in Cpn.STEPS.items()
        if step not in _NOT_FOLLOWED
        for name in names
        if name not in _LOOKED_UP
    ),
)
"""What is said of a warning or notice, whose next step takes it over; nothing of vulnerability."""


def warnings(db: Database, today: date) -> list[dict[str, Any]]:
    """The notices that are live, as an officer looks them up: `standing` in words, and of `body`, which
    is as on a page, what looking up and the next step need."""
    return [
        {name: row[name] for name in ("record", "kind", "officer")}
        | {"standing": notices.STATES[row["standing"]].partition(":")[0], "body": _body(row)}
        for row in notices.live(db, today)
    ]


def _body(row: dict[str, Any]) -> dict[str, Any]:
    names = _FOLLOWED if issubclass(KINDS[row["kind"]], Cpw) else _LOOKED_UP
    return {name: _said(name, row[name]) for name in names if row[name] is not None}


def _said(name: str, value: Any) -> Any:
    """A column's value as pages say it."""
    if name == "requirements":
        return json.loads(value)
    return bool(value) if name in ("premises", "only_rough_sleeping") else value


def reference(db: Database, officer: str, today: date) -> dict[str, Any]:
    """The whole of it, as JSON values; `authorisations` are the officer's own, `boundaries` each ward's
    rings of [longitude, latitude] by its code."""
    return {
        "activities": [
            {"code": one.code, "label": one.label, "place_categories": list(one.place_categories)}
            for one in catalogue.activities()
        ],
        "wards": [{"code": one.code, "label": one.label} for one in catalogue.wards()],
        "places": places(db),
        "colleagues": colleagues(db),
        "authorisations": _authorisations(db, officer),
        "warnings": warnings(db, today),
        "boundaries": boundaries.for_the_phone(db),
    }
