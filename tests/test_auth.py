"""Signing in, and what each role may open."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app.database import one_row
from tests.conftest import PASSWORD, sign_in

AT_THE_DESK = ["/desk", "/desk/patrols", "/desk/patrols/results", "/desk/held", "/desk/count"]
AT_THE_DESK += ["/desk/count/2026-W47", "/desk/count/2026-W47.csv", "/desk/count/2026-W47/places"]
AT_THE_DESK += [
    f"/desk/{one}/0190f000-0000-7000-8000-000000000001" for one in ("records", "shifts")
]
AT_THE_DESK += [f"/desk/evidence/{'0' * 64}"]


@pytest.mark.usefixtures("leader")
def test_a_team_leader_who_signs_in_is_at_the_desk(client: FlaskClient) -> None:
    answer = sign_in(client, "lena")
    assert (answer.status_code, answer.location) == (302, "/desk")
    assert client.get("/desk").status_code == 200


def test_an_officer_who_signs_in_is_at_the_phone(
    client: FlaskClient, officer: Callable[..., str]
) -> None:
    officer("Olu Officer")
    answer = sign_in(client, "olu")
    assert (answer.status_code, answer.location) == (302, "/")


@pytest.mark.usefixtures("leader")
def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(client: FlaskClient) -> None:
    def told(name: str, password: str) -> tuple[int, list[str]]:
        answer = sign_in(client, name, password)
        said = re.findall(r'class="govuk-error-message">.*?</span>([^<]+)<', answer.text, re.DOTALL)
        return answer.status_code, [one.strip() for one in said]

    expected = (400, ["The username or the password is not right"])
    assert told("lena", "wrong") == expected
    assert told("nobody", PASSWORD) == expected


def test_an_empty_form_says_what_is_missing_at_the_field_and_in_the_summary(
    client: FlaskClient,
) -> None:
    answer = sign_in(client, "", "")
    assert answer.status_code == 400
    assert answer.text.count("Enter your username") == 2
    assert answer.text.count("Enter your password") == 2


def test_a_name_that_was_typed_stays_in_the_form_and_the_password_does_not(
    client: FlaskClient,
) -> None:
    answer = sign_in(client, 'a"<b>', "sekret words")
    assert 'value="a&#34;&lt;b&gt;"' in answer.text
    assert "sekret words" not in answer.text


def test_somebody_who_has_left_cannot_sign_in(
    client: FlaskClient, officer: Callable[..., str]
) -> None:
    officer("Gone Away", retired_at="2026-01-01T00:00:00.000Z")
    assert sign_in(client, "gone").status_code == 400


@pytest.mark.parametrize("path", AT_THE_DESK)
def test_an_officer_is_told_that_the_desk_is_for_team_leaders(
    client: FlaskClient, officer: Callable[..., str], path: str
) -> None:
    officer("Olu Officer")
    sign_in(client, "olu")
    answer = client.get(path)
    assert answer.status_code == 403
    assert "The desk is for team leaders and administrators." in answer.text
    assert '<a class="govuk-link" href="/">Open your notebook</a>' in answer.text


@pytest.mark.parametrize("path", AT_THE_DESK)
def test_who_is_not_signed_in_is_asked_to_and_led_back(client: FlaskClient, path: str) -> None:
    answer = client.get(path + "?ward=none")
    asked = urlsplit(answer.location)
    assert (answer.status_code, asked.path) == (302, "/sign-in")
    assert parse_qs(asked.query) == {"next": [f"{path}?ward=none"]}


def test_htmx_without_a_session_is_told_to_load_the_sign_in_page(client: FlaskClient) -> None:
    answer = client.get("/desk/patrols/results", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/desk/patrols/results"


@pytest.mark.usefixtures("leader")
def test_signing_in_leads_back_to_where_one_came_from(client: FlaskClient) -> None:
    page = client.get("/sign-in?next=/desk/patrols%3Fward%3Dnone").text
    action = re.search(r'action="([^"]+)"', page)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert action
    assert token
    fields = {"username": "lena", "password": PASSWORD, "csrf_token": token[1]}
    assert client.post(action[1], data=fields).location == "/desk/patrols?ward=none"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "////evil.example",
    ],
)
@pytest.mark.usefixtures("leader")
def test_signing_in_never_leads_to_another_site(client: FlaskClient, elsewhere: str) -> None:
    page = client.get("/sign-in", query_string={"next": elsewhere}).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    fields = {"username": "lena", "password": PASSWORD, "csrf_token": token[1]}
    answer = client.post("/sign-in", query_string={"next": elsewhere}, data=fields)
    assert answer.location == "/desk"


@pytest.mark.usefixtures("leader")
def test_signing_out_ends_the_session_and_clears_no_storage(client: FlaskClient) -> None:
    sign_in(client, "lena")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/desk").text)
    assert token
    answer = client.post("/sign-out", data={"csrf_token": token[1]})
    assert (answer.location, "Clear-Site-Data" in answer.headers) == ("/sign-in", False)
    assert client.get("/desk").status_code == 302


@pytest.mark.usefixtures("leader")
def test_forms_without_their_token_are_refused(client: FlaskClient) -> None:
    fields = {"username": "lena", "password": PASSWORD}
    assert client.post("/sign-in", data=fields).status_code == 400
    sign_in(client, "lena")
    assert client.post("/sign-out").status_code == 400
    assert client.get("/desk").status_code == 200


TYPED = {"number": "The red car", "amount": "80", "paid_on": "2026-01-01", "source": "post"}


@pytest.mark.usefixtures("leader")
@pytest.mark.parametrize("ended", ["signed out", "cookie gone"])
def test_a_form_that_was_open_when_the_session_ended_is_sent_again_after_signing_in(
    client: FlaskClient, db: Database, officer: Callable[..., str], ended: str
) -> None:
    here = "/desk/payments/enter"
    sign_in(client, "lena")
    page = client.get(here).text.partition("<main")[2]
    form = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    form |= TYPED | {"keep": "yes"}
    if ended == "signed out":
        client.post("/sign-out", data=form)
    else:
        client.delete_cookie("session")
    answer = client.post(here, data=form)
    assert answer.status_code == (401 if ended == "signed out" else 400)
    assert "What you sent is not saved." in answer.text
    assert 'href="/sign-in" target="_blank"' in answer.text
    officer("Other Leader", "team leader")
    sign_in(client, "other")
    assert "Sign in again" in client.post(here, data=form).text
    assert one_row(db, "SELECT 1 FROM pages") is None
    sign_in(client, "lena")
    assert client.post(here, data=form).location == "/desk/payments"
    assert one_row(db, "SELECT 1 FROM pages")


ONE = "0193aaaa-0000-4000-8000-0000000000ff"


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("/sign-out", "/"),
        (f"/desk/payments/{ONE}/match", f"/desk/payments/{ONE}"),
        (f"/desk/payments/{ONE}/set-aside", f"/desk/payments/{ONE}"),
        ("/desk/admin/paper/lend", "/desk/admin/paper"),
        ("/desk/admin/paper/notice", "/desk/admin/paper"),
        ("/desk/admin/paper/notice/entered", "/desk/admin/paper"),
    ],
)
@pytest.mark.usefixtures("leader")
def test_the_address_of_a_form_leads_to_its_page(client: FlaskClient, form: str, page: str) -> None:
    assert client.get(form).location == page
    assert client.put(form).status_code in (400, 405)


def test_no_address_of_a_person_answers_that_it_only_takes_forms(
    app: Flask, client: FlaskClient
) -> None:
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.rule.startswith("/api/"):
            continue
        names: dict[str, Any] = dict.fromkeys(rule.arguments, ONE)
        for one in ("code", "name"):
            if one in names:
                names[one] = "notice" if one == "code" else "served"
        with app.test_request_context():
            here = app.url_for(rule.endpoint, **names)
        assert client.get(here).status_code != 405, here


def test_too_many_tries_are_slowed_down(app: Flask, client: FlaskClient) -> None:
    app.config["SIGN_IN_LIMIT"] = "2 per hour"
    tries = [sign_in(client, "nobody").status_code for _ in range(3)]
    assert tries == [400, 400, 429]


def test_every_page_has_the_headers_that_keep_it_ours(client: FlaskClient) -> None:
    headers = client.get("/sign-in").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
