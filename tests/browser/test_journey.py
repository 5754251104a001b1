"""The main job, end to end: a shift in a basement is in the weekly count."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import expect

from field_app.times import Week
from tests.browser.engines import Launch
from tests.browser.officer import Officer
from tests.wire.client import Server

Count = Counter[tuple[str, str]]

SPOT = {"address": "Behind the example arches", "ward": "Haverstock", "outcomes": "Advice given"}
PATROLS: dict[str, dict[str, str]] = {
    "street-trading": {"goods": "Sample scarves", "trading_action": "Advice"},
    "rough-sleeping": {"people_seen": "2", "people_engaged": "1", "welfare_check": "yes"},
    "antisocial-behaviour": {
        "asb_setting": "Estate",
        "asb_kind": "Street drinking",
        "asb_action": "Advice",
    },
    "enviro-crime": {"enviro_kind": "Litter", "enviro_action": "Advice"},
    "evening-safety": {"venues_visited": "3"},
    "weapon-sweep": {"area_swept": "Sample Gardens"},
    "joint-operation": {"operation": "Operation Example"},
}
EXPECTED = {
    ("Camden Town", "Faith-site reassurance"): 1,
    ("Haverstock", "Street trading"): 1,
    ("Haverstock", "Rough sleeping and street activity"): 1,
    ("Haverstock", "Antisocial behaviour"): 1,
    ("Haverstock", "Enviro-crime"): 1,
    ("Haverstock", "Evening and night-time, women's safety"): 1,
    ("Haverstock", "Weapon sweep"): 1,
    ("Haverstock", "Other joint operation"): 1,
    ("All wards", "All activities"): 8,
}
"""What is new in the week's count; the nearest place of the demonstration is in Camden Town."""
LATER_IN_THE_LIST = ("weapon-sweep", "joint-operation")


def counted(server: Server, week: Week) -> Count:
    """Patrols by ward and activity, as the command's CSV says."""
    done = server.flask("export-week", str(week))
    assert done.returncode == 0, done.stderr
    rows = csv.DictReader(io.StringIO(done.stdout))
    return Counter({(row["Ward"], row["Activity"]): int(row["Patrols"]) for row in rows})


def log_one_of_each(officer: Officer) -> None:
    for activity, own in PATROLS.items():
        officer.home()
        officer.begin("evening-safety" if activity in LATER_IN_THE_LIST else activity)
        if activity in LATER_IN_THE_LIST:
            officer.page.locator("#patrol-activity").select_option(activity)
        officer.fill(**SPOT, **own)
        officer.save()


def visit_the_nearest_place(officer: Officer) -> None:
    """Three taps at most, from the home screen to Saved on this phone."""
    officer.home()
    officer.page.locator(".home > .places .place").first.click()
    officer.page.get_by_role("button", name="Nothing unusual · Save").click()
    officer.saved()


def amend_the_litter(officer: Officer) -> None:
    officer.today()
    officer.page.locator(".page-line", has_text="Enviro-crime").first.click()
    officer.page.get_by_role("link", name="Amend").click()
    officer.fill(reason="It was a shop's rubbish", enviro_kind="Commercial waste")
    officer.page.get_by_role("button", name="Save amendment").click()
    officer.saved()


def test_a_shift_logged_with_no_signal_is_in_the_weekly_count(
    demonstration: Server, launch: Launch, tmp_path: Path
) -> None:
    week = Week.of(datetime.now(UTC))
    before = counted(demonstration, week)
    officer = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer22")

    demonstration.stop()
    officer.page.reload()
    officer.start_shift()
    visit_the_nearest_place(officer)
    log_one_of_each(officer)
    amend_the_litter(officer)
    written = officer.today()
    assert officer.page.evaluate("navigator.onLine") is True, "the browser thinks it is online"
    assert [state for _, state in written] == ["waiting"] * 4 + ["waiting · amended"] + [
        "waiting"
    ] * 5

    officer.close()
    officer.open()
    assert officer.today() == written
    expect(officer.page.locator("#status")).to_have_text("No signal · 10 pages saved on this phone")

    demonstration.start()
    officer.all_sent()
    states = Counter(re.sub(r"\d\d:\d\d", "…", state) for _, state in officer.today())
    assert states == {"received …": 9, "received … · amended": 1}
    faith = officer.page.locator(".page-line", has_text="Faith-site reassurance")
    assert faith.count() == 1

    after = counted(demonstration, week)
    after.subtract(before)
    assert {where: n for where, n in after.items() if n} == EXPECTED
    verified = demonstration.flask("verify")
    assert (verified.returncode, verified.stderr) == (0, "")
