"""Whether a position lies inside an outline, and how far from it. Pure; static/phone/wards.js does the
same with the same numbers. Positions are degrees WGS84."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import cos, hypot, radians

Position = Sequence[float]
"""[longitude, latitude]"""
Ring = Sequence[Position]
Rings = Sequence[Ring]
"""The outer rings and the holes of one ward: a position inside an odd number of them lies in it."""
Polygons = Sequence[Rings]
"""The coordinates of a GeoJSON MultiPolygon."""

METRES_A_DEGREE = 111_195


def inside(ring: Ring, longitude: float, latitude: float) -> bool:
    """Whether a position lies inside a ring; it may repeat its first position at the end."""
    within = False
    for (x, y), (u, v) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y > latitude) != (v > latitude):
            within ^= longitude < (u - x) * (latitude - y) / (v - y) + x
    return within


def ward_of(wards: Mapping[str, Rings], latitude: float, longitude: float) -> str | None:
    """The code of the ward in which a position lies; None outside all of them."""
    for code, rings in sorted(wards.items()):
        if sum(inside(ring, longitude, latitude) for ring in rings) % 2:
            return code
    return None


def metres_to(rings: Rings, latitude: float, longitude: float) -> float:
    """How far a position is from the nearest line of an outline."""
    shrink = cos(radians(latitude))

    def flat(position: Position) -> tuple[float, float]:
        x, y = position[0] - longitude, position[1] - latitude
        return x * METRES_A_DEGREE * shrink, y * METRES_A_DEGREE

    return min(_to_origin(flat(a), flat(b)) for ring in rings for a, b in _lines(ring))


def _lines(ring: Ring) -> Iterator[tuple[Position, Position]]:
    return zip(ring, [*ring[1:], ring[0]], strict=True)


def _to_origin(a: tuple[float, float], b: tuple[float, float]) -> float:
    """How far the line from a to b is from where both axes are 0."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    along = max(0.0, min(1.0, -(a[0] * dx + a[1] * dy) / length)) if length else 0.0
    return hypot(a[0] + along * dx, a[1] + along * dy)


def hectares(polygons: Polygons) -> float:
    """The area of an outline, holes taken off."""
    return sum(
        _area(ring) * (-1 if number else 1) / 10_000
        for rings in polygons
        for number, ring in enumerate(rings)
    )


def _area(ring: Ring) -> float:
    """Square metres."""
    shrink = cos(radians(ring[0][1]))
    doubled = sum(x * v - u * y for (x, y), (u, v) in _lines(_from_first(ring)))
    return abs(doubled) / 2 * METRES_A_DEGREE**2 * shrink


def _from_first(ring: Ring) -> Ring:
    """Small numbers, so that their products are exact enough."""
    return [(x - ring[0][0], y - ring[0][1]) for x, y in ring]


def rings_of(polygons: Polygons) -> list[Ring]:
    return [ring for rings in polygons for ring in rings]


def points_in(polygons: Iterable[Rings]) -> int:
    """How many points an outline is drawn with, each ring's first one counted once."""
    return sum(len(ring) - 1 for rings in polygons for ring in rings)
