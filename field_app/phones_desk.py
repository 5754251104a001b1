"""Phones: each officer's notebook on each of them, and withdrawing one that is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import auth, books, registers
from field_app.auth import ADMINISTRATOR, kept_nowhere, may, reading
from field_app.database import all_rows, get_db, one_row, writing
from field_app.desk_forms import body_of, say_done
from field_app.fields import UUID_PATTERN
from field_app.notebook import NotWritten
from field_app.records import Problem
from field_app.records.phone import MOST_NOT_SENT, Phone
from field_app.times import moment_text, now

blueprint = Blueprint("phones", __name__, url_prefix="/desk/admin/phones")
blueprint.after_request(kept_nowhere)
withdrawing = may("Withdraw a phone", ADMINISTRATOR)


def every(db: Database) -> list[dict[str, Any]]:
    """Every phone's notebook, those in use first; how many numbers it still holds."""
    lent: dict[str, list[dict[str, Any]]] = {}
    for one in books.account(db):
        lent.setdefault(one["notebook"], []).append(one)
    rows = all_rows(
        db,
        "SELECT notebooks.*, officers.name, phones.record AS said, pages_not_sent, photos_not_sent "
        "FROM notebooks JOIN officers ON officers.id = notebooks.officer "
        "LEFT JOIN phones ON phones.record = notebooks.id WHERE NOT at_desk "
        "ORDER BY withdrawn_at IS NOT NULL, name, opened_at",
    )
    for row in rows:
        row["books"] = lent.get(row["id"], [])
        row["numbers"] = sum(one["left"] + one["returned"] for one in row["books"])
    return rows


@blueprint.get("")
@reading
def phones() -> str:
    names = {row["id"]: row["name"] for row in all_rows(get_db(), "SELECT id, name FROM officers")}
    return render_template("desk/admin_phones.html", phones=every(get_db()), names=names)


@blueprint.route(f'/<regex("{UUID_PATTERN}"):phone>/withdraw', methods=["GET", "POST"])
@withdrawing
def withdraw(phone: str) -> str | Response | tuple[str, int]:
    """Withdraw a lost phone: the reason, then a page that says what it does, then it is done."""
    db = get_db()
    found = next((one for one in every(db) if one["id"] == phone), None)
    if found and found["withdrawn_at"] and "confirmed" in request.form:
        return redirect(url_for("phones.phones"), 303)  # sent twice
    if found is None or found["withdrawn_at"]:
        abort(404, "There is no such phone in use.")
    asked = Phone.columns()["withdrawn_reason"]
    reason = body_of(request.form, [asked]).get(asked.name, "")
    problems: list[Problem] = []
    if request.method == "POST" and not reason:
        problems = [Problem(asked.name, asked.wording["required"], "required")]
    if "confirmed" in request.form and not problems:
        try:
            with writing(db):
                _withdraw(db, found, reason, now())
        except NotWritten as error:
            problems = error.problems
        else:
            say_done(f"The phone of {found['name']} is withdrawn. Their books came back.")
            return redirect(url_for("phones.phones"), 303)
    page = render_template(
        "desk/admin_withdraw.html",
        phone=found,
        reason=reason,
        confirming=bool(reason) and not problems,
        problems=problems,
    )
    return page, 400 if problems else 200


def _withdraw(db: Database, phone: dict[str, Any], reason: str, at: datetime) -> None:
    """Give nothing more to a phone, inside the caller's transaction; its numbers come back. What it
    still sends is kept, and held; how much it had not sent stands on the page that says so."""
    if one_row(
        db, "SELECT 1 FROM notebooks WHERE id = ? AND withdrawn_at IS NOT NULL", [phone["id"]]
    ):
        return
    before = {"holder": phone["officer"], "phone_state": "in-use"}
    said = {"phone_state": "withdrawn", "withdrawn_reason": reason} | _not_sent(phone)
    by, record = current_user.id, phone["id"]
    seal = registers.say_before(db, by, Phone.kind, record, before, at)
    registers.keep(db, by, Phone.kind, record, before | said, seal, at)
    db.conn.execute(
        "UPDATE notebooks SET withdrawn_at = ?, withdrawn_by = ?, withdrawn_reason = ? "
        "WHERE id = ?",
        [moment_text(at), by, reason, record],
    )
    books.take_back(db, record, at)
    auth.end_sessions(db, phone["officer"], at)


def _not_sent(phone: dict[str, Any]) -> dict[str, int]:
    """What a phone said it had still to send; a nonsensical count must not keep it in use."""
    said = {"pages_not_sent": phone["waiting"], "photos_not_sent": phone["evidence_waiting"]}
    return {name: min(count, MOST_NOT_SENT) for name, count in said.items() if (count or 0) > 0}
