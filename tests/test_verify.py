"""`verify` finds whatever was done to the central file behind Fieldbook's back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlite_utils import Database

from field_app import fold, notebook
from field_app.database import all_rows, connect, insert, path_of, writing
from field_app.evidence import Store
from field_app.records import body_of
from field_app.times import moment_text
from field_app.verify import notes, verify
from tests.conftest import Notebook, patrol

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
STARTED = datetime(2026, 11, 17, 10, tzinfo=UTC)


@pytest.fixture
def folder(app: Flask) -> Path:
    return path_of(app).parent / "evidence"


@pytest.fixture
def book(officer: Callable[..., str], notebook_of: Callable[[str], Notebook]) -> Notebook:
    """A notebook of four patrols, the last one held."""
    made = notebook_of(officer("First Invented"))
    for hours in range(3):
        made.write("patrol", patrol(STARTED - timedelta(hours=hours)), STARTED)
    made.write("patrol", {}, STARTED)
    assert made.send(NOW) == ["accepted", "accepted", "accepted", "held"]
    return made


@pytest.fixture
def unguarded(db: Database) -> Database:
    """The file as somebody with the sqlite3 shell meets it who has taken the guards away."""
    db.conn.execute("PRAGMA foreign_keys = OFF")
    for change in ("update", "delete"):
        db.conn.execute(f"DROP TRIGGER no_{change}_of_a_page")
    return db


@pytest.mark.usefixtures("book")
def test_pages_cannot_be_changed_or_removed(db: Database) -> None:
    for statement in ("UPDATE pages SET body = '{}'", "DELETE FROM pages"):
        with pytest.raises(Exception, match="a page is never changed and never removed"):
            db.conn.execute(statement)


@pytest.mark.usefixtures("book")
def test_sound_file_has_nothing_wrong(db: Database, folder: Path) -> None:
    assert list(verify(db, folder)) == []
    assert list(notes(db)) == []


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("UPDATE pages SET body = '{}' WHERE page = 2", ["page 2 does not fit its seal", "table"]),
        (
            "UPDATE pages SET written_at = '2026-11-17T10:00:01.000Z' WHERE page = 1",
            ["page 1 does not fit its seal", "table"],
        ),
        ("DELETE FROM pages WHERE page = 2", ["page 3 does not follow page 1", "table"]),
        ("DELETE FROM pages WHERE page = 4", ["cursor says page 4, which is not here", "table"]),
        ("DELETE FROM pages WHERE page = 1", ["page 2 does not follow page 0", "table"]),
        ("UPDATE notebooks SET received_through = 9", ["cursor says page 9, which is not here"]),
        ("UPDATE notebooks SET last_seal = id", ["cursor says page 4, which is not here"]),
        ("DELETE FROM patrols WHERE page = 1", ["table patrols is not what the pages say"]),
        ("UPDATE patrols SET ward = NULL WHERE page = 1", ["table patrols is not what"]),
        ("UPDATE patrols SET state = 'accepted'", ["table patrols is not what the pages say"]),
        ("DELETE FROM problems", ["table problems is not what the pages say"]),
        ("DELETE FROM officers", ["refers to something that is not in officers"]),
    ],
)
@pytest.mark.usefixtures("book")
def test_whatever_was_changed_is_named(
    unguarded: Database, folder: Path, statement: str, wrong: list[str]
) -> None:
    unguarded.conn.execute(statement)
    found = list(verify(unguarded, folder))
    missed = [words for words in wrong if not any(words in sentence for sentence in found)]
    assert (missed, bool(found)) == ([], True), found


def test_evidence_that_is_gone_or_altered_is_named(
    db: Database, book: Notebook, folder: Path
) -> None:
    names = [hashlib.sha256(text).hexdigest() for text in (b"gone", b"altered", b"sound")]
    for name, text in zip(names[1:], (b"changed", b"sound"), strict=True):
        file = Store(folder).path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
    for name in names:
        row = {"sha256": name, "type": "image/jpeg", "bytes": 4, "notebook": book.id}
        insert(db, "evidence", row | {"received_at": moment_text(NOW)})
    assert sorted(verify(db, folder)) == sorted(
        [
            f"evidence {names[0]}: the file is missing",
            f"evidence {names[1]}: the file does not have the bytes its name says",
        ]
    )


def test_evidence_that_has_not_come_is_a_note(db: Database, book: Notebook, folder: Path) -> None:
    photo = {"sha256": "ab" * 32, "taken_at": moment_text(STARTED)}
    book.write("patrol", patrol(STARTED, photos=[photo]), STARTED)
    book.send(NOW)
    assert list(verify(db, folder)) == []
    assert list(notes(db)) == [f"notebook {book.id}: evidence of page 5 has not come yet"]


def test_page_missing_from_a_fork_is_named(
    unguarded: Database, book: Notebook, folder: Path
) -> None:
    book.pages, book.sent = book.pages[:1], 1
    for _ in range(2):
        book.write("patrol", patrol(STARTED), STARTED)
    assert book.send(NOW) == ["forked", "forked"]
    assert list(verify(unguarded, folder)) == []
    assert list(notes(unguarded)) == [
        f"notebook {book.id}: page {page} is forked; both pages are kept" for page in (2, 3)
    ]
    record = book.pages[1].record
    with writing(unguarded):
        unguarded.conn.execute("DELETE FROM pages WHERE line = 'fork' AND page = 2")
        fold.fold(unguarded, record)
    assert list(verify(unguarded, folder)) == [
        f"notebook {book.id}: the page before forked page 3 is not here"
    ]


def test_fork_whose_page_before_is_nowhere_is_a_note(db: Database, book: Notebook) -> None:
    book.pages, book.sent = [], 0
    book.write("patrol", patrol(STARTED, notes="lost"), STARTED)
    book.write("patrol", patrol(STARTED), STARTED)
    phone = notebook.Phone(oldest=2)
    with writing(db):
        notebook.append(db, book.id, book.pages[1:], phone, NOW)
    assert list(notes(db)) == [
        f"notebook {book.id}: what came before forked page 2 is missing for ever "
        f"(recorded {moment_text(NOW)})",
        f"notebook {book.id}: page 2 is forked; both pages are kept",
    ]


def test_pages_that_come_while_verifying_do_not_look_wrong(
    app: Flask, db: Database, book: Notebook, folder: Path
) -> None:
    writer = Notebook(connect(path_of(app)), book.officer)
    writer.write("patrol", patrol(STARTED), STARTED)
    writer.write("patrol", patrol(STARTED), STARTED)

    def meanwhile(*_: object) -> None:
        if not writer.sent:
            writer.send(NOW)

    assert list(verify(db, folder, meanwhile)) == []
    assert writer.sent == 2
    writer.db.conn.close()


@pytest.mark.parametrize(
    "body",
    [
        patrol(STARTED, latitude=-0.0, longitude=1e-300, accuracy_m=5),
        patrol(STARTED, spoken_to=3.0, notes="a\x00b\ud800 \u2028"),
        patrol(STARTED, activity="falconry", ward=["x"]),
        "[" * 900 + "]" * 900,
        '{"notes": ' + "[" * 400 + "]" * 400 + "}",
    ],
    ids=["numbers", "characters", "wrong", "deep", "deep inside"],
)
def test_tables_equal_a_fresh_fold_whatever_a_body_says(
    db: Database, book: Notebook, folder: Path, body: dict[str, object] | str
) -> None:
    book.write("patrol", body, STARTED)
    book.send(NOW)
    assert list(verify(db, folder)) == []


def test_how_deep_a_body_may_be_does_not_depend_on_who_reads_it() -> None:
    def nested(depth: int) -> str:
        return '{"a": ' + "[" * (depth - 1) + "]" * (depth - 1) + "}"

    assert [body_of(nested(depth)) is not None for depth in (2, 64, 65, 900)] == [
        True,
        True,
        False,
        False,
    ]


def test_rebuilt_tables_are_the_same(db: Database, book: Notebook) -> None:
    record = book.pages[0].record
    book.write("amendment", {"reason": "Mistyped", "changes": {"spoken_to": 2}}, STARTED, record)
    book.send(NOW)
    before = {
        table: fold.canonical(all_rows(db, f"SELECT * FROM {table}")) for table in fold.TABLES
    }
    with writing(db):
        fold.fold_all(db)
    after = {table: fold.canonical(all_rows(db, f"SELECT * FROM {table}")) for table in fold.TABLES}
    assert after == before
