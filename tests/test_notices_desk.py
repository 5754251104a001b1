"""The register of notices at the desk: its list, its filters, its search, and one notice."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import cases, catalogue, catalogue_desk, desk, notices, numbers
from field_app.asked import A_PAGE
from field_app.database import insert, writing
from field_app.notebook import paper_notebook, write_at_desk
from field_app.records import Problem, check
from field_app.records.notice import Cpn, Cpw, Fpn
from field_app.times import moment_text
from tests.conftest import OTHER_WARD, Notebook, sign_in
from tests.notices import cpn, cpw, fpn

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=40)
LAST_WEEK = NOW - timedelta(days=7)
HTMX = {"HX-Request": "true"}

Make = Callable[..., str]
Write = Callable[..., list[str]]
OfOfficer = Callable[[str], Notebook]
Get = Callable[..., str]


@pytest.fixture
def olu(officer: Make) -> str:
    return officer("Olu Officer")


@pytest.fixture
def get(client: FlaskClient, leader: str, monkeypatch: pytest.MonkeyPatch) -> Get:
    """Fetch a page as a team leader, at NOW: what a person reads, a space for each tag."""
    assert leader
    for module in (cases, desk):
        monkeypatch.setattr(module, "now", lambda: NOW)
    sign_in(client, "lena")

    def fetch(path: str, status: int = 200, **query: Any) -> str:
        answer = client.get(path, query_string=query)
        assert answer.status_code == status
        return read(answer.text)

    return fetch


@pytest.fixture
def search(client: FlaskClient, get: Get) -> Get:
    """Type into the search box, and press Show."""
    get("/desk")

    def post(typed: str, status: int = 200, **more: Any) -> str:
        answer = client.post("/desk/notices", data={"q": typed} | more)
        assert answer.status_code == status
        return read(answer.text)

    return post


def read(page: str) -> str:
    body = page.partition("<main")[2] or page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def listed(page: str) -> list[str]:
    """The records that a list leads to, in order."""
    return re.findall(r'href="/desk/records/([^"]+)"', page)


def make_void(db: Database, record: str, one: str, other: str) -> None:
    asked = {"withdrawal": "void", "withdrawal_reason": "The wrong person"}
    agreed = {"withdrawal_answer": "agree", "withdrawal_answer_reason": "So it is"}
    with writing(db):
        write_at_desk(db, one, "withdrawal", record, asked, NOW)
        write_at_desk(db, other, "withdrawal-answer", record, agreed, NOW + timedelta(minutes=1))


@pytest.fixture
def several(
    db: Database, olu: str, officer: Make, place: Make, notebook_of: OfOfficer
) -> dict[str, str]:
    """Notices of each sort, by name; each one's record."""
    hall = place("Sample Hall", OTHER_WARD, address="3 Corner Lane")
    book, records = notebook_of(olu), {}

    def write(name: str, kind: str, body: dict[str, Any], at: datetime) -> None:
        records[name] = book.write(kind, body, at)

    write("ended", "fpn", fpn(LONG_AGO, serial=1), LONG_AGO)
    write("handed", "fpn", fpn(LAST_WEEK, serial=2, recipient_name="Zoë O’Néill"), LAST_WEEK)
    served = {"service": "by-hand", "served_at": moment_text(LAST_WEEK)}
    book.write("served", served, LAST_WEEK, records["handed"])
    write("warning", "cpw", cpw(NOW, 3, place=hall, address=None), NOW)
    void = fpn(NOW, "fly-posting", serial=4, hostility=None, recipient_address="Flat 7, Mews")
    write("void", "fpn", void, NOW)
    write("held", "fpn", fpn(NOW, serial=5, recipient_name=None), NOW)
    write("unnumbered", "fpn", fpn(NOW, number="CF2600000600"), NOW)
    states = book.send(NOW)
    assert [state for state in states if state != "accepted"] == ["held"] * 2
    make_void(
        db,
        records["void"],
        officer("Una Asks", "team leader"),
        officer("Ugo Agrees", "team leader"),
    )
    second = notebook_of(officer("Ada Second"))
    records["notice"] = second.write("cpn", cpn(NOW, 6, recipient_name="Sample Trading Ltd"), NOW)
    second.send(NOW)
    return records


@pytest.mark.parametrize(
    ("kind", "body"), [(Fpn, fpn(NOW)), (Cpw, cpw(NOW)), (Cpn, cpn(NOW)), (Fpn, fpn(LONG_AGO))]
)
def test_the_notices_of_these_tests_are_sound(kind: Any, body: dict[str, Any]) -> None:
    assert check(kind, body, NOW).problems == list[Problem]()


def test_an_empty_register_teaches_and_a_filtered_one_too(get: Get, search: Get) -> None:
    assert "0 notices No notice has been received yet. A Fixed Penalty Notice" in get(
        "/desk/notices"
    )
    assert "Leave out a filter or a word" in get("/desk/notices", state="held")
    assert "Leave out a filter or a word" in search("Nobody")


def test_the_register_is_for_the_desk_only(client: FlaskClient, olu: str, officer: Make) -> None:
    assert olu
    paths = ("/desk/notices", "/desk/notices/results", "/desk/law")
    for path in paths:
        assert client.get(path).location.startswith("/sign-in?next=/desk/")
    answer = client.post("/desk/notices/results", data={"q": "Alex"}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/desk/notices/results"
    assert (
        client.post("/desk/notices", data={"q": "Alex"}).location == "/sign-in?next=/desk/notices"
    )
    sign_in(client, "olu")
    assert [client.get(path).status_code for path in paths] == [403] * 3
    assert client.post("/desk/notices", data={"q": "Alex"}).status_code == 403
    officer("Adam Admin", "administrator")
    sign_in(client, "adam")
    answers = [client.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [200, 303, 200]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


def test_the_navigation_leads_to_the_register(client: FlaskClient, get: Get) -> None:
    get("/desk")
    found = re.search(r'href="/desk/notices"[^>]*>\s*Notices', client.get("/desk").text)
    assert found
    assert 'aria-current="true"' in client.get("/desk/notices").text.partition("<main")[0]


def test_the_list_says_what_each_notice_is_and_where_it_stands(
    client: FlaskClient, get: Get, several: dict[str, str]
) -> None:
    said = get("/desk/notices")
    for line in (
        "7 notices Number State What Recipient Where Issued Amount, pay by",
        "CF26 000001 49 Issued Time to pay ended Litter Alex Invented 1 Example Street Kilburn "
        "13 Oct 2026, 17:00 Olu Officer £100 by 27 Oct 2026",
        "Handed over Litter Zoë O’Néill 1 Example Street Kilburn 15 Nov 2026, 16:00 Olu Officer "
        "£100 by 29 Nov 2026",
        "Community Protection Warning Alex Invented Sample Hall Kilburn 22 Nov 2026, 16:00 "
        "Olu Officer –",
        "Issued Void Fly-posting Alex Invented 1 Example Street Kilburn 22 Nov 2026, 16:00 "
        "Olu Officer £100 by 6 Dec 2026",
        "Held Litter Not given 1 Example Street Kilburn 22 Nov 2026, 16:00 Olu Officer "
        "£100 by 6 Dec 2026",
        "No number Held Litter Alex Invented",
        "Community Protection Notice Sample Trading Ltd 1 Example Street Kilburn "
        "22 Nov 2026, 16:00 Ada Second –",
    ):
        assert line in said, line
    order = listed(client.get("/desk/notices").text)
    assert set(order) == set(several.values())
    assert order[-2:] == [several["handed"], several["ended"]]


def test_the_discount_is_said_to_its_last_day_and_the_payment_too(
    get: Get, olu: str, write_pages: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = fpn(NOW, "fly-tipping", waste_kind=None)
    assert (body["discount_until"], body["pay_by"]) == ("2026-12-02", "2026-12-06")
    assert write_pages(olu, [("fpn", body)], NOW)
    for day, tag, state in (
        (2, "Issued Discount until 2 Dec", "discount"),
        (3, "Issued", "issued"),
        (6, "Issued", "issued"),
        (7, "Issued Time to pay ended", "payment ended"),
    ):
        # Five to midnight in London
        later = datetime(2026, 12, day, 23, 55, tzinfo=UTC)
        monkeypatch.setattr(desk, "now", lambda later=later: later)
        assert f" {tag} Fly-tipping Alex Invented" in get("/desk/notices")
        for one in ("discount", "issued", "payment ended"):
            assert ("1 notice" in get("/desk/notices", state=one)) == (one == state)


@pytest.mark.parametrize("state", ["held", "void"])
def test_of_a_notice_that_does_not_stand_only_money_that_comes_in_is_recorded(
    get: Get, several: dict[str, str], state: str
) -> None:
    page = get(f"/desk/records/{several[state]}")
    assert f"{state.capitalize()}" in page
    assert "Discount until" not in page
    assert "Record a payment" in page


FILTERS: list[tuple[dict[str, str], set[str]]] = [
    ({"kind": "fpn"}, {"ended", "handed", "void", "held", "unnumbered"}),
    ({"kind": "cpw"}, {"warning"}),
    ({"kind": "cpn"}, {"notice"}),
    ({"offence": "litter"}, {"ended", "handed", "held", "unnumbered"}),
    ({"offence": "fly-posting"}, {"void"}),
    ({"state": "issued"}, set()),
    ({"state": "running"}, {"warning", "notice"}),
    ({"state": "handed over"}, {"handed"}),
    ({"state": "payment ended"}, {"ended"}),
    ({"state": "held"}, {"held", "unnumbered"}),
    ({"state": "void"}, {"void"}),
    ({"from": "2026-11-15", "to": "2026-11-15"}, {"handed"}),
    ({"to": "2026-11-15"}, {"handed", "ended"}),
    ({"from": "2026-11-16", "kind": "fpn"}, {"void", "held", "unnumbered"}),
    ({"state": "handed over", "kind": "cpn"}, set()),
]


@pytest.mark.parametrize(("asked", "found"), FILTERS)
def test_each_filter_in_the_address_leaves_its_notices(
    client: FlaskClient, get: Get, several: dict[str, str], asked: dict[str, str], found: set[str]
) -> None:
    assert f"{len(found)} notice" in get("/desk/notices", **asked)
    page = client.get("/desk/notices", query_string=asked).text
    names = {record: name for name, record in several.items()}
    assert {names[record] for record in listed(page)} == found


def test_an_officer_is_a_filter(get: Get, several: dict[str, str], olu: str) -> None:
    assert several
    assert "6 notices" in get("/desk/notices", officer=olu)


SEARCHES: list[tuple[str, set[str]]] = [
    ("CF26 000002 46", {"handed"}),
    (" cf26-oooo02 46", {"handed"}),
    ("cn26000006" + numbers.number("CN26", 6)[-2:], {"notice"}),
    ("CF26 000002", {"handed"}),
    ("000002", {"handed"}),
    ("cn26000006", {"notice"}),
    ("cw26", {"warning"}),
    ("invented alex", {"ended", "warning", "void", "unnumbered"}),
    ("Zoe", {"handed"}),
    ("o'neill, ZOË", {"handed"}),
    ("sample hall", {"warning"}),
    ("corner", {"warning"}),
    ("mews", {"void"}),
    ("trading", {"notice"}),
    ("100%", set()),
    ("' OR 1=1 --", set()),
    ("cf10 1ll", set()),
    ("\0 \udc80".encode("utf-8", "replace").decode(), set()),
    ("  ", {"ended", "handed", "warning", "void", "held", "unnumbered", "notice"}),
]


@pytest.mark.parametrize(("typed", "found"), SEARCHES)
def test_a_search_finds_numbers_names_addresses_and_places(
    client: FlaskClient, get: Get, several: dict[str, str], typed: str, found: set[str]
) -> None:
    get("/desk")
    answer = client.post("/desk/notices", data={"q": typed}, follow_redirects=True)
    assert answer.status_code == 200
    assert f"{len(found)} notice" in read(answer.text)
    names = {record: name for name, record in several.items()}
    assert {names[record] for record in listed(answer.text)} == found


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("CF26 000002 45", "The check digits do not fit: look at the number again."),
        ("CF26 000020 46", "The check digits do not fit: look at the number again."),
        ("FC26 000002 46", "A notice number looks like CF26 326041"),
        ("CF26 0000024", "A notice number looks like CF26 326041"),
        ("CF26 000002 465", "A notice number looks like CF26 326041"),
    ],
)
def test_a_number_that_does_not_fit_is_said_and_nothing_else_is_found(
    client: FlaskClient, search: Get, several: dict[str, str], typed: str, sentence: str
) -> None:
    assert several
    said = search(typed, 400)
    assert f"There is a problem {sentence}" in said
    assert f"{sentence}" in said.partition("Clear filters")[2]
    assert "Nothing is shown until this is put right." in said
    near = typed in ("CF26 000002 45", "CF26 000020 46", "FC26 000002 46")
    assert ("But for one wrong character it would be: CF26 000002 46" in said) == near
    answer = client.post("/desk/notices/results", data={"q": typed}, headers=HTMX)
    assert answer.status_code == 200
    assert sentence in read(answer.text)
    assert set(listed(answer.text)) == ({several["handed"]} if near else set())


def test_a_search_is_narrowed_by_the_filters(search: Get, several: dict[str, str]) -> None:
    assert several
    assert "1 notice Number" in search("invented", kind="cpw")
    assert "0 notices" in search("CF26 000002 46", kind="cpw")


def test_a_number_without_a_notice_is_told_what_became_of_it(
    client: FlaskClient, search: Get, db: Database, olu: str, write_pages: Write
) -> None:
    number = numbers.number("CF26", 700)
    assert "no book with that number was ever lent" in search(number)
    body = {"number": number, "reason": "The printer tore it"}
    record = write_pages(olu, [("spoiled", body)], NOW)[0]
    page = client.post("/desk/notices", data={"q": number}).text
    assert "It was spoiled, and is not used. Open the record" in read(page)
    assert listed(page) == [record]
    notebook = db.execute("SELECT id FROM notebooks").fetchone()[0]
    row = {"series": "CW26", "first": 1, "last": 50, "notebook": notebook}
    insert(db, "books", row | {"lent_at": moment_text(NOW)})
    assert "It is lent to an officer’s phone" in search(numbers.number("CW26", 7))
    with writing(db):
        row["notebook"] = paper_notebook(db, olu, NOW)
    insert(db, "books", row | {"series": "CN26", "lent_at": moment_text(NOW)})
    said = search(numbers.number("CN26", 7))
    assert "It is in an officer’s paper book, and nobody has entered it." in said


def test_a_notice_that_the_filters_leave_out_is_said_to_be_issued(
    search: Get, several: dict[str, str]
) -> None:
    assert several
    said = search(numbers.number("CF26", 2), state="held")
    assert "It was issued; the filters leave it out. Open the record" in said


@pytest.mark.usefixtures("several")
def test_without_javascript_filters_go_to_the_address_and_what_is_typed_does_not(
    client: FlaskClient, get: Get
) -> None:
    get("/desk")
    answer = client.post("/desk/notices", data={"q": " ", "kind": "fpn", "state": "held"})
    assert (answer.status_code, answer.location) == (303, "/desk/notices?kind=fpn&state=held")
    page = client.post("/desk/notices", data={"q": "Alex", "kind": "fpn"}).text
    assert re.search(r'<input[^>]*name="q"[^>]*value="Alex"', page)
    assert '<option value="fpn" selected>' in page
    assert re.findall(r'(?:href|action|hx-\w+)="[^"]*alex[^"]*"', page, re.IGNORECASE) == []
    assert "7 notices" in get("/desk/notices", q="Nobody")


def test_htmx_gets_the_list_alone_and_an_address_without_what_was_typed(
    client: FlaskClient, get: Get, several: dict[str, str]
) -> None:
    assert several
    get("/desk")
    asked = {"kind": "fpn", "officer": "", "q": "zoë"}
    answer = client.post("/desk/notices/results", data=asked, headers=HTMX)
    assert answer.headers["HX-Push-Url"] == "/desk/notices?kind=fpn"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<html" not in answer.text
    assert listed(answer.text) == [several["handed"]]
    answer = client.get("/desk/notices/results?kind=fpn", headers=HTMX)
    assert read(answer.text) in read(client.get("/desk/notices?kind=fpn").text)
    assert client.get("/desk/notices/results?kind=fpn").location == "/desk/notices?kind=fpn"
    answer = client.post("/desk/notices/results", data=asked)
    assert (answer.status_code, answer.location) == (303, "/desk/notices?kind=fpn")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"from": "2026-02-30"}, "Enter a real day, such as 2026-11-22"),
        ({"from": "2026-11-22", "to": "2026-11-21"}, "The last day must be the first day or after"),
        ({"offence": "dancing"}, "Choose one of the offences"),
        ({"kind": "letter"}, "Choose one of the kinds of notice"),
        ({"state": "lost"}, "Choose one of the states"),
    ],
)
def test_what_cannot_be_understood_is_said_and_nothing_is_shown(
    client: FlaskClient, get: Get, several: dict[str, str], asked: dict[str, str], sentence: str
) -> None:
    assert several
    said = get("/desk/notices", 400, **asked)
    assert f"There is a problem {sentence}" in said
    assert "Nothing is shown until this is put right." in said
    answer = client.post("/desk/notices/results", data=asked, headers=HTMX)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/desk/notices?")


@pytest.fixture
def many(olu: str, notebook_of: OfOfficer, get: Get) -> list[str]:
    get("/desk")
    book = notebook_of(olu)
    records = []
    for n in range(A_PAGE * 2 + 10):
        at = NOW - timedelta(minutes=n)
        records.append(book.write("fpn", fpn(at, serial=n + 1), at))
    book.send(NOW)
    return records


def test_a_long_list_has_pages_that_keep_the_filters(client: FlaskClient, many: list[str]) -> None:
    pages = [client.get(f"/desk/notices?kind=fpn&page={n}").text for n in (1, 2, 3, 4, "x")]
    parts = [many[:A_PAGE], many[A_PAGE : 2 * A_PAGE], many[2 * A_PAGE :]]
    assert [listed(page) for page in pages] == [*parts, parts[2], parts[0]]
    assert 'href="/desk/notices?kind=fpn&amp;page=2"' in pages[0]
    assert 'hx-get="/desk/notices/results?kind=fpn&amp;page=2"' in pages[0]
    answer = client.get("/desk/notices/results?kind=fpn&page=2", headers=HTMX)
    assert answer.headers["HX-Push-Url"] == "/desk/notices?kind=fpn&page=2"
    assert listed(answer.text) == parts[1]


def test_a_search_has_pages_too_whose_buttons_send_the_form(
    client: FlaskClient, many: list[str]
) -> None:
    typed = {"q": "alex", "kind": "fpn"}
    pages = [client.post("/desk/notices", data=typed | {"page": n}).text for n in (1, 2, 3)]
    assert [listed(page) for page in pages] == [
        many[:A_PAGE],
        many[A_PAGE : 2 * A_PAGE],
        many[2 * A_PAGE :],
    ]
    buttons = [re.findall(r'form="finder" name="page" value="(\d)"', page) for page in pages]
    assert buttons == [["2"], ["1", "3"], ["2"]]
    assert "Page 2 of 3" in read(pages[1])


def test_one_notice_says_its_facts_in_words(get: Get, olu: str, write_pages: Write) -> None:
    points = fpn(NOW)["points"] | {"item": "A cup\nof paper", "gone": "What?"}
    body = fpn(NOW, born="1990-02-03", points=points)
    record = write_pages(olu, [("fpn", body)], NOW)[0]
    said = get(f"/desk/records/{record}")
    head, stands = said.split("What stands now")
    said_above = "Fixed Penalty Notice · Alex Invented · Olu Officer · Sunday 22 November 2026"
    assert f"{said_above} CF26 000001 49" in head
    assert "Issued Litter £100 , to be paid by Sunday 6 December 2026" in head
    assert "Prosecute by Saturday 22 May 2027 · to Legal by Monday 22 February 2027" in head
    stands = stands.split("Pages about it")[0]
    for line in (
        "Number CF26 000001 49 Issued Sunday 22 November 2026 at 16:00",
        "Who is it for A person Age 18 or over",
        "Date of birth Saturday 3 February 1990",
        "Offence Litter",
        "Points to prove What was the litter? A cup of paper How was it thrown",
        "gone What? What happened",
        "Amount £100",
        "Pay by Sunday 6 December 2026",
    ):
        assert line in stands, line
    assert "{" not in said


def test_what_the_paper_names_is_said_and_found_when_it_was_put_right_since(
    search: Get, olu: str, notebook_of: Callable[[str], Notebook], client: FlaskClient
) -> None:
    book = notebook_of(olu)
    record = book.write("fpn", fpn(NOW, recipient_name="Zoe Éxample"), NOW)
    book.send(NOW)
    here = f"/desk/records/{record}"
    assert "The paper that was handed over" not in read(client.get(here).text)
    body = {"reason": "Misheard", "changes": {"recipient_name": "Zoe Sample"}}
    book.write("amendment", body, NOW, record)
    assert book.send(NOW) == ["accepted"]
    assert "The paper that was handed over names: Zoe Éxample." in read(client.get(here).text)
    for typed in ("zoe sample", "zoe example"):
        assert "1 notice" in search(typed)
    assert "0 notices" in search("alex")


def test_a_notice_that_is_void_asks_for_no_money(
    db: Database, get: Get, olu: str, leader: str, officer: Callable[..., str], write_pages: Write
) -> None:
    record = write_pages(olu, [("fpn", fpn(NOW))], NOW)[0]
    assert "to be paid by" in get(f"/desk/records/{record}")
    make_void(db, record, leader, officer("Sam Second", "team leader"))
    said = get(f"/desk/records/{record}").split("What stands now")[0]
    assert "£100" in said
    assert "to be paid by" not in said


@pytest.mark.parametrize(
    ("occurred_at", "prosecute_by", "to_legal"),
    [
        ("2026-06-30T23:30:00.000Z", "Friday 1 January 2027", "Thursday 1 October 2026"),
        ("2026-08-31T07:00:00.000Z", "Sunday 28 February 2027", "Monday 30 November 2026"),
    ],
)
def test_the_time_to_prosecute_runs_from_the_london_day_and_clamps(
    get: Get, olu: str, write_pages: Write, occurred_at: str, prosecute_by: str, to_legal: str
) -> None:
    record = write_pages(olu, [("fpn", fpn(NOW, occurred_at=occurred_at))], NOW)[0]
    said = get(f"/desk/records/{record}")
    assert f"Prosecute by {prosecute_by} · to Legal by {to_legal}" in said


def test_only_a_summary_offence_that_stands_has_a_time_to_prosecute(
    get: Get, several: dict[str, str], olu: str, write_pages: Write
) -> None:
    either_way = write_pages(olu, [("fpn", fpn(NOW, "fly-tipping", serial=9))], NOW)[0]
    timed = {name: "Prosecute by" in get(f"/desk/records/{one}") for name, one in several.items()}
    assert {name for name, has in timed.items() if has} - {"void"} == {
        "ended",
        "handed",
        "held",
        "unnumbered",
    }
    assert "Prosecute by" not in get(f"/desk/records/{either_way}")
    said = get(f"/desk/records/{either_way}")
    assert (
        "Discount until 2 Dec Fly-tipping £400 , to be paid by Sunday 6 December 2026; £200" in said
    )
    assert "if paid by Wednesday 2 December 2026" in said


@pytest.mark.parametrize("state", notices.STATES)
def test_nobody_is_prosecuted_any_more_once_the_case_is_closed(
    db: Database, olu: str, write_pages: Write, state: str
) -> None:
    record = write_pages(olu, [("fpn", fpn(NOW))], NOW)[0]
    row = notices.standing(db, record, NOW.date())
    assert row
    closed = ("paid", "paid with discount", "written off", "withdrawn", "void", "entered in error")
    limits = notices.time_limits(row | {"standing": state})
    assert bool(limits) == (state not in closed)


def test_a_paid_notice_has_no_day_to_prosecute_by(
    db: Database, get: Get, leader: str, olu: str, write_pages: Write
) -> None:
    body = fpn(NOW)
    record = write_pages(olu, [("fpn", body)], NOW)[0]
    assert "Prosecute by" in get(f"/desk/records/{record}")
    paid = {"number": body["number"], "amount": body["amount"], "source": "post"}
    with writing(db):
        said = paid | {"paid_on": "2026-11-22"}
        write_at_desk(db, leader, "payment", "0193bbbb-0000-4000-8000-000000000001", said, NOW)
    said_now = get(f"/desk/records/{record}")
    assert ("Paid in full" in said_now, "Prosecute by" in said_now) == (True, False)


def test_a_warning_and_a_notice_say_what_must_change_and_lead_to_each_other(
    client: FlaskClient, get: Get, olu: str, write_pages: Write
) -> None:
    several = [
        {"kind": "stop", "what": "Playing music"},
        {"kind": "achieve", "what": "Quiet\nby 11"},
    ]
    warning = write_pages(olu, [("cpw", cpw(NOW, requirements=several))], NOW)[0]
    said = get(f"/desk/records/{warning}")
    assert "To be complied with by Sunday 6 December 2026" in said
    assert (
        "What must stop, be done or be achieved "
        "Stop Playing music Take reasonable steps to achieve Quiet by 11 By when" in said
    )
    assert (
        '<ol class="govuk-list govuk-list--number">' in client.get(f"/desk/records/{warning}").text
    )
    notice = write_pages(olu, [("cpn", cpn(NOW, warning=warning))], NOW)[0]
    said = get(f"/desk/records/{notice}")
    assert "Appeal by Saturday 12 December 2026" in said
    assert "Warning Open the record Warned on Friday 23 October 2026" in said
    assert warning in listed(client.get(f"/desk/records/{notice}").text)


def test_what_an_amendment_changed_is_said_in_words_too(
    get: Get, olu: str, notebook_of: OfOfficer
) -> None:
    book = notebook_of(olu)
    record = book.write("cpw", cpw(NOW), NOW)
    changes = {
        "review_on": "2027-01-20",
        "vulnerability": ["substances"],
        "vulnerability_reason": "It goes on all the same",
        "support_referral": "Outreach team",
    }
    book.write("amendment", {"reason": "Seen later", "changes": changes}, NOW, record)
    assert book.send(NOW) == ["accepted", "accepted"]
    said = get(f"/desk/records/{record}")
    assert "Tuesday 22 December 2026 Wednesday 20 January 2027" in said
    assert "Vulnerability considered None seen Drink or drugs" in said
    assert "Issued Running Amended" in said


def test_a_held_notice_shows_what_was_sent_and_why_it_is_held(
    get: Get, several: dict[str, str], olu: str, write_pages: Write
) -> None:
    said = get(f"/desk/records/{several['unnumbered']}")
    assert "Number not given Held It breaks a rule" in said
    assert 'Number "CF2600000600"' in said
    assert "The check digits do not fit: look at the number again." in said
    body = fpn(NOW, serial=30, amount="lots", pay_by="soon", points=[1], ward=None)
    record = write_pages(olu, [("fpn", body)], NOW)[0]
    said = get(f"/desk/records/{record}")
    for line in ('Amount "lots"', 'Pay by "soon"', "Points to prove [1]"):
        assert line in said
    assert "Ward not given" in get("/desk/notices")


def test_a_notice_of_a_phone_whose_clock_was_wrong_says_so(
    get: Get, olu: str, notebook_of: OfOfficer
) -> None:
    book = notebook_of(olu)
    by_the_phone = datetime(2026, 11, 22, 14, 10, tzinfo=UTC)
    record = book.write("fpn", fpn(by_the_phone), by_the_phone)
    book.send(by_the_phone + timedelta(hours=2), clock_wrong_by=-timedelta(hours=2))
    assert "This phone’s clock was 2 hours slow" in get(f"/desk/records/{record}")
    assert "22 Nov 2026, 14:10 by the phone, 16:10 corrected" in get("/desk/notices")


def test_a_spoiled_number_has_its_page(get: Get, olu: str, write_pages: Write) -> None:
    body = {"number": numbers.number("CF26", 700), "reason": "The printer tore it"}
    record = write_pages(olu, [("spoiled", body)], NOW)[0]
    said = get(f"/desk/records/{record}")
    assert f"{numbers.shown(body['number'])} Accepted What stands now Number CF26" in said
    assert "Reason The printer tore it" in said


def walked_off(occurred: datetime, **more: Any) -> dict[str, Any]:
    return {
        "outcome": "walked-off",
        "offence": "litter",
        "address": "1 Example Street",
        "ward": OTHER_WARD,
        "occurred_at": moment_text(occurred),
        "particulars": "Dropped a cup",
    } | more


def test_where_no_notice_was_given_is_listed_newest_first_and_on_its_shift(
    client: FlaskClient, get: Get, olu: str, notebook_of: OfOfficer
) -> None:
    book = notebook_of(olu)
    shift = book.write("shift-start", {"started_at": moment_text(LAST_WEEK)}, LAST_WEEK)
    here = {"shift": shift, "outcome": "warned", "offence": None, "place_name": "Sample Hall"}
    first = book.write("not-issued", walked_off(LAST_WEEK, **here), LAST_WEEK)
    held = book.write("not-issued", walked_off(NOW, occurred_at=None, outcome=None), NOW)
    last = book.write("not-issued", walked_off(NOW - timedelta(hours=1)), NOW)
    changes = {"reason": "Came back", "changes": {"outcome": "refused"}}
    book.write("amendment", changes, NOW, last)
    assert book.send(NOW) == ["accepted", "accepted", "held", "accepted", "accepted"]

    rows = [
        "Sun 22 Nov 2026, 15:00 Refused name or address Litter 1 Example Street Camden Town "
        "Olu Officer Accepted Amended",
        "Sun 15 Nov 2026, 16:00 Warned instead Not given Sample Hall Camden Town "
        "Olu Officer Accepted",
        "Sun 22 Nov 2026 time not given Not given Litter 1 Example Street Camden Town "
        "Olu Officer Held",
    ]
    head = "Happened What came of it Offence Place Ward Officer State"
    assert " ".join([head, *rows]) in get("/desk/notices/not-issued")
    page = client.get("/desk/notices/not-issued").text
    assert re.findall(r'href="/desk/records/([^"]+)"', page) == [last, first, held]
    assert 'href="/desk/notices/not-issued"' in client.get("/desk/notices").text
    assert "What came of it Warned instead" in get(f"/desk/shifts/{shift}")
    said = get(f"/desk/records/{last}")
    assert "What came of it Refused name or address Offence Litter" in said
    assert "What came of it Walked off Refused name or address" in said


def test_a_list_of_no_notices_teaches_when_it_is_empty_and_has_pages_when_it_is_long(
    get: Get, olu: str, write_pages: Write
) -> None:
    path = "/desk/notices/not-issued"
    assert "Nothing of the kind has been received yet." in get(path)
    times = [NOW - timedelta(hours=hours) for hours in range(A_PAGE + 1)]
    write_pages(olu, [("not-issued", walked_off(occurred)) for occurred in times], NOW)
    first, second = (get(path, page=page).count("Walked off") for page in (1, 2))
    assert (first, second) == (A_PAGE, 1)
    assert get(path, page=0).count("Walked off") == A_PAGE
    assert get(path, page="9" * 20).count("Walked off") == A_PAGE
    assert get(path, page=9).count("Walked off") == 1


AWKWARD = ["👮🏽‍♀️ שלום \u202e", "<script>alert(1)</script> & \" '", "{{ 7 * 7 }}\\n'", "a\x1b[31m"]


@pytest.mark.parametrize("text", AWKWARD)
def test_any_text_is_shown_as_it_was_written(
    client: FlaskClient, get: Get, olu: str, write_pages: Write, text: str
) -> None:
    what = [{"kind": "do", "what": text}]
    bodies = [
        ("fpn", fpn(NOW, recipient_name=text, points={"item": text, text: "x"})),
        ("cpw", cpw(NOW, requirements=what)),
    ]
    get("/desk/notices")
    for kind, body in bodies:
        record = write_pages(olu, [(kind, body)], NOW)[0]
        page = client.get(f"/desk/records/{record}").text
        assert "<script>alert" not in page
        shown = re.findall(r'<div class="notes" dir="auto">(.*?)</div>', page, re.DOTALL)
        assert [html.unescape(one) for one in shown].count(text.replace("\x1b", "\ufffd")) == 2
    assert "<script>alert" not in client.get("/desk/notices").text


def test_control_characters_are_shown_as_unreadable(
    client: FlaskClient, get: Get, olu: str, write_pages: Write
) -> None:
    record = write_pages(olu, [("fpn", fpn(NOW, points={"item": "a\0b\x7f"}))], NOW)[0]
    get("/desk/notices")
    assert client.get(f"/desk/records/{record}").text.count("a\ufffdb\ufffd") == 2


def test_no_title_or_address_says_a_name_or_a_number(
    client: FlaskClient, get: Get, several: dict[str, str]
) -> None:
    get("/desk")
    paths = ["/desk/notices", "/desk/law", *(f"/desk/records/{one}" for one in several.values())]
    pages = [client.get(path).text for path in paths]
    pages.append(client.post("/desk/notices", data={"q": "Alex Invented"}).text)
    titles = [re.search(r"<title>\s*(.*?)\s*</title>", page, re.DOTALL) for page in pages]
    assert {title and title[1].split(" – ")[0] for title in titles} == {
        "Notices",
        "Law awaiting confirmation",
        "Notice",
    }
    sent = [
        html.unescape(link).lower()
        for page in pages
        for link in re.findall(r'(?:href|action|formaction|src|hx-[a-z-]+)="([^"]+)"', page)
    ]
    said = ("alex", "invented", "zo", "trading", "example", "sample", "cf26", "cn26", "cw26")
    sent = [link for link in sent if not link.startswith("/desk/law/figures/")]  # a fact's code
    assert [link for link in sent if any(word in link for word in said)] == []


def test_what_awaits_confirmation_by_legal_is_counted_and_listed(
    client: FlaskClient, get: Get
) -> None:
    waiting = catalogue.unconfirmed(NOW.date())
    assert len(waiting) > 10
    assert f"{len(waiting)} figures await confirmation by Legal" in get("/desk/notices")
    assert 'href="/desk/law"' in client.get("/desk/notices").text
    said = get("/desk/law")
    page = client.get("/desk/law").text
    codes = [one for one in catalogue.wards() if not one.confirmed]
    assert page.count("<tr") - page.count("<thead") == len(waiting) + len(codes)
    assert [one.label for one in waiting if one.label not in said] == []
    litter = next(one for one in catalogue.offences() if one.code == "litter")
    assert f"Litter General knowledge, not read up {litter.source}" in said


def test_when_all_is_confirmed_nothing_awaits(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "unconfirmed", lambda _on: [])
    monkeypatch.setattr(catalogue_desk, "figures", lambda: [])
    assert "await" not in get("/desk/notices")
    assert "Nothing awaits confirmation" in get("/desk/law")
