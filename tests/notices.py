"""Sound notices, as a phone would write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from field_app import numbers, rules
from field_app.catalogue import offences
from field_app.times import moment_text
from tests.conftest import WARD

Body = dict[str, Any]
AUTHORISED = "Invented authorisation 1"


def fpn(issued: datetime, offence: str = "litter", serial: int = 1, **more: Any) -> Body:
    """A Fixed Penalty Notice; a value of None takes a field out."""
    points = next(one.points for one in offences() if one.code == offence)
    body = _common(issued, "CF", serial) | {
        "offence": offence,
        "occurred_at": moment_text(issued - timedelta(minutes=10)),
        "basis": "found",
        "points": {point.code: "Seen" for point in points},
        "particulars": "Dropped a cup, and walked on",
        "proportionate": "Asked to pick it up, and would not",
        "caution": "given",
        "caution_at": moment_text(issued - timedelta(minutes=5)),
    }
    due = rules.facts(body)["due"]
    names = ("amount", "discount", "discount_until", "pay_by")
    return _given(body | {name: due[name] for name in names} | more)


def cpw(issued: datetime, serial: int = 1, **more: Any) -> Body:
    """A Community Protection Warning."""
    return _given(_common(issued, "CW", serial) | _conduct(issued) | more)


def cpn(issued: datetime, serial: int = 1, **more: Any) -> Body:
    """A Community Protection Notice, after a warning of a month ago."""
    body = _common(issued, "CN", serial) | _conduct(issued)
    body |= {
        "warning": "0193aaaa-0000-4000-8000-00000000000a",
        "warned_on": _day(issued, -30),
        "warning_comply_by": _day(issued, -10),
        "observation": "0193aaaa-0000-4000-8000-00000000000b",
        "same_conduct": True,
        "same_person": True,
        "informed": "The landlord",
        "ends_on": _day(issued, 180),
    }
    return _given(body | {"appeal_by": rules.facts(body)["due"]["appeal_by"]} | more)


def _common(issued: datetime, letters: str, serial: int) -> Body:
    return {
        "number": numbers.number(f"{letters}26", serial),
        "issued_at": moment_text(issued),
        "address": "1 Example Street",
        "ward": WARD,
        "recipient": "person",
        "age": "18-over",
        "age_checked": "document",
        "recipient_name": "Alex Invented",
        "recipient_address": "9 Sample Road",
        "identity": "document",
        "vulnerability": ["none-seen"],
        "authorisation": AUTHORISED,
    }


def _conduct(issued: datetime) -> Body:
    return {
        "conduct": "Amplified music",
        "since": "Nightly since October",
        "effect": "Neighbours cannot sleep",
        "persistence": "continuing",
        "unreasonable": "Asked three times",
        "requirements": [{"kind": "stop", "what": "Playing music after 23:00"}],
        "comply_by": _day(issued, 14),
        "review_on": _day(issued, 30),
    }


def _day(issued: datetime, days: int) -> str:
    return (issued + timedelta(days=days)).date().isoformat()


def _given(body: Body) -> Body:
    return {name: value for name, value in body.items() if value is not None}
