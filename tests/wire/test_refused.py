"""The wire: what is not taken, what is taken whatever it says, and never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.wire.client import Answer, Notebook, Server, moment, patrol, sealed, states

UUID = "018f0000-0000-7000-8000-000000000000"


UNSOUND: dict[str, list[Any]] = {
    "page": [0, -1, 1.5, "1", True, None, 2**53, 10**30, [1]],
    "kind": ["", "Patrol", "patrol\n", "p" * 65, "../x", 7, None],
    "record": ["", "x", UUID.upper(), UUID + "\n", 7],
    "written_at": ["", "2026-11-16", "2026-02-30T10:00:00Z", "2026-11-16T10:00:00+01:00", 7],
    "body": [{}, None, 7, ["{}"]],
    "previous": ["", "x", None],
}
CHANGES = [(name, value) for name, several in UNSOUND.items() for value in several]


@pytest.mark.parametrize(("name", "value"), CHANGES, ids=[f"{n} {v!r}"[:40] for n, v in CHANGES])
def test_bad_envelope_is_422_and_nothing_of_the_post_is_stored(
    notebook: Notebook, name: str, value: Any
) -> None:
    sound, second = notebook.write(), notebook.write()
    answer = notebook.post([sound, sealed(second | {name: value})])
    assert_refused(notebook, answer, "envelope")


@pytest.mark.parametrize("name", ["page", "seal", *sorted(UNSOUND.keys() - {"page"})])
def test_page_that_lacks_something_is_422(notebook: Notebook, name: str) -> None:
    sound, second = notebook.write(), notebook.write()
    lacking = {key: value for key, value in second.items() if key != name}
    assert_refused(notebook, notebook.post([sound, lacking]), "envelope")


@pytest.mark.parametrize("page", [None, [], 7, "page"])
def test_page_that_is_no_object_is_422(notebook: Notebook, page: Any) -> None:
    assert_refused(notebook, notebook.post([notebook.write(), page]), "envelope")


def test_seal_that_does_not_fit_its_page_is_422(notebook: Notebook) -> None:
    sound, second = notebook.write(), notebook.write()
    wrong = [
        {"seal": "0" * 64},
        {"seal": second["seal"].upper()},
        {"body": second["body"] + " "},
        {"written_at": "2026-11-16T10:00:00Z"},
        {"record": UUID},
        {"kind": "shift-start"},
    ]
    for change in wrong:
        answer = notebook.post([sound, second | change])
        assert_refused(notebook, answer, "envelope")
        assert answer.json["page"] == 2


def test_wrong_predecessor_in_the_post_is_422(notebook: Notebook) -> None:
    first, second = notebook.write(), notebook.write()
    wrong = sealed(second | {"previous": "0" * 64})
    answer = notebook.post([first, wrong])
    assert_refused(notebook, answer, "envelope")
    assert answer.json["page"] == 2


def test_pages_that_are_not_consecutive_are_422(notebook: Notebook) -> None:
    first, _, third = notebook.write(), notebook.write(), notebook.write()
    assert_refused(notebook, notebook.post([first, third]), "envelope")
    assert_refused(notebook, notebook.post([first, first]), "envelope")


POSTS = [
    b"",
    b"pages",
    b"[]",
    b"null",
    b"{",
    b"\xff\xfe",
    b'{"pages": ' + b"[" * 100_000,
    b'{"pages": 1' + b"0" * 5000 + b"}",
]


@pytest.mark.parametrize("post", POSTS, ids=[repr(post[:14]) for post in POSTS])
def test_post_that_is_not_a_json_object_is_422(notebook: Notebook, post: bytes) -> None:
    assert_refused(notebook, notebook.call("POST", "/pages", post), "json")


@pytest.mark.parametrize("pages", [None, {}, 7, "pages"])
def test_post_without_a_list_of_pages_is_422(notebook: Notebook, pages: Any) -> None:
    assert_refused(notebook, notebook.call("POST", "/pages", {"pages": pages}), "envelope")


def test_lone_surrogate_in_a_body_text_is_422_because_nothing_can_seal_it(
    notebook: Notebook,
) -> None:
    page = notebook.write() | {"body": "\ud800"}
    assert_refused(notebook, notebook.post([page]), "envelope")


BODIES: dict[str, str] = {
    "empty": "",
    "not JSON": "{",
    "a list": "[]",
    "NaN": '{"spoken_to": NaN}',
    "nested 500 deep": "[" * 500 + "]" * 500,
    "nested 900 deep": '{"notes": ' + "[" * 900 + "]" * 900 + "}",
    "nested 100,000 deep": "[" * 100_000,
    "an integer of 5,000 digits": '{"spoken_to": ' + "9" * 5000 + "}",
    "an integer of 400 digits": json.dumps(patrol(spoken_to=10**400)),
    "a number beyond floats": json.dumps(patrol())[:-1] + ', "latitude": 1e999}',
    "fields of wrong types": json.dumps({name: {"a": [1]} for name in patrol()}),
    "an activity that is a list": json.dumps(patrol(activity=["street-trading"])),
    "an unknown activity": json.dumps(patrol(activity="falconry")),
    "a raw NUL": "\x00",
    "notes of 10,001 characters": json.dumps(patrol(notes="x" * 10_001)),
    "photos of wrong types": json.dumps(patrol(photos=[1, {"sha256": 7}])),
}
HELD = list(BODIES.values())


@pytest.mark.parametrize("body", HELD, ids=list(BODIES))
def test_body_that_cannot_be_read_or_breaks_rules_is_held(notebook: Notebook, body: str) -> None:
    page = notebook.write(body=body)
    assert states(notebook.post()) == ["held"]
    assert states(notebook.post()) == ["known"]
    assert notebook.call("GET", "/pages").json == {"pages": [page]}


NOTES = {
    "10,000 characters": "x" * 10_000,
    "emoji": "👮🏽‍♀️ 🧿",
    "right to left": "שלום עליכם \u202e reversed",
    "NUL and control characters": "a\x00b\x1b[31m\x7f",
    "a script": "<script>alert(1)</script>",
    "lone surrogates, escaped": "\ud83d half \udc6e",
    "line separators": "a\u2028b\u2029c\r\nd",
}


@pytest.mark.parametrize("notes", list(NOTES.values()), ids=list(NOTES))
def test_any_notes_are_accepted_and_given_back_as_sent(notebook: Notebook, notes: str) -> None:
    page = notebook.write(body=patrol(notes=notes))
    assert states(notebook.post()) == ["accepted"]
    assert notebook.call("GET", "/pages").json == {"pages": [page]}


PHONES: list[Any] = [
    None,
    [],
    "phone",
    {"sent_at": "yesterday", "waiting": -1, "oldest": 2**80, "version": "\ud800"},
    {"sent_at": 7, "waiting": "3", "evidence_waiting": 1.5, "oldest": None, "version": {}},
]


@pytest.mark.parametrize("phone", PHONES)
def test_what_a_phone_says_of_itself_never_refuses_its_pages(
    notebook: Notebook, phone: Any
) -> None:
    notebook.write()
    answer = notebook.call("POST", "/pages", {"pages": notebook.pages, "phone": phone})
    assert states(answer) == ["accepted"]


def test_201_pages_are_413(notebook: Notebook) -> None:
    for _ in range(201):
        notebook.write()
    answer = notebook.post()
    assert (answer.status, answer.json["error"]) == (413, "too-large")
    assert notebook.standing()["received_through"] == 0


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
def test_more_than_2_mib_are_413(notebook: Notebook, chunked: bool) -> None:
    notebook.write(body=json.dumps({"notes": "x" * (2 * 1024 * 1024)}))
    post = json.dumps({"pages": notebook.pages}).encode()
    answer = notebook.call("POST", "/pages", post, chunked=chunked)
    assert (answer.status, answer.json["error"]) == (413, "too-large")
    assert answer.json["message"]
    assert notebook.standing()["received_through"] == 0


def test_post_in_chunks_is_taken(notebook: Notebook) -> None:
    notebook.write()
    post = json.dumps({"pages": notebook.pages, "phone": {"sent_at": moment()}}).encode()
    assert states(notebook.call("POST", "/pages", post, chunked=True)) == ["accepted"]


@pytest.mark.parametrize("version", ["v0", "v2", "v10"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_another_version_is_426(server: Server, version: str, method: str) -> None:
    for path in (f"/api/{version}/me", f"/api/{version}/notebooks/x/pages", f"/api/{version}"):
        answer = server.call(method, path)
        assert (answer.status, answer.json["error"]) == (426, "version")


@pytest.mark.parametrize(
    "path",
    ["/api/v1/meadow", "/api/v1", "/api/", "/api/v1/notebooks/not-a-uuid", "/api/v1//me"],
)
def test_unknown_call_is_404_in_json_and_no_redirect(server: Server, path: str) -> None:
    answer = server.call("GET", path)
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/json")
    assert set(answer.json) == {"error", "message"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/api/v1/me"),
        ("POST", f"/api/v1/notebooks/{UUID}"),
        ("PUT", f"/api/v1/notebooks/{UUID}/pages"),
        ("POST", f"/api/v1/notebooks/{UUID}/evidence/{'0' * 64}"),
        ("PATCH", "/api/v1/reference"),
    ],
)
def test_wrong_method_is_405_in_json(server: Server, method: str, path: str) -> None:
    answer = server.call(method, path)
    assert (answer.status, answer.headers["Content-Type"]) == (405, "application/json")
    assert answer.headers["Allow"]


def assert_refused(notebook: Notebook, answer: Answer, error: str) -> None:
    assert (answer.status, answer.headers["Content-Type"]) == (422, "application/json"), answer.text
    assert answer.json["error"] == error
    assert set(answer.json) == {"error", "message", "page"}
    assert notebook.standing()["received_through"] == 0
    assert notebook.call("GET", "/pages").json == {"pages": []}
