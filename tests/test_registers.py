"""What an administrator keeps: each page says all of a record, and the last one stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlite_utils import Database

from field_app import fold, notebook, reference, registers, schema
from field_app.database import FILE_NAME, all_rows, connect, insert, one_row, writing
from field_app.history import history
from field_app.notebook import NotWritten
from field_app.times import moment_text
from tests.conftest import WARD, Notebook

Make = Callable[..., str]
NOW = datetime(2026, 11, 22, 14, 10, tzinfo=UTC)
HALL = {"name": "Sample Hall", "category": "church", "ward": WARD, "address": "1 Sample Road"}


@pytest.fixture
def ada(officer: Make) -> str:
    return officer("Ada Administrator", "administrator")


@pytest.fixture
def hall(db: Database, ada: str) -> str:
    record = str(uuid4())
    keep(db, ada, record, HALL)
    return record


def keep(db: Database, by: str, record: str, body: dict[str, Any], seen: str | None = None) -> bool:
    with writing(db):
        return registers.keep(db, by, "place", record, body, seen, NOW)


def row(db: Database, record: str) -> dict[str, Any]:
    found = one_row(db, "SELECT * FROM places WHERE record = ?", [record])
    assert found is not None
    return found


def test_the_last_page_stands_whole_whoever_wrote_the_one_before(
    db: Database, hall: str, officer: Make
) -> None:
    other = officer("Ben Second-Administrator", "administrator")
    changed = {"name": "Sample Old Hall", "category": "church", "ward": WARD, "retired": True}
    assert keep(db, other, hall, changed, registers.standing(db, hall).seal)
    stands = row(db, hall)
    assert (stands["name"], stands["address"], stands["retired"]) == ("Sample Old Hall", None, 1)
    assert (stands["state"], stands["amendments"]) == ("accepted", 1)
    kept = fold.canonical(all_rows(db, "SELECT * FROM places"))
    with writing(db):
        fold.fold_all(db)
    assert fold.canonical(all_rows(db, "SELECT * FROM places")) == kept


def test_who_saw_a_page_writes_after_it_whatever_the_clock_says(
    db: Database, hall: str, officer: Make
) -> None:
    for number in range(5):
        name = f"Sample Hall {number}"
        seen = registers.standing(db, hall).seal
        with writing(db):
            other = officer(f"Other{number} Administrator", "administrator")
            at = NOW - timedelta(hours=number)
            registers.keep(db, other, "place", hall, HALL | {"name": name}, seen, at)
        assert row(db, hall)["name"] == registers.standing(db, hall).body["name"] == name


def test_a_phone_is_offered_no_place_that_is_retired_or_held(
    db: Database, hall: str, ada: str
) -> None:
    keep(db, ada, str(uuid4()), HALL | {"name": "Gone Hall", "retired": True})
    with writing(db):
        notebook.keep_at_desk(db, ada, "place", [(str(uuid4()), {"name": "Held Hall"}, NOW)])
    assert [one["id"] for one in reference.places(db)] == [hall]


def test_what_stood_before_is_shown_beside_what_stands_now(
    db: Database, hall: str, ada: str
) -> None:
    keep(db, ada, hall, HALL | {"name": "Sample New Hall"}, registers.standing(db, hall).seal)
    found = history(db, hall)
    assert found is not None
    first, second = found.pages
    assert first.changes == []
    [change] = second.changes
    assert change.before
    assert change.after
    assert (change.label, change.before.value, change.after.value) == (
        "Name",
        "Sample Hall",
        "Sample New Hall",
    )
    assert second.answers == []


def test_what_has_not_changed_is_not_written_again(db: Database, hall: str, ada: str) -> None:
    assert not keep(db, ada, hall, HALL, registers.standing(db, hall).seal)
    assert not keep(db, ada, hall, HALL, "the seal of a form that is sent twice")
    assert len(all_rows(db, "SELECT 1 FROM pages WHERE record = ?", [hall])) == 1


def test_who_did_not_see_what_stands_does_not_write_over_it(
    db: Database, hall: str, ada: str
) -> None:
    seen = registers.standing(db, hall).seal
    keep(db, ada, hall, HALL | {"address": "2 Sample Road"}, seen)
    with pytest.raises(NotWritten, match="Somebody changed this meanwhile"):
        keep(db, ada, hall, HALL | {"address": "3 Sample Road"}, seen)
    assert row(db, hall)["address"] == "2 Sample Road"


def test_several_records_are_kept_all_of_them_or_none(db: Database, hall: str, ada: str) -> None:
    seen, other = registers.standing(db, hall).seal, str(uuid4())
    moved = registers.Change(hall, HALL | {"address": "2 Sample Road"}, seen)
    nameless = registers.Change(other, {"category": "church", "ward": WARD}, None)
    with pytest.raises(NotWritten, match="Enter name"), writing(db):
        registers.keep_all(db, ada, "place", [moved, nameless], NOW)
    assert [one["name"] for one in all_rows(db, "SELECT name FROM places")] == ["Sample Hall"]
    named = registers.Change(other, HALL | {"name": "Sample Old Hall"}, None)
    for written in (2, 0):
        with writing(db):
            assert registers.keep_all(db, ada, "place", [moved, named], NOW) == written
    assert {one["name"]: one["address"] for one in all_rows(db, "SELECT * FROM places")} == {
        "Sample Hall": "2 Sample Road",
        "Sample Old Hall": "1 Sample Road",
    }


def test_what_breaks_a_rule_is_not_written(db: Database, hall: str, ada: str) -> None:
    seen = registers.standing(db, hall).seal
    with pytest.raises(NotWritten, match="Select the ward"):
        keep(db, ada, hall, {"name": "Sample Hall", "category": "church"}, seen)
    assert row(db, hall)["ward"] == WARD


def test_a_phone_changes_no_register(
    db: Database, hall: str, ada: str, notebook_of: Callable[[str], Notebook]
) -> None:
    book = notebook_of(ada)
    before = NOW - timedelta(hours=1)
    book.write("place", HALL | {"name": "Taken Over"}, before, record=hall)
    book.write("amendment", {"reason": "Mine", "changes": {"name": "Taken"}}, NOW, record=hall)
    book.send(NOW)
    assert (row(db, hall)["name"], row(db, hall)["state"]) == ("Sample Hall", "accepted")
    assert registers.standing(db, hall).body == HALL
    assert registers.all_standing(db, "place") == {hall: registers.standing(db, hall)}
    assert row(db, hall)["notebook"] != book.id
    rules = all_rows(db, "SELECT rule FROM problems WHERE record = ?", [hall])
    assert {"not-at-desk", "other-kind"} <= {one["rule"] for one in rules}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("amendment", {"reason": "Mine", "changes": {"name": "Taken"}}),
        ("amendment", "not JSON"),
        ("place", HALL | {"name": "Taken Over"}),
    ],
)
def test_what_a_phone_writes_of_a_register_stands_in_nobodys_way(
    db: Database,
    hall: str,
    ada: str,
    notebook_of: Callable[[str], Notebook],
    kind: str,
    body: dict[str, Any] | str,
) -> None:
    book, stands = notebook_of(ada), registers.standing(db, hall)
    never = datetime(2199, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    book.write(kind, body, never, record=hall)
    assert book.send(NOW + timedelta(minutes=1)) == ["held"]
    assert registers.standing(db, hall) == stands
    assert keep(db, ada, hall, HALL | {"name": "Sample New Hall"}, stands.seal)
    written = one_row(db, "SELECT max(written_at) AS at FROM pages WHERE notebook <> ?", [book.id])
    assert (row(db, hall)["name"], written) == (
        "Sample New Hall",
        {"at": moment_text(NOW + timedelta(milliseconds=1))},
    )


def test_a_held_page_of_the_desk_is_not_what_stands(db: Database, ada: str) -> None:
    record = str(uuid4())
    with writing(db):
        notebook.keep_at_desk(db, ada, "place", [(record, {"name": "Sample Hall"}, NOW)])
    assert registers.standing(db, record) == ({}, None)
    assert keep(db, ada, record, HALL)
    assert row(db, record)["state"] == "accepted"


def test_places_that_were_here_before_pages_get_a_page_each(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    schema.prepare(path)
    old, gone = str(uuid4()), str(uuid4())
    db = connect(path)
    with closing(db.conn):
        who = {"username": "ada", "name": "Ada", "role": "administrator", "password_hash": "-"}
        insert(db, "officers", {"id": str(uuid4()), **who})
        made = "id TEXT, name TEXT, category TEXT, ward TEXT, latitude REAL, retired_at TEXT"
        db.conn.execute(f"CREATE TABLE places_without_pages ({made})")
        place = {"category": "church", "ward": WARD, "latitude": 51.5}
        insert(db, "places_without_pages", {"id": old, "name": "Sample Hall", **place})
        retired = {"retired_at": (NOW - timedelta(9)).isoformat()}
        insert(db, "places_without_pages", {"id": gone, "name": "Gone Hall", **place, **retired})
        schema.prepare(path)
        assert (row(db, old)["name"], row(db, old)["retired"]) == ("Sample Hall", 0)
        assert (row(db, gone)["latitude"], row(db, gone)["retired"]) == (51.5, 1)
        bodies = all_rows(db, "SELECT body FROM pages WHERE kind = 'place' ORDER BY page")
        assert {json.loads(one["body"])["name"] for one in bodies} == {"Sample Hall", "Gone Hall"}
        schema.prepare(path)
        assert len(all_rows(db, "SELECT 1 FROM pages")) == 2
