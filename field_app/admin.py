"""Running the team: who may sign, every number's account, phones that are lost, paper books, orders.

Team leaders may read all of it and enter what was written on paper; the rest is the administrator's.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import (
    authorisations,
    books,
    catalogue,
    followed,
    notebook,
    numbers,
    phones_desk,
    places,
    registers,
    team,
    wards,
)
from field_app.auth import ADMINISTRATOR, MAY, OFFICER, TEAM_LEADER, kept_nowhere, may, reading
from field_app.books import BooksTrouble, Floors
from field_app.database import all_rows, get_db, one_row, writing
from field_app.desk_forms import as_typed, body_of, own_id
from field_app.fields import UUID_PATTERN, Declared, Requirements
from field_app.fold import Folding, merge_patch, pages_about
from field_app.numbers import LETTERS, SERIES_PATTERN
from field_app.records import KINDS, Amendment, Notice, Problem
from field_app.records.authorisation import Authorisation, AuthorisationEnded
from field_app.records.notice import Served, Spoiled
from field_app.settings import layers_of
from field_app.times import is_moment, london, moment_text, now

Page = str | Response | tuple[str, int]

blueprint = Blueprint("admin", __name__, url_prefix="/desk/admin")
blueprint.after_request(kept_nowhere)


@blueprint.record_once
def _for_templates(state: Any) -> None:
    state.app.jinja_env.globals |= {
        "as_typed": as_typed,
        "REQUIREMENTS": Requirements.KINDS,
        "authorised_by": lambda notice: authorisations.covering(get_db(), notice),
    }


entering = may("Enter a notice that was written on paper", TEAM_LEADER, ADMINISTRATOR)
authorising = may("Put a written authorisation on file, or end it", ADMINISTRATOR)
lending = may("Lend a paper book", ADMINISTRATOR)


def _today() -> date:
    return london(now()).date()


@blueprint.get("")
@reading
def overview() -> str:
    db, today = get_db(), _today()
    phones, account, orders = phones_desk.every(db), books.account(db), catalogue.orders()
    return render_template(
        "desk/admin.html",
        team=[one for one in team.everybody(db) if not one["retired_at"]],
        without=[one for one in _officers(db) if not _held_on(db, one["id"], today)],
        phones=phones,
        withdrawn=sum(bool(one["withdrawn_at"]) for one in phones),
        lent=sum(one["last"] - one["first"] + 1 for one in account),
        paper_books=sum(bool(one["paper"]) for one in account),
        places=places.in_use(db),
        unconfirmed=len(catalogue.unconfirmed(today)),
        refusing=current_app.config["REFUSE_UNCONFIRMED"],
        orders=orders,
        running=sum(one.in_force(today) for one in orders),
        settings_here=len(layers_of(current_app).kept),
        changed=registers.how_many_changes(db),
        boundaries=wards.in_use(db) is not None,
        may=MAY,
    )


def _totals(account: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """By series: how many numbers were lent, and what became of them."""
    totals: dict[str, dict[str, int]] = {}
    for book in account:
        sums = totals.setdefault(book["series"], dict.fromkeys(COUNTED, 0))
        for name in COUNTED:
            sums[name] += book["last"] - book["first"] + 1 if name == "lent" else book[name]
    return totals


COUNTED = ("lent", "issued", "spoiled", "left", "returned")


# Numbers


@blueprint.get("/books")
@reading
def all_books() -> str:
    """The account of numbers, as `flask books` gives it."""
    account = books.account(get_db())
    return render_template(
        "desk/admin_books.html",
        account=account,
        totals=_totals(account),
        twice=books.borne_twice(get_db()),
    )


@blueprint.get(f'/books/<regex("{SERIES_PATTERN}"):series>/<int:first>')
@reading
def book(series: str, first: int) -> str:
    """What became of each number of a book; of a paper book, the list that is printed."""
    found = books.one(get_db(), series, first)
    if found is None:
        abort(404, "No such book was ever lent.")
    return render_template("desk/admin_book.html", book=found, fates=books.numbers(get_db(), found))


# Orders


@blueprint.get("/orders")
@reading
def orders() -> str:
    return render_template("desk/admin_orders.html", orders=catalogue.orders(), today=_today())


# Written authorisations


def _officers(db: Database) -> list[dict[str, Any]]:
    return all_rows(
        db,
        "SELECT id, name FROM officers WHERE role = ? AND retired_at IS NULL ORDER BY name, id",
        [OFFICER],
    )


def _held_on(db: Database, officer: str, day: date) -> list[dict[str, Any]]:
    return [
        one for one in authorisations.of_officer(db, officer) if authorisations.in_force(one, day)
    ]


@blueprint.get("/authorisations")
@reading
def all_authorisations() -> str:
    """Per officer the powers held today, each with its document and days."""
    db, today = get_db(), _today()
    held = [(one, _held_on(db, one["id"], today)) for one in _officers(db)]
    return render_template(
        "desk/admin_authorisations.html", held=held, powers=catalogue.entries("powers"), today=today
    )


@blueprint.get(f'/authorisations/<regex("{UUID_PATTERN}"):officer>')
@reading
def officers_authorisations(officer: str) -> str:
    return _officers_page(officer)


@blueprint.post(f'/authorisations/<regex("{UUID_PATTERN}"):officer>')
@authorising
def authorise(officer: str) -> Page:
    """Put a written authorisation of an officer on file."""
    db, record = get_db(), own_id(request.form)
    said = body_of(request.form, Authorisation.fields()) | {"granted_to": _officer(officer)["id"]}
    try:
        with writing(db):
            written = notebook.written_about(db, record)
            if not written:
                _write_authorisation(db, record, said)
            elif json.loads(written[0]["body"]) != said:
                raise notebook.NotWritten([Problem("", USED_FORM, "used")])
    except notebook.NotWritten as error:
        used = any(one.rule == "used" for one in error.problems)
        return _officers_page(officer, said, error.problems, None if used else record), 400
    return redirect(url_for("admin.officers_authorisations", officer=officer), 303)


USED_FORM = (
    "This form was used already, and the authorisation that it put on file stays as it was. "
    "What is typed here is not on file: save it again only if it is another authorisation."
)


def _write_authorisation(db: Database, record: str, said: dict[str, Any]) -> None:
    wrong = authorisations.wrong_days(said.get("starts"), said.get("ends"), None)
    if wrong:
        raise notebook.NotWritten([Problem("ends", wrong, "order")])
    notebook.write_at_desk(db, current_user.id, Authorisation.kind, record, said, now())


def _officers_page(
    officer: str,
    said: dict[str, Any] | None = None,
    problems: list[Problem] | None = None,
    record: str | None = None,
) -> str:
    today = _today()
    return render_template(
        "desk/admin_officer.html",
        officer=_officer(officer),
        authorisations=authorisations.of_officer(get_db(), officer)[::-1],
        in_force=authorisations.in_force,
        fields=_without("granted_to", Authorisation.fields()),
        said=said or {"starts": today.isoformat()},
        problems=problems or [],
        record=record or str(uuid.uuid4()),
        today=today,
    )


def _officer(officer: str) -> dict[str, Any]:
    found = one_row(get_db(), "SELECT id, name FROM officers WHERE id = ?", [officer])
    if found is None:
        abort(404, "There is no such officer.")
    return found


@blueprint.route(
    f'/authorisations/<regex("{UUID_PATTERN}"):officer>/<regex("{UUID_PATTERN}"):record>/end',
    methods=["GET", "POST"],
)
@authorising
def end_authorisation(officer: str, record: str) -> Page:
    db = get_db()
    found = _authorisation(db, officer, record)
    said: dict[str, Any] = {"ends": min(_today().isoformat(), found["ends"] or "9999")}
    problems: list[Problem] = []
    if request.method == "POST":
        said = body_of(request.form, AuthorisationEnded.fields())
        try:
            with writing(db):
                _end(db, officer, record, said)
        except notebook.NotWritten as error:
            problems = error.problems
        else:
            return redirect(url_for("admin.officers_authorisations", officer=officer), 303)
    page = render_template(
        "desk/admin_end.html",
        officer=_officer(officer),
        authorisation=found,
        seen=notebook.written_about(db, record)[-1]["seal"],
        fields=AuthorisationEnded.fields(),
        said=said,
        problems=problems,
        today=_today(),
    )
    return page, 400 if problems else 200


def _authorisation(db: Database, officer: str, record: str) -> dict[str, Any]:
    every = authorisations.of_officer(db, officer)
    found = next((one for one in every if one["record"] == record), None)
    if found is None:
        abort(404, "There is no such authorisation.")
    return found


def _end(db: Database, officer: str, record: str, said: dict[str, Any]) -> None:
    """Write the end of an authorisation, inside the caller's transaction; sent twice, once."""
    kind, seen = AuthorisationEnded.kind, request.form.get("seen")
    last = notebook.written_about(db, record)[-1]
    if notebook.sent_twice(last, current_user.id, kind, said, seen):
        return
    one = _authorisation(db, officer, record)
    if wrong := authorisations.wrong_days(one["starts"], said.get("ends"), one["ends"]):
        raise notebook.NotWritten([Problem("ends", wrong, "order")])
    notebook.write_at_desk(db, current_user.id, kind, record, said, now())


def _without(name: str, fields: list[Declared]) -> list[Declared]:
    return [one for one in fields if one.name != name]


# Paper books


@blueprint.get("/paper")
@reading
def paper() -> str:
    return _paper_page({}, {})


def _paper_page(said: dict[str, str], problems: dict[str, str], there: str | None = None) -> str:
    """The paper books, and the question for the number; `there` is the record that bears it already."""
    return render_template(
        "desk/admin_paper.html",
        lent=[one for one in books.account(get_db()) if one["paper"]],
        officers=_officers(get_db()),
        offences=catalogue.offences(),
        kinds={kind: KINDS[kind].title for kind in LETTERS},
        said=said,
        problems=problems,
        there=there,
        shown=moment_text(now()),
    )


@blueprint.post("/paper/lend")
@lending
def lend() -> Page:
    """Lend an officer a paper book, and show its numbers, to be printed. A form lends each officer one
    book of a kind: sent twice, it shows the one that it lent."""
    db, form = get_db(), request.form
    officer, kind = form.get("lend-officer", ""), form.get("lend-kind", "")
    if problems := _wrong_with_lending(db, officer, kind):
        return _paper_page(form.to_dict(), problems), 400
    at = now()
    series = f"{LETTERS[kind]}{london(at):%y}"
    try:
        with writing(db):
            holder = notebook.paper_notebook(db, officer, at)
            lent = books.lent_after(db, holder, series, form.get("shown") or moment_text(at))
            if lent is None:
                floors = Floors(Path(current_app.config["INSTANCE"]))
                lent = books.lend(db, holder, series, at, floors)
    except (BooksTrouble, OSError) as error:
        abort(503, f"No book could be lent: {error}")
    return redirect(url_for("admin.book", series=lent.series, first=lent.first), 303)


def _wrong_with_lending(db: Database, officer: str, kind: str) -> dict[str, str]:
    """A sentence for each field that is not chosen."""
    problems = {}
    if officer not in {one["id"] for one in _officers(db)}:
        problems["lend-officer"] = "Select the officer"
    if kind not in LETTERS:
        problems["lend-kind"] = "Select the kind of notice"
    return problems


@blueprint.post("/paper/notice")
@entering
def number_of_paper() -> Page:
    """The number on the paper: what is asked next hangs on it. It stands in no address."""
    asked, problems, there = _asked_of_paper()
    if problems:
        return _paper_page(request.form.to_dict(), problems, there), 400
    return _notice_page(asked, body_of(request.form, [followed.NUMBER]), [])


@blueprint.post("/paper/notice/entered")
@entering
def enter() -> Page:
    """Enter what was written on paper, with its own number, who, and when. It has been handed out, so it
    is kept whatever it says; what breaks a rule is held."""
    asked, problems, there = _asked_of_paper()
    if problems:
        return _paper_page(request.form.to_dict(), problems, there), 400
    said = _body_of_paper(asked)
    if wrong := [
        *_missing(asked, said),
        *followed.wrong(get_db(), said, request.form),
        *_wrong_times(said),
    ]:
        return _notice_page(asked, said, wrong)
    record = _enter(asked, said)
    return redirect(url_for("desk.record", record=record), 303)


@blueprint.route(f'/paper/notice/<regex("{UUID_PATTERN}"):record>/amend', methods=["GET", "POST"])
@entering
def amend_paper(record: str) -> Page:
    """Put right what was typed off the paper. No phone has its page, so it is amended here."""
    db = get_db()
    row = one_row(db, "SELECT * FROM notices WHERE record = ?", [record])
    if row is None or not row["entered_by"]:
        abort(404, "No notice from paper is entered under this address.")
    asked = {name: row[name] for name in ("number", "officer", "kind", "offence") if row[name]}
    if request.method == "GET":
        said = Folding(record, pages_about(db, record)).body
        return _notice_page(asked, said, [], amending=record)
    typed = _body_of_paper(asked, row["warning"])
    try:
        with writing(db):
            _amend(db, record, asked, typed)
    except notebook.NotWritten as error:
        stale = any(problem.rule == "seen" for problem in error.problems)
        said = _as_it_would_stand(db, record, asked, typed) if stale else typed
        return _notice_page(asked, said, error.problems, amending=record)
    return redirect(url_for("desk.record", record=record), 303)


def _amend(db: Database, record: str, asked: dict[str, Any], typed: dict[str, Any]) -> None:
    """Write what was typed differently from what stands, inside the caller's transaction; sent twice,
    once. NotWritten when it breaks a rule: who types it is there to be told."""
    stands = Folding(record, pages_about(db, record)).body
    if wrong := [*followed.wrong(db, typed, request.form), *_wrong_times(typed)]:
        raise notebook.NotWritten(wrong)
    changes = _changes(asked, stands, typed)
    if "authorisation" not in stands:
        changes |= _authorised(asked, stands | typed)
    last = notebook.written_about(db, record)[-1]
    if last["seal"] != request.form.get("seen"):
        if last["kind"] == Amendment.kind and not changes:
            return
        raise notebook.NotWritten([Problem("", MEANWHILE, "seen")])
    body = body_of(request.form, [_reason()]) | {"changes": changes}
    if "reason" not in body:
        raise notebook.NotWritten([Problem("reason", _reason().wording["required"], "required")])
    problems = notebook.write_from_paper(db, asked["officer"], Amendment.kind, record, body, now())
    if problems:
        raise notebook.NotWritten(problems)


def _changes(
    asked: dict[str, Any], before: dict[str, Any], typed: dict[str, Any]
) -> dict[str, Any]:
    """What was typed differently; None for what was taken out."""
    found = [one for one in KINDS[asked["kind"]].fields() if one.name in followed.FOUND]
    fields = [*_fields_of_paper(asked), *Served.fields(), *found]
    return {
        one.name: typed.get(one.name)
        for one in fields
        if not _same(one, typed.get(one.name), before.get(one.name))
    }


def _same(field: Declared, typed: Any, before: Any) -> bool:
    """A box for a moment shows London's minutes, and not all that a page says."""
    if field.data_type == "moment" and typed is not None and before is not None:
        return as_typed(field, typed) == as_typed(field, before)
    return bool(typed == before)


def _as_it_would_stand(
    db: Database, record: str, asked: dict[str, Any], typed: dict[str, Any]
) -> dict[str, Any]:
    """What stands now, with what was typed differently from what the form showed."""
    seals = [one["seal"] for one in notebook.written_about(db, record)]
    seen, pages = request.form.get("seen"), pages_about(db, record)
    known = seals[: seals.index(seen) + 1] if seen in seals else seals
    shown = Folding(record, [page for page in pages if page["seal"] in known]).body
    stands: dict[str, Any] = merge_patch(Folding(record, pages).body, _changes(asked, shown, typed))
    return stands


MEANWHILE = (
    "Somebody wrote about this notice meanwhile. What stands now is shown, with what you changed: "
    "read it, then save it again."
)


def _reason() -> Declared:
    return Amendment.columns()["reason"]


def _asked_of_paper() -> tuple[dict[str, Any], dict[str, str], str | None]:
    """Which number is entered, of what kind, whose it is; what is wrong with that; and the record that
    bears the number already."""
    db, typed = get_db(), request.form
    try:
        number = numbers.read(typed.get("number", ""))
    except ValueError as error:
        return {}, {"number": str(error)}, None
    fate, _ = books.fate(db, number)
    if fate and fate.record:
        return {}, {"number": "This number was entered already."}, fate.record
    officer, problems = _whose(db, number, typed.get("officer"))
    kind = next(kind for kind, letters in LETTERS.items() if number.startswith(letters))
    spoiled = "spoiled" in typed
    asked = {"number": number, "officer": officer, "kind": "spoiled" if spoiled else kind}
    if kind == "fpn" and not spoiled:
        asked["offence"] = typed.get("offence")
        if asked["offence"] not in {one.code for one in catalogue.offences()}:
            problems["offence"] = "Select the offence"
    return asked, problems, None


def _whose(db: Database, number: str, chosen: str | None) -> tuple[str | None, dict[str, str]]:
    """The officer of a number on paper, and what is wrong with who was chosen."""
    book = one_row(
        db,
        "SELECT officer, name, paper FROM notebooks JOIN officers ON officers.id = officer "
        "WHERE notebooks.id = ?",
        [books.holder(db, number)],
    )
    officer = chosen or (book["officer"] if book and book["paper"] else None)
    if not officer or not one_row(db, "SELECT 1 FROM officers WHERE id = ?", [officer]):
        return None, {"officer": "No paper book has this number: select whose notice it is."}
    if book and book["officer"] != officer:
        said = f"{numbers.shown(number)} is in {book['name']}’s book: their notice alone bears it."
        return officer, {"officer": said}
    return officer, {}


def _fields_of_paper(asked: dict[str, Any]) -> list[Declared]:
    """What the leader types off the paper: all but what was asked before and what only a phone knows."""
    kind = KINDS[asked["kind"]]
    if not issubclass(kind, Notice):
        return _without("number", kind.fields())
    steps = [name for names in kind.STEPS.values() for name in names]
    names = [
        "issued_at",
        "warning_number",
        *(name for name in steps if _fits(kind, name, asked)),
        "amount",
        "discount",
        "discount_until",
        "pay_by",
    ]
    fields = {one.name: one for one in kind.fields()}
    return [fields[name] for name in names if name in fields and name not in NOT_ON_PAPER]


def _fits(kind: type[Notice], name: str, asked: dict[str, Any]) -> bool:
    """Whether a field is asked for the offence; what hangs on other answers is asked all the same."""
    other, answers = kind.ASKED_IF.get(name, ("", ()))
    return other != "offence" or asked.get("offence") in answers


NOT_ON_PAPER = ("offence", "photos", "warning", "again_reason")


def _body_of_paper(asked: dict[str, Any], warning: str | None = None) -> dict[str, Any]:
    said = body_of(request.form, [*_fields_of_paper(asked), *Served.fields()])
    return said | followed.found_out(get_db(), said, warning)


def _missing(asked: dict[str, Any], said: dict[str, Any]) -> list[Problem]:
    """Without some it cannot be said who did what, and when; all that is missing is said with them. What
    else a paper lacks is kept, and held."""
    needed = "reason" if asked["kind"] == "spoiled" else "issued_at"
    if needed in said:
        return []
    return [
        Problem(field.name, field.wording["required"], "required")
        for field in _fields_of_paper(asked)
        if field.required and field.name not in said and field.name != "observation"
    ]


AS_WRITTEN = "as-written"
"""The rule about what a paper hardly says; it may say so all the same."""


def _wrong_times(said: dict[str, Any]) -> Iterator[Problem]:
    happened, issued = said.get("occurred_at", ""), said.get("issued_at", "")
    if (
        is_moment(happened)
        and is_moment(issued)
        and happened > issued
        and AS_WRITTEN not in request.form
    ):
        yield Problem(
            "occurred_at", "It would have happened after the notice was issued", AS_WRITTEN
        )


def _enter(asked: dict[str, Any], said: dict[str, Any]) -> str:
    """Write it into the notebook of the officer's paper books; its record."""
    db, record, at = get_db(), str(uuid.uuid4()), now()
    served = {one.name for one in Served.fields()}
    first = {name: value for name, value in said.items() if name not in served}
    first |= {name: asked[name] for name in ("number", "offence") if name in asked}
    if asked["kind"] != Spoiled.kind:
        first |= {"entered_by": current_user.id} | _authorised(asked, said)
    with writing(db):
        if (fate := books.fate(db, asked["number"])[0]) and fate.record:
            return fate.record  # sent twice
        notebook.write_from_paper(db, asked["officer"], asked["kind"], record, first, at)
        if "service" in said:
            after = {name: said[name] for name in served & said.keys()}
            notebook.write_from_paper(db, asked["officer"], Served.kind, record, after, at)
    return record


def _authorised(asked: dict[str, Any], said: dict[str, Any]) -> dict[str, str]:
    """The document that is on file, as a phone would have said."""
    row = {"offence": None} | asked | {"issued_at": said["issued_at"]}
    found = authorisations.covering(get_db(), row) if is_moment(row["issued_at"]) else None
    return {"authorisation": found["document"]} if found else {}


def _notice_page(
    asked: dict[str, Any],
    said: dict[str, Any],
    problems: list[Problem],
    amending: str | None = None,
) -> Page:
    offence = next((one for one in catalogue.offences() if one.code == asked.get("offence")), None)
    page = render_template(
        "desk/admin_enter.html",
        asked=asked,
        kind=KINDS[asked["kind"]],
        officer=_officer(asked["officer"]),
        offence=offence,
        amending=amending,
        seen=notebook.written_about(get_db(), amending)[-1]["seal"] if amending else None,
        reason=_reason(),
        seen_again=followed.seen_again(get_db(), asked["officer"], said),
        fields=_fields_of_paper(asked),
        served=Served.fields() if asked["kind"] != Spoiled.kind else [],
        said=said,
        problems=problems,
        today=_today(),
    )
    return page, 400 if problems else 200
