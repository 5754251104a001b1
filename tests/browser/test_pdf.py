"""The server's PDF says what the paper on the phone says, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from playwright.sync_api import Page

from field_app import numbers
from field_app.catalogue import offences, orders
from field_app.times import moment_text
from tests.browser.engines import Launch
from tests.notices import Body, cpn, cpw, fpn
from tests.papers import codes, letters, read
from tests.wire.client import Server, Session, states

NOW = datetime.now(UTC).replace(microsecond=0)
WRITTEN = moment_text(NOW)
HELD = "Held: it breaks a rule, and does not stand until it is amended. See its record. "
LINK = "https://pay.example/?n={number}"
COUNCIL = {
    "COUNCIL": "Exampleton Council",
    "PAYEE": "Exampleton Council",
    "PAYEE_ADDRESS": "Payments, 1 Sample Square, Exampleton EX1 1AA",
    "PAYMENT_LINK": LINK,
    "APPEAL_COURT": "Sample Magistrates’ Court",
    "CONTACT": "notices@council.example",
}

DRAW = """async ([officer_name, kind, body]) => {
  const { bringScreens } = await import('/static/phone/screens.js');
  await bringScreens();
  const { paper } = await import('/static/phone/paper.js');
  const sheet = paper({ notebook: { officer_name } }, kind, body);
  document.querySelector('main').replaceChildren(sheet);
  return [sheet.innerText, sheet.querySelector('svg')?.dataset.text];
}"""


@pytest.fixture(scope="module")
def council(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = copytree(made, tmp_path_factory.mktemp("council") / "instance")
    started = Server(folder, **COUNCIL).start()
    yield started
    started.stop()


@pytest.fixture
def phone(council: Server, launch: Launch, tmp_path: Path) -> Page:
    page = launch("chromium", tmp_path / "profile").new_page()
    page.goto(council.address)
    return page


def bodies() -> list[tuple[str, Body]]:
    """A notice for each offence, with what only some have; a warning, and the notice after it."""
    made = [("fpn", fpn(NOW, one.code, serial)) for serial, one in enumerate(offences(), 1)]
    made.append(
        ("fpn", fpn(NOW, serial=90, particulars="One line\nand  another <b>bold</b> & more"))
    )
    made.append(("fpn", fpn(NOW, serial=91, amount=123_456, place_name="Sample Hall")))
    made.append(
        ("fpn", fpn(NOW, serial=92, points={}, discount=6_250, discount_until="2026-12-02"))
    )
    breach = {"breached": numbers.number("CN26", 7), "requirement": "Stop: music after 23:00"}
    made.append(("fpn", fpn(NOW, "cpn-breach", 93, **breach)))
    order: dict[str, Any] = {"pspo": orders()[0].code, "article": "1"}
    made.append(("fpn", fpn(NOW, "pspo-breach", 94, **order)))
    several = [{"kind": kind, "what": f"{kind}, as said"} for kind in ("stop", "do", "achieve")]
    return [*made, ("cpw", cpw(NOW, 95)), ("cpw", cpw(NOW, 96, requirements=several))]


def pdf_of(desk: Session, record: str) -> bytes:
    answer = desk.server.call("GET", f"/desk/notices/{record}.pdf", Cookie=desk.cookie)
    assert answer.status == 200, answer.text
    return answer.data


def test_the_pdf_says_word_for_word_what_the_phone_printed(council: Server, phone: Page) -> None:
    book = Session(council, "first").sign_in().notebook()
    pages = [(book.write(kind, body, written_at=WRITTEN), body) for kind, body in bodies()]
    warning, said = pages[-1]
    body = cpn(NOW, 97, warning=warning["record"], warning_number=said["number"])
    pages.append((book.write("cpn", body, written_at=WRITTEN), body))
    assert set(states(book.post())) == {"accepted", "held"}
    desk = Session(council, "admin").sign_in()
    for page, body in pages:
        drawn, code = phone.evaluate(DRAW, ["First Invented", page["kind"], body])
        pdf = pdf_of(desk, page["record"])
        assert letters(read(pdf).removeprefix(HELD)) == letters(drawn), body
        assert code == (LINK.format(**body) if page["kind"] == "fpn" else None)
    assert codes(pdf_of(desk, pages[0][0]["record"])) == [LINK.format(**pages[0][1])]
