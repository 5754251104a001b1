"""Keys to the count, at the desk: make one, see which there are, withdraw one."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from field_app import keys
from field_app.auth import at_the_desk, kept_nowhere
from field_app.database import get_db, writing
from field_app.desk_forms import body_of, own_id
from field_app.fields import UUID_PATTERN, Declared
from field_app.notebook import NotWritten
from field_app.records import Problem
from field_app.records.count_key import KeyMade, KeyWithdrawn
from field_app.times import now

Page = Response | str | tuple[str, int]

blueprint = Blueprint("keys", __name__, url_prefix="/desk/keys")
blueprint.after_request(kept_nowhere)

_PURPOSE = KeyMade.columns()["purpose"]
_REASON = KeyWithdrawn.columns()["withdrawn_reason"]


def _typed(field: Declared) -> str | None:
    text = body_of(request.form, [field]).get(field.name)
    return str(text) if text else None


@blueprint.get("")
@at_the_desk
def every() -> str:
    return _keys_page()


def _keys_page(
    problems: list[Problem] | None = None, record: str | None = None, made: str | None = None
) -> str:
    """`made` is a key that was made just now: no page shows it again."""
    return render_template(
        "desk/keys.html",
        keys=keys.every(get_db()),
        field=_PURPOSE,
        said={"purpose": _typed(_PURPOSE)} if problems else {},
        problems=problems or [],
        record=record or str(uuid.uuid4()),
        made=made,
        today=now().date(),
    )


@blueprint.post("")
@at_the_desk
def make() -> Page:
    """Make a key, and show it this once. Sent twice, nothing is made, and nothing can be shown."""
    db, record = get_db(), own_id(request.form)
    try:
        with writing(db):
            key = keys.make(db, current_user.id, record, _typed(_PURPOSE), now())
    except NotWritten as error:
        return _keys_page(error.problems, record), 400
    return _keys_page(made=key) if key else redirect(url_for("keys.every", _anchor="keys"), 303)


@blueprint.route(f'/<regex("{UUID_PATTERN}"):record>/withdraw', methods=["GET", "POST"])
@at_the_desk
def withdraw(record: str) -> Page:
    db = get_db()
    found = keys.one(db, record)
    if found is None:
        abort(404, "There is no such key.")
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            with writing(db):
                keys.withdraw(db, current_user.id, record, _typed(_REASON), now())
        except NotWritten as error:
            problems = error.problems
    if not problems and (request.method == "POST" or found["withdrawn_at"]):
        return redirect(url_for("keys.every", _anchor="keys"), 303)
    page = render_template(
        "desk/key_withdraw.html",
        key=found,
        field=_REASON,
        said={"withdrawn_reason": _typed(_REASON)},
        problems=problems,
        today=now().date(),
    )
    return page, 400 if problems else 200
