"""Who is in the team.

What an administrator says of somebody is a page; `officers`, which signs people in and to which
everything refers, is changed with it by `keep`, and by nothing else. Passwords stand there alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from field_app import auth, registers
from field_app.database import all_rows, insert, one_row
from field_app.notebook import NotWritten
from field_app.records import Problem, check
from field_app.records.officer import Officer
from field_app.times import moment_text

Body = dict[str, Any]


def code_of(role: str) -> str:
    """A role as the catalogue's list `roles` has it."""
    return role.replace(" ", "-")


def role_of(code: str) -> str:
    """A role as `officers` has it."""
    return code.replace("-", " ")


def everybody(db: Database) -> list[dict[str, Any]]:
    """Everybody who may or might sign in, who is in the team first; `password_set` is false while
    somebody was invited and has not come yet."""
    return all_rows(
        db,
        "SELECT id, username, name, role, retired_at, signed_in_at, "
        "(SELECT max(last_contact) FROM notebooks WHERE officer = officers.id AND NOT at_desk) "
        "AS last_contact, "
        "coalesce((SELECT used FROM invitations WHERE invited = officers.id "
        "ORDER BY written_at DESC LIMIT 1), 1) AS password_set "
        "FROM officers ORDER BY retired_at IS NOT NULL, name, id",
    )


def keeper(db: Database) -> str | None:
    """In whose name the team is kept where nobody is signed in: an administrator, when there is one."""
    row = one_row(
        db,
        "SELECT id FROM officers WHERE role = ? ORDER BY retired_at IS NOT NULL, id LIMIT 1",
        [auth.ADMINISTRATOR],
    )
    return str(row["id"]) if row else None


def stands(db: Database, officer: str) -> tuple[Body, str | None]:
    """How somebody stands, and the seal of the page that says so: None while no page does, as of those
    who were here before there were such pages. An empty body for somebody unknown."""
    body, seal = registers.standing(db, officer)
    row = _row(db, officer)
    return (body, seal) if seal or row is None else (_said_by(row), None)


def _row(db: Database, officer: str) -> dict[str, Any] | None:
    return one_row(
        db, "SELECT name, username, role, retired_at FROM officers WHERE id = ?", [officer]
    )


def _said_by(row: dict[str, Any]) -> Body:
    body = {"name": row["name"], "username": row["username"], "role": code_of(row["role"])}
    return body | ({"left": True} if row["retired_at"] else {})


def keep(db: Database, by: str, officer: str, said: Body, seen: str | None, at: datetime) -> bool:
    """Write how somebody stands from now on, and have `officers` say the same, inside the caller's
    transaction; whether they stood otherwise. NotWritten, as `registers.keep` raises it.

    Somebody of whom no page speaks yet first gets one that says how they stood.
    """
    reading = check(Officer, said, at)
    if problems := reading.problems or list(_broken(db, by, officer, said)):
        raise NotWritten(problems)
    before, seal = stands(db, officer)
    if before == said:
        return False
    if not before:
        row = dict.fromkeys(("username", "name", "role", "password_hash"), "")
        insert(db, "officers", row | {"id": officer})
    elif seal is None:
        seen = registers.say_before(db, by, Officer.kind, officer, before, at)
    registers.keep(db, by, Officer.kind, officer, said, seen, at)
    _sign_in_as(db, officer, reading.columns, at)
    return True


def _sign_in_as(db: Database, officer: str, stands: dict[str, Any], at: datetime) -> None:
    left = moment_text(at) if stands["left"] else None
    db.conn.execute(
        "UPDATE officers SET username = ?, name = ?, role = ?, "
        "retired_at = iif(?4 IS NULL, NULL, coalesce(retired_at, ?4)) WHERE id = ?5",
        [stands["username"], stands["name"], role_of(stands["role"]), left, officer],
    )
    if left:
        auth.end_sessions(db, officer, at)


def _broken(db: Database, by: str, officer: str, said: Body) -> Iterator[Problem]:
    """The rules of the team that no declaration can know."""
    taken = "SELECT 1 FROM officers WHERE username = ? AND id <> ?"
    if one_row(db, taken, [said["username"], officer]):
        yield Problem("username", f"Somebody signs in as {said['username']} already.", "taken")
    row = _row(db, officer)
    if row is None:
        return
    administers = said["role"] == code_of(auth.ADMINISTRATOR) and not said.get("left")
    if by == officer and code_of(row["role"]) != said["role"]:
        yield Problem("role", "Nobody changes their own role: another administrator does.", "own")
    elif by == officer and said.get("left") and not row["retired_at"]:
        yield Problem("left", "Nobody takes themself out of the team.", "own")
    elif not administers and _is_last_administrator(db, officer):
        yield Problem("role", "There must be an administrator: make another one first.", "last")


def _is_last_administrator(db: Database, officer: str) -> bool:
    rows = all_rows(
        db,
        "SELECT id FROM officers WHERE role = ? AND retired_at IS NULL",
        [auth.ADMINISTRATOR],
    )
    return [row["id"] for row in rows] == [officer]


def give_password(db: Database, officer: str, password: str | None) -> None:
    """Have a password sign somebody in from now on, inside the caller's transaction; None: no
    password does, until another is given."""
    keep_hash(db, officer, auth.passwords.hash(password) if password else "")


def keep_hash(db: Database, officer: str, hashed: str) -> None:
    db.conn.execute("UPDATE officers SET password_hash = ? WHERE id = ?", [hashed, officer])
