"""Books: runs of notice numbers, each lent to one notebook, so that numbers issued offline never meet.

No number is lent twice, not even by a central file that has forgotten lending it:

- A book begins after the last one lent, and never below the day's floor, the day of the year × 1000:
  a file restored on a later day does not lend what was lent after its backup.
- How far lending has come is kept in `books.json` beside the central file as well, on disk before the
  book is. It is in no backup and is never restored: a restore on the same day does not lend it either.
- On another machine that file is not there, or is old: a restore leaps a day's numbers ahead, and so
  does lending where the file is missing.
- A book that was lent after the backup is found again when the phone that holds it says so.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from field_app.database import all_rows, insert, one_row
from field_app.evidence import sync_folder
from field_app.numbers import (
    LARGEST_SERIAL,
    LETTERS,
    SERIES_PATTERN,
    is_sound,
    number,
    parts,
    shown,
)
from field_app.times import london, moment_text

SIZE = 20
FEWEST = 10
"""A notebook that has fewer unused numbers of a series than this is lent another book."""
A_DAY = 1000
"""How many serials of a series a day has. A restore leaps as many."""
LONGEST = 100
"""No book was ever longer, whatever a phone says."""
MOST_HELD = 1000


class BooksTrouble(Exception):
    """No book can be lent; the sentence says why."""


@dataclass(frozen=True, order=True)
class Book:
    """The serials `first` to `last` of a series."""

    series: str
    first: int
    last: int


@dataclass(frozen=True)
class Fate:
    """What became of one number: `issued` on a record, `spoiled`, `returned`, or still `lent`."""

    number: str
    fate: str
    record: str | None = None
    state: str | None = None
    reason: str | None = None


class Floors:
    """The file that remembers the last serial lent of each series, whatever file is restored."""

    def __init__(self, instance: Path) -> None:
        self.file = instance / "books.json"

    def known(self) -> dict[str, int] | None:
        """The last serial lent of each series; None when the file is not there or not readable."""
        try:
            said = json.loads(self.file.read_text())
            return {str(series): int(last) for series, last in said.items()}
        except (FileNotFoundError, ValueError, TypeError, AttributeError):
            return None

    def keep(self, series: str, last: int) -> None:
        """Have on disk that lending has come this far."""
        known = self.known() or {}
        coming = self.file.with_name(f"{self.file.name}.coming")
        with coming.open("w") as file:
            json.dump(known | {series: max(last, known.get(series, 0))}, file, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        coming.replace(self.file)
        sync_folder(self.file.parent)


def top_up(db: Database, notebook: str, now: datetime, floors: Floors) -> None:
    """Lend a book of every series of which the notebook has few numbers left, inside the caller's
    transaction. BooksTrouble or OSError when it cannot be done; what was lent before that counts."""
    for series in series_of(now):
        if unused(db, notebook, series) < FEWEST:
            lend(db, notebook, series, now, floors)


def lend(db: Database, notebook: str, series: str, now: datetime, floors: Floors) -> Book:
    """Lend a notebook the next book of a series, inside the caller's transaction. BooksTrouble or
    OSError when it cannot be done."""
    book = next_book(db, series, now, floors)
    floors.keep(series, book.last)
    _record(db, book, notebook, now)
    return book


def series_of(now: datetime) -> list[str]:
    """The series of which books are lent at a moment: one for each kind of notice."""
    return [f"{letters}{london(now):%y}" for letters in LETTERS.values()]


def next_book(db: Database, series: str, now: datetime, floors: Floors) -> Book:
    """The book of a series that would be lent next. BooksTrouble when there is none left."""
    known, come_to = floors.known(), _come_to(db, series, now)
    if known is None and one_row(db, "SELECT 1 FROM books"):
        come_to += A_DAY  # the file was brought here without `restore`
    first = max(come_to, (known or {}).get(series, 0)) + 1
    book = Book(series, first, first + SIZE - 1)
    while (taken := _last_taken(db, book)) is not None:
        book = Book(series, taken + 1, taken + SIZE)
    if book.last > LARGEST_SERIAL:
        raise BooksTrouble(f"There is no book left of {series}; the next year has new ones.")
    return book


def leap(db: Database, now: datetime, floors: Floors) -> None:
    """After a restore: leave out a day's numbers after all that the file can know of."""
    for series in series_of(now):
        floors.keep(series, _come_to(db, series, now) + A_DAY)


def find(db: Database, notebook: str, said: Any, now: datetime) -> list[Book]:
    """Record the books that a phone says its notebook holds and nobody here has, inside the caller's
    transaction; which those are. What is not sound, or is partly another book's, is left out."""
    found = []
    for book in sorted(set(_read(said))):
        if not _overlapping(db, book):
            _record(db, book, notebook, now, found_at=moment_text(now))
            found.append(book)
    return found


def take_back(db: Database, notebook: str, now: datetime) -> None:
    """Mark what a notebook that may hold none any more still holds as returned. Nothing of it is lent
    again."""
    db.conn.execute(
        "UPDATE books SET returned_at = ? WHERE notebook = ? AND returned_at IS NULL",
        [moment_text(now), notebook],
    )


def lent_after(db: Database, notebook: str, series: str, moment: str) -> Book | None:
    """The book of a series that a notebook was lent last, if that was after a moment."""
    row = one_row(
        db,
        "SELECT series, first, last FROM books WHERE notebook = ? AND series = ? AND lent_at > ? "
        "ORDER BY lent_at DESC, first DESC LIMIT 1",
        [notebook, series, moment],
    )
    return Book(**row) if row else None


def holder(db: Database, bearing: str) -> str | None:
    """The notebook that a number was lent to, also when it has come back since; None for a number
    that is not sound or that was lent to nobody."""
    if not is_sound(bearing):
        return None
    series, serial = parts(bearing)
    row = one_row(
        db,
        "SELECT notebook FROM books WHERE series = ? AND first BETWEEN ? AND ? AND last >= ?",
        [series, serial - LONGEST, serial, serial],
    )
    return row["notebook"] if row else None


def bearers(db: Database, book: Book) -> list[str]:
    """The records of which any page, held or not, bears a number of this book."""
    return sorted({row["record"] for row in _borne(db, book)})


def _borne(db: Database, book: Book) -> list[dict[str, Any]]:
    return all_rows(
        db, "SELECT number, record FROM numbers_borne WHERE number BETWEEN ? AND ?", _ends(book)
    )


def _ends(book: Book) -> list[str]:
    """Between which two every number of a book is, as text."""
    return [f"{book.series}{book.first:06}", f"{book.series}{book.last:06}99"]


def borne_twice(db: Database) -> dict[str, list[str]]:
    """The numbers that more than one standing record bears, each with those records: one notice too many,
    or one that was spoiled and handed out all the same."""
    rows = all_rows(
        db,
        "SELECT number FROM notices WHERE number IS NOT NULL GROUP BY number HAVING count(*) > 1 "
        "UNION ALL SELECT number FROM spoiled WHERE number IN (SELECT number FROM notices)",
    )
    borne = {one: standing_with(db, one) for one in sorted({row["number"] for row in rows})}
    return {number: records for number, records in borne.items() if len(records) > 1}


def borne_twice_sentence(number: str, records: list[str]) -> str:
    return f"{shown(number)}: borne by {len(records)} records that stand, {', '.join(records)}"


def standing_with(db: Database, number: str | None) -> list[str]:
    """The records that stand and bear a number: neither held, nor entered in error, nor withdrawn. One
    that says it was spoiled counts too."""
    rows = all_rows(
        db,
        "SELECT record FROM notices WHERE number = :number AND state = 'accepted' "
        "AND withdrawal_answer IS NOT 'agree' "
        "UNION ALL SELECT record FROM spoiled WHERE number = :number AND state = 'accepted'",
        {"number": number},
    )
    return [row["record"] for row in rows]


_IN_BOOK = (
    "number BETWEEN books.series || printf('%06d', books.first) "
    "AND books.series || printf('%06d', books.last) || '99'"
)
"""A number is its series, its serial and its check digits, so text order is the order of serials."""
_ISSUED = f"(SELECT count(DISTINCT number) FROM notices WHERE {_IN_BOOK})"
_SPOILED = (
    f"(SELECT count(DISTINCT number) FROM spoiled WHERE {_IN_BOOK} "
    "AND NOT EXISTS (SELECT 1 FROM notices WHERE notices.number = spoiled.number))"
)


def unused(db: Database, notebook: str, series: str) -> int:
    """How many numbers of a series a notebook can still issue, as far as its pages are here."""
    row = one_row(
        db,
        f"SELECT coalesce(sum(last - first + 1 - {_ISSUED} - {_SPOILED}), 0) AS unused FROM books "
        "WHERE notebook = ? AND series = ? AND returned_at IS NULL",
        [notebook, series],
    )
    assert row is not None, "a sum has one row"
    return int(row["unused"])


def account(db: Database) -> list[dict[str, Any]]:
    """Every book that was ever lent: to whom, since when, whether it came back, and how many of its
    numbers are issued, spoiled, left, and returned unused."""
    rows = all_rows(
        db,
        "SELECT series, first, last, lent_at, found_at, returned_at, notebook, paper, officer, "
        f"username, name, {_ISSUED} AS issued, {_SPOILED} AS spoiled FROM books "
        "LEFT JOIN notebooks ON notebooks.id = books.notebook "
        "LEFT JOIN officers ON officers.id = notebooks.officer ORDER BY series, first",
    )
    return [_counted(row) for row in rows]


def _counted(row: dict[str, Any]) -> dict[str, Any]:
    unused = row["last"] - row["first"] + 1 - row["issued"] - row["spoiled"]
    back = row["returned_at"] is not None
    return row | {"left": 0 if back else unused, "returned": unused if back else 0}


def one(db: Database, series: str, first: int) -> dict[str, Any] | None:
    """The book of the account that begins with a serial."""
    return next((b for b in account(db) if (b["series"], b["first"]) == (series, first)), None)


def numbers(db: Database, book: dict[str, Any]) -> list[Fate]:
    """What became of each number of a book, in order. What was issued counts as issued, even if it
    was called spoiled as well; where two notices bear it, the accepted one speaks."""
    fates: dict[str, Fate] = {}
    for fate in _uses(db, Book(book["series"], book["first"], book["last"])):
        fates.setdefault(fate.number[:10], fate)
    unused = "returned" if book["returned_at"] else "lent"
    every = [number(book["series"], one) for one in range(book["first"], book["last"] + 1)]
    return [fates.get(one[:10], Fate(one, unused)) for one in every]


def fate(db: Database, bearing: str) -> tuple[Fate | None, dict[str, Any] | None]:
    """What became of one sound number, and its book in the account; None for what it has not."""
    series, serial = parts(bearing)
    for book in account(db):
        if book["series"] == series and book["first"] <= serial <= book["last"]:
            return numbers(db, book)[serial - book["first"]], book
    return next(iter(_uses(db, Book(series, serial, serial))), None), None


def sentence(book: dict[str, Any]) -> str:
    """One book of the account, in words."""
    lent = "found" if book["found_at"] else "lent"
    where = "on paper" if book["paper"] else f"notebook {book['notebook'] or 'none'}"
    holder = f"{book['username'] or 'nobody'}, {where}"
    back = f", returned {book['returned_at']}" if book["returned_at"] else ""
    counted = [f"{book[name]} {name}" for name in ("issued", "spoiled", "left", "returned")]
    used = f": {', '.join(counted)}" if book["issued"] or book["spoiled"] else ""
    return (
        f"{book['series']} {book['first']}–{book['last']}: {lent} {book['lent_at']} to {holder}"
        f"{back}{used}"
    )


def fate_sentence(fate: Fate) -> str:
    """One number's fate, in words."""
    said = {
        "issued": f"issued, record {fate.record}, {fate.state}",
        "spoiled": f"spoiled: {fate.reason}",
        "returned": "returned unused",
        "lent": "lent, and not used on any page that is here",
    }
    return f"{shown(fate.number)}: {said[fate.fate]}"


def _record(db: Database, book: Book, notebook: str, now: datetime, **more: str) -> None:
    lent = asdict(book) | {"notebook": notebook, "lent_at": moment_text(now)}
    insert(db, "books", lent | more)


def _come_to(db: Database, series: str, now: datetime) -> int:
    """The serial after which lending goes on: the last that this file lent, or the one before the
    day's floor. What phones say they hold does not move lending."""
    row = one_row(
        db, "SELECT max(last) AS last FROM books WHERE series = ? AND found_at IS NULL", [series]
    )
    lent = row["last"] if row else None
    return max(lent or 0, int(f"{london(now):%j}") * A_DAY - 1)


def _last_taken(db: Database, book: Book) -> int | None:
    """The last serial up to which this run is another book, or is used; None when it is free."""
    taken = [one.last for one in _overlapping(db, book)]
    taken += [parts(row["number"])[1] for row in _borne(db, book)]
    return max(taken, default=None)


def _overlapping(db: Database, book: Book) -> list[Book]:
    rows = all_rows(
        db,
        "SELECT series, first, last FROM books WHERE series = ? AND first BETWEEN ? AND ? "
        "AND last >= ?",
        [book.series, book.first - LONGEST, book.last, book.first],
    )
    return [Book(**row) for row in rows]


def _read(said: Any) -> Iterator[Book]:
    """The sound ones of the books that a phone says it holds."""
    for one in said[:MOST_HELD] if isinstance(said, list) else []:
        match one:
            case {"series": str(series), "first": int(first), "last": int(last)}:
                book = Book(series, first, last)
                if _can_have_been_lent(book):
                    yield book


def _can_have_been_lent(book: Book) -> bool:
    return (
        re.fullmatch(SERIES_PATTERN, book.series) is not None
        and A_DAY <= book.first <= book.last <= LARGEST_SERIAL
        and book.last - book.first < LONGEST
    )


def _uses(db: Database, book: Book) -> list[Fate]:
    """What pages say of the numbers of a run: notices first, and of these the accepted ones."""
    ends = _ends(book)
    issued = all_rows(
        db,
        "SELECT number, record, state FROM notices WHERE number BETWEEN ? AND ? "
        "ORDER BY state <> 'accepted', record",
        ends,
    )
    spoiled = all_rows(
        db,
        "SELECT number, record, reason FROM spoiled WHERE number BETWEEN ? AND ? ORDER BY record",
        ends,
    )
    return [Fate(fate="issued", **row) for row in issued] + [
        Fate(fate="spoiled", **row) for row in spoiled
    ]
