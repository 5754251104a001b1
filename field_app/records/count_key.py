"""Keys to the count: whoever holds one may read the count as JSON, and nothing else."""

from __future__ import annotations

from field_app.fields import SHA256_PATTERN, Moment, Reference, Text
from field_app.records.base import Record


class KeyMade(Record):
    """A key to the count was made. Only its SHA-256 is kept."""

    kind = "key-made"
    title = "Make a key"
    table = "count_keys"
    at_desk = True

    purpose = Text(
        "What it is for",
        required=True,
        longest=200,
        hint="Such as: the weekly report in Power BI",
        wording={"required": "Enter what it is for"},
    )
    digest = Text("SHA-256 of the key", longest=64, pattern=SHA256_PATTERN, required=True)


class KeyWithdrawn(Record):
    """A key to the count opens nothing any more."""

    kind = "key-withdrawn"
    title = "Withdraw the key"
    table = "count_keys"
    begins = False
    at_desk = True

    withdrawn_at = Moment("Withdrawn", required=True)
    withdrawn_by = Reference("Withdrawn by", required=True)
    withdrawn_reason = Text(
        "Reason", required=True, longest=500, wording={"required": "Enter a reason"}
    )
