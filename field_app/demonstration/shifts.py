"""Eight weeks of invented shifts: the pages that officers' phones would have written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from field_app.demonstration import bodies
from field_app.demonstration.people import Person, Place, invented
from field_app.demonstration.rota import Turn, turns, week_number, with_same_hours
from field_app.demonstration.sections import Body, chance
from field_app.notebook import seal_of
from field_app.times import Week, london, moment_text

HELD, FAST, OPEN, SILENT = "officer03", "officer05", "officer07", "officer09"
"""Who has a held page; a clock two hours fast; a shift left open; pages that came late."""
FAST_BY = timedelta(hours=2)


class Sending(NamedTuple):
    """The pages of one shift as one phone sent them; `sent_at` is by the phone's clock."""

    officer: str
    notebook: str
    pages: list[dict[str, Any]]
    sent_at: datetime
    received_at: datetime


class Entry(NamedTuple):
    """Something an officer writes down, and when that truly is."""

    at: datetime
    kind: str
    record: str
    body: Body


def pages(
    now: datetime, officers: list[Person], places: list[Place], seed: int
) -> Iterator[Sending]:
    """Eight weeks of shifts up to yesterday and what there is of today's, as they were received.

    The same arguments make the same pages, byte for byte.
    """
    found = [
        sending
        for number in range(len(officers))
        for sending in _Officer(number, officers, places, seed).sendings(now)
    ]
    yield from sorted(found, key=lambda s: (s.received_at, s.notebook, s.pages[0]["page"]))


def uuid7(at: datetime, rng: Random) -> str:
    """An id that begins with the millisecond at which it was made (RFC 9562)."""
    milliseconds = int(at.timestamp() * 1000)
    high = milliseconds << 16 | 7 << 12 | rng.getrandbits(12)
    return str(UUID(int=high << 64 | 2 << 62 | rng.getrandbits(62)))


class Notebook:
    """The pages of one notebook, each sealed to the one before."""

    def __init__(self, id: str) -> None:  # noqa: A002 - it is the notebook's word for it
        self.id, self.page, self.seal = id, 0, id

    def write(self, entry: Entry, fast_by: timedelta) -> dict[str, Any]:
        """The next page, all its moments by a clock that is this fast."""

        def by_the_phone(moment: datetime) -> str:
            return moment_text(moment + fast_by)

        body = json.dumps(
            entry.body, default=by_the_phone, ensure_ascii=False, separators=(",", ":")
        )
        previous, self.page = self.seal, self.page + 1
        written_at = by_the_phone(entry.at)
        self.seal = seal_of(previous, self.page, entry.kind, entry.record, written_at, body)
        return {
            "page": self.page,
            "kind": entry.kind,
            "record": entry.record,
            "written_at": written_at,
            "previous": previous,
            "seal": self.seal,
            "body": body,
        }


class _Officer:
    """One officer's eight weeks."""

    def __init__(self, number: int, officers: list[Person], places: list[Place], seed: int) -> None:
        self.number, self.officers, self.places, self.seed = number, officers, places, seed
        self.username = officers[number].username

    def sendings(self, now: datetime) -> Iterator[Sending]:
        today = london(now).date()
        begun = [turn for turn in turns(self.number, today) if turn.begins < now]
        ended = [turn for turn in begun if turn.ends <= now and turn.day < today]
        notebook = Notebook(uuid7(begun[0].begins, self.rng("notebook")))
        for turn in ended if self.username == OPEN else begun:
            fast = self.username == FAST and turn.day >= today - timedelta(days=5)
            clock = FAST_BY if fast else timedelta()
            entries = [entry for entry in self.shift(turn, turn is ended[-1]) if entry.at < now]
            if entries:
                written = [notebook.write(entry, clock) for entry in entries]
                received = self.received(entries[-1].at, now)
                officer = self.officers[self.number].id
                yield Sending(officer, notebook.id, written, received + clock, received)

    def rng(self, about: object) -> Random:
        """The same chances for one shift, whatever was drawn for the others."""
        return Random(f"{self.seed} {self.username} {about}")  # noqa: S311 - no secret is made

    def received(self, last: datetime, now: datetime) -> datetime:
        """When a shift's last page came in: at once, unless the phone was out of reach."""
        back = Week.of(now).previous().begins + timedelta(days=1, hours=7)
        if self.username == SILENT and back - timedelta(days=6) < last < back:
            return back
        return min(last + timedelta(seconds=5), now)

    def shift(self, turn: Turn, latest: bool) -> Iterator[Entry]:
        """One shift; `latest` is the last whole one before today, which has the odd cases."""
        rng = self.rng(turn.day)
        same = with_same_hours(turn, self.number, len(self.officers))
        company = bodies.company(rng, [self.officers[other].id for other in same])
        beats = invented("beats")
        beat = beats[(self.number + week_number(turn.day)) % len(beats)]
        began = turn.begins + timedelta(seconds=rng.randrange(600))
        record = uuid7(began, rng)
        yield Entry(began, "shift-start", record, bodies.shift_start(began, company, beat))
        nearby = [place for place in self.places if place.ward in beat]
        odd = 1 if latest and self.username == HELD else None
        for nth, (arrived, left) in enumerate(attendances(rng, turn)):
            body = bodies.patrol(rng, arrived, left, nearby, night=turn.hours != "early")
            body |= bodies.attended_with(rng, record, company)
            yield from _patrol(rng, left, body, backwards=nth == odd)
        if not (latest and self.username == OPEN):
            ended = turn.ends - timedelta(seconds=rng.randrange(600))
            yield Entry(ended, "shift-end", record, {"ended_at": ended})


def attendances(rng: Random, turn: Turn) -> Iterator[tuple[datetime, datetime]]:
    """From when to when each of a shift's 6 to 14 patrols lasts."""
    number = int(rng.triangular(6, 15, 6))
    first = turn.begins + timedelta(minutes=15)
    each = (turn.ends - timedelta(minutes=15) - first) / number
    for nth in range(number):
        arrived = first + each * (nth + rng.uniform(0, 0.3))
        yield arrived, arrived + each * rng.uniform(0.2, 0.5)


def _patrol(rng: Random, left: datetime, body: Body, backwards: bool) -> Iterator[Entry]:
    """A patrol and, once in a while, its amendment. One written backwards is held."""
    written = left + timedelta(seconds=rng.randrange(5, 50))
    record = uuid7(written, rng)
    if backwards:
        body = body | {"ended_at": body["started_at"] - timedelta(minutes=20)}
    yield Entry(written, "patrol", record, body)
    if not backwards and chance(rng, 0.03):
        later = written + timedelta(seconds=rng.randrange(30, 120))
        yield Entry(later, "amendment", record, bodies.amendment(rng, body))
