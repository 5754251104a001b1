"""What an administrator changes of the catalogue, laid over its files.

A change never alters a file, and never takes a code away: it confirms a fact, puts an amount in force from
a day on, keeps an order, or keeps an entry of a plain list. It is read by the same checks as the files.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from field_app.catalogue.law import WHOLE_BOROUGH, Amount, Order
from field_app.catalogue.reading import AnItem, CatalogueError, Entry, Fact, items

Lists = Mapping[str, tuple[Entry, ...]]
Body = Mapping[str, Any]
Check = Callable[[Lists], None]


@dataclass(frozen=True)
class Change:
    """A page that says how one thing of the catalogue stands from `received_at` on."""

    received_at: str
    record: str
    kind: str
    body: Body


def merged(lists: Lists, changes: Iterable[Change], kinds: Kinds, check: Check) -> Lists:
    """The lists with the last page about each thing laid over them. A change that the files no longer
    bear is left out: a release must not stop over what somebody said before it."""
    last = sorted({one.record: one for one in changes}.values(), key=_turn)
    try:
        found = lists
        for change in last:
            found = applied(found, change, kinds)
        check(found)
    except CatalogueError:
        return _one_by_one(lists, last, kinds, check)
    return found


def _one_by_one(lists: Lists, last: list[Change], kinds: Kinds, check: Check) -> Lists:
    for change in last:
        try:
            after = applied(lists, change, kinds)
            check(after)
        except CatalogueError:
            continue
        lists = after
    return lists


def _turn(change: Change) -> tuple[int, str]:
    """Facts before what confirms them, and amounts in the order of their days."""
    return list(_APPLY).index(change.kind), str(change.body.get("starts", ""))


Kinds = Mapping[str, type[Entry]]
"""The class of the entries of each list that is no plain one."""


def applied(lists: Lists, change: Change, kinds: Kinds) -> Lists:
    """The lists with one change. CatalogueError when it cannot be made."""
    return _APPLY[change.kind](lists, change.body, kinds)


def _entry(lists: Lists, body: Body, kinds: Kinds) -> Lists:
    name = body["of_list"]
    if name not in lists:
        raise CatalogueError(f"There is no list called {name}.")
    asked = ("code", "label", "starts", "ends", "button", "place_categories")
    row = {one: body[one] for one in asked if one in body}
    if kinds.get(name, Entry) is not Entry:
        row = {"button": body["label"], "place_categories": []} | row
    return _put(lists, name, _read(kinds.get(name, Entry), row, name))


def _order(lists: Lists, body: Body, _kinds: Kinds) -> Lists:
    articles = [line.strip() for line in body["articles"].splitlines() if line.strip()]
    before = next((one for one in lists["orders"] if one.code == body["code"]), None)
    known = {one.label: one.code for one in before.articles} if isinstance(before, Order) else {}
    points = polygon(body["area_points"]) if body.get("area_points") else None
    row = {
        "code": body["code"],
        "label": body["label"],
        "title": body["full_title"],
        "made": body["made"],
        "starts": body["starts"],
        "ends": body["ends"],
        "area": WHOLE_BOROUGH if body.get("whole_borough") else points,
        "area_words": body.get("area_words"),
        "articles": [
            {"code": known.get(line) or code_of(line), "label": line} for line in articles
        ],
        "alcohol_request": body.get("alcohol_request", False),
        "confirmed": False,
        "sure": "S2",
        "source": body["decision"],
    }
    return _put(lists, "orders", _read(Order, row, "orders"))


def _amount(lists: Lists, body: Body, _kinds: Kinds) -> Lists:
    if body.get("taken_back"):
        return lists
    offence, starts = body["offence"], date.fromisoformat(body["starts"])
    before = next((one for one in _amounts(lists, offence) if one.in_force(starts)), None)
    if before is None or before.starts == starts:
        raise CatalogueError(f"{offence} has an amount from {starts} already, or none before it.")
    label = next(one.label for one in lists["offences"] if one.code == offence)
    new = replace(
        before,
        code=f"{offence}-{starts}",
        label=f"{label}, from {starts.day} {starts:%B %Y}",
        starts=starts,
        minimum=body.get("minimum"),
        maximum=body["maximum"],
        discount_floor=body.get("discount_floor"),
        council_amount=body["council_amount"],
        council_discount=body.get("council_discount"),
        default_discount=None,
        confirmed=False,
        sure="S2",
        source=body["decision"],
    )
    ended = replace(before, ends=starts - timedelta(days=1))
    rows = tuple(ended if one is before else one for one in lists["amounts"])
    return {**lists, "amounts": (*rows, new)}


def _amounts(lists: Lists, offence: str) -> list[Amount]:
    return [one for one in lists["amounts"] if isinstance(one, Amount) and one.offence == offence]


def _confirmed(lists: Lists, body: Body, _kinds: Kinds) -> Lists:
    """Only what was confirmed: if a release has changed the fact since, it awaits confirmation again."""
    if body.get("taken_back") or body["of_list"] not in lists:
        return lists
    how = f"Confirmed by {body['confirmed_by']} on {body['confirmed_on']}: {body['document']}."

    def one(entry: Entry) -> Entry:
        named = (entry.code, edition_of(entry)) == (body["code"], body.get("edition"))
        if not named or not isinstance(entry, Fact) or digest(entry) != body["said_sha256"]:
            return entry
        return replace(entry, confirmed=True, sure="S", source=f"{entry.source} {how}")

    return {**lists, body["of_list"]: tuple(one(entry) for entry in lists[body["of_list"]])}


_APPLY: dict[str, Callable[[Lists, Body, Kinds], Lists]] = {
    "list-entry": _entry,
    "order": _order,
    "amount-set": _amount,
    "figure-confirmed": _confirmed,
}
KINDS = tuple(_APPLY)
"""The kinds of page that change the catalogue."""


def edition_of(entry: Entry) -> str | None:
    """The day from which an entry is in force, which tells editions of one code apart."""
    return str(entry.starts) if entry.starts else None


def digest(fact: Fact) -> str:
    """The SHA-256 of what a fact says: not of how sure it is, nor of when a later one ends it."""
    left_out = {"confirmed", "sure", "source"} | (set() if isinstance(fact, Order) else {"ends"})
    said = {name: value for name, value in asdict(fact).items() if name not in left_out}
    return hashlib.sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()


def code_of(words: str) -> str:
    """A code made of words."""
    plain = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    return plain[:60].strip("-") or "entry"


def polygon(text: str) -> list[list[float]]:
    """A position a line, "51.53, -0.12", as [longitude, latitude]. CatalogueError when it is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        pairs = [[float(number) for number in re.split(r"[,\s]+", line.strip())] for line in lines]
        return [[longitude, latitude] for latitude, longitude in pairs]
    except ValueError as error:
        raise CatalogueError("A corner of the area is not a latitude and a longitude.") from error


def _put(lists: Lists, name: str, entry: Entry) -> Lists:
    """The entry in the place of the one with its code, or after all others."""
    known = any(one.code == entry.code for one in lists[name])
    rows = tuple(entry if one.code == entry.code else one for one in lists[name])
    return {**lists, name: rows if known else (*rows, entry)}


def _read(kind: type[AnItem], row: dict[str, Any], name: str) -> AnItem:
    [item] = items(kind, [row], name)
    return item
