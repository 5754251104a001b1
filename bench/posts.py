"""Posts at the server: through the real gunicorn over HTTP, and inside this process to see where the
time goes. One notebook per phone; the bodies are those of the demonstration."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bench.measured import Measured, computing, taking, timed
from field_app.database import FILE_NAME, connect, writing
from field_app.demonstration import SEED
from field_app.demonstration.people import officers, places
from field_app.demonstration.shifts import pages
from field_app.fold import folded
from field_app.notebook import Phone, append, open_notebook, read_pages
from field_app.records import Patrol, body_of, check
from field_app.times import now
from tests.wire.client import PASSWORD, Notebook, Server, Session

A_POST, POSTS = 50, 30
BUDGET_MS = 50
A_BOROUGH = 22
BUSY_SECONDS = 5
A_SHIFT = (60, 8 * 3600)
"""Pages an officer writes in a long shift, and its seconds."""

Json = dict[str, Any]


def patrols(at: datetime) -> list[Json]:
    """The bodies of the demonstration's patrols."""
    sendings = pages(at, officers(), places(), SEED)
    written = (page for sending in islice(sendings, 200) for page in sending.pages)
    return [json.loads(page["body"]) for page in written if page["kind"] == "patrol"]


def officer_of(server: Server) -> Session:
    """An officer beside those of the demonstration, signed in."""
    words = ["add-officer", "bench", "--name", "Invented Bench", "--password-stdin"]
    done = server.flask(*words, stdin=PASSWORD)
    assert done.returncode == 0, done.stderr
    return Session(server, "bench").sign_in()


def measured(server: Server) -> list[Measured]:
    session, bodies = officer_of(server), cycle(patrols(now()))
    posts = [_seconds_of_a_post(session.notebook(), bodies) for _ in range(POSTS)]
    return [
        timed(f"a post of {A_POST} patrols, over HTTP", posts, BUDGET_MS),
        *_where_it_goes(server.instance, session, bodies),
        *_boroughs(session, bodies),
    ]


def _seconds_of_a_post(book: Notebook, bodies: Iterator[Json]) -> float:
    for body in islice(bodies, A_POST):
        book.write(body=body)
    answers = []
    seconds = taking(lambda: answers.append(book.post()))
    results = answers[0].json["results"]
    assert [one["state"] for one in results] == ["accepted"] * A_POST, results
    return seconds


def _where_it_goes(instance: Path, session: Session, bodies: Iterator[Json]) -> list[Measured]:
    """The same work in this process, part by part; where it is computing, as the processor's time."""
    db = connect(instance / FILE_NAME)
    parts: dict[str, list[float]] = {}
    for _ in range(POSTS):
        book = Notebook(session.server)
        for body in islice(bodies, A_POST):
            book.write(body=body)
        for part, seconds in _parts(db, book, str(session.me["officer"])):
            parts.setdefault(part, []).append(seconds)
    db.conn.close()
    return [timed(f"    {part}", seconds) for part, seconds in parts.items()]


def _parts(db: Database, book: Notebook, officer: str) -> Iterator[tuple[str, float]]:
    at, phone = now(), Phone(oldest=1)
    taken = read_pages(book.pages, book.id)
    bodies = [body_of(page.body) or {} for page in taken]
    yield "envelopes and seals, in this process", computing(lambda: read_pages(book.pages, book.id))
    with writing(db):
        open_notebook(db, book.id, officer, 1, at)
        taking_in = computing(lambda: append(db, book.id, taken, phone, at))
        yield "taking the pages in, in this process", taking_in
        yield "  of it folding", computing(lambda: [folded(db, page.record) for page in taken])
        yield (
            "  of it the declarations",
            computing(lambda: [check(Patrol, one, at) for one in bodies]),
        )
        began = time.perf_counter()
    yield "the commit, to the disk", time.perf_counter() - began


def _boroughs(session: Session, bodies: Iterator[Json]) -> list[Measured]:
    """Phones that send one patrol after the other, each as soon as it has the receipt of the last."""
    rates = {A_BOROUGH * n: _rate(session, A_BOROUGH * n, bodies) for n in (1, 2, 4)}
    return [
        Measured(f"patrols a second from {phones} phones at once", rate, "", more=_carries(rate))
        for phones, rate in rates.items()
    ]


def _rate(session: Session, phones: int, bodies: Iterator[Json]) -> float:
    books = [session.notebook() for _ in range(phones)]
    shares = [list(islice(bodies, 50)) for _ in books]
    until = time.monotonic() + BUSY_SECONDS
    with ThreadPoolExecutor(phones) as sending:
        sent = list(sending.map(partial(_send_until, until), books, shares))
    return sum(sent) / BUSY_SECONDS


def _send_until(until: float, book: Notebook, bodies: list[Json]) -> int:
    for body in cycle(bodies):
        if time.monotonic() >= until:
            break
        page = book.write(body=body)
        assert book.post([page]).status == 201
    return len(book.pages)


def _carries(rate: float) -> str:
    written, seconds = A_SHIFT
    boroughs = rate / (A_BOROUGH * written / seconds)
    return f"{boroughs:,.0f} boroughs with all {A_BOROUGH} officers on shift"
