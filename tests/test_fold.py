"""What the tables hold of a record is what its pages say, whatever order they came in."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlite_utils import Database

from field_app import fold, notebook, numbers, schema
from field_app.database import all_rows, connect, insert, one_row, writing
from field_app.times import moment_text
from tests import notices
from tests.conftest import patrol

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OFFICER = "0193aaaa-0000-4000-8000-000000000001"
OTHER = "0193aaaa-0000-4000-8000-000000000002"
Make = Callable[[], Database]


@dataclass
class Book:
    """A notebook whose writer may go back in time and write a number twice. `lent` are the books that
    its phone says it holds."""

    id: str
    pages: list[notebook.Page]
    officer: str
    lent: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def new(cls, rng: Random, officer: str = OFFICER) -> Book:
        return cls(str(uuid.UUID(int=rng.getrandbits(128), version=4)), [], officer)

    def write(self, kind: str, record: str, body: dict[str, Any], minutes: int) -> notebook.Page:
        return self.add(kind, record, body, minutes, len(self.pages))

    def fork(self, kind: str, record: str, body: dict[str, Any], minutes: int) -> notebook.Page:
        """Another page with the number of the last one."""
        return self.add(kind, record, body, minutes, len(self.pages) - 1)

    def add(self, kind: str, record: str, body: Any, minutes: int, after: int) -> notebook.Page:
        previous = self.pages[after - 1].seal if after else self.id
        written, text = moment_text(NOW + timedelta(minutes=minutes)), json.dumps(body)
        seal = notebook.seal_of(previous, after + 1, kind, record, written, text)
        page = notebook.Page(after + 1, kind, record, written, previous, seal, text)
        if after == len(self.pages):
            self.pages.append(page)
        return page


@pytest.fixture
def central(tmp_path: Path) -> Iterator[Make]:
    """Makes empty central files with two officers."""
    made: list[Database] = []

    def make() -> Database:
        path = tmp_path / f"central-{len(made)}.sqlite3"
        schema.prepare(path)
        db = connect(path)
        for name, officer in (("Olu Officer", OFFICER), ("Ada Second", OTHER)):
            row = {"username": name[:3], "name": name, "role": "officer", "password_hash": "x"}
            insert(db, "officers", {"id": officer, **row})
        made.append(db)
        return db

    yield make
    for db in made:
        db.conn.close()


def send(db: Database, book: Book, pages: list[notebook.Page]) -> None:
    with writing(db):
        notebook.open_notebook(db, book.id, book.officer, 1, NOW)
        notebook.hear_of_books(db, book.id, book.lent, NOW)
        for page in pages:
            notebook.append(db, book.id, [page], notebook.Phone(), NOW)


def held(db: Database) -> list[tuple[int, str]]:
    rows = all_rows(db, "SELECT page, rule FROM problems ORDER BY page, rule")
    return [(row["page"], row["rule"]) for row in rows]


def record_of(rng: Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def test_what_the_phone_says_lies_in_the_future_is_held_until_amended(central: Make) -> None:
    """By its own clock, whatever ours says; a later page may have a clock that went back."""
    rng, db = Random(5), central()
    book, record = Book.new(rng), record_of(rng)
    ends = moment_text(NOW + timedelta(minutes=10, milliseconds=1))
    book.write("patrol", record, patrol(NOW, ended_at=ends), 10)
    send(db, book, book.pages)
    assert held(db) == [(1, "future")]
    sound = {"reason": "Not over yet", "changes": {"ended_at": moment_text(NOW)}}
    book.write("amendment", record, sound, -60)
    send(db, book, book.pages[-1:])
    assert held(db) == []


def test_a_held_amendment_stays_held_until_another_says_all_it_said(central: Make) -> None:
    rng, db = Random(1), central()
    book, record = Book.new(rng), record_of(rng)
    book.write("patrol", record, patrol(NOW), 0)
    lost = {"spoken_to": -3, "notes": "IMPORTANT"}
    book.write("amendment", record, {"reason": "More", "changes": lost}, 1)
    book.write("amendment", record, {"reason": "Mood", "changes": {"mood": "calm"}}, 2)
    send(db, book, book.pages)
    assert held(db) == [(2, "type")]
    book.write("amendment", record, {"reason": "Again", "changes": lost | {"spoken_to": 3}}, 3)
    send(db, book, book.pages[-1:])
    assert held(db) == []
    row = one_row(db, "SELECT spoken_to, notes, mood, state FROM patrols")
    assert row == {"spoken_to": 3, "notes": "IMPORTANT", "mood": "calm", "state": "accepted"}


def test_a_forked_entry_in_error_is_held_until_it_is_said_again(central: Make) -> None:
    rng, db = Random(2), central()
    book, record = Book.new(rng), record_of(rng)
    book.write("patrol", record, patrol(NOW), 0)
    book.write("amendment", record, {"reason": "x", "changes": {"mood": "calm"}}, 1)
    in_error = {"reason": "Not ours", "entered_in_error": True}
    forked = book.fork("amendment", record, in_error, 2)
    send(db, book, [*book.pages, forked])
    assert held(db) == [(2, "forked")]
    again = Book.new(rng)
    again.write("amendment", record, in_error, 3)
    send(db, again, again.pages)
    assert held(db) == []
    assert one_row(db, "SELECT state FROM patrols") == {"state": "entered in error"}


def test_what_was_held_is_held_again_when_its_record_was_not_in_error_after_all(
    central: Make,
) -> None:
    rng, db = Random(5), central()
    book, record = Book.new(rng), record_of(rng)
    book.write("patrol", record, patrol(NOW), 0)
    lost = {"spoken_to": -3, "notes": "IMPORTANT"}
    book.write("amendment", record, {"reason": "More", "changes": lost}, 1)
    book.write("amendment", record, {"reason": "Twice", "entered_in_error": True}, 2)
    send(db, book, book.pages)
    assert held(db) == []
    book.write("amendment", record, {"reason": "It was not", "changes": {"mood": "calm"}}, 3)
    send(db, book, book.pages[-1:])
    assert held(db) == [(2, "type")]


def test_a_record_that_two_officers_began_is_held_whoever_comes_first(central: Make) -> None:
    rng = Random(6)
    mine, theirs, record = Book.new(rng), Book.new(rng, OTHER), record_of(rng)
    mine.write("patrol", record, patrol(NOW), 10)
    mine.write("amendment", record, {"reason": "Mood", "changes": {"mood": "calm"}}, 11)
    theirs.write("patrol", record, patrol(NOW, ward=None), 0)
    theirs.write("amendment", record, {"reason": "No", "entered_in_error": True}, 20)
    rules = []
    for order in ([mine, theirs], [theirs, mine]):
        db = central()
        for book in order:
            send(db, book, book.pages)
        rules.append(
            {
                (row["notebook"], row["page"])
                for row in all_rows(db, "SELECT * FROM problems WHERE rule = 'contested'")
            }
        )
        assert one_row(db, "SELECT state FROM patrols") == {"state": "held"}
    assert rules[0] == rules[1] == {(book.id, n) for book in (mine, theirs) for n in (1, 2)}


def test_a_notice_out_of_its_own_book_is_its_officers_whatever_others_write(central: Make) -> None:
    """Every phone knows the records of live notices."""
    rng = Random(6)
    mine, theirs, record = Book.new(rng), Book.new(rng, OTHER), record_of(rng)
    mine.lent = [{"series": "CF26", "first": 3001, "last": 3020}]
    mine.write("fpn", record, notices.fpn(NOW, serial=3001), 0)
    mine.write("amendment", record, {"reason": "x", "changes": {"reply": "Sorry"}}, 1)
    theirs.write("patrol", record, patrol(NOW - timedelta(days=1)), -1440)
    theirs.write("amendment", record, {"reason": "x", "changes": {"mood": "calm"}}, -1439)
    for order in ([mine, theirs], [theirs, mine]):
        db = central()
        for book in order:
            send(db, book, book.pages)
        found = all_rows(db, "SELECT notebook, page, rule FROM problems ORDER BY page")
        assert found == [
            {"notebook": theirs.id, "page": 1, "rule": "begun"},
            {"notebook": theirs.id, "page": 2, "rule": "not-yours"},
        ]
        assert all_rows(db, "SELECT officer, reply, state FROM notices") == [
            {"officer": OFFICER, "reply": "Sorry", "state": "accepted"}
        ]
        assert all_rows(db, "SELECT * FROM patrols") == []


@pytest.mark.parametrize("kind", ["patrol", "place", "payment"])
def test_a_place_stays_whatever_phones_write_of_it(central: Make, kind: str) -> None:
    rng = Random(6)
    phones, record = [Book.new(rng), Book.new(rng, OTHER)], record_of(rng)
    for book in phones:
        book.write(kind, record, patrol(NOW - timedelta(days=1)), -1440)
    desks = [Book.new(rng), Book.new(rng, OTHER)]
    for minutes, name in enumerate(("Old hall", "New hall")):
        said = {"name": name, "category": "church", "ward": "E05013665"}
        desks[minutes].write("place", record, said, minutes)
    db = central()
    for book in phones:
        send(db, book, book.pages)
    for book in desks:
        with writing(db):
            notebook.append_at_desk(db, book.id, book.officer, book.pages, NOW)
    assert all_rows(db, "SELECT name, state FROM places") == [
        {"name": "New hall", "state": "accepted"}
    ]
    assert all_rows(db, "SELECT * FROM patrols") == all_rows(db, "SELECT * FROM payments") == []


def test_a_fork_is_taken_in_at_its_own_time_however_far_the_main_line_had_come(
    central: Make,
) -> None:
    rng = Random(7)
    book, record = Book.new(rng), record_of(rng)
    book.write("patrol", record, patrol(NOW), 0)
    book.write("amendment", record, {"reason": "x", "changes": {"mood": "calm"}}, 10)
    forked = book.fork("amendment", record, {"reason": "y", "changes": {"notes": "y"}}, 20)
    book.write("amendment", record, {"reason": "z", "changes": {"notes": "z"}}, 30)
    after = [[*book.pages, forked], [*book.pages[:2], forked, *book.pages[2:]]]
    ordered = []
    for pages in after:
        db = central()
        send(db, book, pages)
        assert held(db) == []
        found = all_rows(db, "SELECT seal, ordered_at FROM pages ORDER BY seal")
        ordered.append([(row["seal"], row["ordered_at"]) for row in found])
    assert ordered[0] == ordered[1]
    assert dict(ordered[0])[forked.seal] == forked.written_at


@pytest.mark.parametrize(
    "more",
    [
        {"number": notices.fpn(NOW, serial=2)["number"]},
        {"recipient_name": "Other Invented"},
        {"particulars": "Something else"},
        {"discount": 1, "amount": 5_000},
    ],
)
def test_a_later_page_says_only_what_its_kind_declares(central: Make, more: dict[str, Any]) -> None:
    rng, db = Random(8), central()
    book, record = Book.new(rng), record_of(rng)
    book.write("fpn", record, notices.fpn(NOW), 0)
    send(db, book, book.pages)
    before = one_row(db, "SELECT * FROM notices")
    assert before
    served = {"service": "by-hand", "served_at": moment_text(NOW)}
    book.write("served", record, served | more, 1)
    send(db, book, book.pages[1:])
    assert held(db) == []
    assert one_row(db, "SELECT * FROM notices") == before | served


def test_what_a_later_page_may_not_say_puts_nothing_right(central: Make) -> None:
    rng, db = Random(9), central()
    book, record = Book.new(rng), record_of(rng)
    book.write("fpn", record, notices.fpn(NOW), 0)
    lost = {"recipient_name": 7}
    book.write("amendment", record, {"reason": "The name", "changes": lost}, 1)
    served = {"service": "by-hand", "served_at": moment_text(NOW)}
    book.write("served", record, served | {"recipient_name": "Other Invented"}, 2)
    send(db, book, book.pages)
    assert held(db) == [(2, "type")]


@pytest.mark.parametrize("kind", ["fpn", "cpw", "cpn"])
def test_r20_nobody_makes_an_issued_notice_void_alone(central: Make, kind: str) -> None:
    rng, db = Random(10), central()
    book, record = Book.new(rng), record_of(rng)
    book.write(kind, record, getattr(notices, kind)(NOW), 0)
    in_error = {"reason": "The wrong person", "entered_in_error": True}
    book.write("amendment", record, in_error, 1)
    send(db, book, book.pages)
    [problem] = all_rows(db, "SELECT page, field, message, rule FROM problems")
    assert problem == {
        "page": 2,
        "field": "entered_in_error",
        "message": "Only the desk makes an issued notice void, with a second person: "
        "tell your team leader.",
        "rule": "second-person",
    }
    assert one_row(db, "SELECT state, amendments FROM notices") == {
        "state": "accepted",
        "amendments": 0,
    }
    book.write("amendment", record, {"reason": "Where", "changes": {"address": "2 Road"}}, 2)
    send(db, book, book.pages[2:])
    assert held(db) == [(2, "second-person")]


def test_what_is_no_issued_notice_is_entered_in_error_by_its_officer(central: Make) -> None:
    rng, db = Random(11), central()
    book = Book.new(rng)
    sound = {
        "patrol": patrol(NOW),
        "shift-start": {"started_at": moment_text(NOW)},
        "spoiled": {"number": notices.fpn(NOW)["number"], "reason": "Torn"},
        "not-issued": {
            "outcome": "walked-off",
            "occurred_at": moment_text(NOW),
            "address": "1 Road",
            "ward": "E05013665",
            "particulars": "Dropped a cup",
        },
    }
    for kind, body in sound.items():
        record = record_of(rng)
        book.write(kind, record, body, 0)
        book.write("amendment", record, {"reason": "Twice", "entered_in_error": True}, 1)
    send(db, book, book.pages)
    assert held(db) == []
    for table in ("patrols", "shifts", "spoiled", "not_issued"):
        assert all_rows(db, f"SELECT state FROM {table}") == [{"state": "entered in error"}]


def test_a_forked_end_of_a_shift_is_put_right_by_ending_it_again(central: Make) -> None:
    rng, db = Random(3), central()
    book, record = Book.new(rng), record_of(rng)
    book.write("shift-start", record, {"started_at": moment_text(NOW)}, 0)
    book.write("patrol", record_of(rng), patrol(NOW), 1)
    end = {"ended_at": moment_text(NOW + timedelta(hours=8))}
    forked = book.fork("shift-end", record, end, 480)
    send(db, book, [*book.pages, forked])
    assert held(db) == [(2, "forked")]
    again = Book.new(rng)
    again.write("shift-end", record, end, 481)
    send(db, again, again.pages)
    assert held(db) == []
    assert one_row(db, "SELECT ended_at FROM shifts") == end


def test_a_shift_does_not_end_before_it_began(central: Make) -> None:
    rng, db = Random(4), central()
    book, record = Book.new(rng), record_of(rng)
    book.write("shift-start", record, {"started_at": moment_text(NOW)}, 0)
    early = {"ended_at": moment_text(NOW - timedelta(hours=1))}
    book.write("shift-end", record, early, 1)
    send(db, book, book.pages)
    assert held(db) == [(2, "not-before")]
    assert one_row(db, "SELECT ended_at, state FROM shifts") == {
        "ended_at": None,
        "state": "accepted",
    }


def test_a_question_and_its_answer_belong_together_in_whatever_order_they_come(
    central: Make,
) -> None:
    """The phone's clock is an hour slow, so its answer is written before the question was asked."""
    rng, seen = Random(8), []
    book, desk, answering = Book.new(rng), Book.new(rng, OTHER), Book.new(rng)
    record = record_of(rng)
    about = book.write("patrol", record, patrol(NOW), 0)
    asked = desk.write("query", record, {"about_page": about.seal, "question": "Who?"}, 30)
    desk.write("query-closed", record, {"query": asked.seal}, 90)
    answering.write("answer", record, {"query": asked.seal, "answer": "The caretaker"}, -20)
    elsewhere = {"query": "0" * 64, "answer": "To a question that was lost"}
    answering.write("answer", record, elsewhere, -19)
    for order in itertools.permutations([book, desk, answering]):
        db = central()
        for one in order:
            if one is desk:
                with writing(db):
                    notebook.append_at_desk(db, desk.id, OTHER, desk.pages, NOW)
            else:
                send(db, one, one.pages)
        seen.append(tables(db))
        with writing(db):
            fold.fold_all(db)
        seen.append(tables(db))
        assert held(db) == []
        moments = [moment_text(NOW + timedelta(minutes=minutes)) for minutes in (30, 0, 90)]
        names = ("asked_at", "answered_at", "closed_at")
        columns = "officer, asked_by, asked_at, answered_at, closed_by, closed_at"
        people = {"officer": OFFICER, "asked_by": OTHER, "closed_by": OTHER}
        assert one_row(db, f"SELECT {columns} FROM queries") == people | dict(
            zip(names, moments, strict=True)
        )
    assert all(one == seen[0] for one in seen)


@dataclass
class Schedule:
    """Two officers' notebooks: what one begins another amends, or begins too; some pages are forked,
    and some numbers are out of another's book, of which nobody knows before its phone says so."""

    books: list[Book]
    sent: dict[str, list[notebook.Page]]

    @classmethod
    def made(cls, rng: Random) -> Schedule:
        books = [Book.new(rng, officer) for officer in (OFFICER, OFFICER, OFFICER, OTHER)]
        for first, book in enumerate(books):
            book.lent = [{"series": "CF26", "first": 3000 + 20 * first, "last": 3019 + 20 * first}]
        sent: dict[str, list[notebook.Page]] = {book.id: [] for book in books}
        records: list[str] = []
        for minutes in range(rng.randint(6, 24)):
            book = rng.choice(books)
            write = book.fork if book.pages and rng.random() < 0.2 else book.write
            if not records or rng.random() < 0.3:
                records.append(record_of(rng))
                page = write(*_some_beginning(rng, records[-1]), minutes)
            elif rng.random() < 0.4:
                page = write(*_some_beginning(rng, rng.choice(records)), rng.randint(0, 20))
            else:
                body = _some_amendment(rng)
                page = write("amendment", rng.choice(records), body, rng.randint(0, 20))
            sent[book.id].append(page)
        return cls(books, sent)


def _some_beginning(rng: Random, record: str) -> tuple[str, str, dict[str, Any]]:
    kind, serial = rng.choice(["patrol", "fpn", "spoiled"]), rng.randint(3000, 3079)
    if kind == "patrol":
        return kind, record, patrol(NOW, spoken_to=rng.choice([1, -1]))
    if kind == "fpn":
        return kind, record, notices.fpn(NOW, serial=serial)
    return kind, record, {"number": numbers.number("CF26", serial), "reason": "Torn"}


def _some_amendment(rng: Random) -> dict[str, Any]:
    changes = {rng.choice(["notes", "mood", "ward"]): rng.choice(["calm", "E05013665", "x"])}
    return {"reason": "r", "changes": changes, "entered_in_error": rng.random() < 0.2}


def tables(db: Database) -> list[list[str]]:
    return [fold.canonical(all_rows(db, f"SELECT * FROM {name}")) for name in fold.TABLES]


@pytest.mark.parametrize("seed", range(24))
def test_tables_are_the_same_whatever_order_the_notebooks_arrive_in(
    central: Make, seed: int
) -> None:
    schedule = Schedule.made(Random(seed))
    seen = []
    for order in range(3):
        rng, db = Random(order), central()
        left = {book.id: list(schedule.sent[book.id]) for book in schedule.books}
        while any(left.values()):
            book = rng.choice([book for book in schedule.books if left[book.id]])
            several = rng.randint(1, len(left[book.id])) if order else len(left[book.id])
            send(db, book, left[book.id][:several])
            del left[book.id][:several]
        seen.append(tables(db))
        with writing(db):
            fold.fold_all(db)
        seen.append(tables(db))
    assert all(one == seen[0] for one in seen)
