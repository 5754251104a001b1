"""Who may sign: an officer's written authorisation, as the administrator has it on file.

EPA 1990 s88(10); ASBCPA 2014 s53; LLAA 2012 s2: authorised in writing by the council.
"""

from __future__ import annotations

from field_app.fields import Choices, Day, Reference, Text
from field_app.records.base import Record


class Authorisation(Record):
    """The powers that one written authorisation names, from a day on."""

    kind = "authorisation"
    title = "Written authorisation"
    table = "authorisations"
    at_desk = True

    granted_to = Reference("Officer", required=True)
    powers = Choices(
        "Powers", of="powers", required=True, wording={"required": "Select the powers it names"}
    )
    document = Text(
        "Reference of the document",
        required=True,
        longest=100,
        hint="As it stands on the paper that the officer carries",
    )
    starts = Day("From", required=True)
    ends = Day("Until", hint="Leave empty while it has no end")


class AuthorisationEnded(Record):
    """An authorisation ends, or ends earlier than it said."""

    kind = "authorisation-ended"
    title = "End the authorisation"
    table = "authorisations"
    begins = False
    at_desk = True

    ends = Day("Last day", required=True)
    ended_reason = Text(
        "Reason", required=True, longest=500, wording={"required": "Enter a reason"}
    )
