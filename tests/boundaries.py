"""An invented borough of 20 wards in a grid, whose lines wiggle as real ones do, as a GeoJSON file."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from numpy import array

from field_app import catalogue
from field_app.boundary_file import _degrees_of as degrees_of

Line = list[tuple[float, float]]
Json = dict[str, Any]

ACROSS, UP, SIDE = 5, 4, 900.0
EAST, NORTH = 526_000.0, 181_000.0


def _line(a: tuple[float, float], b: tuple[float, float], steps: int, rng: Random) -> Line:
    """From one corner to another by wiggles of up to 12 metres, as short as its steps are."""
    far = min(12, 0.4 * SIDE / steps)
    return [
        a,
        *(
            (
                round(a[0] + (b[0] - a[0]) * n / steps + rng.uniform(-far, far), 2),
                round(a[1] + (b[1] - a[1]) * n / steps + rng.uniform(-far, far), 2),
            )
            for n in range(1, steps)
        ),
        b,
    ]


def borough(steps: int = 40, seed: int = 7) -> dict[str, Line]:
    """Each ward's ring in metres of the British National Grid; neighbours share their line."""
    rng = Random(seed)

    def corner(x: int, y: int) -> tuple[float, float]:
        return EAST + x * SIDE, NORTH + y * SIDE

    across = {
        (x, y): _line(corner(x, y), corner(x + 1, y), steps, rng)
        for x in range(ACROSS)
        for y in range(UP + 1)
    }
    up = {
        (x, y): _line(corner(x, y), corner(x, y + 1), steps, rng)
        for x in range(ACROSS + 1)
        for y in range(UP)
    }
    cells = [(x, y) for y in range(UP) for x in range(ACROSS)]
    return {
        ward.code: [
            *across[x, y],
            *up[x + 1, y][1:],
            *across[x, y + 1][::-1][1:],
            *up[x, y][::-1][1:],
        ]
        for ward, (x, y) in zip(catalogue.wards(), cells, strict=True)
    }


def in_degrees(ring: Line) -> Line:
    return [(float(x), float(y)) for x, y in degrees_of(array(ring))]


def collection(rings: dict[str, Line], crs: str | None = None, **more: Any) -> Json:
    """A FeatureCollection as the Office for National Statistics names things."""
    features = [
        {
            "type": "Feature",
            "properties": {"FID": n, "WD24CD": code, "WD24NM": catalogue.label("wards", code)},
            "geometry": {"type": "Polygon", "coordinates": [[list(pair) for pair in ring]]},
        }
        for n, (code, ring) in enumerate(rings.items(), 1)
    ]
    named = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    return {"type": "FeatureCollection"} | named | {"features": features} | more


def file_of(said: Any) -> bytes:
    return json.dumps(said).encode()


def grid_file(**how: Any) -> bytes:
    return file_of(collection(borough(**how), "urn:ogc:def:crs:EPSG::27700"))


def degrees_file(**how: Any) -> bytes:
    return file_of(collection({code: in_degrees(ring) for code, ring in borough(**how).items()}))
