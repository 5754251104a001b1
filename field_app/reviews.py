"""Reviewing a shift: its log, signing it off, and asking about a page.

What a team leader decides is a page of their own notebook at the desk. Each form says what it was shown
with (`seen`), so that nobody decides about something that has changed meanwhile.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import maps, patterns, queries, shift_log
from field_app.asked import A_PAGE, page_in
from field_app.auth import at_the_desk, kept_nowhere
from field_app.database import all_rows, get_db, writing
from field_app.desk_forms import body_of
from field_app.fields import SHA256_PATTERN, UUID_PATTERN
from field_app.history import History, PageRead, history
from field_app.notebook import NotWritten, write_at_desk
from field_app.numbers import LETTERS
from field_app.records import Problem
from field_app.records.review import Query, QueryClosed, ShiftSigned
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
        "asked_about": shift_log.asked_about,
        "may_be_asked": lambda page: may_be_asked(page, current_user.id),
        "officer_name": lambda officer: _name(get_db(), officer),
        "said_on": queries.said,
        "current_user_id": lambda: current_user.id,
        "to_review": lambda: to_review(get_db()),
    }


def _name(db: Database, officer: str) -> str:
    rows = all_rows(db, "SELECT name FROM officers WHERE id = ?", [officer])
    return str(rows[0]["name"]) if rows else officer


def may_be_asked(page: PageRead, viewer: str) -> bool:
    """Whether there is anything to ask about a page: an officer wrote it, and somebody else reads it."""
    row = page.row
    return not row["at_desk"] and row["officer"] != viewer and page.row["kind"] != "answer"


# The board


def to_review(db: Database) -> dict[str, Any]:
    """What waits for a team leader: questions that were answered, shifts to sign off, and shifts about
    which something came after they were signed off."""
    since = moment_text(now() - CHANGED_WITHIN)
    return {
        "answered": queries.answered(db),
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
    page = page_in(request.args)
    waiting = shift_log.waiting(db, A_PAGE, (page - 1) * A_PAGE)
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
        positions=maps.of_records(db, shift.records) if shift else [],
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


# Asking about a page


@blueprint.route(
    f'/records/<regex("{UUID_PATTERN}"):record>/query/<regex("{SHA256_PATTERN}"):seal>',
    methods=["GET", "POST"],
)
@at_the_desk
def ask(record: str, seal: str) -> Response | str | tuple[str, int]:
    """Ask the officer about one page."""
    found = history(get_db(), record)
    page = next((one for one in found.pages if one.row["seal"] == seal), None) if found else None
    if found is None or page is None:
        abort(404, "This page is not in the central file.")
    if not may_be_asked(page, current_user.id):
        abort(409, "There is nobody else to ask about this page.")
    fields = [field for field in Query.fields() if field.name == "question"]
    shown = {"template": "desk/ask.html", "found": found, "page": page, "fields": fields}
    return _form(record, Query.kind, {"about_page": seal}, shown)


@blueprint.route(f'/queries/<regex("{SHA256_PATTERN}"):seal>/close', methods=["GET", "POST"])
@at_the_desk
def close(seal: str) -> Response | str | tuple[str, int]:
    """Close a question. The second of two team leaders is told that it is closed."""
    db = get_db()
    query = queries.one(db, seal)
    found = history(db, query["record"]) if query else None
    if query is None or found is None:
        abort(404, "This question is not in the central file.")
    asked = next(one for one in shift_log.asked_about(found) if one.page["seal"] == seal)
    if request.method == "GET" and asked.closed:
        abort(409, _closed_already(query))
    fields = [field for field in QueryClosed.fields() if field.name == "closed_reason"]
    shown = {"template": "desk/close.html", "found": found, "asked": asked, "fields": fields}
    return _form(query["record"], QueryClosed.kind, {"query": seal}, shown)


def _closed_already(query: Row) -> str:
    return f"{query['closed_by_name']} has closed this question already."


def _form(
    record: str, kind: str, fixed: Body, shown: dict[str, Any]
) -> Response | str | tuple[str, int]:
    """A form about a record: as it is asked for, or what is written with it and then the record."""
    if request.method == "GET":
        return _page(record, shown, {}, [])
    said = body_of(request.form, shown["fields"])
    problems = _write(record, kind, said | fixed)
    if problems:
        return _page(record, shown, said, problems), 400
    return redirect(url_for("desk.record", record=record), 303)


def _page(record: str, shown: dict[str, Any], said: Body, problems: list[Problem]) -> str:
    """`seen` is what the form was shown with at first, unless it is shown with what came since."""
    seen = _last_page(get_db(), record)["seal"]
    return render_template(shown["template"], **shown, said=said, problems=problems, seen=seen)


def _last_page(db: Database, record: str) -> Row:
    """The page about a record that was received last."""
    [page] = all_rows(
        db,
        "SELECT seal, kind, body, notebooks.officer FROM pages "
        "JOIN notebooks ON notebooks.id = pages.notebook WHERE record = ? "
        "ORDER BY received_at DESC, pages.ordered_at DESC, notebook DESC, page DESC LIMIT 1",
        [record],
    )
    return page


def _write(record: str, kind: str, body: Body) -> list[Problem]:
    """Write a page about a record as it was shown; the rules that it breaks, when it is not written."""
    db, moment = get_db(), now()
    try:
        with writing(db):
            last, seen = _last_page(db, record), request.form.get("seen")
            by_me = (last["kind"], last["officer"]) == (kind, current_user.id)
            if by_me and last["seal"] != seen and json.loads(last["body"]) == body:
                return []  # sent twice
            query = queries.one(db, body.get("query", ""))
            if query and query["closed_at"]:
                raise NotWritten([Problem("", _closed_already(query), "closed")])
            if last["seal"] != seen:
                raise NotWritten([Problem("", MEANWHILE, "seen")])
            write_at_desk(db, current_user.id, kind, record, body, moment)
    except NotWritten as error:
        return error.problems
    return []
