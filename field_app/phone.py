"""The phone's app: one public page without anything personal, its service worker, its manifest.

The worker hands out exactly the files bundled here, and knows the bundle's hash, so that page, modules
and worker are always of one version.
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
from field_app.records.notice import Cpn, Cpw, Fpn, Served
from field_app.times import london, now

PAPERS = {
    "80mm": "80 mm roll",
    "58mm": "58 mm roll",
    "a5": "A5 sheet",
    "large": "Large print",
}
"""What a notice can be printed on; static/paper.css has the sizes."""

blueprint = Blueprint("phone", __name__)
compress = Compress()


@blueprint.get("/")
@compress.compressed()
def shell() -> Response:
    """The app. Everybody gets the same bytes; who is signed in is the notebook's affair."""
    return _unkept(make_response(_document("shell", version())))


@blueprint.get("/screens")
@compress.compressed()
def screens() -> Response:
    """The screens that Home does without, and the law: brought in when one of them is first wanted."""
    return _unkept(make_response(_document("screens", version())))


@blueprint.get("/sw.js")
@compress.compressed()
def service_worker() -> Response:
    files = _files()
    script = render_template(
        "phone/sw.js", version=version(), urls=list(files), integrity=_integrity(_bundle(files))
    )
    answer = _unkept(make_response(_bare(script.encode())))
    answer.content_type = "text/javascript; charset=utf-8"
    return answer


@blueprint.get("/files")
@compress.compressed()
def files() -> Response:
    """All that the worker hands out, in one answer: `{url: {type, text}}`. On a poor signal one request
    is better than fifty, and what is compressed together is a fifth smaller."""
    answer = _unkept(make_response(_bundle(_files())))
    answer.content_type = "application/json"
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


def _document(name: str, version: str) -> str:
    return render_template(
        f"phone/{name}.html",
        version=version,
        modules=_modules_at_start(),
        kinds=KINDS,
        patrol=Patrol,
        notices=[Fpn, Cpw, Cpn],
        served=Served,
        requirement_kinds=Requirements.KINDS,
        paper_sizes=PAPERS,
        law=rules.for_the_phone(bool(current_app.config["REFUSE_UNCONFIRMED"])),
        offences=_offences(),
        wording={one.code: one.text for one in catalogue.wordings()},
        activities=[entry for entry in catalogue.activities() if entry.in_force(_today())],
        today=_today(),
        config=current_app.config,
    )


def _offences() -> dict[str, list[catalogue.Offence]]:
    """The offences under the activity on which each is offered first."""
    named = {one.code: one.label for one in catalogue.activities()}
    groups: dict[str, list[catalogue.Offence]] = {}
    for one in catalogue.offences():
        groups.setdefault(named[one.activities[0]], []).append(one)
    return groups


def _today() -> date:
    return london(now()).date()


_IMPORTED = re.compile(r" from '\./(\w+)\.js';")


def _modules_at_start() -> list[str]:
    """The modules that the app starts with. Named in the page, they come all at once; otherwise each
    would wait for the one that imports it."""
    folder = Path(current_app.static_folder or "") / "phone"
    names = ["app"]
    for name in names:
        imported = _IMPORTED.findall((folder / f"{name}.js").read_text())
        names.extend(dict.fromkeys(one for one in imported if one not in names))
    return names


def _static_files() -> list[Path]:
    """The files the phone needs offline, beside the shell and the manifest."""
    folder = Path(current_app.static_folder or "")
    named = ["fieldbook.css", "phone.css", "paper.css", "vendor/govuk-frontend-*.css"]
    named += [f"vendor/{name}-*.js" for name in ("cel-js", "lean-qr", "*receipt-printer*")]
    # A browser fetches the other icons as it installs the app, and not from the worker.
    named += ["phone/*.js", "icons/favicon.svg"]
    return sorted(path for pattern in named for path in folder.glob(pattern))


_UNSENT = re.compile(rb"/\*\*.*?\*/|^ *//[^\n]*|^ +", re.DOTALL | re.MULTILINE)


def _bare(script: bytes) -> bytes:
    """Our own script without comments and indentation: they are for whoever reads the source, and a
    quarter of what a phone would fetch. Every line keeps its number."""
    return _UNSENT.sub(lambda found: b"\n" * found[0].count(b"\n"), script)


def _sent(path: Path) -> bytes:
    """A file as it is sent."""
    ours = path.suffix == ".js" and path.parent.name == "phone"
    return _bare(path.read_bytes()) if ours else path.read_bytes()


def version() -> str:
    """A name for exactly these bytes: it changes when any file, template or list changes."""
    said = hashlib.sha256()
    for name in ("shell", "screens"):
        said.update(_document(name, "").encode())
    for path in _static_files():
        said.update(_sent(path))
    said.update(json.dumps(_manifest()).encode())
    return said.hexdigest()[:12]


def _files() -> dict[str, dict[str, str]]:
    """What the worker hands out: each file's type and text by its address."""
    folder = Path(current_app.static_folder or "")
    found = {
        url_for("phone.shell"): (_HTML, _document("shell", version())),
        url_for("phone.screens"): (_HTML, _document("screens", version())),
        url_for("phone.install"): (_HTML, install()),
        url_for("phone.manifest"): ("application/manifest+json", json.dumps(_manifest(), indent=2)),
    }
    for path in _static_files():
        url = url_for("static", filename=str(path.relative_to(folder)))
        found[url] = (_TYPES[path.suffix], _sent(path).decode())
    return {url: {"type": kind, "text": text} for url, (kind, text) in found.items()}


_HTML = "text/html; charset=utf-8"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}


def _bundle(files: dict[str, dict[str, str]]) -> bytes:
    return json.dumps(files, ensure_ascii=False).encode()


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
