"""Random schedules of everything that may happen to a phone and a server, with the phone's real modules.

Calls and answers are lost, the phone's storage goes back in time, the server is backed up and restored.
Nothing that was saved may be missing afterwards, unless phone and backup have both lost it, and nothing
may be stuck.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.storage.central import Answer, Call, Central, Trouble
from tests.browser.storage.conftest import run
from tests.browser.storage.test_notebook import PATROL

Seals = set[tuple[str, str]]

WRITE = f"const page = await notebook.write({PATROL}, now); return [page.notebook, page.seal];"
HOLDS = """
const rows = await notebook.notebooks();
const all = await Promise.all(rows.map(({ id }) => notebook.pages(id)));
return all.flat().map((page) => [page.notebook, page.seal]);
"""
FORGET = """
for (const { id } of await notebook.notebooks()) {
  await receipts.forget(id, { runningShift: null, olderThan: new Date('2030-01-01') });
}
"""
STORES = """
const db = await new Promise((resolve) => {
  const request = indexedDB.open('fieldbook');
  request.onsuccess = () => resolve(request.result);
});
const tx = db.transaction([...db.objectStoreNames], 'readwrite');
const stores = [...db.objectStoreNames].map((name) => tx.objectStore(name));
const over = new Promise((resolve) => { tx.oncomplete = resolve; });
"""
REMEMBER = f"""
{STORES}
const rows = stores.map((store) => store.getAll());
await over;
db.close();
globalThis.remembered = rows.map(({{ result }}) => result);
"""
GO_BACK = f"""
{STORES}
stores.forEach((store, i) => {{
  store.clear();
  for (const row of globalThis.remembered[i]) store.put(row);
}});
await over;
db.close();
"""
TOO_LARGE = Answer(413, {"error": "large", "message": "At most five pages."})


class Schedule:
    """One phone and one server, and chance."""

    def __init__(self, seed: int, page: Page, central: Central) -> None:
        self.chance, self.page, self.central = random.Random(seed), page, central
        self.saved: Seals = set()
        self.lost: Seals = set()
        self.remembers = False
        central.officer = "officer-1"
        central.meddle = self.faults

    def small_posts(self, call: Call) -> Trouble:
        return TOO_LARGE if call.path.endswith("/pages") and len(call.sent_pages) > 5 else None

    def faults(self, call: Call) -> Trouble:
        drawn = self.chance.random()
        if drawn < 0.12:
            return "request lost"
        return "answer lost" if drawn < 0.24 else self.small_posts(call)

    def write(self) -> None:
        self.saved.add(tuple(run(self.page, WRITE)))

    def send(self) -> Any:
        return run(self.page, "return sync.send();")

    def restore(self) -> None:
        if self.central.backups:
            self.central.restore()

    def remember(self) -> None:
        run(self.page, REMEMBER)
        self.remembers = True

    def go_back(self) -> None:
        """The phone's storage as it was; what the last backup lacks too is lost by a double failure."""
        if not self.remembers:
            return
        before = self.holds()
        run(self.page, GO_BACK)
        backup = self.central.backups[-1] if self.central.backups else {}
        backed_up = {
            (line.id, seal)
            for line in backup.values()
            for seal in [*line.main.values(), *line.forks]
        }
        self.lost |= before - self.holds() - backed_up

    def holds(self) -> Seals:
        return {tuple(one) for one in run(self.page, HOLDS)}

    def happen(self) -> None:
        events = {
            self.write: 50,
            self.send: 25,
            self.central.backup: 7,
            lambda: run(self.page, FORGET): 6,
            self.restore: 4,
            self.remember: 4,
            self.go_back: 4,
        }
        self.chance.choices(list(events), list(events.values()))[0]()

    def settle(self) -> Any:
        self.central.meddle = self.small_posts
        for _ in range(5):
            self.send()
        return self.send()


@pytest.mark.parametrize("engine", ["chromium"])
@pytest.mark.parametrize("seed", range(16))
def test_nothing_saved_is_missing_and_nothing_is_stuck(
    page: Page, central: Central, seed: int
) -> None:
    schedule = Schedule(seed, page, central)
    for _ in range(schedule.chance.randrange(40, 140)):
        schedule.happen()
    settled = schedule.settle()
    missing = [one for one in schedule.saved - schedule.lost if not central.has(*one)]
    left = [(one["pages"], one["trouble"]) for one in settled["waiting"] if one["pages"]]
    gaps = [line.gaps for line in central.lines.values() if line.gaps]
    assert (missing, left, gaps) == ([], [], [])
