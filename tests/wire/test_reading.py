"""The wire: what a phone needs offline, withdrawn notebooks, and the description of it all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import uuid4

import brotli
import pytest
from jsonschema import Draft202012Validator

from field_app import registers
from field_app.database import FILE_NAME, all_rows, connect, writing
from field_app.times import now
from tests.wire.client import Json, Notebook, Server, Session, moment, patrol, states


def change(server: Server, sql: str, *values: Any) -> None:
    with closing(connect(server.instance / FILE_NAME).conn) as connection:
        connection.execute(sql, values)


def put_in_register(server: Server, name: str) -> None:
    """Put a place into the register, as an administrator would."""
    db = connect(server.instance / FILE_NAME)
    with closing(db.conn), writing(db):
        keeper = all_rows(db, "SELECT id FROM officers")[0]["id"]
        said = {"name": name, "category": "church", "ward": "E05013665"}
        registers.keep(db, keeper, "place", str(uuid4()), said, None, now())


def test_reference_has_what_the_phone_needs_offline(server: Server, notebook: Notebook) -> None:
    answer = server.call("GET", "/api/v1/reference", Authorization=f"Bearer {notebook.token}")
    said = answer.json
    assert answer.status == 200
    assert sorted(said) == [
        "activities",
        "authorisations",
        "boundaries",
        "colleagues",
        "places",
        "wards",
        "warnings",
    ]
    assert [one["name"] for one in said["colleagues"]] == ["First Invented", "Second Invented"]


def test_reference_that_has_not_changed_is_304(server: Server, notebook: Notebook) -> None:
    bearer = f"Bearer {notebook.token}"
    tag = server.call("GET", "/api/v1/reference", Authorization=bearer).headers["ETag"]
    same = server.call("GET", "/api/v1/reference", Authorization=bearer, If_None_Match=tag)
    assert (same.status, same.data, same.headers["ETag"]) == (304, b"", tag)
    other = server.call("GET", "/api/v1/reference", Authorization=bearer, If_None_Match='"x"')
    assert other.status == 200


def test_reference_is_compressed_for_whoever_takes_that(server: Server, notebook: Notebook) -> None:
    bearer = f"Bearer {notebook.token}"
    plain = server.call("GET", "/api/v1/reference", Authorization=bearer)
    takes: Json = {"Authorization": bearer, "Accept_Encoding": "gzip, br"}
    answer = server.call("GET", "/api/v1/reference", **takes)
    assert plain.headers.get("Content-Encoding") is None
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["ETag"] != plain.headers["ETag"]
    assert json.loads(brotli.decompress(answer.data)) == plain.json
    again = server.call("GET", "/api/v1/reference", If_None_Match=answer.headers["ETag"], **takes)
    assert (again.status, again.data) == (304, b"")


def test_reference_that_has_changed_is_given_anew(server: Server, notebook: Notebook) -> None:
    bearer = f"Bearer {notebook.token}"
    tag = server.call("GET", "/api/v1/reference", Authorization=bearer).headers["ETag"]
    put_in_register(server, "Invented Hall")
    changed = server.call("GET", "/api/v1/reference", Authorization=bearer, If_None_Match=tag)
    assert changed.status == 200
    assert [one["name"] for one in changed.json["places"]] == ["Invented Hall"]


def test_pages_of_a_withdrawn_notebook_are_held_and_nothing_is_given_out(
    server: Server, notebook: Notebook, first: Session
) -> None:
    notebook.write()
    notebook.post()
    change(server, "UPDATE notebooks SET withdrawn_at = ? WHERE id = ?", moment(), notebook.id)
    late = notebook.write()
    said = notebook.post([late])
    assert states(said) == ["held"]
    assert [problem["rule"] for problem in said.json["results"][0]["problems"]] == ["withdrawn"]
    assert (said.json["notebook_state"], said.json["received_through"]) == ("withdrawn", 2)
    assert notebook.standing()["notebook_state"] == "withdrawn"
    bearer: Json = {"Authorization": f"Bearer {notebook.token}"}
    given = [
        notebook.call("GET", "/pages"),
        notebook.call("GET", "/inbox"),
        server.call("GET", "/api/v1/reference", **bearer),
        first.open(notebook.id),
    ]
    assert [(answer.status, answer.json["error"]) for answer in given] == [(403, "withdrawn")] * 4


@pytest.fixture
def retired(server: Server, notebook: Notebook, first: Session) -> Iterator[Notebook]:
    """A notebook whose officer has left the team since; the server is the other tests' too."""
    left = "UPDATE officers SET retired_at = ? WHERE id = ?"
    change(server, left, moment(), first.me["officer"])
    yield notebook
    change(server, left, None, first.me["officer"])


def test_nothing_is_given_out_to_an_officer_who_is_retired_and_their_pages_are_taken(
    server: Server, retired: Notebook
) -> None:
    notebook = retired
    notebook.write()
    assert states(notebook.post()) == ["accepted"]
    assert notebook.standing()["received_through"] == 1
    bearer: Json = {"Authorization": f"Bearer {notebook.token}"}
    given = [
        notebook.call("GET", "/pages"),
        notebook.call("GET", "/inbox"),
        server.call("GET", "/api/v1/reference", **bearer),
    ]
    assert [(answer.status, answer.json["error"]) for answer in given] == [(403, "retired")] * 3


def test_token_of_an_officer_whose_notebook_it_is_not_any_more_is_401(
    server: Server, notebook: Notebook, second: Session
) -> None:
    change(
        server, "UPDATE notebooks SET officer = ? WHERE id = ?", second.me["officer"], notebook.id
    )
    notebook.write()
    assert notebook.post().status == 401
    assert notebook.call("GET").status == 401


def test_every_answer_is_never_cached(server: Server, notebook: Notebook) -> None:
    for answer in (notebook.call("GET"), server.call("GET", "/api/v1/me")):
        assert answer.headers["Cache-Control"] == "no-store"


def test_health_says_live_and_ready(server: Server, first: Session) -> None:
    assert server.call("GET", "/health/live").json == {"status": "live"}
    ready = server.call("GET", "/health/ready")
    said = {"status": "ready", "epoch": first.me["epoch"], "paper": "ready"}
    assert (ready.status, ready.json) == (200, said)


def description(server: Server) -> Json:
    answer = server.call("GET", "/api/v1/openapi.json")
    assert answer.status == 200
    found: Json = answer.json
    return found


def schema(document: Json, name: str) -> Draft202012Validator:
    schemas = document["components"]["schemas"]
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}"} | {"components": {"schemas": schemas}}
    )


def test_description_names_every_call_and_every_schema_is_sound(server: Server) -> None:
    document = description(server)
    calls = sorted(
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    )
    assert calls == [
        "GET /api/v1/counts/{week}",
        "GET /api/v1/me",
        "GET /api/v1/notebooks/{notebook}",
        "GET /api/v1/notebooks/{notebook}/inbox",
        "GET /api/v1/notebooks/{notebook}/pages",
        "GET /api/v1/reference",
        "HEAD /api/v1/notebooks/{notebook}/evidence/{sha256}",
        "POST /api/v1/notebooks/{notebook}/pages",
        "PUT /api/v1/notebooks/{notebook}",
        "PUT /api/v1/notebooks/{notebook}/evidence/{sha256}",
    ]
    for one in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(one)


def test_posts_and_answers_are_as_described(
    server: Server, notebook: Notebook, first: Session
) -> None:
    document = description(server)
    notebook.write(body={})
    schema(document, "Post").validate({"pages": notebook.pages, "phone": {"oldest": 1}})
    answers = {
        "Receipt": notebook.post(),
        "Standing": notebook.call("GET"),
        "Pages": notebook.call("GET", "/pages"),
        "Inbox": notebook.call("GET", "/inbox"),
        "Me": server.call("GET", "/api/v1/me", Cookie=first.cookie),
        "Opened": first.open(notebook.id),
        "Error": notebook.call("GET"),
    }
    for name, answer in answers.items():
        schema(document, name).validate(answer.json)


def values(one: Json) -> list[Any]:
    """Some values that a property's schema allows."""
    if "const" in one or "enum" in one:
        allowed = one.get("enum") or [one["const"]]
        return [allowed[0], allowed[-1]]
    if one["type"] == "array":
        several = values(one["items"])
        return [several[:1], several[: one.get("minItems", 0)]]
    if one["type"] == "object":
        inner = {name: values(each)[0] for name, each in one.get("properties", {}).items()}
        return [inner]
    if one["type"] == "boolean":
        return [True, False]
    if one["type"] in ("integer", "number"):
        return [one["minimum"], one["maximum"]]
    return texts(one)


def texts(one: Json) -> list[Any]:
    pattern = one.get("pattern", "")
    if one.get("format") == "date-time" or "T(" in pattern:
        return ["2026-11-16T10:00:00Z", "2026-11-16T10:00:00.5Z"]
    if "{64}" in pattern:
        return ["ab" * 32]
    if "{8}" in pattern:
        return ["018f0000-0000-7000-8000-000000000000"]
    return ["Words", "x" * one.get("maxLength", 20)]


def bodies(described: Json) -> list[Json]:
    """Bodies that a kind's schema calls valid: all fields, with each of their values."""
    forms = described.get("oneOf", [described])
    found = []
    for form, which in product(forms, (0, -1)):
        properties = form["properties"].items()
        found.append({name: values(each)[which] for name, each in properties})
    return found


@pytest.mark.parametrize("kind", ["shift-start", "shift-end", "patrol", "amendment"])
def test_body_that_the_description_calls_valid_is_accepted(
    server: Server, notebook: Notebook, kind: str
) -> None:
    document = description(server)
    validator = schema(document, f"body-{kind}")
    made = bodies(document["components"]["schemas"][f"body-{kind}"])
    assert len(made) >= (16 if kind == "patrol" else 2)
    for body in made:
        validator.validate(body)
        record = None
        if kind in ("shift-end", "amendment"):
            record = notebook.write("shift-start", {"started_at": "2026-11-16T09:00:00Z"})["record"]
        notebook.write(kind, body, record)
    assert set(states(notebook.post())) == {"accepted"}, notebook.post().text


def test_body_that_the_description_calls_wrong_is_held(server: Server, notebook: Notebook) -> None:
    validator = schema(description(server), "body-patrol")
    wrong = [
        patrol(ward="E05000000"),
        patrol(started_at="today"),
        patrol(spoken_to=-1),
        patrol(outcomes="nothing-unusual"),
        patrol(activity="street-trading"),
        {name: value for name, value in patrol().items() if name != "address"},
        patrol(address=""),
        patrol(outcomes=[]),
    ]
    assert [validator.is_valid(body) for body in wrong] == [False] * len(wrong)
    for body in wrong:
        notebook.write(body=body)
    assert states(notebook.post()) == ["held"] * len(wrong)


def test_times_are_rfc_3339_in_utc(notebook: Notebook) -> None:
    at = datetime.fromisoformat(notebook.call("GET").json["server_time"])
    assert abs((datetime.now(UTC) - at).total_seconds()) < 5
