"""Invented notices, what came after them, and who may sign: written as phones and the desk write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from sqlite_utils import Database

from field_app import books, catalogue, notebook, paper, rules
from field_app.books import Floors
from field_app.database import all_rows
from field_app.demonstration import reviews
from field_app.demonstration.people import officers, people, places
from field_app.demonstration.shifts import Entry, Notebook, Sending, uuid7
from field_app.fold import columns_of
from field_app.numbers import LETTERS
from field_app.outlines import points_in
from field_app.records import KINDS
from field_app.times import LONDON, london, moment_text

Body = dict[str, Any]
Case = dict[str, Any]

HOUR = time(11)
SIGNED_DAYS_AGO = 90
RECIPIENT = {
    "recipient": "person",
    "age": "18-over",
    "age_checked": "plain",
    "identity": "document",
    "vulnerability": ["none-seen"],
}


class Step(NamedTuple):
    """Something that is written down, and when."""

    at: datetime
    write: Callable[[datetime], None]


def fill(db: Database, now: datetime, floors: Floors, seed: int) -> None:
    """Write everything in the order in which it happened, inside the caller's transaction."""
    said = json.loads((Path(__file__).parent / "cases.json").read_text(encoding="utf-8"))
    cases = _Cases(db, now, floors, seed)
    cases.authorise(said["without"])
    cases.draw_wards()
    steps = [cases.paper_book(**said["paper"]), *cases.steps(said["cases"]), *cases.reviews()]
    for step in sorted(steps, key=lambda step: step.at):
        step.write(step.at)


class _Cases:
    def __init__(self, db: Database, now: datetime, floors: Floors, seed: int) -> None:
        self.db, self.now, self.floors = db, now, floors
        self.rng = Random(f"{seed} cases")  # noqa: S311 - no secret is made
        self.ids = {person.username: person.id for person in people()}
        self.places = {place.name: place for place in places()}
        self.phones: dict[str, Notebook] = {}
        self.records: dict[str, str] = {}
        self.documents = {
            officer.username: f"EXAMPLE/AUTH/{number:02}"
            for number, officer in enumerate(officers(), 1)
        }

    def day(self, days: int) -> str:
        """The day so many days after today."""
        return (london(self.now).date() + timedelta(days=days)).isoformat()

    def moment(self, days_ago: int) -> datetime:
        day = london(self.now).date() - timedelta(days=days_ago)
        return datetime.combine(day, HOUR, LONDON)

    def authorise(self, without: dict[str, list[str]]) -> None:
        """Everybody's written authorisation; `without` are those that name few powers or none."""
        at = self.moment(SIGNED_DAYS_AGO)
        every = [entry.code for entry in catalogue.entries("powers")]
        for officer, document in self.documents.items():
            powers = without.get(officer, every)
            body = {"granted_to": self.ids[officer], "powers": powers, "document": document}
            if powers:
                body["starts"] = self.day(-SIGNED_DAYS_AGO)
                self.at_desk("admin", "authorisation", uuid7(at, self.rng), body, at)

    def draw_wards(self) -> None:
        """Invented outlines, drawn in squares around the invented places."""
        file = (Path(__file__).parent / "wards.json").read_bytes()
        said = json.loads(file)
        points = sum(map(points_in, said["outlines"].values()))
        body = said | {"file_sha256": sha256(file).hexdigest(), "points": points}
        body |= {"tolerance_m": 0, "moved_m": 0}
        at = self.moment(SIGNED_DAYS_AGO)
        self.at_desk("admin", "ward-boundaries", uuid7(at, self.rng), body, at)

    def steps(self, cases: list[Case]) -> Iterator[Step]:
        for case in cases:
            at = self.moment(case["days"]) + timedelta(minutes=len(self.records))
            record = self.records[case.get("name", str(len(self.records)))] = uuid7(at, self.rng)
            yield Step(at, self.begin(case, record))
            for minutes, after in enumerate(case["after"], 15):
                later = self.moment(after["days"]) if "days" in after else at
                yield Step(later + timedelta(minutes=minutes), self.go_on(case, after, record, at))

    def paper_book(self, days: int, officer: str, kind: str) -> Step:
        """A book of paper notices, of which none was entered yet."""

        def lend(at: datetime) -> None:
            holder = notebook.paper_notebook(self.db, self.ids[officer], at)
            books.lend(self.db, holder, f"{LETTERS[kind]}{london(at):%y}", at, self.floors)

        return Step(self.moment(days), lend)

    def reviews(self) -> Iterator[Step]:
        """Sign-offs, and last of all a question that is answered at once."""
        for at, sign in reviews.signings(self.db, self.now, self.ids, self.at_desk):
            yield Step(at, sign)
        visit = reviews.latest_visit(self.db)
        if visit:
            yield Step(self.now - timedelta(minutes=30), self.ask(visit))

    def ask(self, visit: Body) -> Callable[[datetime], None]:
        def write(at: datetime) -> None:
            asked = {"about_page": visit["seal"], "question": reviews.QUESTION}
            self.at_desk("leader1", "query", visit["record"], asked, at)
            [query] = all_rows(self.db, "SELECT seal FROM queries")
            answer = {"query": query["seal"], "answer": reviews.ANSWER}
            later = at + timedelta(minutes=20)
            self.on_phone({"officer": visit["username"]}, visit["record"], "answer", answer, later)

        return write

    def begin(self, case: Case, record: str) -> Callable[[datetime], None]:
        def write(at: datetime) -> None:
            body = self.read(case["kind"], case["body"], at) | self.where(case)
            if case["kind"] in LETTERS:
                body = RECIPIENT | body | {"issued_at": moment_text(at)}
                body["authorisation"] = self.documents[case["officer"]]
            if case["kind"] == "cpn":
                body["warning_number"] = paper.number_of(self.db, body["warning"])
            if case["kind"] in (*LETTERS, "spoiled"):
                case["number"] = body["number"] = self.draw(case, at)
            self.on_phone(case, record, case["kind"], _worked_out(case["kind"], body), at)

        return write

    def go_on(
        self, case: Case, after: Case, record: str, issued: datetime
    ) -> Callable[[datetime], None]:
        def write(at: datetime) -> None:
            body = self.read(after["kind"], after["body"], issued)
            if after["kind"] == "payment":
                about = uuid7(at, self.rng)
                body["number"] = case["number"]
                self.at_desk(after["by"], "payment", about, body, at)
            elif "by" in after:
                self.at_desk(after["by"], after["kind"], record, body, at)
            else:
                self.on_phone(case, record, after["kind"], body, at)

        return write

    def read(self, kind: str, said: Body, at: datetime) -> Body:
        """A body out of cases.json, its days, moments and records put in."""
        types = {name: one.data_type for name, one in KINDS[kind].columns().items()}
        types |= {name: one.data_type for name, one in columns_of(KINDS[kind].table or "").items()}

        def read(name: str, value: Any) -> Any:
            if isinstance(value, int) and types[name] == "moment":
                return moment_text(at + timedelta(minutes=value))
            if isinstance(value, int) and types[name] == "day":
                return self.day(value)
            return self.records[value[1:]] if str(value).startswith("@") else value

        return {name: read(name, value) for name, value in said.items()}

    def where(self, case: Case) -> Body:
        if "place" not in case:
            return {}
        place = self.places[case["place"]]
        known = {"place": place.id, "place_name": place.name, "ward": place.ward}
        return known | ({"address": place.address} if case["kind"] in LETTERS else {})

    def draw(self, case: Case, at: datetime) -> str:
        """The next number of the phone's book."""
        phone = self.phone(case["officer"], at)
        books.top_up(self.db, phone.id, at, self.floors)
        kind = case["kind"] if case["kind"] in LETTERS else "fpn"
        series = f"{LETTERS[kind]}{london(at):%y}"
        [book] = all_rows(
            self.db, "SELECT * FROM books WHERE notebook = ? AND series = ?", [phone.id, series]
        )
        fates = books.numbers(self.db, book)
        return next(fate.number for fate in fates if fate.fate == "lent")

    def phone(self, officer: str, at: datetime) -> Notebook:
        """A phone of the officer's that has notices on it."""
        if officer not in self.phones:
            self.phones[officer] = Notebook(uuid7(at, self.rng))
            serial = int(at.timestamp() * 1000)
            phone = self.phones[officer].id
            notebook.open_notebook(self.db, phone, self.ids[officer], serial, at)
        return self.phones[officer]

    def on_phone(self, case: Case, record: str, kind: str, body: Body, at: datetime) -> None:
        phone = self.phone(case["officer"], at)
        page = phone.write(Entry(at, kind, record, body), timedelta())
        take_in(self.db, Sending(self.ids[case["officer"]], phone.id, [page], at, at))

    def at_desk(self, who: str, kind: str, record: str, body: Body, at: datetime) -> None:
        notebook.write_at_desk(self.db, self.ids[who], kind, record, body, at)


def _worked_out(kind: str, body: Body) -> Body:
    """A notice with its points, sums and last days, as the phone fills them in."""
    if kind not in LETTERS:
        return body
    offence = next((one for one in catalogue.offences() if one.code == body.get("offence")), None)
    if offence:
        body = body | {"occurred_at": body.get("caution_at", body["issued_at"])}
        body["points"] = {point.code: "As described" for point in offence.points}
    due = rules.facts(body)["due"]
    names = {"fpn": ("amount", "discount", "discount_until", "pay_by"), "cpn": ("appeal_by",)}
    return body | {name: due[name] for name in names.get(kind, ()) if due[name] is not None}


def take_in(db: Database, sending: Sending) -> None:
    """Take a sending in as the API takes a phone's post."""
    at = sending.received_at
    notebook.open_notebook(db, sending.notebook, sending.officer, int(at.timestamp() * 1000), at)
    taken = notebook.read_pages(sending.pages, sending.notebook)
    notebook.append(db, sending.notebook, taken, notebook.Phone(sent_at=sending.sent_at), at)
