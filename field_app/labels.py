"""The central file in words, for whoever reads a backup with the sqlite3 shell or Datasette.

`choices` has every code with its label and the days on which it is in force; each folded table has a
view beside it, `patrols_in_words`, with the same columns: labels for codes, names for ids, and London
time to the minute. Made anew with the folded tables, from the same declarations.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlite_utils import Database

from field_app import catalogue
from field_app.database import insert
from field_app.fields import Choice, Choices, Colleagues, Declared, Moment, Reference, YesNo
from field_app.fold import COMMON, DECLARED, columns_of


def make(db: Database) -> None:
    """Make the list of choices and the views, inside the caller's transaction."""
    db.conn.execute("DROP TABLE IF EXISTS choices")
    db.table("choices").create(
        {"list": str, "code": str, "label": str, "starts": str, "ends": str},
        pk=("list", "code"),
        not_null={"label"},
    )
    list_choices(db)
    for table in DECLARED:
        db.conn.execute(_view(table))


def list_choices(db: Database) -> None:
    """List every code anew, after the catalogue was changed."""
    db.conn.execute("DELETE FROM choices")
    for name in catalogue.names():
        for entry in catalogue.entries(name):
            days = {"starts": entry.starts, "ends": entry.ends}
            row = {"list": name, "code": entry.code, "label": entry.label}
            insert(db, "choices", row | {which: day and str(day) for which, day in days.items()})


def drop_views(db: Database) -> None:
    for table in DECLARED:
        db.conn.execute(f"DROP VIEW IF EXISTS {table}_in_words")


def _view(table: str) -> str:
    said = {
        **dict.fromkeys(COMMON, _as_kept),
        "officer": _officer,
        "written_at": london_time,
        "received_at": london_time,
        **{name: _how(field) for name, field in columns_of(table).items()},
    }
    columns = ", ".join(f'{how(f"{table}.{name}")} AS "{name}"' for name, how in said.items())
    return f"CREATE VIEW {table}_in_words AS SELECT {columns} FROM {table}"


def _how(field: Declared) -> Callable[[str], str]:
    if isinstance(field, Choice):
        of = field.of
        if isinstance(field, Choices):
            return lambda column: _each(column, lambda code: _label(of, code))
        return lambda column: _label(of, column)
    if isinstance(field, Colleagues):
        return lambda column: _each(column, _officer)
    if field.name in ("granted_to", "signed_by", "invited", "holder", "withdrawn_by"):
        return _officer
    if isinstance(field, Reference) and field.name == "place":
        return lambda column: _found("name", "places", "record", column)
    kinds = {Moment: london_time, YesNo: lambda column: f"iif({column}, 'yes', 'no')"}
    return kinds.get(type(field), _as_kept)


def _as_kept(column: str) -> str:
    return column


def _officer(column: str) -> str:
    return _found("name", "officers", "id", column)


def _found(name: str, table: str, key: str, column: str) -> str:
    return f"coalesce((SELECT {name} FROM {table} WHERE {key} = {column}), {column})"


def _label(of: str, column: str) -> str:
    label = f"SELECT label FROM choices WHERE list = '{of}' AND code = {column}"
    return f"coalesce(({label}), {column})"


def _each(column: str, how: Callable[[str], str]) -> str:
    """What a JSON list says, in its order."""
    return f"(SELECT group_concat({how('json_each.value')}, ', ') FROM json_each({column}))"


def london_time(column: str) -> str:
    """London time: an hour ahead of UTC from 01:00 on March's last Sunday to 01:00 on October's."""
    begins, ends = (
        f"date(substr({column}, 1, 4) || '-{month}-25', 'weekday 0') || 'T01'"
        for month in ("03", "10")
    )
    ahead = f"iif({column} >= {begins} AND {column} < {ends}, '+1 hour', '+0 hours')"
    return f"strftime('%Y-%m-%d %H:%M', {column}, {ahead})"


def london_midnight(day: str) -> str:
    """The moment, UTC, at which a London day begins. Clocks change at one in the morning: the Sunday on
    which they go forward begins by winter's time, that on which they go back by summer's."""
    march, october = (
        f"date(substr({day}, 1, 4) || '-{month}-25', 'weekday 0')" for month in ("03", "10")
    )
    ahead = f"iif({day} > {march} AND {day} <= {october}, '-1 hour', '+0 hours')"
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {day}, {ahead})"
