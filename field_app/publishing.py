"""Published weeks: what was counted when, version after version, and what has come late since.

A version is a record of its own, under an id that nobody can foresee, so that no phone's page could
begin the same record and so contest what was published.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import uuid4

from sqlite_utils import Database

from field_app import catalogue, counts
from field_app.counts import ALL, NOT_GIVEN, WeekCount
from field_app.database import all_rows
from field_app.fields import Counted, checksum_of
from field_app.notebook import NotWritten, write_at_desk
from field_app.records import Problem
from field_app.records.publication import WeekPublished, WeekRestated
from field_app.times import Week, london, read_moment
from field_app.words import how_many, moment_in_words

UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Version:
    """One version of a week's count as it was published, never changed since."""

    week: Week
    number: int
    total: int
    checksum: str
    reason: str | None
    at: datetime
    by: str
    """The name of who published it."""
    officer: str
    counted: Counted

    @cached_property
    def numbers(self) -> Counter[tuple[str, str]]:
        """How many patrols were counted, by ward and activity, either of which may be ALL."""
        cells: Counter[tuple[str, str]] = Counter()
        for what in self.counted.values():
            ward, activity = (str(what[name] or NOT_GIVEN) for name in ("ward", "activity"))
            cells.update(((ward, activity), (ward, ALL), (ALL, activity), (ALL, ALL)))
        return cells


@dataclass(frozen=True)
class Difference:
    """How a count differs from an earlier one: the patrols that are new in it, that are counted
    otherwise, and that are no longer in it."""

    added: frozenset[str]
    amended: frozenset[str]
    gone: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.records)

    @property
    def records(self) -> frozenset[str]:
        return self.added | self.amended | self.gone

    def in_words(self) -> str:
        """2 patrols more, 1 amended, 1 no longer counted"""
        said = (
            (len(self.added), f"{how_many(len(self.added), 'patrol')} more"),
            (len(self.amended), f"{len(self.amended)} amended"),
            (len(self.gone), f"{len(self.gone)} no longer counted"),
        )
        return ", ".join(words for number, words in said if number) or "Nothing"


def difference(before: Counted, after: Counted) -> Difference:
    """What differs, of what was counted before: a name that only the later count has is no difference."""
    both = before.keys() & after.keys()
    amended = {record for record in both if not before[record].items() <= after[record].items()}
    return Difference(
        frozenset(after.keys() - before.keys()),
        frozenset(amended),
        frozenset(before.keys() - after.keys()),
    )


def versions(db: Database, week: Week) -> list[Version]:
    """Every version of a week that was published, the first one first."""
    rows = all_rows(
        db,
        "SELECT version, total, checksum, restated_reason, published_weeks.written_at, officer, "
        "officers.name, counted FROM published_weeks JOIN officers ON officers.id = officer "
        "WHERE week = ? AND state = 'accepted' ORDER BY version, published_weeks.written_at",
        [str(week)],
    )
    return [
        Version(
            week,
            row["version"],
            row["total"],
            row["checksum"],
            row["restated_reason"],
            read_moment(row["written_at"]),
            row["name"],
            row["officer"],
            json.loads(row["counted"]),
        )
        for row in rows
    ]


def count_beside_published(db: Database, week: Week) -> tuple[WeekCount, list[Version]]:
    """A week's count as it is now, beside it what was published last; and every version."""
    count, published = counts.week_count(db, week), versions(db, week)
    return (replace(count, published=published[-1].numbers) if published else count), published


def publish(
    db: Database, officer: str, week: Week, now: datetime, reason: str | None = None
) -> None:
    """Publish a week's count as it is now as its next version, inside the caller's transaction.

    NotWritten when the week has not ended, when nothing differs from the last version, or when a
    restatement has no reason.
    """
    before, counted = versions(db, week), counts.counted_of_each(db, week)
    if before and not difference(before[-1].counted, counted):
        said = f"Nothing has changed since version {before[-1].number} was published."
        raise NotWritten([Problem("", said, UNCHANGED)])
    body = {
        "week": str(week),
        "version": len(before) + 1,
        "total": len(counted),
        "checksum": checksum_of(counted),
        "counted": counted,
    }
    kind = WeekRestated if before else WeekPublished
    said_why = {"restated_reason": reason} if before and reason else {}
    write_at_desk(db, officer, kind.kind, str(uuid4()), body | said_why, now)


# What is late


@dataclass(frozen=True)
class Late:
    """A patrol that is not counted now as it was published, and why; `row` is as lists show it."""

    record: str
    row: dict[str, Any]
    why: str


def late(db: Database, version: Version) -> list[Late]:
    """What came, was amended or stopped counting since a version was published."""
    now = counts.counted_of_each(db, version.week)
    differs = difference(version.counted, now)
    rows = {row["record"]: row for row in counts.these_patrols(db, differs.records)}

    def why(record: str) -> str:
        if record in differs.added:
            return _why_added(rows[record], version)
        if record in differs.amended:
            changes = _changes(version.counted[record], now[record])
            return f"Amended after: {', '.join(changes)}"
        return _why_gone(rows.get(record))

    listed = [*rows, *sorted(differs.gone - rows.keys())]
    return [Late(record, rows.get(record, {}), why(record)) for record in listed]


def late_weeks(db: Database, first: Week) -> list[tuple[Week, int]]:
    """The published weeks from one on in which something is late, the last one first, and how much."""
    rows = all_rows(
        db,
        "SELECT DISTINCT week FROM published_weeks WHERE week >= ? AND state = 'accepted' "
        "ORDER BY week DESC",
        [str(first)],
    )
    found = []
    for week in (Week.parse(row["week"]) for row in rows):
        now = counts.counted_of_each(db, week)
        found.append((week, len(difference(versions(db, week)[-1].counted, now).records)))
    return [(week, number) for week, number in found if number]


def late_among(db: Database, rows: Iterable[dict[str, Any]]) -> set[str]:
    """Which patrols of a list are late in the week in which they began."""
    found: set[str] = set()
    for week in {week for row in rows if (week := _week_to_ask(row))}:
        if published := versions(db, week):
            now = counts.counted_of_each(db, week)
            found |= difference(published[-1].counted, now).records
    return found


def _week_to_ask(row: dict[str, Any]) -> Week | None:
    """The week in which a patrol may be late. One that came before its week had ended, and was never
    amended or compared, is counted as it was when the week was published."""
    if not row["started_at"]:
        return None
    week = Week.of(read_moment(row["started_at"]))
    touched = row["amendments"] or row["compared_at"]
    return week if touched or read_moment(row["received_at"]) >= week.ends else None


def _why_added(row: dict[str, Any], version: Version) -> str:
    if read_moment(row["received_at"]) >= version.at:
        return f"Arrived after: {moment_in_words(row['received_at'])}"
    return (
        "Was here, and counts only since: it was held, entered in error, counted with another "
        "or in another week"
    )


def _why_gone(row: dict[str, Any] | None) -> str:
    if row is None:
        return "No longer counts: it is no longer here"
    if row["state"] != "accepted":
        return f"No longer counts: {row['state']}"
    return f"No longer counts: it began in {Week.of(london(row['started_at']))}"


_NAMES = {"activity": ("activity", "activities"), "ward": ("ward", "wards")}


def _changes(was: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """What is counted otherwise than it was: “ward Kilburn, now Camden Town”."""
    for name, before_it in was.items():
        if before_it == now.get(name):
            continue
        if name in _NAMES:
            word, of = _NAMES[name]
            before, after = (_label(of, said.get(name)) for said in (was, now))
            yield f"{word} {before}, now {after}"
        elif name == "joint":
            yield "joint with police" if now["joint"] else "not joint with police"
        else:
            yield "another place"


def _label(of: str, code: str | None) -> str:
    return catalogue.label(of, code) if code else "not given"
