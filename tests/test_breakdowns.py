"""A week or any days, broken down: every row adds up, and every number opens what is behind it."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import html5lib
import pytest
from flask.testing import FlaskClient
from sqlite_utils import Database

from bench import plans
from field_app import breakdowns, catalogue, charts, desk, exports, week_files, weeks_desk
from field_app.breakdowns import BREAKDOWNS, Table
from field_app.counts import Filters
from field_app.database import all_rows
from field_app.labels import london_midnight
from field_app.periods import Days
from field_app.times import LONDON, Week, london_day, moment_text
from field_app.words import minutes
from tests import notices
from tests.conftest import OTHER_WARD, WARD, patrol, sign_in
from tests.desk import make_void, words

WEEK = Week.parse("2026-W47")
HERE = f"/desk/count/{WEEK}"
DAYS = Days(WEEK.monday, WEEK.sunday)
NOW = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)
TODAY = NOW.date()
FAITH = "faith-reassurance"

Make = Callable[..., str]
Log = Callable[..., str]
Write = Callable[..., list[str]]


def at(text: str) -> datetime:
    """A time by London clocks."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.fixture
def olu(officer: Make) -> str:
    return officer("Olu Officer")


@pytest.fixture
def log(olu: str, write_pages: Write) -> Log:
    """Log a patrol that began at a London time."""

    def one(began: str = "2026-11-18T14:10", /, **body: Any) -> str:
        return write_pages(olu, [("patrol", patrol(at(began), **body))], at(began))[0]

    return one


@pytest.fixture
def shift(olu: str, write_pages: Write) -> Callable[..., str]:
    """A shift from one London time to another; without an end it is open."""

    def worked(began: str, ended: str | None = None) -> str:
        record = str(uuid4())
        pages: list[tuple[Any, ...]] = [
            ("shift-start", {"started_at": moment_text(at(began))}, record)
        ]
        if ended:
            pages.append(("shift-end", {"ended_at": moment_text(at(ended))}, record))
        write_pages(olu, pages, at(ended or began))
        return record

    return worked


@pytest.fixture
def issue(olu: str, write_pages: Write) -> Callable[..., str]:
    def issued(kind: str, body: dict[str, Any]) -> str:
        issued_at = datetime.fromisoformat(body["issued_at"])
        return write_pages(olu, [(kind, body)], issued_at + timedelta(minutes=5))[0]

    return issued


@pytest.fixture
def lena(client: FlaskClient, leader: str, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    assert leader
    for module in (desk, weeks_desk):
        monkeypatch.setattr(module, "now", lambda: NOW)
    sign_in(client, "lena")
    return client


def of(db: Database, code: str, days: Days = DAYS, filters: Filters | None = None) -> Table:
    return breakdowns.table(db, BREAKDOWNS[code], days, TODAY, filters)


def numbers(found: Table) -> dict[str, tuple[int, ...]]:
    """The numbers of each row that has any, by its code; of all of them too."""
    names = [one.name for one in found.breakdown.measures]
    rows = [*found.rows, *([found.total] if found.total else [])]
    said = {row["code"]: tuple(row[name] for name in names) for row in rows}
    return {code: each for code, each in said.items() if any(each)}


@pytest.fixture
def busy_week(db: Database, log: Log, shift: Make, issue: Make, place: Make, leader: str) -> None:
    """Something of everything, on several days."""
    synagogue = place("Example Synagogue", visits_a_week=2)
    market = place("Example Market", category="market", ward=OTHER_WARD)
    log("2026-11-16T00:00", place=synagogue, address=None)
    log("2026-11-17T09:30", place=synagogue, address=None, with_police=True)
    log("2026-11-18T23:59", place=market, address=None, activity="street-trading", ward=OTHER_WARD,
        trading_action="advice", outcomes=["advice-given", "verbal-warning"])  # fmt: skip
    log("2026-11-22T23:59", activity="rough-sleeping", people_seen=3, welfare_check=True,
        referred_to_outreach=True, outcomes=["support-offered", "referral-made"])  # fmt: skip
    log("2026-11-20T12:00", address="2 Example Street", with_police=True)
    log("2026-11-23T00:00")  # the week after
    log("2026-11-19T10:00", outcomes=None)  # held
    shift("2026-11-15T22:00", "2026-11-16T02:15")
    shift("2026-11-18T14:00", "2026-11-18T22:00")
    shift("2026-11-21T14:00")
    issued = at("2026-11-18T15:00")
    issue("fpn", notices.fpn(issued))
    void = issue("fpn", notices.fpn(issued, "graffiti", 2))
    make_void(db, void, leader, _second(db), NOW)
    warning = issue("cpw", notices.cpw(issued))
    issue("cpw", notices.cpw(issued, 2))
    issue("cpn", notices.cpn(issued + timedelta(days=3), warning=warning))


def _second(db: Database) -> str:
    row = {"id": str(uuid4()), "username": "ama", "name": "Ama Second", "role": "team leader"}
    db.conn.execute(
        "INSERT INTO officers (id, username, name, role, password_hash) VALUES (?, ?, ?, ?, '-')",
        list(row.values()),
    )
    return row["id"]


# What is counted


@pytest.mark.usefixtures("busy_week")
def test_patrols_are_counted_under_what_each_of_them_says(db: Database) -> None:
    every = {"all": (5, 2, 4)}
    assert numbers(of(db, "ward")) == {WARD: (4, 2, 3), OTHER_WARD: (1, 0, 1)} | every
    assert (
        numbers(of(db, "activity"))
        == {
            FAITH: (3, 2, 2),
            "street-trading": (1, 0, 1),
            "rough-sleeping": (1, 0, 1),
        }
        | every
    )
    assert (
        numbers(of(db, "category"))
        == {
            "synagogue": (2, 1, 1),
            "market": (1, 0, 1),
            "none": (2, 1, 2),
        }
        | every
    )
    assert (
        numbers(of(db, "day"))
        == {
            "2026-11-16": (1, 0, 1),
            "2026-11-17": (1, 1, 1),
            "2026-11-18": (1, 0, 1),
            "2026-11-20": (1, 1, 1),
            "2026-11-22": (1, 0, 1),
        }
        | every
    )
    assert (
        numbers(of(db, "hours"))
        == {
            "00-03": (1, 0, 1),
            "09-12": (1, 1, 1),
            "12-15": (1, 1, 1),
            "21-24": (2, 0, 2),
        }
        | every
    )
    assert numbers(of(db, "joint")) == {"yes": (2, 2), "no": (3, 3), "all": (5, 4)}


def test_an_entry_of_the_middle_of_the_days_is_said_in_words(
    db: Database, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log()
    of_list = [
        replace(one, starts=date(2026, 11, 17), ends=date(2026, 11, 19))
        if one.code == FAITH
        else one
        for one in catalogue.entries("activities")
    ]
    monkeypatch.setattr(catalogue, "entries", lambda _name: of_list)
    said = {row["code"]: row["label"] for row in of(db, "activity").rows if row["patrols"]}
    assert said == {FAITH: catalogue.label("activities", FAITH)}
    assert said[FAITH] != FAITH


@pytest.mark.usefixtures("busy_week")
def test_outcomes_and_support_are_what_patrols_say_came_of_them(db: Database) -> None:
    assert numbers(of(db, "outcome")) == {
        "nothing-unusual": (3,),
        "advice-given": (1,),
        "verbal-warning": (1,),
        "support-offered": (1,),
        "referral-made": (1,),
        "all": (5,),
    }
    assert numbers(of(db, "support")) == {"welfare-check": (1,), "outreach": (1,)}


@pytest.mark.usefixtures("busy_week")
def test_notices_are_counted_by_offence_and_state_and_warnings_by_what_followed(
    db: Database,
) -> None:
    assert numbers(of(db, "offence")) == {
        "litter": (1,),
        "graffiti": (1,),
        "cpw": (2,),
        "cpn": (1,),
        "all": (5,),
    }
    found = numbers(of(db, "standing"))
    assert found["void"] == (1,)
    assert sum(each for code, (each,) in found.items() if code != "all") == found["all"][0] == 5
    assert numbers(of(db, "followed"))["notice"] == (1,)
    assert numbers(of(db, "followed"))["all"] == (2,)


@pytest.mark.parametrize("code", [code for code, one in BREAKDOWNS.items()])
@pytest.mark.usefixtures("busy_week")
def test_the_rows_of_a_breakdown_add_up_to_the_whole(db: Database, code: str) -> None:
    found = of(db, code)
    adding = [one.name for one in found.breakdown.measures if one.adds_up]
    sums = {name: sum(row[name] for row in found.rows) for name in adding}
    assert found.total is not None or not adding
    assert sums == {name: (found.total or {})[name] for name in adding}
    assert not adding or any(sums.values())
    if found.breakdown.of_patrols and found.total:
        assert found.total["patrols"] == 5


@pytest.mark.parametrize("sunday", ["2026-10-25", "2026-03-29"])
def test_days_and_hours_are_london_s_in_a_week_of_the_clock_change(
    db: Database, log: Log, sunday: str
) -> None:
    day = date.fromisoformat(sunday)
    days = Days(day - timedelta(6), day)
    before, after = str(day - timedelta(1)), str(day + timedelta(1))
    for moment in (f"{before}T23:30", f"{sunday}T00:30", f"{sunday}T23:59", f"{after}T00:00"):
        log(moment)
    twice = datetime.fromisoformat(f"{sunday}T01:30").replace(tzinfo=UTC)
    log(twice.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M"))
    found = numbers(of(db, "day", days))
    assert {code: each[0] for code, each in found.items()} == {before: 1, sunday: 3, "all": 4}
    hours = {code: each[0] for code, each in numbers(of(db, "hours", days)).items()}
    assert hours == {"21-24": 2, "00-03": 2, "all": 4}
    assert Week(days.first).ends == london_day(day)[1]


def test_midnight_in_london_is_the_same_in_sql(db: Database) -> None:
    wrong = []
    for nth in range(0, 366 * 12):
        day = date(2020, 1, 1) + timedelta(days=nth)
        [said] = db.conn.execute(f"SELECT {london_midnight('?1')}", [str(day)]).fetchone()
        if said != moment_text(london_day(day)[0]):
            wrong.append(day)
    assert wrong == []


def test_officer_minutes_are_clipped_to_the_days_and_an_open_shift_has_none(
    db: Database, shift: Make
) -> None:
    shift("2026-11-15T22:00", "2026-11-16T02:15")  # two hours and a quarter of this week
    shift("2026-11-18T17:00", "2026-11-19T01:00")
    shift("2026-11-22T20:00", "2026-11-23T04:00")
    shift("2026-11-23T00:00", "2026-11-23T08:00")  # the week after
    shift("2026-11-21T14:00")
    assert numbers(of(db, "shifts")) == {
        "2026-11-16": (1, 135, 0),
        "2026-11-18": (1, 420, 0),
        "2026-11-19": (1, 60, 0),
        "2026-11-21": (1, 0, 1),
        "2026-11-22": (1, 240, 0),
        "all": (4, 855, 1),
    }


@pytest.mark.parametrize(("sunday", "minutes"), [("2026-10-25", 240), ("2026-03-29", 120)])
def test_a_night_shift_of_the_clock_change_has_the_minutes_that_were_worked(
    db: Database, shift: Make, sunday: str, minutes: int
) -> None:
    shift(f"{sunday}T00:00", f"{sunday}T03:00")
    day = date.fromisoformat(sunday)
    assert numbers(of(db, "shifts", Days(day, day)))["all"] == (1, minutes, 0)


def test_minutes_are_whole_and_add_up(db: Database, write_pages: Write, olu: str) -> None:
    began, ended = at("2026-11-18T23:50"), at("2026-11-19T00:20")
    record = str(uuid4())
    seconds = timedelta(seconds=40, milliseconds=500)
    pages: list[tuple[Any, ...]] = [
        ("shift-start", {"started_at": moment_text(began + seconds)}, record),
        ("shift-end", {"ended_at": moment_text(ended + seconds)}, record),
    ]
    write_pages(olu, pages, ended + timedelta(minutes=1))
    assert numbers(of(db, "shifts")) == {
        "2026-11-18": (1, 10, 0),
        "2026-11-19": (1, 20, 0),
        "all": (1, 30, 0),
    }


def test_visits_are_due_done_and_missed_place_by_place_and_week_by_week(
    db: Database, log: Log, place: Make
) -> None:
    mosque = place("Example Mosque", category="mosque", visits_a_week=3)
    place("A Retired Temple", visits_a_week=5, retired=True)
    place("An Unplanned Church")
    for began in ("2026-11-16T00:00", "2026-11-22T23:59", "2026-11-23T00:00"):
        log(began, place=mosque, address=None)
    for _ in range(4):
        log("2026-11-10T10:00", place=mosque, address=None)
    log("2026-11-18T10:00", place=mosque, address=None, outcomes=None)  # held
    log("2026-11-18T10:00", place=mosque, address=None, activity="enviro-crime",
        enviro_kind="litter", enviro_action="advice")  # fmt: skip
    found = of(db, "visits", Days(date(2026, 11, 8), date(2026, 11, 28)))
    said = [
        (row["week"], row["label"], row["due"], row["done"], row["missed"]) for row in found.rows
    ]
    assert said == [
        ("2026-W46", "Example Mosque", 3, 4, 0),
        ("2026-W47", "Example Mosque", 3, 2, 1),
    ]
    assert found.total == {
        "week": "",
        "code": "all",
        "label": "All",
        "due": 6,
        "done": 6,
        "missed": 1,
    }
    assert of(db, "visits", Days(date(2026, 11, 17), date(2026, 11, 28))).rows == []


@pytest.mark.parametrize("code", BREAKDOWNS)
def test_no_breakdown_reads_a_large_table_from_end_to_end(db: Database, code: str) -> None:
    asked: set[str] = set()
    db.conn.set_trace_callback(asked.add)
    of(db, code)
    db.conn.set_trace_callback(None)
    assert plans.scans(db, asked) == []


# The pages


def rows_of(page: str) -> list[list[str]]:
    """The cells of the page's table, with what only a screen reader reads left out."""
    root = html5lib.HTMLParser(namespaceHTMLElements=False).parse(page)
    [table] = [one for one in root.iter("table") if "breakdown" in one.get("class", "")]
    return [[_text(cell) for cell in row if cell.tag in ("th", "td")] for row in table.iter("tr")]


def _text(cell: ElementTree.Element) -> str:
    for parent in list(cell.iter()):
        for child in list(parent):
            if "govuk-visually-hidden" in child.get("class", ""):
                parent.remove(child)
    return " ".join("".join(cell.itertext()).split())


@pytest.mark.parametrize("code", BREAKDOWNS)
@pytest.mark.usefixtures("busy_week")
def test_every_number_of_every_page_opens_as_many_records(lena: FlaskClient, code: str) -> None:
    for address in (
        f"{HERE}/by/{code}",
        f"/desk/count/period/by/{code}?from=2026-11-16&to=2026-11-22",
    ):
        page = lena.get(address).text
        links = re.findall(
            r'href="([^"]+)">([^<]+)<span class="govuk-visually-hidden"> ([^<]+)', page
        )
        assert links, address
        for link, number, what in links:
            opened = lena.get(html.unescape(link))
            assert opened.status_code == 200, link
            said = words(opened.text)
            if number.endswith(("h", "min")):
                assert f", {number} " in said, (link, number)
                continue
            noun = re.search(rf"\b{number} (open )?(patrol|distinct place|notice|shift)s?\b", said)
            assert noun, (link, number, what, said[:400])


@pytest.mark.usefixtures("busy_week")
def test_what_is_held_is_said_beside_what_is_counted(lena: FlaskClient) -> None:
    period = "/desk/count/period/by/ward?from=2026-11-16&to=2026-11-22"
    for address in (f"{HERE}/by/ward", period, f"{period}&ward={WARD}"):
        page = lena.get(address).text
        [link] = re.findall(
            r'Beside these, <a class="govuk-link" href="([^"]+)">1 patrol held</a>', page
        )
        assert " 1 patrol " in words(lena.get(html.unescape(link)).text)
    for address in (f"{HERE}/by/offence", f"{period}&ward={OTHER_WARD}"):
        assert "Beside these" not in lena.get(address).text


def test_a_page_of_patrols_is_narrowed_as_the_period_is(lena: FlaskClient, log: Log) -> None:
    log(with_police=True)
    log(ward=OTHER_WARD)
    asked = f"from=2026-11-16&to=2026-11-22&ward={WARD}&with_police=yes"
    page = lena.get(f"/desk/count/period/by/activity?{asked}").text
    assert "Only Kilburn, joint with police." in words(page)
    assert rows_of(page)[-1] == ["All", "1", "1", "1"]
    [link] = set(re.findall(r'href="(/desk/patrols\?[^"]+)">1<span[^>]*> Patrols, All', page))
    assert " 1 patrol " in words(lena.get(html.unescape(link)).text)
    notices_page = words(lena.get(f"/desk/count/period/by/offence?{asked}").text)
    assert "Not narrowed to what the patrols were narrowed to: Kilburn" in notices_page


@pytest.mark.parametrize("code", BREAKDOWNS)
def test_an_empty_week_teaches(lena: FlaskClient, code: str) -> None:
    page = lena.get(f"{HERE}/by/{code}").text
    assert BREAKDOWNS[code].empty in html.unescape(page)
    assert "<table" not in page


@pytest.mark.usefixtures("busy_week")
def test_a_chart_says_in_words_what_it_draws(lena: FlaskClient) -> None:
    page = lena.get(f"{HERE}/by/ward").text
    assert re.search(r'<svg [^>]*role="img" aria-labelledby="by-ward-title by-ward-desc">', page)
    desc = re.search(r'<desc id="by-ward-desc">(.*?)</desc>', page)
    assert desc
    assert re.fullmatch(r"Patrols in each of \d\d rows. The most: Kilburn: 4.", desc[1])


@pytest.mark.parametrize(
    "address",
    [
        f"{HERE}/by/officer",
        f"{HERE}/by/officer.csv",
        "/desk/count/period/by/officer",
        "/desk/count/2026-W54/by/ward",
    ],
)
def test_what_is_not_there_is_said(lena: FlaskClient, address: str) -> None:
    answer = lena.get(address)
    assert answer.status_code == 404
    if "officer" in address:
        assert "Nothing is broken down by “officer”. There are: ward, activity" in words(
            answer.text
        )


def test_days_that_are_none_lead_to_the_page_that_says_so(lena: FlaskClient) -> None:
    asked = "from=2026-11-22&to=2026-11-16"
    for rest in ("by/ward", "by/ward.csv", "shifts"):
        answer = lena.get(f"/desk/count/period/{rest}?{asked}")
        assert answer.location == f"/desk/count/period?{asked}"


def test_a_list_of_patrols_says_what_it_is_narrowed_to(lena: FlaskClient) -> None:
    asked = {"category": "none", "hours": "09-12", "outcome": "moved-on", "joint": "no"}
    said = words(lena.get("/desk/patrols", query_string=asked).text)
    for one in (
        "Not joint with police",
        "No place of the register",
        "09:00 to 12:00",
        "Asked to move on, and did",
    ):
        assert f"{one} Remove “{one}”" in said
    for code, one in (
        ("outreach", "Referred to outreach"),
        ("swep-made", "SWEP: Offer made, no answer yet"),
    ):
        said = words(lena.get("/desk/patrols", query_string={"support": code}).text)
        assert f"{one} Remove “{one}”" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("category", "castle"), ("hours", "09-10"), ("outcome", "?"), ("support", "money")],
)
def test_a_list_of_patrols_refuses_what_it_cannot_be_narrowed_to(
    lena: FlaskClient, name: str, value: str
) -> None:
    assert lena.get("/desk/patrols", query_string={name: value}).status_code == 400


def test_the_week_and_the_period_lead_to_every_breakdown(lena: FlaskClient, log: Log) -> None:
    log()
    for page, of_ in ((HERE, HERE), ("/desk/count/period", "/desk/count/period")):
        text = lena.get(page).text
        assert re.findall(rf'href="{of_}/by/([a-z]+)"', text) == list(BREAKDOWNS)


def test_an_officer_does_not_see_them(client: FlaskClient, olu: str) -> None:
    assert olu
    sign_in(client, "olu")
    for rest in ("by/ward", "by/ward.csv"):
        assert client.get(f"{HERE}/{rest}").status_code == 403


@pytest.mark.usefixtures("busy_week")
@pytest.mark.parametrize("code", BREAKDOWNS)
def test_the_csv_of_a_breakdown_is_what_its_page_shows(lena: FlaskClient, code: str) -> None:
    shown = rows_of(lena.get(f"{HERE}/by/{code}").text)[1:]
    answer = lena.get(f"{HERE}/by/{code}.csv")
    assert f"{code}-2026-W47.csv" in answer.headers["Content-Disposition"]
    read = list(csv.DictReader(io.StringIO(answer.text)))
    one = BREAKDOWNS[code]
    columns = [*one.keys, one.columns[len(one.keys)], *one.measures]
    assert [[_shown(row[column.heading], column) for column in columns] for row in read] == shown
    assert {(row["From"], row["To"]) for row in read} == {("2026-11-16", "2026-11-22")}


def test_the_csv_of_days_says_what_it_is_narrowed_to(lena: FlaskClient, log: Log) -> None:
    log(with_police=True)
    here = "/desk/count/period/by/{}.csv?from=2026-11-16&to=2026-11-22"

    def narrowing(code: str, more: str = "") -> set[tuple[str | None, ...]]:
        read = csv.DictReader(io.StringIO(lena.get(here.format(code) + more).text))
        return {tuple(row.get(one.heading) for one in exports.NARROWED) for row in read}

    every = ("All wards", "all", "All activities", "all", "no")
    assert narrowing("activity") == {every}
    asked = f"&ward={WARD}&activity={FAITH}&with_police=yes"
    chosen = ("Kilburn", WARD, catalogue.label("activities", FAITH), FAITH, "yes")
    assert narrowing("day", asked) == {chosen}
    assert narrowing("joint", f"&ward={WARD}") == {(*chosen[:2], *every[2:])}
    assert narrowing("ward", "&activity=none") == {(*every[:2], "Not given", "none", "no")}
    for code in ("offence", "shifts"):  # of these nothing is narrowed
        assert narrowing(code, asked) <= {(None,) * 5}


def _shown(cell: str, column: breakdowns.Column) -> str:
    if column.unit == "minutes":
        return "0" if cell == "0" else minutes(int(cell))
    return cell


def test_a_bar_across_is_as_long_as_its_number() -> None:
    drawn = charts.across([0, 5, 10])
    room = charts.WIDTH - charts.WORDS - charts.NUMBER
    assert [bar.width for bar in drawn.bars] == [0, room / 2, room]
    assert drawn.height == 3 * charts.ROW
    assert charts.across([]).height == charts.ROW


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 min"), (45, "45 min"), (480, "8 h"), (465, "7 h 45 min")]
)
def test_minutes_are_said_in_hours(number: int, said: str) -> None:
    assert minutes(number) == said


def test_the_declarations_fit_each_other() -> None:
    for one in BREAKDOWNS.values():
        names = [column.name for column in one.columns]
        assert len(names) == len(set(names)), one.code
        assert one.drawn < len(one.measures)
    assert len({one.title for one in BREAKDOWNS.values()}) == len(BREAKDOWNS)
    assert exports.HEADINGS[0] == "Week"
    assert week_files.FORMATS.keys() == {"csv", "xlsx", "json", "open-data"}


@pytest.mark.parametrize("code", ["offence", "standing", "followed"])
def test_notices_of_a_few_days_are_found_without_reading_all_of_them(
    db: Database, code: str
) -> None:
    asked = dict.fromkeys(("begins", "ends", "first", "last", "today"), "2026-11-16")
    plan = all_rows(db, f"EXPLAIN QUERY PLAN {BREAKDOWNS[code].sql}", asked)
    steps = [str(step["detail"]) for step in plan]
    assert any("notices_issued_or_written" in step for step in steps)
    scanned = {step for step in steps if step.startswith("SCAN notices")}
    assert scanned <= {"SCAN notices USING INDEX notices_warning"}  # the notices after warnings
