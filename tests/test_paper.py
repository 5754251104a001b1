"""Notices as PDFs: their words, their tags, their QR code, and that nothing foreign gets in."""

from __future__ import annotations

import base64
import re
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import catalogue, desk, doctor, numbers, paper
from field_app.database import writing
from field_app.notebook import write_at_desk
from tests.browser.test_phone import PIXEL
from tests.conftest import Notebook, patrol, sign_in
from tests.desk import make_void
from tests.notices import cpn, cpw, fpn
from tests.papers import ask, codes, letters, objects, read

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
PAYEE = {
    "COUNCIL": "Exampleton Council",
    "PAYEE": "Exampleton Payments",
    "PAYEE_ADDRESS": "1 Sample Square, Exampleton EX1 1AA",
    "PAYMENT_LINK": "https://pay.example/?n={number}",
}
NUMBER = numbers.number("CF26", 1)
LAW = Path(catalogue.__file__).parent
DOCUMENT = '<html lang="en-GB"><title>Sample</title><p>Sample</p>{}'

Make = Callable[..., str]
Write = Callable[..., list[str]]


@pytest.fixture(autouse=True)
def _council(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    app.config.from_mapping(PAYEE)
    monkeypatch.setattr(desk, "now", lambda: NOW)


@pytest.fixture
def book(officer: Make, notebook_of: Callable[[str], Notebook]) -> Notebook:
    return notebook_of(officer("Olu Officer"))


@pytest.fixture
def issue(book: Notebook) -> Make:
    """Issue a notice; its record."""

    def send(body: dict[str, Any], kind: str = "fpn") -> str:
        record = book.write(kind, body, NOW)
        book.send(NOW)
        return record

    return send


@pytest.fixture
def get(client: FlaskClient, leader: str) -> Callable[..., bytes]:
    """The PDF of a notice, as a team leader fetches it."""
    assert leader
    sign_in(client, "lena")

    def fetch(record: str, **query: Any) -> bytes:
        answer = client.get(f"/desk/notices/{record}.pdf", query_string=query)
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)

    return fetch


@pytest.fixture
def typeset(app: Flask) -> Callable[[str], bytes]:
    def make(html: str) -> bytes:
        with app.app_context():
            return paper.typeset(DOCUMENT.format(html))

    return make


def test_a_fixed_penalty_notice_says_everything_that_was_handed_over(
    issue: Make, get: Callable[..., bytes]
) -> None:
    said = read(get(issue(fpn(NOW, discount=6_250, discount_until="2026-12-02"))))
    for words in (
        f"Exampleton Council Fixed Penalty Notice Number {numbers.shown(NUMBER)} To Alex Invented, "
        "9 Sample Road What it is for Dropping litter, Sunday 22 November 2026 at 15:50: "
        "1 Example Street, Kilburn. Dropped a cup, and walked on",
        "How much £100 £62.50 if paid by the end of Wednesday 2 December 2026 By when",
        "Pay by the end of Sunday 6 December 2026. No proceedings are taken for this offence in the "
        "14 days following the date of this notice.",
        "to Exampleton Payments, 1 Sample Square, Exampleton EX1 1AA.",
        "a fine of up to level 4 on the standard scale. The offence Environmental Protection Act "
        "1990 s87. This notice is given under Environmental Protection Act 1990 s88. "
        "What was the litter? Seen",
        "Issued Sunday 22 November 2026 at 16:00 by Olu Officer, Community Safety Enforcement",
    ):
        assert words in said
    assert f"https://pay.example/?n={NUMBER}" in letters(said)


def test_a_community_protection_notice_names_the_warning_before_it(
    issue: Make, get: Callable[..., bytes]
) -> None:
    warning = numbers.number("CW26", 1)
    said = read(get(issue(cpn(NOW, 2, warning_number=warning), "cpn")))
    assert (
        f"Community Protection Warning {numbers.shown(warning)}, given on Friday 23 October 2026"
        in said
    )
    assert "until the end of Saturday 12 December 2026" in said
    assert "Stop: Playing music after 23:00" in said


def test_large_print_is_18_point(issue: Make, get: Callable[..., bytes]) -> None:
    record = issue(fpn(NOW))
    plain, large = get(record), get(record, large=1)
    assert letters(read(plain)) == letters(read(large))
    assert min(_sizes(plain)) == 9, "only what stands at the foot of a page is smaller than 12"
    assert sorted(_sizes(plain))[1] == 12
    assert min(_sizes(large)) == 18


def _sizes(pdf: bytes) -> set[int]:
    """The sizes of its letters in points."""
    said = ask(pdf, "pdftohtml", "-xml", "-i", "-zoom", "1", "-stdout")
    return {int(size) for size in re.findall(r'<fontspec id="\d+" size="(\d+)"', said)}


def test_the_qr_code_is_where_to_pay(app: Flask, issue: Make, get: Callable[..., bytes]) -> None:
    record = issue(fpn(NOW))
    assert codes(get(record)) == [f"https://pay.example/?n={NUMBER}"]
    assert codes(get(record, large=1)) == [f"https://pay.example/?n={NUMBER}"]
    app.config["PAYMENT_LINK"] = "pay.council.example/notices"
    assert codes(get(record)) == ["pay.council.example/notices"]
    app.config["PAYMENT_LINK"] = ""
    without = get(record)
    assert codes(without) == []
    assert "On line" not in read(without)


def test_a_screen_reader_finds_its_way(issue: Make, get: Callable[..., bytes]) -> None:
    pdf = get(issue(fpn(NOW)))
    tree = ask(pdf, "pdfinfo", "-struct-text")
    headings = re.findall(r' (H\d) \(block\)\n\s+Span \(inline\)\n\s+"(.*)"', tree)
    assert headings == [("H1", "Fixed Penalty Notice")] + [
        ("H2", title)
        for title in (
            "What it is for",
            "How much",
            "By when",
            "How to pay",
            "How to challenge",
            "What happens otherwise",
            "The offence",
        )
    ]
    read_aloud = "".join(re.findall(r'^ +"(.*)"$', tree, re.MULTILINE))
    assert letters(read_aloud).replace("•", "") == letters(read(pdf))
    assert re.search(r"^ +L \(block\)\n +LI \(block\)\n +Lbl \(block\)\n", tree, re.MULTILINE)
    kept = objects(pdf)
    for said in (
        b"/Lang (en-GB)",
        b"/Marked true",
        b"/DisplayDocTitle true",
        b"/Alt (QR code of the same address)",
        b"/StructTreeRoot",
    ):
        assert said in kept
    fonts = ask(pdf, "pdffonts").splitlines()[2:]
    assert all("Noto-Sans" in font and " yes yes yes " in font for font in fonts), (
        "each is embedded"
    )
    meta = ask(pdf, "pdfinfo", "-meta")
    assert 'pdfuaid:part="1"' in meta
    assert '<rdf:li xml:lang="x-default">Fixed Penalty Notice</rdf:li>' in meta


def test_nothing_foreign_is_fetched(
    typeset: Callable[[str], bytes], tmp_path: Path, app: Flask
) -> None:
    (tmp_path / "pixel.png").write_bytes(PIXEL)
    ours = Path(app.static_folder or "") / "icons" / "icon-192.png"
    data = f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        there = f"http://127.0.0.1:{listening.getsockname()[1]}"
        files = [f"file://{tmp_path}/pixel.png", f"file://{ours}", "/static/icons/icon-192.png"]
        pictures = "".join(f'<img src="{url}" alt="-">' for url in (f"{there}/a.png", data, *files))
        pdf = typeset(
            f'{pictures}<link rel="stylesheet" href="{there}/a.css">'
            f'<link rel="attachment" href="file://{tmp_path}/pixel.png">'
            f"<style>@import url({there}/b.css); @font-face {{ font-family: A; "
            f"src: url({there}/a.woff) }} p {{ font-family: A; background: url({there}/c.png) }}</style>"
        )
        with pytest.raises(TimeoutError):
            listening.accept()
    kept = objects(pdf)
    assert b"/Image" not in kept
    assert b"/EmbeddedFile" not in kept


def test_who_may_fetch_it_and_as_what(
    client: FlaskClient, issue: Make, leader: str, officer: Make
) -> None:
    address = f"/desk/notices/{issue(fpn(NOW))}.pdf"
    assert leader
    assert client.get(address).location == f"/sign-in?next={address}"
    sign_in(client, "olu")
    assert client.get(address).status_code == 403
    officer("Adam Admin", "administrator")
    sign_in(client, "adam")
    answer = client.get(address)
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == f'inline; filename="{NUMBER}.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_no_notice_is_not_there(
    client: FlaskClient, leader: str, issue: Make, book: Notebook
) -> None:
    assert leader
    sign_in(client, "lena")
    at = {"started_at": "2026-11-22T15:00:00Z", "ended_at": "2026-11-22T15:00:00Z"}
    spoiled = {"number": numbers.number("CF26", 9), "reason": "Torn"}
    nothing = [
        issue(patrol(NOW, **at), "patrol"),
        issue(spoiled, "spoiled"),
        book.write("fpn", "[]", NOW),
        "0193aaaa-0000-4000-8000-000000000001",
    ]
    book.send(NOW)
    for record in nothing:
        answer = client.get(f"/desk/notices/{record}.pdf")
        assert answer.status_code == 404
        assert "No page about this notice is in the central file." in answer.text


def test_the_desk_leads_to_it(client: FlaskClient, leader: str, issue: Make) -> None:
    assert leader
    sign_in(client, "lena")
    record = issue(fpn(NOW))
    page = client.get(f"/desk/records/{record}").text
    for address in (f"/desk/notices/{record}.pdf", f"/desk/notices/{record}.pdf?large=1"):
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200
    spoiled = issue({"number": numbers.number("CF26", 9), "reason": "Torn"}, "spoiled")
    assert ".pdf" not in client.get(f"/desk/records/{spoiled}").text


def test_it_stays_as_it_was_handed_over(
    issue: Make, book: Notebook, get: Callable[..., bytes]
) -> None:
    record = issue(fpn(NOW))
    before = read(get(record))
    later = NOW + timedelta(days=1)
    changes = {"reason": "The wrong name", "changes": {"recipient_name": "Other Invented"}}
    book.write("amendment", changes, later, record)
    book.write("amendment", {"changes": {"recipient_name": "No Reason"}}, NOW, record)
    assert book.send(later) == ["accepted", "held"]
    assert read(get(record)) == f"Amended on Monday 23 November 2026. See its record. {before}"


def test_it_says_what_a_variation_made_of_it_and_that_it_was_discharged(
    db: Database, issue: Make, leader: str, get: Callable[..., bytes]
) -> None:
    record = issue(cpn(NOW), "cpn")
    before = read(get(record))
    varied = {
        "requirements": [{"kind": "do", "what": "Clear the yard"}],
        "comply_by": "2026-12-20",
        "ends_on": "2027-03-01",
        "variation_reason": "A shorter time does",
    }
    done = {"discharged_on": "2026-11-24", "discharge_reason": "It has stopped"}
    with writing(db):
        write_at_desk(db, leader, "variation", record, varied, NOW + timedelta(days=1))
        write_at_desk(db, leader, "discharge", record, done, NOW + timedelta(days=2))
    assert read(get(record)) == (
        "Varied on Monday 23 November 2026. What must change since then: Do: Clear the yard. By the end "
        "of Sunday 20 December 2026. The notice now ends on Monday 1 March 2027. "
        f"Discharged on Tuesday 24 November 2026. See its record. {before}"
    )


@pytest.fixture
def new_edition(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 23 November the law of litter is another, and so are the words about paying."""
    lists = {name: list(several) for name, several in catalogue.read(LAW).items()}
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("offences", "litter", {"maximum": "a fine of the new kind"}),
        ("wording", "discharge", {"text": "Paying does other things."}),
        ("wording", "caution", {"text": "You may be silent."}),
    ]
    for name, code, new in changes:
        [old] = [one for one in lists[name] if one.code == code]
        lists[name].remove(old)
        ended = replace(old, ends=date(2026, 11, 22))
        lists[name] += [ended, replace(old, starts=date(2026, 11, 23), **new)]
    monkeypatch.setattr(catalogue, "_lists", lambda: lists)
    monkeypatch.setattr(catalogue, "_latest", catalogue._latest.__wrapped__)


@pytest.mark.usefixtures("new_edition")
def test_a_paper_has_the_words_of_the_day_on_which_it_was_issued(
    issue: Make, get: Callable[..., bytes]
) -> None:
    tomorrow = NOW + timedelta(days=1)
    for record, new in ((issue(fpn(NOW)), False), (issue(fpn(tomorrow, serial=2)), True)):
        said = read(get(record))
        assert ("may impose a fine of the new kind" in said) == new
        assert ("Paying does other things." in said) == new
        assert ("a fine of up to level 4" in said) != new
        assert ("Paying the fixed penalty in time discharges" in said) != new


@pytest.mark.usefixtures("new_edition")
def test_a_statement_has_the_caution_of_the_day_on_which_it_was_given(
    client: FlaskClient, issue: Make
) -> None:
    record = issue(fpn(NOW))
    sign_in(client, "olu")
    assert "But it may harm your defence" in client.get(f"/statements/{record}").text


def test_a_paper_that_is_made_on_a_later_day_says_so_in_its_foot(
    issue: Make, get: Callable[..., bytes], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = issue(fpn(NOW))
    before = read(get(record))
    assert "Drawn again" not in before
    monkeypatch.setattr(desk, "now", lambda: datetime(2026, 11, 22, 23, 59, tzinfo=UTC))
    assert read(get(record)) == before
    monkeypatch.setattr(desk, "now", lambda: datetime(2026, 11, 23, 0, 0, tzinfo=UTC))
    app.config["PAYEE"] = "Another Payee"
    assert read(get(record)) == (
        f"{before.replace('Exampleton Payments', 'Another Payee')} Drawn again on Monday 23 November "
        "2026 from the council’s settings of that day."
    )


def test_a_held_notice_is_printed_as_far_as_it_can_be_read(
    client: FlaskClient, issue: Make, get: Callable[..., bytes]
) -> None:
    wrong = fpn(
        NOW,
        number='CF26"; x',
        amount="lots",
        points=["Seen"],
        occurred_at=7,
        recipient_name=None,
        ward=["E05013665"],
    )
    record = issue(wrong | {"offence": "jaywalking"})
    said = read(get(record))
    assert said.startswith("Held: it breaks a rule, and does not stand until it is amended. See")
    for words in (
        "To …, 9 Sample Road What it is for jaywalking, 7: 1 Example Street",
        '["E05013665"].',
        "How much lots",
        "in the ….",
        "The offence …. This notice is given under ….",
    ):
        assert words in said
    answer = client.get(f"/desk/notices/{record}.pdf")
    assert answer.headers["Content-Disposition"] == f'inline; filename="{record}.pdf"'
    empty = read(get(issue({}, "cpw")))
    assert "What must change By when" in empty
    assert "What must change {} By when" in read(get(issue({"requirements": {}}, "cpn")))


HOSTILE = {
    "HTML": "<script>alert(1)</script><b>x</b>&amp;<img src=http://127.0.0.1/>",
    "a long word": "x" * 1_999 + ".",
    "long lines": "Threw a cup on the pavement again. " * 57,
    "several lines": "One\nTwo\n\nThree",
    "right to left": "שלום عليكم",
    "turned round": "before\u202eafter",
    "emoji": "🙂🚓👩🏽‍🚒",
    "other scripts": "বাংলা 中文 አማርኛ தமிழ் ไทย",
    "a lone surrogate": "a\ud800b",
    "control characters": "a\x00\x1bb",
    "Jinja": "{{ config.SECRET_KEY }}{% raw %}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_whatever_was_typed_stays_text_and_on_the_page(
    text: str, issue: Make, get: Callable[..., bytes]
) -> None:
    pdf = get(issue(fpn(NOW, recipient_name=text[:200], particulars=text, address=text[:300])))
    said = read(pdf)
    if text.isascii() and text.isprintable():
        assert letters(said).count(letters(text)) == 1 + 2 * (len(text) <= 200)
    for words in ("Fixed Penalty Notice Number CF26 000001 49", "How much £100", "Olu Officer"):
        assert words in said
    assert b"/URI" not in objects(pdf)
    assert _edges(pdf) == (True, True)
    kept = set(letters(text)) - set("\0\x1b\u202e\u200d\ud800")
    assert kept <= set(said), "no letter is an empty box"


def _edges(pdf: bytes) -> tuple[bool, bool]:
    """Whether every word stands within the page's margins: across it, and along it."""
    said = ask(pdf, "pdftotext", "-bbox")
    boxes = re.findall(r'xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)"', said)
    across = [float(x) for left, _, right, _ in boxes for x in (left, right)]
    along = [float(y) for _, top, _, bottom in boxes for y in (top, bottom)]
    return min(across) > 50 and max(across) < 595 - 50, min(along) > 30 and max(along) < 842 - 10


@pytest.mark.parametrize(
    "more",
    [
        {"requirements": [{"kind": "stop", "what": "several words " * 35}] * 250},
        {"requirements": [{"kind": "stop", "what": "a\n" * 250}] * 9},
        {"conduct": "x" * 5_001},
    ],
)
def test_no_more_is_printed_than_a_notice_can_be(
    more: Any, client: FlaskClient, leader: str, issue: Make
) -> None:
    assert leader
    sign_in(client, "lena")
    answer = client.get(f"/desk/notices/{issue(cpw(NOW, **more), 'cpw')}.pdf")
    assert answer.status_code == 413
    assert "This notice is too long to be printed. Read it in its record." in answer.text


def test_without_pango_everything_else_works(
    app: Flask,
    db: Database,
    client: FlaskClient,
    leader: str,
    issue: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paper, "LIBRARIES", {"libinvented.so.0": "libinvented0"})
    assert leader
    sign_in(client, "lena")
    record = issue(fpn(NOW))
    answer = client.get(f"/desk/notices/{record}.pdf")
    said = "No PDF can be made: install libinvented0."
    assert answer.status_code == 501
    assert said in answer.text
    assert client.get(f"/desk/records/{record}").status_code == 200
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json and ready.json["paper"]) == (200, said)
    findings = doctor.examine(app, db, NOW)
    assert [one.to_do for one in findings if one.about == "notices as PDFs"] == [said]


def test_the_install_step_brings_what_is_needed() -> None:
    script = (Path(__file__).parent.parent / "tools" / "paper.sh").read_text()
    packages = re.search(r"for package in (.*); do", script)
    assert packages
    assert set(paper.LIBRARIES.values()) < set(packages[1].split())


def test_the_paper_of_a_void_notice_says_so_before_anything_else(
    issue: Make, get: Callable[..., bytes], db: Database, officer: Make
) -> None:
    record = issue(fpn(NOW))
    assert "Void" not in read(get(record))
    lena, sam = (officer(name, "team leader") for name in ("Lea Leader", "Sam Second"))
    make_void(db, record, lena, sam, NOW)
    words = read(get(record))
    assert words.startswith("Void since Sunday 22 November 2026: nothing is to be paid or done.")
