"""The service worker: it hands out the files of its version, whole or not at all, and does no more."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import BrowserContext, Page

from tests.browser.engines import Engine, Launch
from tests.browser.storage.central import ROOT, Answer, Call, Central, Site

HTML, SCRIPT = {"Content-Type": "text/html"}, {"Content-Type": "text/javascript"}
POLICY = {"Content-Security-Policy": "script-src 'self'; object-src 'none'"}
TEMPLATES = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)


class Files:
    """What the server hands out beside the API: `served` by address."""

    def __init__(self) -> None:
        self.served: dict[str, tuple[str, dict[str, str]]] = {}
        self.named = {"/app.js": ("1;", SCRIPT), "/sign-in": ("<title>By mistake</title>", HTML)}

    def publish(self, version: str, shell: str) -> None:
        named = {"/": (f"<!doctype html><title>{shell}</title>", HTML)} | self.named
        bundle = json.dumps(
            {
                url: {"type": kind["Content-Type"], "text": text}
                for url, (text, kind) in named.items()
            }
        )
        script = TEMPLATES.get_template("phone/sw.js").render(
            version=version, urls=list(named), integrity=integrity(bundle)
        )
        self.served = {**named, "/sw.js": (script, SCRIPT), "/files": (bundle, POLICY)}

    def answer(self, call: Call) -> Answer | None:
        text, headers = self.served.get(call.path, ("", {}))
        return Answer(200, text, headers) if text and call.method == "GET" else None


def integrity(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.fixture
def files(central: Central) -> Files:
    files = Files()
    files.publish("one", "Shell one")
    central.meddle = files.answer
    return files


@pytest.fixture
def context(launch: Launch, engine: Engine, tmp_path: Path) -> BrowserContext:
    return launch(engine, tmp_path)


REGISTER = "() => navigator.serviceWorker.register('/sw.js').then(() => true, () => false)"
CACHES_BUT_ONE = """async () => {
  for (let tries = 0; tries < 50 && (await caches.keys()).length > 1; tries += 1) {
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  return caches.keys();
}"""
READY = "() => navigator.serviceWorker.ready.then(() => true)"
UPDATE = """async () => {
  const registration = await navigator.serviceWorker.getRegistration();
  await registration.update().catch(() => null);
  const worker = registration.installing ?? registration.waiting;
  if (!worker) return 'none';
  if (worker.state === 'installing') {
    await new Promise((done) => { worker.onstatechange = done; });
  }
  return worker.state;
}"""


@pytest.fixture
def page(context: BrowserContext, site: Site, files: Files) -> Page:
    """A page with the first worker at work."""
    assert files.served
    page = context.new_page()
    page.goto(f"{site.address}/")
    assert page.evaluate(REGISTER)
    page.evaluate(READY)
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    return page


def get(page: Page, path: str, how: str = "{}") -> Any:
    fetched = f"fetch({path!r}, {how}).then((r) => r.text(), () => 'unreachable')"
    return page.evaluate(f"() => {fetched}")


def test_app_opens_with_the_server_stopped(page: Page, site: Site) -> None:
    site.stop()
    page.goto(f"{site.address}/?from=home#log")
    assert page.title() == "Shell one"
    assert get(page, "/app.js") == "1;"


HEADERS = """() => fetch('/').then(({ headers }) => (
  ['Content-Type', 'Content-Security-Policy', 'Content-Length'].map((name) => headers.get(name))
))"""


def test_each_file_keeps_its_type_and_the_policy_it_came_under(page: Page, site: Site) -> None:
    site.stop()
    assert page.evaluate(HEADERS) == ["text/html", POLICY["Content-Security-Policy"], None]


def test_calls_and_posts_go_past_the_worker(page: Page, site: Site, central: Central) -> None:
    before = len(central.calls)
    central.meddle = lambda call: Answer(200, f"{call.method} {call.path}", HTML)
    assert get(page, "/api/v1/me") == "GET /api/v1/me"
    assert get(page, "/app.js", "{ method: 'POST' }") == "POST /app.js"
    assert get(page, "/app.js?other") == "GET /app.js"
    assert len(central.calls) == before + 3
    site.stop()
    for path in ("/api/v1/me", "/desk", "/sign-in", "/health/live", "/other"):
        assert get(page, path) == "unreachable"


def test_nothing_but_the_named_files_is_kept(page: Page) -> None:
    get(page, "/blank")
    page.reload()
    kept = page.evaluate(
        """async () => {
          const names = await caches.keys();
          const urls = await Promise.all(names.map(async (name) => (
            (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)
          )));
          return names.map((name, i) => [name, urls[i].sort()]);
        }"""
    )
    assert kept == [["fieldbook-one", ["/", "/app.js", "/sign-in"]]]


def test_new_version_waits_until_the_page_says_take_over(page: Page, files: Files) -> None:
    files.publish("two", "Shell two")
    assert page.evaluate(UPDATE) == "installed"
    page.reload()
    assert page.title() == "Shell one"
    page.evaluate(
        """() => new Promise((resolve) => {
          navigator.serviceWorker.oncontrollerchange = () => resolve(true);
          navigator.serviceWorker.getRegistration().then(({ waiting }) => waiting.postMessage('take over'));
        })"""
    )
    page.reload()
    assert page.title() == "Shell two"
    assert page.evaluate(CACHES_BUT_ONE) == ["fieldbook-two"]


def trouble(path: str, answer: Answer) -> Callable[[Files], Callable[[Call], Answer | None]]:
    return lambda files: lambda call: answer if call.path == path else files.answer(call)


@pytest.mark.parametrize(
    "meddled",
    [
        trouble("/files", Answer(200, '{"/": {"type": "text/html", "text": "2"}}')),
        trouble("/files", Answer(404, "")),
        trouble("/files", Answer(302, "", {"Location": "/login"})),
    ],
    ids=["another version", "files that are gone", "a redirect to a login page"],
)
def test_version_that_is_not_whole_is_not_taken(
    page: Page, site: Site, files: Files, central: Central, meddled: Any
) -> None:
    files.publish("two", "Shell two")
    central.meddle = meddled(files)
    assert page.evaluate(UPDATE) in ("none", "redundant")
    site.stop()
    page.goto(f"{site.address}/")
    assert page.title() == "Shell one"
