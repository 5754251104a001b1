"""Who and what the demonstration is about: invented officers, places and sentences."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Person:
    id: str
    username: str
    name: str
    role: str


@dataclass(frozen=True)
class Place:
    id: str
    name: str
    category: str
    ward: str
    address: str
    latitude: float
    longitude: float
    visits_a_week: int | None = None


def people() -> list[Person]:
    """The 22 officers, then 2 team leaders and 1 administrator."""
    return [Person(**row) for row in invented("people")]


def officers() -> list[Person]:
    return [person for person in people() if person.role == "officer"]


def places() -> list[Place]:
    return [Place(**row) for row in invented("places")]


def invented(name: str) -> Any:
    """One part of data.json: beats (lists of neighbouring wards), or sentences by their use."""
    return _data()[name]


@cache
def _data() -> dict[str, Any]:
    text = (Path(__file__).parent / "data.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data
