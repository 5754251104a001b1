"""The register of places at the desk: its list, one place, and the CSV file that is taken in."""

from __future__ import annotations

import base64
import csv
import html
import io
import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import place_file, places, registers
from field_app.database import all_rows, connect, one_row, path_of, writing
from field_app.fold import canonical, fold_all
from field_app.reference import places as offered
from field_app.times import moment_text
from tests.conftest import OTHER_WARD, WARD, Notebook, patrol, sign_in
from tests.desk import hidden, words

NOW = datetime(2026, 11, 22, 14, 10, tzinfo=UTC)
HERE = "/desk/admin/places"
HALL = {"name": "Sample Hall", "category": "church", "ward": WARD}
HEADINGS = "Id,Name,Category,Ward,Address,Latitude,Longitude,Visits a week,No longer in use"

Make = Callable[..., str]


@pytest.fixture
def ada(client: FlaskClient, officer: Make) -> FlaskClient:
    officer("Ada Administrator", "administrator")
    sign_in(client, "ada")
    return client


def rows(db: Database) -> list[dict[str, Any]]:
    names = "name, category, ward, address, latitude, longitude, visits_a_week, retired"
    return all_rows(db, f"SELECT record, {names} FROM places ORDER BY name, record")


def pages(db: Database) -> int:
    return len(all_rows(db, "SELECT 1 FROM pages"))


def fields(page: str) -> dict[str, str]:
    """What the page's last form sends by itself."""
    form = page.rpartition("<form")[2].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


def send(client: FlaskClient, path: str, said: dict[str, str], status: int = 303) -> str:
    """Fill in a form as it stands at `path` now; where it leads, or what it says."""
    return post(client, path, fields(client.get(path).text) | said, status)


def post(client: FlaskClient, path: str, said: dict[str, Any], status: int = 303) -> str:
    answer = client.post(path, data=said)
    assert answer.status_code == status, words(answer.text)
    return str(answer.location) if status == 303 else answer.text


# The list


def test_an_empty_register_says_what_it_is_for(app: Flask, ada: FlaskClient, leader: str) -> None:
    assert leader
    assert "Add the first place , or take in a list" in words(ada.get(HERE).text)
    lena = app.test_client()
    sign_in(lena, "lena")
    said = words(lena.get(HERE).text)
    assert "No place is in the register yet." in said
    assert "An administrator adds places." in said
    assert "Add a place" not in said


def test_the_list_says_plan_last_visit_and_position_of_each_place(
    ada: FlaskClient, officer: Make, place: Make, write_pages: Callable[..., list[str]]
) -> None:
    visited = place("Sample Hall", visits_a_week=3, latitude=51.5, longitude=-0.14)
    place("Example Gone Hall", retired=True)
    held = patrol(NOW, place=visited) | {"ward": "nowhere"}
    earlier = patrol(NOW.replace(day=20), place=visited)
    write_pages(officer("Olu Officer"), [("patrol", earlier), ("patrol", held)], NOW)
    said = words(ada.get(HERE).text)
    assert "2 places" in said
    assert "Sample Hall Synagogue Kilburn 3 20 Nov 2026 Yes" in said
    assert "Example Gone Hall No longer in use Synagogue Kilburn – None yet No" in said


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("category=mosque", ["Example Mosque"]),
        (f"ward={OTHER_WARD}", ["Specimen Hall"]),
        ("state=retired", ["Specimen Hall"]),
        ("state=in-use", ["Example Mosque", "Sample Hall"]),
        ("q=HÁLL+sámple", ["Sample Hall"]),
        ("q=road", ["Sample Hall"]),
        ("q=%25", []),
        ("category=&q=&page=7", ["Example Mosque", "Sample Hall", "Specimen Hall"]),
    ],
)
def test_the_list_is_narrowed_by_what_its_address_says(
    ada: FlaskClient, place: Make, asked: str, names: list[str]
) -> None:
    place("Sample Hall", address="1 Sample Road")
    place("Example Mosque", category="mosque")
    place("Specimen Hall", ward=OTHER_WARD, retired=True)
    page = ada.get(f"{HERE}?{asked}").text
    assert re.findall(r'<a [^>]*><span dir="auto">([^<]*)</span></a>', page) == names
    assert ("No place of the register fits." in page) == (not names)


def test_an_address_that_asks_for_what_is_not_there_says_so(ada: FlaskClient) -> None:
    answer = ada.get(f"{HERE}?ward=nowhere&state=lost")
    assert answer.status_code == 400
    assert "Choose one of the wards Choose one of the states" in words(answer.text)


def test_a_long_list_has_pages_and_htmx_a_clean_address(ada: FlaskClient, place: Make) -> None:
    for number in range(51):
        place(f"Sample Hall {number:02}")
    page = ada.get(f"{HERE}?ward={WARD}").text
    assert "Sample Hall 49" in page
    assert "Sample Hall 50" not in page
    assert f"{HERE}?ward={WARD}&amp;page=2" in page
    answer = ada.get(f"{HERE}?q=&ward={WARD}&page=2", headers={"HX-Request": "true"})
    assert "Sample Hall 50" in answer.text
    assert answer.headers["HX-Push-Url"] == f"{HERE}?ward={WARD}&page=2"


# One place


def test_a_place_is_added_has_its_own_page_and_reaches_phones(
    db: Database, ada: FlaskClient
) -> None:
    typed = HALL | {"position": "51.5, -0.14", "visits_a_week": "3", "address": "1 Sample Road"}
    was = fields(ada.get(f"{HERE}/add").text) | typed
    first, again = (post(ada, f"{HERE}/add", was) for _ in range(2))
    assert first == again == f"{HERE}/{was['record']}"
    assert pages(db) == 1
    said = words(ada.get(first).text)
    assert "Sample Hall In use No patrol here counts yet" in said
    assert "Name Sample Hall Category Church Ward Kilburn Address 1 Sample Road" in said
    assert "Ada Administrator wrote it on" in said
    [row] = offered(db)
    assert (row["name"], row["latitude"], row["longitude"]) == ("Sample Hall", 51.5, -0.14)


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    db: Database, ada: FlaskClient
) -> None:
    typed = {"name": "", "category": "church", "position": "somewhere", "visits_a_week": "often"}
    page = send(ada, f"{HERE}/add", typed, 400)
    assert words(page.partition("There is a problem")[2].partition("</ul>")[0]) == " ".join(
        [
            "Enter name Select the ward",
            "Enter the latitude and the longitude, such as 51.5, -0.14",
            "Visits a week must be a whole number from 1 to 50",
        ]
    )
    assert 'value="somewhere"' in page
    assert 'value="often"' in page
    assert '<option value="church" selected>' in page
    assert "£" not in page
    assert all(f'href="#{name}"' in page for name in ("name", "ward", "position", "visits_a_week"))
    assert pages(db) == 0


@pytest.mark.parametrize(
    ("position", "sentence"),
    [
        ("-0.14, 51.5", "Latitude and longitude look swapped"),
        ("529090, 181680", "eastings and northings of the British National Grid"),
        ("51.5", "Enter the latitude and the longitude, such as 51.5, -0.14"),
        ("95.5, -0.14", "Latitude must be a number from -90 to 90"),
    ],
)
def test_a_position_that_cannot_be_meant_is_refused(
    ada: FlaskClient, position: str, sentence: str
) -> None:
    page = send(ada, f"{HERE}/add", HALL | {"position": position}, 400)
    assert words(page).count(sentence) == 2
    assert f'value="{position}"' in page


@pytest.mark.parametrize(
    "position", ["51.5 -0.14", " 51.5,-0.14 ", "51.5; -0.14", "51.5, \u22120.14"]
)
def test_a_position_is_read_however_it_is_written(position: str) -> None:
    assert places.read_position(position) == (51.5, -0.14)


def test_a_change_shows_before_and_after_and_keeps_what_is_not_asked(
    db: Database, ada: FlaskClient, place: Make
) -> None:
    record = place("Sample Hall", latitude=51.5, longitude=-0.14, retired=True, visits_a_week=2)
    page = ada.get(f"{HERE}/{record}/change").text
    assert 'value="51.5, -0.14"' in page
    assert 'value="2"' in page
    send(ada, f"{HERE}/{record}/change", HALL | {"name": "Sample New Hall"})
    [row] = rows(db)
    assert row == {
        "record": record,
        **{"name": "Sample New Hall", "category": "church", "ward": WARD, "address": None},
        **{"latitude": None, "longitude": None, "visits_a_week": None, "retired": 1},
    }
    said = words(ada.get(f"{HERE}/{record}").text)
    assert "Name Sample Hall Sample New Hall" in said
    assert "Latitude 51.5 Taken out" in said
    kept = canonical(all_rows(db, "SELECT * FROM places"))
    with writing(db):
        fold_all(db)
    assert canonical(all_rows(db, "SELECT * FROM places")) == kept


def test_a_form_that_did_not_see_what_stands_writes_nothing_over_it(
    db: Database, ada: FlaskClient, place: Make
) -> None:
    record = place("Sample Hall", category="church")
    path = f"{HERE}/{record}/change"
    was = fields(ada.get(path).text)
    send(ada, path, HALL | {"address": "2 Sample Road"})
    for typed in ({"name": "Sample Third Hall"}, {"name": ""}):
        page = post(ada, path, was | HALL | typed, 400)
        said = words(page)
        assert "Somebody changed this meanwhile." in said
        assert "Address 2 Sample Road" in said
        assert f'value="{typed["name"]}"' in page or not typed["name"]
        assert pages(db) == 2
    post(ada, path, fields(page) | HALL | {"name": "Sample Third Hall"})
    assert [row["name"] for row in rows(db)] == ["Sample Third Hall"]


def test_a_place_is_retired_and_brought_back(db: Database, ada: FlaskClient, place: Make) -> None:
    record = place("Sample Hall", address="1 Sample Road")
    page = f"{HERE}/{record}"
    was = fields(ada.get(page).text)
    for _ in range(2):
        assert post(ada, f"{page}/retire", was) == page
    assert offered(db) == []
    said = words(ada.get(page).text)
    assert "Sample Hall No longer in use" in said
    assert "No longer in use Not given Yes" in said
    stale = post(ada, f"{page}/bring-back", was, 400)
    assert "Somebody changed this place meanwhile." in words(stale)
    post(ada, f"{page}/bring-back", fields(stale.partition('id="keep"')[2]))
    assert [one["address"] for one in offered(db)] == ["1 Sample Road"]
    assert pages(db) == 3


def test_what_may_be_another_place_already_is_asked_not_refused(
    db: Database, ada: FlaskClient, place: Make
) -> None:
    known = place("Sample Hall", category="church", latitude=51.5, longitude=-0.14)
    typed = HALL | {"name": "Sample  HALL", "position": "51.50020, -0.14"}
    was = fields(ada.get(f"{HERE}/add").text)
    page = post(ada, f"{HERE}/add", was | typed, 400)
    assert "“Sample Hall” is 22 metres from it, and of this category" in words(page)
    assert f'href="{HERE}/{known}"' in page
    assert pages(db) == 1
    post(ada, f"{HERE}/add", fields(page) | typed | {"looked": "yes"})
    assert len(rows(db)) == 2
    named = HALL | {"name": "sample hall", "category": "mosque"}
    page = send(ada, f"{HERE}/add", named, 400)
    assert words(page).count("has this name, in this ward") == 2
    send(ada, f"{HERE}/{known}/change", HALL | {"position": "51.5, -0.14", "visits_a_week": "1"})
    send(ada, f"{HERE}/add", typed | {"ward": OTHER_WARD, "position": "51.5005, -0.14"})


def test_a_position_far_from_the_others_is_asked_about(ada: FlaskClient, place: Make) -> None:
    for number in range(3):
        place(f"Sample Hall {number}", latitude=51.5 + number / 100, longitude=-0.14)
    page = send(ada, f"{HERE}/add", HALL | {"position": "53.48, -2.24"}, 400)
    assert "Its position is 261 km from the other places" in words(page)
    send(ada, f"{HERE}/add", HALL | {"position": "51.6, -0.3"})


def test_lists_and_records_lead_to_the_page_of_a_place(
    ada: FlaskClient, officer: Make, place: Make, write_pages: Callable[..., list[str]]
) -> None:
    here = place("Sample Hall")
    shift, began = str(uuid.uuid4()), {"started_at": moment_text(NOW)}
    said = patrol(NOW, place=here, shift=shift)
    written = [("shift-start", began, shift), ("patrol", said)]
    record = write_pages(officer("Olu Officer"), written, NOW)[1]
    one = (f"/desk/records/{record}", f"/desk/shifts/{shift}")
    for path in (*one, f"/desk/patrols?at={here}&week=2026-W47"):
        assert f'href="{HERE}/{here}"' in ada.get(path).text, path
    assert ada.get(f"/desk/records/{here}").location == f"{HERE}/{here}"
    assert f'href="/desk/patrols?at={here}"' in ada.get(f"{HERE}/{here}").text
    assert f'href="{HERE}"' in ada.get("/desk/admin").text


def test_no_such_place_is_not_found(ada: FlaskClient, officer: Make) -> None:
    other = officer("Olu Officer")
    for path in (f"{HERE}/{other}", f"{HERE}/{other}/change"):
        assert ada.get(path).status_code == 404


# Who may


def test_team_leaders_read_and_only_the_administrator_writes(
    app: Flask, db: Database, ada: FlaskClient, leader: str, officer: Make, place: Make
) -> None:
    assert leader
    officer("Olu Officer")
    record, before = place("Sample Hall"), pages(db)
    lena, olu, nobody = (app.test_client() for _ in range(3))
    sign_in(lena, "lena")
    sign_in(olu, "olu")
    reading = (HERE, f"{HERE}.csv", f"{HERE}/{record}")
    writing = (f"{HERE}/add", f"{HERE}/{record}/change", f"{HERE}/file")
    for path in reading + writing:
        assert nobody.get(path).location.startswith("/sign-in"), path
        assert olu.get(path).status_code == 403, path
        assert lena.get(path).status_code == (200 if path in reading else 403), path
    assert "Change it" not in lena.get(f"{HERE}/{record}").text
    token = {"csrf_token": hidden(lena.get(HERE).text, "csrf_token")}
    for path in (*writing, f"{HERE}/{record}/retire", f"{HERE}/{record}/bring-back"):
        assert lena.post(path, data=token | HALL).status_code == 403, path
        assert ada.post(path, data=HALL).status_code == 400, path
    assert pages(db) == before
    assert "Add, change and retire places No Yes" in words(ada.get("/desk/admin").text)


# The file


def csv_of(*lines: str, headings: str = HEADINGS) -> bytes:
    return "\r\n".join([headings, *lines, ""]).encode()


def upload(client: FlaskClient, data: bytes, status: int = 200) -> str:
    token = {"csrf_token": hidden(client.get(f"{HERE}/file").text, "csrf_token")}
    return post(client, f"{HERE}/file", token | {"file": (io.BytesIO(data), "places.csv")}, status)


def take_in(client: FlaskClient, data: bytes) -> str:
    """Upload a file, look at it, write it; what the register says then."""
    page = upload(client, data)
    answer = client.post(f"{HERE}/file", data=fields(page))
    assert answer.status_code == 303, words(answer.text)
    return words(client.get(answer.location).text)


ODD = (
    {"name": "=SUM(A1)", "address": "-2 Sample  Road, “Annexe”\u00a0B", "category": "mosque"},
    {"name": "Zoë’s Hall", "latitude": 51.523456789012, "longitude": -1.5e-05, "retired": True},
    {"name": "Sample, Hall", "visits_a_week": 50, "latitude": 51, "longitude": 0.5},
    {"name": "Sample, Hall", "ward": OTHER_WARD, "address": "'+1"},
    {"name": "Same", "address": "1 Sample Road"},
    {"name": "same", "address": "2 Sample Road"},
)


@pytest.mark.parametrize("how", ["as it is", "by a spreadsheet", "reversed"])
def test_an_exported_register_read_again_changes_nothing(
    db: Database, ada: FlaskClient, place: Make, how: str
) -> None:
    for one in ODD:
        place(**one)
    answer = ada.get(f"{HERE}.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "places-20" in answer.headers["Content-Disposition"]
    data, before = answer.data, pages(db)
    if how == "by a spreadsheet":
        table = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        text = io.StringIO()
        csv.writer(text, delimiter=";").writerows(table)
        data = text.getvalue().encode("utf-16")
    if how == "reversed":
        table = [row[::-1] for row in csv.reader(io.StringIO(data.decode("utf-8-sig")))]
        text = io.StringIO()
        csv.writer(text).writerows([table[0], *table[:0:-1]])
        data = text.getvalue().encode("utf-8")
    page = upload(ada, data)
    assert "0 new, 0 changed, 6 unchanged" in words(page)
    assert "there is nothing to write" in words(page)
    assert "digest" not in page
    assert pages(db) == before


def test_no_cell_of_the_export_is_a_formula(ada: FlaskClient, place: Make) -> None:
    for one in ODD:
        place(**one)
    table = list(csv.reader(io.StringIO(ada.get(f"{HERE}.csv").data.decode("utf-8-sig"))))
    assert table[0] == HEADINGS.split(",")
    cells = [cell for row in table for cell in row]
    assert [one for one in cells if one[:1] in "=+@\t\r" and one] == []
    assert [one for one in cells if one.startswith("-")] == ["-1.5e-05"]
    assert "'=SUM(A1)" in cells
    assert table[1][2:4] == ["Mosque", "Kilburn"]


def test_a_file_is_looked_at_before_anything_is_written(
    db: Database, ada: FlaskClient, place: Make
) -> None:
    known = place("Sample Hall", category="church", address="1 Sample Road", visits_a_week=2)
    place("Example Hall")
    data = csv_of(
        f"{known},Sample New Hall,church,{WARD},,51.5,-0.14,3,yes",
        ",Specimen Mosque,MOSQUE,kings cross,7 Sample Road,,,,",
        ",example hall,Synagogue,Kilburn,,,,,",
    )
    before = pages(db)
    page = upload(ada, data)
    said = words(page)
    assert "1 new, 2 changed, 0 unchanged" in said
    assert (
        "Sample New Hall Name Sample Hall Sample New Hall 2 Sample New Hall Address 1 Sample Road "
        "Taken out 2 Sample New Hall Latitude Not given 51.5" in said
    )
    assert "Visits a week 2 3" in said
    assert "No longer in use Not given Yes" in said
    assert "example hall Name Example Hall example hall" in said
    assert "3 Specimen Mosque Category: Mosque · Ward: King's Cross" in said
    assert pages(db) == before
    for _ in range(2):
        assert post(ada, f"{HERE}/file", fields(page)) == HERE
        assert pages(db) == before + 3
    assert "1 place added, 2 changed" in words(ada.get(HERE).text)
    assert "1 place added" not in words(ada.get(HERE).text)
    assert [(row["name"], row["visits_a_week"], row["retired"]) for row in rows(db)] == [
        ("Sample New Hall", 3, 1),
        ("Specimen Mosque", None, 0),
        ("example hall", None, 0),
    ]
    assert "Visits a week 2 3" in words(ada.get(f"{HERE}/{known}").text)
    assert "0 new, 0 changed, 3 unchanged" in words(upload(ada, data))


def test_a_place_that_is_not_in_the_file_is_not_retired(
    db: Database, ada: FlaskClient, place: Make
) -> None:
    place("Sample Hall")
    place("Gone Hall", retired=True)
    page = upload(ada, csv_of(",Example Hall,Church,Kilburn,,,,,"))
    assert "1 place in use has no line in the file, and stays as it is" in words(page)
    post(ada, f"{HERE}/file", fields(page))
    assert [(row["name"], row["retired"]) for row in rows(db)] == [
        ("Example Hall", 0),
        ("Gone Hall", 1),
        ("Sample Hall", 0),
    ]


def test_a_column_that_is_not_there_leaves_what_stands(
    db: Database, ada: FlaskClient, place: Make
) -> None:
    record = place("Sample Hall", address="1 Sample Road", latitude=51.5, longitude=-0.14)
    said = take_in(ada, csv_of(f"{record.upper()},4", headings="ID,visits_a_week"))
    assert "0 places added, 1 changed" in said
    [row] = rows(db)
    assert (row["address"], row["latitude"], row["visits_a_week"]) == ("1 Sample Road", 51.5, 4)
    page = upload(ada, csv_of("Sample Hall,Kilburn,5", headings="Name,WARD,Rating"))
    assert "These columns say nothing here, and are left out: Rating." in words(page)
    assert "0 new, 0 changed, 1 unchanged" in words(page)


def test_a_file_applies_only_to_what_was_looked_at(
    db: Database, ada: FlaskClient, place: Make
) -> None:
    record = place("Sample Hall", category="church")
    data = csv_of(
        f"{record},Sample Hall,Church,Kilburn,2 Sample Road,,,,", ",New,Church,Kilburn,,,,,"
    )
    page = upload(ada, data)
    send(ada, f"{HERE}/{record}/change", HALL | {"visits_a_week": "7"})
    before = rows(db)
    again = post(ada, f"{HERE}/file", fields(page), 400)
    assert "The register changed since you looked, and nothing was written." in words(again)
    assert "Visits a week 7 Taken out" in words(again)
    assert rows(db) == before
    tampered = fields(again) | {"digest": "0" * 64}
    assert "nothing was written" in post(ada, f"{HERE}/file", tampered, 400)
    post(ada, f"{HERE}/file", fields(again))
    assert [row["address"] for row in rows(db)] == [None, "2 Sample Road"]


def test_a_file_that_two_send_at_once_is_written_once(
    app: Flask, db: Database, ada: FlaskClient, officer: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer("Bea Administrator", "administrator")
    bea = app.test_client()
    sign_in(bea, "bea")
    data = csv_of(*(f",Sample {n},Church,Kilburn,,,,," for n in range(2)))
    hers, his = fields(upload(bea, data)), fields(upload(ada, data))
    meanwhile = Thread(target=bea.post, args=[f"{HERE}/file"], kwargs={"data": hers})
    plan = place_file.plan

    def with_time_for_the_other(*given: Any) -> place_file.Plan:
        planned = plan(*given)
        if not meanwhile.ident:
            meanwhile.start()
            meanwhile.join(1)
        return planned

    monkeypatch.setattr(place_file, "plan", with_time_for_the_other)
    post(ada, f"{HERE}/file", his)
    meanwhile.join()
    assert [row["name"] for row in rows(db)] == ["Sample 0", "Sample 1"]


def test_all_of_a_file_is_written_or_nothing(
    db: Database, ada: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = upload(ada, csv_of(*(f",Sample {n},Church,Kilburn,,,,," for n in range(3))))
    broken = place_file.Plan.changes

    def with_one_that_breaks_a_rule(plan: place_file.Plan, form: str) -> list[registers.Change]:
        *good, last = broken(plan, form)
        return [*good, last._replace(body={"name": "No category"})]

    monkeypatch.setattr(place_file.Plan, "changes", with_one_that_breaks_a_rule)
    post(ada, f"{HERE}/file", fields(page), 400)
    assert (rows(db), pages(db)) == ([], 0)


@pytest.mark.parametrize(
    ("line", "field", "sentence"),
    [
        (",A,Cathedral,Kilburn,,,,,", "Category", "“Cathedral” is not in the list"),
        (",A,Church,Kilburn,,,,,,London", "There are more", "cells than headings: put quotes"),
        (",A,Church,Atlantis,,,,,", "Ward", "“Atlantis” is not in the list"),
        (",A,,Kilburn,,,,,", "Category", "Select the category"),
        (",,Church,Kilburn,,,,,", "Name", "Enter name"),
        (f",{'x' * 201},Church,Kilburn,,,,,", "Name", "Name must be 200 characters or fewer"),
        (",A,Church,Kilburn,,0.14,51.5,,", "Latitude", "Latitude and longitude look swapped"),
        (",A,Church,Kilburn,,529090,181680,,", "Latitude", "British National Grid"),
        (",A,Church,Kilburn,,51.5,,,", "Longitude", "Enter the longitude too"),
        (
            ",A,Church,Kilburn,,north,-0.14,,",
            "Latitude",
            "Latitude must be a number from -90 to 90",
        ),
        (",A,Church,Kilburn,,,,2.5,", "Visits a week", "Visits a week must be a whole number"),
        (",A,Church,Kilburn,,,,,perhaps", "No longer in use", "Write Yes, or leave it empty"),
        ("x1,A,Church,Kilburn,,,,,", "Id", "No place of the register has the id “x1”"),
        (",same,Church,Kilburn,,,,,", "Name", "2 places of the register have this name"),
    ],
)
def test_what_is_wrong_is_said_by_line_and_field_and_nothing_is_written(
    db: Database, ada: FlaskClient, place: Make, line: str, field: str, sentence: str
) -> None:
    for number in range(2):
        place("Same", address=f"{number} Sample Road")
    before = pages(db)
    page = upload(ada, csv_of(",Good,Church,Kilburn,,,,,", "", line))
    said = words(page)
    assert "Nothing can be written while 1 line is wrong." in said
    assert re.search(rf"Field What is wrong 4 .* {field} .*{re.escape(sentence)}", said), said
    assert "digest" not in page
    forged = fields(upload(ada, csv_of(",Good,Church,Kilburn,,,,,")))
    forged |= {"kept": base64.b64encode(csv_of(line)).decode()}
    post(ada, f"{HERE}/file", forged, 400)
    assert pages(db) == before


def test_two_lines_about_one_place_are_wrong(ada: FlaskClient, place: Make) -> None:
    record = place("Sample Hall")
    page = upload(
        ada,
        csv_of(
            f"{record},Other Name,Church,Kilburn,,,,,",
            ",sample hall,Church,Kilburn,,,,,",
            ",Twin,Church,Kilburn,,,,,",
            ",TWIN ,Church,Kilburn,,,,,",
            ",Twin,Church,Highgate,,,,,",
        ),
    )
    said = words(page)
    assert "2 new, 1 changed, 0 unchanged, 2 wrong" in said
    assert "3 sample hall Id Line 2 is about this place too" in said
    assert "5 TWIN Name Line 4 is about this place too" in said


def test_lines_to_look_at_are_named_before_they_are_written(
    db: Database, ada: FlaskClient, place: Make
) -> None:
    for number in range(3):
        place(f"Sample {number}", latitude=51.5 + number / 100, longitude=-0.14, category="church")
    data = csv_of(
        ",Near,Church,Kilburn,,51.5001,-0.14,,",
        ",Other sort,Mosque,Kilburn,,51.5001,-0.14,,",
        ",Far,Church,Kilburn,,53.48,-2.24,,",
    )
    said = words(upload(ada, data))
    assert "Look first at the 2 lines under “To look at”." in said
    assert "2 Near “Sample 0” is 11 metres from it, and of this category" in said
    assert re.search(r"4 Far Its position is 2\d\d km from the other places", said)
    assert "3 places added" in take_in(ada, data)
    assert len(rows(db)) == 6


LINE = ",Zoë’s Hall,Church,Kilburn,,,,,"


@pytest.mark.parametrize(
    "data",
    [
        csv_of(LINE),
        b"\xef\xbb\xbf" + csv_of(LINE),
        csv_of(LINE).decode().encode("cp1252"),
        csv_of(LINE).decode().encode("utf-16"),
        csv_of(LINE).decode().replace(",", ";").encode("cp1252"),
        csv_of(LINE).decode().replace(",", "\t").encode("utf-16"),
        csv_of(LINE).replace(b"\r\n", b"\n"),
        csv_of(LINE).replace(b"\r\n", b"\r"),
    ],
)
def test_every_usual_way_to_save_a_csv_file_is_read(
    db: Database, ada: FlaskClient, data: bytes
) -> None:
    assert "1 place added, 0 changed" in take_in(ada, data)
    assert [row["name"] for row in rows(db)] == ["Zoë’s Hall"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Select a CSV file"),
        (csv_of(), "The file has no places"),
        (
            b"PK\x03\x04xlsx",
            "This is not a CSV file. In the spreadsheet, choose Save as, then CSV.",
        ),
        (b"Place,Ward\nA,Kilburn\n", "needs the headings Name and Ward, or Id"),
        (b"A;B\n1;2\n", "It says: A, B."),
        (csv_of(',"A,Church'), "Line 2 cannot be read: look whether its quotes close."),
        (b"Name,Ward\n\x81,Kilburn\n", "The letters of this file cannot be read."),
        (csv_of(*["1"] * 10_001), "The file must have 10,000 lines or fewer"),
        (b"x" * 3_000_001, "The file must be 3 MB or smaller"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(
    db: Database, ada: FlaskClient, data: bytes, sentence: str
) -> None:
    assert sentence in words(upload(ada, data, 400)).partition("There is a problem")[2]
    assert pages(db) == 0


def test_ten_thousand_lines_are_read_shown_and_written(app: Flask, ada: FlaskClient) -> None:
    where = [f"{51.5 + n // 100 / 1000:.5f},{n % 100 / -500:.5f}" for n in range(10_000)]
    lines = [f",Sample Hall {n},Church,Kilburn,,{at},3," for n, at in enumerate(where)]
    page = upload(ada, csv_of(*lines))
    assert "10,000 new, 0 changed, 0 unchanged" in words(page)
    assert "The first 100 are shown; 9,900 more lines add a place." in words(page)
    assert post(ada, f"{HERE}/file", fields(page)) == HERE
    db = connect(path_of(app))
    counted = one_row(db, "SELECT count(*) AS n FROM places WHERE state = 'accepted'")
    bodies = all_rows(db, "SELECT body FROM pages WHERE page = 10000")
    db.conn.close()
    assert counted == {"n": 10_000}
    assert json.loads(bodies[0]["body"])["name"] == "Sample Hall 9999"


def test_a_draft_or_amended_patrol_at_a_retired_place_is_saved(
    db: Database,
    ada: FlaskClient,
    officer: Make,
    place: Make,
    notebook_of: Callable[[str], Notebook],
) -> None:
    here = place("Sample Hall")
    book = notebook_of(officer("Olu Officer"))
    said = patrol(NOW, place=here, place_name="Sample Hall")
    record = book.write("patrol", said, NOW)
    book.send(NOW)
    post(ada, f"{HERE}/{here}/retire", fields(ada.get(f"{HERE}/{here}").text))
    book.write("amendment", {"reason": "Note", "changes": {"notes": "Quiet"}}, NOW, record=record)
    book.write("patrol", said, NOW)
    assert book.send(NOW) == ["accepted", "accepted"]
    states = all_rows(db, "SELECT state, place FROM patrols")
    assert states == [{"state": "accepted", "place": here}] * 2
    assert "Sample Hall (no longer in use)" in words(ada.get(f"/desk/records/{record}").text)
