"""A patrol: one logged attendance at one place for one purpose. It is what is counted.

`Patrol` declares what every patrol has. Each activity is a patrol with a short section of its own.
"""

from __future__ import annotations

from typing import Any, ClassVar

from field_app.fields import (
    Choice,
    Choices,
    Colleagues,
    Declared,
    Degrees,
    Metres,
    Moment,
    Notes,
    Number,
    Photos,
    Reference,
    Text,
    Unseen,
    Ward,
    YesNo,
)
from field_app.records.base import Record


class Patrol(Record):
    """What every patrol has."""

    kind = "patrol"
    title = "Patrol"
    table = "patrols"
    activity_code: ClassVar[str | None] = None
    ABOUT: ClassVar[tuple[str, ...]] = (
        "activity",
        "place",
        "place_name",
        "address",
        "ward",
        "started_at",
        "ended_at",
    )
    """What is usually right before anything is typed; the phone shows it folded up."""

    activity = Choice(
        "Activity", of="activities", required=True, wording={"required": "Select the activity"}
    )
    shift = Reference("Shift")
    place = Reference("Place")
    place_name = Unseen("Name of the place")
    address = Text(
        "Address or spot",
        required_unless="place",
        longest=300,
        wording={"required": "Choose a place, or describe where this was"},
    )
    ward = Ward(required=True, wording={"required": "Select the ward"})
    latitude = Degrees("Latitude", least=-90, most=90)
    longitude = Degrees("Longitude", least=-180, most=180)
    accuracy_m = Metres("Accuracy of the position", least=0, most=10_000_000)
    started_at = Moment("Started", required=True)
    ended_at = Moment("Finished", required=True, not_before="started_at")
    outcomes = Choices(
        "Outcome", of="outcomes", required=True, wording={"required": "Select at least one outcome"}
    )
    spoken_to = Number("Number of people spoken to")
    with_police = YesNo("Joint with police")
    notes = Notes("Notes")
    photos = Photos("Photos")
    colleagues = Colleagues("Colleagues with you", rare=True)
    police_shoulder = Text("Police shoulder number", longest=20, rare=True)
    partner_agency = Text("Partner agency", longest=100, rare=True)
    follow_up = Text("Follow-up wanted", longest=500, hint="What, and by whom", rare=True)

    @classmethod
    def forms(cls) -> list[type[Record]]:
        return list(cls.__subclasses__())

    @classmethod
    def form_for(cls, body: dict[str, Any]) -> type[Record]:
        """The activity's own form; the plain patrol for an activity that nobody declared."""
        by_code = {form.activity_code: form for form in cls.__subclasses__()}
        activity = body.get("activity")
        return by_code.get(activity, cls) if isinstance(activity, str) else cls

    @classmethod
    def section(cls) -> list[Declared]:
        """The fields that only this activity has."""
        common = {field.name for field in Patrol.fields()}
        return [field for field in cls.fields() if field.name not in common]


class FaithReassurance(Patrol):
    """Reassurance visit to a faith site, or to a priority location or venue."""

    title = "Faith-site reassurance"
    activity_code = "faith-reassurance"

    contact_role = Choice(
        "Contact made with", of="contact_roles", hint="Their role, never their faith"
    )
    mood = Choice("Mood", of="moods")
    concern = Notes("Concern raised", longest=2_000)
    damage = YesNo("Damage or graffiti seen")
    hate_report = Choice("Hate incident or crime reported", of="hate_reports")
    police_reference = Text("Police reference", longest=40)
    advice_left = YesNo("Advice left")
    next_event = Text("Next service or event", longest=200)


class StreetTrading(Patrol):
    """Unlicensed street trading."""

    title = "Street trading"
    activity_code = "street-trading"

    traders_seen = Number("Traders seen")
    goods = Text("Goods", longest=200)
    licence_shown = Choice("Licence or temporary permission", of="licences_shown")
    pedlar_considered = YesNo("Pedlar’s certificate considered")
    trading_action = Choice(
        "Action", of="trading_actions", required=True, wording={"required": "Select what you did"}
    )
    pitch = Text("Premises or pitch", longest=200)


class RoughSleeping(Patrol):
    """Rough sleeping and street activity: support first, no names, nothing removed."""

    title = "Rough sleeping and street activity"
    activity_code = "rough-sleeping"

    people_seen = Number(
        "People seen", required=True, wording={"required": "Enter how many people you saw"}
    )
    people_engaged = Number("People engaged with")
    welfare_check = YesNo("Welfare check done")
    immediate_risk = YesNo("Immediate risk: 999 called")
    referral_consent = YesNo("Consent to referral given")
    referred_to_outreach = YesNo("Referred to outreach")
    streetlink_reference = Text("StreetLink reference", longest=40)
    swep_offer = Choice(
        "Severe-weather offer (SWEP)",
        of="swep_offers",
        hint="While the severe-weather protocol is on",
    )
    safeguarding_referral = YesNo("Safeguarding referral made")
    belongings_seen = YesNo(
        "Belongings seen", hint="Photograph them and notify outreach. Leave them where they are."
    )


class AntisocialBehaviour(Patrol):
    """Antisocial behaviour in the public realm or on an estate."""

    title = "Antisocial behaviour"
    activity_code = "antisocial-behaviour"

    asb_setting = Choice(
        "Where", of="asb_settings", required=True, wording={"required": "Select where it was"}
    )
    asb_kind = Choice(
        "What kind", of="asb_kinds", required=True, wording={"required": "Select what kind it was"}
    )
    asb_action = Choice(
        "Action", of="asb_actions", required=True, wording={"required": "Select what you did"}
    )


class EnviroCrime(Patrol):
    """Waste, litter, fly-tipping and fly-posting."""

    title = "Enviro-crime"
    activity_code = "enviro-crime"

    enviro_kind = Choice(
        "What kind",
        of="enviro_kinds",
        required=True,
        wording={"required": "Select what kind it was"},
    )
    enviro_action = Choice(
        "Action", of="enviro_actions", required=True, wording={"required": "Select what you did"}
    )


class EveningSafety(Patrol):
    """Evening and night-time economy, and women's safety."""

    title = "Evening and women’s safety"
    activity_code = "evening-safety"

    venues_visited = Number("Venues visited")
    people_helped = Number("People helped")


class WeaponSweep(Patrol):
    """A search of a public area for hidden weapons."""

    title = "Weapon sweep"
    activity_code = "weapon-sweep"

    area_swept = Text("Area swept", longest=200)
    weapons_found = Number("Weapons found", hint="Do not touch. Call the police.")


class JointOperation(Patrol):
    """Any other operation with partners."""

    title = "Other joint operation"
    activity_code = "joint-operation"

    operation = Text(
        "Name of the operation",
        required=True,
        wording={"required": "Enter the name of the operation"},
    )
    agencies = Choices("Agencies", of="agencies")
