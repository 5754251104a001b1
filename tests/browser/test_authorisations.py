"""An officer sees only the powers of a written authorisation, and only figures that may be used."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from shutil import copytree

from playwright.sync_api import expect

from field_app import catalogue, rules
from field_app.database import connect, one_row, writing
from field_app.notebook import write_at_desk
from field_app.times import london, now
from tests.browser.engines import Launch
from tests.browser.officer import Officer
from tests.browser.test_notices import begin, refused, say_what_must_stop
from tests.browser.test_phone import pages_of
from tests.wire.client import Server

COME = """async () => {
  const { state } = await import('/static/phone/notebook.js');
  for (;;) {
    const { data } = await state('reference');
    if (data.authorisations.length) return;
    await new Promise((later) => setTimeout(later, 50));
  }
}"""
MISSING = "no written authorisation of yours is on this phone"


def grant(server: Server, username: str, *powers: str) -> None:
    """Put a written authorisation on file at the desk, from today on."""
    db = connect(server.instance / "fieldbook.sqlite3")
    ids = {row["username"]: row["id"] for row in db.query("SELECT username, id FROM officers")}
    body = {"granted_to": ids[username], "powers": list(powers), "document": "EXAMPLE/AUTH/NEW"}
    with writing(db):
        said = body | {"starts": london(now()).date().isoformat()}
        write_at_desk(db, ids["admin"], "authorisation", str(uuid.uuid4()), said, now())
    db.conn.close()


def test_without_an_authorisation_no_notice_is_offered_until_one_is_on_file(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer20")
    page = officer.page
    officer.home()
    expect(page.get_by_text(MISSING)).to_be_visible()
    expect(page.locator("[data-notice]:visible")).to_have_count(0)
    grant(demonstration, "officer20", "asbcpa-53")
    page.reload()
    page.evaluate(COME)
    page.reload()
    expect(page.locator("[data-notice=cpw]")).to_be_visible()
    expect(page.locator("[data-notice=fpn]")).to_be_hidden()
    expect(page.get_by_text(MISSING)).to_be_hidden()


def test_only_offences_are_offered_whose_power_the_officer_holds(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer21")
    page = officer.page
    officer.home()
    expect(page.locator("[data-notice=fpn]")).to_be_visible()
    expect(page.locator("[data-notice=cpw]")).to_be_hidden()
    begin(officer, "fpn")
    held = {"epa-88", "epa-33za", "llaa-15"}
    offered = {one.label for one in catalogue.offences() if rules.power_of("fpn", one.code) in held}
    shown = page.locator('main [data-field="offence"] .govuk-radios__item:visible')
    assert {label.strip() for label in shown.all_inner_texts()} == offered
    page.locator("main [data-do=search]").fill("graffiti")
    expect(page.get_by_text("No offence is found.")).to_be_visible()


def test_with_every_power_a_notice_says_which_document_names_it(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    page = officer.page
    officer.home()
    expect(page.get_by_text(MISSING)).to_be_hidden()
    say_what_must_stop(officer)
    page.get_by_role("button", name=re.compile("^Issue")).click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()
    officer.all_sent()
    [body] = [
        json.loads(one["body"])
        for one in pages_of(demonstration, "officer08")
        if one["kind"] == "cpw"
    ]
    assert body["authorisation"] == "EXAMPLE/AUTH/08"
    assert "confirmed_only" not in body
    db = connect(demonstration.instance / "fieldbook.sqlite3")
    row = one_row(db, "SELECT state FROM notices WHERE number = ?", [body["number"]])
    db.conn.close()
    assert row == {"state": "accepted"}


def test_figures_that_await_confirmation_are_refused_where_the_council_says_so(
    filled: Path, launch: Launch, tmp_path: Path
) -> None:
    instance = copytree(filled, tmp_path / "instance")
    server = Server(instance, REFUSE_UNCONFIRMED="true").start()
    officer = Officer(launch, server, tmp_path / "phone").open().sign_in("officer08")
    begin(officer, "fpn")
    officer.fill(offence="Litter")
    refused(officer, "Figures of this offence await confirmation by Legal")
    server.stop()
