"""The central file that the benchmarks run on: the demonstration, and a full register of places."""

from __future__ import annotations

from pathlib import Path
from random import Random
from uuid import UUID

from sqlite_utils import Database

from field_app import catalogue, registers
from field_app.database import FILE_NAME, connect, one_row, writing
from field_app.times import now
from tests.wire.client import Server

PLACES = 5_000


def demonstration(instance: Path) -> Server:
    """A running server with the demonstration, and its register filled up to 5,000 places."""
    server = Server(instance)
    done = server.flask("demonstrate")
    assert done.returncode == 0, done.stderr
    db = connect(instance / FILE_NAME)
    with writing(db):
        there = db.table("places").count
        keeper = one_row(db, "SELECT id FROM officers WHERE username = 'admin'")
        assert keeper is not None
        add_places(db, keeper["id"], PLACES - there)
    db.conn.close()
    return server.start()


def add_places(db: Database, keeper: str, number: int) -> list[str]:
    """Invented places across a borough, as somebody put them into the register; their ids."""
    rng, wards = Random(1), catalogue.wards()
    ids = [str(UUID(int=nth)) for nth in range(number)]
    for nth, place in enumerate(ids):
        row = {
            "name": f"Example Place {nth}",
            "category": "synagogue",
            "address": f"{nth} Example Street",
        }
        where = {"latitude": 51.5 + rng.random() / 10, "longitude": -0.2 + rng.random() / 10}
        body = {"ward": rng.choice(wards).code} | row | where
        registers.keep(db, keeper, "place", place, body, None, now())
    return ids
