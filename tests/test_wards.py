"""Ward boundaries: a file is read strictly, simplified as one, taken into use by a page, and tells the
ward of a position on the server and on the phone."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import brotli
import numpy
import pytest
import shapely
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import boundary_file, catalogue, wards, wards_desk
from field_app.auth import ADMINISTRATOR
from field_app.boundary_file import MOST_BYTES, BadBoundaries, Boundaries
from field_app.database import all_rows
from field_app.demonstration.people import places
from field_app.fold import fold_all
from field_app.outlines import hectares, metres_to, rings_of, ward_of
from field_app.times import now
from tests.boundaries import borough, collection, degrees_file, file_of, grid_file, in_degrees
from tests.conftest import OTHER_WARD, WARD, patrol, sign_in
from tests.desk import hidden, send, words

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
VECTORS = json.loads((Path(__file__).parent / "vectors" / "wards.json").read_text())
ROOT = Path(__file__).parent.parent

Make = Callable[..., str]


def read(data: bytes) -> Boundaries:
    return boundary_file.read(data, catalogue.wards())


def shapes(outlines: dict[str, Any]) -> list[shapely.MultiPolygon]:
    return [
        shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in polygons])
        for polygons in outlines.values()
    ]


# Telling the ward


@pytest.mark.parametrize("case", VECTORS["positions"], ids=lambda case: case["about"])
def test_the_ward_of_a_position_is_as_the_shared_vectors_say(case: dict[str, Any]) -> None:
    found = ward_of(VECTORS["wards"], case["latitude"], case["longitude"])
    assert found == case["ward"]


def test_the_distance_to_an_outline_is_in_metres() -> None:
    square = [[[0.0, 51.0], [0.01, 51.0], [0.01, 51.01], [0.0, 51.01], [0.0, 51.0]]]
    assert metres_to(square, 51.005, -0.001) == pytest.approx(70, abs=0.5)
    assert metres_to(square, 51.005, 0.0) == 0
    assert metres_to(square, 51.011, 0.005) == pytest.approx(111.2, abs=0.5)


def test_the_area_of_an_outline_is_in_hectares() -> None:
    [found] = [hectares([[in_degrees(ring)]]) for ring in [borough(steps=1)[WARD]]]
    assert found == pytest.approx(81, rel=0.005)  # 900 metres by 900


# A file


def test_a_file_in_the_national_grid_and_one_in_degrees_say_the_same() -> None:
    grid, degrees = read(grid_file()), read(degrees_file())
    assert (grid.coordinates, degrees.coordinates) == ("EPSG:27700", "EPSG:4326")
    for one, other in zip(shapes(grid.outlines), shapes(degrees.outlines), strict=True):
        assert shapely.hausdorff_distance(one, other) < 0.00003  # 3 metres
    assert {one.by for one in grid.matched} == {"code"}


def test_the_national_grid_is_where_the_ordnance_survey_says() -> None:
    """Caister water tower, of the Ordnance Survey's guide to coordinate systems, annexe C."""
    [[longitude, latitude]] = in_degrees([(651_409.903, 313_177.270)])
    assert latitude == pytest.approx(52 + 39 / 60 + 28.72 / 3600, abs=5 / 111_195)
    assert longitude == pytest.approx(1 + 42 / 60 + 57.79 / 3600, abs=5 / 67_000)


def test_simplified_neighbours_still_meet_and_no_line_moves_far() -> None:
    found = read(grid_file(steps=140))
    assert found.tolerance_m == 10  # with 5 a phone would get too many points
    assert not found.gaps
    assert found.moved_m < 10
    assert sum(len(r) for p in found.outlines.values() for s in p for r in s) < found.points / 8
    drawn = shapes(found.outlines)
    assert shapely.coverage_is_valid(numpy.array(drawn))
    whole = shapely.union_all(drawn)
    assert isinstance(whole, shapely.Polygon)
    assert len(whole.interiors) == 0


def test_a_position_well_inside_a_ward_is_in_it_before_and_after() -> None:
    found = wards.rings(read(grid_file()).outlines)
    rng = Random(3)
    for code, ring in borough().items():
        middle = shapely.Polygon(ring).buffer(-25)
        left, bottom, right, top = middle.bounds
        for _ in range(20):
            at = shapely.Point(rng.uniform(left, right), rng.uniform(bottom, top))
            if middle.contains(at):
                [[longitude, latitude]] = in_degrees([(at.x, at.y)])
                assert ward_of(found, latitude, longitude) == code


def test_a_phone_can_carry_the_outlines_of_twenty_wards() -> None:
    found = read(grid_file())
    kept = {code: rings_of(polygons) for code, polygons in found.outlines.items()}
    assert sum(len(ring) for rings in kept.values() for ring in rings) > 2_000
    assert len(brotli.compress(json.dumps(kept).encode(), quality=5)) <= 25_000


def test_a_ward_is_found_by_its_name_where_the_file_has_another_code() -> None:
    said = collection(borough(), "EPSG:27700")
    ward = said["features"][10]["properties"]
    assert ward["WD24NM"] == "Holborn and Covent Garden"
    ward |= {"WD24CD": "E05099999", "WD24NM": "Holborn & Covent Garden Ward"}
    del said["features"][11]["properties"]["WD24CD"]
    found = read(file_of(said)).matched
    assert [(one.ward.label, one.by, one.code) for one in found[10:12]] == [
        ("Holborn and Covent Garden", "name", "E05099999"),
        (found[11].ward.label, "name", None),
    ]


def test_a_multipolygon_with_a_hole_keeps_its_parts() -> None:
    said = collection(borough(steps=1), "EPSG:27700")
    first, second = said["features"][:2]
    hole = [[x, y] for x, y in ((200, 200), (200, 400), (400, 400), (400, 200), (200, 200))]
    hole = [[526_000 + x, 181_000 + y] for x, y in hole]
    first["geometry"]["coordinates"].append(hole)
    second["geometry"] = {
        "type": "MultiPolygon",
        "coordinates": [second["geometry"]["coordinates"], [hole[::-1]]],
    }
    found = read(file_of(said)).outlines
    codes = [one["properties"]["WD24CD"] for one in (first, second)]
    assert [[len(rings) for rings in found[code]] for code in codes] == [[2], [1, 1]]
    [[longitude, latitude]] = in_degrees([(526_300, 181_300)])
    assert ward_of(wards.rings(found), latitude, longitude) == codes[1]


def without_last(said: dict[str, Any]) -> None:
    said["features"].pop()


def with_stranger(said: dict[str, Any]) -> None:
    said["features"][3]["properties"] = {"WD24CD": "E05000001", "WD24NM": "Aldersgate"}


def with_one_twice(said: dict[str, Any]) -> None:
    said["features"][3]["properties"] = said["features"][2]["properties"]


def with_other_name(said: dict[str, Any]) -> None:
    said["features"][3]["properties"]["WD24NM"] = "Bloomsbury"


def swapped(said: dict[str, Any]) -> None:
    for one in said["features"]:
        ring = [[y, x] for x, y in in_degrees(one["geometry"]["coordinates"][0])]
        one["geometry"]["coordinates"] = [ring]
    del said["crs"]


def in_france(said: dict[str, Any]) -> None:
    for one in said["features"]:
        ring = [[x + 2.4, y - 2.7] for x, y in in_degrees(one["geometry"]["coordinates"][0])]
        one["geometry"]["coordinates"] = [ring]
    del said["crs"]


def in_mercator(said: dict[str, Any]) -> None:
    del said["crs"]
    for one in said["features"]:
        [ring] = one["geometry"]["coordinates"]
        one["geometry"]["coordinates"] = [[[x - 540_000, y + 6_500_000] for x, y in ring]]


def says_mercator(said: dict[str, Any]) -> None:
    said["crs"]["properties"]["name"] = "urn:ogc:def:crs:EPSG::3857"


def says_degrees(said: dict[str, Any]) -> None:
    said["crs"]["properties"]["name"] = "urn:ogc:def:crs:OGC:1.3:CRS84"


def says_grid_has_degrees(said: dict[str, Any]) -> None:
    for one in said["features"]:
        one["geometry"]["coordinates"] = [in_degrees(one["geometry"]["coordinates"][0])]


def crossing_itself(said: dict[str, Any]) -> None:
    [ring] = said["features"][0]["geometry"]["coordinates"]
    ring[10], ring[30] = ring[30], ring[10]


def over_its_neighbour(said: dict[str, Any]) -> None:
    [ring] = said["features"][0]["geometry"]["coordinates"]
    said["features"][0]["geometry"]["coordinates"] = [[[x + 300, y] for x, y in ring]]


def a_point(said: dict[str, Any]) -> None:
    said["features"][4]["geometry"] = {"type": "Point", "coordinates": [526_000, 181_000]}


def no_geometry(said: dict[str, Any]) -> None:
    said["features"][4]["geometry"] = None


def empty_outline(said: dict[str, Any]) -> None:
    said["features"][4]["geometry"]["coordinates"] = []


def open_ring(said: dict[str, Any]) -> None:
    said["features"][4]["geometry"]["coordinates"][0].pop()


def words_for_numbers(said: dict[str, Any]) -> None:
    said["features"][4]["geometry"]["coordinates"][0][3] = ["here", "there"]


def no_features(said: dict[str, Any]) -> None:
    said["features"] = []


def strange_feature(said: dict[str, Any]) -> None:
    said["features"][0] = "Belsize"


BAD = {
    without_last: "The file lacks: West Hampstead",
    with_stranger: "Fieldbook knows no such ward: Feature 4 (E05000001, Aldersgate)",
    with_one_twice: "The file has twice: Camden Square",
    with_other_name: "The file gives the code E05013655 to Bloomsbury; here it is Camden Town’s",
    swapped: "Latitude and longitude are swapped",
    in_france: "The file has points outside Great Britain",
    in_mercator: "neither degrees (EPSG:4326) nor metres of the British National Grid",
    says_mercator: "The file is in the coordinate system “urn:ogc:def:crs:EPSG::3857”",
    says_degrees: "The file says that it is in EPSG:4326, and its numbers are no degrees",
    says_grid_has_degrees: "and its numbers are not metres in Great Britain",
    crossing_itself: "The outline of Belsize crosses or touches itself near 51.5",
    over_its_neighbour: "Belsize and Bloomsbury lie over each other",
    a_point: "Feature 5 (E05013656, Fortune Green) has no outline",
    no_geometry: "has no outline: a ward is a Polygon",
    empty_outline: "Feature 5 (E05013656, Fortune Green) cannot be read",
    open_ring: "The outline of Feature 5 (E05013656, Fortune Green) cannot be read",
    words_for_numbers: "cannot be read: a ring is four or more pairs of numbers",
    no_features: "The file has no wards in it",
    strange_feature: "one of its features is none",
}
RAW = {
    b"": "Select a GeoJSON file",
    b"PK\x03\x04 and so on": "This is a zip file",
    b"Ward,Longitude,Latitude": "it cannot be read as JSON",
    b'{"type": "FeatureCollection", "features": [NaN]}': "it cannot be read as JSON",
    b"\xff\xfe{}": "it cannot be read as JSON",
    b"[" * 100_000: "it cannot be read as JSON",
    b"[]": "it has no list of features",
    b'{"type": "Topology", "objects": {}}': "it has no list of features",
    b'{"features": []}': "it has no list of features",
    b" " * (MOST_BYTES + 1): "The file is larger than 8 MB",
}


@pytest.mark.parametrize(("spoil", "sentence"), BAD.items(), ids=[one.__name__ for one in BAD])
def test_a_file_that_cannot_be_used_is_refused_with_its_reason(
    spoil: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    said = collection(borough(), "urn:ogc:def:crs:EPSG::27700")
    spoil(said)
    with pytest.raises(BadBoundaries) as refused:
        read(file_of(said))
    assert sentence in str(refused.value)


@pytest.mark.parametrize(("data", "sentence"), RAW.items(), ids=[str(one[:30]) for one in RAW])
def test_what_is_no_geojson_is_refused_with_its_reason(data: bytes, sentence: str) -> None:
    with pytest.raises(BadBoundaries) as refused:
        read(data)
    assert sentence in str(refused.value)


# At the desk


@pytest.fixture
def admin(client: FlaskClient, officer: Make) -> FlaskClient:
    officer("Abe Admin", ADMINISTRATOR)
    sign_in(client, "abe")
    return client


def upload(client: FlaskClient, data: bytes, source: str = "An invented borough") -> Any:
    form = {"file": (io.BytesIO(data), "wards.geojson"), "source": source}
    return send(client, "/desk/admin/wards/file", "/desk/admin/wards", **form)


def take(client: FlaskClient, data: bytes, source: str = "An invented borough") -> str:
    """Upload and confirm; the form that was confirmed."""
    kept = hidden(upload(client, data, source).text, "kept")
    answer = send(client, "/desk/admin/wards/take", "/desk/admin/wards", kept=kept)
    assert answer.status_code == 303
    return kept


def kept_pages(db: Database) -> list[dict[str, Any]]:
    return all_rows(db, "SELECT * FROM pages WHERE kind = 'ward-boundaries' ORDER BY page")


def test_a_file_is_looked_at_before_it_is_used(admin: FlaskClient, db: Database) -> None:
    answer = upload(admin, grid_file())
    assert answer.status_code == 200
    page = words(answer.text)
    assert "The file has all 20 wards" in page
    assert "EPSG:27700, turned into degrees to within 5 metres" in page
    assert "Tolerance 5 metres; no outline moved more than" in page
    assert "3,200 in the file" in page
    assert answer.text.count('class="outlines__ward"') == 20
    assert kept_pages(db) == []
    assert wards.in_use(db) is None


def test_a_confirmed_file_is_a_page_and_tells_the_ward(admin: FlaskClient, db: Database) -> None:
    take(admin, grid_file())
    [page] = kept_pages(db)
    said = json.loads(page["body"])
    assert said["source"] == "An invented borough"
    assert said["file_sha256"] == read(grid_file()).sha256
    assert said["outlines"] == read(grid_file()).outlines
    [[longitude, latitude]] = in_degrees([(526_450, 181_450)])
    assert wards.ward_at(db, latitude, longitude) == catalogue.wards()[0].code
    assert wards.ward_at(db, 51.0, 0.0) is None
    assert "In use since" in words(admin.get("/desk/admin/wards").text)


def test_a_later_file_replaces_it_and_both_stay_readable(admin: FlaskClient, db: Database) -> None:
    take(admin, grid_file(), "The first file")
    answer = upload(admin, grid_file(seed=8), "The second file")
    assert "Hectares before" in words(answer.text)
    assert answer.text.count('class="outlines__before"') == 20
    kept = hidden(answer.text, "kept")
    send(admin, "/desk/admin/wards/take", "/desk/admin/wards", kept=kept)
    found = wards.every(db)
    assert [one["source"] for one in found] == ["The second file", "The first file"]
    assert wards.in_use(db) == {k: v for k, v in found[0].items() if k != "name"}
    first = words(admin.get(f"/desk/admin/wards/{found[1]['record']}").text)
    assert "The first file" in first
    assert "replaced" in first
    assert "Abe Admin" in first
    second = admin.get(f"/desk/records/{found[0]['record']}", follow_redirects=True)
    assert "The second file" in words(second.text)
    assert "Changed" in words(second.text)


def test_the_tables_are_the_same_when_they_are_made_anew(admin: FlaskClient, db: Database) -> None:
    take(admin, grid_file())
    take(admin, grid_file(seed=8))
    before = wards.every(db)
    fold_all(db)
    assert wards.every(db) == before


def test_a_later_file_is_in_use_also_after_the_clock_was_put_back(
    admin: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(admin, grid_file(), "The first file")
    earlier = now() - timedelta(hours=1)
    monkeypatch.setattr(wards_desk, "now", lambda: earlier)
    take(admin, grid_file(seed=8), "The second file")
    found = wards.in_use(db)
    assert found
    assert found["source"] == "The second file"
    assert [one["source"] for one in wards.every(db)] == ["The second file", "The first file"]


def test_a_file_that_is_confirmed_twice_is_one_page(admin: FlaskClient, db: Database) -> None:
    kept = take(admin, grid_file())
    again = send(admin, "/desk/admin/wards/take", "/desk/admin/wards", kept=kept)
    assert again.status_code == 303
    assert len(kept_pages(db)) == 1


def test_the_file_in_use_is_not_used_again(admin: FlaskClient) -> None:
    take(admin, grid_file())
    answer = upload(admin, grid_file())
    assert answer.status_code == 400
    assert "This file is in use already" in words(answer.text)


def test_what_was_looked_at_before_another_file_came_is_looked_at_again(
    admin: FlaskClient, db: Database
) -> None:
    old = hidden(upload(admin, grid_file()).text, "kept")
    take(admin, grid_file(seed=8))
    answer = send(admin, "/desk/admin/wards/take", "/desk/admin/wards", kept=old)
    assert answer.status_code == 400
    assert "Somebody took another file into use meanwhile" in words(answer.text)
    assert len(kept_pages(db)) == 1


def test_a_form_that_was_changed_on_the_way_is_refused(admin: FlaskClient, db: Database) -> None:
    kept = hidden(upload(admin, grid_file()).text, "kept")
    answer = send(admin, "/desk/admin/wards/take", "/desk/admin/wards", kept=kept[:-3] + "abc")
    assert answer.status_code == 400
    assert kept_pages(db) == []


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b" " * (MOST_BYTES + 1)])
def test_a_bad_file_is_told_at_its_field_and_nothing_is_stored(
    admin: FlaskClient, db: Database, data: bytes
) -> None:
    answer = upload(admin, data)
    assert answer.status_code == 400
    assert 'href="#file"' in answer.text
    assert 'value="An invented borough"' in answer.text  # what was typed is still there
    assert kept_pages(db) == []


def test_a_file_needs_to_say_where_it_comes_from(admin: FlaskClient) -> None:
    answer = upload(admin, grid_file(), source="  ")
    assert answer.status_code == 400
    assert "Say who published the file" in words(answer.text)


def test_a_team_leader_reads_the_boundaries_and_does_not_change_them(
    client: FlaskClient, leader: str, db: Database
) -> None:
    assert leader
    sign_in(client, "lena")
    page = client.get("/desk/admin/wards")
    assert "No file has been imported yet" in words(page.text)
    assert 'type="file"' not in page.text
    answer = send(
        client, "/desk/admin/wards/file", "/desk", file=(io.BytesIO(grid_file()), "a"), source="x"
    )
    assert answer.status_code == 403
    assert kept_pages(db) == []


def test_an_officer_sees_nothing_of_it(client: FlaskClient, officer: Make) -> None:
    officer("Olu Officer")
    sign_in(client, "olu")
    paths = ("/desk/admin/wards", "/desk/wards.geojson")
    assert [client.get(path).status_code for path in paths] == [403, 403]


def test_the_map_has_the_outlines_as_geojson(admin: FlaskClient, db: Database) -> None:
    assert admin.get("/desk/wards.geojson").status_code == 404
    take(admin, grid_file())
    answer = admin.get("/desk/wards.geojson")
    assert answer.mimetype == "application/geo+json"
    said = json.loads(answer.data)
    assert (said["type"], len(said["features"])) == ("FeatureCollection", 20)
    in_use = wards.in_use(db)
    assert in_use
    assert said["features"][0] == {
        "type": "Feature",
        "properties": {"code": "E05013652", "name": "Belsize"},
        "geometry": {"type": "MultiPolygon", "coordinates": in_use["outlines"]["E05013652"]},
    }


# A record whose ward cannot be right


def visit(ward: str, east: float, north: float, accuracy: float | None = 10) -> dict[str, Any]:
    [[longitude, latitude]] = in_degrees([(east, north)])
    at = {"latitude": latitude, "longitude": longitude, "accuracy_m": accuracy}
    return patrol(NOW, ward=ward, **at)


WHERE = {
    "well inside the other ward": (527_500, 181_450, 10, True),
    "just over the line": (526_905, 181_450, 10, False),
    "over the line by less than the position may be wrong": (527_100, 181_450, 300, False),
    "over the line, and of unknown accuracy": (527_100, 181_450, None, True),
    "in its own ward": (526_450, 181_450, 10, False),
}


@pytest.mark.parametrize("where", WHERE)
def test_a_record_whose_position_is_in_another_ward_is_marked_and_not_held(
    admin: FlaskClient, db: Database, officer: Make, write_pages: Callable[..., Any], where: str
) -> None:
    east, north, accuracy, marked = WHERE[where]
    take(admin, grid_file())
    first = catalogue.wards()[0].code
    body = visit(first, east, north, accuracy)
    [record] = write_pages(officer("Olu Officer"), [("patrol", body)], NOW)
    page = words(admin.get(f"/desk/records/{record}").text)
    assert ("lies in Bloomsbury , and not in Belsize" in page) is marked
    assert all_rows(db, "SELECT * FROM problems") == []


def test_a_position_outside_every_ward_is_marked(
    admin: FlaskClient, officer: Make, write_pages: Callable[..., Any]
) -> None:
    take(admin, grid_file())
    body = visit(OTHER_WARD, 540_000, 190_000)
    [record] = write_pages(officer("Olu Officer"), [("patrol", body)], NOW)
    page = words(admin.get(f"/desk/records/{record}").text)
    assert "lies outside every ward , and not in Camden Town" in page


# The demonstration


def test_the_invented_outlines_meet_and_every_invented_place_lies_in_its_ward() -> None:
    said = json.loads((ROOT / "field_app" / "demonstration" / "wards.json").read_text())
    outlines = said["outlines"]
    assert sorted(outlines) == sorted(ward.code for ward in catalogue.wards())
    whole = shapely.union_all(shapes(outlines))
    assert isinstance(whole, shapely.Polygon)
    assert len(whole.interiors) == 0
    assert whole.area == pytest.approx(sum(one.area for one in shapes(outlines)))
    found = {p.name: ward_of(wards.rings(outlines), p.latitude, p.longitude) for p in places()}
    assert found == {place.name: place.ward for place in places()}
