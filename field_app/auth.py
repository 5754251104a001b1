"""Who a person is (a session), and which notebook a phone is (a token)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import (
    Blueprint,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)
from flask_wtf import CSRFProtect, FlaskForm
from itsdangerous import BadSignature, URLSafeSerializer
from sqlite_utils import Database
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from field_app.database import all_rows, get_db, one_row, writing
from field_app.times import moment_text, now

OFFICER, TEAM_LEADER, ADMINISTRATOR = "officer", "team leader", "administrator"
ROLES = (OFFICER, TEAM_LEADER, ADMINISTRATOR)
AT_THE_DESK = (TEAM_LEADER, ADMINISTRATOR)

SHORTEST_PASSWORD = 12
TOO_SHORT = f"A password has at least {SHORTEST_PASSWORD} characters: three random words will do."

P = ParamSpec("P")
R = TypeVar("R")

blueprint = Blueprint("auth", __name__)
login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, headers_enabled=True, storage_uri="memory://")
passwords = PasswordHasher()


@dataclass
class Person(UserMixin):
    """Somebody who may sign in."""

    id: str
    username: str
    name: str
    role: str

    @property
    def at_the_desk(self) -> bool:
        return self.role in AT_THE_DESK


_PERSON = "SELECT id, username, name, role FROM officers WHERE retired_at IS NULL"


def kept_nowhere(answer: Response) -> Response:
    """What names people stays in no cache: after every answer of a blueprint that does."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


@login_manager.user_loader
def person(officer: str) -> Person | None:
    """Whose session it is, unless it began before their sessions were ended."""
    row = one_row(
        get_db(),
        f"{_PERSON} AND id = ? AND coalesce(sessions_from, '') <= ?",
        [officer, session.get("signed_in_at", "")],
    )
    return Person(**row) if row else None


def end_sessions(db: Database, officer: str, at: datetime) -> None:
    """Sign an officer out wherever they are signed in, inside the caller's transaction."""
    db.conn.execute(
        "UPDATE officers SET sessions_from = ? WHERE id = ?", [moment_text(at), officer]
    )


@login_manager.unauthorized_handler
def ask_to_sign_in() -> Response:
    """A person is sent to sign in and back again; htmx is told to load the whole page. Who sent a form
    is told instead: to be led away would cost them what they typed."""
    here = request.full_path if request.query_string else request.path
    target = url_for("auth.sign_in", next=here)
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": target})
    if g.get("csrf_valid"):  # set for a form that writes, and was made for this session
        abort(401)
    return redirect(target)


def only(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only people of these roles."""

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        @login_required
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if current_user.role not in roles:
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return guard


MAY: dict[str, tuple[str, ...]] = {}
"""What is done in the administration, and by whom."""


def may(doing: str, *roles: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only these roles do this; the overview of the administration says so."""
    MAY[doing] = roles
    return only(*roles)


reading = may("Read all of these pages", TEAM_LEADER, ADMINISTRATOR)


def at_the_desk(view: Callable[P, R]) -> Callable[P, R]:
    """Only team leaders and administrators."""
    return only(*AT_THE_DESK)(view)


def colleagues(db: Database) -> list[dict[str, Any]]:
    """Everybody who may be with an officer on a shift."""
    return all_rows(
        db,
        "SELECT id, name FROM officers WHERE retired_at IS NULL AND role = ? ORDER BY name",
        [OFFICER],
    )


def person_with(db: Database, username: str, password: str) -> Person | None:
    """The person with this name and password. An unknown name, or one without a password yet, takes as
    long as a wrong password."""
    row = one_row(
        db,
        "SELECT id, username, name, role, password_hash FROM officers "
        "WHERE username = ? AND retired_at IS NULL",
        [username],
    )
    kept = row.pop("password_hash") if row else ""
    try:
        passwords.verify(kept or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return None
    return Person(**row) if row and kept else None


def _nobody() -> str:
    """A hash that no password fits."""
    hashes = current_app.extensions.setdefault("fieldbook_nobody", [])
    if not hashes:
        hashes.append(passwords.hash("\0"))
    return str(hashes[0])


class SignInForm(FlaskForm):
    username = StringField("Username", [InputRequired("Enter your username"), Length(max=100)])
    password = PasswordField("Password", [InputRequired("Enter your password"), Length(max=1000)])


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(lambda: current_app.config["SIGN_IN_LIMIT"], methods=["POST"])
def sign_in() -> str | Response | tuple[str, int]:
    form = SignInForm()
    if form.validate_on_submit():
        found = person_with(get_db(), form.username.data or "", form.password.data or "")
        if found:
            login_user(found)
            session["signed_in_at"] = _note_sign_in(get_db(), found.id, now())
            session[current_app.config["WTF_CSRF_FIELD_NAME"]] = _form_token(found)
            return _named(redirect(_way_on(found)), found)
        form.password.errors = ["The username or the password is not right"]
    return render_template("auth/sign_in.html", form=form), 400 if form.errors else 200


def _note_sign_in(db: Database, officer: str, at: datetime) -> str:
    """Keep when somebody signed in last; the moment."""
    with writing(db):
        moment = moment_text(at)
        db.conn.execute("UPDATE officers SET signed_in_at = ? WHERE id = ?", [moment, officer])
    return moment


def _form_token(person: Person) -> str:
    """What the forms of a person's pages prove: the same whenever they sign in, so that one that was
    open when a session ended can still be sent, by them and by nobody else."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(key, f"forms of {person.id}".encode(), "sha256").hex()


def _named(answer: Response, person: Person) -> Response:
    """A cookie that the phone can read: whose notebook it may show before anybody has answered it.
    It names the officer's id and proves nothing."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie("officer", person.id, secure=secure, samesite="Lax")
    return answer


def _way_on(person: Person) -> str:
    """Where to go after signing in: where they came from, if it is ours, else their own start."""
    asked = request.args.get("next", "").replace("\\", "/")
    parts = urlsplit(asked)
    if asked.startswith("/") and not asked.startswith("//") and not parts.netloc:
        return asked
    return url_for("desk.board" if person.at_the_desk else "phone.shell")


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session. Never Clear-Site-Data: it would erase pages that are not sent yet."""
    logout_user()
    answer = redirect(url_for("auth.sign_in"))
    answer.delete_cookie("officer")
    return answer


@dataclass(frozen=True)
class Token:
    """What a notebook's token says. It lives until the notebook is withdrawn or gets a newer one."""

    notebook: str
    officer: str
    serial: int


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="notebook")


def new_token(db: Database, notebook: str, officer: str, now: datetime) -> tuple[str, int]:
    """A token for a notebook, and its serial, which is greater than those of all before it."""
    row = one_row(db, "SELECT token_serial FROM notebooks WHERE id = ?", [notebook])
    before = row["token_serial"] if row else 0
    serial = max(int(now.timestamp() * 1000), before + 1)
    return str(_signer().dumps([notebook, officer, serial])), serial


def token_here(db: Database) -> Token | None:
    """The token in this request, if it is its notebook's newest.

    It is signed, so that a server restored from before the notebook existed still knows it.
    """
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        token = Token(*_signer().loads(text))
    except (BadSignature, TypeError, ValueError):
        return None
    if one_row(db, "SELECT 1 FROM officers WHERE id = ?", [token.officer]) is None:
        return None
    row = one_row(db, "SELECT officer, token_serial FROM notebooks WHERE id = ?", [token.notebook])
    newest = row is None or (
        row["officer"] == token.officer and row["token_serial"] <= token.serial
    )
    return token if newest else None
