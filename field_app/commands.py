"""The flask commands. Each ends with status 0 or 1, and says on standard error what is wrong."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from pysqlite3 import dbapi2 as sqlite3
from sqlite_utils import Database

from field_app import (
    analysts,
    auth,
    backups,
    books,
    demonstration,
    doctor,
    fold,
    numbers,
    rescue,
    team,
    verify,
    week_files,
)
from field_app.backups import BackupTrouble
from field_app.database import (
    FILE_NAME,
    DatabaseTrouble,
    connect,
    one_row,
    path_of,
    setting,
    writing,
)
from field_app.notebook import NotWritten
from field_app.rescue import RescueTrouble
from field_app.times import Week, now


class Command(click.Command):
    """A command whose every failure is one sentence and status 1."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        try:
            return super().make_context(*args, **kwargs)
        except click.UsageError as error:
            error.show()
            raise click.exceptions.Exit(1) from error

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except sqlite3.DatabaseError as error:
            raise click.ClickException(
                f"The central file cannot be used: {error}. "
                "If this stays so, restore a backup (docs/deployment.md)."
            ) from error
        except (DatabaseTrouble, BackupTrouble, RescueTrouble, OSError) as error:
            raise click.ClickException(str(error)) from error


@contextmanager
def _central_file() -> Iterator[Database]:
    db = connect(path_of(current_app), current_app.config["BUSY_SECONDS"])
    with closing(db.conn):
        yield db


def _instance() -> Path:
    return Path(current_app.config["INSTANCE"])


class _Bars:
    """A progress bar on standard error for one thing after another, where a person is watching."""

    def __init__(self) -> None:
        self.what = ""
        self.bar: Any = None

    def __call__(self, what: str, done: int, all_: int) -> None:
        if what != self.what:
            self.end()
            shown = sys.stderr.isatty()
            bar = click.progressbar(length=all_, label=what, file=sys.stderr, hidden=not shown)
            self.what, self.bar = what, bar.__enter__()
        if self.bar:
            self.bar.update(done - self.bar.pos)

    def end(self) -> None:
        if self.bar:
            self.bar.__exit__(None, None, None)
        self.what, self.bar = "", None


@contextmanager
def _bars() -> Iterator[_Bars]:
    bars = _Bars()
    try:
        yield bars
    finally:
        bars.end()


def _password(from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(password) < auth.SHORTEST_PASSWORD:
        raise click.ClickException(auth.TOO_SHORT)
    return str(password)


def _add(db: Database, username: str, name: str, role: str, password: str) -> None:
    """Add somebody who may sign in, inside the caller's transaction."""
    officer = str(uuid4())
    said = {"name": name.strip(), "username": username, "role": team.code_of(role)}
    try:
        team.keep(db, team.keeper(db) or officer, officer, said, None, now())
    except NotWritten as error:
        raise click.ClickException(str(error)) from error
    team.give_password(db, officer, password)


_password_stdin = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from the first line of standard input instead of asking.",
)


@click.command("init", cls=Command)
@click.option(
    "--administrator",
    metavar="USERNAME",
    prompt="Username of the administrator",
    help="Who may do all.",
)
@click.option("--name", prompt="Name of the administrator", help="The administrator's name.")
@_password_stdin
@with_appcontext
def init(administrator: str, name: str, password_stdin: bool) -> None:
    """Make the central file of a real council, with its administrator and no demonstration data."""
    with _central_file() as db:
        _refuse_officers(db)
        password = _password(password_stdin)
        with writing(db):
            _refuse_officers(db)
            _add(db, administrator, name, auth.ADMINISTRATOR, password)
    click.echo(f"The central file is {path_of(current_app)}.")
    click.echo("Add the officers with: flask --app field_app add-officer")


def _refuse_officers(db: Database) -> None:
    if one_row(db, "SELECT 1 FROM officers"):
        raise click.ClickException(
            f"{path_of(current_app)} has officers already; nothing was changed. "
            "Set FIELDBOOK_INSTANCE to a new folder to begin another central file."
        )


@click.command("add-officer", cls=Command)
@click.argument("username")
@click.option("--name", prompt="Name", help="The name that colleagues see.")
@click.option("--role", type=click.Choice(auth.ROLES), default=auth.OFFICER, show_default=True)
@_password_stdin
@with_appcontext
def add_officer(username: str, name: str, role: str, password_stdin: bool) -> None:
    """Add an officer, a team leader or another administrator, who may then sign in."""
    password = _password(password_stdin)
    with _central_file() as db, writing(db):
        _add(db, username, name, role, password)
    click.echo(f"{name.strip()} may sign in as {username}.")


@click.command("demonstrate", cls=Command)
@click.option("--if-new", is_flag=True, help="Keep the demonstration data that are there already.")
@with_appcontext
def demonstrate(if_new: bool) -> None:
    """Fill a new central file with invented data, and say where Fieldbook is and how to sign in."""
    with _central_file() as db:
        there = setting(db, "demonstration") == "yes"
        if not (there and if_new):
            _refuse_officers(db)
            floors = books.Floors(_instance())
            demonstration.fill(db, demonstration.password(_instance()), now(), floors)
    shared = demonstration.password(_instance())
    address = f"http://{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
    click.echo(f"Fieldbook, with invented data: {address}")
    for role, username in zip(auth.ROLES, ("officer01", "leader1", "admin"), strict=True):
        click.echo(f"  {role:13}  {username:9}  password {shared}")


@click.command("verify", cls=Command)
@with_appcontext
def verify_file() -> None:
    """Check every seal, number, fork, gap, photo, table, book and published week; status 1 when
    something is wrong."""
    with _central_file() as db:
        with _bars() as bars:
            problems = list(verify.verify(db, _instance() / "evidence", bars))
        problems += [*verify.numbers(db), *verify.publications(db), *verify.team(db)]
        if problems:
            _wrong(problems)
        for note in verify.notes(db):
            click.echo(f"note: {note}")
        counted = ("notebooks", "pages", "evidence")
        counts = {
            name: db.conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in counted
        }
    click.echo(
        f"All is well: {counts['pages']:,} pages in {counts['notebooks']:,} notebooks, "
        f"{counts['evidence']:,} photos and signatures."
    )


def _wrong(problems: list[str]) -> None:
    for problem in problems:
        click.echo(problem, err=True)
    raise click.ClickException(
        f"{len(problems)} things are wrong." if problems[1:] else "One thing is wrong."
    )


@click.command("rebuild", cls=Command)
@with_appcontext
def rebuild() -> None:
    """Make the tables anew from the pages."""
    with _central_file() as db, _bars() as bars, writing(db):
        records = fold.fold_all(db, bars)
    click.echo(f"Made the tables anew from the pages of {records:,} records.")


@click.command("export-week", cls=Command)
@click.argument("week")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(week_files.FORMATS)),
    default="csv",
    show_default=True,
    help="csv: the count, as the desk gives it. xlsx and json: every table. open-data: for anybody.",
)
@click.option(
    "--output", type=click.Path(path_type=Path), help="The file to write; else standard output."
)
@click.option(
    "--all",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write every format into this folder instead, each file whole or not at all.",
)
@with_appcontext
def export_week(week: str, format_name: str, output: Path | None, folder: Path | None) -> None:
    """Write the patrol count of WEEK, such as 2026-W47: the numbers of now, and beside them what was
    published last."""
    try:
        wanted = Week.parse(week)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    if output and folder:
        raise click.ClickException("Give --output for one file or --all for a folder, not both.")
    with _central_file() as db:
        made = week_files.make(db, wanted, now())
    smallest = current_app.config["OPEN_DATA_SMALLEST"]
    if folder:
        for path in week_files.write_all(made, smallest, folder):
            click.echo(path)
        return
    data = week_files.FORMATS[format_name].made(made, smallest)
    if output:
        week_files.write_whole({output: data})
    else:
        click.echo(data, nl=False)


@click.command("datasette-metadata", cls=Command)
def datasette_metadata() -> None:
    """Print what Datasette is told of a backup: tables, columns and units, and the counts as queries."""
    click.echo(json.dumps(analysts.metadata(), ensure_ascii=False, indent=2))


@click.command("backup", cls=Command)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder in which the backup's own folder is made; else backups/ of the instance.",
)
@with_appcontext
def backup(output: Path | None) -> None:
    """Copy the central file and its evidence while the server runs, and prove the copy.

    Only a backup that verifies counts: then phones may forget what it holds.
    """
    folder = (output or _instance() / "backups").absolute()
    with _bars() as bars:
        made = backups.make_backup(_instance(), folder, now(), bars)
    if made.problems:
        click.echo(f"{made.folder} is kept to be looked at, but is not a backup:", err=True)
        _wrong(made.problems)
    click.echo(f"Backed up and verified: {made.folder}")


@click.command("restore", cls=Command)
@click.argument("backup", type=click.Path(path_type=Path))
@with_appcontext
def restore(backup: Path) -> None:
    """Put BACKUP, a folder or the name of one in backups/, in the place of the central file.

    Stop the server first. The present file is kept aside, and phones offer all they have again.
    """
    named = _instance() / "backups" / backup
    chosen = named if (named / FILE_NAME).is_file() else backup
    with _bars() as bars:
        done = backups.restore(_instance(), chosen.absolute(), now(), bars)
    click.echo(f"Restored {chosen}. The file that was there is kept in {done.aside}.")
    for note in done.notes:
        click.echo(f"note: {note}")
    click.echo("Start the server. Every phone offers what it still has when it next sends.")
    if done.problems:
        click.echo("The backup is in place, but not sound:", err=True)
        _wrong(done.problems)


@click.command("import-rescue", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def import_rescue(file: Path) -> None:
    """Take in the pages of FILE, handed in because the phone cannot send them.

    The pages go the same way as a phone's post: importing twice is the same as once.
    """
    try:
        sent = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{file} is not JSON; nothing was taken in.") from error
    with _central_file() as db:
        states = rescue.take_in(db, sent, now())
    said = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    click.echo(f"{states.total()} pages: {said or 'none'}.")


@click.command("books", cls=Command)
@click.option("--number", metavar="NUMBER", help="Say what became of this one number.")
@with_appcontext
def books_lent(number: str | None) -> None:
    """Give the account of the notice numbers lent to notebooks."""
    with _central_file() as db:
        account = books.account(db) if number is None else [_book_of(db, number)]
        twice = books.borne_twice(db) if number is None else {}
    for book in account:
        click.echo(books.sentence(book))
    for one, records in twice.items():
        click.echo(books.borne_twice_sentence(one, records))
    if not account:
        click.echo("No numbers are lent.")


def _book_of(db: Database, typed: str) -> dict[str, Any]:
    """Say what became of a number; its book in the account."""
    try:
        number = numbers.read(typed)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    fate, book = books.fate(db, number)
    if fate:
        click.echo(books.fate_sentence(fate))
    if not book:
        raise click.ClickException(f"{numbers.shown(number)} was never lent.")
    return book


@click.command("doctor", cls=Command)
@with_appcontext
def examine() -> None:
    """Say what whoever runs the server should attend to; status 1 when there is something."""
    with _central_file() as db:
        findings = list(doctor.examine(current_app, db, now()))
    for finding in findings:
        click.echo(
            f"attend  {finding.about}. {finding.to_do}"
            if finding.to_do
            else f"ok      {finding.about}"
        )
    to_do = sum(bool(finding.to_do) for finding in findings)
    if to_do:
        raise click.ClickException(f"{to_do} of {len(findings)} need attending to.")


COMMANDS = (
    init,
    add_officer,
    demonstrate,
    verify_file,
    rebuild,
    export_week,
    datasette_metadata,
    backup,
    restore,
    import_rescue,
    books_lent,
    examine,
)


def register(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
