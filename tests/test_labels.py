"""The central file makes sense to whoever opens it without Fieldbook."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from flask import Flask
from sqlite_utils import Database

from field_app import catalogue, labels, schema
from field_app.database import all_rows, connect, keep_setting, one_row, path_of
from field_app.times import london, moment_text
from tests.conftest import Notebook, patrol

STARTED = datetime(2026, 7, 17, 10, tzinfo=UTC)
Make = Callable[..., str]


def test_every_code_of_every_list_stands_in_the_file_with_its_label(db: Database) -> None:
    kept = all_rows(db, "SELECT list, code, label FROM choices")
    assert [tuple(row.values()) for row in kept] == [
        (name, entry.code, entry.label)
        for name in catalogue.names()
        for entry in catalogue.entries(name)
    ]


def test_a_patrol_is_read_in_words(
    db: Database, officer: Make, place: Make, notebook_of: Callable[[str], Notebook]
) -> None:
    book = notebook_of(officer("Olu Officer"))
    codes = [entry.code for entry in catalogue.entries("outcomes")][:2]
    more = {
        "colleagues": [officer("Ada Second"), officer("Bo Third")],
        "place": place("Sample Hall"),
        "mood": "calm",
        "with_police": True,
        "outcomes": codes,
    }
    book.write("patrol", patrol(STARTED, **more), STARTED)
    book.send(STARTED + timedelta(minutes=30))
    names = (
        "officer, colleagues, place, ward, activity, started_at, ended_at, received_at, outcomes, "
        "mood, with_police, advice_left, state"
    )
    found = one_row(db, f"SELECT {names} FROM patrols_in_words")
    assert found == {
        "officer": "Olu Officer",
        "colleagues": "Ada Second, Bo Third",
        "place": "Sample Hall",
        "ward": "Kilburn",
        "activity": "Faith-site reassurance",
        "started_at": "2026-07-17 11:00",
        "ended_at": "2026-07-17 11:00",
        "received_at": "2026-07-17 11:30",
        "outcomes": ", ".join(catalogue.label("outcomes", code) for code in codes),
        "mood": "Calm",
        "with_police": "yes",
        "advice_left": "no",
        "state": "accepted",
    }


@pytest.mark.parametrize("table", ["patrols", "shifts"])
def test_a_table_in_words_has_the_columns_of_the_table(db: Database, table: str) -> None:
    view = db.conn.execute(f"SELECT * FROM {table}_in_words").description
    assert [column[0] for column in view] == list(db.table(table).columns_dict)


def test_the_view_tells_london_time_as_its_clocks_do(db: Database) -> None:
    rng = Random(20)
    first = datetime(2000, 1, 1, tzinfo=UTC)
    some = [first + timedelta(minutes=rng.randrange(37 * 525_960)) for _ in range(3_000)]
    turns = [datetime(y, m, d, 1, tzinfo=UTC) for y in (2026, 2027) for m, d in _turns(y)]
    some += [turn + timedelta(minutes=more) for turn in turns for more in (-1, 0, 1)]
    said = [
        db.conn.execute(f"SELECT {labels.london_time('?1')}", [moment_text(one)]).fetchone()[0]
        for one in some
    ]
    assert said == [f"{london(one):%Y-%m-%d %H:%M}" for one in some]


def _turns(year: int) -> list[tuple[int, int]]:
    return {2026: [(3, 29), (10, 25)], 2027: [(3, 28), (10, 31)]}[year]


def test_choices_and_views_follow_the_code(app: Flask, db: Database) -> None:
    db.conn.execute("UPDATE choices SET label = 'old'")
    db.conn.execute("DROP VIEW patrols_in_words")
    keep_setting(db, "read_by", "another version")
    schema.prepare(path_of(app))
    with closing(connect(path_of(app)).conn) as again:
        assert again.execute("SELECT count(*) FROM choices WHERE label = 'old'").fetchone()[0] == 0
        assert again.execute("SELECT count(*) FROM patrols_in_words").fetchone()[0] == 0
