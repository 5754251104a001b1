"""Backups of the central file and its evidence: made while the server runs, proved before they count.

A backup is a folder with `fieldbook.sqlite3` and `evidence/`. While it is being made its name ends in
`.part`; one that does not verify ends in `.unsound`. Only what was proved and is on disk has its
plain name, and only then phones hear that their pages are backed up.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from flask import Flask
from pysqlite3 import dbapi2 as sqlite3
from sqlite_utils import Database

from field_app import books, schema
from field_app.database import (
    FILE_NAME,
    all_rows,
    connect,
    insert,
    keep_setting,
    new_epoch,
    one_row,
    writing,
)
from field_app.evidence import Store, kind_of, sync_folder, true_to_name
from field_app.notebook import Page, append_at_desk, hear_of_books, open_notebook, pages_after
from field_app.times import moment_text
from field_app.verify import Progress, verify

STEP = 1024  # SQLite pages copied between two movements of the progress bar
_STAMP = "%Y%m%dT%H%M%SZ"
_LEFT_OVER = re.compile(r"\d{8}T\d{6}Z\.(part|unsound)", re.ASCII)


class BackupTrouble(Exception):
    """A backup or a restore that could not be done; the sentence says why and what to do."""


@dataclass(frozen=True)
class Made:
    """What became of a backup: where it is, and what is wrong with it (nothing, when it counts)."""

    folder: Path
    problems: list[str]


def stamp(moment: datetime) -> str:
    """`20261122T141000Z`: the name of a backup; name order is time order."""
    return f"{moment.astimezone(UTC):{_STAMP}}"


def make_backup(instance: Path, output: Path, now: datetime, progress: Progress) -> Made:
    """Copy the live file and its evidence, prove the copy, and tell the phones what is safe."""
    output.mkdir(parents=True, exist_ok=True, mode=0o700)
    finished = output / stamp(now)
    with _alone(instance):
        _clear_left_overs(output)
        if finished.exists():
            raise BackupTrouble(f"There is a backup {finished} already. Wait a second.")
        part = finished.with_name(f"{finished.name}.part")
        part.mkdir(mode=0o700)
        _copy_file(instance / FILE_NAME, part / FILE_NAME, progress)
        _copy_evidence(part / FILE_NAME, instance / "evidence", part / "evidence", progress)
        problems, cursors = _prove(part, progress)
        if problems:
            return Made(part.rename(finished.with_name(f"{finished.name}.unsound")), problems)
        _sync(part)
        part.rename(finished)
        sync_folder(output)
        _tell_phones(instance / FILE_NAME, cursors, finished, now)
    return Made(finished, [])


@contextmanager
def _alone(instance: Path) -> Iterator[None]:
    """No other backup or restore of this instance at the same time."""
    with (instance / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupTrouble("A backup or a restore is running. Wait until it ends.") from error
        yield


def _clear_left_overs(output: Path) -> None:
    for path in list(output.iterdir()):
        if _LEFT_OVER.fullmatch(path.name):
            shutil.rmtree(path)


def _copy_file(live: Path, copy: Path, progress: Progress) -> None:
    with closing(connect(live).conn) as source, closing(connect(copy).conn) as target:
        # Within one reading transaction the copy is of one moment and never has to begin again.
        source.execute("BEGIN")
        source.execute("SELECT 1 FROM central").fetchone()
        source.backup(
            target, pages=STEP, progress=lambda _, left, all_: progress("Pages", all_ - left, all_)
        )
        source.execute("COMMIT")


def _copy_evidence(copy: Path, live: Path, target: Path, progress: Progress) -> None:
    """Every file the copy knows. Evidence never changes, so a second name for it is enough."""
    with closing(connect(copy).conn) as connection:
        names = [row[0] for row in connection.execute("SELECT sha256 FROM evidence ORDER BY 1")]
    for number, name in enumerate(names, 1):
        _link(Store(live).path(name), Store(target).path(name))
        progress("Evidence", number, len(names))


def _link(file: Path, target: Path) -> None:
    """What is missing here is named when the copy is proved."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileNotFoundError):
        try:
            os.link(file, target)
        except FileNotFoundError:
            raise
        except OSError:  # on another disk, or one that knows no links
            shutil.copyfile(file, target)


def _prove(part: Path, progress: Progress) -> tuple[list[str], list[tuple[int, str]]]:
    """What is wrong with the copy, and the last page up to which it holds each notebook and all the
    evidence that its pages list.

    It is left as one plain file that can be read by itself.
    """
    db = connect(part / FILE_NAME)
    with closing(db.conn):
        problems = list(verify(db, part / "evidence", progress))
        cursors = [
            (row["whole_through"], row["id"])
            for row in all_rows(
                db,
                # A phone keeps a photo as long as the page that lists it.
                "SELECT id, min(received_through, coalesce((SELECT min(listed.page) - 1 "
                "FROM evidence_listed AS listed JOIN pages USING (notebook, page, record) "
                "WHERE notebook = notebooks.id AND line = 'main' "
                "AND sha256 NOT IN (SELECT sha256 FROM evidence)), received_through)) "
                "AS whole_through FROM notebooks",
            )
        ]
        db.conn.execute("PRAGMA journal_mode = DELETE")
    return problems, cursors


def _sync(folder: Path) -> None:
    """Have every file and folder below on disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            sync_folder(path)
    sync_folder(folder)


def _tell_phones(live: Path, cursors: list[tuple[int, str]], finished: Path, now: datetime) -> None:
    """A phone may forget what a proved backup holds, and nothing later."""
    db = connect(live)
    with closing(db.conn), writing(db):
        db.conn.executemany(
            "UPDATE notebooks SET backed_up_through = max(backed_up_through, ?) WHERE id = ?",
            cursors,
        )
        keep_setting(db, "backed_up_at", moment_text(now))
        keep_setting(db, "backed_up_in", str(finished))


@dataclass(frozen=True)
class Restored:
    """What a restore did: where the file that was there lies now, what is wrong with the restored
    one, and what else must be known, the pages that the phones will bring back above all."""

    aside: Path
    problems: list[str]
    notes: list[str]


def restore(instance: Path, backup: Path, now: datetime, progress: Progress) -> Restored:
    """Put a backup in the place of the central file, which is kept aside."""
    if _LEFT_OVER.fullmatch(backup.name) or not (backup / FILE_NAME).is_file():
        raise BackupTrouble(f"{backup} is not a finished backup.")
    with _alone(instance), _stopped(instance):
        live, coming = instance / FILE_NAME, instance / f"{FILE_NAME}.coming"
        shutil.copyfile(backup / FILE_NAME, coming)
        _new_life(coming, books.Floors(instance), now)
        _bring_evidence(backup / "evidence", instance / "evidence", progress)
        aside = _put_aside(instance, now)
        coming.rename(live)
        sync_folder(instance)
        schema.prepare(live)
        db = connect(live)
        with closing(db.conn):
            notes = list(_compared(db, aside / FILE_NAME, now))
            _know_evidence(db, instance / "evidence", now)
            problems = list(verify(db, instance / "evidence", progress))
    return Restored(aside, problems, notes)


@contextmanager
def _stopped(instance: Path) -> Iterator[None]:
    """No server works on this instance, and none begins to."""
    with (instance / "serving.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupTrouble("The server is running. Stop it, restore, start it.") from error
        yield


def serving(app: Flask) -> bool:
    """Say that this process serves the instance, until it ends; false while a restore is running."""
    if "fieldbook_serving" in app.extensions:
        return True
    lock: TextIO = (Path(app.config["INSTANCE"]) / "serving.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return False
    app.extensions["fieldbook_serving"] = lock
    return True


def _new_life(file: Path, floors: books.Floors, now: datetime) -> None:
    """Give the file its new epoch before it is in place, so that no phone meets it with the old; and
    have lending leap over the numbers that were lent after the backup."""
    db = connect(file)
    with closing(db.conn):
        with writing(db):
            keep_setting(db, "epoch", new_epoch())
        books.leap(db, now, floors)
        db.conn.execute("PRAGMA journal_mode = DELETE")
    with file.open("rb") as whole:
        os.fsync(whole.fileno())


def _bring_evidence(kept: Path, live: Path, progress: Progress) -> None:
    files = [file for file in kept.glob("??/*") if not Store(live).has(file.name)]
    for number, file in enumerate(files, 1):
        _link(file, Store(live).path(file.name))
        progress("Evidence", number, len(files))


def _put_aside(instance: Path, now: datetime) -> Path:
    """Keep the present file. Its log goes with it: the log of one file would ruin another."""
    aside = instance / f"before-restore-{stamp(now)}"
    aside.mkdir(mode=0o700)
    with suppress(FileNotFoundError):
        os.link(instance / FILE_NAME, aside / FILE_NAME)
    for name in (f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):
        with suppress(FileNotFoundError):
            (instance / name).rename(aside / name)
    sync_folder(aside)
    return aside


def _compared(db: Database, before: Path, now: datetime) -> Iterator[str]:
    """What the file that was there had and the restored one has not; its officers are kept."""
    try:
        officers, notebooks = _people_and_cursors(before)
    except sqlite3.DatabaseError:
        yield (
            "The file that was there cannot be read, so what came after the backup cannot be "
            "named. The phones will offer every page they still have. Officers who were added "
            "after the backup must be added again."
        )
        return
    yield from _keep_officers(db, officers)
    yield from _bring_decisions(db, before, now)
    through = {row["id"]: row["received_through"] for row in all_rows(db, _CURSORS)}
    for row in notebooks:
        first, last = through.get(row["id"], 0) + 1, row["received_through"]
        if first <= last:
            yield (
                f"{row['username']}, notebook {row['id']}: pages {first} to {last} came after the "
                "backup; the phone will bring them back when it next sends."
            )


_CURSORS = (
    "SELECT notebooks.id, received_through, username FROM notebooks "
    "JOIN officers ON officers.id = officer ORDER BY username, opened_at"
)


def _people_and_cursors(file: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if not file.is_file():
        return [], []
    db = connect(file)
    with closing(db.conn):
        return all_rows(db, "SELECT * FROM officers"), all_rows(db, _CURSORS)


def _keep_officers(db: Database, officers: list[dict[str, Any]]) -> Iterator[str]:
    """A notebook's token names its officer: without the row, their phones could not send. Those whom the
    backup knows stand as they stood last, but for their passwords."""
    known = {row["id"] for row in all_rows(db, "SELECT id FROM officers")}
    with writing(db):
        _stand_as_last(db, [officer for officer in officers if officer["id"] in known])
    taken = {row["username"] for row in all_rows(db, "SELECT username FROM officers")}
    for officer in officers:
        if officer["id"] not in known and officer["username"] not in taken:
            with writing(db):
                insert(db, "officers", officer)
            yield f"{officer['username']} was added after the backup and is kept."


def _stand_as_last(db: Database, officers: list[dict[str, Any]]) -> None:
    """Their pages come with the decisions at the desk; what signs them in says the same. A session that
    was ended stays ended."""
    db.conn.executemany(
        "UPDATE officers SET username = ?, name = ?, role = ?, retired_at = ?, "
        "sessions_from = max(coalesce(sessions_from, ''), ?) WHERE id = ?",
        [
            (
                officer["username"],
                officer["name"],
                officer["role"],
                officer["retired_at"],
                officer.get("sessions_from") or "",
                officer["id"],
            )
            for officer in officers
        ],
    )


def _bring_decisions(db: Database, before: Path, now: datetime) -> Iterator[str]:
    """No phone brings back what was decided at the desk, so it is taken from the file that was there."""
    if not before.is_file():
        return
    old = connect(before)
    with closing(old.conn):
        rows = all_rows(old, "SELECT * FROM notebooks")
        for notebook in (row for row in rows if row["withdrawn_at"]):
            _bring_withdrawal(db, notebook, now)
            _bring_books(db, old, notebook, now)
        for notebook in (row for row in rows if row.get("at_desk")):
            brought, paper = 0, bool(notebook.get("paper"))
            for pages in _later_pages(db, old, notebook["id"]):
                with writing(db):
                    append_at_desk(db, notebook["id"], notebook["officer"], pages, now, paper=paper)
                brought += len(pages)
            if paper:
                _bring_books(db, old, notebook, now)
            if brought:
                pages_said = "1 page" if brought == 1 else f"{brought} pages"
                yield f"{pages_said} decided at the desk came after the backup and are kept."


def _bring_withdrawal(db: Database, notebook: dict[str, Any], now: datetime) -> None:
    """A lost phone stays withdrawn, also one that the backup did not know."""
    names = ("withdrawn_at", "withdrawn_by", "withdrawn_reason", "id")
    with writing(db):
        open_notebook(db, notebook["id"], notebook["officer"], notebook["token_serial"], now)
        db.conn.execute(
            "UPDATE notebooks SET withdrawn_at = ?, withdrawn_by = ?, withdrawn_reason = ? "
            "WHERE id = ? AND withdrawn_at IS NULL",
            [notebook.get(name) for name in names],
        )


def _bring_books(db: Database, old: Database, notebook: dict[str, Any], now: datetime) -> None:
    """A phone says which books it holds; for paper, and for a lost phone, the file that was there does."""
    lent = all_rows(
        old, "SELECT series, first, last FROM books WHERE notebook = ?", [notebook["id"]]
    )
    with writing(db):
        if notebook.get("paper"):
            append_at_desk(db, notebook["id"], notebook["officer"], [], now, paper=True)
        hear_of_books(db, notebook["id"], lent, now)
        if notebook["withdrawn_at"]:
            books.take_back(db, notebook["id"], now)


def _later_pages(db: Database, old: Database, notebook: str) -> Iterator[list[Page]]:
    """The pages of a notebook that one file has and the other has not, some at a time."""
    known = one_row(db, "SELECT received_through FROM notebooks WHERE id = ?", [notebook])
    through = known["received_through"] if known else 0
    while rows := pages_after(old, notebook, through):
        yield [Page(**row) for row in rows]
        through = rows[-1]["page"]


def _know_evidence(db: Database, folder: Path, now: datetime) -> None:
    """Photos that came after the backup are still in their folder, and no phone may have them."""
    known = {row["sha256"] for row in all_rows(db, "SELECT sha256 FROM evidence")}
    with writing(db):
        for file in folder.glob("??/*"):
            kind = kind_of(file)
            if file.name not in known and kind and true_to_name(file):
                row = {"sha256": file.name, "type": kind, "bytes": file.stat().st_size}
                insert(db, "evidence", row | {"received_at": moment_text(now)})
