"""Running the team: who may, the account of numbers, lost phones, paper books, orders."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlite_utils import Database
from werkzeug.test import TestResponse

from field_app import auth, books, catalogue, earlier, followed, notebook, numbers
from field_app.backups import make_backup, restore
from field_app.books import Floors
from field_app.database import all_rows, connect, one_row, path_of, writing
from field_app.history import history
from field_app.times import london, moment_text, now
from field_app.verify import numbers as wrong_numbers
from field_app.verify import silent, verify
from tests import notices
from tests.conftest import CarefulClient, Notebook, patrol, sign_in
from tests.desk import make_void, words

Officer = Callable[..., str]
MISSING = "0193aaaa-0000-4000-8000-0000000000ff"


@pytest.fixture
def admin(officer: Officer, client: CarefulClient) -> str:
    """The administrator, signed in."""
    made = officer("Ada Admin", "administrator")
    sign_in(client, "ada")
    return made


@pytest.fixture
def first(officer: Officer) -> str:
    return officer("First Invented")


@pytest.fixture
def phone(db: Database, app: Flask, first: str, notebook_of: Callable[[str], Notebook]) -> Notebook:
    """A phone that has sent, and was lent its books."""
    made = notebook_of(first)
    made.send(now())
    with writing(db):
        books.top_up(db, made.id, now(), Floors(path_of(app).parent))
    return made


def post(client: CarefulClient, at: str, page: str, /, **fields: Any) -> TestResponse:
    """Send a form as it stands on a page."""
    return client.post(at, data=hidden(client.get(page).text) | fields)


def hidden(page: str) -> dict[str, str]:
    """What the page's forms send on."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def series(letters: str = "CF") -> str:
    return f"{letters}{london(now()):%y}"


# Who may

PAGES = ("", "/books", "/phones", "/orders", "/authorisations", "/paper")


@pytest.mark.usefixtures("first")
def test_officers_see_none_of_it(client: CarefulClient) -> None:
    sign_in(client, "first")
    assert {client.get(f"/desk/admin{one}").status_code for one in PAGES} == {403}


@pytest.mark.usefixtures("leader")
def test_team_leaders_read_all_of_it_and_change_nothing(
    client: CarefulClient, phone: Notebook, first: str
) -> None:
    sign_in(client, "lena")
    assert {client.get(f"/desk/admin{one}").status_code for one in PAGES} == {200}
    withdraw = f"/desk/admin/phones/{phone.id}/withdraw"
    assert client.get(withdraw).status_code == 403
    for address in (withdraw, "/desk/admin/paper/lend", f"/desk/admin/authorisations/{first}"):
        assert post(client, address, "/desk/admin/paper").status_code == 403, address
    assert '/desk/admin"' in client.get("/desk").text


def test_every_address_says_who_may(app: Flask) -> None:
    """Nobody who is not signed in gets further than the sign-in page."""
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("admin."):
            continue
        values: dict[str, Any] = {
            "officer": MISSING,
            "record": MISSING,
            "phone": MISSING,
            "series": "CF26",
        }
        with app.test_request_context():
            address = app.url_for(rule.endpoint, first=1, **values).partition("?")[0]
        if "GET" in (rule.methods or ()):
            assert client.get(address).status_code == 302, address


@pytest.mark.usefixtures("admin")
def test_the_administrator_is_led_there_and_sees_who_may_do_what(client: CarefulClient) -> None:
    assert "Administration" in client.get("/desk").text
    page = client.get("/desk/admin").text
    for doing in auth.MAY:
        assert doing in page
    waiting = len(catalogue.unconfirmed(london(now()).date()))
    assert f"{waiting} figures await confirmation by Legal" in page


# Numbers


@pytest.mark.usefixtures("admin")
def test_the_account_shows_every_book_and_what_became_of_its_numbers(
    db: Database, client: CarefulClient, phone: Notebook
) -> None:
    fpn = next(book for book in books.account(db) if book["series"] == series())
    issued = numbers.number(series(), fpn["first"])
    spoiled = numbers.number(series(), fpn["first"] + 1)
    record = phone.write("fpn", notices.fpn(now(), number=issued), now())
    phone.write("spoiled", {"number": spoiled, "reason": "Torn by the wind"}, now())
    phone.send(now())
    page = client.get("/desk/admin/books").text
    assert page.count("First Invented") == 3
    page = client.get(f"/desk/admin/books/{series()}/{fpn['first']}").text
    assert numbers.shown(issued) in page
    assert record in page
    assert "Torn by the wind" in page
    assert page.count("Not used on any page that is here") == 18
    assert client.get(f"/desk/admin/books/{series()}/1").status_code == 404


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize("other", ["fpn", "spoiled"])
def test_a_number_that_two_records_bear_is_told_wherever_somebody_looks(
    db: Database,
    app: Flask,
    client: CarefulClient,
    phone: Notebook,
    officer: Callable[..., str],
    other: str,
) -> None:
    fpn = next(book for book in books.account(db) if book["series"] == series())
    number = numbers.number(series(), fpn["first"])
    none = "No two records that stand bear the same one."
    assert none in client.get("/desk/admin/books").text
    body = {"fpn": notices.fpn(now(), number=number)}
    body["spoiled"] = {"number": number, "reason": "Torn"}
    records = sorted(phone.write(kind, body[kind], now()) for kind in ("fpn", other))
    assert phone.send(now()) == ["accepted"] * 2
    assert {number: sorted(found) for number, found in books.borne_twice(db).items()} == {
        number: records
    }
    page = client.get("/desk/admin/books").text
    assert "Used twice (1)" in page
    assert none not in page
    assert all(f"/desk/records/{one}" in page for one in records)
    for address in ("/desk", "/desk/notices"):
        assert "Numbers used twice (1)" in client.get(address).text
    for one, another in (records, records[::-1]):
        assert f'number too.</strong> <a class="govuk-link" href="/desk/records/{another}"' in (
            client.get(f"/desk/records/{one}").text
        )
    shown = f"{numbers.shown(number)}: borne by 2 records that stand, "
    done = app.test_cli_runner().invoke(args=["books"])
    assert (done.exit_code, done.stdout.splitlines()[-1].startswith(shown)) == (0, True)
    penalty = one_row(db, "SELECT record FROM notices WHERE number = ?", [number])
    assert penalty
    lena, sam = (officer(name, "team leader") for name in ("Lena Leader", "Sam Second"))
    make_void(db, penalty["record"], lena, sam, now())
    assert books.borne_twice(db) == {}
    assert "Numbers used twice" not in client.get("/desk").text


# Phones


def test_a_lost_phone_is_withdrawn_after_a_reason_and_a_second_page(
    db: Database, client: CarefulClient, admin: str, phone: Notebook
) -> None:
    here = f"/desk/admin/phones/{phone.id}/withdraw"
    answer = post(client, here, here, withdrawn_reason=" ")
    assert answer.status_code == 400
    assert "Enter a reason" in answer.text
    answer = post(client, here, here, withdrawn_reason="Left on the 168 bus")
    assert "Withdraw this phone for good?" in answer.text
    assert one_row(db, "SELECT 1 FROM notebooks WHERE withdrawn_at IS NOT NULL") is None
    assert (
        post(
            client, here, here, withdrawn_reason="Left on the 168 bus", confirmed="yes"
        ).status_code
        == 303
    )
    row = one_row(db, "SELECT * FROM notebooks WHERE id = ?", [phone.id])
    assert row
    assert (row["withdrawn_by"], row["withdrawn_reason"]) == (admin, "Left on the 168 bus")
    assert {(book["left"], book["returned"]) for book in books.account(db)} == {(0, 20)}
    page = client.get("/desk/admin/phones").text
    assert "Left on the 168 bus" in page
    assert "Ada Admin" in page
    assert client.get(here).status_code == 404


@pytest.mark.usefixtures("admin")
def test_a_phone_withdrawn_by_a_second_press_is_shown_as_withdrawn(
    db: Database, client: CarefulClient, phone: Notebook
) -> None:
    here = f"/desk/admin/phones/{phone.id}/withdraw"
    said = hidden(client.get(here).text) | {"withdrawn_reason": "Lost", "confirmed": "yes"}
    answers = [client.post(here, data=said) for _ in range(2)]
    assert [one.location for one in answers] == ["/desk/admin/phones"] * 2
    row = one_row(db, "SELECT withdrawn_reason FROM notebooks WHERE id = ?", [phone.id])
    assert row == {"withdrawn_reason": "Lost"}


@pytest.mark.usefixtures("admin")
def test_what_a_withdrawn_phone_still_sends_is_kept_and_held(
    client: CarefulClient, phone: Notebook
) -> None:
    here = f"/desk/admin/phones/{phone.id}/withdraw"
    post(client, here, here, withdrawn_reason="Lost", confirmed="yes")
    phone.write("fpn", notices.fpn(now()), now())
    assert phone.send(now() + timedelta(seconds=1)) == ["held"]


@pytest.mark.usefixtures("admin")
def test_an_officer_whose_phone_is_withdrawn_is_signed_out_everywhere(
    app: Flask, client: CarefulClient, phone: Notebook
) -> None:
    theirs = app.test_client()
    sign_in(theirs, "first")
    assert theirs.get("/api/v1/me").status_code == 200
    here = f"/desk/admin/phones/{phone.id}/withdraw"
    post(client, here, here, withdrawn_reason="Lost", confirmed="yes")
    assert theirs.get("/api/v1/me").status_code == 401
    sign_in(theirs, "first")
    assert theirs.get("/api/v1/me").status_code == 200


def test_what_a_withdrawn_phone_had_not_sent_stands_on_the_page_that_withdraws_it(
    db: Database, client: CarefulClient, admin: str, phone: Notebook
) -> None:
    with writing(db):
        waiting = notebook.Phone(waiting=3, evidence_waiting=10**9)
        notebook.hear_from(db, phone.id, waiting, now())
    here = f"/desk/admin/phones/{phone.id}/withdraw"
    assert "with 3 pages and 1,000,000,000 photos still to send" in words(client.get(here).text)
    post(client, here, here, withdrawn_reason="Lost", confirmed="yes")
    said = words(client.get("/desk/admin/phones").text)
    assert "Lost . It had not sent 3 pages and 1,000,000 photos" in said.replace(". It", " . It")
    story = history(db, phone.id)
    assert story is not None
    _, last = story.pages
    changed = {one.label: one.after.value for one in last.changes if one.after}
    assert changed == {
        "State": "Withdrawn",
        "Reason": "Lost",
        "Pages not sent when last heard from": "3",
        "Photos not sent when last heard from": "1000000",
    }
    [state] = [one for one in last.changes if one.label == "State"]
    assert state.before
    assert (state.before.value, last.row["officer"]) == ("In use", admin)


@pytest.mark.usefixtures("admin")
def test_a_desks_notebook_is_no_phone(db: Database, client: CarefulClient, first: str) -> None:
    with writing(db):
        paper = notebook.paper_notebook(db, first, now())
    assert client.get(f"/desk/admin/phones/{paper}/withdraw").status_code == 404
    assert "No phone has been opened yet" in client.get("/desk/admin/phones").text


# Orders


@pytest.mark.usefixtures("admin")
def test_orders_are_shown_with_whether_they_are_in_force(client: CarefulClient) -> None:
    page = client.get("/desk/admin/orders").text
    for order in catalogue.orders():
        assert order.title in page
    running = [one.in_force(london(now()).date()) for one in catalogue.orders()]
    assert page.count("Not in force") == running.count(False)
    assert len(re.findall(r"\sIn force", page)) == running.count(True)
    assert page.count("Not confirmed") == len(catalogue.orders())


# Written authorisations


def test_an_authorisation_is_put_on_file_and_ended(
    db: Database, client: CarefulClient, admin: str, first: str
) -> None:
    here = f"/desk/admin/authorisations/{first}"
    answer = post(client, here, here, document="Invented 7", starts="2026-01-01")
    assert answer.status_code == 400
    assert "Select the powers it names" in answer.text
    assert 'value="Invented 7"' in answer.text
    said = {"document": "Invented 7", "starts": "2026-01-01", "powers": ["epa-88", "asbcpa-53"]}
    assert post(client, here, here, **said).status_code == 303
    row = one_row(db, "SELECT * FROM authorisations")
    assert row
    assert (row["officer"], row["granted_to"]) == (admin, first)
    assert "Invented 7" in client.get("/desk/admin/authorisations").text
    end = f"{here}/{row['record']}/end"
    assert post(client, end, end, ends="2026-02-01").status_code == 400
    answer = post(client, end, end, ends="2026-02-01", ended_reason="Left the team")
    assert answer.status_code == 303
    assert "Ended: Left the team" in client.get(here).text
    assert "None today" in client.get("/desk/admin/authorisations").text
    assert client.get(f"{here}/{MISSING}/end").status_code == 404


AUTHORISED: dict[str, Any] = {
    "document": "Invented 7",
    "starts": "2026-01-01",
    "powers": ["epa-88"],
}


@pytest.mark.usefixtures("admin")
def test_an_authorisation_whose_form_is_sent_twice_is_on_file_once(
    db: Database, client: CarefulClient, first: str
) -> None:
    here = f"/desk/admin/authorisations/{first}"
    said: dict[str, Any] = hidden(client.get(here).text) | AUTHORISED
    assert [client.post(here, data=said).location for _ in range(2)] == [here] * 2
    [row] = all_rows(db, "SELECT record FROM authorisations")
    end = f"{here}/{row['record']}/end"
    said = hidden(client.get(end).text) | {"ends": "2026-02-01", "ended_reason": "Left the team"}
    assert [client.post(end, data=said).location for _ in range(2)] == [here] * 2
    assert len(all_rows(db, "SELECT 1 FROM pages")) == 2
    without = {"csrf_token": said["csrf_token"]} | AUTHORISED
    assert client.post(here, data=without).status_code == 400


@pytest.mark.usefixtures("admin")
def test_an_authorisation_form_used_again_for_another_loses_nothing(
    db: Database, client: CarefulClient, first: str
) -> None:
    here = f"/desk/admin/authorisations/{first}"
    said: dict[str, Any] = hidden(client.get(here).text) | AUTHORISED
    assert client.post(here, data=said).status_code == 303
    other = said | {"document": "Invented 8", "powers": ["epa-88", "asbcpa-53"]}
    answer = client.post(here, data=other)
    assert answer.status_code == 400
    assert "This form was used already" in answer.text
    assert 'value="Invented 8"' in answer.text
    assert len(all_rows(db, "SELECT 1 FROM authorisations")) == 1
    assert client.post(here, data=other | hidden(answer.text)).status_code == 303
    rows = all_rows(db, "SELECT document FROM authorisations ORDER BY document")
    assert [row["document"] for row in rows] == ["Invented 7", "Invented 8"]


@pytest.mark.usefixtures("admin")
def test_an_authorisation_that_has_ended_never_runs_again(
    db: Database, client: CarefulClient, first: str
) -> None:
    here = f"/desk/admin/authorisations/{first}"
    answer = post(client, here, here, **AUTHORISED, ends="2025-12-31")
    assert (answer.status_code, "It begins on Thursday 1 January 2026" in answer.text) == (
        400,
        True,
    )
    post(client, here, here, **AUTHORISED, ends="2026-06-30")
    row = one_row(db, "SELECT record FROM authorisations")
    assert row
    end = f"{here}/{row['record']}/end"
    for ends, sentence in {
        "2030-12-31": "It ends on Tuesday 30 June 2026 already",
        "2025-12-31": "It begins on Thursday 1 January 2026, after that",
    }.items():
        answer = post(client, end, end, ends=ends, ended_reason="A slip")
        assert (answer.status_code, sentence in answer.text) == (400, True)
    assert one_row(db, "SELECT ends FROM authorisations") == {"ends": "2026-06-30"}
    assert post(client, end, end, ends="2026-03-31", ended_reason="Left").status_code == 303


# Paper books


@pytest.fixture
def lent(client: CarefulClient, db: Database, admin: str, first: str) -> dict[str, Any]:
    """A paper book of Fixed Penalty Notices that the administrator lent to the first officer."""
    assert admin
    answer = post(
        client,
        "/desk/admin/paper/lend",
        "/desk/admin/paper",
        **{"lend-officer": first, "lend-kind": "fpn"},
    )
    assert answer.status_code == 303
    [book] = books.account(db)
    return book


def paper(book: dict[str, Any], nth: int = 0, **more: str) -> dict[str, Any]:
    """What a leader types off a paper notice."""
    issued = now() - timedelta(hours=3)
    body = notices.fpn(issued)
    said = {
        "number": numbers.shown(numbers.number(book["series"], book["first"] + nth)),
        "offence": "litter",
        "issued_at": f"{london(issued):%Y-%m-%dT%H:%M}",
        "occurred_at": f"{london(issued):%Y-%m-%dT%H:%M}",
        "caution_at": f"{london(issued):%Y-%m-%dT%H:%M}",
        "amount": "£100.00",
        "discount": f"{body['discount'] / 100:.2f}" if "discount" in body else "",
        "service": "by-hand",
        "served_at": f"{london(issued):%Y-%m-%dT%H:%M}",
    }
    said |= {f"points-{code}": text for code, text in body["points"].items()}
    names = [
        *("address", "ward", "recipient", "age", "age_checked", "recipient_name", "basis"),
        *("recipient_address", "identity", "vulnerability", "particulars", "proportionate"),
        *("caution", "pay_by", "discount_until"),
    ]
    return said | {name: body[name] for name in names if name in body} | more


def enter(client: CarefulClient, /, **said: Any) -> TestResponse:
    return post(client, "/desk/admin/paper/notice/entered", "/desk/admin/paper", **said)


def authorise(db: Database, admin: str, officer: str) -> None:
    body = {"granted_to": officer, "powers": ["epa-88"], "document": "Invented 1"}
    with writing(db):
        said = body | {"starts": "2026-01-01"}
        notebook.write_at_desk(db, admin, "authorisation", MISSING, said, now())


def test_a_paper_book_is_lent_and_counted(
    db: Database, client: CarefulClient, lent: dict[str, Any], phone: Notebook
) -> None:
    page = client.get(f"/desk/admin/books/{lent['series']}/{lent['first']}").text
    for serial in range(lent["first"], lent["last"] + 1):
        assert numbers.shown(numbers.number(lent["series"], serial)) in page
    assert (lent["left"], lent["paper"], lent["last"] - lent["first"]) == (20, 1, 19)
    assert "Paper" in client.get("/desk/admin/books").text
    assert "on paper" in books.sentence(lent)
    of_phone = [one for one in books.account(db) if one["notebook"] == phone.id]
    assert lent["first"] not in [
        one["first"] for one in of_phone if one["series"] == lent["series"]
    ]


def test_a_form_lends_one_paper_book_however_often_it_is_sent(
    db: Database, client: CarefulClient, admin: str, first: str
) -> None:
    assert admin
    here = "/desk/admin/paper"
    said = hidden(client.get(here).text) | {"lend-officer": first, "lend-kind": "fpn"}
    one, two = (client.post(f"{here}/lend", data=said).location for _ in range(2))
    assert (one, len(books.account(db))) == (two, 1)
    post(client, f"{here}/lend", here, **{"lend-officer": first, "lend-kind": "fpn"})
    assert len(books.account(db)) == 2


@pytest.mark.usefixtures("admin")
def test_a_paper_book_is_lent_to_nobody_and_of_no_kind_with_a_sentence_at_each_field(
    db: Database, client: CarefulClient, first: str
) -> None:
    here = "/desk/admin/paper"
    answer = post(client, f"{here}/lend", here, **{"lend-officer": MISSING, "lend-kind": ""})
    assert answer.status_code == 400
    for name, said in {"officer": "the officer", "kind": "the kind of notice"}.items():
        assert f'<a href="#lend-{name}">Select {said}</a>' in answer.text
        assert f'id="lend-{name}-error"' in answer.text
    answer = post(client, f"{here}/lend", here, **{"lend-officer": first, "lend-kind": "xyz"})
    assert f'<option value="{first}" selected>' in answer.text
    assert books.account(db) == []


def test_a_paper_notice_is_entered_with_its_own_number_who_and_when(
    db: Database, client: CarefulClient, admin: str, first: str, lent: dict[str, Any]
) -> None:
    authorise(db, admin, first)
    answer = post(
        client,
        "/desk/admin/paper/notice",
        "/desk/admin/paper",
        number=paper(lent)["number"],
        offence="litter",
    )
    assert answer.status_code == 200
    assert "Fixed Penalty Notice of First Invented" in answer.text
    assert enter(client, **paper(lent)).status_code == 303
    row = one_row(db, "SELECT * FROM notices")
    assert row
    assert all_rows(db, "SELECT * FROM problems") == []
    assert (row["officer"], row["entered_by"], row["state"]) == (first, admin, "accepted")
    assert (row["amount"], row["service"], row["authorisation"]) == (
        10_000,
        "by-hand",
        "Invented 1",
    )
    assert row["issued_at"] < row["written_at"]
    page = client.get(f"/desk/records/{row['record']}").text
    assert "Ada Admin" in page
    [book] = books.account(db)
    assert (book["issued"], book["left"]) == (1, 19)


@pytest.mark.usefixtures("admin")
def test_what_the_law_makes_void_is_kept_and_held_with_its_reasons(
    db: Database, client: CarefulClient, lent: dict[str, Any]
) -> None:
    assert enter(client, **paper(lent, age="under-10")).status_code == 303
    rules = {row["rule"] for row in all_rows(db, "SELECT rule FROM problems")}
    assert rules == {"under-10", "not-authorised"}
    assert one_row(db, "SELECT state FROM notices") == {"state": "held"}
    assert books.account(db)[0]["issued"] == 1


def test_a_notice_of_which_little_is_written_is_kept(
    db: Database, client: CarefulClient, lent: dict[str, Any]
) -> None:
    said = {name: paper(lent)[name] for name in ("number", "offence")}
    answer = enter(client, **said)
    assert answer.status_code == 400
    for sentence in ("Enter issued", "Enter the name", "Select the ward", "Enter pay by"):
        assert sentence in answer.text
    assert enter(client, **said, issued_at="2026-11-20T09:30").status_code == 303
    assert one_row(db, "SELECT state, issued_at FROM notices") == {
        "state": "held",
        "issued_at": "2026-11-20T09:30:00.000Z",
    }
    said_on_page = one_row(db, "SELECT body FROM pages WHERE kind = 'fpn'")
    assert said_on_page
    assert json.loads(said_on_page["body"]).keys() == {
        "issued_at",
        "number",
        "offence",
        "entered_by",
    }


def test_the_same_number_is_entered_once(
    db: Database, client: CarefulClient, lent: dict[str, Any]
) -> None:
    enter(client, **paper(lent))
    record = one_row(db, "SELECT record FROM notices")
    assert record
    for address in ("/desk/admin/paper/notice", "/desk/admin/paper/notice/entered"):
        answer = post(client, address, "/desk/admin/paper", **paper(lent))
        assert answer.status_code == 400
        assert "This number was entered already" in answer.text
        assert f"/desk/records/{record['record']}" in answer.text
    assert len(all_rows(db, "SELECT 1 FROM notices")) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": "CF26 326041 78"}, "The check digits do not fit"),
        ({"number": numbers.number("CF26", 999_999)}, "No paper book has this number"),
        ({"offence": ""}, "Select the offence"),
    ],
)
def test_what_cannot_be_entered_is_said(
    db: Database, client: CarefulClient, lent: dict[str, Any], changes: dict[str, str], said: str
) -> None:
    answer = enter(client, **paper(lent) | changes)
    assert answer.status_code == 400
    assert said in answer.text
    assert all_rows(db, "SELECT 1 FROM notices") == []


def test_a_number_out_of_anothers_book_is_not_used_up_by_the_wrong_officer(
    db: Database, client: CarefulClient, officer: Officer, lent: dict[str, Any]
) -> None:
    other = officer("Second Invented")
    shown = paper(lent)["number"]
    for address in ("/desk/admin/paper/notice", "/desk/admin/paper/notice/entered"):
        said = paper(lent, officer=other, offence="")
        answer = post(client, address, "/desk/admin/paper", **said)
        assert answer.status_code == 400
        assert f"{shown} is in First Invented’s book" in html.unescape(answer.text)
        assert "Select the offence" in answer.text
    assert all_rows(db, "SELECT 1 FROM pages") == []
    assert enter(client, **paper(lent)).status_code == 303


def test_what_happened_after_the_notice_is_looked_at_twice(
    db: Database, client: CarefulClient, lent: dict[str, Any]
) -> None:
    said = paper(lent, occurred_at=f"{london(now() - timedelta(hours=2)):%Y-%m-%dT%H:%M}")
    answer = enter(client, **said)
    assert answer.status_code == 400
    assert "It would have happened after the notice was issued" in answer.text
    assert all_rows(db, "SELECT 1 FROM pages") == []
    assert "That is what the paper says" in answer.text
    assert enter(client, **said | {"as-written": "yes"}).status_code == 303


def test_what_was_typed_wrongly_is_amended_and_the_number_stays(
    db: Database, client: CarefulClient, admin: str, first: str, lent: dict[str, Any]
) -> None:
    authorise(db, admin, first)
    enter(client, **paper(lent, age="under-10"))
    row = one_row(db, "SELECT * FROM notices")
    assert row
    here = f"/desk/admin/paper/notice/{row['record']}/amend"
    assert 'value="Alex Invented"' in client.get(here).text
    assert here in client.get(f"/desk/records/{row['record']}").text
    assert "Enter a reason" in post(client, here, here, **paper(lent)).text
    said = paper(lent, served_at="") | {"reason": "Misread the paper"}
    assert post(client, here, here, **said).status_code == 303
    after = one_row(db, "SELECT * FROM notices")
    assert after
    assert (after["state"], after["age"], after["amendments"]) == ("accepted", "18-over", 1)
    assert (after["number"], after["entered_by"]) == (row["number"], admin)
    page = one_row(db, "SELECT body FROM pages WHERE kind = 'amendment'")
    assert page
    assert json.loads(page["body"])["changes"] == {"age": "18-over", "served_at": None}
    assert client.get(f"/desk/admin/paper/notice/{MISSING}/amend").status_code == 404


def test_what_another_amended_meanwhile_is_kept_and_read_first(
    db: Database, client: CarefulClient, admin: str, first: str, lent: dict[str, Any]
) -> None:
    authorise(db, admin, first)
    enter(client, **paper(lent))
    row = one_row(db, "SELECT record FROM notices")
    assert row
    here = f"/desk/admin/paper/notice/{row['record']}/amend"
    was = hidden(client.get(here).text)
    said = paper(lent, recipient_name="Sam Invented") | {"reason": "The name"}
    answers = [client.post(here, data=was | said) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    said = paper(lent, recipient_address="10 Sample Road") | {"reason": "The house"}
    answer = client.post(here, data=was | said)
    assert answer.status_code == 400
    assert "Somebody wrote about this notice meanwhile." in answer.text
    for text in ("Sam Invented", "10 Sample Road"):
        assert f'value="{text}"' in answer.text
    said |= {"recipient_name": "Sam Invented"} | hidden(answer.text)
    assert client.post(here, data=said).status_code == 303
    after = one_row(db, "SELECT recipient_name, recipient_address, amendments FROM notices")
    assert after == {
        "recipient_name": "Sam Invented",
        "recipient_address": "10 Sample Road",
        "amendments": 2,
    }


def test_an_amendment_changes_no_time_that_nobody_typed(
    db: Database, client: CarefulClient, admin: str, first: str, lent: dict[str, Any]
) -> None:
    authorise(db, admin, first)
    enter(client, **paper(lent, service="", served_at=""))
    row = one_row(db, "SELECT record FROM notices")
    assert row
    handed = now() - timedelta(hours=1)
    with writing(db):
        served = {"service": "post", "served_at": f"{handed:%Y-%m-%dT%H:%M}:56.789Z"}
        notebook.write_at_desk(db, admin, "served", row["record"], served, now())
    here = f"/desk/admin/paper/notice/{row['record']}/amend"
    shown = {"service": "post", "served_at": f"{london(handed):%Y-%m-%dT%H:%M}"}
    said = paper(lent, recipient_name="Sam Invented") | shown | {"reason": "The name"}
    assert post(client, here, here, **said).status_code == 303
    page = one_row(db, "SELECT body FROM pages WHERE kind = 'amendment'")
    assert page
    assert json.loads(page["body"])["changes"] == {"recipient_name": "Sam Invented"}


def test_an_amendment_that_breaks_a_rule_is_told_and_not_written(
    db: Database, client: CarefulClient, admin: str, first: str, lent: dict[str, Any]
) -> None:
    authorise(db, admin, first)
    enter(client, **paper(lent))
    before = all_rows(db, "SELECT seal FROM pages")
    row = one_row(db, "SELECT record FROM notices")
    assert row
    here = f"/desk/admin/paper/notice/{row['record']}/amend"
    answer = post(client, here, here, **paper(lent, amount="40,50"), reason="Misread")
    assert answer.status_code == 400
    assert "Amount must be a whole number" in answer.text
    assert 'value="40,50"' in answer.text
    assert all_rows(db, "SELECT seal FROM pages") == before


def test_an_authorisation_put_on_file_since_stands_in_what_is_amended(
    db: Database, client: CarefulClient, admin: str, first: str, lent: dict[str, Any]
) -> None:
    enter(client, **paper(lent))
    authorise(db, admin, first)
    row = one_row(db, "SELECT record, state FROM notices")
    assert row
    here = f"/desk/admin/paper/notice/{row['record']}/amend"
    said = paper(lent) | {"reason": "Its authorisation was not on file"}
    assert (row["state"], post(client, here, here, **said).status_code) == ("held", 303)
    after = one_row(db, "SELECT state, authorisation FROM notices")
    assert after == {"state": "accepted", "authorisation": "Invented 1"}


@pytest.mark.usefixtures("admin")
def test_a_warning_and_a_notice_are_entered_from_paper_too(
    db: Database, client: CarefulClient, first: str
) -> None:
    for kind in ("cpw", "cpn"):
        post(
            client,
            "/desk/admin/paper/lend",
            "/desk/admin/paper",
            **{"lend-officer": first, "lend-kind": kind},
        )
    for book, kind in zip(books.account(db), ("cpn", "cpw"), strict=True):
        number = numbers.number(book["series"], book["first"])
        answer = enter(
            client,
            **{
                "number": number,
                "issued_at": "2026-11-20T09:30",
                "conduct": "Amplified music",
                "requirements-kind": ["stop", "do", "stop"],
                "requirements-what": ["Playing music after 23:00", "", ""],
            },
        )
        assert answer.status_code == 303, answer.text
        row = one_row(db, "SELECT * FROM notices WHERE number = ?", [number])
        assert row
        assert (row["kind"], row["conduct"]) == (kind, "Amplified music")
        assert json.loads(row["requirements"]) == [
            {"kind": "stop", "what": "Playing music after 23:00"}
        ]
        assert row["state"] == "held"  # of its person, say, the paper says nothing


def of_paper(body: dict[str, Any], **more: str) -> dict[str, Any]:
    """A sound notice as it is typed off a paper."""
    said = {name: value for name, value in body.items() if name in ON_PAPER}
    said |= {f"requirements-{name}": [body["requirements"][0][name]] for name in ("kind", "what")}
    return said | {"same_conduct": "yes"} | more


ON_PAPER = (
    *("address", "ward", "recipient", "age", "age_checked", "recipient_name", "recipient_address"),
    *("identity", "vulnerability", "conduct", "since", "effect", "persistence", "unreasonable"),
    *(
        "comply_by",
        "review_on",
        "warned_on",
        "warning_comply_by",
        "informed",
        "ends_on",
        "appeal_by",
    ),
)


def test_a_notice_from_paper_stands_with_its_warning_and_the_patrol_that_shows_that_it_went_on(
    db: Database, client: CarefulClient, admin: str, first: str, phone: Notebook
) -> None:
    warned, seen, issued = (now() - timedelta(days=days) for days in (40, 3, 1))
    warning = notices.cpw(warned, recipient_name="ALEX INVENTED")
    of_warning = phone.write("cpw", warning, warned)
    early = phone.write("patrol", patrol(warned), warned)
    observed = phone.write("patrol", patrol(seen), seen)
    assert phone.send(seen) == ["accepted"] * 3
    powers = {"granted_to": first, "powers": ["asbcpa-53"], "document": "Invented 1"}
    with writing(db):
        said = powers | {"starts": "2026-01-01"}
        notebook.write_at_desk(db, admin, "authorisation", MISSING, said, now())
    lend = {"lend-officer": first, "lend-kind": "cpn"}
    post(client, "/desk/admin/paper/lend", "/desk/admin/paper", **lend)
    [book] = [one for one in books.account(db) if one["paper"]]
    number = numbers.number(book["series"], book["first"])
    asked = {"number": number, "warning_number": numbers.shown(warning["number"])}
    page = post(client, "/desk/admin/paper/notice", "/desk/admin/paper", **asked).text
    assert f'<option value="{observed}"' in page
    assert early not in page
    said = asked | of_paper(notices.cpn(issued, 5))
    said |= {"issued_at": f"{london(issued):%Y-%m-%dT%H:%M}"}
    for wrong, sentence in (
        ({"warning_number": numbers.number("CW26", 77)}, "No warning that has been received has"),
        ({}, "Choose the patrol on which you saw it again"),
    ):
        answer = enter(client, **said | wrong)
        assert (answer.status_code, sentence in answer.text) == (400, True)
    assert enter(client, **said, observation=observed).status_code == 303
    row = one_row(db, "SELECT * FROM notices WHERE number = ?", [number])
    assert row
    assert all_rows(db, "SELECT field, message FROM problems") == []
    assert [row[name] for name in ("state", "warning", "observation", "same_person")] == [
        "accepted",
        of_warning,
        observed,
        1,
    ]
    assert earlier.missing_ground(db, row) == []


def test_no_notice_from_paper_follows_a_warning_that_was_made_void(
    db: Database, officer: Officer, leader: str, write_pages: Callable[..., list[str]]
) -> None:
    at = now() - timedelta(days=40)
    warning = notices.cpw(at)
    [record] = write_pages(officer("Olu Officer"), [("cpw", warning)], at)
    said = {"warning_number": warning["number"], "recipient_name": "ALEX INVENTED"}
    assert followed.found_out(db, said)["warning"] == record
    make_void(db, record, leader, officer("Ama Second", "team leader"), at)
    assert followed.found_out(db, said) == {}
    [problem] = followed.wrong(db, said, {"observation"})
    assert (problem.field, problem.rule) == ("warning_number", "void")
    assert "That warning was made void" in problem.message
    assert followed.seen_again(db, leader, said) is None
    kept = followed.found_out(db, said, record)  # the notice was given before
    assert kept["warning"] == record
    assert list(followed.wrong(db, said | kept, {"observation"})) == []


def test_of_two_warnings_with_a_number_the_one_that_stands_is_followed(
    db: Database, officer: Officer, leader: str, write_pages: Callable[..., list[str]]
) -> None:
    at = now() - timedelta(days=40)
    warning, second = notices.cpw(at), officer("Ama Second", "team leader")
    olu, pia = officer("Olu Officer"), officer("Pia Patrol")
    for void_first in (True, False):
        one = warning if void_first else notices.cpw(at, 2)
        several = [write_pages(who, [("cpw", one)], at)[0] for who in (olu, pia)]
        void, stands = several if void_first else reversed(several)
        make_void(db, void, leader, second, at)
        found = followed.found_out(db, {"warning_number": one["number"]})
        assert found["warning"] == stands


def test_a_paper_number_that_was_spoiled_is_accounted_for(
    db: Database, client: CarefulClient, lent: dict[str, Any]
) -> None:
    number = paper(lent)["number"]
    assert "Enter a reason" in enter(client, number=number, spoiled="yes").text
    answer = enter(client, number=number, spoiled="yes", reason="Fell into a puddle")
    assert answer.status_code == 303
    [book] = books.account(db)
    assert (book["spoiled"], book["left"]) == (1, 19)


def test_no_phone_writes_in_a_paper_notebook(db: Database, first: str) -> None:
    with writing(db):
        paper_of = notebook.paper_notebook(db, first, now())
        with pytest.raises(notebook.NotYours):
            notebook.open_notebook(db, paper_of, first, 1, now())


def test_a_leader_who_has_a_paper_book_decides_in_another_notebook(
    db: Database, admin: str, first: str
) -> None:
    with writing(db):
        paper_of = notebook.paper_notebook(db, admin, now())
    authorise(db, admin, first)
    [page] = all_rows(db, "SELECT notebook FROM pages")
    assert page["notebook"] != paper_of
    with writing(db):
        assert notebook.paper_notebook(db, admin, now()) == paper_of


def test_paper_books_and_what_was_entered_outlive_a_restore(
    app: Flask, db: Database, first: str
) -> None:
    instance = path_of(app).parent
    made = make_backup(instance, instance / "backups", now(), silent)
    with writing(db):
        holder = notebook.paper_notebook(db, first, now())
        book = books.lend(db, holder, series(), now(), Floors(instance))
        body = notices.fpn(now(), number=numbers.number(book.series, book.first))
        notebook.write_from_paper(db, first, "fpn", MISSING, body, now())
    db.conn.close()
    restore(instance, made.folder, now(), silent)
    after = connect(path_of(app))
    [found] = books.account(after)
    assert (found["first"], found["paper"], found["issued"]) == (book.first, 1, 1)
    assert list(verify(after, instance / "evidence")) == []
    assert list(wrong_numbers(after)) == []
    after.conn.close()


@pytest.mark.parametrize("known", [True, False])
def test_a_lost_phone_stays_withdrawn_after_a_restore(
    app: Flask, db: Database, first: str, notebook_of: Callable[[str], Notebook], known: bool
) -> None:
    instance, phone = path_of(app).parent, notebook_of(first)

    def lend() -> None:
        phone.send(now())
        with writing(db):
            books.top_up(db, phone.id, now(), Floors(instance))

    if known:
        lend()
    heard = one_row(db, "SELECT last_contact FROM notebooks")
    made = make_backup(instance, instance / "backups", now(), silent)
    if not known:
        lend()
    with writing(db):
        db.conn.execute("UPDATE notebooks SET withdrawn_at = ?", [moment_text(now())])
        books.take_back(db, phone.id, now())
    db.conn.close()
    restore(instance, made.folder, now(), silent)
    after = connect(path_of(app))
    assert notebook.standing(after, phone.id, now())["notebook_state"] == "withdrawn"
    now_heard = one_row(after, "SELECT last_contact FROM notebooks WHERE id = ?", [phone.id])
    assert now_heard == (heard or {"last_contact": None})
    assert [(book["left"], book["returned"]) for book in books.account(after)] == [(0, 20)] * 3
    after.conn.close()
