"""The register of places: what phones offer, and what a patrol's place means."""

from __future__ import annotations

from typing import ClassVar

from field_app.fields import Choice, Degrees, Number, Text, Ward, YesNo
from field_app.records.base import Record


class Place(Record):
    """A place where patrols are logged, as it stands from this page on."""

    kind = "place"
    title = "Place"
    table = "places"
    at_desk = True
    whole: ClassVar[bool] = True

    name = Text("Name", required=True)
    category = Choice(
        "Category",
        of="place_categories",
        required=True,
        wording={"required": "Select the category"},
    )
    ward = Ward(required=True, wording={"required": "Select the ward"})
    address = Text("Address", longest=300)
    latitude = Degrees("Latitude", least=-90, most=90)
    longitude = Degrees("Longitude", least=-180, most=180)
    visits_a_week = Number(
        "Visits a week", least=1, most=50, hint="The plan; leave empty where no visits are planned"
    )
    retired = YesNo("No longer in use")
