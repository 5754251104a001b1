"""The wards' boundaries at the desk: a file is uploaded, looked at, and taken into use."""

from __future__ import annotations

import uuid
from datetime import date
from math import cos, radians
from typing import Any, NamedTuple

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response as BaseResponse

from field_app import boundary_file, catalogue, wards
from field_app.auth import ADMINISTRATOR, at_the_desk, csrf, kept_nowhere, may, reading
from field_app.database import get_db, writing
from field_app.desk_forms import body_of, say_done
from field_app.fields import UUID_PATTERN, Outlines
from field_app.notebook import NotWritten, write_at_desk, written_about
from field_app.outlines import hectares, points_in
from field_app.records import Problem
from field_app.records.ward_boundaries import WardBoundaries
from field_app.times import london, now

Page = BaseResponse | str | tuple[str, int]
Body = dict[str, Any]

MOST_OF_A_POST = 32_000_000
"""Bytes: a file that is somewhat too large is told so at its field."""
MEANWHILE = (
    "Somebody took another file into use meanwhile. Upload yours again to see what it changes."
)

blueprint = Blueprint("wards", __name__, url_prefix="/desk")
blueprint.after_request(kept_nowhere)

importing = may("Take a ward boundary file into use", ADMINISTRATOR)


def _today() -> date:
    return london(now()).date()


@blueprint.get("/wards.geojson")
@at_the_desk
def geojson() -> Response:
    """The boundaries in use, for a map."""
    found = wards.in_use(get_db())
    if found is None:
        abort(404, "No ward boundaries have been imported.")
    answer = jsonify(wards.geojson(found["outlines"]))
    answer.content_type = "application/geo+json"
    return answer


@blueprint.get("/admin/wards")
@reading
def overview() -> str:
    return _overview({}, [])


def _overview(said: Body, problems: list[Problem]) -> str:
    found = wards.every(get_db())
    return render_template(
        "desk/wards.html",
        every=found,
        in_use=found[0] if found else None,
        source=WardBoundaries.columns()["source"],
        drawing=_drawing(found[0]["outlines"]) if found else None,
        rows=_rows(found[0]["outlines"], {}) if found else [],
        said=said,
        problems=problems,
        today=_today(),
    )


@blueprint.get(f'/admin/wards/<regex("{UUID_PATTERN}"):record>')
@reading
def version(record: str) -> str:
    """One file that was taken into use: its outlines, and those before it."""
    every = wards.every(get_db())
    at = next((nth for nth, one in enumerate(every) if one["record"] == record), None)
    if at is None:
        abort(404, "No such ward boundaries are in the central file.")
    found, before = every[at], every[at + 1]["outlines"] if at + 1 < len(every) else {}
    return render_template(
        "desk/wards_version.html",
        found=found,
        until=every[at - 1]["received_at"] if at else None,
        drawing=_drawing(found["outlines"], before),
        rows=_rows(found["outlines"], before),
        replaced=bool(before),
    )


@blueprint.post("/admin/wards/file")
@csrf.exempt  # until its size is limited: the check below reads the form
@importing
def upload() -> Page:
    """Look at what a file says. Nothing is kept."""
    request.max_content_length = MOST_OF_A_POST
    csrf.protect()
    said = body_of(request.form, [WardBoundaries.columns()["source"]])
    data = request.files["file"].read() if "file" in request.files else b""
    in_use = wards.in_use(get_db())
    problems = []
    if "source" not in said:
        message = WardBoundaries.columns()["source"].wording["required"]
        problems.append(Problem("source", message, "required"))
    try:
        known = [ward for ward in catalogue.wards() if ward.in_force(_today())]
        read = boundary_file.read(data, known)
        if in_use and in_use["file_sha256"] == read.sha256:
            raise boundary_file.BadBoundaries("This file is in use already")
    except boundary_file.BadBoundaries as error:
        problems.append(Problem("file", str(error), "file"))
    if problems:
        return _overview(said, problems), 400
    names = ("coordinates", "points", "tolerance_m", "moved_m", "outlines")
    body = said | {"file_sha256": read.sha256} | {name: getattr(read, name) for name in names}
    kept = {"record": str(uuid.uuid4()), "after": in_use and in_use["record"], "body": body}
    before = in_use["outlines"] if in_use else {}
    return render_template(
        "desk/wards_preview.html",
        read=read,
        body=body,
        matched={one.ward.code: one for one in read.matched},
        kept=_signer().dumps(kept),
        drawing=_drawing(read.outlines, before),
        rows=_rows(read.outlines, before),
        replaces=in_use,
    )


@blueprint.post("/admin/wards/take")
@importing
def take() -> Page:
    """Take what was looked at into use; sent twice, once."""
    try:
        kept = _signer().loads(request.form.get("kept", ""))
    except BadData:
        abort(400, "This form is not whole: upload the file again.")
    db = get_db()
    try:
        with writing(db):
            if not written_about(db, kept["record"]):
                _take(kept)
    except NotWritten as error:
        return _overview({}, error.problems), 400
    say_done("The file is in use. Phones have it when they next fetch what they need.")
    return redirect(url_for("wards.overview"), 303)


def _take(kept: Body) -> None:
    db = get_db()
    in_use = wards.in_use(db)
    if kept["after"] != (in_use and in_use["record"]):
        raise NotWritten([Problem("", MEANWHILE, "seen")])
    write_at_desk(db, current_user.id, WardBoundaries.kind, kept["record"], kept["body"], now())


def _signer() -> URLSafeSerializer:
    """What was read of a file, between two pages: nobody but the server can have said it."""
    return URLSafeSerializer(current_app.config["SECRET_KEY"], "ward boundaries")


# The drawing


class Row(NamedTuple):
    """A ward in the table beside the drawing; areas in hectares, None where there is no outline."""

    number: int
    code: str
    points: int
    area: float
    before: float | None
    changed: bool


def _rows(outlines: Outlines, before: Outlines) -> list[Row]:
    return [
        Row(
            number,
            code,
            points_in(polygons),
            hectares(polygons),
            hectares(before[code]) if code in before else None,
            code in before and before[code] != polygons,
        )
        for number, (code, polygons) in enumerate(sorted(outlines.items()), 1)
    ]


WIDTH = 1_000


class Drawing(NamedTuple):
    """An SVG of outlines: paths by ward, those before beneath, and each ward's number where it stands."""

    height: int
    paths: dict[str, str]
    before: dict[str, str]
    numbers: dict[str, tuple[int, float, float]]


def _drawing(outlines: Outlines, before: Outlines | None = None) -> Drawing:
    """The outlines, north up, as wide as WIDTH."""
    drawn = [*outlines.values(), *(before or {}).values()]
    points = [one for polygons in drawn for rings in polygons for ring in rings for one in ring]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    bottom, top = min(y for _, y in points), max(y for _, y in points)
    shrink = cos(radians((bottom + top) / 2))
    scale = WIDTH / ((right - left) * shrink)

    def at(x: float, y: float) -> tuple[float, float]:
        return round((x - left) * shrink * scale, 1), round((top - y) * scale, 1)

    def path(polygons: list[list[list[list[float]]]]) -> str:
        rings = (ring for some in polygons for ring in some)
        lines = (" ".join("{:g},{:g}".format(*at(x, y)) for x, y in ring) for ring in rings)
        return "".join(f"M{line}Z" for line in lines)

    numbers = {
        code: (number, *at(*_middle(polygons)))
        for number, (code, polygons) in enumerate(sorted(outlines.items()), 1)
    }
    return Drawing(
        round((top - bottom) * scale) + 1,
        {code: path(polygons) for code, polygons in outlines.items()},
        {code: path(polygons) for code, polygons in (before or {}).items()},
        numbers,
    )


def _middle(polygons: list[list[list[list[float]]]]) -> tuple[float, float]:
    """The middle of the largest part's outer ring, by the extent of its points."""
    ring = max((rings[0] for rings in polygons), key=lambda one: hectares([[one]]))
    return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)
