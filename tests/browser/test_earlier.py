"""An earlier notice to the same person, told to the officer whose phone did not know of it."""

from __future__ import annotations

import re
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from field_app.database import FILE_NAME, all_rows, connect
from tests.browser.engines import Launch
from tests.browser.officer import Officer
from tests.browser.test_notices import WARNED, begin, bodies_of, plant, sound
from tests.desk import make_void
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


@pytest.fixture
def knowing(demonstration: Server, launch: Launch, tmp_path: Path) -> Officer:
    """An officer without a signal, whose phone has the list in which a colleague's notices are."""
    first = Officer(launch, demonstration, tmp_path / "first").open().sign_in("officer07")
    give(first, NOW - timedelta(minutes=5))
    warned = sound("cpw", NOW - timedelta(days=30), recipient_name="Lee Lately")
    plant(first, "cpw", warned, WARNED)
    first.page.evaluate(SEND)
    first.all_sent()
    first.close()
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    demonstration.stop()
    return officer


AS_OF = re.compile(r"list as of .*\d\d:\d\d$")


def test_a_notice_says_which_earlier_ones_of_its_person_the_phone_knows(
    knowing: Officer, demonstration: Server
) -> None:
    page = knowing.page
    begin(knowing, "cpw")
    earlier = page.locator("main [data-slot=earlier]")
    address = page.url.rpartition("/")[0]
    page.goto(f"{address}/4")
    expect(page.locator("main [data-slot=step]")).to_contain_text("Who")
    expect(earlier).to_be_hidden()
    knowing.fill(recipient_name="Alex Nobody")
    expect(earlier).to_have_text(AS_OF)
    expect(earlier).to_contain_text("Earlier notices: None found")
    knowing.fill(recipient_name="Éda Example", born="1990-01-01")
    expect(earlier.locator("p")).to_have_text(re.compile("Earlier notices: 1 found, list as of"))
    expect(earlier.locator("li")).to_have_text(re.compile(r"^FPN CF26 \d{6} \d\d · Litter · "))
    knowing.kept("Éda Example")
    [draft] = page.evaluate(
        """async () => {
          const { currentNotebook, drafts } = await import('/static/phone/notebook.js');
          return drafts((await currentNotebook()).id);
        }"""
    )
    assert draft["body"]["recipient_name"] == "Éda Example"
    sound_one = sound("cpw", NOW, recipient_name="Ada Example", born="1990-01-01")
    fill_draft(knowing, draft["id"], sound_one)
    page.goto(f"{address}/8")
    page.reload()
    page.get_by_role("button", name=re.compile("^Issue")).click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()
    demonstration.start()
    knowing.all_sent()
    [body] = bodies_of(demonstration, "cpw")
    assert body["looked_up_at"][:16] <= body["issued_at"][:16]
    assert len(body["earlier"]) == 1
    knowing.home()
    page.reload()
    expect(page.locator("main .card", has_text="From the office")).to_have_count(0)


def draft_of_a_penalty(officer: Officer, happened: datetime) -> str:
    """Show the last screen of a penalty that is ready to be issued; the address of its screens."""
    begin(officer, "fpn")
    page, address = officer.page, officer.page.url.rpartition("/")[0]
    page.goto(f"{address}/5")
    officer.fill(recipient_name="Ada Example")
    officer.kept("Ada Example")
    expect(page.locator("main textarea[name=again_reason]")).to_be_hidden()
    fill_draft(officer, address.rpartition("/")[2], sound("fpn", happened, **PERSON))
    page.goto(f"{address}/9")
    page.reload()
    return address


def test_a_second_penalty_for_the_same_offence_on_one_day_wants_a_reason(knowing: Officer) -> None:
    """R16: one person, one offence, one notice."""
    page = knowing.page
    address = draft_of_a_penalty(knowing, NOW)
    page.get_by_role("button", name=re.compile("^Issue")).click()
    summary = page.locator("main .govuk-error-summary")
    expect(summary).to_contain_text("one offence, one notice. Say why this is another offence.")
    page.goto(f"{address}/5")
    reason = page.locator("main textarea[name=again_reason]")
    reason.fill("Another cigarette end, an hour later, in another street")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("main [data-slot=step]")).to_contain_text("Support first")
    page.goto(f"{address}/9")
    page.get_by_role("button", name=re.compile("^Issue")).click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()


def test_the_same_offence_on_another_day_wants_no_reason(knowing: Officer) -> None:
    draft_of_a_penalty(knowing, NOW - timedelta(days=1))
    page = knowing.page
    page.get_by_role("button", name=re.compile("^Issue")).click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()


FILL = """async ([id, body]) => {
  const { draft, saveDraft } = await import('/static/phone/notebook.js');
  await saveDraft({ ...(await draft(id)), body }, new Date());
}"""


def fill_draft(officer: Officer, draft: str, body: dict[str, object]) -> None:
    officer.home()
    officer.page.evaluate(FILL, [draft, body])


def test_an_officer_looks_up_live_notices_with_no_signal_and_goes_on_from_a_colleagues_warning(
    knowing: Officer,
) -> None:
    page = knowing.page
    knowing.home()
    page.get_by_role("link", name="Look up").click()
    search, found = page.get_by_label("Live notices and warnings"), page.locator("main .card")
    expect(page.get_by_text("The office’s list as of")).to_be_visible()
    search.fill("ada EXAMPLE")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("Ada Example")
    number = re.search(r"CF26 \d{6} \d\d", found.inner_text())
    assert number
    search.fill(number[0].replace(" ", "").lower())
    expect(found).to_contain_text("Ada Example")
    last = number[0][-1]
    search.fill(number[0][:-1] + ("1" if last != "1" else "2"))
    expect(page.get_by_text("one of the digits is wrong")).to_be_visible()
    search.fill("nobody of this name")
    expect(page.get_by_text("None found.")).to_be_visible()
    expect(found).to_have_count(0)
    search.fill("lately example street")
    expect(found).to_contain_text("Stop: Playing music after 23:00")
    found.get_by_role("button", name="Community Protection Notice").click()
    expect(page.locator("main [data-slot=step]")).to_contain_text("Warning")
    expect(page.locator("main [data-slot=warning]")).to_contain_text("CW26")
    page.goto(f"{page.url.rpartition('/')[0]}/3")
    expect(page.locator("main textarea[name=conduct]")).to_have_value("Amplified music")


def test_a_notice_that_two_people_made_void_is_not_handed_over(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    record = str(uuid.uuid4())
    plant(officer, "fpn", sound("fpn", NOW, **PERSON), record)
    officer.page.evaluate(SEND)
    officer.all_sent()
    officer.home()
    officer.page.reload()
    page, waiting = officer.page, officer.page.locator("main .card", has_text="not handed over yet")
    expect(waiting).to_have_count(1)
    paper = waiting.get_by_role("link").get_attribute("href")
    db = connect(demonstration.instance / FILE_NAME)
    with closing(db.conn):
        sql = "SELECT id FROM officers WHERE role = 'team leader' ORDER BY name"
        one, other = (row["id"] for row in all_rows(db, sql))
        make_void(db, record, one, other, datetime.now(UTC))
    page.reload()
    told = page.locator("main .card", has_text="From the office")
    expect(told).to_contain_text("is void. Do not hand it over")
    demonstration.stop()
    page.reload()
    expect(told).to_contain_text("is void. Do not hand it over")
    expect(waiting).to_have_count(0)
    page.goto(f"{demonstration.address}{paper}")
    expect(page.locator("main [data-slot=sending]")).to_contain_text(
        "It is void: do not hand it over."
    )
    expect(page.get_by_role("button", name="Print", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Save how it was served")).to_be_hidden()
    assert officer.today()[0][1].endswith("· void")
