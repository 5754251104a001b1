"""Random schedules: phones write and send through a network that loses requests and answers, their
storage goes back in time, the server is backed up and restored. With sound backups nothing that a
phone saved is missing afterwards, unless phone and backup both lost it, and nothing is ever stuck."""

from __future__ import annotations

import copy
import os
import random
import shutil
import sys
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from field_app import backups, notebook, schema
from field_app.database import FILE_NAME, all_rows, connect, insert, writing
from field_app.times import moment_text
from field_app.verify import silent, verify
from tests.wire.client import Json, sealed

SEEDS = int(os.environ.get("SEEDS", "60"))
OFFICER = str(uuid.UUID(int=1))
START = datetime(2026, 11, 16, 8, tzinfo=UTC)
POST = 5

Saved = tuple[str, str]
"""A page that a phone saved: its notebook and its seal."""


class Central:
    """The real central file, its backups and restores, without the web server before it."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self.now = START
        self.backups: list[Path] = []

    def later(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def standing(self, name: str) -> Json:
        db = connect(self.instance / FILE_NAME)
        with closing(db.conn):
            return notebook.standing(db, name, self.later())

    def post(self, name: str, pages: list[Json], oldest: int) -> list[str] | None:
        """The state of each page; None for a 409."""
        db, at = connect(self.instance / FILE_NAME), self.later()
        read = notebook.read_pages(pages, name)
        with closing(db.conn):
            try:
                with writing(db):
                    notebook.open_notebook(db, name, OFFICER, 1, at)
                    phone = notebook.Phone(oldest=oldest)
                    results = notebook.append(db, name, read, phone, at)
            except notebook.OutOfChain:
                return None
        return [result["state"] for result in results]

    def back_up(self) -> None:
        folder = self.instance / "backups"
        made = backups.make_backup(self.instance, folder, self.later(), silent)
        assert made.problems == []
        self.backups.append(made.folder)

    def restore(self) -> None:
        restored = backups.restore(self.instance, self.backups[-1], self.later(), silent)
        assert restored.problems == []

    def saved(self) -> set[Saved]:
        return saved_in(self.instance / FILE_NAME)


def saved_in(file: Path) -> set[Saved]:
    db = connect(file)
    with closing(db.conn):
        return {
            (row["notebook"], row["seal"])
            for row in all_rows(db, "SELECT notebook, seal FROM pages")
        }


@dataclass
class OnPhone:
    """A notebook as a phone keeps it."""

    id: str
    pages: list[Json] = field(default_factory=list)
    tail: str = ""
    oldest: int = 1
    epoch: str = ""
    backed_up_through: int = 0
    closed: bool = False
    receipts: set[str] = field(default_factory=set)
    offered: tuple[str, str] | None = None

    def own_seal(self, number: int) -> str | None:
        known = {0: self.id, self.oldest - 1: self.tail or self.id}
        return (known | {page["page"]: page["seal"] for page in self.pages}).get(number)


class Phone:
    def __init__(self, rnd: random.Random) -> None:
        self.rnd = rnd
        self.notebooks: dict[str, OnPhone] = {}
        self.saved: list[Saved] = []
        self.stuck = 0
        self.open()

    def new_id(self) -> str:
        return str(uuid.UUID(int=self.rnd.getrandbits(128)))

    def open(self) -> None:
        self.current = self.new_id()
        self.notebooks[self.current] = OnPhone(self.current)

    def write(self) -> None:
        book = self.notebooks[self.current]
        number = book.pages[-1]["page"] + 1 if book.pages else book.oldest
        page = {
            "page": number,
            "kind": "shift-start",
            "record": self.new_id(),
            "written_at": moment_text(START),
            "previous": book.own_seal(number - 1),
            "body": '{"started_at": "2026-11-16T08:00:00Z"}',
        }
        book.pages.append(sealed(page))
        self.saved.append((book.id, book.pages[-1]["seal"]))

    def send(self, central: Central, faults: bool) -> None:
        for book in [book for book in self.notebooks.values() if book.pages]:
            if faults and self.rnd.random() < 0.2:
                return
            if not self.send_one(central, book, faults):
                return

    def send_one(self, central: Central, book: OnPhone, faults: bool) -> bool:
        """Send what one notebook has to send; false when the network gave up."""
        at = central.standing(book.id)
        this_tail = (at["epoch"], book.pages[-1]["seal"])
        elsewhere = book.own_seal(at["received_through"]) != at["last_seal"]
        everything = book.epoch != at["epoch"] or (elsewhere and book.offered != this_tail)
        todo = [page for page in book.pages if everything or page["page"] > at["received_through"]]
        while todo:
            if faults and self.rnd.random() < 0.15:
                return False  # the request is lost
            states = central.post(book.id, todo[:POST], book.pages[0]["page"])
            if faults and self.rnd.random() < 0.15:
                return False  # the answer is lost
            if states is None:
                if everything:
                    self.stuck += 1
                    return False
                todo, everything = list(book.pages), True
                continue
            self.take_receipts(book, todo, states)
            todo = todo[POST:]
        book.epoch, book.offered = at["epoch"], this_tail
        book.backed_up_through = central.standing(book.id)["backed_up_through"]
        return True

    def take_receipts(self, book: OnPhone, sent: list[Json], states: list[str]) -> None:
        for page, state in zip(sent, states, strict=False):
            if state != "forked":
                book.receipts.add(page["seal"])
        if "forked" in states and not book.closed:
            book.closed = True
            if book.id == self.current:
                self.open()

    def prune(self) -> None:
        for book in self.notebooks.values():
            while len(book.pages) > 1 and self.may_go(book, book.pages[0]):
                gone = book.pages.pop(0)
                book.tail, book.oldest = gone["seal"], gone["page"] + 1

    def may_go(self, book: OnPhone, page: Json) -> bool:
        return page["page"] <= book.backed_up_through and page["seal"] in book.receipts

    def holds(self) -> set[Saved]:
        return {(book.id, page["seal"]) for book in self.notebooks.values() for page in book.pages}


class Schedule:
    """One random schedule of what happens to a phone and a server."""

    def __init__(self, seed: int, instance: Path) -> None:
        self.rnd = random.Random(seed)
        self.central, self.phone = Central(instance), Phone(self.rnd)
        self.snapshot: tuple[dict[str, OnPhone], str] | None = None
        self.lost: set[Saved] = set()

    def run(self) -> None:
        for _ in range(self.rnd.randrange(20, 160)):
            self.happen(self.rnd.random())
        for _ in range(6):
            self.phone.send(self.central, faults=False)

    def happen(self, chance: float) -> None:
        if chance < 0.5:
            self.phone.write()
        elif chance < 0.75:
            self.phone.send(self.central, faults=True)
        elif chance < 0.82:
            self.central.back_up()
        elif chance < 0.88:
            self.phone.prune()
        elif chance < 0.91 and self.central.backups:
            self.central.restore()
        elif chance < 0.94:
            self.snapshot = copy.deepcopy(self.phone.notebooks), self.phone.current
        elif chance < 0.96 and self.snapshot:
            self.storage_goes_back(*self.snapshot)

    def storage_goes_back(self, notebooks: dict[str, OnPhone], current: str) -> None:
        before = self.phone.holds()
        self.phone.notebooks, self.phone.current = copy.deepcopy(notebooks), current
        newest = self.central.backups[-1:]
        safe = saved_in(newest[0] / FILE_NAME) if newest else set()
        self.lost |= before - self.phone.holds() - safe  # a double failure, not the wire's fault

    def missing(self) -> set[Saved]:
        return set(self.phone.saved) - self.lost - self.central.saved()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with one officer, to be copied."""
    instance = tmp_path_factory.mktemp("model") / "instance"
    schema.prepare(instance / FILE_NAME)
    db = connect(instance / FILE_NAME)
    with closing(db.conn), writing(db):
        row = {"id": OFFICER, "username": "first", "name": "First", "role": "officer"}
        insert(db, "officers", row | {"password_hash": "-"})
    return instance


@pytest.fixture(autouse=True)
def no_power_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for the disk is most of the time, and proves nothing here."""

    def quickly(path: Path) -> Database:
        db = real_connect(path)
        db.conn.execute("PRAGMA synchronous = OFF")
        return db

    real_connect = connect
    monkeypatch.setattr(os, "fsync", lambda _: None)
    for module in (backups, schema, sys.modules[__name__]):
        monkeypatch.setattr(module, "connect", quickly)


@pytest.mark.parametrize("seeds", [range(part, SEEDS, 10) for part in range(10)], ids=str)
def test_nothing_saved_is_missing_and_nothing_is_stuck(
    empty: Path, tmp_path: Path, seeds: range
) -> None:
    found = {}
    for seed in seeds:
        instance = shutil.copytree(empty, tmp_path / str(seed))
        schedule = Schedule(seed, instance)
        schedule.run()
        db = connect(instance / FILE_NAME)
        with closing(db.conn):
            wrong = list(verify(db, instance / "evidence"))
            gaps = all_rows(db, "SELECT * FROM gaps")
        found[seed] = (schedule.missing(), schedule.phone.stuck, wrong, gaps)
        shutil.rmtree(instance)
    assert {seed: one for seed, one in found.items() if one != (set(), 0, [], [])} == {}
