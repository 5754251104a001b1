"""A week's count as it was published. Each version is a record of its own, so that all stay readable."""

from __future__ import annotations

from field_app.fields import SHA256_PATTERN, CountedPatrols, Notes, Number, Text, WeekName
from field_app.records.base import Record


class WeekPublished(Record):
    """A week's count is frozen: which patrols were counted, and what was counted of each."""

    kind = "week-published"
    title = "Publish the week"
    table = "published_weeks"
    at_desk = True
    lasting = "What was published stays. Publish a restatement."

    week = WeekName("Week", required=True)
    version = Number("Version", least=1, most=9_999, required=True)
    total = Number("Patrols counted", most=999_999, required=True)
    checksum = Text("Checksum", longest=64, pattern=SHA256_PATTERN, required=True)
    counted = CountedPatrols("What was counted of each patrol", required=True)


class WeekRestated(WeekPublished):
    """A later version of a published count, and why: what came late, or was put right."""

    kind = "week-restated"
    title = "Publish a restatement"

    restated_reason = Notes(
        "Why it is restated",
        required=True,
        longest=2_000,
        hint="For whoever asks why the number has changed",
        wording={"required": "Say why it is restated"},
    )
