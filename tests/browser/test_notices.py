"""Notices on the street, with the server really stopped: refused where void, issued, accounted for."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import FilePayload, expect

from field_app import numbers
from field_app.times import london
from tests.browser.engines import Launch
from tests.browser.officer import Officer
from tests.browser.test_phone import PIXEL, pages_of
from tests.wire.client import Server

NOW = datetime.now(UTC)
WHO = {
    "recipient": "A person",
    "age": "18 or over",
    "age_checked": "Document seen",
    "recipient_name": "Alex Invented",
    "recipient_address": "9 Sample Road, Exampleton",
    "identity": "Document seen",
}


def begin(officer: Officer, kind: str) -> None:
    officer.home()
    officer.page.locator(f"[data-notice={kind}]").click()
    expect(officer.page.locator("[data-slot=step]")).to_contain_text("1 of")


def on(officer: Officer) -> None:
    """Continue to the next question."""
    step = officer.page.locator("main [data-slot=step]").inner_text()
    officer.page.locator("[data-do=next]").click()
    expect(officer.page.locator("main [data-slot=step]")).not_to_have_text(step)


def refused(officer: Officer, sentence: str) -> None:
    """Continue, and be told why not."""
    officer.page.locator("[data-do=next]").click()
    expect(officer.page.locator(".govuk-error-summary")).to_contain_text(sentence)


def answer_points(officer: Officer) -> None:
    for box in officer.page.locator("[data-slot=answer]:visible").all():
        box.fill("A coffee cup")


def bodies_of(server: Server, kind: str) -> list[dict[str, Any]]:
    pages = pages_of(server, "officer08")
    return [json.loads(page["body"]) for page in pages if page["kind"] == kind]


def minute(moment: datetime) -> str:
    return f"{london(moment):%Y-%m-%dT%H:%M}"


def say_what_happened(officer: Officer) -> None:
    """The first four questions of a Fixed Penalty Notice, each answered wrongly first."""
    page = officer.page
    begin(officer, "fpn")
    officer.fill(offence="Public spaces protection order: breach")
    refused(officer, "Say which order was breached")
    officer.fill(offence="Graffiti", hostility="yes")
    refused(officer, "With racial or religious hostility the Act bars a notice.")
    officer.fill(offence="Leaflets handed out without consent")
    refused(officer, "Only on land that the council has designated.")
    officer.fill(offence="Highway obstructed")
    refused(officer, "not on red routes")
    officer.fill(offence="Litter")
    on(officer)
    officer.fill(address="Outside 5 Example Street", ward="Haverstock", basis="From CCTV")
    refused(officer, "you must have found the person committing it")
    officer.fill(basis="I found them doing it, now", occurred_at=minute(NOW - timedelta(days=190)))
    refused(officer, "More than six months after the offence it cannot be prosecuted")
    officer.fill(occurred_at=minute(NOW - timedelta(minutes=5)))
    on(officer)
    officer.fill(particulars="Dropped a coffee cup and walked on.")
    refused(officer, "Answer every point to prove")
    answer_points(officer)
    on(officer)
    officer.fill(proportionate="Asked to pick it up, and would not", accidental="yes")
    refused(officer, "No notice where it may have been an accident.")
    page.locator('[data-field="accidental"] input').uncheck()
    on(officer)


def say_who(officer: Officer) -> None:
    """Who, support first, and the caution, each answered wrongly first."""
    page = officer.page
    officer.fill(**WHO | {"age": "Under 10"})
    refused(officer, "A child under 10 can be given no notice of any kind.")
    officer.fill(age="10 to 15")
    refused(officer, "No notice on the street for somebody under 16.")
    officer.fill(age="18 or over", identity="I do not believe it")
    refused(officer, "Give a notice only when you believe that name and address are right.")
    officer.fill(identity="Document seen", recipient="A business or other body")
    refused(officer, "Say who spoke for the body")
    officer.fill(recipient="A person", age="Not known", age_checked="Could not be checked")
    on(officer)
    officer.fill(vulnerability="None seen")
    refused(officer, "ask the supervisor, and write down who agreed and why")
    officer.fill(vulnerability="Homeless or sleeping rough")
    refused(officer, "Select what you saw, or that you saw none.")
    page.get_by_label("None seen").uncheck()
    refused(officer, "Support comes first")
    page.get_by_label("Homeless or sleeping rough").uncheck()
    officer.fill(
        vulnerability="None seen", supervisor="T. Leader, 14:05", supervisor_reason="Adult"
    )
    on(officer)
    officer.fill(caution="Given, then questions")
    refused(officer, "Nobody under 18 or vulnerable is questioned on the street.")
    officer.fill(caution="Not given", reply="It was me")
    refused(officer, "Questions about the offence need the caution first.")
    officer.fill(caution="Given, no questions asked", caution_at=minute(NOW - timedelta(minutes=1)))
    on(officer)


def add_photos(officer: Officer) -> None:
    page = officer.page
    for name in ("cup.png", "street.png"):
        buffer = PIXEL if name == "cup.png" else PIXEL + b" "
        photo = FilePayload(name=name, mimeType="image/png", buffer=buffer)
        page.locator("main [data-do=photo]").set_input_files(photo)
    expect(page.locator("main .thumbnail")).to_have_count(2)
    page.reload()
    expect(page.locator("main .thumbnail")).to_have_count(2)
    on(officer)


def say_what_must_stop(officer: Officer) -> None:
    """A Community Protection Warning, each question answered wrongly first."""
    page = officer.page
    begin(officer, "cpw")
    officer.fill(address="5 Example Street", ward="Haverstock")
    on(officer)
    officer.fill(conduct="Amplified music", since="Nightly", only_rough_sleeping="yes")
    refused(officer, "Sleeping rough or begging alone is not conduct for a warning or a notice.")
    page.locator('[data-field="only_rough_sleeping"] input').uncheck()
    on(officer)
    officer.fill(effect="No sleep", unreasonable="Asked", persistence="It happened once")
    refused(officer, "The effect must be persistent or continuing.")
    officer.fill(persistence="Continuing: it has not stopped")
    on(officer)
    officer.fill(**WHO)
    on(officer)
    officer.fill(vulnerability="None seen")
    on(officer)
    page.locator("main .requirement textarea").fill("Play no music after 23:00")
    soon = (NOW + timedelta(days=20)).date().isoformat()
    officer.fill(comply_by=NOW.date().isoformat(), review_on=soon)
    refused(officer, "Give enough time to deal with the matter.")
    officer.fill(comply_by=soon)
    on(officer)
    on(officer)


def test_notices_are_issued_with_no_signal_and_none_that_the_law_makes_void(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    demonstration.stop()
    page = officer.page
    say_what_happened(officer)
    say_who(officer)
    add_photos(officer)
    paper = page.locator("main .paper")
    expect(paper).to_contain_text("£100")
    expect(paper).to_contain_text("drawn when you issue it")
    page.get_by_role("button", name=re.compile("^Issue")).click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()
    number = page.locator(".saved__body").inner_text()
    assert numbers.is_sound(numbers.read(number))
    expect(paper).to_contain_text(number)
    expect(paper).to_contain_text("Dropped a coffee cup and walked on.")
    officer.fill(service="Handed over")
    page.get_by_role("button", name="Save how it was served").click()
    expect(page.get_by_role("heading", name="Log a patrol")).to_be_visible()
    say_what_must_stop(officer)
    expect(paper).to_contain_text("Stop: Play no music after 23:00")
    page.get_by_role("button", name=re.compile("^Issue")).click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()

    demonstration.start()
    officer.all_sent()
    assert [state for _, state in officer.today() if "received" not in state] == []
    [fpn] = bodies_of(demonstration, "fpn")
    assert numbers.shown(fpn["number"]) == number
    assert len(fpn["photos"]) == 2
    assert bodies_of(demonstration, "cpw")[0]["requirements"] == [
        {"kind": "stop", "what": "Play no music after 23:00"}
    ]
    assert demonstration.flask("verify").returncode == 0
    fate = demonstration.flask("books", "--number", number)
    assert "issued" in fate.stdout, fate
