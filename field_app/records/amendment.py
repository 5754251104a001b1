"""An amendment: a mistake struck through and put right on a later page. The first version stays."""

from __future__ import annotations

from field_app.fields import Changes, Text, YesNo
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
    changes = Changes("Changes")
