"""What team leaders decide about what officers wrote without changing it: that missing pages are lost for
ever.

Each decision is a page of their own notebook at the desk.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import gaps
from field_app.auth import at_the_desk, kept_nowhere
from field_app.database import get_db, writing
from field_app.desk_forms import body_of
from field_app.fields import SHA256_PATTERN, UUID_PATTERN
from field_app.notebook import NotWritten, write_at_desk
from field_app.records import Problem
from field_app.records.review import GapDecided
from field_app.times import now

Row = dict[str, Any]

blueprint = Blueprint("decisions", __name__, url_prefix="/desk")
blueprint.after_request(kept_nowhere)


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
