"""The registers that an administrator keeps: places, and whatever else is one of the kinds that are `whole`.

Each page says all of a record as it stands from then on; what stood before is the page before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlite_utils import Database

from field_app.database import all_rows, one_row
from field_app.notebook import NotWritten, write_several_at_desk
from field_app.records import KINDS, Problem
from field_app.times import read_moment

MEANWHILE = (
    "Somebody changed this meanwhile. What stands now is shown, with what you typed below it: "
    "read it, then save again."
)


_WHOLE = ", ".join(f"'{name}'" for name, kind in KINDS.items() if kind.whole)
_SAID = (
    "FROM pages CROSS JOIN notebooks ON notebooks.id = pages.notebook "
    f"WHERE at_desk AND kind IN ({_WHOLE})"
)
"""What the desk said of registers."""


class Standing(NamedTuple):
    """What stands of a record: the body of its last page, and that page's seal, which the form that
    shows it sends back as `seen`."""

    body: dict[str, Any]
    seal: str | None


class Change(NamedTuple):
    """How a record stands from now on. `seen` is the seal of what the person who changes it saw."""

    record: str
    body: dict[str, Any]
    seen: str | None


def standing(db: Database, record: str) -> Standing:
    """An empty body and no seal, where nobody has said anything of it."""
    return _standing(db, "= ?", [record]).get(record, Standing({}, None))


def all_standing(db: Database, kind: str) -> dict[str, Standing]:
    """What stands of each record of a register, by its id."""
    return _standing(db, f"IN (SELECT record FROM {KINDS[kind].table})", [])


def _standing(db: Database, which: str, values: list[str]) -> dict[str, Standing]:
    """A phone's pages do not stand: a register is not for it to say. Nor does what is held."""
    rows = all_rows(
        db,
        f"SELECT record, seal, body {_SAID} AND record {which} AND NOT EXISTS (SELECT 1 FROM problems "
        "WHERE problems.record = pages.record AND problems.seal = pages.seal) "
        "ORDER BY pages.ordered_at, notebook, page",
        values,
    )
    return {row["record"]: Standing(json.loads(row["body"]), row["seal"]) for row in rows}


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

    NotWritten, which ends the transaction, when the body breaks a rule, or when somebody else wrote
    after what was seen. A form that is sent twice writes once.
    """
    return bool(keep_all(db, officer, kind, [Change(record, body, seen)], now))


def keep_all(
    db: Database, officer: str, kind: str, changes: Iterable[Change], now: datetime
) -> int:
    """`keep` for several records, all of them or none; how many stood otherwise."""
    pages = []
    for change in changes:
        before = standing(db, change.record)
        if before.body == change.body:
            continue
        if before.seal != change.seen:
            raise NotWritten([Problem("", MEANWHILE, "seen")])
        pages.append((change.record, change.body, _after_all(db, change.record, now)))
    if pages:
        write_several_at_desk(db, officer, kind, pages)
    return len(pages)


def say_before(
    db: Database, officer: str, kind: str, record: str, body: dict[str, Any], now: datetime
) -> str | None:
    """Have a page say how a record stood that no page speaks of yet, before another one changes it; the
    seal of what stands."""
    if standing(db, record).seal is None:
        keep(db, officer, kind, record, body, None, now)
    return standing(db, record).seal


def _after_all(db: Database, record: str, now: datetime) -> datetime:
    """A page is folded after the one that its writer saw, even if that was written in the same
    millisecond, or before the server's clock was put back."""
    row = one_row(db, f"SELECT max(pages.ordered_at) AS last {_SAID} AND record = ?", [record])
    last = row and row["last"]
    return max(now, read_moment(last) + timedelta(milliseconds=1)) if last else now


def kinds() -> dict[str, str]:
    """The kinds of record that are kept so, with their titles."""
    return {kind.kind: kind.title for kind in KINDS.values() if kind.whole}


def _whole() -> str:
    return f"kind IN ({', '.join(repr(kind) for kind in sorted(kinds()))})"


def index() -> str:
    """The index that finds the pages of these kinds among all others: it has no others, so that it costs
    phones' pages nothing."""
    return f"CREATE INDEX pages_whole ON pages (received_at) WHERE {_whole()}"


def changes(
    db: Database, limit: int, offset: int, kind: str | None = None, by: str | None = None
) -> list[dict[str, Any]]:
    """The pages of these kinds, of one of them, or by one person, newest first: `record`, `seal`, `kind`,
    `received_at`, and who wrote it as `officer` and `officer_name`."""
    where, values = _asked(kind, by)
    return all_rows(
        db,
        "SELECT record, seal, kind, received_at, notebooks.officer, officers.name AS officer_name "
        f"FROM {_PAGES} JOIN officers ON officers.id = notebooks.officer "
        f"WHERE {where} ORDER BY received_at DESC, notebook, page DESC LIMIT :limit OFFSET :offset",
        values | {"limit": limit, "offset": offset},
    )


def how_many_changes(db: Database, kind: str | None = None, by: str | None = None) -> int:
    where, values = _asked(kind, by)
    row = one_row(db, f"SELECT count(*) AS n FROM {_PAGES} WHERE {where}", values)
    return row["n"] if row else 0


_PAGES = "pages INDEXED BY pages_whole CROSS JOIN notebooks ON notebooks.id = pages.notebook"


def _asked(kind: str | None, by: str | None) -> tuple[str, dict[str, Any]]:
    """What a phone says of a register is not a change of it."""
    sql = [_whole(), "received_at > ''", "at_desk"]
    sql += ["kind = :kind"] if kind else []
    sql += ["notebooks.officer = :by"] if by else []
    return " AND ".join(sql), {"kind": kind, "by": by}
