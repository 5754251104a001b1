"""An earlier notice to the same person, told to the officer whose phone did not know of it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.engines import Launch
from tests.browser.officer import Officer
from tests.browser.test_notices import plant, sound
from tests.wire.client import Server

SEND = "import('/static/phone/sync.js').then(({ send }) => send({ by: 'hand' }))"
NOW = datetime.now(UTC)
PERSON = {"recipient_name": "Ada Example", "born": "1990-01-01"}


def give(officer: Officer, issued: datetime) -> None:
    plant(officer, "fpn", sound("fpn", issued, **PERSON), str(uuid.uuid4()))
    officer.page.evaluate(SEND)
    officer.all_sent()


def test_an_officer_is_told_of_an_earlier_notice_until_they_have_read_it(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    first = Officer(launch, demonstration, tmp_path / "first").open().sign_in("officer07")
    give(first, NOW - timedelta(minutes=5))
    first.close()
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    give(officer, NOW)
    officer.home()
    page = officer.page
    page.reload()
    card = page.locator("main .card", has_text="From the office")
    expect(card).to_contain_text("This person had a notice before")
    demonstration.stop()
    page.reload()
    expect(card).to_contain_text("This person had a notice before")
    card.get_by_role("link", name="Open the notice").click()
    expect(page.locator("main .page h1")).to_contain_text("Ada Example")
    officer.home()
    card.get_by_role("button", name="I have read this").click()
    expect(card).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="Log a patrol")).to_be_visible()
    expect(card).to_have_count(0)
