"""After the street: what happens to a notice at the desk, each step a page with its author and reason.

The states are those of council schemes (issued, paid, representation, reminder, file review, prosecution,
written off, withdrawn). Only the desk writes these pages; they say nothing new of what the officer saw.
"""

from __future__ import annotations

from typing import ClassVar

from field_app.fields import Choice, Day, Moment, Notes, NoticeNumber, Pence, Requirements, Text
from field_app.records.base import Record

REASON = {"required": "Enter a reason"}


class CasePage(Record):
    """A step in the case of a notice."""

    table = "notices"
    begins = False
    at_desk = True


class Representation(CasePage):
    """What a recipient says against a notice. The clock does not stop for it."""

    kind = "representation"
    title = "Record a representation"
    only_for: ClassVar[tuple[str, ...]] = ("fpn",)
    sets_aside: ClassVar[tuple[str, ...]] = (
        "decision",
        "decision_reason",
        "decision_sent_on",
        "decision_proof",
    )

    represented_on = Day("Received on", required=True, past=True)
    represented_by = Text("From whom", hint="The recipient, or who speaks for them", longest=200)
    grounds = Notes("What they say", required=True, longest=4_000)


class Decision(CasePage):
    """The answer to a representation. One that is upheld is followed by a withdrawal."""

    kind = "decision"
    title = "Decide the representation"
    only_for: ClassVar[tuple[str, ...]] = ("fpn",)
    after = "representation"

    decision = Choice(
        "Decision",
        of="decisions",
        required=True,
        wording={"required": "Select the decision"},
    )
    decision_reason = Notes("Reason", required=True, longest=4_000, wording=REASON)
    decided_pay_by = Day("Time to pay now ends", hint="Never before the time on the notice")


class DecisionSent(CasePage):
    """The answer to a representation went to the recipient."""

    kind = "decision-sent"
    title = "Say that the answer was sent"
    only_for: ClassVar[tuple[str, ...]] = ("fpn",)
    after = "decision"

    decision_sent_on = Day("Answer sent on", required=True, past=True)
    decision_proof = Notes("How it was sent", required=True, longest=1_000)


class LetterPosted(CasePage):
    """A letter went out once more, or when its case had moved on: it changes nothing else of the notice."""

    kind = "letter-posted"
    title = "Say that a letter was posted"

    letter = Choice("Letter", of="letters", required=True)
    letter_posted_on = Day("Letter posted on", required=True, past=True)
    letter_proof = Notes("How it is known that it was posted", required=True, longest=1_000)


class CopySent(CasePage):
    """The copy of a household waste notice went to who must have it (EPA 1990 s34ZA)."""

    kind = "copy-sent"
    title = "Say that a copy was sent"
    only_for: ClassVar[tuple[str, ...]] = ("fpn",)

    agency_copy_on = Day(
        "Copy sent to the Environment Agency on",
        required_unless="council_copy_on",
        past=True,
        wording={"required": "Enter the day on which the copy was sent"},
    )
    council_copy_on = Day("Copy sent to the other council on", past=True)


class CaseStep(CasePage):
    """A reminder, a file review, a prosecution, or a case that is written off."""

    kind = "case-step"
    title = "Move the case on"
    only_for: ClassVar[tuple[str, ...]] = ("fpn",)

    step = Choice("Step", of="case_steps", required=True, wording={"required": "Select the step"})
    step_on = Day("On", required=True, past=True)
    step_reason = Notes("Reason", required=True, longest=2_000, wording=REASON)


class Withdrawal(CasePage):
    """Somebody asks that a notice be withdrawn or made void. It stands until a second person agrees."""

    kind = "withdrawal"
    title = "Ask to withdraw or void"
    sets_aside: ClassVar[tuple[str, ...]] = ("withdrawal_answer", "withdrawal_answer_reason")

    withdrawal = Choice(
        "What to do",
        of="withdrawals",
        required=True,
        wording={"required": "Select whether to withdraw it or make it void"},
    )
    withdrawal_reason = Notes("Reason", required=True, longest=2_000, wording=REASON)


class WithdrawalAnswer(CasePage):
    """The second person's answer. Only then is a notice withdrawn or void; its number stays used."""

    kind = "withdrawal-answer"
    title = "Answer the request"
    after = "withdrawal"
    by_another = True

    withdrawal_answer = Choice(
        "Do you agree",
        of="agreements",
        required=True,
        wording={"required": "Select whether you agree"},
    )
    withdrawal_answer_reason = Notes("Reason", required=True, longest=2_000, wording=REASON)


class WithdrawalTakenBack(CasePage):
    """Who asked takes the request back before it is answered. The notice stands as it did."""

    kind = "withdrawal-taken-back"
    title = "Take back the request"
    after = "withdrawal"
    sets_aside: ClassVar[tuple[str, ...]] = ("withdrawal", "withdrawal_reason")

    taken_back_reason = Notes("Reason", required=True, longest=2_000, wording=REASON)


class Review(CasePage):
    """Somebody looked again at a warning, or at a notice that runs, on the day of its review."""

    kind = "review"
    title = "Record a review"
    only_for: ClassVar[tuple[str, ...]] = ("cpw", "cpn")
    sets_aside: ClassVar[tuple[str, ...]] = ("review_on",)

    reviewed_on = Day("Reviewed on", required=True, past=True)
    review_finding = Notes("What you found, and what follows", required=True, longest=2_000)
    review_on = Day("Review again on", hint="Leave it empty when nothing is left to review")


class Variation(CasePage):
    """A Community Protection Notice is varied by who issued it. What stood before stays readable.

    Stannard v CPS [2019] EWHC 84 (Admin).
    """

    kind = "variation"
    title = "Vary the notice"
    only_for: ClassVar[tuple[str, ...]] = ("cpn",)
    sets_aside: ClassVar[tuple[str, ...]] = (
        "variation_service",
        "variation_served_at",
        "variation_service_note",
    )

    requirements = Requirements(
        "What must stop, be done or be achieved",
        required=True,
        wording={"required": "Say what must stop, be done or be achieved"},
    )
    comply_by = Day("By when", required=True)
    ends_on = Day("Ends on", required=True)
    variation_reason = Notes("Reason", required=True, longest=2_000, wording=REASON)


class VariationServed(CasePage):
    """How the variation of a notice reached its recipient, as a notice has to (ASBCPA 2014 s55)."""

    kind = "variation-served"
    title = "Say how the variation was served"
    only_for: ClassVar[tuple[str, ...]] = ("cpn",)
    after = "variation"

    variation_service = Choice(
        "How the variation was served",
        of="services",
        required=True,
        wording={"required": "Select how the variation was served"},
    )
    variation_served_at = Moment(
        "When it was served",
        required=True,
        not_before="issued_at",
        wording={"not-before": "The notice was issued after that"},
    )
    variation_service_note = Notes("Proof of it", longest=1_000)


class Discharge(CasePage):
    """A Community Protection Notice ends before its end date."""

    kind = "discharge"
    title = "Discharge the notice"
    only_for: ClassVar[tuple[str, ...]] = ("cpn",)

    discharged_on = Day("Discharged on", required=True, past=True)
    discharge_reason = Notes("Reason", required=True, longest=2_000, wording=REASON)


class Payment(Record):
    """Money that came in for a notice, by its number; never on the street.

    A payment whose number cannot be read bears it as it was typed, until it is matched.
    """

    kind = "payment"
    title = "Payment"
    table = "payments"
    at_desk = True

    number = NoticeNumber("Number of the notice", required_unless="typed_number")
    typed_number = Text("Number as it was typed", longest=200)
    amount = Pence("Amount", required=True)
    paid_on = Day("Paid on", required=True, past=True)
    source = Choice(
        "How it came in",
        of="payment_sources",
        required=True,
        wording={"required": "Select how it came in"},
    )
    payment_reference = Text("Payment reference", longest=100)


class PaymentMatched(Record):
    """Somebody says which notice a payment is for."""

    kind = "payment-matched"
    title = "Match the payment to a notice"
    table = "payments"
    begins = False
    at_desk = True
    sets_aside: ClassVar[tuple[str, ...]] = ("dismissed_reason",)

    number = NoticeNumber("Number of the notice", required=True)
    match_reason = Text("How you know", required=True, longest=500)


class PaymentDismissed(Record):
    """A payment that counts for no notice: paid back, of another council, or entered by mistake."""

    kind = "payment-dismissed"
    title = "Set the payment aside"
    table = "payments"
    begins = False
    at_desk = True

    dismissed_reason = Text("Reason", required=True, longest=500, wording=REASON)


class PaymentPaidBack(Record):
    """Money of a payment that went back to who paid it: only the rest counts."""

    kind = "payment-paid-back"
    title = "Say that it was paid back"
    table = "payments"
    begins = False
    at_desk = True

    paid_back = Pence("Paid back", required=True, hint="Of this payment, in all")
    paid_back_on = Day("Paid back on", required=True, past=True)
    paid_back_proof = Text("How you know that it was", required=True, longest=500)
