"""The ward is proposed from the position, with no signal."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.engines import Launch
from tests.browser.officer import Officer
from tests.browser.test_notices import begin
from tests.wire.client import Server

IN_HAMPSTEAD = {"latitude": 51.5586, "longitude": -0.1748}


def ward(officer: Officer) -> Locator:
    return officer.page.locator('main [data-field="ward"] select')


def test_with_no_signal_the_ward_of_the_position_is_proposed_and_may_be_changed(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone", geolocation=IN_HAMPSTEAD)
    officer.open().sign_in("officer05")
    officer.start_shift()
    demonstration.stop()
    officer.page.reload()
    begin(officer, "cpw")
    expect(ward(officer)).to_have_value("E05013659")  # Hampstead Town
    officer.home()
    officer.begin("faith-reassurance")
    expect(ward(officer).locator("option:checked")).to_have_text("Hampstead Town")
    officer.fill(address="By the example gate", ward="Highgate", outcomes="Advice given")
    officer.save()
    officer.home()
    # A place of the register says its own ward; without it the position's is proposed again.
    page = officer.page
    page.get_by_text("Find another place").click()
    page.get_by_label("Name or address").fill("Example Arcade")
    page.locator(".find .place").click()
    expect(ward(officer)).to_have_value("E05013660")  # Haverstock
    page.locator("main [data-do=change-place]").dispatch_event("click")
    expect(ward(officer)).to_have_value("E05013659")
