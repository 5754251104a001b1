"""The wire: who is signed in, and opening a notebook."""

from __future__ import annotations

import uuid

from tests.wire.client import Notebook, Server, Session, states


def test_me_says_who_is_signed_in(first: Session) -> None:
    said = {name: value for name, value in first.me.items() if name not in ("csrf", "server_time")}
    assert said == {
        "officer": first.me["officer"],
        "username": "first",
        "name": "First Invented",
        "roles": ["officer"],
        "epoch": first.me["epoch"],
    }
    assert first.me["csrf"]


def test_me_without_a_session_is_401_in_json_and_no_redirect(server: Server) -> None:
    answer = server.call("GET", "/api/v1/me")
    assert (answer.status, answer.headers["Content-Type"]) == (401, "application/json")
    assert answer.json == {"error": "session", "message": "Sign in first."}


def test_new_notebook_is_opened_empty(first: Session) -> None:
    name = str(uuid.uuid4())
    answer = first.open(name)
    said = answer.json
    assert answer.status == 201
    assert said == {
        "notebook": name,
        "token": said["token"],
        "epoch": first.me["epoch"],
        "notebook_state": "open",
        "received_through": 0,
        "last_seal": name,
        "backed_up_through": 0,
        "books": said["books"],
        "evidence_wanted": [],
        "server_time": said["server_time"],
    }
    assert {book["series"][:2] for book in said["books"]} == {"CF", "CW", "CN"}


def test_known_notebook_is_opened_again_with_a_fresh_token_that_ends_the_older(
    first: Session, notebook: Notebook
) -> None:
    notebook.write()
    notebook.post()
    older = notebook.token
    answer = first.open(notebook.id)
    assert (answer.status, answer.json["received_through"]) == (200, 1)
    assert notebook.call("GET").status == 401
    notebook.token = answer.json["token"]
    assert notebook.token != older
    assert notebook.call("GET").status == 200


def test_notebook_of_another_officer_is_409(second: Session, notebook: Notebook) -> None:
    answer = second.open(notebook.id)
    assert (answer.status, answer.json["error"]) == (409, "not-yours")
    assert notebook.call("GET").status == 200, "its own token still works"


def test_opening_without_the_csrf_token_is_400(first: Session) -> None:
    answer = first.open(str(uuid.uuid4()), X_CSRFToken="")
    assert (answer.status, answer.json["error"]) == (400, "csrf")


def test_opening_without_a_session_is_401_in_json(first: Session) -> None:
    answer = first.open(str(uuid.uuid4()), Cookie="")
    assert (answer.status, answer.json["error"]) == (401, "session")


def test_opening_with_what_is_not_json_is_422(server: Server, first: Session) -> None:
    answer = server.call(
        "PUT",
        f"/api/v1/notebooks/{uuid.uuid4()}",
        b"phone",
        Cookie=first.cookie,
        X_CSRFToken=first.me["csrf"],
    )
    assert (answer.status, answer.json["error"]) == (422, "json")


def test_token_outlives_the_session(server: Server) -> None:
    short = Session(server, "second").sign_in()
    notebook = short.notebook()
    answer = server.call(
        "POST", "/sign-out", b"", Cookie=short.cookie, X_CSRFToken=short.me["csrf"]
    )
    assert answer.status == 302
    notebook.write()
    assert states(notebook.post()) == ["accepted"]


def test_unknown_token_is_401(server: Server, notebook: Notebook, second: Session) -> None:
    foreign = second.notebook().token
    sound = notebook.token
    for token in ("", "garbage", sound + "x", sound[:-1], foreign, "\xff"):
        notebook.token = token
        for method, path in (("GET", ""), ("POST", "/pages"), ("GET", "/pages"), ("GET", "/inbox")):
            answer = notebook.call(method, path, {} if method == "POST" else None)
            assert (answer.status, answer.json["error"]) == (401, "token"), (token, path)
    assert server.call("GET", "/api/v1/reference").status == 401
    assert server.call("GET", "/api/v1/reference", Authorization="Basic eDp5").status == 401


def test_session_is_not_a_token(notebook: Notebook, first: Session) -> None:
    notebook.token = ""
    assert notebook.call("GET", Cookie=first.cookie).status == 401
