"""What invented patrols and amendments say. Their moments are datetimes until a page is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from field_app import catalogue
from field_app.demonstration.people import Place, invented
from field_app.demonstration.sections import SECTIONS, Body, chance, given, one_of

DAY_WORK = {
    "faith-reassurance": 34,
    "street-trading": 14,
    "rough-sleeping": 15,
    "antisocial-behaviour": 14,
    "enviro-crime": 17,
    "weapon-sweep": 3,
    "joint-operation": 3,
}
NIGHT_WORK = DAY_WORK | {"evening-safety": 28, "street-trading": 5, "enviro-crime": 6}

OUTCOMES = {
    "faith-reassurance": {
        "nothing-unusual": 60,
        "reassurance-given": 25,
        "reassurance-given advice-given": 10,
        "reassurance-given hate-crime-signposted": 4,
        "hate-crime-signposted reported-to-police": 1,
    },
    "street-trading": {
        "nothing-unusual": 45,
        "advice-given": 30,
        "verbal-warning": 13,
        "moved-on": 8,
        "notice-issued": 4,
    },
    "rough-sleeping": {
        "support-offered": 55,
        "support-offered referral-made": 25,
        "nothing-unusual": 18,
        "support-offered emergency-services-called": 2,
    },
    "antisocial-behaviour": {
        "nothing-unusual": 35,
        "advice-given": 25,
        "moved-on": 20,
        "verbal-warning": 10,
        "reported-to-partner": 7,
        "reported-to-police": 3,
    },
    "enviro-crime": {
        "advice-given": 35,
        "clean-up-requested": 30,
        "nothing-unusual": 20,
        "verbal-warning": 8,
        "notice-issued": 7,
    },
    "evening-safety": {"nothing-unusual": 60, "advice-given": 25, "reassurance-given": 15},
    "weapon-sweep": {"nothing-unusual": 95, "reported-to-police": 5},
    "joint-operation": {"advice-given": 60, "nothing-unusual": 40},
}


@dataclass(frozen=True)
class Company:
    """With whom an officer is on a shift. `police` is a shoulder number, `partner` an agency."""

    colleagues: list[str]
    police: str | None
    partner: str | None

    def codes(self) -> list[str]:
        present = {"cseo": self.colleagues, "police": self.police, "partner": self.partner}
        return [code for code, with_them in present.items() if with_them] or ["alone"]


def company(rng: Random, others: list[str]) -> Company:
    """Somebody's company on a shift, `others` being the officers on duty at the same hours."""
    return Company(
        sorted(rng.sample(others, min(len(others), rng.choice([0, 0, 1, 1, 2])))),
        shoulder(rng) if chance(rng, 0.12) else None,
        rng.choice(_agencies()) if chance(rng, 0.05) else None,
    )


def shoulder(rng: Random) -> str:
    return f"{rng.randrange(100, 1000)}ZZ"


def _agencies() -> list[str]:
    return [entry.label for entry in catalogue.entries("agencies") if entry.code != "police"]


def shift_start(began: datetime, company: Company, beat: list[str]) -> Body:
    return given(
        {
            "started_at": began,
            "company": company.codes(),
            "colleagues": company.colleagues,
            "police_shoulder": company.police,
            "partner_agency": company.partner,
            "beat": beat,
        }
    )


def attended_with(rng: Random, shift: str, company: Company) -> Body:
    """To which shift a patrol belongs, and who was there."""
    joint = chance(rng, 0.7 if company.police else 0.07)
    return given(
        {
            "shift": shift,
            "colleagues": company.colleagues,
            "with_police": joint,
            "police_shoulder": (company.police or shoulder(rng)) if joint else None,
            "partner_agency": company.partner,
        }
    )


def patrol(rng: Random, began: datetime, ended: datetime, nearby: list[Place], night: bool) -> Body:
    """One patrol on a beat: an activity, a place nearby or a described spot, what came of it."""
    activity = one_of(rng, NIGHT_WORK if night else DAY_WORK)
    outcomes = one_of(rng, OUTCOMES[activity]).split()
    follow_up = rng.choice(invented("follow_ups"))
    notes = rng.choice(invented("notes")[activity])
    return given(
        {
            "activity": activity,
            "started_at": began,
            "ended_at": ended,
            **_where(rng, activity, nearby),
            "outcomes": outcomes,
            "spoken_to": rng.choice([0, 1, 1, 2, 2, 3, 5]) or None,
            "notes": notes if chance(rng, 0.35) else None,
            "follow_up": follow_up if chance(rng, 0.06) else None,
        }
    ) | given(SECTIONS[activity](rng, outcomes))


def _where(rng: Random, activity: str, nearby: list[Place]) -> Body:
    kinds = {a.code: a.place_categories for a in catalogue.activities()}[activity]
    fitting = [place for place in nearby if place.category in kinds]
    if not fitting or chance(rng, 0.12):
        spot = f"Outside {rng.randrange(1, 200)} {rng.choice(invented('streets'))}"
        return {"address": spot, "ward": rng.choice(nearby).ward}
    place = rng.choice(fitting)
    known = {"place": place.id, "place_name": place.name, "ward": place.ward}
    return known | (_position(rng, place) if chance(rng, 0.8) else {})


def _position(rng: Random, place: Place) -> Body:
    return {
        "latitude": round(place.latitude + rng.uniform(-0.0002, 0.0002), 6),
        "longitude": round(place.longitude + rng.uniform(-0.0003, 0.0003), 6),
        "accuracy_m": float(rng.randrange(4, 40)),
    }


def amendment(rng: Random, patrol_body: Body) -> Body:
    """A correction of a patrol, or now and then the word that it was entered in error."""
    if chance(rng, 0.25):
        return {"reason": "Entered twice by mistake", "entered_in_error": True}
    return rng.choice(
        [
            {"reason": "Counted again", "changes": {"spoken_to": rng.randrange(1, 9)}},
            {"reason": "Left out at first", "changes": {"follow_up": "Pass again tomorrow"}},
            {
                "reason": "Finished earlier than I wrote",
                "changes": {"ended_at": patrol_body["ended_at"] - timedelta(minutes=1)},
            },
        ]
    )
