"""The central SQLite file: its connection, its one way of writing, and reading it in SQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import current_app, g
from pysqlite3 import dbapi2 as sqlite3
from sqlite_utils import Database

FILE_NAME = "fieldbook.sqlite3"
OLDEST_SQLITE = (3, 51, 3)
"""Before this, SQLite can lose commits in WAL mode (sqlite.org/wal.html#walresetbug)."""


class DatabaseTrouble(Exception):
    """The central file cannot be used; the sentence says why and what to do."""


def connect(path: Path, busy_seconds: float = 10) -> Database:
    """Open the central file with the settings every connection must have."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise DatabaseTrouble(
            f"SQLite {sqlite3.sqlite_version} can lose commits; Fieldbook needs 3.51.3 or newer. "
            "Install requirements.txt, which brings pysqlite3."
        )
    connection = sqlite3.connect(
        str(path), isolation_level=None, timeout=busy_seconds, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return Database(connection, strict=True)


def get_db() -> Database:
    """This request's connection; opened at first use, closed with the request."""
    if "db" not in g:
        g.db = connect(path_of(current_app), current_app.config["BUSY_SECONDS"])
    db: Database = g.db
    return db


def close_db(_error: BaseException | None = None) -> None:
    db = g.pop("db", None)
    if db is not None:
        db.conn.close()


def path_of(app: Any) -> Path:
    """Where this app's central file lies."""
    return Path(app.config["INSTANCE"]) / FILE_NAME


@contextmanager
def writing(db: Database) -> Iterator[None]:
    """One write transaction, begun IMMEDIATE.

    sqlite-utils begins deferred ones; a deferred transaction that reads first gets SQLITE_BUSY
    at once when another writer came between, and no busy timeout helps.
    """
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        raise


@contextmanager
def one_moment(db: Database) -> Iterator[None]:
    """Every question asked meanwhile is answered from the file as it is at the first one."""
    db.conn.execute("BEGIN")
    try:
        yield
    finally:
        db.conn.execute("ROLLBACK")


def all_rows(db: Database, sql: str, values: Any = ()) -> list[dict[str, Any]]:
    """The answer to a question written in SQL, as a list of dicts."""
    return [dict(row) for row in db.conn.execute(sql, values)]


def one_row(db: Database, sql: str, values: Any = ()) -> dict[str, Any] | None:
    row = db.conn.execute(sql, values).fetchone()
    return dict(row) if row else None


def insert(db: Database, table: str, row: dict[str, Any]) -> None:
    """Insert one row, inside the caller's transaction."""
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    db.conn.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(row.values()))


def setting(db: Database, name: str) -> str:
    """A fact about this central file, such as its epoch."""
    row = one_row(db, "SELECT value FROM central WHERE name = ?", [name])
    if row is None:
        raise DatabaseTrouble(
            f"The central file does not say its {name}; restore it from a backup."
        )
    return str(row["value"])


def is_demonstration(path: Path) -> bool:
    """Whether the file at `path` has the demonstration in it."""
    db = connect(path)
    try:
        return setting(db, "demonstration") == "yes"
    finally:
        db.conn.close()


def keep_setting(db: Database, name: str, value: str) -> None:
    db.conn.execute("INSERT OR REPLACE INTO central (name, value) VALUES (?, ?)", [name, value])


def new_epoch() -> str:
    """A random id of the central file; phones that see a new one offer everything they have."""
    return secrets.token_hex(8)
