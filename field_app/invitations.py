"""Invitations: a link with which somebody sets their own password, once, within a week.

An administrator hands it over; no mail is sent. The link is signed, so that nobody can make one; that it
was made, and used, is a page each, without anything secret in it.
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from sqlite_utils import Database

from field_app import auth, registers, team
from field_app.auth import SHORTEST_PASSWORD, kept_nowhere, limiter
from field_app.database import get_db, one_row, writing
from field_app.records.officer import Invitation
from field_app.times import moment_text, now

LASTS = timedelta(days=7)
LONGEST_PASSWORD = 1000

blueprint = Blueprint("invitations", __name__)
blueprint.after_request(kept_nowhere)


def invite(db: Database, by: str, officer: str, invitation: str, at: datetime) -> None:
    """Invite somebody to set a password, inside the caller's transaction; a form that is sent twice
    invites once. Until they do, no password signs them in, and they are signed out everywhere; only
    who invites themself keeps the old one meanwhile. Earlier invitations of theirs end."""
    if registers.standing(db, invitation).seal:
        return
    registers.keep(db, by, Invitation.kind, invitation, {"invited": officer}, None, at)
    if by != officer:
        team.give_password(db, officer, None)
        auth.end_sessions(db, officer, at)


def link(invitation: str) -> str:
    """The whole address to hand over."""
    return url_for("invitations.accept", token=_signer().dumps(invitation), _external=True)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="invitation")


def invited_by(db: Database, token: str, at: datetime) -> dict[str, Any] | None:
    """Whom a link invites: `record` is the invitation, with the officer's `id`, `username` and `name`.
    None when nobody made it, it was used, a later one was made, a week has passed, or they left, also if
    they came back. What is later is what was written here later, whatever the clock said."""
    try:
        record = str(_signer().loads(token))
    except BadSignature:
        return None
    return one_row(
        db,
        "SELECT invitations.record, officers.id, username, name FROM invitations "
        "JOIN officers ON officers.id = invited JOIN pages AS made ON made.notebook = invitations.notebook "
        "AND made.page = invitations.page AND made.record = invitations.record "
        "WHERE invitations.record = ? AND NOT used "
        "AND retired_at IS NULL AND invitations.written_at >= ? AND NOT EXISTS ("
        "SELECT 1 FROM invitations AS other JOIN pages AS later ON later.record = other.record "
        "WHERE other.invited = officers.id AND other.record <> invitations.record "
        "AND later.rowid > made.rowid) AND NOT EXISTS ("
        "SELECT 1 FROM pages AS later WHERE later.record = officers.id AND later.rowid > made.rowid "
        "AND iif(json_valid(later.body), later.body ->> '$.left', NULL))",
        [record, moment_text(at - LASTS)],
    )


def set_password(db: Database, invited: dict[str, Any], password: str, at: datetime) -> None:
    """Set the password of whom a link invites, inside the caller's transaction; the link is used."""
    officer, record = invited["id"], invited["record"]
    team.give_password(db, officer, password)
    auth.end_sessions(db, officer, at)
    said = {"invited": officer, "used": True}
    seen = registers.standing(db, record).seal
    registers.keep(db, officer, Invitation.kind, record, said, seen, at)


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@limiter.limit(lambda: current_app.config["SIGN_IN_LIMIT"], methods=["POST"])
def accept(token: str) -> str | tuple[str, int]:
    """The page that the link opens: nothing but a password is asked."""
    db, at = get_db(), now()
    problems = _wrong_with(request.form) if request.method == "POST" else {}
    setting = request.method == "POST" and not problems
    with writing(db) if setting else nullcontext():
        invited = invited_by(db, token, at)
        if invited and setting:
            set_password(db, invited, request.form["password"], at)
    if invited is None:
        return render_template("auth/no_invitation.html"), 410
    if setting:
        return render_template("auth/password_set.html", invited=invited)
    page = render_template(
        "auth/invitation.html", invited=invited, problems=problems, shortest=SHORTEST_PASSWORD
    )
    return page, 400 if problems else 200


def _wrong_with(form: Any) -> dict[str, str]:
    """A sentence for each box that is wrong."""
    password = form.get("password", "")
    if len(password) < SHORTEST_PASSWORD:
        return {"password": auth.TOO_SHORT}
    if len(password) > LONGEST_PASSWORD:
        return {"password": f"A password has at most {LONGEST_PASSWORD:,} characters."}
    if form.get("again") != password:
        return {"again": "This is not the same as the password above."}
    return {}
