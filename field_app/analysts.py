"""What Datasette is told of a backup: tables, columns, and the counts as queries, from the declarations.

Made by `flask --app field_app datasette-metadata`. Datasette serves a backup, never the live file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from field_app.breakdowns import BREAKDOWNS, Breakdown
from field_app.counts import COUNTED_BETWEEN
from field_app.dictionary import value_of
from field_app.fields import Declared, Metres, Pence
from field_app.fold import COMMON, columns_of
from field_app.labels import london_midnight, london_time
from field_app.records import KINDS

DATABASE = "fieldbook"
"""As Datasette calls a file that is named fieldbook.sqlite3."""

SHOWN = ("shifts", "patrols", "spoiled", "places", "published_weeks")
"""The tables that are shown, with their views in words: what is counted. Datasette shows every table that it
is not told to hide, so the file is closed and these are opened. Who had a notice, what they paid, what the
team's people may do, and the pages themselves, which say all of that, are for the desk; notices are counted
by the queries."""

_COMMON = {
    "record": "The record’s id",
    "kind": "The kind of page that began it",
    "notebook": "The notebook that has its first page",
    "page": "The number of its first page there",
    "officer": "Whose record it is",
    "state": "accepted, held, or entered in error; only what is accepted counts",
    "amendments": "How many amendments were taken",
    "written_at": "When its first page was written, by the phone’s clock",
    "received_at": "When its first page was received",
    "clock_offset_s": "How far that phone’s clock was behind ours when it sent the page",
}
_UNITS = {"clock_offset_s": "s"}


def metadata() -> dict[str, Any]:
    """The metadata of Datasette 0.65: what tables and columns are, their units, and the counts as queries."""
    shown = {name: _table(name, "codes, ids and UTC") for name in SHOWN}
    shown |= {f"{name}_in_words": _table(name, "labels, names and London time") for name in SHOWN}
    choices = {"description": "Every code with its label and days.", "allow": True}
    tables = shown | {"choices": choices}
    queries = {code: _query(one) for code, one in BREAKDOWNS.items()}
    return {
        "title": "Fieldbook",
        "description_html": "<p>A backup of the central file, for reading. The counts are the desk’s own "
        f"queries.</p>{_links(queries)}<p>Tables, and the same in words:</p>{_links(tables)}",
        "databases": {
            DATABASE: {"allow": False, "allow_sql": False, "tables": tables, "queries": queries}
        },
    }


def _links(to: Iterable[str]) -> str:
    """Datasette lists nothing of a file that is closed: so the first page does."""
    items = (f'<li><a href="{DATABASE}/{name}">{name}</a></li>' for name in to)
    return f"<ul>{''.join(items)}</ul>"


def _table(name: str, values: str) -> dict[str, Any]:
    kinds = [kind for kind in KINDS.values() if kind.table == name]
    said = " ".join((kind.__doc__ or "").splitlines()[0] for kind in kinds if kind.begins)
    columns = {column: _COMMON[column] for column in COMMON}
    columns |= {column: _column(field) for column, field in columns_of(name).items()}
    units = {column: _UNITS[column] for column in COMMON if column in _UNITS}
    units |= {
        column: "m" for column, field in columns_of(name).items() if isinstance(field, Metres)
    }
    said = f"{said} With {values}."
    return {"description": said, "columns": columns, "units": units, "allow": True}


def _column(field: Declared) -> str:
    return f"{field.label.text} ({'pence' if isinstance(field, Pence) else value_of(field)})"


_NOW = london_time("strftime('%Y-%m-%dT%H:%M:%fZ', 'now')")
_TODAY = f"date({_NOW})"
_FIRST = f"coalesce(nullif(:from, ''), date({_NOW}, 'weekday 0', '-13 days'))"
_LAST = f"coalesce(nullif(:to, ''), date({_NOW}, 'weekday 0', '-7 days'))"
_ASKED = f"""WITH asked AS MATERIALIZED (
  SELECT first, last, {london_midnight("first")} AS begins,
    {london_midnight("date(last, '+1 day')")} AS ends
  FROM (SELECT {_FIRST} AS first, {_LAST} AS last))"""


def _query(one: Breakdown) -> dict[str, Any]:
    """The SQL of a breakdown, by London days in the place of moments."""
    sql = one.sql.replace("{counted}", COUNTED_BETWEEN).replace(":today", _TODAY)
    for name in ("begins", "ends", "first", "last"):
        sql = sql.replace(f":{name}", f"(SELECT {name} FROM asked)")
    names = [column.name for column in (*one.keys, *one.measures)]
    label = "label"
    if one.labels:
        found = f"(SELECT label FROM choices WHERE list = '{one.choices}' AND choices.code = counted.code)"
        label = f"coalesce({found}, code)" if one.choices else "code"
    said = f"coalesce(code, 'all') AS code, coalesce({label}, 'All') AS label, {', '.join(names)}"
    numbers = ", ".join(
        f"{column.heading}: {column.about}" + (f" ({column.unit})" if column.unit else "")
        for column in one.measures
    )
    return {
        "title": one.title,
        "allow": True,
        "description": f"{one.about} {numbers}. From and to are London days such as 2026-11-16, both of them "
        "among those that are counted; without them it is the week that ended last.",
        "params": ["from", "to"],
        "sql": f"{_ASKED}\nSELECT {said} FROM ({sql.strip()}) AS counted",
    }
