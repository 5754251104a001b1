"""The demonstration's rota, in London's hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from field_app.times import LONDON

DAYS = 56
HOURS = {"early": (7, 15), "late": (14, 22), "evening": (17, 25)}
"""London clocks; the evening shift ends at one in the morning."""


@dataclass(frozen=True)
class Turn:
    """One officer's turn of duty, in UTC. `day` is the London day on which it begins."""

    day: date
    hours: str
    begins: datetime
    ends: datetime


def turn(number: int, day: date) -> Turn | None:
    """What the rota says for an officer: four days on, four off, every fourth officer at night."""
    if (day.toordinal() + 3 * number) % 8 >= 4:
        return None
    if number % 4 == 0:
        hours = "evening" if day.weekday() in (4, 5) else "late"
    else:
        hours = "early" if (week_number(day) + number) % 2 else "late"
    midnight = datetime.combine(day, time(), LONDON)
    begins, ends = (midnight + timedelta(hours=hour) for hour in HOURS[hours])
    return Turn(day, hours, begins.astimezone(UTC), ends.astimezone(UTC))


def turns(number: int, today: date) -> list[Turn]:
    """An officer's turns in the eight weeks before today, and today's."""
    days = (today - timedelta(days=back) for back in range(DAYS, -1, -1))
    return [found for day in days if (found := turn(number, day))]


def with_same_hours(own: Turn, number: int, officers: int) -> list[int]:
    """The numbers of the other officers who have the same turn."""
    return [other for other in range(officers) if other != number and turn(other, own.day) == own]


def week_number(day: date) -> int:
    """Weeks, Monday to Sunday, counted on without end."""
    return (day.toordinal() - 1) // 7
