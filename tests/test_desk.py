"""What a team leader sees at the desk."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import counts, desk, weeks_desk
from field_app.asked import A_PAGE, Asked
from field_app.database import insert
from field_app.times import moment_text
from tests.conftest import OTHER_WARD, WARD, Notebook, faults, patrol, sign_in

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)

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
    for module in (desk, weeks_desk):
        monkeypatch.setattr(module, "now", lambda: NOW)
    sign_in(client, "lena")

    def fetch(path: str, status: int = 200, **query: Any) -> str:
        answer = client.get(path, query_string=query)
        assert answer.status_code == status
        return read(answer.text)

    return fetch


def read(page: str) -> str:
    body = page.partition("<main")[2] or page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_an_empty_board_says_what_will_be_there(get: Get) -> None:
    said = get("/desk")
    assert "Sunday 22 November 2026" in said
    assert "Nothing is held. A page that arrives but breaks a rule is kept" in said
    assert "Nobody is on shift as far as the office has heard." in said
    assert "No shift that began today has been received." in said
    assert "No patrol that began today has been received." in said


def test_the_board_shows_what_needs_attention_then_who_is_on_shift_then_the_patrols(
    get: Get, officer: Make, olu: str, notebook_of: OfOfficer
) -> None:
    ada, book = officer("Ada Second"), notebook_of(olu)
    began = NOW - timedelta(hours=2)
    start = {"started_at": moment_text(began), "colleagues": [ada], "beat": [WARD]}
    shift = book.write("shift-start", start, began)
    book.write("patrol", patrol(began, shift=shift), began)
    book.write("patrol", patrol(began, shift=shift, outcomes=None), began)
    assert book.send(NOW - timedelta(minutes=5)) == ["accepted", "accepted", "held"]
    said = get("/desk")
    parts = [
        "Needs attention as of 16:00 Nobody on shift is silent",
        "1 held page",
        "Olu Officer 14:00 with Ada Second Beat Kilburn 5 minutes ago 1 Not said 3",
        "Page 3, patrol Olu Officer Sun 22 Nov 2026, 14:00 Select",
        "Shifts that began today",
        "Olu Officer 14:00 Not ended Ada Second 1 Accepted",
        "2 patrols, with filters",
    ]
    places = [said.find(part) for part in parts]
    assert -1 not in places, dict(zip(parts, places, strict=True))
    assert places == sorted(places)


def test_a_shift_that_has_ended_or_was_forgotten_is_not_running(
    get: Get, olu: str, notebook_of: OfOfficer
) -> None:
    book = notebook_of(olu)
    for began, ended in (
        (NOW - timedelta(hours=3), NOW - timedelta(hours=1)),
        (NOW - timedelta(hours=17), None),
    ):
        shift = book.write("shift-start", {"started_at": moment_text(began)}, began)
        if ended:
            book.write("shift-end", {"ended_at": moment_text(ended)}, ended, shift)
    book.send(NOW)
    said = get("/desk")
    assert "Nobody is on shift" in said
    assert "Olu Officer 13:00 15:00 Not said 0 Accepted" in said
    assert "Olu Officer 23:00 Not ended Not said 0 Accepted" in get("/desk", day="2026-11-21")


def test_a_missing_page_is_shown_on_the_board(
    get: Get, db: Database, olu: str, notebook_of: OfOfficer
) -> None:
    book = notebook_of(olu)
    book.write("patrol", patrol(NOW), NOW)
    book.send(NOW)
    gap = {"notebook": book.id, "after_page": 1, "before_page": 4, "previous": "0" * 64}
    insert(db, "gaps", gap | {"recorded_at": moment_text(NOW)})
    said = f"Olu Officer: pages 2–3 of notebook {book.id[:8]} will not come"
    assert said in get("/desk")
    assert said in get("/desk/held")


@pytest.mark.parametrize("day", ["2026-02-30", "x", "0001-01-01", "9999-12-31"])
def test_a_day_that_does_not_exist_is_not_found(get: Get, day: str) -> None:
    assert "There is no day" in get("/desk", 404, day=day)
    assert "There is no day" in get("/desk/count", 404, day=day)


@pytest.mark.parametrize("week", ["2026-W60", "2026-47", "x"])
def test_a_week_that_does_not_exist_is_not_found(get: Get, week: str) -> None:
    for path in ("", ".csv", "/places"):
        assert re.search(
            "There is no week|A week looks like", get(f"/desk/count/{week}{path}", 404)
        )


def test_a_record_that_is_not_here_is_not_found(get: Get) -> None:
    nowhere = "0190f000-0000-7000-8000-000000000001"
    assert "No page about this record" in get(f"/desk/records/{nowhere}", 404)
    assert "No page about this shift" in get(f"/desk/shifts/{nowhere}", 404)
    assert "There is nothing at this address" in get("/desk/records/x", 404)


FILTERS: list[tuple[dict[str, str], set[str]]] = [
    ({}, {"plain", "before", "held", "error", "joint", "trading", "moved", "hall"}),
    ({"week": "2026-W46"}, {"before"}),
    ({"from": "2026-11-22"}, {"plain", "held", "error", "joint", "trading", "moved", "hall"}),
    ({"from": "2026-11-01", "to": "2026-11-21"}, {"before"}),
    ({"state": "held"}, {"held"}),
    ({"state": "entered in error"}, {"error"}),
    ({"ward": OTHER_WARD}, {"moved"}),
    ({"ward": "none"}, {"held"}),
    ({"activity": "street-trading"}, {"trading"}),
    ({"joint": "yes"}, {"joint"}),
    ({"place": "SAMPLE h"}, {"hall"}),
    (
        {"place": "example street"},
        {"plain", "before", "held", "error", "joint", "trading", "moved"},
    ),
    ({"place": "no such place"}, set()),
    ({"at": str(counts.spot_code("1 example street")), "joint": "yes"}, {"joint"}),
]


@pytest.fixture
def several(olu: str, place: Make, write_pages: Write) -> dict[str, str]:
    """Patrols of each sort, by name; each one's record."""
    hall = place("Sample Hall", OTHER_WARD)
    bodies: dict[str, dict[str, Any]] = {
        "plain": {},
        "held": {"ward": None},
        "error": {},
        "joint": {"with_police": True},
        "trading": {"activity": "street-trading", "trading_action": "advice"},
        "moved": {"ward": OTHER_WARD},
        "hall": {"place": hall, "address": None},
    }
    records = {
        name: write_pages(olu, [("patrol", patrol(NOW, **body))], NOW)[0]
        for name, body in bodies.items()
    }
    week_before = NOW - timedelta(days=9)
    records["before"] = write_pages(olu, [("patrol", patrol(week_before))], NOW)[0]
    error = {"reason": "Twice", "entered_in_error": True}
    write_pages(olu, [("amendment", error, records["error"])], NOW)
    return records


@pytest.mark.parametrize(("asked", "found"), FILTERS)
def test_each_filter_in_the_address_leaves_its_patrols(
    client: FlaskClient, get: Get, several: dict[str, str], asked: dict[str, str], found: set[str]
) -> None:
    assert get("/desk/patrols", **asked)
    page = client.get("/desk/patrols", query_string=asked).text
    names = {record: name for name, record in several.items()}
    linked = re.findall(r'href="/desk/records/([^"]+)"', page)
    assert {names[record] for record in linked} == found
    assert f"{len(found)} patrol" in read(page)


def test_no_address_or_title_of_a_page_says_who_or_where(
    client: FlaskClient, get: Get, olu: str, place: Make, notebook_of: OfOfficer
) -> None:
    book = notebook_of(olu)
    shift = book.write("shift-start", {"started_at": moment_text(NOW)}, NOW)
    record = book.write("patrol", patrol(NOW, address="Flat 7, Secret House", shift=shift), NOW)
    book.write("patrol", patrol(NOW, place=place("Sample Hall"), address=None), NOW)
    book.send(NOW)
    get("/desk")
    paths = [f"/desk/records/{record}", f"/desk/shifts/{shift}", "/desk/count/2026-W47/places"]
    pages = [client.get(path).text for path in paths]
    titles = [re.search(r"<title>\s*(.*?)\s*</title>", page, re.DOTALL) for page in pages]
    assert [title and title[1].split(" – ")[0] for title in titles] == [
        "Patrol",
        "Shift",
        "Distinct places, week 2026-W47",
    ]
    links = [html.unescape(link) for page in pages for link in re.findall(r'href="([^"]+)"', page)]
    assert [link for link in links if "secret" in link.lower() or "flat" in link.lower()] == []
    spots = [link for link in links if "at=" in link]
    found = [read(client.get(link).text) for link in spots]
    assert ["1 patrol Monday 16" in said for said in found] == [True] * 2
    assert ["At Flat 7, Secret House" in said for said in found].count(True) == 1
    assert ["At Sample Hall" in said for said in found].count(True) == 1


def test_an_officer_is_a_filter(get: Get, officer: Make, several: dict[str, str], olu: str) -> None:
    assert "8 patrols" in get("/desk/patrols", officer=olu)
    assert "0 patrols" in get("/desk/patrols", officer=officer("Ada Second"))
    assert several


@pytest.mark.usefixtures("several")
def test_the_form_shows_what_the_address_asks(client: FlaskClient, get: Get) -> None:
    asked = {"from": "2026-11-20", "to": "2026-11-22", "ward": WARD, "place": '"hall"'}
    get("/desk/patrols")
    page = client.get("/desk/patrols", query_string=asked | {"joint": "yes"}).text
    assert 'value="2026-11-20"' in page
    assert f'<option value="{WARD}" selected>' in page
    assert "&#34;hall&#34;" in page
    assert re.search(r'name="joint" type="checkbox" value="yes" checked', page)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"from": "2026-02-30"}, "Enter a real day, such as 2026-11-22"),
        ({"from": "2026-11-22", "to": "2026-11-21"}, "The last day must be the first day or after"),
        ({"week": "2026-W60"}, "There is no week 2026-W60."),
        ({"ward": "E99"}, "Choose one of the wards"),
        ({"activity": "dancing"}, "Choose one of the activities"),
        ({"state": "lost"}, "Choose one of the states"),
    ],
)
def test_what_cannot_be_understood_is_said_and_nothing_is_shown(
    client: FlaskClient, get: Get, several: dict[str, str], asked: dict[str, str], sentence: str
) -> None:
    assert several
    said = get("/desk/patrols", 400, **asked)
    assert f"There is a problem {sentence}" in said
    assert "Nothing is shown until this is put right." in said
    answer = client.get("/desk/patrols/results", query_string=asked, headers={"HX-Request": "true"})
    whole = f"/desk/patrols?{urlencode(asked)}"
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, whole)


def test_htmx_gets_the_list_alone_and_the_address_of_the_whole_page(
    client: FlaskClient, get: Get, several: dict[str, str]
) -> None:
    assert several
    get("/desk")
    asked = {"ward": OTHER_WARD, "officer": "", "place": ""}
    answer = client.get("/desk/patrols/results", query_string=asked, headers={"HX-Request": "true"})
    assert answer.headers["HX-Push-Url"] == f"/desk/patrols?ward={OTHER_WARD}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<html" not in answer.text
    assert "1 patrol" in read(answer.text)
    whole = client.get("/desk/patrols", query_string=asked)
    assert whole.headers["Cache-Control"] == "no-store"
    assert read(answer.text) in read(whole.text)


def test_the_list_s_own_address_leads_a_person_to_the_whole_page(
    client: FlaskClient, get: Get
) -> None:
    get("/desk")
    answer = client.get("/desk/patrols/results?ward=none")
    assert (answer.status_code, answer.location) == (302, "/desk/patrols?ward=none")


def test_a_long_list_has_pages_of_fifty_that_keep_the_filters(
    client: FlaskClient, get: Get, olu: str, notebook_of: OfOfficer
) -> None:
    book = notebook_of(olu)
    records = [book.write("patrol", patrol(NOW - timedelta(minutes=n)), NOW) for n in range(120)]
    book.send(NOW)
    get("/desk")
    pages = [client.get(f"/desk/patrols?ward={WARD}&page={n}").text for n in (1, 2, 3, 4, "x")]
    listed = [re.findall(r'href="/desk/records/([^"]+)"', page) for page in pages]
    assert listed == [records[:50], records[50:100], records[100:], records[100:], records[:50]]
    assert f'href="/desk/patrols?ward={WARD}&amp;page=2"' in pages[0]
    assert f'hx-get="/desk/patrols/results?ward={WARD}&amp;page=2"' in pages[0]


def test_a_list_of_held_pages_has_no_page_after_its_last(
    get: Get, olu: str, write_pages: Write
) -> None:
    write_pages(olu, [("patrol", patrol(NOW, activity=None))] * (A_PAGE + 1), NOW)
    first, last = get("/desk/held"), get("/desk/held", page=2)
    assert (first.count("Select the activity"), last.count("Select the activity")) == (A_PAGE, 1)
    assert get("/desk/held", page="3") == last
    for page in ("0", "-1", "x", "9" * 20):
        assert get("/desk/held", page=page) == first


def test_without_days_the_list_is_of_the_last_28(get: Get) -> None:
    assert "0 patrols Monday 26 October to Sunday 22 November 2026" in get("/desk/patrols")


def test_a_record_shows_what_stands_and_what_each_amendment_changed(
    get: Get, olu: str, place: Make, notebook_of: OfOfficer
) -> None:
    hall, book = place("Sample Hall", OTHER_WARD), notebook_of(olu)
    body = patrol(NOW, notes="First words", spoken_to=2, colour="blue")
    record = book.write("patrol", body, NOW)
    changes = {"notes": "Better words", "place": hall, "address": None, "colour": {"is": "green"}}
    book.write("amendment", {"reason": "I had misheard", "changes": changes}, NOW, record)
    assert book.send(NOW + timedelta(minutes=2)) == ["accepted", "accepted"]
    said = get(f"/desk/records/{record}")
    stands, pages = said.split("Pages about it")
    assert "Accepted Amended What stands now Activity Faith-site reassurance" in stands
    assert "Place Sample Hall Patrols here Ward Kilburn Started Sunday 22 November" in stands
    assert "Notes Better words" in stands
    assert 'colour {"is": "green"}' in stands
    assert "First words" not in stands
    assert "Page 1 Patrol Olu Officer wrote it on Sunday 22 November 2026 at 16:00 ." in pages
    assert "Notes First words" in pages
    assert f"Seal {book.pages[0].seal[:12]} after {book.id[:12]}" in pages
    assert (
        "Page 2 Amend Olu Officer wrote it on Sunday 22 November 2026 at 16:00 . "
        "Received Sunday 22 November 2026 at 16:02 . Changed From To "
        "Notes First words Better words Place Not given Sample Hall Patrols here "
        "Address or spot 1 Example Street Taken out "
        'colour "blue" {"is": "green"} Reason I had misheard'
    ) in pages


def test_an_amendment_that_is_held_says_why_and_changes_nothing(
    get: Get, olu: str, notebook_of: OfOfficer
) -> None:
    book = notebook_of(olu)
    record = book.write("patrol", patrol(NOW), NOW)
    amendment = {"reason": "Wrong ward", "changes": {"ward": "E99"}}
    book.write("amendment", amendment, NOW, record)
    assert book.send(NOW) == ["accepted", "held"]
    stands, pages = get(f"/desk/records/{record}").split("Pages about it")
    assert "Ward Kilburn" in stands
    assert "Page 2 Amend Held" in pages
    assert 'Ward is not one of the choices Changed From To Ward Kilburn "E99"' in pages


def test_what_was_entered_in_error_stays_readable(get: Get, several: dict[str, str]) -> None:
    said = get(f"/desk/records/{several['error']}")
    assert "Entered in error Amended Not counted. It stays readable below." in said
    assert "This was entered in error and must not be counted Yes" in said
    assert said.count("1 Example Street") == 2


def test_a_fork_is_shown_as_one(get: Get, olu: str, notebook_of: OfOfficer) -> None:
    book = notebook_of(olu)
    book.write("patrol", patrol(NOW), NOW)
    book.send(NOW)
    book.pages, book.sent = [], 0
    record = book.write("patrol", patrol(NOW, address="Elsewhere"), NOW)
    assert book.send(NOW) == ["forked"]
    said = get(f"/desk/records/{record}")
    assert "Page 1 Patrol Held Fork" in said
    assert "Another page has this number. Amend it to say that it stands." in said


def test_an_unknown_kind_is_shown_as_it_was_sent(get: Get, olu: str, write_pages: Write) -> None:
    record = write_pages(olu, [("drone-flight", {"height": 30, "<b>": "</script>"})], NOW)[0]
    said = get(f"/desk/records/{record}")
    assert "Nothing stands of this record" in said
    assert "Fieldbook does not know “drone-flight” yet." in said
    assert 'height 30 <b> "</script>"' in said


def test_a_page_that_says_nothing_readable_is_shown_as_it_was_sent(
    get: Get, olu: str, write_pages: Write
) -> None:
    record = write_pages(olu, [("patrol", "[1, 2")], NOW)[0]
    assert "What was sent [1, 2 Seal" in get(f"/desk/records/{record}")


def test_an_answer_that_cannot_be_read_is_shown_as_it_was_sent(
    get: Get, olu: str, write_pages: Write
) -> None:
    body = patrol(NOW, spoken_to="many", ward=["E99"], outcomes="none", ended_at="noon")
    record = write_pages(olu, [("patrol", body)], NOW)[0]
    said = get(f"/desk/records/{record}").split("Pages about it")[0]
    for line in ('spoken to "many"', 'Ward ["E99"]', 'Outcome "none"', 'Finished "noon"'):
        assert line in said


AWKWARD = [
    "long " * 2000,
    "👮🏽‍♀️ 🕍 👨‍👩‍👧‍👦",
    "שלום \u202e مرحبا",
    "<script>alert(1)</script> & \" ' `",
    "{{ 7 * 7 }} {% raw %}",
    "one\ntwo\r\n\tthree",
]


@pytest.mark.parametrize("notes", AWKWARD)
def test_any_text_is_shown_as_it_was_written(
    client: FlaskClient, get: Get, olu: str, write_pages: Write, notes: str
) -> None:
    record = write_pages(olu, [("patrol", patrol(NOW, notes=notes, address=notes[:5]))], NOW)[0]
    get("/desk")
    page = client.get(f"/desk/records/{record}").text
    shown = re.findall(r'<div class="notes" dir="auto">(.*?)</div>', page, re.DOTALL)
    assert [html.unescape(one) for one in shown] == [notes, notes]
    for path in ("/desk", "/desk/patrols", "/desk/count/2026-W47/places"):
        assert "<script>alert" not in client.get(path).text


def test_control_characters_and_lone_surrogates_are_shown_as_unreadable(
    client: FlaskClient, get: Get, olu: str, write_pages: Write
) -> None:
    body = json.dumps(patrol(NOW, notes="a\0b\x1b[31m\x7f")).replace("a\\u0000", "a\\ud800\\u0000")
    record = write_pages(olu, [("patrol", body)], NOW)[0]
    get("/desk")
    page = client.get(f"/desk/records/{record}").text
    assert page.count("a\ufffd\ufffdb\ufffd[31m\ufffd") == 2


def test_a_place_that_is_retired_or_not_in_the_register_still_shows(
    get: Get, db: Database, olu: str, place: Make, write_pages: Write
) -> None:
    old = place("Sample Old Hall", retired=True)
    gone = place("Sample Gone Hall")
    bodies = [patrol(NOW, place=old), patrol(NOW, place=gone, place_name="Sample Gone Hall")]
    records = [write_pages(olu, [("patrol", body)], NOW)[0] for body in bodies]
    db.conn.execute("DELETE FROM places WHERE record = ?", [gone])
    assert "Place Sample Old Hall (no longer in use)" in get(f"/desk/records/{records[0]}")
    missing = get(f"/desk/records/{records[1]}")
    assert f"Place {gone} (not in the register of places)" in missing
    assert "Name of the place Sample Gone Hall" in missing
    listed = get("/desk/patrols")
    assert "Sample Old Hall" in listed
    assert "Sample Gone Hall" in listed


def test_a_wrong_clock_is_said_and_its_times_are_shown_with_the_correction(
    get: Get, olu: str, notebook_of: OfOfficer
) -> None:
    book = notebook_of(olu)
    by_the_phone = datetime(2026, 11, 22, 14, 10, tzinfo=UTC)
    record = book.write("patrol", patrol(by_the_phone), by_the_phone)
    book.send(by_the_phone + timedelta(hours=2), clock_wrong_by=-timedelta(hours=2))
    said = get(f"/desk/records/{record}")
    assert "This phone’s clock was 2 hours slow when it sent this." in said
    assert "Started Sunday 22 November 2026 at 14:10 by the phone, 16:10 corrected" in said
    assert "Sun 22 Nov 2026, 14:10 –14:10 by the phone, 16:10 corrected" in get("/desk/patrols")


def test_a_clock_right_within_two_minutes_is_not_mentioned(
    get: Get, olu: str, notebook_of: OfOfficer
) -> None:
    book = notebook_of(olu)
    record = book.write("patrol", patrol(NOW), NOW)
    book.send(NOW, clock_wrong_by=timedelta(seconds=119))
    assert "corrected" not in get(f"/desk/records/{record}")


def test_a_shift_shows_its_patrols_in_order_and_its_own_pages(
    client: FlaskClient, get: Get, olu: str, place: Make, notebook_of: OfOfficer
) -> None:
    book = notebook_of(olu)
    began = moment_text(NOW - timedelta(hours=1))
    start = {"started_at": began, "company": ["police"], "beat": [WARD, OTHER_WARD]}
    shift = book.write("shift-start", start, NOW)
    later = book.write("patrol", patrol(NOW - timedelta(minutes=10), shift=shift), NOW)
    at_hall = {"place": place("Sample Hall"), "address": None}
    early = NOW - timedelta(minutes=30)
    first = book.write("patrol", patrol(early, shift=shift, **at_hall), NOW)
    book.write("shift-end", {"ended_at": moment_text(NOW), "end_notes": "All calm"}, NOW, shift)
    book.send(NOW)
    said = get(f"/desk/shifts/{shift}")
    assert "Patrolling with With police Beat Kilburn, Camden Town Ended Sunday" in said
    assert "Anything the next shift should know All calm" in said
    visits = [
        "Page 2 Faith-site reassurance Accepted Written Sunday 22 November 2026 at 16:00 . "
        "Received 16:00. Address or spot 1 Example Street Ward Kilburn Started 15:50",
        "Page 3 Faith-site reassurance Accepted Written Sunday 22 November 2026 at 16:00 . "
        "Received 16:00. Place Sample Hall Ward Kilburn Started 15:30",
    ]
    places = [said.find(part) for part in ("Page 1 Start shift", *visits, "Page 4 End shift")]
    assert -1 not in places
    assert places == sorted(places)
    page = client.get(f"/desk/shifts/{shift}").text
    titled = re.findall(r'</span>\s+<a class="govuk-link" href="/desk/records/([^"]+)"', page)
    assert titled == [shift, later, first, shift]
    assert client.get(f"/desk/records/{shift}").location == f"/desk/shifts/{shift}"
    assert client.get(f"/desk/shifts/{first}").location == f"/desk/records/{first}"


def test_a_photo_is_shown_once_it_is_received(
    client: FlaskClient, get: Get, app: Any, db: Database, olu: str, write_pages: Write
) -> None:
    name = "ab" * 32
    body = patrol(NOW, photos=[{"sha256": name, "taken_at": moment_text(NOW)}])
    record = write_pages(olu, [("patrol", body)], NOW)[0]
    assert "Photos Not received yet 16:00 · abababab" in get(f"/desk/records/{record}")
    assert client.get(f"/desk/evidence/{name}").status_code == 404
    file = app.config["INSTANCE"] / "evidence" / "ab" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"\xff\xd8\xff")
    row = {"sha256": name, "type": "image/jpeg", "bytes": 3, "received_at": moment_text(NOW)}
    insert(db, "evidence", row)
    answer = client.get(f"/desk/evidence/{name}")
    assert (answer.data, answer.content_type) == (b"\xff\xd8\xff", "image/jpeg")
    assert f'src="/desk/evidence/{name}"' in client.get(f"/desk/records/{record}").text


def test_the_count_leads_to_the_week_that_ended_last_or_to_that_of_a_day(
    client: FlaskClient, get: Get
) -> None:
    get("/desk")
    assert client.get("/desk/count").location == "/desk/count/2026-W46"
    assert client.get("/desk/count?day=2026-11-22").location == "/desk/count/2026-W47"
    assert client.get("/desk/count?day=2027-01-03").location == "/desk/count/2026-W53"


def test_an_empty_week_teaches(get: Get) -> None:
    said = get("/desk/count/2026-W46")
    assert "Monday 9 to Sunday 15 November 2026" in said
    assert "No patrol that began in this week has been received." in said
    assert "This week is not over: its numbers still grow." in get("/desk/count/2026-W47")
    assert "This week has not begun." in get("/desk/count/2026-W49")


def test_a_week_that_is_not_published_has_nothing_late(get: Get, several: dict[str, str]) -> None:
    assert several
    said = get("/desk/count/2026-W46")
    assert "Not published Every number is live, and changes as pages arrive." in said
    assert "1 patrol 0 joint with police 1 distinct place 0 held, not counted" in said
    assert "Late What comes, or is amended, after the week is published." in said


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("<html lang=en><title>a</title><input id=a>", "no label"),
        ("<html lang=en><title></title>", "no title"),
        ("<html><title>a</title>", "no language"),
        ("<p id=a></p><p id=a></p>", "id twice: a"),
        ("<p style='top: 0'></p>", "inline: style of p"),
        ("<p onclick='go()'></p>", "inline: onclick of p"),
        ("<script>go()</script>", "inline: script"),
        ("<p><div></div></p>", "invalid HTML"),
        ("<label for=b>a</label>", "for points nowhere: b"),
        ("<button data-prevent-double-click=true>a</button>", "no GOV.UK script runs here"),
    ],
)
def test_the_client_finds_fault_with_a_page(page: str, fault: str) -> None:
    assert any(found.startswith(fault) for found in faults(page))


def test_days_asked_for_are_whole_london_days() -> None:
    asked = Asked.read({"from": "2026-10-25", "to": "2026-10-25"}, NOW.date())
    assert asked.span.ends - asked.span.begins == timedelta(hours=25)
