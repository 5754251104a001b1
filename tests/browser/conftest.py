"""Real browsers for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect, sync_playwright

from tests.browser.engines import Browsers, Engine, Launch
from tests.browser.officer import Officer
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
