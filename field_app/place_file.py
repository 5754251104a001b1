"""The register of places as a CSV file: written, and read again with what would change.

A cell that says what stands changes nothing, so a file that was exported and is read unchanged writes
nothing. A column that is not there leaves what stands; an empty cell takes it out.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from field_app import catalogue
from field_app.csv_file import TOO_LONG, BadFile, Limits, Table, trimmed
from field_app.desk_forms import read_number
from field_app.exports import harmless
from field_app.fields import Choice, Declared, Number, YesNo, clean, not_given
from field_app.places import Body, Others, name_and_ward, wrong_position
from field_app.records import Problem, check
from field_app.records.place import Place
from field_app.registers import Change, Standing
from field_app.times import london

LIMITS = Limits("places", most_bytes=3_000_000, most_lines=10_000)
ID = "Id"
LABELS = {one.name: one.label.text for one in Place.fields()}
HEADINGS = (ID, *LABELS.values())
YES, NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")


def export(standing: Mapping[str, Standing]) -> str:
    """Every place, by name. The mark at the beginning tells spreadsheets that it is UTF-8."""
    text = io.StringIO()
    text.write("\ufeff")
    table = csv.writer(text)
    table.writerow(HEADINGS)
    by_name = sorted(standing.items(), key=lambda one: (name_and_ward(one[1].body)[0], one[0]))
    for record, one in by_name:
        table.writerow([record, *(_cell(its, one.body.get(its.name)) for its in Place.fields())])
    return text.getvalue()


def shown(its: Declared, value: Any) -> str:
    """A value in words: a label, a number, Yes; nothing for what is not given."""
    if not_given(value):
        return ""
    if isinstance(its, YesNo):
        return "Yes"
    return catalogue.label(its.of, value) if isinstance(its, Choice) else clean(str(value))


def _cell(its: Declared, value: Any) -> str:
    text = shown(its, value)
    return text if isinstance(its, Number) else str(harmless(text))


@dataclass(frozen=True)
class Line:
    """What one line of a file says of a place. `record` is None for a new one."""

    line: int
    record: str | None
    before: Standing
    body: Body
    problems: list[Problem]
    doubts: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        """ "wrong", "new", "changed" or "unchanged"."""
        if self.problems:
            return "wrong"
        if self.record is None:
            return "new"
        return "unchanged" if self.body == self.before.body else "changed"

    @property
    def name(self) -> str:
        return clean(str(self.body.get("name") or self.before.body.get("name") or ""))

    def differences(self) -> list[tuple[str, str, str]]:
        """The label, what stands, and what would stand, of each field that would change."""
        return [
            (its.label.text, shown(its, before), shown(its, after))
            for its in Place.fields()
            if (before := self.before.body.get(its.name)) != (after := self.body.get(its.name))
        ]


@dataclass(frozen=True)
class Plan:
    """What would become of each line; the headings that say nothing here; how many places that are in
    use have no line."""

    lines: list[Line]
    ignored: list[str]
    absent: int

    @cached_property
    def by_state(self) -> dict[str, list[Line]]:
        sorted_out: dict[str, list[Line]] = {
            state: [] for state in ("wrong", "new", "changed", "unchanged")
        }
        for line in self.lines:
            sorted_out[line.state].append(line)
        return sorted_out

    @property
    def written(self) -> list[Line]:
        """The lines that would be written."""
        return [*self.by_state["new"], *self.by_state["changed"]]

    @cached_property
    def doubtful(self) -> list[Line]:
        return [line for line in self.written if line.doubts]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that would be written, and over what."""
        said = [[line.line, line.record, line.before.seal, line.body] for line in self.written]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    def changes(self, form: str) -> list[Change]:
        """What is written. A new place's id is made from the form's own and its line, so that a form
        that is sent twice writes it once."""
        return [
            Change(
                line.record or str(uuid.uuid5(uuid.UUID(form), str(line.line))),
                line.body,
                line.before.seal,
            )
            for line in self.written
        ]


def plan(table: Table, standing: Mapping[str, Standing], now: datetime) -> Plan:
    """What a file would do to the register as it stands. BadFile when its headings do not say of which
    places it speaks."""
    reading = _Reading(table, standing, now)
    lines = [reading.read(number, cells) for number, cells in table.lines]
    named = {line.record for line in lines}
    absent = [one for one in standing if one not in named and not standing[one].body.get("retired")]
    used = set(reading.columns.values())
    ignored = [heading for heading in table.headings if heading not in used]
    return Plan(_with_doubts(lines, standing), ignored, len(absent))


def _with_doubts(lines: list[Line], standing: Mapping[str, Standing]) -> list[Line]:
    """The lines, each with what is to be looked at, beside all that would stand then."""
    sound = [line for line in lines if not line.problems]
    bodies = {record: one.body for record, one in standing.items()}
    others = Others(bodies | {_key(line): line.body for line in sound})
    for line in sound:
        found = others.doubts(_key(line), line.before.body, line.body)
        line.doubts.extend(one.text for one in found)
    return lines


def _key(line: Line) -> str:
    return line.record or f"line {line.line}"


class _Reading:
    """A file while it is read: its columns, and the lines that have spoken for a place."""

    def __init__(self, table: Table, standing: Mapping[str, Standing], now: datetime) -> None:
        self.standing, self.now = standing, now
        self.columns, self.too_long = _columns(table.headings), table.too_long
        if "id" not in self.columns and not {"name", "ward"} <= self.columns.keys():
            said = ", ".join(table.headings[:8])
            raise BadFile(
                "The first line needs the headings Name and Ward, or Id, so that it is clear which "
                f"places are meant. It says: {said}."
            )
        self.choices = {one.name: _choices(one, london(now).date()) for one in _chosen()}
        self.by_name: dict[tuple[str, Any], list[str]] = defaultdict(list)
        for record, one in standing.items():
            self.by_name[name_and_ward(one.body)].append(record)
        self.spoken_for: dict[Any, int] = {}

    def read(self, line: int, cells: dict[str, str]) -> Line:
        said = {name: cells[heading] for name, heading in self.columns.items()}
        record, problems = self._which(said)
        if line in self.too_long:
            problems.append(Problem("", TOO_LONG, "cells"))
        before = self.standing.get(record or "", Standing({}, None))
        body: Body = {name: one for name, one in before.body.items() if name not in LABELS}
        for its in Place.fields():
            value, sentence = self._value(its, said.get(its.name), before.body.get(its.name))
            if not not_given(value):
                body[its.name] = value
            if sentence:
                problems.append(Problem(its.name, sentence, "choice"))
        wrong = {one.field for one in problems}
        problems += [one for one in self._wrong(body) if one.field not in wrong]
        problems += self._twice(line, record, body)
        return Line(line, record, before, body, problems)

    def _which(self, said: dict[str, str]) -> tuple[str | None, list[Problem]]:
        """Which place of the register a line is about: by its id, or else by its name and ward."""
        if record := said.get("id", "").lower():
            known = record in self.standing
            problem = Problem("id", f"No place of the register has the id “{_short(record)}”", "id")
            return (record, []) if known else (None, [problem])
        ward = self.choices["ward"].get(_plain(said.get("ward", "")))
        name = {"name": _unquoted(said.get("name", "")), "ward": ward}
        found = self.by_name.get(name_and_ward(name), []) if ward else []
        if len(found) > 1:
            many = f"{len(found)} places of the register have this name in this ward: add the id"
            return None, [Problem("name", many, "several")]
        return (found[0] if found else None), []

    def _value(self, its: Declared, cell: str | None, stands: Any) -> tuple[Any, str | None]:
        """What a cell says, and what is wrong with it that the declaration could not tell."""
        if cell is None or cell == trimmed(_cell(its, stands)):
            return stands, None
        text = _unquoted(cell)
        if isinstance(its, Choice) and text:
            code = self.choices[its.name].get(_plain(text))
            return code, None if code else f"“{_short(text)}” is not in the list"
        if isinstance(its, YesNo) and text:
            known = text.casefold() in (*YES, *NO)
            return text.casefold() in YES, None if known else "Write Yes, or leave it empty"
        return (read_number(text) if isinstance(its, Number) else text), None

    def _wrong(self, body: Body) -> Iterator[Problem]:
        position = wrong_position(body)
        about_it = {"latitude", "longitude"} if position else set()
        yield from position
        for one in check(Place, body, self.now).problems:
            if one.field not in about_it:
                yield one

    def _twice(self, line: int, record: str | None, body: Body) -> list[Problem]:
        first = self.spoken_for.setdefault(record or name_and_ward(body), line)
        if first == line:
            return []
        return [
            Problem("id" if record else "name", f"Line {first} is about this place too", "twice")
        ]


def _columns(headings: list[str]) -> dict[str, str]:
    """The file's heading for the id and each field that it has, by label or by name."""
    names = {"id": "id"} | {_plain(text): name for name, text in LABELS.items()}
    names |= {_plain(name): name for name in LABELS}
    columns: dict[str, str] = {}
    for heading in headings:
        if name := names.get(_plain(heading)):
            columns.setdefault(name, heading)
    return columns


def _chosen() -> list[Choice]:
    return [one for one in Place.fields() if isinstance(one, Choice)]


def _choices(its: Choice, today: date) -> dict[str, str]:
    """The codes by themselves and by their labels; of two with one label, the one in force."""
    entries = sorted(catalogue.entries(its.of), key=lambda one: one.in_force(today))
    return {_plain(text): one.code for one in entries for text in (one.label, one.code)}


def _plain(text: str) -> str:
    """Words without case and marks: "King’s Cross", "kings cross"."""
    return " ".join(re.sub(r"['’‘`]", "", text.casefold()).replace("_", " ").split())


def _unquoted(cell: str) -> str:
    """The cell without the mark that keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if re.match(r"'[=+\-@]", cell) else cell


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
