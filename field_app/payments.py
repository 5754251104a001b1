"""Payments that came in for notices: by hand, or out of the payment provider's CSV file.

Each one is a page of the desk, with the notice's number. One that no notice bears stays listed as
unmatched until somebody says which notice it is for, or sets it aside with a reason.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from field_app import books, notebook, notices, numbers, words
from field_app.database import all_rows, keep_setting, one_row, writing
from field_app.payment_file import MOST_PENCE, Columns, Line
from field_app.records import Problem, check
from field_app.records.case import Payment
from field_app.times import london

Row = dict[str, Any]
Body = dict[str, Any]

_OF_A_FILE = uuid.UUID("6f1d2a52-8d0e-5c55-9a59-0d6a3f0f3c1e")
"""Under this name space a line of a file always gives the same id."""
_COLUMNS = "payment_columns"
_AT_ONCE = 50
"""Lines of a file that are taken in at once, so that phones never wait long."""
_BEARS = f"notices.kind = 'fpn' AND {notices.ALONE}"


def bearer(db: Database, number: str | None) -> Row | None:
    """The one penalty notice that bears a number; None when none does, or more than one."""
    return one_row(
        db,
        "SELECT record, number, kind, recipient_name, offence, issued_at FROM notices "
        f"WHERE number = ? AND {_BEARS}",
        [number],
    )


_UNMATCHED = (
    f"{notices.COUNTS} AND NOT EXISTS "
    f"(SELECT 1 FROM notices WHERE notices.number = payments.number AND {_BEARS})"
)


def unmatched(db: Database) -> list[Row]:
    """The payments whose number not just one penalty notice bears and that nobody has set aside, the
    oldest first."""
    return all_rows(db, f"SELECT * FROM payments WHERE {_UNMATCHED} ORDER BY paid_on, record")


def how_many_unmatched(db: Database) -> int:
    row = one_row(db, f"SELECT count(*) AS n FROM payments WHERE {_UNMATCHED}")
    return row["n"] if row else 0


def payment(db: Database, record: str) -> Row | None:
    return one_row(db, "SELECT * FROM payments WHERE record = ?", [record])


def with_reference(db: Database, reference: str) -> list[Row]:
    """The payments that count and have this reference."""
    return all_rows(
        db,
        "SELECT * FROM payments WHERE payment_reference = ? COLLATE NOCASE "
        f"AND {notices.COUNTS} ORDER BY record",
        [reference],
    )


def meant(db: Database, typed: str) -> list[Row]:
    """The penalty notices whose number is nearly what was typed."""
    found = (bearer(db, number) for number in numbers.near(typed))
    return [row for row in found if row]


# The provider's file


def columns(db: Database) -> Columns:
    """The columns as they were chosen last; none before that."""
    row = one_row(db, "SELECT value FROM central WHERE name = ?", [_COLUMNS])
    chosen: Columns = json.loads(row["value"]) if row else {}
    return chosen


def remember(db: Database, chosen: Columns) -> None:
    if chosen != columns(db):
        with writing(db):
            keep_setting(db, _COLUMNS, json.dumps(chosen))


@dataclass(frozen=True)
class Sorted:
    """A line of a file, and what becomes of it: "match", "unmatched", "known", "perhaps" or "wrong"."""

    line: Line
    record: str
    state: str
    notice: Row | None
    problems: list[str]


def sort_out(db: Database, lines: list[Line], now: datetime) -> list[Sorted]:
    """What becomes of each line. One is known when it was taken in before, or entered by hand; perhaps
    known when its reference and amount are on file, or a payment of that number, amount and day of
    which it or the line has no reference."""
    return _Sorting(lines, now).sort(db)


class _Sorting:
    """A file while its lines are sorted: the payments that they make are no others', and each payment
    that somebody entered by hand stands for one line."""

    def __init__(self, lines: list[Line], now: datetime) -> None:
        self.lines = list(zip(lines, _records(lines), strict=True))
        self.own = {record for _, record in self.lines}
        self.by_hand: Counter[tuple[Any, ...]] = Counter()
        self.now = now

    def sort(self, db: Database, begin: int = 0, end: int | None = None) -> list[Sorted]:
        """What becomes of the lines from one to another, as the file stands now."""
        portion = self.lines[begin:end]
        others = _OnFile(db, [line for line, _ in portion], self.own)
        return [self._sort(db, line, record, others) for line, record in portion]

    def _sort(self, db: Database, line: Line, record: str, others: _OnFile) -> Sorted:
        notice = bearer(db, line.number)
        wrong = line.problems or [p.message for p in check(Payment, _body(line), self.now).problems]
        if wrong:
            state = "wrong"
        elif payment(db, record) or _entered_by_hand(db, line, self.by_hand):
            state = "known"
        elif sentence := _before_issue(notice, line.paid_on):
            state, wrong = "wrong", [sentence]
        elif others.has_alike(line):
            state = "perhaps"
        else:
            state = "match" if notice else "unmatched"
        return Sorted(line, record, state, notice, wrong)


def _before_issue(notice: Row | None, paid_on: Any) -> str | None:
    """What is said of a payment that came before its notice was issued."""
    if not notice or not notice["issued_at"] or not isinstance(paid_on, str):
        return None
    issued = london(notice["issued_at"]).date()
    before = paid_on < issued.isoformat()
    return f"The notice was issued on {words.day(issued)}, after that" if before else None


def _records(lines: list[Line]) -> Iterator[str]:
    """Each line's id; of lines that are equal, each has its own."""
    seen: Counter[str] = Counter()
    for line in lines:
        said = json.dumps([line.number or line.typed, line.amount, line.paid_on, line.reference])
        yield str(uuid.uuid5(_OF_A_FILE, f"{said} {seen[said]}"))
        seen[said] += 1


class _OnFile:
    """The payments on file that lines may be, and that are no lines of the file: those set aside too,
    and those that were moved to another notice since."""

    def __init__(self, db: Database, lines: list[Line], own: set[str]) -> None:
        self.by_reference: set[tuple[str, Any]] = set()
        self.by_day: dict[tuple[Any, Any], list[Row]] = defaultdict(list)
        for row in _paid_on_or_with(db, lines):
            if row["record"] not in own:
                self.by_day[row["amount"], row["paid_on"]].append(row)
                if reference := row["payment_reference"]:
                    self.by_reference.add((reference.casefold(), row["amount"]))

    def has_alike(self, line: Line) -> bool:
        """Whether one of these has the line's reference and amount, or its number, amount and day
        while it or the line has no reference."""
        if (line.reference.casefold(), line.amount) in self.by_reference:
            return True
        return any(
            _bore(row, line) and not (line.reference and row["payment_reference"])
            for row in self.by_day[line.amount, line.paid_on]
        )


def _paid_on_or_with(db: Database, lines: list[Line]) -> list[Row]:
    """The payments of the lines' days or references, each with the number of its first page."""
    return all_rows(
        db,
        "SELECT payments.*, (SELECT iif(json_valid(body), body ->> '$.number', NULL) FROM pages "
        "WHERE pages.record = payments.record AND pages.kind = 'payment') AS first_number "
        "FROM payments WHERE record IN ("
        "SELECT record FROM payments WHERE paid_on IN (SELECT value FROM json_each(?)) "
        "UNION ALL SELECT record FROM payments "
        "WHERE payment_reference COLLATE NOCASE IN (SELECT value FROM json_each(?)))",
        [
            json.dumps(sorted({line.paid_on for line in lines if line.paid_on})),
            json.dumps(sorted({line.reference for line in lines if line.reference})),
        ],
    )


def _bore(row: Row, line: Line) -> bool:
    """Whether a payment has the line's number, or had it before somebody moved it."""
    if line.number:
        return line.number in (row["number"], row["first_number"])
    return bool(row["typed_number"] == _body(line)["typed_number"])


def _body(line: Line) -> Body:
    """What the page says: a number that does not fit is kept as it was typed."""
    body = {"amount": line.amount, "paid_on": line.paid_on, "source": "online"}
    typed = {"typed_number": line.typed or "No number given"}
    body |= {"number": line.number} if line.number else typed
    return body | ({"payment_reference": line.reference} if line.reference else {})


def _entered_by_hand(db: Database, line: Line, used: Counter[tuple[Any, ...]]) -> bool:
    """Whether somebody entered this very payment; each that they entered stands for one line."""
    same = (line.reference.casefold(), line.number, line.amount)
    entered = [
        row
        for row in (with_reference(db, line.reference) if line.reference else [])
        if (row["number"], row["amount"]) == same[1:] and uuid.UUID(row["record"]).version != 5
    ]
    used[same] += 1
    return used[same] <= len(entered)


def take_in(
    db: Database, officer: str, lines: list[Line], now: datetime, too: Container[int] = ()
) -> Counter[str]:
    """Write a payment for each line that is new and not wrong, and for those perhaps known whose line in
    the file is in `too`; how many lines became what. What was taken in before an interruption is known
    the next time."""
    counted: Counter[str] = Counter()
    sorting = _Sorting(lines, now)
    for begin in range(0, len(lines), _AT_ONCE):
        with writing(db):  # what somebody enters meanwhile comes before this, or after
            for one in sorting.sort(db, begin, begin + _AT_ONCE):
                state = one.state
                if state == "perhaps" and one.line.line in too:
                    state = "match" if one.notice else "unmatched"
                counted[state] += 1
                if state in ("match", "unmatched"):
                    body = _body(one.line)
                    notebook.write_at_desk(db, officer, Payment.kind, one.record, body, now)
    return counted


# By hand


def by_hand(
    db: Database,
    officer: str,
    record: str,
    body: Body,
    now: datetime,
    *,
    keep: bool,
    sure: bool = False,
) -> None:
    """Write a payment that somebody enters, inside the caller's transaction. NotWritten when it breaks
    a rule, its reference is on file for the same number, not just one penalty notice bears its number
    and it is not to be kept as unmatched, it is more than is owed and nobody is `sure` of it, or its
    form entered another payment."""
    problems = read_number(db, body)
    if keep and problems:
        problems = []
        if not numbers.is_sound(body["number"]):
            body["typed_number"] = body.pop("number")
    problems += [*_about_amount(body), *_about_day(db, body)]
    if written := notebook.written_about(db, record):
        if json.loads(written[0]["body"]) == body:
            return  # sent twice
        raise notebook.NotWritten([Problem("", _USED, USED)])
    problems += _about_reference(db, record, body)
    problems += [] if sure else _about_owed(db, body, now)
    problems += [
        problem
        for problem in check(Payment, body, now).problems
        if problem.field not in {one.field for one in problems}
    ]
    if problems:
        raise notebook.NotWritten(problems)
    notebook.write_at_desk(db, officer, Payment.kind, record, body, now)


NOT_BORNE = "not-borne"
"""The rule about numbers that somebody may keep as unmatched all the same."""
NOT_OWED = "not-owed"
"""The rule about money that is not owed; it may have come in all the same."""
USED = "used"
"""The rule about a form that entered a payment already, which said something else."""
_USED = (
    "This form was used already, and the payment that it entered stays as it was. "
    "What is typed here is not on file: enter it again only if it is another payment."
)


def read_number(db: Database, body: Body) -> list[Problem]:
    """What is wrong with the number in a body, which becomes as numbers are kept. Whether one has to
    be given is for the declaration to say."""
    if "number" not in body:
        return []
    try:
        body["number"] = numbers.read(str(body["number"]))
    except ValueError as error:
        return [Problem("number", str(error), NOT_BORNE)]
    if bearer(db, body["number"]):
        return []
    return [Problem("number", _not_borne(db, body["number"]), NOT_BORNE)]


def wrong_match(db: Database, row: Row, said: Body, now: datetime, *, sure: bool) -> list[Problem]:
    """What is wrong with matching a payment, by its row, to the number in a body, which becomes as
    numbers are kept: what would be wrong with entering it for that number."""
    if problems := read_number(db, said):
        return problems
    body = row | said
    against = [*_about_day(db, body), *_about_reference(db, row["record"], body)]
    if not sure and row["number"] != body.get("number"):
        against += _about_owed(db, body, now)
    return [Problem("number", one.message, one.rule) for one in against]


def _not_borne(db: Database, number: str) -> str:
    if len(books.standing_with(db, number)) > 1:
        return f"{numbers.shown(number)} is borne twice, so it does not say what was paid for."
    return f"No penalty notice that has been received bears {numbers.shown(number)}."


def _about_day(db: Database, body: Body) -> Iterator[Problem]:
    if sentence := _before_issue(bearer(db, body.get("number")), body.get("paid_on")):
        yield Problem("paid_on", sentence, "before")


def _about_amount(body: Body) -> Iterator[Problem]:
    amount = body.get("amount")
    if not isinstance(amount, int) or not 0 < amount <= MOST_PENCE:
        yield Problem("amount", "Enter an amount such as £80.00", "amount")


def _about_owed(db: Database, body: Body, now: datetime) -> Iterator[Problem]:
    """Money for a notice that does not stand, or more than is left to pay, is looked at twice."""
    notice, amount = bearer(db, body.get("number")), body.get("amount")
    if notice is None or not isinstance(amount, int):
        return
    row = notices.standing(db, notice["record"], london(now).date())
    assert row is not None, "its number was just found"
    left = owed(row)
    if left is None or amount <= left:
        return
    shown = numbers.shown(body["number"])
    if row["standing"] in notices.NOT_STANDING:
        said = f"{shown} is {row['standing']}: nothing is owed for it."
    elif left == 0:
        said = f"{shown} is paid: nothing more is owed for it."
    else:
        said = f"Only {words.pounds(left)} is still owed for {shown}."
    yield Problem("amount", f"{said} Look again, or say that so much came in.", NOT_OWED)


def owed(row: Row) -> int | None:
    """The pence that are left to pay for a notice, by its row with its money, when no discount is
    taken; None where its amount is not known."""
    if row["standing"] in (*notices.NOT_STANDING, *notices.PAID):
        return 0
    return None if row["amount"] is None else max(0, row["amount"] - row["paid"])


def wrong_way_back(row: Row, said: Body) -> list[Problem]:
    """What is wrong with saying that money of a payment, by its row, was paid back."""
    back = said.get("paid_back")
    if isinstance(back, int) and 0 < back <= row["amount"]:
        return []
    most = words.pounds(row["amount"])
    return [Problem("paid_back", f"Enter an amount up to {most}", "amount")]


def _about_reference(db: Database, record: str, body: Body) -> Iterator[Problem]:
    """One cheque may be for several notices, but for each only once."""
    reference = body.get("payment_reference") or ""
    number = body.get("number") or body.get("typed_number")
    known = with_reference(db, reference) if reference and number else []
    others = [row for row in known if row["record"] != record]
    if any(number in (row["number"], row["typed_number"]) for row in others):
        shown = numbers.shown(body["number"]) if "number" in body else number
        said = f"A payment with this reference is on file already, for {shown}."
        yield Problem("payment_reference", said, "twice")
