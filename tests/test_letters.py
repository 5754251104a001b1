"""What goes out by post about a notice, and the copies that the law wants."""

from __future__ import annotations

import itertools
import json
import re
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database
from werkzeug.test import TestResponse

from field_app import catalogue, copies, desk, letters, notices
from field_app.database import writing
from field_app.due import due as list_of_due
from field_app.notebook import write_at_desk
from field_app.times import moment_text
from tests import notices as sound
from tests.conftest import Notebook, sign_in
from tests.desk import hidden, make_void, pages, send, words
from tests.notify import KEY, Notify
from tests.papers import ask

ISSUED = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
ADDRESS = "Flat 2, 9 Sample Road, Exampleton NW1 1AA"
ASKED = {"withdrawal": "withdraw", "withdrawal_reason": "The wrong person"}
AGREED = {"withdrawal_answer": "agree", "withdrawal_answer_reason": "So it is"}
NOTHING_MARKED = "Nothing is marked as posted."
Issue = Callable[..., str]
Decide = Callable[..., None]


@pytest.fixture(autouse=True)
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for module in (desk, letters):
        monkeypatch.setattr(module, "now", lambda: NOW)


@pytest.fixture
def notify(app: Flask) -> Iterator[Notify]:
    """GOV.UK Notify, which the council has set up."""
    made = Notify()
    app.config.update(NOTIFY_API_KEY=KEY, NOTIFY_ADDRESS=made.address)
    yield made
    made.stop()


@pytest.fixture
def issue(officer: Callable[..., str], notebook_of: Callable[[str], Notebook]) -> Issue:
    """Issue a notice; its record."""
    book = notebook_of(officer("Olu Officer"))

    def make(
        kind: str = "fpn",
        serial: int = 1,
        at: datetime = ISSUED,
        *,
        served: datetime | None = None,
        **more: Any,
    ) -> str:
        more = {"recipient_address": ADDRESS} | more
        record = book.write(kind, getattr(sound, kind)(at, serial=serial, **more), at)
        if served:
            handed = {"service": "by-hand", "served_at": moment_text(served)}
            book.write("served", handed, served, record)
        book.send(at)
        return record

    return make


@pytest.fixture
def decide(db: Database, leader: str) -> Decide:
    """Write pages at the desk, each a minute after the one before."""
    minutes = itertools.count()

    def write(kind: str, record: str, body: dict[str, Any], by: str = leader) -> None:
        with writing(db):
            moment = NOW - timedelta(minutes=50 - next(minutes))
            write_at_desk(db, by, kind, record, body, moment)

    return write


@pytest.fixture
def lena(app: Flask, leader: str) -> FlaskClient:
    assert leader
    client = app.test_client()
    sign_in(client, "lena")
    return client


def row_of(db: Database, record: str) -> dict[str, Any]:
    row = notices.standing(db, record, NOW.date())
    assert row
    return row


def post(client: FlaskClient, record: str, code: str, **fields: Any) -> Any:
    here = f"/desk/notices/{record}/letters"
    return send(client, f"{here}/{code}", here, **fields)


def offered(client: FlaskClient, record: str) -> str:
    return words(client.get(f"/desk/notices/{record}/letters").text)


# The letters


WINDOWS = {
    "Alex Invented": (ADDRESS, "Flat 2 9 Sample Road Exampleton NW1 1AA"),
    "A name of the very longest sort that a person has, and then a little": (
        "1 short road, another line, and another, NW1 1AA",
        "1 short road another line and another NW1 1AA",
    ),
    "WILLIAM WAWMWOMAWMW MMMMMMMMMMMMMMMMM": (
        "FLAT 22 OF THE VERY LONG NAMED MANSION BLOCK ON THE HILL, 9 MMMMMMMMMM WWWWWWWW NW1 1AA",
        "FLAT 22 OF THE VERY LONG NAMED MANSION BLOCK ON THE HILL 9 MMMMMMMMMM WWWWWWWW NW1 1AA",
    ),
    "Q" * 40: ("x" * 60 + " NW1 1AA", "x" * 60 + " NW1 1AA"),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_a_letter_stands_in_the_window_whole_and_nothing_else_does(
    lena: FlaskClient, issue: Issue, app: Flask, name: str
) -> None:
    app.config.update(COUNCIL="Exampleton Council", PAYEE_ADDRESS="1 Sample Square, Exampleton EX1")
    address, printed = WINDOWS[name]
    record = issue(recipient_name=name, recipient_address=address)
    pdf = lena.get(f"/desk/notices/{record}/letters/notice.pdf").data
    first = ask(pdf, "pdftotext", "-bbox", "-l", "1")
    found = [
        (*(float(edge) / 72 * 25.4 for edge in edges), word)
        for *edges, word in re.findall(
            r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>', first
        )
    ]
    window = [one for one in found if one[0] < 120 and one[3] > 40 and one[1] < 66.2]
    said = "".join(one[4] for one in window)
    assert said == f"{name}{printed}".replace(" ", "")
    assert len({round(one[1]) for one in window}) == len(
        letters.address_lines(row_of_letter(name, address))
    )
    assert all(one[0] >= 24.6 and one[2] <= 120 for one in window)
    assert all(one[1] >= 40 and one[3] <= 66.2 for one in window)
    assert all(one[0] >= 15 and one[2] <= 195 and one[1] >= 5 and one[3] <= 292 for one in found)
    assert not [one for one in found if one[0] < 15.2 and one[1] < 6.2]  # for Notify’s own mark
    assert all(one[1] >= 95 for one in found if one not in window and one[0] < 120)


def row_of_letter(name: str, address: str) -> dict[str, Any]:
    return {"recipient_name": name, "recipient_address": address}


@pytest.mark.parametrize(
    "address", ["1, 2, 3, 4, 5, 6, NW1 1AA", f"{'a long line of words ' * 12}, NW1 1AA"]
)
def test_an_address_whose_end_the_window_would_cut_off_is_not_printed(
    lena: FlaskClient, issue: Issue, address: str
) -> None:
    record = issue(recipient_address=address)
    answer = lena.get(f"/desk/notices/{record}/letters/notice.pdf")
    assert answer.status_code == 409
    said = "an envelope’s window shows 7. Have its officer amend it"
    assert said in words(answer.text)
    assert said in offered(lena, record)


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (ADDRESS, ["Flat 2", "9 Sample Road", "Exampleton", "NW1 1AA"]),
        ("9 Sample Road,\nExampleton, nw11aa ", ["9 Sample Road", "Exampleton", "NW1 1AA"]),
        ("9 Sample Road", ["9 Sample Road"]),
        ("", []),
    ],
)
def test_an_address_in_lines(address: str, lines: list[str]) -> None:
    row = {"recipient_name": "Alex Invented", "recipient_address": address}
    assert letters.address_lines(row) == ["Alex Invented", *lines]


def test_the_notice_goes_out_whole_behind_its_letter(lena: FlaskClient, issue: Issue) -> None:
    record = issue("cpn")
    text = ask(lena.get(f"/desk/notices/{record}/letters/notice.pdf").data, "pdftotext", "-raw")
    cover, notice = text.split("\f")[:2]
    assert "you are given the Community Protection Notice on the next page" in " ".join(
        cover.split()
    )
    assert "under section 43" in notice


def test_a_reminder_says_how_much_by_when_it_was_and_what_follows(
    lena: FlaskClient, issue: Issue
) -> None:
    record = issue(served=ISSUED + timedelta(days=1))
    pdf = lena.get(f"/desk/notices/{record}/letters/reminder.pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.headers["Cache-Control"] == "no-store"
    text = " ".join(ask(pdf.data, "pdftotext", "-raw").split())
    for sentence in (
        "Reminder: Fixed Penalty Notice Number CF26 000001 49",
        "You were given this notice on Friday 2 October 2026 for: Dropping litter",
        "The penalty is £100. It was to be paid by the end of Thursday 15 October 2026. We have not",
        "you may be prosecuted for the offence",
    ):
        assert sentence in text, sentence


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        ("rejected", "We do not agree. The notice stands."),
        ("upheld", "We agree. The notice is withdrawn, and nothing more is asked of you."),
    ],
)
def test_the_answer_to_a_representation_is_a_letter(
    lena: FlaskClient,
    issue: Issue,
    decide: Decide,
    officer: Callable[..., str],
    decision: str,
    said: str,
) -> None:
    record = issue()
    here = f"/desk/notices/{record}/letters/decision.pdf"
    assert lena.get(here).status_code == 404
    decide("representation", record, {"represented_on": "2026-10-05", "grounds": "Not me"})
    decide("representation", record, {"represented_on": "2026-10-06", "grounds": "Nor my dog"})
    decide("decision", record, {"decision": decision, "decision_reason": "You were seen."})
    if decision == "upheld":
        assert lena.get(here).status_code == 409
        assert "a second person first agrees" in offered(lena, record)
        decide("withdrawal", record, ASKED)
        assert lena.get(here).status_code == 409
        decide("withdrawal-answer", record, AGREED, by=officer("Sam Second", "team leader"))
    text = " ".join(ask(lena.get(here).data, "pdftotext", "-raw").split())
    assert said in text
    assert "You were seen." in text
    assert "received on Monday 5 October 2026 and on Tuesday 6 October 2026" in text
    late = "The penalty is £100. It was to be paid by the end of Thursday 15 October 2026."
    assert (late in text) == (decision == "rejected")


def test_an_answer_that_asks_for_money_goes_out_only_while_the_notice_stands_unpaid(
    lena: FlaskClient, decided: str, decide: Decide, officer: Callable[..., str]
) -> None:
    here = f"/desk/notices/{decided}/letters/decision.pdf"

    def refused(why: str) -> None:
        answer = lena.get(here)
        assert answer.status_code == 409
        assert why in words(answer.text)
        assert post(lena, decided, "decision", posted_on="2026-11-22").status_code == 409

    assert lena.get(here).status_code == 200
    decide("withdrawal", decided, ASKED)
    refused("Somebody asked to withdraw it; a second person has to answer first.")
    second = officer("Sam Second", "team leader")
    decide("withdrawal-answer", decided, AGREED | {"withdrawal_answer": "decline"}, by=second)
    assert lena.get(here).status_code == 200
    off = {"step": "written-off", "step_on": "2026-11-22", "step_reason": "Moved away"}
    decide("case-step", decided, off)
    refused("It is written off.")
    payment = {"number": sound.fpn(ISSUED)["number"], "amount": 10_000}
    decide("payment", str(uuid.uuid4()), payment | {"paid_on": "2026-10-05", "source": "post"})
    refused("It is paid.")
    decide("withdrawal", decided, ASKED)
    decide("withdrawal-answer", decided, AGREED, by=second)
    refused("It is withdrawn.")


def test_a_reminder_goes_out_only_when_the_time_to_pay_ended_unpaid(
    lena: FlaskClient, issue: Issue, decide: Decide
) -> None:
    running = issue("fpn", 1, NOW - timedelta(days=3))
    assert "Reminder Not now. The time to pay has not ended." in offered(lena, running)
    assert lena.get(f"/desk/notices/{running}/letters/reminder.pdf").status_code == 409
    paid = issue("fpn", 2)
    payment = {"number": sound.fpn(ISSUED, serial=2)["number"], "amount": 10_000}
    decide("payment", str(uuid.uuid4()), payment | {"paid_on": "2026-10-05", "source": "post"})
    assert "Reminder Not now. It is paid." in offered(lena, paid)
    held = issue("fpn", 3, recipient_name=None)
    assert offered(lena, held).count("Not now. It is held.") == 2
    assert "Reminder" not in offered(lena, issue("cpw", 4))


def test_a_letter_that_asks_for_money_says_what_was_paid_and_what_is_left(
    lena: FlaskClient, decided: str, issue: Issue, decide: Decide
) -> None:
    reminded = issue("fpn", 6, served=ISSUED + timedelta(days=1))
    for serial in (1, 6):
        payment = {"number": sound.fpn(ISSUED, serial=serial)["number"], "amount": 2_550}
        decide("payment", str(uuid.uuid4()), payment | {"paid_on": "2026-10-05", "source": "post"})
    left = "We have received £25.50, as of today: £74.50 is left to pay."
    for record, code, after in (
        (decided, "decision", "What is left was to be paid by the end of"),
        (reminded, "reminder", "If it stays unpaid"),
    ):
        pdf = lena.get(f"/desk/notices/{record}/letters/{code}.pdf").data
        text = " ".join(ask(pdf, "pdftotext", "-raw").split())
        assert f"{left} {after}" in text


def test_nobody_is_reminded_of_a_notice_that_nobody_served(lena: FlaskClient, issue: Issue) -> None:
    record = issue()
    assert "Reminder Not now. Nobody has said how it was served" in offered(lena, record)
    assert lena.get(f"/desk/notices/{record}/letters/reminder.pdf").status_code == 409


def test_letters_are_for_the_desk_only(app: Flask, issue: Issue, lena: FlaskClient) -> None:
    record, client = issue(), app.test_client()
    sign_in(client, "olu")
    here = f"/desk/notices/{record}/letters"
    token = hidden(lena.get(here).text, "csrf_token")
    assert token
    assert [client.get(path).status_code for path in (here, f"{here}/reminder.pdf")] == [403, 403]
    assert app.test_client().get(here).status_code == 302
    assert lena.get(f"/desk/notices/{uuid.uuid4()}/letters").status_code == 404


# A notice that is varied


VARIED = {
    "requirements": [
        {"kind": "stop", "what": "Playing music after 22:00"},
        {"kind": "achieve", "what": "Quiet nights"},
    ],
    "comply_by": "2026-12-20",
    "ends_on": "2027-02-01",
    "variation_reason": "Less does",
}


def test_a_varied_notice_is_posted_with_what_stands_now_and_the_variation_is_served(
    db: Database, lena: FlaskClient, issue: Issue, decide: Decide
) -> None:
    record = issue("cpn")
    assert "Notice of variation" not in offered(lena, record)
    decide("served", record, {"service": "post", "served_at": "2026-10-02T09:00:00Z"})
    decide("variation", record, VARIED)
    here = f"/desk/notices/{record}/letters"
    letter = " ".join(ask(lena.get(f"{here}/variation.pdf").data, "pdftotext", "-raw").split())
    for sentence in (
        "Variation of your Community Protection Notice",
        "Stop: Playing music after 22:00",
        "Take reasonable steps to achieve: Quiet nights",
        "By the end of Sunday 20 December 2026. The notice ends on Monday 1 February 2027.",
    ):
        assert sentence in letter
    assert "after 23:00" not in letter
    since = (
        "Varied on Sunday 22 November 2026. What must change since then: Stop: Playing music after "
        "22:00; Take reasonable steps to achieve: Quiet nights. By the end of Sunday 20 December 2026. "
        "The notice now ends on Monday 1 February 2027."
    )
    for path in (f"{here}/notice.pdf", f"/desk/notices/{record}.pdf"):
        assert since in " ".join(ask(lena.get(path).data, "pdftotext", "-raw").split())
    assert post(lena, record, "variation", posted_on="2026-11-22").status_code == 303
    row = row_of(db, record)
    assert (row["variation_service"], row["variation_served_at"]) == ("post", moment_text(NOW))
    assert row["served_at"] == "2026-10-02T09:00:00.000Z"
    assert len(pages(db, record, "variation-served")) == 1
    assert "Notice of variation Posted: page" in offered(lena, record)


def test_a_further_variation_has_to_be_served_again(
    db: Database, issue: Issue, decide: Decide
) -> None:
    record = issue("cpn")
    served = {"variation_service": "by-hand", "variation_served_at": "2026-11-20T09:00:00Z"}
    decide("variation", record, VARIED)
    decide("variation-served", record, served)
    assert row_of(db, record)["variation_service"] == "by-hand"
    decide("variation", record, VARIED | {"ends_on": "2027-03-01"})
    row = row_of(db, record)
    assert (row["variation_service"], row["variation_served_at"]) == (None, None)


@pytest.mark.parametrize("code", ["notice", "variation"])
def test_a_notice_that_is_discharged_or_has_ended_is_not_posted(
    lena: FlaskClient, issue: Issue, decide: Decide, code: str
) -> None:
    record, ended = issue("cpn"), issue("cpn", 2)
    decide("variation", record, VARIED)
    decide("variation", ended, VARIED | {"comply_by": "2026-11-20", "ends_on": "2026-11-21"})
    done = {"discharged_on": "2026-11-22", "discharge_reason": "It has stopped"}
    decide("discharge", record, done)
    for one, why in ((record, "It is discharged."), (ended, "It has ended.")):
        answer = lena.get(f"/desk/notices/{one}/letters/{code}.pdf")
        assert answer.status_code == 409
        assert why in words(answer.text)


# Printed, and posted by hand


def test_somebody_says_that_they_posted_it(db: Database, lena: FlaskClient, issue: Issue) -> None:
    record = issue(served=ISSUED)
    assert post(lena, record, "reminder", posted_on="2026-11-20").status_code == 303
    [page] = pages(db, record, "case-step")
    body = json.loads(page["body"])
    assert (body["step"], body["step_on"]) == ("reminder", "2026-11-20")
    assert body["step_reason"] == "Printed, and posted by Lena Leader."
    assert row_of(db, record)["standing"] == "reminder"
    assert "Posted: page 1, written Sunday 22 November 2026 at 16:00 by Lena" in offered(
        lena, record
    )


@pytest.mark.parametrize(
    ("day", "why"), [("2026-11-23", "is in the future"), ("soon", "Enter the day")]
)
def test_a_day_that_cannot_be_is_refused(
    db: Database, lena: FlaskClient, issue: Issue, day: str, why: str
) -> None:
    record = issue()
    answer = post(lena, record, "notice", posted_on=day)
    assert answer.status_code == 400
    assert why in words(answer.text)
    assert pages(db, record, "served") == []


@pytest.mark.parametrize("kind", ["fpn", "cpw", "cpn"])
def test_r15_a_notice_is_served_by_post_and_never_by_email(
    db: Database, lena: FlaskClient, issue: Issue, kind: str
) -> None:
    record = issue(kind)
    assert post(lena, record, "notice", posted_on="2026-11-22").status_code == 303
    row = row_of(db, record)
    assert (row["service"], row["served_at"]) == ("post", moment_text(NOW))
    assert row["service_note"] == "Printed, and posted by Lena Leader."
    assert {one.code for one in catalogue.entries("services")} == {"by-hand", "left", "post"}
    assert "mail" not in offered(lena, record).lower()


@pytest.mark.parametrize("kind", ["fpn", "cpw", "cpn"])
def test_a_copy_that_is_posted_leaves_how_a_notice_was_served(
    db: Database, lena: FlaskClient, issue: Issue, decide: Decide, kind: str
) -> None:
    record = issue(kind)
    served = {"service": "by-hand", "served_at": "2026-10-01T09:05:00.000Z", "service_note": "Mine"}
    decide("served", record, served)
    pdf = lena.get(f"/desk/notices/{record}/letters/notice.pdf").data
    cover = " ".join(ask(pdf, "pdftotext", "-raw", "-l", "1").split())
    assert "a copy of the" in cover
    assert "that you were given on Thursday 1 October 2026" in cover
    assert post(lena, record, "notice", posted_on="2026-11-22").status_code == 303
    row = row_of(db, record)
    assert {name: row[name] for name in served} == served
    assert (row["letter"], row["letter_posted_on"]) == ("notice", "2026-11-22")
    assert "Posted: page" in offered(lena, record)


@pytest.mark.parametrize("code", ["notice", "reminder", "decision"])
def test_that_a_letter_is_posted_is_said_once_however_often_the_form_is_sent(
    db: Database, lena: FlaskClient, decided: str, decide: Decide, code: str
) -> None:
    if code == "reminder":
        decide("served", decided, HANDED)
    form = {"posted_on": "2026-11-22", "times": "0"}
    before = len(pages(db, decided))
    assert [post(lena, decided, code, **form).status_code for _ in range(2)] == [303, 303]
    assert len(pages(db, decided)) == before + 1
    assert post(lena, decided, code, **form | {"times": "1"}).status_code == 303  # another one
    assert [one["kind"] for one in pages(db, decided)][-1] == "letter-posted"


@pytest.mark.parametrize(
    ("code", "day", "why"),
    [
        ("notice", "2026-09-30", "The notice was issued on Thursday 1 October 2026, after that"),
        ("reminder", "2026-09-30", "The notice was issued on Thursday 1 October 2026, after that"),
        ("reminder", "2026-10-15", "The time to pay ran until Thursday 15 October 2026"),
        ("decision", "2026-10-04", "The representation came on Monday 5 October 2026, after that"),
    ],
)
def test_no_letter_was_posted_before_it_could_be(
    db: Database,
    lena: FlaskClient,
    decided: str,
    decide: Decide,
    code: str,
    day: str,
    why: str,
) -> None:
    if code == "reminder":
        decide("served", decided, HANDED)
    before = pages(db, decided)
    answer = post(lena, decided, code, posted_on=day)
    assert answer.status_code == 400
    assert why in words(answer.text)
    assert pages(db, decided) == before


def test_a_notice_posted_on_its_own_day_was_served_no_earlier_than_it_was_issued(
    db: Database, lena: FlaskClient, issue: Issue
) -> None:
    record = issue("fpn", 1, ISSUED.replace(hour=15))
    assert post(lena, record, "notice", posted_on="2026-10-01").status_code == 303
    assert row_of(db, record)["served_at"] == "2026-10-01T15:00:00.000Z"


HANDED = {"service": "by-hand", "served_at": "2026-10-01T09:05:00.000Z"}
LEGAL = {"step": "prosecution", "step_on": "2026-11-22", "step_reason": "Unpaid"}


def test_what_was_decided_while_the_form_was_sent_is_seen(
    db: Database, lena: FlaskClient, issue: Issue, decide: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, look = issue(served=ISSUED), letters._letter

    def meanwhile(row: dict[str, Any], code: str) -> letters.Letter:
        found = look(row, code)
        decide("case-step", record, LEGAL)
        return found

    monkeypatch.setattr(letters, "_letter", meanwhile)
    answer = post(lena, record, "reminder", posted_on="2026-11-22")
    assert answer.status_code == 400
    assert "Its case has gone another way" in words(answer.text)
    assert row_of(db, record)["standing"] == "prosecution"


def test_a_held_page_says_of_no_letter_that_it_was_posted(
    lena: FlaskClient,
    officer: Callable[..., str],
    notebook_of: Callable[[str], Notebook],
) -> None:
    book = notebook_of(officer("Olu Officer"))
    record = book.write("fpn", sound.fpn(ISSUED, recipient_address=ADDRESS), ISSUED)
    wrong = {"service": "post", "served_at": moment_text(NOW + timedelta(days=1))}
    book.write("served", wrong, NOW, record)
    assert book.send(NOW) == ["accepted", "held"]
    assert "Posted: page" not in offered(lena, record)
    assert hidden(lena.get(f"/desk/notices/{record}/letters").text, "times") == "0"


# By GOV.UK Notify


def test_notify_is_off_by_default_and_nothing_is_asked_of_it(
    app: Flask, lena: FlaskClient, issue: Issue, notify: Notify
) -> None:
    app.config["NOTIFY_API_KEY"] = ""
    record = issue(served=ISSUED)
    assert "GOV.UK Notify is not set up" in offered(lena, record)
    assert "Post it with" not in offered(lena, record)
    answer = post(lena, record, "reminder", times="0")
    assert answer.status_code == 409
    assert "GOV.UK Notify is not set up." in words(answer.text)
    assert post(lena, record, "reminder", posted_on="2026-11-22").status_code == 303
    assert lena.get(f"/desk/notices/{record}/letters/reminder.pdf").status_code == 200
    assert notify.calls == []


def test_without_settings_there_is_no_account(app: Flask) -> None:
    assert app.config["NOTIFY_API_KEY"] == ""
    with app.app_context():
        assert letters.notify() is None


@pytest.fixture
def decided(issue: Issue, decide: Decide) -> str:
    """A notice with a representation that was rejected; its record."""
    record = issue()
    decide("representation", record, {"represented_on": "2026-10-05", "grounds": "Not me"})
    decide("decision", record, {"decision": "rejected", "decision_reason": "You were seen."})
    return record


@pytest.mark.parametrize(
    ("code", "kind"),
    [("notice", "served"), ("reminder", "case-step"), ("decision", "decision-sent")],
)
def test_notify_posts_a_letter_and_its_id_is_written_into_the_page(
    db: Database,
    lena: FlaskClient,
    decided: str,
    decide: Decide,
    notify: Notify,
    code: str,
    kind: str,
) -> None:
    if code == "reminder":
        decide("served", decided, {"service": "left", "served_at": moment_text(ISSUED)})
    assert post(lena, decided, code, times="0").status_code == 303
    [letter] = notify.letters
    assert letter["reference"] == f"{decided}-{code}-1"
    assert "Alex Invented" in ask(letter["pdf"], "pdftotext")
    [page] = pages(db, decided, kind)
    assert f"Taken for posting by GOV.UK Notify as letter {letter['id']}," in page["body"]
    assert "Post it again with GOV.UK Notify" in offered(lena, decided)


def test_a_double_click_sends_once(
    app: Flask, db: Database, lena: FlaskClient, issue: Issue, notify: Notify
) -> None:
    record, notify.seconds = issue(served=ISSUED), 0.3
    here = f"/desk/notices/{record}/letters"
    page = lena.get(here).text
    data = {name: hidden(page, name) for name in ("csrf_token", "times")}
    cookie = lena.get_cookie("session")
    assert cookie
    statuses = []

    def press() -> None:
        client = app.test_client()
        client.set_cookie("session", cookie.value)
        statuses.append(client.post(f"{here}/reminder", data=data).status_code)

    several = [threading.Thread(target=press) for _ in range(4)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert statuses == [303] * 4
    assert len(notify.letters) == len(pages(db, record, "case-step")) == 1
    assert post(lena, record, "reminder", times="1").status_code == 303  # meant, not double
    assert [one["reference"][-2:] for one in notify.letters] == ["-1", "-2"]


@pytest.mark.parametrize(
    ("mood", "why"),
    [
        ("refuse", "GOV.UK Notify refused it: 400, Cannot send letters yet."),
        ("babble", "GOV.UK Notify answered something else."),
        ("lose", "GOV.UK Notify cannot be reached."),
        ("gone", "GOV.UK Notify cannot be reached."),
        ("stranger", "GOV.UK Notify refused it: 403, Invalid token: signature."),
    ],
)
def test_what_notify_did_not_take_is_not_marked_as_posted(
    app: Flask,
    db: Database,
    lena: FlaskClient,
    issue: Issue,
    notify: Notify,
    mood: str,
    why: str,
) -> None:
    record, notify.mood = issue(served=ISSUED), mood
    if mood == "gone":
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            app.config["NOTIFY_ADDRESS"] = f"http://127.0.0.1:{listener.getsockname()[1]}"
    if mood == "stranger":
        app.config["NOTIFY_API_KEY"] = KEY[:-1] + "9"
    before = pages(db, record)
    answer = post(lena, record, "reminder", times="0")
    assert answer.status_code == 409
    assert why in words(answer.text)
    assert NOTHING_MARKED in words(answer.text)
    assert pages(db, record) == before
    assert row_of(db, record)["standing"] == "payment ended"


@pytest.mark.parametrize("code", ["notice", "reminder", "decision"])
def test_a_letter_that_notify_takes_while_the_case_moves_on_moves_nothing_back(
    db: Database,
    lena: FlaskClient,
    decided: str,
    decide: Decide,
    notify: Notify,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
) -> None:
    asks = letters._taken_by_notify
    if code == "reminder":
        decide("served", decided, HANDED)
    payment = {"number": sound.fpn(ISSUED)["number"], "amount": 10_000}

    def slowly(*asked: Any) -> str:
        if code != "reminder":
            decide("served", decided, HANDED)
        decide("case-step", decided, LEGAL)
        if code == "decision":
            came = payment | {"paid_on": "2026-11-22", "source": "post"}
            decide("payment", str(uuid.uuid4()), came)
        return asks(*asked)

    monkeypatch.setattr(letters, "_taken_by_notify", slowly)
    assert post(lena, decided, code, times="0").status_code == 303
    row = row_of(db, decided)
    assert row["standing"] == ("paid" if code == "decision" else "prosecution")
    assert (row["step"], row["step_reason"]) == ("prosecution", "Unpaid")
    assert (row["service"], row["served_at"]) == tuple(HANDED.values())
    [page] = pages(db, decided, "letter-posted")
    assert notify.letters[0]["id"] in page["body"]
    assert f'"letter": "{code}"' in page["body"]


def test_notify_is_asked_for_no_letter_that_may_not_go_out(
    lena: FlaskClient,
    issue: Issue,
    decide: Decide,
    notify: Notify,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record, look = issue(served=ISSUED), letters._letter

    def meanwhile(row: dict[str, Any], code: str) -> letters.Letter:
        found = look(row, code)
        decide("case-step", record, LEGAL)
        return found

    monkeypatch.setattr(letters, "_letter", meanwhile)
    answer = post(lena, record, "reminder", times="0")
    assert answer.status_code == 409
    assert "Its case has gone another way" in words(answer.text)
    assert notify.calls == []


def test_a_letter_whose_answer_was_lost_is_found_again_and_not_posted_twice(
    db: Database, lena: FlaskClient, issue: Issue, notify: Notify
) -> None:
    record, notify.mood = issue(), "lose"
    assert post(lena, record, "notice", times="0").status_code == 409
    assert pages(db, record, "served") == []
    notify.mood = ""
    assert post(lena, record, "notice", times="0").status_code == 303
    [letter] = notify.letters
    [page] = pages(db, record, "served")
    assert letter["id"] in page["body"]


def test_a_letter_that_notify_threw_away_is_sent_again(
    db: Database, lena: FlaskClient, issue: Issue, notify: Notify
) -> None:
    record, notify.mood = issue(), "lose"
    post(lena, record, "notice", times="0")
    notify.mood, notify.letters[0]["status"] = "", "validation-failed"
    assert post(lena, record, "notice", times="0").status_code == 303
    assert len(notify.letters) == 2
    [page] = pages(db, record, "served")
    assert notify.letters[1]["id"] in page["body"]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("9 Sample Road", "The address has no postcode."),
        ("NW1 1AA", "the address has 2 lines"),
        ("1, 2, 3, 4, 5, 6, 7, NW1 1AA", "the address has 9 lines"),
    ],
)
def test_an_address_that_notify_cannot_post_to_is_not_tried(
    db: Database, lena: FlaskClient, issue: Issue, notify: Notify, address: str, why: str
) -> None:
    record = issue(recipient_address=address)
    answer = post(lena, record, "notice", times="0")
    assert answer.status_code == 409
    assert why in words(answer.text)
    assert notify.calls == []
    assert pages(db, record, "served") == []


# Copies


def due(db: Database) -> list[tuple[str, list[str]]]:
    return [(row["record"], list(row["copies"])) for row in copies.copies_due(db)]


def say_copy(client: FlaskClient, path: str, form: str, **fields: Any) -> TestResponse:
    page = client.get(form).text
    said = {name: hidden(page, name) for name in ("csrf_token", "seen")}
    return client.post(path, data=said | fields)


def test_r10_the_copy_to_the_environment_agency_waits_until_it_was_sent(
    db: Database, lena: FlaskClient, issue: Issue
) -> None:
    record = issue("fpn", 1, offence="household-waste")
    issue("fpn", 2)
    assert due(db) == [(record, ["agency_copy_on"])]
    here = f"/desk/records/{record}"
    listed = {(one.notice["record"], one.what) for one in list_of_due(db, NOW.date())}
    said = "Send the copy to the Environment Agency (EPA 1990 s34ZA: at the time of giving)"
    assert (record, said) in listed
    assert said in words(lena.get(here).text)
    answer = say_copy(lena, f"/desk/notices/{record}/copies", here, agency_copy_on="2026-11-21")
    assert answer.status_code == 303
    assert due(db) == []
    assert said not in words(lena.get(here).text)
    assert row_of(db, record)["agency_copy_on"] == "2026-11-21"


def test_r10_another_council_gets_one_too_when_it_was_in_its_area(
    db: Database, lena: FlaskClient, issue: Issue
) -> None:
    record = issue("fpn", 1, offence="household-waste", other_council="Samplebury Council")
    here, there = f"/desk/records/{record}", f"/desk/notices/{record}/copies"
    assert due(db) == [(record, ["agency_copy_on", "council_copy_on"])]
    assert "Send the copy to Samplebury Council, in whose area it was" in words(lena.get(here).text)
    say_copy(lena, there, here, agency_copy_on="2026-11-21")
    assert due(db) == [(record, ["council_copy_on"])]
    say_copy(lena, there, here, council_copy_on="2026-11-22")
    assert due(db) == []
    assert row_of(db, record)["agency_copy_on"] == "2026-11-21"


def test_r10_a_copy_waits_also_when_the_notice_is_paid(
    db: Database, issue: Issue, decide: Decide
) -> None:
    record = issue("fpn", 1, offence="household-waste")
    payment = {"number": sound.fpn(ISSUED)["number"], "amount": 100_000}
    decide("payment", str(uuid.uuid4()), payment | {"paid_on": "2026-10-05", "source": "post"})
    assert due(db) == [(record, ["agency_copy_on"])]


def test_r10_no_copy_is_asked_for_of_a_notice_that_is_void(
    db: Database,
    lena: FlaskClient,
    issue: Issue,
    leader: str,
    officer: Callable[..., str],
) -> None:
    record = issue("fpn", 1, offence="household-waste")
    make_void(db, record, leader, officer("Sam Second", "team leader"), NOW - timedelta(days=1))
    assert due(db) == []
    assert "Send the copy" not in words(lena.get(f"/desk/records/{record}").text)


def test_that_a_copy_was_sent_is_said_once_however_often_the_form_is_sent(
    db: Database, lena: FlaskClient, issue: Issue
) -> None:
    record = issue("fpn", 1, offence="household-waste")
    page = lena.get(f"/desk/records/{record}").text
    said = {name: hidden(page, name) for name in ("csrf_token", "seen")}
    for day, status in (("2026-11-21", 303), ("2026-11-21", 303), ("2026-11-20", 400)):
        there = f"/desk/notices/{record}/copies"
        answer = lena.post(there, data=said | {"agency_copy_on": day})
        assert answer.status_code == status
    assert "Somebody wrote about this notice meanwhile" in words(answer.text)
    assert len(pages(db, record, "copy-sent")) == 1


def test_a_copy_is_not_sent_in_the_future_nor_of_another_notice(
    db: Database, lena: FlaskClient, issue: Issue
) -> None:
    record, other = issue("fpn", 1, offence="household-waste"), issue("fpn", 2)
    here = f"/desk/records/{record}"
    tomorrow = (NOW + timedelta(days=1)).date().isoformat()
    for day, why in (
        (tomorrow, "is in the future"),
        ("", "Enter the day on which the copy was sent"),
    ):
        answer = say_copy(lena, f"/desk/notices/{record}/copies", here, agency_copy_on=day)
        assert answer.status_code == 400
        assert why in words(answer.text)
    answer = say_copy(lena, f"/desk/notices/{other}/copies", here, agency_copy_on="2026-11-21")
    assert answer.status_code == 409
    assert pages(db, record, "copy-sent") == pages(db, other, "copy-sent") == []
