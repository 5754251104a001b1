"""The council's dated lists: activities, wards, kinds of place, what a form lets one choose, the law.

They stand in the JSON files beside this module, each with its source. A code is never removed:
an entry that is no longer used gets the last day on which it was, as `ends`. What an administrator has
changed since is laid over them (changes.py): `use` says what that is, for the whole process, and
`as_known` asks for the lists as they were at a moment, so that a page is judged by what held as it came.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache, wraps
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

from field_app.catalogue import changes, law
from field_app.catalogue.changes import Change, Lists
from field_app.catalogue.law import (
    Amount,
    Family,
    Gate,
    Offence,
    Order,
    Period,
    Wording,
    is_position,
)
from field_app.catalogue.reading import (
    CatalogueError,
    Codes,
    Entry,
    Fact,
    content,
    items,
    read_list,
)

__all__ = [
    "KINDS",
    "Activity",
    "Amount",
    "CatalogueError",
    "Change",
    "Edition",
    "Entry",
    "Fact",
    "Family",
    "Gate",
    "Known",
    "Offence",
    "Order",
    "Period",
    "Unconfirmed",
    "Ward",
    "Wording",
    "activities",
    "alone",
    "amount_on",
    "amounts",
    "as_known",
    "editions",
    "entries",
    "families",
    "gates",
    "is_position",
    "known",
    "label",
    "names",
    "of_edition",
    "offence_on",
    "offences",
    "orders",
    "periods",
    "phrases",
    "read",
    "read_phrases",
    "refuse_unreadable",
    "unconfirmed",
    "use",
    "wards",
    "wording_on",
    "wordings",
]


@dataclass(frozen=True, kw_only=True)
class Activity(Entry):
    """What a patrol is for; `button` is its short name on the phone."""

    button: str
    place_categories: Codes


@dataclass(frozen=True, kw_only=True)
class Ward(Fact):
    """`confirmed` once its code was checked against the Office for National Statistics."""


class Unconfirmed(NamedTuple):
    """A fact of law that the council's legal team has to confirm."""

    file: str
    code: str
    label: str


AnEntry = TypeVar("AnEntry", bound=Entry)


def activities() -> list[Activity]:
    return _of("activities", Activity)


def wards() -> list[Ward]:
    return _of("wards", Ward)


def offences() -> list[Offence]:
    return _of("offences", Offence)


def amounts() -> list[Amount]:
    return _of("amounts", Amount)


def families() -> list[Family]:
    return _of("families", Family)


def periods() -> list[Period]:
    return _of("periods", Period)


def orders() -> list[Order]:
    return _of("orders", Order)


def wordings() -> list[Wording]:
    return _of("wording", Wording)


def gates() -> list[Gate]:
    return _of("gates", Gate)


@cache
def phrases() -> Mapping[str, tuple[str, ...]]:
    """Answers that officers give often, by what they answer: a field of a notice, or "offence.point"."""
    return read_phrases(Path(__file__).parent / "phrases.json")


def read_phrases(file: Path) -> Mapping[str, tuple[str, ...]]:
    """CatalogueError when the file is malformed, or answers what nobody asks."""
    said = content(file, "phrases", dict)
    asked = {f"{one.code}.{point.code}" for one in offences() for point in one.points}
    for answered, words in said.items():
        if "." in answered and answered not in asked:
            raise CatalogueError(f"{file.name}: offences.json has no {answered}.")
        if not isinstance(words, list) or not all(isinstance(one, str) and one for one in words):
            raise CatalogueError(f"{file.name}: {answered} is not a list of words.")
    return {answered: tuple(words) for answered, words in said.items()}


def amount_on(offence: str, on: date) -> Amount | None:
    """What a notice may ask for an offence committed on a day; None for a day too long ago."""
    found = (each for each in amounts() if each.offence == offence and each.in_force(on))
    return next(found, None)


def offence_on(code: str, on: date) -> Offence | None:
    """An offence as it stood on a day; None for a code that no offence has."""
    return _editions("offences", Offence, on).get(code)


def wording_on(on: date) -> dict[str, str]:
    """What is said and printed on a day, by its code."""
    return {code: one.text for code, one in _editions("wording", Wording, on).items()}


def _editions(list_name: str, kind: type[AnEntry], on: date) -> dict[str, AnEntry]:
    """Each code's row in force on a day; its last one, where none was."""
    rows = _rows(list_name, kind)
    return {one.code: one for one in rows} | {one.code: one for one in rows if one.in_force(on)}


def _rows(list_name: str, kind: type[AnEntry]) -> list[AnEntry]:
    return [entry for entry in _lists()[list_name] if isinstance(entry, kind)]


def unconfirmed(on: date) -> list[Unconfirmed]:
    """Every fact of law in force on a day that nobody may rely on before Legal confirms it."""
    return [
        Unconfirmed(f"{name}.json", fact.code, fact.label)
        for name, kind in law.KINDS.items()
        for fact in _rows(name, kind)
        if fact.in_force(on) and not fact.confirmed
    ]


def _of(list_name: str, kind: type[AnEntry]) -> list[AnEntry]:
    return [entry for entry in _latest()[list_name] if isinstance(entry, kind)]


def entries(list_name: str) -> list[Entry]:
    """Every entry of a list in the order in which they are offered, also of other days; each code once."""
    if list_name not in _latest():
        raise CatalogueError(
            f"There is no list called {list_name}; there are {', '.join(_latest())}."
        )
    return list(_latest()[list_name])


def editions(list_name: str) -> list[Entry]:
    """Every entry of a list, a code that has several editions once for each."""
    return list(_lists()[list_name])


def names() -> list[str]:
    """The names of all lists."""
    return list(_lists())


def label(list_name: str, code: str) -> str:
    """The words for a code, or the code itself: a held page may say one that no list knows."""
    return next((entry.label for entry in entries(list_name) if entry.code == code), code)


class Edition:
    """The lists as they are known at a moment, and what was made of them."""

    def __init__(self, lists: Lists) -> None:
        self.lists = lists
        self.made: dict[Any, Any] = {}


class Known:
    """What administrators have said of the catalogue, in the order in which it came; `name` tells it from
    what another central file, or this one before, says."""

    def __init__(self, name: str, said: Sequence[Change]) -> None:
        self.name, self.said = name, said
        self._came = [change.received_at for change in said]
        self._editions: dict[int, Edition] = {}

    def edition(self, until: str | None) -> Edition:
        """The lists with what had come by a moment; None: with all of it."""
        number = len(self.said) if until is None else bisect_right(self._came, until)
        if not number:
            return _shipped()
        if number not in self._editions:
            lists = changes.merged(_shipped().lists, self.said[:number], KINDS, _check)
            self._editions[number] = Edition(lists)
        return self._editions[number]


_known = Known("", ())
_alone: ContextVar[Known | None] = ContextVar("_alone", default=None)
_until: ContextVar[str | None] = ContextVar("_until", default=None)


def use(known: Known) -> None:
    """From now on this process has these changes; only this thread does while it is `alone`. One
    assignment: no thread sees half of it."""
    global _known  # noqa: PLW0603 - there is one catalogue in a process
    if _alone.get() is None:
        _known = known
    else:
        _alone.set(known)


def known() -> Known:
    """What this process has, or this thread alone."""
    return _alone.get() or _known


@contextmanager
def alone() -> Iterator[None]:
    """What is put to use meanwhile is this thread's alone, and forgotten after: it may never be kept."""
    before = _alone.set(known())
    try:
        yield
    finally:
        _alone.reset(before)


@contextmanager
def as_known(moment: str) -> Iterator[None]:
    """The catalogue as it was known at a moment, RFC 3339 in UTC."""
    before = _until.set(moment)
    try:
        yield
    finally:
        _until.reset(before)


def refuse_unreadable(said: Sequence[Change]) -> None:
    """CatalogueError when the last of these changes cannot be made, or leaves lists that contradict each
    other."""
    if said:
        before = [change for change in said if change.record != said[-1].record]
        lists = changes.merged(_shipped().lists, before, KINDS, _check)
        _check(changes.applied(lists, said[-1], KINDS))


def _edition() -> Edition:
    return known().edition(_until.get())


P = ParamSpec("P")
R = TypeVar("R")


def of_edition(make: Callable[P, R]) -> Callable[P, R]:
    """Keep what is made of the lists for as long as they stand."""

    @wraps(make)
    def kept(*args: P.args, **kwargs: P.kwargs) -> R:
        made, key = _edition().made, (make, args)
        if key not in made:
            made[key] = make(*args, **kwargs)
        found: R = made[key]
        return found

    return kept


@cache
def _shipped() -> Edition:
    return Edition(read(Path(__file__).parent))


def _lists() -> Lists:
    return _edition().lists


@of_edition
def _latest() -> Lists:
    """Every list with each code once, as its last edition has it."""
    return {
        name: tuple({one.code: one for one in several}.values())
        for name, several in _lists().items()
    }


KINDS: Mapping[str, type[Entry]] = {"activities": Activity, "wards": Ward, **law.KINDS}
"""The class of the entries of each list that is no plain one."""


def read(folder: Path) -> dict[str, tuple[Entry, ...]]:
    """Every list in the folder's files by its name; CatalogueError when one is malformed."""
    lists: dict[str, tuple[Entry, ...]] = {
        "activities": read_list(Activity, folder / "activities.json"),
        "wards": read_list(Ward, folder / "wards.json"),
        "place_categories": read_list(Entry, folder / "place_categories.json"),
        **law.read(folder),
    }
    named = content(folder / "lists.json", "lists", dict)
    for name, rows in named.items():
        lists[name] = items(Entry, rows, f"lists.json, {name}")
    _check(lists)
    return lists


def _check(lists: Lists) -> None:
    """CatalogueError when lists contradict each other."""
    _check_place_categories(lists)
    law.check(lists)


def _check_place_categories(lists: Mapping[str, tuple[Entry, ...]]) -> None:
    known = {entry.code for entry in lists["place_categories"]}
    for activity in lists["activities"]:
        if not isinstance(activity, Activity):
            continue
        for unknown in sorted(set(activity.place_categories) - known):
            raise CatalogueError(
                f"activities.json ({activity.code}): place_categories.json has no {unknown}."
            )
