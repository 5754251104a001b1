"""Who was shown what evidence: every time bytes are handed out a row, and no row is ever changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pysqlite3 import dbapi2 as sqlite3
from sqlite_utils import Database

from field_app import desk, prosecution
from field_app.database import all_rows
from field_app.times import moment_text
from tests import notices
from tests.conftest import sign_in
from tests.desk import keep, photo, words

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
AT = moment_text(NOW)


@pytest.fixture(autouse=True)
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (desk, prosecution):
        monkeypatch.setattr(module, "now", lambda: NOW)


@pytest.fixture
def notice(
    app: Flask, db: Database, officer: Callable[..., str], notebook_of: Callable[[str], Any]
) -> tuple[str, list[str]]:
    """A notice with a photo, signed for, with another photo added later; the names of the three."""
    book = notebook_of(officer("Olu Officer"))
    pictures = [photo(colour) for colour in ("red", "green", "blue")]
    names: list[str] = []
    listed = []
    book.send(NOW)
    for data in pictures:
        names.append(keep(db, app.config["INSTANCE"], book.id, data, NOW))
        listed.append([{"sha256": names[-1], "taken_at": AT}])
    record = book.write("fpn", notices.fpn(NOW, serial=1, photos=listed[0]), NOW)
    served = {"service": "by-hand", "served_at": AT, "signature": listed[1]}
    book.write("served", served, NOW, record)
    later = NOW + timedelta(hours=1)
    note = "The bin beside it"
    book.write("photos-added", {"photos": listed[2], "photos_note": note}, later, record)
    assert book.send(later) == ["accepted"] * 3
    return record, names


def views(db: Database) -> list[dict[str, Any]]:
    return all_rows(db, "SELECT * FROM views ORDER BY rowid")


def view(officer: str, sha256: str) -> dict[str, str]:
    return {"viewed_at": AT, "officer": officer, "what": "evidence", "id": sha256}


def test_evidence_that_is_shown_is_logged_each_time_unchanged_or_not(
    client: FlaskClient, db: Database, leader: str, notice: tuple[str, list[str]]
) -> None:
    _, (name, *_) = notice
    sign_in(client, "lena")
    first = client.get(f"/desk/evidence/{name}")
    again = client.get(f"/desk/evidence/{name}", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.data, first.status_code, again.status_code) == (photo("red"), 200, 304)
    assert views(db) == [view(leader, name)] * 2


def test_without_permission_there_are_no_bytes_and_no_row(
    client: FlaskClient, db: Database, leader: str, notice: tuple[str, list[str]]
) -> None:
    assert leader
    _, (name, *_) = notice
    assert client.get(f"/desk/evidence/{name}").status_code == 302
    sign_in(client, "olu")
    refused = client.get(f"/desk/evidence/{name}")
    assert (refused.status_code, photo("red") in refused.data) == (403, False)
    assert views(db) == []


def test_evidence_that_has_not_come_is_seen_by_nobody(
    client: FlaskClient, db: Database, leader: str
) -> None:
    assert leader
    sign_in(client, "lena")
    assert client.get(f"/desk/evidence/{'0' * 64}").status_code == 404
    assert views(db) == []


def test_no_bytes_leave_when_their_view_cannot_be_logged(
    client: FlaskClient, db: Database, leader: str, notice: tuple[str, list[str]]
) -> None:
    assert leader
    sign_in(client, "lena")
    db.conn.execute("DROP TABLE views")
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    answer = client.get(f"/desk/evidence/{notice[1][0]}")
    assert (answer.status_code, photo("red") in answer.data) == (500, False)


def test_the_prosecution_file_logs_the_pictures_that_are_in_it(
    client: FlaskClient, db: Database, leader: str, notice: tuple[str, list[str]]
) -> None:
    record, names = notice
    sign_in(client, "lena")
    assert client.get(f"/desk/notices/{record}/prosecution.pdf").status_code == 200
    assert views(db) == [view(leader, name) for name in names]


@pytest.mark.parametrize("change", ["UPDATE views SET officer = 'x'", "DELETE FROM views"])
def test_a_view_is_never_changed_and_never_removed(
    client: FlaskClient, db: Database, leader: str, notice: tuple[str, list[str]], change: str
) -> None:
    sign_in(client, "lena")
    client.get(f"/desk/evidence/{notice[1][0]}")
    with pytest.raises(sqlite3.IntegrityError, match="never changed and never removed"):
        db.conn.execute(change)
    assert views(db) == [view(leader, notice[1][0])]


def test_a_notice_says_who_was_shown_its_evidence(
    client: FlaskClient, leader: str, notice: tuple[str, list[str]]
) -> None:
    assert leader
    record, names = notice
    sign_in(client, "lena")
    assert "Evidence seen by" not in words(client.get(f"/desk/records/{record}").text)
    client.get(f"/desk/evidence/{names[2]}")
    said = words(client.get(f"/desk/records/{record}").text)
    assert "Evidence seen by Lena Leader, last on Sunday 22 November 2026 at 16:00." in said


def test_a_notice_shows_its_signature_and_marks_what_was_added_later(
    client: FlaskClient, leader: str, notice: tuple[str, list[str]]
) -> None:
    assert leader
    sign_in(client, "lena")
    page = client.get(f"/desk/records/{notice[0]}").text
    assert page.count('alt="Signature written Sunday 22 November 2026 at 16:00"') == 2
    stands, pages = words(page).split("Pages about it")
    assert "Added later, Sunday 22 November 2026 at 17:00" in stands
    assert "The bin beside it" in stands
    assert "Page 3 Add photos Olu Officer wrote it on Sunday 22 November 2026 at 17:00" in pages
