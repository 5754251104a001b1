"""A browser per engine for all storage tests; a server, and so an empty storage, for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.engines import Browsers, Engine
from tests.browser.storage.central import Central, Site

MODULES = (
    "notebook",
    "books",
    "earlier",
    "receipts",
    "sync",
    "seal",
    "uuid",
    "london",
    "wire",
    "wards",
)
IMPORTS = "".join(f"const {name} = await import('/static/phone/{name}.js');" for name in MODULES)
OFFICER = "{ officer: 'officer-1', officer_name: 'Demo Officer', username: 'officer01' }"
NOW = "new Date('2026-11-22T14:00:00.000Z')"

Run = Callable[..., Any]


def run(page: Page, code: str, arg: Any = None) -> Any:
    """Run JavaScript in the page, with the phone's modules by their names, and `arg`."""
    given = f"{IMPORTS} const officer = {OFFICER}; const now = {NOW};"
    return page.evaluate(f"async (arg) => {{ {given} {code} }}", arg)


@pytest.fixture(scope="session")
def running(browsers: Browsers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The browser of an engine, started when first asked for."""
    contexts: dict[Engine, BrowserContext] = {}

    def context(engine: Engine) -> BrowserContext:
        if engine not in contexts:
            contexts[engine] = browsers.launch(engine, tmp_path_factory.mktemp(engine))
        return contexts[engine]

    yield context
    for each in contexts.values():
        each.close()


@pytest.fixture(params=["chromium", "firefox"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return cast(Engine, request.param)


@pytest.fixture
def central() -> Central:
    return Central()


@pytest.fixture(scope="session")
def addresses() -> set[str]:
    """Those already used: a port that came round again would bring its old storage along."""
    return set()


@pytest.fixture
def site(central: Central, addresses: set[str]) -> Iterator[Site]:
    site = Site(central)
    while site.address in addresses:
        site.stop()
        site = Site(central)
    addresses.add(site.address)
    yield site
    site.stop()


@pytest.fixture
def tab(running: Any, engine: Engine, site: Site) -> Iterator[Callable[[], Page]]:
    """Opens another tab of the same phone."""
    opened: list[Page] = []

    def new() -> Page:
        opened.append(running(engine).new_page())
        opened[-1].goto(f"{site.address}/blank")
        return opened[-1]

    yield new
    for page in opened:
        page.close()


@pytest.fixture
def page(tab: Callable[[], Page]) -> Page:
    """A tab with an officer's notebook open."""
    page = tab()
    run(page, "await notebook.openNotebook(officer, now);")
    return page
