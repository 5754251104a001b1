"""Notices in the central file: folded from their pages, each number out of its own notebook's book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlite_utils import Database

from field_app import books, fold, inbox, numbers
from field_app.books import Floors
from field_app.database import all_rows, one_row, path_of, writing
from field_app.notebook import write_at_desk
from field_app.numbers import LETTERS
from field_app.times import moment_text
from field_app.verify import verify
from tests.conftest import WARD, Notebook
from tests.notices import cpn, cpw, fpn

NOW = datetime(2026, 11, 22, 14, 10, tzinfo=UTC)
LENT = 326_000
SOUND: dict[str, Callable[..., dict[str, Any]]] = {"fpn": fpn, "cpw": cpw, "cpn": cpn}


@pytest.fixture
def phones(
    app: Flask, db: Database, officer: Callable[..., str], notebook_of: Callable[[str], Notebook]
) -> list[Notebook]:
    """Two notebooks, each with its books: LENT and the nineteen after it are the first one's."""
    made = [notebook_of(officer(name)) for name in ("Ada First", "Bo Second")]
    for phone in made:
        phone.send(NOW)
        with writing(db):
            books.top_up(db, phone.id, NOW, Floors(path_of(app).parent))
    return made


def problems(db: Database) -> list[tuple[int, str]]:
    rows = all_rows(db, "SELECT page, rule FROM problems ORDER BY page, rule")
    return [(row["page"], row["rule"]) for row in rows]


def state(db: Database, record: str) -> dict[str, Any] | None:
    return one_row(db, "SELECT state, number, service FROM notices WHERE record = ?", [record])


def test_a_notice_and_how_it_was_served_are_one_row(db: Database, phones: list[Notebook]) -> None:
    ada, _ = phones
    record = ada.write("fpn", fpn(NOW, serial=LENT), NOW)
    served = {"service": "by-hand", "served_at": moment_text(NOW)}
    ada.write("served", served, NOW, record)
    assert ada.send(NOW) == ["accepted", "accepted"]
    number = numbers.number("CF26", LENT)
    assert state(db, record) == {"state": "accepted", "number": number, "service": "by-hand"}


def test_a_number_out_of_anothers_book_is_held(db: Database, phones: list[Notebook]) -> None:
    _, bo = phones
    record = bo.write("cpw", cpw(NOW, serial=LENT), NOW)
    assert bo.send(NOW) == ["held"]
    assert problems(db) == [(1, "others-number")]
    noted = {"reason": "Noted", "changes": {"since": "October"}}
    bo.write("amendment", noted, NOW, record)
    bo.send(NOW)
    assert problems(db) == [(1, "others-number")], "no amendment makes the number its own"
    kept = state(db, record)
    assert kept
    assert kept["state"] == "held"


def test_a_number_is_never_changed(db: Database, phones: list[Notebook]) -> None:
    ada, _ = phones
    record = ada.write("fpn", fpn(NOW, serial=LENT), NOW)
    changes = {"number": numbers.number("CF26", LENT + 1)}
    ada.write("amendment", {"reason": "Misread", "changes": changes}, NOW, record)
    assert ada.send(NOW) == ["accepted", "held"]
    assert problems(db) == [(2, "number-changed")]
    kept = state(db, record)
    assert kept
    assert kept["number"] == numbers.number("CF26", LENT)


MEANT: dict[str, dict[str, Any]] = {
    "fpn": {
        "issued_at": moment_text(NOW - timedelta(minutes=1)),
        "offence": "fly-tipping",
        "pspo": "invented",
        "article": "1",
        "breached": numbers.number("CN26", 1),
        "requirement": "Another",
        "amount": 40_000,
        "discount": 1,
        "discount_until": "2027-01-01",
        "pay_by": "2027-01-01",
    },
    "cpw": {
        "issued_at": moment_text(NOW - timedelta(minutes=1)),
        "conduct": "Other",
        "requirements": [{"kind": "do", "what": "Leave the borough"}],
        "comply_by": "2027-01-01",
    },
    "cpn": {
        "issued_at": moment_text(NOW - timedelta(minutes=1)),
        "conduct": "Other",
        "requirements": [{"kind": "do", "what": "Leave the borough"}],
        "comply_by": "2027-01-01",
        "warning": "0193aaaa-0000-4000-8000-00000000000f",
        "warning_number": numbers.number("CW26", 1),
        "warned_on": "2026-01-01",
        "warning_comply_by": "2026-01-01",
        "ends_on": "2029-01-01",
        "appeal_by": "2027-01-01",
    },
}
"""What the papers ask for, otherwise than it was issued."""


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind, said in MEANT.items() for field in said]
)
def test_what_an_issued_notice_asks_for_is_never_changed(
    db: Database, phones: list[Notebook], kind: str, field: str
) -> None:
    ada, _ = phones
    record = ada.write(kind, SOUND[kind](NOW, serial=LENT), NOW)
    ada.send(NOW)
    before = one_row(db, "SELECT * FROM notices")
    changes = {field: MEANT[kind][field]}
    ada.write("amendment", {"reason": "Otherwise", "changes": changes}, NOW, record)
    assert ada.send(NOW) == ["held"]
    found = all_rows(db, "SELECT field FROM problems WHERE rule = 'issued'")
    assert found == [{"field": field}]
    assert one_row(db, "SELECT * FROM notices") == before


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("fpn", {"particulars": "Dropped two cups", "recipient_name": "Alec Invented"}),
        ("cpw", {"effect": "Nobody sleeps", "review_on": "2027-01-01"}),
        ("cpn", {"recipient_address": "10 Sample Road", "informed": "The landlady"}),
    ],
)
def test_what_an_issued_notice_tells_is_put_right(
    db: Database, phones: list[Notebook], kind: str, changes: dict[str, Any]
) -> None:
    ada, _ = phones
    record = ada.write(kind, SOUND[kind](NOW, serial=LENT), NOW)
    ada.write("amendment", {"reason": "More exactly", "changes": changes}, NOW, record)
    assert ada.send(NOW) == ["accepted", "accepted"]
    assert one_row(db, f"SELECT {', '.join(changes)} FROM notices") == changes


def test_a_notice_that_the_law_makes_void_is_held_and_says_which_gate(
    db: Database, phones: list[Notebook]
) -> None:
    ada, _ = phones
    ada.write("fpn", fpn(NOW, serial=LENT, basis="cctv"), NOW)
    assert ada.send(NOW) == ["held"]
    assert problems(db) == [(1, "not-found-committing")]


def test_tables_of_notices_equal_a_fresh_fold(
    app: Flask, db: Database, phones: list[Notebook]
) -> None:
    ada, bo = phones
    for serial in range(3):
        record = ada.write("fpn", fpn(NOW, serial=LENT + serial), NOW)
    ada.write("spoiled", {"number": numbers.number("CF26", LENT + 5), "reason": "Torn"}, NOW)
    bo.write("cpw", cpw(NOW, serial=LENT), NOW - timedelta(hours=1))
    ada.write("amendment", {"reason": "Void", "entered_in_error": True}, NOW, record)
    ada.send(NOW)
    bo.send(NOW)
    assert list(verify(db, path_of(app).parent / "evidence")) == []
    with writing(db):
        fold.fold_all(db)
    assert list(verify(db, path_of(app).parent / "evidence")) == []


PHOTO = {"sha256": "ab" * 32, "taken_at": moment_text(NOW)}
SIGNATURE = {"sha256": "cd" * 32, "taken_at": moment_text(NOW)}


def test_photos_added_later_are_evidence_and_change_nothing_that_was_said(
    db: Database, phones: list[Notebook]
) -> None:
    ada, bo = phones
    record = ada.write("fpn", fpn(NOW, serial=LENT), NOW)
    ada.write("photos-added", {"photos": [PHOTO]}, NOW, record)
    bo.write("photos-added", {"photos": [PHOTO]}, NOW, record)
    ada.send(NOW)
    assert bo.send(NOW) == ["held"]
    [kept] = all_rows(db, "SELECT photos, state FROM notices")
    assert kept == {"photos": None, "state": "accepted"}
    assert PHOTO["sha256"] in {
        row["sha256"] for row in all_rows(db, "SELECT sha256 FROM evidence_listed")
    }


def test_a_signature_is_evidence_and_there_is_one_at_most(
    db: Database, phones: list[Notebook]
) -> None:
    ada, _ = phones
    served = {"service": "by-hand", "served_at": moment_text(NOW), "signature": [SIGNATURE]}
    record = ada.write("fpn", fpn(NOW, serial=LENT), NOW)
    ada.write("served", served | {"signature": [SIGNATURE, PHOTO]}, NOW, record)
    ada.write("served", served, NOW, record)
    assert ada.send(NOW) == ["accepted", "held", "accepted"]
    listed = {row["sha256"] for row in all_rows(db, "SELECT sha256 FROM evidence_listed")}
    assert SIGNATURE["sha256"] in listed


def test_a_notice_that_was_not_to_be_bears_no_number_and_no_name(
    db: Database, phones: list[Notebook]
) -> None:
    ada, _ = phones
    said = {
        "outcome": "walked-off",
        "offence": "litter",
        "address": "1 Example Street",
        "ward": WARD,
        "occurred_at": moment_text(NOW),
        "particulars": "Dropped a cup, and walked off when spoken to",
    }
    ada.write("not-issued", said, NOW)
    assert ada.send(NOW) == ["accepted"]
    [row] = all_rows(db, "SELECT * FROM not_issued")
    assert row["outcome"] == "walked-off"
    assert not {"number", "recipient_name"} & set(row)
    assert all_rows(db, "SELECT 1 FROM notices") == []


@pytest.mark.parametrize("kind", ["fpn", "cpw", "cpn"])
@pytest.mark.parametrize("letters", LETTERS.values())
def test_a_notice_whose_number_has_another_kinds_letters_is_held(
    db: Database,
    officer: Callable[..., str],
    write_pages: Callable[..., list[str]],
    kind: str,
    letters: str,
) -> None:
    make: dict[str, Any] = {"fpn": fpn, "cpw": cpw, "cpn": cpn}
    body = make[kind](NOW, number=numbers.number(f"{letters}26", 7))
    [record] = write_pages(officer("First Invented"), [(kind, body)], NOW)
    told = [
        (row["field"], row["message"])
        for row in all_rows(db, "SELECT * FROM problems WHERE record = ?", [record])
    ]
    said = f"The number of such a notice begins with {LETTERS[kind]}: look at it again."
    assert told == ([] if letters == LETTERS[kind] else [("number", said)])


def test_the_officers_phones_are_told_that_a_notice_is_void_once_a_second_person_agrees(
    db: Database, officer: Callable[..., str], notebook_of: Callable[[str], Notebook]
) -> None:
    olu = officer("Olu Officer")
    book = notebook_of(olu)
    record = book.write("fpn", fpn(NOW), NOW)
    book.send(NOW)
    lena, sam = officer("Lena Leader", "team leader"), officer("Sam Second", "team leader")
    asked = {"withdrawal": "void", "withdrawal_reason": "Written twice"}
    with writing(db):
        write_at_desk(db, lena, "withdrawal", record, asked, NOW)
    assert inbox.since(db, book.id, 0) == []
    agreed = {"withdrawal_answer": "agree", "withdrawal_answer_reason": "Yes"}
    with writing(db):
        write_at_desk(db, sam, "withdrawal-answer", record, agreed, NOW + timedelta(minutes=1))
    [told] = inbox.since(db, book.id, 0)
    assert (told["kind"], told["about"], told["fields"]) == ("void", record, {"word": "void"})
    assert "is void. Do not hand it over" in told["text"]
