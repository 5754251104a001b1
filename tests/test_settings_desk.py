"""Settings that an administrator changes at the desk: at once, everywhere, each change a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlite_utils import Database

from field_app import create_app, demonstration, settings, team
from field_app.database import all_rows, keep_setting, path_of, writing
from field_app.history import history
from field_app.settings import AT_DESK, SETTINGS, Setting, Wrong
from field_app.times import now
from tests.conftest import CarefulClient, Notebook, sign_in
from tests.desk import hidden, pages, send, words

Make = Callable[..., str]
HERE = "/desk/admin/settings"
SECRET = "a-very-secret-key-of-notify"


@pytest.fixture
def ada(officer: Make, client: CarefulClient) -> str:
    made = officer("Ada Administrator", "administrator")
    sign_in(client, "ada")
    return made


def change(client: CarefulClient, name: str, value: str) -> Any:
    at = f"{HERE}/{name}"
    return send(client, at, value=value, seen=hidden(client.get(at).text, "seen"))


def another_process(app: Flask, **given: Any) -> Flask:
    """Another worker on the same central file."""
    return create_app({"INSTANCE": app.config["INSTANCE"], "TESTING": True} | given)


@pytest.mark.usefixtures("ada")
def test_a_change_holds_at_once_in_every_process_without_a_restart(
    app: Flask, client: CarefulClient
) -> None:
    other = another_process(app)
    assert change(client, "COUNCIL", "Exampleton Council").status_code == 303
    client.get("/health/ready")
    other.test_client().get("/health/ready")
    assert app.config["COUNCIL"] == other.config["COUNCIL"] == "Exampleton Council"
    assert another_process(app).config["COUNCIL"] == "Exampleton Council"
    change(client, "COUNCIL", "")
    for one in (app, other):
        one.test_client().get("/health/ready")
        assert one.config["COUNCIL"] == "the council"


@pytest.mark.usefixtures("ada")
def test_what_it_said_before_and_who_changed_it_is_kept(
    db: Database, client: CarefulClient
) -> None:
    change(client, "SWEP", "yes")
    change(client, "SWEP", "no")
    found = history(db, settings.record_of("SWEP"))
    assert found is not None
    assert found.pages[0].answers[0].value == "Severe-weather protocol (SWEP)"
    [changed] = found.pages[1].changes
    assert changed.before
    assert changed.after
    assert (changed.label, changed.before.value, changed.after.value) == ("Value", "yes", "no")
    said = words(client.get(HERE).text)
    assert "Set by Ada Administrator" in said
    page = client.get(f"/desk/records/{settings.record_of('SWEP')}", follow_redirects=True)
    assert "Ada Administrator wrote it" in words(page.text)


@pytest.mark.usefixtures("ada")
def test_a_form_sent_twice_writes_once(db: Database, client: CarefulClient) -> None:
    seen = hidden(client.get(f"{HERE}/CONTACT").text, "seen")
    for _ in range(2):
        sent = send(client, f"{HERE}/CONTACT", value="help@council.example", seen=seen)
        assert sent.status_code == 303
    assert len(pages(db, settings.record_of("CONTACT"))) == 1


@pytest.mark.usefixtures("ada")
def test_a_change_comes_to_phones_as_an_update(app: Flask, client: CarefulClient) -> None:
    phone = app.test_client()
    before = phone.get("/sw.js").text
    assert change(client, "COUNCIL", "Exampleton Council").status_code == 303
    after = phone.get("/sw.js").text
    assert before != after
    assert "Exampleton Council" in json.loads(phone.get("/files").text)["/screens"]["text"]
    change(client, "SWEP", "yes")
    assert phone.get("/sw.js").text != after
    assert app.config["SWEP"] is True


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("PAYMENT_LINK", "http://pay.council.example", "begins with https://"),
        ("PAYMENT_LINK", "https://", "begins with https://"),
        ("PAYMENT_LINK", "https://pay.council.example/{amount}", "Only {number} may stand"),
        ("PAYMENT_LINK", "https://pay.council.example/{number", "Only {number} may stand"),
        ("PAYMENT_LINK", "https://a@pay.council.example/", "begins with https://"),
        ("PAYMENT_LINK", "https://[pay/", "begins with https://"),
        ("SWEP", "perhaps", "Select yes or no"),
        ("COUNCIL", "x" * 501, "500 characters or fewer"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(
    app: Flask, db: Database, client: CarefulClient, name: str, typed: str, said: str
) -> None:
    before = app.config[name]
    answer = change(client, name, typed)
    assert (answer.status_code, said in words(answer.text)) == (400, True)
    assert 'href="#value"' in answer.text
    client.get("/health/ready")
    assert (app.config[name], all_rows(db, "SELECT 1 FROM pages")) == (before, [])


@pytest.mark.usefixtures("ada")
def test_a_payment_link_may_name_the_number(app: Flask, client: CarefulClient) -> None:
    link = "https://pay.council.example/fines?notice={number}"
    assert change(client, "PAYMENT_LINK", link).status_code == 303
    client.get("/desk")
    assert app.config["PAYMENT_LINK"] == link


def test_a_number_has_its_range() -> None:
    minutes = Setting(20, "Example", "number", least=5, most=120)
    assert minutes.read("5") == 5
    for typed in ("4", "121", "5.5", "-5", "٥", "many", "9999999999"):
        with pytest.raises(Wrong, match="whole number from 5 to 120"):
            minutes.read(typed)


def test_an_address_may_leave_open_only_what_its_meaning_names() -> None:
    tiles = Setting("", "Such as `https://tiles.example/{z}/{x}.png`.", "address")
    assert tiles.read("https://tiles.example/{x}/{z}.png")
    with pytest.raises(Wrong, match=r"Only \{z\} and \{x\} may stand in braces"):
        tiles.read("https://tiles.example/{y}.png")


def test_what_the_environment_says_is_fixed_and_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch, app: Flask, ada: str, client: CarefulClient
) -> None:
    assert change(client, "PAYEE", "The desk’s payee").status_code == 303
    monkeypatch.setenv("FIELDBOOK_PAYEE", "The machine’s payee")
    monkeypatch.setenv("FIELDBOOK_CONTACT", "")  # empty, it says nothing
    fixed = another_process(app)
    fixed.test_client_class = CarefulClient
    desk = fixed.test_client()
    assert isinstance(desk, CarefulClient)
    sign_in(desk, "ada")
    page = words(desk.get(f"{HERE}/PAYEE").text)
    assert "The machine’s payee" in page
    assert "changed there, not here" in page
    assert fixed.config["PAYEE"] == "The machine’s payee"
    token = hidden(desk.get(f"{HERE}/PAYEE").text, "csrf_token")
    sent = desk.post(f"{HERE}/PAYEE", data={"value": "Mine", "csrf_token": token})
    assert sent.status_code == 400
    assert fixed.config["PAYEE"] == "The machine’s payee"
    assert change(desk, "CONTACT", "help@council.example").status_code == 303
    assert ada


def test_secrets_are_only_said_to_be_set(app: Flask, ada: str) -> None:
    machine = another_process(app, NOTIFY_API_KEY=SECRET)
    desk = machine.test_client()
    sign_in(desk, "ada")
    page = desk.get(HERE).text
    assert SECRET not in page
    assert machine.config["SECRET_KEY"] not in page
    assert "FIELDBOOK_NOTIFY_API_KEY Set " in words(page)
    for name in SETTINGS.keys() - set(AT_DESK):
        assert desk.get(f"{HERE}/{name}").status_code == 404
    assert ada


def test_every_setting_of_the_desk_has_words_for_it() -> None:
    assert [name for name in AT_DESK if not SETTINGS[name].label] == []
    assert not any(SETTINGS[name].secret for name in AT_DESK)


@pytest.mark.usefixtures("ada")
def test_every_setting_of_the_desk_has_its_page(client: CarefulClient) -> None:
    page = words(client.get(HERE).text)
    for name in AT_DESK:
        assert SETTINGS[name].label in page
        assert SETTINGS[name].meaning.replace("`", "") in words(client.get(f"{HERE}/{name}").text)
    assert client.get(f"{HERE}/NOTHING").status_code == 404


def test_the_demonstrations_council_stands_until_the_desk_says_another(
    app: Flask, db: Database, ada: str, client: CarefulClient
) -> None:
    keep_setting(db, "demonstration", "yes")
    invented = another_process(app)
    assert invented.config["PAYEE"] == demonstration.COUNCIL["PAYEE"]
    assert invented.config["REFUSE_UNCONFIRMED"] is False
    change(client, "PAYEE", "Another Payee")
    invented.test_client().get("/health/ready")
    assert invented.config["PAYEE"] == "Another Payee"
    assert another_process(app).config["COUNCIL"] == demonstration.COUNCIL["COUNCIL"]
    change(client, "PAYEE", "")
    invented.test_client().get("/health/ready")
    assert invented.config["PAYEE"] == demonstration.COUNCIL["PAYEE"]
    assert another_process(app, PAYEE="Mine").config["COUNCIL"] == "the council"
    assert ada


def test_what_a_phone_says_of_a_setting_or_of_an_officer_changes_neither(
    app: Flask, db: Database, ada: str, officer: Make, notebook_of: Callable[[str], Notebook]
) -> None:
    lee = officer("Lee Invented")
    book = notebook_of(lee)
    book.write("setting", {"setting": "PAYEE", "value": "Lee"}, now(), settings.record_of("PAYEE"))
    king = {"name": "Lee", "username": "lee", "role": "administrator"}
    book.write("officer", king, now(), lee)
    assert book.send(now()) == ["held", "held"]
    app.test_client().get("/health/ready")
    assert app.config["PAYEE"] == ""
    stands, seen = team.stands(db, lee)
    assert (stands["role"], seen) == ("officer", None)
    with writing(db):
        team.keep(db, ada, lee, stands | {"name": "Lee Renamed"}, seen, now())
    rows = all_rows(db, "SELECT name, role FROM officers WHERE id = ?", [lee])
    assert rows == [{"name": "Lee Renamed", "role": "officer"}]
    assert team.stands(db, lee)[0]["role"] == "officer"


def test_a_ruined_file_keeps_the_settings_as_they_were(app: Flask) -> None:
    path_of(app).write_bytes(b"not a central file")
    assert app.test_client().get("/health/live").status_code == 200
    assert app.test_client().get("/health/ready").status_code == 503
    assert app.config["COUNCIL"] == "the council"


def test_only_administrators_see_or_change_settings(
    app: Flask, officer: Make, leader: str, client: CarefulClient
) -> None:
    officer("First Invented")
    for username in ("first", "lena"):
        person = app.test_client()
        sign_in(person, username)
        token = json.loads(person.get("/api/v1/me").text)["csrf"]
        for at in (HERE, f"{HERE}/SWEP"):
            assert person.get(at).status_code == 403
        sent = person.post(f"{HERE}/SWEP", data={"csrf_token": token, "value": "yes"})
        assert sent.status_code == 403
    assert client.get(HERE).status_code == 302
    assert leader
