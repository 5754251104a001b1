"""A week's count as it leaves Fieldbook: every format of it is made from the same tables.

No format says who an officer or a recipient is, nor who published a version, and why.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from sqlite_utils import Database
from xlsxwriter import Workbook

from field_app import breakdowns, exports, open_data, publishing
from field_app.breakdowns import BREAKDOWNS, Column, Table
from field_app.counts import WeekCount
from field_app.database import one_moment
from field_app.exports import COUNT, VERSIONS, Row
from field_app.periods import Days
from field_app.publishing import Version
from field_app.times import Week, london, moment_text, read_moment


@dataclass(frozen=True)
class Sheet:
    """One table of a week: `code` names it in JSON and on the tab of a spreadsheet."""

    code: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: list[Row]


@dataclass(frozen=True)
class Made:
    """All of a week as it was at one moment."""

    week: Week
    at: datetime
    count: WeekCount
    published: Sequence[Version]
    tables: list[Table]

    @property
    def sheets(self) -> list[Sheet]:
        return [
            Sheet(
                "count",
                "Patrols by ward and activity",
                "A patrol belongs to the week in which it began, by London clocks. It counts once, however "
                "many officers attended, as it was last amended.",
                COUNT,
                list(exports.count_rows(self.count, self.published)),
            ),
            *(
                Sheet(
                    one.breakdown.code,
                    one.breakdown.title,
                    one.breakdown.about,
                    exports.table_columns(one),
                    list(exports.table_rows(one)),
                )
                for one in self.tables
            ),
            Sheet(
                "versions",
                "Versions that were published",
                "A published version is never changed; each later one is a restatement.",
                VERSIONS,
                list(exports.version_rows(self.published)),
            ),
        ]


def make(db: Database, week: Week, now: datetime) -> Made:
    """Count a week in every way, all of it as it is at one moment."""
    days, today = Days(week.monday, week.sunday), london(now).date()
    with one_moment(db):
        count, published = publishing.count_beside_published(db, week)
        tables = [breakdowns.table(db, one, days, today) for one in BREAKDOWNS.values()]
    return Made(week, now, count, published, tables)


def csv(made: Made, _smallest: int) -> bytes:
    return exports.week_csv(made.count, made.published).encode()


def open_data_csv(made: Made, smallest: int) -> bytes:
    return open_data.open_data_csv(made.week, made.tables, smallest).encode()


def as_json(made: Made, _smallest: int = 0) -> bytes:
    """Each table under its code: its columns, and its rows by the columns' names."""
    last = made.published[-1] if made.published else None
    said = {
        "week": str(made.week),
        "from": str(made.week.monday),
        "to": str(made.week.sunday),
        "made_at": moment_text(made.at),
        "published": {
            "version": last.number,
            "published_at": moment_text(last.at),
            "patrols": last.total,
            "checksum": last.checksum,
        }
        if last
        else None,
        "tables": {one.code: _table_of(one) for one in made.sheets},
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _table_of(sheet: Sheet) -> dict[str, Any]:
    names = [column.name for column in sheet.columns]
    columns = [
        {name: getattr(column, name) for name in ("name", "heading", "kind", "unit", "about")}
        for column in sheet.columns
    ]
    rows = [
        {name: None if cell == "" else cell for name, cell in zip(names, row, strict=True)}
        for row in sheet.rows
    ]
    return {"title": sheet.title, "about": sheet.about, "columns": columns, "rows": rows}


def xlsx(made: Made, _smallest: int = 0) -> bytes:
    """A sheet for each table, numbers as numbers and days as days; and one that says what is counted."""
    kept = io.BytesIO()
    book = Workbook(kept, {"in_memory": True})
    book.set_properties({"title": f"Patrol count {made.week}", "created": _plain(made.at)})
    formats = {
        "day": book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"}),
        "number": book.add_format({"num_format": "#,##0"}),
        "text": book.add_format({"num_format": "@"}),
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    for sheet in made.sheets:
        _write_sheet(book, formats, sheet)
    _write_about(book, formats, made)
    book.close()
    return kept.getvalue()


def _write_sheet(book: Any, formats: dict[str, Any], sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.code.capitalize())
    page.freeze_panes(1, 0)
    for nth, column in enumerate(sheet.columns):
        cells = [row[nth] for row in sheet.rows]
        widest = max([len(str(cell)) for cell in (*cells, column.heading[:12])])
        page.set_column(nth, nth, min(50, max(9, widest + 2)))
        page.write_string(0, nth, column.heading, formats["head"])
        for line, cell in enumerate(cells, 1):
            _write_cell(page, line, nth, cell, column.kind, formats)


def _write_cell(
    page: Any, line: int, nth: int, cell: str | int, kind: str, formats: dict[str, Any]
) -> None:
    if cell == "":
        return
    if isinstance(cell, int):
        page.write_number(line, nth, cell, formats["number"])
    elif kind == "day" and cell != "all":
        page.write_datetime(line, nth, date.fromisoformat(cell), formats["day"])
    elif kind == "moment":
        page.write_datetime(line, nth, _plain(read_moment(cell)), formats["moment"])
    else:
        page.write_string(line, nth, cell, formats["text"])


def _plain(moment: datetime) -> datetime:
    """UTC, as a spreadsheet has it, which knows no time zones."""
    return moment.replace(tzinfo=None, microsecond=0)


def _write_about(book: Any, formats: dict[str, Any], made: Made) -> None:
    page = book.add_worksheet("About")
    page.set_column(0, 0, 44)
    page.set_column(1, 1, 90)
    last = made.published[-1] if made.published else None
    lines: list[tuple[str, Any, str]] = [
        ("Week", str(made.week), "text"),
        ("From", made.week.monday.isoformat(), "day"),
        ("To", made.week.sunday.isoformat(), "day"),
        ("Made at (UTC)", moment_text(made.at), "moment"),
        ("Published version", last.number if last else "None yet", "text"),
    ]
    if last:
        lines += [
            ("Published at (UTC)", moment_text(last.at), "moment"),
            ("Checksum of that version", last.checksum, "text"),
        ]
    lines.append(
        ("Numbers", "Live: as everything was when this was made, but for what is published", "text")
    )
    for line, (name, cell, kind) in enumerate(lines):
        page.write_string(line, 0, name, formats["head"])
        _write_cell(page, line, 1, cell, kind, formats)
    line = len(lines) + 1
    for sheet in made.sheets:
        page.write_string(line, 0, f"{sheet.code.capitalize()}: {sheet.title}", formats["head"])
        page.write_string(line, 1, sheet.about, formats["wrapped"])
        for column in sheet.columns:
            line += 1
            page.write_string(line, 0, f"    {column.heading}", formats["wrapped"])
            unit = f" ({column.unit})" if column.unit else ""
            page.write_string(line, 1, f"{column.about}{unit}", formats["wrapped"])
        line += 2


@dataclass(frozen=True)
class Format:
    """A format: the end of its file's name, its media type, and what makes it of a week, given the
    smallest number of the open data."""

    ending: str
    media_type: str
    made: Callable[[Made, int], bytes]


FORMATS = {
    "csv": Format(".csv", "text/csv; charset=utf-8", csv),
    "xlsx": Format(
        ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx
    ),
    "json": Format(".json", "application/json", as_json),
    "open-data": Format("-open-data.csv", "text/csv; charset=utf-8", open_data_csv),
}


def file_name(week: Week, name: str) -> str:
    return f"patrol-count-{week}{FORMATS[name].ending}"


def write_all(made: Made, smallest: int, folder: Path) -> list[Path]:
    """Write every format into a folder, which is made if it is not there; the files."""
    files = {
        folder / file_name(made.week, name): how.made(made, smallest)
        for name, how in FORMATS.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(files)
    return list(files)


def write_whole(files: Mapping[Path, bytes]) -> None:
    """Write files, each of which is there whole or as it was before: none of them gets its name until
    all are on the disk."""
    waiting: list[tuple[Path, Path]] = []
    try:
        for path, data in files.items():
            with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
                waiting.append((Path(part.name), path))
                part.write(data)
                part.flush()
                os.fsync(part.fileno())
                os.fchmod(part.fileno(), 0o666 & ~_umask())
        for written, path in waiting:
            written.replace(path)
    finally:
        for written, _ in waiting:
            written.unlink(missing_ok=True)


def _umask() -> int:
    """What a new file may not be: a temporary one is its owner's alone."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
