"""An officer with a phone: what a person does on the screens, by the words that stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.browser.engines import Launch
from tests.wire.client import Server

HERE = {"latitude": 51.54, "longitude": -0.14}
CLAIMED = """async () => {
  while (!navigator.serviceWorker.controller) await new Promise((later) => setTimeout(later, 50));
}"""

KEPT = """async (text) => {
  const { drafts, notebooks } = await import('/static/phone/notebook.js');
  for (;;) {
    const kept = await Promise.all((await notebooks()).map(({ id }) => drafts(id)));
    if (JSON.stringify(kept).includes(text)) return;
    await new Promise((later) => setTimeout(later, 50));
  }
}"""


class Officer:
    """One person's hands on one phone; `profile` is the phone, which outlives the browser."""

    uncaught: ClassVar[list[str]] = []
    """What went wrong in any officer's pages; every test ends with it empty."""

    def __init__(self, launch: Launch, server: Server, profile: Path, **options: Any) -> None:
        self.launch, self.server, self.profile, self.options = launch, server, profile, options
        self.context: BrowserContext
        self.page: Page

    def open(self) -> Officer:
        """Take the phone out and open Fieldbook."""
        ours: dict[str, Any] = {
            "geolocation": HERE,
            "permissions": ["geolocation"],
            "locale": "en-GB",
            "timezone_id": "Europe/London",
        }
        self.context = self.launch("chromium", self.profile, **ours | self.options)
        self.context.on("weberror", lambda told: self.uncaught.append(str(told.error)))
        self.context.on("console", self.hear)
        self.context.on("dialog", lambda asked: asked.accept())
        self.page = self.context.pages[0]
        self.page.goto(self.server.address)
        return self

    def hear(self, told: ConsoleMessage) -> None:
        """A stopped server is no fault of the page; a policy violation or an error is."""
        if told.type == "error" and "Failed to load resource" not in told.text:
            self.uncaught.append(told.text)

    def close(self) -> None:
        self.context.close()

    def sign_in(self, username: str) -> Officer:
        self.page.get_by_role("link", name="Sign in", exact=True).click()
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(password_of(self.server))
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.locator("#status")).to_contain_text(re.compile("Nothing to send|All sent"))
        expect(self.page.locator(".home > .places .place").first).to_be_visible()
        # An active worker has yet to claim a page that loaded before it.
        self.page.evaluate(CLAIMED)
        return self

    def start_shift(self) -> None:
        self.page.get_by_role("link", name="Start shift").click()
        self.page.get_by_role("button", name="Start shift").click()
        expect(self.page.get_by_text("On shift since")).to_be_visible()

    def begin(self, activity: str) -> None:
        self.page.locator(f'[data-activity="{activity}"]').click()
        expect(self.page.locator("form[data-kind=patrol]")).to_be_visible()

    def fill(self, **fields: str) -> None:
        """Text, a number, a choice by its words, or "yes"; by the field's name in the form."""
        for name, value in fields.items():
            group = self.page.locator(f'main [data-field="{name}"]:visible')
            group.first.wait_for()  # the screen may still be on its way
            boxes = group.locator("input[type=checkbox], input[type=radio]")
            if group.locator("select").count():
                group.locator("select").select_option(label=value)
            elif boxes.count() and value == "yes":
                boxes.first.check()
            elif boxes.count():
                group.get_by_label(value, exact=True).check()
            else:
                group.locator("input, textarea").fill(value)

    def kept(self, text: str) -> None:
        """Wait until a draft on the phone's disk says so: a busy machine takes a moment."""
        self.page.evaluate(KEPT, text)

    def save(self) -> int:
        """Save the patrol on the screen; the number of its page."""
        self.page.locator("[data-do=save]").click()
        return self.saved()

    def saved(self) -> int:
        expect(self.page.get_by_role("heading", name="Saved on this phone")).to_be_visible()
        found = re.match(r"Page (\d+)", self.page.locator(".saved__body").inner_text())
        assert found
        return int(found[1])

    def home(self) -> None:
        self.page.goto(f"{self.server.address}#home")
        expect(self.page.get_by_role("heading", name="Log a patrol")).to_be_visible()

    def today(self) -> list[tuple[str, str]]:
        """What Today lists, newest first: what it is, and its state."""
        self.page.goto(f"{self.server.address}#today")
        expect(self.page.get_by_role("heading", name="Today")).to_be_visible()
        lines = self.page.locator(".page-line").all()
        return [
            (
                line.locator(".page-line__what").inner_text(),
                line.locator(".page-line__state").inner_text(),
            )
            for line in lines
        ]

    def all_sent(self) -> None:
        """Wait until the line on top says so; nobody taps anything."""
        expect(self.page.locator("#status")).to_have_text(re.compile("^All sent"), timeout=20_000)


def password_of(server: Server) -> str:
    return (server.instance / "demonstration-password").read_text()
