"""The phone's app: one public page without anything personal, its service worker, its manifest.

The worker hands out exactly the files named here, each with its hash, so that page, modules and
worker are always of one version.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import date
from pathlib import Path

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    render_template,
    request,
    url_for,
)
from flask_compress import Compress

from field_app import catalogue, rules
from field_app.fields import Requirements
from field_app.records import KINDS, Patrol
from field_app.records.notice import Cpw, Fpn, Served
from field_app.times import london, now

blueprint = Blueprint("phone", __name__)
compress = Compress()


@blueprint.get("/")
@compress.compressed()
def shell() -> Response:
    """The app. Everybody gets the same bytes; who is signed in is the notebook's affair."""
    return _unkept(make_response(_shell(version())))


@blueprint.get("/sw.js")
@compress.compressed()
def service_worker() -> Response:
    script = render_template("phone/sw.js", version=version(), files=_files())
    answer = _unkept(make_response(script))
    answer.content_type = "text/javascript; charset=utf-8"
    return answer


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    answer = _unkept(make_response(json.dumps(_manifest(), indent=2)))
    answer.content_type = "application/manifest+json"
    return answer


@blueprint.get("/install")
def install() -> str:
    """How to put the app on the home screen, browser by browser."""
    return render_template("phone/install.html")


@blueprint.get("/static/phone/<name>.js")
@compress.compressed()
def module(name: str) -> Response:
    """A module of the phone, as the worker lists it."""
    path = Path(current_app.static_folder or "") / "phone" / f"{name}.js"
    if path not in _static_files():
        abort(404)
    answer = _unkept(make_response(_sent(path)))
    answer.content_type = "text/javascript; charset=utf-8"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _unkept(answer: Response) -> Response:
    """The browser asks again each time; the worker is what keeps things."""
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _shell(version: str) -> str:
    return render_template(
        "phone/shell.html",
        version=version,
        kinds=KINDS,
        patrol=Patrol,
        notices=[Fpn, Cpw],
        served=Served,
        requirement_kinds=Requirements.KINDS,
        law=rules.for_the_phone(),
        wording={one.code: one.text for one in catalogue.wordings()},
        activities=[entry for entry in catalogue.activities() if entry.in_force(_today())],
        today=_today(),
        config=current_app.config,
    )


def _today() -> date:
    return london(now()).date()


def _static_files() -> list[Path]:
    """The files the phone needs offline, beside the shell and the manifest."""
    folder = Path(current_app.static_folder or "")
    named = ["fieldbook.css", "phone.css", "vendor/govuk-frontend-*.css", "vendor/cel-js-*.js"]
    # A browser fetches the icons of the manifest as it installs the app, and not from the worker.
    named += ["phone/*.js", "icons/favicon*", "icons/apple-touch-icon.png"]
    return sorted(path for pattern in named for path in folder.glob(pattern))


_COMMENT = re.compile(rb"/\*\*.*?\*/|^ *//[^\n]*", re.DOTALL | re.MULTILINE)


def _sent(path: Path) -> bytes:
    """A file as it is sent. The comments of our modules stay here: they are for whoever reads the
    source, and a quarter of what a phone would fetch. Every line keeps its number."""
    data = path.read_bytes()
    if path.suffix != ".js" or path.parent.name != "phone":
        return data
    return _COMMENT.sub(lambda found: b"\n" * found[0].count(b"\n"), data)


def version() -> str:
    """A name for exactly these bytes: it changes when any file, template or list changes."""
    said = hashlib.sha256(_shell("").encode())
    for path in _static_files():
        said.update(_sent(path))
    said.update(json.dumps(_manifest()).encode())
    return said.hexdigest()[:12]


def _files() -> list[dict[str, str]]:
    folder = Path(current_app.static_folder or "")
    static = [
        (url_for("static", filename=str(path.relative_to(folder))), _sent(path))
        for path in _static_files()
    ]
    pages = [
        (url_for("phone.shell"), _shell(version()).encode()),
        (url_for("phone.manifest"), json.dumps(_manifest(), indent=2).encode()),
        (url_for("phone.install"), install().encode()),
    ]
    return [{"url": url, "integrity": _integrity(data)} for url, data in pages + static]


def _integrity(data: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(data).digest()).decode()


def _manifest() -> dict[str, object]:
    def icon(name: str, size: str, purpose: str) -> dict[str, str]:
        return {
            "src": url_for("static", filename=f"icons/{name}"),
            "sizes": size,
            "type": "image/png",
            "purpose": purpose,
        }

    return {
        "id": "/",
        "name": "Fieldbook",
        "short_name": "Fieldbook",
        "description": "A pocket notebook that cannot lose a page",
        "lang": "en-GB",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#0b3c49",
        "theme_color": "#0b3c49",
        "icons": [
            icon("icon-192.png", "192x192", "any"),
            icon("icon-512.png", "512x512", "any"),
            icon("maskable-512.png", "512x512", "maskable"),
        ],
        "shortcuts": [
            {
                "name": "Log a patrol",
                "url": "/#log",
                "icons": [icon("icon-192.png", "192x192", "any")],
            }
        ],
    }
