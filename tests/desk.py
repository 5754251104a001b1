"""What tests of the desk do again and again: read a page, fill in its form, look at what was written."""

from __future__ import annotations

import hashlib
import html
import io
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from PIL import Image, ImageDraw
from sqlite_utils import Database
from werkzeug.test import TestResponse

from field_app.database import all_rows, insert, writing
from field_app.evidence import Part, Store
from field_app.notebook import write_at_desk
from field_app.times import moment_text


def words(page: str) -> str:
    """What a person reads, a space for each tag."""
    body = page.partition("<main")[2] or page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"the page has a field {name}"
    return html.unescape(found[1])


def send(client: FlaskClient, path: str, form: str | None = None, **fields: Any) -> TestResponse:
    """Send a form that stands on the page at `form`, with its CSRF token."""
    token = hidden(client.get(form or path).text, "csrf_token")
    return client.post(path, data={"csrf_token": token} | fields)


def photo(colour: str, size: tuple[int, int] = (320, 240)) -> bytes:
    """A picture that no other colour makes."""
    made, kept = Image.new("RGB", size, colour), io.BytesIO()
    ImageDraw.Draw(made).rectangle((20, 20, 90, 60), fill="white")
    made.save(kept, "JPEG")
    return kept.getvalue()


def keep(db: Database, instance: Path, notebook: str, data: bytes, at: datetime) -> str:
    """Evidence as the wire keeps it; its name."""
    name, type_ = hashlib.sha256(data).hexdigest(), "image/jpeg"
    part = Part(0, len(data), len(data))
    assert Store(instance / "evidence").take(notebook, name, type_, part, data) is None
    row = {"sha256": name, "type": type_, "bytes": len(data), "notebook": notebook}
    insert(db, "evidence", row | {"received_at": moment_text(at)})
    return name


def pages(db: Database, record: str, kind: str | None = None) -> list[dict[str, Any]]:
    """The pages about a record, of one kind or of all, as they were received."""
    rows = all_rows(db, "SELECT * FROM pages WHERE record = ? ORDER BY ordered_at, page", [record])
    return [row for row in rows if kind in (None, row["kind"])]


def make_void(db: Database, record: str, by: str, other: str, at: datetime) -> None:
    """Somebody at the desk asks that a notice be void, and a second person agrees."""
    asked = {"withdrawal": "void", "withdrawal_reason": "Written twice"}
    agreed = {"withdrawal_answer": "agree", "withdrawal_answer_reason": "Yes"}
    with writing(db):
        write_at_desk(db, by, "withdrawal", record, asked, at)
    with writing(db):
        answered = at + timedelta(seconds=1)
        write_at_desk(db, other, "withdrawal-answer", record, agreed, answered)
