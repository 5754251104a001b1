"""A week's count as it leaves Fieldbook: each format says what the pages say, and nobody's name."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from field_app import desk, exports, publishing, week_files, weeks_desk
from field_app.breakdowns import BREAKDOWNS
from field_app.database import all_rows, writing
from field_app.dictionary import dictionary
from field_app.open_data import suppressed
from field_app.times import LONDON, Week, moment_text
from field_app.words import minutes
from tests import notices
from tests.conftest import OTHER_WARD, WARD, patrol, sign_in
from tests.test_breakdowns import rows_of

WEEK = Week.parse("2026-W47")
HERE = f"/desk/count/{WEEK}"
WEDNESDAY = datetime(2026, 11, 18, 14, 10, tzinfo=UTC)
NOW = datetime(2026, 11, 25, 16, 0, 0, 123_000, tzinfo=UTC)
FORMATS = {"csv": ".csv", "xlsx": ".xlsx", "json": ".json", "open-data": "/open-data.csv"}

Make = Callable[..., str]
Write = Callable[..., list[str]]


@pytest.fixture
def olu(officer: Make) -> str:
    return officer("Olu Officer")


@pytest.fixture
def log(olu: str, write_pages: Write) -> Make:
    def one(began: datetime = WEDNESDAY, /, **body: Any) -> str:
        return write_pages(olu, [("patrol", patrol(began, **body))], began)[0]

    return one


@pytest.fixture
def lena(client: FlaskClient, leader: str, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    assert leader
    for module in (desk, weeks_desk):
        monkeypatch.setattr(module, "now", lambda: NOW)
    sign_in(client, "lena")
    return client


@pytest.fixture
def publish(db: Database, leader: str) -> Callable[..., None]:
    def as_it_is(reason: str | None = None) -> None:
        with writing(db):
            publishing.publish(db, leader, WEEK, NOW, reason)

    return as_it_is


@pytest.fixture
def busy_week(
    olu: str, log: Make, place: Make, write_pages: Write, publish: Callable[..., None]
) -> None:
    """A week of many things: it was published, and restated twice."""
    mosque = place("Example Mosque", category="mosque", visits_a_week=9)
    for nth in range(7):
        log(WEDNESDAY + timedelta(hours=nth), place=mosque, address=None, with_police=nth < 6)
    publish()
    for nth in range(3):
        log(WEDNESDAY + timedelta(days=1, hours=nth), ward=OTHER_WARD)
    publish("Lena Leader’s reason")
    log(activity="street-trading", trading_action="advice")
    publish("Once more")
    write_pages(olu, [("fpn", notices.fpn(WEDNESDAY))], WEDNESDAY)
    record = str(uuid4())
    began = {"started_at": moment_text(WEDNESDAY)}
    ended = {"ended_at": moment_text(WEDNESDAY + timedelta(hours=7, minutes=45))}
    pages = [("shift-start", began, record), ("shift-end", ended, record)]
    write_pages(olu, pages, WEDNESDAY + timedelta(hours=8))


def fetched(client: FlaskClient, format_name: str, here: str = HERE) -> bytes:
    answer = client.get(here + FORMATS[format_name])
    assert answer.status_code == 200
    assert answer.content_type == week_files.FORMATS[format_name].media_type
    name = week_files.file_name(Week.parse(here.rpartition("/")[2]), format_name)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Cache-Control"] == "no-store"
    data: bytes = answer.data
    return data


def sheets(data: bytes) -> dict[str, list[dict[str, Any]]]:
    """The rows of each sheet by their headings."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    found = {}
    for sheet in book.worksheets:
        [head, *rows] = [list(row) for row in sheet.iter_rows(values_only=True)]
        found[sheet.title] = [dict(zip(map(str, head), row, strict=True)) for row in rows]
    return found


def rows_in(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


# The same numbers


@pytest.mark.usefixtures("busy_week")
@pytest.mark.parametrize("code", BREAKDOWNS)
def test_a_sheet_and_a_table_of_the_json_are_what_the_page_shows(
    lena: FlaskClient, code: str
) -> None:
    one = BREAKDOWNS[code]
    page = lena.get(f"{HERE}/by/{code}").text
    shown = rows_of(page)[1:] if "<table" in page else []
    columns = [*one.keys, one.columns[len(one.keys)], *one.measures]

    def cell(value: Any, unit: str) -> str:
        return minutes(value) if unit == "minutes" and value else str(value or "0")

    for said, names in (
        (sheets(fetched(lena, "xlsx"))[code.capitalize()], [one.heading for one in columns]),
        (json.loads(fetched(lena, "json"))["tables"][code]["rows"], [one.name for one in columns]),
    ):
        texts = {one.heading for one in columns if one.kind == "text"}
        texts |= {one.name for one in columns if one.kind == "text"}
        read = [
            [
                str(row[name] or "") if name in texts else cell(row[name], column.unit)
                for name, column in zip(names, columns, strict=True)
            ]
            for row in said
        ]
        empty = one.measures and all(not any(row[name] for name in names[-1:]) for row in said)
        assert read == shown or (empty and not shown)


@pytest.mark.usefixtures("busy_week")
def test_the_first_sheet_is_the_csv_with_real_numbers_and_days(lena: FlaskClient) -> None:
    sheet, text = sheets(fetched(lena, "xlsx"))["Count"], rows_in(fetched(lena, "csv"))
    kinds = {column.heading: column.kind for column in exports.COUNT}
    assert len(sheet) == len(text) == 4
    for row, line in zip(sheet, text, strict=True):
        for heading, cell in row.items():
            if kinds[heading] == "number":
                assert type(cell) is int
                assert str(cell) == line[heading]
            elif kinds[heading] == "day":
                assert isinstance(cell, datetime)
                assert cell.date().isoformat() == line[heading]
            elif kinds[heading] == "moment":
                assert cell == datetime(2026, 11, 25, 16, 0)  # noqa: DTZ001 - as a spreadsheet has it
                assert line[heading] == moment_text(NOW)
            else:
                assert cell == line[heading]


@pytest.mark.usefixtures("busy_week")
def test_the_page_of_the_week_has_the_numbers_of_the_csv(lena: FlaskClient) -> None:
    [*_, every] = rows_in(fetched(lena, "csv"))
    assert (every["Patrols"], every["Joint with police"], every["Published version"]) == (
        "11",
        "6",
        "3",
    )
    said = json.loads(fetched(lena, "json"))
    assert said["published"]["version"] == 3
    assert said["published"]["patrols"] == 11
    assert said["made_at"] == moment_text(NOW)
    assert said["tables"]["ward"]["rows"][-1]["patrols"] == 11


@pytest.mark.usefixtures("busy_week")
def test_every_version_of_a_week_restated_twice_is_in_the_exports(
    db: Database, lena: FlaskClient
) -> None:
    known = [(one.number, one.total, one.checksum) for one in publishing.versions(db, WEEK)]
    assert [number for number, _, _ in known] == [1, 2, 3]
    rows = json.loads(fetched(lena, "json"))["tables"]["versions"]["rows"]
    assert [(row["version"], row["patrols"], row["checksum"]) for row in rows] == known
    sheet = sheets(fetched(lena, "xlsx"))["Versions"]
    assert [(row["Version"], row["Patrols"], row["Checksum"]) for row in sheet] == known


@pytest.mark.usefixtures("busy_week")
def test_the_spreadsheet_says_what_is_counted(lena: FlaskClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fetched(lena, "xlsx")))
    codes = ["count", *BREAKDOWNS, "versions", "about"]
    assert book.sheetnames == [code.capitalize() for code in codes]
    about = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True) if row[0]}
    assert about["Week"] == "2026-W47"
    assert about["From"] == datetime(2026, 11, 16)  # noqa: DTZ001
    assert about["Made at (UTC)"] == datetime(2026, 11, 25, 16, 0)  # noqa: DTZ001
    assert about["Published version"] == 3
    assert about["Ward: Patrols by ward"] == BREAKDOWNS["ward"].about


# Weeks that are hard


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_week_with_nothing_is_whole_in_every_format(lena: FlaskClient, format_name: str) -> None:
    data = fetched(lena, format_name)
    if format_name == "csv":
        [every] = rows_in(data)
        assert (every["Ward code"], every["Patrols"], every["Published version"]) == (
            "all",
            "0",
            "",
        )
    elif format_name == "xlsx":
        assert sheets(data)["Ward"][-1]["Patrols"] == 0
        assert sheets(data)["Visits"][-1]["Missed"] == 0
    elif format_name == "json":
        assert json.loads(data)["published"] is None
        assert json.loads(data)["tables"]["day"]["rows"][0]["code"] == "2026-11-16"
    else:
        assert {row["Suppressed"] for row in rows_in(data)} == {"yes"}


@pytest.mark.parametrize("sunday", [date(2026, 10, 25), date(2026, 3, 29)])
def test_a_week_of_the_clock_change_has_seven_london_days(
    lena: FlaskClient, log: Make, sunday: date
) -> None:
    last = datetime(sunday.year, sunday.month, sunday.day, 23, 59, tzinfo=LONDON).astimezone(UTC)
    log(last)
    log(last + timedelta(minutes=1))
    here = f"/desk/count/{Week.of(last)}"
    rows = sheets(fetched(lena, "xlsx", here))["Day"]
    assert [row["Patrols"] for row in rows] == [0, 0, 0, 0, 0, 0, 1, 1]
    assert rows[6]["Day code"] == datetime(sunday.year, sunday.month, sunday.day)  # noqa: DTZ001


@pytest.mark.parametrize("here", ["/desk/count/2026-W54", "/desk/count/next"])
def test_no_week_has_no_files(lena: FlaskClient, here: str) -> None:
    for ending in FORMATS.values():
        assert lena.get(here + ending).status_code == 404


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("x")'])
def test_no_cell_is_a_formula(lena: FlaskClient, place: Make, name: str) -> None:
    place(name, visits_a_week=2)
    [row, _] = sheets(fetched(lena, "xlsx"))["Visits"]
    assert row["Place"] == name
    book = openpyxl.load_workbook(io.BytesIO(fetched(lena, "xlsx")))
    kinds = {cell.data_type for sheet in book for line in sheet for cell in line}
    assert "f" not in kinds
    [line, _] = rows_in(lena.get(f"{HERE}/by/visits.csv").data)
    assert line["Place"] == f"'{name}"


# Nobody's name


@pytest.mark.usefixtures("busy_week")
def test_no_export_names_anybody(db: Database, lena: FlaskClient) -> None:
    people = {row["name"] for row in all_rows(db, "SELECT name FROM officers")}
    ids = {row["id"] for row in all_rows(db, "SELECT id FROM officers")}
    users = {row["username"] for row in all_rows(db, "SELECT username FROM officers")}
    named = all_rows(db, "SELECT recipient_name, recipient_address, number FROM notices")
    assert len(people) == 3
    assert len(named) == 1
    never = people | ids | {str(one) for row in named for one in row.values()}
    never |= {"reason", "Once more"}
    texts = {name: _all_text(name, fetched(lena, name)) for name in FORMATS}
    for code in BREAKDOWNS:
        texts[code] = lena.get(f"{HERE}/by/{code}.csv").text
        texts[f"{code} of days"] = lena.get(f"/desk/count/period/by/{code}.csv").text
    found = {(name, word) for name, text in texts.items() for word in never if word in text}
    assert found == set()
    columns = {
        column.name.lower()
        for several in (exports.COUNT, exports.VERSIONS, exports.OPEN_DATA)
        for column in (*several, *(one for each in BREAKDOWNS.values() for one in each.columns))
    }
    assert (
        columns & {"officer", "name", "by", "recipient", "recipient_name", "reason", *users}
        == set()
    )


def _all_text(format_name: str, data: bytes) -> str:
    if format_name != "xlsx":
        return data.decode()
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [str(cell.value) for sheet in book for line in sheet for cell in line]
    return "\n".join([*cells, str(book.properties.creator), str(book.properties.lastModifiedBy)])


def test_an_officer_gets_no_file(client: FlaskClient, olu: str) -> None:
    assert olu
    sign_in(client, "olu")
    assert {client.get(HERE + ending).status_code for ending in FORMATS.values()} == {403}


# Open data


def published(numbers: Sequence[int], smallest: int) -> tuple[int | None, ...]:
    """What a reader sees of some numbers, and of their sum at the end."""
    hidden, total = suppressed(numbers, smallest, has_sum=True), sum(numbers)
    shown = (None if nth in hidden else number for nth, number in enumerate(numbers))
    return (*shown, total if total >= smallest else None)


@pytest.mark.parametrize(
    ("smallest", "several", "largest_sum"),
    [(1, 3, 12), (2, 4, 12), (3, 3, 20), (3, 4, 16), (5, 2, 30), (5, 3, 24), (5, 4, 19)],
)
def test_whoever_knows_the_rule_cannot_tell_a_hidden_number(
    smallest: int, several: int, largest_sum: int
) -> None:
    """All that could be behind what is seen is tried."""
    behind: dict[tuple[int | None, ...], list[tuple[int, ...]]] = {}
    for numbers in product(range(largest_sum + 1), repeat=several):
        if smallest <= sum(numbers) <= largest_sum:
            behind.setdefault(published(numbers, smallest), []).append(numbers)
    for seen, candidates in behind.items():
        for nth in range(several):
            thinkable = {numbers[nth] for numbers in candidates}
            assert seen[nth] is not None or {0} < thinkable, (seen, nth, thinkable)


@settings(deadline=None)  # how long it takes says nothing
@given(st.lists(st.integers(0, 40), min_size=2, max_size=9), st.integers(1, 10))
def test_each_hidden_number_might_be_none(numbers: list[int], smallest: int) -> None:
    seen = published(numbers, smallest)
    assert all(number is None or number >= smallest for number in seen)
    hidden = [nth for nth, number in enumerate(seen[:-1]) if number is None]
    if not hidden or seen[-1] is None:
        return
    rest = sum(numbers[nth] for nth in hidden)
    for none in hidden:
        each, left = divmod(rest, len(hidden) - 1)
        others = dict.fromkeys(set(hidden) - {none}, each)
        others |= dict.fromkeys(list(others)[:left], each + 1)
        candidate = [({none: 0} | others).get(nth, number) for nth, number in enumerate(numbers)]
        assert published(candidate, smallest) == seen


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [
        ([20, 10, 5], set()),
        ([20, 10, 4], {1, 2}),
        ([20, 4, 4], {1, 2}),
        ([20, 10, 2, 1], {1, 2, 3}),
        ([20, 0], {0, 1}),
        ([0, 0, 0], {0, 1, 2}),
        ([8, 8, 3], {0, 1, 2}),
        ([4, 4, 4, 5], {0, 1, 2, 3}),
        ([20, 19, 4, 30], {0, 1, 2}),
    ],
)
def test_so_many_numbers_are_suppressed_as_it_takes(numbers: list[int], hidden: set[int]) -> None:
    assert suppressed(numbers, 5, has_sum=True) == hidden


def test_without_a_sum_only_small_numbers_are_suppressed() -> None:
    assert suppressed([20, 10, 4], 5, has_sum=False) == {2}


@pytest.mark.usefixtures("busy_week")
def test_open_data_say_no_small_number_and_none_that_gives_one_away(lena: FlaskClient) -> None:
    rows = rows_in(fetched(lena, "open-data"))
    tables = {row["Table"] for row in rows}
    assert tables == {one.title for one in BREAKDOWNS.values() if one.open_data}
    assert "Planned visits to faith sites" not in tables
    for row in rows:
        assert (row["Number"] == "") == (row["Suppressed"] == "yes")
        assert row["Number"] == "" or int(row["Number"]) >= 5
    for table in tables:
        several = [row for row in rows if row["Table"] == table]
        sums = [row for row in several if row["Code"] == "all" and row["Number"]]
        hidden = [row for row in several if row["Code"] != "all" and not row["Number"]]
        shown = [int(row["Number"]) for row in several if row["Code"] != "all" and row["Number"]]
        for every in sums:
            if hidden:
                assert len(hidden) >= 2, table
                assert int(every["Number"]) - sum(shown) >= 5, table
            else:
                assert int(every["Number"]) == sum(shown)
    by_ward = {row["Code"]: row["Number"] for row in rows if row["Table"] == "Patrols by ward"}
    assert by_ward["all"] == "11"
    assert by_ward[OTHER_WARD] == ""
    assert by_ward[WARD] == ""  # 11 less 8 would say 3


def test_the_smallest_number_is_a_setting(lena: FlaskClient, app: Flask, log: Make) -> None:
    for _ in range(3):
        log()
    app.config["OPEN_DATA_SMALLEST"] = 3
    rows = {
        (row["Table"], row["Code"]): row["Number"] for row in rows_in(fetched(lena, "open-data"))
    }
    assert rows["Patrols by ward", "all"] == "3"
    assert rows["Outcomes of patrols", "nothing-unusual"] == "3"


# The command


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr("field_app.commands.now", lambda: NOW)
    return lambda *words: app.test_cli_runner().invoke(args=["export-week", *words])


@pytest.mark.usefixtures("busy_week")
@pytest.mark.parametrize("format_name", ["csv", "json", "open-data"])
def test_the_command_writes_what_the_desk_gives(
    run: Callable[..., Result], lena: FlaskClient, tmp_path: Path, format_name: str
) -> None:
    desk_gives = fetched(lena, format_name)
    printed = run("2026-W47", "--format", format_name)
    assert (printed.exit_code, printed.stdout_bytes) == (0, desk_gives)
    file = tmp_path / "one"
    assert run("2026-W47", "--format", format_name, "--output", str(file)).exit_code == 0
    assert file.read_bytes() == desk_gives


@pytest.mark.usefixtures("busy_week")
def test_the_command_writes_every_format_into_a_folder(
    run: Callable[..., Result], lena: FlaskClient, tmp_path: Path
) -> None:
    folder = tmp_path / "counts" / "here"
    for _ in range(2):  # again, over what is there
        done = run("2026-W47", "--all", str(folder))
        assert done.exit_code == 0, done.stderr
    names = [week_files.file_name(WEEK, name) for name in FORMATS]
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    assert done.stdout.split() == [str(folder / name) for name in names]
    for name in ("csv", "json", "open-data"):
        assert (folder / week_files.file_name(WEEK, name)).read_bytes() == fetched(lena, name)
    written = sheets((folder / week_files.file_name(WEEK, "xlsx")).read_bytes())
    assert written == sheets(fetched(lena, "xlsx"))
    plain = tmp_path / "plain"
    plain.touch()
    assert {path.stat().st_mode for path in folder.iterdir()} == {plain.stat().st_mode}


def test_a_folder_that_cannot_be_filled_is_left_as_it_was(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("2026-W46", "--all", str(tmp_path / "counts")).exit_code == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "counts").iterdir()}
    written: list[int] = []

    def full(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) == 3:
            raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = run("2026-W46", "--all", str(tmp_path / "counts"))
    assert (done.exit_code, "No space left" in done.stderr) == (1, True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "counts").iterdir()} == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["2026-W99"], "There is no week 2026-W99."),
        (["2026-W47", "--format", "pdf"], "Invalid value for '--format'"),
        (["2026-W47", "--all", "a", "--output", "b"], "not both"),
    ],
)
def test_what_cannot_be_exported_is_said(
    run: Callable[..., Result], words: list[str], said: str
) -> None:
    done = run(*words)
    assert (done.exit_code, said in done.stderr) == (1, True)


def test_the_dictionary_has_every_column_of_every_export() -> None:
    text = dictionary()
    for several in (exports.COUNT, exports.VERSIONS, exports.OPEN_DATA, exports.NARROWED):
        assert all(f"| `{one.name}` | {one.heading} | " in text for one in several)
    for each in BREAKDOWNS.values():
        assert f"### `{each.code}`: {each.title}" in text
        assert all(f"| `{one.name}` | {one.heading} | " in text for one in each.columns)
