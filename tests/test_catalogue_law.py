"""The law as data: what the files say, what they may not say, and what docs/law.md tells of them."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from field_app import catalogue
from field_app.catalogue import CatalogueError, Family, law

FILES = Path(catalogue.__file__).parent
TESTS = Path(__file__).parent
LAW = (TESTS.parent / "docs" / "law.md").read_text(encoding="utf-8")
TODAY = date(2026, 11, 22)
FOUND = {
    "litter",
    "free-literature",
    "street-trading",
    "trading-condition",
    "trading-licence-not-shown",
    "trading-false-statement",
    "highway-obstruction",
    "highway-deposit",
}


def facts() -> dict[str, catalogue.Fact]:
    """Every fact of law by its place: families/b."""
    return {
        f"{name}/{entry.code}": entry
        for name in law.KINDS
        for entry in catalogue.entries(name)
        if isinstance(entry, catalogue.Fact)
    }


def family_of(offence: catalogue.Offence) -> Family:
    return next(each for each in catalogue.families() if each.code == offence.family.lower())


def test_offences_are_the_ones_that_a_street_notice_may_be_given_for() -> None:
    assert {offence.code: offence.family for offence in catalogue.offences()} == {
        "litter": "A",
        "fly-tipping": "A",
        "household-waste": "A",
        "waste-documents": "A",
        "waste-receptacles": "A",
        "graffiti": "A",
        "fly-posting": "A",
        "free-literature": "A",
        "pspo-breach": "B",
        "pspo-alcohol": "B",
        "cpn-breach": "B",
        "street-trading": "D",
        "trading-condition": "D",
        "trading-licence-not-shown": "D",
        "trading-false-statement": "D",
        "highway-obstruction": "C",
        "highway-deposit": "C",
        "vehicles-for-sale": "A",
        "vehicles-repaired": "A",
        "abandoned-vehicle": "A",
    }


def test_rough_sleeping_and_begging_are_no_offence_and_no_order() -> None:
    said = [
        json.dumps(json.loads((FILES / f"{name}.json").read_text())["entries"]).lower()
        for name in ("offences", "orders", "amounts")
    ]
    assert re.findall(r"begg|\brough|homeless|vagran|\btents?\b|sleeping", " ".join(said)) == []


def test_rough_sleeping_and_faith_visits_offer_no_offence_first() -> None:
    offered = {code for offence in catalogue.offences() for code in offence.activities}
    assert offered == {"enviro-crime", "evening-safety", "street-trading", "antisocial-behaviour"}


def test_some_offences_need_the_person_to_be_found_committing_them() -> None:
    assert {offence.code for offence in catalogue.offences() if offence.found} == FOUND


def test_a_name_may_be_demanded_where_the_act_says_so() -> None:
    powers = {offence.code: offence.name_power for offence in catalogue.offences()}
    assert {code: power for code, power in powers.items() if power} == {
        "litter": "Environmental Protection Act 1990 s88(8A)–(8C)",
        "fly-tipping": "Environmental Protection Act 1990 s33ZA(6)–(7)",
        "graffiti": "Anti-social Behaviour Act 2003 s43B",
        "fly-posting": "Anti-social Behaviour Act 2003 s43B",
        "vehicles-for-sale": "Clean Neighbourhoods and Environment Act 2005 s7",
        "vehicles-repaired": "Clean Neighbourhoods and Environment Act 2005 s7",
    }


def test_the_six_months_do_not_bind_either_way_offences() -> None:
    assert {one.code for one in catalogue.offences() if one.triable == "either-way"} == {
        "fly-tipping",
        "household-waste",
        "waste-documents",
        "graffiti",
    }


def test_only_who_did_it_gets_a_notice_for_graffiti_or_fly_posting() -> None:
    given = {offence.code: offence.given_to for offence in catalogue.offences()}
    assert {given["graffiti"], given["fly-posting"]} == {("person",)}


def test_only_what_was_read_in_the_primary_text_is_confirmed() -> None:
    confirmed = {place for place, fact in facts().items() if fact.confirmed}
    assert {place for place in confirmed if not place.startswith("gates/")} == {
        "families/b",
        "periods/cpn-appeal",
        "periods/summary-prosecution",
        "wording/s9-declaration",
    }
    assert {fact.sure for fact in facts().values() if fact.confirmed} == {"S"}


def test_a_fact_is_as_sure_as_the_least_sure_figure_that_its_source_names() -> None:
    grades = ["S", "S2", "K", "OPEN"]
    least = {
        place: max(re.findall(r"\b(?:OPEN|K|S2|S)\b", fact.source), key=grades.index, default="")
        for place, fact in facts().items()
        if not place.startswith("gates/")  # a gate says of all of itself how sure it is
    }
    assert least == {place: facts()[place].sure for place in least}


@pytest.mark.parametrize(
    ("offence", "on", "maximum"),
    [
        ("litter", date(2019, 3, 31), None),
        ("litter", date(2019, 4, 1), 150_00),
        ("litter", date(2023, 7, 30), 150_00),
        ("litter", date(2023, 7, 31), 500_00),
        ("fly-tipping", date(2023, 7, 30), 400_00),
        ("fly-tipping", date(2023, 7, 31), 1_000_00),
        ("household-waste", date(2023, 7, 30), 400_00),
        ("household-waste", date(2023, 7, 31), 600_00),
        ("waste-receptacles", TODAY, 110_00),
        ("cpn-breach", TODAY, 100_00),
        ("rough-sleeping", TODAY, None),
    ],
)
def test_the_day_of_the_offence_says_the_amount(
    offence: str, on: date, maximum: int | None
) -> None:
    amount = catalogue.amount_on(offence, on)
    assert (amount and amount.maximum) == maximum


def test_every_offence_has_one_amount_on_every_day_from_31_july_2023() -> None:
    days = [date(2023, 7, 31) + timedelta(days=number) for number in range(4 * 365)]
    wrong = [
        (offence.code, day)
        for offence in catalogue.offences()
        for rows in [[each for each in catalogue.amounts() if each.offence == offence.code]]
        for day in days
        if sum(row.in_force(day) for row in rows) != 1
    ]
    assert wrong == []


def test_what_a_notice_asks_for_today() -> None:
    asked = {each.code: catalogue.amount_on(each.code, TODAY) for each in catalogue.offences()}
    assert {code: (row.full, row.early) for code, row in asked.items() if row} == {
        "litter": (100_00, None),
        "fly-tipping": (400_00, 200_00),
        "household-waste": (200_00, None),
        "waste-documents": (300_00, None),
        "waste-receptacles": (100_00, None),
        "graffiti": (100_00, None),
        "fly-posting": (100_00, None),
        "free-literature": (100_00, None),
        "pspo-breach": (100_00, None),
        "pspo-alcohol": (None, None),
        "cpn-breach": (None, None),
        "street-trading": (150_00, 90_00),
        "trading-condition": (100_00, 60_00),
        "trading-licence-not-shown": (100_00, 60_00),
        "trading-false-statement": (125_00, 75_00),
        "highway-obstruction": (100_00, 50_00),
        "highway-deposit": (100_00, 50_00),
        "vehicles-for-sale": (100_00, None),
        "vehicles-repaired": (100_00, None),
        "abandoned-vehicle": (200_00, None),
    }


def test_no_amount_is_outside_the_range_of_the_act() -> None:
    outside = [
        amount.code
        for amount in catalogue.amounts()
        for sum_ in (amount.default, amount.council_amount)
        if sum_ is not None and not (amount.minimum or 0) <= sum_ <= amount.maximum
    ]
    assert outside == []


def test_no_discount_is_below_its_floor_or_without_days() -> None:
    families = {offence.code: family_of(offence) for offence in catalogue.offences()}
    discounts = [
        (amount, sum_)
        for amount in catalogue.amounts()
        for sum_ in (amount.default_discount, amount.council_discount)
        if sum_ is not None
    ]
    assert len(discounts) == 8
    assert [amount.code for amount, sum_ in discounts if sum_ < (amount.discount_floor or 0)] == []
    assert [one.code for one, _ in discounts if families[one.offence].discount_days is None] == []


def test_no_breach_notice_asks_for_more_than_100_pounds() -> None:
    breaches = [each.code for each in catalogue.offences() if each.family == "B"]
    rows = [amount for amount in catalogue.amounts() if amount.offence in breaches]
    assert {row.maximum for row in rows if row.in_force(TODAY)} == {100_00}
    assert {row.code for row in rows} == {f"asbcpa-fpn-max-{code}" for code in breaches}


def test_families_have_the_periods_of_their_acts() -> None:
    assert {
        family.code: (
            (family.period_days, family.period_counting),
            (family.discount_days, family.discount_counting),
            family.lower_must_be_under_days,
        )
        for family in catalogue.families()
    } == {
        "a": ((14, "following"), (10, "following"), None),
        "b": ((14, "following"), (None, None), 14),
        "c": ((28, "following"), (14, "beginning"), None),
        "d": ((28, "following"), (14, "following"), None),
    }


def test_a_notice_states_what_its_act_wants() -> None:
    always = ["particulars", "period", "amount", "payee"]
    assert {
        family.code: [each.code for each in family.must_state] for family in catalogue.families()
    } == {"a": always, "b": [*always, "methods"], "c": [*always, "reduced"], "d": always}


def test_periods_are_days_or_months() -> None:
    assert {
        period.code: (period.days, period.months, period.counting) for period in catalogue.periods()
    } == {
        "cpn-appeal": (21, None, "beginning"),
        "summary-prosecution": (None, 6, "following"),
        "to-legal": (None, 3, "following"),
        "cpw-review": (None, 6, "following"),
        "cpn-end": (None, 12, "following"),
    }


def test_an_order_ends_three_years_after_it_was_made() -> None:
    ends = {order.code: (order.made, order.ends) for order in catalogue.orders()}
    assert ends == {
        "urination-2016": (date(2016, 5, 19), date(2019, 5, 18)),
        "pedicabs-2016": (date(2016, 10, 18), date(2019, 10, 17)),
        "dogs-2023": (date(2023, 10, 1), date(2026, 9, 30)),
        "alcohol-2026": (None, None),
    }


def test_no_order_is_known_to_be_in_force_today() -> None:
    assert [order.code for order in catalogue.orders() if order.in_force(TODAY)] == []


def test_an_order_that_was_not_made_is_never_in_force() -> None:
    alcohol = next(order for order in catalogue.orders() if order.made is None)
    assert not alcohol.in_force(date(2026, 1, 14))
    assert alcohol.alcohol_request


def test_an_area_is_read_as_pairs(tmp_path: Path) -> None:
    folder = shutil.copytree(FILES, tmp_path / "catalogue")
    triangle = [[-0.13, 51.53], [-0.12, 51.53], [-0.12, 51.52]]
    change(folder, "orders.json", lambda rows: rows[0].update(area=triangle))
    order = catalogue.read(folder)["orders"][0]
    assert isinstance(order, catalogue.Order)
    assert order.area == ((-0.13, 51.53), (-0.12, 51.53), (-0.12, 51.52))


def test_the_caution_and_the_declaration_are_said_word_for_word() -> None:
    texts = {wording.code: wording.text for wording in catalogue.wordings()}
    assert texts["caution"] == (
        "You do not have to say anything. But it may harm your defence if you do not mention when "
        "questioned something which you later rely on in Court. Anything you do say may be given "
        "in evidence."
    )
    assert texts["s9-declaration"] == (
        "This statement is true to the best of my knowledge and belief and I make it knowing that, "
        "if it is tendered in evidence, I shall be liable to prosecution if I have wilfully stated "
        "in it anything which I know to be false or do not believe to be true."
    )


def test_a_community_protection_notice_explains_sections_46_to_51() -> None:
    effect = next(each.text for each in catalogue.wordings() if each.code == "cpn-effect")
    assert re.findall(r"^Section (\d+): ", effect, re.MULTILINE) == [
        str(section) for section in range(46, 52)
    ]


def test_every_wording_is_there() -> None:
    assert [wording.code for wording in catalogue.wordings()] == [
        "caution",
        "cpn-effect",
        "cpn-appeal-grounds",
        "no-payment-on-street",
        "discharge",
        "name-power",
        "s9-declaration",
    ]


def test_what_awaits_legal_is_in_force_and_not_confirmed() -> None:
    awaiting = catalogue.unconfirmed(TODAY)
    assert {f"{each.file.removesuffix('.json')}/{each.code}" for each in awaiting} == {
        place for place, fact in facts().items() if fact.in_force(TODAY) and not fact.confirmed
    }
    assert ("offences.json", "litter", "Litter") in awaiting
    assert {"families.json", "periods.json", "amounts.json"} < {each.file for each in awaiting}
    assert {"litter-2019", "urination-2016", "b"}.isdisjoint({each.code for each in awaiting})


def test_what_has_ended_awaited_legal_while_it_was_in_force() -> None:
    files = {each.code: each.file for each in catalogue.unconfirmed(date(2019, 5, 18))}
    assert files["urination-2016"] == "orders.json"
    assert "litter-2023" not in files


Change = Callable[[Any], object]


def second_edition(rows: Any, ends: str | None, starts: str) -> None:
    """The first row, and after all the others its next edition."""
    rows.append(rows[0] | {"label": "New", "starts": starts})
    rows[0]["ends"] = ends


def change(folder: Path, file: str, how: Change) -> None:
    whole = json.loads((folder / file).read_text())
    how(whole["entries"])
    (folder / file).write_text(json.dumps(whole))


@pytest.mark.parametrize(
    ("file", "how", "said"),
    [
        (
            "offences.json",
            lambda rows: rows[0].update(confirmed=True),
            "offences.json, entry 1 (litter): what is K cannot be confirmed.",
        ),
        (
            "offences.json",
            lambda rows: rows[0].update(sure="perhaps"),
            "offences.json, entry 1 (litter): sure must be one of S, S2, K, OPEN, not 'perhaps'.",
        ),
        (
            "offences.json",
            lambda rows: rows[0].update(family="E"),
            "offences.json, entry 1 (litter): family must be one of A, B, C, D, not 'E'.",
        ),
        (
            "offences.json",
            lambda rows: rows[0].update(given_to=["dog"]),
            "offences.json, entry 1 (litter): "
            "given_to must be a list of person, body, not ['dog'].",
        ),
        (
            "offences.json",
            lambda rows: rows[0].update(activities=["fishing"]),
            "offences.json (litter): activities.json has no fishing.",
        ),
        (
            "offences.json",
            lambda rows: rows[0]["points"][1].pop("label"),
            "offences.json, entry 1 (litter), points, entry 2 (left): label is missing.",
        ),
        (
            "offences.json",
            lambda rows: rows[0]["points"].append(rows[0]["points"][0]),
            "offences.json, entry 1 (litter), points, entry 7: the code item is there twice.",
        ),
        (
            "wording.json",
            lambda rows: second_edition(rows, "2026-11-22", "2026-11-22"),
            "wording.json, entry 8: the code caution is there twice.",
        ),
        (
            "offences.json",
            lambda rows: second_edition(rows, None, "2026-11-22"),
            "offences.json, entry 21: the code litter is there twice.",
        ),
        (
            "families.json",
            lambda rows: second_edition(rows, "2026-11-22", "2026-11-23"),
            "families.json, entry 5: the code a is there twice.",
        ),
        (
            "offences.json",
            lambda rows: rows[0].update(points=[]),
            "offences.json, entry 1 (litter), points: it is not a list with entries.",
        ),
        (
            "offences.json",
            lambda rows: rows[0].pop("name_power"),
            "offences.json, entry 1 (litter): name_power is missing.",
        ),
        (
            "amounts.json",
            lambda rows: rows[0].update(maximum=150.0),
            "amounts.json, entry 1 (litter-2019): "
            "maximum must be a whole number from 1, not 150.0.",
        ),
        (
            "amounts.json",
            lambda rows: rows[0].update(maximum=0),
            "amounts.json, entry 1 (litter-2019): maximum must be a whole number from 1, not 0.",
        ),
        (
            "amounts.json",
            lambda rows: rows[0].update(offence="spitting"),
            "amounts.json (litter-2019): offences.json has no spitting.",
        ),
        (
            "amounts.json",
            lambda rows: rows[0].update(ends="2023-07-31"),
            "amounts.json: litter has 2 amounts on 2023-07-31.",
        ),
        (
            "amounts.json",
            lambda rows: rows[1].update(starts="2023-08-01"),
            "amounts.json: litter has no amounts on 2023-07-31.",
        ),
        (
            "amounts.json",
            lambda rows: rows[1].update(ends="2026-11-21"),
            "amounts.json: litter has no amounts on 2026-11-22.",
        ),
        (
            "amounts.json",
            lambda rows: rows[0].update(council_amount=150_01),
            "amounts.json (litter-2019): council_amount is not between minimum and maximum.",
        ),
        (
            "amounts.json",
            lambda rows: rows[0].update(default=64_99),
            "amounts.json (litter-2019): default is not between minimum and maximum.",
        ),
        (
            "amounts.json",
            lambda rows: rows[0].update(council_discount=49_99),
            "amounts.json (litter-2019): "
            "council_discount is not between discount_floor and the full amount.",
        ),
        (
            "amounts.json",
            lambda rows: rows[0].update(default_discount=100_00),
            "amounts.json (litter-2019): "
            "default_discount is not between discount_floor and the full amount.",
        ),
        (
            "families.json",
            lambda rows: rows[0].update(discount_days=14),
            "families.json (a): the discount does not end before the period.",
        ),
        (
            "families.json",
            lambda rows: rows[1].update(
                period_days=28, discount_days=14, discount_counting="following"
            ),
            "families.json (b): discount_days is not under lower_must_be_under_days.",
        ),
        (
            "families.json",
            lambda rows: rows[1].update(discount_days=10),
            "families.json (b): discount_days and discount_counting go together.",
        ),
        (
            "families.json",
            lambda rows: rows[0]["must_state"][0].update(section=""),
            "families.json, entry 1 (a), must_state, entry 1 (particulars): "
            "section must be words, not ''.",
        ),
        (
            "families.json",
            lambda rows: rows.pop(1),
            "offences.json (pspo-breach): families.json has no b.",
        ),
        (
            "periods.json",
            lambda rows: rows[0].update(months=1),
            "periods.json (cpn-appeal): it must have days or months, and not both.",
        ),
        (
            "periods.json",
            lambda rows: rows[0].update(counting="around"),
            "periods.json, entry 1 (cpn-appeal): "
            "counting must be one of following, beginning, not 'around'.",
        ),
        (
            "orders.json",
            lambda rows: rows[0].update(area=[[51.5, -0.1, 0]]),
            'orders.json, entry 1 (urination-2016): area must be "whole borough" or three or more '
            "[longitude, latitude], not [[51.5, -0.1, 0]].",
        ),
        (
            "orders.json",
            lambda rows: rows[0].update(area=[[0, 51], [0, 52], [1, 91]]),
            'orders.json, entry 1 (urination-2016): area must be "whole borough" or three or more '
            "[longitude, latitude], not [[0, 51], [0, 52], [1, 91]].",
        ),
        (
            "orders.json",
            lambda rows: rows[0].update(area=[[0, 51], [0, 52]]),
            'orders.json, entry 1 (urination-2016): area must be "whole borough" or three or more '
            "[longitude, latitude], not [[0, 51], [0, 52]].",
        ),
        (
            "wording.json",
            lambda rows: rows[0].pop("source"),
            "wording.json, entry 1 (caution): source is missing.",
        ),
    ],
)
def test_a_broken_file_of_law_is_refused_by_name(
    tmp_path: Path, file: str, how: Change, said: str
) -> None:
    folder = shutil.copytree(FILES, tmp_path / "catalogue")
    change(folder, file, how)
    with pytest.raises(CatalogueError) as caught:
        catalogue.read(folder)
    assert str(caught.value) == said


def test_a_new_edition_of_printed_words_leaves_the_old_one_to_its_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(FILES, tmp_path / "catalogue")
    for file in ("offences.json", "wording.json"):
        change(folder, file, lambda rows: second_edition(rows, "2026-11-22", "2026-11-23"))
    change(folder, "offences.json", lambda rows: rows[-1].update(maximum="New"))
    change(folder, "wording.json", lambda rows: rows[-1].update(text="New"))
    edition = catalogue.Edition(catalogue.read(folder))
    monkeypatch.setattr(catalogue, "_edition", lambda: edition)
    for day, is_new in ((date(2026, 11, 22), False), (date(2026, 11, 23), True)):
        litter = catalogue.offence_on("litter", day)
        assert litter
        assert (litter.maximum == "New") == is_new
        assert (catalogue.wording_on(day)["caution"] == "New") == is_new
    assert [one.maximum for one in catalogue.offences() if one.code == "litter"] == ["New"]
    assert [one.text for one in catalogue.wordings() if one.code == "caution"] == ["New"]


ROWS = dict(re.findall(r"^\| (R\d+|[a-d]/[a-z]+) \|.*?\|(.*)\|.*\|$", LAW, re.MULTILINE))
"""docs/law.md: a rule or a particular, and the data that it names."""


def test_the_document_has_every_rule_and_every_particular() -> None:
    rules = [f"R{number}" for number in range(1, 21)]
    particulars = [
        f"{family.code}/{each.code}"
        for family in catalogue.families()
        for each in family.must_state
    ]
    assert list(ROWS) == rules + particulars


def test_every_fact_and_every_field_that_the_document_names_exists() -> None:
    named = re.findall(r"`(\w+)/([\w-]+)`", LAW)
    assert [f"{name}/{code}" for name, code in named if f"{name}/{code}" not in facts()] == []
    known = {f"{name}.{field.name}" for name, kind in law.KINDS.items() for field in fields(kind)}
    said = re.findall(rf"`((?:{'|'.join(law.KINDS)})\.(?!json)\w+)`", LAW)
    assert [field for field in said if field not in known] == []
    assert len(named) > 20
    assert len(said) > 10


def test_every_test_that_the_document_names_exists() -> None:
    defined = {
        name
        for file in TESTS.rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", LAW))
    assert named - defined == set()
    assert named
