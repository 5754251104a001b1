"""The app as a whole: installed, accessible, big enough for a thumb, of one version, of one origin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.engines import Launch
from tests.browser.officer import Officer
from tests.wire.client import ROOT, Server

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })
  .then(({ violations }) => violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))"""
SMALL = """() => [...document.querySelectorAll('main :is(a, button, input, select, textarea, summary)')]
  .filter((one) => one.checkVisibility() && !one.closest('p'))
  .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
  .filter(([, { height, width }]) => height < 44 || width < 44)
  .map(([html, { width, height }]) => `${Math.round(width)}x${Math.round(height)} ${html}`)"""
SECOND_PAGE = """async () => {
  const notebook = await import('/static/phone/notebook.js');
  const { id } = await notebook.currentNotebook();
  const [, { seal, record }] = await notebook.pages(id);
  return [seal, record];
}"""
FETCH_UPDATE = """async () => {
  const registration = await navigator.serviceWorker.getRegistration();
  while (!registration.waiting) {
    if (!registration.installing) await registration.update();
    await new Promise((later) => setTimeout(later, 100));
  }
}"""
SCREENS = ["home", "today", "health", "end-shift"]


@pytest.fixture
def officer(running: Server, launch: Launch, tmp_path: Path) -> Officer:
    """Somebody on shift with one patrol saved and one running."""
    made = Officer(launch, running, tmp_path / "phone", bypass_csp=True).open().sign_in("officer04")
    made.start_shift()
    made.page.locator(".home > .places .place").first.click()
    made.page.get_by_role("button", name="Nothing unusual · Save").click()
    made.saved()
    return made


def every_screen(officer: Officer) -> list[tuple[str, Page]]:
    """Each screen in turn; the page is the same, at another address."""
    seal, record = officer.page.evaluate(SECOND_PAGE)
    about = [f"page/{seal}", f"saved/{seal}", f"amend/{record}", f"error/{record}"]
    return [(name, officer.page) for name in [*SCREENS, *about]]


def show(officer: Officer, name: str) -> None:
    officer.page.goto(f"{officer.server.address}#{name}")
    expect(officer.page.locator("main > section")).to_be_visible()


def say_no_notice(officer: Officer) -> None:
    officer.home()
    officer.page.locator("[data-notice=fpn]").click()
    officer.page.get_by_role("button", name="No notice").click()
    expect(officer.page.get_by_role("heading", name="No notice")).to_be_visible()


def test_every_screen_is_accessible_by_day_and_by_night(officer: Officer) -> None:
    found: dict[str, Any] = {}
    more = [("patrol", officer.page), ("no-notice", officer.page)]
    for name, page in [*every_screen(officer), *more]:
        if name == "patrol":
            officer.home()
            officer.begin("street-trading")
            page.locator("[data-do=save]").click()
        elif name == "no-notice":
            say_no_notice(officer)
            page.get_by_role("button", name="Save, no notice given").click()
        else:
            show(officer, name)
        page.add_script_tag(path=str(AXE))
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            violations = page.evaluate(RUN_AXE)
            if violations:
                found[f"{name} {scheme}"] = violations
    assert found == {}


def test_every_target_is_big_enough_for_a_thumb(officer: Officer) -> None:
    found: dict[str, Any] = {}
    for name, page in every_screen(officer):
        show(officer, name)
        if small := page.evaluate(SMALL):
            found[name] = small
    officer.home()
    officer.begin("rough-sleeping")
    if small := officer.page.evaluate(SMALL):
        found["patrol"] = small
    say_no_notice(officer)
    if small := officer.page.evaluate(SMALL):
        found["no-notice"] = small
    officer.page.get_by_role("link", name="Back to the notice").click()
    expect(officer.page.locator("main [data-slot=step]")).to_be_visible()
    if small := officer.page.evaluate(SMALL):
        found["notice"] = small
    assert found == {}


def test_nothing_is_asked_of_any_other_origin(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    asked: list[str] = []
    officer = Officer(launch, running, tmp_path / "phone").open()
    officer.context.on("request", lambda request: asked.append(request.url))
    officer.sign_in("officer06")
    officer.start_shift()
    officer.all_sent()
    assert [address for address in asked if not address.startswith(running.address)] == []
    assert any(address.endswith("/pages") for address in asked)


def test_it_can_be_put_on_the_home_screen(running: Server, launch: Launch, tmp_path: Path) -> None:
    page = launch("chromium", tmp_path / "phone").pages[0]
    page.goto(running.address)
    session = page.context.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    told = json.loads(manifest["data"])
    assert (told["display"], told["start_url"]) == ("standalone", "/")
    sizes = page.evaluate(
        """(icons) => Promise.all(icons.map(async ({ src, sizes, purpose }) => {
          const picture = await createImageBitmap(await (await fetch(src)).blob());
          return [`${picture.width}x${picture.height}` === sizes, purpose];
        }))""",
        told["icons"],
    )
    assert sizes == [[True, "any"], [True, "any"], [True, "maskable"]]
    assert [one["name"] for one in told["shortcuts"]] == ["Log a patrol"]


def workers_cache(page: Page) -> list[str]:
    paths: list[str] = page.evaluate(
        """async () => {
          await navigator.serviceWorker.ready;
          const names = await caches.keys();
          const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
          return kept.flat().map(({ url }) => new URL(url).pathname).sort();
        }"""
    )
    return paths


def test_the_worker_keeps_files_and_nothing_about_anybody(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer08")
    officer.start_shift()
    kept = workers_cache(officer.page)
    personal = ("/api", "/desk", "/sign")
    assert [path for path in kept if path.startswith(personal)] == []
    modules = {f"/static/phone/{path.name}" for path in (ROOT / "static/phone").glob("*.js")}
    assert modules <= set(kept)


def test_an_update_waits_for_a_clean_screen_and_a_tap(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    before = officer.page.locator("meta[name=version]").get_attribute("content")
    demonstration.stop()
    demonstration.environment["FIELDBOOK_SWEP"] = "true"  # another question in the form: new bytes
    demonstration.start()
    officer.begin("rough-sleeping")
    officer.fill(notes="Still being written")
    officer.page.evaluate(FETCH_UPDATE)
    assert officer.page.locator("#patrol-notes").input_value() == "Still being written"
    assert officer.page.locator("meta[name=version]").get_attribute("content") == before
    officer.home()
    officer.page.get_by_role("button", name="Update now").click()
    expect(officer.page.locator("meta[name=version]")).not_to_have_attribute("content", str(before))
    officer.page.get_by_role("link", name="Finish").click()
    assert officer.page.locator("#patrol-notes").input_value() == "Still being written"
