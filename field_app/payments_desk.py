"""Payments at the desk: entering one, taking in the provider's file, matching what no notice bears."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import (
    Blueprint,
    abort,
    flash,
    get_flashed_messages,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response

from field_app import csv_file, notices, numbers, payments, words
from field_app.auth import at_the_desk, csrf, kept_nowhere
from field_app.csv_file import BadFile, Table
from field_app.database import get_db, one_row, writing
from field_app.desk_forms import body_of, own_id, say_done
from field_app.fields import UUID_PATTERN, Declared
from field_app.notebook import NotWritten, sent_twice, write_at_desk, written_about
from field_app.payment_file import (
    COLUMNS,
    LIMITS,
    NEEDED,
    Columns,
    fits,
    read_lines,
    read_table,
)
from field_app.records import Problem, Record
from field_app.records.case import Payment, PaymentDismissed, PaymentMatched, PaymentPaidBack
from field_app.times import london, now

Page = Response | str | tuple[str, int]
Body = dict[str, Any]

SHOWN_FIRST = 5
"""Lines of a file shown while its columns are chosen."""
COUNTED = ("match", "unmatched", "known", "perhaps")
"""What is said of a file that was taken in."""
TAKEN_IN = "taken in"

MEANWHILE = "Somebody wrote about this payment meanwhile. Read what stands now, then try again."

blueprint = Blueprint("payments", __name__, url_prefix="/desk/payments")
blueprint.after_request(kept_nowhere)


def _today() -> date:
    return london(now()).date()


@blueprint.get("")
@at_the_desk
def overview() -> str:
    return _overview([])


def _overview(problems: list[Problem]) -> str:
    taken_in = get_flashed_messages(category_filter=[TAKEN_IN])
    return render_template(
        "desk/payments.html",
        unmatched=payments.unmatched(get_db()),
        counted=taken_in[-1] if taken_in else None,
        problems=problems,
    )


# By hand


def _asked_by_hand() -> list[Declared]:
    return [one for one in Payment.fields() if one.name != "typed_number"]


@blueprint.route("/enter", methods=["GET", "POST"])
@at_the_desk
def enter() -> Page:
    """Enter one payment; `?notice=` is the record it is for."""
    if request.method == "GET":
        row = _bearing(request.args.get("notice", ""))
        said = {"number": numbers.shown(row["number"])} if row and row["number"] else {}
        return _entering(said | {"paid_on": _today().isoformat()}, [], str(uuid.uuid4()))
    typed, problems = body_of(request.form, _asked_by_hand()), list[Problem]()
    typed |= {"number": request.form["number"].strip()} if request.form.get("number") else {}
    record, body = own_id(request.form), dict(typed)
    try:
        with writing(db := get_db()):
            keep, sure = "keep" in request.form, "sure" in request.form
            payments.by_hand(db, current_user.id, record, body, now(), keep=keep, sure=sure)
    except NotWritten as error:
        problems = error.problems
    if any(one.rule == payments.USED for one in problems):
        record = str(uuid.uuid4())
    if problems:
        return _entering(typed, problems, record), 400
    notice = payments.bearer(get_db(), body.get("number"))
    _say_entered(body, notice)
    if notice:
        return redirect(url_for("desk.record", record=notice["record"]), 303)
    return redirect(url_for("payments.overview"), 303)


def _say_entered(body: Body, notice: Body | None) -> None:
    came = f"{words.pounds(body['amount'])} is on file"
    if notice is None:
        say_done(f"{came}, unmatched until somebody says which notice it is for.")
        return
    row = notices.standing(get_db(), notice["record"], _today())
    assert row is not None, "its number was just found"
    if back := notices.to_pay_back(row):
        say_done(f"{came}. {words.pounds(back)} is to be paid back.")
    elif row["standing"] in notices.PAID:
        say_done(f"{came}: the notice is paid, and its case is closed.")
    elif left := payments.owed(row):
        say_done(f"{came}: {words.pounds(left)} is left to pay.")
    else:
        say_done(f"{came}.")


def _bearing(record: str) -> dict[str, Any] | None:
    return one_row(get_db(), "SELECT number FROM notices WHERE record = ?", [record])


def _entering(said: Body, problems: list[Problem], record: str) -> str:
    return render_template(
        "desk/payments_enter.html",
        fields=_asked_by_hand(),
        said=said,
        problems=problems,
        may_keep=any(one.rule == payments.NOT_BORNE for one in problems),
        may_be_sure=any(one.rule == payments.NOT_OWED for one in problems),
        meant=payments.meant(get_db(), str(said.get("number", ""))) if problems else [],
        record=record,
        today=_today(),
    )


# Unmatched


@blueprint.get(f'/<regex("{UUID_PATTERN}"):record>')
@at_the_desk
def one(record: str) -> str:
    """One payment: what it says, and which notice it may be for."""
    return _one(record, {}, [])


def _one(record: str, said: Body, problems: list[Problem]) -> str:
    db = get_db()
    row = payments.payment(db, record)
    if row is None:
        abort(404, "No such payment is in the central file.")
    notice = payments.bearer(db, row["number"])
    standing = notices.standing(db, notice["record"], _today()) if notice else None
    too_much = notices.to_pay_back(standing) if standing else 0
    return render_template(
        "desk/payments_one.html",
        row=row,
        notice=notice,
        too_much=too_much,
        paid_back=PaymentPaidBack.fields(),
        may_be_sure=any(one.rule == payments.NOT_OWED for one in problems),
        meant=payments.meant(db, row["typed_number"] or "") if not row["number"] else [],
        match=PaymentMatched.fields(),
        dismiss=PaymentDismissed.fields(),
        said={"paid_back": min(row["amount"] or 0, too_much), "paid_back_on": _today().isoformat()}
        | said,
        problems=problems,
        seen=written_about(db, record)[-1]["seal"],
        today=_today(),
    )


@blueprint.post(f'/<regex("{UUID_PATTERN}"):record>/match')
@at_the_desk
def match(record: str) -> Page:
    sure = "sure" in request.form
    return _write(
        record,
        PaymentMatched,
        lambda row, said: payments.wrong_match(get_db(), row, said, now(), sure=sure),
    )


@blueprint.post(f'/<regex("{UUID_PATTERN}"):record>/set-aside')
@at_the_desk
def set_aside(record: str) -> Page:
    return _write(record, PaymentDismissed, lambda _row, _said: [])


_DONE = {
    PaymentMatched: "The payment is matched.",
    PaymentDismissed: "The payment is set aside, and counts for no notice.",
    PaymentPaidBack: "It is on file that it was paid back.",
}


@blueprint.post(f'/<regex("{UUID_PATTERN}"):record>/paid-back')
@at_the_desk
def paid_back(record: str) -> Page:
    return _write(record, PaymentPaidBack, payments.wrong_way_back)


def _write(record: str, kind: type[Record], wrong: Callable[[Body, Body], list[Problem]]) -> Page:
    """Write a page about a payment, unless there are newer ones than the form had seen; sent twice, it
    is written once."""
    db, said = get_db(), body_of(request.form, kind.fields())
    typed = dict(said)
    try:
        with writing(db):
            row = payments.payment(db, record)
            if row is None:
                abort(404, "No such payment is in the central file.")
            problems = wrong(row, said)
            last, seen = written_about(db, record)[-1], request.form.get("seen")
            if sent_twice(last, current_user.id, kind.kind, said, seen):
                return redirect(url_for("payments.overview"), 303)
            if seen != last["seal"]:
                problems = [Problem("", MEANWHILE, "seen"), *problems]
            if problems:
                raise NotWritten(problems)
            write_at_desk(db, current_user.id, kind.kind, record, said, now())
    except NotWritten as error:
        return _one(record, typed, error.problems), 400
    say_done(_DONE[kind])
    return redirect(url_for("payments.overview"), 303)


# The provider's file


@blueprint.route("/file", methods=["GET", "POST"])
@csrf.exempt  # until its size is limited: the check below reads the form
@at_the_desk
def file() -> Page:
    """Upload a file; choose its columns, the first time; look at what it says; take it in."""
    if request.method == "GET":  # led back here after signing in
        return redirect(url_for("payments.overview"))
    try:
        data = csv_file.take(request, LIMITS)
        return _with_table(read_table(data), csv_file.kept(data))
    except BadFile as error:
        return _overview([Problem("file", str(error), "file")]), 400


def _with_table(table: Table, kept: str) -> Page:
    db, form = get_db(), request.form
    chosen = {name: form[f"column-{name}"] for name in COLUMNS if form.get(f"column-{name}")}
    columns = chosen or payments.columns(db)
    if "choose" in form or not fits(columns, table):
        problems = list(_missing(chosen)) if "chosen" in form and "choose" not in form else []
        return _choosing(table, kept, columns, problems)
    if len(set(columns.values())) < len(columns):
        problems = [Problem("column-number", "Each needs a column of its own", "same")]
        return _choosing(table, kept, columns, problems)
    payments.remember(db, columns)
    lines, moment = read_lines(table, columns), now()
    if "take" in form:
        too = set(form.getlist("too", type=int))
        counted = payments.take_in(db, current_user.id, lines, moment, too)
        came: Any = {name: counted[name] for name in COUNTED}
        flash(came, TAKEN_IN)  # once, and to who took it in: an address would say it to anybody
        return redirect(url_for("payments.overview"), 303)
    sorted_out = payments.sort_out(db, lines, moment)
    return render_template(
        "desk/payments_preview.html", lines=sorted_out, columns=columns, kept=kept
    )


def _missing(chosen: Columns) -> list[Problem]:
    return [
        Problem(f"column-{name}", f"Select the column of: {label.lower()}", "required")
        for name, label in NEEDED.items()
        if name not in chosen
    ]


def _choosing(table: Table, kept: str, columns: Columns, problems: list[Problem]) -> Page:
    page = render_template(
        "desk/payments_columns.html",
        table=table,
        lines=table.lines[:SHOWN_FIRST],
        columns=columns,
        labels=COLUMNS,
        kept=kept,
        problems=problems,
    )
    return page, 400 if problems else 200
