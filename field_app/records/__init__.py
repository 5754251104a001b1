"""The kinds of record, each declared once.

`KINDS` is every kind a notebook's pages may have. `check` reads one body with its declaration.
"""

from __future__ import annotations

from field_app.records.amendment import Amendment, PhotosAdded
from field_app.records.authorisation import Authorisation, AuthorisationEnded
from field_app.records.base import Problem, Reading, Record, body_of, check
from field_app.records.case import (
    CaseStep,
    CopySent,
    Decision,
    DecisionSent,
    Discharge,
    LetterPosted,
    Payment,
    PaymentDismissed,
    PaymentMatched,
    PaymentPaidBack,
    Representation,
    Review,
    Variation,
    VariationServed,
    Withdrawal,
    WithdrawalAnswer,
    WithdrawalTakenBack,
)
from field_app.records.catalogue import AmountSet, FigureConfirmed, ListEntry, OrderKept
from field_app.records.count_key import KeyMade, KeyWithdrawn
from field_app.records.notice import Cpn, Cpw, Fpn, Notice, NotIssued, Served, Spoiled
from field_app.records.officer import Invitation, Officer
from field_app.records.patrol import Patrol
from field_app.records.phone import Phone
from field_app.records.place import Place
from field_app.records.publication import WeekPublished, WeekRestated
from field_app.records.review import (
    Answer,
    GapDecided,
    PatrolsCompared,
    Query,
    QueryClosed,
    ShiftSigned,
)
from field_app.records.setting import Setting
from field_app.records.shift import ShiftEnd, ShiftStart
from field_app.records.statement import Statement, StatementSigned
from field_app.records.ward_boundaries import WardBoundaries

KINDS: dict[str, type[Record]] = {
    declared.kind: declared
    for declared in (
        ShiftStart,
        ShiftEnd,
        Patrol,
        Fpn,
        Cpw,
        Cpn,
        Served,
        Spoiled,
        NotIssued,
        Representation,
        Decision,
        CaseStep,
        Withdrawal,
        WithdrawalAnswer,
        WithdrawalTakenBack,
        Review,
        Variation,
        VariationServed,
        Discharge,
        Payment,
        PaymentMatched,
        PaymentDismissed,
        PaymentPaidBack,
        CopySent,
        DecisionSent,
        LetterPosted,
        Statement,
        StatementSigned,
        Place,
        Officer,
        Invitation,
        Phone,
        Setting,
        Authorisation,
        AuthorisationEnded,
        WeekPublished,
        WeekRestated,
        KeyMade,
        KeyWithdrawn,
        ShiftSigned,
        GapDecided,
        PatrolsCompared,
        Query,
        Answer,
        QueryClosed,
        WardBoundaries,
        FigureConfirmed,
        AmountSet,
        OrderKept,
        ListEntry,
        PhotosAdded,
        Amendment,
    )
}

SENT = {name: kind for name, kind in KINDS.items() if not kind.at_desk}
"""The kinds that phones send; the others are written at the desk."""

FOR_ADMINISTRATORS = frozenset(kind.table for kind in KINDS.values() if kind.for_administrators)
"""The tables of what only administrators read."""

__all__ = [
    "FOR_ADMINISTRATORS",
    "KINDS",
    "SENT",
    "Amendment",
    "Notice",
    "Patrol",
    "Problem",
    "Reading",
    "Record",
    "body_of",
    "check",
]
