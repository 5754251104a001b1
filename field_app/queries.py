"""Questions that team leaders ask about pages: who asked what, what came of it, and whose phone is told.

`asked` reads them out of one record's pages, for fold.py and for whoever shows them; the table `queries`
has a row of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from field_app import inbox
from field_app.database import all_rows, one_row
from field_app.fields import clean
from field_app.records import Amendment, body_of
from field_app.records.amendment import PhotosAdded
from field_app.records.review import Answer, Query, QueryClosed
from field_app.times import read_moment

Row = dict[str, Any]

TABLE = (
    "CREATE TABLE queries (seal TEXT PRIMARY KEY, record TEXT NOT NULL, about_page TEXT NOT NULL, "
    "officer TEXT NOT NULL REFERENCES officers (id), question TEXT NOT NULL, "
    "asked_by TEXT NOT NULL REFERENCES officers (id), asked_at TEXT NOT NULL, answered_at TEXT, "
    "closed_by TEXT REFERENCES officers (id), closed_at TEXT) STRICT"
)


@dataclass(frozen=True)
class Asked:
    """One question: its page, what the officer wrote since, and the page that closed it."""

    page: Row
    officer: str
    replies: list[Row]
    closed: Row | None

    @property
    def state(self) -> str:
        if self.closed:
            return "closed"
        return "answered" if self.replies else "asked"

    @property
    def question(self) -> str:
        return said(self.page, "question")

    @property
    def about_page(self) -> str:
        return said(self.page, "about_page")

    def row(self) -> Row:
        """Its row of the table."""
        return {
            "seal": self.page["seal"],
            "record": self.page["record"],
            "about_page": self.about_page,
            "officer": self.officer,
            "question": self.question,
            "asked_by": self.page["officer"],
            "asked_at": self.page["written_at"],
            "answered_at": self.replies[-1]["received_at"] if self.replies else None,
            "closed_by": self.closed["officer"] if self.closed else None,
            "closed_at": self.closed["written_at"] if self.closed else None,
        }


def said(page: Row, name: str) -> str:
    """What a page says in a field of text; nothing where it says none."""
    value = (body_of(page["body"]) or {}).get(name)
    return clean(value) if isinstance(value, str) else ""


def asked(pages: list[Row], officer: str) -> list[Asked]:
    """The questions in pages of one record that are not held, in the order in which they were asked.

    An answer is known by the question that it names; an amendment by having come after it: what a phone's
    clock said tells neither.
    """
    return [
        _asked(page, pages, officer)
        for page in sorted(pages, key=lambda page: (page["received_at"], page["seal"]))
        if page["kind"] == Query.kind
    ]


def _asked(query: Row, pages: list[Row], officer: str) -> Asked:
    replies = [page for page in pages if _replies(page, query)]
    closing = [
        page
        for page in pages
        if page["kind"] == QueryClosed.kind and said(page, "query") == query["seal"]
    ]
    return Asked(
        query,
        officer,
        sorted(replies, key=lambda page: (page["received_at"], page["notebook"], page["page"])),
        closing[0] if closing else None,
    )


def _replies(page: Row, query: Row) -> bool:
    if page["kind"] == Answer.kind:
        return said(page, "query") == str(query["seal"])
    changed = page["kind"] in (Amendment.kind, PhotosAdded.kind)
    return bool(changed and page["received_at"] > query["received_at"])


def one(db: Database, seal: str) -> Row | None:
    """One question, with the names of who asked and who closed it."""
    return one_row(db, f"{_ROWS} WHERE queries.seal = ?", [seal])


def answered(db: Database) -> list[Row]:
    """The questions that were answered and wait to be closed, the one that waits longest first."""
    return all_rows(
        db,
        f"{_ROWS} WHERE queries.closed_at IS NULL AND queries.answered_at IS NOT NULL "
        "ORDER BY queries.answered_at, queries.seal",
    )


def still_open(db: Database, records: list[str]) -> list[Row]:
    """The questions about some records that are not closed."""
    marks = ", ".join("?" * len(records))
    return all_rows(
        db,
        f"{_ROWS} WHERE queries.record IN ({marks}) AND queries.closed_at IS NULL "
        "ORDER BY queries.asked_at, queries.seal",
        records,
    )


_ROWS = (
    "SELECT queries.*, leaders.name AS asked_by_name, closers.name AS closed_by_name, "
    "officers.name AS officer_name FROM queries JOIN officers ON officers.id = queries.officer "
    "JOIN officers AS leaders ON leaders.id = queries.asked_by "
    "LEFT JOIN officers AS closers ON closers.id = queries.closed_by"
)


def tell(db: Database, notebook: str, page: Row, now: datetime) -> None:
    """Say on the officer's phones that there is a question, or that one waits for no answer any more, inside
    the caller's transaction that has folded the page. Of an answer to a question that is not here, lost with
    an older file, the officer is told too: their phone would ask for it for ever."""
    if page["kind"] not in _NEWS:
        return
    seal = page["seal"] if page["kind"] == Query.kind else said(page, "query")
    query = one(db, seal)
    if query and query["record"] != page["record"]:
        return
    writer = one_row(db, "SELECT officer FROM notebooks WHERE id = ?", [notebook])
    for phone in inbox.phones_of(db, (query or writer or {})["officer"]):
        if query and page["kind"] == Query.kind:
            _ask(db, phone, query)
        else:
            kind, text = _NEWS[page["kind"]]
            news = inbox.News(kind, page["record"], text, fields={"query": seal})
            inbox.say(db, phone, news, now)


_NEWS = {
    Query.kind: ("query", ""),
    Answer.kind: ("answered", "The question was answered."),
    QueryClosed.kind: ("query-closed", "The question was closed."),
}
"""The news that each kind of page is for the phone; a question's text is its own."""


def tell_a_new_phone(db: Database, notebook: str, officer: str) -> None:
    """Say in a new notebook what its officer has been asked and has not answered."""
    waiting = all_rows(
        db,
        f"{_ROWS} WHERE queries.closed_at IS NULL AND queries.answered_at IS NULL "
        "AND queries.officer = ? ORDER BY queries.asked_at, queries.seal",
        [officer],
    )
    for query in waiting:
        _ask(db, notebook, query)


def _ask(db: Database, notebook: str, query: Row) -> None:
    """A question is of when it was asked, whenever a phone is told."""
    fields = {"query": query["seal"], "page": query["about_page"]}
    by, text = query["asked_by_name"], query["question"]
    news = inbox.News("query", query["record"], text, by, fields)
    inbox.say(db, notebook, news, read_moment(query["asked_at"]))
