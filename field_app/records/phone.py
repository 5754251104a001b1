"""A phone, as an administrator says it stands: its record is its notebook's id."""

from __future__ import annotations

from typing import ClassVar

from field_app.fields import Choice, Number, Reference, Text
from field_app.records.base import Record

MOST_NOT_SENT = 1_000_000


class Phone(Record):
    """One officer's notebook on one phone: in use, or withdrawn, and what it had not sent by then."""

    kind = "phone"
    title = "Phone"
    table = "phones"
    at_desk = True
    whole: ClassVar[bool] = True

    holder = Reference("Officer", required=True)
    phone_state = Choice("State", of="phone_states", required=True)
    withdrawn_reason = Text(
        "Reason",
        longest=500,
        hint="Lost, stolen, broken, or handed back; when and where",
        wording={"required": "Enter a reason"},
    )
    pages_not_sent = Number("Pages not sent when last heard from", most=MOST_NOT_SENT)
    photos_not_sent = Number("Photos not sent when last heard from", most=MOST_NOT_SENT)
