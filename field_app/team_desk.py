"""Officers, team leaders and administrators: who is in the team, as administrators keep it."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import authorisations, catalogue, invitations, registers, team
from field_app.auth import ADMINISTRATOR, kept_nowhere, may
from field_app.database import all_rows, get_db, writing
from field_app.desk_forms import body_of, own_id, say_done
from field_app.fields import UUID_PATTERN
from field_app.history import history
from field_app.notebook import NotWritten
from field_app.records import Problem
from field_app.records.officer import Officer
from field_app.times import london, now

Page = str | Response | tuple[str, int]

blueprint = Blueprint("team", __name__, url_prefix="/desk/admin/officers")
blueprint.after_request(kept_nowhere)
keeping = may(
    "Add somebody to the team, change their name or role, have them set a new password, or take them out",
    ADMINISTRATOR,
)
ONE = f'/<regex("{UUID_PATTERN}"):officer>'


@blueprint.get("")
@keeping
def everybody() -> str:
    db = get_db()
    return render_template(
        "desk/team.html", people=team.everybody(db), powers=_powers_today(db), phones=_phones(db)
    )


def _powers_today(db: Database) -> dict[str, set[str]]:
    """By officer, the powers that their authorisations in force today name."""
    rows = authorisations.all_in_force(db, _today())
    powers: dict[str, set[str]] = {}
    for row in rows:
        powers.setdefault(row["granted_to"], set()).update(row["powers"])
    return powers


def _today() -> date:
    return london(now()).date()


def _phones(db: Database) -> dict[str, list[dict[str, Any]]]:
    """By officer, the phones that are not withdrawn."""
    phones: dict[str, list[dict[str, Any]]] = {}
    for row in all_rows(
        db,
        "SELECT id, officer, label, last_contact, waiting, evidence_waiting FROM notebooks "
        "WHERE NOT at_desk AND withdrawn_at IS NULL ORDER BY last_contact DESC, id",
    ):
        phones.setdefault(row["officer"], []).append(row)
    return phones


@blueprint.get("/add")
@keeping
def add() -> str:
    said, record = {"role": "officer"}, str(uuid.uuid4())
    return _form("Add somebody to the team", said, [], record, invitation=str(uuid.uuid4()))


@blueprint.post("/add")
@keeping
def added() -> Page:
    """Add somebody, and show the link with which they set their password."""
    db, record, at = get_db(), own_id(request.form), now()
    said = _said() | {"username": request.form.get("username", "").strip().lower()}
    invitation = _invitation()
    try:
        with writing(db):
            team.keep(db, current_user.id, record, said, None, at)
            invitations.invite(db, current_user.id, record, invitation, at)
    except NotWritten as error:
        title = "Add somebody to the team"
        return _form(title, said, error.problems, record, invitation=invitation), 400
    return _link(record, invitation)


def _said() -> dict[str, Any]:
    return body_of(request.form, [one for one in Officer.fields() if one.name in ("name", "role")])


def _invitation() -> str:
    """The id that the form bears for the invitation, so that sending it twice makes one."""
    try:
        return str(uuid.UUID(request.form.get("invitation", ""), version=4))
    except ValueError:
        abort(400, "This form is not whole: open it again.")


def _form(
    title: str,
    said: dict[str, Any],
    problems: list[Problem],
    record: str,
    invitation: str | None = None,
    seen: str | None = None,
) -> str:
    names = ("name", "username", "role") if invitation else ("name", "role")
    return render_template(
        "desk/team_form.html",
        title=title,
        fields=[one for one in Officer.fields() if one.name in names],
        said=said,
        problems=problems,
        record=record,
        invitation=invitation,
        seen=seen,
        today=_today(),
    )


def _link(officer: str, invitation: str) -> str:
    return render_template(
        "desk/team_link.html",
        officer=_officer(officer),
        link=invitations.link(invitation),
        until=now() + invitations.LASTS,
    )


def _officer(officer: str) -> dict[str, Any]:
    found = next((one for one in team.everybody(get_db()) if one["id"] == officer), None)
    if found is None:
        abort(404, "There is nobody of this address in the team.")
    return found


@blueprint.get(ONE)
@keeping
def one(officer: str) -> str:
    db = get_db()
    return render_template(
        "desk/team_one.html",
        officer=_officer(officer),
        phones=_phones(db).get(officer, []),
        powers=catalogue.entries("powers"),
        held=_powers_today(db).get(officer, set()),
        found=history(db, officer),
    )


@blueprint.route(f"{ONE}/change", methods=["GET", "POST"])
@keeping
def change(officer: str) -> Page:
    """Change a name or a role."""
    _officer(officer)
    stands, seal = team.stands(get_db(), officer)
    if request.method == "GET":
        return _form("Change a name or a role", stands, [], officer, seen=seal)
    said = {name: value for name, value in stands.items() if name not in ("name", "role")} | _said()
    if problems := _kept(officer, said, request.form.get("seen") or None):
        page = _form("Change a name or a role", said, problems, officer, seen=seal)
        return page, 400
    say_done(f"{said.get('name')} stands in the team as you wrote.")
    return redirect(url_for("team.one", officer=officer), 303)


def _kept(officer: str, said: dict[str, Any], seen: str | None) -> list[Problem]:
    """Write how somebody stands now; what is wrong with it, and nothing is written."""
    db = get_db()
    try:
        with writing(db):
            team.keep(db, current_user.id, officer, said, seen, now())
    except NotWritten as error:
        return error.problems
    return []


@blueprint.route(f"{ONE}/leave", methods=["GET", "POST"])
@keeping
def leave(officer: str) -> Page:
    """Take somebody out of the team. Nothing of theirs goes."""
    return _in_or_out(officer, {"left": True})


@blueprint.route(f"{ONE}/return", methods=["GET", "POST"])
@keeping
def come_back(officer: str) -> Page:
    """Take somebody back into the team."""
    return _in_or_out(officer, {})


def _in_or_out(officer: str, left: dict[str, bool]) -> Page:
    found, (stands, seal) = _officer(officer), team.stands(get_db(), officer)
    problems: list[Problem] = []
    if request.method == "POST":
        said = {name: value for name, value in stands.items() if name != "left"} | left
        problems = _kept(officer, said, request.form.get("seen") or None)
        if not problems:
            say_done("They are out of the team." if left else "They are back in the team.")
            return redirect(url_for("team.one", officer=officer), 303)
    page = render_template(
        "desk/team_leave.html",
        officer=found,
        leaving=bool(left),
        seen=seal,
        phones=_phones(get_db()).get(officer, []),
        problems=problems,
    )
    return page, 400 if problems else 200


@blueprint.get(f"{ONE}/password")
@keeping
def password(officer: str) -> str:
    found = _officer(officer)
    if found["retired_at"]:
        abort(404, "Somebody who has left sets no password.")
    return render_template("desk/team_password.html", officer=found, invitation=str(uuid.uuid4()))


@blueprint.post(f"{ONE}/password")
@keeping
def new_password(officer: str) -> Page:
    """Have somebody set a new password: the link for it, shown now and never again."""
    db, found, invitation = get_db(), _officer(officer), _invitation()
    if found["retired_at"]:
        abort(404, "Somebody who has left sets no password.")
    with writing(db):
        invitations.invite(db, current_user.id, officer, invitation, now())
    if registers.standing(db, invitation).body != {"invited": officer}:
        return redirect(url_for("team.one", officer=officer), 303)  # sent again, after it was used
    return _link(officer, invitation)
