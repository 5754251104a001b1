"""Sending: what counts as an answer, and what the phone does about every other one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.storage.central import SERVER_TIME, Answer, Call, Central, Trouble
from tests.browser.storage.conftest import run
from tests.browser.storage.test_notebook import PAGES, PATROL, current

CSRF_OFFICER = "officer-1"
WRITE = f"for (let n = 0; n < arg; n += 1) await notebook.write({PATROL}, now);"
STATES = """
const { id } = await notebook.currentNotebook();
return (await receipts.receipts(id)).map(({ page, state }) => [page, state]);
"""
WAITING = "return receipts.waiting((await notebook.currentNotebook()).id);"


@pytest.fixture
def phone(page: Page, central: Central) -> Page:
    """An officer's phone, registered, with three pages written."""
    central.officer = CSRF_OFFICER
    assert run(page, "return sync.register(await notebook.currentNotebook());") == "registered"
    run(page, WRITE, 3)
    central.officer = None
    return page


def send(page: Page, how: str = "") -> Any:
    return run(page, f"return sync.send({{ {how} }});")


def on_posts(answer: Trouble) -> Callable[[Call], Trouble]:
    return lambda call: answer if call.path.endswith("/pages") else None


def left(page: Page) -> list[int]:
    return [one["pages"] for one in send_nothing(page)["waiting"]]


def send_nothing(page: Page) -> Any:
    return run(page, "return sync.send({ fetch: () => Promise.reject(new TypeError()) });")


def test_waiting_pages_are_sent_and_received_once(phone: Page, central: Central) -> None:
    sent = send(phone)
    notebook = current(phone)
    assert sent == {
        "online": True,
        "sent_at": SERVER_TIME,
        "waiting": [
            {
                "notebook": notebook["id"],
                "officer": "officer-1",
                "officer_name": "Demo Officer",
                "pages": 0,
                "evidence": 0,
                "wants": None,
                "trouble": None,
            }
        ],
        "wants": None,
    }
    assert run(phone, STATES) == [[1, "accepted"], [2, "accepted"], [3, "accepted"]]
    assert (notebook["epoch"], notebook["received_through"]) == ("epoch 1", 3)
    send(phone)
    assert central.posts() == [[1, 2, 3]]


def test_phone_says_what_it_has(phone: Page, central: Central) -> None:
    send(phone, "clock: () => now")
    (call,) = [call for call in central.calls if call.path.endswith("/pages")]
    said = call.json["phone"]
    assert said.pop("storage_left") > 0
    # Only Chromium tells a page of the battery, and only of one that there is.
    assert said.pop("battery", 100) in range(101)
    assert said == {
        "sent_at": "2026-11-22T14:00:00.000Z",
        "waiting": 0,
        "evidence_waiting": 0,
        "oldest": 1,
        "books": [],
        "version": "test",
    }
    assert set(call.json["pages"][0]) == {
        *("page", "kind", "record", "written_at", "previous", "seal", "body"),
    }


def test_pages_that_a_post_brings_are_not_said_to_wait(phone: Page, central: Central) -> None:
    run(phone, WRITE, 200)
    send(phone)
    said = [(len(pages), *left) for pages, *left in central.said()]
    assert said == [(200, 3, 0), (3, 0, 0)]


def test_pass_with_nothing_to_send_says_so(phone: Page, central: Central) -> None:
    """An officer who writes nothing for an hour is heard from nevertheless."""
    send(phone)
    send(phone)
    assert central.said() == [([1, 2, 3], 0, 0), ([], 0, 0)]


def test_what_is_left_is_said_after_the_photos(phone: Page, central: Central) -> None:
    run(phone, PHOTO, 10)
    bad = run(phone, PHOTO, 20)
    central.meddle = lambda call: (
        Answer(422, {"error": "bytes", "message": "Not its name."}) if bad in call.path else None
    )
    send(phone)
    assert central.said() == [([1, 2, 3, 4, 5], 0, 2), ([], 0, 1)]


def test_page_that_is_not_taken_goes_on_being_said_to_wait(phone: Page, central: Central) -> None:
    refusal = Answer(422, {"error": "seal", "message": "Bad seal.", "page": 1})
    central.meddle = lambda call: (
        refusal if call.path.endswith("/pages") and call.sent_pages else None
    )
    send(phone)
    assert central.said() == [([1, 2, 3], 0, 0), ([], 3, 0)]


def test_session_goes_with_the_officer_and_never_with_a_token(
    phone: Page, central: Central
) -> None:
    phone.evaluate("document.cookie = 'session=mine; max-age=30'")
    run(phone, "await sync.session(); await sync.send();")
    cookies = {call.path.split("/")[3]: call.headers.get("cookie") for call in central.calls}
    assert cookies == {"me": "session=mine", "notebooks": None}


def test_clock_is_measured_against_the_server(phone: Page) -> None:
    send(phone, "clock: () => now")
    assert run(phone, "return notebook.state('clock');") == {
        "offset_ms": 120_000,
        "measured_at": "2026-11-22T14:00:00.000Z",
    }


def renamed(central: Central, **changes: Any) -> Callable[[Call], Trouble]:
    """The right answer with something else in its first result."""

    def meddle(call: Call) -> Trouble:
        if not call.path.endswith("/pages"):
            return None
        notebook = call.path.split("/")[4]
        results = [
            {"page": page["page"], "seal": page["seal"], "state": "accepted", "problems": []}
            for page in call.json["pages"]
        ]
        results[0] |= changes
        return Answer(201, {**central.standing(notebook), "results": results})

    return meddle


HTML = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, "<title>Station Wi-Fi</title>", HTML),
        Answer(201, "<title>Station Wi-Fi</title>", HTML),
        Answer(201, "<title>Station Wi-Fi</title>", JSON),
        Answer(201, "", JSON),
        Answer(302, "", {"Location": "/login"}),
        Answer(307, "", {"Location": "/login"}),
        Answer(200, {"ok": True}),
        Answer(201, {"ok": True}),
        Answer(201, {"results": []}),
        Answer(204, ""),
        Answer(502, "Bad gateway", HTML),
        "request lost",
        "answer lost",
    ],
)
def test_anything_but_the_receipt_is_not_received(
    phone: Page, central: Central, answer: Trouble
) -> None:
    central.meddle = on_posts(answer)
    sent = send(phone)
    assert (sent["online"], sent["sent_at"], sent["waiting"][0]["pages"]) == (False, None, 3)
    assert run(phone, STATES) == []
    central.meddle = lambda _call: None
    assert send(phone)["waiting"][0]["pages"] == 0


@pytest.mark.parametrize(
    "changes",
    [{"seal": "0" * 64}, {"page": 7}, {"state": "splendid"}, {"problems": None}],
)
def test_receipt_that_names_something_else_is_none(
    phone: Page, central: Central, changes: dict[str, Any]
) -> None:
    central.meddle = renamed(central, **changes)
    assert send(phone)["waiting"][0]["pages"] == 3
    assert run(phone, STATES) == []


def test_login_page_for_everything_changes_nothing(phone: Page, central: Central) -> None:
    central.meddle = lambda _call: Answer(302, "", {"Location": "/login"})
    assert (send(phone)["online"], left(phone)) == (False, [3])
    assert run(phone, "return sync.session();") == "offline"
    assert run(phone, "return sync.fetchReference();") == "offline"
    assert current(phone)["token"]


def test_pages_are_not_carried_on_to_where_a_redirect_points(phone: Page, central: Central) -> None:
    central.meddle = on_posts(Answer(307, "", {"Location": "/elsewhere"}))
    send(phone)
    assert "/elsewhere" not in [call.path for call in central.calls]


def test_receipt_that_came_by_a_redirect_is_none(phone: Page) -> None:
    redirected = """
    fetch: async (...request) => {
      const answer = await fetch(...request);
      return Object.defineProperty(answer, 'redirected', { value: true });
    }
    """
    assert send(phone, redirected)["online"] is False
    assert run(phone, STATES) == []


def test_lost_receipt_is_asked_for_again(phone: Page, central: Central) -> None:
    """The pages arrived; the server answers that it knows them."""
    send(phone)
    run(phone, WRITE, 2)
    central.meddle = on_posts("answer lost")
    assert send(phone)["waiting"][0]["pages"] == 2
    central.meddle = lambda _call: None
    send(phone)
    assert central.posts() == [[1, 2, 3], [4, 5], [4, 5]]
    assert run(phone, WAITING) == []


def test_held_page_keeps_its_problems(phone: Page, central: Central) -> None:
    central.held = {2}
    send(phone)
    assert run(phone, STATES) == [[1, "accepted"], [2, "held"], [3, "accepted"]]


PROBLEMS = """
const rows = await receipts.receipts((await notebook.currentNotebook()).id);
return rows.map(({ state, problems }) => [state, problems.length]);
"""


def record_of(page: Page, number: int) -> str:
    return str(run(page, PAGES)[number - 1]["record"])


def test_page_held_and_no_longer_held_afterwards_says_so(phone: Page, central: Central) -> None:
    """Another page changed what stands against it; the inbox names the record only."""
    amended = "{ kind: 'amendment', record: arg, body: {} }"
    run(phone, f"await notebook.write({amended}, now);", record_of(phone, 2))
    send(phone)
    central.held = {2}
    central.tell("held", record_of(phone, 2))
    send(phone)
    accepted, held = ["accepted", 0], ["held", 1]
    assert run(phone, PROBLEMS) == [accepted, held, accepted, accepted]
    central.held = {1}
    central.tell("accepted", record_of(phone, 2))
    send(phone)
    assert run(phone, PROBLEMS) == [accepted] * 4
    before = len(central.posts())
    send(phone)
    assert central.posts()[before:] == []


def test_inbox_is_read_on_from_where_it_was_and_anew_in_a_new_epoch(
    phone: Page, central: Central
) -> None:
    def asked() -> list[str]:
        central.calls.clear()
        send(phone)
        return [call.query for call in central.calls if call.path.endswith("/inbox")]

    for kind in ("held", "accepted", "decision"):
        central.tell(kind, record_of(phone, 1))
    assert [asked(), asked(), asked()] == [["after=0"], ["after=2"], ["after=3"]]
    central.epoch += 1
    assert asked() == ["after=0"]


def test_news_of_a_page_is_read_again_until_the_server_said_what_it_is(
    phone: Page, central: Central
) -> None:
    send(phone)
    central.held = {2}
    central.tell("held", record_of(phone, 2))
    central.meddle = on_posts("answer lost")
    send(phone)
    central.meddle = lambda _call: None
    send(phone)
    assert run(phone, STATES) == [[1, "accepted"], [2, "held"], [3, "accepted"]]


def test_news_of_another_kind_is_left_alone(phone: Page, central: Central) -> None:
    send(phone)
    central.tell("returned", record_of(phone, 2))
    send(phone)
    assert central.posts() == [[1, 2, 3]]


def test_notebooks_go_in_the_order_they_were_opened(phone: Page, central: Central) -> None:
    """What a later one says of an earlier one's record is then not held for a moment."""
    run(
        phone,
        """
        const mine = await notebook.currentNotebook();
        for (let n = 1; n < 6; n += 1) {
          await notebook.updateNotebook(mine.id, { state: 'closed' });
          const next = await notebook.openNotebook(officer, new Date(now.getTime() + n));
          await notebook.updateNotebook(next.id, { token: `of ${next.id}`, state: 'closed' });
        }
        """,
    )
    rows = run(phone, "return notebook.notebooks();")
    send(phone)
    asked = [call.path.split("/")[4] for call in central.calls if call.path.count("/") == 4]
    assert asked[-6:] == [row["id"] for row in sorted(rows, key=lambda row: row["opened_at"])]


def test_pages_go_in_portions_the_server_takes(phone: Page, central: Central) -> None:
    run(phone, WRITE, 402)
    assert send(phone)["waiting"][0]["pages"] == 0
    assert [(post[0], post[-1]) for post in central.posts()] == [(1, 200), (201, 400), (401, 405)]
    write = "for (let n = 0; n < 5; n += 1) await notebook.write("
    run(phone, f"{write}{{ ...{PATROL}, body: {{ notes: '😀'.repeat(150_000) }} }}, now);")
    send(phone)
    assert central.posts()[3:] == [[406, 407], [408, 409], [410]]


def test_post_too_large_is_halved_until_it_fits(phone: Page, central: Central) -> None:
    run(phone, WRITE, 5)
    too_large = Answer(413, {"error": "large", "message": "Too large."})
    central.meddle = lambda call: (
        too_large if call.path.endswith("/pages") and len(call.sent_pages) > 2 else None
    )
    assert send(phone)["waiting"][0]["pages"] == 0
    assert central.posts()[-4:] == [[1, 2], [3, 4], [5, 6], [7, 8]]


def test_page_too_large_by_itself_is_reported_and_kept(phone: Page, central: Central) -> None:
    central.meddle = on_posts(Answer(413, {"error": "large", "message": "Too large."}))
    sent = send(phone)
    assert sent["waiting"][0]["trouble"] == (
        "The central file did not take page 1. Too large. "
        "It is kept on this phone. Tell your team leader."
    )
    assert (sent["online"], left(phone), central.posts()) == (True, [3], [[1, 2, 3], [1]])


def test_page_that_cannot_be_read_does_not_hold_up_those_before_it(
    phone: Page, central: Central
) -> None:
    def meddle(call: Call) -> Trouble:
        if call.path.endswith("/pages") and 3 in call.sent_pages:
            return Answer(422, {"error": "seal", "message": "Bad seal.", "page": 3})
        return None

    central.meddle = meddle
    sent = send(phone)
    assert run(phone, STATES) == [[1, "accepted"], [2, "accepted"]]
    assert "page 3. Bad seal." in sent["waiting"][0]["trouble"]


def test_server_that_lacks_the_page_before_is_offered_everything(
    phone: Page, central: Central
) -> None:
    """409: it says where it stands, and that does not fit what it said a moment ago."""
    send(phone)
    run(phone, WRITE, 1)
    notebook = current(phone)["id"]
    standing = central.standing(notebook)
    central.meddle = lambda call: (
        Answer(200, standing) if call.method == "GET" and call.path.endswith(notebook) else None
    )
    del central.lines[notebook]
    assert send(phone)["waiting"][0]["pages"] == 0
    assert central.posts() == [[1, 2, 3], [4], [1, 2, 3, 4]]


def test_409_for_everything_is_reported_once(phone: Page, central: Central) -> None:
    central.meddle = on_posts(Answer(409, {"error": "chain", "message": "Page before missing."}))
    assert "Page before missing." in send(phone)["waiting"][0]["trouble"]
    assert central.posts() == [[1, 2, 3]]


def test_new_epoch_is_offered_everything(phone: Page, central: Central) -> None:
    send(phone)
    central.backup()
    run(phone, WRITE, 1)
    send(phone)
    central.restore()
    send(phone)
    send(phone)
    assert central.posts() == [[1, 2, 3], [4], [1, 2, 3, 4]]
    assert current(phone)["epoch"] == "epoch 2"


def test_pass_that_broke_off_in_a_new_epoch_begins_again(phone: Page, central: Central) -> None:
    run(phone, WRITE, 300)
    send(phone)
    central.backup()
    central.restore()
    central.meddle = lambda call: (
        "answer lost" if call.path.endswith("/pages") and 201 in call.sent_pages else None
    )
    send(phone)
    assert current(phone)["epoch"] == "epoch 1"
    central.meddle = lambda _call: None
    send(phone)
    assert [(post[0], post[-1]) for post in central.posts()[2:]] == [
        (1, 200),
        (201, 303),
        (1, 200),
        (201, 303),
    ]
    assert current(phone)["epoch"] == "epoch 2"


def test_server_restored_in_the_middle_of_a_pass_is_offered_everything_next(
    phone: Page, central: Central
) -> None:
    send(phone)
    central.backup()
    run(phone, WRITE, 300)

    def meddle(call: Call) -> Trouble:
        if call.path.endswith("/pages") and call.sent_pages[0] == 204 and central.epoch == 1:
            central.restore()
        return None

    central.meddle = meddle
    send(phone)
    assert current(phone)["epoch"] == "epoch 1"
    send(phone)
    notebook = current(phone)
    assert (notebook["epoch"], central.line(notebook["id"]).through) == ("epoch 2", 303)


def test_fork_closes_the_notebook_and_the_officer_goes_on_in_a_new_one(
    phone: Page, central: Central
) -> None:
    old = current(phone)["id"]
    line = central.line(old)
    line.main, line.through, line.last = {1: "f" * 64}, 1, "f" * 64
    run(phone, "await notebook.saveDraft({ id: 'd', kind: 'patrol', record: 'r', body: {} }, now);")
    central.officer = CSRF_OFFICER
    sent = send(phone)
    new = current(phone)
    rows = {one["id"]: one["state"] for one in run(phone, "return notebook.notebooks();")}
    assert rows == {old: "closed", new["id"]: "open"}
    assert (new["officer"], new["token"]) == ("officer-1", f"of {new['id']}")
    assert [one["pages"] for one in sent["waiting"]] == [0, 0]
    assert run(phone, "return (await notebook.draft('d')).notebook;") == new["id"]
    written = run(
        phone, "return notebook.write({ kind: 'patrol', record: 'r', draft: 'd', body: {} }, now);"
    )
    assert (written["notebook"], written["page"]) == (new["id"], 1)
    send(phone)
    assert central.posts() == [[1, 2, 3], [1]]
    central.backup()
    central.restore()
    send(phone)
    assert sorted(central.posts()[2:]) == [[1], [1, 2, 3]]


def test_line_that_is_not_ours_is_offered_everything_once(phone: Page, central: Central) -> None:
    send(phone)
    line = central.line(current(phone)["id"])
    line.main, line.through, line.last = {1: "f" * 64}, 1, "f" * 64
    run(phone, WRITE, 1)
    send(phone)
    send(phone)
    assert central.posts() == [[1, 2, 3], [1, 2, 3, 4]]


def test_fork_of_another_officers_notebook_opens_nothing(phone: Page, central: Central) -> None:
    old = current(phone)["id"]
    run(phone, "await notebook.openNotebook({ ...officer, officer: 'officer-2' }, now);")
    line = central.line(old)
    line.main, line.through, line.last = {1: "f" * 64}, 1, "f" * 64
    send(phone)
    rows = run(phone, "return notebook.notebooks();")
    assert sorted((one["officer"], one["state"]) for one in rows) == [
        ("officer-1", "closed"),
        ("officer-2", "open"),
    ]


def test_unsent_pages_of_the_officer_before_go_out_under_their_own_token(
    phone: Page, central: Central
) -> None:
    first = current(phone)["id"]
    run(
        phone,
        f"await notebook.openNotebook({{ ...officer, officer: 'officer-2' }}, now); {WRITE}",
        1,
    )
    sent = send(phone)
    assert sent["wants"] == "sign-in"
    assert {one["officer"]: (one["pages"], one["wants"]) for one in sent["waiting"]} == {
        "officer-1": (0, None),
        "officer-2": (1, "sign-in"),
    }
    assert {call.headers["authorization"] for call in central.calls if call.method == "POST"} == {
        f"Bearer of {first}"
    }


def test_token_no_longer_known_asks_for_signing_in_and_keeps_everything(
    phone: Page, central: Central
) -> None:
    central.tokens_known = False
    sent = send(phone)
    assert (sent["online"], sent["wants"], left(phone)) == (True, "sign-in", [3])
    central.officer = "officer-2"
    assert send(phone)["wants"] == "sign-in"
    central.officer = CSRF_OFFICER
    sent = send(phone)
    assert (sent["wants"], sent["waiting"][0]["pages"]) == (None, 0)


def test_sign_in_to_send_is_still_said_after_a_pass_that_was_skipped(
    phone: Page, central: Central
) -> None:
    central.tokens_known = False
    skipped = run(
        phone,
        """
        await sync.send();
        return navigator.locks.request('sync', () => sync.send());
        """,
    )
    assert (skipped["online"], skipped["wants"]) == (None, "sign-in")
    assert skipped["waiting"][0]["wants"] == "sign-in"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("path", ["/me", "/notebooks/"])
def test_busy_server_asks_nobody_to_sign_in(
    page: Page, central: Central, status: int, path: str
) -> None:
    central.officer = CSRF_OFFICER
    busy = Answer(status, {"error": "busy", "message": "Later."}, {"Retry-After": "30"})
    central.meddle = lambda call: busy if path in call.path else None
    ask = "return sync.register(await notebook.currentNotebook());"
    assert (run(page, ask), run(page, "return sync.fetchReference();")) == ("offline", "sign-in")
    sent = send(page, "ticks: () => 0")
    assert (sent["online"], sent["wants"]) == (True, None)
    before = len(central.calls)
    assert (send(page, "ticks: () => 29_000")["online"], len(central.calls)) == (None, before)


@pytest.mark.parametrize(
    ("status", "message"),
    [(403, "This notebook was withdrawn."), (409, "This notebook is another officer’s.")],
)
def test_notebook_that_is_not_opened_says_why(
    phone: Page, central: Central, status: int, message: str
) -> None:
    central.officer, central.tokens_known = CSRF_OFFICER, False
    refusal = Answer(status, {"error": "no", "message": message})
    central.meddle = lambda call: refusal if call.method == "PUT" else None
    sent = send(phone)
    assert (sent["wants"], sent["waiting"][0]["pages"]) == (None, 3)
    assert sent["waiting"][0]["trouble"] == (
        f"The central file did not take this notebook. {message} "
        "It is kept on this phone. Tell your team leader."
    )
    assert run(phone, "return sync.register(await notebook.currentNotebook());") == "refused"


def test_server_of_another_version_wants_an_update(phone: Page, central: Central) -> None:
    central.meddle = on_posts(Answer(426, {"error": "version", "message": "Update."}))
    assert (send(phone)["wants"], left(phone)) == ("update", [3])


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_to_even_by_hand(phone: Page, central: Central, status: int) -> None:
    central.meddle = on_posts(
        Answer(status, {"error": "busy", "message": "Later."}, {"Retry-After": "30"})
    )
    assert send(phone, "ticks: () => 0")["online"] is True
    before = len(central.calls)
    asked = send(phone, "ticks: () => 29_000")
    assert (asked["online"], asked["waiting"][0]["pages"], len(central.calls)) == (None, 3, before)
    central.meddle = lambda _call: None
    later = send(phone, "ticks: () => 31_000")
    assert later["waiting"][0]["pages"] == 0


def test_clock_that_is_put_back_does_not_silence_the_phone(phone: Page, central: Central) -> None:
    busy = Answer(503, {"error": "busy", "message": "Later."}, {"Retry-After": "30"})
    central.meddle = on_posts(busy)
    send(phone, "ticks: () => 0")
    central.meddle = lambda _call: None
    back = send(phone, "ticks: () => 31_000, clock: () => new Date(now.getTime() - 3_600_000)")
    assert (back["online"], back["waiting"][0]["pages"]) == (True, 0)


def test_answered_pass_ends_the_silence(phone: Page, central: Central) -> None:
    central.meddle = on_posts(Answer(503, {"error": "busy"}, {"Retry-After": "30"}))
    send(phone, "ticks: () => 0")
    central.meddle = lambda _call: None
    assert send(phone, "by: 'retry', ticks: () => 1")["online"] is True
    assert send(phone, "by: 'timer', ticks: () => 2")["online"] is True


def test_timer_backs_off_longer_each_time_and_a_hand_does_not_wait(phone: Page) -> None:
    waits = run(
        phone,
        """
        Math.random = () => 1;
        let at = 0;
        let tries = 0;
        const fetch = async () => { tries += 1; throw new TypeError(); };
        const waits = [];
        for (let n = 0; n < 10; n += 1) {
          tries = 0;
          const began = at;
          while (tries === 0) {
            at += 1_000;
            await sync.send({ by: 'timer', ticks: () => at, fetch });
          }
          waits.push((at - began) / 1_000);
          await sync.send({ by: 'hand', ticks: () => at, fetch });
        }
        return [waits, tries];
        """,
    )
    assert waits == [[1, 2, 4, 8, 16, 30, 30, 30, 30, 30], 2]


FROZEN = """
await new Promise((held) => {
  navigator.locks.request('sync', () => { held(); return new Promise(() => {}); });
});
"""


def test_one_tab_sends_at_a_time(phone: Page, central: Central, tab: Callable[[], Page]) -> None:
    run(tab(), FROZEN)
    before = len(central.calls)
    sent = send(phone)
    assert (sent["online"], sent["waiting"][0]["pages"], len(central.calls)) == (None, 3, before)


def test_tab_that_is_frozen_while_it_sends_is_not_waited_for_for_ever(
    phone: Page, tab: Callable[[], Page]
) -> None:
    run(tab(), FROZEN)
    assert send(phone, "ticks: () => 5")["online"] is None
    assert send(phone, "ticks: () => 119_000")["online"] is None
    sent = send(phone, "ticks: () => 121_000")
    assert (sent["online"], sent["waiting"][0]["pages"]) == (True, 0)


def test_call_that_is_never_answered_is_given_up_after_20_seconds(
    phone: Page, central: Central
) -> None:
    central.meddle = on_posts("never answered")
    began = time.monotonic()
    assert send(phone)["online"] is False
    assert 19 < time.monotonic() - began < 60


def test_withdrawn_notebook_is_marked_and_still_sent(phone: Page, central: Central) -> None:
    central.withdrawn = True
    assert send(phone)["waiting"][0]["pages"] == 0
    assert current(phone)["state"] == "withdrawn"


PHOTO = """
const bytes = new Uint8Array(arg).map((_, i) => i % 251);
const sha256 = await seal.sha256(bytes);
const evidence = [{ sha256, type: 'image/jpeg', bytes: bytes.buffer }];
await notebook.write({ kind: 'patrol', record: 'r', body: {}, evidence }, now);
return sha256;
"""


def test_photo_follows_its_page_in_parts(phone: Page, central: Central) -> None:
    size = 600 * 1024
    sha256 = run(phone, PHOTO, size)
    assert send(phone)["waiting"][0]["evidence"] == 0
    assert central.evidence[sha256] == bytes(i % 251 for i in range(size))
    puts = [call for call in central.calls if call.method == "PUT" and "evidence" in call.path]
    assert [call.headers["content-range"] for call in puts] == [
        "bytes 0-262143/614400",
        "bytes 262144-524287/614400",
        "bytes 524288-614399/614400",
    ]
    assert {call.headers["content-type"] for call in puts} == {"image/jpeg"}
    before = len(central.calls)
    send(phone)
    assert "PUT" not in [call.method for call in central.calls[before:]]


def test_photo_goes_on_where_it_broke_off(phone: Page, central: Central) -> None:
    sha256 = run(phone, PHOTO, 600 * 1024)
    central.meddle = lambda call: (
        "answer lost" if call.headers.get("content-range", "").startswith("bytes 262144") else None
    )
    assert send(phone)["waiting"][0]["evidence"] == 1
    central.meddle = lambda _call: None
    assert send(phone)["waiting"][0]["evidence"] == 0
    puts = [call for call in central.calls if call.method == "PUT" and sha256 in call.path]
    assert [call.headers["content-range"].split("-")[0] for call in puts] == [
        "bytes 0",
        "bytes 262144",
        "bytes 524288",
    ]


def test_login_page_for_a_photo_is_not_a_receipt(phone: Page, central: Central) -> None:
    run(phone, PHOTO, 300 * 1024)
    central.meddle = lambda call: (
        Answer(200, "<title>Wi-Fi</title>", HTML) if "evidence" in call.path else None
    )
    assert send(phone)["waiting"][0]["evidence"] == 1
    assert central.evidence == {}


def test_photo_of_a_page_that_has_not_arrived_waits(phone: Page, central: Central) -> None:
    run(phone, PHOTO, 10)
    central.meddle = on_posts(Answer(422, {"error": "seal", "message": "Bad seal.", "page": 1}))
    assert send(phone)["waiting"][0]["evidence"] == 1
    assert not [call for call in central.calls if "evidence" in call.path]


def test_one_bad_photo_does_not_hold_up_the_next(phone: Page, central: Central) -> None:
    bad, good = run(phone, PHOTO, 10), run(phone, PHOTO, 20)
    central.meddle = lambda call: (
        Answer(422, {"error": "bytes", "message": "Not its name."}) if bad in call.path else None
    )
    sent = send(phone)
    assert (list(central.evidence), sent["waiting"][0]["evidence"]) == ([good], 1)
    assert sent["waiting"][0]["trouble"] == (
        "The central file did not take a photo of page 4. Not its name. "
        "It is kept on this phone. Tell your team leader."
    )


@pytest.mark.parametrize("what", ["/pages", "/evidence"])
def test_what_was_not_taken_is_tried_again_by_the_timer_and_by_hand_only(
    phone: Page, central: Central, what: str
) -> None:
    run(phone, PHOTO, 10)
    refusal = Answer(422, {"error": "bytes", "message": "No.", "page": 1})
    central.meddle = lambda call: refusal if tried(call) else None

    def tried(call: Call) -> bool:
        return what in call.path and (what != "/pages" or bool(call.sent_pages))

    def tries() -> int:
        return sum(tried(call) for call in central.calls)

    run(
        phone, "globalThis.seen = []; Math.random = () => 0; await sync.start((s) => seen.push(s));"
    )
    phone.wait_for_timeout(1_000)
    counts = [tries()]
    for by in ("save", "visible", "online", "timer", "hand"):
        sent = send(phone, f"by: '{by}'")
        assert "did not take" in sent["waiting"][0]["trouble"]
        counts.append(tries())
    assert counts == [1, 1, 1, 1, 2, 3]


def test_session_is_a_person_nobody_or_unknown(phone: Page, central: Central) -> None:
    ask = "return sync.session();"
    assert run(phone, ask) is None
    central.officer = CSRF_OFFICER
    assert run(phone, ask)["officer"] == CSRF_OFFICER
    central.meddle = lambda _call: Answer(200, "<title>Wi-Fi</title>", HTML)
    assert run(phone, ask) == "offline"
    stopped = (
        "return sync.session({ fetch: () => Promise.reject(new TypeError()), clock: () => now });"
    )
    assert run(phone, stopped) == "offline"


def test_notebook_is_registered_for_its_own_officer_only(page: Page, central: Central) -> None:
    ask = "return sync.register(await notebook.currentNotebook());"
    assert run(page, ask) == "sign-in"
    central.officer = "officer-2"
    assert run(page, ask) == "sign-in"
    assert current(page)["token"] is None
    central.officer = CSRF_OFFICER
    assert run(page, ask) == "registered"
    (put,) = [call for call in central.calls if call.method == "PUT"]
    assert put.json["phone"]["persisted"] is False
    assert current(page)["token"] == f"of {current(page)['id']}"


def test_reference_is_fetched_once_and_then_only_when_new(phone: Page) -> None:
    ask = "return [await sync.fetchReference(), (await notebook.state('reference')).etag];"
    assert run(phone, ask) == ["new", '"one"']
    assert run(phone, ask) == ["same", '"one"']


def test_reference_says_as_of_when_it_was_known(phone: Page) -> None:
    ask = """const clock = () => new Date(`2026-11-22T09:${arg}:00Z`);
    await sync.fetchReference({ fetch: (...call) => fetch(...call), clock, ticks: () => 0 });
    return (await notebook.state('reference')).as_of;"""
    assert run(phone, ask, 12) == "2026-11-22T09:12:00.000Z"
    assert run(phone, ask, 30) == "2026-11-22T09:30:00.000Z"


def test_reference_of_another_officer_is_fetched_anew(phone: Page) -> None:
    run(phone, "await sync.fetchReference();")
    change = """const kept = await notebook.state('reference');
    await notebook.setState('reference', { ...kept, officer: 'officer-2' });
    return [await sync.fetchReference(), (await notebook.state('reference')).officer];"""
    assert run(phone, change) == ["new", "officer-1"]


def test_signing_out_ends_the_session_and_keeps_everything(phone: Page, central: Central) -> None:
    central.officer = CSRF_OFFICER
    assert run(phone, "return sync.signOut();") == "signed-out"
    assert central.officer is None
    assert left(phone) == [3]


def test_phone_sends_by_itself_when_the_server_is_back(phone: Page, central: Central) -> None:
    central.meddle = lambda _call: "request lost"
    run(
        phone,
        "globalThis.seen = []; Math.random = () => 1; await sync.start((sent) => seen.push(sent));",
    )
    assert phone.evaluate("seen.map(({ online }) => online)") == [False]
    central.meddle = lambda _call: None
    phone.wait_for_function("seen.at(-1).online && seen.at(-1).waiting[0].pages === 0")
