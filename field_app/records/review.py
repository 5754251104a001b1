"""A team leader reads a shift: signs it off, or asks about a page. What an officer wrote stays as it is.

A question, its answer and its end are pages about the record that is asked about; an answer and an end name
their question by the seal of its page, so that they belong together in whatever order they come.
"""

from __future__ import annotations

from typing import ClassVar

from field_app.fields import Moment, Notes, Number, Reference, References, Seal
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


class GapDecided(Record):
    """A team leader decides that pages are lost for ever, because their phone had lost them before they came.

    It is a record of its own, under an id that no phone can foresee; which gap it is about it says itself.
    """

    kind = "gap-decided"
    title = "Decision about lost pages"
    table = "gap_decisions"
    at_desk = True
    lasting = "What was decided about lost pages stays."

    lost_from = Reference("Notebook that lost them", required=True)
    first_lost = Number("First lost page", least=1, most=2**53 - 1, required=True)
    last_lost = Number("Last lost page", least=1, most=2**53 - 1, required=True)
    lost_before = Seal("Seal of the last lost page", required=True)
    lost_reason = Notes(
        "Why they are lost for ever",
        required=True,
        longest=2_000,
        hint="What became of the phone, and what you did to find them. It stands in the shift’s log for ever",
        wording={"required": "Say why they are lost for ever"},
    )


class PatrolsCompared(ReviewPage):
    """Whether a patrol is one that another officer logged too, and is counted with it.

    It says all that stands: what it leaves out does not any more. Both patrols stay as they were written.
    That one is counted with the other holds while neither is amended again.
    """

    kind = "patrols-compared"
    title = "One patrol or two"
    table = "patrols"
    only_for = ("patrol",)
    sets_aside: ClassVar[tuple[str, ...]] = (
        "counted_with",
        "own_amendments",
        "kept_amendments",
        "not_the_same_as",
    )

    compared_at = Moment("Compared with another", required=True)
    counted_with = Reference("Counted with")
    own_amendments = Number("How often it was amended before", most=2**53 - 1)
    kept_amendments = Number("How often the other was amended before", most=2**53 - 1)
    not_the_same_as = References("Not the same patrol as")


class Query(ReviewPage):
    """A team leader asks about a page. It reaches the officer's phone; the page stays as it is."""

    kind = "query"
    title = "Question from the desk"

    about_page = Seal("Page asked about", required=True)
    question = Notes(
        "Your question",
        required=True,
        longest=1_000,
        hint="Say what you want to know. The officer reads it on the phone, without a signal too",
        wording={"required": "Enter your question"},
    )


class Answer(Record):
    """The officer's answer to a question from the desk."""

    kind = "answer"
    title = "Answer"
    begins = False

    query = Seal("Question", required=True)
    answer = Notes(
        "Your answer", required=True, longest=2_000, wording={"required": "Enter your answer"}
    )


class QueryClosed(ReviewPage):
    """The team leader has what was asked for, or does not need it any more."""

    kind = "query-closed"
    title = "Close the question"

    query = Seal("Question", required=True)
    closed_reason = Notes("Reason", longest=1_000, hint="Optional")
