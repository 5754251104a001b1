"""What the desk decides about a notice: pages of the desk's own notebooks, folded into the notice."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlite_utils import Database

from field_app import notebook
from field_app.backups import make_backup, restore
from field_app.database import all_rows, connect, one_row, path_of, writing
from field_app.times import moment_text
from field_app.verify import verify
from tests import notices
from tests.conftest import Notebook

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
ASKED = {"withdrawal": "withdraw", "withdrawal_reason": "The wrong person"}
AGREED = {"withdrawal_answer": "agree", "withdrawal_answer_reason": "The wrong person"}

Desk = Callable[..., list[str]]


@pytest.fixture
def desk(db: Database) -> Desk:
    """Write a page at the desk, each a minute after the one before; the rules it breaks."""
    minutes = itertools.count(1)

    def later() -> datetime:
        return NOW + timedelta(minutes=next(minutes))

    def write(officer: str, kind: str, record: str, body: dict[str, Any]) -> list[str]:
        try:
            with writing(db):
                notebook.write_at_desk(db, officer, kind, record, body, later())
        except notebook.NotWritten as error:
            return [problem.rule for problem in error.problems]
        return []

    return write


@pytest.fixture
def issued(
    officer: Callable[..., str], write_pages: Callable[..., list[str]]
) -> Callable[..., str]:
    """Issue a notice of a kind; its record."""

    def issue(kind: str = "fpn", **more: Any) -> str:
        body = getattr(notices, kind)(NOW, **more)
        return write_pages(officer(f"Officer{uuid.uuid4().hex[:6]} Example"), [(kind, body)], NOW)[
            0
        ]

    return issue


def row_of(db: Database, record: str) -> dict[str, Any]:
    row = one_row(db, "SELECT * FROM notices WHERE record = ?", [record])
    assert row
    return row


def test_a_decision_at_the_desk_is_a_page_of_the_persons_notebook_there(
    db: Database, leader: str, desk: Desk, issued: Callable[..., str]
) -> None:
    record = issued()
    said = {"represented_on": "2026-11-22", "grounds": "It was not me"}
    assert desk(leader, "representation", record, said) == []
    assert (
        desk(leader, "decision", record, {"decision": "rejected", "decision_reason": "Seen"}) == []
    )
    assert row_of(db, record)["decision"] == "rejected"
    assert row_of(db, record)["state"] == "accepted"
    [here] = all_rows(db, "SELECT * FROM notebooks WHERE at_desk")
    assert (here["officer"], here["received_through"]) == (leader, 2)


def test_a_withdrawal_needs_a_second_person(
    db: Database, leader: str, officer: Callable[..., str], desk: Desk, issued: Callable[..., str]
) -> None:
    record, other = issued(), officer("Second Person", "team-leader")
    assert desk(other, "withdrawal-answer", record, AGREED) == ["not-asked"]
    assert desk(leader, "withdrawal", record, ASKED) == []
    assert desk(leader, "withdrawal-answer", record, AGREED) == ["second-person"]
    assert row_of(db, record)["withdrawal_answer"] is None
    assert desk(other, "withdrawal-answer", record, AGREED) == []
    assert row_of(db, record)["withdrawal_answer"] == "agree"


@pytest.mark.parametrize("answer", ["agree", "decline"])
def test_what_an_officer_wanted_void_waits_for_the_answer_of_a_second_person(
    db: Database,
    leader: str,
    officer: Callable[..., str],
    notebook_of: Callable[[str], Notebook],
    desk: Desk,
    answer: str,
) -> None:
    phone, other = notebook_of(officer("Olga Officer")), officer("Sam Second", "team-leader")
    record = phone.write("fpn", notices.fpn(NOW, basis="cctv"), NOW)
    phone.write("amendment", {"reason": "Wrong", "entered_in_error": True}, NOW, record)
    assert phone.send(NOW) == ["held", "held"]
    held = "SELECT page, rule FROM problems ORDER BY page"
    first, waits = all_rows(db, held)
    assert waits == {"page": 2, "rule": "second-person"}
    assert desk(leader, "withdrawal", record, ASKED | {"withdrawal": "void"}) == []
    assert all_rows(db, held) == [first, waits]
    assert desk(other, "withdrawal-answer", record, AGREED | {"withdrawal_answer": answer}) == []
    assert all_rows(db, held) == ([] if answer == "agree" else [first])
    assert desk(leader, "withdrawal", record, ASKED) == []
    assert all_rows(db, held) == [first]


def test_a_paper_notice_is_made_void_only_by_two_as_well(
    db: Database, officer: Callable[..., str]
) -> None:
    whose, record = officer("Olga Officer"), str(uuid.uuid4())
    in_error = {"reason": "Never handed out", "entered_in_error": True}
    with writing(db):
        notebook.write_from_paper(db, whose, "fpn", record, notices.fpn(NOW), NOW)
        [problem] = notebook.write_from_paper(db, whose, "amendment", record, in_error, NOW)
    assert problem.rule == "second-person"
    assert row_of(db, record)["state"] == "accepted"


def test_a_phone_cannot_write_what_only_the_desk_writes(
    db: Database, officer: Callable[..., str], notebook_of: Callable[[str], Notebook]
) -> None:
    phone = notebook_of(officer("Olga Officer"))
    record = phone.write("fpn", notices.fpn(NOW), NOW)
    phone.write("withdrawal", ASKED, NOW, record)
    assert phone.send(NOW) == ["accepted", "held"]
    assert row_of(db, record)["withdrawal"] is None


@pytest.mark.parametrize("way", ["first page", "later page", "amendment"])
def test_r20_a_phone_cannot_say_what_only_the_desk_says(
    db: Database, officer: Callable[..., str], notebook_of: Callable[[str], Notebook], way: str
) -> None:
    phone, said = notebook_of(officer("Olga Officer")), ASKED | AGREED | {"step": "written-off"}
    served = {"service": "by-hand", "served_at": moment_text(NOW)}
    record = phone.write("fpn", notices.fpn(NOW) | (said if way == "first page" else {}), NOW)
    phone.write("served", served | (said if way == "later page" else {}), NOW, record)
    if way == "amendment":
        phone.write("amendment", {"reason": "Mine", "changes": said}, NOW, record)
    assert phone.send(NOW)[2:] == (["held"] if way == "amendment" else [])
    row = row_of(db, record)
    assert row["service"] == "by-hand"
    assert {row[name] for name in said} == {None}


def test_a_payment_from_a_phone_stays_held_whatever_amends_it(
    db: Database, officer: Callable[..., str], notebook_of: Callable[[str], Notebook]
) -> None:
    phone = notebook_of(officer("Olga Officer"))
    paid = {"number": notices.fpn(NOW)["number"], "amount": 8_000, "paid_on": "2026-11-22"}
    record = phone.write("payment", paid | {"source": "post"}, NOW)
    phone.write("amendment", {"reason": "It is right", "changes": {}}, NOW, record)
    phone.send(NOW)
    [row] = all_rows(db, "SELECT state FROM payments")
    assert row["state"] == "held"


def test_a_phone_cannot_write_in_a_desks_notebook(
    db: Database, leader: str, desk: Desk, issued: Callable[..., str]
) -> None:
    desk(leader, "withdrawal", issued(), ASKED)
    [here] = all_rows(db, "SELECT id FROM notebooks WHERE at_desk")
    with pytest.raises(notebook.NotYours):
        notebook.open_notebook(db, here["id"], leader, 1, NOW)


def test_the_desk_never_amends_an_officers_page(
    db: Database, leader: str, desk: Desk, issued: Callable[..., str]
) -> None:
    change = {"reason": "Tidier", "changes": {"particulars": "Something else"}}
    assert desk(leader, "amendment", issued(), change) == ["not-yours"]
    assert all_rows(db, "SELECT 1 FROM pages WHERE kind = 'amendment'") == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("discharge", {"discharged_on": "2026-11-22", "discharge_reason": "It has stopped"}),
        ("case-step", {"step": "written-off", "step_on": "2026-11-22", "step_reason": "Moved"}),
    ],
)
def test_a_step_is_taken_only_with_the_notices_it_is_for(
    leader: str, desk: Desk, issued: Callable[..., str], kind: str, body: dict[str, Any]
) -> None:
    right, wrong = ("cpn", "fpn") if kind == "discharge" else ("fpn", "cpn")
    assert desk(leader, kind, issued(right), body) == []
    assert desk(leader, kind, issued(wrong, serial=2), body) == ["other-kind"]


@pytest.mark.parametrize("kind", ["cpw", "cpn"])
def test_a_review_that_names_no_further_day_leaves_none(
    db: Database,
    leader: str,
    notebook_of: Callable[[str], Notebook],
    officer: Any,
    desk: Desk,
    kind: str,
) -> None:
    phone = notebook_of(officer("Olga Officer"))
    record = phone.write(kind, getattr(notices, kind)(NOW), NOW)
    phone.send(NOW)
    assert row_of(db, record)["review_on"] == "2026-12-22"
    done = {"reviewed_on": "2026-11-22", "review_finding": "It has stopped"}
    assert desk(leader, "review", record, done) == []
    assert row_of(db, record)["review_on"] is None
    amended = {"reason": "The name", "changes": {"recipient_name": "Other Invented"}}
    phone.write("amendment", amended, NOW + timedelta(hours=1), record)
    assert phone.send(NOW + timedelta(hours=1)) == ["accepted"]
    assert row_of(db, record)["review_on"] is None
    assert desk(leader, "review", record, done | {"review_on": "2027-01-22"}) == []
    assert row_of(db, record)["review_on"] == "2027-01-22"


def test_a_variation_says_what_stands_now(
    db: Database, leader: str, desk: Desk, issued: Callable[..., str]
) -> None:
    record = issued("cpn")
    varied = {
        "requirements": [{"kind": "stop", "what": "Playing music after 22:00"}],
        "comply_by": "2026-12-10",
        "ends_on": "2027-03-01",
        "variation_reason": "A shorter time does",
    }
    assert desk(leader, "variation", record, varied) == []
    assert json.loads(row_of(db, record)["requirements"]) == varied["requirements"]


def test_a_day_that_has_been_is_not_in_the_future(
    leader: str, desk: Desk, issued: Callable[..., str]
) -> None:
    said = {"represented_on": "2026-11-23", "grounds": "It was not me"}
    assert desk(leader, "representation", issued(), said) == ["future"]


def test_a_payment_is_a_record_of_its_own(db: Database, leader: str, desk: Desk) -> None:
    paid = {"number": notices.fpn(NOW)["number"], "amount": 8_000, "paid_on": "2026-11-22"}
    assert desk(leader, "payment", str(uuid.uuid4()), paid | {"source": "post"}) == []
    [row] = all_rows(db, "SELECT * FROM payments")
    assert (row["amount"], row["state"]) == (8_000, "accepted")


def test_decisions_at_the_desk_survive_a_restore(
    app: Flask, db: Database, leader: str, desk: Desk, issued: Callable[..., str]
) -> None:
    instance: Path = app.config["INSTANCE"]
    record = issued()
    desk(leader, "withdrawal", record, ASKED)
    made = make_backup(instance, instance / "backups", NOW, lambda *_: None)
    said = {"represented_on": "2026-11-22", "grounds": "It was not me"}
    desk(leader, "representation", record, said)
    db.conn.close()
    done = restore(instance, made.folder, NOW + timedelta(hours=1), lambda *_: None)
    assert done.problems == []
    assert "1 page decided at the desk came after the backup and are kept." in done.notes
    again = connect(path_of(app))
    assert row_of(again, record)["grounds"] == "It was not me"
    assert list(verify(again, instance / "evidence", lambda *_: None)) == []
    again.conn.close()
