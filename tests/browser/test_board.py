"""The board in a real browser: it refreshes itself quietly, and maps are drawn from their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect
from sqlite_utils import Database

from field_app.database import FILE_NAME, all_rows, connect, writing
from field_app.times import moment_text
from tests.browser.engines import Launch
from tests.browser.officer import Officer, password_of
from tests.browser.test_app import AXE, RUN_AXE
from tests.conftest import Notebook, patrol
from tests.wire.client import Server

A_POLL = 31_000
COMPUTER, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}

Silence = Callable[[str], None]


@pytest.fixture
def db(demonstration: Server) -> Iterator[Database]:
    made = connect(demonstration.instance / FILE_NAME)
    yield made
    made.conn.close()


@pytest.fixture
def shift(db: Database) -> str:
    """Two officers are on shift and were heard from a minute ago; the first one's shift, with two patrols."""
    with writing(db):
        db.conn.execute("UPDATE notebooks SET last_contact = ?", [moment_text(datetime.now(UTC))])
    shift, _ = (begin(db, username, nth) for nth, username in enumerate(("officer21", "officer22")))
    return shift


def begin(db: Database, username: str, nth: int) -> str:
    [who] = all_rows(db, "SELECT id FROM officers WHERE username = ?", [username])
    at = datetime.now(UTC) - timedelta(minutes=1)
    book = Notebook(db, who["id"])
    shift = book.write("shift-start", {"started_at": moment_text(at)}, at)
    for further in (0, 0.002):
        where = {"latitude": 51.54 + nth / 100 + further, "longitude": -0.14, "accuracy_m": 9.0}
        book.write("patrol", patrol(at, shift=shift, **where), at)
    book.send(at)
    return shift


@pytest.fixture
def goes_silent(db: Database) -> Silence:
    """Nothing has been heard of somebody's phones for an hour."""

    def silence(username: str) -> None:
        long_ago = moment_text(datetime.now(UTC) - timedelta(hours=1))
        with writing(db):
            db.conn.execute(
                "UPDATE notebooks SET last_contact = ? WHERE NOT at_desk AND officer = "
                "(SELECT id FROM officers WHERE username = ?)",
                [long_ago, username],
            )

    return silence


@pytest.fixture
def desk(demonstration: Server, launch: Launch, tmp_path: Path) -> Callable[..., Page]:
    """Sign in as a team leader and open a page of the desk; requests of other origins are faults."""

    def open_page(path: str = "desk", **options: object) -> Page:
        options = {"viewport": COMPUTER, "is_mobile": False} | options
        context = launch("chromium", tmp_path / "desk", **options)
        context.on("weberror", lambda told: Officer.uncaught.append(str(told.error)))
        context.on("console", hear)
        page = context.pages[0]
        page.on("request", lambda request: only_ours(demonstration, request.url))
        page.clock.install()
        page.goto(f"{demonstration.address}{path}")
        page.get_by_label("Username").fill("leader1")
        page.get_by_label("Password").fill(password_of(demonstration))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        page.wait_for_load_state()  # htmx and the modules have begun
        return page

    return open_page


def hear(told: ConsoleMessage) -> None:
    if told.type == "error":
        Officer.uncaught.append(told.text)


def only_ours(server: Server, url: str) -> None:
    if not url.startswith((server.address, "data:", "blob:")):
        Officer.uncaught.append(f"asked {url}")


def name_of(db: Database, username: str) -> str:
    [who] = all_rows(db, "SELECT name FROM officers WHERE username = ?", [username])
    return str(who["name"])


def first_row(page: Page) -> str:
    return page.locator(".officers tbody tr").first.inner_text()


def test_a_silent_officer_rises_to_the_top_without_a_reload(
    db: Database, shift: str, goes_silent: Silence, desk: Callable[..., Page]
) -> None:
    assert shift
    page, name = desk(), name_of(db, "officer22")
    expect(page.get_by_text("Nobody on shift is silent")).to_be_visible()
    said = page.locator("#said")
    expect(said).to_have_text("")
    page.evaluate("globalThis.stays = true")
    goes_silent("officer22")
    page.clock.run_for(A_POLL)
    expect(page.locator(".silent")).to_contain_text(f"{name} is silent")
    expect(said).to_have_text("1 officer is silent")
    assert name in first_row(page)
    assert "Silent" in first_row(page)

    goes_silent("officer21")
    page.clock.run_for(A_POLL)
    expect(said).to_have_text("2 officers are silent")
    assert page.evaluate("globalThis.stays")


def test_a_refresh_takes_nobody_s_focus_and_still_says_who_is_silent(
    db: Database, shift: str, goes_silent: Silence, desk: Callable[..., Page]
) -> None:
    assert shift
    page = desk()
    link = page.locator(".officers a", has_text=name_of(db, "officer21"))
    link.focus()
    page.evaluate("globalThis.focused = document.activeElement")
    goes_silent("officer22")
    page.clock.run_for(A_POLL)
    expect(page.locator("#said")).to_have_text("1 officer is silent")
    assert page.evaluate("document.activeElement === globalThis.focused")
    expect(page.locator(".silent")).to_have_count(0)
    page.locator("#day").focus()
    page.clock.run_for(A_POLL)
    expect(page.locator(".silent")).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "day"


def test_a_map_stays_where_the_reader_moved_it_when_somebody_goes_on(
    db: Database, shift: str, desk: Callable[..., Page]
) -> None:
    assert shift
    page = desk()
    expect(page.locator(".leaflet-marker-icon").first).to_be_visible()
    scale = page.locator(".leaflet-control-scale")
    before = scale.inner_text()
    page.locator(".leaflet-control-zoom-in").click()
    page.clock.run_for(1_000)
    expect(scale).not_to_have_text(before)
    nearer = scale.inner_text()
    begin(db, "officer20", 2)
    page.clock.run_for(A_POLL)
    expect(page.locator("#where")).to_contain_text("51.56200")
    page.clock.run_for(1_000)
    expect(scale).to_have_text(nearer)


def test_the_maps_show_each_position_of_their_tables(
    demonstration: Server, db: Database, shift: str, desk: Callable[..., Page]
) -> None:
    page = desk()
    markers = page.locator(".leaflet-marker-icon")
    names = {name_of(db, username) for username in ("officer21", "officer22")}
    expect(page.locator("#where tr[data-latitude]").nth(1)).to_be_visible()
    shown = page.locator("#where tbody th").all_inner_texts()
    assert names <= set(shown)
    expect(markers).to_have_count(len(shown))
    assert set(page.locator(".map__label").all_inner_texts()) == set(shown)
    page.goto(f"{demonstration.address}desk/shifts/{shift}")
    expect(markers).to_have_count(2)
    assert page.locator(".map__label").all_inner_texts() == ["2", "3"]
    expect(page.locator("path.map__line")).to_have_count(1)
    page.get_by_text("2 positions as a list").click()
    expect(page.locator("#where")).to_contain_text("51.54000, -0.14000 to 9 m")


@pytest.mark.parametrize("path", ["desk", "shift", "desk/doubles", "gap"])
def test_nothing_is_wider_than_a_phone(
    demonstration: Server, db: Database, shift: str, desk: Callable[..., Page], path: str
) -> None:
    [book] = all_rows(db, "SELECT notebook FROM shifts WHERE record = ?", [shift])
    with writing(db):
        db.conn.execute(
            "INSERT INTO gaps VALUES (?, 5, 9, ?, ?)",
            [book["notebook"], "0" * 64, moment_text(datetime.now(UTC))],
        )
    known = {"shift": f"desk/shifts/{shift}", "gap": f"desk/gaps/{book['notebook']}/{'0' * 64}"}
    page = desk(viewport=PHONE)
    page.goto(f"{demonstration.address}{known.get(path, path)}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_board_and_the_log_of_a_shift_are_accessible(
    demonstration: Server,
    shift: str,
    goes_silent: Silence,
    desk: Callable[..., Page],
    scheme: str,
) -> None:
    goes_silent("officer22")
    page = desk(bypass_csp=True, color_scheme=scheme)
    for path in ("desk", f"desk/shifts/{shift}", "desk/doubles"):
        page.goto(f"{demonstration.address}{path}")
        page.wait_for_load_state()
        page.add_script_tag(path=AXE)
        assert page.evaluate(RUN_AXE) == []


def test_without_javascript_the_board_and_the_positions_are_there(
    db: Database, shift: str, goes_silent: Silence, desk: Callable[..., Page]
) -> None:
    assert shift
    goes_silent("officer22")
    page = desk(java_script_enabled=False)
    expect(page.locator(".silent")).to_contain_text(name_of(db, "officer22"))
    expect(page.locator("#where")).to_contain_text("51.54200, -0.14000")
    expect(page.locator(".map")).to_be_hidden()
