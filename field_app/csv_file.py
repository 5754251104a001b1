"""A CSV file that somebody uploads: its headings and its lines, whichever program saved it.

Comma, semicolon or tab between the cells; UTF-8, UTF-16 or Windows-1252. A cell is text, whatever a
spreadsheet would make of it. Between two pages the form carries the file: nothing is kept here of it.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Request

from field_app.auth import csrf
from field_app.fields import clean

_DELIMITERS = ",;\t"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How an XLSX and an XLS file begin, whatever they are called."""


class BadFile(Exception):
    """The file cannot be read at all; the sentence says why and what to do."""


@dataclass(frozen=True)
class Limits:
    """The most that is taken of one kind of file, and what its lines are."""

    lines_are: str
    most_bytes: int
    most_lines: int


@dataclass(frozen=True)
class Table:
    """A file as it is: its headings, each different, and its lines with their numbers in the file; and
    the numbers of those that say more than the headings have room for."""

    headings: list[str]
    lines: list[tuple[int, dict[str, str]]]
    too_long: frozenset[int] = frozenset()


TOO_LONG = "There are more cells than headings: put quotes around a cell that has a comma in it"


def take(request: Request, limits: Limits) -> bytes:
    """The bytes of the file, from the upload or from the page before, out of a form whose size is
    limited and whose token is checked only then. BadFile when there are none."""
    request.max_content_length = (
        3 * limits.most_bytes
    )  # the file, or what is kept of it, and the rest
    request.max_form_memory_size = 3 * limits.most_bytes
    request.max_form_parts = 2 * limits.most_lines  # a tick for each line, and the few others
    csrf.protect()
    if kept := request.form.get("kept"):
        try:
            return base64.b64decode(kept, validate=True)
        except binascii.Error as error:
            raise BadFile("Upload the file again.") from error
    sent = request.files.get("file")
    data = sent.read(limits.most_bytes + 1) if sent else b""
    if not data:
        raise BadFile("Select a CSV file")
    return data


def kept(data: bytes) -> str:
    """The file as a form carries it to the next page, where `take` reads it again."""
    return base64.b64encode(data).decode()


def read_table(data: bytes, limits: Limits) -> Table:
    """The file's headings and lines. BadFile when it is not a CSV file, or larger than is taken."""
    if len(data) > limits.most_bytes:
        raise BadFile(
            f"The file must be {_size(limits.most_bytes)} or smaller: "
            "split it, and upload one part at a time."
        )
    rows = list(_rows(_text(data)))
    if len(rows) < 2:
        raise BadFile(
            f"The file has no {limits.lines_are}: its first line is the headings, the others follow."
        )
    if len(rows) - 1 > limits.most_lines:
        raise BadFile(f"The file must have {limits.most_lines:,} lines or fewer: split it.")
    headings = _different(rows[0][1])
    lines = [(line, _cells(headings, row)) for line, row in rows[1:]]
    return Table(headings, lines, frozenset(n for n, row in rows[1:] if any(row[len(headings) :])))


def _size(most: int) -> str:
    return f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most // 1_000} kB"


def _cells(headings: list[str], row: list[str]) -> dict[str, str]:
    """A line's cells by their headings; what a short line lacks is empty, and what a long
    one has beyond them is in `Table.too_long`."""
    return dict.fromkeys(headings, "") | dict(zip(headings, row, strict=False))


def _text(data: bytes) -> str:
    if data.startswith(_UTF_16):
        return data.decode("utf-16", errors="replace")
    if data.startswith(_WORKBOOKS) or b"\0" in data:
        raise BadFile("This is not a CSV file. In the spreadsheet, choose Save as, then CSV.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise BadFile("The letters of this file cannot be read. Save it as CSV UTF-8.") from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that say anything, each with its number, the cells trimmed."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            cells = [trimmed(cell) for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadFile(f"Line {line} cannot be read: look whether its quotes close.") from error


def trimmed(cell: str) -> str:
    """A cell as it is read: one space for each gap, none at its ends."""
    return " ".join(clean(cell).split())


def _different(headings: list[str]) -> list[str]:
    """Headings of which none is empty and none stands twice."""
    made: list[str] = []
    for place, heading in enumerate(headings, 1):
        name = heading or f"Column {place}"
        made.append(f"{name} ({place})" if name in made else name)
    return made
