"""What the law says about notices, as dated data: docs/law.md tells which rule stands where.

Each fact says where it was read, how sure that is, and whether it is confirmed. Sums are pence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from field_app.catalogue.reading import (
    CatalogueError,
    Code,
    Codes,
    Day,
    Entry,
    Fact,
    Item,
    Number,
    one_of,
    read_list,
    some_of,
)

AMOUNTS_FROM = date(2023, 7, 31)
"""The oldest offence whose amount is always known: the day on which the environmental maxima rose."""

WHOLE_BOROUGH = "whole borough"

Counting = Annotated[str, one_of("following", "beginning")]
"""Whether day 1 is the day "following" the one from which it counts, or it is "beginning" with that one."""

Area = str | tuple[tuple[float, float], ...]


def _area(value: Any) -> Area:
    if value == WHOLE_BOROUGH:
        return WHOLE_BOROUGH
    if not isinstance(value, list) or len(value) < 3 or not all(map(_is_position, value)):
        raise ValueError(f'must be "{WHOLE_BOROUGH}" or three or more [longitude, latitude]')
    return tuple((float(longitude), float(latitude)) for longitude, latitude in value)


def _is_position(pair: Any) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and all(type(number) in (int, float) for number in pair)
        and abs(pair[0]) <= 180
        and abs(pair[1]) <= 90
    )


@dataclass(frozen=True, kw_only=True)
class Point(Item):
    """What the particulars must cover, as a prompt."""


@dataclass(frozen=True, kw_only=True)
class Offence(Fact):
    """What a Fixed Penalty Notice may be given for.

    `found`: the officer must have found the person committing it, on that occasion (R5).
    `name_power`: the section that makes it an offence to refuse name and address.
    `maximum` and `plain` are printed; `activities` is where it is offered first, `words` what officers
    also call it.
    """

    family: Annotated[str, one_of("A", "B", "C", "D")]
    created_by: str
    power: str
    points: tuple[Point, ...]
    given_to: Annotated[tuple[str, ...], some_of("person", "body")]
    found: bool
    name_power: str | None
    triable: Annotated[str, one_of("summary", "either-way")]
    maximum: str
    activities: Codes
    conditions: str
    plain: str
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Amount(Fact):
    """What a notice may ask for an offence committed from `starts` to `ends`.

    `default` is the sum where the council has decided none, `default_discount` the reduced one.
    """

    offence: Code
    minimum: Number | None
    maximum: Number
    default: Number | None
    default_discount: Number | None
    discount_floor: Number | None
    council_amount: Number | None
    council_discount: Number | None

    @property
    def full(self) -> int | None:
        """The sum to pay; None while nobody has decided it."""
        return self.council_amount or self.default

    @property
    def early(self) -> int | None:
        """The sum that suffices when paid early; None where there is no such sum."""
        return self.council_discount or self.default_discount


@dataclass(frozen=True, kw_only=True)
class Particular(Item):
    """What the Act wants the paper to state, and where it says so."""

    section: str


@dataclass(frozen=True, kw_only=True)
class Family(Fact):
    """Offences whose notices have one period and one content (law.md 1.3)."""

    period_days: Number
    period_counting: Counting
    discount_days: Number | None
    discount_counting: Counting | None
    lower_must_be_under_days: Number | None
    must_state: tuple[Particular, ...]


@dataclass(frozen=True, kw_only=True)
class Period(Fact):
    """How long something may take: days or months, the other None. A month's end clamps."""

    days: Number | None
    months: Number | None
    counting: Counting


@dataclass(frozen=True, kw_only=True)
class Article(Item):
    """What an order forbids or asks."""


@dataclass(frozen=True, kw_only=True)
class Order(Fact):
    """A Public Spaces Protection Order. Its `area` is None while its map was not read."""

    title: str
    made: Day | None
    area: Annotated[Area, _area] | None
    articles: tuple[Article, ...]
    alcohol_request: bool

    def in_force(self, on: date) -> bool:
        """Never, while nobody knows that it was made."""
        return self.made is not None and super().in_force(on)


@dataclass(frozen=True, kw_only=True)
class Wording(Fact):
    """Words that are said or printed, under `label` as their heading."""

    text: str


KINDS: Mapping[str, type[Fact]] = {
    "offences": Offence,
    "amounts": Amount,
    "families": Family,
    "periods": Period,
    "orders": Order,
    "wording": Wording,
}
"""The class of the entries in each file."""
PRINTED = ("offences", "wording")
"""The lists whose words stand on paper: a new edition keeps its code, and the old one stays, so that a
notice that is printed again says what it said."""


def read(folder: Path) -> dict[str, tuple[Entry, ...]]:
    """Every list of law in the folder's files; CatalogueError when one is malformed."""
    lists: dict[str, tuple[Entry, ...]] = {
        name: read_list(kind, folder / f"{name}.json", editions=name in PRINTED)
        for name, kind in KINDS.items()
    }
    for amount in lists["amounts"]:
        _refuse("amounts", amount, _faults_of_amount)
    for family in lists["families"]:
        _refuse("families", family, _faults_of_family)
    for period in lists["periods"]:
        _refuse("periods", period, _faults_of_period)
    return lists


def _refuse(name: str, entry: Any, faults_of: Callable[[Any], Iterable[str]]) -> None:
    for fault in faults_of(entry):
        raise CatalogueError(f"{name}.json ({entry.code}): {fault}.")


def _faults_of_amount(amount: Amount) -> Iterable[str]:
    for name in ("default", "council_amount"):
        full = getattr(amount, name)
        if full and not (amount.minimum or 0) <= full <= amount.maximum:
            yield f"{name} is not between minimum and maximum"
    for name in ("default_discount", "council_discount"):
        early = getattr(amount, name)
        if early and not (amount.discount_floor or 0) <= early < (amount.full or 0):
            yield f"{name} is not between discount_floor and the full amount"


def _faults_of_family(family: Family) -> Iterable[str]:
    if (family.discount_days is None) != (family.discount_counting is None):
        yield "discount_days and discount_counting go together"
    if family.discount_days is None:
        return
    if family.discount_days >= family.period_days:
        yield "the discount does not end before the period"
    if family.discount_days >= (family.lower_must_be_under_days or family.period_days):
        yield "discount_days is not under lower_must_be_under_days"


def _faults_of_period(period: Period) -> Iterable[str]:
    if (period.days is None) == (period.months is None):
        yield "it must have days or months, and not both"


def check(lists: Mapping[str, tuple[Entry, ...]]) -> None:
    """CatalogueError when one list says what another does not know, or a day has no one amount."""
    codes = {name: {entry.code for entry in entries} for name, entries in lists.items()}
    offences = [entry for entry in lists["offences"] if isinstance(entry, Offence)]
    amounts = [entry for entry in lists["amounts"] if isinstance(entry, Amount)]
    for offence in offences:
        _check_known(codes, "offences", offence, "families", offence.family.lower())
        _check_known(codes, "offences", offence, "activities", *offence.activities)
    for amount in amounts:
        _check_known(codes, "amounts", amount, "offences", amount.offence)
    for offence in offences:
        _check_one_amount(offence, [each for each in amounts if each.offence == offence.code])


def _check_known(
    codes: Mapping[str, set[str]], file: str, entry: Entry, of: str, *said: str
) -> None:
    for unknown in sorted(set(said) - codes[of]):
        raise CatalogueError(f"{file}.json ({entry.code}): {of}.json has no {unknown}.")


def _check_one_amount(offence: Offence, amounts: list[Amount]) -> None:
    """One amount on each day from AMOUNTS_FROM, and never two: it changes on these days only."""
    days = {offence.starts or date.min, AMOUNTS_FROM}
    days |= {amount.starts for amount in amounts if amount.starts}
    days |= {amount.ends + timedelta(days=1) for amount in amounts if amount.ends}
    for day in sorted(days):
        number = sum(amount.in_force(day) for amount in amounts)
        if number > 1 or (number == 0 and day >= AMOUNTS_FROM and offence.in_force(day)):
            raise CatalogueError(
                f"amounts.json: {offence.code} has {number or 'no'} amounts on {day}."
            )
