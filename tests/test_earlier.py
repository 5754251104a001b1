"""Earlier notices to the same person: looked for again when a notice arrives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import earlier
from field_app.database import all_rows, writing
from field_app.notebook import write_at_desk
from tests.conftest import Notebook, patrol, sign_in
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
    assert [row["record"] for row in earlier.of(db, record)] == [one]
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
    assert earlier.of(db, record) == []
    assert told(db) == []


def test_what_the_phone_knew_is_not_told_again(
    db: Database, two: Callable[..., tuple[Notebook, str, str]]
) -> None:
    _, _, record = two(ADA, ADA, knew=True)
    assert [row["knew"] for row in earlier.of(db, record)] == [True]
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
    assert earlier.of(db, record) == []
    assert told(db) == []


def test_an_officer_knows_of_their_own(
    db: Database, officer: Callable[..., str], notebook_of: Callable[[str], Notebook]
) -> None:
    olga = notebook_of(officer("Olga Officer"))
    olga.write("fpn", fpn(BEFORE, serial=1, **ADA), BEFORE)
    record = olga.write("fpn", fpn(NOW, serial=2, **ADA), NOW)
    olga.send(NOW)
    assert [row["knew"] for row in earlier.of(db, record)] == [True]
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
