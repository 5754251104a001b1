"""The register of places: finding them, where they lie, and which of them one may be already."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, NamedTuple

from sqlite_utils import Database

from field_app import catalogue
from field_app.asked import A_PAGE, Question, given_in, page_in
from field_app.counts import COUNTS
from field_app.database import all_rows, one_row
from field_app.desk_forms import read_number
from field_app.fields import clean
from field_app.notices import plain
from field_app.records import Problem

Body = dict[str, Any]
Position = tuple[float, float]
"""Latitude and longitude, WGS84 degrees."""

NAMES = ("q", "category", "ward", "state")
STATES = {"in-use": "In use", "retired": "No longer in use"}
_MOST_WORDS = 10
NEAR = 30
"""Metres within which two places of one category may be the same."""
FAR = 30_000
"""Metres from the middle of the others beyond which a position is doubted."""


@dataclass(kw_only=True)
class AskedPlaces(Question):
    """What the register is asked for. Words stand in the address too: they name places, not people."""

    @classmethod
    def read(cls, args: Mapping[str, str]) -> AskedPlaces:
        asked = cls(given=given_in(args, NAMES), page=page_in(args))
        for name, of in (("category", "place_categories"), ("ward", "wards")):
            codes = {one.code for one in catalogue.entries(of)}
            asked.choose(name, codes, of.replace("place_", ""))
        asked.choose("state", STATES, "states")
        return asked

    def where(self, db: Database) -> tuple[str, dict[str, Any]]:
        """The one choice of places, and its values."""
        db.conn.create_function("plain", 1, plain, deterministic=True)
        sql, values = ["state = 'accepted'"], dict[str, Any]()
        for name in self.given.keys() & {"category", "ward"}:
            sql.append(f"{name} = :{name}")
            values[name] = self.given[name]
        if "state" in self.given:
            sql.append(f"retired = {int(self.given['state'] == 'retired')}")
        words = plain(clean(self.given.get("q", ""))).split()[:_MOST_WORDS]
        for place, word in enumerate(words):
            sql.append(f"instr(plain(concat_ws(' ', name, address)), :word{place})")
            values[f"word{place}"] = word
        return " AND ".join(sql), values


_LAST_VISIT = (
    f"(SELECT started_at FROM patrols WHERE place = places.record AND {COUNTS} "
    "ORDER BY started_at DESC LIMIT 1) AS last_visit"
)
"""When the last patrol there that counts began."""


def how_many(db: Database, asked: AskedPlaces) -> int:
    where, values = asked.where(db)
    row = one_row(db, f"SELECT count(*) AS n FROM places WHERE {where}", values)
    return row["n"] if row else 0


def found(db: Database, asked: AskedPlaces) -> list[dict[str, Any]]:
    """One page of the places asked for, by name, each with its `last_visit`."""
    where, values = asked.where(db)
    return all_rows(
        db,
        f"SELECT places.*, {_LAST_VISIT} FROM places WHERE {where} "
        "ORDER BY name COLLATE NOCASE, record LIMIT :limit OFFSET :offset",
        values | {"limit": A_PAGE, "offset": asked.offset},
    )


def place(db: Database, record: str) -> dict[str, Any] | None:
    return one_row(db, f"SELECT places.*, {_LAST_VISIT} FROM places WHERE record = ?", [record])


def in_use(db: Database) -> int:
    row = one_row(db, "SELECT count(*) AS n FROM places WHERE state = 'accepted' AND NOT retired")
    return row["n"] if row else 0


# Positions


def read_position(text: str) -> Position | None:
    """ "51.5, -0.14": latitude and longitude; None for what is no such pair."""
    parts = re.split(r"\s*[,;]\s*|\s+", text.strip())
    numbers = [read_number(part) for part in parts]
    if len(numbers) != 2 or any(isinstance(one, str) for one in numbers):
        return None
    return float(numbers[0]), float(numbers[1])


def position_of(body: Mapping[str, Any]) -> Position | None:
    latitude, longitude = body.get("latitude"), body.get("longitude")
    if isinstance(latitude, int | float) and isinstance(longitude, int | float):
        return float(latitude), float(longitude)
    return None


def wrong_position(body: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a position as a whole; each number alone is for the declaration to judge."""
    given = [name for name in ("latitude", "longitude") if body.get(name) not in (None, "")]
    if len(given) == 1:
        missing = "longitude" if given == ["latitude"] else "latitude"
        return [Problem(missing, f"Enter the {missing} too, or neither of them", "half")]
    position = position_of(body)
    if position is None:
        return []
    latitude, longitude = position
    if max(abs(latitude), abs(longitude)) >= 1000:
        return [Problem("latitude", _GRID, "grid")]
    if 49 <= longitude <= 61 and -9 <= latitude <= 3:
        return [Problem("latitude", _SWAPPED, "swapped")]
    return []


_GRID = (
    "These look like eastings and northings of the British National Grid. "
    "Fieldbook needs latitude and longitude in degrees, such as 51.5 and -0.14"
)
_SWAPPED = "Latitude and longitude look swapped: in London the latitude is about 51.5"


def metres_between(one: Position, other: Position) -> float:
    """Over a few kilometres the earth is flat enough; a metre in a hundred does not matter."""
    north = (one[0] - other[0]) * 111_200
    east = (one[1] - other[1]) * 111_320 * math.cos(math.radians((one[0] + other[0]) / 2))
    return math.hypot(north, east)


# What a place may be already


class Doubt(NamedTuple):
    """What is asked to be looked at before a place is kept; `record` is the other place, if there is one."""

    text: str
    record: str | None


_CELL = 0.0005
"""Degrees: a square of the map whose sides are longer than NEAR, east to west too."""


class Others:
    """The places of a register by their ids, to be asked about one of them or about a new one."""

    def __init__(self, bodies: Mapping[str, Body]) -> None:
        self.bodies = bodies
        self.by_name: dict[tuple[str, Any], list[str]] = defaultdict(list)
        self.by_cell: dict[tuple[Any, int, int], list[str]] = defaultdict(list)
        for record, body in bodies.items():
            self.by_name[name_and_ward(body)].append(record)
            if position := position_of(body):
                self.by_cell[body.get("category"), *_cell(position)].append(record)
        self.middle = _middle(bodies)

    def doubts(self, record: str, before: Body, body: Body) -> list[Doubt]:
        """What is to be looked at of a place that stood as `before` and shall stand as `body`."""
        alike = self._same_name(before, body) | self._near(before, body)
        alike.pop(record, None)
        doubts = [Doubt(self._said(other, why), other) for other, why in alike.items()]
        return [*doubts, *self._far(before, body)]

    def _said(self, record: str, why: str) -> str:
        other = self.bodies[record]
        gone = " (no longer in use)" if other.get("retired") else ""
        return f"“{other.get('name')}”{gone} {why}"

    def _same_name(self, before: Body, body: Body) -> dict[str, str]:
        if name_and_ward(before) == name_and_ward(body):
            return {}
        why = "has this name, in this ward"
        return dict.fromkeys(self.by_name.get(name_and_ward(body), []), why)

    def _near(self, before: Body, body: Body) -> dict[str, str]:
        here, category = position_of(body), body.get("category")
        if here is None or (here, category) == (position_of(before), before.get("category")):
            return {}
        north, east = _cell(here)
        found = (
            record
            for y in (north - 1, north, north + 1)
            for x in (east - 1, east, east + 1)
            for record in self.by_cell.get((category, y, x), [])
        )
        there = {
            record: metres_between(here, position_of(self.bodies[record]) or here)
            for record in found
        }
        return {
            record: f"is {round(metres)} metres from it, and of this category"
            for record, metres in there.items()
            if metres <= NEAR
        }

    def _far(self, before: Body, body: Body) -> Iterator[Doubt]:
        here = position_of(body)
        if here is None or self.middle is None or here == position_of(before):
            return
        metres = metres_between(here, self.middle)
        if metres > FAR:
            yield Doubt(f"Its position is {round(metres / 1000)} km from the other places", None)


def name_and_ward(body: Mapping[str, Any]) -> tuple[str, Any]:
    """By what people tell places apart."""
    return " ".join(plain(str(body.get("name", ""))).split()), body.get("ward")


def _cell(position: Position) -> tuple[int, int]:
    return math.floor(position[0] / _CELL), math.floor(position[1] / _CELL)


def _middle(bodies: Mapping[str, Body]) -> Position | None:
    """Where most of them lie, whatever a few of them say; None while too few say anything."""
    positions = [position for body in bodies.values() if (position := position_of(body))]
    if len(positions) < 3:
        return None
    return median(one[0] for one in positions), median(one[1] for one in positions)
