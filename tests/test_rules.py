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

# What shuts each gate: the kind, and what differs from a sound notice of it.
SHUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "no-amount": ("fpn", {"offence": "pspo-alcohol"}),
    "amount-outside": ("fpn", {"amount": 50_001}),
    "amount-not-the-councils": ("fpn", {"amount": 9_900}),
    "discount-below-floor": ("fpn", {"discount": 4_900}),
    "discount-not-earlier": ("fpn", {"discount_until": "2026-12-06"}),
    "lower-amount-too-long": (
        "fpn",
        {"offence": "pspo-breach", "discount": 5_000, "discount_until": "2026-12-06"},
    ),
    "pay-by-wrong": ("fpn", {"pay_by": "2026-12-05"}),
    "points-not-covered": ("fpn", {"points": {"item": "A cup"}}),
    "not-found-committing": ("fpn", {"basis": "cctv"}),
    "under-10": ("fpn", {"age": "under-10"}),
    "under-16": ("fpn", {"age": "10-15"}),
    "under-16-warning": ("cpw", {"age": "10-15"}),
    "age-not-asked": ("fpn", {"age": None}),
    "under-18": ("fpn", {"age": "unknown", "supervisor": "The sergeant"}),
    "born-too-late": ("fpn", {"born": "2008-11-23"}),
    "vulnerable": ("fpn", {"vulnerability": ["homeless"], "vulnerability_reason": "Repeated"}),
    "none-and-some": ("fpn", {"vulnerability": ["none-seen", "homeless"]}),
    "only-rough-sleeping": ("cpw", {"only_rough_sleeping": True}),
    "hostility": ("fpn", {"offence": "graffiti", "hostility": True}),
    "exempt-literature": (
        "fpn",
        {"offence": "free-literature", "exempt_literature": True, "designated_land": True},
    ),
    "land-not-designated": ("fpn", {"offence": "free-literature"}),
    "second-household": ("fpn", {"offence": "household-waste", "earlier_notice": True}),
    "not-our-highway": ("fpn", {"offence": "highway-obstruction"}),
    "order-not-said": ("fpn", {"offence": "pspo-breach"}),
    "order-not-in-force": ("fpn", {"pspo": "pedicabs-2016"}),
    "article-not-in-order": ("fpn", {"pspo": "dogs-2023", "article": "no-such-article"}),
    "no-alcohol-request": ("fpn", {"offence": "pspo-alcohol"}),
    "breached-not-said": ("fpn", {"offence": "cpn-breach", "breached": "CN2600000139"}),
    "not-to-such": ("fpn", {"offence": "household-waste", "recipient": "body", "spoke_for": "A"}),
    "accident": ("fpn", {"accidental": True}),
    "identity-not-believed": ("fpn", {"identity": "not-believed"}),
    "nobody-spoke": ("fpn", {"recipient": "body"}),
    "too-late-to-prosecute": ("fpn", {"occurred_at": "2026-05-20T12:00:00Z"}),
    "caution-when": ("fpn", {"caution_at": None}),
    "reply-without-caution": ("fpn", {"caution": "not-given", "reply": "It was me"}),
    "no-questions": ("fpn", {"caution": "questioned", "vulnerability": ["language"]}),
    "not-persistent": ("cpw", {"persistence": "once"}),
    "no-time": ("cpw", {"comply_by": "2026-11-22"}),
    "warning-time-not-over": ("cpn", {"warning_comply_by": "2026-11-22"}),
    "appeal-wrong": ("cpn", {"appeal_by": "2026-12-13"}),
    "no-end": ("cpn", {"ends_on": "2026-12-01"}),
    "not-authorised": ("cpw", {"authorisation": None}),
    "unconfirmed-figures": ("fpn", {"confirmed_only": True}),
    "unconfirmed-wording": ("cpn", {"confirmed_only": True}),
}


def shut(kind: str, body: dict[str, Any]) -> list[str]:
    return [problem.rule for problem in check(KINDS[kind], body, NOW).problems]


@pytest.mark.parametrize("kind", SOUND)
def test_a_sound_notice_passes_every_gate(kind: str) -> None:
    assert shut(kind, SOUND[kind](NOW)) == []


@pytest.mark.parametrize("code", SHUTS)
def test_each_gate_is_shut_by_what_the_law_refuses(code: str) -> None:
    kind, changes = SHUTS[code]
    gate = next(gate for gate in rules.gates() if gate.code == code)
    assert kind in gate.kinds
    assert code in shut(kind, SOUND[kind](NOW, **changes))


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
