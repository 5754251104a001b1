"""What the phone downloads: the bytes that the server sends to a browser that takes brotli."""

from __future__ import annotations

import json
from dataclasses import dataclass

import brotli
from flask import Flask
from flask.testing import FlaskClient

from bench.measured import Measured

EVERYTHING_KB, OWN_SCRIPTS_KB = 150, 45


@dataclass(frozen=True)
class Part:
    """Some of what is sent: how many bytes it is, and how many of them are sent."""

    name: str
    raw: int
    sent: int


def everything(app: Flask) -> Part:
    """The worker, and the bundle that it fetches."""
    worker, bundle = _sent(app, "/sw.js"), _sent(app, "/files")
    return Part("everything the phone needs", worker.raw + bundle.raw, worker.sent + bundle.sent)


def own_scripts(app: Flask) -> Part:
    """Our own modules, as they are compressed together, and the worker."""
    files = bundled(app)
    own = {url: file for url, file in files.items() if url.startswith("/static/phone/")}
    worker, modules = _sent(app, "/sw.js"), _together("", own)
    return Part("  of it own JavaScript", worker.raw + modules.raw, worker.sent + modules.sent)


def bundled(app: Flask) -> dict[str, dict[str, str]]:
    """Each file's type and text by its address."""
    files: dict[str, dict[str, str]] = json.loads(FlaskClient(app).get("/files").get_data())
    return files


def _sent(app: Flask, url: str) -> Part:
    client = FlaskClient(app)
    plain = client.get(url, buffered=True).get_data()
    sent = client.get(url, buffered=True, headers={"Accept-Encoding": "br"}).get_data()
    return Part(url, len(plain), len(sent))


def _together(name: str, files: dict[str, dict[str, str]]) -> Part:
    raw = json.dumps(files, ensure_ascii=False).encode()
    return Part(name, len(raw), len(brotli.compress(raw)))


def measured(app: Flask) -> list[Measured]:
    return [
        _line(everything(app), EVERYTHING_KB),
        _line(own_scripts(app), OWN_SCRIPTS_KB),
        *_parts(bundled(app)),
    ]


def _parts(files: dict[str, dict[str, str]]) -> list[Measured]:
    """Each alone, the largest first; all the small ones together."""
    alone = [_together(f"    {url}, alone", {url: file}) for url, file in files.items()]
    ordered = sorted(alone, key=lambda part: -part.sent)
    large = [part for part in ordered if part.sent >= 2_000]
    small = {
        url: file
        for part, (url, file) in zip(alone, files.items(), strict=True)
        if part not in large
    }
    return [_line(part) for part in [*large, _together(f"    {len(small)} small files", small)]]


def _line(part: Part, budget: float | None = None) -> Measured:
    more = f"{part.raw / 1000:.1f} kB before brotli"
    return Measured(part.name, part.sent / 1000, "kB", budget, more)
