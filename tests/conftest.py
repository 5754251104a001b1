"""What every test may ask for: an app with its own central file, officers, notebooks, and a client
that looks at every page it is given."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database
from werkzeug.test import TestResponse

from field_app import auth, create_app, notebook, registers
from field_app.database import connect, insert, one_row, path_of, writing
from field_app.times import moment_text, now

PASSWORD = "correct horse"
WARD, OTHER_WARD = "E05013665", "E05013655"

Element = ElementTree.Element


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        auth, "passwords", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    made = create_app(
        {"INSTANCE": tmp_path / "instance", "SIGN_IN_LIMIT": "10000 per minute", "TESTING": True}
    )
    made.test_client_class = CarefulClient
    return made


@pytest.fixture
def db(app: Flask) -> Iterator[Database]:
    made = connect(path_of(app))
    yield made
    made.conn.close()


@pytest.fixture
def client(app: Flask) -> CarefulClient:
    made = app.test_client()
    assert isinstance(made, CarefulClient)
    return made


class CarefulClient(FlaskClient):
    """The one test client: every HTML page that any test fetches is looked at."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        if answer.mimetype == "text/html" and answer.data and not 300 <= answer.status_code < 400:
            assert faults(answer.text) == [], args
        return answer


def faults(page: str) -> list[str]:
    """What is wrong with a page of HTML; a fragment is judged as the inside of a page."""
    fragment = "<html" not in page
    whole = f"<!doctype html><title>-</title>{page}" if fragment else page
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(whole)
    found = [f"invalid HTML: {code} at {place}" for place, code, _ in parser.errors]
    found += _title_and_language(root, fragment)
    found += _ids(root)
    found += [f"no label: {_said(field)}" for field in _fields(root) if not _labelled(root, field)]
    return found + _inline(root)


def _title_and_language(root: Element, fragment: bool) -> list[str]:
    title = root.findtext("head/title") or ""
    found = [] if title.strip() else ["no title"]
    return found if fragment or root.get("lang") else [*found, "no language"]


def _ids(root: Element) -> list[str]:
    ids = [one for element in root.iter() if (one := element.get("id")) is not None]
    twice = [f"id twice: {one}" for one in sorted({one for one in ids if ids.count(one) > 1})]
    pointing = ("for", "aria-describedby", "aria-labelledby", "aria-controls")
    lost = {
        f"{name} points nowhere: {one}"
        for element in root.iter()
        for name in pointing
        for one in element.get(name, "").split()
        if one not in ids
    }
    return twice + sorted(lost)


def _fields(root: Element) -> list[Element]:
    unseen = ("hidden", "submit", "button")
    return [
        element
        for name in ("input", "select", "textarea")
        for element in root.iter(name)
        if element.get("type") not in unseen
    ]


def _labelled(root: Element, field: Element) -> bool:
    if field.get("aria-label") or field.get("aria-labelledby"):
        return True
    labels = [label for label in root.iter("label") if "".join(label.itertext()).strip()]
    return any(
        field in list(label.iter()) or (field.get("id") and label.get("for") == field.get("id"))
        for label in labels
    )


def _inline(root: Element) -> list[str]:
    """What the content security policy would not let run."""
    found = []
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.get("data-prevent-double-click"):
            found.append("no GOV.UK script runs here, so a second press is the server's to notice")
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            found.append(f"inline: {element.tag}")
        found += [
            f"inline: {name} of {element.tag}"
            for name in element.attrib
            if name == "style" or re.fullmatch(r"on[a-z]+", name)
        ]
    return found


def _said(element: Element) -> str:
    return f"{element.tag} {element.attrib}"


@pytest.fixture
def officer(db: Database) -> Callable[..., str]:
    """Make an officer (or another role); the id. The user name is the first name in lower case."""

    def make(name: str, role: str = auth.OFFICER, **more: Any) -> str:
        row = {
            "id": str(uuid.uuid4()),
            "username": name.split(maxsplit=1)[0].lower(),
            "name": name,
            "role": role,
            "password_hash": auth.passwords.hash(PASSWORD),
        }
        insert(db, "officers", row | more)
        return str(row["id"])

    return make


@pytest.fixture
def leader(officer: Callable[..., str]) -> str:
    return officer("Lena Leader", auth.TEAM_LEADER)


@pytest.fixture
def place(db: Database, officer: Callable[..., str]) -> Callable[..., str]:
    """Put a place in the register, as an administrator would; its id."""

    def make(name: str, ward: str = WARD, category: str = "synagogue", **more: Any) -> str:
        known = one_row(db, "SELECT id FROM officers WHERE username = 'registrar'")
        keeper = known["id"] if known else officer("Registrar Invented", auth.ADMINISTRATOR)
        body = {"name": name, "category": category, "ward": ward} | more
        record = str(uuid.uuid4())
        with writing(db):
            registers.keep(db, keeper, "place", record, body, None, now())
        return record

    return make


class Notebook:
    """A notebook as a phone fills and sends it: pages numbered, sealed, and appended."""

    def __init__(self, db: Database, officer: str) -> None:
        self.db, self.officer = db, officer
        self.id = str(uuid.uuid4())
        self.pages: list[notebook.Page] = []
        self.sent = 0

    def write(
        self, kind: str, body: dict[str, Any] | str, written_at: datetime, record: str | None = None
    ) -> str:
        """Write the next page; the id of the record it is about."""
        about, number = record or str(uuid.uuid4()), len(self.pages) + 1
        previous = self.pages[-1].seal if self.pages else self.id
        text = body if isinstance(body, str) else json.dumps(body)
        written = moment_text(written_at)
        seal = notebook.seal_of(previous, number, kind, about, written, text)
        self.pages.append(notebook.Page(number, kind, about, written, previous, seal, text))
        return about

    def send(self, now: datetime, clock_wrong_by: timedelta = timedelta()) -> list[str]:
        """Send what is not sent yet at `now`; the state of each page."""
        waiting, self.sent = self.pages[self.sent :], len(self.pages)
        phone = notebook.Phone(sent_at=now + clock_wrong_by, oldest=1)
        with writing(self.db):
            notebook.open_notebook(self.db, self.id, self.officer, 1, now)
            results = notebook.append(self.db, self.id, waiting, phone, now)
        return [result["state"] for result in results]


@pytest.fixture
def notebook_of(db: Database) -> Callable[[str], Notebook]:
    return lambda officer: Notebook(db, officer)


@pytest.fixture
def write_pages(db: Database) -> Callable[..., list[str]]:
    """Write pages `(kind, body)` or `(kind, body, record)` into a new notebook of an officer and
    send them at `now`; the id of each one's record."""

    def write(
        officer: str, pages: list[tuple[Any, ...]], now: datetime, **sending: Any
    ) -> list[str]:
        book = Notebook(db, officer)
        records = [book.write(kind, body, now, *record) for kind, body, *record in pages]
        book.send(now, **sending)
        return records

    return write


def patrol(began: datetime, /, **more: Any) -> dict[str, Any]:
    """The body of a sound patrol of a moment; a value of None takes a field out."""
    body = {
        "activity": "faith-reassurance",
        "started_at": moment_text(began),
        "ended_at": moment_text(began),
        "address": "1 Example Street",
        "ward": WARD,
        "outcomes": ["nothing-unusual"],
    }
    return {name: value for name, value in (body | more).items() if value is not None}


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD) -> TestResponse:
    """Sign in as a person does: fetch the page, fill in the form, send it."""
    page = client.get("/sign-in").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the sign-in page has a CSRF token"
    fields = {"username": username, "password": password, "csrf_token": found[1]}
    return client.post("/sign-in", data=fields)
