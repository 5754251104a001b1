"""Books: runs of notice numbers, each lent to one notebook, so that numbers issued offline never meet."""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from field_app.database import all_rows


def account(db: Database) -> list[dict[str, Any]]:
    """Every book that was ever lent: to whom, since when, and whether it came back."""
    return all_rows(
        db,
        "SELECT series, first, last, lent_at, returned_at, notebook, username FROM books "
        "LEFT JOIN notebooks ON notebooks.id = books.notebook "
        "LEFT JOIN officers ON officers.id = notebooks.officer ORDER BY series, first",
    )


def sentence(book: dict[str, Any]) -> str:
    """One book of the account, in words."""
    numbers = f"{book['series']} {book['first']}–{book['last']}"
    holder = f"{book['username'] or 'nobody'}, notebook {book['notebook'] or 'none'}"
    back = f", returned {book['returned_at']}" if book["returned_at"] else ""
    return f"{numbers}: lent {book['lent_at']} to {holder}{back}"
