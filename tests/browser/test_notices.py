"""Notices on the street, with the server really stopped: refused where void, issued, accounted for."""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import FilePayload, expect

from field_app import numbers
from field_app.database import all_rows, connect
from field_app.times import london, moment_text
from tests import notices
from tests.browser.engines import Launch
from tests.browser.officer import Officer, password_of
from tests.browser.test_phone import PIXEL, pages_of
from tests.conftest import WARD
from tests.wire.client import Server

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
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


def choose(officer: Officer, offence: str, *, say: str | None = None) -> None:
    """Choose an offence out of the list, closed or not, found by what is typed where something is."""
    offences = officer.page.locator('main [data-field="offence"]')
    if not offences.locator("details[open]").count():
        offences.locator("summary").click()
    offences.get_by_label("Search").fill(say or "")
    offences.get_by_label(offence, exact=True).check()
    expect(offences.locator("[data-chosen]")).to_have_text(offence)


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
    choose(officer, "Public spaces protection order: breach")
    refused(officer, "Say which order was breached")
    choose(officer, "Graffiti")
    officer.fill(hostility="yes")
    refused(officer, "With racial or religious hostility the Act bars a notice.")
    choose(officer, "Leaflets handed out without consent", say="leaflets")
    refused(officer, "Only on land that the council has designated.")
    choose(officer, "Highway obstructed")
    refused(officer, "not on red routes")
    choose(officer, "Litter", say="dropping LITTER")
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
    page.get_by_role("link", name="Change").nth(2).click()
    expect(page.locator("main [data-slot=step]")).to_contain_text("3 of")
    on(officer)
    expect(page.locator("main [data-slot=step]")).to_contain_text("Check the notice")
    officer.home()
    page.get_by_role("link", name="Continue").click()
    expect(page.locator("main [data-slot=step]")).to_contain_text("Check the notice")
    page.get_by_role("button", name=re.compile("^Issue")).click()
    expect(page.get_by_role("heading", name="Saved on this phone")).to_be_visible()
    number = page.locator(".saved__body").inner_text()
    assert numbers.is_sound(numbers.read(number))
    expect(paper).to_contain_text(number)
    expect(paper).to_contain_text("Dropped a coffee cup and walked on.")
    officer.fill(service="Handed over")
    page.get_by_role("button", name="Save how it was served").click()
    expect(page.locator(".saved__body")).to_contain_text("how it was served")
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
    desk = launch("chromium", tmp_path / "desk").pages[0]
    desk.goto(f"{demonstration.address}desk/notices")
    desk.get_by_label("Username").fill("leader1")
    desk.get_by_label("Password").fill(password_of(demonstration))
    desk.get_by_role("button", name="Sign in").click()
    desk.get_by_role("link", name=number).click()
    expect(desk.get_by_role("heading", name=number)).to_be_visible()
    expect(desk.locator("main")).to_contain_text("Handed over")


def test_usual_answers_are_put_in_with_one_tap_and_can_be_changed(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    page = officer.page
    begin(officer, "fpn")
    choose(officer, "Litter")
    page.goto(f"{page.url.rpartition('/')[0]}/3")
    for words in ("A cigarette end", "Food packaging", "Dropped it and walked on"):
        page.get_by_role("button", name=words, exact=True).click()
    page.get_by_label("What was the litter?").press("End")
    page.get_by_label("What was the litter?").type(" of chips")
    page.get_by_role("button", name="From the answers above").click()
    told = page.locator("main textarea[name=particulars]")
    said = "A cigarette end; Food packaging of chips. Dropped it and walked on."
    expect(told).to_have_value(said)
    officer.kept(said)
    page.reload()
    expect(told).to_have_value(said)
    expect(page.get_by_label("What was the litter?")).to_have_value(
        "A cigarette end; Food packaging of chips"
    )


def test_only_what_fits_the_answers_so_far_is_asked(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    page = officer.page
    begin(officer, "fpn")
    address = page.url.rpartition("/")[0]
    page.goto(f"{address}/5")
    expect(page.get_by_label("Company number")).to_be_hidden()
    officer.fill(recipient="A business or other body", company_number="01234567")
    expect(page.get_by_label("Date of birth")).to_be_hidden()
    officer.fill(recipient="A person", age="16 or 17")
    officer.kept('"16-17"')
    page.goto(f"{address}/6")
    expect(page.get_by_label("The supervisor’s reason")).to_be_visible()
    expect(page.get_by_label("Support referral")).to_be_hidden()
    officer.fill(vulnerability="Drink or drugs", support_referral="Outreach, 14:05")
    page.goto(f"{address}/7")
    expect(page.get_by_label("Caution given at")).to_be_hidden()
    officer.fill(caution="Given, no questions asked")
    expect(page.get_by_label("Caution given at")).not_to_have_value("")
    [draft] = page.evaluate(DRAFTS)
    names = {"recipient", "age", "company_number", "support_referral", "caution"}
    assert {name: draft["body"].get(name) for name in names} == {
        "recipient": "person",
        "age": "16-17",
        "company_number": None,
        "support_referral": "Outreach, 14:05",
        "caution": "given",
    }


def test_a_notice_begins_where_the_last_patrol_is_and_else_offers_the_nearest_places(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    page = officer.page
    begin(officer, "cpw")
    first, second = page.locator("main .places .place").all()[:2]
    name = second.locator(".place__name").inner_text()
    expect(first.locator(".place__more")).to_have_text(re.compile(r"^\d+ m$"))
    second.click()
    chosen = page.locator("main [data-slot=chosen-name]")
    expect(chosen).to_have_text(name)
    on(officer)
    [draft] = page.evaluate(DRAFTS)
    assert draft["body"]["place_name"] == name
    assert {"place", "ward"} <= set(draft["body"])
    officer.home()
    patrolled = page.locator(".home > .places .place .place__name").first.inner_text()
    log_a_patrol(officer)
    begin(officer, "cpw")
    expect(chosen).to_have_text(patrolled)
    page.get_by_role("button", name="Change place").click()
    expect(page.locator("main .places .place")).to_have_count(3)


def test_no_title_of_the_phone_names_anybody(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    page = officer.page
    planted = plant(officer, "fpn", sound("fpn"), WARNED)
    draft = page.evaluate(DRAFT, ["fpn", sound("fpn")])
    seal, titles = planted["seal"], []
    for screen in (
        f"page/{seal}",
        f"issued/{seal}",
        f"amend/{WARNED}",
        f"notice/{draft}/9",
        "home",
    ):
        page.goto(f"{officer.server.address}#{screen}")
        page.reload()
        expect(page.locator("main h1").first).to_be_attached()
        titles.append(page.title())
    assert titles == [
        "Page – Fieldbook",
        titles[1],
        "Amend – Fieldbook",
        "Check the notice – Fieldbook",
        "Home – Fieldbook",
    ]
    assert re.fullmatch(r"Saved on this phone \d\d:\d\d – Fieldbook", titles[1])


DRAFTS = """async () => {
  const { currentNotebook, drafts } = await import('/static/phone/notebook.js');
  return drafts((await currentNotebook()).id);
}"""
PLANT = """async ([kind, body, record]) => {
  const { write } = await import('/static/phone/notebook.js');
  const page = await write({ kind, record, body, draws: 'issued_at' in body }, new Date());
  return { seal: page.seal, number: JSON.parse(page.body).number };
}"""
DRAFT = """async ([kind, body]) => {
  const { currentNotebook, saveDraft } = await import('/static/phone/notebook.js');
  const { id } = await currentNotebook();
  const draft = { id: crypto.randomUUID(), kind, record: crypto.randomUUID(), notebook: id, body };
  return (await saveDraft(draft, new Date())).id;
}"""
LEAVE = """async (few) => {
  const { currentNotebook, updateNotebook } = await import('/static/phone/notebook.js');
  const { id, books } = await currentNotebook();
  await updateNotebook(id, { drawn: Object.fromEntries(books.map((one) => [one.series, one.last - few])) });
}"""


def sound(kind: str, issued: datetime = NOW, **more: Any) -> dict[str, Any]:
    """A notice without a number, as the phone has it before it is issued."""
    make = notices.fpn if kind == "fpn" else notices.cpw
    return make(issued, number=None, **more)


def plant(officer: Officer, kind: str, body: dict[str, Any], record: str) -> dict[str, str]:
    """Write a page as the phone does, past its checks: its seal and its number."""
    planted: dict[str, str] = officer.page.evaluate(PLANT, [kind, body, record])
    return planted


def open_page(officer: Officer, what: str) -> None:
    officer.page.goto(f"{officer.server.address}#today")
    officer.page.locator(".page-line", has_text=what).last.click()
    expect(officer.page.locator("main .page")).to_be_visible()


def issue(officer: Officer) -> str:
    officer.page.get_by_role("button", name=re.compile("^Issue")).click()
    expect(officer.page.get_by_role("heading", name="Saved on this phone")).to_be_visible()
    return numbers.read(officer.page.locator(".saved__body").inner_text())


def log_a_patrol(officer: Officer) -> None:
    officer.home()
    officer.page.locator(".home > .places .place").first.click()
    officer.page.get_by_role("button", name="Nothing unusual · Save").click()
    officer.saved()


def day(days: int) -> str:
    return (london(NOW) + timedelta(days=days)).date().isoformat()


def patrol_of(began: datetime) -> dict[str, Any]:
    began_at, ended_at = moment_text(began), moment_text(began + timedelta(minutes=5))
    return {
        "address": "1 Example Street",
        "ward": WARD,
        "activity": "faith-reassurance",
        "started_at": began_at,
        "ended_at": ended_at,
        "outcomes": ["nothing-unusual"],
    }


WARNED = "0193aaaa-0000-4000-8000-0000000000a1"
WARNED_LATELY = "0193aaaa-0000-4000-8000-0000000000a2"


def answer_the_notice(officer: Officer) -> None:
    """A Community Protection Notice after its warning: what is new is asked, the rest stands there."""
    page = officer.page
    officer.fill(informed="The landlord, by phone")
    refused(officer, "A notice is only for the conduct that the warning was about.")
    officer.fill(same_conduct="yes")
    on(officer)
    on(officer)
    expect(page.locator("main textarea[name=conduct]")).to_have_value("Amplified music")
    on(officer)
    on(officer)
    expect(page.locator("main input[name=recipient_name]")).to_have_value("Alex Invented")
    officer.fill(recipient_name="Robin Somebody-Else")
    refused(officer, "The warning was given to somebody else")
    officer.fill(recipient_name="Alex Invented", age="10 to 15")
    refused(officer, "Only a person aged 16 or over, or a body, can be given this.")
    officer.fill(age="18 or over")
    on(officer)
    refused(officer, "Select what you saw, or that you saw none")
    officer.fill(vulnerability="None seen")
    on(officer)
    expect(page.locator("main .requirement textarea")).to_have_value("Playing music after 23:00")
    officer.fill(comply_by=day(14), review_on=day(30), ends_on=day(14))
    refused(officer, "The notice must end after the time it gives.")
    officer.fill(ends_on=day(180))
    on(officer)
    on(officer)


def test_a_warning_unheeded_leads_to_a_notice_and_its_breach_to_a_penalty(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    demonstration.stop()
    page = officer.page
    plant(officer, "cpw", sound("cpw", recipient_name="Lee Lately"), WARNED_LATELY)
    before = NOW - timedelta(days=30)
    plant(officer, "cpw", sound("cpw", before), WARNED)
    served = {"service": "by-hand", "served_at": moment_text(before)}
    plant(officer, "served", served, WARNED)
    too_early = "0193aaaa-0000-4000-8000-0000000000a3"
    plant(officer, "patrol", patrol_of(NOW - timedelta(days=20)), too_early)

    open_page(officer, "Lee Lately")
    expect(page.get_by_text("The time it gave ends")).to_be_visible()
    expect(page.get_by_role("button", name="Community Protection Notice")).to_have_count(0)

    open_page(officer, "Alex Invented")
    page.get_by_role("button", name="Community Protection Notice").click()
    expect(page.get_by_text("You logged no patrol since that time.")).to_be_visible()
    refused(officer, "Choose the patrol on which you saw it again")
    log_a_patrol(officer)
    officer.home()
    page.get_by_role("link", name="Continue").click()
    page.locator('main [data-field="observation"] input[type=radio]').check()
    officer.kept('"observation"')
    page.reload()
    expect(page.locator('main [data-field="observation"] input[type=radio]')).to_be_checked()
    answer_the_notice(officer)
    paper = page.locator("main .paper")
    expect(paper).to_contain_text("section 43 of the Anti-social Behaviour")
    number = issue(officer)
    assert number.startswith("CN")
    expect(paper).to_contain_text(numbers.shown(number))
    expect(page.locator('main [data-field="service"] input')).to_have_count(3)

    open_page(officer, "CPN")
    page.get_by_role("button", name="Stop: Playing music after 23:00").click()
    expect(page.locator("main [data-chosen]")).to_have_text("Community protection notice: breach")
    expect(page.locator("main input[name=breached]")).to_have_value(number)
    expect(page.locator("main input[name=requirement]")).to_have_value(
        "1. Stop: Playing music after 23:00"
    )
    refused(officer, "No amount is known for this offence on that day")

    demonstration.start()
    officer.all_sent()
    assert [state for _, state in officer.today() if "received" not in state] == []
    [cpn] = bodies_of(demonstration, "cpn")
    pages = pages_of(demonstration, "officer08")
    _, patrol = [one for one in pages if one["kind"] == "patrol"]
    assert (cpn["warning"], cpn["observation"]) == (WARNED, patrol["record"])
    issued = datetime.fromisoformat(cpn["issued_at"])
    assert cpn["appeal_by"] == (london(issued) + timedelta(days=20)).date().isoformat()


def test_an_officer_is_told_when_few_numbers_are_left_and_what_to_do_without_any(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    demonstration.stop()
    page = officer.page
    officer.home()
    expect(page.locator("main [data-slot=few]")).to_be_hidden()
    page.evaluate(LEAVE, 10)
    page.reload()
    expect(page.locator("main [data-slot=few]")).to_contain_text(
        "10 FPN numbers left on this phone"
    )
    page.evaluate(LEAVE, 1)
    draft = page.evaluate(DRAFT, ["cpw", sound("cpw")])
    page.goto(f"{demonstration.address}#notice/{draft}/99")
    expect(page.locator("main [data-slot=few]")).to_contain_text("1 CPW number left on this phone")
    issue(officer)
    second = page.evaluate(DRAFT, ["cpw", sound("cpw", recipient_name="Kept Invented")])
    page.goto(f"{demonstration.address}#notice/{second}/99")
    told = "No CPW numbers are left on this phone: find a signal, or use the paper book."
    expect(page.locator("main [data-slot=few]")).to_contain_text(told)
    page.get_by_role("button", name=re.compile("^Issue")).click()
    expect(page.get_by_role("alert")).to_contain_text("so it was not issued")
    officer.home()
    expect(page.locator("main [data-slot=few]")).to_contain_text(told)
    expect(page.locator(".card--running").first).to_contain_text("Kept Invented")


def test_a_held_notice_and_one_handed_over_are_amended_and_keep_their_numbers(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    page = officer.page
    void = plant(officer, "fpn", sound("fpn", basis="cctv"), WARNED)
    good = plant(officer, "cpw", sound("cpw"), WARNED_LATELY)
    served = {"service": "by-hand", "served_at": moment_text(NOW)}
    plant(officer, "served", served, WARNED_LATELY)
    page.evaluate("import('/static/phone/sync.js').then(({ send }) => send({ by: 'hand' }))")
    officer.home()
    expect(page.locator("main [data-slot=attend-text]")).to_contain_text("must have found")
    open_page(officer, "FPN")
    page.get_by_role("link", name="The paper").click()
    expect(page.locator("main [data-slot=sending]")).to_contain_text("so do not hand it over")
    officer.home()
    page.locator("main [data-slot=attend-go]").click()
    page.get_by_role("link", name="Amend").click()
    basis = page.locator('main [data-field="basis"]')
    expect(basis.locator(".govuk-error-message")).to_contain_text("must have found")
    page.get_by_role("button", name="Save amendment").click()
    expect(page.locator("form[data-kind=fpn] .govuk-error-summary")).to_contain_text(
        "must have found"
    )
    officer.fill(reason="Chosen by mistake", basis="I found them doing it, now")
    officer.kept("Chosen by mistake")
    page.reload()
    expect(basis.get_by_label("I found them doing it, now")).to_be_checked()
    page.get_by_role("button", name="Save amendment").click()
    officer.saved()

    demonstration.stop()
    open_page(officer, "CPW")
    expect(page.get_by_role("link", name="Amend")).to_be_visible()
    expect(page.get_by_role("link", name="Entered in error")).to_be_hidden()  # the desk’s to do
    page.get_by_role("link", name="Amend").click()
    expect(page.locator('main [data-field="reason"]')).to_be_visible()
    expect(page.locator('main [data-field="entered_in_error"]')).to_have_count(0)
    expect(page.get_by_label("Since when, how often")).to_be_visible()
    for name in ("conduct", "requirements", "comply_by"):
        expect(page.locator(f'main [data-field="{name}"]')).to_be_hidden()
    expect(page.get_by_role("button", name="Add another")).to_be_hidden()
    officer.fill(reason="They told me the flat", recipient_address="Flat 2, 9 Sample Road")
    page.get_by_role("button", name="Save amendment").click()
    officer.saved()
    open_page(officer, "CPW")
    expect(page.locator("main [data-slot=body]")).to_contain_text("Flat 2, 9 Sample Road")
    page.get_by_role("link", name="The paper").click()
    expect(page.locator("main .paper")).not_to_contain_text("Flat 2")
    expect(page.locator("main [data-slot=sending]")).to_contain_text("Amended since")
    demonstration.start()
    officer.all_sent()
    assert "held" not in " ".join(state for _, state in officer.today())
    changes = [one["changes"] for one in bodies_of(demonstration, "amendment")]
    assert [one.keys() - {"authorisation"} for one in changes] == [
        {"basis"},
        {"recipient_address"},
    ]
    for number in (void["number"], good["number"]):
        assert "issued" in demonstration.flask("books", "--number", number).stdout


def test_what_hangs_on_whose_a_notice_is_is_worked_out_again_when_that_is_amended(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    page = officer.page
    first, second, warning, notice = (f"0193aaaa-0000-4000-8000-0000000000b{n}" for n in range(4))
    before = NOW - timedelta(minutes=1)
    plant(officer, "fpn", sound("fpn", before, recipient_name="Jordan Fakename"), first)
    plant(officer, "fpn", sound("fpn", recipient_name="Bo Sample"), second)
    plant(officer, "cpw", sound("cpw", NOW - timedelta(days=30)), warning)
    plant(officer, "cpn", notices.cpn(NOW, number=None, warning=warning), notice)
    officer.home()

    page.goto(f"{demonstration.address}#amend/{notice}")
    officer.fill(reason="Misheard", recipient_name="Robin Somebody-Else")
    page.get_by_role("button", name="Save amendment").click()
    expect(page.locator("form[data-kind=cpn] .govuk-error-summary")).to_contain_text(
        "The warning was given to somebody else"
    )
    officer.fill(recipient_name="Alec Invented")
    page.get_by_role("button", name="Save amendment").click()
    officer.saved()

    page.goto(f"{demonstration.address}#amend/{second}")
    why = page.get_by_label("Why this is another offence")
    expect(why).to_be_hidden()
    officer.fill(reason="Misheard", recipient_name="Jordon Fakename")
    page.get_by_role("button", name="Save amendment").click()
    expect(page.locator("form[data-kind=fpn] .govuk-error-summary")).to_contain_text(
        "They had a penalty for this offence on that day already"
    )
    why.fill("An hour later, in another street")
    page.get_by_role("button", name="Save amendment").click()
    officer.saved()
    officer.all_sent()
    assert "held" not in " ".join(state for _, state in officer.today())
    [renamed, again] = [one["changes"] for one in bodies_of(demonstration, "amendment")]
    assert renamed["recipient_name"] == "Alec Invented"
    assert not renamed.keys() & {"same_person", "had_same"}
    assert (again["had_same"], again["again_reason"]) == (True, "An hour later, in another street")


def test_an_offence_is_found_by_typing_and_the_last_ones_stand_on_top(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    demonstration.stop()
    page = officer.page
    begin(officer, "fpn")
    offences = page.locator('main [data-field="offence"]')
    expect(offences.get_by_role("heading").first).to_have_text("Enviro-crime")
    plant(officer, "fpn", sound("fpn", offence="abandoned-vehicle"), WARNED)
    plant(officer, "fpn", sound("fpn", offence="graffiti"), WARNED_LATELY)
    begin(officer, "fpn")
    expect(offences.get_by_role("heading").first).to_have_text("Lately")
    lately = offences.locator("section").first.get_by_role("radio")
    assert [one.get_attribute("value") for one in lately.all()] == ["graffiti", "abandoned-vehicle"]
    everything = offences.get_by_role("radio").count()
    search = offences.get_by_label("Search")
    search.press_sequentially("vehicle road")
    expect(offences.get_by_role("radio")).to_have_count(2)
    search.fill("cigarette")
    expect(offences.get_by_role("radio", name="Litter")).to_have_count(1)
    expect(offences.get_by_role("radio")).to_have_count(1)
    search.fill("no such thing")
    expect(offences.get_by_role("status")).to_have_text("No offence is found. Try another word.")
    search.fill("")
    expect(offences.get_by_role("radio")).to_have_count(everything)
    search.fill("repaired")
    search.press("Enter")
    expect(offences.locator("[data-chosen]")).to_have_text("Vehicles repaired on the road")
    expect(page.locator("main [data-slot=step]")).to_contain_text("1 of")


class LoginPage(BaseHTTPRequestHandler):
    """What a station's Wi-Fi answers to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Wi-Fi</title><template id=fpn></template>Sign in")

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def station(server: Server) -> Iterator[None]:
    """A station's Wi-Fi in the place of a stopped server."""
    there = HTTPServer(("127.0.0.1", server.port), LoginPage)
    thread = threading.Thread(target=there.serve_forever)
    thread.start()
    yield
    there.shutdown()
    there.server_close()
    thread.join()


def test_a_login_page_is_not_taken_for_the_screens_of_a_notice(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    page = officer.page
    emptied = "caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))"
    page.evaluate(emptied)
    demonstration.stop()
    with station(demonstration):
        page.locator("[data-notice=fpn]").click()
        expect(page.get_by_role("alert")).to_contain_text("This screen is not on the phone")
    demonstration.start()
    page.locator("[data-notice=fpn]").click()
    expect(page.locator("main [data-slot=step]")).to_contain_text("1 of")


SERVED = {"service": "by-hand", "served_at": moment_text(NOW.replace(second=0, microsecond=0))}


def hand_over(officer: Officer, seal: str) -> None:
    """Say how a notice was handed over, and save nothing yet."""
    officer.page.goto(f"{officer.server.address}#issued/{seal}")
    expect(officer.page.locator("main .issued")).to_be_visible()
    officer.fill(service="Handed over", served_at=minute(NOW))


def sign(officer: Officer, *strokes: list[tuple[float, float]]) -> None:
    """Draw with a finger on the pad; places on it are parts of its width and height."""
    if not officer.page.locator("details[open] .pad").count():
        officer.page.get_by_text("Let them sign").click()
    pad = officer.page.locator(".pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    finger = officer.context.new_cdp_session(officer.page)

    def touch(what: str, *at: tuple[float, float]) -> None:
        points = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in at
        ]
        finger.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": points})

    for first, *others in strokes:
        touch("touchStart", first)
        for place in others:
            touch("touchMove", place)
        touch("touchEnd")


def hill(left: float, right: float) -> list[tuple[float, float]]:
    """A line that goes up and down again."""
    steps = [step / 20 for step in range(21)]
    return [(left + (right - left) * step, 0.2 + 2.4 * (step - 0.5) ** 2) for step in steps]


def evidence_of(server: Server, username: str) -> list[str]:
    db = connect(server.instance / "fieldbook.sqlite3")
    try:
        rows = all_rows(
            db,
            "SELECT sha256 FROM evidence JOIN notebooks ON notebooks.id = evidence.notebook "
            "JOIN officers ON officers.id = notebooks.officer WHERE username = ?",
            [username],
        )
    finally:
        db.conn.close()
    return [row["sha256"] for row in rows]


def test_who_wants_to_signs_with_a_finger_and_the_picture_arrives(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    page = officer.page
    demonstration.stop()
    hand_over(officer, plant(officer, "fpn", sound("fpn"), WARNED)["seal"])
    sign(officer, hill(0.1, 0.5), hill(0.5, 0.9))
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("img", name="Signature", exact=True)).to_be_visible()
    officer.kept("by-hand")
    page.reload()
    expect(page.get_by_role("img", name="Signature", exact=True)).to_be_visible()
    page.get_by_role("button", name="Save how it was served").click()
    expect(page.locator("#status")).to_have_text("No signal · 2 pages, 1 photo saved on this phone")
    open_page(officer, "FPN")
    expect(page.get_by_role("img", name="Signature", exact=True)).to_be_visible()

    demonstration.start()
    officer.all_sent()
    [served] = bodies_of(demonstration, "served")
    [signature] = served["signature"]
    assert served == SERVED | {"signature": [signature]}
    assert signature.keys() == {"sha256", "taken_at"}
    name = signature["sha256"]
    stored = (demonstration.instance / "evidence" / name[:2] / name).read_bytes()
    assert hashlib.sha256(stored).hexdigest() == name
    picture = Image.open(io.BytesIO(stored)).convert("L")
    assert (picture.size, picture.getpixel((0, 0))) == ((600, 200), 255)
    assert 1_000 < sum(picture.histogram()[:64]) < 10_000, "dark ink on white"
    assert demonstration.flask("verify").returncode == 0


def test_a_pad_that_was_cleared_is_no_signature(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    page = officer.page
    demonstration.stop()
    hand_over(officer, plant(officer, "fpn", sound("fpn"), WARNED)["seal"])
    sign(officer, hill(0.1, 0.9))
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".pad")).to_be_hidden()
    page.get_by_role("button", name="Save how it was served").click()
    expect(page.locator(".saved__body")).to_contain_text("how it was served")
    demonstration.start()
    officer.all_sent()
    assert bodies_of(demonstration, "served") == [SERVED]
    assert evidence_of(demonstration, "officer08") == []


def test_who_signs_again_leaves_the_last_signature_alone_done_or_not(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    page = officer.page
    demonstration.stop()
    hand_over(officer, plant(officer, "fpn", sound("fpn"), WARNED)["seal"])
    sign(officer, hill(0.1, 0.9))
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Sign again").click()
    expect(page.get_by_role("img", name="Signature", exact=True)).to_have_count(0)
    sign(officer, hill(0.3, 0.6))
    page.get_by_role("button", name="Save how it was served").click()
    expect(page.locator(".saved__body")).to_contain_text("how it was served")
    demonstration.start()
    officer.all_sent()
    [served] = bodies_of(demonstration, "served")
    assert evidence_of(demonstration, "officer08") == [served["signature"][0]["sha256"]]


FULL = """() => {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function full(...row) {
    if (this.name === 'evidence') throw new DOMException('full', 'QuotaExceededError');
    return put.apply(this, row);
  };
}"""


def test_a_signature_for_which_there_is_no_room_is_never_left_out_unsaid(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    page = officer.page
    hand_over(officer, plant(officer, "fpn", sound("fpn"), WARNED)["seal"])
    page.evaluate(FULL)
    sign(officer, hill(0.1, 0.9))
    for _ in range(2):
        page.get_by_role("button", name="Save how it was served").click()
        expect(page.get_by_role("alert")).to_contain_text("the phone has no room left")
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Save how it was served").click()
    expect(page.locator(".saved__body")).to_contain_text("how it was served")
    officer.all_sent()
    assert bodies_of(demonstration, "served") == [SERVED]
