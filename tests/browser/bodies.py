"""Random bodies of every kind, sound and unsound, made from the declarations and a seed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from field_app.fields import (
    Changes,
    Choice,
    Choices,
    Colleagues,
    Declared,
    Moment,
    Number,
    Photos,
    Reference,
    Text,
    YesNo,
)
from field_app.records import KINDS, Record

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
    body = {
        field.name: _sound(rng, field) for field in fields if field.required or rng.random() < 0.6
    }
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


def _sound(rng: Random, field: Declared) -> Any:
    makers: list[tuple[type[Declared], Callable[[Any], Any]]] = [
        (Choices, lambda f: rng.sample(sorted(f.codes), rng.randint(1, min(3, len(f.codes))))),
        (Choice, lambda f: rng.choice(sorted(f.codes))),
        (Moment, lambda _: _moment(rng)),
        (Number, lambda f: int(_between(rng, f)) if f.whole else _between(rng, f)),
        (YesNo, lambda _: rng.choice([True, True, False])),
        (Reference, lambda _: _uuid(rng)),
        (Colleagues, lambda _: [_uuid(rng) for _ in range(rng.randint(1, 3))]),
        (Photos, lambda _: [{"sha256": f"{rng.getrandbits(256):064x}", "taken_at": _moment(rng)}]),
        (Changes, lambda _: {"notes": "x", "mood": None}),
        (Text, lambda f: rng.choice(["Outside the gate", "é", "x" * f.longest, "🚓" * 20])),
    ]
    return next(make for kind, make in makers if isinstance(field, kind))(field)


def _between(rng: Random, field: Number) -> float:
    return rng.uniform(field.least, field.most)


def _edge(rng: Random, field: Declared) -> Any:
    """A value just at or just over an edge of the declaration."""
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
    if isinstance(field, Colleagues):
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
