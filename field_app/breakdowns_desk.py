"""A week or any days broken down, at the desk: the page and CSV of each way, and what is behind a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from field_app import breakdowns, charts, counts, exports, periods
from field_app.auth import at_the_desk, kept_nowhere
from field_app.breakdowns import BREAKDOWNS, Breakdown, Measure, Row, Table
from field_app.counts import Filters
from field_app.database import get_db
from field_app.times import Week
from field_app.weeks_desk import (
    Page,
    as_csv,
    period_address,
    period_asked,
    places_page,
    today_here,
    week_named,
)

MOST_BARS = 120
"""A chart of more rows would say nothing; the table has them all."""

blueprint = Blueprint("breakdowns", __name__, url_prefix="/desk/count")
blueprint.after_request(kept_nowhere)


def _breakdown(code: str) -> Breakdown:
    found = BREAKDOWNS.get(code)
    if found is None:
        abort(404, f"Nothing is broken down by “{code}”. There are: {', '.join(BREAKDOWNS)}.")
    return found


@blueprint.get("/<name>/by/<code>")
@at_the_desk
def of_week(name: str, code: str) -> str:
    """A week, broken down in one way."""
    asked = week_named(name)
    days = periods.Days(asked.monday, asked.sunday)
    table = breakdowns.table(get_db(), _breakdown(code), days, today_here())
    return _breakdown_page(
        table,
        Filters(),
        week=asked,
        link=lambda other: url_for("breakdowns.of_week", name=asked, code=other),
        csv=url_for("breakdowns.csv_of_week", name=asked, code=code),
        xlsx=url_for("weeks.week_xlsx", name=asked),
    )


@blueprint.get("/period/by/<code>")
@at_the_desk
def of_period(code: str) -> Page:
    """Any days, broken down in one way; what is of patrols is narrowed as their count is."""
    asked, chosen = period_asked(), _breakdown(code)
    if asked.problems:
        return redirect(period_address("weeks.period", asked))
    table = breakdowns.table(get_db(), chosen, asked.days, today_here(), asked.filters)
    return _breakdown_page(
        table,
        asked.filters,
        asked=asked,
        narrowed=list(asked.narrowed().values()),
        narrowing=asked.patrols(asked.days),
        link=lambda other: period_address("breakdowns.of_period", asked, code=other),
        csv=period_address("breakdowns.csv_of_period", asked, code=code),
    )


def _breakdown_page(
    table: Table, filters: Filters, narrowing: dict[str, str] | None = None, **more: Any
) -> str:
    """The page of a table. What is held is said beside what is counted of patrols."""
    held = counts.how_many_patrols(get_db(), table.days.span, replace(filters, state="held"))
    drawn = table.breakdown.measures[table.breakdown.drawn].name
    shown = {"week": None, "asked": None, "narrowed": [], "xlsx": None} | more
    return render_template(
        "desk/breakdown.html",
        table=table,
        chart=charts.across([row[drawn] for row in table.rows])
        if len(table.rows) <= MOST_BARS
        else None,
        charts=charts,
        today=today_here(),
        breakdowns=BREAKDOWNS,
        opened=_opening(table, narrowing or {}),
        held=held if table.breakdown.of_patrols else 0,
        held_address=_listed(table, "patrols", (narrowing or {}) | {"state": "held"}),
        **shown,
    )


def _opening(table: Table, narrowing: dict[str, str]) -> Callable[[Measure, Row], str | None]:
    """How the address of what is behind a number is made."""
    one = table.breakdown

    def opened(measure: Measure, row: Row) -> str | None:
        if not measure.opens:
            return None
        asked: dict[str, str] = {}
        if measure.opens in ("patrols", "spots"):
            asked |= {"state": counts.COUNTED} | (narrowing if one.of_patrols else {})
        if row.get("week"):
            week = Week.parse(row["week"])
            asked |= {"from": str(week.monday), "to": str(week.sunday)}
        by_row = one.asked_of_all if row is table.total else one.asked(row["code"])
        if by_row is None:
            return None
        return _listed(table, measure.opens, {**asked, **by_row, **measure.asked})

    return opened


def _listed(table: Table, which: str, asked: Mapping[str, str]) -> str:
    """The address of a list of the days of a table, unless it is asked for other ones."""
    days = {"from": str(table.days.first), "to": str(table.days.last)}
    return f"{url_for(_LISTS[which])}?{urlencode({**days, **asked})}"


_LISTS = {
    "patrols": "desk.patrols",
    "spots": "breakdowns.places",
    "notices": "desk.notices",
    "shifts": "breakdowns.shifts",
}


@blueprint.get("/<name>/by/<code>.csv")
@at_the_desk
def csv_of_week(name: str, code: str) -> Response:
    asked = week_named(name)
    days = periods.Days(asked.monday, asked.sunday)
    table = breakdowns.table(get_db(), _breakdown(code), days, today_here())
    return as_csv(exports.table_csv(table), f"{code}-{asked}.csv")


@blueprint.get("/period/by/<code>.csv")
@at_the_desk
def csv_of_period(code: str) -> Response:
    asked, chosen = period_asked(), _breakdown(code)
    if asked.problems:
        return redirect(period_address("weeks.period", asked))
    table = breakdowns.table(get_db(), chosen, asked.days, today_here(), asked.filters)
    name = f"{code}-{asked.days.first}-to-{asked.days.last}.csv"
    return as_csv(exports.table_csv(table, asked.filters), name)


@blueprint.get("/period/shifts")
@at_the_desk
def shifts() -> Page:
    """The shifts behind a number of hours."""
    asked = period_asked()
    if asked.problems:
        return redirect(period_address("weeks.period", asked))
    only_open = "open" in request.args
    found = breakdowns.shifts_of(get_db(), asked.days, only_open)
    return render_template(
        "desk/count_shifts.html", shifts=found, days=asked.days, only_open=only_open
    )


@blueprint.get("/period/places")
@at_the_desk
def places() -> str:
    """The different places behind a number of places, of any days."""
    return places_page({})
