"""The whole conversation: an officer logs with no signal, a team leader asks and signs off, the week is
published, a patrol arrives late, the week is restated, and its files say what the page says."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import openpyxl
from playwright.sync_api import Page, expect

from field_app.times import Week, london
from tests.browser.officer import Officer
from tests.browser.test_earlier import SEND
from tests.browser.test_review import (
    ANSWER,
    QUESTION,
    ask_about_the_patrol,
    close_what_was_answered,
)
from tests.wire.client import Server

LAST_WEEK = Week.parse(f"{london(datetime.now(UTC) - timedelta(days=7)):%G-W%V}")
REASON = "An officer’s phone had no signal for some days"


def answer_with_no_signal(officer: Officer, server: Server) -> None:
    officer.page.evaluate(SEND)
    officer.page.reload()
    card = officer.page.locator("main .card", has_text=QUESTION)
    expect(card).to_be_visible()
    server.stop()
    card.get_by_role("link", name="Answer").click()
    officer.fill(answer=ANSWER)
    officer.page.get_by_role("button", name="Save the answer").click()
    officer.saved()
    server.start()
    officer.all_sent()


def sign_off(leader: Page, shift: str) -> None:
    leader.goto(shift)
    leader.get_by_role("button", name="Sign off").click()
    expect(leader.locator("main")).to_contain_text("Signed off by Xenia Example-Leader")


def publish(leader: Page, week: str) -> int:
    """Publish the week as it is; how many patrols it has."""
    leader.goto(week)
    button = leader.get_by_role("button", name=re.compile(r"^Publish [\d,]+ patrol"))
    total = number_in(button.inner_text())
    button.click()
    expect(leader.locator("#published")).to_contain_text(f"Version 1: {total:,} patrols")
    expect(leader.locator("#published")).to_contain_text("Nothing is late.")
    return total


def log_one_of_last_week(officer: Officer, server: Server) -> None:
    """With no signal: what the officer had written on paper."""
    officer.home()
    server.stop()
    officer.begin("evening-safety")
    friday = LAST_WEEK.monday + timedelta(days=4)
    officer.fill(
        address="Outside the sample club",
        ward="Camden Town",
        outcomes="Advice given",
        started_at=f"{friday}T20:10",
        ended_at=f"{friday}T20:30",
    )
    officer.save()
    server.start()
    officer.home()
    officer.all_sent()


def restate(leader: Page, week: str, total: int) -> None:
    leader.goto(week)
    expect(leader.locator("#published")).to_contain_text("1 late")
    late = leader.get_by_role("region", name="1 late since version 1")
    expect(late).to_contain_text("Outside the sample club")
    leader.get_by_label("Why").fill(REASON)
    leader.get_by_role("button", name="Publish version 2").click()
    expect(leader.locator("#published")).to_contain_text(f"Version 2: {total + 1:,} patrols")
    expect(leader.locator("main")).to_contain_text(REASON)
    for number, patrols in ((1, total), (2, total + 1)):
        leader.goto(f"{week}/versions/{number}")
        expect(leader.get_by_role("heading", level=1)).to_have_text(
            f"{patrols:,} patrols published"
        )


def number_in(words: str) -> int:
    found = re.search(r"[\d,]+", words)
    assert found
    return int(found[0].replace(",", ""))


def test_from_a_patrol_with_no_signal_to_a_restated_week(
    demonstration: Server, shift_over: Officer, desk: Callable[[], Page]
) -> None:
    leader, officer = desk(), shift_over
    shift = ask_about_the_patrol(leader, demonstration)
    answer_with_no_signal(officer, demonstration)
    close_what_was_answered(leader, demonstration)
    sign_off(leader, shift)
    week = f"{demonstration.address}desk/count/{LAST_WEEK}"
    total = publish(leader, week)
    log_one_of_last_week(officer, demonstration)
    restate(leader, week, total)

    leader.goto(week)
    row = leader.get_by_role("row", name=re.compile("^All wards"))
    shown = number_in(row.locator(".count__total").inner_text())
    assert shown == total + 1
    names = ("Patrols", "Published patrols", "Published version")
    *_, last = csv.DictReader(io.StringIO(leader.request.get(f"{week}.csv").text()))
    assert [last[name] for name in names] == [str(shown), str(shown), "2"]
    book = openpyxl.load_workbook(io.BytesIO(leader.request.get(f"{week}.xlsx").body()))
    head, *_, all_of_them = book["Count"].iter_rows(values_only=True)
    found = dict(zip(head, all_of_them, strict=True))
    assert [found[name] for name in names] == [shown, shown, 2]
