"""What every kind of record has: its name, its table, its fields, and one way of being checked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, cast

from wtforms import Form

from field_app import rules
from field_app.fields import Declared, JsonSchema, not_given


@dataclass(frozen=True)
class Problem:
    """A rule that a page breaks: the field it is about ("" for the page), a sentence, the rule."""

    field: str
    message: str
    rule: str


@dataclass(frozen=True)
class Reading:
    """A body as its declaration reads it: columns of the table (None where wrong), and problems."""

    columns: dict[str, Any]
    problems: list[Problem]


DEEPEST = 64
"""Deeper bodies cannot be read. Python's own limit would depend on who calls, and a rebuild on luck."""


class Record(Form):
    """A kind of record. Subclasses declare its fields."""

    kind: ClassVar[str]
    title: ClassVar[str]
    table: ClassVar[str | None] = None
    gated: ClassVar[bool] = False
    """Whether the catalogue's gates are asked too; see rules.py."""
    written_at: datetime
    begins: ClassVar[bool] = True
    """Whether such a page begins a record; otherwise it is about one that another page began."""
    at_desk: ClassVar[bool] = False
    """Whether only the desk writes such pages."""
    only_for: ClassVar[tuple[str, ...]] = ()
    """The kinds of record such a page may be about; none: every kind of its table."""
    after: ClassVar[str | None] = None
    """The kind of page about the same record that comes before such a page."""
    by_another: ClassVar[bool] = False
    """Whether another person than the one who wrote that page writes this one."""
    sets_aside: ClassVar[tuple[str, ...]] = ()
    """What earlier pages said that no longer stands once such a page has come."""
    lasting: ClassVar[str] = ""
    """Why no later page changes such a record; empty where one may."""
    of_another: ClassVar[bool] = False
    """Whether the record has to be another person's than who writes such a page."""
    whole: ClassVar[bool] = False
    """Whether each page says all of the record, as it stands from then on: what an administrator keeps.
    Whoever wrote the page before, anybody at the desk writes the next one."""
    for_administrators: ClassVar[bool] = False
    """Whether only administrators read such a record at the desk."""
    by_author: ClassVar[bool] = False
    """Whether only who began the record writes such a page, at the desk too."""

    def __iter__(self) -> Iterator[Declared]:
        return cast(Iterator[Declared], super().__iter__())

    @classmethod
    def forms(cls) -> list[type[Record]]:
        """The forms this kind may take; one, unless a field of the body decides."""
        return [cls]

    @classmethod
    def form_for(cls, _body: dict[str, Any]) -> type[Record]:
        """The form that reads this body."""
        return cls

    @classmethod
    @cache
    def fields(cls) -> list[Declared]:
        """The declared fields, in order."""
        return list(cls())

    @classmethod
    @cache
    def columns(cls) -> dict[str, Declared]:
        """Every column this kind fills, over all its forms."""
        return {field.name: field for form in cls.forms() for field in form.fields()}


class _Body:
    """A JSON body, as WTForms asks for form data."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def __contains__(self, name: str) -> bool:
        return not not_given(self.values.get(name))

    def __len__(self) -> int:
        return 1  # WTForms takes an empty one for a form that was never sent

    def getlist(self, name: str) -> list[Any]:
        return [self.values[name]] if name in self else []


def body_of(text: str) -> dict[str, Any] | None:
    """The JSON object that a page's body says, or None when it says none."""
    try:
        body = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) and _depth(body) <= DEEPEST else None


def _depth(body: Any) -> int:
    """How deep lists and objects lie in each other."""
    level, depth = [body], 0
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [
            inner for one in level for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return depth


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


class _Forms(threading.local):
    """A form of each kind, to be used again: making one takes as long as reading a body with it."""

    def __init__(self) -> None:
        self.made: dict[type[Record], Record] = {}

    def of(self, kind: type[Record]) -> Record:
        if kind not in self.made:
            self.made[kind] = kind()
        return self.made[kind]


_forms = _Forms()


def check(kind: type[Record], body: dict[str, Any], written_at: datetime) -> Reading:
    """Read a body, written at a moment by the phone's clock, with its declaration.

    Unknown fields are ignored.
    """
    form = _forms.of(kind.form_for(body))
    form.written_at = written_at
    form.process(cast(Any, _Body(body)))
    form.validate()
    problems = [
        Problem(field.name, str(sentence), field.rule(str(sentence)))
        for field in form
        for sentence in field.errors[:1]
    ]
    if kind.gated:
        problems += _shut_gates(form, body, {problem.field for problem in problems})
    columns = {field.name: None if field.errors else field.column() for field in form}
    return Reading(columns, problems)


def _shut_gates(form: Record, body: dict[str, Any], wrong: set[str]) -> list[Problem]:
    """Gates see what can be read; about a field that is wrong already they say nothing."""
    said = {
        field.name: None if field.data is None or field.name in wrong else body[field.name]
        for field in form
    }
    shut = rules.shut(form.kind, said)
    return [Problem(one.field, one.sentence, one.code) for one in shut if one.field not in wrong]


def json_schema(form: type[Record]) -> JsonSchema:
    """The JSON Schema of the bodies one form reads."""
    fields = form.fields()
    schema: JsonSchema = {
        "title": form.title,
        "type": "object",
        "required": [field.name for field in fields if field.required],
        "properties": {field.name: _described(field) for field in fields},
    }
    either = [
        {"anyOf": [_answered(field), {"required": [field.required_unless]}]}
        for field in fields
        if field.required_unless
    ]
    return schema | ({"allOf": either} if either else {})


def _described(field: Declared) -> JsonSchema:
    said = [field.label.text, field.description]
    if field.flags.not_before:
        said.append(f"Not before {field.flags.not_before}.")
    if field.flags.past:
        said.append("Not after the page’s written_at.")
    answer = _some_answer(field) if field.required else {}
    return field.schema() | answer | {"description": " – ".join(filter(None, said))}


def _answered(field: Declared) -> JsonSchema:
    return {"required": [field.name], "properties": {field.name: _some_answer(field)}}


def _some_answer(field: Declared) -> JsonSchema:
    """What rules out the values that count as no answer."""
    schema = field.schema()
    if schema["type"] == "array":
        return {"minItems": 1}
    free = schema["type"] == "string" and not schema.keys() & {"enum", "pattern"}
    return {"pattern": r"\S"} if free else {}
