"""What administrators changed: every page of the registers, with before and after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlite_utils import Database

from field_app import registers, settings, team
from field_app.database import writing
from field_app.records import KINDS
from tests.conftest import WARD, CarefulClient, Notebook, sign_in
from tests.desk import words

Make = Callable[..., str]
HERE = "/desk/admin/changes"
NOW = datetime(2026, 11, 22, 14, 10, tzinfo=UTC)
HALL = {"name": "Sample Hall", "category": "church", "ward": WARD}


@pytest.fixture
def ada(officer: Make, client: CarefulClient) -> str:
    made = officer("Ada Administrator", "administrator")
    sign_in(client, "ada")
    return made


def keep(db: Database, by: str, kind: str, record: str, body: dict[str, Any]) -> None:
    with writing(db):
        seen = registers.standing(db, record).seal
        registers.keep(db, by, kind, record, body, seen, NOW)


def test_changes_stand_newest_first_with_before_and_after(
    db: Database, ada: str, officer: Make, client: CarefulClient
) -> None:
    hall, lee = str(uuid4()), officer("Lee Invented")
    keep(db, ada, "place", hall, HALL)
    keep(db, ada, "place", hall, HALL | {"name": "Sample Old Hall"})
    with writing(db):
        at = NOW + timedelta(minutes=1)
        team.keep(db, ada, lee, team.stands(db, lee)[0] | {"role": "team-leader"}, None, at)
    said = words(client.get(HERE).text)
    assert "4 changes" in said
    role, place = (
        said.index("Role: Officer → Team leader"),
        said.index("Name: Sample Hall → Sample"),
    )
    assert role < place
    assert said.count("First page about it") == 2


def test_a_filter_shows_one_kind_or_one_person(
    db: Database, ada: str, officer: Make, client: CarefulClient
) -> None:
    ben = officer("Ben Administrator", "administrator")
    keep(db, ada, "place", str(uuid4()), HALL)
    keep(db, ben, "setting", settings.record_of("SWEP"), {"setting": "SWEP", "value": "yes"})
    places = words(client.get(f"{HERE}?kind=place").text)
    assert "1 change" in places
    assert "Sample Hall" in places
    assert "First page about it Value: yes" in words(client.get(f"{HERE}?by={ben}").text)
    assert "Nobody changed anything of the kind" in client.get(f"{HERE}?kind=place&by={ben}").text
    wrong = client.get(f"{HERE}?kind=patrol")
    assert (wrong.status_code, "Choose one of the kinds" in wrong.text) == (400, True)


@pytest.mark.usefixtures("ada")
def test_nothing_changed_teaches(client: CarefulClient) -> None:
    assert "Nobody has changed anything yet" in client.get(HERE).text


def test_a_long_list_has_pages(db: Database, ada: str, client: CarefulClient) -> None:
    for number in range(51):
        keep(db, ada, "place", str(uuid4()), HALL | {"name": f"Sample {number}"})
    assert "?page=2" in client.get(HERE).text
    assert "Page 2 of 2" in words(client.get(f"{HERE}?page=9").text)


def test_a_phones_page_about_a_register_is_no_change(
    ada: str, client: CarefulClient, notebook_of: Callable[[str], Notebook]
) -> None:
    book = notebook_of(ada)
    book.write("place", HALL, NOW)
    book.send(NOW)
    assert "Nobody has changed anything yet" in client.get(HERE).text


def test_every_whole_kind_is_offered() -> None:
    assert registers.kinds() == {one.kind: one.title for one in KINDS.values() if one.whole}
    assert {"place", "officer", "invitation", "setting"} <= registers.kinds().keys()


def test_only_administrators_see_what_was_changed(
    app: Flask, officer: Make, leader: str, client: CarefulClient
) -> None:
    officer("First Invented")
    for username in ("first", "lena"):
        person = app.test_client()
        sign_in(person, username)
        assert person.get(HERE).status_code == 403
    assert client.get(HERE).status_code == 302
    assert leader
