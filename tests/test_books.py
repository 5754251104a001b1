"""Notice numbers and the books they are lent in: none is ever lent twice, and each has its fate."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pysqlite3 import dbapi2 as sqlite3
from sqlite_utils import Database

from field_app import backups, books, notebook, numbers, schema
from field_app.books import A_DAY, SIZE, Book, BooksTrouble, Fate, Floors
from field_app.database import FILE_NAME, all_rows, connect, insert, path_of, writing
from field_app.times import moment_text
from field_app.verify import numbers as wrong_numbers
from field_app.verify import silent, verify
from tests.conftest import Notebook

NOW = datetime(2026, 11, 22, 14, 10, tzinfo=UTC)
TODAY = 326_000
VECTORS = json.loads((Path(__file__).parent / "vectors" / "numbers.json").read_text())
UNUSED = "lent, and not used on any page that is here"
Lend = Callable[..., None]


@pytest.fixture
def instance(app: Flask) -> Path:
    return path_of(app).parent


@pytest.fixture
def floors(instance: Path) -> Floors:
    return Floors(instance)


@pytest.fixture
def phone(officer: Callable[..., str], notebook_of: Callable[[str], Notebook]) -> Notebook:
    """A notebook that is open and was lent nothing yet."""
    made = notebook_of(officer("First Invented"))
    made.send(NOW)
    return made


@pytest.fixture
def other(officer: Callable[..., str], notebook_of: Callable[[str], Notebook]) -> Notebook:
    made = notebook_of(officer("Second Invented"))
    made.send(NOW)
    return made


@pytest.fixture
def lend(db: Database, floors: Floors) -> Lend:
    def to(phone: Notebook, now: datetime = NOW) -> None:
        with writing(db):
            books.top_up(db, phone.id, now, floors)

    return to


def held(db: Database, phone: Notebook, series: str = "CF26") -> list[tuple[int, int]]:
    """The ends of the books of a series that a notebook's standing shows."""
    shown = notebook.standing(db, phone.id, NOW)["books"]
    return [(book["first"], book["last"]) for book in shown if book["series"] == series]


def use(phone: Notebook, kind: str, serials: range, series: str = "CF26") -> list[str]:
    """Write and send a page for each serial; the records."""
    said = {"spoiled": {"reason": "Torn"}}.get(kind, {})
    records = [
        phone.write(kind, {"number": numbers.number(series, serial), **said}, NOW)
        for serial in serials
    ]
    phone.send(NOW)
    return records


# Numbers


@pytest.mark.parametrize("one", VECTORS["sound"], ids=lambda one: one["number"])
def test_sound_number_is_made_of_its_series_and_serial(one: dict[str, Any]) -> None:
    assert numbers.number(one["series"], one["serial"]) == one["number"]
    assert numbers.is_sound(one["number"])
    assert numbers.parts(one["number"]) == (one["series"], one["serial"])
    assert numbers.shown(one["number"]) == one["shown"]
    assert numbers.read(one["shown"]) == one["number"]


@pytest.mark.parametrize("one", VECTORS["damaged"], ids=lambda one: one["number"])
def test_damaged_number_is_noticed(one: dict[str, Any]) -> None:
    assert not numbers.is_sound(one["number"])
    with pytest.raises(ValueError, match="The check digits do not fit: look at the number again"):
        numbers.read(one["number"])


def test_there_are_enough_vectors_of_each_damage() -> None:
    assert len({one["number"] for one in VECTORS["sound"]}) == 40
    assert len({one["number"] for one in VECTORS["damaged"]}) == 40
    assert {one["how"] for one in VECTORS["damaged"]} == {
        "one digit wrong",
        "two neighbours changed places",
        "two changed places over one between",
    }


@pytest.mark.parametrize("one", VECTORS["typed"], ids=lambda one: one["typed"])
def test_number_is_read_however_it_was_typed(one: dict[str, str]) -> None:
    assert numbers.read(one["typed"]) == one["number"]


@pytest.mark.parametrize("typed", ["", "CF26", "CX2632604177", "CF26326041777", "0F2632604177"])
def test_what_is_no_number_is_told_how_one_looks(typed: str) -> None:
    with pytest.raises(ValueError, match="A notice number looks like CF26 326041 77"):
        numbers.read(typed)
    assert not numbers.is_sound(typed)


def test_check_digits_have_one_spelling() -> None:
    spelt = next(n for serial in range(1000) if (n := numbers.number("CF26", serial))[10:] == "98")
    assert not numbers.is_sound(f"{spelt[:10]}01")  # MOD 97-10 alone cannot tell them apart


@pytest.mark.parametrize("text", ["CF26٣26041٧٧", "CF2632604177\n", "cf2632604177"])
def test_number_is_kept_in_one_way_only(text: str) -> None:
    assert not numbers.is_sound(text)


# Lending


def test_notebook_is_lent_a_book_of_each_series(db: Database, phone: Notebook, lend: Lend) -> None:
    lend(phone)
    assert notebook.standing(db, phone.id, NOW)["books"] == [
        {"series": series, "first": TODAY, "last": TODAY + 19}
        for series in ("CF26", "CN26", "CW26")
    ]


def test_two_notebooks_are_never_lent_the_same(
    db: Database, phone: Notebook, other: Notebook, lend: Lend
) -> None:
    lend(phone)
    lend(other)
    assert (held(db, phone), held(db, other)) == (
        [(TODAY, TODAY + 19)],
        [(TODAY + 20, TODAY + 39)],
    )


def test_notebook_with_ten_numbers_left_is_lent_no_more(
    db: Database, phone: Notebook, lend: Lend
) -> None:
    lend(phone)
    use(phone, "fpn", range(TODAY, TODAY + 9))
    use(phone, "spoiled", range(TODAY + 8, TODAY + 10))  # one of them was issued all the same
    lend(phone)
    assert books.unused(db, phone.id, "CF26") == 10
    assert len(held(db, phone)) == 1


@pytest.mark.parametrize(("issued", "spoiled"), [(11, 0), (0, 11), (6, 5)])
def test_notebook_with_fewer_is_lent_another_book_of_that_series(
    db: Database, phone: Notebook, lend: Lend, issued: int, spoiled: int
) -> None:
    lend(phone)
    use(phone, "fpn", range(TODAY, TODAY + issued))
    use(phone, "spoiled", range(TODAY + issued, TODAY + issued + spoiled))
    lend(phone)
    lend(phone)
    assert held(db, phone) == [(TODAY, TODAY + 19), (TODAY + 20, TODAY + 39)]
    assert len(held(db, phone, "CW26")) == 1


def test_number_used_twice_is_used_once(db: Database, phone: Notebook, lend: Lend) -> None:
    lend(phone)
    for _ in range(3):
        use(phone, "fpn", range(TODAY, TODAY + 5))
    assert books.unused(db, phone.id, "CF26") == 15


@pytest.mark.parametrize(
    ("now", "series", "first"),
    [
        (datetime(2026, 1, 1, 12, tzinfo=UTC), "CF26", 1000),
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), "CF26", 181_000),
        (datetime(2026, 6, 30, 23, 1, tzinfo=UTC), "CF26", 182_000),  # July already in London
        (datetime(2028, 12, 31, 12, tzinfo=UTC), "CF28", 366_000),
    ],
)
def test_day_in_london_has_its_floor(
    db: Database, phone: Notebook, lend: Lend, now: datetime, series: str, first: int
) -> None:
    lend(phone, now)
    assert held(db, phone, series) == [(first, first + 19)]


def test_new_year_begins_new_series_and_the_old_numbers_stay(
    db: Database, phone: Notebook, lend: Lend
) -> None:
    lend(phone)
    lend(phone, datetime(2027, 1, 1, 9, tzinfo=UTC))
    assert (held(db, phone, "CF26"), held(db, phone, "CF27")) == (
        [(TODAY, TODAY + 19)],
        [(1000, 1019)],
    )


def test_busy_day_lends_on_into_the_next_days_numbers(
    db: Database, phone: Notebook, other: Notebook, lend: Lend, floors: Floors
) -> None:
    floors.keep("CF26", TODAY + A_DAY + 100)
    lend(phone)
    lend(other, NOW + timedelta(days=1))
    assert held(db, phone) + held(db, other) == [
        (TODAY + A_DAY + 101, TODAY + A_DAY + 120),
        (TODAY + A_DAY + 121, TODAY + A_DAY + 140),
    ]


def test_mark_is_on_disk_before_the_book_is_lent(
    db: Database, phone: Notebook, floors: Floors
) -> None:
    db.conn.execute("BEGIN IMMEDIATE")
    books.top_up(db, phone.id, NOW, floors)
    db.conn.execute("ROLLBACK")  # the machine stopped before the commit
    assert db.table("books").count == 0
    assert floors.known() == dict.fromkeys(("CF26", "CW26", "CN26"), TODAY + 19)
    assert books.next_book(db, "CF26", NOW, floors).first == TODAY + 20


def test_used_up_series_lends_nothing_and_says_so(
    db: Database, phone: Notebook, lend: Lend, floors: Floors
) -> None:
    floors.keep("CF26", numbers.LARGEST_SERIAL - SIZE + 1)
    with pytest.raises(BooksTrouble, match="There is no book left of CF26"):
        lend(phone)
    assert held(db, phone) == []


def test_number_already_on_a_notice_is_not_lent(
    db: Database, phone: Notebook, other: Notebook, lend: Lend
) -> None:
    use(other, "fpn", range(TODAY + 5, TODAY + 6))
    use(other, "spoiled", range(TODAY + 30, TODAY + 31))
    lend(phone)
    lend(other)
    assert held(db, phone) + held(db, other) == [
        (TODAY + 6, TODAY + 25),
        (TODAY + 31, TODAY + 50),
    ]


# Restored files


def older_file(instance: Path) -> Path:
    """A copy of the central file as it is now."""
    made = backups.make_backup(instance, instance / "backups", NOW, silent)
    assert made.problems == []
    return made.folder


def first_lent_after(
    instance: Path, backup: Path, now: datetime = NOW, restored: bool = True
) -> int:
    """The first serial lent by the central file of an instance that was restored, or by one that
    somebody put there by hand."""
    if restored:
        backups.restore(instance, backup, now, silent)
    else:
        (instance / FILE_NAME).write_bytes((backup / FILE_NAME).read_bytes())
        schema.prepare(instance / FILE_NAME)
    db = connect(instance / FILE_NAME)
    with closing(db.conn):
        return books.next_book(db, "CF26", now, Floors(instance)).first


@pytest.fixture
def instance_elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    schema.prepare(folder / FILE_NAME)
    return folder


def test_restore_on_the_same_machine_lends_after_all_that_was_lent(
    db: Database, phone: Notebook, other: Notebook, lend: Lend, floors: Floors, instance: Path
) -> None:
    lend(phone)
    backup = older_file(instance)
    with writing(db):
        for _ in range(120):  # more than a restore leaps
            book = books.next_book(db, "CF26", NOW, floors)
            floors.keep("CF26", book.last)
            insert(db, "books", vars(book) | {"notebook": other.id, "lent_at": moment_text(NOW)})
    db.conn.close()
    assert first_lent_after(instance, backup) == TODAY + 121 * SIZE


@pytest.mark.parametrize("standby", [False, True], ids=["new machine", "machine with an old mark"])
def test_restore_elsewhere_leaps_a_day_of_numbers(
    phone: Notebook, lend: Lend, instance: Path, instance_elsewhere: Path, standby: bool
) -> None:
    if standby:
        Floors(instance_elsewhere).keep("CF26", TODAY)
    lend(phone)
    backup = older_file(instance)
    assert first_lent_after(instance_elsewhere, backup) == TODAY + SIZE + A_DAY


def test_restore_elsewhere_leaps_from_the_days_floor_when_the_backup_lent_nothing_today(
    phone: Notebook, lend: Lend, instance: Path, instance_elsewhere: Path
) -> None:
    lend(phone, NOW - timedelta(days=9))
    backup = older_file(instance)
    assert first_lent_after(instance_elsewhere, backup) == TODAY + A_DAY


def test_restoring_again_leaps_no_further(
    phone: Notebook, lend: Lend, instance: Path, instance_elsewhere: Path
) -> None:
    lend(phone)
    backup = older_file(instance)
    once = first_lent_after(instance_elsewhere, backup)
    (instance_elsewhere / "before-restore-20261122T141000Z").rename(instance / "aside")
    assert first_lent_after(instance_elsewhere, backup) == once


def test_file_put_there_by_hand_leaps_too(
    phone: Notebook, lend: Lend, instance: Path, tmp_path: Path
) -> None:
    lend(phone)
    backup = older_file(instance)
    bare = tmp_path / "bare"
    bare.mkdir()
    assert first_lent_after(bare, backup, restored=False) == TODAY + SIZE + A_DAY


def test_file_put_there_on_a_later_day_lends_from_that_days_floor(
    phone: Notebook, lend: Lend, instance: Path, instance_elsewhere: Path
) -> None:
    lend(phone)
    backup = older_file(instance)
    Floors(instance_elsewhere).keep("CF26", 100)  # another file's, from long ago
    (instance_elsewhere / f"{FILE_NAME}-wal").unlink(missing_ok=True)
    later = NOW + timedelta(days=30)
    assert first_lent_after(instance_elsewhere, backup, later, restored=False) == TODAY + 30 * A_DAY


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"CF26": null}', '{"CF26": "many"}', "7"])
def test_mark_that_cannot_be_read_is_as_none_and_is_made_anew(
    db: Database, phone: Notebook, other: Notebook, lend: Lend, floors: Floors, text: str
) -> None:
    lend(phone)
    floors.file.write_text(text)
    lend(other)
    first = TODAY + SIZE + A_DAY
    assert held(db, other) == [(first, first + 19)]
    assert (floors.known() or {})["CF26"] == first + 19


def test_a_number_that_any_page_bears_is_not_lent(
    db: Database, phone: Notebook, lend: Lend
) -> None:
    """Also one that its page cannot use: the record was begun before."""
    [record] = use(phone, "fpn", range(TODAY - 1, TODAY))
    phone.write("spoiled", {"number": numbers.number("CF26", TODAY + 3)}, NOW, record)
    assert phone.send(NOW) == ["held"]
    lend(phone)
    assert held(db, phone) == [(TODAY + 4, TODAY + 23)]


# Books that phones say they hold


def find(db: Database, phone: Notebook, *said: Any) -> list[Book]:
    with writing(db):
        return books.find(db, phone.id, list(said), NOW)


def said(first: Any, last: Any, series: Any = "CF26") -> dict[str, Any]:
    return {"series": series, "first": first, "last": last}


def test_book_that_nobody_here_has_is_found(db: Database, phone: Notebook) -> None:
    assert find(db, phone, said(TODAY, TODAY + 19)) == [Book("CF26", TODAY, TODAY + 19)]
    assert find(db, phone, said(TODAY, TODAY + 19)) == []
    assert all_rows(db, "SELECT * FROM books") == [
        said(TODAY, TODAY + 19)
        | {"notebook": phone.id, "lent_at": moment_text(NOW), "found_at": moment_text(NOW)}
        | {"returned_at": None}
    ]
    assert held(db, phone) == [(TODAY, TODAY + 19)]


def test_found_book_is_not_lent_and_does_not_move_lending(
    db: Database, phone: Notebook, other: Notebook, lend: Lend
) -> None:
    lend(phone)
    find(db, phone, said(TODAY + 30, TODAY + 49), said(900_000, 900_019))
    lend(other)
    assert held(db, other) == [(TODAY + 50, TODAY + 69)]


@pytest.mark.parametrize("shift", [-19, -1, 0, 1, 19])
def test_book_that_overlaps_anothers_is_not_taken_over(
    db: Database, phone: Notebook, other: Notebook, lend: Lend, shift: int
) -> None:
    lend(phone)
    assert find(db, other, said(TODAY + shift, TODAY + shift + 19)) == []
    assert books.holder(db, numbers.number("CF26", TODAY)) == phone.id


def test_neighbouring_books_are_found(
    db: Database, phone: Notebook, other: Notebook, lend: Lend
) -> None:
    lend(phone)
    around = [said(TODAY - 20, TODAY - 1), said(TODAY + 20, TODAY + 39)]
    assert len(find(db, other, *around)) == 2


@pytest.mark.parametrize(
    "unsound",
    [
        None,
        7,
        [],
        {},
        said(TODAY, None),
        said(TODAY, "326019"),
        said(TODAY + 0.0, TODAY + 19),
        said(True, True),
        said(0, 19),
        said(-20, -1),
        said(TODAY + 19, TODAY),
        said(TODAY, TODAY + 100),
        said(999_990, 1_000_009),
        said(2**80, 2**80 + 19),
        said(TODAY, TODAY + 19, "CX26"),
        said(TODAY, TODAY + 19, "CF26\n"),
        said(TODAY, TODAY + 19, ["CF26"]),
    ],
    ids=repr,
)
def test_unsound_book_is_ignored(db: Database, phone: Notebook, unsound: Any) -> None:
    sound = said(TODAY + 500, TODAY + 519)
    assert find(db, phone, unsound, sound) == [Book("CF26", TODAY + 500, TODAY + 519)]


@pytest.mark.parametrize("unsound", [None, {}, "CF26", 7, {"series": "CF26"}], ids=repr)
def test_what_is_no_list_of_books_is_ignored(db: Database, phone: Notebook, unsound: Any) -> None:
    assert books.find(db, phone.id, unsound, NOW) == []


# Whose a number is, and what became of it


def test_number_is_held_by_the_notebook_it_was_lent_to(
    db: Database, phone: Notebook, other: Notebook, lend: Lend
) -> None:
    lend(phone)
    lend(other)
    serials = (TODAY - 1, TODAY, TODAY + 19, TODAY + 20, TODAY + 39, TODAY + 40)
    holders = [books.holder(db, numbers.number("CF26", serial)) for serial in serials]
    assert holders == [None, phone.id, phone.id, other.id, other.id, None]
    assert books.holder(db, numbers.number("CF27", TODAY)) is None


@pytest.mark.parametrize("text", ["", "CF26", "CF2632600000", "CF26 326000 12"])
def test_what_is_no_sound_number_is_held_by_nobody(
    db: Database, phone: Notebook, lend: Lend, text: str
) -> None:
    lend(phone)
    assert books.holder(db, text) is None


def test_numbers_of_a_withdrawn_notebook_come_back_and_are_not_lent_again(
    db: Database, phone: Notebook, other: Notebook, lend: Lend
) -> None:
    lend(phone)
    lend(other)
    use(phone, "fpn", range(TODAY, TODAY + 2))
    later = NOW + timedelta(minutes=5)
    with writing(db):
        books.take_back(db, phone.id, later)
        books.take_back(db, phone.id, later + timedelta(hours=1))
    lend(other)
    row = books.account(db)[0]
    assert {name: row[name] for name in ("issued", "spoiled", "left", "returned")} == {
        "issued": 2,
        "spoiled": 0,
        "left": 0,
        "returned": 18,
    }
    assert row["returned_at"] == moment_text(later)
    assert held(db, phone) == []
    assert held(db, other) == [(TODAY + 20, TODAY + 39)]
    assert books.holder(db, numbers.number("CF26", TODAY + 5)) == phone.id
    assert books.unused(db, phone.id, "CF26") == 0


def test_account_gives_every_number_its_fate(db: Database, phone: Notebook, lend: Lend) -> None:
    lend(phone)
    first, second = use(phone, "fpn", range(TODAY, TODAY + 2))
    (third,) = use(phone, "spoiled", range(TODAY + 2, TODAY + 3))
    use(phone, "spoiled", range(TODAY + 1, TODAY + 2))
    book = books.account(db)[0]
    counts = {name: book[name] for name in ("issued", "spoiled", "left", "returned")}
    assert counts == {"issued": 2, "spoiled": 1, "left": 17, "returned": 0}
    names = [numbers.number("CF26", serial) for serial in range(TODAY, TODAY + SIZE)]
    state = all_rows(db, "SELECT state FROM notices")[0]["state"]
    assert books.numbers(db, book) == [
        Fate(names[0], "issued", first, state),
        Fate(names[1], "issued", second, state),
        Fate(names[2], "spoiled", third, reason="Torn"),
        *(Fate(name, "lent") for name in names[3:]),
    ]


def test_account_sums_up_in_every_book(
    db: Database, phone: Notebook, other: Notebook, lend: Lend
) -> None:
    for _ in range(2):
        lend(phone)
        lend(other)
        spent = {
            book["notebook"]: book["last"] for book in books.account(db) if book["series"] == "CF26"
        }
        use(phone, "fpn", range(spent[phone.id] - 15, spent[phone.id]))
        use(other, "spoiled", range(spent[other.id] - 12, spent[other.id]))
    books.take_back(db, other.id, NOW)
    account = books.account(db)
    fates = {"issued": "issued", "spoiled": "spoiled", "left": "lent", "returned": "returned"}
    for book in account:
        told = [fate.fate for fate in books.numbers(db, book)]
        assert {name: told.count(fate) for name, fate in fates.items()} == {
            name: book[name] for name in fates
        }
        assert len(told) == SIZE
    assert len(account) == 8


# The command


@pytest.fixture
def run(app: Flask) -> Callable[..., Any]:
    return app.test_cli_runner().invoke


def test_books_say_what_was_used(
    db: Database, phone: Notebook, lend: Lend, run: Callable[..., Any]
) -> None:
    lend(phone)
    use(phone, "fpn", range(TODAY, TODAY + 2))
    find(db, phone, said(TODAY + 500, TODAY + 519))
    at, to = moment_text(NOW), f"to first, notebook {phone.id}"
    lines = run(args=["books"]).stdout.splitlines()
    assert lines[:3] == [
        f"CF26 326000–326019: lent {at} {to}: 2 issued, 0 spoiled, 18 left, 0 returned",
        f"CF26 326500–326519: found {at} {to}",
        f"CN26 326000–326019: lent {at} {to}",
    ]


def test_books_say_what_became_of_one_number(
    phone: Notebook, lend: Lend, run: Callable[..., Any], db: Database
) -> None:
    lend(phone)
    (issued,) = use(phone, "fpn", range(TODAY, TODAY + 1))
    use(phone, "spoiled", range(TODAY + 1, TODAY + 2))
    state = all_rows(db, "SELECT state FROM notices")[0]["state"]
    fates = [
        f"issued, record {issued}, {state}",
        "spoiled: Torn",
        UNUSED,
    ]
    for serial, fate in enumerate(fates, TODAY):
        number = numbers.shown(numbers.number("CF26", serial))
        done = run(args=["books", "--number", number.lower()])
        assert (done.exit_code, done.stderr) == (0, "")
        assert done.stdout.splitlines()[0] == f"{number}: {fate}"
        assert done.stdout.splitlines()[1].startswith("CF26 326000–326019: lent ")
        assert len(done.stdout.splitlines()) == 2


def test_number_whose_check_digits_do_not_fit_is_an_error(run: Callable[..., Any]) -> None:
    done = run(args=["books", "--number", "CF26 326041 78"])
    said = "Error: The check digits do not fit: look at the number again.\n"
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", said)


def test_number_that_was_never_lent_is_an_error(phone: Notebook, run: Callable[..., Any]) -> None:
    number = numbers.shown(numbers.number("CF26", TODAY))
    never = (1, "", f"Error: {number} was never lent.\n")
    done = run(args=["books", "--number", number])
    assert (done.exit_code, done.stdout, done.stderr) == never
    (record,) = use(phone, "fpn", range(TODAY, TODAY + 1))
    done = run(args=["books", "--number", number])
    assert (done.exit_code, done.stderr) == (1, never[2])
    assert done.stdout.startswith(f"{number}: issued, record {record}, ")


# Verifying


def test_sound_account_has_nothing_wrong(
    db: Database, phone: Notebook, other: Notebook, lend: Lend, instance: Path
) -> None:
    for one in (phone, other):
        lend(one)
    use(phone, "fpn", range(TODAY, TODAY + 12))
    lend(phone)
    assert list(wrong_numbers(db)) == []
    assert list(verify(db, instance / "evidence")) == []


def test_books_that_overlap_are_named(
    db: Database, phone: Notebook, lend: Lend, run: Callable[..., Any]
) -> None:
    lend(phone)
    inside = said(TODAY + 19, TODAY + 20) | {"notebook": phone.id, "lent_at": moment_text(NOW)}
    insert(db, "books", inside)
    wrong = f"book CF26 326000–326019: the book that begins at {TODAY + 19} has numbers of it too"
    assert list(wrong_numbers(db)) == [wrong]
    done = run(args=["verify"])
    assert (done.exit_code, done.stderr) == (1, f"{wrong}\nError: One thing is wrong.\n")


def test_number_that_two_notices_bear_is_named_and_stops_no_backup(
    db: Database, phone: Notebook, lend: Lend, instance: Path
) -> None:
    lend(phone)
    use(phone, "fpn", range(TODAY, TODAY + 1))
    use(phone, "fpn", range(TODAY, TODAY + 1))
    db.conn.execute("UPDATE notices SET state = 'accepted'")
    number = numbers.shown(numbers.number("CF26", TODAY))
    assert list(wrong_numbers(db)) == [f"number {number}: 2 notices bear it"]
    assert not any(number in wrong for wrong in verify(db, instance / "evidence"))
    db.conn.execute("UPDATE notices SET state = 'held' WHERE page = 2")
    assert list(wrong_numbers(db)) == []


def test_no_book_can_be_lent_twice_by_the_file_itself(
    db: Database, phone: Notebook, lend: Lend
) -> None:
    lend(phone)
    with pytest.raises(sqlite3.IntegrityError):
        insert(
            db,
            "books",
            said(TODAY, TODAY) | {"notebook": phone.id, "lent_at": moment_text(NOW)},
        )


def test_books_lent_one_after_another_touch_and_never_overlap(
    db: Database, phone: Notebook, other: Notebook, lend: Lend
) -> None:
    for turn in range(6):
        one = (phone, other)[turn % 2]
        lend(one)
        first, last = held(db, one)[-1]
        use(one, "fpn", range(first, last + 1))
    lent = [(row["first"], row["last"]) for row in books.account(db) if row["series"] == "CF26"]
    assert all(one[1] + 1 == following[0] for one, following in pairwise(lent))
    assert len(lent) == 6
