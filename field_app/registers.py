"""The registers that an administrator keeps: places, and whatever else is one of the kinds that are `whole`.

Each page says all of a record as it stands from then on; what stood before is the page before it.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlite_utils import Database

from field_app.database import one_row
from field_app.notebook import NotWritten, write_at_desk
from field_app.records import Problem
from field_app.times import read_moment

MEANWHILE = (
    "Somebody changed this meanwhile. What stands now is shown, with what you typed below it: "
    "read it, then save again."
)


class Standing(NamedTuple):
    """What stands of a record: the body of its last page, and that page's seal, which the form that
    shows it sends back as `seen`."""

    body: dict[str, Any]
    seal: str | None


def standing(db: Database, record: str) -> Standing:
    """An empty body and no seal, where nobody at the desk has said anything of it: a phone's pages say
    nothing of a register."""
    row = one_row(
        db,
        "SELECT body, seal FROM pages JOIN notebooks ON notebooks.id = pages.notebook "
        "WHERE record = ? AND at_desk ORDER BY received_at DESC, pages.ordered_at DESC, page DESC LIMIT 1",
        [record],
    )
    return Standing(json.loads(row["body"]), row["seal"]) if row else Standing({}, None)


def keep(
    db: Database,
    officer: str,
    kind: str,
    record: str,
    body: dict[str, Any],
    seen: str | None,
    now: datetime,
) -> bool:
    """Write how a record stands from now on, inside the caller's transaction; whether it stood otherwise.

    `seen` is the seal of what the person saw. NotWritten, which ends the transaction, when the body
    breaks a rule, or when somebody else wrote after that. A form that is sent twice writes once.
    """
    before = standing(db, record)
    if before.body == body:
        return False
    if before.seal != seen:
        raise NotWritten([Problem("", MEANWHILE, "seen")])
    write_at_desk(db, officer, kind, record, body, _after_all(db, record, now))
    return True


def _after_all(db: Database, record: str, now: datetime) -> datetime:
    """A page is folded after the one that its writer saw, even if that was written in the same
    millisecond, or before the server's clock was put back."""
    row = one_row(db, "SELECT max(ordered_at) AS last FROM pages WHERE record = ?", [record])
    last = row and row["last"]
    return max(now, read_moment(last) + timedelta(milliseconds=1)) if last else now
