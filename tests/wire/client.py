"""A running server, and a phone that speaks the wire to it. Nothing of the application is used,
so that the two can disagree."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PASSWORD = "three invented words"
Json = dict[str, Any]


@dataclass
class Answer:
    """What a server said."""

    status: int
    headers: http.client.HTTPMessage
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)

    @property
    def text(self) -> str:
        return self.data.decode()


class Server:
    """gunicorn on a free port, with an instance folder of its own."""

    def __init__(self, instance: Path, **settings: str) -> None:
        self.instance = instance
        self.port = free_port()
        self.environment = os.environ | {
            "FIELDBOOK_INSTANCE": str(instance),
            "FIELDBOOK_SIGN_IN_LIMIT": "10000 per minute",
            "FIELDBOOK_WIRE_LIMIT": "100000 per minute",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            **{f"FIELDBOOK_{name}": value for name, value in settings.items()},
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> Server:
        command = [str(BIN / "gunicorn"), "--config", "gunicorn.conf.py", "--log-level", "error"]
        self.process = subprocess.Popen(
            [*command, "field_app:create_app()"],
            cwd=ROOT,
            env=self.environment,
            start_new_session=True,
        )
        deadline = time.monotonic() + 20
        while not self.is_live():
            assert self.process.poll() is None, "the server ended at once"
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.05)
        return self

    def is_live(self) -> bool:
        try:
            return self.call("GET", "/health/live").status == 200
        except OSError:
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process:
            os.killpg(self.process.pid, how)
            self.process.wait(30)
            self.process = None

    def flask(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a flask command on this server's instance."""
        return subprocess.run(
            [BIN / "flask", "--app", "field_app", *words],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def call(
        self, method: str, path: str, body: Any = None, *, chunked: bool = False, **headers: Any
    ) -> Answer:
        """One call; a body that is not bytes goes as JSON. `X_Name` becomes the header X-Name."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            data = iter([body]) if chunked else body
            connection.request(method, path, data, sent, encode_chunked=chunked)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Session:
    """Somebody who has signed in, with a browser's cookie."""

    server: Server
    username: str
    cookie: str = ""
    me: Json = field(default_factory=dict)

    def sign_in(self) -> Session:
        page = self.server.call("GET", "/sign-in")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token, "the sign-in page has a CSRF token"
        form = f"csrf_token={token[1]}&username={self.username}&password={PASSWORD}"
        answer = self.server.call(
            "POST",
            "/sign-in",
            form.replace(" ", "+").encode(),
            Cookie=_cookie(page),
            Content_Type="application/x-www-form-urlencoded",
        )
        assert answer.status == 302, answer.text
        self.cookie = _cookie(answer)
        said = self.server.call("GET", "/api/v1/me", Cookie=self.cookie)
        assert said.status == 200, said.text
        self.me = said.json
        self.cookie = _cookie(said) or self.cookie
        return self

    def open(self, notebook: str, **headers: str) -> Answer:
        """PUT a notebook; `X_CSRFToken=""` leaves the token out."""
        known: Json = {"Cookie": self.cookie, "X_CSRFToken": str(self.me.get("csrf"))} | headers
        phone = {"label": "Test phone", "user_agent": "tests/wire", "persisted": True}
        return self.server.call(
            "PUT",
            f"/api/v1/notebooks/{notebook}",
            {"phone": phone},
            **{name: value for name, value in known.items() if value},
        )

    def notebook(self) -> Notebook:
        """A new notebook of this officer, opened."""
        notebook = Notebook(self.server)
        notebook.token = self.open(notebook.id).json["token"]
        return notebook


def _cookie(answer: Answer) -> str:
    found = [value.split(";")[0] for value in answer.headers.get_all("Set-Cookie", [])]
    return "; ".join(found)


class Notebook:
    """A phone's notebook, and what it has written."""

    def __init__(self, server: Server) -> None:
        self.server, self.id, self.token = server, str(uuid.uuid4()), ""
        self.pages: list[Json] = []

    def write(
        self,
        kind: str = "patrol",
        body: Json | str | None = None,
        record: str | None = None,
        written_at: str | None = None,
    ) -> Json:
        """Write the next page."""
        last: Json = self.pages[-1] if self.pages else {"page": 0, "seal": self.id}
        page = {
            "page": last["page"] + 1,
            "kind": kind,
            "record": record or str(uuid.uuid4()),
            "written_at": written_at or moment(),
            "previous": last["seal"],
            "body": body
            if isinstance(body, str)
            else json.dumps(patrol() if body is None else body),
        }
        self.pages.append(sealed(page))
        return self.pages[-1]

    def post(self, pages: list[Any] | None = None, **phone: Any) -> Answer:
        """Send pages, or all of them."""
        said = {"sent_at": moment(), "waiting": 0, "evidence_waiting": 0, "oldest": 1} | phone
        pages = self.pages if pages is None else pages
        return self.call("POST", "/pages", {"pages": pages, "phone": said})

    def call(self, method: str, path: str = "", body: Any = None, **more: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} | more
        return self.server.call(method, f"/api/v1/notebooks/{self.id}{path}", body, **headers)

    def standing(self) -> Json:
        """What the server says it has, without what changes by itself."""
        answer = self.call("GET")
        assert answer.status == 200, answer.text
        return {name: value for name, value in answer.json.items() if name != "server_time"}


def sealed(page: Json) -> Json:
    """The page with the seal that fits it."""
    names = ("previous", "page", "kind", "record", "written_at", "body")
    text = "\n".join(str(page[name]) for name in names)
    return page | {"seal": hashlib.sha256(text.encode()).hexdigest()}


def moment() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def patrol(**more: Any) -> Json:
    """A sound patrol."""
    return {
        "activity": "faith-reassurance",
        "started_at": "2026-11-16T10:00:00Z",
        "ended_at": "2026-11-16T10:10:00Z",
        "address": "1 Example Street",
        "ward": "E05013665",
        "outcomes": ["nothing-unusual"],
    } | more


def states(answer: Answer) -> list[str]:
    assert answer.status == 201, (answer.status, answer.text)
    return [result["state"] for result in answer.json["results"]]
