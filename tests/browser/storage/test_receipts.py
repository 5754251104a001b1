"""What the phone keeps of the server's answers, and what it may forget because of them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.storage.conftest import run
from tests.browser.storage.test_notebook import PATROL

SCENE = f"""
const mine = await notebook.currentNotebook();
const written = [];
for (let day = 1; day <= 6; day += 1) {{
  const evidence = day === 3 ? [{{ sha256: 'a', type: 'image/png', bytes: new ArrayBuffer(1) }}] : [];
  written.push(await notebook.write({{ ...{PATROL}, evidence }}, new Date(`2026-11-0${{day}}T10:00:00Z`)));
}}
const place = (through) => ({{
  epoch: 'one', notebook_state: 'open', received_through: through, last_seal: 's',
  backed_up_through: arg.backedUp ?? 6, server_time: '2026-11-22T14:02:00Z',
}});
const result = (page, state = 'accepted') => ({{ page: page.page, seal: page.seal, state, problems: [] }});
const results = written.slice(0, arg.received ?? 6).map((page) => result(page, arg.state));
await receipts.keepReceipts(mine.id, {{ ...place(results.length), results }}, now);
await receipts.keepPlace(mine.id, place(results.length), written.at(-1).seal);
if (arg.photoReceived !== false) await receipts.keepEvidenceReceipt('a', '2026-11-22T14:02:00Z');
if (arg.now) await notebook.updateNotebook(mine.id, {{ state: arg.now }});
const olderThan = new Date(arg.olderThan ?? '2026-11-15T00:00:00Z');
await receipts.forget(mine.id, {{ runningShift: arg.runningShift ?? null, olderThan }});
const row = (await notebook.notebooks()).find(({{ id }}) => id === mine.id);
const numbers = (await notebook.pages(mine.id)).map(({{ page }}) => page);
const before = written[row.oldest - 2]?.seal ?? mine.id;
return {{
  numbers,
  oldest: row.oldest,
  joined: row.tail_before === before,
  photo: Boolean(await notebook.evidence('a')),
}};
"""


@pytest.mark.parametrize(
    ("arg", "kept"),
    [
        ({}, [6]),
        ({"received": 2}, [3, 4, 5, 6]),
        ({"received": 0}, [1, 2, 3, 4, 5, 6]),
        ({"backedUp": 4}, [5, 6]),
        ({"backedUp": 0}, [1, 2, 3, 4, 5, 6]),
        ({"runningShift": 5}, [5, 6]),
        ({"olderThan": "2026-11-03T00:00:00Z"}, [3, 4, 5, 6]),
        ({"photoReceived": False}, [3, 4, 5, 6]),
        ({"state": "held"}, [6]),
        ({"state": "forked", "now": "open"}, [1, 2, 3, 4, 5, 6]),
        ({"now": "closed"}, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_phone_forgets_only_what_is_received_backed_up_and_old(
    page: Page, arg: dict[str, Any], kept: list[int]
) -> None:
    assert run(page, SCENE, arg) == {
        "numbers": kept,
        "oldest": kept[0],
        "joined": True,
        "photo": 3 in kept,
    }


def test_a_photo_that_a_draft_lists_too_is_not_forgotten(page: Page) -> None:
    draft = """const again = { sha256: 'a', type: 'image/jpeg', bytes: new ArrayBuffer(4) };
    const draft = { id: 'again', kind: 'patrol', record: 'r', notebook: mine.id, body: {} };
    await notebook.saveDraft(draft, now, [again]);
    const olderThan"""
    scene = SCENE.replace("const olderThan", draft)
    assert run(page, scene, {}) == {"numbers": [6], "oldest": 6, "joined": True, "photo": True}


def test_pages_go_on_after_what_was_forgotten(page: Page) -> None:
    run(page, SCENE, {})
    written = run(page, f"return notebook.write({PATROL}, now);")
    assert written["page"] == 7


def test_receipt_of_another_seal_forgets_nothing(page: Page) -> None:
    scene = SCENE.replace("seal: page.seal, state", "seal: 'another', state")
    assert run(page, scene, {})["numbers"] == [1, 2, 3, 4, 5, 6]


def test_known_page_counts_as_accepted_or_held_and_keeps_its_first_time(page: Page) -> None:
    kept = run(
        page,
        f"""
        const {{ id }} = await notebook.currentNotebook();
        const pages = [await notebook.write({PATROL}, now), await notebook.write({PATROL}, now)];
        const problems = [{{ field: 'notes', message: 'Too long.', rule: 'length' }}];
        const answer = (minute, state) => ({{
          epoch: 'one', notebook_state: 'open', received_through: 2, last_seal: pages[1].seal,
          backed_up_through: 0, server_time: `2026-11-22T14:${{minute}}:00Z`,
          results: pages.map(({{ page, seal }}) => (
            {{ page, seal, state, problems: page === 2 ? problems : [] }}
          )),
        }});
        const before = await receipts.waiting(id);
        await receipts.keepReceipts(id, answer('02', 'accepted'), now);
        await receipts.keepReceipts(id, answer('05', 'known'), now);
        const after = (await receipts.receipts(id)).map((one) => (
          [one.page, one.state, one.problems.length, one.received_at]
        ));
        return [before, after, await receipts.waiting(id), await notebook.state('last_sent')];
        """,
    )
    assert kept == [
        [1, 2],
        [[1, "accepted", 0, "2026-11-22T14:02:00Z"], [2, "held", 1, "2026-11-22T14:02:00Z"]],
        [],
        "2026-11-22T14:05:00Z",
    ]
