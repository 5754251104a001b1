"""Earlier notices to the same person, looked for again when a notice arrives: the officer's phone may
not have known of them.

The same person: names of the same words in any order, or nearly the same, and dates of birth that do not
differ; or the same date of birth and the same last name. It is a hint for people to look, never a verdict.
"""

from __future__ import annotations

import json
import unicodedata
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlite_utils import Database

from field_app import inbox, numbers, words
from field_app.database import all_rows, one_row
from field_app.notices import LIVE, STANDING, WITH_MONEY, plain, what
from field_app.rules import months_after
from field_app.times import london

Row = dict[str, Any]


def of(db: Database, record: str, today: date) -> list[Row]:
    """The notices that the person of this one had before it and that stand, newest first: rows of
    `notices`, with `what` each is about, its `standing`, whether its officer `knew` of it, and whether it
    is for the `same` offence on the same day."""
    mine = one_row(db, "SELECT * FROM notices WHERE record = ?", [record])
    if not mine or not mine["recipient_name"] or not mine["issued_at"]:
        return []
    known = json.loads(mine["earlier"] or "[]")
    same = [row["record"] for row in _candidates(db, mine) if is_same_person(mine, row)]
    rows = all_rows(
        db,
        f"SELECT *, {STANDING} AS standing FROM {WITH_MONEY} "
        "WHERE record IN (SELECT value FROM json_each(:same)) ORDER BY issued_at DESC, record",
        {"same": json.dumps(same), "today": today.isoformat()},
    )
    return [
        row
        | {
            "what": what(row),
            "knew": row["record"] in known or row["officer"] == mine["officer"],
            "same": _offence_and_day(row) == _offence_and_day(mine) is not None,
        }
        for row in rows
    ]


def _offence_and_day(row: Row) -> tuple[str, date] | None:
    if not row["offence"] or not row["occurred_at"]:
        return None
    return row["offence"], london(row["occurred_at"]).date()


def _candidates(db: Database, mine: Row) -> list[Row]:
    """The notices before one that stand and may be its person's: however long ago when the name is spelt
    alike or they were born on the same day, else of the year before it."""
    year = months_after(london(mine["issued_at"]).date(), -12)
    return all_rows(
        db,
        "WITH perhaps AS (SELECT record FROM notices WHERE recipient_name = :recipient_name COLLATE NOCASE "
        "UNION SELECT record FROM notices WHERE born = :born "
        "UNION SELECT record FROM notices WHERE issued_at >= :since AND issued_at < :issued_at) "
        "SELECT record, recipient_name, born FROM perhaps JOIN notices USING (record) "
        "WHERE issued_at < :issued_at AND record <> :record AND state = 'accepted' "
        "AND withdrawal_answer IS NOT 'agree'",
        {name: mine[name] for name in ("recipient_name", "born", "record", "issued_at")}
        | {"since": year.isoformat()},
    )


def is_same_person(one: Row, other: Row) -> bool:
    """By `recipient_name` and `born`, as somebody who compares them would wonder; the phone's earlier.js
    says alike."""
    if one["born"] and other["born"] and one["born"] != other["born"]:
        return False
    name, its = (_words(row["recipient_name"] or "") for row in (one, other))
    if one["born"] and other["born"] and name[-1:] == its[-1:]:
        return True
    return _all_near(name, its) and _all_near(its, name)


@lru_cache(maxsize=10_000)
def _words(name: str) -> tuple[str, ...]:
    spaced = "".join(" " if unicodedata.category(one)[0] in "PS" else one for one in plain(name))
    return tuple(spaced.split())


def _all_near(words: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return all(any(_is_near(one, other) for other in others) for one in words)


def _is_near(one: str, other: str) -> bool:
    """Whether two words may be one: as its initial, or with a letter wrong, missing or in another place."""
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    if one == other or abs(len(one) - len(other)) > 1 or max(len(one), len(other)) < 4:
        return one == other
    return not _without_one(one).isdisjoint(_without_one(other))


def _without_one(word: str) -> set[str]:
    """A word, and what is left of it without any one letter."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def missing_ground(db: Database, notice: Row) -> list[str]:
    """What a Community Protection Notice stands on and is not on file, in sentences: a warning to the
    same person, and a patrol after the time it gave (ASBCPA 2014 s43(5)). Its officer's phone has
    checked its own pages only."""
    if notice["kind"] != "cpn":
        return []
    warning = one_row(
        db,
        "SELECT * FROM notices WHERE record = ? AND kind = 'cpw' AND state = 'accepted' "
        "AND withdrawal_answer IS NOT 'agree'",
        [notice["warning"]],
    )
    seen = one_row(
        db,
        "SELECT started_at FROM patrols WHERE record = ? AND state = 'accepted'",
        [notice["observation"]],
    )
    found = []
    if not warning:
        found.append("The warning that this notice follows is not on file, or does not stand.")
    elif not is_same_person(notice, warning):
        found.append(f"The warning was given to another person: {warning['recipient_name']}.")
    if not seen or str(london(seen["started_at"]).date()) <= str(notice["warning_comply_by"]):
        found.append("The fresh observation is no patrol after the time that the warning gave.")
    return found


def tell(db: Database, notebook: str, record: str, now: datetime) -> None:
    """Say in the officer's inbox which notices of the person their phone did not know of, inside the
    caller's transaction: those that are live, and one for the same offence and day in any state (R16)."""
    found = of(db, record, london(now).date())
    missed = [row for row in found if not row["knew"] and (row["same"] or row["standing"] in LIVE)]
    if missed:
        text = "; ".join(_in_words(row) for row in missed)
        said = f"This person had a notice before that this phone did not know of: {text}."
        news = inbox.News("earlier", record, f"{said} Tell your team leader.")
        inbox.say(db, notebook, news, now)


def _in_words(row: Row) -> str:
    return f"{numbers.shown(row['number'])}, {row['what']}, {words.day(row['issued_at'])}"
