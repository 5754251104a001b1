"""Keys to the count: made and withdrawn at the desk, shown once, and good for one thing."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database
from werkzeug.test import TestResponse

from field_app import api, desk, fold, keys, keys_desk, openapi, verify, weeks_desk
from field_app.database import all_rows, path_of, writing
from field_app.times import moment_text
from tests.conftest import patrol, sign_in
from tests.desk import hidden, pages, words

HERE = "/desk/keys"
NOW = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 18, 14, 10, tzinfo=UTC)
COUNT = "/api/v1/counts/2026-W47"

Make = Callable[..., str]
Write = Callable[..., list[str]]


@pytest.fixture
def lena(client: FlaskClient, leader: str, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    assert leader
    for module in (desk, weeks_desk, keys_desk, api):
        monkeypatch.setattr(module, "now", lambda: NOW)
    sign_in(client, "lena")
    return client


def send(client: FlaskClient, purpose: str = "The weekly report", record: str = "") -> TestResponse:
    page = client.get(HERE).text
    said = {name: hidden(page, name) for name in ("csrf_token", "record")}
    said |= {"purpose": purpose} | ({"record": record} if record else {})
    return client.post(HERE, data=said)


def made(client: FlaskClient, purpose: str = "The weekly report", record: str = "") -> str:
    answer = send(client, purpose, record)
    shown = re.search(r'<code class="key">([^<]+)</code>', answer.text)
    assert shown, answer.status_code
    return shown[1]


def withdraw(client: FlaskClient, record: str, reason: str = "Not used any more") -> TestResponse:
    here = f"{HERE}/{record}/withdraw"
    token = hidden(client.get(HERE).text, "csrf_token")
    return client.post(here, data={"csrf_token": token, "withdrawn_reason": reason})


def asked(app: Flask, key: str | None, address: str = COUNT, method: str = "GET") -> TestResponse:
    """What a program that is not signed in is told."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return app.test_client().open(address, method=method, headers=headers)


def test_a_key_reads_what_the_desk_gives_as_json(
    app: Flask, lena: FlaskClient, officer: Make, write_pages: Write
) -> None:
    write_pages(officer("Olu Officer"), [("patrol", patrol(WEDNESDAY))], WEDNESDAY)
    answer = asked(app, made(lena))
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data == lena.get("/desk/count/2026-W47.json").data
    assert json.loads(answer.data)["tables"]["ward"]["rows"][-1]["patrols"] == 1


def test_the_answer_is_as_openapi_says(app: Flask, lena: FlaskClient) -> None:
    document = openapi.document()
    schema = {"$ref": "#/components/schemas/Count", "components": document["components"]}
    jsonschema.validate(json.loads(asked(app, made(lena)).data), schema)


def test_a_key_is_shown_once_and_the_file_has_its_hash_alone(
    app: Flask, db: Database, lena: FlaskClient
) -> None:
    record = str(uuid4())
    key = made(lena, record=record)
    assert key.startswith("fieldbook-count-")
    assert len(key) == len("fieldbook-count-") + 43
    [page] = pages(db, record)
    said = {"purpose": "The weekly report", "digest": hashlib.sha256(key.encode()).hexdigest()}
    assert json.loads(page["body"]) == said
    again = lena.get(HERE).text + lena.get(f"/desk/records/{record}").text
    assert key not in again
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = b"".join(file.read_bytes() for file in path_of(app).parent.glob("fieldbook.sqlite3*"))
    assert key.encode() not in kept


def test_a_form_that_is_sent_twice_makes_one_key(db: Database, lena: FlaskClient) -> None:
    record = str(uuid4())
    made(lena, record=record)
    again = send(lena, record=record)
    assert (again.status_code, again.location) == (303, f"{HERE}#keys")
    assert len(pages(db, record)) == 1


def test_a_key_has_to_say_what_it_is_for(db: Database, lena: FlaskClient) -> None:
    for purpose, said in (("  ", "Enter what it is for"), ("x" * 201, "must be 200 characters")):
        answer = send(lena, purpose)
        assert answer.status_code == 400
        assert f"There is a problem {said}" in words(answer.text).replace("What it is for ", "")
    assert purpose in answer.text
    assert all_rows(db, "SELECT * FROM count_keys") == []


def test_the_list_says_who_made_each_key_when_and_when_it_was_last_used(
    app: Flask, lena: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There is no key: nothing outside Fieldbook reads the count." in lena.get(HERE).text
    key = made(lena)
    row = "The weekly report Lena Leader Wednesday 25 November 2026 at 16:00"
    assert f"{row} Never Withdraw" in words(lena.get(HERE).text)
    monkeypatch.setattr(api, "now", lambda: NOW + timedelta(days=1))
    asked(app, key)
    assert f"{row} Thursday 26 November 2026 at 16:00 Withdraw" in words(lena.get(HERE).text)


def test_uses_that_follow_each_other_closely_are_written_down_once(
    db: Database, leader: str
) -> None:
    with writing(db):
        key = keys.make(db, leader, str(uuid4()), "Example", NOW)
    record = keys.known(db, str(key))
    assert record
    for seconds, used in ((0, 0), (59, 0), (60, 60), (100, 60), (121, 121)):
        keys.note_use(db, record, NOW + timedelta(seconds=seconds))
        [row] = all_rows(db, "SELECT used_at FROM key_uses")
        assert row["used_at"] == moment_text(NOW + timedelta(seconds=used)), seconds


def test_a_withdrawn_key_opens_nothing_and_its_withdrawal_is_a_page(
    app: Flask, db: Database, lena: FlaskClient, leader: str
) -> None:
    record, other = str(uuid4()), made(lena, "Another one")
    key = made(lena, record=record)
    assert asked(app, key).status_code == 200
    for _ in range(2):  # sent twice is once
        assert withdraw(lena, record).location == f"{HERE}#keys"
    answer = asked(app, key)
    assert (answer.status_code, json.loads(answer.data)["error"]) == (401, "key")
    assert asked(app, other).status_code == 200
    assert [page["kind"] for page in pages(db, record)] == ["key-made", "key-withdrawn"]
    [notebook] = all_rows(db, "SELECT officer FROM notebooks WHERE at_desk")
    assert notebook["officer"] == leader
    said = words(lena.get(HERE).text)
    assert (
        "Withdrawn by Lena Leader, Wednesday 25 November 2026 at 16:00: Not used any more" in said
    )
    assert lena.get(f"{HERE}/{record}/withdraw").location == f"{HERE}#keys"


def test_a_withdrawal_has_a_reason(app: Flask, db: Database, lena: FlaskClient) -> None:
    record = str(uuid4())
    key = made(lena, record=record)
    answer = withdraw(lena, record, " ")
    assert answer.status_code == 400
    assert "There is a problem Enter a reason" in words(answer.text)
    assert asked(app, key).status_code == 200
    assert len(pages(db, record)) == 1
    assert withdraw(lena, str(uuid4())).status_code == 404


def test_keys_stand_after_a_rebuild(app: Flask, db: Database, lena: FlaskClient) -> None:
    record = str(uuid4())
    kept, gone = made(lena), made(lena, record=record)
    withdraw(lena, record)
    with writing(db):
        fold.fold_all(db)
    assert [asked(app, key).status_code for key in (kept, gone)] == [200, 401]
    assert list(verify.verify(db, path_of(app).parent / "evidence", lambda *_: None)) == []


@pytest.mark.parametrize("key", [None, "", "fieldbook-count-guessed", "é"])
def test_without_a_key_there_is_nothing(app: Flask, key: str | None) -> None:
    answer = asked(app, key)
    assert (answer.status_code, json.loads(answer.data)["error"]) == (401, "key")


def test_a_session_is_no_key(lena: FlaskClient) -> None:
    assert lena.get(COUNT).status_code == 401


def test_a_key_opens_the_count_and_nothing_else(app: Flask, lena: FlaskClient) -> None:
    key, notebook = made(lena), uuid4()
    for address in (
        "/api/v1/reference",
        f"/api/v1/notebooks/{notebook}",
        f"/api/v1/notebooks/{notebook}/inbox",
        "/api/v1/me",
    ):
        assert asked(app, key, address).status_code == 401, address
    for address in ("/desk", "/desk/patrols", HERE, "/desk/count/2026-W47.json"):
        assert asked(app, key, address).location.startswith("/sign-in"), address
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert asked(app, key, method=method).status_code == 405, method


@pytest.mark.parametrize("week", ["2026-W54", "2026", "period"])
def test_no_week_is_said(app: Flask, lena: FlaskClient, week: str) -> None:
    answer = asked(app, made(lena), f"/api/v1/counts/{week}")
    assert (answer.status_code, json.loads(answer.data)["error"]) == (404, "week")


def test_a_key_is_used_so_often_and_no_oftener(app: Flask, lena: FlaskClient) -> None:
    app.config["COUNT_LIMIT"] = "3 per minute"
    key, other = made(lena), made(lena, "Another one")
    assert [asked(app, key).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = asked(app, key)
    assert int(answer.headers["Retry-After"]) > 0
    assert json.loads(answer.data)["error"] == "too-many-requests"
    assert asked(app, other).status_code == 200
    guesses = [asked(app, f"guess-{nth}").status_code for nth in range(4)]
    assert guesses == [401, 401, 401, 429]  # by address, whatever is guessed


def test_an_officer_has_nothing_to_do_with_keys(client: FlaskClient, officer: Make) -> None:
    officer("Olu Officer")
    sign_in(client, "olu")
    assert client.get(HERE).status_code == 403
    assert client.get(f"{HERE}/{uuid4()}/withdraw").status_code == 403


def test_the_week_s_page_leads_to_the_keys(lena: FlaskClient) -> None:
    assert f'href="{HERE}"' in lena.get("/desk/count/2026-W47").text
