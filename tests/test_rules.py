"""Gates and deadlines: what makes a notice void is refused, and each Act counts in its own way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import cel
import pytest

from field_app import catalogue, rules
from field_app.records import KINDS, check
from field_app.rules import last_day, months_after
from tests.notices import cpn, cpw, fpn

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
NOTICE = date(2026, 11, 22)
SOUND: dict[str, Callable[..., dict[str, Any]]] = {"fpn": fpn, "cpw": cpw, "cpn": cpn}

ONE_NAME = {"supervisor": "T. Leader"}
ALCOHOL = {"offence": "pspo-alcohol"}
# What shuts each gate: the kinds, and what differs from a sound notice of each; every way to shut it.
SHUTS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "no-amount": [("fpn", {"offence": "pspo-alcohol"})],
    "amount-outside": [("fpn", {"amount": 50_001}), ("fpn", {"amount": 6_400})],
    "amount-not-the-councils": [("fpn", {"amount": 9_900})],
    "discount-not-the-councils": [
        ("fpn", {"discount": 5_000, "discount_until": "2026-12-01"}),
        ("fpn", {"discount_until": "2026-12-01"}),
        ("fpn", {"offence": "highway-obstruction", "discount": None, "discount_until": None}),
        ("fpn", {"offence": "highway-obstruction", "discount_until": "2026-12-04"}),
        ("fpn", {"offence": "highway-obstruction", "discount": 6_000}),
    ],
    "discount-below-floor": [("fpn", {"discount": 4_900})],
    "discount-not-earlier": [("fpn", {"discount_until": "2026-12-06"})],
    "lower-amount-too-long": [
        ("fpn", {"offence": "pspo-breach", "discount": 5_000, "discount_until": "2026-12-06"})
    ],
    "pay-by-wrong": [("fpn", {"pay_by": "2026-12-05"}), ("fpn", {"pay_by": "2026-12-07"})],
    "points-not-covered": [
        ("fpn", {"points": {"item": "A cup"}}),
        ("fpn", {"points": None}),
        ("fpn", {"points": dict.fromkeys(("item", "left", "place", "consent", "pick-up"), "A")}),
        ("fpn", {"points": {one.code: " " for one in catalogue.offences()[0].points}}),
    ],
    "not-found-committing": [
        ("fpn", {"basis": basis}) for basis in ("cctv", "reported", "later-evidence")
    ],
    "under-10": [(kind, {"age": "under-10"}) for kind in SOUND],
    "under-16": [("fpn", {"age": "10-15"})],
    "under-16-warning": [("cpw", {"age": "10-15"}), ("cpn", {"age": "10-15"})],
    "born-under-16": [
        (kind, {"born": "2010-11-23", "age": "16-17"} | ONE_NAME | {"supervisor_reason": "A"})
        for kind in SOUND
    ],
    "age-not-asked": [(kind, {name: None}) for kind in SOUND for name in ("age", "age_checked")],
    "under-18": [
        (kind, {"age": age} | named)
        for kind in SOUND
        for age in ("16-17", "unknown")
        for named in (ONE_NAME, {"supervisor_reason": "A"}, {})
    ],
    "born-too-late": [(kind, {"born": "2008-11-23"}) for kind in SOUND],
    "vulnerable": [
        (kind, {"vulnerability": ["homeless"]} | given)
        for kind in SOUND
        for given in ({"vulnerability_reason": "A"}, {"support_referral": "A"}, {})
    ],
    "none-and-some": [(kind, {"vulnerability": ["none-seen", "homeless"]}) for kind in SOUND],
    "only-rough-sleeping": [(kind, {"only_rough_sleeping": True}) for kind in ("cpw", "cpn")],
    "hostility": [
        ("fpn", {"offence": offence, "hostility": True}) for offence in ("graffiti", "fly-posting")
    ],
    "exempt-literature": [
        ("fpn", {"offence": "free-literature", "exempt_literature": True, "designated_land": True})
    ],
    "land-not-designated": [("fpn", {"offence": "free-literature"})],
    "second-household": [("fpn", {"offence": "household-waste", "earlier_notice": True})],
    "same-offence-that-day": [("fpn", {"had_same": True})],
    "not-our-highway": [
        ("fpn", {"offence": offence}) for offence in ("highway-obstruction", "highway-deposit")
    ],
    "order-not-said": [
        ("fpn", {"offence": offence} | said)
        for offence in ("pspo-breach", "pspo-alcohol")
        for said in ({}, {"pspo": "dogs-2023"}, {"article": "bag"})
    ],
    "order-not-in-force": [
        ("fpn", {"pspo": "pedicabs-2016"}),
        ("fpn", {"pspo": "alcohol-2026"}),
        ("fpn", {"pspo": "dogs-2023", "occurred_at": "2023-09-30T10:00:00Z"}),
    ],
    "outside-order-area": [
        ("fpn", {"pspo": "area-2026", "latitude": 51.55, "longitude": -0.14}),
    ],
    "article-not-in-order": [("fpn", {"pspo": "dogs-2023", "article": "no-such-article"})],
    "no-alcohol-request": [
        ("fpn", ALCOHOL),
        ("fpn", ALCOHOL | {"pspo": "dogs-2023", "request_refused": "Asked, and drank on"}),
    ],
    "breached-not-said": [
        ("fpn", {"offence": "cpn-breach", "breached": "CN2600000139"}),
        ("fpn", {"offence": "cpn-breach", "requirement": "1. Stop"}),
    ],
    "not-to-such": [("fpn", {"offence": "household-waste", "recipient": "body", "spoke_for": "A"})],
    "accident": [("fpn", {"accidental": True})],
    "identity-not-believed": [(kind, {"identity": "not-believed"}) for kind in SOUND],
    "nobody-spoke": [(kind, {"recipient": "body"}) for kind in SOUND],
    "issued-before-offence": [("fpn", {"occurred_at": "2026-11-23T10:00:00Z"})],
    "too-late-to-prosecute": [("fpn", {"occurred_at": "2026-05-20T12:00:00Z"})],
    "caution-when": [
        ("fpn", {"caution_at": None, "caution": caution}) for caution in ("given", "questioned")
    ],
    "reply-without-caution": [("fpn", {"caution": "not-given", "reply": "It was me"})],
    "no-questions": [
        ("fpn", {"caution": "questioned"} | said)
        for said in ({"vulnerability": ["language"]}, {"age": "16-17"}, {"age": "unknown"})
    ],
    "not-persistent": [(kind, {"persistence": "once"}) for kind in ("cpw", "cpn")],
    "no-time": [
        (kind, {"comply_by": day})
        for kind in ("cpw", "cpn")
        for day in ("2026-11-22", "2026-11-01")
    ],
    "review-too-early": [(kind, {"review_on": "2026-12-05"}) for kind in ("cpw", "cpn")],
    "warned-later": [("cpn", {"warned_on": "2026-11-23"})],
    "another-person": [("cpn", {"same_person": None}), ("cpn", {"same_person": False})],
    "other-conduct": [("cpn", {"same_conduct": None})],
    "warning-time-not-over": [("cpn", {"warning_comply_by": "2026-11-22"})],
    "appeal-wrong": [("cpn", {"appeal_by": "2026-12-13"}), ("cpn", {"appeal_by": "2026-12-11"})],
    "no-end": [("cpn", {"ends_on": "2026-12-06"}), ("cpn", {"ends_on": "2026-12-01"})],
    "not-authorised": [(kind, {"authorisation": None}) for kind in SOUND],
    "unconfirmed-figures": [("fpn", {"confirmed_only": True})],
    "unconfirmed-wording": [("cpn", {"confirmed_only": True})],
}


def shut(kind: str, body: dict[str, Any]) -> list[str]:
    return [problem.rule for problem in check(KINDS[kind], body, NOW).problems]


@pytest.mark.parametrize("kind", SOUND)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"born": "1990-01-01"},
        {"age": "16-17", "born": "2010-11-22", "supervisor": "T. Leader", "supervisor_reason": "A"},
        {"vulnerability": ["homeless"], "vulnerability_reason": "A", "support_referral": "A"},
    ],
)
def test_a_sound_notice_passes_every_gate(kind: str, changes: dict[str, Any]) -> None:
    assert shut(kind, SOUND[kind](NOW, **changes)) == []


BODY: dict[str, Any] = {"recipient": "body", "age": None, "age_checked": None}


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("fpn", {"offence": "fly-tipping", "spoke_for": "A. Director"}),
        ("fpn", {"offence": "fly-tipping", "basis": "later-evidence"}),
        ("cpw", {"spoke_for": "A. Director"}),
        ("cpn", {"spoke_for": "A. Director"}),
    ],
)
def test_a_sound_notice_to_a_body_passes_every_gate(kind: str, changes: dict[str, Any]) -> None:
    assert shut(kind, SOUND[kind](NOW, **BODY, **changes)) == []


# What each offence wants beside its points; those that cannot be given as shipped are in docs/law.md.
WANTS: dict[str, dict[str, Any]] = {
    "free-literature": {"designated_land": True},
    "highway-obstruction": {"own_highway": True},
    "highway-deposit": {"own_highway": True},
}
NO_ORDER_OR_AMOUNT = ("pspo-breach", "pspo-alcohol", "cpn-breach")


@pytest.mark.parametrize(
    "offence", [one.code for one in catalogue.offences() if one.code not in NO_ORDER_OR_AMOUNT]
)
def test_a_sound_penalty_for_each_offence_passes_every_gate(offence: str) -> None:
    assert shut("fpn", fpn(NOW, offence, **WANTS.get(offence, {}))) == []


@pytest.fixture(autouse=True)
def _an_order_with_a_map(monkeypatch: pytest.MonkeyPatch) -> None:
    """The orders as shipped, and one whose area is a square in the middle of the borough."""
    rows = rules._rows("orders")
    square = [[-0.15, 51.53], [-0.15, 51.54], [-0.13, 51.54], [-0.13, 51.53]]
    drawn = rows["dogs-2023"] | {"code": "area-2026", "ends": None, "area": square}
    every = rules._rows
    monkeypatch.setattr(
        rules,
        "_rows",
        lambda name: rows | {"area-2026": drawn} if name == "orders" else every(name),
    )


@pytest.mark.parametrize(
    ("latitude", "longitude", "inside"),
    [
        (51.535, -0.14, True),
        (51.5399, -0.1301, True),
        (51.545, -0.14, False),
        (51.535, -0.16, False),
        (51.535, -0.12, False),
        (None, -0.14, None),
    ],
)
def test_a_position_lies_in_the_area_of_an_order_or_not(
    latitude: float | None, longitude: float, inside: bool | None
) -> None:
    said = fpn(NOW, pspo="area-2026", latitude=latitude, longitude=longitude)
    assert rules.facts(said)["due"]["in_area"] is inside
    assert rules.facts(said | {"pspo": "dogs-2023"})["due"]["in_area"] is None


EVERY_WAY = [(code, *way) for code, ways in SHUTS.items() for way in ways]


@pytest.mark.parametrize(("code", "kind", "changes"), EVERY_WAY)
def test_each_gate_is_shut_by_what_the_law_refuses(
    code: str, kind: str, changes: dict[str, Any]
) -> None:
    gate = next(gate for gate in rules.gates() if gate.code == code)
    assert kind in gate.kinds
    said = dict.fromkeys(KINDS[kind].columns()) | SOUND[kind](NOW, **changes)
    assert code in [one.code for one in rules.shut(kind, said)]


def test_a_gate_is_tried_for_each_of_its_kinds() -> None:
    untried = [
        (gate.code, kind)
        for gate in rules.gates()
        for kind in gate.kinds
        if kind not in [tried for tried, _ in SHUTS[gate.code]]
    ]
    assert untried == []


def test_the_day_of_the_offence_decides_the_amount() -> None:
    """R1: the maxima of the environmental offences rose on 31 July 2023."""
    old = next(one for one in catalogue.amounts() if one.ends and one.offence == "litter")
    assert old.ends
    for happened, maximum in ((old.ends, old.maximum), (date(2023, 7, 31), 50_000)):
        said = fpn(NOW, occurred_at=f"{happened}T10:00:00Z")
        assert rules.facts(said)["a"]["maximum"] == maximum


def test_every_gate_has_a_notice_that_shuts_it() -> None:
    assert [gate.code for gate in rules.gates()] == list(SHUTS)


def test_every_gate_speaks_at_a_field_of_its_kinds() -> None:
    strange = [
        (gate.code, kind)
        for gate in rules.gates()
        for kind in gate.kinds
        if gate.field not in KINDS[kind].columns()
    ]
    assert strange == []


def test_what_cannot_be_told_shuts_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = rules.gates()[0]
    monkeypatch.setattr(rules, "_program", lambda _: cel.compile("n.offence > 7"))
    assert gate in rules.shut("fpn", fpn(NOW))


@pytest.mark.parametrize(
    ("offence", "days", "last"),
    [("litter", 14, "2026-12-06"), ("highway-obstruction", 28, "2026-12-20")],
)
def test_the_time_to_pay_counts_from_the_day_after(offence: str, days: int, last: str) -> None:
    assert last_day(NOTICE, days, "following") == date.fromisoformat(last)
    assert rules.facts(fpn(NOW, offence))["due"]["pay_by"] == last


def test_the_highway_discount_counts_the_day_of_the_notice() -> None:
    due = rules.facts(fpn(NOW, "highway-obstruction"))["due"]
    assert due["discount_until"] == "2026-12-05"


def test_an_appeal_counts_the_day_of_issue() -> None:
    assert cpn(NOW)["appeal_by"] == "2026-12-12"


@pytest.mark.parametrize(
    ("offence", "last"),
    [
        ("2026-11-22", "2027-05-22"),
        ("2026-08-31", "2027-02-28"),
        ("2027-08-31", "2028-02-29"),
        ("2026-12-31", "2027-06-30"),
    ],
)
def test_six_months_end_on_the_corresponding_day(offence: str, last: str) -> None:
    assert months_after(date.fromisoformat(offence), 6) == date.fromisoformat(last)


@pytest.mark.parametrize("family", [family.code for family in catalogue.families()])
def test_a_notice_of_each_family_late_in_the_evening_counts_from_the_london_day(
    family: str,
) -> None:
    """23:30 UTC in June is the next day in London; across October's change of clocks a day is a day."""
    offence = next(one.code for one in catalogue.offences() if one.family.lower() == family)
    rule = next(one for one in catalogue.families() if one.code == family)
    for issued, day in [
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2028, 2, 28, 12, 0, tzinfo=UTC), date(2028, 2, 28)),
    ]:
        expected = day + timedelta(days=rule.period_days)
        assert rules.facts(fpn(issued, offence))["due"]["pay_by"] == expected.isoformat()
