"""A team leader reads a shift and signs it off. What an officer wrote stays as it is."""

from __future__ import annotations

from typing import ClassVar

from field_app.fields import Moment, Notes, Number, Reference
from field_app.records.base import Record


class ReviewPage(Record):
    """What a team leader writes about another person's record."""

    begins = False
    at_desk = True
    of_another = True


class ShiftSigned(ReviewPage):
    """A team leader has read a shift, and every page of it was here. What comes later shows as later."""

    kind = "shift-signed"
    title = "Sign off the shift"
    table = "shifts"
    sets_aside: ClassVar[tuple[str, ...]] = ("signed_note",)

    signed_at = Moment("Signed off", required=True)
    signed_by = Reference("Signed off by", required=True)
    signed_through = Number("Last page that was read", least=1, most=2**53 - 1, required=True)
    signed_note = Notes("Note", longest=2_000, hint="Optional. The officer is not told")
