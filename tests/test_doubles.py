"""Two officers logged one patrol: a team leader says so with one press, and it is counted once."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlite_utils import Database

from field_app import (
    board,
    counts,
    decisions,
    desk,
    doubles,
    fold,
    notebook,
    places,
    publishing,
    reference,
    reviews,
)
from field_app.counts import COUNTED_WITH, Filters, Span, week_count
from field_app.database import all_rows, one_row, writing
from field_app.doubles import probable
from field_app.publishing import late, versions
from field_app.times import Week, moment_text
from field_app.verify import verify
from tests.conftest import patrol
from tests.desk import hidden, words
from tests.test_shift_review import Leader

NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
WEEK = Week.of(NOW)
AFTER = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ACTIVITY = "faith-reassurance"

Make = Callable[..., str]
Row = dict[str, Any]


def row(minutes: int, lasts: int = 10, **more: Any) -> Row:
    """A patrol as doubles.py reads it."""
    names = ("place", "place_name", "known_name", "address", "known_address", "counted_with")
    began = NOW + timedelta(minutes=minutes)
    said: Row = {
        **dict.fromkeys(names),
        "record": f"{minutes:04}",
        "officer": "olu",
        "officer_name": "Olu",
        "started_at": moment_text(began),
        "ended_at": moment_text(began + timedelta(minutes=lasts)),
        "activity": ACTIVITY,
        "address": "1 Example Street",
        "colleagues": [],
        "not_the_same_as": [],
    }
    return said | more


def found(*rows: Row) -> list[tuple[str, str]]:
    return [(two.one["record"], two.other["record"]) for two in probable(rows)]


ADA: Row = {"officer": "ada", "officer_name": "Ada"}


@pytest.mark.parametrize(
    ("other", "is_probable"),
    [
        (row(5, **ADA), True),
        (row(5), False),
        (row(15, **ADA), True),
        (row(16, **ADA), False),
        (row(5, **ADA, address="2 Example Street"), False),
        (row(5, **ADA, address="1, EXAMPLE street"), True),
        (row(5, **ADA, address=None, place="p", known_address="1 Example Street"), True),
        (row(5, **ADA, address="", place_name="1 Example Street"), True),
        (row(5, **ADA, activity="weapon-sweep"), False),
        (row(5, **ADA, activity="weapon-sweep", colleagues=["olu"]), True),
        (row(5, **ADA, address="2 Example Street", colleagues=["olu"]), False),
    ],
)
def test_two_patrols_are_a_probable_double_at_one_place_and_time(
    other: Row, is_probable: bool
) -> None:
    assert found(row(0), other) == ([("0000", other["record"])] if is_probable else [])


def test_nowhere_is_no_place() -> None:
    assert found(row(0, address=" "), row(1, **ADA, address=" ")) == []


def test_a_long_patrol_is_beside_each_that_began_while_it_lasted() -> None:
    rows = [row(0, 60), row(20, **ADA), row(50, **ADA), row(70, **ADA)]
    assert found(*rows) == [("0000", "0020"), ("0000", "0050")]


def test_only_patrols_at_one_place_are_looked_at_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """The board asks every half minute, of two weeks."""
    asked: list[bool] = []
    monkeypatch.setattr(doubles, "_alike", lambda a, b: asked.append(a is b))
    rows = [row(0, officer=f"{nth}", address=f"{nth // 2} Example Street") for nth in range(100)]
    assert found(*rows) == []
    assert len(asked) == 50


# Deciding, with patrols of three officers at one place


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count()
    for module in (desk, reviews, decisions):
        monkeypatch.setattr(module, "now", lambda: AFTER + timedelta(seconds=next(ticks)))


@pytest.fixture
def lena(app: Flask, leader: str) -> Leader:
    assert leader
    return Leader(app, "lena")


@pytest.fixture
def three(officer: Make, write_pages: Callable[..., list[str]]) -> list[str]:
    """One visit, logged by three officers a minute after each other; their records."""
    received = NOW + timedelta(hours=1)
    return [
        write_pages(officer(name), [("patrol", patrol(NOW + timedelta(minutes=nth)))], received)[0]
        for nth, name in enumerate(("Olu Officer", "Ada Second", "Bea Third"))
    ]


def counted(db: Database) -> int:
    return week_count(db, WEEK).at().patrols


def decide(leader: Leader, one: str, other: str, decision: str) -> str:
    """Press the button on the page of the first of the two patrols."""
    page = leader.page(f"/desk/records/{one}")
    here = rf'action="(/desk/doubles/(?:{one}/{other}|{other}/{one}))">(.*?)</form>'
    pair = re.search(here, page, re.DOTALL)
    assert pair, "the page has the pair"
    assert f'value="{decision}"' in pair[2]
    form = {name: hidden(pair[2], name) for name in ("csrf_token", "seen", "patrol")}
    return leader.send(pair[1], form, 303, decision=decision)


def stands(db: Database) -> dict[str, str | None]:
    rows = all_rows(db, "SELECT record, counted_with FROM patrols")
    return {row["record"]: row["counted_with"] for row in rows}


def rebuilt_is_the_same(db: Database, instance: Path) -> None:
    before = all_rows(db, "SELECT * FROM patrols ORDER BY record")
    with writing(db):
        fold.fold_all(db)
    assert all_rows(db, "SELECT * FROM patrols ORDER BY record") == before
    assert list(verify(db, instance / "evidence")) == []


def compare(db: Database, leader: str, record: str, with_whom: str) -> None:
    """Write that a patrol is counted with another, whatever stands of that."""
    with writing(db):
        body: Row = {"counted_with": with_whom, "compared_at": moment_text(AFTER)}
        body |= {"own_amendments": 0, "kept_amendments": 0}
        notebook.write_at_desk(db, leader, "patrols-compared", record, body, AFTER)


def test_one_patrol_is_counted_once_and_undone_the_same_way(
    app: Flask, db: Database, lena: Leader, three: list[str]
) -> None:
    one, other, _ = three
    assert counted(db) == 3
    decide(lena, other, one, "once")
    assert counted(db) == 2
    assert stands(db)[other] == one
    said = lena.read(f"/desk/records/{other}")
    assert (
        "Counted with Olu Officer’s patrol of 14:00 : it was one patrol, and is counted once."
        in said
    )
    assert "One patrol, counted once." in lena.read(f"/desk/records/{one}")
    query = "from=2026-11-16&to=2026-11-22"
    assert "Ada Second Counted with Olu Officer" in lena.read(f"/desk/patrols?{query}")
    assert "2 patrols Monday" in lena.read(f"/desk/patrols?{query}&state=accepted")
    assert "1 patrol Monday" in lena.read(f"/desk/patrols?{query}&state=counted+with+another")
    rebuilt_is_the_same(db, app.config["INSTANCE"])
    decide(lena, one, other, "undo")
    assert counted(db) == 3
    assert stands(db)[other] is None
    assert "Counted with Olu" not in lena.read(f"/desk/records/{other}")
    rebuilt_is_the_same(db, app.config["INSTANCE"])


def test_two_patrols_stay_two_and_are_asked_about_no_more(
    db: Database, lena: Leader, three: list[str]
) -> None:
    one, other, third = three
    assert len(doubles.to_decide(db, AFTER)) == 3
    decide(lena, one, other, "two")
    assert counted(db) == 3
    left = {(two.one["record"], two.other["record"]) for two in doubles.to_decide(db, AFTER)}
    assert left == {(one, third), (other, third)}
    assert "Two patrols." in lena.read(f"/desk/records/{other}")
    decide(lena, other, one, "undo")
    assert len(doubles.to_decide(db, AFTER)) == 3


def test_three_that_are_one_are_counted_once_whatever_comes_first(
    app: Flask, db: Database, lena: Leader, three: list[str]
) -> None:
    one, other, third = three
    decide(lena, other, third, "once")
    assert stands(db) == {one: None, other: None, third: other}
    decide(lena, one, other, "once")
    assert stands(db) == {one: None, other: one, third: other}
    assert counted(db) == 1
    assert doubles.to_decide(db, AFTER) == []
    rebuilt_is_the_same(db, app.config["INSTANCE"])


def test_what_is_taken_back_leaves_what_stood_before(
    db: Database, lena: Leader, three: list[str]
) -> None:
    one, other, third = three
    decide(lena, other, third, "once")
    decide(lena, one, other, "once")
    decide(lena, one, other, "undo")
    assert stands(db) == {one: None, other: None, third: other}
    assert set(counts.counted_of_each(db, WEEK)) == {one, other}


@pytest.mark.parametrize("amended", [0, 1])
def test_what_was_one_is_asked_about_again_once_either_is_amended(
    app: Flask,
    db: Database,
    lena: Leader,
    three: list[str],
    write_pages: Callable[..., list[str]],
    amended: int,
) -> None:
    """What was seen to be one may be another patrol now: it is never left out unseen."""
    one, other, _ = three
    decide(lena, one, other, "once")
    assert counted(db) == 2
    owner = one_row(db, "SELECT officer FROM patrols WHERE record = ?", [three[amended]])
    assert owner
    changes = {"reason": "Put right", "changes": {"address": "2 Example Street"}}
    write_pages(owner["officer"], [("amendment", changes, three[amended])], AFTER)
    assert counted(db) == 3
    assert "/desk/doubles/" not in lena.page(f"/desk/records/{three[amended]}")
    back = {"reason": "It was so", "changes": {"address": "1 Example Street"}}
    later = AFTER + timedelta(minutes=1)
    write_pages(owner["officer"], [("amendment", back, three[amended])], later)
    asked = {(two.one["record"], two.other["record"]) for two in doubles.to_decide(db, AFTER)}
    assert (one, other) in asked
    assert "Counted with Olu" not in lena.read(f"/desk/records/{other}")
    rebuilt_is_the_same(db, app.config["INSTANCE"])
    decide(lena, one, other, "once")
    assert counted(db) == 2


def test_while_the_other_does_not_count_this_one_does(
    db: Database, lena: Leader, three: list[str], write_pages: Callable[..., list[str]]
) -> None:
    one, other, third = three
    decide(lena, one, other, "once")
    owner = one_row(db, "SELECT officer FROM patrols WHERE record = ?", [one])
    assert owner
    in_error = {"reason": "Not ours", "entered_in_error": True}
    write_pages(owner["officer"], [("amendment", in_error, one)], AFTER)
    assert counted(db) == 2
    assert set(counts.counted_of_each(db, WEEK)) == {other, third}
    assert counts.how_many_patrols(db, Span.of(WEEK), Filters(state="accepted")) == 2
    assert "Counted with Olu" not in lena.read(f"/desk/records/{other}")


def test_a_circle_leaves_nothing_uncounted(db: Database, leader: str, three: list[str]) -> None:
    """No press at the desk makes one; two files that were joined by a restore might."""
    one, other, third = three
    for record, with_whom in ((one, other), (other, third), (third, one)):
        compare(db, leader, record, with_whom)
    assert counted(db) == 3


def test_a_patrol_may_be_counted_with_one_that_comes_later(
    db: Database, leader: str, three: list[str], officer: Make, notebook_of: Callable[..., Any]
) -> None:
    book = notebook_of(officer("Di Fourth"))
    compare(db, leader, three[0], book.write("patrol", patrol(NOW), NOW))
    assert counted(db) == 3
    book.send(AFTER)
    assert counted(db) == 3
    assert counts.how_many_patrols(db, Span.of(WEEK), Filters(state=COUNTED_WITH)) == 1


def test_a_press_sent_twice_decides_once_and_a_stale_one_is_told(
    db: Database, lena: Leader, three: list[str]
) -> None:
    one, other, _ = three
    address = f"/desk/doubles/{one}/{other}"
    pair = lena.page("/desk/doubles").partition(f'action="{address}"')[2]
    form = {name: hidden(pair, name) for name in ("csrf_token", "seen")}
    for _ in range(2):
        lena.send(address, form, 303, decision="once")
    written = "SELECT 1 FROM pages WHERE kind = 'patrols-compared'"
    assert len(all_rows(db, written)) == 1
    assert reviews.MEANWHILE in lena.send(address, form, 409, decision="two")
    lena.send(address, form, 400, decision="three")
    lena.send(f"/desk/doubles/{one}/{one}", form, 404, decision="once")
    assert len(all_rows(db, written)) == 1


def test_nobody_decides_about_a_patrol_of_their_own(
    db: Database, lena: Leader, leader: str, three: list[str], write_pages: Callable[..., list[str]]
) -> None:
    [own] = write_pages(leader, [("patrol", patrol(NOW))], NOW)
    page = lena.page(f"/desk/records/{own}")
    assert "One patrol or two" in words(page)
    assert "/desk/doubles/" not in page
    form = {"csrf_token": hidden(page, "csrf_token"), "seen": ""}
    said = lena.send(f"/desk/doubles/{three[0]}/{own}", form, 409, decision="once")
    assert "Nobody decides about a patrol of their own." in said
    assert counted(db) == 4


def test_an_officer_s_phone_counts_nothing_with_anything(
    db: Database, three: list[str], write_pages: Callable[..., list[str]]
) -> None:
    owner = one_row(db, "SELECT officer FROM patrols WHERE record = ?", [three[0]])
    assert owner
    said = {"counted_with": three[1], "compared_at": moment_text(NOW)}
    changes = {"reason": "Same", "changes": {"counted_with": three[1]}}
    pages = [("patrols-compared", said, three[0]), ("amendment", changes, three[0])]
    write_pages(owner["officer"], pages, NOW)
    assert stands(db)[three[0]] is None
    assert counted(db) == 3


def test_a_published_week_shows_what_is_counted_once_since_as_late(
    db: Database, lena: Leader, leader: str, three: list[str]
) -> None:
    one, other, _ = three
    with writing(db):
        publishing.publish(db, leader, WEEK, AFTER)
    decide(lena, one, other, "once")
    why = {line.record: line.why for line in late(db, versions(db, WEEK)[-1])}
    assert why == {other: "No longer counts: counted with another"}
    with writing(db):
        publishing.publish(db, leader, WEEK, AFTER + timedelta(hours=1), "Logged twice")
    assert [version.total for version in versions(db, WEEK)] == [3, 2]
    decide(lena, one, other, "undo")
    why = {line.record: line.why for line in late(db, versions(db, WEEK)[-1])}
    assert list(why) == [other]
    assert "counted with another" in why[other]
    listed = lena.read("/desk/patrols?from=2026-11-16&to=2026-11-22")
    assert listed.count("Accepted Late") == 1


def test_the_log_of_a_shift_has_its_doubles_with_the_buttons(
    db: Database, lena: Leader, officer: Make, notebook_of: Callable[..., Any], three: list[str]
) -> None:
    book = notebook_of(officer("Cy Fourth"))
    shift = book.write("shift-start", {"started_at": moment_text(NOW)}, NOW)
    began = NOW + timedelta(minutes=4)
    mine = book.write("patrol", patrol(began, shift=shift), began)
    book.write("shift-end", {"ended_at": moment_text(began)}, began, shift)
    book.send(began)
    page = lena.page(f"/desk/shifts/{shift}")
    assert "Probable doubles 1 Example Street" in words(page)
    assert page.count('value="once"') == 3
    address = f"/desk/doubles/{three[0]}/{mine}"
    pair = page.partition(f'action="{address}"')[2]
    form = {name: hidden(pair, name) for name in ("csrf_token", "seen", "shift")}
    answer = lena.client.post(address, data=form | {"decision": "once"})
    assert answer.location == f"/desk/shifts/{shift}#doubles"
    assert (counted(db), stands(db)[mine]) == (3, three[0])
    said = lena.read(f"/desk/shifts/{shift}")
    assert "Faith-site reassurance Accepted Counted with Olu Officer" in said
    assert said.count("One patrol, count once") == 0


def test_a_place_was_visited_when_a_patrol_there_counts_and_a_shift_has_what_was_logged(
    db: Database,
    lena: Leader,
    officer: Make,
    place: Make,
    notebook_of: Callable[..., Any],
) -> None:
    hall, records, shifts = place("Sample Hall"), [], []
    for nth, name in enumerate(("Olu Officer", "Ada Second")):
        book, began = notebook_of(officer(name)), AFTER - timedelta(minutes=9 - nth)
        shifts.append(book.write("shift-start", {"started_at": moment_text(began)}, began))
        at = patrol(began, shift=shifts[-1], place=hall, address=None)
        records.append(book.write("patrol", at, began))
        book.send(AFTER)
    decide(lena, records[0], records[1], "once")
    first = moment_text(AFTER - timedelta(minutes=9))
    known = places.place(db, hall)
    assert known
    assert known["last_visit"] == first
    assert [row["last_visited"] for row in reference.places(db)] == [first]
    assert [row["patrols"] for row in board.shifts_of_day(db, AFTER.date())] == [1, 1]
    assert lena.read("/desk").count("Patrols logged") == 2
