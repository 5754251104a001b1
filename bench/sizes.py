"""What the phone downloads: the bytes that the server sends to a browser that takes brotli."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import brotli
from flask import Flask
from flask.testing import FlaskClient

from bench.measured import Measured

LISTED = re.compile(rb"^const FILES = (.*);$", re.MULTILINE)
EVERYTHING_KB, OWN_SCRIPTS_KB = 150, 45


@dataclass(frozen=True)
class File:
    """One file: its bytes as they are, and how many of them are sent."""

    url: str
    data: bytes
    sent: int

    @property
    def own_script(self) -> bool:
        return self.url == "/sw.js" or self.url.startswith("/static/phone/")


def files(app: Flask) -> list[File]:
    """The worker, and every file that the worker fetches."""
    client = FlaskClient(app)
    worker = client.get("/sw.js").get_data()
    listed = LISTED.search(worker)
    assert listed, "the worker lists its files"
    named = [one["url"] for one in json.loads(listed[1])]
    return [*_worker(worker), *(_file(client, url) for url in named)]


def _worker(script: bytes) -> list[File]:
    """The worker's own lines, and the list of files and hashes that the server writes into it."""
    lines = LISTED.sub(b"const FILES = [];", script)
    own = len(brotli.compress(lines))
    return [
        File("/sw.js", lines, own),
        File("the list of files in /sw.js", script, len(brotli.compress(script)) - own),
    ]


def _file(client: FlaskClient, url: str) -> File:
    plain = client.get(url, buffered=True).get_data()
    sent = client.get(url, buffered=True, headers={"Accept-Encoding": "br"}).get_data()
    return File(url, plain, len(sent))


def measured(app: Flask) -> list[Measured]:
    found = files(app)
    scripts = [file for file in found if file.own_script]
    return [
        _sum("everything the phone needs", found, EVERYTHING_KB),
        _sum("  of it own JavaScript", scripts, OWN_SCRIPTS_KB),
        *_parts(found),
    ]


def _parts(found: list[File]) -> list[Measured]:
    """The largest first; all the small ones together."""
    ordered = sorted(found, key=lambda file: -file.sent)
    large = [file for file in ordered if file.sent >= 2_000]
    small = [file for file in ordered if file.sent < 2_000]
    lines = [_sum(f"    {file.url}", [file]) for file in large]
    return [*lines, _sum(f"    {len(small)} files below 2 kB", small)]


def _sum(what: str, found: list[File], budget: float | None = None) -> Measured:
    raw = sum(len(file.data) for file in found)
    sent = sum(file.sent for file in found)
    more = f"{raw / 1000:.1f} kB before brotli"
    return Measured(what, sent / 1000, "kB", budget, more)
