"""The board: who needs attention first, every officer and phone as it is now, and where they were last."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import board, decisions, desk, notebook, publishing, reviews, wards
from field_app.database import all_rows, get_db, insert, writing
from field_app.maps import last_known, of_records, tiles_origin
from field_app.settings import record_of
from field_app.times import Week, moment_text
from tests.conftest import OTHER_WARD, WARD, Notebook, patrol, sign_in
from tests.desk import keep, photo, words
from tests.notices import fpn

NOW = datetime(2026, 11, 25, 16, tzinfo=UTC)
HOUR = timedelta(hours=1)
SILENT = timedelta(minutes=20)
HERE = {"latitude": 51.54, "longitude": -0.14, "accuracy_m": 12.0}
TILES = "https://tiles.council.example/{z}/{x}/{y}.png"

Make = Callable[..., str]
Row = dict[str, Any]


@pytest.fixture(autouse=True)
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (desk, reviews, decisions):
        monkeypatch.setattr(module, "now", lambda: NOW)


@pytest.fixture
def lena(client: FlaskClient, leader: str) -> FlaskClient:
    assert leader
    sign_in(client, "lena")
    return client


class OnShift(Notebook):
    """The notebook of somebody who has begun a shift."""

    shift = ""


@pytest.fixture
def on_shift(db: Database, officer: Make) -> Callable[..., OnShift]:
    """Somebody starts a shift and is last heard from so long ago; their notebook."""

    def start(name: str, heard: timedelta, began: timedelta = 2 * HOUR) -> OnShift:
        book = OnShift(db, officer(name))
        book.shift = book.write(
            "shift-start", {"started_at": moment_text(NOW - began)}, NOW - began
        )
        book.send(NOW - heard)
        return book

    return start


def said_by(db: Database, book: OnShift, at: datetime = NOW, **said: Any) -> None:
    """What a phone says of itself, with nothing to send."""
    with writing(db):
        notebook.append(db, book.id, [], notebook.Phone(**said), at)


def now(client: FlaskClient) -> str:
    """The part of the board that refreshes itself."""
    answer = client.get("/desk/board/now", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.text


def names(db: Database) -> list[tuple[str, bool, bool]]:
    rows = board.officers_now(db, NOW, SILENT)
    return [(row["officer_name"].split()[0], bool(row["shift"]), row["silent"]) for row in rows]


# Who stands where


@pytest.mark.usefixtures("leader")
def test_who_is_silent_stands_first_then_who_is_on_shift_then_everybody_else(
    db: Database, on_shift: Callable[..., OnShift], officer: Make
) -> None:
    officer("Zoe Away")
    officer("Abe Away")
    officer("Rae Retired", retired_at=moment_text(NOW))
    on_shift("Kit Calm", timedelta(minutes=3))
    on_shift("Lee Long", timedelta(minutes=50))
    on_shift("Moe Mute", timedelta(minutes=21))
    on_shift("Ned Near", timedelta(minutes=20))
    on_shift("Flo Forgot", timedelta(hours=17), began=timedelta(hours=17))
    assert names(db) == [
        ("Lee", True, True),
        ("Moe", True, True),
        ("Ned", True, False),
        ("Kit", True, False),
        ("Abe", False, False),
        ("Flo", False, False),
        ("Zoe", False, False),
    ]


def test_who_ended_the_shift_is_not_silent(db: Database, on_shift: Callable[..., OnShift]) -> None:
    book = on_shift("Eve Ended", HOUR)
    assert names(db) == [("Eve", True, True)]
    [row] = all_rows(db, "SELECT record FROM shifts")
    book.write("shift-end", {"ended_at": moment_text(NOW - HOUR)}, NOW - HOUR, row["record"])
    book.send(NOW - HOUR)
    assert names(db) == [("Eve", False, False)]


def test_a_new_phone_is_heard_from_for_its_officer(
    db: Database, on_shift: Callable[..., OnShift], notebook_of: Callable[[str], Notebook]
) -> None:
    book = on_shift("Pat Phones", HOUR)
    other = notebook_of(book.officer)
    other.write("patrol", patrol(NOW), NOW)
    other.send(NOW)
    [row] = board.officers_now(db, NOW, SILENT)
    assert (row["silent"], row["last_contact"], row["received_through"]) == (
        False,
        moment_text(NOW),
        1,
    )


def test_all_officers_are_one_question(db: Database, on_shift: Callable[..., OnShift]) -> None:
    for nth in range(22):
        on_shift(f"Officer{nth} Example", timedelta(minutes=nth))
    asked: list[str] = []
    db.conn.set_trace_callback(asked.append)
    assert len(board.officers_now(db, NOW, SILENT)) == 22
    db.conn.set_trace_callback(None)
    assert len(asked) == 1


def test_how_long_silence_lasts_is_a_setting(
    app: Flask, lena: FlaskClient, on_shift: Callable[..., OnShift]
) -> None:
    on_shift("Moe Mute", timedelta(minutes=21))
    said = "Moe Mute is silent: on shift since 14:00, last heard from 21 minutes ago."
    assert said in words(now(lena))
    app.config["SILENT_MINUTES"] = 30
    assert "each phone was heard from within 30 minutes" in words(now(lena))
    assert "Mute is silent" not in words(now(lena))


def test_the_part_that_refreshes_itself_leads_a_person_to_the_board(lena: FlaskClient) -> None:
    answer = lena.get("/desk/board/now")
    assert (answer.status_code, answer.location) == (302, "/desk")


def test_only_the_board_of_today_refreshes_itself(lena: FlaskClient) -> None:
    assert 'hx-get="/desk/board/now"' in lena.get("/desk").text
    assert "hx-get" not in lena.get("/desk?day=2026-11-24").text


# What phones say


def test_a_phone_s_battery_room_storage_and_waiting_pages_are_shown(
    db: Database, lena: FlaskClient, on_shift: Callable[..., OnShift]
) -> None:
    book = on_shift("Olu Officer", timedelta(minutes=5))
    said = words(now(lena))
    assert "Battery" not in said
    assert "5 minutes ago 0 Not said 1" in said
    said_by(db, book, waiting=3, evidence_waiting=1, battery=34, storage_left=1_234_000_000)
    with writing(db):
        db.conn.execute("UPDATE notebooks SET persisted = 0 WHERE id = ?", [book.id])
    assert "0 minutes ago 0 3 pages, 1 photo 1 Storage not kept 1.2 GB free Battery 34%" in words(
        now(lena)
    )
    said_by(db, book, waiting=0, evidence_waiting=0)
    assert "0 minutes ago 0 Nothing 1 Storage not kept" in words(now(lena))


def test_a_phone_with_another_version_is_marked(
    app: Flask, db: Database, lena: FlaskClient, on_shift: Callable[..., OnShift]
) -> None:
    book = on_shift("Olu Officer", timedelta(minutes=5))
    said_by(db, book, version="0123456789ab")
    assert "Another version 01234567" in words(now(lena))
    said_by(db, book, version=app.extensions["fieldbook_version"][1])
    assert "This version" in words(now(lena))


def test_a_setting_that_reaches_phones_makes_another_version_at_once(
    app: Flask, lena: FlaskClient, leader: str
) -> None:
    now(lena)
    with app.app_context(), writing(get_db()):
        body = {"setting": "SWEP", "value": "yes"}
        notebook.write_at_desk(get_db(), leader, "setting", record_of("SWEP"), body, NOW)
    now(lena)
    worker = app.test_client().get("/sw.js").text
    assert app.extensions["fieldbook_version"][1] in worker


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"battery": 0, "storage_left": 0}, (0, 0)),
        ({"battery": 101, "storage_left": -1}, (None, None)),
        ({"battery": "80", "storage_left": None}, (None, None)),
    ],
)
def test_what_a_phone_says_wrongly_of_itself_is_left_out(
    app: Flask,
    db: Database,
    officer: Make,
    said: Row,
    kept: tuple[int | None, int | None],
) -> None:
    officer("Olu Officer")
    phone, here = app.test_client(), "/api/v1/notebooks/0193aaaa-0000-4000-8000-000000000001"
    sign_in(phone, "olu")
    csrf = {"X-CSRFToken": phone.get("/api/v1/me").json["csrf"]}  # type: ignore[index]
    opened = phone.put(here, json={"phone": {}}, headers=csrf).json
    token = {"Authorization": f"Bearer {opened['token']}"}  # type: ignore[index]
    sent = phone.post(f"{here}/pages", json={"pages": [], "phone": said}, headers=token)
    assert sent.status_code == 201
    [row] = all_rows(db, "SELECT battery, storage_left FROM notebooks")
    assert (row["battery"], row["storage_left"]) == kept


# What waits


def test_all_that_waits_is_named_with_its_number_and_leads_there(
    db: Database, lena: FlaskClient, leader: str, officer: Make, write_pages: Callable[..., Any]
) -> None:
    olu, ada = officer("Olu Officer"), officer("Ada Second")
    last_week = NOW - timedelta(weeks=1)
    week = Week.of(last_week)
    with writing(db):
        publishing.publish(db, leader, week, NOW - timedelta(days=1))
    write_pages(olu, [("patrol", patrol(last_week)), ("patrol", patrol(NOW, outcomes=None))], NOW)
    [asked] = write_pages(ada, [("patrol", patrol(last_week))], NOW)
    [page] = all_rows(db, "SELECT seal FROM pages WHERE record = ?", [asked])
    with writing(db):
        query = {"about_page": page["seal"], "question": "Who?"}
        notebook.write_at_desk(db, leader, "query", asked, query, NOW)
    [query] = all_rows(db, "SELECT seal FROM queries")
    answered = {"query": query["seal"], "answer": "The caretaker"}
    write_pages(ada, [("answer", answered, asked)], NOW)
    write_pages(olu, [("fpn", fpn(NOW - timedelta(days=40)))], NOW)
    book = all_rows(db, "SELECT id FROM notebooks WHERE officer = ?", [olu])[0]["id"]
    gap = {"notebook": book, "after_page": 5, "before_page": 8, "previous": "0" * 64}
    with writing(db):
        insert(db, "gaps", gap | {"recorded_at": moment_text(NOW)})
    part = now(lena).partition('attention">')[2].partition("</section>")[0]
    links = re.findall(r'<a class="govuk-link" href="([^"]+)">([^<]+)</a>', part)
    assert links == [
        ("/desk/held", "1 held page"),
        ("/desk/held#gaps", "1 gap to decide about"),
        ("/desk#waiting", "1 question answered"),
        ("/desk/due", "2 notices due"),
        (f"/desk/count/{week}", f"2 late patrols in {week}"),
        ("/desk/doubles", "1 probable double"),
    ]


def test_a_double_is_decided_on_the_board(
    lena: FlaskClient, officer: Make, write_pages: Callable[..., Any]
) -> None:
    for name in ("Olu Officer", "Ada Second"):
        write_pages(officer(name), [("patrol", patrol(NOW))], NOW)
    page = lena.get("/desk").text
    form = page.partition('<form class="pair__decide"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert fields.pop("decision") == "two"
    address = re.search(r'action="([^"]+)"', form)
    assert address
    answer = lena.post(address[1], data=fields | {"decision": "once"})
    assert answer.location == "/desk#doubles"
    assert "probable double" not in now(lena)


# Where


def test_each_officer_on_shift_is_where_their_last_page_with_a_position_says(
    db: Database, lena: FlaskClient, on_shift: Callable[..., OnShift], place: Make
) -> None:
    olu, ada = on_shift("Olu Officer", HOUR), on_shift("Ada Second", HOUR)
    on_shift("Cy Nowhere", HOUR)
    known = place("Sample Synagogue", latitude=51.5, longitude=-0.1)
    olu.write("patrol", patrol(NOW - HOUR, **HERE), NOW - HOUR)
    olu.write("patrol", patrol(NOW - HOUR / 2), NOW - HOUR / 2)
    ada.write("patrol", patrol(NOW - HOUR, **HERE), NOW - HOUR)
    ada.write("patrol", patrol(NOW - HOUR / 2, address=None, place=known), NOW - HOUR / 2)
    for book in (olu, ada):
        book.send(NOW)
    found = last_known(db, [row for row in board.officers_now(db, NOW, SILENT) if row["shift"]])
    assert [
        (row["officer_name"], row["latitude"], row["longitude"], row["accuracy_m"], row["of_place"])
        for row in found
    ] == [("Ada Second", 51.5, -0.1, None, 1), ("Olu Officer", 51.54, -0.14, 12.0, 0)]
    said = words(now(lena))
    assert "Olu Officer 15:00 1 Example Street 51.54000, -0.14000 to 12 m" in said
    assert "Ada Second 15:30 Sample Synagogue 51.50000, -0.10000 the place’s" in said


def test_where_somebody_was_before_the_shift_is_not_shown(
    db: Database, on_shift: Callable[..., OnShift]
) -> None:
    book = on_shift("Olu Officer", HOUR, began=HOUR)
    book.write("patrol", patrol(NOW - 3 * HOUR, **HERE), NOW)
    book.send(NOW)
    on_shift("Ada Second", HOUR, began=4 * HOUR)
    assert last_known(db, board.officers_now(db, NOW, SILENT)[:2]) == []


def shift_with_photos(app: Flask, db: Database, book: OnShift) -> tuple[str, list[str]]:
    """A shift of two patrols and a notice; its record, and the photos of the second patrol."""
    names = [keep(db, app.config["INSTANCE"], book.id, photo(one), NOW) for one in ("red", "blue")]
    photos = [{"sha256": name, "taken_at": moment_text(NOW)} for name in names]
    shift = book.shift
    book.write("patrol", patrol(NOW - HOUR, shift=shift, **HERE), NOW - HOUR)
    more = {"latitude": 51.55, "longitude": -0.15, "photos": photos}
    book.write("patrol", patrol(NOW, shift=shift, **more), NOW)
    book.write("fpn", fpn(NOW, latitude=51.56, longitude=-0.16), NOW)
    book.write("shift-end", {"ended_at": moment_text(NOW)}, NOW, shift)
    book.send(NOW)
    return shift, names


def test_the_log_of_a_shift_says_where_in_the_order_of_its_pages(
    app: Flask, db: Database, lena: FlaskClient, on_shift: Callable[..., OnShift]
) -> None:
    book = on_shift("Olu Officer", HOUR)
    shift, _ = shift_with_photos(app, db, book)
    page = lena.get(f"/desk/shifts/{shift}").text
    rows = re.findall(
        r'data-latitude="([\d.]+)" data-longitude="(-[\d.]+)" data-label="(\d+)"', page
    )
    assert rows == [("51.54", "-0.14", "2"), ("51.55", "-0.15", "3"), ("51.56", "-0.16", "4")]
    assert 'data-map="where" data-line' in page
    assert "data-tiles" not in page
    assert "3 positions as a list" in words(page)


def test_the_log_of_a_shift_shows_its_photos_and_each_view_is_logged(
    app: Flask, db: Database, lena: FlaskClient, on_shift: Callable[..., OnShift]
) -> None:
    shift, names = shift_with_photos(app, db, on_shift("Olu Officer", HOUR))
    page = lena.get(f"/desk/shifts/{shift}").text
    part = page.partition('id="photos"')[2]
    assert re.findall(r'<img src="/desk/evidence/(\w+)"', part) == names
    assert all_rows(db, "SELECT id FROM views") == []
    assert lena.get(f"/desk/evidence/{names[0]}").status_code == 200
    assert all_rows(db, "SELECT id FROM views") == [{"id": names[0]}]


def test_a_shift_without_positions_or_photos_has_no_map(
    lena: FlaskClient, on_shift: Callable[..., OnShift]
) -> None:
    page = lena.get(f"/desk/shifts/{on_shift('Olu Officer', HOUR).shift}").text
    assert "leaflet" not in page
    assert 'id="photos"' not in page


def test_what_was_entered_in_error_is_on_no_map(
    db: Database, on_shift: Callable[..., OnShift]
) -> None:
    book = on_shift("Olu Officer", HOUR)
    records = [
        book.write("patrol", patrol(NOW, ward=ward, **HERE), NOW) for ward in (WARD, OTHER_WARD)
    ]
    book.write("amendment", {"reason": "Twice", "entered_in_error": True}, NOW, records[0])
    book.send(NOW)
    assert [row["record"] for row in of_records(db, records)] == records[1:]


# Pictures from elsewhere


@pytest.mark.parametrize(
    ("tiles", "origin"),
    [
        ("", None),
        (TILES, "https://tiles.council.example"),
        ("http://127.0.0.1:8080/{z}/{x}/{y}.png", "http://127.0.0.1:8080"),
        ("https://{s}.tiles.example/{z}/{x}/{y}.png", None),
        ("/tiles/{z}/{x}/{y}.png", None),
        ("javascript:alert(1)", None),
    ],
)
def test_the_pictures_of_a_map_come_from_one_origin(tiles: str, origin: str | None) -> None:
    assert tiles_origin(tiles) == origin


def test_no_other_origin_is_allowed_until_one_is_set_and_then_at_the_desk_alone(
    app: Flask, db: Database, lena: FlaskClient, on_shift: Callable[..., OnShift]
) -> None:
    own = "img-src 'self' blob: data:;"
    assert own in lena.get("/desk").headers["Content-Security-Policy"]
    shift, _ = shift_with_photos(app, db, on_shift("Olu Officer", HOUR))
    app.config["MAP_TILES"], app.config["MAP_ATTRIBUTION"] = TILES, "Example <maps>"
    answer = lena.get(f"/desk/shifts/{shift}")
    allowed = "img-src 'self' blob: data: https://tiles.council.example;"
    assert allowed in answer.headers["Content-Security-Policy"]
    assert f'data-tiles="{TILES}" data-attribution="Example &lt;maps&gt;"' in answer.text
    app.config["MAP_TILES"] = "https://{s}.tiles.example/{z}/{x}/{y}.png"
    assert "data-tiles" not in lena.get(f"/desk/shifts/{shift}").text
    app.config["MAP_TILES"] = TILES
    for path in ("/", "/sign-in", "/api/v1/me"):
        assert own in lena.get(path).headers["Content-Security-Policy"]


def test_outlines_are_asked_for_only_where_the_file_has_them(
    app: Flask,
    db: Database,
    lena: FlaskClient,
    on_shift: Callable[..., OnShift],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shift, _ = shift_with_photos(app, db, on_shift("Olu Officer", HOUR))
    assert "wards.geojson" not in lena.get(f"/desk/shifts/{shift}").text
    monkeypatch.setattr(wards, "in_use", lambda _: {"outlines": {}})
    assert 'data-wards="/desk/wards.geojson"' in lena.get(f"/desk/shifts/{shift}").text
