"""Who may sign: written authorisations on file, the powers they give a phone, and what stands in a notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import authorisations, catalogue, create_app, rules
from field_app.database import keep_setting, one_row, path_of, writing
from field_app.notebook import NotWritten, write_at_desk
from field_app.records import KINDS, check
from field_app.reference import reference
from tests import notices
from tests.conftest import CarefulClient, sign_in

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
TODAY = NOW.date()
RECORD = "0193aaaa-0000-4000-8000-0000000000a1"
Officer = Callable[..., str]


def grant(db: Database, admin: str, officer: str, record: str = RECORD, **more: Any) -> None:
    body = {"granted_to": officer, "powers": ["epa-88"], "document": "Invented 1"}
    with writing(db):
        said = body | {"starts": "2026-11-01"} | more
        write_at_desk(db, admin, "authorisation", record, said, NOW)


@pytest.fixture
def admin(officer: Officer) -> str:
    return officer("Ada Admin", "administrator")


def test_every_offence_has_a_power_that_an_authorisation_can_name() -> None:
    codes = {entry.code for entry in catalogue.entries("powers")}
    assert {rules.power_of("fpn", one.code) for one in catalogue.offences()} == codes - {
        "asbcpa-53"
    }
    assert rules.power_of("cpw", None) == rules.power_of("cpn", None) == "asbcpa-53"


def test_a_phone_is_given_its_own_officers_authorisations(
    db: Database, admin: str, officer: Officer
) -> None:
    first, second = officer("First Invented"), officer("Second Invented")
    grant(db, admin, first, ends="2027-10-31")
    assert reference(db, first, TODAY)["authorisations"] == [
        {
            "powers": ["epa-88"],
            "document": "Invented 1",
            "starts": "2026-11-01",
            "ends": "2027-10-31",
        }
    ]
    assert reference(db, second, TODAY)["authorisations"] == []


def test_an_authorisation_that_is_ended_ends_on_that_day(
    db: Database, admin: str, officer: Officer
) -> None:
    first = officer("First Invented")
    grant(db, admin, first)
    with writing(db):
        ended = {"ends": "2026-11-22", "ended_reason": "Moved to another team"}
        write_at_desk(db, admin, "authorisation-ended", RECORD, ended, NOW)
    [one] = authorisations.of_officer(db, first)
    assert (one["ends"], one["ended_reason"]) == ("2026-11-22", "Moved to another team")
    assert authorisations.in_force(one, date(2026, 11, 22))
    assert not authorisations.in_force(one, date(2026, 11, 23))


def test_an_authorisation_without_powers_is_not_written(
    db: Database, admin: str, officer: Officer
) -> None:
    with pytest.raises(NotWritten):
        grant(db, admin, officer("First Invented"), powers=[])
    assert one_row(db, "SELECT 1 FROM pages") is None


@pytest.mark.parametrize("kind", ["fpn", "cpw", "cpn"])
def test_a_notice_that_names_no_authorisation_is_held(
    db: Database, officer: Officer, write_pages: Callable[..., list[str]], kind: str
) -> None:
    body = getattr(notices, kind)(NOW, authorisation=None)
    [record] = write_pages(officer("First Invented"), [(kind, body)], NOW)
    rows = one_row(db, "SELECT rule FROM problems WHERE record = ?", [record])
    assert rows == {"rule": "not-authorised"}


@pytest.mark.parametrize(
    ("more", "covers"),
    [
        ({}, True),
        ({"powers": ["epa-33za"]}, False),
        ({"starts": "2026-11-23"}, False),
        ({"ends": "2026-11-21"}, False),
        ({"ends": "2026-11-22"}, True),
    ],
)
def test_the_desk_sees_whether_one_on_file_covers_the_notice(
    db: Database,
    admin: str,
    officer: Officer,
    write_pages: Callable[..., list[str]],
    client: CarefulClient,
    more: dict[str, Any],
    covers: bool,
) -> None:
    first = officer("First Invented")
    [record] = write_pages(first, [("fpn", notices.fpn(NOW))], NOW)
    grant(db, admin, first, **more)
    row = one_row(db, "SELECT * FROM notices WHERE record = ?", [record])
    assert row
    assert bool(authorisations.covering(db, row)) == covers
    sign_in(client, "ada")
    said = "No written authorisation on file covers this notice"
    assert (said in client.get(f"/desk/records/{record}").text) != covers


# Figures that are not confirmed


def test_what_is_confirmed_opens_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    body = {kind: getattr(notices, kind)(NOW, confirmed_only=True) for kind in ("fpn", "cpn")}
    shut = {"fpn": "unconfirmed-figures", "cpn": "unconfirmed-wording"}
    for kind, rule in shut.items():
        assert [one.rule for one in check(KINDS[kind], body[kind], NOW).problems] == [rule]
    rows = rules._rows
    monkeypatch.setattr(
        rules,
        "_rows",
        lambda name: {code: row | {"confirmed": True} for code, row in rows(name).items()},
    )
    monkeypatch.setattr(rules, "_unconfirmed", lambda: [])
    for kind in shut:
        assert check(KINDS[kind], body[kind], NOW).problems == []


@pytest.mark.parametrize("list_name", ["offences", "amounts", "families", "orders"])
def test_one_figure_that_is_not_confirmed_shuts_it(
    monkeypatch: pytest.MonkeyPatch, list_name: str
) -> None:
    rows = rules._rows
    monkeypatch.setattr(
        rules,
        "_rows",
        lambda name: {
            code: row | {"confirmed": name != list_name} for code, row in rows(name).items()
        },
    )
    body = notices.fpn(NOW, confirmed_only=True, pspo="dogs-2023")
    assert "unconfirmed-figures" in [one.rule for one in check(KINDS["fpn"], body, NOW).problems]


def law_of(app: Flask) -> str:
    return FlaskClient(app).get("/screens").text


def test_phones_are_told_to_refuse_unless_the_data_are_invented(app: Flask, db: Database) -> None:
    assert app.config["REFUSE_UNCONFIRMED"] is True
    assert '"confirmed_only": true' in law_of(app)
    keep_setting(db, "demonstration", "yes")
    instance = path_of(app).parent
    assert '"confirmed_only": false' in law_of(create_app({"INSTANCE": instance}))
    asked = create_app({"INSTANCE": instance, "REFUSE_UNCONFIRMED": True})
    assert '"confirmed_only": true' in law_of(asked)
