"""What leaves Fieldbook as CSV: UTF-8, headings in the officers' words, days as in ISO 8601."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from field_app import catalogue
from field_app.breakdowns import Column, Table
from field_app.counts import ALL, NOT_GIVEN, Filters, WeekCount
from field_app.periods import Counted, Period
from field_app.publishing import Version
from field_app.times import Week, moment_text

WEEK = (
    Column("week", "Week", "Monday to Sunday, London; ISO 8601"),
    Column("from", "From", "The first day", "day"),
    Column("to", "To", "The last day", "day"),
)
COUNT = (
    *WEEK,
    Column("ward", "Ward", "In words"),
    Column("ward_code", "Ward code", "As the Office for National Statistics has it"),
    Column("activity", "Activity", "In words"),
    Column("activity_code", "Activity code", "As Fieldbook knows it"),
    Column("patrols", "Patrols", "Patrols that count, as they are now", "number", "patrols"),
    Column(
        "joint",
        "Joint with police",
        "Those of them on which police were there",
        "number",
        "patrols",
    ),
    Column("places", "Distinct places", "Different places; they do not add up", "number", "places"),
    Column(
        "held", "Held (not counted)", "Held until amended: beside the count", "number", "patrols"
    ),
    Column(
        "published_patrols",
        "Published patrols",
        "As counted in the version that was published last; empty until then",
        "number",
        "patrols",
    ),
    Column("published_version", "Published version", "The number of that version", "number"),
    Column("published_at", "Published at", "When it was published, UTC", "moment"),
)
"""The count of a week: a row for each ward and activity that has any, then one for all of them. The
numbers are of now; the published one is frozen, and empty until the week is published."""
HEADINGS = tuple(column.heading for column in COUNT)

VERSIONS = (
    *WEEK,
    Column("version", "Version", "1, and one more for each restatement", "number"),
    Column("published_at", "Published at", "When it was published, UTC", "moment"),
    Column("patrols", "Patrols", "Patrols that were counted in it", "number", "patrols"),
    Column("checksum", "Checksum", "SHA-256 of what was counted"),
)
"""Every version of a week that was published. Who did it and why stands at the desk."""

OPEN_DATA = (
    *WEEK,
    Column("table", "Table", "Which breakdown"),
    Column("code", "Code", "As Fieldbook knows it; all: the sum"),
    Column("label", "Label", "In words"),
    Column("unit", "Unit", "What is counted"),
    Column("number", "Number", "Empty where it is suppressed", "number"),
    Column(
        "suppressed", "Suppressed", "yes: too small to publish, or it would give such a number away"
    ),
)
"""One fact a row, for anybody: without places, and without small numbers."""

NARROWED = (
    Column("only_ward", "Only ward", "In words; All wards: every one"),
    Column("only_ward_code", "Only ward code", "As the Office for National Statistics has it; all"),
    Column("only_activity", "Only activity", "In words; All activities: every one"),
    Column("only_activity_code", "Only activity code", "As Fieldbook knows it; all"),
    Column(
        "only_joint", "Only joint with police", "yes: only those on which police were there; no"
    ),
)
"""What the patrols of any days were narrowed to, at the end of each row of their breakdown."""

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
    return as_csv(HEADINGS, count_rows(count, published))


def as_csv(headings: Row, rows: Iterable[Row]) -> str:
    """Rows below their headings, each cell made harmless."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(headings)
    table.writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def count_rows(count: WeekCount, published: Sequence[Version]) -> Iterator[Row]:
    """The rows of `week_csv`, in the columns of COUNT."""
    version, week = published[-1] if published else None, week_cells(count.week)
    for ward in count.wards():
        for activity in count.activities():
            cell = ward.code, activity.code
            if cell in count.numbers or cell in count.published:
                names = (ward.label, ward.code, activity.label, activity.code)
                yield (*week, *names, *_numbers(count, *cell), *_published(version, *cell))
    every = (ALL, ALL)
    names = ("All wards", ALL, "All activities", ALL)
    yield (*week, *names, *_numbers(count, *every), *_published(version, *every))


def week_cells(week: Week) -> tuple[str, str, str]:
    return str(week), week.monday.isoformat(), week.sunday.isoformat()


def version_rows(published: Sequence[Version]) -> Iterator[Row]:
    """A row for each version, in the columns of VERSIONS."""
    for one in published:
        at = moment_text(one.at)
        yield (*week_cells(one.week), one.number, at, one.total, one.checksum)


def table_columns(table: Table) -> tuple[Column, ...]:
    """The columns of a breakdown as it leaves Fieldbook: its days, then its own."""
    return (*WEEK[1:], *table.breakdown.columns)


def table_rows(table: Table) -> Iterator[Row]:
    """The rows of a breakdown, then one for all of them where there is such a sum."""
    days = str(table.days.first), str(table.days.last)
    for row in [*table.rows, *([table.total] if table.total else [])]:
        yield (*days, *(row[column.name] for column in table.breakdown.columns))


def table_csv(table: Table, filters: Filters | None = None) -> str:
    """A breakdown: a row for each of its rows. With filters each says what it is narrowed to, if it is of
    patrols: nothing else is narrowed."""
    says = filters if table.breakdown.of_patrols else None
    columns = (*table_columns(table), *(NARROWED if says else ()))
    more = _narrowed(says) if says else ()
    headings = tuple(column.heading for column in columns)
    return as_csv(headings, ((*row, *more) for row in table_rows(table)))


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
    return as_csv(PERIOD_HEADINGS, _period_rows(period, filters))


def _period_rows(period: Period, filters: Filters) -> Iterator[Row]:
    chosen = _narrowed(filters)

    def row(what: str, counted: Counted, week: str = "") -> Row:
        days = counted.days.first.isoformat(), counted.days.last.isoformat()
        return what, week, *days, *chosen, counted.patrols

    for counted in period.weeks:
        yield row("Week", counted, str(counted.days.week))
    yield row("Period", period.whole)
    yield row("Period before", period.before)
    yield row("Year before", period.year_before)


def _narrowed(filters: Filters) -> Row:
    """In the columns of NARROWED."""
    ward, activity = filters.ward or ALL, filters.activity or ALL
    return (
        _called("wards", ward, "All wards"),
        ward,
        _called("activities", activity, "All activities"),
        activity,
        "yes" if filters.joint else "no",
    )


def _called(of: str, code: str, every: str) -> str:
    if code == ALL:
        return every
    return "Not given" if code == NOT_GIVEN else catalogue.label(of, code)


def harmless(cell: str | int) -> str | int:
    """The cell, so that a spreadsheet takes it for text: one that begins so would be a formula."""
    risky = isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{cell}" if risky else cell
