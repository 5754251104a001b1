"""The register of places at the desk: found, added, changed, retired, and kept as a CSV file."""

from __future__ import annotations

import uuid
from dataclasses import replace
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from field_app import catalogue, csv_file, place_file, places, registers, words
from field_app.asked import A_PAGE
from field_app.auth import ADMINISTRATOR, csrf, kept_nowhere, may, reading
from field_app.csv_file import BadFile
from field_app.database import get_db, writing
from field_app.desk_forms import body_of, own_id
from field_app.fields import UUID_PATTERN
from field_app.history import history
from field_app.notebook import NotWritten
from field_app.places import AskedPlaces, Body, Doubt, Others
from field_app.records import Problem, check
from field_app.records.place import Place
from field_app.registers import Standing
from field_app.times import london, now

Page = str | BaseResponse | tuple[str, int]

POSITION = ("latitude", "longitude")
ASKED = [one for one in Place.fields() if one.name not in (*POSITION, "retired")]
"""What the form asks one by one; the position has one box, and whether it is in use buttons."""
NO_POSITION = "Enter the latitude and the longitude, such as 51.5, -0.14"
SHOWN_MOST = 100
"""Lines of each sort of a file that are shown; of the others it is said how many there are."""
TAKEN_IN = "places taken in"

blueprint = Blueprint("places", __name__, url_prefix="/desk/admin")
blueprint.after_request(kept_nowhere)
keeping = may("Add, change and retire places", ADMINISTRATOR)


@blueprint.get("/places")
@reading
def every() -> Response:
    """The register. The list alone is what htmx swaps in; it pushes the address without what is empty."""
    asked = AskedPlaces.read(request.args)
    db = get_db()
    total = 0 if asked.problems else places.how_many(db, asked)
    pages = max(1, -(-total // A_PAGE))
    asked.page = min(asked.page, pages)
    html = render_template(
        "desk/places_list.html",
        asked=asked,
        total=total,
        pages=pages,
        places=places.found(db, asked) if total else [],
        categories=_labels("place_categories"),
        wards=_labels("wards"),
        states=places.STATES,
        taken_in=next(iter(get_flashed_messages(category_filter=[TAKEN_IN])), None),
    )
    answer = make_response(html, 400 if asked.problems else 200)
    if request.headers.get("HX-Request"):
        page = asked.page if asked.page > 1 else None
        answer.headers["HX-Push-Url"] = places_address(asked, page=page)
    return answer


def _labels(of: str) -> dict[str, str]:
    return {one.code: one.label for one in catalogue.entries(of)}


@blueprint.app_template_global()
def places_address(asked: AskedPlaces, **changes: str | int | None) -> str:
    """The address of a list of places that differs from this one in some names."""
    query = urlencode(asked.address(**changes))
    return url_for("places.every") + (f"?{query}" if query else "")


@blueprint.get(f'/places/<regex("{UUID_PATTERN}"):record>')
@reading
def one(record: str) -> str:
    return _one(record, [])


def _one(record: str, problems: list[Problem]) -> str:
    db = get_db()
    found, row = history(db, record), places.place(db, record)
    if found is None or row is None:
        abort(404, "There is no such place in the register.")
    return render_template(
        "desk/places_one.html",
        found=found,
        row=row,
        seen=registers.standing(db, record).seal,
        problems=problems,
    )


# One place


@blueprint.route("/places/add", methods=["GET", "POST"])
@keeping
def add() -> Page:
    if request.method == "GET":
        return _asking(str(uuid.uuid4()), Standing({}, None), {}, [])
    return _save(own_id(request.form))


@blueprint.route(f'/places/<regex("{UUID_PATTERN}"):record>/change', methods=["GET", "POST"])
@keeping
def change(record: str) -> Page:
    stands = registers.standing(get_db(), record)
    if stands.seal is None:
        abort(404, "There is no such place in the register.")
    return _save(record) if request.method == "POST" else _asking(record, stands, stands.body, [])


def _save(record: str) -> Page:
    """Keep what is typed; sent twice, once. What may be another place already is asked first."""
    db, seen = get_db(), request.form.get("seen") or None
    stands = registers.standing(db, record)
    body, problems = _typed(stands.body)
    if stands.seal != seen and body != stands.body:
        problems.insert(0, Problem("", registers.MEANWHILE, "seen"))
    doubts: list[Doubt] = []
    if not problems and "looked" not in request.form:
        bodies = {its: one.body for its, one in registers.all_standing(db, Place.kind).items()}
        doubts = Others(bodies).doubts(record, stands.body, body)
    try:
        if problems or doubts:
            raise NotWritten(problems)
        with writing(db):
            registers.keep(db, current_user.id, Place.kind, record, body, seen, now())
    except NotWritten as error:
        typed = body | {"position": request.form.get("position", "").strip()}
        stands = registers.standing(db, record)
        return _asking(record, stands, typed, error.problems, doubts), 400
    return redirect(url_for("places.one", record=record), 303)


def _typed(stands: Body) -> tuple[Body, list[Problem]]:
    """The body that the form says, and what is wrong with it; what the form does not ask stays."""
    form_asks = {one.name for one in ASKED} | set(POSITION)
    body = {name: value for name, value in stands.items() if name not in form_asks}
    body |= body_of(request.form, ASKED)
    problems: list[Problem] = []
    if text := request.form.get("position", "").strip():
        if position := places.read_position(text):
            body |= dict(zip(POSITION, position, strict=True))
        else:
            problems.append(Problem("position", NO_POSITION, "type"))
    problems += places.wrong_position(body)
    wrong = check(Place, body, now()).problems
    problems += [one for one in wrong if not problems or one.field not in POSITION]
    problems = [
        replace(one, field="position") if one.field in POSITION else one for one in problems
    ]
    order = [one.name for one in ASKED]
    order.insert(order.index("address") + 1, "position")  # as on the page
    return body, sorted(problems, key=lambda one: order.index(one.field))


def _asking(
    record: str,
    stands: Standing,
    said: Body,
    problems: list[Problem],
    doubts: list[Doubt] | None = None,
) -> str:
    """The form, with what stands or what was typed."""
    position = places.position_of(said)
    shown = f"{position[0]}, {position[1]}" if position else ""
    found = history(get_db(), record) if any(one.rule == "seen" for one in problems) else None
    return render_template(
        "desk/places_change.html",
        record=record,
        stands=stands,
        found=found,
        fields=ASKED,
        said={"position": shown} | said,
        problems=problems,
        doubts=doubts or [],
        today=london(now()).date(),
    )


@blueprint.post(f'/places/<regex("{UUID_PATTERN}"):record>/retire')
@keeping
def retire(record: str) -> Page:
    return _use(record, {"retired": True})


@blueprint.post(f'/places/<regex("{UUID_PATTERN}"):record>/bring-back')
@keeping
def bring_back(record: str) -> Page:
    return _use(record, {})


def _use(record: str, more: Body) -> Page:
    """Keep a place as it stands, but for whether it is in use."""
    db, seen = get_db(), request.form.get("seen")
    try:
        with writing(db):
            stands = registers.standing(db, record).body
            body = {name: value for name, value in stands.items() if name != "retired"} | more
            if stands:
                registers.keep(db, current_user.id, Place.kind, record, body, seen, now())
    except NotWritten:
        return _one(record, [Problem("", MEANWHILE, "seen")]), 400
    return redirect(url_for("places.one", record=record), 303)


MEANWHILE = "Somebody changed this place meanwhile. Read what stands now, then try again."


# The file


@blueprint.get("/places.csv")
@reading
def as_csv() -> Response:
    text = place_file.export(registers.all_standing(get_db(), Place.kind))
    answer = Response(text, content_type="text/csv; charset=utf-8")
    name = f"places-{london(now()).date()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.route("/places/file", methods=["GET", "POST"])
@csrf.exempt  # until its size is limited: csv_file.take reads the form
@keeping
def file() -> Page:
    """Upload a file; look at what would change; have it written, all of it or nothing."""
    if request.method == "GET":
        return _uploading([])
    try:
        data = csv_file.take(request, place_file.LIMITS)
        table, kept = csv_file.read_table(data, place_file.LIMITS), csv_file.kept(data)
        return _take_in(table, kept) if "digest" in request.form else _preview(table, kept)
    except BadFile as error:
        return _uploading([Problem("file", str(error), "file")]), 400


def _take_in(table: csv_file.Table, kept: str) -> Page:
    """Write what somebody has looked at, if it is what would be written now: which is asked once nobody
    else can write, or two who send one file would both add its places."""
    try:
        with writing(db := get_db()):
            planned = _planned(table)
            wrong = bool(planned.by_state["wrong"])
            as_looked_at = request.form["digest"] == planned.digest and not wrong
            if as_looked_at:
                changes = planned.changes(own_id(request.form))
                registers.keep_all(db, current_user.id, Place.kind, changes, now())
    except NotWritten:
        return _preview(table, kept, changed=True), 400
    if not planned.written and not wrong:
        return redirect(url_for("places.every"), 303)  # sent twice, or done meanwhile
    if not as_looked_at:
        return _preview(table, kept, changed=True), 400
    new, changed = (len(planned.by_state[state]) for state in ("new", "changed"))
    flash(f"{words.how_many(new, 'place')} added, {changed:,} changed", TAKEN_IN)
    return redirect(url_for("places.every"), 303)


def _planned(table: csv_file.Table) -> place_file.Plan:
    return place_file.plan(table, registers.all_standing(get_db(), Place.kind), now())


def _uploading(problems: list[Problem]) -> str:
    return render_template(
        "desk/places_file.html",
        problems=problems,
        limits=place_file.LIMITS,
        headings=place_file.HEADINGS,
        categories=catalogue.entries("place_categories"),
    )


def _preview(table: csv_file.Table, kept: str, *, changed: bool = False) -> str:
    """`changed`: the register is not what it was when the person looked."""
    planned = _planned(table)
    return render_template(
        "desk/places_preview.html",
        plan=planned,
        sorted_out=planned.by_state,
        kept=kept,
        record=str(uuid.uuid4()),
        labels=place_file.LABELS,
        most=SHOWN_MOST,
        changed=changed,
    )
