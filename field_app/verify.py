"""Verifying the central file: every seal, number, fork and gap, every book, photo and table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from field_app import evidence, fold, gaps, overlay
from field_app.database import all_rows
from field_app.notebook import seal_of
from field_app.numbers import shown

Progress = Callable[[str, int, int], object]
"""Told what is being done, how much of it is done, and how much there is."""


def silent(_what: str, _done: int, _all: int) -> None:
    """No progress is shown."""


def verify(db: Database, evidence_folder: Path, progress: Progress = silent) -> Iterator[str]:
    """Everything that is wrong, one sentence each. Nothing when all is well.

    It reads within one transaction, so that pages which come meanwhile do not look wrong.
    """
    db.conn.execute("BEGIN")
    try:
        overlay.use(db)
        yield from _file(db)
        yield from _chains(db)
        yield from _forks(db)
        yield from _cursors(db)
        yield from _evidence(db, evidence.Store(evidence_folder), progress)
        yield from _tables(db, progress)
    finally:
        db.conn.execute("ROLLBACK")


def notes(db: Database) -> Iterator[str]:
    """What is not wrong but must be known: recorded gaps, forks, evidence still on its way."""
    for gap in all_rows(db, "SELECT * FROM gaps"):
        first, last = gap["after_page"] + 1, gap["before_page"] - 1
        came = first <= last and gaps.one(db, gap["notebook"], gap["previous"]) is None
        missing = (
            f"pages {first}–{last} {'came after all' if came else 'are missing for ever'}"
            if first <= last
            else f"what came before forked page {last + 1} is missing for ever"
        )
        yield f"notebook {gap['notebook']}: {missing} (recorded {gap['recorded_at']})"
    for fork in all_rows(db, "SELECT notebook, page FROM pages WHERE line = 'fork' ORDER BY 1, 2"):
        yield f"notebook {fork['notebook']}: page {fork['page']} is forked; both pages are kept"
    for row in all_rows(
        db,
        "SELECT DISTINCT sha256, notebook, page FROM evidence_listed "
        "WHERE sha256 NOT IN (SELECT sha256 FROM evidence)",
    ):
        yield f"notebook {row['notebook']}: evidence of page {row['page']} has not come yet"


def numbers(db: Database) -> Iterator[str]:
    """What is wrong with the notice numbers: a number is lent once, and borne by one notice.

    The file is sound all the same, so this does not stop a backup from counting.
    """
    for row in all_rows(
        db,
        "SELECT one.series, one.first, one.last, other.first AS into_it FROM books AS one "
        "JOIN books AS other ON other.series = one.series "
        "AND other.first > one.first AND other.first <= one.last ORDER BY 1, 2, 4",
    ):
        book = f"book {row['series']} {row['first']}–{row['last']}"
        yield f"{book}: the book that begins at {row['into_it']} has numbers of it too"
    for row in all_rows(
        db,
        "SELECT number, count(*) AS several FROM notices WHERE state <> 'held' "
        "AND number IS NOT NULL GROUP BY number HAVING count(*) > 1 ORDER BY number",
    ):
        yield f"number {shown(row['number'])}: {row['several']} notices bear it"


def publications(db: Database) -> Iterator[str]:
    """What is wrong with the published weeks: versions are numbered 1, 2, 3… without a gap or a double.

    The file is sound all the same, so this does not stop a backup from counting.
    """
    for row in all_rows(
        db,
        "SELECT week, group_concat(version, ', ' ORDER BY version) AS versions FROM published_weeks "
        "WHERE state = 'accepted' GROUP BY week "
        "HAVING count(DISTINCT version) < count(*) OR max(version) <> count(*) ORDER BY week",
    ):
        yield f"week {row['week']}: it has the versions {row['versions']}"


def team(db: Database) -> Iterator[str]:
    """Where who may sign in is not what the pages about the team say.

    The file is sound all the same, so this does not stop a backup from counting.
    """
    for row in all_rows(
        db,
        "SELECT team.username FROM team LEFT JOIN officers ON officers.id = team.record "
        "WHERE (officers.username, officers.name, replace(officers.role, ' ', '-'), "
        "officers.retired_at IS NOT NULL) IS NOT (team.username, team.name, team.role, team.left) "
        "ORDER BY 1",
    ):
        yield f"officer {row['username']}: what signs them in is not what the pages say"


def _file(db: Database) -> Iterator[str]:
    for row in db.conn.execute("PRAGMA integrity_check"):
        if row[0] != "ok":
            yield f"the file: {row[0]}"
    for row in db.conn.execute("PRAGMA foreign_key_check"):
        yield f"table {row[0]}, row {row[1]}: refers to something that is not in {row[2]}"


def _chains(db: Database) -> Iterator[str]:
    """Each page's own seal, and on the main line the page before it."""
    for row in db.conn.execute("SELECT * FROM pages ORDER BY notebook, page, seal"):
        names = ("previous", "page", "kind", "record", "written_at", "body")
        if seal_of(*(row[name] for name in names)) != row["seal"]:
            yield f"notebook {row['notebook']}: page {row['page']} does not fit its seal"
    gaps = {
        (gap["notebook"], gap["before_page"], gap["previous"])
        for gap in all_rows(db, "SELECT * FROM gaps")
    }
    main = all_rows(db, "SELECT * FROM pages WHERE line = 'main' ORDER BY notebook, page")
    for notebook, pages in groupby(main, lambda page: page["notebook"]):
        number, seal = 0, notebook
        for page in pages:
            follows = (page["page"], page["previous"]) == (number + 1, seal)
            if not follows and (notebook, page["page"], page["previous"]) not in gaps:
                yield f"notebook {notebook}: page {page['page']} does not follow page {number}"
            number, seal = page["page"], page["seal"]


def _forks(db: Database) -> Iterator[str]:
    """The page before a forked one is here too, or is where a recorded gap ends."""
    rows = all_rows(
        db,
        "SELECT notebook, page FROM pages AS p WHERE line = 'fork' AND page > 1 AND NOT EXISTS ("
        "SELECT 1 FROM pages WHERE notebook = p.notebook AND page = p.page - 1 "
        "AND seal = p.previous) AND NOT EXISTS (SELECT 1 FROM gaps WHERE notebook = p.notebook "
        "AND before_page = p.page AND previous = p.previous) ORDER BY notebook, page",
    )
    for row in rows:
        yield f"notebook {row['notebook']}: the page before forked page {row['page']} is not here"


def _cursors(db: Database) -> Iterator[str]:
    """What phones are told must be what is kept; a gap may end the main line before any page."""
    rows = all_rows(
        db,
        "SELECT id, received_through, last_seal FROM notebooks AS n WHERE NOT EXISTS ("
        "SELECT 1 FROM pages WHERE notebook = n.id AND line = 'main' "
        "AND page = received_through AND seal = last_seal) AND NOT (received_through = 0 AND last_seal = id)",
    )
    for row in rows:
        yield f"notebook {row['id']}: its cursor says page {row['received_through']}, which is not here"


def _evidence(db: Database, store: evidence.Store, progress: Progress) -> Iterator[str]:
    rows = all_rows(db, "SELECT sha256 FROM evidence ORDER BY sha256")
    for row in _watched("Evidence", rows, progress):
        if not store.has(row["sha256"]):
            yield f"evidence {row['sha256']}: the file is missing"
        elif not evidence.true_to_name(store.path(row["sha256"])):
            yield f"evidence {row['sha256']}: the file does not have the bytes its name says"


def _tables(db: Database, progress: Progress) -> Iterator[str]:
    """The folded tables must equal a fresh fold of the pages."""
    fresh: dict[str, list[dict[str, object]]] = {table: [] for table in fold.TABLES}
    rows = all_rows(db, "SELECT DISTINCT record FROM pages")
    for row in _watched("Records", rows, progress):
        made = fold.folded(db, row["record"])
        if made.table and made.row:
            fresh[made.table].append(made.row)
        for table, beside in fold.rows_beside(made):
            fresh[table].append(beside)
    for table, rows in fresh.items():
        kept = all_rows(db, f'SELECT * FROM "{table}"')
        if fold.canonical(kept) != fold.canonical(rows):
            yield f"table {table} is not what the pages say; run: flask --app field_app rebuild"


def _watched(what: str, items: Sequence[Any], progress: Progress) -> Iterator[Any]:
    for number, item in enumerate(items, 1):
        yield item
        progress(what, number, len(items))
