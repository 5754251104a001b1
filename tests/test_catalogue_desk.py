"""The catalogue at the desk: what is said there is laid over the files, for the server and the phone, from
when it came on."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import catalogue, catalogue_desk, create_app, overlay, registers, rules
from field_app.auth import ADMINISTRATOR
from field_app.catalogue import Known
from field_app.database import all_rows, writing
from field_app.fold import fold_all
from field_app.times import london, moment_text, now
from tests.conftest import patrol, sign_in
from tests.desk import hidden, send, words
from tests.notices import fpn

Make = Callable[..., str]
TODAY = london(now()).date()
SOON = TODAY + timedelta(days=10)
SAID = {
    "confirmed_by": "L. Example, principal lawyer",
    "document": "Advice EX/123",
    "confirmed_on": TODAY.isoformat(),
}


@pytest.fixture(autouse=True)
def _as_shipped() -> Iterator[None]:
    yield
    catalogue.use(Known("", ()))


@pytest.fixture
def admin(client: FlaskClient, officer: Make) -> FlaskClient:
    officer("Abe Admin", ADMINISTRATOR)
    sign_in(client, "abe")
    return client


def figure(name: str, code: str) -> catalogue_desk.Figure:
    return next(one for one in catalogue_desk.figures() if one.key[:2] == (name, code))


def fact(name: str, code: str) -> Any:
    return next(one for one in catalogue.entries(name) if one.code == code)


def confirm(client: FlaskClient, *figures: catalogue_desk.Figure, **more: str) -> Any:
    ticked = [one.value for one in figures]
    return send(client, "/desk/law/confirm", "/desk/law", figure=ticked, **SAID | more)


def keep(client: FlaskClient, path: str, **said: Any) -> Any:
    """Fill in a form as it stands there, and send it."""
    page = client.get(path).text
    bound = {name: hidden(page, name) for name in ("record", "seen")}
    return send(client, path, path, **bound | said)


def count_of(page: str) -> int:
    found = re.search(r"(\d+) figures? awaits? confirmation by Legal", page)
    assert found
    return int(found[1])


# Confirmations


def test_what_legal_has_confirmed_counts_no_longer_as_awaiting(
    admin: FlaskClient, db: Database
) -> None:
    before = count_of(words(admin.get("/desk/admin").text))
    amount, period = figure("amounts", "litter-2023"), figure("periods", "cpw-review")
    assert confirm(admin, amount, period).status_code == 303
    assert count_of(words(admin.get("/desk/admin").text)) == before - 2
    found = fact("amounts", "litter-2023")
    assert (found.confirmed, found.sure) == (True, "S")
    assert found.source.endswith(
        f"Confirmed by {SAID['confirmed_by']} on {TODAY}: {SAID['document']}."
    )
    pages = all_rows(db, "SELECT body FROM pages WHERE kind = 'figure-confirmed'")
    assert [json.loads(page["body"])["code"] for page in pages] == ["litter-2023", "cpw-review"]
    said = words(admin.get("/desk/law/all").text)
    assert f"{SAID['confirmed_by']}" in said
    assert SAID["document"] in said


def test_gates_that_are_not_confirmed_count_too(admin: FlaskClient) -> None:
    waiting = {one.file for one in catalogue.unconfirmed(TODAY)}
    assert "gates.json" in waiting
    assert "Rules that stop a notice" in words(admin.get("/desk/law").text)
    gate = next(one for one in catalogue.gates() if not one.confirmed)
    confirm(admin, figure("gates", gate.code))
    assert fact("gates", gate.code).confirmed
    assert [one.code for one in rules.gates()] == [one.code for one in catalogue.gates()]


def test_wards_codes_are_confirmed_as_well(admin: FlaskClient) -> None:
    confirm(admin, figure("wards", "E05013653"))
    assert fact("wards", "E05013653").confirmed
    assert not fact("wards", "E05013652").confirmed


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"confirmed_by": ""}, "Say who confirmed it"),
        ({"document": " "}, "Say on what document"),
        ({"confirmed_on": "2026-02-30"}, "On which day must be a real date"),
        ({"confirmed_on": str(TODAY + timedelta(days=2))}, "On which day is in the future"),
        ({"figure": []}, "Select what was confirmed"),
        ({"figure": ["amounts|litter-2023||0"]}, "Some of it reads otherwise now"),
    ],
)
def test_a_confirmation_that_is_not_whole_is_refused_and_nothing_lost(
    admin: FlaskClient, db: Database, more: dict[str, Any], sentence: str
) -> None:
    ticked = figure("amounts", "litter-2023").value
    form = {"figure": [ticked]} | SAID | more
    answer = send(admin, "/desk/law/confirm", "/desk/law", **form)
    assert answer.status_code == 400
    assert sentence in words(answer.text)
    assert (f'value="{ticked}" checked' in answer.text) is (form["figure"] == [ticked])
    assert all_rows(db, "SELECT 1 FROM pages WHERE kind = 'figure-confirmed'") == []
    assert not fact("amounts", "litter-2023").confirmed


def test_a_confirmation_that_is_sent_twice_is_one_page(admin: FlaskClient, db: Database) -> None:
    for _ in range(2):
        assert confirm(admin, figure("amounts", "litter-2023")).status_code == 303
    assert len(all_rows(db, "SELECT 1 FROM pages WHERE kind = 'figure-confirmed'")) == 1


def test_a_confirmation_is_taken_back_and_both_stay_readable(admin: FlaskClient) -> None:
    one = figure("amounts", "litter-2023")
    confirm(admin, one)
    path = f"/desk/law/figures/amounts/litter-2023?from={one.key[2]}"
    page = admin.get(path)
    assert SAID["document"] in words(page.text)
    answer = send(admin, path, path, seen=hidden(page.text, "seen"))
    assert answer.status_code == 303
    assert not fact("amounts", "litter-2023").confirmed
    assert "This was taken back" in words(admin.get(path).text)
    history = words(admin.get(f"/desk/records/{one.record}").text)
    assert "No longer confirmed" in history


def test_a_figure_that_reads_otherwise_since_awaits_confirmation_again(
    admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm(admin, figure("periods", "cpw-review"))
    shipped = catalogue._shipped().lists
    changed = tuple(
        replace(one, months=9) if one.code == "cpw-review" else one  # type: ignore[call-arg]
        for one in shipped["periods"]
    )
    edition = catalogue.Edition({**shipped, "periods": changed})
    monkeypatch.setattr(catalogue, "_shipped", lambda: edition)
    catalogue.use(Known("again", catalogue.known().said))
    assert not fact("periods", "cpw-review").confirmed


def test_a_team_leader_reads_and_confirms_nothing(
    client: FlaskClient, leader: str, db: Database
) -> None:
    assert leader
    sign_in(client, "lena")
    page = client.get("/desk/law").text
    assert 'type="checkbox"' not in page
    ticked = figure("amounts", "litter-2023").value
    answer = send(client, "/desk/law/confirm", "/desk", figure=[ticked], **SAID)
    assert answer.status_code == 403
    for path in ("amounts/litter", "orders/new", "lists/outcomes/new"):
        assert client.get(f"/desk/law/{path}").status_code == 403, path
    for path in ("all", "amounts", "lists", "lists/outcomes"):
        assert client.get(f"/desk/law/{path}").status_code == 200, path
    assert all_rows(db, "SELECT 1 FROM catalogue_changes") == []


# What follows a change


def test_the_phone_gets_a_new_version_and_the_new_data(admin: FlaskClient) -> None:
    before = admin.get("/files").text
    keep(admin, "/desk/law/lists/outcomes/new", label="Gone before we came")
    after = admin.get("/files").text
    assert "Gone before we came" not in before
    assert "Gone before we came" in after
    assert "Gone before we came" in admin.get("/").text
    confirm(admin, figure("amounts", "litter-2023"))
    assert admin.get("/files").text != after


def test_another_process_has_it_with_its_next_request(admin: FlaskClient, app: Flask) -> None:
    keep(admin, "/desk/law/lists/outcomes/new", label="Gone before we came")
    catalogue.use(Known("", ()))  # as a process that was started before
    assert "Gone before we came" in app.test_client().get("/").text


def test_a_change_of_another_file_does_not_show_here(admin: FlaskClient, tmp_path: Any) -> None:
    keep(admin, "/desk/law/lists/outcomes/new", label="Gone before we came")
    other = create_app({"INSTANCE": tmp_path / "other", "TESTING": True})
    assert "Gone before we came" not in other.test_client().get("/").text
    assert "Gone before we came" in admin.get("/").text


def test_the_list_of_choices_follows(admin: FlaskClient, db: Database) -> None:
    keep(admin, "/desk/law/lists/outcomes/new", label="Gone before we came")
    keep(admin, "/desk/law/lists/outcomes/entries/advice-given", label="Advice was given")
    rows = {
        row["code"]: row["label"]
        for row in all_rows(db, "SELECT code, label FROM choices WHERE list = 'outcomes'")
    }
    assert rows["gone-before-we-came"] == "Gone before we came"
    assert rows["advice-given"] == "Advice was given"


def test_nobody_else_has_a_change_before_it_is_kept(
    admin: FlaskClient, app: Flask, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread's request comes in the middle: it sees what was, and takes nothing back."""
    real, seen = catalogue.refuse_unreadable, list[set[str]]()

    def meanwhile() -> None:
        seen.append({one.code for one in catalogue.entries("outcomes")})
        assert app.test_client().get("/sign-in").status_code == 200

    def slow(said: Any) -> None:
        other = threading.Thread(target=meanwhile)
        other.start()
        other.join()
        real(said)

    monkeypatch.setattr(catalogue, "refuse_unreadable", slow)
    keep(admin, "/desk/law/lists/outcomes/new", label="Gone before we came")
    assert "gone-before-we-came" not in seen[0]
    assert fact("outcomes", "gone-before-we-came")
    rows = all_rows(db, "SELECT label FROM choices WHERE code = 'gone-before-we-came'")
    assert rows == [{"label": "Gone before we came"}]


def test_several_figures_are_confirmed_before_anybody_else_has_one(
    admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, real = list[str](), registers.keep

    def keeping(*args: Any) -> bool:
        kept = real(*args)
        other = threading.Thread(target=lambda: names.append(catalogue.known().name))
        other.start()
        other.join()
        return kept

    monkeypatch.setattr(registers, "keep", keeping)
    both = figure("amounts", "litter-2023"), figure("periods", "cpw-review")
    assert confirm(admin, *both).status_code == 303
    assert names == ["", ""]
    assert catalogue.known().name != ""


def test_what_was_said_before_a_change_is_judged_as_it_was_then(
    admin: FlaskClient, db: Database, officer: Make, write_pages: Callable[..., list[str]]
) -> None:
    """A code that came later does not make an older page sound, and nothing is folded anew."""
    olu = officer("Olu Officer")
    early = patrol(now(), outcomes=["gone-before-we-came"])
    [record] = write_pages(olu, [("patrol", early)], now())
    keep(admin, "/desk/law/lists/outcomes/new", label="Gone before we came")
    overlay.use(db)
    [later] = write_pages(olu, [("patrol", early)], now())
    states = "SELECT record, state FROM patrols"
    found = {row["record"]: row["state"] for row in all_rows(db, states)}
    assert found == {record: "held", later: "accepted"}
    with writing(db):
        fold_all(db)
    assert {row["record"]: row["state"] for row in all_rows(db, states)} == found


def test_the_tables_are_what_the_pages_say_after_every_kind_of_change(
    admin: FlaskClient, db: Database
) -> None:
    confirm(admin, figure("amounts", "litter-2023"))
    keep(admin, "/desk/law/lists/outcomes/new", label="Gone before we came")
    add_amount(admin)
    add_order(admin)
    rows = all_rows(db, "SELECT * FROM catalogue_changes ORDER BY record")
    assert len(rows) == 4
    catalogue.use(Known("", ()))
    with writing(db):
        fold_all(db)
    assert all_rows(db, "SELECT * FROM catalogue_changes ORDER BY record") == rows
    assert fact("amounts", "litter-2023").confirmed


# Amounts


AMOUNT = {
    "starts": SOON.isoformat(),
    "council_amount": "150",
    "council_discount": "75.50",
    "minimum": "65",
    "maximum": "500",
    "discount_floor": "50",
    "decision": "Cabinet, 1 April",
}


def add_amount(client: FlaskClient, **more: Any) -> Any:
    return keep(client, "/desk/law/amounts/litter", **AMOUNT | more)


def test_an_amount_changes_from_a_day_on_and_the_old_one_ends_the_day_before(
    admin: FlaskClient,
) -> None:
    assert add_amount(admin).status_code == 303
    before = catalogue.amount_on("litter", SOON - timedelta(days=1))
    after = catalogue.amount_on("litter", SOON)
    assert before
    assert after
    assert (before.full, before.ends) == (10000, SOON - timedelta(days=1))
    assert (after.full, after.early, after.ends) == (15000, 7550, None)
    assert (after.confirmed, after.source) == (False, "Cabinet, 1 April")
    at = datetime(SOON.year, SOON.month, SOON.day, 12, tzinfo=UTC)
    due = rules.facts(
        {"offence": "litter", "issued_at": moment_text(at), "occurred_at": moment_text(at)}
    )
    assert (due["due"]["amount"], due["due"]["discount"]) == (15000, 7550)
    page = words(admin.get("/desk/law/amounts").text)
    assert "£150" in page
    assert "Put right or take back" in page


def test_an_amount_that_was_confirmed_stays_so_when_another_follows_it(admin: FlaskClient) -> None:
    confirm(admin, figure("amounts", "litter-2023"))
    add_amount(admin)
    assert fact("amounts", "litter-2023").confirmed
    assert not fact("amounts", f"litter-{SOON}").confirmed
    confirm(admin, figure("amounts", f"litter-{SOON}"))
    assert fact("amounts", f"litter-{SOON}").confirmed


def test_an_amount_is_taken_back(admin: FlaskClient, db: Database) -> None:
    add_amount(admin)
    [row] = all_rows(db, "SELECT record FROM catalogue_changes WHERE kind = 'amount-set'")
    path = f"/desk/law/amounts/litter/{row['record']}"
    page = admin.get(path).text
    assert 'value="150.00"' in page
    assert (
        add_amount(admin, council_amount="140", starts=str(SOON + timedelta(days=1))).status_code
        == 303
    )
    bound = {name: hidden(page, name) for name in ("record", "seen")}
    said = {
        "starts": str(SOON),
        "council_amount": "150",
        "maximum": "500",
        "decision": "By mistake",
    }
    answer = send(admin, path, path, taken_back="yes", **bound | said)
    assert answer.status_code == 303
    found = catalogue.amount_on("litter", SOON)
    assert found
    assert found.full == 10000
    assert found.ends == SOON


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"starts": ""}, "Enter from"),
        ({"starts": "2023-07-31"}, "Another amount begins on that day already"),
        ({"starts": "2001-01-01"}, "The first amount is from"),
        ({"starts": TODAY.isoformat()}, "It must begin after today"),
        ({"starts": str(TODAY - timedelta(days=9))}, "It must begin after today"),
        ({"council_amount": "600"}, "It must be from £65 to £500, as the law allows"),
        ({"council_amount": "free"}, "Full amount must be"),
        ({"council_discount": "150"}, "It must be less than the full amount"),
        ({"council_discount": "20"}, "as much as the law wants"),
        ({"maximum": ""}, "Enter most that the law allows"),
        ({"decision": ""}, "Say who decided it"),
    ],
)
def test_an_amount_that_cannot_be_is_refused_at_its_field(
    admin: FlaskClient, db: Database, more: dict[str, Any], sentence: str
) -> None:
    answer = add_amount(admin, **more)
    assert answer.status_code == 400
    assert sentence in words(answer.text)
    assert all_rows(db, "SELECT 1 FROM pages WHERE kind = 'amount-set'") == []
    assert catalogue.known().said == ()


def test_an_amount_that_is_in_force_is_neither_changed_nor_taken_back(
    admin: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_amount(admin)
    [row] = all_rows(db, "SELECT record FROM catalogue_changes WHERE kind = 'amount-set'")
    path = f"/desk/law/amounts/litter/{row['record']}"
    assert path in admin.get("/desk/law/amounts").text
    monkeypatch.setattr(catalogue_desk, "_today", lambda: SOON)
    for more in ({"council_amount": "140"}, {"taken_back": "yes"}):
        answer = keep(admin, path, **AMOUNT | more)
        assert answer.status_code == 400, more
        assert "It is in force already" in words(answer.text)
    assert len(all_rows(db, "SELECT 1 FROM pages WHERE kind = 'amount-set'")) == 1
    listed = admin.get("/desk/law/amounts").text
    assert path not in listed
    assert "/desk/law/amounts/litter" in listed


# Orders


ORDER = {
    "label": "Example drinking",
    "full_title": "Public Spaces Protection Order: example drinking",
    "made": str(TODAY - timedelta(days=5)),
    "starts": str(TODAY),
    "ends": str(TODAY + timedelta(days=900)),
    "area_words": "Example Street and Sample Road",
    "articles": "Drinking alcohol when asked not to\nKeeping an open container",
    "alcohol_request": "yes",
    "decision": "Sealed copy EX/PSPO/1",
}


def add_order(client: FlaskClient, path: str = "/desk/law/orders/new", **more: Any) -> Any:
    return keep(client, path, **ORDER | more)


def test_an_order_is_added_and_offered(admin: FlaskClient) -> None:
    assert add_order(admin).status_code == 303
    code = f"example-drinking-{(TODAY - timedelta(days=5)).year}"
    found = fact("orders", code)
    assert found.in_force(TODAY)
    assert [one.code for one in found.articles] == [
        "drinking-alcohol-when-asked-not-to",
        "keeping-an-open-container",
    ]
    assert (found.area, found.area_words) == (None, "Example Street and Sample Road")
    assert (found.alcohol_request, found.confirmed) == (True, False)
    assert "Example drinking" in admin.get("/screens").text
    page = words(admin.get("/desk/admin/orders").text)
    assert "Example Street and Sample Road" in page


def test_a_form_that_is_sent_twice_is_one_page(admin: FlaskClient, db: Database) -> None:
    for path, said in (
        ("/desk/law/orders/new", {}),
        ("/desk/law/lists/outcomes/new", {"label": "Gone before we came"}),
        ("/desk/law/amounts/litter", {}),
    ):
        page = admin.get(path).text
        bound = {name: hidden(page, name) for name in ("record", "seen")}
        whole = {"orders": ORDER, "lists": {}, "amounts": AMOUNT}[path.split("/")[3]]
        for _ in range(2):
            assert send(admin, path, path, **bound | whole | said).status_code == 303, path
    assert len(all_rows(db, "SELECT 1 FROM catalogue_changes")) == 3
    assert all_rows(db, "SELECT 1 FROM catalogue_changes WHERE amendments > 0") == []


def test_a_notice_outside_the_corners_of_an_order_is_refused(admin: FlaskClient) -> None:
    corners = "51.50, -0.20\n51.50 -0.10\n51.60, -0.10\n51.60, -0.20"
    add_order(admin, area_words="", area_points=corners)
    [order] = [one for one in catalogue.orders() if one.label == "Example drinking"]
    at = {"pspo": order.code, "latitude": 51.55}
    inside, outside = (rules.facts(at | {"longitude": x})["due"]["in_area"] for x in (-0.15, -0.3))
    assert (inside, outside) == (True, False)


def test_an_order_of_the_files_is_ended(admin: FlaskClient) -> None:
    path = "/desk/law/orders/dogs-2023"
    page = admin.get(path).text
    assert "Dog mess: a bag" in page
    articles = "\n".join(one.label for one in fact("orders", "dogs-2023").articles)
    codes = [one.code for one in fact("orders", "dogs-2023").articles]
    answer = add_order(
        admin,
        path,
        label="Dogs (2023)",
        made="2023-10-01",
        starts="2023-10-01",
        ends=str(TODAY),
        extended="yes",
        area_words="",
        whole_borough="yes",
        articles=articles,
    )
    assert answer.status_code == 303
    found = fact("orders", "dogs-2023")
    assert found.in_force(TODAY)
    assert not found.in_force(TODAY + timedelta(days=1))
    assert [one.code for one in found.articles] == codes  # what notices named before stays named


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"label": ""}, "Enter short name"),
        ({"label": "Dogs", "made": "2023-10-01"}, "There is an order with this name already"),
        ({"starts": "2020-01-01"}, "An order is in force only once it is made"),
        ({"ends": str(TODAY - timedelta(days=1))}, "It ends before it begins"),
        ({"made": str(SOON)}, "Made on is in the future"),
        (
            {"ends": str(TODAY + timedelta(days=1_200))},
            "lasts at most 3 years, unless it was extended",
        ),
        ({"area_words": ""}, "Say where it holds"),
        ({"whole_borough": "yes"}, "It holds in the whole borough, or in a part of it"),
        ({"area_points": "51.5, -0.1\n51.6, -0.1"}, "An area has three corners or more"),
        ({"area_points": "here\nthere\nelsewhere"}, "is not a latitude and a longitude"),
        ({"area_points": "-0.1, 51.5\n-0.1, 51.6\n0, 51.5"}, "A corner is outside Great Britain"),
        ({"articles": " \n"}, "Enter at least one article"),
        ({"articles": "One\none!"}, "Two articles begin with the same words"),
    ],
)
def test_an_order_that_cannot_be_is_refused_at_its_field(
    admin: FlaskClient, db: Database, more: dict[str, Any], sentence: str
) -> None:
    answer = add_order(admin, **more)
    assert answer.status_code == 400
    assert sentence in words(answer.text)
    assert all_rows(db, "SELECT 1 FROM pages WHERE kind = 'order'") == []


def test_an_order_that_was_extended_may_last_longer(admin: FlaskClient) -> None:
    assert (
        add_order(admin, ends=str(TODAY + timedelta(days=1_200)), extended="yes").status_code == 303
    )


@pytest.mark.parametrize(
    ("field", "day", "sentence"),
    [
        ("ends", TODAY - timedelta(days=1), "or later: notices may have been given until then"),
        ("starts", TODAY + timedelta(days=1), "It is in force since"),
    ],
)
def test_no_day_on_which_an_order_held_is_taken_from_it(
    admin: FlaskClient, db: Database, field: str, day: Any, sentence: str
) -> None:
    add_order(admin, starts=str(TODAY - timedelta(days=3)))
    [order] = [one for one in catalogue.orders() if one.label == "Example drinking"]
    said = {"starts": str(TODAY - timedelta(days=3)), field: str(day)}
    answer = add_order(admin, f"/desk/law/orders/{order.code}", **said)
    assert answer.status_code == 400
    assert sentence in words(answer.text)
    assert len(all_rows(db, "SELECT 1 FROM pages WHERE kind = 'order'")) == 1


# Lists


def test_the_wire_describes_a_patrol_of_an_added_activity(admin: FlaskClient) -> None:
    keep(admin, "/desk/law/lists/activities/new", label="Example market watch")
    said = admin.get("/api/v1/openapi.json").get_json()
    forms = said["components"]["schemas"]["body-patrol"]["oneOf"]
    assert forms[-1]["properties"]["activity"] == {"enum": ["example-market-watch"]}


def test_an_activity_is_added_renamed_and_retired(
    admin: FlaskClient, db: Database, officer: Make, write_pages: Callable[..., list[str]]
) -> None:
    said = {"label": "Example market watch", "button": "Market watch", "place_categories": "market"}
    assert keep(admin, "/desk/law/lists/activities/new", **said).status_code == 303
    found = fact("activities", "example-market-watch")
    assert (found.button, found.place_categories) == ("Market watch", ("market",))
    body = patrol(now(), activity="example-market-watch")
    [record] = write_pages(officer("Olu Officer"), [("patrol", body)], now())
    path = "/desk/law/lists/activities/entries/example-market-watch"
    keep(admin, path, **said | {"label": "Market rounds", "ends": str(TODAY - timedelta(days=1))})
    found = fact("activities", "example-market-watch")
    assert (found.label, found.in_force(TODAY)) == ("Market rounds", False)
    page = words(admin.get(f"/desk/records/{record}").text)
    assert "Market rounds" in page
    [row] = all_rows(db, "SELECT state FROM patrols")
    assert row["state"] == "accepted"
    before = words(admin.get(path).text)
    assert "How it stood before, page by page" in before


@pytest.mark.parametrize(
    ("path", "said", "sentence"),
    [
        ("outcomes/new", {"label": ""}, "Enter words"),
        ("outcomes/new", {"label": "Advice given"}, "This list has these words already"),
        ("outcomes/new", {"label": "ADVICE  given!"}, "This list has these words already"),
        (
            "outcomes/new",
            {"label": "New", "starts": "2026-02-02", "ends": "2026-02-01"},
            "It ends before it begins",
        ),
        (
            "outcomes/entries/nothing-unusual",
            {"label": "Nothing unusual", "ends": "2026-02-01"},
            "It cannot end: a phone saves a quiet visit with it",
        ),
        (
            "outcomes/entries/nothing-unusual",
            {"label": "Nothing unusual", "starts": str(SOON)},
            "It cannot begin after today: a phone saves a quiet visit with it",
        ),
    ],
)
def test_an_entry_that_cannot_be_is_refused_at_its_field(
    admin: FlaskClient, db: Database, path: str, said: dict[str, Any], sentence: str
) -> None:
    answer = keep(admin, f"/desk/law/lists/{path}", **said)
    assert answer.status_code == 400
    assert sentence in words(answer.text)
    assert all_rows(db, "SELECT 1 FROM pages WHERE kind = 'list-entry'") == []


def test_as_many_activities_are_offered_as_a_phone_shows(admin: FlaskClient) -> None:
    answers = []
    for one in catalogue.activities():
        said = {"label": one.label, "button": one.button, "starts": str(SOON)}
        answers.append(keep(admin, f"/desk/law/lists/activities/entries/{one.code}", **said))
    offered = [one for one in catalogue.activities() if one.in_force(TODAY)]
    assert len(offered) == catalogue_desk.ON_HOME
    refused = [words(one.text) for one in answers if one.status_code == 400]
    assert len(refused) == catalogue_desk.ON_HOME
    sentence = "A phone’s Home shows 6 activities: add another one first"
    assert sum(sentence in one for one in refused) == len(refused) - 1
    assert sum("a patrol that fits no other begins as it" in one for one in refused) == 1


def test_a_change_that_somebody_else_made_meanwhile_is_not_overwritten(admin: FlaskClient) -> None:
    path = "/desk/law/lists/outcomes/entries/advice-given"
    page = admin.get(path).text
    bound = {name: hidden(page, name) for name in ("record", "seen")}
    keep(admin, path, label="Advice was given")
    answer = send(admin, path, path, label="Words of advice", **bound)
    assert answer.status_code == 400
    assert "Somebody changed this meanwhile" in words(answer.text)
    assert fact("outcomes", "advice-given").label == "Advice was given"


@pytest.mark.parametrize(
    "path", ["lists/powers", "lists/ages/new", "figures/amounts/none", "orders/none"]
)
def test_what_is_not_kept_here_is_not_found(admin: FlaskClient, path: str) -> None:
    assert admin.get(f"/desk/law/{path}").status_code == 404


# A notice


def test_a_notice_says_that_its_figures_were_not_confirmed_then(
    admin: FlaskClient, officer: Make, write_pages: Callable[..., list[str]]
) -> None:
    olu = officer("Olu Officer")
    [early] = write_pages(olu, [("fpn", fpn(now(), serial=1))], now())
    for name, code in (("offences", "litter"), ("amounts", "litter-2023"), ("families", "a")):
        confirm(admin, figure(name, code))
    [later] = write_pages(olu, [("fpn", fpn(now(), serial=2))], now())
    said = "Issued on figures that Legal had not confirmed then"
    assert said in words(admin.get(f"/desk/records/{early}").text)
    assert said not in words(admin.get(f"/desk/records/{later}").text)
