"""Notices: what an officer hands to a person under a power, drawn from a book, valid in law or not at all.

`Notice` declares what every notice has. What the law makes void is refused by the catalogue's gates
(field_app/rules.py), which read these fields by their names.
"""

from __future__ import annotations

from typing import ClassVar

from field_app import catalogue
from field_app.fields import (
    Choice,
    Choices,
    Day,
    Degrees,
    Metres,
    Moment,
    Notes,
    NoticeNumber,
    Pence,
    Photos,
    Points,
    Reference,
    References,
    Requirements,
    Signature,
    Text,
    Unseen,
    Ward,
    YesNo,
)
from field_app.records.base import Record

VULNERABLE = tuple(
    one.code for one in catalogue.entries("vulnerabilities") if one.code != "none-seen"
)
SUPERVISED = ("16-17", "unknown")
"""Ages at which a supervisor has to agree (R6)."""


class Notice(Record):
    """What every notice has: its number, where and when, to whom, and what proves it."""

    table = "notices"
    gated = True
    STEPS: ClassVar[dict[str, tuple[str, ...]]] = {}
    """What is asked, one screen after the other: the step's title, and its fields."""
    ASKED_IF: ClassVar[dict[str, tuple[str, tuple[str, ...]]]] = {
        "age": ("recipient", ("person",)),
        "age_checked": ("recipient", ("person",)),
        "born": ("recipient", ("person",)),
        "company_number": ("recipient", ("body",)),
        "spoke_for": ("recipient", ("body",)),
        "vulnerability_reason": ("vulnerability", VULNERABLE),
        "support_referral": ("vulnerability", VULNERABLE),
        "supervisor": ("age", SUPERVISED),
        "supervisor_reason": ("age", SUPERVISED),
    }
    """Fields that are asked only while another one has one of these answers."""
    AS_ISSUED: ClassVar[tuple[str, ...]] = ("issued_at",)
    """What the paper asks for, or counts from: its officer changes none of it once it is issued. The desk
    puts right what it typed wrongly from paper."""

    number = NoticeNumber("Number", required=True)
    issued_at = Moment("Issued", required=True, unseen=True)
    shift = Reference("Shift")
    place = Reference("Place")
    place_name = Unseen("Name of the place")
    address = Text(
        "Address or spot",
        required_unless="place",
        longest=300,
        hint="As it will stand on the notice",
        wording={"required": "Describe where this was"},
    )
    ward = Ward(required=True, wording={"required": "Select the ward"})
    latitude = Degrees("Latitude", least=-90, most=90)
    longitude = Degrees("Longitude", least=-180, most=180)
    accuracy_m = Metres("Accuracy of the position", least=0, most=10_000_000)
    recipient = Choice(
        "Who is it for",
        of="recipients",
        required=True,
        wording={"required": "Select who the notice is for"},
    )
    age = Choice("Age", of="ages", hint="A person’s; not known counts as under 18")
    age_checked = Choice("How the age was checked", of="age_checks")
    recipient_name = Text(
        "Name",
        required=True,
        hint="Full name, or the body’s exact name",
        wording={"required": "Enter the name"},
    )
    born = Day("Date of birth", hint="Only to check the age. Nobody has to give it")
    recipient_address = Text("Their address", required=True, longest=300)
    identity = Choice(
        "How name and address were checked",
        of="identity_checks",
        required=True,
        wording={"required": "Select how name and address were checked"},
    )
    company_number = Text("Company number", longest=20)
    spoke_for = Text("Who spoke for the body", hint="Name and position")
    vulnerability = Choices(
        "Vulnerability considered",
        of="vulnerabilities",
        required=True,
        wording={"required": "Select what you saw, or that you saw none"},
    )
    vulnerability_reason = Notes("Why a notice is right all the same", longest=1_000)
    support_referral = Text("Support referral", hint="To whom, and when")
    supervisor = Text("Supervisor who agreed", hint="Name, and when you spoke")
    supervisor_reason = Notes("The supervisor’s reason", longest=1_000)
    photos = Photos("Photos")
    camera = Text("Body-worn camera", longest=40, hint="Its number; overt and announced")
    clip = Text("Clip reference", longest=60)
    second_officer = Text("Second officer", longest=100)
    looked_up_at = Moment("Earlier notices looked up, as of", unseen=True)
    earlier = References("Earlier notices found")
    authorisation = Unseen("Written authorisation", longest=100)
    confirmed_only = YesNo("Only on figures that Legal has confirmed", unseen=True)
    entered_by = Reference("Entered from paper by")


class Fpn(Notice):
    """A Fixed Penalty Notice: an offence, discharged by payment."""

    kind = "fpn"
    title = "Fixed Penalty Notice"
    STEPS: ClassVar[dict[str, tuple[str, ...]]] = {
        "Offence": (
            "offence",
            "pspo",
            "article",
            "breached",
            "requirement",
            "request_refused",
            "hostility",
            "exempt_literature",
            "designated_land",
            "own_highway",
            "earlier_notice",
            "other_council",
        ),
        "Where and when": ("address", "ward", "occurred_at", "basis"),
        "What happened": ("points", "particulars"),
        "Why a notice": ("proportionate", "accidental"),
        "Who": (
            "recipient",
            "age",
            "age_checked",
            "recipient_name",
            "born",
            "again_reason",
            "recipient_address",
            "identity",
            "company_number",
            "spoke_for",
        ),
        "Support first": (
            "vulnerability",
            "vulnerability_reason",
            "support_referral",
            "supervisor",
            "supervisor_reason",
        ),
        "Caution": ("caution", "caution_at", "reply", "offered_to_read"),
        "Evidence": ("photos", "camera", "clip", "second_officer"),
    }

    ASKED_IF: ClassVar[dict[str, tuple[str, tuple[str, ...]]]] = {
        **Notice.ASKED_IF,
        "pspo": ("offence", ("pspo-breach", "pspo-alcohol")),
        "article": ("offence", ("pspo-breach", "pspo-alcohol")),
        "request_refused": ("offence", ("pspo-alcohol",)),
        "breached": ("offence", ("cpn-breach",)),
        "requirement": ("offence", ("cpn-breach",)),
        "hostility": ("offence", ("graffiti", "fly-posting")),
        "exempt_literature": ("offence", ("free-literature",)),
        "designated_land": ("offence", ("free-literature",)),
        "own_highway": ("offence", ("highway-obstruction", "highway-deposit")),
        "earlier_notice": ("offence", ("household-waste",)),
        "other_council": ("offence", ("household-waste",)),
        "again_reason": ("had_same", ("true",)),
        "caution_at": ("caution", ("given", "questioned")),
        "offered_to_read": ("caution", ("given", "questioned")),
    }
    AS_ISSUED: ClassVar[tuple[str, ...]] = (
        *Notice.AS_ISSUED,
        "offence",
        "pspo",
        "article",
        "breached",
        "requirement",
        "amount",
        "discount",
        "discount_until",
        "pay_by",
    )

    offence = Choice(
        "Offence", of="offences", required=True, wording={"required": "Select the offence"}
    )
    pspo = Choice("Which order", of="orders")
    article = Text("Article breached", longest=60)
    breached = NoticeNumber("Number of the notice breached", typed=True)
    requirement = Text("Requirement breached", longest=500)
    request_refused = Notes("The request, your words, and what they did", longest=1_000)
    hostility = YesNo("Racial or religious hostility in it")
    exempt_literature = YesNo("Charity, political, religion or belief material")
    designated_land = YesNo("On land the council has designated")
    own_highway = YesNo("The council is the highway authority here (not a red route)")
    earlier_notice = YesNo("They had a notice for this same offence before")
    other_council = Text(
        "Another council, if it was in its area", longest=100, hint="It gets a copy of the notice"
    )
    occurred_at = Moment("When it happened", required=True)
    basis = Choice(
        "How you know", of="bases", required=True, wording={"required": "Select how you know"}
    )
    points = Points("Points to prove")
    particulars = Notes(
        "What happened",
        required=True,
        longest=2_000,
        hint="What, where, when and how: as it will stand on the notice",
    )
    had_same = YesNo("They had a penalty for this offence on that day", unseen=True)
    again_reason = Notes(
        "Why this is another offence", longest=500, hint="They had a penalty for it that day"
    )
    proportionate = Notes("Why a notice is proportionate", required=True, longest=1_000)
    accidental = YesNo("It may have been an accident")
    caution = Choice(
        "Caution",
        of="cautions",
        required=True,
        wording={"required": "Select whether you gave the caution"},
    )
    caution_at = Moment(
        "Caution given at",
        not_before="occurred_at",
        wording={"not-before": "The caution is before it happened"},
    )
    reply = Notes("Reply, word for word", longest=4_000)
    offered_to_read = YesNo("Offered to read and sign")
    amount = Pence("Amount", required=True)
    discount = Pence("Amount if paid early")
    discount_until = Day("Early payment until", unseen=True)
    pay_by = Day("Pay by", required=True, unseen=True)


class Cpw(Notice):
    """A Community Protection Warning: written warning that a notice follows (ASBCPA 2014 s43(5))."""

    kind = "cpw"
    title = "Community Protection Warning"
    STEPS: ClassVar[dict[str, tuple[str, ...]]] = {
        "Where": ("address", "ward"),
        "Conduct": ("conduct", "since", "premises", "only_rough_sleeping"),
        "Effect": ("effect", "persistence", "unreasonable"),
        "Who": tuple(name for name in Fpn.STEPS["Who"] if name != "again_reason"),
        "Support first": Fpn.STEPS["Support first"],
        "What must change": ("requirements", "comply_by", "review_on"),
        "Evidence": Fpn.STEPS["Evidence"],
    }
    AS_ISSUED: ClassVar[tuple[str, ...]] = (
        *Notice.AS_ISSUED,
        "conduct",
        "requirements",
        "comply_by",
    )

    conduct = Notes("Conduct", required=True, longest=2_000, hint="What they do, where and when")
    since = Text("Since when, how often", required=True, longest=300)
    premises = YesNo("On or affecting premises they own, occupy or control (s44)")
    only_rough_sleeping = YesNo("It is only sleeping rough or begging")
    effect = Notes("Effect on the quality of life of those in the locality", required=True)
    persistence = Choice(
        "The effect is",
        of="persistences",
        required=True,
        wording={"required": "Select whether it keeps happening"},
    )
    unreasonable = Notes("Why the conduct is unreasonable", required=True, longest=1_000)
    requirements = Requirements(
        "What must stop, be done or be achieved",
        required=True,
        wording={"required": "Say what must stop, be done or be achieved"},
    )
    comply_by = Day(
        "By when",
        required=True,
        hint="Enough time to deal with it",
        wording={"required": "Enter the day by which it must change"},
    )
    review_on = Day(
        "Review on",
        required=True,
        hint="The desk is reminded",
        wording={"required": "Enter the day of the review"},
    )


class Cpn(Cpw):
    """A Community Protection Notice (ASBCPA 2014 s43): only after a warning that went unheeded."""

    kind = "cpn"
    title = "Community Protection Notice"
    STEPS: ClassVar[dict[str, tuple[str, ...]]] = {
        "Warning": (
            "warning",
            "warned_on",
            "warning_comply_by",
            "observation",
            "same_conduct",
            "informed",
        ),
        **Cpw.STEPS,
        "What must change": ("requirements", "comply_by", "review_on", "ends_on", "appeal_by"),
    }
    AS_ISSUED: ClassVar[tuple[str, ...]] = (
        *Cpw.AS_ISSUED,
        "warning",
        "warning_number",
        "warned_on",
        "warning_comply_by",
        "ends_on",
        "appeal_by",
    )

    warning = Reference("Warning", required=True)
    warning_number = NoticeNumber("Number of the warning", of="cpw")
    warned_on = Day(
        "Warned on",
        required=True,
        unseen=True,
        wording={"required": "Say first how the warning was handed over: open its paper"},
    )
    warning_comply_by = Day("Time the warning gave", required=True, unseen=True)
    observation = Reference(
        "Fresh observation",
        required=True,
        wording={"required": "Choose the patrol on which you saw it again"},
    )
    same_conduct = YesNo("It is the conduct that the warning was about")
    same_person = YesNo("It is the person who was warned", unseen=True)
    informed = Notes(
        "Whom you informed (s43(6))", required=True, hint="Landlord, support worker, police…"
    )
    ends_on = Day("Ends on", required=True)
    appeal_by = Day("Appeal by", required=True, unseen=True)


class Served(Record):
    """How a notice reached its recipient: by hand, left at the address, or by post (ASBCPA 2014 s55)."""

    kind = "served"
    title = "Hand over"
    table = "notices"
    begins = False

    service = Choice(
        "How it was served",
        of="services",
        required=True,
        wording={"required": "Select how it was served"},
    )
    served_at = Moment(
        "When",
        required=True,
        not_before="issued_at",
        wording={"not-before": "It cannot be handed over before it was issued"},
    )
    service_note = Notes("Proof", longest=1_000, hint="What they said, where it was left, by whom")
    signature = Signature("Signature", hint="Only if they want to sign; nobody has to")


class NotIssued(Record):
    """A notice that was not to be: refused, walked off, warned or helped instead. Nobody is named."""

    kind = "not-issued"
    title = "No notice"
    table = "not_issued"
    ABOUT: ClassVar[tuple[str, ...]] = (
        "offence",
        "place",
        "place_name",
        "address",
        "ward",
        "occurred_at",
    )
    """What the notice that was begun has said already; the phone shows it folded up."""

    outcome = Choice(
        "What came of it",
        of="not_issued",
        required=True,
        wording={"required": "Select what came of it"},
    )
    offence = Choice("Offence", of="offences")
    shift = Reference("Shift")
    place = Reference("Place")
    place_name = Unseen("Name of the place")
    address = Text(
        "Address or spot",
        required_unless="place",
        longest=300,
        wording={"required": "Describe where this was"},
    )
    ward = Ward(required=True, wording={"required": "Select the ward"})
    latitude = Degrees("Latitude", least=-90, most=90)
    longitude = Degrees("Longitude", least=-180, most=180)
    accuracy_m = Metres("Accuracy of the position", least=0, most=10_000_000)
    occurred_at = Moment("When it happened", required=True)
    particulars = Notes("What happened", required=True, longest=2_000)
    description = Notes(
        "Description", longest=1_000, hint="Clothing, build, which way they went. No name"
    )
    police_reference = Text("Police reference", longest=60, rare=True)
    photos = Photos("Photos")
    camera = Text("Body-worn camera", longest=40, hint="Its number; overt and announced", rare=True)
    clip = Text("Clip reference", longest=60, rare=True)
    second_officer = Text("Second officer", longest=100, rare=True)


class Spoiled(Record):
    """A number that was drawn and must not be used: said, so that every number is accounted for."""

    kind = "spoiled"
    title = "Spoil a number"
    table = "spoiled"

    number = NoticeNumber("Number", required=True)
    reason = Text("Reason", required=True, longest=500, wording={"required": "Enter a reason"})
