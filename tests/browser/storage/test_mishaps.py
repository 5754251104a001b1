"""Mishaps of the whole phone: killed, closed, full."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.engines import Launch
from tests.browser.storage.central import Site
from tests.browser.storage.conftest import run
from tests.browser.storage.test_notebook import PAGES, PATROL, current, sound

DRAFT = {"id": "d", "kind": "patrol", "record": "r", "body": {"notes": "Begun"}}


def blank(context: BrowserContext, site: Site) -> Page:
    page = context.new_page()
    page.goto(f"{site.address}/blank")
    return page


def kill(profile: Path) -> None:
    """SIGKILL to the main process of the Chromium on this profile."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode().split("\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        ours = f"--user-data-dir={profile}" in words
        if ours and not any(word.startswith("--type=") for word in words):
            os.kill(int(process.name), signal.SIGKILL)
            return
    pytest.fail("the browser to kill was not found")


def test_page_is_there_after_the_browser_was_killed(
    launch: Launch, tmp_path: Path, site: Site
) -> None:
    page = blank(launch("chromium", tmp_path), site)
    run(page, f"await notebook.openNotebook(officer, now); await notebook.write({PATROL}, now);")
    kill(tmp_path)
    again = blank(launch("chromium", tmp_path), site)
    assert sound(run(again, PAGES), current(again)["id"])


@pytest.mark.parametrize("wait_ms", [0, 2, 5, 10, 20, 40])
def test_tab_closed_while_saving_leaves_the_page_or_the_draft(
    page: Page, tab: Any, wait_ms: int
) -> None:
    other = tab()
    run(page, "await notebook.saveDraft(arg, now);", DRAFT)
    run(page, "notebook.write({ ...arg, draft: 'd' }, now); return null;", DRAFT)
    time.sleep(wait_ms / 1000)
    page.close()
    pages, draft = run(other, PAGES), run(other, "return (await notebook.draft('d'))?.body;")
    assert (len(pages), draft) in [(0, DRAFT["body"]), (1, None)]


def test_full_phone_says_so_and_still_takes_a_page_without_photos(
    launch: Launch, tmp_path: Path, site: Site
) -> None:
    """Firefox can be told how much room there is, and then really runs out of it."""
    room = {"dom.quotaManager.temporaryStorage.fixedLimit": 50 * 1024}
    page = blank(launch("firefox", tmp_path, firefox_user_prefs=room), site)
    outcome = run(
        page,
        f"""
        await notebook.openNotebook(officer, now);
        const bytes = crypto.getRandomValues(new Uint8Array(65536));
        const photo = (name) => {{
          const large = new Uint8Array(8 * 1024 * 1024);
          for (let at = 0; at < large.length; at += bytes.length) large.set(bytes, at);
          return {{ sha256: name, type: 'image/jpeg', bytes: large.buffer }};
        }};
        const save = (name) => notebook.write({{ ...{PATROL}, evidence: [photo(name)] }}, now);
        let error = null;
        for (let n = 0; n < 20 && !error; n += 1) await save(`photo ${{n}}`).catch((e) => {{ error = e; }});
        const before = (await notebook.pages((await notebook.currentNotebook()).id)).length;
        const small = await notebook.write({PATROL}, now);
        return [error?.name, error?.message, small.page - before];
        """,
    )
    assert outcome == [
        "NoRoom",
        "This was not saved: the phone has no room left. What you wrote is still on this screen, and "
        "everything saved before is safe. Delete photos or apps you do not need, then save again. "
        "Without photos it may save at once.",
        1,
    ]
    assert sound(run(page, PAGES), current(page)["id"])
