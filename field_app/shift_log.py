"""One shift as its officer wrote it: every page of the notebook from its first to its last, whether they
are all here, and why it cannot be signed off yet.

The pages of a shift are those between its start and its end, and what was written later about the records
that they begin. After a fork a shift goes on in another notebook, so there may be more than one span.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlite_utils import Database

from field_app import gaps, queries, words
from field_app.database import all_rows, one_row
from field_app.history import History, PageRead, Said, history
from field_app.records import KINDS
from field_app.records.review import ShiftSigned
from field_app.times import read_moment

Row = dict[str, Any]

LATE_BY = 10 * 60
"""Seconds between writing and receiving a page from which on the gap is said."""


@dataclass(frozen=True)
class Span:
    """A run of pages in one notebook, from its `first` to its `last`."""

    notebook: str
    first: int
    last: int


@dataclass(frozen=True)
class Shift:
    """A shift and its pages: `row` is that of the table; `pages` are rows of pages as they were written,
    each with `held`; `reviews` the pages that the desk wrote about the shift; `open_queries` as in
    queries.py; `photos_missing` how many of its photos and signatures have not come; `decided` what was
    decided about lost pages, as in gaps.py; `filling` the seals of pages that came after all."""

    row: Row
    spans: list[Span]
    pages: list[Row]
    reviews: list[Row]
    open_queries: list[Row]
    photos_missing: int
    decided: list[Row]
    filling: set[str]

    @property
    def records(self) -> list[str]:
        """The records that its pages begin."""
        return _begun(self.pages)

    @property
    def missing(self) -> list[str]:
        """The numbers of which no page is here and nothing is decided, in words."""
        return [
            f"{_begin_numbered(*run)} {_are(range(run[0], run[1] + 1))} missing"
            for span in self.spans
            for run in _runs(self._gone(span) - self._decided_lost(span))
        ]

    @property
    def lost(self) -> list[tuple[str, Row]]:
        """The numbers that are lost for ever, in words, each run with what was decided about it."""
        return [
            (_begin_numbered(*run), decision)
            for span in self.spans
            for decision in self.decided
            if decision["lost_from"] == span.notebook
            for run in _runs(self._gone(span).intersection(_numbers_of(decision)))
        ]

    def _gone(self, span: Span) -> set[int]:
        """The numbers of which no page is on the main line, or has come after all."""
        here = {
            page["page"]
            for page in self.pages
            if page["notebook"] == span.notebook
            and (page["line"] == "main" or page["seal"] in self.filling)
        }
        return set(range(span.first, span.last + 1)) - here

    def _decided_lost(self, span: Span) -> set[int]:
        several = (one for one in self.decided if one["lost_from"] == span.notebook)
        return set().union(*map(_numbers_of, several))

    @property
    def held(self) -> list[Row]:
        return [page for page in self.pages if page["held"] and page["line"] == "main"]

    @property
    def forked(self) -> list[Row]:
        """Pages with a number that another one has, until an amendment says that they stand."""
        return [page for page in self.pages if page["held"] and page["line"] == "fork"]

    @property
    def is_open(self) -> bool:
        return self.row["ended_at"] is None

    @property
    def is_complete(self) -> bool:
        return self.is_whole and not self.lost

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it is still to come: what is lost for ever is not."""
        return not (self.is_open or self.missing or self.held or self.forked)

    @property
    def numbers(self) -> str:
        """“pages 112–148”"""
        return " and ".join(_numbered(span.first, span.last) for span in self.spans)

    @property
    def changed(self) -> list[Row]:
        """The pages that came after it was signed off."""
        signed = self.row["signed_at"]
        return [page for page in self.pages if signed and page["received_at"] > signed]

    @property
    def seen(self) -> str:
        """What a form says of all that was shown with it: pages, questions and sign-offs."""
        return _seen([*self.pages, *self.reviews])

    @property
    def seen_before_signing(self) -> str:
        """The same as it was before the last sign-off."""
        return _seen([*self.pages, *self.reviews[:-1]])

    def why_not(self, viewer: str) -> list[str]:
        """Why this person cannot sign it off now, in sentences; none when they can."""
        return list(self._against(viewer))

    def _against(self, viewer: str) -> Iterator[str]:
        if self.row["state"] == "entered in error":
            yield "It was entered in error: there is nothing to sign off."
            return
        if self.row["officer"] == viewer:
            yield "Nobody signs off their own shift."
        if self.is_open:
            yield "The shift is still open: its end has not been received."
        for missing in self.missing:
            yield f"{missing}: the phone had lost what was written there."
        if self.held:
            yield f"{_listed(self.held)} held until amended."
        if self.forked:
            yield f"{_listed(self.forked)} forked: another page has the number."
        if self.open_queries:
            asked = words.how_many(len(self.open_queries), "question")
            yield f"{asked} about it {_are(self.open_queries)} not closed."


def _are(several: Sized) -> str:
    return "is" if len(several) == 1 else "are"


def _numbered(first: int, last: int) -> str:
    return f"page {first}" if first == last else f"pages {first}–{last}"


def _begin_numbered(first: int, last: int) -> str:
    said = _numbered(first, last)
    return f"{said[0].upper()}{said[1:]}"


def _listed(pages: list[Row]) -> str:
    """“Page 113 is”, “Pages 113, 115 are”"""
    numbers = ", ".join(str(page["page"]) for page in pages)
    return f"{'Page' if len(pages) == 1 else 'Pages'} {numbers} {_are(pages)}"


def _numbers_of(decision: Row) -> range:
    """The numbers that a decision about lost pages covers."""
    return range(decision["first_lost"], decision["last_lost"] + 1)


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of each run of numbers."""
    for _, run in groupby(enumerate(sorted(numbers)), lambda item: item[1] - item[0]):
        found = [number for _, number in run]
        yield found[0], found[-1]


def _begun(pages: Iterable[Row]) -> list[str]:
    begun = {page["record"]: None for page in pages if _begins(page)}
    return list(begun)


def _begins(page: Row) -> bool:
    kind = KINDS.get(page["kind"])
    return kind is None or kind.begins


def _seen(pages: list[Row]) -> str:
    return hashlib.sha256("\n".join(page["seal"] for page in pages).encode()).hexdigest()


def read(db: Database, record: str) -> Shift | None:
    """A shift; None where no page that can be read has begun it."""
    row = one_row(db, "SELECT * FROM shifts WHERE record = ?", [record])
    if row is None:
        return None
    spans = [_first_span(db, row), *_later_spans(db, row)]
    within = [page for span in spans for page in _pages_in(db, span)]
    records = _begun(within) or [record]
    seals = {page["seal"] for page in within}
    notebooks = list(dict.fromkeys(span.notebook for span in spans))
    about = [page for page in _pages_about(db, records) if page["seal"] not in seals]
    reviews = [page for page in about if _is_review(page)]
    return Shift(
        row,
        spans,
        within + [page for page in about if not page["at_desk"]],
        [page for page in reviews if page["kind"] != ShiftSigned.kind or page["record"] == record],
        queries.still_open(db, records),
        _photos_missing(db, records),
        [one for notebook in notebooks for one in gaps.decided_in(db, notebook)],
        set[str]().union(*(gaps.filling(db, notebook) for notebook in notebooks)),
    )


def _is_review(page: Row) -> bool:
    kind = KINDS.get(page["kind"])
    return kind is not None and kind.of_another


def _first_span(db: Database, row: Row) -> Span:
    """From the page that starts the shift to the one that ends it, or to the page before the next start:
    a forgotten shift is ended in the midst of another."""
    return Span(row["notebook"], row["page"], _last_page(db, row, row["notebook"], row["page"]))


def _last_page(db: Database, row: Row, notebook: str, after: int) -> int:
    found = one_row(
        db,
        "SELECT (SELECT max(page) FROM pages WHERE record = :shift AND notebook = :notebook "
        "AND kind = 'shift-end') AS ended, (SELECT page - 1 FROM pages WHERE notebook = :notebook "
        "AND line = 'main' AND page > :after AND kind = 'shift-start' ORDER BY page LIMIT 1) AS next, "
        "received_through AS through FROM notebooks WHERE id = :notebook",
        {"shift": row["record"], "notebook": notebook, "after": after},
    )
    assert found is not None, "a page's notebook is there"
    known = [number for number in (found["ended"], found["next"]) if number is not None]
    return int(max(after, min(known or [found["through"]])))


def _later_spans(db: Database, row: Row) -> Iterator[Span]:
    """In the notebooks in which the shift went on: from the start of another shift there, or page 1."""
    went_on = all_rows(
        db,
        "WITH written AS MATERIALIZED ("
        "SELECT notebook, page FROM pages WHERE record = :shift AND kind = 'shift-end' "
        "UNION ALL SELECT notebook, page FROM patrols WHERE shift = :shift "
        "UNION ALL SELECT notebook, page FROM notices WHERE shift = :shift "
        "UNION ALL SELECT notebook, page FROM not_issued WHERE shift = :shift) "
        "SELECT notebook, min(page) AS page FROM written "
        "JOIN notebooks ON notebooks.id = written.notebook WHERE notebook <> :notebook "
        "AND NOT at_desk AND officer = :officer GROUP BY notebook ORDER BY opened_at, notebook",
        {"shift": row["record"], "notebook": row["notebook"], "officer": row["officer"]},
    )
    for one in went_on:
        before = one_row(
            db,
            "SELECT page FROM pages WHERE notebook = ? AND line = 'main' AND page <= ? "
            "AND kind IN ('shift-start', 'shift-end') AND record <> ? ORDER BY page DESC LIMIT 1",
            [one["notebook"], one["page"], row["record"]],
        )
        first = before["page"] + 1 if before else 1
        yield Span(one["notebook"], first, _last_page(db, row, one["notebook"], first))


_PAGES = (
    "SELECT pages.notebook, pages.page, pages.seal, pages.kind, pages.record, pages.line, "
    "pages.written_at, pages.received_at, pages.clock_offset_s, notebooks.at_desk, EXISTS ("
    "SELECT 1 FROM problems WHERE problems.notebook = pages.notebook "
    "AND problems.page = pages.page AND problems.seal = pages.seal) AS held "
    "FROM pages JOIN notebooks ON notebooks.id = pages.notebook"
)


def _pages_in(db: Database, span: Span) -> list[Row]:
    return all_rows(
        db,
        f"{_PAGES} WHERE pages.notebook = ? AND pages.page BETWEEN ? AND ? "
        "ORDER BY pages.page, pages.line DESC, pages.seal",
        [span.notebook, span.first, span.last],
    )


def _pages_about(db: Database, records: list[str]) -> list[Row]:
    """Every page about some records, as they were received."""
    marks = ", ".join("?" * len(records))
    return all_rows(
        db,
        f"{_PAGES} WHERE pages.record IN ({marks}) "
        "ORDER BY pages.received_at, pages.notebook, pages.page, pages.seal",
        records,
    )


def _photos_missing(db: Database, records: list[str]) -> int:
    marks = ", ".join("?" * len(records))
    row = one_row(
        db,
        f"SELECT count(DISTINCT sha256) AS n FROM evidence_listed WHERE record IN ({marks}) "
        "AND sha256 NOT IN (SELECT sha256 FROM evidence)",
        records,
    )
    return row["n"] if row else 0


# The log


@dataclass(frozen=True)
class Line:
    """One page of the log: its row, as it is read, with its record and what was asked about it."""

    page: Row
    read: PageRead
    about: History
    asked: list[queries.Asked]
    is_first: bool
    """Whether it is the page that began its record."""
    is_new: bool
    """Whether it came after the shift was signed off."""

    @property
    def late(self) -> str | None:
        return received_late(self.page)

    @property
    def short(self) -> list[Said]:
        """What it says in a few words each."""
        return [one for one in self._said() if one.how not in (*_LONG, "photos")]

    @property
    def long(self) -> list[Said]:
        return [one for one in self._said() if one.how in _LONG]

    @property
    def photos(self) -> list[Row]:
        """Each with `here`, whether it has come."""
        return [photo for one in self.read.answers if one.how == "photos" for photo in one.value]

    def _said(self) -> list[Said]:
        answers = self.read.answers
        left_out = _LEFT_OUT | (
            {_PLACE_NAME} if any(one.how == "place" for one in answers) else set()
        )
        return [
            one for one in answers if one.how not in ("shift", "seal") and one.label not in left_out
        ]


_LONG = ("notes", "headed", "raw")
_PATROL = KINDS["patrol"].columns()
_LEFT_OUT = {
    _PATROL[name].label.text for name in ("activity", "latitude", "longitude", "accuracy_m")
}
"""What the log has no room for, or says in a page's title."""
_PLACE_NAME = _PATROL["place_name"].label.text


def lines(db: Database, shift: Shift) -> list[Line]:
    """Every page of a shift, in order, in words."""
    stories = {record: history(db, record) for record in {page["record"] for page in shift.pages}}
    new = {page["seal"] for page in shift.changed}
    found = []
    for page in shift.pages:
        story = stories[page["record"]]
        assert story is not None, "the page itself is about it"
        read = next(one for one in story.pages if one.row["seal"] == page["seal"])
        is_first = story.pages[0] is read
        found.append(Line(page, read, story, _about(story, read), is_first, page["seal"] in new))
    return found


def _about(story: History, read: PageRead) -> list[queries.Asked]:
    return [one for one in asked_about(story) if one.about_page == read.row["seal"]]


def asked_about(story: History) -> list[queries.Asked]:
    """The questions about a record that has been read."""
    standing = [page.row for page in story.pages if not page.problems]
    return queries.asked(standing, story.row["officer"]) if story.row else []


def received_late(page: Row) -> str | None:
    """How long after it was written a page came, by our clock, where that is long: “3 hours later”."""
    seconds = (
        read_moment(page["received_at"]) - read_moment(page["written_at"])
    ).total_seconds() - (page["clock_offset_s"] or 0)
    if seconds <= LATE_BY:
        return None
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{words.how_many(minutes, 'minute')} later"
    hours = round(minutes / 60)
    if hours < 48:
        return f"{words.how_many(hours, 'hour')} later"
    return f"{words.how_many(round(hours / 24), 'day')} later"


# The desk's list


def waiting(db: Database, limit: int, offset: int = 0) -> list[Row]:
    """The shifts that have ended and are not signed off, the last one first."""
    return all_rows(
        db, f"{_WAITING} ORDER BY shifts.ended_at DESC, record LIMIT ? OFFSET ?", [limit, offset]
    )


_SHIFTS = "SELECT shifts.record FROM shifts"
_WAITING = (
    f"{_SHIFTS} WHERE signed_at IS NULL AND ended_at IS NOT NULL AND state <> 'entered in error'"
)


def how_many_waiting(db: Database) -> int:
    row = one_row(db, f"SELECT count(*) AS n FROM ({_WAITING})")
    return row["n"] if row else 0


_LATER_ELSEWHERE = " ".join(
    f"UNION ALL SELECT 1 FROM {table} JOIN pages AS later ON later.record = {table}.record "
    "JOIN notebooks ON notebooks.id = later.notebook AND NOT notebooks.at_desk "
    f"WHERE {table}.shift = shifts.record AND later.received_at > shifts.signed_at"
    for table in ("patrols", "notices", "not_issued")
)
"""What is of the shift in whichever notebook its officer wrote it."""


def changed_since(db: Database, since: str) -> list[Row]:
    """The shifts signed off since a moment about which something was received later."""
    return all_rows(
        db,
        f"{_SHIFTS} WHERE signed_at >= :since AND EXISTS ("
        "SELECT 1 FROM pages AS first JOIN pages AS later ON later.record = first.record "
        "JOIN notebooks ON notebooks.id = later.notebook AND NOT notebooks.at_desk "
        "WHERE first.notebook = shifts.notebook "
        "AND first.page BETWEEN shifts.page AND shifts.signed_through "
        f"AND later.received_at > shifts.signed_at {_LATER_ELSEWHERE}) ORDER BY signed_at, record",
        {"since": since},
    )
