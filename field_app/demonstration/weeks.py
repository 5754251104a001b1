"""The weeks that the demonstration's team leader has published, each on the Monday after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time

from sqlite_utils import Database

from field_app.demonstration.cases import take_in
from field_app.demonstration.shifts import Sending
from field_app.publishing import publish
from field_app.times import LONDON, Week


def published_at(week: Week) -> datetime:
    """Monday 07:00 in London after the week."""
    return datetime.combine(week.next().monday, time(7), LONDON).astimezone(UTC)


def take_in_and_publish(db: Database, sendings: list[Sending], leader: str, now: datetime) -> None:
    """Take sendings in, in the order in which they came, and publish each week in its turn: all but the
    one that ended last, which is left to whoever tries the desk."""
    first = sendings[0].received_at if sendings else now
    weeks = _weeks(Week.of(first), Week.of(now).previous())
    week = next(weeks, None)
    for sending in sendings:
        while week and published_at(week) <= sending.received_at:
            publish(db, leader, week, published_at(week))
            week = next(weeks, None)
        take_in(db, sending)


def _weeks(first: Week, end: Week) -> Iterator[Week]:
    """The weeks from the first one up to but not including the end."""
    while first < end:
        yield first
        first = first.next()
