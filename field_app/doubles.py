"""Probable doubles: two officers were at one place at one time, and each logged the patrol.

A patrol that several officers attended is logged by one of them, who names the others as colleagues. Where
two did it, a team leader decides whether it was one patrol, counted once, or two. Nothing is decided here by
itself, and nothing that was written changes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlite_utils import Database

from field_app.counts import COUNTED_WITH, HOLDS, STANDS
from field_app.database import all_rows, one_row
from field_app.notebook import write_at_desk
from field_app.notices import plain
from field_app.records.review import PatrolsCompared
from field_app.times import moment_text, read_moment

Row = dict[str, Any]

LOOK_BACK = timedelta(days=14)
"""How long after it began a patrol is looked at."""
CLOSE = timedelta(minutes=5)
"""A visit may be logged in one tap: patrols that are no further apart than this were at one time."""
LONGEST = timedelta(hours=12)

ONCE, TWO, UNDO = "once", "two", "undo"
"""What is decided about a pair: one patrol, two, or nothing any more."""


@dataclass(frozen=True)
class Pair:
    """Two patrols, rows as `_rows` reads them; `one` began first, and is the one that is counted."""

    one: Row
    other: Row

    @property
    def decided(self) -> str | None:
        """ONCE, TWO, or None."""
        if any(a["counted_with"] == b["record"] for a, b in self._both_ways()):
            return ONCE
        if any(b["record"] in a["not_the_same_as"] for a, b in self._both_ways()):
            return TWO
        return None

    @property
    def is_open(self) -> bool:
        """Whether there is something to decide: neither is counted with any other."""
        return not (self.decided or self.one["counted_with"] or self.other["counted_with"])

    @property
    def left_out(self) -> Row:
        """The one that is not counted by itself where they are one."""
        return self.one if self.one["counted_with"] == self.other["record"] else self.other

    @property
    def named(self) -> list[tuple[str, str]]:
        """Who names whom as a colleague, by name."""
        return [
            (a["officer_name"], b["officer_name"]) for a, b in self._both_ways() if _names(a, b)
        ]

    @property
    def seen(self) -> str:
        """What a form says of the pair that was shown with it."""
        names = ("record", "stands", "counted_with", "not_the_same_as", "compared_at", "amendments")
        shown = [[row[name] for name in names] for row in (self.one, self.other)]
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()

    def _both_ways(self) -> tuple[tuple[Row, Row], tuple[Row, Row]]:
        return (self.one, self.other), (self.other, self.one)


def pair(a: Row, b: Row) -> Pair:
    one, other = sorted((a, b), key=lambda row: (row["started_at"], row["record"]))
    return Pair(one, other)


# What is probable


def probable(patrols: Iterable[Row]) -> Iterator[Pair]:
    """The pairs among patrols, in the order in which they began, that look like one patrol: of two
    officers, at one time and place, for one purpose or by colleagues who name each other."""
    at_each: dict[str, list[Row]] = defaultdict(list)
    for patrol in patrols:
        for spot in _spots(patrol):
            at_each[spot].append(patrol)
    found = {_key(two): two for there in at_each.values() for two in _at_one_time(there)}
    order = ("started_at", "record")
    yield from sorted(
        found.values(),
        key=lambda two: [row[name] for row in (two.other, two.one) for name in order],
    )


def _at_one_time(patrols: list[Row]) -> Iterator[Pair]:
    """The pairs among patrols at one place, given in the order in which they began."""
    running: list[Row] = []
    for patrol in patrols:
        running = [row for row in running if _close(row, patrol)]
        yield from (pair(row, patrol) for row in running if _alike(row, patrol))
        running.append(patrol)


def _close(earlier: Row, later: Row) -> bool:
    return read_moment(later["started_at"]) <= read_moment(earlier["ended_at"]) + CLOSE


def _alike(a: Row, b: Row) -> bool:
    for_one_purpose = a["activity"] == b["activity"] or _names(a, b) or _names(b, a)
    return a["officer"] != b["officer"] and for_one_purpose


def _spots(patrol: Row) -> set[str]:
    """Every way in which a patrol says where it was: the place's id, and the words of name and address."""
    names = ("place", "place_name", "known_name", "address", "known_address")
    said = (_words(patrol[name] or "") for name in names)
    return {words for words in said if words}


@lru_cache(maxsize=4096)
def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", plain(text)))


def _names(a: Row, b: Row) -> bool:
    return b["officer"] in a["colleagues"]


# Reading


_ROWS = f"""
    SELECT patrols.record, patrols.page, shift, patrols.officer, officers.name AS officer_name,
      started_at, ended_at, patrols.clock_offset_s, activity, patrols.ward, place, place_name,
      patrols.address, places.name AS known_name, places.address AS known_address, colleagues,
      iif({HOLDS}, counted_with, NULL) AS counted_with, not_the_same_as, compared_at,
      patrols.amendments, {STANDS} AS stands
    FROM patrols JOIN officers ON officers.id = patrols.officer
      LEFT JOIN places ON places.record = patrols.place"""


def _rows(db: Database, where: str, values: list[Any]) -> list[Row]:
    rows = all_rows(db, f"{_ROWS} WHERE {where} ORDER BY started_at, patrols.record", values)
    lists = ("colleagues", "not_the_same_as")
    return [row | {name: json.loads(row[name] or "[]") for name in lists} for row in rows]


def _begun(db: Database, first: datetime, end: datetime) -> list[Pair]:
    """The probable doubles among the patrols that began from `first` up to `end`, and count or are counted
    with another. Few of many are one, so no more is read of each than tells which."""
    told = all_rows(
        db,
        "SELECT record, officer, started_at, ended_at, activity, place, place_name, address, colleagues "
        "FROM patrols WHERE started_at >= ? AND started_at < ? AND state = 'accepted' "
        "ORDER BY started_at, record",
        [moment_text(first), moment_text(end)],
    )
    known = {row["record"]: row for row in all_rows(db, "SELECT record, name, address FROM places")}
    for row in told:
        place = known.get(row["place"], {})
        row.update(known_name=place.get("name"), known_address=place.get("address"))
        row["colleagues"] = json.loads(row["colleagues"]) if row["colleagues"] else []
    found = [_key(two) for two in probable(told)]
    records = json.dumps(sorted({record for key in found for record in key}))
    rows = _rows(db, "patrols.record IN (SELECT value FROM json_each(?))", [records])
    whole = {row["record"]: row for row in rows}
    return [Pair(whole[one], whole[other]) for one, other in found]


def to_decide(db: Database, now: datetime) -> list[Pair]:
    """The probable doubles about which nothing is decided, the last one first."""
    begun = _begun(db, now - LOOK_BACK, now + timedelta(days=1))
    return [found for found in reversed(begun) if found.is_open]


def of_shift(db: Database, shift: str) -> list[Pair]:
    """The probable doubles of a shift's patrols, decided or not, and what was decided of others."""
    patrols = _rows(db, "shift = ? AND patrols.state = 'accepted'", [shift])
    return _with(db, patrols)


def of_patrol(db: Database, record: str) -> list[Pair]:
    """The same of one patrol."""
    return _with(db, _rows(db, "patrols.record = ? AND patrols.state = 'accepted'", [record]))


def _with(db: Database, patrols: list[Row]) -> list[Pair]:
    if not patrols:
        return []
    records = {row["record"] for row in patrols}
    first = read_moment(patrols[0]["started_at"]) - LONGEST
    end = max(read_moment(row["ended_at"]) for row in patrols) + CLOSE
    near = _begun(db, first, end)
    found = [two for two in near if {two.one["record"], two.other["record"]} & records]
    known = {(two.one["record"], two.other["record"]) for two in found}
    also = (two for two in _decided(db, patrols) if _key(two) not in known)
    shown = [two for two in (*found, *also) if two.decided or two.is_open]
    return sorted(shown, key=lambda two: (two.one["started_at"], *_key(two)))


def _key(two: Pair) -> tuple[str, str]:
    return two.one["record"], two.other["record"]


def _decided(db: Database, patrols: list[Row]) -> Iterator[Pair]:
    """What was decided of some patrols, whether they still look like doubles or not."""
    for patrol in patrols:
        others = json.dumps([patrol["counted_with"], *patrol["not_the_same_as"]])
        where = (
            "(patrols.record IN (SELECT value FROM json_each(?)) "
            f"OR patrols.counted_with = ? AND {HOLDS})"
        )
        yield from (pair(patrol, row) for row in _rows(db, where, [others, patrol["record"]]))


def counted_with(db: Database, record: str) -> Row | None:
    """The patrol with which this one is counted, while it is."""
    mine = _rows(db, f"patrols.record = ? AND {STANDS} = '{COUNTED_WITH}'", [record])
    kept = _rows(db, "patrols.record = ?", [mine[0]["counted_with"]]) if mine else []
    return kept[0] if kept else None


def one_pair(db: Database, record: str, other: str) -> Pair | None:
    """Two patrols of different officers, both here and accepted."""
    rows = _rows(db, "patrols.record IN (?, ?) AND patrols.state = 'accepted'", [record, other])
    if len({row["officer"] for row in rows}) < 2:
        return None
    return pair(*rows)


# Deciding


def decide(db: Database, leader: str, two: Pair, decision: str, now: datetime) -> None:
    """Write what a team leader decided about a pair that is open, or take back what was decided, inside
    the caller's transaction. NotWritten when a rule is broken.

    What was counted with the one that is left out stays so, and is not counted while that one is not.
    """
    one, other = two.one["record"], two.other["record"]
    if decision == ONCE:
        _write(db, leader, two.other, one, _without(two.other["not_the_same_as"], one), now)
    elif decision == TWO:
        _write(db, leader, two.other, None, [*two.other["not_the_same_as"], one], now)
    else:
        for row, beside in ((two.one, other), (two.other, one)):
            apart = _without(row["not_the_same_as"], beside)
            kept = None if row["counted_with"] == beside else row["counted_with"]
            if (kept, apart) != (row["counted_with"], row["not_the_same_as"]):
                _write(db, leader, row, kept, apart, now)


def _without(records: list[str], one: str) -> list[str]:
    return [record for record in records if record != one]


def _write(
    db: Database, leader: str, row: Row, kept: str | None, apart: list[str], now: datetime
) -> None:
    body: dict[str, Any] = {"compared_at": moment_text(now)}
    if kept:
        theirs = one_row(db, "SELECT amendments FROM patrols WHERE record = ?", [kept])
        body |= {"counted_with": kept, "own_amendments": row["amendments"]}
        body["kept_amendments"] = theirs["amendments"] if theirs else 0
    body |= {"not_the_same_as": apart} if apart else {}
    write_at_desk(db, leader, PatrolsCompared.kind, row["record"], body, now)
