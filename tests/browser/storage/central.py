"""A small central file in memory, speaking the wire, beside a blank page and the phone's own modules.

It keeps the rules of the wire and nothing else: no form is checked. `meddle` stands for the trouble on
the way: it may answer a call itself, or say that the request or the answer is lost.
"""

from __future__ import annotations

import copy
import hashlib
import json
import mimetypes
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[3]
SERVER_TIME = "2026-11-22T14:02:00Z"
BLANK = "<!doctype html><html lang='en-GB'><title>Blank</title><meta name='version' content='test'>"
OWN_PAGES = ("/static/", "/blank", "/login", "/favicon.ico")


@dataclass
class Answer:
    """What goes back to the browser; a str is sent as it is, anything else as JSON."""

    status: int
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """What came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: str = ""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def sent_pages(self) -> list[int]:
        return [page["page"] for page in self.json["pages"]]


Trouble = Answer | Literal["request lost", "answer lost", "never answered"] | None


@dataclass
class Line:
    """One notebook as the central file keeps it."""

    id: str
    main: dict[int, str] = field(default_factory=dict)
    forks: dict[str, int] = field(default_factory=dict)
    gaps: dict[str, int] = field(default_factory=dict)
    through: int = 0
    last: str = ""
    backed_up: int = 0

    def kept(self, number: int, seal: str) -> bool:
        main = self.main.get(number) == seal or (number == 0 and seal == self.id)
        return main or self.forks.get(seal) == number or self.gaps.get(seal) == number

    def take(self, number: int, previous: str, seal: str) -> str:
        if self.forks.get(seal) == number:
            return "forked"
        if self.kept(number, seal):
            return "known"
        if number == self.through + 1 and previous == self.last:
            self.main[number] = self.last = seal
            self.through = number
            return "accepted"
        self.forks[seal] = number
        return "forked"


def seal_of(page: dict[str, Any]) -> str:
    names = ("previous", "page", "kind", "record", "written_at", "body")
    return hashlib.sha256("\n".join(str(page[name]) for name in names).encode()).hexdigest()


class Central:
    """The server. `calls` is everything that reached /api."""

    def __init__(self) -> None:
        self.epoch, self.lines, self.backups = 1, dict[str, Line](), list[dict[str, Line]]()
        self.evidence: dict[str, bytes] = {}
        self.parts: dict[str, bytes] = {}
        self.calls: list[Call] = []
        self.officer: str | None = None
        self.tokens_known = True
        self.withdrawn = False
        self.held: set[int] = set()
        self.items: list[dict[str, Any]] = []
        self.meddle: Callable[[Call], Trouble] = lambda _call: None

    def line(self, notebook: str) -> Line:
        return self.lines.setdefault(notebook, Line(notebook, last=notebook))

    def has(self, notebook: str, seal: str) -> bool:
        line = self.line(notebook)
        return seal in line.main.values() or seal in line.forks

    def backup(self) -> None:
        for line in self.lines.values():
            line.backed_up = max(line.backed_up, line.through)
        self.backups.append(copy.deepcopy(self.lines))

    def restore(self, which: int = -1) -> None:
        self.lines = copy.deepcopy(self.backups[which])
        self.epoch += 1

    def posts(self) -> list[list[int]]:
        """The page numbers of each post that brought pages."""
        posts = [call.sent_pages for call in self.calls if call.path.endswith("/pages")]
        return [numbers for numbers in posts if numbers]

    def said(self) -> list[tuple[list[int], int, int]]:
        """Of each post: its pages, and how many pages and photos it said were left."""
        posts = [call for call in self.calls if call.path.endswith("/pages")]
        names = ("waiting", "evidence_waiting")
        return [(call.sent_pages, *(call.json["phone"][name] for name in names)) for call in posts]

    def tell(self, kind: str, about: str) -> None:
        """Put something into the inbox of every notebook."""
        item = {"id": len(self.items) + 1, "about": about, "kind": kind, "said_at": SERVER_TIME}
        self.items.append({**item, "by": None, "text": "", "fields": []})

    def standing(self, notebook: str) -> dict[str, Any]:
        line = self.line(notebook)
        return {
            "epoch": f"epoch {self.epoch}",
            "notebook_state": "withdrawn" if self.withdrawn else "open",
            "received_through": line.through,
            "last_seal": line.last,
            "backed_up_through": line.backed_up,
            "books": [],
            "evidence_wanted": [],
            "server_time": SERVER_TIME,
        }

    def answer(self, call: Call) -> Answer:
        whole = {"/api/v1/me": self.me, "/api/v1/reference": self.reference, "/sign-out": self.out}
        if call.path in whole:
            return whole[call.path](call)
        if not call.path.startswith("/api/"):
            return Answer(404, {"error": "not-found", "message": "Not here."})
        return self.about_notebook(call)

    def about_notebook(self, call: Call) -> Answer:
        notebook, *rest = call.path.removeprefix("/api/v1/notebooks/").split("/")
        if not rest and call.method == "PUT":
            return self.register(notebook, call)
        if not self.tokens_known or call.headers.get("authorization") != f"Bearer of {notebook}":
            return Answer(401, {"error": "token", "message": "Sign in again."})
        if not rest:
            return Answer(200, self.standing(notebook))
        if rest[0] == "evidence":
            return self.put(rest[1], call)
        return self.post(notebook, call.json) if rest == ["pages"] else self.inbox(call)

    def out(self, _call: Call) -> Answer:
        self.officer = None
        return Answer(302, headers={"Location": "/sign-in"})

    def me(self, _call: Call) -> Answer:
        if not self.officer:
            return Answer(401, {"error": "session", "message": "Sign in first."})
        me = {"officer": self.officer, "username": self.officer, "name": "Demo", "roles": []}
        return Answer(200, {**me, "csrf": "csrf", "epoch": "1", "server_time": SERVER_TIME})

    def reference(self, call: Call) -> Answer:
        if call.headers.get("if-none-match") == '"one"':
            return Answer(304, headers={"ETag": '"one"'})
        return Answer(200, {"places": []}, {"ETag": '"one"'})

    def register(self, notebook: str, call: Call) -> Answer:
        if not self.officer or call.headers.get("x-csrftoken") != "csrf":
            return Answer(401, {"error": "session", "message": "Sign in first."})
        self.tokens_known = True
        body = {"notebook": notebook, "token": f"of {notebook}", **self.standing(notebook)}
        return Answer(201, body)

    def inbox(self, call: Call) -> Answer:
        after = int(call.query.removeprefix("after="))
        items = [item for item in self.items if item["id"] > after][:2]
        return Answer(200, {"items": items, "cursor": items[-1]["id"] if items else after})

    def post(self, notebook: str, sent: Any) -> Answer:
        line, pages = self.line(notebook), sent["pages"]
        if not pages:
            return Answer(201, {**self.standing(notebook), "results": []})
        for page in pages:
            if page["seal"] != seal_of(page):
                return Answer(422, {"error": "seal", "message": "Bad seal.", "page": page["page"]})
        first = pages[0]
        before = line.kept(first["page"] - 1, first["previous"])
        if not before and not line.kept(first["page"], first["seal"]):
            if first["page"] != sent["phone"]["oldest"]:
                return Answer(409, self.standing(notebook))
            line.gaps[first["previous"]] = first["page"] - 1
            if first["page"] > line.through + 1:
                line.through, line.last = first["page"] - 1, first["previous"]
        results = [self.result(line, page) for page in pages]
        return Answer(201, {**self.standing(notebook), "results": results})

    def result(self, line: Line, page: dict[str, Any]) -> dict[str, Any]:
        state = line.take(page["page"], page["previous"], page["seal"])
        problems = [{"field": "notes", "message": "Too long.", "rule": "length"}]
        held = page["page"] in self.held
        return {
            "page": page["page"],
            "seal": page["seal"],
            "state": "held" if held and state == "accepted" else state,
            "problems": problems if held else [],
        }

    def put(self, sha256: str, call: Call) -> Answer:
        there = self.parts.get(sha256, b"")
        if call.method == "HEAD":
            known = sha256 in self.evidence
            return Answer(200 if known else 404, headers={"Upload-Offset": str(len(there))})
        if sha256 in self.evidence:
            return Answer(200, {"sha256": sha256})
        span = call.headers.get("content-range", f"bytes 0-0/{len(call.body)}")
        first, total = int(span[6:].split("-")[0]), int(span.split("/")[1])
        if first != len(there):
            return Answer(409, {"received": len(there)})
        self.parts[sha256] = there + call.body
        if len(self.parts[sha256]) < total:
            return Answer(202, {"received": len(self.parts[sha256])})
        self.evidence[sha256] = self.parts.pop(sha256)
        return Answer(201, {"sha256": sha256})


class Site:
    """Serves a Central, a blank page and the repository's static folder on an address of its own."""

    def __init__(self, central: Central) -> None:
        handler = type("Handler", (_Handler,), {"central": central})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    central: Central

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if not path.startswith(OWN_PAGES):
            self.call(path)
        elif path.startswith("/static/"):
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            self.send(Answer(200, (ROOT / path[1:]).read_text(), {"Content-Type": kind}))
        else:
            self.send(Answer(200, BLANK, {"Content-Type": "text/html"}))

    do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815

    def call(self, path: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(self.command, path, headers, body, urlsplit(self.path).query)
        self.central.calls.append(call)
        trouble = self.central.meddle(call)
        if trouble == "never answered":
            time.sleep(60)
        if isinstance(trouble, Answer):
            return self.send(trouble)
        answer = None if trouble == "request lost" else self.central.answer(call)
        if trouble is None and answer:
            self.send(answer)
        return None

    def send(self, answer: Answer) -> None:
        text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
        kind = {} if isinstance(answer.body, str) else {"Content-Type": "application/json"}
        self.send_response(answer.status)
        for name, value in {**kind, "Cache-Control": "no-store", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Tests keep their own list of calls."""
