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


def found_out(db: Database, said: Body) -> Body:
    """What a notice says of its warning, whose number is typed; nothing where none is known by it."""
    warning = _warning(db, said)
    if warning is None:
        return {}
    mine = {name: said.get(name) for name in ("recipient_name", "born")}
    return {
        "warning": warning["record"],
        "warning_number": warning["number"],
        "same_person": earlier.is_same_person(mine, warning),
    }


def wrong(said: Body, typed: Container[str]) -> Iterator[Problem]:
    """What is wrong with the warning of a notice. The patrols can be chosen from once it is known: a form
    that did not show them yet has not asked."""
    if "warning_number" not in said:
        return
    if "warning" not in said:
        yield Problem("warning_number", NOT_HERE, "not-here")
    elif "observation" not in typed:
        yield Problem("observation", OBSERVATION.wording["required"], "required")


def seen_again(db: Database, officer: str, said: Body) -> list[dict[str, str]] | None:
    """An officer's patrols after the time that the warning gave, as a list offers them, the last first;
    None while the warning is not known."""
    warning = _warning(db, said)
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


def _warning(db: Database, said: Body) -> Body | None:
    try:
        number = numbers.read(str(said.get("warning_number", "")))
    except ValueError:
        return None
    return one_row(db, "SELECT * FROM notices WHERE number = ? AND kind = 'cpw'", [number])
