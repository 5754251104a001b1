"""The wire: posting pages, receipts, the chain rule, forks and gaps."""

from __future__ import annotations

import copy
import json
import uuid
from concurrent.futures import ThreadPoolExecutor

from tests.wire.client import Json, Notebook, Server, Session, moment, patrol, sealed, states

NOT_HERE = {
    "field": "",
    "message": "The record this page is about is not here yet.",
    "rule": "not-here",
}


def test_receipt_names_each_page_and_seal(notebook: Notebook, first: Session) -> None:
    pages = [notebook.write(), notebook.write("shift-start", {"started_at": moment()})]
    answer = notebook.post()
    said = answer.json
    assert answer.status == 201
    assert said == {
        "epoch": first.me["epoch"],
        "notebook_state": "open",
        "received_through": 2,
        "last_seal": pages[1]["seal"],
        "backed_up_through": 0,
        "results": [
            {"page": page["page"], "seal": page["seal"], "state": "accepted", "problems": []}
            for page in pages
        ],
        "books": said["books"],
        "evidence_wanted": [],
        "server_time": said["server_time"],
    }


def test_notebook_answers_the_same_object_without_results(notebook: Notebook) -> None:
    notebook.write()
    said = notebook.post().json
    del said["results"], said["server_time"]
    assert notebook.standing() == said


def test_page_that_breaks_a_rule_is_held_with_its_problems(notebook: Notebook) -> None:
    body = patrol(ended_at="2026-11-16T09:00:00Z")
    del body["ward"]
    notebook.write(body=body)
    assert problems(notebook.post().json) == [
        ("held", [("ended_at", "not-before"), ("ward", "required")])
    ]


def test_page_sent_twice_is_known_and_its_problems_are_repeated(notebook: Notebook) -> None:
    notebook.write()
    notebook.write(body={})
    once, twice = notebook.post(), notebook.post()
    assert states(once) == ["accepted", "held"]
    assert states(twice) == ["known", "known"]
    said = [result["problems"] for result in once.json["results"]]
    assert said[1]
    assert [result["problems"] for result in twice.json["results"]] == said


def test_answer_that_is_lost_costs_nothing(notebook: Notebook) -> None:
    notebook.write()
    notebook.post()
    lost = notebook.write()
    notebook.post([lost])
    notebook.write()
    assert states(notebook.post(notebook.pages[1:])) == ["known", "accepted"]
    assert stored(notebook) == notebook.pages


def test_two_posts_at_once_keep_each_page_once(notebook: Notebook) -> None:
    for _ in range(30):
        notebook.write()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: notebook.post(), range(8)))
    taken = sorted(states(answer)[0] for answer in answers)
    assert taken == ["accepted"] + ["known"] * 7
    assert all(len(set(states(answer))) == 1 for answer in answers)
    assert stored(notebook) == notebook.pages


def test_pages_out_of_order_are_409_with_what_the_server_has(notebook: Notebook) -> None:
    for _ in range(4):
        notebook.write()
    notebook.post(notebook.pages[:1])
    before = notebook.standing()
    answer = notebook.post(notebook.pages[2:])
    said = answer.json
    said.pop("server_time")
    assert (answer.status, said) == (409, before)
    assert stored(notebook) == notebook.pages[:1]
    assert states(notebook.post()) == ["known", "accepted", "accepted", "accepted"]


def test_phone_that_has_nothing_older_is_taken_and_the_gap_is_recorded(
    server: Server, notebook: Notebook
) -> None:
    for _ in range(6):
        notebook.write()
    notebook.post(notebook.pages[:2])
    rest = notebook.pages[4:]
    assert notebook.post(rest, oldest=1).status == 409
    assert states(notebook.post(rest, oldest=5)) == ["accepted", "accepted"]
    assert states(notebook.post(rest, oldest=5)) == ["known", "known"]
    assert notebook.standing()["received_through"] == 6
    verified = server.flask("verify")
    note = f"note: notebook {notebook.id}: pages 3–4 are missing for ever"
    assert (verified.returncode, note in verified.stdout) == (0, True), verified.stderr


def test_another_page_with_a_number_is_forked_and_both_are_kept(
    server: Server, notebook: Notebook
) -> None:
    for _ in range(3):
        notebook.write()
    notebook.post()
    fork = copy.copy(notebook)
    fork.pages = notebook.pages[:1]
    pages = [fork.write(), fork.write()]
    answer = fork.post(pages)
    assert states(answer) == ["forked", "forked"]
    assert [problem["rule"] for problem in answer.json["results"][0]["problems"]] == ["forked"]
    assert states(fork.post(pages)) == ["forked", "forked"], "however often it is sent"
    third = fork.write()
    assert states(fork.post([third])) == ["forked"], "its predecessor is on the fork"
    assert stored(notebook) == notebook.pages
    verified = server.flask("verify")
    note = f"note: notebook {notebook.id}: page 2 is forked; both pages are kept"
    assert (verified.returncode, note in verified.stdout) == (0, True), verified.stderr


def test_page_about_a_record_that_is_not_here_is_held_until_it_comes(first: Session) -> None:
    here, there = first.notebook(), first.notebook()
    record = str(uuid.uuid4())
    amendment = {"reason": "Mistyped", "changes": {"spoken_to": 3}}
    here.write("amendment", amendment, record, "2026-11-16T12:00:00Z")
    said = here.post().json["results"][0]
    assert (said["state"], said["problems"]) == ("held", [NOT_HERE])

    there.write(record=record, written_at="2026-11-16T11:00:00Z")
    assert states(there.post()) == ["accepted"]
    inbox = here.call("GET", "/inbox?after=0").json
    item = inbox["items"][0]
    assert inbox == {
        "items": [
            {
                "id": item["id"],
                "about": record,
                "kind": "accepted",
                "said_at": item["said_at"],
                "by": None,
                "text": "Page 1 is no longer held.",
                "fields": [],
            }
        ],
        "cursor": item["id"],
    }
    assert here.call("GET", f"/inbox?after={inbox['cursor']}").json == {
        "items": [],
        "cursor": inbox["cursor"],
    }
    again = here.post().json["results"][0]
    assert (again["state"], again["problems"]) == ("known", [])


def test_amendment_of_another_officers_record_is_held_for_ever(
    first: Session, second: Session
) -> None:
    mine, theirs = first.notebook(), second.notebook()
    record = mine.write()["record"]
    mine.post()
    theirs.write("amendment", {"reason": "Not mine", "entered_in_error": True}, record)
    assert problems(theirs.post().json) == [("held", [("", "not-yours")])]
    mine.write("amendment", {"reason": "Mine", "changes": {"spoken_to": 1}}, record)
    assert states(mine.post()) == ["known", "accepted"]
    assert problems(theirs.post().json) == [("known", [("", "not-yours")])]


def test_unknown_kind_is_held_and_kept(notebook: Notebook) -> None:
    page = notebook.write("drone-flight", {"height": 20})
    assert problems(notebook.post().json) == [("held", [("", "unknown-kind")])]
    assert stored(notebook) == [page]


def test_unknown_field_is_kept_as_it_was_sent_and_ignored(notebook: Notebook) -> None:
    text = '{ "invented_field" :1.0,' + json.dumps(patrol())[1:]
    page = notebook.write(body=text)
    assert states(notebook.post()) == ["accepted"]
    assert stored(notebook) == [page]
    assert stored(notebook)[0]["body"] == text


def test_stored_pages_are_given_out_after_a_number_200_at_most(notebook: Notebook) -> None:
    for _ in range(205):
        notebook.write()
    assert len(states(notebook.post(notebook.pages[:200]))) == 200
    assert len(states(notebook.post(notebook.pages[200:]))) == 5
    assert notebook.call("GET", "/pages?after=0").json == {"pages": notebook.pages[:200]}
    assert notebook.call("GET", "/pages?after=200").json == {"pages": notebook.pages[200:]}
    assert notebook.call("GET", "/pages?after=205").json == {"pages": []}
    for nonsense in ("x", "-1", "1.5", "9" * 30):
        assert notebook.call("GET", f"/pages?after={nonsense}").status == 422


def test_post_without_pages_only_says_what_the_server_has(notebook: Notebook) -> None:
    answer = notebook.post([])
    assert (answer.status, answer.json["results"], answer.json["received_through"]) == (201, [], 0)


def test_page_1_follows_its_own_notebook_only(notebook: Notebook) -> None:
    page = notebook.write()
    foreign = sealed(page | {"previous": str(uuid.uuid4())})
    answer = notebook.post([foreign], oldest=1)
    assert (answer.status, answer.json["page"]) == (422, 1)


def stored(notebook: Notebook) -> list[Json]:
    pages: list[Json] = notebook.call("GET", "/pages").json["pages"]
    return pages


def problems(said: Json) -> list[tuple[str, list[tuple[str, str]]]]:
    """The state of each page, and the fields and rules of its problems."""
    return [
        (result["state"], sorted((one["field"], one["rule"]) for one in result["problems"]))
        for result in said["results"]
    ]
