"""What leaves Fieldbook as CSV: UTF-8, headings in the officers' words, days as in ISO 8601."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from field_app import catalogue
from field_app.counts import ALL, NOT_GIVEN, Filters, WeekCount
from field_app.periods import Counted, Period
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

PERIOD_HEADINGS = (
    "What",
    "Week",
    "From",
    "To",
    "Ward",
    "Ward code",
    "Activity",
    "Activity code",
    "Joint with police only",
    "Patrols",
)


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


def period_csv(period: Period, filters: Filters) -> str:
    """The patrols of a period as they are now: a row for each week of it, one for all of it, and one
    for each period that it is compared with."""
    return _csv(PERIOD_HEADINGS, _period_rows(period, filters))


def _period_rows(period: Period, filters: Filters) -> Iterator[Row]:
    ward, activity = filters.ward or ALL, filters.activity or ALL
    chosen = (
        _called("wards", ward, "All wards"),
        ward,
        _called("activities", activity, "All activities"),
        activity,
        "yes" if filters.joint else "no",
    )

    def row(what: str, counted: Counted, week: str = "") -> Row:
        days = counted.days.first.isoformat(), counted.days.last.isoformat()
        return what, week, *days, *chosen, counted.patrols

    for counted in period.weeks:
        yield row("Week", counted, str(counted.days.week))
    yield row("Period", period.whole)
    yield row("Period before", period.before)
    yield row("Year before", period.year_before)


def _called(of: str, code: str, every: str) -> str:
    if code == ALL:
        return every
    return "Not given" if code == NOT_GIVEN else catalogue.label(of, code)


def harmless(cell: str | int) -> str | int:
    """The cell, so that a spreadsheet takes it for text: one that begins so would be a formula."""
    risky = isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{cell}" if risky else cell
