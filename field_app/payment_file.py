"""A payment provider's CSV file: what each line says, in pence and days.

The provider's headings differ from council to council, so which column is which is chosen once. A cell
is text, whatever a spreadsheet would make of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from field_app import csv_file, numbers
from field_app.csv_file import TOO_LONG, BadFile, Limits, Table
from field_app.times import LONDON, london

LIMITS = Limits("payments", most_bytes=250_000, most_lines=3_000)
MOST_PENCE = 10_000_000
NEEDED = {"number": "Number of the notice", "amount": "Amount", "paid_on": "Paid on"}
COLUMNS = NEEDED | {"payment_reference": "Payment reference"}
"""What a payment needs of a file, and what it may have besides, each with its label."""
_LONGEST_TYPED, _LONGEST_REFERENCE = 200, 100

Columns = dict[str, str]
"""The file's heading for each of COLUMNS that it has."""


@dataclass(frozen=True)
class Line:
    """What one line says. `number` is None when its check digits do not fit what was `typed`; `problems`
    are sentences, and a line that has any is not taken in."""

    line: int
    typed: str
    number: str | None
    amount: int | None
    paid_on: str | None
    reference: str
    problems: list[str]


def read_table(data: bytes) -> Table:
    """The file's headings and lines. BadFile when it is not a CSV file."""
    table = csv_file.read_table(data, LIMITS)
    if len(table.headings) < len(NEEDED):
        raise BadFile(
            "The first line needs at least three headings, with commas or semicolons between them."
        )
    return table


def fits(columns: Columns, table: Table) -> bool:
    """Whether a file has the columns that were chosen before."""
    return NEEDED.keys() <= columns.keys() and set(columns.values()) <= set(table.headings)


def read_lines(table: Table, columns: Columns) -> list[Line]:
    """What each line says, with the columns as they were chosen."""
    return [
        _read_line(line, cells, columns, [f"{TOO_LONG}."] if line in table.too_long else [])
        for line, cells in table.lines
    ]


def _read_line(line: int, cells: dict[str, str], columns: Columns, problems: list[str]) -> Line:
    said = {name: cells[heading] for name, heading in columns.items()}
    amount, paid_on = read_pounds(said["amount"]), read_day(said["paid_on"])
    reference = said.get("payment_reference", "")
    if amount is None:
        problems.append(f"“{_short(said['amount'])}” is no amount such as £80.00.")
    if paid_on is None:
        problems.append(f"“{_short(said['paid_on'])}” is no day such as 22/11/2026.")
    if len(reference) > _LONGEST_REFERENCE:
        problems.append(f"The reference is longer than {_LONGEST_REFERENCE} characters.")
    if len(said["number"]) > _LONGEST_TYPED:
        problems.append(f"The number is longer than {_LONGEST_TYPED} characters.")
    try:
        number = numbers.read(said["number"])
    except ValueError:
        number = None
    day = paid_on.isoformat() if paid_on else None
    return Line(line, said["number"], number, amount, day, reference, problems)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def read_pounds(text: str) -> int | None:
    """ "£1,080.00", "80", "80.5 GBP": pence, more than nothing; None for what is no such amount."""
    plain = re.sub(r"£|GBP|\s", "", text, flags=re.IGNORECASE)
    found = re.fullmatch(r"(\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.(\d{1,2}))?", plain, re.ASCII)
    if not found:
        return None
    pence = int(found[1].replace(",", "")) * 100 + int((found[2] or "0").ljust(2, "0"))
    return pence if 0 < pence <= MOST_PENCE else None


_UK_DAYS = ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y")
_CLOCK = re.compile(r"[ T,]+\d{1,2}:\d\d(:\d\d(\.\d+)?)?( ?[AP]M)?$", re.IGNORECASE)


def read_day(text: str) -> date | None:
    """ "2026-11-22", "22/11/2026", "22 Nov 2026", with a time or without; London's day of a moment that
    says its time zone. None for what is no day."""
    if re.match(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return _iso_day(text)
    plain = _CLOCK.sub("", text)
    for form in _UK_DAYS:
        try:
            return datetime.strptime(plain, form).replace(tzinfo=LONDON).date()
        except ValueError:
            continue
    return None


def _iso_day(text: str) -> date | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is None else london(moment)).date()
    except (ValueError, OverflowError):
        return None
