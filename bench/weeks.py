"""The weekly count over ten years of patrols.

Only the query is measured, so the patrols go straight into the folded table of a scratch file: there
are no pages behind them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlite_utils import Database

from bench.central import PLACES, add_places
from bench.measured import Measured, taking, timed
from field_app import catalogue, schema
from field_app.breakdowns import BREAKDOWNS, table
from field_app.counts import Filters, Span, counted_of_each, patrols_between, week_count
from field_app.database import connect, insert, writing
from field_app.demonstration.people import officers
from field_app.periods import Days, period
from field_app.reference import reference
from field_app.times import Week, moment_text

PATROLS, WEEKS = 300_000, 522
"""22 officers, 26 patrols a week each, for ten years."""
FIRST_WEEK = Week(date(2016, 11, 21))
BUDGET_MS = 50
REPEATS = 40
MONTHS_BY = ("ward", "category", "hours", "shifts", "visits")


def measured(folder: Path) -> list[Measured]:
    db = ten_years(folder / "ten-years.sqlite3")
    rng = Random(2)
    weeks = [
        Week(FIRST_WEEK.monday + timedelta(weeks=rng.randrange(WEEKS))) for _ in range(REPEATS)
    ]
    officer, today = officers()[0].id, weeks[0].monday
    lines = [
        timed(
            f"a week’s count over {PATROLS:,} patrols",
            [taking(partial(week_count, db, week)) for week in weeks],
            BUDGET_MS,
        ),
        timed(
            "  what was counted of each patrol of a week",
            [taking(partial(counted_of_each, db, week)) for week in weeks],
        ),
        timed(
            "  eleven months by week, with the two before, one activity",
            [taking(partial(_eleven_months, db, week)) for week in weeks],
            BUDGET_MS,
        ),
        timed(
            "  a week in every way that it is broken down",
            [taking(partial(_every_way, db, Days(week.monday, week.sunday))) for week in weeks],
            BUDGET_MS,
        ),
        timed(
            "  eleven months by ward, kind of place and hours, with officer-hours and visits",
            [taking(partial(_every_way, db, _months(week), MONTHS_BY)) for week in weeks[:10]],
        ),
        timed(
            "  the desk’s list of a week, one officer",
            [taking(partial(_list, db, week, officer)) for week in weeks],
        ),
        timed(
            f"  the reference of a phone, {PLACES:,} places",
            [taking(lambda: json.dumps(reference(db, officer, today))) for _ in range(10)],
        ),
    ]
    db.conn.close()
    return lines


def _list(db: Database, week: Week, officer: str) -> None:
    patrols_between(db, Span.of(week), Filters(officer=officer), 50)


def _every_way(db: Database, days: Days, codes: Iterable[str] = BREAKDOWNS) -> None:
    for code in codes:
        table(db, BREAKDOWNS[code], days, days.last)


def _months(week: Week) -> Days:
    return Days(week.monday, week.monday + timedelta(days=335))


def _eleven_months(db: Database, week: Week) -> None:
    days = _months(week)
    period(db, days, Filters(state="accepted", activity="faith-reassurance"))


def ten_years(path: Path) -> Database:
    """A scratch file with ten years of patrols in its folded table, and the places they went to."""
    schema.prepare(path)
    db, rng = connect(path), Random(1)
    with writing(db):
        notebooks = dict(_notebooks(db))
        rows = _patrols(rng, notebooks, add_places(db, next(iter(notebooks)), PLACES))
        first = next(rows)
        names = ", ".join(first)
        marks = ", ".join("?" * len(first))
        sql = f"INSERT INTO patrols ({names}) VALUES ({marks})"
        db.conn.execute(sql, list(first.values()))
        db.conn.executemany(sql, (list(row.values()) for row in rows))
    return db


def _notebooks(db: Database) -> Iterator[tuple[str, str]]:
    """Everybody's id, and their notebook's."""
    for number, person in enumerate(officers()):
        insert(db, "officers", asdict(person) | {"password_hash": "-"})
        notebook = str(UUID(int=number))
        row = {"id": notebook, "officer": person.id, "opened_at": "-", "last_seal": notebook}
        insert(db, "notebooks", row | {"token_serial": 1, "received_through": 0})
        yield person.id, notebook


def _ward(rng: Random) -> str:
    return rng.choice(catalogue.wards()).code


def _patrols(rng: Random, notebooks: dict[str, str], places: list[str]) -> Iterator[dict[str, Any]]:
    people, activities = list(notebooks), [entry.code for entry in catalogue.activities()]
    first = datetime.combine(FIRST_WEEK.monday, datetime.min.time(), UTC)
    for number in range(PATROLS):
        began = first + timedelta(weeks=WEEKS) * (number / PATROLS)
        ended = began + timedelta(minutes=rng.randrange(3, 40))
        officer = rng.choice(people)
        yield {
            "record": str(UUID(int=rng.getrandbits(128))),
            "kind": "patrol",
            "notebook": notebooks[officer],
            "page": number,
            "officer": officer,
            "state": "held" if rng.random() < 0.01 else "accepted",
            "amendments": 0,
            "written_at": moment_text(ended),
            "received_at": moment_text(ended + timedelta(minutes=rng.choice((1, 1, 1, 20_000)))),
            "started_at": moment_text(began),
            "ended_at": moment_text(ended),
            "activity": rng.choice(activities),
            "ward": _ward(rng),
            "place": rng.choice(places),
            "with_police": int(rng.random() < 0.2),
            "notes": "Invented. " * rng.randrange(20),
        }
