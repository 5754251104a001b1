"""What team leaders decide about what officers wrote without changing it: that missing pages are lost for
ever, and whether two officers' patrols were one.

Each decision is a page of their own notebook at the desk.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import doubles, gaps
from field_app.asked import A_PAGE, page_in
from field_app.auth import at_the_desk, kept_nowhere
from field_app.database import get_db, writing
from field_app.desk_forms import body_of
from field_app.fields import SHA256_PATTERN, UUID_PATTERN
from field_app.notebook import NotWritten, write_at_desk
from field_app.records import Problem
from field_app.records.review import GapDecided
from field_app.reviews import MEANWHILE
from field_app.times import now

Row = dict[str, Any]

blueprint = Blueprint("decisions", __name__, url_prefix="/desk")
blueprint.after_request(kept_nowhere)


@blueprint.record_once
def _for_templates(state: Any) -> None:
    state.app.jinja_env.globals |= {
        "doubles_of_shift": lambda record: doubles.of_shift(get_db(), record),
        "doubles_of_patrol": lambda record: doubles.of_patrol(get_db(), record),
        "counted_with": lambda record: doubles.counted_with(get_db(), record),
    }


# Pages that are lost for ever


@blueprint.route(
    f'/gaps/<regex("{UUID_PATTERN}"):notebook>/<regex("{SHA256_PATTERN}"):seal>',
    methods=["GET", "POST"],
)
@at_the_desk
def gap(notebook: str, seal: str) -> Response | str | tuple[str, int]:
    """Decide that the pages of a gap, which ends before the page that names `seal`, are lost for ever."""
    fields = [field for field in GapDecided.fields() if field.name == "lost_reason"]
    said = body_of(request.form, fields)
    problems = _decide_gap(notebook, seal, said) if request.method == "POST" else []
    if request.method == "POST" and not problems:
        return redirect(url_for("desk.held", _anchor="gaps"), 303)
    found = gaps.one(get_db(), notebook, seal)
    if found is None:
        abort(404, "There is no such gap, or its pages have come after all.")
    html = render_template(
        "desk/gap.html", gap=found, fields=fields, said=said, problems=problems, own=_is_own(found)
    )
    return html, 400 if problems else 200


def _is_own(gap: Row) -> bool:
    return bool(gap["officer"] == current_user.id)


def _decide_gap(notebook: str, seal: str, said: dict[str, Any]) -> list[Problem]:
    """Write the decision; the rules that it breaks, when it is not written."""
    db: Database = get_db()
    try:
        with writing(db):
            found = gaps.one(db, notebook, seal)
            if found is None:
                return []
            if found["decision"] is not None:
                _refuse_second(found["decision"], said)
                return []
            body = said | {
                "lost_from": notebook,
                "first_lost": found["first"],
                "last_lost": found["last"],
                "lost_before": seal,
            }
            write_at_desk(db, current_user.id, GapDecided.kind, str(uuid4()), body, now())
    except NotWritten as error:
        return error.problems
    return []


def _refuse_second(decision: Row, said: dict[str, Any]) -> None:
    """NotWritten, unless it is the very decision sent twice."""
    mine = decision["officer"] == current_user.id
    if mine and decision["lost_reason"] == said.get("lost_reason"):
        return
    said_by = f"{decision['decided_by']} has decided about these pages already."
    raise NotWritten([Problem("", said_by, "meanwhile")])


# One patrol or two


@blueprint.get("/doubles")
@at_the_desk
def probable_doubles() -> str:
    """Every pair of patrols that may be one and about which nothing is decided."""
    found = doubles.to_decide(get_db(), now())
    pages = max(1, -(-len(found) // A_PAGE))
    page = min(page_in(request.args), pages)
    shown = found[(page - 1) * A_PAGE : page * A_PAGE]
    return render_template("desk/doubles.html", pairs=shown, page=page, pages=pages)


@blueprint.post(f'/doubles/<regex("{UUID_PATTERN}"):record>/<regex("{UUID_PATTERN}"):other>')
@at_the_desk
def decide_double(record: str, other: str) -> Response:
    """Decide with one press that two patrols are one, or two, or take that back."""
    db, decision = get_db(), request.form.get("decision", "")
    if decision not in (doubles.ONCE, doubles.TWO, doubles.UNDO):
        abort(400, "This form is not whole: open it again.")
    try:
        with writing(db):
            two = doubles.one_pair(db, record, other)
            if two is None:
                abort(404, "These are not two officers’ patrols that both stand.")
            if current_user.id in (two.one["officer"], two.other["officer"]):
                abort(409, "Nobody decides about a patrol of their own.")
            if (two.decided or doubles.UNDO) != decision:
                _refuse_stale(two, decision)
                doubles.decide(db, current_user.id, two, decision, now())
    except NotWritten as error:
        abort(409, str(error))
    return redirect(_where_from(), 303)


def _refuse_stale(two: doubles.Pair, decision: str) -> None:
    decided_otherwise = decision != doubles.UNDO and not two.is_open
    if decided_otherwise or request.form.get("seen") != two.seen:
        abort(409, MEANWHILE)


def _where_from() -> str:
    """The page on which the button was pressed: a shift, a patrol, the board or the list."""
    for name, endpoint in (("shift", "desk.shift"), ("patrol", "desk.record")):
        asked = request.form.get(name, "")
        if re.fullmatch(UUID_PATTERN, asked):
            return url_for(endpoint, record=asked, _anchor="doubles")
    if "board" in request.form:
        return url_for("desk.board", _anchor="doubles")
    return url_for("decisions.probable_doubles")
