"""What a notice costs an officer: taps and letters on the shortest honest way, weighed in seconds.

The weights are those of the Keystroke-Level Model (Card, Moran and Newell 1980): 1.35 s to make up one's
mind, 0.28 s a letter for an average typist; a tap is 0.3 s, as for a touch screen (Rice and Lartigue 2014).
The officer speaks to the person in between: that is not counted.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.engines import Launch
from tests.browser.officer import Officer
from tests.browser.test_notices import log_a_patrol
from tests.wire.client import Server

MIND, LETTER, TAP = 1.35, 0.28, 0.3


class Thumb:
    """Taps and types as a person does, and counts."""

    def __init__(self, officer: Officer) -> None:
        self.page, self.taps, self.letters = officer.page, 0, 0

    @property
    def seconds(self) -> float:
        return self.taps * (MIND + TAP) + self.letters * LETTER

    def tap(self, what: Locator) -> None:
        what.click()
        self.taps += 1

    def press(self, words: str) -> None:
        self.tap(self.page.locator("main").get_by_role("button", name=words, exact=True).first)

    def choose(self, *words: str) -> None:
        """A radio button or a tick box, by its words."""
        for one in words:
            box = self.page.locator("main").get_by_label(one, exact=True)
            self.tap(box.locator("visible=true").first)

    def pick(self, label: str, words: str) -> None:
        """One of a list that opens: a tap to open it, one to choose."""
        self.page.get_by_label(label, exact=True).locator("visible=true").select_option(label=words)
        self.taps += 2

    def write(self, label: str, words: str) -> None:
        box = self.page.locator("main").get_by_label(label, exact=True).locator("visible=true")
        self.tap(box)
        box.press_sequentially(words)
        self.letters += len(words)

    def go_on(self) -> None:
        step = self.page.locator("main [data-slot=step]").inner_text()
        self.tap(self.page.locator("main [data-do=next]"))
        expect(self.page.locator("main [data-slot=step]")).not_to_have_text(step)

    def issue(self) -> None:
        self.tap(self.page.get_by_role("button", name=re.compile("^Issue · ")))
        expect(self.page.get_by_role("heading", name="Saved on this phone")).to_be_visible()

    def say_who(self) -> None:
        self.pick("Age", "18 or over")
        self.pick("How the age was checked", "Document seen")
        self.write("Name", "Alex Invented")
        self.write("Their address", "9 Sample Road, Exampleton")
        self.pick("How name and address were checked", "Document seen")
        self.go_on()
        self.choose("None seen")
        self.go_on()


def at_work(launch: Launch, server: Server, profile: Path) -> Thumb:
    """An officer who has just logged a patrol, and sees something."""
    officer = Officer(launch, server, profile).open().sign_in("officer11")
    officer.start_shift()
    log_a_patrol(officer)
    officer.home()
    return Thumb(officer)


def test_a_penalty_for_litter_is_issued_within_90_seconds(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    thumb = at_work(launch, demonstration, tmp_path / "phone")
    thumb.press("Fixed Penalty Notice")
    thumb.choose("Litter")
    thumb.go_on()
    thumb.choose("I found them doing it, now")
    thumb.go_on()
    for words in (
        "A cigarette end",
        "Dropped it and walked on",
        "The pavement, open to the air and to the public",
        "It is public land, and nobody consented",
        "Asked to pick it up, and refused",
        "Looked at it and let it fall",
        "From the answers above",
    ):
        thumb.press(words)
    thumb.go_on()
    thumb.press("Asked to put it right, and would not")
    thumb.go_on()
    thumb.say_who()
    thumb.choose("Given, no questions asked")
    thumb.go_on()
    thumb.go_on()
    thumb.issue()
    assert thumb.seconds < 90, (thumb.taps, thumb.letters)


def test_a_warning_is_issued_within_three_minutes(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    thumb = at_work(launch, demonstration, tmp_path / "phone")
    thumb.press("Protection Warning")
    thumb.go_on()
    thumb.write("Conduct", "Plays amplified music in the street until after midnight")
    thumb.press("Several times a week")
    thumb.go_on()
    thumb.press("Neighbours cannot sleep")
    thumb.choose("Continuing: it has not stopped")
    thumb.press("Asked to stop more than once, and went on")
    thumb.go_on()
    thumb.say_who()
    thumb.write("In plain words", "Play no amplified music in the street after 22:00")
    thumb.page.get_by_label("By when").fill("2030-01-31")
    thumb.page.get_by_label("Review on").fill("2030-02-28")
    thumb.taps += 6
    thumb.go_on()
    thumb.go_on()
    thumb.issue()
    assert thumb.seconds < 180, (thumb.taps, thumb.letters)
