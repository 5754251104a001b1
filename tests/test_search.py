"""One box for everything that a role may see."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlite_utils import Database

from field_app import numbers, settings
from field_app.database import all_rows, writing
from field_app.registers import keep
from field_app.search_desk import read_day
from field_app.times import now
from tests import notices
from tests.conftest import CarefulClient, patrol, sign_in
from tests.desk import words

Make = Callable[..., str]
HERE = "/desk/search"
NUMBER = numbers.number("CF26", 326001)


@pytest.fixture
def ada(officer: Make, client: CarefulClient) -> str:
    made = officer("Ada Administrator", "administrator")
    sign_in(client, "ada")
    return made


def found(client: CarefulClient, typed: str) -> str:
    answer = client.post(HERE, data={"q": typed})
    assert answer.status_code == 200
    return answer.text


@pytest.fixture
def notice(officer: Make, write_pages: Callable[..., list[str]]) -> str:
    said = notices.fpn(now(), number=NUMBER, recipient_name="Zoë Placeholder")
    return write_pages(officer("First Invented"), [("fpn", said)], now())[0]


@pytest.mark.usefixtures("leader")
@pytest.mark.parametrize("typed", [NUMBER, numbers.shown(NUMBER), "zoe placeholder", "PLACEHOLDER"])
def test_a_notice_is_found_by_number_and_by_name(
    client: CarefulClient, notice: str, typed: str
) -> None:
    sign_in(client, "lena")
    page = found(client, typed)
    assert f"/desk/records/{notice}" in page
    assert "Notices (1)" in words(page)
    assert f'name="q" value="{typed}"' in page  # the register is asked the same


@pytest.mark.usefixtures("leader", "notice")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10), "check"),
        (numbers.number("CF26", 326999), "never lent"),
    ],
)
def test_a_number_that_no_notice_bears_is_explained(
    client: CarefulClient, typed: str, said: str
) -> None:
    sign_in(client, "lena")
    assert said in words(found(client, typed)).partition("Notices")[2]


@pytest.mark.usefixtures("leader")
def test_officers_and_places_are_found_by_their_names(
    client: CarefulClient, officer: Make, place: Make
) -> None:
    lee, hall = officer("Lee Invented"), place("Sample Hall", address="1 Example Road")
    sign_in(client, "lena")
    assert f"/desk/patrols?officer={lee}" in found(client, "lee")
    for typed in ("sample hall", "example road", "HALL 1"):
        assert f"/desk/patrols?at={hall}" in found(client, typed)


@pytest.mark.usefixtures("leader")
@pytest.mark.parametrize("typed", ["2026-W47", "2026 w47", "2026-w47", "2026 week 47"])
def test_a_week_is_found(client: CarefulClient, typed: str) -> None:
    sign_in(client, "lena")
    assert 'href="/desk/count/2026-W47"' in found(client, typed)


@pytest.mark.usefixtures("leader")
def test_a_day_leads_to_its_board_patrols_notices_and_week(client: CarefulClient) -> None:
    sign_in(client, "lena")
    page = found(client, "22 November 2026")
    days = "from=2026-11-22&amp;to=2026-11-22"
    for address in ("?day=2026-11-22", f"/patrols?{days}", f"/notices?{days}", "/count/2026-W47"):
        assert address in page
        assert client.get(f"/desk{address}".replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize(
    "typed",
    ["2026-11-22", "22/11/2026", "22 November 2026", "Sun 22 nov 2026", "22nd November", "22 nov."],
)
def test_a_day_is_read_as_people_write_it(typed: str) -> None:
    assert read_day(typed, date(2026, 12, 1)) == date(2026, 11, 22)


@pytest.mark.parametrize("typed", ["31 November 2026", "22", "november", "22 brumaire", "1/1/1066"])
def test_what_is_no_day_is_none(typed: str) -> None:
    assert read_day(typed, date(2026, 12, 1)) is None


@pytest.mark.usefixtures("leader")
def test_a_record_and_a_page_are_found_by_their_beginning(
    db: Database, client: CarefulClient, notice: str
) -> None:
    sign_in(client, "lena")
    [page] = all_rows(db, "SELECT seal FROM pages WHERE record = ?", [notice])
    for typed in (notice, notice[:8], page["seal"], page["seal"][:8], page["seal"][:12].upper()):
        assert "Records and pages (1)" in words(found(client, typed))
    assert "Records and pages" not in words(found(client, notice[:7]))


@pytest.mark.usefixtures("leader")
def test_patrols_of_four_weeks_are_found_by_what_was_written(
    client: CarefulClient, officer: Make, write_pages: Callable[..., list[str]]
) -> None:
    lee, today = officer("Lee Invented"), now()
    old = today - timedelta(days=40)
    new, _ = (
        write_pages(lee, [("patrol", patrol(at, notes="A Purple umbrella"))], today)[0]
        for at in (today, old)
    )
    sign_in(client, "lena")
    page = found(client, "purple UMBRELLA")
    assert f"/desk/records/{new}" in page
    assert "by their words (1)" in words(page)
    assert "umbrella" not in words(found(client, "yellow umbrella")).casefold()


@pytest.mark.usefixtures("leader")
def test_the_first_ten_are_shown_and_how_many_there_are(client: CarefulClient, place: Make) -> None:
    for number in range(12):
        place(f"Sample Hall {number}")
    sign_in(client, "lena")
    page = found(client, "sample hall")
    assert "Places and the patrols there (12)" in words(page)
    assert page.count("/desk/patrols?at=") == 10


def test_an_administrator_finds_settings_usernames_and_the_team_and_a_leader_does_not(
    app: Flask, db: Database, ada: str, leader: str, client: CarefulClient
) -> None:
    record = settings.record_of("SWEP")
    with writing(db):
        keep(db, ada, "setting", record, {"setting": "SWEP", "value": "yes"}, None, now())
    assert "/desk/admin/settings/SWEP" in found(client, "swep")
    assert "/desk/admin/settings/PAYMENT_LINK" in found(client, "payment link")
    assert f"/desk/admin/officers/{leader}" in found(client, "lena")
    assert "Records and pages (1)" in words(found(client, record[:8]))
    person = app.test_client()
    assert isinstance(person, CarefulClient)
    sign_in(person, "lena")
    for typed in ("swep", "payment link", "lena", record[:8], "payee"):
        page = found(person, typed)
        assert "/desk/admin/" not in page.partition("<main")[2]
        assert "Settings" not in words(page)


@pytest.mark.usefixtures("leader")
def test_offences_and_figures_that_await_confirmation_are_found(client: CarefulClient) -> None:
    sign_in(client, "lena")
    page = found(client, "litter")
    assert "/desk/notices?offence=litter" in page
    assert "Awaits confirmation" in page


@pytest.mark.usefixtures("leader")
def test_nothing_found_and_nothing_typed_teach(client: CarefulClient) -> None:
    sign_in(client, "lena")
    assert "finds, by what you type" in words(client.get(HERE).text)
    assert "Nothing was found." in words(found(client, "xyzzy plugh"))
    for typed in ("", "   ", "'", '"><script>', "%_", "\x00\ud7ff", "a" * 3000, "{{7*7}}"):
        found(client, typed)


@pytest.mark.usefixtures("leader")
def test_the_box_is_on_every_page_of_the_desk_and_no_address_has_what_is_typed(
    client: CarefulClient,
) -> None:
    sign_in(client, "lena")
    for address in ("/desk", "/desk/patrols", "/desk/notices", "/desk/count", "/desk/held", HERE):
        page = client.get(address, follow_redirects=True).text
        assert 'method="post" action="/desk/search"' in page
    assert "Placeholder" not in client.get(f"{HERE}?q=Placeholder").text


def test_only_the_desk_searches(officer: Make, client: CarefulClient) -> None:
    officer("First Invented")
    assert client.post(HERE, data={"q": "x"}).status_code == 302
    sign_in(client, "first")
    token = json.loads(client.get("/api/v1/me").text)["csrf"]
    answers: list[Any] = [client.get(HERE), client.post(HERE, data={"q": "x", "csrf_token": token})]
    assert {one.status_code for one in answers} == {403}
