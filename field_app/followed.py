"""The warning that a Community Protection Notice from paper follows: found by its number.

With it come whether it was given to the same person, and the patrols that may show that it went unheeded
(ASBCPA 2014 s43(5)).
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import date
from typing import Any

from sqlite_utils import Database

from field_app import catalogue, earlier, numbers, words
from field_app.database import all_rows, one_row
from field_app.records import Problem
from field_app.records.notice import Cpn
from field_app.times import london_day, moment_text

Body = dict[str, Any]

NUMBER = Cpn.columns()["warning_number"]
OBSERVATION = Cpn.columns()["observation"]
FOUND = ("warning", "same_person")
"""What is found out by the number of the warning."""
MOST = 50
NOT_HERE = "No warning that has been received has this number: look again, or leave it out."


TAKEN_BACK = "look at the number again, or leave it out: no notice follows it."


def found_out(db: Database, said: Body, named: str | None = None) -> Body:
    """What a notice says of its warning, whose number is typed; nothing where none that stands is known by
    it. `named` is the record of the warning that the notice has: it keeps it, whatever became of it."""
    warning = _followed(db, said, named)
    if warning is None:
        return {}
    mine = {name: said.get(name) for name in ("recipient_name", "born")}
    return {
        "warning": warning["record"],
        "warning_number": warning["number"],
        "same_person": earlier.is_same_person(mine, warning),
    }


def wrong(db: Database, said: Body, typed: Container[str]) -> Iterator[Problem]:
    """What is wrong with the warning of a notice. The patrols can be chosen from once it is known: a form
    that did not show them yet has not asked."""
    if "warning_number" not in said:
        return
    if "warning" not in said:
        warning = _warning(db, said)
        how = warning and _gone(warning)
        told = (f"That warning was {how}: {TAKEN_BACK}", "void") if how else (NOT_HERE, "not-here")
        yield Problem("warning_number", *told)
    elif "observation" not in typed:
        yield Problem("observation", OBSERVATION.wording["required"], "required")


def seen_again(db: Database, officer: str, said: Body) -> list[dict[str, str]] | None:
    """An officer's patrols after the time that the warning gave, as a list offers them, the last first;
    None while the warning is not known."""
    warning = _followed(db, said, said.get("warning"))
    if warning is None or not warning["comply_by"]:
        return None
    rows = all_rows(
        db,
        "SELECT record, started_at, activity, coalesce((SELECT name FROM places "
        "WHERE places.record = patrols.place), place_name, address) AS place_name FROM patrols "
        "WHERE officer = ? AND started_at >= ? AND state = 'accepted' "
        "ORDER BY started_at DESC LIMIT ?",
        [officer, moment_text(london_day(date.fromisoformat(warning["comply_by"]))[1]), MOST],
    )
    return [{"value": row["record"], "text": _in_words(row)} for row in rows]


def _in_words(row: Body) -> str:
    activity = catalogue.label("activities", row["activity"])
    return f"{words.moment_in_words(row['started_at'])}, {row['place_name']}: {activity}"


def _followed(db: Database, said: Body, named: str | None) -> Body | None:
    warning = _warning(db, said)
    return None if warning and _gone(warning) and warning["record"] != named else warning


def _warning(db: Database, said: Body) -> Body | None:
    try:
        number = numbers.read(str(said.get("warning_number", "")))
    except ValueError:
        return None
    return one_row(
        db,
        "SELECT * FROM notices WHERE number = ? AND kind = 'cpw' ORDER BY "
        "withdrawal_answer IS 'agree', state = 'entered in error', state != 'accepted', received_at, record",
        [number],
    )


def _gone(warning: Body) -> str | None:
    """How a warning stopped being one; None while it stands."""
    if warning["withdrawal_answer"] == "agree":
        return "made void" if warning["withdrawal"] == "void" else "withdrawn"
    return "entered in error" if warning["state"] == "entered in error" else None
