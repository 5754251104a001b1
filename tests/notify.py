"""GOV.UK Notify as its documentation has it: letters over HTTP, for whoever signs with the right key."""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

SERVICE, SECRET = str(uuid.UUID(int=11)), str(uuid.UUID(int=22))
KEY = f"example-{SERVICE}-{SECRET}"
Letter = dict[str, Any]


class Notify:
    """A stand-in on 127.0.0.1. `mood` is what goes wrong: refuse, lose (take it and never answer), or
    babble (answer what is no JSON). `calls` are all requests."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.calls: list[str] = []
        self.mood = ""
        self.seconds = 0.0
        self.server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Mine", (Handler,), {"notify": self})
        )
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def take(self, sent: Any) -> Letter:
        time.sleep(self.seconds)
        letter = {
            "id": str(uuid.uuid4()),
            "reference": sent["reference"],
            "status": "pending-virus-check",
            "type": "letter",
            "pdf": base64.b64decode(sent["content"], validate=True),
        }
        self.letters.append(letter)
        return letter


class Handler(BaseHTTPRequestHandler):
    notify: Notify

    def do_GET(self) -> None:
        self.called()
        if self.is_signed():
            asked = parse_qs(urlsplit(self.path).query)
            found = [
                {name: one[name] for name in ("id", "reference", "status", "type")}
                for one in self.notify.letters
                if [one["reference"]] == asked["reference"]
            ]
            assert asked["template_type"] == ["letter"]
            self.answer(200, {"notifications": found, "links": {"current": self.path}})

    def do_POST(self) -> None:
        self.called()
        assert self.path == "/v2/notifications/letter"
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.is_signed():
            return
        if self.notify.mood == "refuse":
            why = {"error": "BadRequestError", "message": "Cannot send letters yet"}
            self.answer(400, {"status_code": 400, "errors": [why]})
        elif self.notify.mood == "babble":
            self.answer(200, None)
        else:
            letter = self.notify.take(sent)
            if self.notify.mood == "lose":
                self.close_connection = True
                return
            said = {"id": letter["id"], "reference": letter["reference"], "postage": "second"}
            self.answer(201, said)

    def called(self) -> None:
        self.notify.calls.append(f"{self.command} {urlsplit(self.path).path}")

    def is_signed(self) -> bool:
        token = self.headers["Authorization"].removeprefix("Bearer ")
        try:
            claims = jwt.decode(token, SECRET, ["HS256"], options={"verify_iat": False})
            assert claims["iss"] == SERVICE
            assert abs(time.time() - claims["iat"]) <= 30
        except (jwt.InvalidTokenError, AssertionError):
            why = {"error": "AuthError", "message": "Invalid token: signature"}
            self.answer(403, {"status_code": 403, "errors": [why]})
            return False
        return True

    def answer(self, status: int, said: Any) -> None:
        data = b"<html>Sign in</html>" if said is None else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Not into the test's output."""
