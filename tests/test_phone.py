"""The phone's app as the server hands it out."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from field_app.records import KINDS
from tests.conftest import CarefulClient, sign_in

ROOT = Path(__file__).resolve().parents[1]


def test_everybody_gets_the_same_shell(client: CarefulClient, officer: Callable[..., str]) -> None:
    signed_out = client.get("/").data
    officer("Olu Officer")
    sign_in(client, "olu")
    assert client.get("/").data == signed_out


def test_worker_names_every_file_and_the_true_hash_of_their_bundle(client: CarefulClient) -> None:
    script, bundle = client.get("/sw.js"), client.get("/files")
    urls = re.search(r"const URLS = new Set\((\[.*?\])\);", script.text)
    said = re.search(r'const INTEGRITY = "(.*?)";', script.text)
    assert (script.mimetype, script.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    assert urls
    assert said
    assert said[1] == _integrity(bundle.data)
    assert set(json.loads(urls[1])) == set(json.loads(bundle.data))


def test_bundle_has_what_each_address_answers(client: CarefulClient) -> None:
    bundle = json.loads(client.get("/files").data)
    answers = {url: client.get(url) for url in bundle}
    assert bundle == {
        url: {"type": answer.content_type, "text": answer.text} for url, answer in answers.items()
    }
    linked = re.findall(r'(?:href|src)="(/static/[^"]+|/manifest[^"]+)"', client.get("/").text)
    by_the_browser = {"/static/icons/apple-touch-icon.png", "/static/icons/favicon-32.png"}
    assert set(linked) - by_the_browser <= set(bundle)


def _integrity(data: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode()


def test_every_declared_field_is_on_the_form_of_its_kind(client: CarefulClient) -> None:
    pages = client.get("/").text + client.get("/screens").text
    templates = dict(re.findall(r'<template id="([^"]+)">(.*?)</template>', pages, re.DOTALL))
    forms = {
        "shift-start": "shift",
        "shift-end": "end-shift",
        "patrol": "patrol",
        "fpn": "fpn",
        "cpw": "cpw",
        "cpn": "cpn",
        "served": "issued",
        "not-issued": "not-issued",
        "photos-added": "photos-added",
        "answer": "answer",
        "amendment": "amend",
    }
    missing = {
        (kind, name)
        for kind, template in forms.items()
        for name in KINDS[kind].columns()
        if f'data-field="{name}"' not in templates[template]
    }
    assert missing == {("patrol", "swep_offer")}, (
        "asked only while the severe-weather protocol is on"
    )


def test_severe_weather_offer_is_asked_while_the_protocol_is_on(app: Flask) -> None:
    app.config["SWEP"] = True
    assert 'data-field="swep_offer"' in app.test_client().get("/").text


def test_version_changes_with_any_question(app: Flask, client: CarefulClient) -> None:
    before = re.search(r'name="version" content="([0-9a-f]{12})"', client.get("/").text)
    app.config["SWEP"] = True
    after = re.search(r'name="version" content="([0-9a-f]{12})"', client.get("/").text)
    assert before
    assert after
    assert before[1] != after[1]


def test_install_page_tells_how(client: CarefulClient) -> None:
    page = client.get("/install").text
    assert [name in page for name in ("Chrome", "Firefox", "Safari", "cannot")] == [True] * 4


def test_modules_are_sent_without_their_comments_and_with_their_lines(
    client: CarefulClient,
) -> None:
    for path in sorted((ROOT / "static" / "phone").glob("*.js")):
        written, sent = path.read_text(), client.get(f"/static/phone/{path.name}").text
        assert "/**" not in sent
        assert not re.search(r"^ *//", sent, re.MULTILINE)
        assert sent.count("\n") == written.count("\n")


def test_no_text_of_a_module_could_be_taken_for_a_comment() -> None:
    """A text over several lines, or one with a comment in it, would be sent wrong."""
    for path in (ROOT / "static" / "phone").glob("*.js"):
        code = re.sub(
            r"/\*\*.*?\*/|^ *//[^\n]*", "", path.read_text(), flags=re.DOTALL | re.MULTILINE
        )
        over_lines = [line for line in code.splitlines() if line.count("`") % 2]
        assert over_lines == [], path.name
        assert re.findall(r"[\'\"`][^\'\"`\n]*/\*", code) == [], path.name


def test_a_module_that_is_not_there_is_not_found(client: CarefulClient) -> None:
    assert client.get("/static/phone/nothing.js").status_code == 404
