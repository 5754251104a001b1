"""The count at the desk: of a week, which a team leader publishes and restates, and of any days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from flask import (
    Blueprint,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import (
    breakdowns,
    catalogue,
    charts,
    counts,
    exports,
    periods,
    publishing,
    week_files,
)
from field_app.asked import Asked, AskedPeriod, day_in
from field_app.auth import at_the_desk, kept_nowhere
from field_app.breakdowns import BREAKDOWNS, Breakdown, Measure, Row, Table
from field_app.counts import Filters
from field_app.database import get_db, writing
from field_app.fields import BLANK, checksum_of
from field_app.notebook import NotWritten
from field_app.publishing import Version
from field_app.records import Problem
from field_app.records.publication import WeekRestated
from field_app.times import Week, london, now

Page = Response | str | tuple[str, int]

MOST_BARS = 120
"""A chart of more rows would say nothing; the table has them all."""

blueprint = Blueprint("weeks", __name__, url_prefix="/desk/count")
blueprint.after_request(kept_nowhere)


@blueprint.get("")
@at_the_desk
def count() -> Response:
    """To the week asked for by one of its days, or else to the week that ended last."""
    today = london(now()).date()
    try:
        asked = day_in(request.args, today - timedelta(days=7))
    except ValueError as error:
        abort(404, str(error))
    return redirect(url_for("weeks.week", name=str(Week(asked - timedelta(days=asked.weekday())))))


def _week(name: str) -> Week:
    try:
        return Week.parse(name)
    except ValueError as error:
        abort(404, str(error))


@blueprint.get("/<name>")
@at_the_desk
def week(name: str) -> str:
    return _week_page(_week(name), [], "")


def _week_page(asked: Week, problems: list[Problem], reason: str) -> str:
    db = get_db()
    seen = checksum_of(counts.counted_of_each(db, asked))  # first: what comes meanwhile is not seen
    count, published = publishing.count_beside_published(db, asked)
    [why] = [one for one in WeekRestated.fields() if one.name == "restated_reason"]
    return render_template(
        "desk/count.html",
        count=count,
        week=asked,
        now=now(),
        ALL=counts.ALL,
        steps=_steps(published),
        published=published[-1] if published else None,
        late=publishing.late(db, published[-1]) if published else [],
        seen=seen,
        why=why,
        said={"restated_reason": reason},
        problems=problems,
        breakdowns=BREAKDOWNS,
        link=lambda code: url_for("weeks.week_breakdown", name=asked, code=code),
    )


@dataclass(frozen=True)
class _Step:
    """A version, and how it differs from the one before it."""

    version: Version
    net: int
    difference: publishing.Difference | None


def _steps(published: list[Version]) -> list[_Step]:
    """Every version, the last one first."""
    steps = [
        _Step(
            after, after.total - before.total, publishing.difference(before.counted, after.counted)
        )
        for before, after in pairwise(published)
    ]
    return [*reversed(steps), *(_Step(first, first.total, None) for first in published[:1])]


@blueprint.post("/<name>/publish")
@at_the_desk
def publish(name: str) -> Page:
    """Publish the week as it was seen: the first version, or a restatement."""
    asked, db = _week(name), get_db()
    reason = request.form.get("restated_reason", "").replace("\r\n", "\n").strip(BLANK)
    try:
        with writing(db):
            published = publishing.versions(db, asked)
            if not _is_written(published):
                _refuse_stale(db, asked, published)
                publishing.publish(db, current_user.id, asked, now(), reason or None)
    except NotWritten as error:
        return _week_page(asked, error.problems, reason), 400
    return redirect(url_for("weeks.week", name=asked, _anchor="published"), 303)


def _is_written(published: list[Version]) -> bool:
    """Whether the form was sent twice: its version is there, by the same person."""
    if not published or published[-1].officer != current_user.id:
        return False
    last = published[-1]
    sent = request.form.get("follows"), request.form.get("seen")
    return sent == (str(last.number - 1), last.checksum)


def _refuse_stale(db: Database, asked: Week, published: list[Version]) -> None:
    """NotWritten when what the form showed is no longer so."""
    if published and request.form.get("follows") != str(published[-1].number):
        by = f"{published[-1].by} published version {published[-1].number}"
        said = f"{by} of this week meanwhile. Look at it before you publish."
        raise NotWritten([Problem("", said, "meanwhile")])
    if request.form.get("seen") != checksum_of(counts.counted_of_each(db, asked)):
        said = "The count changed while this page was open. Look at it again, then publish it."
        raise NotWritten([Problem("", said, "seen")])


@blueprint.get("/<name>/versions/<int:number>")
@at_the_desk
def version(name: str, number: int) -> str:
    """The patrols of one version, each as it was counted then."""
    asked = _week(name)
    published = publishing.versions(get_db(), asked)
    step = next((one for one in _steps(published) if one.version.number == number), None)
    if step is None:
        abort(404, f"There is no version {number} of {asked}.")
    rows = counts.these_patrols(get_db(), step.version.counted)
    return render_template(
        "desk/count_version.html",
        week=asked,
        step=step,
        rows=rows,
        gone=step.version.counted.keys() - {row["record"] for row in rows},
        is_last=step.version is published[-1],
    )


@blueprint.get("/<name>.csv")
@at_the_desk
def week_csv(name: str) -> Response:
    text = exports.week_csv(*publishing.count_beside_published(get_db(), _week(name)))
    return _as_csv(text, f"patrol-count-{name}.csv")


@blueprint.get("/<name>.xlsx")
@at_the_desk
def week_xlsx(name: str) -> Response:
    return _week_file(_week(name), "xlsx")


@blueprint.get("/<name>.json")
@at_the_desk
def week_json(name: str) -> Response:
    return _week_file(_week(name), "json")


@blueprint.get("/<name>/open-data.csv")
@at_the_desk
def week_open_data(name: str) -> Response:
    return _week_file(_week(name), "open-data")


def _week_file(asked: Week, format_name: str) -> Response:
    how = week_files.FORMATS[format_name]
    made = week_files.make(get_db(), asked, now())
    data = how.made(made, current_app.config["OPEN_DATA_SMALLEST"])
    return _as_file(data, how.media_type, week_files.file_name(asked, format_name))


def _as_csv(text: str, name: str) -> Response:
    return _as_file(text.encode(), "text/csv; charset=utf-8", name)


def _as_file(data: bytes, media_type: str, name: str) -> Response:
    answer = make_response(data)
    answer.content_type = media_type
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.get("/<name>/places")
@at_the_desk
def week_places(name: str) -> str:
    """The different places behind a number of places."""
    return _places_page({"week": str(_week(name))})


@blueprint.get("/period/places")
@at_the_desk
def period_places() -> str:
    """The different places behind a number of places, of any days."""
    return _places_page({})


def _places_page(days: dict[str, str]) -> str:
    asked = Asked.read(request.args | days | {"state": counts.COUNTED}, _today())
    if asked.problems:
        abort(404, " ".join(asked.problems.values()))
    places = counts.places_between(get_db(), asked.span, asked.filters)
    return render_template("desk/places.html", places=places, asked=asked, week=asked.week)


# Any days


def _period_asked() -> AskedPeriod:
    return AskedPeriod.read(request.args, _today())


def _of_period(endpoint: str, asked: AskedPeriod, **more: str) -> str:
    """The address of another page of the same days."""
    query = urlencode(asked.address())
    return url_for(endpoint, **more) + (f"?{query}" if query else "")  # type: ignore[arg-type]


def _today() -> date:
    return london(now()).date()


@blueprint.get("/period")
@at_the_desk
def period() -> Page:
    """The patrols of any days: one figure, compared, with a chart by week."""
    asked = _period_asked()
    found = None if asked.problems else periods.period(get_db(), asked.days, asked.filters)
    html = render_template(
        "desk/period.html",
        asked=asked,
        found=found,
        chart=charts.bars([one.patrols for one in found.weeks]) if found else None,
        charts=charts,
        begins=counts.first_day(get_db()),
        wards=catalogue.wards(),
        activities=catalogue.activities(),
        today=_today(),
        breakdowns=BREAKDOWNS,
        link=lambda code: _of_period("weeks.period_breakdown", asked, code=code),
    )
    return html, 400 if asked.problems else 200


@blueprint.get("/period.csv")
@at_the_desk
def period_csv() -> Response:
    asked = _period_asked()
    if asked.problems:
        return redirect(_of_period("weeks.period", asked))
    found = periods.period(get_db(), asked.days, asked.filters)
    name = f"patrols-{asked.days.first}-to-{asked.days.last}.csv"
    return _as_csv(exports.period_csv(found, asked.filters), name)


# Broken down


def _breakdown(code: str) -> Breakdown:
    found = BREAKDOWNS.get(code)
    if found is None:
        abort(404, f"Nothing is broken down by “{code}”. There are: {', '.join(BREAKDOWNS)}.")
    return found


@blueprint.get("/<name>/by/<code>")
@at_the_desk
def week_breakdown(name: str, code: str) -> str:
    """A week, broken down in one way."""
    asked = _week(name)
    days = periods.Days(asked.monday, asked.sunday)
    table = breakdowns.table(get_db(), _breakdown(code), days, _today())
    return _breakdown_page(
        table,
        Filters(),
        week=asked,
        link=lambda other: url_for("weeks.week_breakdown", name=asked, code=other),
        csv=url_for("weeks.week_breakdown_csv", name=asked, code=code),
        xlsx=url_for("weeks.week_xlsx", name=asked),
    )


@blueprint.get("/period/by/<code>")
@at_the_desk
def period_breakdown(code: str) -> Page:
    """Any days, broken down in one way; what is of patrols is narrowed as their count is."""
    asked, chosen = _period_asked(), _breakdown(code)
    if asked.problems:
        return redirect(_of_period("weeks.period", asked))
    table = breakdowns.table(get_db(), chosen, asked.days, _today(), asked.filters)
    return _breakdown_page(
        table,
        asked.filters,
        asked=asked,
        narrowed=list(asked.narrowed().values()),
        narrowing=asked.patrols(asked.days),
        link=lambda other: _of_period("weeks.period_breakdown", asked, code=other),
        csv=_of_period("weeks.period_breakdown_csv", asked, code=code),
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
        today=_today(),
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
    "spots": "weeks.period_places",
    "notices": "desk.notices",
    "shifts": "weeks.period_shifts",
}


@blueprint.get("/<name>/by/<code>.csv")
@at_the_desk
def week_breakdown_csv(name: str, code: str) -> Response:
    asked = _week(name)
    days = periods.Days(asked.monday, asked.sunday)
    table = breakdowns.table(get_db(), _breakdown(code), days, _today())
    return _as_csv(exports.table_csv(table), f"{code}-{asked}.csv")


@blueprint.get("/period/by/<code>.csv")
@at_the_desk
def period_breakdown_csv(code: str) -> Response:
    asked, chosen = _period_asked(), _breakdown(code)
    if asked.problems:
        return redirect(_of_period("weeks.period", asked))
    table = breakdowns.table(get_db(), chosen, asked.days, _today(), asked.filters)
    name = f"{code}-{asked.days.first}-to-{asked.days.last}.csv"
    return _as_csv(exports.table_csv(table), name)


@blueprint.get("/period/shifts")
@at_the_desk
def period_shifts() -> Page:
    """The shifts behind a number of hours."""
    asked = _period_asked()
    if asked.problems:
        return redirect(_of_period("weeks.period", asked))
    only_open = "open" in request.args
    shifts = breakdowns.shifts_of(get_db(), asked.days, only_open)
    return render_template(
        "desk/count_shifts.html", shifts=shifts, days=asked.days, only_open=only_open
    )


@blueprint.app_template_global()
def listed_patrols(asked: AskedPeriod, days: periods.Days) -> str:
    """The address of the patrols behind a figure of a period."""
    return f"{url_for('desk.patrols')}?{urlencode(asked.patrols(days))}"
