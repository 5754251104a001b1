"""What leaves Fieldbook as CSV: UTF-8, headings in the officers' words, days as in ISO 8601."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from field_app.counts import ALL, WeekCount
from field_app.publishing import Version
from field_app.times import moment_text

HEADINGS = (
    "Week",
    "From",
    "To",
    "Ward",
    "Ward code",
    "Activity",
    "Activity code",
    "Patrols",
    "Joint with police",
    "Distinct places",
    "Held (not counted)",
    "Published patrols",
    "Published version",
    "Published at",
)
"""The numbers are of now; the published one is frozen, and empty until the week is published."""

Row = tuple[str | int, ...]


def week_csv(count: WeekCount, published: Sequence[Version] = ()) -> str:
    """A week's count as it is now, beside it what was published last: a row for each ward and
    activity that has any, then one for all of them.

    Distinct places do not add up: one place may be visited for two activities.
    """
    return _csv(HEADINGS, _rows(count, published[-1] if published else None))


def _csv(headings: Row, rows: Iterable[Row]) -> str:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(headings)
    table.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def _rows(count: WeekCount, published: Version | None) -> Iterator[Row]:
    week = (str(count.week), count.week.monday.isoformat(), count.week.sunday.isoformat())
    for ward in count.wards():
        for activity in count.activities():
            cell = ward.code, activity.code
            if cell in count.numbers or cell in count.published:
                names = (ward.label, ward.code, activity.label, activity.code)
                yield (*week, *names, *_numbers(count, *cell), *_published(published, *cell))
    every = (ALL, ALL)
    names = ("All wards", ALL, "All activities", ALL)
    yield (*week, *names, *_numbers(count, *every), *_published(published, *every))


def _numbers(count: WeekCount, ward: str, activity: str) -> tuple[int, ...]:
    at = count.at(ward, activity)
    return at.patrols, at.joint, at.places, at.held


def _published(version: Version | None, ward: str, activity: str) -> Row:
    if version is None:
        return "", "", ""
    return version.numbers[ward, activity], version.number, moment_text(version.at)


def harmless(cell: str | int) -> str | int:
    """The cell, so that a spreadsheet takes it for text: one that begins so would be a formula."""
    risky = isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{cell}" if risky else cell
