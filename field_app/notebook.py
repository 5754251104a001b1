"""Notebooks on the server: taking pages, answering with receipts, verifying.

The rules are those of the wire, version 1 (docs/wire.md). A page is kept verbatim and never changed.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlite_utils import Database

from field_app import books, earlier, gaps, inbox, notices, overlay, queries
from field_app.database import all_rows, insert, one_row, setting
from field_app.fields import SHA256_PATTERN, UUID_PATTERN
from field_app.fold import fold
from field_app.numbers import LETTERS
from field_app.records import Problem
from field_app.records.case import WithdrawalAnswer
from field_app.times import is_moment, moment_text, read_moment

MOST_PAGES = 200
Problems = dict[tuple[str, int, str], list[Problem]]
"""Problems by notebook, page and seal."""
_KIND_PATTERN = r"[a-z][a-z0-9-]{0,63}"


class BadEnvelope(Exception):
    """A post that cannot be taken as it is; nothing of it is kept."""

    def __init__(self, page: int | None, message: str) -> None:
        super().__init__(message)
        self.page, self.message = page, message


class OutOfChain(Exception):
    """The page before the first one posted is not here, and the phone has older ones."""


class NotYours(Exception):
    """The notebook is another officer's, or a desk's."""


@dataclass(frozen=True)
class Page:
    """One page as it was sent. `body` is JSON text, kept verbatim."""

    page: int
    kind: str
    record: str
    written_at: str
    previous: str
    seal: str
    body: str


@dataclass(frozen=True)
class Phone:
    """What a phone says of itself with a post. Counts are of pages and photos still to send; `battery` is
    in per cent, `storage_left` in bytes."""

    sent_at: datetime | None = None
    waiting: int | None = None
    evidence_waiting: int | None = None
    oldest: int | None = None
    version: str | None = None
    battery: int | None = None
    storage_left: int | None = None


def seal_of(previous: str, page: int, kind: str, record: str, written_at: str, body: str) -> str:
    """The seal of a page: SHA-256 over the page and the seal before it (docs/wire.md)."""
    sealed = "\n".join((previous, str(page), kind, record, written_at, body))
    return hashlib.sha256(sealed.encode()).hexdigest()


def read_page(sent: Any) -> Page:
    """A page from JSON, its envelope checked. BadEnvelope when it is not sound."""
    if not isinstance(sent, dict):
        raise BadEnvelope(None, "A page is a JSON object.")
    number = sent.get("page")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number < 2**53:
        raise BadEnvelope(None, "A page has a number: 1, 2, 3…")
    patterns = {
        "kind": _KIND_PATTERN,
        "record": UUID_PATTERN,
        "previous": f"{SHA256_PATTERN}|{UUID_PATTERN}",
        "seal": SHA256_PATTERN,
    }
    for name, pattern in patterns.items():
        value = sent.get(name)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise BadEnvelope(number, f"Page {number}: “{name}” is not sound.")
    written_at, body = sent.get("written_at"), sent.get("body")
    if not isinstance(written_at, str) or not is_moment(written_at):
        raise BadEnvelope(number, f"Page {number}: “written_at” is not a moment in UTC.")
    if not isinstance(body, str) or not _can_be_kept(body):
        raise BadEnvelope(number, f"Page {number}: “body” is not JSON text in a string.")
    page = Page(**{name: sent[name] for name in Page.__dataclass_fields__})
    if page.seal != seal_of(
        page.previous, page.page, page.kind, page.record, page.written_at, page.body
    ):
        raise BadEnvelope(number, f"Page {number}: the seal does not fit the page.")
    return page


def _can_be_kept(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8, so nothing could have sealed it
        return False
    return True


def read_pages(sent: Any, notebook: str) -> list[Page]:
    """The pages of one post: consecutive, each sealed to the one before. BadEnvelope otherwise."""
    if not isinstance(sent, list):
        raise BadEnvelope(None, "“pages” is a list.")
    pages = [read_page(one) for one in sent]
    for before, after in pairwise(pages):
        if after.page != before.page + 1:
            raise BadEnvelope(after.page, f"Page {after.page} does not follow page {before.page}.")
        if after.previous != before.seal:
            raise BadEnvelope(after.page, f"Page {after.page} is not sealed to page {before.page}.")
    if pages and (pages[0].page == 1) != (pages[0].previous == notebook):
        raise BadEnvelope(pages[0].page, "Page 1, and only page 1, is sealed to its notebook’s id.")
    return pages


def open_notebook(db: Database, notebook: str, officer: str, serial: int, now: datetime) -> bool:
    """Have a row for this notebook; whether it is new. NotYours when no phone of this officer may
    write in it.

    `serial` is that of the newest token; the ones before it end.
    """
    known = one_row(db, "SELECT officer, at_desk FROM notebooks WHERE id = ?", [notebook])
    if known and (known["officer"] != officer or known["at_desk"]):
        raise NotYours(notebook)
    if known:
        db.conn.execute(
            "UPDATE notebooks SET token_serial = max(token_serial, ?) WHERE id = ?",
            [serial, notebook],
        )
        return False
    _make(db, notebook, officer, now, token_serial=serial)
    queries.tell_a_new_phone(db, notebook, officer)
    return True


def _make(db: Database, notebook: str, officer: str, now: datetime, **more: Any) -> None:
    row = {"id": notebook, "officer": officer, "opened_at": moment_text(now)}
    insert(db, "notebooks", row | {"received_through": 0, "last_seal": notebook} | more)


class NotWritten(Exception):
    """What somebody at the desk wants to write breaks rules. They are there to be told, so it is not
    written and held, as what a phone sends would be."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


def write_at_desk(
    db: Database, officer: str, kind: str, record: str, body: dict[str, Any], now: datetime
) -> None:
    """Write what somebody decides at the desk as the next page of their own notebook there, inside the
    caller's transaction. NotWritten, which ends the transaction, when it breaks a rule."""
    write_several_at_desk(db, officer, kind, [(record, body, now)])


Several = Sequence[tuple[str, dict[str, Any], datetime]]
"""What pages of one kind say: each of a record, its body and its moment."""


def write_several_at_desk(db: Database, officer: str, kind: str, several: Several) -> None:
    """Write pages of one kind as `write_at_desk` does."""
    if problems := keep_at_desk(db, officer, kind, several):
        raise NotWritten(problems)


def keep_at_desk(db: Database, officer: str, kind: str, several: Several) -> list[Problem]:
    """The same where nobody is there to be told: they are kept whatever they say; the problems for which
    they are held."""
    tail = one_row(
        db,
        "SELECT id, received_through, last_seal FROM notebooks WHERE officer = ? AND at_desk AND NOT paper",
        [officer],
    )
    notebook = tail["id"] if tail else str(uuid.uuid4())
    tail = tail or {"received_through": 0, "last_seal": notebook}
    pages = []
    for record, body, now in several:
        pages.append(_next_page(tail, kind, record, body, now))
        tail = {"received_through": pages[-1].page, "last_seal": pages[-1].seal}
    results = append_at_desk(db, notebook, officer, pages, max(now for *_, now in several))
    return [Problem(**one) for result in results for one in result["problems"]]


def written_about(db: Database, record: str) -> list[dict[str, Any]]:
    """What was written about a record, and by whom, in the order in which it came here: the last seal
    is what a form at the desk has seen."""
    return all_rows(
        db,
        "SELECT seal, kind, body, notebooks.officer FROM pages "
        "JOIN notebooks ON notebooks.id = pages.notebook "
        "WHERE record = ? ORDER BY received_at, pages.ordered_at, notebook, page",
        [record],
    )


def sent_twice(
    last: dict[str, Any], officer: str, kind: str, body: dict[str, Any], seen: str | None
) -> bool:
    """Whether the last page about a record is the one that is sent, by the same person, from a form
    that was open before it."""
    same = (last["kind"], last["officer"]) == (kind, officer) and last["seal"] != seen
    return same and json.loads(last["body"]) == body


def _next_page(
    tail: dict[str, Any], kind: str, record: str, body: dict[str, Any], now: datetime
) -> Page:
    """The page after a notebook's `received_through`, sealed to its `last_seal`."""
    number, previous = tail["received_through"] + 1, tail["last_seal"]
    said = (kind, record, moment_text(now), json.dumps(body, ensure_ascii=False))
    return Page(number, *said[:3], previous, seal_of(previous, number, *said), said[3])


def append_at_desk(
    db: Database,
    notebook: str,
    officer: str,
    pages: list[Page],
    now: datetime,
    *,
    paper: bool = False,
) -> list[dict[str, Any]]:
    """Take pages into somebody's notebook at the desk, or of paper, which is made when it is not there."""
    if not one_row(db, "SELECT 1 FROM notebooks WHERE id = ?", [notebook]):
        label = "Paper" if paper else "Desk"
        _make(db, notebook, officer, now, token_serial=0, label=label, at_desk=1, paper=int(paper))
    return append(db, notebook, pages, Phone(), now)


def paper_notebook(db: Database, officer: str, now: datetime) -> str:
    """The notebook of an officer's paper books, made when it is not there, inside the caller's
    transaction. Its pages are entered at the desk; the officer is their author."""
    known = one_row(
        db, "SELECT id FROM notebooks WHERE officer = ? AND at_desk AND paper", [officer]
    )
    notebook = known["id"] if known else str(uuid.uuid4())
    append_at_desk(db, notebook, officer, [], now, paper=True)
    return notebook


def write_from_paper(
    db: Database, officer: str, kind: str, record: str, body: dict[str, Any], now: datetime
) -> list[Problem]:
    """Enter what an officer wrote on paper, inside the caller's transaction; the problems for which it
    is held. It is kept whatever it says: it has been handed out."""
    notebook = paper_notebook(db, officer, now)
    tail = one_row(db, "SELECT received_through, last_seal FROM notebooks WHERE id = ?", [notebook])
    assert tail is not None, "it was just made"
    page = _next_page(tail, kind, record, body, now)
    [result] = append_at_desk(db, notebook, officer, [page], now, paper=True)
    return [Problem(**problem) for problem in result["problems"]]


def append(
    db: Database, notebook: str, pages: list[Page], phone: Phone, now: datetime
) -> list[dict[str, Any]]:
    """Take pages into an open notebook, inside the caller's transaction; a result for each page.

    OutOfChain when the page before the first one is not here and the phone has older ones.
    """
    overlay.use(db)
    line = _Line(db, notebook)
    if pages and not line.follows(pages[0]):
        if pages[0].page != phone.oldest:
            raise OutOfChain(notebook)
        line.record_gap(pages[0], now)
    hear_from(db, notebook, phone, now)
    offset = clock_offset(phone, now)
    results = []
    for page in pages:
        state = line.take(page, now, offset)
        after = _fold_with(db, notebook, page, state, now)
        if state == "accepted" and page.kind in LETTERS and not line.at_desk:
            earlier.tell(db, notebook, page.record, now)
        here = after.get((notebook, page.page, page.seal), [])
        if state == "accepted" and not here:
            queries.tell(db, notebook, asdict(page), now)
        if page.kind == WithdrawalAnswer.kind:
            notices.tell_of_withdrawal(db, page.record, now)
        results.append(
            {
                "page": page.page,
                "seal": page.seal,
                "state": "held" if state == "accepted" and here else state,
                "problems": [asdict(problem) for problem in here],
            }
        )
    line.keep()
    return results


def _fold_with(db: Database, notebook: str, page: Page, state: str, now: datetime) -> Problems:
    """Fold all that a page which came changes; what stands against its record now."""
    if state == "known":
        return standing_problems(db, page.record)
    after = _fold_anew(db, notebook, page, page.record, now)
    if state == "forked":
        for record in gaps.filled_by(db, notebook, page.seal):
            _fold_anew(db, notebook, page, record, now)
    return after


def _fold_anew(db: Database, notebook: str, page: Page, record: str, now: datetime) -> Problems:
    """Fold a record because of a page that came, tell phones what changed, and give what stands now."""
    before = standing_problems(db, record)
    after = fold(db, record).problems
    _tell_of_changes(db, (notebook, page.seal), record, before, after, now)
    return after


def hear_of_books(db: Database, notebook: str, said: Any, now: datetime) -> None:
    """Record the books that a phone says it holds and nobody here has, inside the caller's transaction:
    whose the numbers are that pages bear already is known from then on."""
    for book in books.find(db, notebook, said, now):
        for record in books.bearers(db, book):
            fold(db, record)


def standing_problems(db: Database, record: str) -> Problems:
    """The problems that stand against a record's pages."""
    found: Problems = {}
    for row in all_rows(db, "SELECT * FROM problems WHERE record = ?", [record]):
        problem = Problem(row["field"], row["message"], row["rule"])
        found.setdefault((row["notebook"], row["page"], row["seal"]), []).append(problem)
    return found


def _tell_of_changes(
    db: Database,
    came: tuple[str, str],
    record: str,
    before: Problems,
    after: Problems,
    now: datetime,
) -> None:
    """Tell the phones of pages that came earlier and are held, or no longer held, because of the one that
    came now: its notebook and seal."""
    for key in before.keys() | after.keys():
        told, number, seal = key
        if (told, seal) == came or before.get(key) == after.get(key):
            continue
        problems = after.get(key, [])
        text = " ".join(problem.message for problem in problems)
        news = inbox.News(
            "held" if problems else "accepted",
            record,
            text or f"Page {number} is no longer held.",
            fields=[asdict(problem) for problem in problems],
        )
        inbox.say(db, told, news, now)


class _Line:
    """A notebook's main line and its forks, while pages are taken in."""

    def __init__(self, db: Database, notebook: str) -> None:
        self.db, self.notebook = db, notebook
        row = one_row(
            db,
            "SELECT received_through, last_seal, ordered_at, at_desk FROM notebooks WHERE id = ?",
            [notebook],
        )
        assert row is not None, "a notebook is opened before pages are taken"
        self.at_desk: bool = bool(row["at_desk"])
        self.through: int = row["received_through"]
        self.last_seal: str = row["last_seal"]
        self.ordered_at: str = row["ordered_at"] or ""

    def kept(self, page: int, seal: str) -> str | None:
        """The line on which this very page is kept: main, fork, or before a recorded gap's end."""
        if page == 0 and seal == self.notebook:
            return "main"
        row = one_row(
            self.db,
            "SELECT line FROM pages WHERE notebook = ? AND page = ? AND seal = ?",
            [self.notebook, page, seal],
        )
        if row:
            return str(row["line"])
        gap = one_row(
            self.db,
            "SELECT 1 FROM gaps WHERE notebook = ? AND before_page = ? AND previous = ?",
            [self.notebook, page + 1, seal],
        )
        return "gap" if gap else None

    def follows(self, page: Page) -> bool:
        """The chain rule: the page before, or this very page, is here."""
        return bool(self.kept(page.page - 1, page.previous) or self.kept(page.page, page.seal))

    def record_gap(self, page: Page, now: datetime) -> None:
        """The phone has nothing older: take its pages from here, and say for ever what is missing."""
        insert(
            self.db,
            "gaps",
            {
                "notebook": self.notebook,
                "after_page": self.through,
                "before_page": page.page,
                "previous": page.previous,
                "recorded_at": moment_text(now),
            },
        )
        if page.page > self.through + 1:
            self.through, self.last_seal = page.page - 1, page.previous

    def take(self, page: Page, now: datetime, offset: float | None) -> str:
        """Keep one page: known, accepted (on the main line) or forked."""
        kept = self.kept(page.page, page.seal)
        if kept in ("main", "fork"):
            return "known" if kept == "main" else "forked"
        main = page.page == self.through + 1 and page.previous == self.last_seal
        written = moment_text(read_moment(page.written_at))
        ordered = max(written, self.ordered_at if main else self.ordered_before(page))
        insert(
            self.db,
            "pages",
            {
                "notebook": self.notebook,
                **asdict(page),
                "line": "main" if main else "fork",
                "received_at": moment_text(now),
                "ordered_at": ordered,
                "clock_offset_s": offset,
            },
        )
        if not main:
            return "forked"
        self.through, self.last_seal, self.ordered_at = page.page, page.seal, ordered
        return "accepted"

    def ordered_before(self, page: Page) -> str:
        """Where the page before stands in time, on whichever line: not how far the main line has come."""
        row = one_row(
            self.db,
            "SELECT ordered_at FROM pages WHERE notebook = ? AND page = ? AND seal = ?",
            [self.notebook, page.page - 1, page.previous],
        )
        return str(row["ordered_at"]) if row else ""

    def keep(self) -> None:
        self.db.conn.execute(
            "UPDATE notebooks SET received_through = ?, last_seal = ?, ordered_at = ? WHERE id = ?",
            [self.through, self.last_seal, self.ordered_at, self.notebook],
        )


def clock_offset(phone: Phone, now: datetime) -> float | None:
    """Seconds that must be added to the phone's times to get ours."""
    return round((now - phone.sent_at).total_seconds(), 1) if phone.sent_at else None


def hear_from(db: Database, notebook: str, phone: Phone, now: datetime) -> None:
    """Note what a phone said of itself, inside the caller's transaction."""
    db.conn.execute(
        "UPDATE notebooks SET last_contact = ?, clock_offset_s = coalesce(?, clock_offset_s), "
        "waiting = ?, evidence_waiting = ?, version = coalesce(?, version), battery = ?, storage_left = ? "
        "WHERE id = ?",
        [
            moment_text(now),
            clock_offset(phone, now),
            phone.waiting,
            phone.evidence_waiting,
            phone.version,
            phone.battery,
            phone.storage_left,
            notebook,
        ],
    )


def standing(db: Database, notebook: str, now: datetime) -> dict[str, Any]:
    """What the server has of a notebook: the cursor, and what else every answer says."""
    row = one_row(db, "SELECT * FROM notebooks WHERE id = ?", [notebook]) or {}
    return {
        "epoch": setting(db, "epoch"),
        "notebook_state": "withdrawn" if row.get("withdrawn_at") else "open",
        "received_through": row.get("received_through", 0),
        "last_seal": row.get("last_seal", notebook),
        "backed_up_through": row.get("backed_up_through", 0),
        "books": _books(db, notebook) if may_hold_books(db, notebook) else [],
        "evidence_wanted": evidence_wanted(db, notebook),
        "server_time": moment_text(now),
    }


def may_hold_books(db: Database, notebook: str) -> bool:
    """Whether numbers are lent to a notebook: it was not withdrawn, and its officer has not left."""
    in_use = (
        "SELECT 1 FROM notebooks JOIN officers ON officers.id = officer "
        "WHERE notebooks.id = ? AND withdrawn_at IS NULL AND retired_at IS NULL"
    )
    return one_row(db, in_use, [notebook]) is not None


def _books(db: Database, notebook: str) -> list[dict[str, Any]]:
    return all_rows(
        db,
        "SELECT series, first, last FROM books WHERE notebook = ? AND returned_at IS NULL "
        "ORDER BY series, first",
        [notebook],
    )


def evidence_wanted(db: Database, notebook: str) -> list[str]:
    """The evidence that this notebook's pages list and that is not here yet."""
    rows = all_rows(
        db,
        "SELECT DISTINCT sha256 FROM evidence_listed WHERE notebook = ? "
        "AND sha256 NOT IN (SELECT sha256 FROM evidence) ORDER BY sha256",
        [notebook],
    )
    return [row["sha256"] for row in rows]


def pages_after(db: Database, notebook: str, after: int) -> list[dict[str, Any]]:
    """The main line's pages after a number, as they were sent, 200 at most."""
    return all_rows(
        db,
        "SELECT page, kind, record, written_at, previous, seal, body FROM pages "
        "WHERE notebook = ? AND line = 'main' AND page > ? ORDER BY page LIMIT ?",
        [notebook, after, MOST_PAGES],
    )
