"""Times of day and weeks. Everything kept is UTC; everything shown and counted is Europe/London."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

DAY_PATTERN = r"(19|20|21)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
MOMENT_PATTERN = DAY_PATTERN + r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?Z"
"""A moment on the wire: RFC 3339 in UTC, to the millisecond at most."""


def now() -> datetime:
    """The current moment. Only the edges (views, commands) call this; everything else is given it."""
    return datetime.now(UTC)


def read_moment(text: str) -> datetime:
    """The moment that `text` says, as an aware UTC datetime. ValueError when it says none."""
    if not re.fullmatch(MOMENT_PATTERN, text, re.ASCII):
        raise ValueError(f"not a moment in UTC: {text!r}")
    return datetime.fromisoformat(text)


def is_moment(text: str) -> bool:
    try:
        read_moment(text)
    except ValueError:
        return False
    return True


def moment_text(moment: datetime) -> str:
    """`2026-11-22T14:10:00.000Z`: one width, so that text order is time order in every column."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def london(moment: datetime | str) -> datetime:
    """The moment on London clocks."""
    aware = read_moment(moment) if isinstance(moment, str) else moment
    return aware.astimezone(LONDON)


def london_day(day: date) -> tuple[datetime, datetime]:
    """The moments at which a London day begins and ends: 23, 24 or 25 hours apart."""
    return _midnight(day), _midnight(day + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


@dataclass(frozen=True, order=True)
class Week:
    """Monday to Sunday, Europe/London, named as in ISO 8601: `2026-W47`."""

    monday: date

    @classmethod
    def parse(cls, name: str) -> Week:
        """The week called `name`. ValueError when there is none."""
        found = re.fullmatch(r"((?:20|21)\d\d)-W(\d{2})", name, re.ASCII)
        if not found:
            raise ValueError(f"A week looks like 2026-W47, not {name!r}.")
        try:
            return cls(date.fromisocalendar(int(found[1]), int(found[2]), 1))
        except ValueError as error:
            raise ValueError(f"There is no week {name}.") from error

    @classmethod
    def of(cls, moment: datetime) -> Week:
        """The week in which a moment falls, by London clocks."""
        day = london(moment).date()
        return cls(day - timedelta(days=day.weekday()))

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def begins(self) -> datetime:
        """Monday 00:00 in London, as UTC."""
        return _midnight(self.monday)

    @property
    def ends(self) -> datetime:
        """The next Monday 00:00 in London, as UTC; the week is up to but not including it."""
        return _midnight(self.monday + timedelta(days=7))

    def next(self) -> Week:
        return Week(self.monday + timedelta(days=7))

    def previous(self) -> Week:
        return Week(self.monday - timedelta(days=7))

    def __str__(self) -> str:
        year, week, _ = self.monday.isocalendar()
        return f"{year:04d}-W{week:02d}"
