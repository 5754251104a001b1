"""The section of each activity, filled in so that it goes with the outcome of the patrol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from field_app import catalogue
from field_app.demonstration.people import invented

Body = dict[str, Any]

ACTION_FOR = {
    "nothing-unusual": "none-needed",
    "advice-given": "advice",
    "reported-to-partner": "reported-to-landlord",
}


def given(body: Body) -> Body:
    """The body as a phone writes it: what was not answered is left out."""
    return {name: value for name, value in body.items() if value not in (None, False, "", [])}


def one_of(rng: Random, weights: Mapping[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def chance(rng: Random, share: float) -> bool:
    return rng.random() < share


def _action(list_name: str, outcomes: list[str]) -> str:
    """The action of a section that goes with an outcome."""
    codes = {entry.code for entry in catalogue.entries(list_name)}
    fitting = {ACTION_FOR.get(outcome, outcome) for outcome in outcomes} & codes
    return min(fitting, default="advice")


def _faith(rng: Random, outcomes: list[str]) -> Body:
    mood = one_of(rng, {"calm": 82, "concerned": 15, "tense": 3})
    reported = "reported-to-police" in outcomes
    return {
        "contact_role": rng.choice(catalogue.entries("contact_roles")).code,
        "mood": mood,
        "concern": rng.choice(invented("concerns")) if mood != "calm" else None,
        "damage": chance(rng, 0.02),
        "hate_report": rng.choice(["incident", "crime"]) if reported else "none",
        "police_reference": f"EXAMPLE-{rng.randrange(1000, 10000)}" if reported else None,
        "advice_left": "advice-given" in outcomes,
        "next_event": rng.choice(invented("next_events")) if chance(rng, 0.2) else None,
    }


def _trading(rng: Random, outcomes: list[str]) -> Body:
    usual = outcomes == ["nothing-unusual"]
    return {
        "traders_seen": rng.randrange(1, 9),
        "goods": rng.choice(invented("goods")),
        "licence_shown": "licence" if usual else rng.choice(["temporary-licence", "not-shown"]),
        "pedlar_considered": not usual,
        "trading_action": _action("trading_actions", outcomes),
    }


def _rough_sleeping(rng: Random, outcomes: list[str]) -> Body:
    seen, referred = rng.randrange(1, 5), "referral-made" in outcomes
    return {
        "people_seen": seen,
        "people_engaged": rng.randrange(1, seen + 1),
        "welfare_check": chance(rng, 0.9),
        "immediate_risk": "emergency-services-called" in outcomes,
        "referral_consent": referred,
        "referred_to_outreach": referred,
        "streetlink_reference": f"EXAMPLE-{rng.randrange(1000, 10000)}" if referred else None,
        "safeguarding_referral": referred and chance(rng, 0.05),
        "belongings_seen": chance(rng, 0.2),
    }


def _antisocial_behaviour(rng: Random, outcomes: list[str]) -> Body:
    return {
        "asb_setting": rng.choice(["public-realm", "public-realm", "estate"]),
        "asb_kind": rng.choice(catalogue.entries("asb_kinds")).code,
        "asb_action": _action("asb_actions", outcomes),
    }


def _enviro_crime(rng: Random, outcomes: list[str]) -> Body:
    return {
        "enviro_kind": rng.choice(catalogue.entries("enviro_kinds")).code,
        "enviro_action": _action("enviro_actions", outcomes),
    }


def _evening_safety(rng: Random, _outcomes: list[str]) -> Body:
    return {"venues_visited": rng.randrange(1, 7), "people_helped": rng.randrange(4)}


def _weapon_sweep(rng: Random, outcomes: list[str]) -> Body:
    found = "reported-to-police" in outcomes
    return {"area_swept": f"{rng.choice(invented('streets'))}, hedges", "weapons_found": int(found)}


def _joint_operation(rng: Random, _outcomes: list[str]) -> Body:
    codes = [entry.code for entry in catalogue.entries("agencies")]
    return {
        "operation": rng.choice(invented("operations")),
        "agencies": sorted(rng.sample(codes, rng.randrange(1, 4))),
    }


SECTIONS: dict[str, Callable[[Random, list[str]], Body]] = {
    "faith-reassurance": _faith,
    "street-trading": _trading,
    "rough-sleeping": _rough_sleeping,
    "antisocial-behaviour": _antisocial_behaviour,
    "enviro-crime": _enviro_crime,
    "evening-safety": _evening_safety,
    "weapon-sweep": _weapon_sweep,
    "joint-operation": _joint_operation,
}
