"""The phone's screens under bad input and trouble, as an officer meets them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import FilePayload, expect

from field_app.database import all_rows, connect, one_row
from field_app.times import moment_text, read_moment
from tests.browser.engines import Launch
from tests.browser.officer import Officer, password_of
from tests.conftest import WARD
from tests.desk import photo as picture
from tests.wire.client import Server

NOTES = "Line one\nשלום \u202e 🚓 <script>alert(1)</script> & 'quotes' nul \x00 end "
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WRITE = """async ([kind, record, body]) => {
  const notebook = await import('/static/phone/notebook.js');
  const sync = await import('/static/phone/sync.js');
  const page = await notebook.write({ kind, record, body }, new Date());
  await sync.send();
  return page.page;
}"""


def pages_of(server: Server, username: str) -> list[dict[str, Any]]:
    """An officer's pages in the central file that this test's phone sent, oldest first."""
    db = connect(server.instance / "fieldbook.sqlite3")
    try:
        return all_rows(
            db,
            "SELECT pages.* FROM pages JOIN notebooks ON notebooks.id = pages.notebook "
            "JOIN officers ON officers.id = notebooks.officer "
            "WHERE username = ? AND notebooks.user_agent IS NOT NULL ORDER BY pages.received_at, page",
            [username],
        )
    finally:
        db.conn.close()


def test_a_missing_answer_is_named_at_its_field_and_on_top_and_nothing_is_lost(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer10")
    officer.begin("enviro-crime")
    officer.fill(notes="Bags outside the example bakery", ward="Highgate")
    officer.page.locator("[data-do=save]").click()
    summary = officer.page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    assert summary.locator("li").all_inner_texts() == [
        "Choose a place, or describe where this was",
        "Select what kind it was",
        "Select what you did",
        "Select at least one outcome",
    ]
    at_field = officer.page.locator('[data-field="enviro_kind"] .govuk-error-message')
    assert at_field.inner_text().split("\n") == ["Error: ", "Select what kind it was"]
    assert officer.page.locator("#patrol-notes").input_value() == "Bags outside the example bakery"
    summary.get_by_role("button", name="Select what kind it was").click()
    expect(officer.page.locator("#patrol-enviro_kind")).to_be_focused()


def test_ten_thousand_characters_of_anything_arrive_as_they_were_written(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer11")
    notes = NOTES + "x" * (10_000 - len(NOTES))
    officer.begin("evening-safety")
    officer.fill(address="Outside the sample club", ward="Camden Town", outcomes="Advice given")
    officer.page.evaluate(
        """(text) => {
          const field = document.querySelector('main #patrol-notes');
          field.value = text;
          field.dispatchEvent(new Event('input', { bubbles: true }));
        }""",
        notes,
    )
    number = officer.save()
    officer.all_sent()
    [page] = pages_of(running, "officer11")
    assert (page["page"], json.loads(page["body"])["notes"]) == (number, notes)
    officer.page.goto(f"{running.address}#page/{page['seal']}")
    expect(officer.page.locator("main")).to_contain_text("<script>alert(1)</script>")
    assert officer.page.locator("main script").count() == 0


def test_a_clock_two_hours_slow_is_kept_as_it_was_and_said(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer12")
    slow = datetime.now(UTC) - timedelta(hours=2)
    officer.page.clock.install(time=slow)
    officer.page.reload()
    officer.start_shift()
    officer.all_sent()
    officer.page.reload()
    expect(officer.page.locator("main")).to_contain_text("The clock is 2 hours slow")
    [page] = pages_of(running, "officer12")
    assert 7_100 < page["clock_offset_s"] < 7_300
    began = read_moment(json.loads(page["body"])["started_at"])
    assert abs(began - slow) < timedelta(minutes=2)


def test_one_draft_in_two_tabs_becomes_one_page(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer13")
    officer.begin("evening-safety")
    officer.fill(address="By the sample canal", ward="Camden Town", outcomes="Nothing unusual")
    second = officer.context.new_page()
    second.goto(officer.page.url)
    expect(second.locator("form[data-kind=patrol]")).to_be_visible()
    officer.save()
    second.locator("[data-do=save]").click()
    expect(second.locator(".trouble")).to_contain_text("already saved on this phone, as page 1")
    officer.all_sent()
    assert [page["page"] for page in pages_of(running, "officer13")] == [1]


def test_two_officers_share_a_phone_and_each_sees_only_their_own(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer14")
    demonstration.stop()
    officer.start_shift()
    officer.page.goto(f"{demonstration.address}#health")
    officer.page.get_by_role("button", name="Sign out").click()
    expect(officer.page.get_by_text("Nobody is signed in on this phone")).to_be_visible()
    assert officer.page.locator(".page-line").count() == 0
    demonstration.start()
    officer.page.reload()
    expect(officer.page.get_by_text("1 page on this phone still to be sent")).to_be_hidden()
    officer.sign_in("officer15")
    assert officer.today() == []
    officer.home()
    officer.start_shift()
    officer.all_sent()
    kinds = [
        [page["kind"] for page in pages_of(demonstration, who)]
        for who in ("officer14", "officer15")
    ]
    assert kinds == [["shift-start"], ["shift-start"]]


def test_sending_goes_on_when_the_session_has_run_out(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer16")
    officer.context.clear_cookies()
    officer.page.reload()
    officer.start_shift()
    officer.all_sent()
    assert [page["kind"] for page in pages_of(running, "officer16")] == ["shift-start"]


def test_a_place_taken_off_the_register_does_not_stop_its_waiting_patrol(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer17")
    demonstration.stop()
    officer.page.locator(".home > .places .place").first.click()
    officer.page.get_by_role("button", name="Nothing unusual · Save").click()
    officer.saved()
    db = connect(demonstration.instance / "fieldbook.sqlite3")
    db.conn.execute("DELETE FROM places")
    db.conn.close()
    demonstration.start()
    officer.all_sent()
    [page] = pages_of(demonstration, "officer17")
    db = connect(demonstration.instance / "fieldbook.sqlite3")
    row = one_row(db, "SELECT state, place_name FROM patrols WHERE record = ?", [page["record"]])
    db.conn.close()
    assert row == {"state": "accepted", "place_name": json.loads(page["body"])["place_name"]}


def test_a_held_page_is_said_on_home_and_put_right_by_amending(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer18")
    body = {
        "activity": "weapon-sweep",
        "started_at": "2026-11-20T12:00:00Z",
        "ended_at": "2026-11-20T11:00:00Z",
        "address": "Sample Gardens",
        "ward": "E05013652",
        "outcomes": ["nothing-unusual"],
    }
    record = "019340a0-0000-7000-8000-000000000001"
    officer.page.evaluate(WRITE, ["patrol", record, body])
    officer.home()
    officer.page.reload()
    expect(officer.page.locator("main")).to_contain_text(
        "Page 1 is held: Finished is before it began"
    )
    officer.page.get_by_role("link", name="Open").click()
    officer.page.get_by_role("link", name="Amend").click()
    expect(officer.page.locator('[data-field="ended_at"] .govuk-error-message')).to_be_visible()
    officer.fill(reason="Hours mixed up")
    officer.page.locator("#patrol-ended_at").fill("2026-11-20T12:30")
    officer.page.get_by_role("button", name="Save amendment").click()
    officer.saved()
    officer.all_sent()
    officer.home()
    expect(officer.page.get_by_text("is held")).to_have_count(0)
    db = connect(running.instance / "fieldbook.sqlite3")
    row = one_row(db, "SELECT state, ended_at FROM patrols WHERE record = ?", [record])
    db.conn.close()
    assert row == {"state": "accepted", "ended_at": "2026-11-20T12:30:00.000Z"}


def test_a_running_patrol_survives_back_rotation_and_a_dead_browser(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer19")
    officer.begin("rough-sleeping")
    officer.fill(notes="Two people, both well", people_seen="2")
    officer.page.set_viewport_size({"width": 740, "height": 360})
    assert officer.page.locator("#patrol-notes").input_value() == "Two people, both well"
    officer.page.go_back()
    officer.close()
    officer.open()
    officer.page.get_by_role("link", name="Finish").click()
    assert officer.page.locator("#patrol-notes").input_value() == "Two people, both well"
    assert officer.page.locator("#patrol-people_seen").input_value() == "2"


def test_undo_says_entered_in_error_and_the_patrol_is_not_counted(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer20")
    officer.page.locator(".home > .places .place").first.click()
    officer.page.get_by_role("button", name="Nothing unusual · Save").click()
    officer.saved()
    officer.page.get_by_role("button", name="Undo: entered in error").click()
    expect(officer.page.locator(".saved__body")).to_contain_text("Entered in error: page 1")
    officer.all_sent()
    [first, _] = pages_of(running, "officer20")
    db = connect(running.instance / "fieldbook.sqlite3")
    row = one_row(db, "SELECT state FROM patrols WHERE record = ?", [first["record"]])
    db.conn.close()
    assert row == {"state": "entered in error"}


def test_a_photo_is_kept_with_its_draft_and_arrives_after_its_page(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer21")
    demonstration.stop()
    officer.begin("enviro-crime")
    officer.fill(address="Sample Street", ward="Highgate", enviro_kind="Litter")
    officer.fill(enviro_action="None needed", outcomes="Nothing unusual")
    photo = FilePayload(name="bags.png", mimeType="image/png", buffer=PIXEL)
    officer.page.locator("[data-do=photo]").set_input_files(photo)
    expect(officer.page.locator("main .thumbnail")).to_have_count(1)
    officer.page.reload()
    expect(officer.page.locator("main .thumbnail")).to_have_count(1)
    officer.save()
    expect(officer.page.locator("#status")).to_have_text(
        "No signal · 1 page, 1 photo saved on this phone"
    )
    demonstration.start()
    officer.all_sent()
    [page] = pages_of(demonstration, "officer21")
    [listed] = json.loads(page["body"])["photos"]
    stored = demonstration.instance / "evidence" / listed["sha256"][:2] / listed["sha256"]
    assert stored.read_bytes().startswith(b"\xff\xd8\xff")
    verified = demonstration.flask("verify")
    assert (verified.returncode, verified.stderr) == (0, "")


WIDTHS = """() => Promise.all([...document.querySelectorAll('main .thumbnail')].map(async (image) => {
  await image.decode();
  return image.naturalWidth;
}))"""


def add_photo(officer: Officer, name: str, data: bytes) -> None:
    photo = FilePayload(name=name, mimeType="image/png", buffer=data)
    officer.page.locator("main [data-do=photo]").set_input_files(photo)


def save_a_patrol(officer: Officer, photos: int) -> None:
    officer.begin("evening-safety")
    officer.fill(address="By the sample canal", ward="Camden Town", outcomes="Advice given")
    for number in range(photos):
        add_photo(officer, f"gate-{number}.jpg", picture("red"))
    expect(officer.page.locator("main .thumbnail")).to_have_count(photos)
    officer.save()


def open_last_page(officer: Officer) -> None:
    officer.today()
    officer.page.locator(".page-line").first.click()
    expect(officer.page.get_by_role("heading", name="History")).to_be_visible()


def test_a_photo_added_later_is_a_page_of_its_own_with_its_own_time(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer21")
    page = officer.page
    demonstration.stop()
    save_a_patrol(officer, photos=1)
    open_last_page(officer)
    page.get_by_role("link", name="Add a photo").click()
    page.get_by_role("button", name="Save photos").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Add a photo")
    before = datetime.now(UTC)
    add_photo(officer, "lock.jpg", picture("green", (200, 100)))
    officer.fill(photos_note="The lock, seen from the towpath")
    officer.kept("The lock")
    officer.home()
    page.get_by_role("link", name="Continue").click()
    expect(page.locator("main .thumbnail")).to_have_count(1)
    page.get_by_role("button", name="Save photos").click()
    officer.saved()
    assert officer.today()[0][0] == "1 photo added to page 1"
    open_last_page(officer)
    page.reload()
    expect(page.locator("main .thumbnail")).to_have_count(2)
    assert page.evaluate(WIDTHS) == [320, 200]
    expect(page.locator(".history")).to_contain_text(
        "1 photo added to page 1: The lock, seen from the towpath"
    )

    demonstration.start()
    officer.all_sent()
    patrol, added = pages_of(demonstration, "officer21")
    assert (added["kind"], added["record"]) == ("photos-added", patrol["record"])
    body = json.loads(added["body"])
    [listed] = body["photos"]
    note = "The lock, seen from the towpath"
    assert body == {"photos": [listed], "photos_note": note}
    assert listed.keys() == {"sha256", "taken_at"}
    assert before <= read_moment(listed["taken_at"]) <= read_moment(added["written_at"])
    stored = demonstration.instance / "evidence" / listed["sha256"][:2] / listed["sha256"]
    assert stored.read_bytes().startswith(b"\xff\xd8\xff")
    assert demonstration.flask("verify").returncode == 0
    assert [state for _, state in officer.today() if "received" not in state] == []


def test_what_is_no_photo_is_said_and_nothing_is_lost(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer02")
    page = officer.page
    save_a_patrol(officer, photos=0)
    open_last_page(officer)
    page.get_by_role("link", name="Add a photo").click()
    add_photo(officer, "lock.png", PIXEL)
    expect(page.locator("main .thumbnail")).to_have_count(1)
    add_photo(officer, "letter.png", b"no picture at all")
    expect(page.get_by_role("alert")).to_contain_text("no photo this phone can open")
    page.get_by_role("button", name="Save photos").click()
    officer.saved()
    officer.all_sent()
    added = pages_of(running, "officer02")[-1]
    assert len(json.loads(added["body"])["photos"]) == 1


def test_to_a_record_in_error_no_photo_is_added(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer14")
    save_a_patrol(officer, photos=0)
    open_last_page(officer)
    added = officer.page.get_by_role("link", name="Add a photo").get_attribute("href")
    officer.page.get_by_role("link", name="Entered in error").click()
    officer.fill(reason="Another street")
    officer.page.get_by_role("button", name="Say it was entered in error").click()
    officer.saved()
    open_last_page(officer)
    expect(officer.page.get_by_role("link", name="Add a photo")).to_be_hidden()
    officer.page.goto(f"{running.address}{added}")
    expect(officer.page.get_by_role("heading", name="Log a patrol")).to_be_visible()


HANGING = """
const real = window.fetch;
window.fetch = (path, ...rest) =>
  String(path).endsWith('/me') ? new Promise(() => {}) : real(path, ...rest);
"""
SLOW_PICTURES = """
const real = window.createImageBitmap;
window.createImageBitmap = async (...picture) => {
  await new Promise((later) => setTimeout(later, 800));
  return real(...picture);
};
"""


def test_a_photo_still_being_made_is_saved_with_its_patrol(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer01")
    officer.page.add_init_script(SLOW_PICTURES)
    officer.page.reload()
    officer.begin("evening-safety")
    officer.fill(address="By the sample canal", ward="Camden Town", outcomes="Advice given")
    photo = FilePayload(name="gate.png", mimeType="image/png", buffer=PIXEL)
    officer.page.locator("[data-do=photo]").set_input_files(photo)
    officer.save()
    officer.all_sent()
    [page] = pages_of(running, "officer01")
    [listed] = json.loads(page["body"])["photos"]
    assert (running.instance / "evidence" / listed["sha256"][:2] / listed["sha256"]).exists()


def test_what_is_typed_while_a_photo_is_being_made_leaves_it_in_the_draft(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer15")
    officer.page.add_init_script(SLOW_PICTURES)
    officer.page.reload()
    officer.begin("evening-safety")
    add_photo(officer, "gate.png", PIXEL)
    officer.fill(notes="The gate stood open")
    officer.kept("The gate stood open")
    expect(officer.page.locator("main .thumbnail")).to_have_count(1)
    officer.page.evaluate("import('/static/phone/pen.js').then(({ settled }) => settled())")
    officer.page.reload()
    expect(officer.page.locator("main .thumbnail")).to_have_count(1)


def test_a_photo_still_being_made_is_in_the_draft_on_the_next_screen(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer15")
    officer.page.add_init_script(SLOW_PICTURES)
    officer.page.reload()
    officer.begin("evening-safety")
    add = officer.page.locator("main [data-do=photo]")
    add.set_input_files(FilePayload(name="gate.png", mimeType="image/png", buffer=PIXEL))
    officer.home()
    officer.page.get_by_role("link", name="Finish").last.click()
    expect(officer.page.locator("main .thumbnail")).to_have_count(1)


def test_a_window_that_has_not_seen_what_another_kept_writes_nothing_over_it(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer15")
    officer.begin("evening-safety")
    officer.fill(address="By the sample canal")
    officer.kept("By the sample canal")
    other = officer.context.new_page()
    other.goto(officer.page.url)
    expect(other.locator("form[data-kind=patrol]")).to_be_visible()
    add_photo(officer, "gate.png", PIXEL)
    expect(officer.page.locator("main .thumbnail")).to_have_count(1)
    other.locator("main textarea[name=notes]").fill("Typed in the other window")
    expect(other.get_by_text("This was changed in another Fieldbook window")).to_be_visible()
    other.locator("[data-do=save]").click()
    expect(other.locator("form[data-kind=patrol]")).to_be_visible()
    officer.page.reload()
    expect(officer.page.locator("main .thumbnail")).to_have_count(1)


EMPTY = """async () => {
  const { transact, asked } = await import('/static/phone/notebook.js');
  const stores = ['notebooks', 'pages', 'receipts', 'drafts', 'evidence'];
  const count = (tx) => Promise.all(stores.map((one) => asked(tx.objectStore(one).count())));
  return (await transact(stores, 'readonly', count)).every((left) => left === 0);
}"""


def test_a_withdrawn_phone_sends_what_it_has_shows_nothing_and_empties_itself(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer15")
    officer.begin("evening-safety")
    add_photo(officer, "gate.png", PIXEL)
    officer.home()
    demonstration.stop()
    officer.start_shift()
    db = connect(demonstration.instance / "fieldbook.sqlite3")
    db.conn.execute(
        "UPDATE notebooks SET withdrawn_at = '2026-11-22T10:00:00.000Z' WHERE user_agent IS NOT NULL"
    )
    db.conn.close()
    demonstration.start()
    expect(officer.page.get_by_role("link", name="Sign in", exact=True)).to_be_visible(
        timeout=60_000
    )
    officer.page.wait_for_function(EMPTY)
    assert [page["kind"] for page in pages_of(demonstration, "officer15")] == ["shift-start"]
    officer.page.reload()
    expect(officer.page.get_by_text("Sign in once.")).to_be_visible()
    signed_out = "() => fetch('/api/v1/me').then(({ status }) => status === 401)"
    officer.page.wait_for_function(signed_out)


def test_signed_out_without_signal_stays_signed_out_when_it_is_back(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer02")
    demonstration.stop()
    officer.page.goto(f"{demonstration.address}#health")
    officer.page.get_by_role("button", name="Sign out").click()
    demonstration.start()
    officer.page.reload()
    expect(officer.page.get_by_text("Sign in once")).to_be_visible()
    officer.page.wait_for_function("fetch('/api/v1/me').then(({ status }) => status === 401)")
    officer.page.reload()
    expect(officer.page.get_by_text("Sign in once")).to_be_visible()


def test_the_next_officer_never_sees_the_last_ones_notebook_while_the_server_is_slow(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer03")
    officer.page.add_init_script(HANGING)
    officer.page.goto(f"{running.address}sign-in")
    officer.page.get_by_label("Username").fill("officer04")
    officer.page.get_by_label("Password").fill(password_of(running))
    officer.page.get_by_role("button", name="Sign in").click()
    expect(officer.page.locator("main").get_by_text("Opening your notebook…")).to_be_visible()
    expect(officer.page.get_by_role("heading", name="Log a patrol")).to_have_count(0)


def test_what_is_typed_while_the_server_is_slow_stays(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer05")
    officer.page.reload()
    officer.page.get_by_role("link", name="Start shift").click()
    officer.fill(police_shoulder="1234CN")
    officer.kept("1234CN")
    officer.page.reload()
    assert officer.page.locator("#shift-start-police_shoulder").input_value() == "1234CN"
    officer.page.wait_for_load_state("networkidle")
    assert officer.page.locator("#shift-start-police_shoulder").input_value() == "1234CN"


def test_an_amendment_half_written_survives_a_reload(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer07")
    officer.page.locator(".home > .places .place").first.click()
    officer.page.get_by_role("button", name="Nothing unusual · Save").click()
    officer.saved()
    officer.page.get_by_role("link", name="Add a note").click()
    officer.fill(reason="Somebody came back", notes="A caretaker arrived")
    officer.kept("A caretaker arrived")
    officer.page.reload()
    expect(officer.page.locator("#amendment-reason")).to_have_value("Somebody came back")
    expect(officer.page.locator("#patrol-notes")).to_have_value("A caretaker arrived")
    officer.page.get_by_role("button", name="Save amendment").click()
    officer.saved()
    officer.all_sent()
    [_, amendment] = pages_of(running, "officer07")
    assert json.loads(amendment["body"]) == {
        "reason": "Somebody came back",
        "changes": {"notes": "A caretaker arrived"},
    }


def test_a_screen_left_open_writes_into_its_own_officers_notebook_or_not_at_all(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer08")
    officer.start_shift()
    officer.page.goto(f"{demonstration.address}#end-shift")
    expect(officer.page.get_by_role("button", name="End shift")).to_be_visible()
    second = officer.context.new_page()
    second.goto(f"{demonstration.address}sign-in")
    second.get_by_label("Username").fill("officer09")
    second.get_by_label("Password").fill(password_of(demonstration))
    second.get_by_role("button", name="Sign in").click()
    expect(second.get_by_role("link", name="Start shift")).to_be_visible()
    expect(officer.page.get_by_role("button", name="End shift")).to_have_count(0)


def test_a_shift_forgotten_open_is_offered_for_closing_and_blocks_nothing(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer09")
    began = moment_text(datetime.now(UTC) - timedelta(hours=20))
    record = "019340a0-0000-7000-8000-000000000009"
    officer.page.evaluate(WRITE, ["shift-start", record, {"started_at": began}])
    no_patrol = {"outcome": "walked-off", "shift": record, "occurred_at": began}
    no_patrol |= {"address": "1 Example Street", "ward": WARD, "particulars": "Dropped a cup"}
    officer.page.evaluate(WRITE, ["not-issued", record[:-1] + "a", no_patrol])
    officer.page.reload()
    expect(officer.page.get_by_text("was not ended")).to_be_visible()
    officer.start_shift()
    officer.page.get_by_role("link", name="End that shift").click()
    officer.page.get_by_role("button", name="End shift").click()
    expect(officer.page.get_by_text("was not ended")).to_have_count(0)
    expect(officer.page.get_by_text("On shift since")).to_be_visible()
    officer.all_sent()
    ended = [page for page in pages_of(running, "officer09") if page["kind"] == "shift-end"]
    assert [page["record"] for page in ended] == [record]


def test_a_look_at_an_activity_leaves_no_draft_behind(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer22")
    officer.begin("street-trading")
    officer.page.get_by_role("link", name="Home, keep as draft").click()
    expect(officer.page.get_by_role("heading", name="Log a patrol")).to_be_visible()
    expect(officer.page.get_by_role("link", name="Finish")).to_have_count(0)
    officer.begin("street-trading")
    officer.fill(goods="Sample scarves")
    officer.page.get_by_role("link", name="Home, keep as draft").click()
    expect(officer.page.get_by_role("link", name="Finish")).to_have_count(1)


def test_a_place_is_found_by_its_name_first_and_without_its_apostrophe(
    running: Server, launch: Launch, tmp_path: Path
) -> None:
    officer = Officer(launch, running, tmp_path / "phone").open().sign_in("officer21")
    officer.page.get_by_text("Find another place").click()
    search, found = officer.page.locator("#find-place"), officer.page.locator(".find .place__name")
    search.fill("st specimens")
    assert found.all_inner_texts() == ["St Specimen's Church"]
    search.fill("sample")
    assert all("sample" in name.lower() for name in found.all_inner_texts())
    search.fill("nowhere at all")
    expect(officer.page.get_by_text("No place of that name is known.")).to_be_visible()
