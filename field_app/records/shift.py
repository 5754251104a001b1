"""A shift: one officer's turn of duty, from the page that starts it to the page that ends it."""

from __future__ import annotations

from field_app.fields import Choices, Colleagues, Moment, Notes, Text
from field_app.records.base import Record


class ShiftStart(Record):
    """The officer goes on duty."""

    kind = "shift-start"
    title = "Start shift"
    table = "shifts"

    started_at = Moment(
        "Started", required=True, wording={"required": "Enter when the shift started"}
    )
    company = Choices("Patrolling with", of="company")
    colleagues = Colleagues("Colleagues on this shift")
    police_shoulder = Text("Police shoulder number", longest=20)
    partner_agency = Text("Partner agency", longest=100)
    beat = Choices("Beat", of="wards", hint="The wards you will walk")
    notes = Notes("Notes", longest=2_000, rare=True)


class ShiftEnd(Record):
    """The officer goes off duty."""

    kind = "shift-end"
    title = "End shift"
    table = "shifts"
    begins = False

    ended_at = Moment(
        "Ended",
        required=True,
        not_before="started_at",
        wording={"required": "Enter when the shift ended"},
    )
    end_notes = Notes("Anything the next shift should know", longest=2_000)
