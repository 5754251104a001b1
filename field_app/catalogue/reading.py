"""How a catalogue file is read: strictly, each field as its type says, refused with its place.

A type carries its reader: `Code` is a string that `_code` has read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

_CODE = r"[a-z0-9]+(-[a-z0-9]+)*|E05\d{6}"
"""kebab-case ASCII, or the code of a ward as the Office for National Statistics writes it."""

Reader = Callable[[Any], Any]


class CatalogueError(Exception):
    """A catalogue file cannot be used; the sentence names the file and the entry."""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be words")
    return value


def _code(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(_CODE, value, re.ASCII):
        raise ValueError("must be lower-case words joined by hyphens")
    return value


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(_text(value))
    except ValueError as error:
        raise ValueError("must be a day like 2026-11-22") from error


def _codes(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of codes")
    return tuple(_code(each) for each in value)


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _whole_number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("must be a whole number from 1")
    return value


def one_of(*choices: str) -> Reader:
    """The reader of a field that has one of these values."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value

    return read


def some_of(*choices: str) -> Reader:
    """The reader of a list of one or more of these values."""

    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or not set(map(str, value)) <= set(choices):
            raise ValueError(f"must be a list of {', '.join(choices)}")
        return tuple(value)

    return read


Code = Annotated[str, _code]
Codes = Annotated[tuple[str, ...], _codes]
Day = Annotated[date, _day]
Number = Annotated[int, _whole_number]
"""A whole number from 1: days, months, or pence."""

_PLAIN: dict[Any, Reader] = {str: _text, bool: _yes_no}


@dataclass(frozen=True, kw_only=True)
class Item:
    """A code and what it says."""

    code: Code
    label: str


@dataclass(frozen=True, kw_only=True)
class Entry(Item):
    """One choice of a list, in force from `starts` to `ends`, both days included."""

    starts: Day | None = None
    ends: Day | None = None

    def in_force(self, on: date) -> bool:
        return (self.starts or on) <= on <= (self.ends or on)

    def follows(self, other: Entry) -> bool:
        """Whether it begins when the other has ended: a later edition of the same."""
        return other.ends is not None and self.starts is not None and other.ends < self.starts


@dataclass(frozen=True, kw_only=True)
class Fact(Entry):
    """What somebody has to confirm before it is relied on, and where it was read.

    `sure`: S = read in the primary text, S2 = in a secondary one, K = general knowledge, OPEN = not
    found. Only an S may be `confirmed`.
    """

    confirmed: bool
    sure: Annotated[str, one_of("S", "S2", "K", "OPEN")]
    source: str


AnItem = TypeVar("AnItem", bound=Item)


def read_list(kind: type[AnItem], file: Path, *, editions: bool = False) -> tuple[AnItem, ...]:
    """The file's entries; CatalogueError when one is malformed. With `editions` a code may stand in
    several, each of which begins when the one before has ended."""
    return items(kind, content(file, "entries", list), file.name, editions=editions)


def content(file: Path, name: str, kind: type[Any]) -> Any:
    """What stands in a file under a name, beside its source."""
    try:
        whole = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{file.name} cannot be read: {error}.") from error
    if not isinstance(whole, dict) or not isinstance(whole.get(name), kind):
        raise CatalogueError(f'{file.name}: there is no "{name}".')
    if not isinstance(whole.get("source"), str) or not whole["source"].strip():
        raise CatalogueError(f"{file.name}: it does not say its source.")
    return whole[name]


def items(
    kind: type[AnItem], rows: Any, where: str, *, editions: bool = False
) -> tuple[AnItem, ...]:
    """The rows read as one kind of item, each with its own code; or with `editions`, as `read_list`."""
    if not isinstance(rows, list) or not rows:
        raise CatalogueError(f"{where}: it is not a list with entries.")
    found: list[AnItem] = []
    last: dict[str, AnItem] = {}
    for number, row in enumerate(rows, start=1):
        place = f"{where}, entry {number}"
        item = _item(kind, row, place)
        if item.code in last and not (editions and _follows(item, last[item.code])):
            raise CatalogueError(f"{place}: the code {item.code} is there twice.")
        last[item.code] = item
        found.append(item)
    return tuple(found)


def _follows(item: Item, other: Item) -> bool:
    return isinstance(item, Entry) and isinstance(other, Entry) and item.follows(other)


def _item(kind: type[AnItem], row: Any, place: str) -> AnItem:
    if not isinstance(row, dict):
        raise CatalogueError(f"{place}: it is not an object.")
    place = f"{place} ({row.get('code', 'no code')})"
    known = {field.name: field for field in fields(kind)}
    for name in row.keys() - known.keys():
        raise CatalogueError(f"{place}: nothing reads {name!r}.")
    for name in [name for name, field in known.items() if field.default is MISSING]:
        if name not in row:
            raise CatalogueError(f"{place}: {name} is missing.")
    how = get_type_hints(kind, include_extras=True)
    item = kind(**{name: _value(how[name], name, value, place) for name, value in row.items()})
    _check(item, place)
    return item


def _check(item: Item, place: str) -> None:
    if isinstance(item, Entry) and item.starts and item.ends and item.ends < item.starts:
        raise CatalogueError(f"{place}: it ends before it starts.")
    if isinstance(item, Fact) and item.confirmed and item.sure != "S":
        raise CatalogueError(f"{place}: what is {item.sure} cannot be confirmed.")


def _value(how: Any, name: str, value: Any, place: str) -> Any:
    """A JSON value, read as its field's type says."""
    of = get_args(how)
    if get_origin(how) in (Union, UnionType):
        return None if value is None else _value(of[0], name, value, place)
    if get_origin(how) is tuple:
        return items(of[0], value, f"{place}, {name}")
    reader: Reader = of[1] if get_origin(how) is Annotated else _PLAIN[how]
    try:
        return reader(value)
    except ValueError as error:
        raise CatalogueError(f"{place}: {name} {error}, not {value!r}.") from error
