"""What is worth a look in a shift: each pattern, and what is not one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from field_app.patterns import (
    Notable,
    overlapping,
    same_words,
    without_photo_or_position,
    written_in_the_last_minutes,
)
from field_app.times import moment_text

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
Row = dict[str, Any]


def at(minutes: int) -> str:
    return moment_text(NOW + timedelta(minutes=minutes))


def numbered(rows: list[Row]) -> list[Row]:
    return [row | {"page": page, "record": f"record {page}"} for page, row in enumerate(rows, 1)]


def test_notices_without_a_photo_or_a_position_are_named() -> None:
    whole, no_photo, no_position, neither = notices = numbered(
        [{"photo": photo, "position": position} for position in (1, 0) for photo in (1, 0)]
    )
    no_photo, no_position = notices[1], notices[2]
    assert list(without_photo_or_position(notices)) == [
        Notable("2 notices without a photo", [no_photo, neither]),
        Notable("2 notices without a position", [no_position, neither]),
    ]
    assert list(without_photo_or_position([whole])) == []


def test_five_pages_within_ten_minutes_at_the_end_are_many() -> None:
    pages = numbered([{"written_at": at(minutes)} for minutes in (0, 60, 110, 112, 115, 118, 120)])
    said = "5 of 7 patrols and notices were written within 10 minutes"
    assert list(written_in_the_last_minutes(pages)) == [Notable(said, pages[2:])]
    assert list(written_in_the_last_minutes(pages[:-1])) == []
    assert list(written_in_the_last_minutes([])) == []


def test_the_same_words_on_three_patrols_are_named_whatever_their_case_and_spaces() -> None:
    notes = ["Spoke to the warden", "spoke to  the WARDEN", "Spoke to the warden\n", "All quiet"]
    patrols = numbered([{"notes": text} for text in notes])
    assert list(same_words(patrols)) == [Notable("The same words on 3 patrols", patrols[:3])]
    assert list(same_words(patrols[1:])) == []


def test_few_words_or_none_say_nothing() -> None:
    assert list(same_words(numbered([{"notes": text} for text in ["All quiet"] * 4]))) == []
    assert list(same_words(numbered([{"notes": None}] * 4))) == []


def test_patrols_that_overlap_in_time_are_named_with_the_one_they_overlap() -> None:
    spans = [(0, 60), (10, 20), (20, 30), (60, 70), (70, 70)]
    patrols = numbered([{"started_at": at(began), "ended_at": at(ended)} for began, ended in spans])
    assert list(overlapping(patrols)) == [
        Notable("A patrol began at 14:10, another one ended at 15:00", [patrols[0], patrols[1]]),
        Notable("A patrol began at 14:20, another one ended at 15:00", [patrols[0], patrols[2]]),
    ]


def test_patrols_that_do_not_say_when_overlap_with_nothing() -> None:
    patrols = numbered(
        [{"started_at": at(0), "ended_at": None}, {"started_at": None, "ended_at": at(9)}]
    )
    assert list(overlapping(patrols)) == []
