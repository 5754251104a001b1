"""The catalogue at the desk: what Legal has confirmed, amounts from a day on, orders, plain lists.

Each thing that is kept here is a record whose pages say all of it; team leaders read, the administrator
writes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import catalogue, labels, overlay, registers, words
from field_app.auth import ADMINISTRATOR, kept_nowhere, may, reading
from field_app.catalogue import Amount, CatalogueError, Entry, Fact, Order
from field_app.catalogue.changes import code_of, digest, edition_of, polygon
from field_app.catalogue.law import WHOLE_BOROUGH
from field_app.database import all_rows, get_db, writing
from field_app.desk_forms import body_of, own_id
from field_app.fields import UUID_PATTERN, Declared
from field_app.notebook import NotWritten
from field_app.records import Problem, Record
from field_app.records.catalogue import AmountSet, FigureConfirmed, ListEntry, OrderKept
from field_app.rules import months_after
from field_app.times import is_moment, london, now

Page = Response | str | tuple[str, int]
Body = dict[str, Any]
Problems = list[Problem]

blueprint = Blueprint("law", __name__, url_prefix="/desk/law")
blueprint.after_request(kept_nowhere)

confirming = may("Say what Legal has confirmed", ADMINISTRATOR)
changing = may("Change amounts, orders and lists", ADMINISTRATOR)

_NAMES = uuid.UUID("5d0c9a4e-6a55-4c8a-9a0e-0f6f6f6b2f10")
"""Where the ids of things of the catalogue come from: a figure is one record, whoever confirms it."""

HEADINGS = {
    "offences": "Offences",
    "amounts": "Amounts",
    "families": "Families of offences",
    "periods": "Periods",
    "orders": "Public Spaces Protection Orders",
    "wording": "Words that are said or printed",
    "gates": "Rules that stop a notice",
    "wards": "Ward codes, to be checked against the Office for National Statistics",
}


def record_of(*what: str) -> str:
    return str(uuid.uuid5(_NAMES, "/".join(what)))


def _today() -> date:
    return london(now()).date()


# Figures


class Figure(NamedTuple):
    """A fact of the catalogue; `value` names it and what it said in a form."""

    of: str
    fact: Fact

    @property
    def key(self) -> tuple[str, str, str | None]:
        return self.of, self.fact.code, edition_of(self.fact)

    @property
    def value(self) -> str:
        name, code, edition = self.key
        return "|".join((name, code, edition or "", digest(self.fact)))

    @property
    def record(self) -> str:
        name, code, edition = self.key
        return record_of("figure", name, code, edition or "")

    @property
    def says(self) -> list[tuple[str, str]]:
        """What it says, field by field, in words."""
        left_out = ("code", "label", "confirmed", "sure", "source")
        said = {name: value for name, value in asdict(self.fact).items() if name not in left_out}
        return [(_heading(name), _in_words(self.fact, value)) for name, value in said.items()]


def _heading(name: str) -> str:
    plain = name.replace("_", " ")
    return plain[:1].upper() + plain[1:]


def _in_words(fact: Fact, value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "Not said", True: "Yes", False: "No"}[value]
    if isinstance(value, date):
        return words.day(value.isoformat())
    if isinstance(fact, Amount) and isinstance(value, int):
        return words.pounds(value)
    if isinstance(value, list | tuple):
        return "; ".join(one["label"] if isinstance(one, dict) else str(one) for one in value)
    return str(value)


def figures() -> list[Figure]:
    """Every fact, of all its editions, that is in force or will be."""
    today = _today()
    return [
        Figure(name, entry)
        for name in HEADINGS
        for entry in catalogue.editions(name)
        if isinstance(entry, Fact) and (entry.ends is None or entry.ends >= today)
    ]


def _awaiting() -> list[Figure]:
    """What awaits somebody's word: what is in force or will be, and the wards' codes."""
    today = _today()
    return [one for one in figures() if not one.fact.confirmed and _matters(one.fact, today)]


def _matters(fact: Fact, today: date) -> bool:
    return fact.in_force(max(today, fact.starts or today))


def _grouped(several: list[Figure]) -> dict[str, list[Figure]]:
    groups: dict[str, list[Figure]] = {}
    for one in several:
        groups.setdefault(one.of, []).append(one)
    return groups


_SAID_OF_IT = ("confirmed_by", "document", "confirmed_on")


def _asked_of(kind: type[Record], *names: str) -> list[Declared]:
    return [kind.columns()[name] for name in names]


@blueprint.get("")
@reading
def overview() -> str:
    return _overview({}, [], set())


def _overview(said: Body, problems: Problems, ticked: set[str]) -> str:
    return render_template(
        "desk/law.html",
        groups=_grouped(_awaiting()),
        headings=HEADINGS,
        fields=_asked_of(FigureConfirmed, *_SAID_OF_IT),
        said=said or {"confirmed_on": _today().isoformat()},
        problems=problems,
        ticked=ticked,
        today=_today(),
    )


@blueprint.get("/all")
@reading
def every_figure() -> str:
    """Every figure, with its source and who confirmed it."""
    return render_template(
        "desk/law_all.html",
        groups=_grouped(figures()),
        headings=HEADINGS,
        by=_confirmations(get_db()),
    )


def _confirmations(db: Database) -> dict[str, Body]:
    """What was said of each figure, by its record, with the name of who entered it first."""
    rows = all_rows(
        db,
        "SELECT catalogue_changes.*, officers.name FROM catalogue_changes "
        "JOIN officers ON officers.id = officer WHERE kind = ?",
        [FigureConfirmed.kind],
    )
    return {row["record"]: row for row in rows}


@blueprint.post("/confirm")
@confirming
def confirm() -> Page:
    """Legal has confirmed the figures that are ticked, on one document."""
    said = body_of(request.form, _asked_of(FigureConfirmed, *_SAID_OF_IT))
    ticked = set(request.form.getlist("figure"))
    here = {one.value: one for one in figures()}
    problems = []
    if not ticked:
        problems.append(Problem("figures", "Select what was confirmed", "required"))
    if ticked - here.keys():
        moved = "Some of it reads otherwise now: look at it again, then confirm it"
        problems.append(Problem("figures", moved, "seen"))
    try:
        with _changing() as db:
            for value in sorted(ticked & here.keys()):
                _confirm(db, here[value], said)
            if problems:
                raise NotWritten(problems)
    except NotWritten as error:
        shown = [one for one in error.problems if one not in problems]
        return _overview(said, [*problems, *shown], ticked), 400
    return redirect(url_for("law.overview"), 303)


def _confirm(db: Database, figure: Figure, said: Body) -> None:
    name, code, edition = figure.key
    body = {"of_list": name, "code": code, "said_sha256": digest(figure.fact)} | said
    body |= {"edition": edition} if edition else {}
    seen = registers.standing(db, figure.record).seal
    registers.keep(db, current_user.id, FigureConfirmed.kind, figure.record, body, seen, now())


@blueprint.route("/figures/<name>/<code>", methods=["GET", "POST"])
@reading
def figure(name: str, code: str) -> Page:
    """One figure: what it says, who confirmed it, and taking that back; `?from=` names the edition."""
    edition = request.args.get("from") or None
    found = next((one for one in figures() if one.key == (name, code, edition)), None)
    if found is None:
        abort(404, "No such figure is in the catalogue.")
    if request.method == "POST":
        return _take_back(found)
    return _figure(found, [])


@confirming
def _take_back(found: Figure) -> Page:
    try:
        with _changing() as db:
            standing = registers.standing(db, found.record)
            if not standing.body:
                abort(404, "Nobody has said that this is confirmed.")
            body = standing.body | {"taken_back": True}
            kind, seen = FigureConfirmed.kind, request.form.get("seen")
            registers.keep(db, current_user.id, kind, found.record, body, seen, now())
    except NotWritten as error:
        return _figure(found, error.problems), 400
    return redirect(request.full_path, 303)


def _figure(found: Figure, problems: Problems) -> str:
    return render_template(
        "desk/law_figure.html",
        one=found,
        heading=HEADINGS[found.of],
        standing=registers.standing(get_db(), found.record),
        problems=problems,
    )


# What is kept by a form


@contextmanager
def _changing() -> Iterator[Database]:
    """A write transaction that changes the catalogue: what results must be readable, or nothing is
    written. NotWritten when it is not."""
    db = get_db()
    with catalogue.alone(), writing(db):
        yield db
        overlay.use(db)
        try:
            catalogue.refuse_unreadable(overlay.said(db))
        except CatalogueError as error:
            said = f"The catalogue could not be read with it. {error}"
            raise NotWritten([Problem("", said, "catalogue")]) from error
        labels.list_choices(db)
    overlay.use(db)


@dataclass(frozen=True)
class Form:
    """How one thing is asked for: `initial` is shown while nobody has said anything of it, `fixed` is said
    of itself, `wrong` says what is wrong beyond what the declaration knows."""

    kind: type[Record]
    record: str
    names: tuple[str, ...]
    heading: str
    back: tuple[str, str]
    initial: Mapping[str, Any]
    fixed: Callable[[Body], Body]
    wrong: Callable[[Body], Iterator[Problem]]
    explained: str = ""


def _keep(form: Form) -> Page:
    """Show the form, or keep what it says and go back; sent twice, once."""
    standing = registers.standing(get_db(), form.record)
    fields = _asked_of(form.kind, *form.names)
    said, problems = dict(standing.body or form.initial), list[Problem]()
    if request.method == "POST":
        said = body_of(request.form, fields)
        try:
            with _changing() as db:
                _write(db, form, said | form.fixed(said))
        except NotWritten as error:
            problems = error.problems
        else:
            return redirect(form.back[1], 303)
    page = render_template(
        "desk/law_keep.html",
        form=form,
        fields=fields,
        said=said,
        seen=registers.standing(get_db(), form.record).seal or "",
        problems=problems,
        today=_today(),
    )
    return page, 400 if problems else 200


def _write(db: Database, form: Form, body: Body) -> None:
    """Keep it, or say all that is wrong with it."""
    if registers.standing(db, form.record).body == body:
        return  # sent twice
    wrong, seen = list(form.wrong(body)), request.form.get("seen") or None
    try:
        registers.keep(db, current_user.id, form.kind.kind, form.record, body, seen, now())
    except NotWritten as error:
        told = {one.field for one in error.problems}
        wrong = [*error.problems, *(one for one in wrong if one.field not in told)]
    if wrong:
        raise NotWritten(wrong)


def _days_in_order(body: Body, first: str, second: str, sentence: str) -> Iterator[Problem]:
    if body.get(first) and body.get(second) and body[second] < body[first]:
        yield Problem(second, sentence, "order")


# Amounts


ANOTHER = "Enter another amount from a later day"


@blueprint.get("/amounts")
@reading
def amounts() -> str:
    """What each offence costs, from which day to which."""
    kept = {
        f"{row['offence']}-{row['starts']}": row["record"]
        for row in all_rows(
            get_db(),
            "SELECT record, offence, starts FROM catalogue_changes WHERE kind = ? AND NOT taken_back",
            [AmountSet.kind],
        )
    }
    rows = sorted(
        (one for one in catalogue.amounts() if one.ends is None or one.ends >= _today()),
        key=lambda one: (catalogue.label("offences", one.offence), one.starts or date.min),
    )
    return render_template("desk/law_amounts.html", rows=rows, kept=kept, today=_today())


_AMOUNT = (
    "starts",
    "council_amount",
    "council_discount",
    "minimum",
    "maximum",
    "discount_floor",
    "decision",
)


@blueprint.route("/amounts/<offence>", methods=["GET", "POST"])
@changing
def new_amount(offence: str) -> Page:
    """Another amount from a day on; the one before it ends the day before."""
    record = own_id(request.form) if request.method == "POST" else str(uuid.uuid4())
    return _keep(_amount_form(offence, record, _AMOUNT))


@blueprint.route(f'/amounts/<offence>/<regex("{UUID_PATTERN}"):record>', methods=["GET", "POST"])
@changing
def amount(offence: str, record: str) -> Page:
    """Put right an amount that was entered here, or take it back."""
    if registers.standing(get_db(), record).body.get("offence") != offence:
        abort(404, "No such amount was entered here.")
    return _keep(_amount_form(offence, record, (*_AMOUNT, "taken_back")))


def _amount_form(offence: str, record: str, names: tuple[str, ...]) -> Form:
    last = [one for one in catalogue.amounts() if one.offence == offence]
    if not last:
        abort(404, "The catalogue has no amount for such an offence.")
    before = max(last, key=lambda one: one.starts or date.min)
    initial = {
        "council_amount": before.full,
        "council_discount": before.early,
        "minimum": before.minimum,
        "maximum": before.maximum,
        "discount_floor": before.discount_floor,
    }
    return Form(
        AmountSet,
        record,
        names,
        catalogue.label("offences", offence),
        ("Amounts", url_for("law.amounts")),
        {name: value for name, value in initial.items() if value is not None},
        lambda _said: {"offence": offence},
        lambda body: _wrong_amount(body, record),
        "The amount before ends the day before. What was issued for an offence of an earlier day keeps "
        "its amount. The new figure awaits confirmation by Legal.",
    )


def _wrong_amount(body: Body, record: str) -> Iterator[Problem]:
    kept = registers.standing(get_db(), record).body
    if kept and not kept.get("taken_back") and not _is_to_come(kept.get("starts")):
        yield Problem("starts", f"It is in force already: notices ask for it. {ANOTHER}", "begun")
        return
    if body.get("taken_back"):
        return
    numbers = {name: body[name] for name in _AMOUNT if isinstance(body.get(name), int)}
    full, early = numbers.get("council_amount"), numbers.get("council_discount")
    most, least = numbers.get("maximum"), numbers.get("minimum", 0)
    if full and most and not least <= full <= most:
        said = f"It must be from {words.pounds(least)} to {words.pounds(most)}, as the law allows"
        yield Problem("council_amount", said, "range")
    if full and early and not numbers.get("discount_floor", 0) <= early < full:
        yield Problem(
            "council_discount",
            "It must be less than the full amount, and as much as the law wants",
            "range",
        )
    yield from _taken_day(body, kept.get("starts"))


def _is_to_come(day: Any) -> bool:
    """Whether a day is after today. What was handed over with signal is judged by what is known when it
    comes: nothing may change what held on a day that has begun."""
    return isinstance(day, str) and day > _today().isoformat()


def _taken_day(body: Body, kept: str | None) -> Iterator[Problem]:
    """An amount that begins on the day of another, before the first one, or not after today, is none;
    `kept` is the day from which this one was until now."""
    rows = [one for one in catalogue.amounts() if one.offence == body["offence"]]
    days = {edition_of(one) for one in rows} - {kept}
    if body.get("starts") in days:
        yield Problem("starts", "Another amount begins on that day already", "taken")
        return
    first = min((one.starts or date.min for one in rows), default=date.min)
    if isinstance(body.get("starts"), str) and body["starts"] <= first.isoformat():
        yield Problem("starts", f"The first amount is from {words.day(str(first))}", "order")
    elif body.get("starts") and not _is_to_come(body["starts"]):
        said = "It must begin after today: phones have given notices for what held until now"
        yield Problem("starts", said, "begun")


# Orders


_ORDER = (
    "label",
    "full_title",
    "made",
    "starts",
    "ends",
    "extended",
    "whole_borough",
    "area_words",
    "area_points",
    "articles",
    "alcohol_request",
    "decision",
)


@blueprint.route("/orders/new", methods=["GET", "POST"])
@changing
def new_order() -> Page:
    if request.method == "GET":
        return _keep(_order_form("", str(uuid.uuid4()), {}))
    made = request.form.get("made", "")[:4]
    code = code_of(f"{request.form.get('label', '')} {made}")
    return _keep(_order_form(code, record_of("order", code), {}))


@blueprint.route("/orders/<code>", methods=["GET", "POST"])
@changing
def order(code: str) -> Page:
    """An order as it is known: put right, extended, or ended."""
    found = next((one for one in catalogue.orders() if one.code == code), None)
    if found is None:
        abort(404, "No such order is in the catalogue.")
    return _keep(_order_form(code, record_of("order", code), _order_said(found)))


def _order_said(found: Order) -> Body:
    """An order of the files as a page would say it."""
    points = found.area if isinstance(found.area, tuple) else ()
    said = {
        "label": found.label,
        "full_title": found.title,
        "made": found.made and str(found.made),
        "starts": found.starts and str(found.starts),
        "ends": found.ends and str(found.ends),
        "extended": _is_long(found.starts, found.ends),
        "whole_borough": found.area == WHOLE_BOROUGH,
        "area_words": found.area_words,
        "area_points": "\n".join(f"{latitude}, {longitude}" for longitude, latitude in points),
        "articles": "\n".join(one.label for one in found.articles),
        "alcohol_request": found.alcohol_request,
    }
    return {name: value for name, value in said.items() if value}


def _order_form(code: str, record: str, initial: Body) -> Form:
    return Form(
        OrderKept,
        record,
        _ORDER,
        str(initial.get("label", "Another order")),
        ("Public Spaces Protection Orders", url_for("admin.orders")),
        initial,
        lambda _said: {"code": code},
        lambda body: _wrong_order(body, new=not initial),
        "A notice for breach is given only under an order that is in force on the day, for one of its "
        "articles. To retire an order, enter its last day, which is not past. Its particulars await "
        "confirmation by Legal whenever they change.",
    )


def _wrong_order(body: Body, *, new: bool) -> Iterator[Problem]:
    if new and any(one.code == body["code"] for one in catalogue.orders()):
        yield Problem("label", "There is an order with this name already", "taken")
    yield from _days_in_order(body, "made", "starts", "An order is in force only once it is made")
    yield from _days_in_order(body, "starts", "ends", "It ends before it begins")
    if _is_long(_day(body.get("starts")), _day(body.get("ends"))) and not body.get("extended"):
        said = "An order lasts at most 3 years, unless it was extended: tick that it was"
        yield Problem("ends", said, "too-long")
    if not new:
        yield from _less_of_order(body)
    ways = [name for name in ("whole_borough", "area_words", "area_points") if body.get(name)]
    if not ways:
        yield Problem("area_words", "Say where it holds", "required")
    if "whole_borough" in ways and len(ways) > 1:
        yield Problem("whole_borough", "It holds in the whole borough, or in a part of it", "order")
    yield from _wrong_corners(str(body.get("area_points", "")))
    codes = [code_of(line) for line in str(body.get("articles", "")).splitlines() if line.strip()]
    if len(set(codes)) < len(codes):
        yield Problem("articles", "Two articles begin with the same words", "taken")


def _day(said: Any) -> date | None:
    return date.fromisoformat(said) if is_moment(f"{said}T00:00:00Z") else None


def _is_long(starts: date | None, ends: date | None) -> bool:
    """Whether an order lasts for longer than it may unless it was extended (ASBCPA 2014 s60)."""
    return bool(starts and ends and ends > months_after(starts, 36))


def _less_of_order(body: Body) -> Iterator[Problem]:
    """A notice that was given under an order stays one: no day on which it held is taken from it."""
    found = next(one for one in catalogue.orders() if one.code == body["code"])
    held, today = found.starts or date.min, _today()
    if held > today:
        return
    if str(body.get("starts", "")) > held.isoformat():
        since = f"It is in force since {words.day(str(held))}: notices may have been given under it"
        yield Problem("starts", since, "begun")
    last = min(found.ends or today, today)
    if body.get("ends") and body["ends"] < last.isoformat():
        said = f"Enter {words.day(str(last))} or later: notices may have been given until then"
        yield Problem("ends", said, "begun")


def _wrong_corners(text: str) -> Iterator[Problem]:
    if not text.strip():
        return
    try:
        corners = polygon(text)
    except CatalogueError as error:
        yield Problem("area_points", str(error).rstrip("."), "type")
        return
    if len(corners) < 3:
        yield Problem("area_points", "An area has three corners or more", "range")
    elif not all(-9 <= x <= 2 and 49 <= y <= 61 for x, y in corners):
        said = "A corner is outside Great Britain: each line is latitude, then longitude"
        yield Problem("area_points", said, "range")


# Plain lists


LISTS = {
    "activities": "Activities",
    "outcomes": "Outcomes",
    "company": "With whom a shift is",
    "contact_roles": "Contacts at faith sites",
    "moods": "Moods at faith sites",
    "hate_reports": "Hate incidents reported",
    "licences_shown": "Trading licences shown",
    "trading_actions": "Street trading: actions",
    "swep_offers": "Severe-weather offers",
    "asb_settings": "Antisocial behaviour: where",
    "asb_kinds": "Antisocial behaviour: kinds",
    "asb_actions": "Antisocial behaviour: actions",
    "enviro_kinds": "Enviro-crime: kinds",
    "enviro_actions": "Enviro-crime: actions",
    "agencies": "Agencies",
}
"""The lists on which nothing but a patrol's words hangs; the law's own lists change with the law."""
NEEDED = {
    ("outcomes", "nothing-unusual"): "a phone saves a quiet visit with it",
    ("company", "police"): "a patrol joint with the police is told by it",
    ("activities", "joint-operation"): "a patrol that fits no other begins as it",
}
ON_HOME = 6
"""Activities that a phone's Home shows."""


@blueprint.get("/lists")
@reading
def lists() -> str:
    return render_template("desk/law_lists.html", lists=LISTS)


@blueprint.get("/lists/<name>")
@reading
def one_list(name: str) -> str:
    return render_template(
        "desk/law_list.html",
        name=name,
        heading=_list_heading(name),
        entries=catalogue.entries(name),
        today=_today(),
    )


def _list_heading(name: str) -> str:
    if name not in LISTS:
        abort(404, "No such list is kept here.")
    return LISTS[name]


@blueprint.route("/lists/<name>/new", methods=["GET", "POST"])
@changing
def new_entry(name: str) -> Page:
    code = code_of(request.form.get("label", ""))
    record = record_of("entry", name, code) if request.method == "POST" else str(uuid.uuid4())
    return _keep(_entry_form(name, code, record, None))


@blueprint.route("/lists/<name>/entries/<code>", methods=["GET", "POST"])
@changing
def entry(name: str, code: str) -> Page:
    """Rename an entry, or give it its last day."""
    heading = _list_heading(name)
    found = next((one for one in catalogue.entries(name) if one.code == code), None)
    if found is None:
        abort(404, f"“{heading}” has no such entry.")
    return _keep(_entry_form(name, code, record_of("entry", name, code), found))


def _entry_form(name: str, code: str, record: str, found: Entry | None) -> Form:
    heading = _list_heading(name)
    more = ("button", "place_categories") if name == "activities" else ()
    said: Body = {
        "label": found and found.label,
        "starts": found and found.starts and str(found.starts),
        "ends": found and found.ends and str(found.ends),
    }
    if isinstance(found, catalogue.Activity):
        said |= {"button": found.button, "place_categories": list(found.place_categories)}
    return Form(
        ListEntry,
        record,
        ("label", *more, "starts", "ends"),
        found.label if found else f"{heading}: another entry",
        (heading, url_for("law.one_list", name=name)),
        {one: value for one, value in said.items() if value},
        lambda _said: {"of_list": name, "code": code},
        lambda body: _wrong_entry(body, found),
        "Other words show at once wherever it was chosen. What has a last day is offered no longer after "
        "it, and stays on what was written before.",
    )


def _wrong_entry(body: Body, found: Entry | None) -> Iterator[Problem]:
    name, code = body["of_list"], body["code"]
    others = [one for one in catalogue.entries(name) if one.code != code]
    known = {one.label.casefold() for one in others}
    taken = found is None and any(one.code == code for one in catalogue.entries(name))
    if taken or str(body.get("label", "")).casefold() in known:
        yield Problem("label", "This list has these words already", "taken")
    yield from _days_in_order(body, "starts", "ends", "It ends before it begins")
    away = "ends" if body.get("ends") else "starts"
    if away == "starts" and not _is_to_come(body.get("starts")):
        return
    if why := NEEDED.get((name, code)):
        cannot = {"ends": "It cannot end", "starts": "It cannot begin after today"}
        yield Problem(away, f"{cannot[away]}: {why}", "needed")
        return
    today = _today()
    left = sum(one.ends is None and one.in_force(today) for one in others)
    if name == "activities" and left < ON_HOME:
        said = f"A phone’s Home shows {ON_HOME} activities: add another one first"
        yield Problem(away, said, "needed")
