"""The demonstration: invented officers, places and eight weeks of shifts in a new central file."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from field_app import registers, team
from field_app.auth import passwords
from field_app.books import Floors
from field_app.database import (
    DatabaseTrouble,
    keep_setting,
    one_row,
    writing,
)
from field_app.demonstration import cases
from field_app.demonstration.people import officers, people, places
from field_app.demonstration.shifts import pages
from field_app.demonstration.weeks import take_in_and_publish
from field_app.team import code_of

SEED = 2026

COUNCIL = {
    "COUNCIL": "Example Borough Council",
    "PAYEE": "Example Borough Council",
    "PAYEE_ADDRESS": "Payments, 1 Example Street, Exampleton EX1 1EX",
    "PAYMENT_LINK": "https://pay.council.example/{number}",
}
"""What a real council says in its settings: without a payee no notice is offered."""


IN_THE_REGISTER = timedelta(days=120)
"""Since when the places are in the register."""


def password(instance: Path) -> str:
    """The password of every demonstration sign-in, made once for each instance folder."""
    file = instance / "demonstration-password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(9), encoding="utf-8")
    return file.read_text(encoding="utf-8")


def fill(db: Database, shared_password: str, now: datetime, floors: Floors) -> None:
    """Fill a new central file, all of it or nothing. DatabaseTrouble when it is in use already."""
    hashed = passwords.hash(shared_password)
    with writing(db):
        if one_row(db, "SELECT 1 FROM officers"):
            raise DatabaseTrouble(
                "This central file has officers already. Demonstration data goes only into a new "
                "one; set FIELDBOOK_INSTANCE to an empty folder."
            )
        keep_setting(db, "demonstration", "yes")
        keep_team(db, hashed, now - IN_THE_REGISTER)
        keep_places(db, now - IN_THE_REGISTER)
        leader = next(person.id for person in people() if person.username == "leader1")
        sent = list(pages(now, officers(), places(), SEED))
        take_in_and_publish(db, sent, leader, now)
        cases.fill(db, now, floors, SEED)


def keep_team(db: Database, hashed: str, at: datetime) -> None:
    """Put the people into the team, as the administrator, inside the caller's transaction."""
    [administrator] = [person for person in people() if person.username == "admin"]
    for person in [administrator, *(one for one in people() if one != administrator)]:
        said = {"name": person.name, "username": person.username, "role": code_of(person.role)}
        team.keep(db, administrator.id, person.id, said, None, at)
        team.keep_hash(db, person.id, hashed)


def keep_places(db: Database, at: datetime) -> None:
    """Put the places into the register, as the administrator, inside the caller's transaction."""
    administrator = next(person.id for person in people() if person.username == "admin")
    for place in places():
        said = {
            name: value
            for name, value in asdict(place).items()
            if name != "id" and value is not None
        }
        registers.keep(db, administrator, "place", place.id, said, None, at)
