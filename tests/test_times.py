"""Weeks and days are London's, moments are UTC, across the clock change too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from field_app import words
from field_app.times import Week, london, london_day, moment_text, read_moment


def test_a_week_is_monday_to_sunday_and_named_as_in_iso_8601() -> None:
    week = Week.parse("2026-W47")
    assert (week.monday, week.sunday, str(week)) == (
        date(2026, 11, 16),
        date(2026, 11, 22),
        "2026-W47",
    )
    assert (str(week.next()), str(week.previous())) == ("2026-W48", "2026-W46")


def test_the_week_over_new_year_belongs_to_the_year_of_its_thursday() -> None:
    assert str(Week.of(datetime(2027, 1, 3, 12, tzinfo=UTC))) == "2026-W53"
    assert str(Week.parse("2026-W53").next()) == "2027-W01"


@pytest.mark.parametrize(
    "name", ["2026-W54", "2027-W53", "2026-W00", "2026-47", "W47", "", "2026-W47 "]
)
def test_a_week_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="week"):
        Week.parse(name)


@pytest.mark.parametrize(
    ("name", "hours", "begins", "ends"),
    [
        ("2026-W43", 169, "2026-10-18T23:00:00.000Z", "2026-10-26T00:00:00.000Z"),
        ("2026-W13", 167, "2026-03-23T00:00:00.000Z", "2026-03-29T23:00:00.000Z"),
        ("2026-W47", 168, "2026-11-16T00:00:00.000Z", "2026-11-23T00:00:00.000Z"),
    ],
)
def test_a_week_with_a_clock_change_has_an_hour_more_or_less(
    name: str, hours: int, begins: str, ends: str
) -> None:
    week = Week.parse(name)
    assert (moment_text(week.begins), moment_text(week.ends)) == (begins, ends)
    assert week.ends - week.begins == timedelta(hours=hours)


def test_a_london_day_is_23_24_or_25_hours_long() -> None:
    def length(day: date) -> int:
        begins, ends = london_day(day)
        return (ends - begins) // timedelta(hours=1)

    days = [date(2026, 3, 29), date(2026, 11, 22), date(2026, 10, 25)]
    assert [length(day) for day in days] == [23, 24, 25]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T14:10:00",
        "2026-11-22T14:10:00+00:00",
        "2026-11-22 14:10:00Z",
        "2026-02-30T00:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T14:10:00.1234Z",
        "٢٠٢٦-11-22T14:10:00Z",
        "",
    ],
)
def test_what_is_not_a_moment_in_utc_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a moment|day|hour"):
        read_moment(text)


def test_moments_are_kept_in_one_width_so_that_text_order_is_time_order() -> None:
    written = ["2026-11-22T14:10:00Z", "2026-11-22T14:10:00.5Z", "2026-11-22T14:10:01Z"]
    kept = [moment_text(read_moment(text)) for text in written]
    assert kept == sorted(kept)
    assert {len(text) for text in kept} == {24}
    assert kept[1] == "2026-11-22T14:10:00.500Z"


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first, again = london("2026-10-25T00:30:00Z"), london("2026-10-25T01:30:00Z")
    assert (f"{first:%H:%M %Z}", f"{again:%H:%M %Z}") == ("01:30 BST", "01:30 GMT")


def test_days_are_said_without_what_they_share() -> None:
    assert words.week(Week.parse("2026-W47")) == "Monday 16 to Sunday 22 November 2026"
    assert words.week(Week.parse("2026-W49")) == "Monday 30 November to Sunday 6 December 2026"
    assert words.week(Week.parse("2026-W53")) == "Monday 28 December 2026 to Sunday 3 January 2027"


def test_a_clock_wrong_by_more_than_two_minutes_is_put_right_and_said() -> None:
    at = "2026-11-22T14:10:00.000Z"
    assert (words.corrected(at, 120), words.clock_trouble(-120)) == (None, None)
    assert words.corrected(at, 7200) == "2026-11-22T16:10:00.000Z"
    assert words.clock_trouble(7200) == "2 hours slow"
    assert words.clock_trouble(-3900) == "1 hour 5 minutes fast"
