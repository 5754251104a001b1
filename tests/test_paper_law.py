"""What an Act wants a notice to state stands on its paper; each test names the section (docs/law.md)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import html5lib
import pytest
from flask import Flask, render_template_string
from sqlite_utils import Database

from field_app import catalogue, paper
from field_app.records import KINDS
from tests import notices

ISSUED = datetime(2026, 11, 22, 14, 10, tzinfo=UTC)
LAYOUT = """{% import "notices/paper.html" as papers with context -%}
{{ papers[printed.kind](printed.slot, wording) }}"""
REQUIREMENTS = [
    {"kind": "stop", "what": "Playing music after 23:00"},
    {"kind": "do", "what": "Keeping the windows shut after 21:00"},
    {"kind": "achieve", "what": "No music is heard next door"},
]
FAMILIES = {one.code: one for one in catalogue.families()}
STATED = [
    pytest.param(offence.code, item.code, id=f"{offence.code}: {item.code}, {item.section}")
    for offence in catalogue.offences()
    for item in FAMILIES[offence.family.lower()].must_state
]
PrintOut = Callable[..., str]


@pytest.fixture
def print_out(
    app: Flask, db: Database, officer: Callable[..., str], write_pages: Callable[..., list[str]]
) -> PrintOut:
    """The words on the paper of a notice of this kind, and nothing else of it."""
    app.config |= {
        "COUNCIL": "Example Borough Council",
        "PAYEE": "The Example Treasurer",
        "PAYEE_ADDRESS": "1 Example Street, Exampleton EX1 1EX",
        "PAYMENT_LINK": "https://pay.council.example/{number}",
        "APPEAL_COURT": "Example Magistrates’ Court, 2 Example Street",
        "CONTACT": "enforcement@council.example",
    }

    def text_of(kind: str, body: notices.Body) -> str:
        [record] = write_pages(officer("Olu Officer"), [(kind, body)], ISSUED)
        wording = {one.code: one.text for one in catalogue.wordings()}
        with app.app_context():
            printed = paper.paper(db, record)
            assert printed
            html = render_template_string(LAYOUT, printed=printed, wording=wording)
        tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
        return re.sub(r"\s+", " ", "".join(tree.itertext())).strip()

    return text_of


def in_words(day: str) -> str:
    read = date.fromisoformat(day)
    return f"{read:%A} {read.day} {read:%B %Y}"


def penalty(offence: str) -> notices.Body:
    """A Fixed Penalty Notice for this offence, with all that its points and its order want."""
    more: dict[str, Any] = {}
    if offence.startswith("pspo"):
        more = {"pspo": "urination-2016", "article": "urination"}
    if offence == "cpn-breach":
        more = {"breached": "CN2632604173", "requirement": "1: no music after 23:00"}
    body = notices.fpn(ISSUED, offence, **more)
    return {"amount": 10000, **body}


def particulars(offence: str, body: notices.Body) -> list[str]:
    """What, where, when and how, each point that was answered, and what was broken."""
    known = next(one for one in catalogue.offences() if one.code == offence)
    answers = [f"{point.label} Seen" for point in known.points]
    order = ["Public Spaces Protection Order: public urination, made on Thursday 19 May 2016"]
    order += ["article: Urinating in public"]
    breached = ["Community Protection Notice CN26 326041 73", "1: no music after 23:00"]
    return [
        f"{known.plain}, Sunday 22 November 2026 at 14:00: 1 Example Street",
        body["particulars"],
        f"{known.created_by}. This notice is given under {known.power}.",
        *answers,
        *(order if offence.startswith("pspo") else []),
        *(breached if offence == "cpn-breach" else []),
    ]


def period(offence: str, body: notices.Body) -> list[str]:
    family = next(one.family for one in catalogue.offences() if one.code == offence).lower()
    days = FAMILIES[family].period_days
    return [
        f"Pay by the end of {in_words(body['pay_by'])}.",
        f"No proceedings are taken for this offence in the {days} days following the date of this notice.",
    ]


STATEMENTS: dict[str, Callable[[str, notices.Body], list[str]]] = {
    "particulars": particulars,
    "period": period,
    "amount": lambda _, body: [f"How much £{body['amount'] // 100}"],
    "payee": lambda *_: ["to The Example Treasurer, 1 Example Street, Exampleton EX1 1EX."],
    "methods": lambda _, body: [
        "How to pay By post: the amount and the number of this notice, in a letter",
        f"On line, with the number of this notice: https://pay.council.example/{body['number']}",
    ],
    "reduced": lambda _, body: [
        f"£{body['discount'] // 100} if paid by the end of {in_words(body['discount_until'])}"
    ],
}


@pytest.mark.parametrize(("offence", "item"), STATED)
def test_a_fixed_penalty_notice_states_what_its_act_wants(
    print_out: PrintOut, offence: str, item: str
) -> None:
    body = penalty(offence)
    text = print_out("fpn", body)
    assert [one for one in STATEMENTS[item](offence, body) if one not in text] == []


@pytest.mark.parametrize(
    ("offence", "last_days"),
    [
        ("litter", ["Sunday 6 December 2026"]),
        ("pspo-breach", ["Sunday 6 December 2026"]),
        (
            "highway-obstruction",
            ["£50 if paid by the end of Saturday 5 December 2026", "Sunday 20 December 2026"],
        ),
        ("street-trading", ["Sunday 20 December 2026"]),
    ],
)
def test_the_last_days_are_those_of_the_act(
    print_out: PrintOut, offence: str, last_days: list[str]
) -> None:
    """EPA 1990 s88(2); ASBCPA 2014 s68(4); LLATfLA 2003 s9(2)(a); LLAA 2004 s16 (safe reading)."""
    text = print_out("fpn", penalty(offence))
    assert [one for one in last_days if one not in text] == []


def test_a_fixed_penalty_notice_says_six_things_at_a_glance(print_out: PrintOut) -> None:
    text = print_out("fpn", penalty("litter"))
    headings = ["What it is for", "How much", "By when", "How to pay", "How to challenge"]
    places = [text.index(one) for one in [*headings, "What happens otherwise"]]
    assert places == sorted(places)
    assert "There is no appeal against this notice." in text
    assert "On conviction the court may impose a fine of up to level 4" in text


def test_no_officer_takes_money(print_out: PrintOut) -> None:
    """R19."""
    assert "no cash and no card on the street" in print_out("fpn", penalty("litter"))


def test_a_notice_without_a_link_is_paid_by_post(print_out: PrintOut, app: Flask) -> None:
    """EPA 1990 s88(5), ASBCPA 2014 ss52(9), 68(8): a letter is always a way to pay."""
    app.config["PAYMENT_LINK"] = ""
    text = print_out("fpn", penalty("pspo-breach"))
    assert "By post:" in text
    assert "On line" not in text


def test_a_warning_says_that_a_notice_follows(print_out: PrintOut) -> None:
    """ASBCPA 2014 s43(5)(a)."""
    text = print_out("cpw", notices.cpw(ISSUED, requirements=REQUIREMENTS))
    assert "written warning under section 43(5)" in text
    assert (
        "Unless the conduct stops having this effect, a Community Protection Notice will be issued."
        in text
    )
    body = notices.cpw(ISSUED)
    for name in ("conduct", "effect", "unreasonable", "since"):
        assert body[name] in text
    assert f"By the end of {in_words(body['comply_by'])}" in text
    assert "by Olu Officer, Community Safety Enforcement Officer, authorised by Example" in text
    assert "enforcement@council.example" in text


@pytest.fixture
def protection_notice(print_out: PrintOut) -> str:
    warned = notices.cpw(datetime(2026, 10, 23, 12, tzinfo=UTC), serial=7)
    body = notices.cpn(ISSUED, requirements=REQUIREMENTS, warning_number=warned["number"])
    return print_out("cpn", body)


def test_a_notice_identifies_the_conduct(protection_notice: str) -> None:
    """ASBCPA 2014 s43(7)(a)."""
    for said in ("Amplified music", "Nightly since October: 1 Example Street", "section 43"):
        assert said in protection_notice
    assert "Neighbours cannot sleep" in protection_notice
    assert "The conduct is unreasonable: Asked three times" in protection_notice


def test_a_notice_explains_sections_46_to_51(protection_notice: str) -> None:
    """ASBCPA 2014 s43(7)(b)."""
    effect = next(one.text for one in catalogue.wordings() if one.code == "cpn-effect")
    assert re.findall(r"Section (\d+):", protection_notice) == [*map(str, range(46, 52))]
    assert " ".join(effect.splitlines()) in re.sub(r"(?<=\.)(?=Section)", " ", protection_notice)


def test_requirements_are_numbered_and_of_the_three_lawful_kinds(protection_notice: str) -> None:
    """ASBCPA 2014 s43(3)."""
    lines = ["Stop: Playing music after 23:00", "Do: Keeping the windows shut after 21:00"]
    lines += ["Take reasonable steps to achieve: No music is heard next door"]
    assert "".join(lines) in protection_notice


def test_a_notice_says_by_when_and_when_it_ends(protection_notice: str) -> None:
    """ASBCPA 2014 s43(8); an end after Stannard v CPS [2019] EWHC 84 (Admin)."""
    body = notices.cpn(ISSUED)
    assert f"By the end of {in_words(body['comply_by'])}." in protection_notice
    assert f"This notice ends on {in_words(body['ends_on'])}." in protection_notice


def test_a_notice_says_until_when_where_and_why_one_may_appeal(protection_notice: str) -> None:
    """ASBCPA 2014 s46(1) and (2): 21 days beginning with the day of issue."""
    assert "until the end of Saturday 12 December 2026" in protection_notice
    assert "(Example Magistrates’ Court, 2 Example Street)" in protection_notice
    grounds = next(one.text for one in catalogue.wordings() if one.code == "cpn-appeal-grounds")
    assert [one for one in grounds.splitlines() if one not in protection_notice] == []


def test_a_notice_names_the_warning_it_follows(protection_notice: str) -> None:
    """ASBCPA 2014 s43(5)."""
    number = notices.cpw(ISSUED, serial=7)["number"]
    shown = f"{number[:4]} {number[4:10]} {number[10:]}"
    assert (
        f"Community Protection Warning {shown}, given on Friday 23 October 2026"
        in protection_notice
    )
    assert "You have had enough time to deal with the matter" in protection_notice


def test_a_notice_says_what_breach_brings(protection_notice: str) -> None:
    """ASBCPA 2014 ss48 and 52."""
    assert "Failing to comply with this notice is an offence (section 48)." in protection_notice
    assert "Fixed Penalty Notice (section 52)" in protection_notice
    assert "level 4 on the standard scale for an individual; a fine for a body" in protection_notice


@pytest.mark.parametrize("kind", ["fpn", "cpw", "cpn"])
def test_every_notice_shows_its_number_with_its_check_digits(
    print_out: PrintOut, kind: str
) -> None:
    body = getattr(notices, kind)(ISSUED)
    number = body["number"]
    text = print_out(kind, body)
    assert f"{KINDS[kind].title} Number {number[:4]} {number[4:10]} {number[10:]}" in text
