"""Copies of household waste notices that have to go out (law.md R10).

The copy goes to the Environment Agency at the time of giving the notice, and to another council when the
failure was in its area (EPA 1990 s34ZA). Paying a notice changes nothing about that.
"""

from __future__ import annotations

from typing import Any

from sqlite_utils import Database

from field_app.database import all_rows

Row = dict[str, Any]


def copies_due(db: Database) -> list[Row]:
    """The notices of which a copy has still to go out, the oldest first: rows of `notices`, with
    `officer_name`, and in `copies` what has to be sent, as `copies_to_send` says it."""
    rows = all_rows(
        db,
        "SELECT notices.*, officers.name AS officer_name FROM notices "
        "JOIN officers ON officers.id = notices.officer "
        "WHERE offence = 'household-waste' AND state = 'accepted' "
        "AND withdrawal_answer IS NOT 'agree' AND (agency_copy_on IS NULL "
        "OR (other_council IS NOT NULL AND council_copy_on IS NULL)) "
        "ORDER BY issued_at, record",
    )
    return [row | {"copies": copies_to_send(row)} for row in rows]


def copies_to_send(row: Row) -> dict[str, str]:
    """What has still to be sent of one notice: a sentence, by the field that says that it was."""
    if row["offence"] != "household-waste" or row["state"] != "accepted":
        return {}
    if row["withdrawal_answer"] == "agree":
        return {}
    found = {}
    if not row["agency_copy_on"]:
        found["agency_copy_on"] = (
            "Send the copy to the Environment Agency (EPA 1990 s34ZA: at the time of giving)"
        )
    if row["other_council"] and not row["council_copy_on"]:
        found["council_copy_on"] = (
            f"Send the copy to {row['other_council']}, in whose area it was (EPA 1990 s34ZA)"
        )
    return found
