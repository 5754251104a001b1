"""Who is in the team: whoever may sign in, and the invitations by which they set their own password.

No page has a password, or anything that is made of one.
"""

from __future__ import annotations

from typing import ClassVar

from field_app.fields import Choice, Reference, Text, YesNo
from field_app.records.base import Record


class Officer(Record):
    """Somebody who may sign in, as they stand in the team from this page on."""

    kind = "officer"
    title = "Member of the team"
    table = "team"
    at_desk = True
    whole: ClassVar[bool] = True
    for_administrators: ClassVar[bool] = True

    name = Text(
        "Name",
        required=True,
        hint="As colleagues know them, and as notices print it",
        wording={"required": "Give the name that others know them by"},
    )
    username = Text(
        "Username",
        required=True,
        longest=64,
        pattern=r"[a-z0-9][a-z0-9._@\-]{0,63}",
        hint="What they type to sign in; it stays the same",
        wording={
            "pattern": "A username is made of a to z, 0 to 9 and . _ @ - and begins with a letter or digit"
        },
    )
    role = Choice("Role", of="roles", required=True, wording={"required": "Select the role"})
    left = YesNo("Has left")


class Invitation(Record):
    """Somebody may set their own password once, by a link that is given to them."""

    kind = "invitation"
    title = "Invitation to set a password"
    table = "invitations"
    at_desk = True
    whole: ClassVar[bool] = True
    for_administrators: ClassVar[bool] = True

    invited = Reference("Invited", required=True)
    used = YesNo("Password set")
