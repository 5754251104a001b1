"""What the central file says of the catalogue, brought into this process.

Every request and every command asks whether it has changed, with one query over a small table, and only
then reads the pages. The pages are read, not the table: the catalogue is known as it was at any moment.
"""

from __future__ import annotations

import json

from sqlite_utils import Database

from field_app import catalogue
from field_app.catalogue import Change, Known
from field_app.catalogue.changes import KINDS
from field_app.database import all_rows, one_row


def use(db: Database) -> None:
    """Have this process know what the file says of the catalogue."""
    name = _name(db)
    if name != catalogue.known().name:
        catalogue.use(Known(name, said(db) if name else ()))


def _name(db: Database) -> str:
    """Nothing while nobody has changed anything. Each page that is taken makes the table longer, or one of
    its rows amended once more; a file that was restored has another epoch."""
    row = one_row(
        db,
        "SELECT (SELECT value FROM central WHERE name = 'epoch') AS epoch, count(*) AS records, "
        "coalesce(sum(amendments), 0) AS amendments FROM catalogue_changes",
    )
    if row is None or not row["records"]:
        return ""
    return f"{row['epoch']} {row['records']} {row['amendments']}"


def said(db: Database) -> tuple[Change, ...]:
    """Every page about the catalogue in the order in which it came."""
    rows = all_rows(
        db,
        "SELECT pages.received_at, pages.record, pages.kind, pages.body FROM catalogue_changes "
        "CROSS JOIN pages ON pages.record = catalogue_changes.record "  # so the small table is read
        "CROSS JOIN notebooks ON notebooks.id = pages.notebook "
        "WHERE at_desk AND line = 'main' ORDER BY pages.received_at, pages.ordered_at",
    )
    return tuple(
        Change(row["received_at"], row["record"], row["kind"], json.loads(row["body"]))
        for row in rows
        if row["kind"] in KINDS
    )
