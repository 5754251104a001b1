"""Who is in the team: added, changed, invited, taken out and back, each a page with before and after."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlite_utils import Database

from field_app import auth, create_app, fold, invitations, registers, settings, team
from field_app.backups import make_backup, restore
from field_app.database import all_rows, connect, one_row, path_of, writing
from field_app.history import history
from field_app.notebook import NotWritten
from field_app.times import moment_text, now
from field_app.verify import silent
from field_app.verify import team as disagreements
from tests.conftest import PASSWORD, CarefulClient, Notebook, sign_in
from tests.desk import hidden, pages, send, words

Make = Callable[..., str]
HERE = "/desk/admin/officers"
NOW = datetime(2026, 11, 22, 14, 10, tzinfo=UTC)
THREE_WORDS = "three invented words"
JO = {"name": "Jo Invented", "username": "jo", "role": "officer"}


@pytest.fixture
def ada(officer: Make) -> str:
    return officer("Ada Administrator", "administrator")


@pytest.fixture
def signed_in(ada: str, client: CarefulClient) -> str:
    sign_in(client, "ada")
    return ada


def keep(db: Database, by: str, who: str, said: dict[str, Any], seen: str | None = None) -> bool:
    with writing(db):
        return team.keep(db, by, who, said, seen, NOW)


def row(db: Database, who: str) -> dict[str, Any]:
    found = one_row(db, "SELECT * FROM officers WHERE id = ?", [who])
    assert found is not None
    return found


def link_in(page: str) -> str:
    found = re.search(r'value="http://localhost(/invitation/[^"]+)"', page)
    assert found, "the page shows a link"
    return html.unescape(found[1])


def accept(client: CarefulClient, link: str, password: str = THREE_WORDS) -> str:
    return send(client, link, password=password, again=password).text


# Pages, and what signs people in


def test_somebody_new_is_a_page_and_can_sign_in_only_once_a_password_is_set(
    db: Database, ada: str, client: CarefulClient
) -> None:
    who = str(uuid4())
    assert keep(db, ada, who, JO)
    assert [json.loads(page["body"]) for page in pages(db, who)] == [JO]
    assert (row(db, who)["username"], row(db, who)["role"]) == ("jo", "officer")
    for tried in ("", "\0", PASSWORD):
        assert sign_in(client, "jo", tried).status_code == 400
    assert list(disagreements(db)) == []


def test_a_role_changes_with_its_page_and_what_stood_before_is_shown(
    db: Database, ada: str, officer: Make
) -> None:
    lee = officer("Lee Invented", signed_in_at=None)  # here before there were pages
    stands, seal = team.stands(db, lee)
    assert seal is None
    assert keep(db, ada, lee, stands | {"role": "team-leader"})
    assert row(db, lee)["role"] == "team leader"
    found = history(db, lee)
    assert found is not None
    [change] = found.pages[-1].changes
    assert change.before
    assert change.after
    said = (change.label, change.before.value, change.after.value)
    assert said == ("Role", "Officer", "Team leader")


def test_what_has_not_changed_writes_no_page(db: Database, ada: str, officer: Make) -> None:
    lee = officer("Lee Invented")
    assert not keep(db, ada, lee, team.stands(db, lee)[0])
    assert pages(db, lee) == []


def test_two_administrators_do_not_write_over_each_other(
    db: Database, ada: str, officer: Make
) -> None:
    lee = officer("Lee Invented")
    stands, seen = team.stands(db, lee)
    keep(db, ada, lee, stands | {"name": "Lee Renamed"}, seen)
    seen = team.stands(db, lee)[1]
    keep(db, ada, lee, stands | {"name": "Lee Again"}, seen)
    with pytest.raises(NotWritten, match="Somebody changed this meanwhile"):
        keep(db, ada, lee, stands | {"name": "Lee Third"}, seen)
    assert row(db, lee)["name"] == "Lee Again"


def test_nobody_changes_their_own_role_or_takes_themself_out(db: Database, ada: str) -> None:
    stands, _ = team.stands(db, ada)
    with pytest.raises(NotWritten, match="Nobody changes their own role"):
        keep(db, ada, ada, stands | {"role": "officer"})
    with pytest.raises(NotWritten, match="Nobody takes themself out"):
        keep(db, ada, ada, stands | {"left": True})
    assert keep(db, ada, ada, stands | {"name": "Ada Renamed"})


def test_there_is_always_an_administrator(db: Database, ada: str, officer: Make) -> None:
    ben = officer("Ben Administrator", "administrator")
    keep(db, ben, ada, team.stands(db, ada)[0] | {"left": True})
    # Two who take each other out at the same moment: the second is refused.
    for changed in ({"left": True}, {"role": "officer"}):
        with pytest.raises(NotWritten, match="There must be an administrator"):
            keep(db, ada, ben, team.stands(db, ben)[0] | changed)
    assert row(db, ben)["retired_at"] is None


def test_a_username_is_one_persons(db: Database, ada: str, officer: Make) -> None:
    officer("Jo Earlier")
    with pytest.raises(NotWritten, match="Somebody signs in as jo already"):
        keep(db, ada, str(uuid4()), JO)


def test_the_table_is_made_again_from_the_pages_and_verify_says_where_they_disagree(
    db: Database, ada: str
) -> None:
    who = str(uuid4())
    keep(db, ada, who, JO)
    kept = fold.canonical(all_rows(db, "SELECT * FROM team"))
    with writing(db):
        fold.fold_all(db)
    assert fold.canonical(all_rows(db, "SELECT * FROM team")) == kept
    db.conn.execute("UPDATE officers SET role = 'administrator' WHERE id = ?", [who])
    assert list(disagreements(db)) == ["officer jo: what signs them in is not what the pages say"]


def test_no_page_has_a_password_or_its_hash(
    db: Database, signed_in: str, client: CarefulClient
) -> None:
    added = send(client, f"{HERE}/add", **JO, **ids(client))
    accept(client, link_in(added.text))
    hashed = one_row(db, "SELECT password_hash FROM officers WHERE username = 'jo'")
    assert hashed
    assert hashed["password_hash"].startswith("$argon2")
    bodies = " ".join(one["body"] for one in all_rows(db, "SELECT body FROM pages"))
    assert signed_in in {one["id"] for one in team.everybody(db)}
    for secret in (THREE_WORDS, "argon", "hash", "password"):
        assert secret not in bodies


def test_no_phone_takes_over_the_record_of_a_colleague(
    db: Database, ada: str, officer: Make, notebook_of: Any
) -> None:
    lee, mallory = officer("Lee Invented"), officer("Mallory Invented")
    book: Notebook = notebook_of(mallory)
    before = NOW - timedelta(days=1)
    book.write("shift-start", {"started_at": moment_text(before)}, before, record=lee)
    book.send(before)
    assert keep(db, ada, lee, team.stands(db, lee)[0] | {"name": "Lee Renamed"})
    assert row(db, lee)["name"] == "Lee Renamed"
    assert list(disagreements(db)) == []


# At the desk


def ids(client: CarefulClient, at: str = f"{HERE}/add") -> dict[str, str]:
    page = client.get(at).text
    return {name: hidden(page, name) for name in ("record", "invitation") if name in page}


def test_an_administrator_adds_somebody_who_sets_their_own_password_and_signs_in(
    app: Flask, db: Database, signed_in: str, client: CarefulClient
) -> None:
    added = send(client, f"{HERE}/add", **JO, **ids(client))
    assert "It works once" in words(added.text)
    link, person = link_in(added.text), app.test_client()
    assert isinstance(person, CarefulClient)
    assert "Invited, no password set yet" in client.get(HERE).text
    assert "Jo Invented" in words(person.get(link).text)
    assert "Your password is set" in accept(person, link)
    assert sign_in(person, "jo", THREE_WORDS).location == "/"
    assert "Invited" not in words(client.get(HERE).text)
    invitation = one_row(db, "SELECT * FROM invitations")
    assert invitation
    wrote = [page["notebook"] for page in pages(db, invitation["record"])]
    books = {one["id"]: one["officer"] for one in all_rows(db, "SELECT id, officer FROM notebooks")}
    assert [books[one] for one in wrote] == [signed_in, invitation["invited"]]


@pytest.mark.usefixtures("signed_in")
def test_a_form_sent_twice_adds_once_and_shows_the_same_link(
    db: Database, client: CarefulClient
) -> None:
    said = JO | ids(client)
    first, again = (send(client, f"{HERE}/add", **said).text for _ in range(2))
    assert link_in(first) == link_in(again)
    assert len(all_rows(db, "SELECT 1 FROM team")) == len(all_rows(db, "SELECT 1 FROM invitations"))


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"username": "Jo Invented!"}, "A username is made of a to z"),
        ({"username": "ada"}, "Somebody signs in as ada already"),
        ({"name": " "}, "Give the name that others know them by"),
        ({"role": ""}, "Select the role"),
        ({"role": "king"}, "Role is not one of the choices"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nobody_is_added(
    db: Database, client: CarefulClient, wrong: dict[str, str], said: str
) -> None:
    answer = send(client, f"{HERE}/add", **JO | ids(client) | wrong)
    assert (answer.status_code, said in words(answer.text)) == (400, True)
    assert f'href="#{next(iter(wrong))}"' in answer.text
    assert all_rows(db, "SELECT 1 FROM pages") == []


def test_a_link_works_once_and_until_a_later_one_is_made(
    db: Database, signed_in: str, officer: Make, client: CarefulClient
) -> None:
    lee = officer("Lee Invented")
    first, second = (
        link_in(send(client, f"{HERE}/{lee}/password", **invited(client, lee)).text)
        for _ in range(2)
    )
    assert client.get(first).status_code == 410
    assert "Your password is set" in accept(client, second)
    assert client.get(second).status_code == 410
    assert client.get(second[:-2]).status_code == 410
    assert signed_in != lee
    assert auth_row(db, lee)


def invited(client: CarefulClient, who: str) -> dict[str, str]:
    return ids(client, f"{HERE}/{who}/password")


def auth_row(db: Database, who: str) -> bool:
    return auth.passwords.verify(row(db, who)["password_hash"], THREE_WORDS)


def test_a_link_ends_after_a_week_and_when_somebody_leaves(
    app: Flask, db: Database, ada: str, officer: Make
) -> None:
    lee, invitation = officer("Lee Invented"), str(uuid4())
    with writing(db):
        invitations.invite(db, ada, lee, invitation, NOW)
    with app.test_request_context():
        token = invitations.link(invitation).rpartition("/")[2]
        assert invitations.invited_by(db, token, NOW + timedelta(days=6, hours=23))
        assert invitations.invited_by(db, token, NOW + timedelta(days=7, seconds=1)) is None
        stood = team.stands(db, lee)[0]
        keep(db, ada, lee, stood | {"left": True})
        assert invitations.invited_by(db, token, NOW) is None
        assert invitations.invited_by(db, "made-up", NOW) is None
        keep(db, ada, lee, stood, team.stands(db, lee)[1])
        assert invitations.invited_by(db, token, NOW) is None


def test_a_later_link_ends_the_earlier_one_also_after_the_clock_was_put_back(
    app: Flask, db: Database, ada: str, officer: Make
) -> None:
    lee, zoe = officer("Lee Invented"), officer("Zoe Invented", "administrator")
    tokens = []
    for by, at in ((ada, NOW), (zoe, NOW - timedelta(hours=1))):
        with writing(db), app.test_request_context():
            invitations.invite(db, by, lee, invitation := str(uuid4()), at)
            tokens.append(invitations.link(invitation).rpartition("/")[2])
    with app.app_context():
        earlier, later = (invitations.invited_by(db, token, NOW) for token in tokens)
    assert (earlier, bool(later)) == (None, True)


@pytest.mark.usefixtures("signed_in")
def test_a_reset_ends_the_old_password_and_every_session(
    app: Flask, officer: Make, client: CarefulClient
) -> None:
    lee, person = officer("Lee Leader", "team leader"), app.test_client()
    sign_in(person, "lee")
    assert person.get("/desk").status_code == 200
    send(client, f"{HERE}/{lee}/password", **invited(client, lee))
    assert person.get("/desk").status_code == 302
    assert sign_in(person, "lee").status_code == 400


def test_who_resets_their_own_password_keeps_the_old_one_until_the_new_one_is_set(
    app: Flask, signed_in: str, client: CarefulClient
) -> None:
    link = link_in(send(client, f"{HERE}/{signed_in}/password", **invited(client, signed_in)).text)
    assert client.get(HERE).status_code == 200
    accept(client, link)
    assert client.get(HERE).status_code == 302
    assert sign_in(app.test_client(), "ada", THREE_WORDS).status_code == 302


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("short", "short", "at least 12 characters"),
        ("x" * 1001, "x" * 1001, "at most 1,000 characters"),
        (THREE_WORDS, "three other words", "not the same"),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused_at_its_box(
    officer: Make, client: CarefulClient, password: str, again: str, said: str
) -> None:
    lee = officer("Lee Invented")
    link = link_in(send(client, f"{HERE}/{lee}/password", **invited(client, lee)).text)
    answer = send(client, link, password=password, again=again)
    assert (answer.status_code, said in answer.text) == (400, True)
    assert password not in re.sub("<[^>]*hidden[^>]*>", "", answer.text)
    assert client.get(link).status_code == 200


@pytest.mark.usefixtures("signed_in")
def test_who_leaves_cannot_sign_in_their_phone_still_sends_and_they_can_come_back(
    app: Flask, db: Database, officer: Make, client: CarefulClient, notebook_of: Any
) -> None:
    lee, person = officer("Lee Invented"), app.test_client()
    book: Notebook = notebook_of(lee)
    book.send(now())
    sign_in(person, "lee")
    page = client.get(f"{HERE}/{lee}/leave").text
    assert f"/desk/admin/phones/{book.id}/withdraw" in page
    assert send(client, f"{HERE}/{lee}/leave", seen=hidden(page, "seen")).status_code == 303
    assert person.get("/api/v1/me").status_code == 401
    assert sign_in(person, "lee").status_code == 400
    book.write("shift-start", {"started_at": moment_text(now())}, now())
    assert book.send(now()) == ["accepted"]
    assert "1 phone to withdraw" in words(client.get(HERE).text)
    page = client.get(f"{HERE}/{lee}/return").text
    assert send(client, f"{HERE}/{lee}/return", seen=hidden(page, "seen")).status_code == 303
    assert sign_in(person, "lee").status_code == 302
    found = history(db, lee)
    assert found is not None
    assert [[change.label for change in one.changes] for one in found.pages] == [
        [],
        ["Has left"],
        ["Has left"],
    ]


@pytest.mark.usefixtures("signed_in")
def test_somebody_in_the_team_is_one_page_with_phones_powers_and_history(
    db: Database, ada: str, officer: Make, client: CarefulClient
) -> None:
    lee = officer("Lee Invented")
    keep(db, ada, lee, team.stands(db, lee)[0] | {"name": "Lee Renamed"})
    said = words(client.get(f"{HERE}/{lee}").text)
    for part in ("Lee Renamed", "Powers held today", "no written authorisation", "Lee Invented"):
        assert part in said
    for page in (f"/{uuid4()}", f"/{uuid4()}/change", f"/{uuid4()}/leave", f"/{uuid4()}/password"):
        assert client.get(HERE + page).status_code == 404


@pytest.mark.usefixtures("signed_in")
def test_a_changed_name_is_everywhere(officer: Make, client: CarefulClient) -> None:
    lee = officer("Lee Invented")
    change = f"{HERE}/{lee}/change"
    seen = hidden(client.get(change).text, "seen")
    assert send(client, change, name="Lee Married", role="officer", seen=seen).status_code == 303
    assert "Lee Married" in client.get("/desk/admin/authorisations").text


def test_when_somebody_signed_in_last_is_kept(
    db: Database, ada: str, client: CarefulClient
) -> None:
    assert row(db, ada)["signed_in_at"] is None
    sign_in(client, "ada")
    assert row(db, ada)["signed_in_at"] > moment_text(now() - timedelta(minutes=1))


# Backups


def test_a_restore_keeps_the_team_as_it_stood_last(
    app: Flask, db: Database, ada: str, officer: Make
) -> None:
    instance = path_of(app).parent
    lee, zoe, jo = officer("Lee Invented"), officer("Zoe Invented"), str(uuid4())
    backup = make_backup(instance, instance / "backups", NOW, silent).folder
    keep(db, ada, lee, team.stands(db, lee)[0] | {"role": "administrator"})
    keep(db, ada, zoe, team.stands(db, zoe)[0] | {"left": True})
    keep(db, ada, jo, JO)
    swep = {"setting": "SWEP", "value": "yes"}
    with writing(db):
        registers.keep(db, ada, "setting", settings.record_of("SWEP"), swep, None, NOW)
    db.conn.close()
    done = restore(instance, backup, NOW + timedelta(hours=1), silent)
    assert "jo was added after the backup and is kept." in done.notes
    assert done.problems == []
    restored = connect(path_of(app))
    with closing(restored.conn):
        assert list(disagreements(restored)) == []
        assert row(restored, lee)["role"] == "administrator"
        assert (row(restored, zoe)["retired_at"], row(restored, zoe)["sessions_from"]) == (
            moment_text(NOW),
            moment_text(NOW),
        )
        assert row(restored, jo)["username"] == "jo"
        assert len(all_rows(restored, "SELECT 1 FROM team")) == 3
    assert create_app({"INSTANCE": instance}).config["SWEP"] is True


# Who may


def test_only_administrators_run_the_team(
    app: Flask, officer: Make, leader: str, client: CarefulClient
) -> None:
    officer("First Invented")
    addresses = [HERE, f"{HERE}/add"]
    addresses += [
        f"{HERE}/{leader}{way}" for way in ("", "/change", "/leave", "/return", "/password")
    ]
    for username in ("first", "lena"):
        person = app.test_client()
        sign_in(person, username)
        assert {person.get(one).status_code for one in addresses} == {403}
        token = json.loads(person.get("/api/v1/me").text)["csrf"]
        sent = {person.post(one, data={"csrf_token": token}).status_code for one in addresses[1:]}
        assert sent <= {403, 405}
    assert {client.get(one).status_code for one in addresses} == {302}


BLUEPRINTS = ("team", "settings", "changes", "phones", "search")
FOR_LEADERS = ("phones.phones", "search.results")


def addresses(app: Flask) -> list[tuple[str, str, str]]:
    """Every address of running the team: its endpoint, a method, and itself."""
    values: dict[str, Any] = {"officer": str(uuid4()), "phone": str(uuid4()), "name": "SWEP"}
    with app.test_request_context():
        return [
            (rule.endpoint, method, app.url_for(rule.endpoint, **values).partition("?")[0])
            for rule in app.url_map.iter_rules()
            if rule.endpoint.partition(".")[0] in BLUEPRINTS
            for method in sorted({"GET", "POST"} & set(rule.methods or ()))
        ]


@pytest.mark.usefixtures("leader", "ada")
def test_every_address_answers_each_role_as_it_should(app: Flask, officer: Make) -> None:
    officer("First Invented")
    walked = addresses(app)
    assert len(walked) >= 18
    for username in ("first", "lena", "ada", None):
        person = app.test_client()
        token = hidden(person.get("/sign-in").text, "csrf_token")
        if username:
            sign_in(person, username)
            token = json.loads(person.get("/api/v1/me").text)["csrf"]
        for endpoint, method, address in walked:
            form = {"csrf_token": token} if method == "POST" else None
            got = person.open(address, method=method, data=form).status_code
            if username == "ada" or (username == "lena" and endpoint in FOR_LEADERS):
                assert got in (200, 303, 400, 404), (username, method, address, got)
            elif username:
                assert got == 403, (username, method, address, got)
            else:
                assert got in (302, 401), (method, address, got)


def test_the_first_administrator_writes_about_themself_and_then_about_others(
    app: Flask, db: Database
) -> None:
    run = app.test_cli_runner().invoke
    for words_ in (
        ["init", "--administrator", "ada", "--name", "Ada Invented"],
        ["add-officer", "jo", "--name", "Jo Invented"],
    ):
        done = run(args=[*words_, "--password-stdin"], input=f"{THREE_WORDS}\n")
        assert done.exit_code == 0, done.output
    ada = one_row(db, "SELECT id FROM officers WHERE username = 'ada'")
    wrote = all_rows(
        db, "SELECT officer, username FROM team ORDER BY username"
    )  # `officer` wrote the page
    assert ada
    assert wrote == [
        {"officer": ada["id"], "username": "ada"},
        {"officer": ada["id"], "username": "jo"},
    ]
    assert list(disagreements(db)) == []


def test_a_team_leader_reads_no_page_about_the_team(
    db: Database, ada: str, leader: str, client: CarefulClient
) -> None:
    keep(db, ada, leader, team.stands(db, leader)[0] | {"name": "Lena Renamed"})
    sign_in(client, "lena")
    assert client.get(f"/desk/records/{leader}").status_code == 403
    sign_in(client, "ada")
    led = client.get(f"/desk/records/{leader}")
    assert (led.status_code, led.location) == (302, f"{HERE}/{leader}")
    assert client.get(f"{HERE}/{leader}").status_code == 200
