"""What a team leader does about a notice: where it stands, each step's form, and the due list."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import cases, desk, due, notebook, notices, payments_desk
from field_app.database import all_rows, one_row, writing
from tests.conftest import Notebook, sign_in
from tests.notices import cpn, cpw, fpn

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
"""When the notices of these tests are issued: pay by 6 December, the discount of fly-tipping until 2."""

Body = dict[str, Any]
Make = Callable[..., str]
Step = tuple[str, Body]

REPRESENTED: Step = ("representation", {"represented_on": "2026-11-24", "grounds": "Not me"})
REJECTED: Step = ("decision", {"decision": "rejected", "decision_reason": "Seen by two"})
UPHELD: Step = ("decision", {"decision": "upheld", "decision_reason": "It was another"})
ASKED: Step = ("withdrawal", {"withdrawal": "withdraw", "withdrawal_reason": "The wrong person"})
VOID: Step = ("withdrawal", {"withdrawal": "void", "withdrawal_reason": "No power here"})
AGREED: Step = (
    "withdrawal-answer",
    {"withdrawal_answer": "agree", "withdrawal_answer_reason": "So it is"},
)
DECLINED: Step = (
    "withdrawal-answer",
    {"withdrawal_answer": "decline", "withdrawal_answer_reason": "It is sound"},
)
SERVED: Step = ("served", {"service": "post", "served_at": "2026-11-23T09:00:00.000Z"})


def moved_on(step: str) -> Step:
    return "case-step", {"step": step, "step_on": "2026-12-08", "step_reason": "As usual"}


def paid(amount: int, day: str) -> Step:
    return "payment", {"amount": amount, "paid_on": day, "source": "post"}


VARIED: Step = (
    "variation",
    {
        "requirements": [{"kind": "do", "what": "Clear the yard"}],
        "comply_by": "2027-01-20",
        "ends_on": "2027-03-01",
        "variation_reason": "A shorter time does",
    },
)
VARIATION_SERVED: Step = (
    "variation-served",
    {"variation_service": "post", "variation_served_at": "2026-12-23T09:00:00.000Z"},
)
DISCHARGED: Step = (
    "discharge",
    {"discharged_on": "2026-12-08", "discharge_reason": "It has stopped"},
)
REVIEWED: Step = ("review", {"reviewed_on": "2026-12-22", "review_finding": "Quiet since"})


@pytest.fixture
def second(officer: Make) -> str:
    return officer("Sam Second", "team leader")


@pytest.fixture
def at_desk(db: Database, leader: str, second: str) -> Callable[..., None]:
    """Write steps at the desk, a minute after each other; answers are the second person's."""

    def write(record: str, number: str, *steps: Step, day: str = "2026-12-23") -> None:
        moment = datetime.fromisoformat(f"{day}T12:00:00Z")
        for kind, body in steps:
            moment += timedelta(minutes=1)
            about, said = record, body
            if kind == "payment":
                count = len(all_rows(db, "SELECT 1 FROM payments"))
                about, said = f"0193bbbb-0000-4000-8000-{count:012}", body | {"number": number}
            who = second if kind == "withdrawal-answer" else leader
            with writing(db):
                notebook.write_at_desk(db, who, kind, about, said, moment)

    return write


@pytest.fixture
def issued(officer: Make, notebook_of: Callable[[str], Notebook]) -> Callable[..., str]:
    """Issue a notice on NOW; its record."""
    serials = iter(range(1, 99))
    book = notebook_of(officer("Olu Officer"))

    def issue(kind: str = "fpn", offence: str = "fly-tipping", **more: Any) -> str:
        serial = next(serials)
        make: Callable[..., Body] = {"cpw": cpw, "cpn": cpn}.get(kind, fpn)
        body = make(NOW, offence, serial, **more) if kind == "fpn" else make(NOW, serial, **more)
        record = book.write(kind, body, NOW)
        book.send(NOW)
        return record

    return issue


def number_of(db: Database, record: str) -> str:
    row = one_row(db, "SELECT number FROM notices WHERE record = ?", [record])
    assert row
    return str(row["number"])


STANDING: list[tuple[str, str, tuple[Step, ...], str]] = [
    ("fpn", "2026-12-02", (), "discount"),
    ("fpn", "2026-12-03", (), "issued"),
    ("fpn", "2026-12-03", (SERVED,), "handed over"),
    ("fpn", "2026-12-06", (SERVED,), "handed over"),
    ("fpn", "2026-12-07", (SERVED,), "payment ended"),
    ("fpn", "2026-12-02", (paid(20_000, "2026-12-02"),), "paid with discount"),
    ("fpn", "2026-12-08", (paid(20_000, "2026-12-02"),), "paid with discount"),
    ("fpn", "2026-12-03", (paid(20_000, "2026-12-03"),), "issued"),
    (
        "fpn",
        "2026-12-08",
        (paid(10_000, "2026-12-02"), paid(10_000, "2026-12-02")),
        "paid with discount",
    ),
    (
        "fpn",
        "2026-12-08",
        (paid(10_000, "2026-12-02"), paid(10_000, "2026-12-03")),
        "payment ended",
    ),
    ("fpn", "2026-12-08", (paid(40_000, "2026-12-05"),), "paid"),
    ("fpn", "2026-12-08", (paid(40_000, "2026-12-20"),), "paid"),
    ("fpn", "2026-11-25", (REPRESENTED,), "representation"),
    ("fpn", "2026-12-08", (REPRESENTED,), "representation"),
    ("fpn", "2026-11-25", (REPRESENTED, REJECTED), "rejected"),
    ("fpn", "2026-12-07", (REPRESENTED, REJECTED), "payment ended"),
    ("fpn", "2026-11-25", (REPRESENTED, UPHELD), "upheld"),
    ("fpn", "2026-11-25", (REPRESENTED, REJECTED, REPRESENTED), "representation"),
    ("fpn", "2026-11-25", (REPRESENTED, paid(40_000, "2026-11-25")), "paid"),
    ("fpn", "2026-12-08", (moved_on("reminder"),), "reminder"),
    ("fpn", "2026-12-08", (moved_on("reminder"), moved_on("file-review")), "file review"),
    ("fpn", "2026-12-08", (moved_on("prosecution"),), "prosecution"),
    ("fpn", "2026-12-08", (moved_on("prosecution"), paid(40_000, "2026-12-20")), "paid"),
    ("fpn", "2026-12-08", (moved_on("prosecution"), REPRESENTED), "representation"),
    ("fpn", "2026-12-08", (moved_on("prosecution"), REPRESENTED, REJECTED), "prosecution"),
    ("fpn", "2026-12-08", (moved_on("prosecution"), REPRESENTED, UPHELD), "upheld"),
    ("fpn", "2026-12-08", (REPRESENTED, moved_on("written-off")), "written off"),
    ("fpn", "2026-12-08", (moved_on("written-off"),), "written off"),
    ("fpn", "2026-11-25", (ASKED,), "withdrawal asked"),
    ("fpn", "2026-11-25", (ASKED, DECLINED), "discount"),
    ("fpn", "2026-11-25", (ASKED, DECLINED, VOID), "withdrawal asked"),
    ("fpn", "2026-11-25", (ASKED, AGREED), "withdrawn"),
    ("fpn", "2026-11-25", (VOID, AGREED), "void"),
    ("fpn", "2026-12-08", (paid(40_000, "2026-12-05"), ASKED, AGREED), "withdrawn"),
    ("cpw", "2026-12-21", (), "running"),
    ("cpw", "2026-12-22", (), "review due"),
    ("cpw", "2026-12-22", (REVIEWED,), "running"),
    ("cpn", "2026-12-21", (), "running"),
    ("cpn", "2026-12-21", (VARIED,), "varied"),
    ("cpn", "2027-03-02", (VARIED,), "ended"),
    ("cpn", "2027-05-22", (), "ended"),
    ("cpn", "2026-12-21", (DISCHARGED,), "discharged"),
]


@pytest.fixture
def after(
    db: Database, issued: Callable[..., str], at_desk: Callable[..., None]
) -> Callable[..., str]:
    """Issue a notice of a kind, and take steps; its record."""

    def take(kind: str, *steps: Step) -> str:
        record = issued(kind)
        at_desk(record, number_of(db, record), *steps)
        return record

    return take


@pytest.mark.parametrize(("kind", "day", "steps", "standing"), STANDING)
def test_where_a_notice_stands(
    db: Database,
    after: Callable[..., str],
    kind: str,
    day: str,
    steps: tuple[Step, ...],
    standing: str,
) -> None:
    record = after(kind, *steps)
    row = notices.standing(db, record, date.fromisoformat(day))
    assert row
    assert row["standing"] == standing
    may_be_open = all_rows(db, f"SELECT record FROM notices WHERE {notices.OPEN}")
    assert may_be_open or standing in due.PASSED
    sorted_out = (*notices.PAID, *notices.NOT_STANDING, "written off", "discharged")
    assert not may_be_open or standing not in sorted_out


def test_every_state_has_been_seen_and_has_words() -> None:
    seen = {standing for *_, standing in STANDING} | {"held"}
    assert seen == set(notices.STATES)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the desk's clock to noon of a day, from where it ticks."""

    def turn(day: str) -> None:
        noon, ticks = datetime.fromisoformat(f"{day}T12:00:00Z"), itertools.count()
        for module in (cases, desk, payments_desk):
            monkeypatch.setattr(module, "now", lambda: noon + timedelta(seconds=next(ticks)))

    return turn


class Desk:
    """A person at the desk, with forms as a browser sends them."""

    def __init__(self, client: FlaskClient, name: str) -> None:
        self.client = client
        sign_in(client, name)

    def form(self, path: str, action: str | None = None) -> Body:
        """What a form holds as it is shown."""
        page = self.client.get(path)
        assert page.status_code == 200, page.text
        found = re.findall(r"<form[^>]*>.*?</form>", page.text, re.DOTALL)
        one = next(f for f in found if "masthead" not in f and (not action or action in f))
        return {
            html.unescape(name): html.unescape(value)
            for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', one)
            if 'type="radio"' not in one.split(f'name="{name}"')[0].rpartition("<")[2]
        }

    def send(self, path: str, said: Body, status: int = 303, **more: Any) -> str:
        answer = self.client.post(path, data=self.form(path) | said, **more)
        assert answer.status_code == status, read(answer.text)
        return read(answer.text)

    def page(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status
        return read(answer.text)


def read(page: str) -> str:
    body = page.partition("<main")[2] or page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture
def lena(app: Flask, leader: str, at: Callable[[str], None]) -> Desk:
    assert leader
    at("2026-11-24")
    return Desk(app.test_client(), "lena")


@pytest.fixture
def sam(app: Flask, second: str, at: Callable[[str], None]) -> Desk:
    assert second
    at("2026-11-24")
    return Desk(app.test_client(), "sam")


def offered(lena: Desk, record: str) -> set[str]:
    """The steps that a notice's page offers."""
    page = lena.client.get(f"/desk/records/{record}").text
    return set(re.findall(rf'href="/desk/notices/{record}/([a-z-]+)"', page)) & set(cases.STEPS)


USUAL = {"served", "representation", "written-off", "withdrawal"}
OFFERED: list[tuple[str, str, tuple[Step, ...], set[str]]] = [
    ("fpn", "2026-11-24", (), USUAL),
    ("fpn", "2026-11-24", (SERVED,), USUAL - {"served"}),
    (
        "fpn",
        "2026-12-24",
        (SERVED,),
        USUAL - {"served"} | {"reminder", "file-review", "prosecution"},
    ),
    ("fpn", "2026-12-24", (SERVED, paid(40_000, "2026-12-20")), {"withdrawal"}),
    ("fpn", "2026-12-24", (REPRESENTED,), USUAL | {"decision"}),
    ("fpn", "2026-12-24", (SERVED, moved_on("prosecution")), USUAL - {"served"}),
    (
        "fpn",
        "2026-12-24",
        (SERVED, moved_on("prosecution"), REPRESENTED),
        USUAL - {"served"} | {"decision"},
    ),
    ("fpn", "2026-12-24", (ASKED,), {"representation", "withdrawal-taken-back"}),
    ("fpn", "2026-12-24", (moved_on("written-off"),), {"withdrawal"}),
    ("fpn", "2026-12-24", (ASKED, AGREED), set()),
    ("cpw", "2026-11-24", (), {"served", "review", "withdrawal"}),
    ("cpn", "2026-11-24", (SERVED,), {"review", "variation", "discharge", "withdrawal"}),
    (
        "cpn",
        "2026-11-24",
        (SERVED, VARIED),
        {"review", "variation", "variation-served", "discharge", "withdrawal"},
    ),
    ("cpn", "2026-12-24", (SERVED, DISCHARGED), {"withdrawal"}),
]


@pytest.mark.parametrize("case", OFFERED)
def test_only_what_fits_is_offered_and_the_rest_is_refused(
    lena: Desk,
    at: Callable[[str], None],
    after: Callable[..., str],
    case: tuple[str, str, tuple[Step, ...], set[str]],
) -> None:
    kind, day, steps, names = case
    record = after(kind, *steps)
    at(day)
    assert offered(lena, record) == names
    for name in cases.STEPS:
        assert (lena.client.get(f"/desk/notices/{record}/{name}").status_code == 200) == (
            name in names
        ), name


def test_a_representation_is_recorded_decided_and_extends_the_time_to_pay(
    db: Database, lena: Desk, issued: Callable[..., str]
) -> None:
    record = issued()
    here = f"/desk/notices/{record}"
    said = {"represented_by": "Alex Invented", "grounds": "It was\nnot me"}
    lena.send(f"{here}/representation", said)
    page = lena.page(f"{here}/decision")
    assert "Alex Invented said on Tuesday 24 November 2026: It was not me" in page
    decided = {"decision": "rejected", "decision_reason": "Seen", "decided_pay_by": "2026-12-20"}
    lena.send(f"{here}/decision", decided)
    row = notices.standing(db, record, date(2026, 12, 20))
    assert row
    assert (row["standing"], row["pay_until"]) == ("rejected", "2026-12-20")
    assert "to be paid by Sunday 20 December 2026" in lena.page(f"/desk/records/{record}")
    row = notices.standing(db, record, date(2026, 12, 21))
    assert row
    assert row["standing"] == "payment ended"


def test_a_second_representation_leaves_the_first_to_be_read(
    lena: Desk, issued: Callable[..., str]
) -> None:
    record = issued()
    here = f"/desk/notices/{record}"
    lena.send(f"{here}/representation", {"grounds": "It was not me"})
    again = {"represented_by": "Bo Advises", "grounds": "They were abroad"}
    page = lena.page(f"{here}/representation")
    assert "Alex Invented said on Tuesday 24 November 2026: It was not me" in page
    lena.send(f"{here}/representation", again)
    page = lena.page(f"{here}/decision")
    assert "It was not me" in page
    assert "Bo Advises said on Tuesday 24 November 2026: They were abroad" in page
    lena.send(f"{here}/decision", REJECTED[1])
    lena.send(f"{here}/representation", {"grounds": "A new fact"})
    page = lena.page(f"{here}/decision")
    assert "A new fact" in page
    assert "It was not me" not in page


@pytest.mark.parametrize("state", ["held", "prosecution", "withdrawal asked"])
def test_a_representation_is_recorded_wherever_the_case_is(
    db: Database, lena: Desk, issued: Callable[..., str], at_desk: Callable[..., None], state: str
) -> None:
    record = issued(**({"recipient_name": None} if state == "held" else {}))
    before = {"prosecution": [moved_on("prosecution")], "withdrawal asked": [ASKED]}
    at_desk(record, "", *before.get(state, []), day="2026-12-23")
    with_lena = f"/desk/notices/{record}/representation"
    lena.send(with_lena, {"represented_on": "2026-11-24", "grounds": "Not me"})
    row = one_row(db, "SELECT grounds FROM notices WHERE record = ?", [record])
    assert row == {"grounds": "Not me"}


def test_a_decision_never_makes_the_time_to_pay_shorter(
    db: Database, lena: Desk, issued: Callable[..., str], at_desk: Callable[..., None]
) -> None:
    record = issued()
    at_desk(record, "", REPRESENTED, day="2026-11-24")
    shorter = {"decision": "rejected", "decision_reason": "Seen", "decided_pay_by": "2026-12-05"}
    page = lena.send(f"/desk/notices/{record}/decision", shorter, 400)
    assert "never made shorter: it runs until Sunday 6 December 2026" in page
    assert "Seen" in page
    row = one_row(db, "SELECT decision FROM notices WHERE record = ?", [record])
    assert row == {"decision": None}
    lena.send(f"/desk/notices/{record}/decision", shorter | {"decided_pay_by": "2026-12-06"})


def test_r16_payment_closes_the_case_and_nobody_is_prosecuted(
    db: Database,
    lena: Desk,
    at: Callable[[str], None],
    issued: Callable[..., str],
    at_desk: Callable[..., None],
) -> None:
    record = issued()
    here = f"/desk/notices/{record}/prosecution"
    at("2026-12-24")
    form = lena.form(here)
    at_desk(record, number_of(db, record), paid(40_000, "2026-12-20"))
    said = {"step_on": "2026-12-24", "step_reason": "Unpaid"}
    answer = lena.client.post(here, data=form | said)
    assert answer.status_code == 400
    assert "It is paid. Payment closes the case" in read(answer.text)
    assert "It is paid. Payment closes the case" in lena.page(here, 409)
    row = one_row(db, "SELECT step FROM notices WHERE record = ?", [record])
    assert row == {"step": None}
    assert "Paid in full" in lena.page(f"/desk/records/{record}")


def test_no_proceedings_before_the_time_to_pay_has_ended(
    lena: Desk,
    at: Callable[[str], None],
    issued: Callable[..., str],
    at_desk: Callable[..., None],
) -> None:
    record = issued()
    decided = ("decision", REJECTED[1] | {"decided_pay_by": "2027-01-10"})
    at_desk(record, "", moved_on("reminder"), REPRESENTED, decided)
    at("2026-12-24")
    assert {"prosecution", "file-review"} & offered(lena, record) == set()
    page = lena.page(f"/desk/notices/{record}/prosecution", 409)
    assert "The time to pay runs until Sunday 10 January 2027." in page
    at("2027-01-11")
    assert {"prosecution", "file-review"} <= offered(lena, record)


def test_r20_to_withdraw_needs_a_reason_and_a_second_person(
    db: Database, lena: Desk, sam: Desk, issued: Callable[..., str]
) -> None:
    record, number = issued(), "CF26 000001 49"
    here = f"/desk/notices/{record}"
    page = lena.send(f"{here}/withdrawal", {"withdrawal": "void"}, 400)
    assert "There is a problem Enter a reason" in page
    lena.send(f"{here}/withdrawal", {"withdrawal": "void", "withdrawal_reason": "No power here"})
    for person, sentence in (
        (lena, "It waits for a second person, who cannot be you; until then"),
        (sam, "It waits for a second person; until then"),
    ):
        assert sentence in person.page(f"/desk/records/{record}")
    assert "1 notice" in sam.page("/desk/notices?state=withdrawal+asked")
    assert "Waiting for a second person (1)" in sam.page("/desk")
    assert "Withdrawal waits for a second person" in sam.page("/desk/due")
    assert "A second person has to agree" in lena.page(f"{here}/withdrawal-answer", 409)
    agreed = {"withdrawal_answer": "agree", "withdrawal_answer_reason": "So it is"}
    form = sam.form(f"{here}/withdrawal-answer")
    own = {"csrf_token": lena.form("/desk/payments/enter")["csrf_token"]}
    answer = lena.client.post(f"{here}/withdrawal-answer", data=form | own | agreed)
    assert answer.status_code == 400
    assert "A second person has to agree" in read(answer.text)
    sam.send(f"{here}/withdrawal-answer", agreed)
    assert "Void" in sam.page(f"/desk/records/{record}")
    assert number in sam.page(f"/desk/records/{record}")
    row = one_row(db, "SELECT count(*) AS n FROM notices WHERE number = 'CF2600000149'")
    assert row == {"n": 1}


def test_only_who_really_asked_is_said_to_have_asked(
    db: Database,
    lena: Desk,
    officer: Make,
    notebook_of: Callable[[str], Notebook],
    at_desk: Callable[..., None],
) -> None:
    book = notebook_of(officer("Pat Officer"))
    record = book.write("fpn", fpn(NOW, serial=7), NOW)
    book.send(NOW)
    at_desk(record, "", VOID, day="2026-11-22")
    later = NOW + timedelta(days=1)
    book.write("withdrawal", VOID[1], later, record)
    assert book.send(later) == ["held"]
    assert "Lena Leader asked on" in lena.page(f"/desk/records/{record}")
    lena.page(f"/desk/notices/{record}/withdrawal-answer", 409)
    [waits] = [one for one in due.due(db, later.date()) if "second person" in one.what]
    assert waits.day == NOW.date()


def test_who_was_told_no_may_ask_again(
    lena: Desk, sam: Desk, issued: Callable[..., str], at_desk: Callable[..., None]
) -> None:
    record = issued()
    at_desk(record, "", ASKED, DECLINED, day="2026-11-23")
    here = f"/desk/notices/{record}"
    lena.send(f"{here}/withdrawal", {"withdrawal": "withdraw", "withdrawal_reason": "New facts"})
    assert "New facts" in sam.page(f"{here}/withdrawal-answer")


def test_who_asked_takes_it_back_and_nobody_else_does(
    db: Database, lena: Desk, sam: Desk, issued: Callable[..., str]
) -> None:
    record = issued()
    here = f"/desk/notices/{record}"
    lena.send(f"{here}/withdrawal", VOID[1])
    assert "Only who asked takes it back" in sam.page(f"{here}/withdrawal-taken-back", 409)
    lena.send(f"{here}/withdrawal-taken-back", {"taken_back_reason": "It is sound"})
    row = notices.standing(db, record, date(2026, 11, 24))
    assert row
    assert (row["standing"], row["withdrawal"]) == ("discount", None)
    assert sam.page(f"{here}/withdrawal-answer", 409)
    assert "It is sound" in sam.page(f"/desk/records/{record}")
    lena.send(f"{here}/withdrawal", VOID[1])
    sam.send(f"{here}/withdrawal-answer", AGREED[1])
    assert "Void" in sam.page(f"/desk/records/{record}")


def test_what_was_done_is_said_once_with_what_comes_next(
    lena: Desk, issued: Callable[..., str]
) -> None:
    record = issued()
    here, notice = f"/desk/notices/{record}", f"/desk/records/{record}"
    lena.send(f"{here}/representation", {"grounds": "Not me"})
    assert "The representation is on file. It waits for its decision" in lena.page(notice)
    lena.send(f"{here}/decision", REJECTED[1])
    page = lena.page(notice)
    assert "Success The decision is on file, and the recipient does not know it yet." in page
    assert "Post the answer" in page
    assert "The representation is on file" not in page
    assert "Success" not in lena.page(notice)
    paid = {"number": "CF26 000001 49", "amount": "100", "paid_on": "2026-11-24", "source": "post"}
    lena.send("/desk/payments/enter", paid)
    assert "£100 is on file: £300 is left to pay." in lena.page(notice)
    lena.send(f"{here}/withdrawal", VOID[1])
    assert "A second person has to answer it; until then the notice stands." in lena.page(notice)


def test_a_form_sent_twice_writes_one_page(
    db: Database, lena: Desk, issued: Callable[..., str]
) -> None:
    record = issued()
    here = f"/desk/notices/{record}/representation"
    said = lena.form(here) | {"grounds": "Not me"}
    answers = [lena.client.post(here, data=said) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert len(all_rows(db, "SELECT 1 FROM pages WHERE kind = 'representation'")) == 1


def test_what_somebody_wrote_meanwhile_is_read_first(
    db: Database, lena: Desk, issued: Callable[..., str], at_desk: Callable[..., None]
) -> None:
    record = issued()
    here = f"/desk/notices/{record}/written-off"
    form = lena.form(here) | {"step_on": "2026-11-24", "step_reason": "Moved abroad"}
    at_desk(record, "", SERVED, day="2026-11-24")
    answer = lena.client.post(here, data=form)
    assert answer.status_code == 400
    assert "Somebody wrote about this notice meanwhile" in read(answer.text)
    assert "Moved abroad" in read(answer.text)
    again = re.search(r'name="seen" value="([^"]+)"', answer.text)
    assert again
    assert lena.client.post(here, data=form | {"seen": again[1]}).status_code == 303
    assert one_row(db, "SELECT step FROM notices WHERE record = ?", [record]) == {
        "step": "written-off"
    }


@pytest.mark.parametrize(
    ("name", "said", "sentence"),
    [
        ("representation", {"grounds": ""}, "Enter what they say"),
        (
            "representation",
            {"represented_on": "2026-11-21", "grounds": "X"},
            "was issued on Sunday",
        ),
        ("representation", {"represented_on": "2026-11-25", "grounds": "X"}, "is in the future"),
        ("representation", {"represented_on": "soon", "grounds": "X"}, "must be a real date"),
        ("written-off", {"step_reason": " "}, "Enter a reason"),
        ("served", {"served_at": "2026-11-25T09:00"}, "When is in the future"),
        (
            "served",
            {"served_at": "2026-11-23T09:00", "service": "pigeon"},
            "not one of the choices",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(
    db: Database, lena: Desk, issued: Callable[..., str], name: str, said: Body, sentence: str
) -> None:
    record = issued()
    page = lena.send(f"/desk/notices/{record}/{name}", said, 400)
    assert sentence in page.partition("There is a problem")[2]
    assert len(all_rows(db, "SELECT 1 FROM pages")) == 1


VARYING: Body = {
    "requirements-kind": ["do"],
    "requirements-what": ["Clear the yard"],
    "variation_reason": "It is enough",
}
PAST: list[tuple[str, str, Body, Body, str]] = [
    (
        "cpn",
        "variation",
        VARYING | {"ends_on": "2027-03-01"},
        {"comply_by": "2026-12-23"},
        "By when it must change is past already",
    ),
    (
        "cpn",
        "variation",
        VARYING | {"comply_by": "2027-01-20"},
        {"ends_on": "2026-12-23"},
        "It would have ended already",
    ),
    ("fpn", "decision", REJECTED[1], {"decided_pay_by": "2026-12-23"}, "That day is past already"),
    (
        "cpw",
        "review",
        {"reviewed_on": "2026-12-24", "review_finding": "Quiet since"},
        {"review_on": "2026-12-24"},
        "Enter a day after today, or leave it empty",
    ),
]


@pytest.fixture
def on_christmas_eve(
    lena: Desk,
    at: Callable[[str], None],
    issued: Callable[..., str],
    at_desk: Callable[..., None],
) -> Callable[[str], tuple[Desk, str]]:
    """The desk, a month after a notice of a kind was issued; a penalty has a representation."""

    def issue(kind: str) -> tuple[Desk, str]:
        record = issued(kind)
        if kind == "fpn":
            at_desk(record, "", REPRESENTED)
        at("2026-12-24")
        return lena, record

    return issue


@pytest.mark.parametrize(("kind", "name", "said", "wrong", "sentence"), PAST)
def test_nothing_is_asked_for_by_a_day_that_is_past(
    on_christmas_eve: Callable[[str], tuple[Desk, str]],
    kind: str,
    name: str,
    said: Body,
    wrong: Body,
    sentence: str,
) -> None:
    lena, record = on_christmas_eve(kind)
    here = f"/desk/notices/{record}/{name}"
    assert sentence in lena.send(here, said | wrong, 400).partition("There is a problem")[2]
    lena.send(here, said | dict.fromkeys(wrong, "2027-02-20"))


def test_post_is_how_the_desk_serves(db: Database, lena: Desk, issued: Callable[..., str]) -> None:
    record = issued("cpn")
    said = {"service": "post", "served_at": "2026-11-23T09:30", "service_note": "Royal Mail AA1"}
    lena.send(f"/desk/notices/{record}/served", said)
    row = one_row(db, "SELECT service, served_at FROM notices WHERE record = ?", [record])
    assert row == {"service": "post", "served_at": "2026-11-23T09:30:00.000Z"}
    assert "How it was served is on file already." in lena.page(
        f"/desk/notices/{record}/served", 409
    )


def test_how_a_variation_was_served_is_said_beside_how_the_notice_was(
    db: Database, lena: Desk, issued: Callable[..., str], at_desk: Callable[..., None]
) -> None:
    record = issued("cpn")
    here = f"/desk/notices/{record}"
    at_desk(record, "", SERVED, day="2026-11-23")
    assert "It has not been varied." in lena.page(f"{here}/variation-served", 409)
    at_desk(record, "", VARIED, day="2026-11-23")
    early = {"variation_service": "by-hand", "variation_served_at": "2026-11-22T09:00"}
    page = lena.send(f"{here}/variation-served", early, 400)
    assert "The notice was issued after that" in page
    lena.send(f"{here}/variation-served", early | {"variation_served_at": "2026-11-24T09:00"})
    names = "service, served_at, variation_service, variation_served_at"
    row = one_row(db, f"SELECT {names} FROM notices WHERE record = ?", [record])
    assert row == {
        "service": "post",
        "served_at": "2026-11-23T09:00:00.000Z",
        "variation_service": "by-hand",
        "variation_served_at": "2026-11-24T09:00:00.000Z",
    }
    assert "is on file already" in lena.page(f"{here}/variation-served", 409)


def test_a_notice_is_varied_line_by_line_and_discharged(
    db: Database, lena: Desk, issued: Callable[..., str]
) -> None:
    record = issued("cpn")
    here = f"/desk/notices/{record}"
    page = lena.client.get(f"{here}/variation").text
    assert "Playing music after 23:00" in page
    lines = {
        "requirements-kind": ["stop", "do", "achieve"],
        "requirements-what": ["Music after 22:00", "", "Quiet nights"],
    }
    dates = {"comply_by": "2026-12-20", "ends_on": "2026-12-19", "variation_reason": "Less does"}
    wrong = lena.send(f"{here}/variation", lines | dates, 400)
    assert "It would end before the day by which it must change" in wrong
    assert "Quiet nights" in wrong
    lena.send(f"{here}/variation", lines | dates | {"ends_on": "2027-02-01"})
    row = notices.standing(db, record, date(2026, 11, 24))
    assert row
    assert row["standing"] == "varied"
    assert json.loads(row["requirements"]) == [
        {"kind": "stop", "what": "Music after 22:00"},
        {"kind": "achieve", "what": "Quiet nights"},
    ]
    assert "Playing music after 23:00" in lena.page(f"/desk/records/{record}")
    lena.send(f"{here}/discharge", {"discharge_reason": "It has stopped"})
    assert "Issued Discharged" in lena.page(f"/desk/records/{record}")


def test_a_review_takes_a_warning_off_the_list_until_the_next(
    db: Database, lena: Desk, at: Callable[[str], None], issued: Callable[..., str]
) -> None:
    record = issued("cpw")
    at("2026-12-22")
    assert "Warning to be reviewed" in lena.page("/desk/due")
    said = {"review_finding": "Quiet since", "review_on": "2027-01-22"}
    lena.send(f"/desk/notices/{record}/review", said)
    assert "Warning to be reviewed" not in lena.page("/desk/due")
    at("2027-01-22")
    assert "Warning to be reviewed" in lena.page("/desk/due")
    row = notices.standing(db, record, date(2027, 1, 22))
    assert row
    assert row["standing"] == "review due"


def test_the_register_filters_by_state_and_keeps_it_in_the_address(
    db: Database, lena: Desk, issued: Callable[..., str], at_desk: Callable[..., None]
) -> None:
    one, two = issued(), issued()
    at_desk(one, number_of(db, one), paid(20_000, "2026-11-23"), paid(1_000, "2026-11-24"))
    at_desk(two, number_of(db, two), paid(5_000, "2026-11-24"))
    page = lena.page("/desk/notices?state=paid+with+discount")
    assert "1 notice" in page
    assert "Issued Paid with discount £10 to be paid back" in page
    answer = lena.client.post("/desk/notices", data={"q": "", "state": "paid with discount"})
    assert answer.location == "/desk/notices?state=paid+with+discount"
    assert "£50 of £400 paid" in lena.page("/desk/notices?state=discount")


COMPLY = ("2026-12-07", "Time to comply ended: look whether it has changed")
DUE: list[tuple[str, str, tuple[Step, ...], list[tuple[str, str]]]] = [
    (
        "fpn",
        "2026-11-24",
        (),
        [
            ("2026-11-22", "Not handed over, left or posted"),
            ("2026-12-02", "Discount ends"),
            ("2026-12-07", "Time to pay ended: reminder due"),
        ],
    ),
    ("fpn", "2026-12-10", (SERVED,), [("2026-12-07", "Time to pay ended: reminder due")]),
    ("fpn", "2026-12-10", (SERVED, moved_on("reminder")), []),
    ("fpn", "2026-12-10", (SERVED, paid(40_000, "2026-12-09")), []),
    (
        "fpn",
        "2026-12-10",
        (SERVED, REPRESENTED),
        [("2026-11-24", "Representation waits for its decision")],
    ),
    (
        "fpn",
        "2026-12-10",
        (SERVED, REPRESENTED, UPHELD),
        [("2026-11-24", "Representation upheld: withdraw the notice")],
    ),
    ("fpn", "2026-12-24", (ASKED,), [("2026-12-23", "Withdrawal waits for a second person")]),
    ("fpn", "2026-12-24", (ASKED, AGREED), []),
    (
        "fpn",
        "2026-12-24",
        (paid(40_000, "2026-12-05"), VOID, AGREED),
        [("2026-12-05", "£400 to be paid back")],
    ),
    (
        "fpn",
        "2026-12-24",
        (paid(20_000, "2026-11-23"), paid(1_000, "2026-11-24")),
        [("2026-11-24", "£10 to be paid back")],
    ),
    ("cpw", "2026-11-24", (SERVED,), [COMPLY, ("2026-12-22", "Warning to be reviewed")]),
    ("cpw", "2026-11-23", (SERVED,), [COMPLY]),
    ("cpw", "2026-12-10", (SERVED, REVIEWED), []),
    (
        "cpn",
        "2026-12-23",
        (SERVED, REVIEWED, VARIED),
        [("2026-12-23", "Variation not handed over, left or posted")],
    ),
    ("cpn", "2026-12-23", (SERVED, REVIEWED, VARIED, VARIATION_SERVED), []),
    (
        "cpn",
        "2027-05-21",
        (SERVED, REVIEWED),
        [("2027-05-21", "Notice ends")],
    ),
]


@pytest.mark.parametrize(("kind", "day", "steps", "days"), DUE)
def test_the_due_list_says_what_ends_or_must_be_done(
    db: Database,
    after: Callable[..., str],
    kind: str,
    day: str,
    steps: tuple[Step, ...],
    days: list[tuple[str, str]],
) -> None:
    assert after(kind, *steps)
    found = due.due(db, date.fromisoformat(day))
    assert [(one.day.isoformat(), one.what) for one in found] == days
    now = due.due_now(db, date.fromisoformat(day))
    assert len(now) == sum(one <= day for one, _ in days)


def test_r17_the_limit_is_shown_from_day_one_and_listed_from_month_three(
    db: Database, lena: Desk, issued: Callable[..., str], at_desk: Callable[..., None]
) -> None:
    summary, either_way = issued("fpn", "litter"), issued("fpn", "fly-tipping")
    for record in (summary, either_way):
        at_desk(record, "", SERVED, moved_on("reminder"))
    assert "Prosecute by Saturday 22 May 2027" in lena.page(f"/desk/records/{summary}")
    assert "Prosecute by" not in lena.page(f"/desk/records/{either_way}")
    for day, what in (
        (date(2027, 2, 21), []),
        (date(2027, 2, 22), ["To Legal: prosecute by Sat 22 May 2027"]),
        (date(2027, 5, 22), ["To Legal: prosecute by Sat 22 May 2027"]),
        (date(2027, 5, 23), ["Time limit to prosecute has passed: write it off, or withdraw it"]),
    ):
        assert [one.what for one in due.due(db, day)] == what


def test_r17_the_limit_is_listed_also_when_legal_has_it_or_a_withdrawal_waits(
    db: Database, issued: Callable[..., str], at_desk: Callable[..., None]
) -> None:
    def listed(day: date) -> list[tuple[str, str]]:
        return [(one.day.isoformat(), one.what) for one in due.due(db, day)]

    record, number = issued("fpn", "litter"), "CF2600000149"
    at_desk(record, "", SERVED, moved_on("reminder"), ASKED)
    waits = ("2026-12-23", "Withdrawal waits for a second person")
    to_legal = ("2027-02-22", "To Legal: prosecute by Sat 22 May 2027")
    assert listed(date(2027, 3, 1)) == [waits, to_legal]
    at_desk(record, "", DECLINED, moved_on("prosecution"), day="2026-12-24")
    with_legal = ("2027-05-22", "With Legal: the last day on which proceedings can begin")
    for day, what in (
        (date(2027, 4, 23), []),
        (date(2027, 4, 24), [with_legal]),
        (date(2027, 5, 22), [with_legal]),
        (date(2027, 5, 23), []),
    ):
        assert listed(day) == what
    at_desk(record, number, paid(10_000, "2026-12-24"), ASKED, day="2026-12-25")
    assert listed(date(2027, 5, 1)) == [("2026-12-25", waits[1])]


def test_the_due_list_is_found_from_the_board_and_the_register_with_its_number(
    lena: Desk, issued: Callable[..., str]
) -> None:
    assert "Nothing is late." in lena.page("/desk/due")
    issued()
    for path in ("/desk", "/desk/notices"):
        assert "Due (1)" in lena.page(path)
    page = lena.page("/desk/due")
    assert "Before today (1)" in page
    assert (
        "Sun 22 Nov 2026 2 days ago CF26 000001 49 Not handed over, left or posted Fly-tipping"
        in page
    )
    assert "The next 28 days (2)" in page


def test_steps_are_for_the_desk_only_and_need_the_forms_token(
    app: Flask, lena: Desk, officer: Make, issued: Callable[..., str]
) -> None:
    record = issued()
    officer("Nina Nosy")
    paths = ["/desk/due", *(f"/desk/notices/{record}/{name}" for name in cases.STEPS)]
    stranger, nosy = app.test_client(), app.test_client()
    sign_in(nosy, "nina")
    for path in paths:
        assert stranger.get(path).location.startswith("/sign-in?next=/desk/"), path
        assert nosy.get(path).status_code == 403, path
    path = f"/desk/notices/{record}/written-off"
    said = {"step_on": "2026-11-24", "step_reason": "Because"}
    assert lena.client.post(path, data=said).status_code == 400
    assert lena.client.get(paths[1]).headers["Cache-Control"] == "no-store"
    assert lena.client.get(path.replace(record, record[::-1])).status_code == 404
