"""The council's dated lists: activities, wards, kinds of place, and what a form lets one choose.

They stand in the JSON files beside this module, each with its source. A code is never removed:
an entry that is no longer used gets the last day on which it was, as `ends`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

_CODE = r"[a-z0-9]+(-[a-z0-9]+)*|E05\d{6}"
"""kebab-case ASCII, or the code of a ward as the Office for National Statistics writes it."""


class CatalogueError(Exception):
    """A catalogue file cannot be used; the sentence names the file and the entry."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One choice of a list, in force from `starts` to `ends`, both days included."""

    code: str
    label: str
    starts: date | None = None
    ends: date | None = None

    def in_force(self, on: date) -> bool:
        return (self.starts or on) <= on <= (self.ends or on)


@dataclass(frozen=True, kw_only=True)
class Activity(Entry):
    """What a patrol is for; `button` is its short name on the phone."""

    button: str
    place_categories: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Ward(Entry):
    """`confirmed` once its code was checked against the Office for National Statistics."""

    confirmed: bool
    sure: str
    source: str


AnEntry = TypeVar("AnEntry", bound=Entry)


def activities() -> list[Activity]:
    return [entry for entry in _lists()["activities"] if isinstance(entry, Activity)]


def wards() -> list[Ward]:
    return [entry for entry in _lists()["wards"] if isinstance(entry, Ward)]


def entries(list_name: str) -> list[Entry]:
    """Every entry of a list, those of other days too, in the order in which they are offered."""
    if list_name not in _lists():
        raise CatalogueError(
            f"There is no list called {list_name}; there are {', '.join(_lists())}."
        )
    return list(_lists()[list_name])


def names() -> list[str]:
    """The names of all lists."""
    return list(_lists())


def label(list_name: str, code: str) -> str:
    """The words for a code, or the code itself: a held page may say one that no list knows."""
    return next((entry.label for entry in entries(list_name) if entry.code == code), code)


@cache
def _lists() -> Mapping[str, tuple[Entry, ...]]:
    return read(Path(__file__).parent)


def read(folder: Path) -> dict[str, tuple[Entry, ...]]:
    """Every list in the folder's files by its name; CatalogueError when one is malformed."""
    lists: dict[str, tuple[Entry, ...]] = {
        "activities": _read_list(Activity, folder / "activities.json"),
        "wards": _read_list(Ward, folder / "wards.json"),
        "place_categories": _read_list(Entry, folder / "place_categories.json"),
    }
    named = _content(folder / "lists.json", "lists", dict)
    for name, rows in named.items():
        lists[name] = _entries(Entry, rows, f"lists.json, {name}")
    _check_place_categories(lists)
    return lists


def _read_list(kind: type[AnEntry], file: Path) -> tuple[AnEntry, ...]:
    return _entries(kind, _content(file, "entries", list), file.name)


def _content(file: Path, name: str, kind: type[Any]) -> Any:
    try:
        whole = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{file.name} cannot be read: {error}.") from error
    if not isinstance(whole, dict) or not isinstance(whole.get(name), kind):
        raise CatalogueError(f'{file.name}: there is no "{name}".')
    if not isinstance(whole.get("source"), str) or not whole["source"].strip():
        raise CatalogueError(f"{file.name}: it does not say its source.")
    return whole[name]


def _entries(kind: type[AnEntry], rows: Any, where: str) -> tuple[AnEntry, ...]:
    if not isinstance(rows, list) or not rows:
        raise CatalogueError(f"{where}: it is not a list with entries.")
    found: dict[str, AnEntry] = {}
    for number, row in enumerate(rows, start=1):
        place = f"{where}, entry {number}"
        entry = _entry(kind, row, place)
        if entry.code in found:
            raise CatalogueError(f"{place}: the code {entry.code} is there twice.")
        found[entry.code] = entry
    return tuple(found.values())


def _entry(kind: type[AnEntry], row: Any, place: str) -> AnEntry:
    if not isinstance(row, dict):
        raise CatalogueError(f"{place}: it is not an object.")
    place = f"{place} ({row.get('code', 'no code')})"
    known = {field.name: field for field in fields(kind)}
    for name in row.keys() - known.keys():
        raise CatalogueError(f"{place}: nothing reads {name!r}.")
    for name in [name for name, field in known.items() if field.default is MISSING]:
        if name not in row:
            raise CatalogueError(f"{place}: {name} is missing.")
    entry = kind(**{name: _value(name, value, place) for name, value in row.items()})
    if entry.starts and entry.ends and entry.ends < entry.starts:
        raise CatalogueError(f"{place}: it ends before it starts.")
    return entry


def _value(name: str, value: Any, place: str) -> Any:
    reader: Callable[[Any], Any] = _READERS.get(name, _text)
    try:
        return reader(value)
    except ValueError as error:
        raise CatalogueError(f"{place}: {name} {error}, not {value!r}.") from error


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


_READERS: dict[str, Callable[[Any], Any]] = {
    "code": _code,
    "starts": _day,
    "ends": _day,
    "place_categories": _codes,
    "confirmed": _yes_no,
}


def _check_place_categories(lists: Mapping[str, tuple[Entry, ...]]) -> None:
    known = {entry.code for entry in lists["place_categories"]}
    for activity in lists["activities"]:
        if not isinstance(activity, Activity):
            continue
        for unknown in sorted(set(activity.place_categories) - known):
            raise CatalogueError(
                f"activities.json ({activity.code}): place_categories.json has no {unknown}."
            )
