"""The weekly count: what is counted, in which week, and that every number opens its own patrols."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import counts, exports, publishing
from field_app.counts import ALL, NOT_GIVEN, Filters, Numbers, Span
from field_app.database import writing
from field_app.times import LONDON, Week
from tests.conftest import OTHER_WARD, WARD, Notebook, patrol, sign_in

WEEK = Week.parse("2026-W47")
WEDNESDAY = datetime(2026, 11, 18, 14, 0, tzinfo=UTC)
MONDAY = WEEK.ends + timedelta(hours=7)
FAITH, TRADING = "faith-reassurance", "street-trading"

Make = Callable[..., str]
Write = Callable[..., list[str]]


def counted(db: Database, week: Week = WEEK) -> dict[tuple[str, str], Numbers]:
    return counts.week_count(db, week).numbers


def write_one(write_pages: Write, officer: str, now: datetime = WEDNESDAY, **body: Any) -> str:
    return write_pages(officer, [("patrol", patrol(now, **body))], now)[0]


@pytest.fixture
def olu(officer: Make) -> str:
    return officer("Olu Officer")


def test_a_patrol_is_counted_in_its_ward_its_activity_and_the_totals(
    db: Database, olu: str, write_pages: Write
) -> None:
    write_one(write_pages, olu)
    one = Numbers(patrols=1, places=1)
    assert counted(db) == {(WARD, FAITH): one, (WARD, ALL): one, (ALL, FAITH): one, (ALL, ALL): one}


@pytest.mark.parametrize("sunday", [date(2026, 10, 25), date(2026, 3, 29), date(2026, 11, 22)])
def test_a_patrol_belongs_to_the_london_week_in_which_it_began(
    db: Database, olu: str, write_pages: Write, sunday: date
) -> None:
    last = datetime(sunday.year, sunday.month, sunday.day, 23, 59, tzinfo=LONDON)
    monday = sunday + timedelta(days=1)
    first = datetime(monday.year, monday.month, monday.day, 0, 1, tzinfo=LONDON)
    for moment in (last, first):
        write_one(write_pages, olu, moment.astimezone(UTC))
    weeks = [Week.of(last.astimezone(UTC)), Week.of(first.astimezone(UTC))]
    assert [week.sunday for week in weeks] == [sunday, sunday + timedelta(days=7)]
    found = [counts.patrols_between(db, Span.of(week), Filters()) for week in weeks]
    assert [[row["started_at"][14:16] for row in rows] for rows in found] == [["59"], ["01"]]
    assert [counts.week_count(db, week).at().patrols for week in weeks] == [1, 1]


def test_an_amended_patrol_counts_as_amended(db: Database, olu: str, write_pages: Write) -> None:
    record = write_one(write_pages, olu)
    changes = {"ward": OTHER_WARD, "with_police": True}
    amendment = {"reason": "The other side of the road", "changes": changes}
    write_pages(olu, [("amendment", amendment, record)], WEDNESDAY)
    moved = Numbers(patrols=1, joint=1, places=1)
    assert counted(db) == {
        (OTHER_WARD, FAITH): moved,
        (OTHER_WARD, ALL): moved,
        (ALL, FAITH): moved,
        (ALL, ALL): moved,
    }


def test_a_patrol_entered_in_error_does_not_count(
    db: Database, olu: str, write_pages: Write
) -> None:
    record = write_one(write_pages, olu)
    error = {"reason": "Tapped twice", "entered_in_error": True}
    write_pages(olu, [("amendment", error, record)], WEDNESDAY)
    assert counted(db) == {(ALL, ALL): Numbers()}


def test_a_patrol_attended_by_several_officers_counts_once(
    db: Database, officer: Make, olu: str, write_pages: Write
) -> None:
    colleagues = [officer("Ada Second"), officer("Bo Third")]
    write_one(write_pages, olu, colleagues=colleagues)
    assert counts.week_count(db, WEEK).at() == Numbers(patrols=1, places=1)


def test_a_held_patrol_stands_beside_the_total_until_it_is_amended(
    db: Database, olu: str, write_pages: Write
) -> None:
    record = write_one(write_pages, olu, outcomes=None, ward=None)
    held = Numbers(held=1)
    assert counted(db) == {
        (NOT_GIVEN, FAITH): held,
        (NOT_GIVEN, ALL): held,
        (ALL, FAITH): held,
        (ALL, ALL): held,
    }
    changes = {"ward": WARD, "outcomes": ["nothing-unusual"]}
    write_pages(olu, [("amendment", {"reason": "Left out", "changes": changes}, record)], WEDNESDAY)
    assert counts.week_count(db, WEEK).at() == Numbers(patrols=1, places=1)


def test_a_held_patrol_without_a_start_belongs_to_the_week_in_which_it_was_written(
    db: Database, olu: str, write_pages: Write
) -> None:
    record = write_one(write_pages, olu, started_at=None)
    assert counts.week_count(db, WEEK).at() == Numbers(held=1)
    assert counts.week_count(db, WEEK.next()).at() == Numbers()
    found = counts.patrols_between(db, Span.of(WEEK), Filters(state="held"))
    assert [row["record"] for row in found] == [record]


def test_distinct_places_are_those_of_the_register_and_each_wording_of_an_address(
    db: Database, olu: str, place: Make, write_pages: Write
) -> None:
    hall, stall = place("Sample Hall"), place("Specimen Stall")
    for spot in ({"place": hall}, {"place": hall, "address": "By the door"}, {"place": stall}):
        body = patrol(WEDNESDAY, **{"address": None} | spot)
        write_pages(olu, [("patrol", body)], WEDNESDAY)
    for address in ("2 Example Street", " 2 EXAMPLE street ", "3 Example Street"):
        write_one(write_pages, olu, address=address)
    assert counts.week_count(db, WEEK).at() == Numbers(patrols=6, places=4)
    places = counts.places_between(db, Span.of(WEEK), Filters())
    assert [(row["name"].strip().lower(), row["patrols"]) for row in places] == [
        ("2 example street", 2),
        ("sample hall", 2),
        ("3 example street", 1),
        ("specimen stall", 1),
    ]


def test_patrols_of_other_officers_and_activities_add_up(
    db: Database, olu: str, officer: Make, write_pages: Write
) -> None:
    write_one(write_pages, olu, with_police=True)
    write_one(write_pages, officer("Ada Second"), address="2 Example Street")
    write_one(write_pages, olu, activity=TRADING, trading_action="advice", ward=OTHER_WARD)
    count = counts.week_count(db, WEEK)
    assert count.at() == Numbers(patrols=3, joint=1, places=2)
    assert count.at(WARD, FAITH) == Numbers(patrols=2, joint=1, places=2)
    assert count.at(OTHER_WARD) == count.at(ALL, TRADING) == Numbers(patrols=1, places=1)


def test_the_table_has_every_ward_and_activity_of_its_week(db: Database) -> None:
    count = counts.week_count(db, WEEK)
    assert (len(count.wards()), len(count.activities())) == (20, 8)
    assert NOT_GIVEN not in [entry.code for entry in count.wards()]


def test_the_csv_of_a_week_is_these_rows(db: Database, olu: str, write_pages: Write) -> None:
    write_one(write_pages, olu, with_police=True)
    write_one(write_pages, olu, activity=TRADING, trading_action="advice", ward=OTHER_WARD)
    write_one(write_pages, olu, outcomes=None)
    week = "2026-W47,2026-11-16,2026-11-22"
    assert exports.week_csv(counts.week_count(db, WEEK)).splitlines() == [
        "Week,From,To,Ward,Ward code,Activity,Activity code,Patrols,Joint with police,"
        "Distinct places,Held (not counted),Published patrols,Published version,Published at",
        f"{week},Camden Town,{OTHER_WARD},Street trading,{TRADING},1,0,1,0,,,",
        f"{week},Kilburn,{WARD},Faith-site reassurance,{FAITH},1,1,1,1,,,",
        f"{week},All wards,all,All activities,all,2,1,1,1,,,",
    ]


def test_the_csv_of_an_empty_week_says_none(db: Database) -> None:
    rows = exports.week_csv(counts.week_count(db, WEEK)).splitlines()[1:]
    assert rows == ["2026-W47,2026-11-16,2026-11-22,All wards,all,All activities,all,0,0,0,0,,,"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_is_a_formula(start: str) -> None:
    assert exports.harmless(f"{start}1+1") == f"'{start}1+1"
    assert [exports.harmless(cell) for cell in ("Kilburn", "a=b", "", -1)] == [
        "Kilburn",
        "a=b",
        "",
        -1,
    ]


@pytest.fixture
def busy_week(
    db: Database,
    leader: str,
    officer: Make,
    place: Make,
    notebook_of: Callable[[str], Notebook],
) -> None:
    """Patrols of three officers, of each kind of trouble, in this week and beside it; most of them came
    before the week was published."""
    books = []
    by_chance = Random(47)
    places = [place(f"Sample Place {n}") for n in range(5)]
    for name in ("Ada First", "Bo Second", "Cy Third"):
        book = notebook_of(officer(name))
        for number in range(40):
            at = WEEK.begins + timedelta(hours=by_chance.randrange(-20, 190))
            body = _some_patrol(by_chance, at, places)
            record = book.write("patrol", body, at)
            if number % 9 == 0:
                changes = {"ward": by_chance.choice((WARD, OTHER_WARD))}
                book.write("amendment", {"reason": "Put right", "changes": changes}, at, record)
            if number % 13 == 0:
                error = {"reason": "Twice", "entered_in_error": True}
                book.write("amendment", error, at, record)
            if number == 30:
                book.send(WEEK.ends)
        books.append(book)
    with writing(db):
        publishing.publish(db, leader, WEEK, MONDAY)
    for book in books:
        book.send(MONDAY + timedelta(hours=1))


def _some_patrol(by_chance: Random, at: datetime, places: list[str]) -> dict[str, Any]:
    trading = {"activity": TRADING, "trading_action": "advice"}
    weapons = {"activity": "weapon-sweep", "notes": "=cmd()"}
    troubles: list[dict[str, Any]] = [{}] * 12
    troubles += [{"outcomes": None}, {"ward": None}, {"activity": None}, {"started_at": None}]
    return patrol(
        at,
        **{"ward": by_chance.choice((WARD, OTHER_WARD, "E05013654"))}
        | {"place": by_chance.choice([*places, None]), "address": f"{by_chance.randrange(3)} Road"}
        | {"with_police": by_chance.choice((True, None))}
        | by_chance.choice(({}, trading, weapons))
        | by_chance.choice(troubles),
    )


@pytest.mark.usefixtures("leader", "busy_week")
def test_every_number_of_the_page_opens_exactly_as_many(client: FlaskClient) -> None:
    sign_in(client, "lena")
    page = client.get("/desk/count/2026-W47").text
    links = re.findall(r'<a class="govuk-link" href="(/[^"]+)">([\d,]+)<', page)
    assert len(links) > 40
    opened = {address: _number_opened(client, html.unescape(address)) for address, _ in links}
    assert opened == {address: int(number.replace(",", "")) for address, number in links}


def _number_opened(client: FlaskClient, address: str) -> int:
    heading = r"<h[12][^>]*>\s*([\d,]+) (?:patrol|distinct place)s?\b"
    page = client.get(address).text
    found = re.search(heading, page)
    assert found, address
    links = set(re.findall(r'href="/desk/records/([^"]+)"', page))
    number = int(found[1].replace(",", ""))
    listed = min(number, 50) if "/patrols?" in address else number
    assert "/places" in address or len(links) == listed
    return number


@pytest.mark.usefixtures("leader", "busy_week")
def test_the_page_the_csv_and_the_patrols_themselves_give_the_same_numbers(
    client: FlaskClient, db: Database
) -> None:
    sign_in(client, "lena")
    answer = client.get("/desk/count/2026-W47.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.text == exports.week_csv(*publishing.count_beside_published(db, WEEK))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    said = {
        (row["Ward code"], row["Activity code"]): Numbers(*map(int, list(row.values())[7:11]))
        for row in rows
    }
    assert said == {
        (ward, activity): _by_hand(db, ward, activity)
        for ward, activity in counted(db)
        if (ward == ALL) == (activity == ALL)
    }
    assert min(vars(said[ALL, ALL]).values()) > 3


def _by_hand(db: Database, ward: str, activity: str) -> Numbers:
    """The same numbers, counted one patrol after the other from the whole table."""
    rows = [
        row
        for row in db.query("SELECT * FROM patrols")
        if WEEK.begins <= datetime.fromisoformat(row["started_at"] or row["written_at"]) < WEEK.ends
        and ward in (ALL, row["ward"] or NOT_GIVEN)
        and activity in (ALL, row["activity"] or NOT_GIVEN)
    ]
    accepted = [row for row in rows if row["state"] == "accepted"]
    return Numbers(
        patrols=len(accepted),
        joint=sum(row["with_police"] for row in accepted),
        places=len({row["place"] or row["address"].strip().lower() for row in accepted}),
        held=sum(row["state"] == "held" for row in rows),
    )


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(state="accepted"),
        Filters(officer="0190f000-0000-7000-8000-000000000001"),
        Filters(spot="0190f000-0000-7000-8000-000000000001"),
        Filters(ward=NOT_GIVEN, activity=FAITH, joint=True, place="hall"),
    ],
)
def test_no_question_reads_the_whole_table(db: Database, filters: Filters) -> None:
    asked: list[str] = []
    db.conn.set_trace_callback(asked.append)
    counts.week_count(db, WEEK)
    counts.patrols_between(db, Span.of(WEEK), filters, 50)
    counts.how_many_patrols(db, Span.of(WEEK), filters)
    counts.places_between(db, Span.of(WEEK), filters)
    counts.counted_of_each(db, WEEK)
    counts.counted_in_each(db, [Span.of(WEEK)], filters)
    publishing.versions(db, WEEK)
    db.conn.set_trace_callback(None)
    plans = [row["detail"] for sql in asked for row in db.query(f"EXPLAIN QUERY PLAN {sql}")]
    assert len(asked) == 7
    assert any("INDEX patrols_" in step for step in plans)
    assert [step for step in plans if re.match("SCAN (patrols|published_weeks)", step)] == []


def test_patrols_at_a_spot_are_counted_on_a_connection_that_asked_nothing_else(
    db: Database,
) -> None:
    assert counts.counted_in_each(db, [Span.of(WEEK)], Filters(spot="none")) == [0]
