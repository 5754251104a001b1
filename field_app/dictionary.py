"""The data dictionary: every kind of record and its fields, from the declarations."""

from __future__ import annotations

from collections.abc import Iterator

from field_app import exports
from field_app.breakdowns import BREAKDOWNS, Column
from field_app.fields import Choice, Declared
from field_app.records import KINDS, Amendment, Record

_VALUES = {
    "text": "text",
    "notes": "text of several lines",
    "number": "number",
    "yes-no": "yes, or not said",
    "choice": "one of a list",
    "choices": "any of a list",
    "moment": "moment, UTC",
    "day": "day, London",
    "notice-number": "notice number",
    "points": "words by the point's code",
    "requirements": "list of what to stop, do or achieve",
    "reference": "id",
    "seal": "a page, by its seal",
    "colleagues": "officers' ids",
    "photos": "photos, each by its SHA-256",
    "signature": "a signature, by its SHA-256",
    "references": "records' ids",
    "counted": "patrols by id, and what was counted of each",
    "setting-name": "name of a setting",
    "outlines": "wards by code, each the coordinates of a GeoJSON MultiPolygon",
    "changes": "merge patch (RFC 7396)",
}


def kinds_table() -> str:
    """The kinds, one line each, as a Markdown table."""
    lines = ["| kind of page | what it is | its table | fields |", "|---|---|---|---|"]
    for kind in KINDS.values():
        beside = "changes" if kind is Amendment else "stands beside"
        table = f"`{kind.table}`" if kind.table else f"{beside} the record's row"
        said = (kind.__doc__ or "").splitlines()[0]
        lines.append(f"| `{kind.kind}` | {said} | {table} | {len(kind.columns())} |")
    return "\n".join(lines)


def dictionary() -> str:
    """Every field of every kind, as Markdown."""
    parts = [f"## {kind.kind}\n\n{_fields(kind)}" for kind in KINDS.values()]
    return (
        "# Data dictionary\n\nMade from the declarations in `field_app/records/`. Lists hold codes: their "
        "labels stand in the table `choices`.\n`patrols_in_words` and `shifts_in_words` have the same "
        "columns with labels, names and London time.\n\n" + "\n\n".join([*parts, _exports()]) + "\n"
    )


def _exports() -> str:
    """The columns of a week's count as it leaves Fieldbook."""
    days = exports.WEEK[1:]
    tables = [
        ("count", "Patrols by ward and activity", exports.COUNT),
        *((one.code, one.title, (*days, *one.columns)) for one in BREAKDOWNS.values()),
        ("versions", "Versions that were published", exports.VERSIONS),
        ("open-data", "The open data", exports.OPEN_DATA),
    ]
    parts = [f"### `{code}`: {title}\n\n{_columns(columns)}" for code, title, columns in tables]
    return (
        "## A week’s count as it leaves Fieldbook\n\nEach table is a sheet of the spreadsheet and a table "
        "of the JSON, and has a CSV of its own. The row whose code is\n`all` is all of them.\n\n"
        + "\n\n".join(parts)
        + "\n\n### What patrols are narrowed to\n\nThe CSV of a breakdown of patrols of any days has these "
        "columns after its own.\n\n" + _columns(exports.NARROWED)
    )


def _columns(columns: tuple[Column, ...]) -> str:
    head = "| name | heading | value | what it is |\n|---|---|---|---|\n"
    lines = (
        f"| `{one.name}` | {one.heading} | {one.kind}{f', {one.unit}' * bool(one.unit)} | {one.about} |"
        for one in columns
    )
    return head + "\n".join(lines)


def _fields(kind: type[Record]) -> str:
    head = "| column | heading | value | required | section |\n|---|---|---|---|---|\n"
    return head + "\n".join(_lines(kind))


def _lines(kind: type[Record]) -> Iterator[str]:
    seen: set[str] = set()
    for form in kind.forms():
        for field in form.fields():
            if field.name in seen:
                continue
            seen.add(field.name)
            own = all(field.name in {f.name for f in other.fields()} for other in kind.forms())
            yield _line(field, "" if own else form.title)


def value_of(field: Declared) -> str:
    """What a field's values are, in words."""
    value = _VALUES[field.data_type]
    if isinstance(field, Choice):
        value += f" (`{field.of}`)"
    if field.data_type == "number":
        value += f", {field.flags.min} to {field.flags.max}"
    return value


def _line(field: Declared, section: str) -> str:
    required = "yes" if field.required else ""
    return f"| `{field.name}` | {field.label.text} | {value_of(field)} | {required} | {section} |"
