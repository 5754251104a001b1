"""What is added to any record on a later page: a mistake put right, or photos. The first version stays."""

from __future__ import annotations

from field_app.fields import Changes, Photos, Text, YesNo
from field_app.records.base import Record


class Amendment(Record):
    """A later page about a record: what changes and why, or that it was entered in error."""

    kind = "amendment"
    title = "Amend"
    begins = False

    reason = Text(
        "Reason",
        required=True,
        hint="Why this is amended",
        longest=500,
        wording={"required": "Enter a reason"},
    )
    entered_in_error = YesNo("This was entered in error and must not be counted")
    """Of an issued notice it is held: only two people at the desk make it void (law.md R20)."""
    changes = Changes("Changes")


class PhotosAdded(Record):
    """Photos that were taken, or found, after the record was written. What it says stays as it is."""

    kind = "photos-added"
    title = "Add photos"
    begins = False

    photos = Photos("Photos", required=True, wording={"required": "Add a photo"})
    photos_note = Text("What they show", longest=300)
