"""Reviewing a shift: its log, and signing it off.

What a team leader decides is a page of their own notebook at the desk. Each form says what it was shown
with (`seen`), so that nobody decides about something that has changed meanwhile.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import patterns, shift_log
from field_app.asked import A_PAGE
from field_app.auth import at_the_desk, kept_nowhere
from field_app.database import all_rows, get_db, writing
from field_app.desk_forms import body_of
from field_app.fields import UUID_PATTERN
from field_app.history import History, history
from field_app.notebook import NotWritten, write_at_desk
from field_app.numbers import LETTERS
from field_app.records import Problem
from field_app.records.review import ShiftSigned
from field_app.shift_log import Shift
from field_app.times import moment_text, now

Row = dict[str, Any]
Body = dict[str, Any]

ON_THE_BOARD = 10
CHANGED_WITHIN = timedelta(days=28)
"""How long a shift that was signed off is looked at again for what came later."""
MEANWHILE = "Something came or was decided meanwhile. Read what stands now, then try again."

blueprint = Blueprint("reviews", __name__, url_prefix="/desk")
blueprint.after_request(kept_nowhere)


@blueprint.record_once
def _for_templates(state: Any) -> None:
    state.app.jinja_env.globals |= {
        "officer_name": lambda officer: _name(get_db(), officer),
        "current_user_id": lambda: current_user.id,
        "to_review": lambda: to_review(get_db()),
    }


def _name(db: Database, officer: str) -> str:
    rows = all_rows(db, "SELECT name FROM officers WHERE id = ?", [officer])
    return str(rows[0]["name"]) if rows else officer


# The board


def to_review(db: Database) -> dict[str, Any]:
    """What waits for a team leader: shifts to sign off, and those about which something came after they
    were signed off."""
    since = moment_text(now() - CHANGED_WITHIN)
    return {
        "waiting": _shifts(db, shift_log.waiting(db, ON_THE_BOARD)),
        "how_many_waiting": shift_log.how_many_waiting(db),
        "changed": _shifts(db, shift_log.changed_since(db, since)),
    }


def _shifts(db: Database, rows: list[Row]) -> list[Shift]:
    found = (shift_log.read(db, row["record"]) for row in rows)
    return [shift for shift in found if shift]


@blueprint.get("/shifts")
@at_the_desk
def shifts() -> str:
    """Every shift that has ended and is not signed off."""
    db = get_db()
    page = request.args.get("page", 1, type=int)
    waiting = shift_log.waiting(db, A_PAGE, max(0, page - 1) * A_PAGE)
    pages = max(1, -(-shift_log.how_many_waiting(db) // A_PAGE))
    return render_template("desk/shifts.html", waiting=_shifts(db, waiting), page=page, pages=pages)


# The log, and signing off


def shift_page(
    found: History, said: Body | None = None, problems: list[Problem] | None = None
) -> str:
    """The log of a shift, with the form that signs it off or why it cannot be."""
    db = get_db()
    shift = shift_log.read(db, found.record)
    return render_template(
        "desk/shift.html",
        found=found,
        shift=shift,
        lines=shift_log.lines(db, shift) if shift else [],
        notable=list(worth_a_look(db, shift)) if shift else [],
        fields=_note(),
        said_above=[field.label.text for field in ShiftSigned.fields()],
        said=said or {},
        problems=problems or [],
    )


def _note() -> list[Any]:
    return [field for field in ShiftSigned.fields() if field.name == "signed_note"]


def worth_a_look(db: Database, shift: Shift) -> list[patterns.Notable]:
    """What is odd in a shift, without accusation."""
    patrols = _patrols(db, shift)
    written = [page for page in shift.pages if page["kind"] in ("patrol", *LETTERS)]
    return [
        *patterns.without_photo_or_position(_notices(db, shift)),
        *patterns.written_in_the_last_minutes(written),
        *patterns.same_words(patrols),
        *patterns.overlapping(patrols),
    ]


def _patrols(db: Database, shift: Shift) -> list[Row]:
    return all_rows(
        db,
        "SELECT record, page, started_at, ended_at, notes FROM patrols "
        "WHERE shift = ? AND state = 'accepted' ORDER BY started_at, record",
        [shift.row["record"]],
    )


def _notices(db: Database, shift: Shift) -> list[Row]:
    """The notices written on a shift; `photo` and `position` are whether they have one."""
    marks = ", ".join("?" * len(shift.records))
    return all_rows(
        db,
        "SELECT record, page, latitude IS NOT NULL AS position, photos IS NOT NULL OR EXISTS ("
        "SELECT 1 FROM pages WHERE pages.record = notices.record AND kind = 'photos-added') AS photo "
        f"FROM notices WHERE record IN ({marks}) AND state = 'accepted' ORDER BY page, record",
        shift.records,
    )


@blueprint.post(f'/shifts/<regex("{UUID_PATTERN}"):record>/sign-off')
@at_the_desk
def sign_off(record: str) -> Response | tuple[str, int]:
    """Sign a shift off, as it was read."""
    db, moment = get_db(), now()
    found = history(db, record)
    if found is None or found.table != "shifts":
        abort(404, "No page about this shift is in the central file.")
    said = body_of(request.form, _note())
    try:
        with writing(db):
            shift = shift_log.read(db, record)
            assert shift is not None, "its history has a row"
            if not _is_signed(shift, said):
                _refuse(shift)
                body = said | {
                    "signed_at": moment_text(moment),
                    "signed_by": current_user.id,
                    "signed_through": shift.spans[0].last,
                }
                write_at_desk(db, current_user.id, ShiftSigned.kind, record, body, moment)
    except NotWritten as error:
        return shift_page(found, said, error.problems), 400
    return redirect(url_for("desk.shift", record=record), 303)


def _is_signed(shift: Shift, said: Body) -> bool:
    """Whether this very form was sent before: a second tap signs nothing twice."""
    row = shift.row
    mine = row["signed_by"] == current_user.id and row["signed_note"] == said.get("signed_note")
    return mine and request.form.get("seen") == shift.seen_before_signing


def _refuse(shift: Shift) -> None:
    reasons = shift.why_not(current_user.id)
    if not reasons and request.form.get("seen") != shift.seen:
        reasons = [MEANWHILE]
    if reasons:
        raise NotWritten([Problem("", reason, "review") for reason in reasons])
