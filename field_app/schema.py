"""The central file's schema and its migrations.

Pages are the truth. The tables folded from them (`shifts`, `patrols`, …) are made from the
declarations in `records/`, and are made again whenever the code that reads pages has changed; the
choices' labels and the views in words with them.
"""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from field_app import fold, labels, notebook, overlay, registers
from field_app.database import all_rows, connect, keep_setting, new_epoch, one_row, writing
from field_app.records.place import Place
from field_app.times import moment_text, now

migrations = Migrations("fieldbook")


def prepare(path: Path) -> None:
    """Bring the file at `path` to the present schema, making it if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (path.parent / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two worker processes start at the same moment
        db = connect(path)
        try:
            migrations.apply(db)
            _make_folded_tables(db)
            overlay.use(db)
            _give_places_pages(db)
        finally:
            db.conn.close()


@migrations()
def first_schema(db: Database) -> None:
    """Everything that is not folded from pages."""
    db.table("central").create({"name": str, "value": str}, pk="name", not_null={"value"})
    db.table("officers").create(
        {
            "id": str,
            "username": str,
            "name": str,
            "role": str,
            "password_hash": str,
            "retired_at": str,
        },
        pk="id",
        not_null={"username", "name", "role", "password_hash"},
    )
    db.table("officers").create_index(["username"], unique=True)
    db.table("places").create(
        {
            "id": str,
            "name": str,
            "category": str,
            "ward": str,
            "address": str,
            "latitude": float,
            "longitude": float,
            "retired_at": str,
        },
        pk="id",
        not_null={"name", "category", "ward"},
    )
    db.table("notebooks").create(
        {
            "id": str,
            "officer": str,
            "opened_at": str,
            "token_serial": int,
            "label": str,
            "user_agent": str,
            "persisted": int,
            "received_through": int,
            "last_seal": str,
            "ordered_at": str,
            "backed_up_through": int,
            "withdrawn_at": str,
            "last_contact": str,
            "clock_offset_s": float,
            "waiting": int,
            "evidence_waiting": int,
            "version": str,
        },
        pk="id",
        foreign_keys=[("officer", "officers")],
        not_null={"officer", "opened_at", "token_serial", "received_through", "last_seal"},
        defaults={"backed_up_through": 0},
    )
    db.table("pages").create(
        {
            "notebook": str,
            "page": int,
            "seal": str,
            "previous": str,
            "kind": str,
            "record": str,
            "written_at": str,
            "body": str,
            "line": str,
            "received_at": str,
            "ordered_at": str,
            "clock_offset_s": float,
        },
        pk=("notebook", "page", "seal"),
        foreign_keys=[("notebook", "notebooks")],
        not_null={
            "previous",
            "kind",
            "record",
            "written_at",
            "body",
            "line",
            "received_at",
            "ordered_at",
        },
    )
    db.conn.execute(
        "CREATE UNIQUE INDEX one_page_a_number ON pages (notebook, page) WHERE line = 'main'"
    )
    db.table("pages").create_index(["record"])
    for change in ("UPDATE", "DELETE"):
        db.conn.execute(
            f"CREATE TRIGGER no_{change.lower()}_of_a_page BEFORE {change} ON pages "
            "BEGIN SELECT RAISE(ABORT, 'a page is never changed and never removed'); END"
        )
    db.table("gaps").create(
        {
            "notebook": str,
            "after_page": int,
            "before_page": int,
            "previous": str,
            "recorded_at": str,
        },
        pk=("notebook", "before_page", "previous"),
        foreign_keys=[("notebook", "notebooks")],
        not_null={"after_page", "recorded_at"},
    )
    db.table("evidence").create(
        {"sha256": str, "type": str, "bytes": int, "notebook": str, "received_at": str},
        pk="sha256",
        foreign_keys=[("notebook", "notebooks")],
        not_null={"type", "bytes", "received_at"},
    )
    db.table("books").create(
        {
            "series": str,
            "first": int,
            "last": int,
            "notebook": str,
            "lent_at": str,
            "returned_at": str,
        },
        pk=("series", "first"),
        foreign_keys=[("notebook", "notebooks")],
        not_null={"last", "lent_at"},
    )
    db.table("inbox").create(
        {
            "id": int,
            "notebook": str,
            "about": str,
            "kind": str,
            "said_at": str,
            "by": str,
            "text": str,
            "fields": str,
        },
        pk="id",
        foreign_keys=[("notebook", "notebooks")],
        not_null={"notebook", "about", "kind", "said_at", "text", "fields"},
    )
    db.table("inbox").create_index(["notebook", "id"])
    keep_setting(db, "epoch", new_epoch())
    keep_setting(db, "made_at", moment_text(now()))
    keep_setting(db, "demonstration", "no")


@migrations()
def found_books(db: Database) -> None:
    """Books of which only the phone that holds them knows, after a restore."""
    db.table("books").add_column("found_at", str)
    db.table("books").create_index(["notebook", "series"])


@migrations()
def desk_notebooks(db: Database) -> None:
    """A team leader's decisions at the desk fill a notebook too."""
    db.conn.execute("ALTER TABLE notebooks ADD COLUMN at_desk INTEGER NOT NULL DEFAULT 0")
    db.conn.execute(
        "CREATE UNIQUE INDEX one_desk_notebook_each ON notebooks (officer) WHERE at_desk"
    )


@migrations()
def paper_books_and_lost_phones(db: Database) -> None:
    """Books of paper, whose notices are entered at the desk; who withdrew a phone, and why."""
    db.conn.execute("ALTER TABLE notebooks ADD COLUMN paper INTEGER NOT NULL DEFAULT 0")
    db.conn.execute("ALTER TABLE notebooks ADD COLUMN withdrawn_by TEXT")
    db.conn.execute("ALTER TABLE notebooks ADD COLUMN withdrawn_reason TEXT")
    db.conn.execute("DROP INDEX one_desk_notebook_each")
    db.conn.execute(
        "CREATE UNIQUE INDEX one_desk_notebook_each ON notebooks (officer, paper) WHERE at_desk"
    )


@migrations()
def views_of_evidence(db: Database) -> None:
    """Who was shown which evidence, and when."""
    db.conn.execute(
        "CREATE TABLE views (viewed_at TEXT NOT NULL, officer TEXT NOT NULL REFERENCES officers (id), "
        "what TEXT NOT NULL, id TEXT NOT NULL) STRICT"
    )
    db.conn.execute("CREATE INDEX views_of_one ON views (what, id, viewed_at)")
    for change in ("UPDATE", "DELETE"):
        db.conn.execute(
            f"CREATE TRIGGER no_{change.lower()}_of_a_view BEFORE {change} ON views "
            "BEGIN SELECT RAISE(ABORT, 'a view is never changed and never removed'); END"
        )


@migrations()
def sessions_that_end(db: Database) -> None:
    """Sessions of an officer that began before this moment have ended, wherever they are."""
    db.conn.execute("ALTER TABLE officers ADD COLUMN sessions_from TEXT")


@migrations()
def places_from_pages(db: Database) -> None:
    """A place is what its pages say. Those that were here before get a page each."""
    db.conn.execute("ALTER TABLE places RENAME TO places_without_pages")


@migrations()
def last_sign_in_and_seals(db: Database) -> None:
    """When somebody signed in last; a page is found by its seal."""
    db.conn.execute("ALTER TABLE officers ADD COLUMN signed_in_at TEXT")
    db.conn.execute("CREATE INDEX pages_seal ON pages (seal)")


@migrations()
def phones_that_say_more(db: Database) -> None:
    """What is left of a phone's battery, in per cent, and of its room, in bytes, where it says so."""
    db.conn.execute("ALTER TABLE notebooks ADD COLUMN battery INTEGER")
    db.conn.execute("ALTER TABLE notebooks ADD COLUMN storage_left INTEGER")


def _give_places_pages(db: Database) -> None:
    """In the name of the administrator, who is the one that keeps the register. What today's declaration
    would refuse was a place all the same: its page is held."""
    if not db.table("places_without_pages").exists():
        return
    rows = all_rows(
        db,
        "SELECT *, (SELECT id FROM officers ORDER BY role <> 'administrator', retired_at, id LIMIT 1) "
        "AS keeper FROM places_without_pages",
    )
    if rows and not rows[0]["keeper"]:
        return
    with writing(db):
        for row in rows:
            said = {name: row[name] for name in Place.columns() if row.get(name) is not None}
            said |= {"retired": True} if row["retired_at"] else {}
            notebook.keep_at_desk(db, row["keeper"], Place.kind, [(row["id"], said, now())])
        db.conn.execute("DROP TABLE places_without_pages")


@migrations()
def uses_of_keys(db: Database) -> None:
    """When each key to the count was last used."""
    db.conn.execute("CREATE TABLE key_uses (record TEXT PRIMARY KEY, used_at TEXT NOT NULL) STRICT")


def _make_folded_tables(db: Database) -> None:
    """Fold every page anew when the code that reads pages is not the code that folded them."""
    reading = _code_that_reads_pages()
    kept = one_row(db, "SELECT value FROM central WHERE name = 'read_by'")
    if kept and kept["value"] == reading:
        return
    with writing(db):
        labels.drop_views(db)
        for table in fold.TABLES:
            db.conn.execute(f'DROP TABLE IF EXISTS "{table}"')
        for statement in fold.table_statements():
            db.conn.execute(statement)
        db.conn.execute("DROP INDEX IF EXISTS pages_whole")
        db.conn.execute(registers.index())
        fold.fold_all(db)
        labels.make(db)
        keep_setting(db, "read_by", reading)


def _code_that_reads_pages() -> str:
    here = Path(__file__).parent
    names = (
        "books",
        "fields",
        "fold",
        "gaps",
        "labels",
        "numbers",
        "outlines",
        "overlay",
        "queries",
        "registers",
        "rules",
        "times",
    )
    files = [here / f"{name}.py" for name in names]
    folders = [here / "records", here / "catalogue"]
    found = [path for folder in folders for path in folder.iterdir() if path.is_file()]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files + found))).hexdigest()
