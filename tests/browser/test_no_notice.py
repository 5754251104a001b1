"""A notice was begun and none is given: said on the phone in two taps, with the server really stopped."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import FilePayload, expect

from field_app.database import all_rows, connect
from field_app.times import london, moment_text, read_moment
from tests.browser.engines import Launch
from tests.browser.officer import HERE, Officer
from tests.browser.test_notices import (
    DRAFT,
    NOW,
    answer_points,
    begin,
    bodies_of,
    choose,
    issue,
    minute,
    on,
    open_page,
    sound,
)
from tests.browser.test_phone import PIXEL, pages_of
from tests.conftest import WARD
from tests.wire.client import Server

HAPPENED = NOW - timedelta(minutes=5)
SAVE = "Save, no notice given"
KEPT = """async () => {
  const { currentNotebook, drafts } = await import('/static/phone/notebook.js');
  const { id, drawn = {} } = await currentNotebook();
  return JSON.stringify({ drafts: (await drafts(id)).map(({ kind, body }) => [kind, body]), drawn });
}"""


def kept(officer: Officer) -> Any:
    """The drafts on the phone, and the numbers that were drawn there."""
    return json.loads(officer.page.evaluate(KEPT))


def no_notice(officer: Officer) -> None:
    officer.page.get_by_role("button", name="No notice").click()
    expect(officer.page.get_by_role("heading", name="No notice")).to_be_visible()


def save(officer: Officer) -> None:
    officer.page.get_by_role("button", name=SAVE).click()
    officer.saved()


def take_a_photo(officer: Officer) -> None:
    photo = FilePayload(name="cup.png", mimeType="image/png", buffer=PIXEL)
    officer.page.locator("main [data-do=photo]").set_input_files(photo)
    expect(officer.page.locator("main .thumbnail")).to_have_count(1)


def begin_a_notice_and_learn_a_name(officer: Officer) -> None:
    """A Fixed Penalty Notice as far as its fifth question."""
    begin(officer, "fpn")
    choose(officer, "Litter")
    on(officer)
    officer.fill(
        address="Outside 5 Example Street",
        ward="Kilburn",
        occurred_at=minute(HAPPENED),
        basis="I found them doing it, now",
    )
    on(officer)
    answer_points(officer)
    officer.fill(particulars="Dropped a coffee cup and walked on.")
    on(officer)
    officer.fill(proportionate="Asked to pick it up, and would not")
    on(officer)
    officer.fill(recipient_name="Alex Invented", recipient_address="9 Sample Road")
    officer.kept("9 Sample Road")


def test_somebody_walked_off_is_one_page_that_names_nobody_and_draws_no_number(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    officer.start_shift()
    officer.all_sent()
    demonstration.stop()
    page = officer.page
    begin_a_notice_and_learn_a_name(officer)
    no_notice(officer)
    officer.fill(outcome="Walked off", description="ALEX Invented, grey coat")
    page.get_by_role("button", name=SAVE).click()
    expect(page.locator("main .govuk-error-summary")).to_contain_text("take “Alex Invented” out")
    officer.fill(description="Grey coat, towards the bridge")
    page.locator("main summary", has_text="More").click()
    officer.fill(camera="BWC 12")
    take_a_photo(officer)
    officer.kept("BWC 12")
    page.reload()
    expect(page.locator("main .thumbnail")).to_have_count(1)
    save(officer)
    expect(page.locator(".saved__body")).to_have_text(
        "Page 2 · No notice: Walked off · Outside 5 Example Street"
    )
    assert kept(officer) == {"drafts": [], "drawn": {}}

    demonstration.start()
    officer.all_sent()
    shift, written = pages_of(demonstration, "officer08")
    body = json.loads(written["body"])
    [taken] = body.pop("photos")
    assert (written["kind"], body) == (
        "not-issued",
        {
            "outcome": "walked-off",
            "offence": "litter",
            "shift": shift["record"],
            "address": "Outside 5 Example Street",
            "ward": WARD,
            **HERE,
            "accuracy_m": 0,
            "occurred_at": moment_text(HAPPENED.replace(second=0, microsecond=0)),
            "particulars": "Dropped a coffee cup and walked on.",
            "description": "Grey coat, towards the bridge",
            "camera": "BWC 12",
        },
    )
    db = connect(demonstration.instance / "fieldbook.sqlite3")
    received = all_rows(db, "SELECT sha256 FROM evidence WHERE notebook = ?", [written["notebook"]])
    db.conn.close()
    assert received == [{"sha256": taken["sha256"]}]
    assert officer.today() == [
        ("No notice: Walked off · Outside 5 Example Street", received_at(written)),
        ("Shift started", received_at(shift)),
    ]
    open_page(officer, "No notice")
    expect(page.locator("main .thumbnail")).to_have_count(1)
    page.get_by_role("link", name="Amend").click()
    expect(page.locator("main .remove .thumbnail")).to_have_count(1)


def received_at(page: dict[str, Any]) -> str:
    return f"received {london(read_moment(page['received_at'])):%H:%M}"


def test_an_officer_goes_back_to_the_notice_and_gives_it_as_it_was(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    demonstration.stop()
    page = officer.page
    notice = sound("fpn", camera="BWC 12")
    draft = page.evaluate(DRAFT, ["fpn", notice])
    page.goto(f"{demonstration.address}#notice/{draft}/3")
    no_notice(officer)
    officer.fill(outcome="Warned instead", particulars="Picked it up", description="Grey coat")
    officer.kept("Grey coat")
    take_a_photo(officer)
    said = {"outcome": "warned", "particulars": "Picked it up", "description": "Grey coat"}
    [[kind, body]] = kept(officer)["drafts"]
    photos = {"photos": body["photos"]}
    assert (kind, body) == ("fpn", notice | photos | {"not_issued": said})
    page.get_by_role("link", name="Back to the notice").click()
    expect(page.locator("main [data-slot=step]")).to_have_text("3 of 9: What happened")
    expect(page.locator("main textarea[name=particulars]")).to_have_value(notice["particulars"])
    officer.fill(particulars="Dropped it again")
    on(officer)
    no_notice(officer)
    expect(page.locator("main textarea[name=description]")).to_have_value("Grey coat")
    expect(page.locator("main textarea[name=particulars]")).to_have_value("Picked it up")
    page.goto(f"{demonstration.address}#notice/{draft}/99")
    expect(page.locator("main .paper")).to_contain_text("Dropped it again")
    number = issue(officer)

    demonstration.start()
    officer.all_sent()
    assert [one["kind"] for one in pages_of(demonstration, "officer08")] == ["fpn"]
    [given] = bodies_of(demonstration, "fpn")
    at_issue = ("issued_at", "looked_up_at", "pay_by", "authorisation")
    worked_out = {name: given[name] for name in at_issue}
    changed = {"particulars": "Dropped it again", "number": number}
    assert given == notice | photos | changed | worked_out


def test_what_is_not_said_yet_is_asked_and_a_warning_lends_its_conduct(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    demonstration.stop()
    page = officer.page
    begin(officer, "cpw")
    no_notice(officer)
    page.get_by_role("button", name=SAVE).click()
    assert page.locator(".govuk-error-summary li").all_inner_texts() == [
        "Select what came of it",
        "Describe where this was",
        "Enter what happened",
    ]
    page.get_by_role("link", name="Back to the notice").click()
    officer.fill(address="5 Example Street", ward="Kilburn")
    on(officer)
    officer.fill(conduct="Amplified music")
    no_notice(officer)
    expect(page.locator("main [data-slot=about-words]")).to_contain_text("5 Example Street")
    officer.fill(outcome="Referred for support instead")
    save(officer)
    page.get_by_role("link", name="Add a note").click()
    officer.fill(reason="They walked off after all", outcome="Walked off")
    page.get_by_role("button", name="Save amendment").click()
    officer.saved()
    open_page(officer, "No notice")
    expect(page.locator("main [data-slot=body]")).to_contain_text("Walked off")
    expect(page.locator("main .history")).to_contain_text("What came of it: Walked off")
    page.get_by_role("link", name="Entered in error").click()
    officer.fill(reason="Another officer wrote it")
    page.get_by_role("button", name="Say it was entered in error").click()
    officer.saved()

    demonstration.start()
    officer.all_sent()
    [body] = bodies_of(demonstration, "not-issued")
    began = body.pop("occurred_at")
    assert abs(read_moment(began) - datetime.now(UTC)) < timedelta(hours=1)
    assert body == {
        "outcome": "referred",
        "address": "5 Example Street",
        "ward": WARD,
        **HERE,
        "accuracy_m": 0,
        "particulars": "Amplified music",
    }
    assert bodies_of(demonstration, "amendment") == [
        {"reason": "They walked off after all", "changes": {"outcome": "walked-off"}},
        {"reason": "Another officer wrote it", "entered_in_error": True},
    ]
    assert [state.partition(" ")[0] for _, state in officer.today()] == ["received"] * 3
