"""Earlier notices to the same person, looked for again when a notice arrives: the officer's phone may
not have known of them.

The same person: the same name, and dates of birth that do not differ; or the same date of birth and
the same last name. It is a hint for people to look, never a verdict.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from sqlite_utils import Database

from field_app import inbox, numbers, words
from field_app.database import all_rows, one_row
from field_app.notices import LIVE, STANDING, WITH_MONEY, plain, what
from field_app.times import london

Row = dict[str, Any]


def of(db: Database, record: str, today: date) -> list[Row]:
    """The notices that the person of this one had before it and that stand, newest first: rows of
    `notices`, with `what` each is about, its `standing`, and whether its officer `knew` of it."""
    mine = one_row(db, "SELECT * FROM notices WHERE record = ?", [record])
    if not mine or not mine["recipient_name"]:
        return []
    known = json.loads(mine["earlier"] or "[]")
    rows = all_rows(
        db,
        f"SELECT *, {STANDING} AS standing FROM {WITH_MONEY} "
        "WHERE (recipient_name = :recipient_name COLLATE NOCASE OR born = :born) "
        "AND record <> :record AND state = 'accepted' "
        "AND withdrawal_answer IS NOT 'agree' AND issued_at < :issued_at ORDER BY issued_at DESC, record",
        {name: mine[name] for name in ("recipient_name", "born", "record", "issued_at")}
        | {"today": today.isoformat()},
    )
    return [
        row
        | {
            "what": what(row),
            "knew": row["record"] in known or row["officer"] == mine["officer"],
        }
        for row in rows
        if is_same_person(mine, row)
    ]


def is_same_person(one: Row, other: Row) -> bool:
    """By `recipient_name` and `born`; the phone's earlier.js says alike."""
    names = [plain(row["recipient_name"] or "").split() for row in (one, other)]
    if one["born"] and one["born"] == other["born"]:
        return names[0][-1:] == names[1][-1:]
    return names[0] == names[1] and not (one["born"] and other["born"])


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
    """Say in the officer's inbox which live notices of the person their phone did not know of, inside the
    caller's transaction."""
    found = of(db, record, london(now).date())
    missed = [row for row in found if not row["knew"] and row["standing"] in LIVE]
    if missed:
        text = "; ".join(_in_words(row) for row in missed)
        said = f"This person had a notice before that this phone did not know of: {text}."
        news = inbox.News("earlier", record, f"{said} Tell your team leader.")
        inbox.say(db, notebook, news, now)


def _in_words(row: Row) -> str:
    return f"{numbers.shown(row['number'])}, {row['what']}, {words.day(row['issued_at'])}"
