"""Gaps: pages that will not come, because their phone had lost them, and what was decided about them.

A gap is known by its notebook and by the seal of its last page, which the page after it names. Where its
pages come after all, on a fork that ends with that seal, it is a gap no more.
"""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from field_app.database import all_rows, one_row

Row = dict[str, Any]


def _filling(which: str = "") -> str:
    """The pages that lead up to the last page of a gap, from its end on; `ends` is that last page's seal."""
    columns = "pages.notebook, pages.page, pages.seal, pages.previous, after_page"
    return (
        "WITH RECURSIVE filling(notebook, page, seal, previous, after_page, ends) AS ("
        f"SELECT {columns}, gaps.previous FROM gaps JOIN pages "
        "ON pages.notebook = gaps.notebook AND pages.page = before_page - 1 AND pages.seal = gaps.previous "
        f"WHERE before_page > after_page + 1 {which} UNION "
        f"SELECT {columns}, ends FROM filling JOIN pages "
        "ON pages.notebook = filling.notebook AND pages.page = filling.page - 1 "
        "AND pages.seal = filling.previous WHERE filling.page - 1 > after_page) "
    )


_FILLING = _filling("AND gaps.notebook = :notebook")
_GAPS = (
    f"{_filling()} SELECT gaps.notebook, after_page + 1 AS first, before_page - 1 AS last, gaps.previous, "
    "recorded_at, notebooks.officer, officers.name AS officer_name FROM gaps "
    "JOIN notebooks ON notebooks.id = gaps.notebook JOIN officers ON officers.id = notebooks.officer "
    "WHERE before_page > after_page + 1 AND (gaps.notebook, gaps.previous, after_page + 1) "
    "NOT IN (SELECT notebook, ends, page FROM filling)"
)
_DECIDED = (
    "SELECT gap_decisions.*, deciders.name AS decided_by FROM gap_decisions "
    "JOIN officers AS deciders ON deciders.id = gap_decisions.officer "
    "WHERE gap_decisions.state = 'accepted' AND lost_from = ? "
)


def standing(db: Database) -> list[Row]:
    """The gaps whose pages have not all come after all, the one found last first: `first` and `last`
    page, whose they are, and `decision`, a row of `gap_decisions` with who decided, or None."""
    found = all_rows(db, f"{_GAPS} ORDER BY recorded_at DESC, gaps.notebook, before_page")
    return [gap | {"decision": _decision(db, gap)} for gap in found]


def undecided(db: Database) -> list[Row]:
    """The gaps about which a team leader has still to decide."""
    return [gap for gap in standing(db) if gap["decision"] is None]


def one(db: Database, notebook: str, previous: str) -> Row | None:
    """The gap of a notebook whose last page has this seal, if it still is one."""
    gap = one_row(db, f"{_GAPS} AND gaps.notebook = ? AND gaps.previous = ?", [notebook, previous])
    return gap and gap | {"decision": _decision(db, gap)}


def _decision(db: Database, gap: Row) -> Row | None:
    """One about fewer pages decides nothing: an older file may have come back meanwhile."""
    return one_row(
        db,
        f"{_DECIDED} AND lost_before = ? AND first_lost <= ? ORDER BY gap_decisions.written_at LIMIT 1",
        [gap["notebook"], gap["previous"], gap["first"]],
    )


def decided_in(db: Database, notebook: str) -> list[Row]:
    """What was decided about the gaps of a notebook, whether their pages came after all or not."""
    return all_rows(db, f"{_DECIDED} ORDER BY first_lost, gap_decisions.written_at", [notebook])


def filling(db: Database, notebook: str) -> set[str]:
    """The seals of the pages that came after all: they are on a fork, and lead up to a gap's end."""
    rows = all_rows(db, f"{_FILLING} SELECT seal FROM filling", {"notebook": notebook})
    return {row["seal"] for row in rows}


def filled_by(db: Database, notebook: str, seal: str) -> list[str]:
    """The records of the pages that turn out to fill a gap now that its last page, with this seal, has
    come."""
    ends = one_row(db, "SELECT 1 FROM gaps WHERE notebook = ? AND previous = ?", [notebook, seal])
    if ends is None:
        return []
    rows = all_rows(
        db,
        f"{_FILLING} SELECT DISTINCT pages.record FROM filling JOIN pages "
        "ON pages.notebook = :notebook AND pages.page = filling.page AND pages.seal = filling.seal",
        {"notebook": notebook},
    )
    return [row["record"] for row in rows]
