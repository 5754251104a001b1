"""Real browsers for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.browser.engines import Browsers, Engine, Launch
from tests.browser.officer import Officer, password_of
from tests.wire.client import Server
from tests.wire.conftest import made, server

__all__ = ["made", "server"]

# A busy machine takes its time; only what never comes is wrong.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def browsers() -> Iterator[Browsers]:
    with sync_playwright() as playwright:
        yield Browsers(playwright)


@pytest.fixture
def launch(browsers: Browsers) -> Iterator[Launch]:
    """`launch(engine, profile_dir, **options)`; whatever is still open is closed after the test."""
    contexts: list[BrowserContext] = []

    def start(engine: Engine, profile_dir: Path, **options: Any) -> BrowserContext:
        contexts.append(browsers.launch(engine, profile_dir, **options))
        return contexts[-1]

    yield start
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with the demonstration's officers, places and eight weeks, to be copied."""
    filled = Server(tmp_path_factory.mktemp("filled") / "instance")
    done = filled.flask("demonstrate")
    assert done.returncode == 0, done.stderr
    return filled.instance


@pytest.fixture
def demonstration(filled: Path, tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own with the demonstration in it, to be stopped and started."""
    started = Server(copytree(filled, tmp_path / "instance")).start()
    yield started
    started.stop()


@pytest.fixture
def desk(demonstration: Server, launch: Launch, tmp_path: Path) -> Callable[[], Page]:
    """Sign in as a team leader, at a computer."""

    def sign_in() -> Page:
        screen = {"width": 1280, "height": 800}
        context = launch("chromium", tmp_path / "desk", viewport=screen, is_mobile=False)
        page = context.pages[0]
        page.goto(f"{demonstration.address}desk")
        page.get_by_label("Username").fill("leader1")
        page.get_by_label("Password").fill(password_of(demonstration))
        page.get_by_role("button", name="Sign in").click()
        return page

    return sign_in


@pytest.fixture
def shift_over(demonstration: Server, launch: Launch, tmp_path: Path) -> Officer:
    """An officer who has logged one patrol on a shift and ended it."""
    made = Officer(launch, demonstration, tmp_path / "phone").open().sign_in("officer22")
    made.start_shift()
    made.page.locator(".home > .places .place").first.click()
    made.page.get_by_role("button", name="Nothing unusual · Save").click()
    made.saved()
    made.home()
    made.page.get_by_role("link", name="End shift").click()
    made.page.get_by_role("button", name="End shift").click()
    made.home()
    made.all_sent()
    return made


@pytest.fixture(scope="session")
def running(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with the demonstration in it, for tests that leave it running."""
    started = Server(copytree(filled, tmp_path_factory.mktemp("running") / "instance")).start()
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def _nothing_uncaught() -> Iterator[None]:
    Officer.uncaught.clear()
    yield
    assert Officer.uncaught == []
