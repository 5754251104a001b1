"""The administrator keeps the register of places; officers' phones offer what stands in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.engines import Launch
from tests.browser.officer import HERE, Officer, password_of
from tests.browser.test_phone import pages_of
from tests.wire.client import Server

KNOWN = """async ([name, there]) => {
  const { state } = await import('/static/phone/notebook.js');
  for (;;) {
    const { data } = await state('reference');
    if (data.places.some((place) => place.name === name) === there) return;
    await new Promise((later) => setTimeout(later, 50));
  }
}"""
TYPED, READ = "Example New Chapel", "Example Read Hall"
CSV = f"""Name;Category;Ward;Latitude;Longitude;Visits a week
{READ};Other faith site;Haverstock;{HERE["latitude"]};{HERE["longitude"]};2
"""


@pytest.fixture
def desk(demonstration: Server, launch: Launch, tmp_path: Path) -> Page:
    """The register, before the administrator, at a computer."""
    screen = {"width": 1280, "height": 800}
    context = launch("chromium", tmp_path / "desk", viewport=screen, is_mobile=False)
    page = context.pages[0]
    page.goto(f"{demonstration.address}desk/admin")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(password_of(demonstration))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Register of places").click()
    return page


def add(page: Page) -> None:
    page.get_by_role("link", name="Add a place").click()
    page.get_by_label("Name").fill(TYPED)
    page.get_by_label("Category").select_option(label="Church")
    page.get_by_label("Ward").select_option(label="Haverstock")
    page.get_by_label("Position").fill(f"{HERE['longitude']}, {HERE['latitude']}")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert")).to_contain_text("look swapped")
    page.get_by_label("Position").fill(f"{HERE['latitude']}, {HERE['longitude']}")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name=TYPED)).to_be_visible()
    page.get_by_role("link", name="Register of places").click()


def take_in(page: Page) -> None:
    page.get_by_role("link", name="Take in a CSV file").click()
    file = FilePayload(name="places.csv", mimeType="text/csv", buffer=CSV.encode("utf-16"))
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("heading", name="1 new, 0 changed, 0 unchanged")).to_be_visible()
    page.get_by_role("button", name="Write 1 place").click()
    expect(page.get_by_role("alert")).to_contain_text("1 place added, 0 changed")


def test_places_that_are_added_at_the_desk_are_offered_and_visited_with_no_signal(
    demonstration: Server, desk: Page, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer22")
    officer.start_shift()
    add(desk)
    take_in(desk)
    officer.page.reload()
    officer.page.evaluate(KNOWN, [READ, True])
    demonstration.stop()
    officer.page.reload()
    for name in (TYPED, READ):
        officer.home()
        officer.page.locator(".home > .places .place", has_text=name).click()
        officer.page.get_by_role("button", name="Nothing unusual · Save").click()
        officer.saved()
    demonstration.start()
    officer.all_sent()
    bodies = [json.loads(page["body"]) for page in pages_of(demonstration, "officer22")]
    assert [body.get("place_name") for body in bodies] == [None, TYPED, READ]


def test_what_was_begun_at_a_place_that_is_retired_meanwhile_is_saved_and_amended(
    demonstration: Server, desk: Page, launch: Launch, tmp_path: Path
) -> None:
    add(desk)
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer22")
    officer.page.locator(".home > .places .place", has_text=TYPED).click()
    officer.fill(notes="The gate was open")
    officer.kept("The gate was open")
    desk.get_by_label("Name or address").fill(TYPED)
    desk.get_by_role("link", name=TYPED).click()
    desk.get_by_role("button", name="Retire it").click()
    expect(desk.get_by_role("button", name="Bring it back")).to_be_visible()
    officer.page.reload()
    officer.page.evaluate(KNOWN, [TYPED, False])
    officer.page.reload()
    expect(officer.page.locator(".about > summary")).to_contain_text(TYPED)
    officer.page.get_by_role("button", name="Nothing unusual · Save").click()
    officer.saved()
    officer.page.get_by_role("link", name="Add a note").click()
    officer.fill(reason="It was shut later", notes="The gate was open, then shut")
    officer.page.get_by_role("button", name="Save amendment").click()
    officer.saved()
    officer.all_sent()
    officer.home()
    expect(officer.page.locator(".home > .places .place", has_text=TYPED)).to_have_count(0)
    desk.reload()
    desk.get_by_role("link", name="Its patrols of the last four weeks").click()
    expect(desk.locator("#results").get_by_text("Amended")).to_be_visible()
