"""A request to every address of the wire and the desk, against a small central file."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from datetime import datetime
from typing import Any

from flask import Flask, request
from flask.testing import FlaskClient

from field_app import auth, numbers
from field_app.database import connect, insert, path_of, writing
from field_app.notebook import seal_of
from field_app.times import Week, moment_text, now

PASSWORD = "invented for the benchmark"  # noqa: S105 - of a file that is thrown away
WARD, NOBODY = "E05013665", str(uuid.UUID(int=9))
PHOTO = b"\xff\xd8\xff an invented photo"
SHA256 = hashlib.sha256(PHOTO).hexdigest()
NOTICE_FILTERS = (
    {"officer": NOBODY},
    {"offence": "litter"},
    {"kind": "cpw"},
    {"state": "payment ended"},
    {"from": "2026-01-01", "to": "2026-12-31"},
)
TYPED = (numbers.number("CF26", 326000), "example street")
FILTERS = (
    {"officer": NOBODY},
    {"ward": WARD},
    {"activity": "weapon-sweep"},
    {"place": "example"},
    {"at": "1 example street"},
    {"state": "held"},
    {"joint": "1"},
    {"from": "2026-01-01", "to": "2026-12-31"},
)


def ask_everything(app: Flask) -> None:
    """Every address at least once, and every filter of the lists."""
    asked: set[str | None] = set()
    app.before_request(lambda: asked.add(request.endpoint))
    _make_people(app)
    phone = Phone(app.test_client())
    phone.ask()
    _ask_desk(app.test_client(), *phone.records)
    missing = {
        rule.endpoint for rule in app.url_map.iter_rules() if _is_ours(rule.endpoint)
    } - asked
    assert not missing, f"bench/requests.py does not ask for {sorted(missing)} yet"


def _is_ours(endpoint: str) -> bool:
    return endpoint.partition(".")[0] in ("api", "auth", "desk", "health")


def _make_people(app: Flask) -> None:
    db = connect(path_of(app))
    with writing(db):
        for role in (auth.OFFICER, auth.TEAM_LEADER):
            hashed = auth.passwords.hash(PASSWORD)
            row = {"id": str(uuid.uuid4()), "username": role, "name": f"Invented {role}"}
            insert(db, "officers", row | {"role": role, "password_hash": hashed})
    db.conn.close()


def _sign_in(client: FlaskClient, username: str) -> None:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").text)
    assert token, "the sign-in page has a CSRF token"
    form = {"username": username, "password": PASSWORD, "csrf_token": token[1]}
    assert client.post("/sign-in", data=form).status_code == 302


def _csrf(client: FlaskClient) -> str:
    return str(json.loads(client.get("/api/v1/me").text)["csrf"])


class Phone:
    """A notebook with a shift, a patrol with a photo, its amendment, a held page and an early one."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.id, self.at = client, str(uuid.uuid4()), now()
        self.records = [str(uuid.uuid4()) for _ in range(2)]
        self.pages: list[dict[str, Any]] = []
        shift, patrol = self.records
        self.write("shift-start", shift, {"started_at": moment_text(self.at)})
        self.write("patrol", patrol, _patrol(self.at, shift))
        self.write("amendment", patrol, {"reason": "Example", "changes": {"notes": "Amended"}})
        self.write("patrol", str(uuid.uuid4()), _patrol(self.at, shift) | {"ward": "nowhere"})
        self.write("shift-end", str(uuid.uuid4()), {"ended_at": moment_text(self.at)})

    def write(self, kind: str, record: str, body: dict[str, Any]) -> None:
        previous, number = self.pages[-1]["seal"] if self.pages else self.id, len(self.pages) + 1
        said = (kind, record, moment_text(self.at), json.dumps(body))
        names = ("kind", "record", "written_at", "body", "page", "previous", "seal")
        seal = seal_of(previous, number, *said)
        self.pages.append(dict(zip(names, (*said, number, previous, seal), strict=True)))

    def ask(self) -> None:
        """Open the notebook, send everything, read everything back."""
        _sign_in(self.client, auth.OFFICER)
        csrf = {"X-CSRFToken": _csrf(self.client)}
        here = f"/api/v1/notebooks/{self.id}"
        opened = self.client.put(here, json={"phone": {}}, headers=csrf)
        token = {"Authorization": f"Bearer {json.loads(opened.text)['token']}"}
        for _ in range(2):
            sent = self.client.post(f"{here}/pages", json={"pages": self.pages}, headers=token)
            assert sent.status_code == 201, sent.text
            photo = token | {"Content-Type": "image/jpeg"}
            self.client.put(f"{here}/evidence/{SHA256}", data=PHOTO, headers=photo)
        self.client.head(f"{here}/evidence/{SHA256}", headers=token)
        for rest in (here, f"{here}/pages?after=1", f"{here}/inbox?after=1", "/api/v1/reference"):
            assert self.client.get(rest, headers=token).status_code == 200, rest
        for rest in ("/api/v1/openapi.json", "/api/v9", "/health/live", "/health/ready"):
            self.client.get(rest)


def _patrol(at: datetime, shift: str) -> dict[str, Any]:
    return {
        "activity": "faith-reassurance",
        "shift": shift,
        "started_at": moment_text(at),
        "ended_at": moment_text(at),
        "address": "1 Example Street",
        "ward": WARD,
        "outcomes": ["nothing-unusual"],
        "photos": [{"sha256": SHA256, "taken_at": moment_text(at)}],
    }


def _ask_desk(client: FlaskClient, shift: str, patrol: str) -> None:
    _sign_in(client, auth.TEAM_LEADER)
    week = f"/desk/count/{Week.of(now())}"
    one = [f"/desk/records/{patrol}", f"/desk/shifts/{shift}", f"/desk/evidence/{SHA256}"]
    for address in ("/desk", "/desk/held", *one, week, f"{week}.csv", f"{week}/places"):
        assert client.get(address).status_code == 200, address
    client.get("/desk/count")
    for asked in ({}, *FILTERS, {"week": str(Week.of(now())), "late": "1"}):
        assert client.get("/desk/patrols", query_string=asked).status_code == 200, asked
        client.get("/desk/patrols/results", query_string=asked, headers={"HX-Request": "true"})
    _ask_register(client)
    csrf = {"X-CSRFToken": _csrf(client)}
    client.post("/sign-out", headers=csrf)


def _ask_register(client: FlaskClient) -> None:
    htmx = {"HX-Request": "true"}
    for asked in ({}, *NOTICE_FILTERS):
        assert client.get("/desk/notices", query_string=asked).status_code == 200, asked
        client.get("/desk/notices/results", query_string=asked, headers=htmx)
    for typed in TYPED:
        assert client.post("/desk/notices", data={"q": typed}).status_code == 200, typed
    assert client.get("/desk/law").status_code == 200
