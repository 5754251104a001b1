"""The budgets that are not about time. `make bench` measures all of them."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlite_utils import Database

from bench import plans, sizes
from bench.requests import ask_everything


def test_everything_the_phone_needs_is_within_150_kb_compressed(app: Flask) -> None:
    assert sizes.everything(app).sent / 1000 <= sizes.EVERYTHING_KB


def test_own_javascript_is_within_45_kb_compressed(app: Flask) -> None:
    assert sizes.own_scripts(app).sent / 1000 <= sizes.OWN_SCRIPTS_KB


def test_every_query_of_every_address_has_an_index_that_fits(app: Flask, db: Database) -> None:
    with plans.caught() as statements:
        ask_everything(app)
    assert plans.scans(db, statements) == []


@pytest.mark.parametrize(
    ("sql", "step"),
    [
        ("SELECT * FROM pages WHERE kind = 'patrol'", "SCAN pages"),
        ("SELECT record FROM patrols WHERE ward = 'a'", "SCAN patrols"),
        (
            "SELECT max(started_at) FROM patrols GROUP BY officer",
            "SCAN patrols USING COVERING INDEX patrols_officer",
        ),
        ("UPDATE inbox SET text = '' WHERE about = 'a'", "SCAN inbox"),
        ("SELECT 1 FROM evidence_listed AS e WHERE page = 1", "SCAN e"),
    ],
)
def test_a_large_table_read_from_end_to_end_is_found(db: Database, sql: str, step: str) -> None:
    assert plans.scans(db, {sql}) == [f"{step}: {sql}"]


def test_a_small_table_read_from_end_to_end_is_not_complained_of(db: Database) -> None:
    small = {f"SELECT * FROM {table}" for table in plans.SMALL | plans.EXCEPTIONS}
    assert plans.scans(db, small) == []
