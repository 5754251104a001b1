"""The phone: Chromium with its processor slowed four times, and no server behind it.

The slowing is that of the page; Chromium cannot slow a service worker so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench.measured import Measured, timed
from tests.browser.engines import Browsers
from tests.browser.officer import Officer
from tests.wire.client import Server

SLOWED = 4
STARTS, SAVES, TAPS, SEARCHES = 20, 60, 20, 100
START_MS, SAVE_MS, FRAME_MS = 1000, 50, 16
A_SHIFT, A_MONTH = 60, 1200
"""Pages in the notebook of a phone at the end of its first shift, and of its first month."""

# Painted, not only in the page: the frame after the one in which it was put there has begun.
WATCH = """
const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
const seen = (selector) => new Promise((done) => {
  const look = () => document.querySelector(selector) && (watching.disconnect(), done(painted()));
  const watching = new MutationObserver(look);
  watching.observe(document, { childList: true, subtree: true });
  look();
});
globalThis.homeAt = seen('main .home').then(() => performance.now());
addEventListener('click', ({ target, timeStamp }) => {
  if (!target.closest('[data-do=nothing-unusual]')) return;
  globalThis.savedAfter = seen('main .saved').then(() => performance.now() - timeStamp);
}, true);
"""

WRITE = """
const notebook = await import('/static/phone/notebook.js');
const { uuidv7 } = await import('/static/phone/uuid.js');
const body = (nth) => ({
  activity: 'faith-reassurance', started_at: '2026-11-22T14:00:00.000Z',
  ended_at: '2026-11-22T14:10:00.000Z', address: `${nth} Example Street`, ward: 'E05013665',
  outcomes: ['nothing-unusual'], notes: 'Invented. '.repeat(20),
});
const entry = (nth) => ({ kind: 'patrol', record: uuidv7(new Date()), body: body(nth) });
"""
FILL = f"""async (pages) => {{
  {WRITE}
  for (let nth = 0; nth < pages; nth += 1) await notebook.write(entry(nth), new Date());
}}"""
SAVE = f"""async (saves) => {{
  {WRITE}
  const took = [];
  for (let nth = 0; nth < saves; nth += 1) {{
    const draft = {{ id: crypto.randomUUID(), ...entry(nth) }};
    await notebook.saveDraft(draft, new Date());
    const began = performance.now();
    await notebook.write({{ ...entry(nth), record: draft.record, draft: draft.id }}, new Date());
    took.push(performance.now() - began);
  }}
  return took;
}}"""
NEAREST = """async (searches) => {
  const notebook = await import('/static/phone/notebook.js');
  const { nearest } = await import('/static/phone/place.js');
  const { places } = (await notebook.state('reference')).data;
  const took = [];
  for (let nth = 0; nth < searches; nth += 1) {
    const here = { latitude: 51.5 + Math.random() / 10, longitude: -0.2 + Math.random() / 10 };
    const began = performance.now();
    nearest(places, here, 3);
    took.push(performance.now() - began);
  }
  return { places: places.length, took };
}"""


def measured(server: Server, folder: Path) -> list[Measured]:
    """`server` has the demonstration in it; it is stopped as soon as the phone has signed in."""
    with sync_playwright() as playwright:
        officer = Officer(Browsers(playwright).launch, server, folder / "phone")
        officer.open().sign_in("officer22")
        server.stop()
        officer.page.evaluate(FILL, A_SHIFT)
        lines = [_starts(officer, A_SHIFT, START_MS), *_on_the_page(officer)]
        officer.page.evaluate(FILL, A_MONTH - A_SHIFT)
        lines.append(_starts(officer, A_MONTH))
        officer.close()
    return lines


def _starts(officer: Officer, pages: int, budget_ms: float | None = None) -> Measured:
    seconds = []
    for _ in range(STARTS):
        officer.close()
        _start_slowed(officer)
        seconds.append(officer.page.evaluate("homeAt") / 1000)
    return timed(f"offline cold start, {pages:,} pages in the notebook", seconds, budget_ms)


def _start_slowed(officer: Officer) -> None:
    """Open the browser anew, then Fieldbook in it, with the page slowed from the first moment."""

    def launch(*args: Any, **options: Any) -> BrowserContext:
        context = officer_launch(*args, **options)
        context.add_init_script(WATCH)
        _slow_down(context.pages[0])
        return context

    officer_launch = officer.launch
    officer.launch = launch
    try:
        officer.open()
    finally:
        officer.launch = officer_launch


def _slow_down(page: Page) -> None:
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})


def _on_the_page(officer: Officer) -> list[Measured]:
    saves = [ms / 1000 for ms in officer.page.evaluate(SAVE, SAVES)]
    taps = [_seconds_from_tap_to_saved(officer) for _ in range(TAPS)]
    near = officer.page.evaluate(NEAREST, SEARCHES)
    found = [ms / 1000 for ms in near["took"]]
    return [
        timed("save: the page is on the phone’s disk (strict)", saves, SAVE_MS),
        timed("  from the tap until the screen says Saved on this phone", taps),
        timed(f"the nearest of {near['places']:,} places", found, FRAME_MS),
    ]


def _seconds_from_tap_to_saved(officer: Officer) -> float:
    officer.home()
    officer.page.locator(".home > .places .place").first.click()
    officer.page.get_by_role("button", name="Nothing unusual · Save").click()
    officer.saved()
    return float(officer.page.evaluate("savedAfter")) / 1000
