"""The count at the desk: of a week, which a team leader publishes and restates, and of any days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
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
from field_app.breakdowns import BREAKDOWNS
from field_app.database import get_db, writing
from field_app.fields import BLANK, checksum_of
from field_app.notebook import NotWritten
from field_app.publishing import Version
from field_app.records import Problem
from field_app.records.publication import WeekRestated
from field_app.times import Week, london, now

Page = Response | str | tuple[str, int]

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


def week_named(name: str) -> Week:
    try:
        return Week.parse(name)
    except ValueError as error:
        abort(404, str(error))


@blueprint.get("/<name>")
@at_the_desk
def week(name: str) -> str:
    return _week_page(week_named(name), [], "")


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
        link=lambda code: url_for("breakdowns.of_week", name=asked, code=code),
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
    asked, db = week_named(name), get_db()
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
    asked = week_named(name)
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
    text = exports.week_csv(*publishing.count_beside_published(get_db(), week_named(name)))
    return as_csv(text, f"patrol-count-{name}.csv")


@blueprint.get("/<name>.xlsx")
@at_the_desk
def week_xlsx(name: str) -> Response:
    return _week_file(week_named(name), "xlsx")


@blueprint.get("/<name>.json")
@at_the_desk
def week_json(name: str) -> Response:
    return _week_file(week_named(name), "json")


@blueprint.get("/<name>/open-data.csv")
@at_the_desk
def week_open_data(name: str) -> Response:
    return _week_file(week_named(name), "open-data")


def _week_file(asked: Week, format_name: str) -> Response:
    how = week_files.FORMATS[format_name]
    made = week_files.make(get_db(), asked, now())
    data = how.made(made, current_app.config["OPEN_DATA_SMALLEST"])
    return _as_file(data, how.media_type, week_files.file_name(asked, format_name))


def as_csv(text: str, name: str) -> Response:
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
    return places_page({"week": str(week_named(name))})


def places_page(days: dict[str, str]) -> str:
    asked = Asked.read(request.args | days | {"state": counts.COUNTED}, today_here())
    if asked.problems:
        abort(404, " ".join(asked.problems.values()))
    places = counts.places_between(get_db(), asked.span, asked.filters)
    return render_template("desk/places.html", places=places, asked=asked, week=asked.week)


# Any days


def period_asked() -> AskedPeriod:
    return AskedPeriod.read(request.args, today_here())


def period_address(endpoint: str, asked: AskedPeriod, **more: str) -> str:
    """The address of another page of the same days."""
    query = urlencode(asked.address())
    return url_for(endpoint, **more) + (f"?{query}" if query else "")  # type: ignore[arg-type]


def today_here() -> date:
    return london(now()).date()


@blueprint.get("/period")
@at_the_desk
def period() -> Page:
    """The patrols of any days: one figure, compared, with a chart by week."""
    asked = period_asked()
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
        today=today_here(),
        breakdowns=BREAKDOWNS,
        link=lambda code: period_address("breakdowns.of_period", asked, code=code),
    )
    return html, 400 if asked.problems else 200


@blueprint.get("/period.csv")
@at_the_desk
def period_csv() -> Response:
    asked = period_asked()
    if asked.problems:
        return redirect(period_address("weeks.period", asked))
    found = periods.period(get_db(), asked.days, asked.filters)
    name = f"patrols-{asked.days.first}-to-{asked.days.last}.csv"
    return as_csv(exports.period_csv(found, asked.filters), name)


@blueprint.app_template_global()
def listed_patrols(asked: AskedPeriod, days: periods.Days) -> str:
    """The address of the patrols behind a figure of a period."""
    return f"{url_for('desk.patrols')}?{urlencode(asked.patrols(days))}"
