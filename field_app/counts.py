"""The patrol count of a week or of any days, and the patrols behind each of its numbers.

One WHERE clause, made in `chosen`, chooses the patrols for the count, its breakdowns, every export and
every list, so that a number and the list it opens cannot differ. `COUNTS` is what of them counts.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlite_utils import Database

from field_app import catalogue
from field_app.database import all_rows, one_row
from field_app.fields import UUID_PATTERN, Counted
from field_app.labels import london_time
from field_app.times import Week, london, moment_text

ALL, NOT_GIVEN = "all", "none"
"""In the place of the code of a ward or an activity: every one; none that a held patrol gives."""

COUNTED = "accepted"
"""What a list is asked for that has the patrols which count, and no others."""
COUNTED_WITH = "counted with another"
"""How a patrol stands that a team leader found to be one with another officer's."""


def _holds(row: str) -> str:
    """Whether this row of patrols is still to be counted with another: neither was amended since that was
    found."""
    return f"""({row}.own_amendments = {row}.amendments AND {row}.kept_amendments = coalesce(
      (SELECT amendments FROM patrols AS kept WHERE kept.record = {row}.counted_with),
      {row}.kept_amendments))"""


HOLDS = _holds("patrols")
_IS_COUNTED_WITH = f"""(patrols.counted_with IS NOT NULL AND patrols.state = 'accepted' AND EXISTS (
  WITH RECURSIVE chain(record) AS (
    SELECT record FROM patrols AS this WHERE this.rowid = patrols.rowid UNION
    SELECT link.counted_with FROM chain CROSS JOIN patrols AS link ON link.record = chain.record
    WHERE link.state = 'accepted' AND link.counted_with IS NOT NULL AND {_holds("link")})
  SELECT 1 FROM chain CROSS JOIN patrols AS last ON last.record = chain.record
  WHERE last.rowid <> patrols.rowid AND last.state = 'accepted'
    AND (last.counted_with IS NULL OR {_holds("last")} IS NOT TRUE)))"""
"""Only while the last one that it leads to counts by itself: held, in error or not here, it leaves this
one to be counted, and so does a circle."""
STANDS = f"iif({_IS_COUNTED_WITH}, '{COUNTED_WITH}', patrols.state)"
"""A patrol's state, or that it is counted with another."""
COUNTS = f"(patrols.state = 'accepted' AND NOT {_IS_COUNTED_WITH})"
"""Which patrols count."""

SPOT = "coalesce(place, lower(trim(address)))"
"""Where a patrol was: the place of the register, or else the address as the officer wrote it."""


HOURS_A_BAND = 3
_HOUR = (
    f"CAST(substr({london_time('started_at')}, 12, 2) AS INTEGER) / {HOURS_A_BAND} * {HOURS_A_BAND}"
)

DIMENSIONS = {
    "ward": f"coalesce(ward, '{NOT_GIVEN}')",
    "activity": f"coalesce(activity, '{NOT_GIVEN}')",
    "category": f"coalesce((SELECT category FROM places WHERE record = place), '{NOT_GIVEN}')",
    "day": f"substr({london_time('started_at')}, 1, 10)",
    "hours": f"printf('%02d-%02d', {_HOUR}, {_HOUR} + {HOURS_A_BAND})",
    "joint": "iif(with_police = 1, 'yes', 'no')",
}
"""What a patrol is counted under, by the name that narrows a list to it; a day is narrowed to by a span.
Days and hours are London's."""

SUPPORT = {
    "welfare-check": "welfare_check = 1",
    "outreach": "referred_to_outreach = 1",
    "safeguarding": "safeguarding_referral = 1",
    "swep-made": "swep_offer = 'made'",
    "swep-accepted": "swep_offer = 'accepted'",
    "swep-declined": "swep_offer = 'declined'",
}
"""Support that a rough-sleeping patrol says was given or offered: where it says so."""


def spot_code(spot: str | None) -> str | None:
    """A spot as it stands in a page's address: the id of a place, or a short hash of what the officer
    wrote, because addresses are kept in browsers' histories and proxies' logs."""
    if spot is None or re.fullmatch(UUID_PATTERN, spot):
        return spot
    return hashlib.sha256(spot.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Span:
    """From `begins` up to but not including `ends`."""

    begins: datetime
    ends: datetime

    @classmethod
    def of(cls, week: Week) -> Span:
        return cls(week.begins, week.ends)


@dataclass(frozen=True)
class Filters:
    """What narrows a list of patrols; None narrows nothing.

    `place` is words of its name or address, `spot` the code of exactly one place; the others that are
    not columns of a patrol are as in DIMENSIONS and SUPPORT.
    """

    officer: str | None = None
    ward: str | None = None
    activity: str | None = None
    place: str | None = None
    spot: str | None = None
    state: str | None = None
    joint: bool | None = None
    category: str | None = None
    hours: str | None = None
    outcome: str | None = None
    support: str | None = None


@dataclass(frozen=True)
class Numbers:
    """Numbers of patrols, and of the different places they went to. Held is beside, not among."""

    patrols: int = 0
    joint: int = 0
    places: int = 0
    held: int = 0


@dataclass(frozen=True)
class WeekCount:
    """The count of one week: numbers by ward and activity, either of which may be ALL.

    `published` is how many patrols were counted so in the version that was published last.
    """

    week: Week
    numbers: dict[tuple[str, str], Numbers] = field(default_factory=dict)
    published: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def at(self, ward: str = ALL, activity: str = ALL) -> Numbers:
        return self.numbers.get((ward, activity), Numbers())

    def wards(self) -> list[catalogue.Entry]:
        """The wards of that week, and any other that a patrol names."""
        return self._entries("wards", "Ward not given", {ward for ward, _ in self._counted()})

    def activities(self) -> list[catalogue.Entry]:
        return self._entries("activities", "Activity not given", {a for _, a in self._counted()})

    def _counted(self) -> set[tuple[str, str]]:
        return {*self.numbers, *self.published}

    def _entries(self, of: str, not_given: str, counted: set[str]) -> list[catalogue.Entry]:
        known = catalogue.entries(of)
        here = [
            entry
            for entry in known
            if entry.code in counted
            or entry.in_force(self.week.monday)
            or entry.in_force(self.week.sunday)
        ]
        last = catalogue.Entry(code=NOT_GIVEN, label=not_given)
        return [*here, last] if NOT_GIVEN in counted else here


def week_count(db: Database, week: Week) -> WeekCount:
    """The count of a week. A patrol belongs to the week in which it began, by London clocks."""
    where, values = chosen(db, Span.of(week), Filters())
    columns = (
        "count(*) FILTER (WHERE counts) AS patrols, "
        "count(*) FILTER (WHERE counts AND joint) AS joint, "
        "count(DISTINCT spot) FILTER (WHERE counts) AS places, "
        "count(*) FILTER (WHERE state = 'held') AS held FROM of_week"
    )
    rows = all_rows(
        db,
        f"""
        WITH of_week AS MATERIALIZED (
          SELECT {DIMENSIONS["ward"]} AS ward, {DIMENSIONS["activity"]} AS activity, state,
            {COUNTS} AS counts, with_police = 1 AS joint, {SPOT} AS spot
          FROM patrols WHERE {where} AND state != 'entered in error' AND NOT {_IS_COUNTED_WITH})
        SELECT ward, activity, {columns} GROUP BY 1, 2 UNION ALL
        SELECT ward, :all, {columns} GROUP BY 1 UNION ALL
        SELECT :all, activity, {columns} GROUP BY 2 UNION ALL
        SELECT :all, :all, {columns}
        """,
        values | {"all": ALL},
    )
    return WeekCount(week, {(row.pop("ward"), row.pop("activity")): Numbers(**row) for row in rows})


def counted_of_each(db: Database, week: Week) -> Counted:
    """The patrols that count in a week, and what is counted of each."""
    where, values = chosen(db, Span.of(week), Filters(state=COUNTED))
    rows = all_rows(
        db,
        f"""
        SELECT record, activity, ward, with_police = 1 AS joint, spot_code({SPOT}) AS spot
        FROM patrols WHERE {where}
        """,
        values,
    )
    return {row.pop("record"): row for row in rows}


def counted_in_each(db: Database, spans: Iterable[Span], filters: Filters) -> list[int]:
    """How many patrols count that began in each of several spans."""
    narrowed, values = _narrowed(db, filters)
    begun = ("started_at >= span.value ->> 0", "started_at < span.value ->> 1")
    asked = [[moment_text(span.begins), moment_text(span.ends)] for span in spans]
    rows = all_rows(
        db,
        f"""
        SELECT (SELECT count(*) FROM patrols WHERE {" AND ".join((*begun, *narrowed))}) AS patrols
        FROM json_each(:spans) AS span ORDER BY span.key
        """,
        values | {"spans": json.dumps(asked)},
    )
    return [row["patrols"] for row in rows]


def first_day(db: Database) -> date | None:
    """The London day of the first patrol that counts: before it there is nothing to compare with."""
    row = one_row(
        db,
        f"SELECT started_at FROM patrols WHERE started_at > '' AND {COUNTS} "
        "ORDER BY started_at LIMIT 1",
    )
    return london(row["started_at"]).date() if row else None


def patrols_between(
    db: Database, span: Span, filters: Filters, limit: int = -1, offset: int = 0
) -> list[dict[str, Any]]:
    """The patrols that began in a span, newest first, with their officer's and place's names."""
    where, values = chosen(db, span, filters)
    return all_rows(
        db,
        f"{_LISTED} WHERE record IN (SELECT record FROM patrols WHERE {where}) "
        f"{_NEWEST_FIRST} LIMIT :limit OFFSET :offset",
        values | {"limit": limit, "offset": offset},
    )


def these_patrols(db: Database, records: Iterable[str]) -> list[dict[str, Any]]:
    """The patrols of these records, as lists show them."""
    chosen = json.dumps(sorted(records))
    return all_rows(
        db,
        f"{_LISTED} WHERE record IN (SELECT value FROM json_each(?)) {_NEWEST_FIRST}",
        [chosen],
    )


_LISTED = f"""
    SELECT patrols.record, patrols.officer, officers.name AS officer_name, started_at, ended_at,
      written_at, received_at, clock_offset_s, activity, ward, amendments,
      {STANDS} AS state, compared_at, counted_with,
      (SELECT officers.name FROM patrols AS kept JOIN officers ON officers.id = kept.officer
        WHERE kept.record = patrols.counted_with) AS counted_with_officer,
      with_police, place, coalesce(
        (SELECT name FROM places WHERE places.record = patrols.place), place_name, address
      ) AS place_name
    FROM patrols JOIN officers ON officers.id = patrols.officer"""
_NEWEST_FIRST = "ORDER BY coalesce(started_at, written_at) DESC, record"


def how_many_patrols(db: Database, span: Span, filters: Filters) -> int:
    where, values = chosen(db, span, filters)
    row = one_row(db, f"SELECT count(*) AS n FROM patrols WHERE {where}", values)
    return row["n"] if row else 0


def places_between(db: Database, span: Span, filters: Filters) -> list[dict[str, Any]]:
    """The different places of the patrols in a span, the most visited first."""
    where, values = chosen(db, span, filters)
    return all_rows(
        db,
        f"""
        WITH visits AS (SELECT {SPOT} AS spot, place, place_name, address, ward
          FROM patrols WHERE {where})
        SELECT spot, coalesce(places.name, max(visits.place_name), max(visits.address)) AS name,
          max(visits.ward) AS ward, places.category, count(*) AS patrols
        FROM visits LEFT JOIN places ON places.record = visits.place
        WHERE spot IS NOT NULL GROUP BY spot ORDER BY patrols DESC, name
        """,
        values,
    )


_NARROWED_BY = {
    "officer": "officer = :officer",
    **{name: f"{sql} = :{name}" for name, sql in DIMENSIONS.items() if name != "day"},
    "joint": f"({DIMENSIONS['joint']} = 'yes') = :joint",
    "place": "(instr(lower(concat_ws(' ', place_name, address)), lower(:place)) OR place IN "
    "(SELECT record FROM places WHERE instr(lower(concat_ws(' ', name, address)), lower(:place))))",
    "spot": f"spot_code({SPOT}) = :spot",
    "state": f"{STANDS} = :state",
    "outcome": "EXISTS (SELECT 1 FROM json_each(outcomes) WHERE value = :outcome)",
    "support": "CASE :support "
    + " ".join(f"WHEN '{code}' THEN {sql}" for code, sql in SUPPORT.items())
    + " END",
}


def chosen(db: Database, span: Span, filters: Filters) -> tuple[str, dict[str, Any]]:
    """The one choice of patrols, and its values: `:begins` and `:ends` of the span, and those of filters.

    A held patrol may lack its start; then it belongs to when it was written.
    """
    narrowed, given = _narrowed(db, filters)
    values = given | {"begins": moment_text(span.begins), "ends": moment_text(span.ends)}
    return " AND ".join((_BEGAN, *narrowed)), values


_BEGAN = (
    "(started_at >= :begins AND started_at < :ends OR "
    "started_at IS NULL AND written_at >= :begins AND written_at < :ends)"
)
COUNTED_BETWEEN = f"{_BEGAN} AND {COUNTS}"
"""The choice of the patrols that count between `:begins` and `:ends`, without filters."""


def _narrowed(db: Database, filters: Filters) -> tuple[list[str], dict[str, Any]]:
    """What filters ask of a patrol, and their values."""
    db.conn.create_function("spot_code", 1, spot_code, deterministic=True)
    given = {name: value for name in _NARROWED_BY if (value := getattr(filters, name)) is not None}
    asked = _NARROWED_BY | ({"state": COUNTS} if filters.state == COUNTED else {})
    return [asked[name] for name in given], given
