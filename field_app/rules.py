"""The catalogue's gates and deadlines: whether a notice is good in law, and until when.

Gates are declared once, in catalogue/gates.json, as CEL expressions; the phone's rules.js evaluates the
same file with the same facts, and gives the same verdict. What makes a notice void shuts a gate.
"""

from __future__ import annotations

import calendar
import json
from dataclasses import asdict
from datetime import date, timedelta
from functools import cache
from typing import Any

import cel

from field_app import catalogue
from field_app.catalogue import Gate
from field_app.fields import BLANK, clean
from field_app.outlines import inside
from field_app.times import london

Json = dict[str, Any]
Values = dict[str, Any]
"""A notice's fields as its body says them; None where one is not given, or cannot be read."""


def gates() -> list[Gate]:
    return catalogue.gates()


@cache
def _program(when: str) -> cel.Program:
    return cel.compile(when)


def shut(kind: str, values: Values) -> list[Gate]:
    """The gates that are shut for a notice of this kind, in the order in which they are declared."""
    known = facts({name: _keepable(value) for name, value in values.items()})
    return [gate for gate in gates() if kind in gate.kinds and _is_shut(gate, known)]


def _is_shut(gate: Gate, known: Json) -> bool:
    """What cannot be told shuts the gate: the page is held, and somebody looks at it."""
    try:
        return _program(gate.when).execute(known) is not False
    except (ValueError, TypeError, KeyError, RuntimeError):
        return True


def _keepable(value: Any) -> Any:
    """CEL takes no lone surrogates."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_keepable(one) for one in value]
    if isinstance(value, dict):
        return {_keepable(name): _keepable(one) for name, one in value.items()}
    return value


def facts(values: Values) -> Json:
    """What gates may ask about: the names that gates.json explains."""
    values = values | {"points": _answered(values.get("points"))}
    day = {
        "issued": _london_day(values.get("issued_at")),
        "occurred": _london_day(values.get("occurred_at")),
    }
    offence = _row("offences", values.get("offence"))
    family = _row("families", offence["family"].lower()) if offence else None
    amount = _amount(offence["code"], day["occurred"]) if offence and day["occurred"] else None
    order = _row("orders", values.get("pspo"))
    position = values.get("longitude"), values.get("latitude")
    return {
        "n": values,
        "o": offence,
        "a": amount,
        "f": family,
        "order": order,
        "due": _due(day, amount, family)
        | {"in_area": order and _in_area(order["area"], *position)},
        "day": day,
        "unconfirmed": _unconfirmed(),
    }


def _due(day: Json, amount: Json | None, family: Json | None) -> Json:
    """What the rules work out: sums in pence, and last days."""
    due: Json = dict.fromkeys(
        (
            "amount",
            "discount",
            "discount_until",
            "lower_until",
            "pay_by",
            "prosecute_by",
            "appeal_by",
            "adult_born",
            "born_16",
            "in_area",
        )
    )
    if amount:
        due["amount"] = amount["council_amount"] or amount["default"]
        due["discount"] = amount["council_discount"] or amount["default_discount"]
    issued = day["issued"] and date.fromisoformat(day["issued"])
    if issued:
        due["adult_born"] = str(months_after(issued, -18 * 12))
        due["born_16"] = str(months_after(issued, -16 * 12))
        appeal = _row("periods", "cpn-appeal")
        due["appeal_by"] = appeal and str(last_day(issued, appeal["days"], appeal["counting"]))
    if issued and family:
        counting = family["period_counting"]
        due["pay_by"] = str(last_day(issued, family["period_days"], counting))
        if family["lower_must_be_under_days"]:
            longest = family["lower_must_be_under_days"] - 1
            due["lower_until"] = str(last_day(issued, longest, counting))
        if due["discount"] and family["discount_days"]:
            until = last_day(issued, family["discount_days"], family["discount_counting"])
            due["discount_until"] = str(until)
    if day["occurred"]:
        period = _row("periods", "summary-prosecution")
        due["prosecute_by"] = period and str(
            months_after(date.fromisoformat(day["occurred"]), period["months"])
        )
    return due


def _answered(points: Json | None) -> Json | None:
    """White space answers no point to prove."""
    if points is None:
        return None
    return {code: answer for code, answer in points.items() if answer.strip(BLANK)}


def _in_area(area: Any, longitude: Any, latitude: Any) -> bool | None:
    """Whether a position lies inside a polygon of [longitude, latitude]; None where that cannot be told."""
    if not isinstance(area, list) or longitude is None or latitude is None:
        return None
    return inside(area, longitude, latitude)


def last_day(start: date, days: int, counting: str) -> date:
    """The last of so many days: the start is day 1 when counting "beginning", else the day after is."""
    return start + timedelta(days=days - (counting == "beginning"))


def months_after(day: date, months: int) -> date:
    """The corresponding date so many months on; a month's end clamps (MCA 1980 s127)."""
    number = day.month - 1 + months
    year, month = day.year + number // 12, number % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@catalogue.of_edition
def _unconfirmed() -> list[str]:
    """The words and periods that Legal has not confirmed."""
    rows = [*_rows("wording").values(), *_rows("periods").values()]
    return [row["code"] for row in rows if not row["confirmed"]]


STATED = ("cpn-appeal", "cpn-effect", "cpn-appeal-grounds")
"""The period and the words that a Community Protection Notice must state."""


def not_confirmed(kind: str, values: Values) -> list[str]:
    """The labels of the facts that a notice rests on and that Legal has not confirmed."""
    known = facts(values)
    rests_on = {
        "fpn": [known[name] for name in ("o", "a", "f", "order")],
        "cpn": [_rows("periods")[STATED[0]], *(_rows("wording")[code] for code in STATED[1:])],
    }
    return [row["label"] for row in rests_on.get(kind, []) if row and not row["confirmed"]]


def _london_day(moment: str | None) -> str | None:
    return london(moment).date().isoformat() if moment else None


def _row(list_name: str, code: str | None) -> Json | None:
    return _rows(list_name).get(code) if code else None


def _amount(offence: str, on: str) -> Json | None:
    found = catalogue.amount_on(offence, date.fromisoformat(on))
    return _row("amounts", found.code) if found else None


@catalogue.of_edition
def _rows(list_name: str) -> dict[str, Json]:
    return {entry.code: as_json(entry) for entry in catalogue.entries(list_name)}


def as_json(entry: Any) -> Json:
    """A catalogue entry as JSON values."""
    found: Json = json.loads(json.dumps(asdict(entry), default=str))
    return found


def power_of(kind: str, offence: str | None) -> str | None:
    """The power under which a notice is given, as authorisations name it; None for what is no offence.

    ASBCPA 2014 s53 says who may give warnings and notices of that Act.
    """
    if kind != "fpn":
        return "asbcpa-53"
    row = _row("offences", offence)
    return next(
        (p["code"] for p in _rows("powers").values() if row and p["label"] == row["power"]), None
    )


def for_the_phone(confirmed_only: bool) -> Json:
    """The law as the phone needs it offline: every list, without what only Legal reads, the answers given
    often, and whether the council gives notices on confirmed figures only."""
    lists = ("offences", "amounts", "families", "periods", "orders", "wording")
    unread = ("sure", "source", "must_state", "text", "area_words")
    law = {name: [_without(row, *unread) for row in _rows(name).values()] for name in lists}
    powers = [{"code": row["code"], "label": row["label"]} for row in _rows("powers").values()]
    gates_said = [_without(as_json(gate), "sure", "confirmed", "label") for gate in gates()]
    return law | {
        "gates": gates_said,
        "powers": powers,
        "phrases": catalogue.phrases(),
        "confirmed_only": confirmed_only,
    }


def _without(row: Json, *names: str) -> Json:
    return {name: value for name, value in row.items() if name not in names}
