"""What a list is asked for, as it stands in the page's address."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from field_app import catalogue, words
from field_app.counts import COUNTED, COUNTED_WITH, HOURS_A_BAND, NOT_GIVEN, SUPPORT, Filters, Span
from field_app.fold import columns_of
from field_app.periods import LONGEST, Days
from field_app.times import Week, london_day

NAMES = (
    "officer",
    "from",
    "to",
    "week",
    "activity",
    "ward",
    "place",
    "at",
    "state",
    "joint",
    "category",
    "hours",
    "outcome",
    "support",
)
HOURS = tuple(f"{first:02}-{first + HOURS_A_BAND:02}" for first in range(0, 24, HOURS_A_BAND))
"""Bands of hours, by London clocks, as in counts.DIMENSIONS."""
STATES = {
    "accepted": "Accepted: counted",
    "held": "Held: not counted until amended",
    "entered in error": "Entered in error",
    COUNTED_WITH: "Counted with another",
}
USUAL_DAYS = 28
A_PAGE = 50


@dataclass(kw_only=True)
class Question:
    """The question in an address, and what of it cannot be understood.

    `given` is the address without what is empty; `problems` is a sentence for each name that is
    wrong, and where there is one nothing is shown.
    """

    given: dict[str, str]
    page: int = 1
    problems: dict[str, str] = field(default_factory=dict)

    def day(self, name: str) -> date | None:
        if name not in self.given:
            return None
        try:
            day = date.fromisoformat(self.given[name])
        except ValueError:
            day = date.min
        if not 2000 <= day.year < 2200:
            self.problems[name] = "Enter a real day, such as 2026-11-22"
            return None
        return day

    def choose(self, name: str, codes: Container[str], what: str) -> None:
        if name in self.given and self.given[name] not in codes:
            self.problems[name] = f"Choose one of the {what}"

    def choose_of_catalogue(self) -> None:
        for name, of in (("activity", "activities"), ("ward", "wards")):
            codes = {entry.code for entry in catalogue.entries(of)} | {NOT_GIVEN}
            self.choose(name, codes, of)

    @property
    def offset(self) -> int:
        return (self.page - 1) * A_PAGE

    def address(self, **changes: str | int | None) -> dict[str, str]:
        """The address with changes; None leaves a name out."""
        changed = self.given | {name: str(value) for name, value in changes.items() if value}
        return {name: text for name, text in changed.items() if changes.get(name, text) is not None}


def given_in(args: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: text for name in names if (text := args.get(name, "").strip())}


def page_in(args: Mapping[str, str]) -> int:
    page = args.get("page", "1")
    return int(page) if re.fullmatch(r"[1-9]\d{0,5}", page, re.ASCII) else 1


def day_in(args: Mapping[str, str], otherwise: date) -> date:
    """The day in an address; ValueError when there is no such day."""
    asked = Question(given=given_in(args, ("day",)))
    day = asked.day("day")
    if asked.problems:
        raise ValueError(f"There is no day “{args['day']}”. A day looks like 2026-11-22.")
    return day or otherwise


@dataclass(kw_only=True)
class Asked(Question):
    """What a list of patrols is asked for: days and filters."""

    first: date
    last: date
    week: Week | None = None

    @classmethod
    def read(cls, args: Mapping[str, str], today: date) -> Asked:
        asked = cls(given=given_in(args, NAMES), page=page_in(args), first=today, last=today)
        asked._read_days(today)
        asked._check_choices()
        return asked

    def _read_days(self, today: date) -> None:
        if "week" in self.given:
            try:
                self.week = Week.parse(self.given["week"])
            except ValueError as error:
                self.problems["week"] = str(error)
                return
            self.first, self.last = self.week.monday, self.week.sunday
            return
        first, last = self.day("from"), self.day("to")
        self.last = last or max(today, first or today)
        self.first = first or self.last - timedelta(days=USUAL_DAYS - 1)
        if self.last < self.first:
            self.problems["to"] = "The last day must be the first day or after it"

    def _check_choices(self) -> None:
        self.choose_of_catalogue()
        self.choose("state", STATES, "states")
        kinds = {entry.code for entry in catalogue.entries("place_categories")} | {NOT_GIVEN}
        self.choose("category", kinds, "kinds of place")
        self.choose("hours", HOURS, "bands of hours")
        self.choose("outcome", {entry.code for entry in catalogue.entries("outcomes")}, "outcomes")
        self.choose("support", SUPPORT, "kinds of support")

    @property
    def span(self) -> Span:
        return Span(london_day(self.first)[0], london_day(self.last)[1])

    @property
    def filters(self) -> Filters:
        return Filters(
            officer=self.given.get("officer"),
            ward=self.given.get("ward"),
            activity=self.given.get("activity"),
            place=self.given.get("place"),
            spot=self.given.get("at"),
            state=self.given.get("state"),
            joint=self.given["joint"] != "no" if "joint" in self.given else None,
            category=self.given.get("category"),
            hours=self.given.get("hours"),
            outcome=self.given.get("outcome"),
            support=self.given.get("support"),
        )

    def days_in_words(self) -> str:
        return words.days(self.first, self.last)

    def narrowed(self) -> dict[str, str]:
        """In words, by their names: the filters that no box of the list shows."""
        said = {"joint": "Not joint with police"} if self.given.get("joint") == "no" else {}
        how: dict[str, Callable[[str], str]] = {
            "category": lambda code: (
                "No place of the register"
                if code == NOT_GIVEN
                else catalogue.label("place_categories", code)
            ),
            "hours": hours_in_words,
            "outcome": lambda code: catalogue.label("outcomes", code),
            "support": support_in_words,
        }
        return said | {
            name: say(self.given[name]) for name, say in how.items() if name in self.given
        }


def hours_in_words(band: str) -> str:
    """09:00 to 12:00"""
    return f"{band[:2]}:00 to {band[3:]}:00"


def support_in_words(code: str) -> str:
    """Referred to outreach; SWEP: Offer accepted"""
    which = SUPPORT[code].partition(" ")[0]
    if which == "swep_offer":
        return f"SWEP: {catalogue.label('swep_offers', code.removeprefix('swep-'))}"
    return str(columns_of("patrols")[which].label.text)


PERIOD_NAMES = ("from", "to", "activity", "ward", "with_police")
USUAL_WEEKS = 13


@dataclass(kw_only=True)
class AskedPeriod(Question):
    """What a period's count is asked for: its first and last day, and filters.

    Without days it is of the thirteen weeks that ended last.
    """

    days: Days

    @classmethod
    def read(cls, args: Mapping[str, str], today: date) -> AskedPeriod:
        last = today - timedelta(days=today.weekday() + 1)
        usual = Days(last - timedelta(weeks=USUAL_WEEKS) + timedelta(days=1), last)
        asked = cls(given=given_in(args, PERIOD_NAMES), days=usual)
        asked._read_days()
        asked.choose_of_catalogue()
        return asked

    def _read_days(self) -> None:
        first, last = self.day("from"), self.day("to")
        if self.problems or not (first or last):
            return
        if not (first and last):
            missing = "to" if first else "from"
            self.problems[missing] = "Enter both days, the first and the last"
        elif last < first:
            self.problems["to"] = "The last day must be the first day or after it"
        elif (last - first).days >= LONGEST:
            self.problems["to"] = "A period is ten years at most"
        else:
            self.days = Days(first, last)

    @property
    def filters(self) -> Filters:
        return Filters(
            ward=self.given.get("ward"),
            activity=self.given.get("activity"),
            state=COUNTED,
            joint="with_police" in self.given or None,
        )

    def narrowed(self) -> dict[str, str]:
        """In words, by their names: what of patrols is asked for."""
        lists = {"activity": "activities", "ward": "wards"}
        said = {
            name: "not given" if code == NOT_GIVEN else catalogue.label(of, code)
            for name, of in lists.items()
            if (code := self.given.get(name))
        }
        return said | ({"with_police": "joint with police"} if "with_police" in self.given else {})

    def patrols(self, days: Days) -> dict[str, str]:
        """The same question of the list of patrols, for some days of the period."""
        asked = {"from": days.first.isoformat(), "to": days.last.isoformat(), "state": COUNTED}
        asked |= {name: self.given[name] for name in ("activity", "ward") if name in self.given}
        return asked | ({"joint": "yes"} if "with_police" in self.given else {})
