"""An administrator adds an officer; that person opens the link, sets a password, and signs in on a phone."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.engines import Launch
from tests.browser.officer import password_of
from tests.wire.client import Server

THREE_WORDS = "three invented words"


def test_a_new_officer_sets_a_password_and_signs_in_on_a_phone(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    screen = {"width": 1280, "height": 800}
    desk = launch("chromium", tmp_path / "desk", viewport=screen, is_mobile=False).pages[0]
    desk.goto(f"{demonstration.address}desk/admin")
    desk.get_by_label("Username").fill("admin")
    desk.get_by_label("Password").fill(password_of(demonstration))
    desk.get_by_role("button", name="Sign in").click()
    desk.get_by_role("link", name="Officers").click()
    desk.get_by_role("button", name="Add somebody").click()
    desk.get_by_label("Name", exact=True).fill("Noor Invented")
    desk.get_by_label("Username").fill("noor")
    desk.get_by_role("button", name="Add, and show the link").click()
    link = desk.get_by_label("Link").input_value()

    phone = launch("chromium", tmp_path / "phone").pages[0]
    phone.goto(link)
    expect(phone.get_by_role("heading", name="Set your password")).to_be_visible()
    phone.get_by_label("New password").fill(THREE_WORDS)
    phone.get_by_label("The same password again").fill("three other words")
    phone.get_by_role("button", name="Set password").click()
    expect(phone.locator(".govuk-error-summary")).to_contain_text("not the same")
    phone.get_by_label("New password").fill(THREE_WORDS)
    phone.get_by_label("The same password again").fill(THREE_WORDS)
    phone.get_by_role("button", name="Set password").click()
    phone.get_by_role("button", name="Sign in").click()
    phone.get_by_label("Username").fill("noor")
    phone.get_by_label("Password").fill(THREE_WORDS)
    phone.get_by_role("button", name="Sign in").click()
    expect(phone.get_by_role("link", name="Start shift")).to_be_visible()

    phone.goto(link)
    expect(phone.get_by_role("heading", name="This link cannot be used")).to_be_visible()
    desk.goto(f"{demonstration.address}desk/admin/officers")
    expect(desk.get_by_role("row", name="Noor Invented")).to_contain_text("Signed in")
    desk.get_by_label("Search everything").fill("noor")
    desk.get_by_label("Search everything").press("Enter")
    expect(desk.get_by_role("link", name="Noor Invented")).to_be_visible()
    assert "noor" not in desk.url
