"""A bar chart's geometry, for an SVG that a template draws. Units are those of its viewBox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 960, 300
LEFT, TOP, BOTTOM = 56, 14, 34
"""Room for the numbers beside the axis, above the highest bar, and for the days below."""
_MOST_LINES = 5

WORDS, NUMBER = 330, 110
"""Room for the words before bars that lie across, and for the number behind the longest one."""
ROW = 30


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """A line across the chart, at the height of a number."""

    y: float
    number: int


@dataclass(frozen=True)
class Bars:
    """One bar for each number, in order; `slot` is the room that each has."""

    bars: list[Bar]
    lines: list[Line]
    slot: float


def bars(numbers: Sequence[int]) -> Bars:
    """The bars of some numbers, and lines at round ones."""
    step = _step(max(numbers, default=0))
    highest = step * max(1, -(-max(numbers, default=0) // step))
    floor = HEIGHT - BOTTOM
    slot = (WIDTH - LEFT) / max(1, len(numbers))

    def height(number: int) -> float:
        return round((floor - TOP) * number / highest, 1)

    drawn = [
        Bar(
            round(LEFT + slot * nth + slot * 0.1, 1),
            floor - height(number),
            round(min(slot * 0.8, 60), 1),
            height(number),
        )
        for nth, number in enumerate(numbers)
    ]
    lines = [Line(floor - height(number), number) for number in range(0, highest + 1, step)]
    return Bars(drawn, lines, slot)


@dataclass(frozen=True)
class Across:
    """One bar for each number, from top to bottom."""

    bars: list[Bar]
    height: int


def across(numbers: Sequence[int]) -> Across:
    """The bars of some numbers, lying across: for what has long names."""
    longest = max([1, *numbers])
    room = WIDTH - WORDS - NUMBER
    drawn = [
        Bar(WORDS, nth * ROW + 4, round(room * number / longest, 1), ROW - 8)
        for nth, number in enumerate(numbers)
    ]
    return Across(drawn, ROW * max(1, len(numbers)))


def _step(highest: int) -> int:
    """1, 2 or 5, with noughts: so that few lines reach the highest number."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if highest <= step * _MOST_LINES:
                return step
        size *= 10
