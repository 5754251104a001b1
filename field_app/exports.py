"""What leaves Fieldbook as CSV: UTF-8, headings in the officers' words, days as in ISO 8601."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from field_app.counts import ALL, WeekCount

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
    "Late (received after Monday 07:00)",
    "Held (not counted)",
)


def week_csv(count: WeekCount) -> str:
    """A week's count: a row for each ward and activity that has any, then one for all of them.

    Distinct places do not add up: one place may be visited for two activities.
    """
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(HEADINGS)
    table.writerows([harmless(cell) for cell in row] for row in _rows(count))
    return text.getvalue()


def _rows(count: WeekCount) -> Iterator[tuple[str | int, ...]]:
    week = (str(count.week), count.week.monday.isoformat(), count.week.sunday.isoformat())
    for ward in count.wards():
        for activity in count.activities():
            if (ward.code, activity.code) in count.numbers:
                names = (ward.label, ward.code, activity.label, activity.code)
                yield (*week, *names, *_numbers(count, ward.code, activity.code))
    yield (*week, "All wards", ALL, "All activities", ALL, *_numbers(count, ALL, ALL))


def _numbers(count: WeekCount, ward: str, activity: str) -> tuple[int, ...]:
    at = count.at(ward, activity)
    return at.patrols, at.joint, at.places, at.late, at.held


def harmless(cell: str | int) -> str | int:
    """The cell, so that a spreadsheet takes it for text: one that begins so would be a formula."""
    risky = isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{cell}" if risky else cell
