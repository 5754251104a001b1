"""What whoever runs the server should attend to."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from pysqlite3 import dbapi2 as sqlite3
from sqlite_utils import Database

from field_app import maps, paper
from field_app.database import OLDEST_SQLITE, all_rows, one_row, setting
from field_app.times import read_moment

LEAST_ROOM = 1024**3
OLDEST_BACKUP = timedelta(hours=26)  # a daily one, and some hours for the machine to be late
PRIVATE = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, and what to do about it; nothing, when it is as it should be."""

    about: str
    to_do: str = ""


def examine(app: Flask, db: Database, now: datetime) -> Iterator[Finding]:
    """Everything the doctor looks at."""
    instance = Path(app.config["INSTANCE"])
    yield _sqlite()
    yield from _private(instance)
    yield _room(instance)
    yield _file(db)
    yield _clock(db, now)
    yield _backup(db, now)
    yield _backup_disk(db, instance)
    yield Finding("notices as PDFs", paper.missing())
    yield _maps(app)
    yield _https(app)
    yield _demonstration(db)


def _sqlite() -> Finding:
    needed = ".".join(map(str, OLDEST_SQLITE))
    sound = sqlite3.sqlite_version_info >= OLDEST_SQLITE
    to_do = "" if sound else f"It can lose commits; install requirements.txt ({needed} or newer)."
    return Finding(f"SQLite {sqlite3.sqlite_version}", to_do)


def _private(instance: Path) -> Iterator[Finding]:
    for path, mode in {instance: "700", instance / "secret-key": "600"}.items():
        if path.exists():
            open_to_others = path.stat().st_mode & PRIVATE
            to_do = f"Others can reach it: chmod {mode} {path}" if open_to_others else ""
            yield Finding(f"{path} is private", to_do)


def _room(instance: Path) -> Finding:
    free = shutil.disk_usage(instance).free
    to_do = "" if free >= LEAST_ROOM else "Make room: at least 1 GiB should be free."
    return Finding(f"{free / 1024**3:.1f} GiB free on the disk", to_do)


def _file(db: Database) -> Finding:
    said = [row[0] for row in db.conn.execute("PRAGMA quick_check")]
    to_do = "" if said == ["ok"] else f"Restore a backup. SQLite says: {'; '.join(said)}"
    return Finding("the central file can be read", to_do)


def _clock(db: Database, now: datetime) -> Finding:
    """Nothing can have happened after now."""
    rows = all_rows(db, "SELECT value AS at FROM central WHERE name IN ('made_at', 'backed_up_at')")
    rows += all_rows(db, "SELECT max(received_at) AS at FROM pages")
    rows += all_rows(db, "SELECT max(last_contact) AS at FROM notebooks")
    later = [row["at"] for row in rows if row["at"] and read_moment(row["at"]) > now]
    to_do = f"The file knows of {max(later)}. Set the clock (timedatectl)." if later else ""
    return Finding(f"the clock says {now:%Y-%m-%d %H:%M} UTC", to_do)


def _backup(db: Database, now: datetime) -> Finding:
    made = one_row(db, "SELECT value FROM central WHERE name = 'backed_up_at'")
    if made is None:
        return Finding("no backup yet", "Run: flask --app field_app backup, and set up its timer.")
    age = now - read_moment(made["value"])
    late = age > OLDEST_BACKUP
    to_do = "Run: flask --app field_app backup, and look at why its timer did not." if late else ""
    return Finding(f"newest backup {age.total_seconds() / 3600:.1f} hours old", to_do)


def _backup_disk(db: Database, instance: Path) -> Finding:
    kept = one_row(db, "SELECT value FROM central WHERE name = 'backed_up_in'")
    if kept is None:
        return Finding("where backups are kept: nowhere yet")
    backup = Path(kept["value"])
    if not backup.exists():
        return Finding(f"newest backup {backup}", "It is gone from there: make another.")
    shared = backup.stat().st_dev == instance.stat().st_dev
    to_do = (
        "It is on the same disk as the central file: copy it to another machine." if shared else ""
    )
    return Finding(f"newest backup {backup}", to_do)


def _maps(app: Flask) -> Finding:
    tiles = app.config["MAP_TILES"]
    wrong = tiles and maps.tiles_origin(tiles) is None
    to_do = "Name one origin: https://tiles.council.example/{z}/{x}/{y}.png" if wrong else ""
    return Finding("pictures of maps", to_do)


def _https(app: Flask) -> Finding:
    on = bool(app.config["HTTPS"])
    to_do = "" if on else "Serve it over HTTPS and set FIELDBOOK_HTTPS=true (docs/deployment.md)."
    return Finding(f"FIELDBOOK_HTTPS is {str(on).lower()}", to_do)


def _demonstration(db: Database) -> Finding:
    if setting(db, "demonstration") == "no":
        return Finding("no demonstration data")
    return Finding(
        "demonstration data",
        "Never work with it: set FIELDBOOK_INSTANCE to a new folder and run init.",
    )
