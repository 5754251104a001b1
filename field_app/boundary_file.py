"""A boundary file as the Office for National Statistics or a council publishes it: GeoJSON, read
strictly, matched to the catalogue's wards, and simplified for a phone.

Coordinates are degrees WGS84 (EPSG:4326) or metres of the British National Grid (EPSG:27700). The grid is
turned into degrees by the Ordnance Survey's Helmert transformation (EPSG::1314), good to 5 m; its grid of
corrections, OSTN15, is a download of its own. Everything is simplified in metres, all wards together, so
that the line between two neighbours stays one line.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from field_app.catalogue import Ward
from field_app.fields import Outlines

MOST_BYTES = 8_000_000
MOST_POINTS = 4_000
"""With these a phone's copy of the outlines stays under 25 kB compressed."""
TOLERANCES_M = (5, 10, 20, 40)
"""The first that leaves no more than MOST_POINTS is taken."""
MOST_OVERLAP = 0.01
"""The part of a ward that another may cover: slivers are how files are drawn, more is a mistake."""
DECIMALS = 5
"""Of a degree: a metre."""

DEGREES, GRID = "EPSG:4326", "EPSG:27700"
_CRS = {"27700": GRID, "4326": DEGREES, "CRS84": DEGREES}

_TO_DEGREES = Transformer.from_pipeline(
    "+proj=pipeline +step +inv +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 "
    "+y_0=-100000 +ellps=airy +step +proj=push +v_3 +step +proj=cart +ellps=airy +step +proj=helmert "
    "+x=446.448 +y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 +rz=0.842 +s=-20.489 "
    "+convention=position_vector +step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3 "
    "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
)


class BadBoundaries(Exception):
    """The file cannot be used; the sentence says why, and what to do."""


@dataclass(frozen=True)
class Matched:
    """A ward of the catalogue and how the file says it. `by`: code or name; `code` is the file's own."""

    ward: Ward
    by: str
    code: str | None
    points: int


@dataclass(frozen=True)
class Boundaries:
    """A file that was read: what a page says of it, and which ward was matched how."""

    sha256: str
    coordinates: str
    points: int
    tolerance_m: float
    moved_m: float
    gaps: bool
    """Whether neighbours did not fit each other in the file already."""
    outlines: Outlines
    matched: list[Matched]


def read(data: bytes, wards: Sequence[Ward]) -> Boundaries:
    """Read a file that has exactly these wards. BadBoundaries when it cannot be used."""
    features = _features(data)
    shapes = [_shape(feature, number) for number, feature in enumerate(features, 1)]
    coordinates = _system(data, shapes)
    matched = _match(features, wards)
    metres = [_to_metres(shape, coordinates) for shape in shapes]
    for shape, (ward, _, _) in zip(metres, matched, strict=True):
        _check_drawn(shape, ward.label)
    _check_overlaps(metres, [ward.label for ward, _, _ in matched])
    tolerance, simpler = _simplified(metres)
    outlines: Outlines = {
        ward.code: _polygons(shape) for (ward, _, _), shape in zip(matched, simpler, strict=True)
    }
    return Boundaries(
        hashlib.sha256(data).hexdigest(),
        coordinates,
        sum(map(_points, shapes)),
        tolerance,
        _moved(metres, simpler),
        not shapely.coverage_is_valid(numpy.array(metres)),
        dict(sorted(outlines.items())),
        [Matched(*how, _points(shape)) for how, shape in zip(matched, shapes, strict=True)],
    )


# What the file says


def _features(data: bytes) -> list[dict[str, Any]]:
    if not data:
        raise BadBoundaries("Select a GeoJSON file")
    if len(data) > MOST_BYTES:
        raise BadBoundaries(
            f"The file is larger than {MOST_BYTES // 1_000_000} MB. Export the borough’s wards only, "
            "or take the publisher’s generalised edition"
        )
    if data.startswith(b"PK\x03\x04"):
        raise BadBoundaries(
            "This is a zip file. Unpack it, and upload the GeoJSON file in it; a shapefile has to be "
            "exported as GeoJSON first"
        )
    said = _json(data)
    features = said.get("features") if isinstance(said, dict) else None
    if not isinstance(features, list) or said.get("type") != "FeatureCollection":
        raise BadBoundaries("This is not GeoJSON: it has no list of features")
    if not features:
        raise BadBoundaries("The file has no wards in it")
    if not all(isinstance(one, dict) and one.get("type") == "Feature" for one in features):
        raise BadBoundaries("This is not GeoJSON: one of its features is none")
    return features


def _json(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadBoundaries("This is not a GeoJSON file: it cannot be read as JSON") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _shape(feature: dict[str, Any], number: int) -> BaseGeometry:
    """A feature's polygons, in the coordinates of the file."""
    geometry, name = feature.get("geometry"), _named(feature, number)
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise BadBoundaries(f"{name} has no outline: a ward is a Polygon or a MultiPolygon")
    said = geometry.get("coordinates")
    polygons = [said] if geometry["type"] == "Polygon" else said
    if not isinstance(polygons, list) or not polygons:
        raise BadBoundaries(f"{name} has no outline: its list of coordinates is empty")
    try:
        return shapely.MultiPolygon([_polygon(rings) for rings in polygons])
    except (ValueError, TypeError, KeyError, IndexError, shapely.errors.ShapelyError) as error:
        raise BadBoundaries(
            f"The outline of {name} cannot be read: a ring is four or more pairs of numbers, and its "
            "last is its first"
        ) from error


def _polygon(rings: Any) -> shapely.Polygon:
    outer, *holes = [[_position(pair) for pair in ring] for ring in rings]
    if any(len(ring) < 4 or ring[0] != ring[-1] for ring in (outer, *holes)):
        raise ValueError("not a ring")
    return shapely.Polygon(outer, holes)


def _position(pair: Any) -> tuple[float, float]:
    x, y, *_height = pair
    if type(x) not in (int, float) or type(y) not in (int, float):
        raise ValueError("not a position")
    return float(x), float(y)


def _named(feature: dict[str, Any], number: int) -> str:
    """A feature by whatever name it has."""
    names = [text for text in _texts(feature) if not re.fullmatch(r"[\d.,:/-]*", text)]
    return f"Feature {number} ({', '.join(names[:2])})" if names else f"Feature {number}"


def _texts(feature: dict[str, Any]) -> list[str]:
    said = feature.get("properties")
    values = said.values() if isinstance(said, dict) else ()
    return [value.strip() for value in values if isinstance(value, str) and value.strip()]


# Where it is


def _system(data: bytes, shapes: Sequence[BaseGeometry]) -> str:
    """In which coordinates the file is: as it says, and as its numbers say."""
    said = _said_system(_json(data).get("crs"))
    left, bottom, right, top = shapely.total_bounds(numpy.array(shapes))
    in_degrees = min(left / 180, bottom / 90) >= -1 and max(right / 180, top / 90) <= 1
    in_metres = min(left, bottom) >= 0 and right <= 700_000 and top <= 1_300_000
    if said == GRID and (in_degrees or not in_metres):
        raise BadBoundaries(
            "The file says that it is in the British National Grid (EPSG:27700), and its numbers are "
            "not metres in Great Britain"
        )
    if said == DEGREES and not in_degrees:
        raise BadBoundaries("The file says that it is in EPSG:4326, and its numbers are no degrees")
    if in_degrees:
        _check_in_britain(left, bottom, right, top)
        return DEGREES
    if not in_metres:
        raise BadBoundaries(
            "The numbers in the file are neither degrees (EPSG:4326) nor metres of the British "
            "National Grid (EPSG:27700). Export it in one of these"
        )
    return GRID


def _said_system(crs: Any) -> str | None:
    """What the file's `crs` says; None where it has none, which means degrees or an old habit."""
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name")) if isinstance(properties, dict) else str(crs)
    known = next((_CRS[part] for part in re.split(r"[:/]", name) if part in _CRS), None)
    if known is None:
        raise BadBoundaries(
            f"The file is in the coordinate system “{name[:80]}”. Export it in EPSG:4326 or EPSG:27700"
        )
    return known


def _check_in_britain(left: float, bottom: float, right: float, top: float) -> None:
    if _in_britain(left, bottom) and _in_britain(right, top):
        return
    if _in_britain(bottom, left) and _in_britain(top, right):
        raise BadBoundaries(
            "Latitude and longitude are swapped: GeoJSON has the longitude first, [-0.12, 51.53]"
        )
    raise BadBoundaries("The file has points outside Great Britain")


def _in_britain(longitude: float, latitude: float) -> bool:
    return -8.7 <= longitude <= 1.8 and 49.8 <= latitude <= 60.9


def _to_metres(shape: BaseGeometry, coordinates: str) -> BaseGeometry:
    return shape if coordinates == GRID else shapely.transform(shape, _grid_of)


def _grid_of(degrees: Any) -> Any:
    longitude, latitude = degrees.T
    return numpy.column_stack(_TO_DEGREES.transform(longitude, latitude, direction="INVERSE"))


def _degrees_of(metres: Any) -> Any:
    east, north = metres.T
    return numpy.column_stack(_TO_DEGREES.transform(east, north))


# Which ward is which

_How = tuple[Ward, str, str | None]


def _match(features: list[dict[str, Any]], wards: Sequence[Ward]) -> list[_How]:
    """Each feature's ward, how it was found, and the code that the file gives it."""
    found = [_ward_of(feature, wards) for feature in features]
    unknown = [_named(one, n) for n, one in enumerate(features, 1) if found[n - 1] is None]
    here = [how for how in found if how]
    codes = [ward.code for ward, _, _ in here]
    missing = [ward.label for ward in wards if ward.code not in codes]
    twice = sorted({ward.label for ward, _, _ in here if codes.count(ward.code) > 1})
    faults = [
        f"{words}: {'; '.join(some[:25])}{' …' if len(some) > 25 else ''}"
        for words, some in (
            ("The file lacks", missing),
            ("Fieldbook knows no such ward", unknown),
            ("The file has twice", twice),
        )
        if some
    ]
    if faults:
        raise BadBoundaries(". ".join(faults))
    return here


def _ward_of(feature: dict[str, Any], wards: Sequence[Ward]) -> _How | None:
    """The ward of a feature by its code, or by its name where the file has another code for it.
    BadBoundaries when they name two."""
    texts = _texts(feature)
    code = next((text for text in texts if re.fullmatch(r"E05\d{6}", text)), None)
    by_code = next((ward for ward in wards if ward.code == code), None)
    names = {_plain(text) for text in texts}
    by_name = next((ward for ward in wards if _plain(ward.label) in names), None)
    if by_code and by_name and by_code != by_name:
        raise BadBoundaries(
            f"The file gives the code {code} to {by_name.label}; here it is {by_code.label}’s"
        )
    if by_code:
        return by_code, "code", code
    return (by_name, "name", code) if by_name else None


def _plain(name: str) -> str:
    name = re.sub(r"\bward\b", "", name.casefold().replace("&", " and "))
    return re.sub(r"[^a-z0-9]+", " ", name.replace("'", "").replace("’", "")).strip()


# How it is drawn


def _check_drawn(shape: BaseGeometry, name: str) -> None:
    if shape.is_valid:
        return
    why = shapely.is_valid_reason(shape)
    at = re.search(r"\[(\S+) (\S+)\]", why)
    where = ""
    if at:
        longitude, latitude = _TO_DEGREES.transform(float(at[1]), float(at[2]))
        where = f" near {latitude:.5f}, {longitude:.5f}"
    raise BadBoundaries(f"The outline of {name} crosses or touches itself{where}")


def _check_overlaps(shapes: Sequence[BaseGeometry], names: Sequence[str]) -> None:
    tree = shapely.STRtree(shapes)
    for one, other in zip(*tree.query(shapes, predicate="intersects"), strict=True):
        if one < other:
            shared = shapes[one].intersection(shapes[other]).area
            if shared > MOST_OVERLAP * min(shapes[one].area, shapes[other].area):
                raise BadBoundaries(f"{names[one]} and {names[other]} lie over each other")


def _simplified(shapes: Sequence[BaseGeometry]) -> tuple[float, list[BaseGeometry]]:
    """The tolerance in metres, and all shapes simplified as one."""
    for tolerance in TOLERANCES_M:
        simpler = list(shapely.coverage_simplify(numpy.array(shapes), tolerance))
        if sum(map(_points, simpler)) <= MOST_POINTS:
            return tolerance, simpler
    raise BadBoundaries(
        "The outlines are too detailed for a phone. Take the publisher’s generalised edition"
    )


def _moved(shapes: Sequence[BaseGeometry], simpler: Sequence[BaseGeometry]) -> float:
    """How far the furthest point of the outlines is from the simplified ones, in metres."""
    lines = zip(shapes, simpler, strict=True)
    return round(max(shapely.hausdorff_distance(a.boundary, b.boundary) for a, b in lines), 1)


def _points(shape: BaseGeometry) -> int:
    return int(shapely.get_num_coordinates(shape)) - sum(1 for _ in _rings(shape))


def _rings(shape: BaseGeometry) -> Iterator[Any]:
    for polygon in shapely.get_parts(shape):
        yield polygon.exterior
        yield from polygon.interiors


def _polygons(shape: BaseGeometry) -> list[list[list[list[float]]]]:
    """The coordinates of a MultiPolygon in degrees."""
    return [
        [
            numpy.round(_degrees_of(shapely.get_coordinates(ring)), DECIMALS).tolist()
            for ring in (polygon.exterior, *polygon.interiors)
        ]
        for polygon in shapely.get_parts(shape)
    ]
