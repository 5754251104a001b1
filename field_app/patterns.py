"""What is worth a look in a shift. None of it is a fault: each has plain reasons, and the officer knows them.

One question, one pure function; nothing here reads the clock or the central file, and nobody is compared
with anybody. Rows have `page` and `record`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from field_app import words
from field_app.notices import plain
from field_app.times import read_moment

Row = dict[str, Any]

LAST_MINUTES = timedelta(minutes=10)
MANY = 5
"""So many pages in the last minutes are many."""
SEVERAL = 3
"""So many patrols with the same words are several; of fewer than `SEVERAL` words nothing is said."""


@dataclass(frozen=True)
class Notable:
    """Something to look at: a sentence, and the pages it is about."""

    says: str
    where: list[Row]


def without_photo_or_position(notices: list[Row]) -> Iterator[Notable]:
    """Notices that have no photo, and those that have no position: rows with `photo` and `position`."""
    for what in ("photo", "position"):
        bare = [notice for notice in notices if not notice[what]]
        if bare:
            yield Notable(f"{words.how_many(len(bare), 'notice')} without a {what}", bare)


def written_in_the_last_minutes(pages: list[Row]) -> Iterator[Notable]:
    """Many of a shift's patrols and notices in the minutes before the last of them: rows with
    `written_at`, in order."""
    if not pages:
        return
    since = read_moment(pages[-1]["written_at"]) - LAST_MINUTES
    last = [page for page in pages if read_moment(page["written_at"]) >= since]
    if len(last) >= MANY:
        minutes = round(LAST_MINUTES.total_seconds() / 60)
        said = (
            f"{len(last)} of {len(pages)} patrols and notices were written within {minutes} minutes"
        )
        yield Notable(said, last)


def same_words(patrols: list[Row]) -> Iterator[Notable]:
    """The same notes on several patrols: rows with `notes`."""
    by_words: dict[str, list[Row]] = {}
    for patrol in patrols:
        said = " ".join(plain(patrol["notes"] or "").split())
        by_words.setdefault(said, []).append(patrol)
    for said, alike in by_words.items():
        if len(said.split()) >= SEVERAL and len(alike) >= SEVERAL:
            yield Notable(f"The same words on {words.how_many(len(alike), 'patrol')}", alike)


def overlapping(patrols: list[Row]) -> Iterator[Notable]:
    """Patrols of which one began before an earlier one had ended: rows with `started_at` and `ended_at`."""
    timed = [patrol for patrol in patrols if patrol["started_at"] and patrol["ended_at"]]
    timed.sort(key=lambda patrol: (patrol["started_at"], patrol["page"]))
    latest = timed[0] if timed else None
    for before, after in pairwise(timed):
        latest = max(latest or before, before, key=lambda patrol: patrol["ended_at"])
        if after["started_at"] < latest["ended_at"]:
            began, ended = words.clock(after["started_at"]), words.clock(latest["ended_at"])
            said = f"A patrol began at {began}, another one ended at {ended}"
            yield Notable(said, [latest, after])
