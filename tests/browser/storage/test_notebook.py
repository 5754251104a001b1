"""The notebook on the phone: what is saved, in what order, and what a mishap leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.browser.storage.central import seal_of
from tests.browser.storage.conftest import run

PATROL = "{ kind: 'patrol', record: crypto.randomUUID(), body: { notes: 'Quiet' } }"
PAGES = "return notebook.pages((await notebook.currentNotebook()).id);"


def sound(pages: list[dict[str, Any]], notebook: str) -> bool:
    """Numbered from 1 without a gap, each sealed to the one before."""
    previous = notebook
    for number, page in enumerate(pages, start=1):
        if page["page"] != number or page["previous"] != previous or page["seal"] != seal_of(page):
            return False
        previous = page["seal"]
    return bool(pages)


def current(page: Page) -> Any:
    return run(page, "return notebook.currentNotebook();")


def test_new_notebook_waits_for_its_first_page(page: Page) -> None:
    opened = current(page)
    assert opened == {
        "id": opened["id"],
        "officer": "officer-1",
        "officer_name": "Demo Officer",
        "username": "officer01",
        "token": None,
        "epoch": None,
        "state": "open",
        "received_through": 0,
        "last_seal": opened["id"],
        "backed_up_through": 0,
        "offered": None,
        "oldest": 1,
        "tail_before": opened["id"],
        "opened_at": "2026-11-22T14:00:00.000Z",
    }


def test_officer_has_one_open_notebook_on_a_phone(page: Page) -> None:
    ids = run(
        page,
        """
        const first = await notebook.currentNotebook();
        const other = await notebook.openNotebook({ ...officer, officer: 'officer-2' }, now);
        const again = await notebook.openNotebook(officer, now);
        return [first.id, other.id, again.id, (await notebook.currentNotebook()).id];
        """,
    )
    assert ids == [ids[0], ids[1], ids[0], ids[0]]
    assert ids[0] != ids[1]


def test_page_is_kept_as_it_was_sealed(page: Page) -> None:
    body = {"notes": "Šálom 😀 مرحبا \u0000 <script>", "spoken_to": 3}
    entry = {"kind": "patrol", "record": "0190163d-8694-739b-aea5-966c26f8ad91", "body": body}
    written = run(page, "return notebook.write(arg, now);", entry)
    assert written == {
        "notebook": current(page)["id"],
        "page": 1,
        "kind": "patrol",
        "record": entry["record"],
        "written_at": "2026-11-22T14:00:00.000Z",
        "previous": current(page)["id"],
        "seal": seal_of(written),
        "body": written["body"],
    }
    assert json.loads(written["body"]) == body
    assert run(page, PAGES) == [written]


def test_half_a_surrogate_pair_can_be_sealed_and_read_again(page: Page) -> None:
    written = run(
        page,
        "return notebook.write({ kind: 'patrol', record: 'r', body: { notes: '\\ud83d' } }, now);",
    )
    assert written["body"] == '{"notes":"\\ud83d"}'
    assert written["seal"] == seal_of(written)


def test_amendment_is_a_later_page_of_the_same_record(page: Page) -> None:
    about = run(
        page,
        f"""
        const patrol = await notebook.write({PATROL}, now);
        await notebook.write({PATROL}, now);
        const amendment = {{ kind: 'amendment', body: {{ reason: 'Wrong ward' }} }};
        await notebook.write({{ ...amendment, record: patrol.record }}, now);
        const all = await notebook.pages(patrol.notebook);
        return all.filter(({{ record }}) => record === patrol.record);
        """,
    )
    assert [(one["page"], one["kind"]) for one in about] == [(1, "patrol"), (3, "amendment")]
    assert sound(run(page, PAGES), current(page)["id"])


def test_two_tabs_writing_at_once_make_one_gapless_chain(
    page: Page, tab: Callable[[], Page]
) -> None:
    begin = f"""
    const writes = () => Array.from({{ length: 20 }}, () => notebook.write({PATROL}, now));
    globalThis.writing = new Promise((resolve) => {{
      new BroadcastChannel('go').onmessage = () => resolve(Promise.all(writes()));
    }});
    """
    other = tab()
    for one in (page, other):
        run(one, begin)
    run(tab(), "new BroadcastChannel('go').postMessage('go');")
    for one in (page, other):
        assert len(one.evaluate("globalThis.writing")) == 20
    pages = run(page, PAGES)
    assert len(pages) == 40
    assert sound(pages, current(page)["id"])


def test_save_outlives_a_connection_that_died(page: Page) -> None:
    """As iOS does to apps in the background: the handle is there, and every call on it fails."""
    numbers = run(
        page,
        f"""
        const transaction = IDBDatabase.prototype.transaction;
        await notebook.write({PATROL}, now);
        let deaths = 0;
        IDBDatabase.prototype.transaction = function (...request) {{
          if (request[1] === 'readwrite' && deaths === 0) {{ deaths += 1; this.close(); }}
          return transaction.apply(this, request);
        }};
        const second = await notebook.write({PATROL}, now);
        return [deaths, second.page];
        """,
    )
    assert numbers == [1, 2]
    assert sound(run(page, PAGES), current(page)["id"])


def test_save_outlives_a_connection_lost_in_the_middle_of_it(page: Page) -> None:
    lost = run(
        page,
        f"""
        const add = IDBObjectStore.prototype.add;
        let lost = 0;
        IDBObjectStore.prototype.add = function (...request) {{
          const added = add.apply(this, request);
          if (lost === 0) {{ lost += 1; this.transaction.abort(); }}
          return added;
        }};
        await notebook.write({PATROL}, now);
        return lost;
        """,
    )
    assert lost == 1
    pages = run(page, PAGES)
    assert [one["page"] for one in pages] == [1]


def test_page_that_was_committed_unheard_is_not_written_twice(page: Page) -> None:
    """The commit reached the disk, the connection died before it could say so."""
    written = run(
        page,
        f"""
        const handler = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, 'oncomplete');
        let unheard = 0;
        Object.defineProperty(IDBTransaction.prototype, 'oncomplete', {{ ...handler, set(hear) {{
          const once = this.mode === 'readwrite' && unheard === 0;
          if (once) unheard += 1;
          handler.set.call(this, once
            ? () => this.onabort(new Event('abort'))
            : hear);
        }} }});
        Object.defineProperty(IDBTransaction.prototype, 'error', {{
          configurable: true, get: () => new DOMException('Connection lost', 'UnknownError'),
        }});
        const page = await notebook.write({{ ...{PATROL}, draft: 'd' }}, now);
        return [unheard, page];
        """,
    )
    assert written[0] == 1
    pages = run(page, PAGES)
    assert pages == [{**written[1], "draft": "d"}]


def test_other_tabs_let_go_when_the_storage_is_to_change(
    page: Page, tab: Callable[[], Page]
) -> None:
    outcome = run(
        tab(),
        """
        return new Promise((resolve) => {
          const request = indexedDB.deleteDatabase('fieldbook');
          request.onsuccess = () => resolve('gone');
          request.onblocked = () => resolve('blocked');
        });
        """,
    )
    assert outcome == "gone"
    message = run(page, f"return notebook.write({PATROL}, now).catch((error) => error.name);")
    assert message == "NoNotebook"
    run(page, f"await notebook.openNotebook(officer, now); await notebook.write({PATROL}, now);")
    assert len(run(page, PAGES)) == 1


def test_window_older_than_its_storage_says_so(page: Page, tab: Callable[[], Page]) -> None:
    newer = tab()
    newer.evaluate(
        """() => new Promise((resolve) => {
          const request = indexedDB.open('fieldbook', 2);
          request.onsuccess = () => { request.result.close(); resolve(); };
        })"""
    )
    error = run(
        page,
        f"return notebook.write({PATROL}, now).catch(({{ name, message }}) => [name, message]);",
    )
    assert error == [
        "OldWindow",
        "This window shows an older Fieldbook than the one on this phone. Nothing was changed or "
        "deleted. Close Fieldbook and open it again.",
    ]


def test_page_is_sealed_again_when_the_tail_moved_meanwhile(page: Page) -> None:
    """Another window wrote without the lock, while this one was sealing."""
    pages = run(
        page,
        f"""
        await notebook.write({PATROL}, now);
        const digest = crypto.subtle.digest.bind(crypto.subtle);
        const intruder = {PATROL};
        let raced = false;
        crypto.subtle.digest = async (...request) => {{
          if (!raced) {{
            raced = true;
            navigator.locks.request = (name, options, work) => work();
            await notebook.write(intruder, now);
          }}
          return digest(...request);
        }};
        await notebook.write({PATROL}, now);
        {PAGES}
        """,
    )
    assert len(pages) == 3
    assert sound(pages, current(page)["id"])


def test_window_frozen_with_the_lock_does_not_prevent_a_save(
    page: Page, tab: Callable[[], Page]
) -> None:
    run(
        tab(),
        """
        await new Promise((held) => {
          navigator.locks.request('notebook', () => { held(); return new Promise(() => {}); });
        });
        """,
    )
    run(page, f"await notebook.write({PATROL}, now);")
    assert sound(run(page, PAGES), current(page)["id"])


def test_draft_saved_in_two_tabs_is_one_page(page: Page, tab: Callable[[], Page]) -> None:
    draft = {"id": "d", "kind": "patrol", "record": "r", "body": {"notes": "Begun"}}
    run(page, "await notebook.saveDraft(arg, now);", draft)
    save = """
        const saved = await notebook.write({ ...arg, draft: 'd' }, now).catch((error) => error);
        return saved instanceof Error ? [saved.name, saved.page.page, saved.message] : saved.page;
    """
    assert run(page, save, draft) == 1
    other = tab()
    refused = [
        "AlreadySaved",
        1,
        "This was already saved on this phone, as page 1. It was not saved twice. "
        "Open that page to read it; to change it, amend it.",
    ]
    assert run(other, save, draft) == refused
    keep = "return notebook.saveDraft(arg, now).catch((error) => error.name);"
    assert run(other, keep, draft) == "AlreadySaved"
    assert run(page, "return notebook.draft('d');") is None
    assert len(run(page, PAGES)) == 1


def test_draft_tapped_twice_at_once_is_one_page(page: Page) -> None:
    outcome = run(
        page,
        f"""
        const entry = {{ ...{PATROL}, draft: 'd' }};
        const both = await Promise.allSettled([notebook.write(entry, now), notebook.write(entry, now)]);
        return both.map(({{ status, reason }}) => reason?.name ?? status);
        """,
    )
    assert outcome == ["fulfilled", "AlreadySaved"]


def test_draft_is_saved_into_the_notebook_it_was_begun_in(page: Page) -> None:
    """Another officer took the phone over while the form was open in this tab."""
    owners = run(
        page,
        """
        const mine = await notebook.currentNotebook();
        const entry = { id: 'd', kind: 'patrol', record: 'r', body: {} };
        await notebook.saveDraft(entry, now);
        await notebook.openNotebook({ ...officer, officer: 'officer-2' }, now);
        const page = await notebook.write({ ...entry, draft: 'd' }, now);
        return [page.notebook === mine.id, (await notebook.drafts(mine.id)).length];
        """,
    )
    assert owners == [True, 0]


def test_drafts_come_newest_first_and_remember_when_they_began(page: Page) -> None:
    drafts = run(
        page,
        """
        const at = (minute) => new Date(`2026-11-22T14:${minute}:00.000Z`);
        const draft = (id) => ({ id, kind: 'patrol', record: id, body: {}, step: 2 });
        await notebook.saveDraft(draft('a'), at(10));
        await notebook.saveDraft(draft('b'), at(11));
        await notebook.saveDraft(draft('a'), at(12));
        return notebook.drafts((await notebook.currentNotebook()).id);
        """,
    )
    assert [(one["id"], one["began_at"][14:16], one["saved_at"][14:16]) for one in drafts] == [
        ("a", "10", "12"),
        ("b", "11", "11"),
    ]
    assert drafts[0]["step"] == 2


def test_photo_that_is_listed_goes_from_its_draft_to_its_page_with_its_bytes(page: Page) -> None:
    kept = run(
        page,
        """
        const bytes = new Uint8Array([1, 2, 3]).buffer;
        const photo = (sha256) => ({ sha256, type: 'image/jpeg', bytes });
        const body = { photos: [{ sha256: 'listed' }] };
        const entry = { id: 'd', kind: 'patrol', record: 'r', body };
        await notebook.saveDraft(entry, now, [photo('listed'), photo('taken out')]);
        const begun = await notebook.evidence('listed');
        await notebook.saveDraft(entry, now);
        await notebook.write({ ...entry, draft: 'd', evidence: [photo('given')] }, now);
        const saved = await Promise.all(['listed', 'given'].map(notebook.evidence));
        const plain = (one) => [one.page, one.type, [...new Uint8Array(one.bytes)]];
        const mine = (await notebook.currentNotebook()).id;
        const gone = await notebook.evidence('taken out');
        return [[begun, ...saved].map(plain), await receipts.evidenceWaiting(mine), gone ?? 'gone'];
        """,
    )
    assert kept == [
        [
            [None, "image/jpeg", [1, 2, 3]],
            [1, "image/jpeg", [1, 2, 3]],
            [1, "image/jpeg", [1, 2, 3]],
        ],
        ["given", "listed"],
        "gone",
    ]


def test_dropped_draft_takes_only_its_own_photos_along(page: Page) -> None:
    left = run(
        page,
        """
        const photo = (sha256) => ({ sha256, type: 'image/jpeg', bytes: new ArrayBuffer(1) });
        const draft = (id) => ({ id, kind: 'patrol', record: id, body: {} });
        await notebook.saveDraft(draft('a'), now, [photo('own'), photo('shared'), photo('saved')]);
        await notebook.saveDraft(draft('b'), now, [photo('shared')]);
        await notebook.write({ ...draft('c'), evidence: [photo('saved')] }, now);
        await notebook.dropDraft('a');
        const found = await Promise.all(['own', 'shared', 'saved'].map(notebook.evidence));
        return [await notebook.draft('a'), ...found.map((one) => one?.sha256)];
        """,
    )
    assert left == [None, None, "shared", "saved"]


def test_draft_goes_on_only_from_what_was_seen_of_it(page: Page) -> None:
    code = """const mine = await notebook.openNotebook(officer, now);
    const draft = { id: 'd', kind: 'patrol', record: 'r', notebook: mine.id, body: { notes: 'one' } };
    const at = (minute) => new Date(now.getTime() + minute * 60_000);
    const first = await notebook.saveDraft(draft, at(0));
    await notebook.saveDraft({ ...draft, body: { notes: 'two' } }, at(1), [], first.saved_at);
    const late = { ...draft, body: { notes: 'three' } };
    const names = [];
    await notebook.saveDraft(late, at(2), [], first.saved_at).catch(({ name }) => names.push(name));
    const entry = { kind: 'patrol', record: 'r', body: late.body, draft: 'd', seen: first.saved_at };
    await notebook.write(entry, at(2)).catch(({ name }) => names.push(name));
    const pages = await notebook.pages(mine.id);
    return [names, (await notebook.draft('d')).body.notes, pages.length];"""
    assert run(page, code) == [["ChangedElsewhere", "ChangedElsewhere"], "two", 0]


def test_draft_whose_photo_is_gone_becomes_a_page_all_the_same(page: Page) -> None:
    code = """const mine = await notebook.openNotebook(officer, now);
    const sha256 = 'a'.repeat(64);
    const made = { sha256, type: 'image/jpeg', bytes: new ArrayBuffer(4) };
    const body = { photos: [{ sha256, taken_at: now.toISOString() }] };
    const draft = { id: 'd', kind: 'patrol', record: 'r', notebook: mine.id, body };
    await notebook.saveDraft(draft, now, [made]);
    const forget = async (tx) => tx.objectStore('evidence').delete(sha256);
    await notebook.transact(['evidence'], 'readwrite', forget);
    return (await notebook.write({ kind: 'patrol', record: 'r', body, draft: 'd' }, now)).page;"""
    assert run(page, code) == 1


def test_aborted_save_writes_nothing_and_keeps_the_draft(page: Page) -> None:
    """The second page of the same number breaks a constraint, after the first was put."""
    outcome = run(
        page,
        """
        const entry = { id: 'd', kind: 'patrol', record: 'r', body: { notes: 'Kept' } };
        const bytes = new ArrayBuffer(8);
        await notebook.saveDraft(entry, now);
        const add = IDBObjectStore.prototype.add;
        IDBObjectStore.prototype.add = function (value) {
          add.call(this, value);
          return add.call(this, value);
        };
        const evidence = [{ sha256: 'a', type: 'image/png', bytes }];
        const error = await notebook.write({ ...entry, draft: 'd', evidence }, now).catch((e) => e);
        const { id } = await notebook.currentNotebook();
        const left = [await notebook.pages(id), await notebook.evidence('a')];
        return [error.name, error.cause.name, error.message, ...left, (await notebook.draft('d')).body];
        """,
    )
    assert outcome == [
        "NotSaved",
        "ConstraintError",
        "This was not saved. What you wrote is still on this screen, and everything saved before is "
        "safe. Save again; if it fails again, close Fieldbook, open it and save once more.",
        [],
        None,
        {"notes": "Kept"},
    ]


def test_transaction_that_ended_before_its_work_did_is_not_taken_for_saved(page: Page) -> None:
    """As when something else is awaited inside it."""
    error = run(
        page,
        """
        const work = () => new Promise((resolve) => { setTimeout(resolve, 200); });
        return notebook.transact(['state'], 'readwrite', work).catch(({ name }) => name);
        """,
    )
    assert error == "NotSaved"


def test_other_tabs_hear_of_each_change(page: Page, tab: Callable[[], Page]) -> None:
    run(page, "globalThis.heard = []; notebook.onChange((what) => heard.push(what));")
    other = tab()
    run(
        other,
        """
        const entry = { id: 'd', kind: 'patrol', record: 'r', body: {} };
        await notebook.saveDraft(entry, now);
        await notebook.write({ ...entry, draft: 'd' }, now);
        await notebook.use(null);
        """,
    )
    page.wait_for_function("heard.length === 3")
    assert page.evaluate("heard") == ["draft", "page", "state"]
