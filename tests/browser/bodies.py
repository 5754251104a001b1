"""Random bodies of every kind, sound and unsound, made from the declarations and a seed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from field_app import catalogue, numbers, rules
from field_app.fields import (
    Changes,
    Choice,
    Choices,
    Day,
    Declared,
    Moment,
    NoticeNumber,
    Number,
    Photos,
    Points,
    Reference,
    References,
    Requirements,
    Seal,
    Text,
    YesNo,
)
from field_app.records import KINDS, Notice, Record

Body = dict[str, Any]

# What nobody types and something sends: wrong types, edges, and characters that have broken others.
STRANGE: list[Any] = [
    None,
    "",
    " \u00a0\u3000\ufeff",
    "\x1c\x85",
    "two\nlines",
    "two\r\nlines",
    "nul \x00 bell \x07",
    "<script>alert(1)</script>",
    "שלום \u202e 🚓🚓",
    "\ud800 half a pair",
    True,
    False,
    0,
    -1,
    2.5,
    7.0,
    1e21,
    10**30,
    "7",
    [],
    ["alone"],
    ["alone", "alone"],
    [1],
    [None],
    {},
    {"a": 1},
    "2026-02-30T10:00:00Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T10:00:00+00:00",
    "2026-11-22",
    "1899-12-31T10:00:00Z",
    "E05013652",
]


def bodies(kind: str, seed: int, several: int) -> Iterator[Body]:
    """`several` bodies of a kind, about half of them sound."""
    rng = Random(seed)
    for _ in range(several):
        yield _body(rng, rng.choice(KINDS[kind].forms()))


def _body(rng: Random, form: type[Record]) -> Body:
    fields = form.fields()
    if issubclass(form, Notice):
        body = _notice(rng, form)
    else:
        wanted = [field for field in fields if field.required or rng.random() < 0.6]
        body = {field.name: _sound(rng, field) for field in wanted}
    code = getattr(form, "activity_code", None)
    if code:
        body["activity"] = code
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
        field = rng.choice(fields)
        damage: list[Callable[[], Any]] = [
            lambda: rng.choice(STRANGE),
            lambda field=field: _edge(rng, field),  # type: ignore[misc]
            lambda: None,
        ]
        body[field.name] = rng.choice(damage)()
    if rng.random() < 0.2:
        body["a_field_of_another_version"] = rng.choice(STRANGE)
    return body


def _notice(rng: Random, form: type[Notice]) -> Body:
    """A notice that is good in law more often than not: what is about one offence fits together."""
    body = {field.name: _sound(rng, field) for field in form.fields() if field.required}
    body |= {
        "issued_at": "2026-11-20T10:00:00Z",
        "occurred_at": _lately(rng),
        "address": "1 Street",
    }
    body |= {"recipient": "person", "age": "18-over", "age_checked": "plain", "identity": "known"}
    body |= {"authorisation": rng.choice(["Invented 1"] * 9 + [None])}
    body |= {"vulnerability": ["none-seen"], "basis": "found", "caution": "not-given"}
    body |= {"persistence": "persistent", "comply_by": "2026-12-20", "ends_on": "2027-05-01"}
    body |= {"warning_comply_by": "2026-11-10", "warned_on": "2026-10-10", "own_highway": True}
    body |= {"designated_land": True, "breached": "CN2632604173", "requirement": "1"}
    body |= {"review_on": "2027-01-10", "same_person": True, "same_conduct": True}
    for field in form.fields():
        if field.name not in body and rng.random() < 0.08:
            body[field.name] = _sound(rng, field)
    offence = rng.choice(catalogue.offences())
    body |= {"offence": offence.code, "points": {point.code: "Yes" for point in offence.points}}
    due = rules.facts(dict.fromkeys(form.columns()) | body)["due"]
    worked_out = ("amount", "discount", "discount_until", "pay_by", "appeal_by")
    reduced = due["discount_until"] is not None
    body |= {
        name: due[name]
        for name in worked_out
        if due[name] is not None and (reduced or not name.startswith("discount"))
    }
    known = {field.name for field in form.fields()}
    return {name: value for name, value in body.items() if name in known}


def _lately(rng: Random) -> str:
    """Mostly days ago; sometimes too long ago, or at an hour when London has another day."""
    return rng.choice(
        ["2026-11-19T23:30:00Z", "2026-11-20T09:00:00Z", "2026-06-30T23:30:00Z"] * 3
        + ["2026-05-19T22:59:00Z", "2026-05-19T23:00:00Z", "2023-07-30T12:00:00Z"]
    )


def _sound(rng: Random, field: Declared) -> Any:
    makers: list[tuple[type[Declared], Callable[[Any], Any]]] = [
        (Choices, lambda f: rng.sample(sorted(f.codes), rng.randint(1, min(3, len(f.codes))))),
        (Choice, lambda f: rng.choice(sorted(f.codes))),
        (Moment, lambda _: _moment(rng)),
        (Number, lambda f: int(_between(rng, f)) if f.whole else _between(rng, f)),
        (YesNo, lambda _: rng.choice([True, True, False])),
        (Reference, lambda _: _uuid(rng)),
        (Seal, lambda _: f"{rng.getrandbits(256):064x}"),
        (References, lambda _: [_uuid(rng) for _ in range(rng.randint(1, 3))]),
        (Photos, lambda _: [{"sha256": f"{rng.getrandbits(256):064x}", "taken_at": _moment(rng)}]),
        (Changes, lambda _: {"notes": "x", "mood": None}),
        (NoticeNumber, lambda f: numbers.number(f"{f.letters or 'CF'}26", rng.randint(1, 999_999))),
        (Day, lambda _: _moment(rng)[:10]),
        (Points, lambda _: {"item": "A cup", "where": rng.choice(["", "x" * 500, "Here"])}),
        (Requirements, lambda _: [{"kind": rng.choice(["stop", "do"]), "what": "Stop the noise"}]),
        (Text, lambda f: rng.choice(["Outside the gate", "é", "x" * f.longest, "🚓" * 20])),
    ]
    return next(make for kind, make in makers if isinstance(field, kind))(field)


def _between(rng: Random, field: Number) -> float:
    return rng.uniform(field.least, field.most)


_DAMAGED: dict[type[Declared], list[Any]] = {
    NoticeNumber: ["CF2632604100", "cf26326041 07", "XX26326041", "CF26", "CN2632604180"],
    Points: [{"item": "x" * 501}, {"item": 7}, {"item": ""}, {"\ud800": "\ud800"}, {}, [], "x"],
    Requirements: [[{"kind": "ban", "what": "x"}], [{"kind": "stop", "what": " "}], [None], [{}]],
}


def _edge(rng: Random, field: Declared) -> Any:
    """A value just at or just over an edge of the declaration."""
    for kind, damaged in _DAMAGED.items():
        if isinstance(field, kind):
            return rng.choice(damaged)
    if isinstance(field, Number):
        edges = [field.least, field.most, field.least - 1, field.most + 1, field.most + 0.5]
        return rng.choice(edges)
    if isinstance(field, Text):
        return "x" * (field.longest + rng.choice([0, 1]))
    if isinstance(field, Photos):
        sound = {"sha256": "a" * 64, "taken_at": _moment(rng)}
        return [
            rng.choice([sound | {"sha256": "A" * 64}, sound | {"taken_at": "now"}, {}, "x", None])
        ]
    if isinstance(field, References):
        return [rng.choice(["nobody", _uuid(rng).upper(), 7])]
    return _sound(rng, field)


def _moment(rng: Random) -> str:
    day = f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    clock = f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}"
    return f"{day}T{clock}{rng.choice(['', '.5', '.123'])}Z"


def _uuid(rng: Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def through_json(body: Body) -> Body:
    """The body as either side reads it from JSON."""
    read: Body = json.loads(json.dumps(body))
    return read
