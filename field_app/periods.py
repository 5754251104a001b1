"""The patrols of any days: one figure, its weeks, and the figures it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlite_utils import Database

from field_app.counts import Filters, Span, counted_in_each
from field_app.times import Week, london_day

LONGEST = 3_660
"""Days: ten years, leap days too."""


@dataclass(frozen=True)
class Days:
    """London days, the first and the last among them."""

    first: date
    last: date

    @property
    def number(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def span(self) -> Span:
        return Span(london_day(self.first)[0], london_day(self.last)[1])

    def before(self) -> Days:
        """As many days, up to the day before."""
        return Days(self.first - timedelta(self.number), self.first - timedelta(1))

    def year_before(self) -> Days:
        """The same days of the year before."""
        return Days(_year_before(self.first), _year_before(self.last))

    def weeks(self) -> list[Days]:
        """The days of each week among these; the first and the last may be parts of a week."""
        parts, first = [], self.first
        while first <= self.last:
            sunday = first + timedelta(days=6 - first.weekday())
            parts.append(Days(first, min(sunday, self.last)))
            first = sunday + timedelta(1)
        return parts

    @property
    def week(self) -> Week:
        """The week in which these days begin."""
        return Week(self.first - timedelta(days=self.first.weekday()))


def _year_before(day: date) -> date:
    """29 February has the 28th for its day of the year before."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


@dataclass(frozen=True)
class Counted:
    """How many patrols count that began on some days."""

    days: Days
    patrols: int


@dataclass(frozen=True)
class Period:
    """One figure: the days asked for, the days before, the same days of the year before, each week."""

    whole: Counted
    before: Counted
    year_before: Counted
    weeks: list[Counted]


def period(db: Database, days: Days, filters: Filters) -> Period:
    """Count the patrols of a period as they are now. All its figures are of one query."""
    asked = [days, days.before(), days.year_before(), *days.weeks()]
    numbers = counted_in_each(db, [one.span for one in asked], filters)
    whole, before, year_before, *weeks = map(Counted, asked, numbers)
    return Period(whole, before, year_before, weeks)
