"""What is counted in a week or in any days, broken down.

A breakdown is declared once: its SQL, what its rows and numbers are called, and which list opens what is
behind a number. Its page, its CSV, its sheet, its JSON and its query in Datasette are all made from that.

Each SQL says a row for each `code`, and one whose `code` is NULL for all of them where there is such a sum.
It may ask for `:begins` and `:ends` (UTC), `:first` and `:last` (London days) and `:today`; `{counted}`
stands for the choice of patrols in counts.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from sqlite_utils import Database

from field_app import catalogue, words
from field_app.asked import HOURS, hours_in_words, support_in_words
from field_app.counts import (
    COUNTED,
    COUNTS,
    DIMENSIONS,
    NOT_GIVEN,
    SPOT,
    SUPPORT,
    Filters,
    chosen,
)
from field_app.database import all_rows
from field_app.labels import london_midnight, london_time
from field_app.notices import (
    ABOUT,
    FOLLOWED,
    ISSUED,
    KIND_NAMES,
    STANDING,
    STATES,
    WARNINGS,
    WHAT_FOLLOWED,
    WITH_MONEY,
)
from field_app.periods import Days
from field_app.plans import PLANNED, VISIT
from field_app.times import moment_text

Code = str
Labels = list[tuple[Code, str]]
"""Codes and their labels, in the order of rows."""
Row = dict[str, Any]
Opens = Literal["", "patrols", "spots", "notices", "shifts"]

LONGEST_SHIFT_DAYS = 7
"""A shift that began longer before is not looked for among those that run into a day."""


@dataclass(frozen=True)
class Column:
    """A column of a table: `name` in JSON, `heading` to people; its values are of a `kind`."""

    name: str
    heading: str
    about: str
    kind: Literal["text", "number", "day", "moment"] = "text"
    unit: str = ""


@dataclass(frozen=True)
class Measure(Column):
    """A number of each row. `adds_up`: the rows' numbers make the number of all of them. `opens` is the
    list of what is behind a number, asked for by the row's and these names."""

    kind: Literal["text", "number", "day", "moment"] = "number"
    adds_up: bool = True
    opens: Opens = ""
    asked: Mapping[str, str] = field(default_factory=dict)


PATROLS = Measure("patrols", "Patrols", "Patrols that count", unit="patrols", opens="patrols")
JOINT = Measure(
    "joint",
    "Joint with police",
    "Those of them on which police were there",
    unit="patrols",
    opens="patrols",
    asked={"joint": "yes"},
)
PLACES = Measure(
    "places",
    "Distinct places",
    "Different places of the register, or addresses as they were described",
    unit="places",
    adds_up=False,
    opens="spots",
)
NOTICES = Measure(
    "notices",
    "Notices",
    "Notices of the register that were issued on these days, in whatever state",
    unit="notices",
    opens="notices",
)


@dataclass(frozen=True)
class Breakdown:
    """One way to break down what is counted.

    `labels` gives the rows that are always there; where it is None the SQL says a `label` itself, and
    `keys` are the columns beside it. `asked` is what a row's code adds to the address of a list. A `sparse`
    one leaves out rows without any number.
    """

    code: str
    title: str
    heading: str
    about: str
    sql: str
    measures: tuple[Measure, ...]
    labels: Callable[[Days], Labels] | None
    asked: Callable[[Code], Mapping[str, str]]
    choices: str = ""
    """The list that has its codes in the table `choices`, where there is one."""
    sparse: bool = False
    of_patrols: bool = False
    open_data: bool = False
    keys: tuple[Column, ...] = ()
    code_kind: Literal["text", "day"] = "text"
    asked_of_all: Mapping[str, str] | None = field(default_factory=dict)
    """The same for all of them; None where no list has them all."""
    drawn: int = 0
    """Which measure its chart draws."""

    @property
    def empty(self) -> str:
        """What its page says when there is nothing."""
        return _EMPTY[self.measures[0].opens or "plan"]

    @property
    def columns(self) -> tuple[Column, ...]:
        label = Column("label", self.heading, "In words")
        code = Column("code", f"{self.heading} code", "As Fieldbook knows it", self.code_kind)
        return (*self.keys, label, code, *self.measures)


_EMPTY = {
    "patrols": "No patrol of these days says so. What officers wrote without signal is counted as soon as "
    "their phones have sent it.",
    "notices": "No notice that was issued on these days is in the register. One appears when the phone of "
    "its officer has sent it, or when it is entered from paper.",
    "shifts": "No shift that has been received ran on these days. A shift has hours once both its start and "
    "its end are here.",
    "plan": "No visit was due in these days: a plan needs a whole week, Monday to Sunday, and places with a "
    "number of visits a week in the register.",
}


@dataclass(frozen=True)
class Table:
    """A breakdown of some days: each row by the names of its columns; `total` is all of them, None where
    there is no such sum."""

    breakdown: Breakdown
    days: Days
    rows: list[Row]
    total: Row | None

    @property
    def is_empty(self) -> bool:
        numbers = [*self.rows, self.total or {}]
        return not any(row.get(one.name) for row in numbers for one in self.breakdown.measures)


def table(
    db: Database, breakdown: Breakdown, days: Days, today: date, filters: Filters | None = None
) -> Table:
    """Count some days. Filters narrow what is of patrols; they are of those that count."""
    where, values = chosen(db, days.span, filters or Filters(state=COUNTED))
    asked = {"first": str(days.first), "last": str(days.last), "today": str(today)}
    found = all_rows(db, breakdown.sql.replace("{counted}", where), values | asked)
    total = next((row for row in found if row["code"] is None), None)
    rows = [row for row in found if row["code"] is not None]
    if total:
        total |= {"code": "all", "label": "All"}
    return Table(breakdown, days, _with_labels(breakdown, rows, days), total)


def _with_labels(breakdown: Breakdown, rows: list[Row], days: Days) -> list[Row]:
    if breakdown.labels is None:
        names = [one.name for one in breakdown.keys]
        return sorted(rows, key=lambda row: [row[name] for name in (*names, "label", "code")])
    known, by_code = dict(breakdown.labels(days)), {row["code"]: row for row in rows}
    codes = [*known, *sorted(by_code.keys() - known.keys())]
    none = dict.fromkeys((one.name for one in breakdown.measures), 0)
    of = breakdown.choices
    other = {code: catalogue.label(of, code) for code in codes if of and code not in known}
    return [
        {"code": code, "label": (known | other).get(code, code)} | by_code.get(code, none)
        for code in codes
        if code in by_code or not breakdown.sparse
    ]


# Patrols


def _of_dimension(name: str) -> str:
    sums = (
        "count(*) AS patrols, count(*) FILTER (WHERE joint) AS joint, "
        "count(DISTINCT spot) AS places FROM chosen"
    )
    return (
        f"WITH chosen AS MATERIALIZED (SELECT {DIMENSIONS[name]} AS code, "
        f"{DIMENSIONS['joint']} = 'yes' AS joint, {SPOT} AS spot FROM patrols WHERE {{counted}}) "
        f"SELECT code, {sums} GROUP BY code UNION ALL SELECT NULL, {sums}"
    )


def _in_force(name: str, not_given: str | None = None) -> Callable[[Days], Labels]:
    """The entries of a list that were in force on the first or the last day."""

    def labels(days: Days) -> Labels:
        said = [
            (one.code, one.label)
            for one in catalogue.entries(name)
            if one.in_force(days.first) or one.in_force(days.last)
        ]
        return [*said, (NOT_GIVEN, not_given)] if not_given else said

    return labels


def _days(days: Days) -> Labels:
    each = (days.first + timedelta(nth) for nth in range(days.number))
    return [(str(day), words.short_day(day)) for day in each]


def _hours(_days: Days) -> Labels:
    return [(band, hours_in_words(band)) for band in HOURS]


def _by(name: str) -> Callable[[Code], Mapping[str, str]]:
    return lambda code: {name: code}


def _on(code: Code) -> Mapping[str, str]:
    return {"from": code, "to": code}


def _of_patrols(code: str, title: str, heading: str, **more: Any) -> Breakdown:
    said = {
        "about": "Each patrol is in one row: the one in which it is counted.",
        "sql": _of_dimension(code),
        "measures": (PATROLS, JOINT, PLACES),
        "asked": _by(code),
    }
    return Breakdown(
        code,
        title,
        heading,
        of_patrols=True,
        open_data=True,
        **said | more,  # type: ignore[arg-type]
    )


_OUTCOMES = (
    "WITH chosen AS MATERIALIZED (SELECT record, outcomes FROM patrols WHERE {counted}) "
    "SELECT value AS code, count(DISTINCT record) AS patrols "
    "FROM chosen, json_each(chosen.outcomes) GROUP BY value "
    "UNION ALL SELECT NULL, count(*) FROM chosen"
)


def _of_support() -> str:
    names = sorted({sql.partition(" ")[0] for sql in SUPPORT.values()})
    each = " UNION ALL ".join(
        f"SELECT '{code}' AS code, count(*) AS patrols FROM chosen WHERE {sql}"
        for code, sql in SUPPORT.items()
    )
    return f"WITH chosen AS MATERIALIZED (SELECT {', '.join(names)} FROM patrols WHERE {{counted}}) {each}"


def _support(_days: Days) -> Labels:
    return [(code, support_in_words(code)) for code in SUPPORT]


# Notices

_BETWEEN = f"{ISSUED} >= :begins AND {ISSUED} < :ends"


def _of_notices(code: str, rows: str) -> str:
    return (
        f"WITH chosen AS MATERIALIZED (SELECT {code} AS code FROM {rows}) "
        "SELECT code, count(*) AS notices FROM chosen GROUP BY code "
        "UNION ALL SELECT NULL, count(*) FROM chosen"
    )


def _offences(days: Days) -> Labels:
    kinds = [(kind, title) for kind, title in KIND_NAMES.items() if kind != "fpn"]
    return [*_in_force("offences")(days), (NOT_GIVEN, "Offence not given"), *kinds]


def _by_offence(code: Code) -> Mapping[str, str]:
    return {"kind": code} if code in KIND_NAMES else {"offence": code}


# Shifts

_NEXT = "date(day, '+1 day')"
_RAN = f"""
state = 'accepted' AND started_at < :ends
  AND started_at >= strftime('%Y-%m-%dT%H:%M:%fZ', :begins, '-{LONGEST_SHIFT_DAYS} days')
  AND (started_at >= :begins OR ended_at > :begins)
"""
_WORKED = f"""
WITH RECURSIVE worked AS MATERIALIZED (SELECT started_at, ended_at FROM shifts WHERE {_RAN}),
pieces AS MATERIALIZED (
  SELECT started_at, ended_at, substr({london_time("max(started_at, :begins)")}, 1, 10) AS day
  FROM worked UNION ALL
  SELECT started_at, ended_at, {_NEXT} FROM pieces
  WHERE {london_midnight(_NEXT)} < min(ended_at, :ends))
"""
_MINUTES = (
    "coalesce(sum(unixepoch(min(ended_at, {ends})) / 60 "
    "- unixepoch(max(started_at, {begins})) / 60), 0)"
)
_SHIFTS = f"""{_WORKED}
SELECT day AS code, count(*) AS shifts,
  {_MINUTES.format(begins=london_midnight("day"), ends=london_midnight(_NEXT))} AS minutes,
  count(*) FILTER (WHERE ended_at IS NULL) AS open
FROM pieces GROUP BY day UNION ALL
SELECT NULL, count(*), {_MINUTES.format(begins=":begins", ends=":ends")},
  count(*) FILTER (WHERE ended_at IS NULL) FROM worked
"""


def shifts_of(db: Database, days: Days, only_open: bool = False) -> list[Row]:
    """The shifts behind the hours of some days, as they began, each with its minutes within them."""
    minutes = _MINUTES.format(begins=":begins", ends=":ends")
    return all_rows(
        db,
        f"""
        SELECT shifts.record, officers.name AS officer_name, started_at, ended_at, clock_offset_s,
          {minutes.replace("sum", "")} AS minutes
        FROM shifts JOIN officers ON officers.id = shifts.officer
        WHERE {_RAN} AND (ended_at IS NULL OR NOT :only_open) ORDER BY started_at, officer_name
        """,
        {
            "begins": moment_text(days.span.begins),
            "ends": moment_text(days.span.ends),
            "only_open": only_open,
        },
    )


# The plan

_VISITS = f"""
WITH RECURSIVE weeks(monday) AS MATERIALIZED (
  SELECT date(:first, 'weekday 1') WHERE date(:first, 'weekday 1', '+6 days') <= :last UNION ALL
  SELECT date(monday, '+7 days') FROM weeks WHERE date(monday, '+13 days') <= :last),
planned AS MATERIALIZED ({PLANNED}),
visits AS MATERIALIZED (
  SELECT monday, planned.record AS code, planned.name AS label, visits_a_week AS due, (
    SELECT count(*) FROM patrols WHERE patrols.place = planned.record AND {COUNTS} AND {VISIT}
      AND started_at >= {london_midnight("monday")}
      AND started_at < {london_midnight("date(monday, '+7 days')")}) AS done
  FROM weeks, planned),
sums AS MATERIALIZED (
  SELECT strftime('%G-W%V', monday) AS week, code, label, due, done, max(0, due - done) AS missed FROM visits)
SELECT week, code, label, due, done, missed FROM sums UNION ALL
SELECT '', NULL, NULL, coalesce(sum(due), 0), coalesce(sum(done), 0), coalesce(sum(missed), 0) FROM sums
"""


def _no_list(_code: Code) -> Mapping[str, str]:
    return {}


BREAKDOWNS: dict[str, Breakdown] = {
    one.code: one
    for one in (
        _of_patrols("ward", "Patrols by ward", "Ward", labels=_in_force("wards"), choices="wards"),
        _of_patrols(
            "activity",
            "Patrols by activity",
            "Activity",
            labels=_in_force("activities"),
            choices="activities",
        ),
        _of_patrols(
            "category",
            "Patrols by kind of place",
            "Kind of place",
            labels=_in_force("place_categories", "No place of the register"),
            choices="place_categories",
        ),
        _of_patrols(
            "day",
            "Patrols by day",
            "Day",
            about="A patrol is of the day on which it began, by London clocks.",
            labels=_days,
            asked=_on,
            code_kind="day",
        ),
        _of_patrols(
            "hours",
            "Patrols by hour of the day",
            "Hours",
            about="A patrol is of the hours in which it began, by London clocks. On the Sunday on which the "
            "clocks go back, 01:00 to 02:00 comes twice; when they go forward, not at all.",
            labels=_hours,
        ),
        _of_patrols(
            "joint",
            "Patrols joint with police",
            "Joint with police",
            about="Joint where the officer said that police were there; all others are “no”.",
            labels=lambda _days: [("yes", "Yes"), ("no", "No")],
            measures=(PATROLS, PLACES),
        ),
        Breakdown(
            "outcome",
            "Outcomes of patrols",
            "Outcome",
            "A patrol with two outcomes is in both rows, so they do not add up to the patrols.",
            _OUTCOMES,
            (
                Measure(
                    "patrols",
                    "Patrols",
                    "Patrols that count and say so",
                    unit="patrols",
                    adds_up=False,
                    opens="patrols",
                ),
            ),
            _in_force("outcomes"),
            _by("outcome"),
            choices="outcomes",
            of_patrols=True,
            open_data=True,
        ),
        Breakdown(
            "support",
            "Support at rough sleeping and street activity",
            "Support",
            "Patrols that say so, not people: nobody is named, and one person may be met on several. "
            "SWEP is the severe-weather protocol.",
            _of_support(),
            (
                Measure(
                    "patrols",
                    "Patrols",
                    "Patrols that count and say so",
                    unit="patrols",
                    adds_up=False,
                    opens="patrols",
                ),
            ),
            _support,
            _by("support"),
            of_patrols=True,
        ),
        Breakdown(
            "offence",
            "Notices by offence",
            "Offence",
            "Every notice of the register that was issued on these days, also one that was withdrawn, made "
            "void or is held: where each stands now is in “Notices by state”.",
            _of_notices(ABOUT, f"notices WHERE {_BETWEEN}"),
            (NOTICES,),
            _offences,
            _by_offence,
            choices="offences",
            sparse=True,
            open_data=True,
        ),
        Breakdown(
            "standing",
            "Notices by state",
            "State",
            "Where each notice that was issued on these days stands today.",
            _of_notices(f"({STANDING})", f"{WITH_MONEY} WHERE {_BETWEEN}"),
            (NOTICES,),
            lambda _days: list(STATES.items()),
            _by("state"),
            sparse=True,
            open_data=True,
        ),
        Breakdown(
            "followed",
            "Warnings, and what followed",
            "What followed",
            "Community Protection Warnings that were issued on these days and stand. That no notice followed "
            "does not prove that a warning was heeded: no field says so.",
            _of_notices(f"({WHAT_FOLLOWED})", f"notices WHERE {_BETWEEN} AND {WARNINGS}"),
            (
                Measure(
                    "notices",
                    "Warnings",
                    "Community Protection Warnings that stand",
                    unit="notices",
                    opens="notices",
                ),
            ),
            lambda _days: list(FOLLOWED.items()),
            _by("followed"),
            asked_of_all={"followed": "any"},
        ),
        Breakdown(
            "shifts",
            "Officer-hours",
            "Day",
            "From shifts that were started and ended on the phone, by London days, in whole minutes: a shift "
            "over midnight is in both days, with the minutes of each. One whose end has not been received "
            "has no minutes; it is counted as open. Held shifts do not count.",
            _SHIFTS,
            (
                Measure(
                    "shifts",
                    "Shifts",
                    "Shifts that ran on the day",
                    unit="shifts",
                    adds_up=False,
                    opens="shifts",
                ),
                Measure(
                    "minutes",
                    "Officer-minutes",
                    "Minutes on duty within these days",
                    unit="minutes",
                    opens="shifts",
                ),
                Measure(
                    "open",
                    "Open shifts",
                    "Shifts begun, whose end has not been received: without minutes",
                    unit="shifts",
                    opens="shifts",
                    asked={"open": "yes"},
                ),
            ),
            _days,
            _on,
            code_kind="day",
            drawn=1,
        ),
        Breakdown(
            "visits",
            "Planned visits to faith sites",
            "Place",
            "Reassurance patrols that count, against the visits a week that the register of places plans "
            "now. Only whole weeks are in it. A visit more than planned in one week makes up for none in "
            "another.",
            _VISITS,
            (
                Measure("due", "Due", "Visits planned for the week", unit="visits"),
                Measure(
                    "done",
                    "Done",
                    "Reassurance patrols there",
                    unit="visits",
                    opens="patrols",
                    asked={"activity": "faith-reassurance"},
                ),
                Measure("missed", "Missed", "Due and not done", unit="visits"),
            ),
            None,
            _by("at"),
            asked_of_all=None,
            keys=(Column("week", "Week", "Monday to Sunday"),),
            drawn=1,
        ),
    )
}
