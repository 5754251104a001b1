"""Earlier notices to the same person: looked for again when a notice arrives."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import earlier, numbers, reference
from field_app.database import all_rows, writing
from field_app.notebook import write_at_desk, write_from_paper
from field_app.times import moment_text
from tests.conftest import WARD, Notebook, patrol, sign_in
from tests.notices import cpn, cpw, fpn

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
BEFORE = NOW - timedelta(days=10)
Person = dict[str, Any]
NOBODY = "0193aaaa-0000-4000-8000-00000000000f"
ADA: Person = {"recipient_name": "Ada Example", "born": "1990-01-01"}


@pytest.fixture
def two(
    officer: Callable[..., str], notebook_of: Callable[[str], Notebook]
) -> Callable[..., tuple[Notebook, str, str]]:
    """One officer's notice, and ten days later another's to perhaps the same person."""

    def issue(first: Person, second: Person, knew: bool = False) -> tuple[Notebook, str, str]:
        olga, pat = (notebook_of(officer(name)) for name in ("Olga Officer", "Pat Officer"))
        one = olga.write("fpn", fpn(BEFORE, serial=1, **first), BEFORE)
        olga.send(BEFORE)
        said = second | ({"earlier": [one]} if knew else {})
        two = pat.write("fpn", fpn(NOW, serial=2, **said), NOW)
        pat.send(NOW)
        return pat, one, two

    return issue


def told(db: Database) -> list[str]:
    rows = all_rows(db, "SELECT text FROM inbox WHERE kind = 'earlier'")
    return [row["text"] for row in rows]


@pytest.mark.usefixtures("leader")
@pytest.mark.parametrize(
    "other",
    [
        ADA,
        {"recipient_name": "ADA EXAMPLE", "born": "1990-01-01"},
        {"recipient_name": "Ada Example", "born": None},
        {"recipient_name": "A. Éxample", "born": "1990-01-01"},
    ],
)
def test_an_earlier_notice_that_the_phone_missed_is_told_to_officer_and_desk(
    db: Database,
    two: Callable[..., tuple[Notebook, str, str]],
    client: FlaskClient,
    other: Person,
) -> None:
    _, one, record = two(ADA, other)
    assert [row["record"] for row in earlier.of(db, record, NOW.date())] == [one]
    [text] = told(db)
    assert "CF26 000001" in text
    sign_in(client, "lena")
    assert "not on the officer’s phone" in client.get(f"/desk/records/{record}").text


@pytest.mark.parametrize(
    "other",
    [
        {"recipient_name": "Bo Example", "born": "1991-01-01"},
        {"recipient_name": "Ada Example", "born": "1991-01-01"},
        {"recipient_name": "Bo Invented", "born": "1990-01-01"},
    ],
)
def test_another_person_is_not_taken_for_the_same(
    db: Database, two: Callable[..., tuple[Notebook, str, str]], other: Person
) -> None:
    _, _, record = two(ADA, other)
    assert earlier.of(db, record, NOW.date()) == []
    assert told(db) == []


def test_what_the_phone_knew_is_not_told_again(
    db: Database, two: Callable[..., tuple[Notebook, str, str]]
) -> None:
    _, _, record = two(ADA, ADA, knew=True)
    assert [row["knew"] for row in earlier.of(db, record, NOW.date())] == [True]
    assert told(db) == []


def test_a_notice_that_was_withdrawn_is_nothing_to_tell_of(
    db: Database,
    leader: str,
    officer: Callable[..., str],
    notebook_of: Callable[[str], Notebook],
) -> None:
    olga, pat = (notebook_of(officer(name)) for name in ("Olga Officer", "Pat Officer"))
    first = olga.write("fpn", fpn(BEFORE, serial=1, **ADA), BEFORE)
    olga.send(BEFORE)
    asked = {"withdrawal": "withdraw", "withdrawal_reason": "The wrong person"}
    agreed = {"withdrawal_answer": "agree", "withdrawal_answer_reason": "The wrong person"}
    with writing(db):
        write_at_desk(db, leader, "withdrawal", first, asked, BEFORE)
        second = officer("Second Person", "team-leader")
        later = BEFORE + timedelta(hours=1)
        write_at_desk(db, second, "withdrawal-answer", first, agreed, later)
    record = pat.write("fpn", fpn(NOW, serial=2, **ADA), NOW)
    pat.send(NOW)
    assert earlier.of(db, record, NOW.date()) == []
    assert told(db) == []


def test_an_officer_knows_of_their_own(
    db: Database, officer: Callable[..., str], notebook_of: Callable[[str], Notebook]
) -> None:
    olga = notebook_of(officer("Olga Officer"))
    olga.write("fpn", fpn(BEFORE, serial=1, **ADA), BEFORE)
    record = olga.write("fpn", fpn(NOW, serial=2, **ADA), NOW)
    olga.send(NOW)
    assert [row["knew"] for row in earlier.of(db, record, NOW.date())] == [True]
    assert told(db) == []


def test_a_page_that_is_sent_again_is_told_of_once(
    db: Database, two: Callable[..., tuple[Notebook, str, str]]
) -> None:
    pat, _, _ = two(ADA, ADA)
    pat.sent = 0
    assert pat.send(NOW) == ["known"]
    assert len(told(db)) == 1


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, []),
        ({"recipient_name": "Bo Invented"}, ["The warning was given to another person"]),
        ({"warning": NOBODY}, ["The warning that this notice follows is not on file"]),
        ({"observation": NOBODY}, ["The fresh observation is no patrol"]),
        ({"warning_comply_by": "2026-11-21"}, ["The fresh observation is no patrol"]),
    ],
)
def test_r13_the_desk_sees_what_a_notice_lacks_to_stand_on(
    db: Database,
    officer: Callable[..., str],
    notebook_of: Callable[[str], Notebook],
    change: Person,
    missing: list[str],
) -> None:
    olga = notebook_of(officer("Olga Officer"))
    warned = NOW - timedelta(days=30)
    warning = olga.write("cpw", cpw(warned, serial=1), warned)
    seen = olga.write("patrol", patrol(NOW - timedelta(days=1)), NOW)
    said = {"warning": warning, "observation": seen} | change
    record = olga.write("cpn", cpn(NOW, serial=1, **said), NOW)
    olga.send(NOW)
    [row] = all_rows(db, "SELECT * FROM notices WHERE record = ?", [record])
    found = earlier.missing_ground(db, row)
    assert len(found) == len(missing)
    assert all(said.startswith(start) for said, start in zip(found, missing, strict=True))


PEOPLE = json.loads((Path(__file__).parent / "vectors" / "people.json").read_text())


@pytest.mark.parametrize("pair", PEOPLE)
def test_who_is_the_same_is_as_the_shared_vectors_say(pair: Person) -> None:
    nobody = {"recipient_name": None, "born": None}
    one, other = nobody | pair["one"], nobody | pair["other"]
    assert earlier.is_same_person(one, other) is pair["same"]
    assert earlier.is_same_person(other, one) is pair["same"]


def test_whom_the_vectors_call_the_same_is_found_among_all_others(
    db: Database, officer: Callable[..., str], notebook_of: Callable[[str], Notebook]
) -> None:
    olga, pat = (notebook_of(officer(name)) for name in ("Olga Officer", "Pat Officer"))
    pairs = []
    for serial, pair in enumerate(PEOPLE):
        one = olga.write("fpn", fpn(BEFORE, serial=2 * serial, **pair["one"]), BEFORE)
        two = pat.write("fpn", fpn(NOW, serial=2 * serial + 1, **pair["other"]), NOW)
        pairs.append((one, two, pair["same"]))
    olga.send(BEFORE)
    pat.send(NOW)
    for one, two, same in pairs:
        assert (one in {row["record"] for row in earlier.of(db, two, NOW.date())}) is same


@pytest.mark.parametrize(
    ("days", "first", "found"),
    [
        (365, {"recipient_name": "Ada Exampel"}, True),
        (366, {"recipient_name": "Ada Exampel"}, False),
        (366, {"recipient_name": "ADA EXAMPLE"}, True),
        (3_000, {"recipient_name": "A Exampel", "born": "1990-01-01"}, True),
    ],
)
def test_who_was_spelt_otherwise_is_looked_for_a_year_back_or_by_their_date_of_birth(
    db: Database,
    officer: Callable[..., str],
    notebook_of: Callable[[str], Notebook],
    days: int,
    first: Person,
    found: bool,
) -> None:
    olga = notebook_of(officer("Olga Officer"))
    at = NOW - timedelta(days=days)
    one = olga.write("cpw", cpw(at, serial=1, **first), at)
    record = olga.write("cpw", cpw(NOW, serial=2, **ADA), NOW)
    olga.send(NOW)
    assert [row["record"] for row in earlier.of(db, record, NOW.date())] == [one] * found


def test_a_phone_is_told_which_notices_are_live_and_no_more_of_them_than_it_needs(
    db: Database, officer: Callable[..., str], notebook_of: Callable[[str], Notebook]
) -> None:
    olga = notebook_of(officer("Olga Officer"))
    penalty = olga.write("fpn", fpn(BEFORE, **ADA), BEFORE)
    warning = olga.write("cpw", cpw(NOW, vulnerability_reason="Private"), NOW)
    olga.send(NOW)
    told = reference.warnings(db, NOW.date())
    assert [(one["record"], one["kind"], one["standing"]) for one in told] == [
        (warning, "cpw", "Running"),
        (penalty, "fpn", "Issued, not yet handed over"),
    ]
    assert told[1]["body"] == {
        "number": "CF2600000149",
        "issued_at": "2026-11-12T10:00:00.000Z",
        "occurred_at": "2026-11-12T09:50:00.000Z",
        "offence": "litter",
        "recipient": "person",
        "recipient_name": "Ada Example",
        "born": "1990-01-01",
        "address": "1 Example Street",
        "ward": WARD,
    }
    assert told[0]["body"]["requirements"] == [
        {"kind": "stop", "what": "Playing music after 23:00"}
    ]
    assert not {"vulnerability", "vulnerability_reason", "photos"} & set(told[0]["body"])


def pay(db: Database, leader: str, serial: int, now: datetime) -> None:
    """Pay a penalty in full, at the desk."""
    number = numbers.number("CF26", serial)
    [row] = all_rows(db, "SELECT amount FROM notices WHERE number = ?", [number])
    said = row | {"paid_on": str(now.date()), "source": "post"}
    with writing(db):
        write_at_desk(db, leader, "payment", str(uuid.uuid4()), said | {"number": number}, now)


def test_a_notice_that_is_void_is_told_to_no_phone(
    db: Database,
    officer: Callable[..., str],
    leader: str,
    notebook_of: Callable[[str], Notebook],
) -> None:
    olga = notebook_of(officer("Olga Officer"))
    record = olga.write("fpn", fpn(NOW, **ADA), NOW)
    olga.send(NOW)
    assert len(reference.warnings(db, NOW.date())) == 1
    asked = {"withdrawal": "void", "withdrawal_reason": "Example"}
    answer = {"withdrawal_answer": "agree", "withdrawal_answer_reason": "Yes"}
    second = officer("Sam Second", "team leader")
    with writing(db):
        write_at_desk(db, leader, "withdrawal", record, asked, NOW)
        write_at_desk(db, second, "withdrawal-answer", record, answer, NOW + timedelta(minutes=1))
    assert reference.warnings(db, NOW.date()) == []


def test_r16_a_penalty_that_is_paid_is_told_to_phones_for_seven_days(
    db: Database, officer: Callable[..., str], leader: str, notebook_of: Callable[[str], Notebook]
) -> None:
    olga = notebook_of(officer("Olga Officer"))
    olga.write("fpn", fpn(NOW, serial=1, **ADA), NOW)
    olga.send(NOW)
    pay(db, leader, 1, NOW)
    [told] = reference.warnings(db, NOW.date() + timedelta(days=7))
    assert told["standing"] == "Paid in full"
    assert reference.warnings(db, NOW.date() + timedelta(days=8)) == []


@pytest.mark.parametrize(
    ("first", "found"),
    [
        ({}, 1),
        ({"offence": "fly-tipping"}, 0),
        ({"occurred_at": moment_text(NOW - timedelta(days=1))}, 0),
    ],
)
def test_r16_a_second_penalty_for_the_same_offence_and_day_is_told_of_also_when_the_first_is_paid(
    db: Database,
    officer: Callable[..., str],
    leader: str,
    notebook_of: Callable[[str], Notebook],
    first: Person,
    found: int,
) -> None:
    olga, pat = (notebook_of(officer(name)) for name in ("Olga Officer", "Pat Officer"))
    before = NOW - timedelta(hours=1)
    offence = {"offence": "litter"} | first
    olga.write("fpn", fpn(before, serial=1, **ADA, **offence), before)
    assert olga.send(before) == ["accepted"]
    pay(db, leader, 1, before)
    pat.write("fpn", fpn(NOW, serial=2, **ADA), NOW)
    pat.send(NOW)
    assert len(told(db)) == found


def test_a_notice_that_was_paid_or_is_held_is_not_told_of(
    db: Database, officer: Callable[..., str], leader: str, notebook_of: Callable[[str], Notebook]
) -> None:
    olga, pat = (notebook_of(officer(name)) for name in ("Olga Officer", "Pat Officer"))
    olga.write("fpn", fpn(BEFORE, serial=1, **ADA), BEFORE)
    olga.write("fpn", fpn(BEFORE, serial=3, basis="cctv", **ADA), BEFORE)
    assert olga.send(BEFORE) == ["accepted", "held"]
    pay(db, leader, 1, BEFORE)
    record = pat.write("fpn", fpn(NOW, serial=2, **ADA), NOW)
    pat.send(NOW)
    [row] = earlier.of(db, record, NOW.date())
    assert (row["number"], row["standing"]) == (numbers.number("CF26", 1), "paid")
    assert told(db) == []


def test_a_notice_of_more_than_a_year_ago_is_told_to_no_phone(
    db: Database, officer: Callable[..., str], notebook_of: Callable[[str], Notebook]
) -> None:
    olga = notebook_of(officer("Olga Officer"))
    olga.write("fpn", fpn(NOW, **ADA), NOW)
    olga.send(NOW)
    assert len(reference.warnings(db, NOW.date() + timedelta(days=365))) == 1
    assert reference.warnings(db, NOW.date() + timedelta(days=366)) == []


def test_no_phone_is_told_of_what_was_entered_from_paper(
    db: Database, officer: Callable[..., str], notebook_of: Callable[[str], Notebook], leader: str
) -> None:
    olga, pat = notebook_of(officer("Olga Officer")), officer("Pat Officer")
    olga.write("fpn", fpn(BEFORE, serial=1), BEFORE)
    olga.send(BEFORE)
    body = fpn(NOW, serial=900) | {"entered_by": leader}
    with writing(db):
        write_from_paper(db, pat, "fpn", str(uuid.uuid4()), body, NOW)
    assert all_rows(db, "SELECT text FROM inbox") == []
