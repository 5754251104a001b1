"""The patrols of any days: one figure, what it is compared with, and its weeks."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import charts, desk, periods, weeks_desk
from field_app.counts import Filters
from field_app.periods import Days
from field_app.times import LONDON
from field_app.words import difference
from tests.conftest import OTHER_WARD, WARD, patrol, sign_in
from tests.desk import words

NOW = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)
HERE = "/desk/count/period"
COUNTED = Filters(state="accepted")
FAITH = "faith-reassurance"

Make = Callable[..., str]
Write = Callable[..., list[str]]


@pytest.fixture
def logged(officer: Make, write_pages: Write) -> Callable[..., None]:
    """Log a patrol of 14:00 London time on each of some days."""
    olu = officer("Olu Officer")

    def log(*days: str, **body: Any) -> None:
        for day in days:
            at = datetime.fromisoformat(f"{day}T14:00").replace(tzinfo=LONDON).astimezone(UTC)
            write_pages(olu, [("patrol", patrol(at, **body))], at)

    return log


@pytest.fixture
def lena(client: FlaskClient, leader: str, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    assert leader
    for module in (desk, weeks_desk):
        monkeypatch.setattr(module, "now", lambda: NOW)
    sign_in(client, "lena")
    return client


def days(first: str, last: str) -> Days:
    return Days(date.fromisoformat(first), date.fromisoformat(last))


def numbers(db: Database, these: Days, filters: Filters = COUNTED) -> list[int]:
    """Of the period, of the one before, of a year before, then of each week."""
    found = periods.period(db, these, filters)
    return [one.patrols for one in (found.whole, found.before, found.year_before, *found.weeks)]


def test_a_period_is_its_days_the_days_before_and_the_days_of_the_year_before(
    db: Database, logged: Callable[..., None]
) -> None:
    logged("2026-11-09", "2026-11-15", "2026-11-16", "2026-11-18", "2026-11-23", "2026-11-24")
    logged("2025-11-16", "2025-11-23", "2025-11-24")
    assert numbers(db, days("2026-11-16", "2026-11-23")) == [3, 2, 2, 2, 1]


@pytest.mark.parametrize(
    ("first", "last", "before", "year_before"),
    [
        ("2026-11-16", "2026-11-22", ("2026-11-09", "2026-11-15"), ("2025-11-16", "2025-11-22")),
        ("2023-10-01", "2024-08-31", ("2022-10-30", "2023-09-30"), ("2022-10-01", "2023-08-31")),
        ("2024-02-29", "2024-02-29", ("2024-02-28", "2024-02-28"), ("2023-02-28", "2023-02-28")),
    ],
)
def test_the_days_it_is_compared_with(
    first: str, last: str, before: tuple[str, str], year_before: tuple[str, str]
) -> None:
    these = days(first, last)
    assert (these.before(), these.year_before()) == (days(*before), days(*year_before))
    assert these.before().number == these.number


def test_the_weeks_of_a_period_are_its_days_once_each() -> None:
    these = days("2026-10-21", "2026-11-03")
    weeks = these.weeks()
    assert weeks == [
        days("2026-10-21", "2026-10-25"),
        days("2026-10-26", "2026-11-01"),
        days("2026-11-02", "2026-11-03"),
    ]
    assert [str(one.week) for one in weeks] == ["2026-W43", "2026-W44", "2026-W45"]


@pytest.mark.parametrize("sunday", ["2026-10-25", "2026-03-29"])
def test_a_patrol_belongs_to_the_london_day_of_the_clock_change(
    db: Database, officer: Make, write_pages: Write, sunday: str
) -> None:
    day = date.fromisoformat(sunday)
    last = datetime(day.year, day.month, day.day, 23, 59, tzinfo=LONDON)
    for at in (last.astimezone(UTC), last.astimezone(UTC) + timedelta(minutes=1)):
        write_pages(officer(f"O{at:%H%M} Example"), [("patrol", patrol(at))], at)
    assert numbers(db, Days(day, day + timedelta(1))) == [2, 0, 0, 1, 1]


def test_only_what_counts_and_what_is_asked_for_is_in_a_figure(
    db: Database, logged: Callable[..., None]
) -> None:
    logged("2026-11-18")
    logged("2026-11-18", outcomes=None)
    logged("2026-11-18", ward=OTHER_WARD, with_police=True)
    logged("2026-11-18", activity="street-trading", trading_action="advice")
    these = days("2026-11-16", "2026-11-22")
    asked = [
        COUNTED,
        Filters(state="accepted", ward=WARD),
        Filters(state="accepted", activity=FAITH),
        Filters(state="accepted", joint=True),
        Filters(state="accepted", joint=True, ward=WARD),
    ]
    assert [numbers(db, these, one)[0] for one in asked] == [3, 2, 2, 1, 0]


def test_the_figures_of_a_period_are_counted_in_an_index_alone(db: Database) -> None:
    asked: list[str] = []
    db.conn.set_trace_callback(asked.append)
    numbers(
        db,
        days("2023-10-01", "2024-08-31"),
        Filters(state="accepted", activity=FAITH, ward=WARD, joint=True),
    )
    db.conn.set_trace_callback(None)
    [sql] = asked
    steps = [row["detail"] for row in db.query(f"EXPLAIN QUERY PLAN {sql}")]
    [search] = [step for step in steps if step.startswith("SEARCH patrols")]
    assert search.startswith("SEARCH patrols USING COVERING INDEX patrols_started (started_at>")


def test_the_page_shows_one_figure_compared_and_each_number_opens_its_patrols(
    lena: FlaskClient, logged: Callable[..., None]
) -> None:
    logged("2026-11-09", "2026-11-16", "2026-11-18", "2026-11-23", with_police=True)
    logged("2026-11-17")
    logged("2025-11-17", "2025-11-18", with_police=True)
    asked = {
        "from": "2026-11-16",
        "to": "2026-11-24",
        "activity": FAITH,
        "ward": WARD,
        "with_police": "yes",
    }
    page = lena.get(HERE, query_string=asked).text
    assert (
        "3 patrols Monday 16 to Tuesday 24 November 2026, Faith-site reassurance, Kilburn, "
        "joint with police 1 patrol, Saturday 7 to Sunday 15 November 2026 "
        "The 9 days before: Saturday 7 to Sunday 15 November 2026 Now 2 more (200%) "
        "2 patrols, Sunday 16 to Monday 24 November 2025 "
        "A year before: Sunday 16 to Monday 24 November 2025 Now 1 more (50%)"
    ) in words(page)
    links = re.findall(r'href="(/desk/patrols\?[^"]+)">([\d,]+)', page)
    assert len(links) == 5
    opened = {link: words(lena.get(html.unescape(link)).text) for link, _ in links}
    assert {link: f" {number} patrol" in opened[link] for link, number in links} == dict.fromkeys(
        opened, True
    )
    assert 'value="2026-11-24"' in page
    assert f'<option value="{WARD}" selected>' in page


def test_the_chart_says_in_words_what_it_draws_and_its_bars_lead_to_their_weeks(
    lena: FlaskClient, logged: Callable[..., None]
) -> None:
    logged("2026-11-09", "2026-11-16", "2026-11-18", "2026-11-23")
    page = lena.get(HERE, query_string={"from": "2026-11-09", "to": "2026-11-24"}).text
    assert re.search(r'<svg [^>]*role="img" aria-labelledby="weeks-title weeks-desc">', page)
    assert (
        '<title id="weeks-title">Patrols by week, Monday 9 to Tuesday 24 November 2026</title>'
        in page
    )
    desc = re.search(r'<desc id="weeks-desc">(.*?)</desc>', page)
    assert desc
    assert desc[1] == "4 patrols in 3 weeks. The most in one week: 2, in 2026-W47."
    bars = re.findall(r'<a href="([^"]+)" tabindex="-1"><title>(.*?)</title>', page)
    assert bars == [
        ("/desk/count/2026-W46", "2026-W46: 1 patrol"),
        ("/desk/count/2026-W47", "2026-W47: 2 patrols"),
        ("/desk/count/2026-W48", "2026-W48 (2 days): 1 patrol"),
    ]
    table = words(page).split("The numbers of the chart, each with its patrols")[1]
    assert table.startswith(" Week Days Patrols 2026-W46 9 Nov to 15 Nov 2026 1 patrol")


def test_days_before_the_first_patrol_are_not_compared_with(
    lena: FlaskClient, logged: Callable[..., None]
) -> None:
    logged("2026-11-12", "2026-11-16", "2026-11-18")
    said = words(lena.get(HERE, query_string={"from": "2026-11-16", "to": "2026-11-22"}).text)
    begins = "Fieldbook’s patrols begin on Thursday 12 November 2026"
    assert f"Sunday 15 November 2026 Now 1 more (100%); {begins} 0 A year before" in said
    assert "November 2025 Fieldbook has no patrols of these days" in said


def test_without_days_it_is_the_thirteen_weeks_that_ended_last(lena: FlaskClient) -> None:
    said = words(lena.get(HERE).text)
    assert "0 patrols Monday 24 August to Sunday 22 November 2026" in said
    assert "still grows" not in said
    asked = {"from": "2026-11-01", "to": "2026-11-25"}
    assert "These days are not over" in words(lena.get(HERE, query_string=asked).text)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"from": "2026-02-30", "to": "2026-03-01"}, "Enter a real day, such as 2026-11-22"),
        ({"from": "2026-11-22"}, "Enter both days, the first and the last"),
        ({"to": "2026-11-22"}, "Enter both days, the first and the last"),
        ({"from": "2026-11-22", "to": "2026-11-21"}, "The last day must be the first day or after"),
        ({"from": "2010-01-01", "to": "2026-11-21"}, "A period is ten years at most"),
        ({"ward": "E99"}, "Choose one of the wards"),
        ({"activity": "dancing"}, "Choose one of the activities"),
    ],
)
def test_what_cannot_be_understood_is_said_and_nothing_is_counted(
    lena: FlaskClient, asked: dict[str, str], sentence: str
) -> None:
    answer = lena.get(HERE, query_string=asked)
    assert answer.status_code == 400
    assert f"There is a problem {sentence}" in words(answer.text)
    assert "Nothing is counted until this is put right." in words(answer.text)
    csv_answer = lena.get(f"{HERE}.csv", query_string=asked)
    assert csv_answer.location == f"{HERE}?{urlencode(asked)}"


def test_the_csv_has_a_row_for_each_week_the_whole_and_what_it_is_compared_with(
    lena: FlaskClient, logged: Callable[..., None]
) -> None:
    logged("2026-11-09", "2026-11-16", "2026-11-23")
    logged("2026-11-18", ward=OTHER_WARD)
    asked = {"from": "2026-11-16", "to": "2026-11-24", "ward": WARD}
    answer = lena.get(f"{HERE}.csv", query_string=asked)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "patrols-2026-11-16-to-2026-11-24.csv" in answer.headers["Content-Disposition"]
    rest = f"Kilburn,{WARD},All activities,all,no"
    assert answer.text.splitlines() == [
        "What,Week,From,To,Ward,Ward code,Activity,Activity code,Joint with police only,Patrols",
        f"Week,2026-W47,2026-11-16,2026-11-22,{rest},1",
        f"Week,2026-W48,2026-11-23,2026-11-24,{rest},1",
        f"Period,,2026-11-16,2026-11-24,{rest},2",
        f"Period before,,2026-11-07,2026-11-15,{rest},1",
        f"Year before,,2025-11-16,2025-11-24,{rest},0",
    ]


@pytest.mark.parametrize(
    ("number", "before", "said"),
    [
        (12, 10, "2 more (20%)"),
        (8, 10, "2 fewer (20%)"),
        (7, 7, "as many"),
        (1512, 0, "1,512 more"),
        (0, 0, "as many"),
    ],
)
def test_a_difference_is_said_in_words(number: int, before: int, said: str) -> None:
    assert difference(number, before) == said


@pytest.mark.parametrize(
    ("numbers", "lines"),
    [
        ([], [0, 1]),
        ([0, 0], [0, 1]),
        ([3, 5], [0, 1, 2, 3, 4, 5]),
        ([7], [0, 2, 4, 6, 8]),
        ([40, 12], [0, 10, 20, 30, 40]),
        ([571], [0, 200, 400, 600]),
    ],
)
def test_a_chart_has_few_lines_at_round_numbers(numbers: list[int], lines: list[int]) -> None:
    assert [line.number for line in charts.bars(numbers).lines] == lines


def test_a_bar_is_as_high_as_its_number() -> None:
    drawn = charts.bars([0, 5, 10])
    floor = charts.HEIGHT - charts.BOTTOM
    assert [bar.height for bar in drawn.bars] == [0, (floor - charts.TOP) / 2, floor - charts.TOP]
    assert {bar.y + bar.height for bar in drawn.bars} == {floor}
    assert drawn.bars[-1].x + drawn.bars[-1].width <= charts.WIDTH
