"""Where the wards are: the outlines that an administrator took from a boundary file."""

from __future__ import annotations

from field_app.fields import SHA256_PATTERN, Measure, Number, Text, WardOutlines
from field_app.records.base import Record


class WardBoundaries(Record):
    """The wards' outlines, simplified from a boundary file; the file that came last is in use."""

    kind = "ward-boundaries"
    title = "Ward boundaries"
    table = "ward_boundaries"
    at_desk = True

    source = Text(
        "Where the file comes from",
        required=True,
        longest=300,
        hint="As its publisher wants it said, for example: Office for National Statistics, "
        "May 2024, Open Government Licence",
        wording={"required": "Say who published the file"},
    )
    file_sha256 = Text("SHA-256 of the file", longest=64, pattern=SHA256_PATTERN, required=True)
    coordinates = Text("Coordinates in the file", longest=40, required=True)
    points = Number("Points in the file", most=99_999_999, required=True)
    tolerance_m = Measure("Tolerance of the simplification in metres", most=1_000, required=True)
    moved_m = Measure("Furthest that an outline moved in metres", most=10_000, required=True)
    outlines = WardOutlines("Outlines", required=True)
