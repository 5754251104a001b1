"""The tables, folded from the pages.

`folded` reads every page about one record and says what the tables must hold of it. It depends on
those pages alone, in an order that is the same however they arrived, so that a rebuild from the pages
makes the same tables. Nothing else writes them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlite_utils import Database

from field_app import books, catalogue, gaps, overlay, queries
from field_app.catalogue.changes import KINDS as OF_THE_CATALOGUE
from field_app.database import all_rows, insert, one_row
from field_app.fields import SHA256_PATTERN
from field_app.numbers import LETTERS, is_sound
from field_app.records import KINDS, Amendment, Notice, Problem, Reading, Record, body_of, check
from field_app.records.case import WithdrawalAnswer
from field_app.records.review import GapDecided
from field_app.times import is_moment, read_moment

BESIDE = ("problems", "evidence_listed", "numbers_borne", "queries")
"""Tables that may have several rows of a record."""
DECLARED = (
    "shifts",
    "patrols",
    "notices",
    "spoiled",
    "payments",
    "not_issued",
    "authorisations",
    "published_weeks",
    "count_keys",
    "places",
    "team",
    "invitations",
    "phones",
    "settings",
    "gap_decisions",
    "ward_boundaries",
    "catalogue_changes",
)
TABLES = (*BESIDE, *DECLARED)

_NEVER_PUT_RIGHT = (
    "begun",
    "issued",
    "not-at-desk",
    "not-yours",
    "number-changed",
    "other-kind",
    "others-number",
    "unknown-kind",
    "unreadable",
)
NUMBERED = (*LETTERS, "spoiled")
"""The kinds whose pages bear a number out of a book."""

ALONE = "Only the desk makes an issued notice void, with a second person: tell your team leader."
"""Nobody voids a notice alone (law.md R20): a withdrawal at the desk does, with its answer."""

ISSUED = "What an issued notice asks for is never changed: have it made void, and issue another."

COMMON = {
    "record": "TEXT PRIMARY KEY",
    "kind": "TEXT NOT NULL",
    "notebook": "TEXT NOT NULL REFERENCES notebooks (id)",
    "page": "INTEGER NOT NULL",
    "officer": "TEXT NOT NULL REFERENCES officers (id)",
    "state": "TEXT NOT NULL CHECK (state IN ('accepted', 'held', 'entered in error'))",
    "amendments": "INTEGER NOT NULL",
    "written_at": "TEXT NOT NULL",
    "received_at": "TEXT NOT NULL",
    "clock_offset_s": "REAL",
}
_INDEXES = (
    "CREATE INDEX problems_record ON problems (record)",
    "CREATE INDEX problems_notebook ON problems (notebook, page)",
    "CREATE INDEX evidence_listed_record ON evidence_listed (record)",
    "CREATE INDEX evidence_listed_notebook ON evidence_listed (notebook)",
    "CREATE INDEX numbers_borne_number ON numbers_borne (number)",
    "CREATE INDEX numbers_borne_record ON numbers_borne (record)",
    # The figures of a period are counted in this index alone, without a look at the table.
    "CREATE INDEX patrols_started ON patrols "
    "(started_at, state, activity, ward, with_police, counted_with)",
    "CREATE INDEX patrols_counted_with ON patrols (counted_with) WHERE counted_with IS NOT NULL",
    "CREATE INDEX patrols_officer ON patrols (officer, started_at)",
    "CREATE INDEX patrols_shift ON patrols (shift)",
    "CREATE INDEX patrols_place ON patrols (place, started_at)",
    # Whose number a payment bears, and whether it is paid, is read in this index alone.
    "CREATE INDEX notices_number ON notices "
    "(number, kind, state, withdrawal_answer, record, amount, discount)",
    "CREATE INDEX notices_answered ON notices (withdrawal_answer) WHERE withdrawal_answer = 'agree'",
    "CREATE INDEX notices_copies ON notices (issued_at) WHERE offence = 'household-waste'",
    "CREATE INDEX notices_officer ON notices (officer, issued_at)",
    "CREATE INDEX notices_shift ON notices (shift)",
    "CREATE INDEX notices_issued ON notices (issued_at)",
    "CREATE INDEX notices_issued_or_written ON notices (coalesce(issued_at, written_at))",
    "CREATE INDEX notices_warning ON notices (warning) WHERE kind = 'cpn'",
    "CREATE INDEX spoiled_number ON spoiled (number)",
    "CREATE INDEX payments_number ON payments "
    "(number, state, dismissed_reason, paid_on, amount, paid_back)",
    "CREATE INDEX payments_paid_on ON payments (paid_on)",
    "CREATE INDEX payments_reference ON payments (payment_reference COLLATE NOCASE)",
    "CREATE INDEX notices_recipient ON notices (recipient_name COLLATE NOCASE)",
    # The due list is read on each page of the board.
    "CREATE INDEX notices_open ON notices "
    "(number, amount, discount, discount_until, issued_at, state, record) "
    "WHERE withdrawal_answer IS NOT 'agree' AND discharged_on IS NULL AND step IS NOT 'written-off'",
    "CREATE INDEX notices_asked ON notices (withdrawal) WHERE withdrawal_answer IS NULL",
    "CREATE INDEX notices_born ON notices (born)",
    "CREATE INDEX not_issued_occurred ON not_issued (occurred_at)",
    "CREATE INDEX not_issued_shift ON not_issued (shift)",
    "CREATE INDEX authorisations_granted_to ON authorisations (granted_to)",
    "CREATE INDEX published_weeks_week ON published_weeks (week, version)",
    "CREATE INDEX invitations_invited ON invitations (invited, written_at)",
    "CREATE INDEX count_keys_digest ON count_keys (digest)",
    "CREATE INDEX shifts_started ON shifts (started_at)",
    "CREATE INDEX shifts_officer ON shifts (officer, started_at)",
    "CREATE INDEX shifts_signed ON shifts (signed_at, ended_at)",
    "CREATE INDEX gap_decisions_lost_from ON gap_decisions (lost_from)",
    # Asked at every request: whether the catalogue has changed.
    "CREATE INDEX catalogue_changes_amendments ON catalogue_changes (amendments)",
    "CREATE INDEX queries_record ON queries (record)",
    "CREATE INDEX queries_closed ON queries (closed_at, answered_at)",
)


def table_statements() -> list[str]:
    """The SQL that makes the folded tables, from the declarations."""
    return [
        "CREATE TABLE problems (notebook TEXT NOT NULL REFERENCES notebooks (id), "
        "page INTEGER NOT NULL, seal TEXT NOT NULL, record TEXT NOT NULL, "
        "field TEXT NOT NULL, message TEXT NOT NULL, rule TEXT NOT NULL) STRICT",
        "CREATE TABLE evidence_listed (sha256 TEXT NOT NULL, "
        "notebook TEXT NOT NULL REFERENCES notebooks (id), page INTEGER NOT NULL, "
        "record TEXT NOT NULL) STRICT",
        "CREATE TABLE numbers_borne (number TEXT NOT NULL, record TEXT NOT NULL) STRICT",
        queries.TABLE,
        *(_table_statement(table) for table in DECLARED),
        *_INDEXES,
    ]


@cache
def columns_of(table: str) -> dict[str, Any]:
    """The declared fields that fill a table's columns, by name."""
    kinds = [kind for kind in KINDS.values() if kind.table == table]
    return {name: field for kind in kinds for name, field in kind.columns().items()}


@cache
def desk_only(table: str) -> frozenset[str]:
    """The columns of a table that only pages written at the desk may fill."""
    kinds = [kind for kind in KINDS.values() if kind.table == table]
    by = {True: set[str](), False: set[str]()}
    for kind in kinds:
        by[kind.at_desk] |= kind.columns().keys()
    return frozenset(by[True] - by[False])


def _table_statement(table: str) -> str:
    declared = {name: field.sql for name, field in columns_of(table).items()}
    columns = ", ".join(f'"{name}" {sql}' for name, sql in (COMMON | declared).items())
    return f'CREATE TABLE "{table}" ({columns}) STRICT'


@dataclass
class Folded:
    """What the tables hold of one record. Problems are by (notebook, page, seal)."""

    record: str
    table: str | None = None
    row: dict[str, Any] | None = None
    problems: dict[tuple[str, int, str], list[Problem]] = field(default_factory=dict)
    evidence: list[tuple[str, str, int]] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)
    """What its pages bear, whether they are held or not."""
    queries: list[dict[str, Any]] = field(default_factory=list)


def pages_about(db: Database, record: str) -> list[dict[str, Any]]:
    """Every page about a record, in the order in which it is folded; `lent_to` is the notebook in whose
    book the number of a notice stands, `at_desk` whether a desk's notebook has the page, `fills_gap` whether
    a page off the main line is one that was missing there, `own_gap` whether it decides about such pages
    of its own writer.

    A record may be begun on a fork and amended on a main line, so beginnings come first.
    """
    pages = all_rows(
        db,
        "SELECT pages.*, notebooks.officer, officers.name AS officer_name, "
        "pages.received_at >= notebooks.withdrawn_at AS withdrawn, notebooks.at_desk "
        "FROM pages JOIN notebooks ON notebooks.id = pages.notebook "
        "LEFT JOIN officers ON officers.id = notebooks.officer WHERE record = ? "
        "ORDER BY ordered_at, notebook, page, seal",
        [record],
    )
    for page in pages:
        page["lent_to"] = _lent_to(db, page)
        page["fills_gap"] = _fills_gap(db, page)
        page["own_gap"] = _is_own_gap(db, page)
    return sorted(pages, key=_turn)


def _lent_to(db: Database, page: dict[str, Any]) -> str | None:
    number = _number_on(page)
    return books.holder(db, number) if number else None


def _number_on(page: dict[str, Any]) -> str | None:
    """The number that a page bears, if it is sound."""
    if page["kind"] not in NUMBERED:
        return None
    said = (body_of(page["body"]) or {}).get("number")
    return said if isinstance(said, str) and is_sound(said) else None


def _fills_gap(db: Database, page: dict[str, Any]) -> bool:
    return page["line"] == "fork" and page["seal"] in gaps.filling(db, page["notebook"])


def _is_own_gap(db: Database, page: dict[str, Any]) -> bool:
    if page["kind"] != GapDecided.kind:
        return False
    lost_from = str((body_of(page["body"]) or {}).get("lost_from"))
    known = one_row(db, "SELECT officer FROM notebooks WHERE id = ?", [lost_from])
    return bool(known and known["officer"] == page["officer"])


def folded(db: Database, record: str) -> Folded:
    """Fold every page about `record`."""
    return Folding(record, pages_about(db, record)).folded


class Folding:
    """One record's pages, taken in the order of `pages_about`."""

    def __init__(self, record: str, pages: list[dict[str, Any]]) -> None:
        self.folded = Folded(record)
        self.first: dict[str, Any] | None = None
        self.kind: type[Record] | None = None
        self.body: dict[str, Any] = {}
        self.reading = Reading({}, [])
        self.written_at = datetime.min.replace(tzinfo=UTC)
        self.held = self.in_error = False
        self.amendments = 0
        self.aside: set[str] = set()
        """What a later page set aside, and nothing has said again since."""
        self.last_by: dict[str, str] = {}
        """Who wrote the last page of each kind that was taken."""
        self.unapplied: dict[tuple[str, int, str], set[str]] = {}
        self.moot: dict[tuple[str, int, str], list[Problem]] = {}
        self.contested = _is_contested(pages)
        self.folded.numbers = {number for page in pages if (number := _number_on(page))}
        for page in pages:
            with catalogue.as_known(page["received_at"]):
                problems = self.take(page)
            if problems:
                key = page["notebook"], page["page"], page["seal"]
                self.folded.problems[key] = problems
                if page is not self.first:
                    self.unapplied[key] = _said(page)
        if self.first:
            asked = queries.asked(self.standing_pages(pages), self.first["officer"])
            self.folded.queries = [query.row() for query in asked]
        self.write_row()

    def standing_pages(self, pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of these pages that are not held."""
        held = self.folded.problems
        return [
            page for page in pages if (page["notebook"], page["page"], page["seal"]) not in held
        ]

    def take(self, page: dict[str, Any]) -> list[Problem]:
        """Take one page in; the problems for which it is held."""
        self.list_evidence(page)
        kind, body = KINDS.get(page["kind"]), body_of(page["body"])
        if kind is None:
            return [Problem("", f"Fieldbook does not know “{page['kind']}” yet.", "unknown-kind")]
        if body is None:
            return [Problem("", "What this page says cannot be read.", "unreadable")]
        if not page["at_desk"]:  # unknown to a phone, and ignored as all that is unknown
            theirs = desk_only(kind.table or "")
            body = {name: said for name, said in body.items() if name not in theirs}
        self.written_at = max(self.written_at, read_moment(page["written_at"]))
        reading = check(kind, body, self.written_at)
        problems = self.standing(page) + reading.problems
        if kind.begins:
            return self.begin(page, kind, body, Reading(reading.columns, problems))
        problems += self.belonging(page, kind)
        if not problems:
            problems = self.amend(page, body) if kind is Amendment else self.carry_on(kind, body)
        if not problems:
            self.last_by[page["kind"]] = page["officer"]
        return problems

    def begin(
        self, page: dict[str, Any], kind: type[Record], body: dict[str, Any], reading: Reading
    ) -> list[Problem]:
        """A record begins once; where each page says all of it, it stands as the last one says."""
        problems = reading.problems
        if self.first is None:
            self.first, self.kind, self.body, self.reading = page, kind, body, reading
            self.held = bool(problems)
        elif not kind.whole or kind is not self.kind:
            problems = [*problems, Problem("", "Another page already began this record.", "begun")]
        elif not problems:
            self.body, self.reading, self.held = body, reading, False
            self.amendments += 1
            self.settle(set(body))
        return problems

    def standing(self, page: dict[str, Any]) -> list[Problem]:
        """Why a page is held whatever it says."""
        problems = []
        if KINDS[page["kind"]].at_desk and not page["at_desk"]:
            problems.append(Problem("", "Only the desk writes this.", "not-at-desk"))
        if page["own_gap"]:
            problems.append(Problem("", "Nobody decides about lost pages of their own.", "own"))
        if page["line"] == "fork" and not page["fills_gap"]:
            mend = "Amend it to say that it stands."
            problems.append(Problem("", f"Another page has this number. {mend}", "forked"))
        if page["withdrawn"]:
            problems.append(Problem("", "It came after this notebook was withdrawn.", "withdrawn"))
        if not _own_number(page):
            mend = "Tell your team leader, and do not hand it over."
            said = f"This number is out of another notebook’s book. {mend}"
            problems.append(Problem("number", said, "others-number"))
        if self.contested:  # whose it is cannot be told from times that phones wrote
            mend = "Enter it again as a new one."
            problems.append(
                Problem("", f"Another officer’s page began this record too. {mend}", "contested")
            )
        return problems

    def belonging(self, page: dict[str, Any], kind: type[Record]) -> list[Problem]:
        """Whether the page may be about this record at all."""
        if self.first is None or self.kind is None:
            return [Problem("", "The record this page is about is not here yet.", "not-here")]
        if self.kind.lasting:
            return [Problem("", self.kind.lasting, "lasting")]
        if problem := self.of_whom(page, kind):
            return [problem]
        if self.kind.whole or (kind.table and kind.table != self.kind.table):
            return [Problem("", "The record is of another kind.", "other-kind")]
        if kind.only_for and self.kind.kind not in kind.only_for:
            return [Problem("", "This is not done with this kind of notice.", "other-kind")]
        return self.in_turn(page, kind)

    def of_whom(self, page: dict[str, Any], kind: type[Record]) -> Problem | None:
        """Whether the record is of somebody about whom this person may write such a page."""
        assert self.first is not None
        own = self.first["officer"] == page["officer"]
        from_desk = page["at_desk"] and kind is not Amendment and not kind.by_author
        if not own and not from_desk:
            return Problem("", "The record is another officer’s.", "not-yours")
        if own and kind.of_another:
            return Problem("", "Nobody reviews what they wrote themselves.", "own")
        return None

    def in_turn(self, page: dict[str, Any], kind: type[Record]) -> list[Problem]:
        """Whether what has to come before the page has come, from whom it may."""
        if kind.after and kind.after not in self.last_by:
            return [Problem("", f"There is no {kind.after} to answer.", "not-asked")]
        if kind.by_another and self.last_by[str(kind.after)] == page["officer"]:
            return [Problem("", "A second person has to agree, not who asked.", "second-person")]
        return []

    def carry_on(self, kind: type[Record], body: dict[str, Any]) -> list[Problem]:
        """What a later page says stands beside what was said before; a kind without a table changes no
        row."""
        assert self.kind is not None
        if kind.table is None:
            self.put_right(set(body))
            return []
        body = {name: said for name, said in body.items() if name in kind.columns()}
        before = {name: said for name, said in self.body.items() if name not in kind.sets_aside}
        reading = check_all(self.kind, before | body, self.written_at)
        problems = [problem for problem in reading.problems if problem.field in body]
        if not problems:
            self.body, self.reading = before | body, reading
            self.aside = (self.aside | set(kind.sets_aside)) - body.keys()
            self.settle(body.keys() | ({"entered_in_error"} if kind is WithdrawalAnswer else set()))
        return problems

    def amend(self, page: dict[str, Any], body: dict[str, Any]) -> list[Problem]:
        assert self.kind is not None
        assert self.first is not None
        changes = body.get("changes") or {}
        amended = merge_patch(self.body, changes)
        in_error = body.get("entered_in_error") is True
        reading = check_all(self.kind, amended, self.written_at)
        problems = [] if in_error else self.without_aside(reading.problems, changes)
        if in_error and self.kind.kind in LETTERS:
            problems = [*problems, Problem("entered_in_error", ALONE, "second-person")]
        if changes.keys() & {"number"}:
            said = "A number is never changed: have this one made void, and issue another."
            problems = [*problems, Problem("number", said, "number-changed")]
        if not page["at_desk"]:
            fixed = sorted(changes.keys() & set(_as_issued(self.kind)))
            problems = [*problems, *(Problem(name, ISSUED, "issued") for name in fixed)]
            theirs = sorted(changes.keys() & desk_only(self.kind.table or ""))
            problems += [
                Problem(name, "Only the desk writes this.", "not-at-desk") for name in theirs
            ]
        if not problems:
            self.body, self.reading = amended, reading
            kept = not _own_number(self.first)
            self.in_error, self.held = in_error, kept and not in_error
            self.amendments += 1
            self.aside -= changes.keys()
            self.settle(set(changes))
        return problems

    def without_aside(self, problems: list[Problem], changes: dict[str, Any]) -> list[Problem]:
        """An officer need not answer again what a later page has set aside."""
        spared = self.aside - changes.keys()
        return [one for one in problems if (one.rule, one.field in spared) != ("required", True)]

    def settle(self, said: set[str]) -> None:
        """Put right what a page that was taken speaks for; nothing of a record in error, or of a notice
        that a second person took back, has still to be put right."""
        self.folded.problems |= self.moot
        self.moot = {}
        off = self.in_error or self.body.get("withdrawal_answer") == "agree"
        self.put_right(None if off else said)

    def put_right(self, said: set[str] | None) -> None:
        """What was wrong with the first page is put right by an amendment; what a later page wanted
        stays held until another says all of the same fields. None: nothing of the record counts, and
        what later pages wanted is moot until the record is not in error after all."""
        for key, problems in list(self.folded.problems.items()):
            wanted = self.unapplied.get(key)
            spoken_for = said is None or (wanted <= said if wanted is not None else not self.held)
            kept = [problem for problem in problems if problem.rule in _NEVER_PUT_RIGHT]
            if not spoken_for or kept == problems:
                continue
            waits = self.held if wanted is None else "entered_in_error" not in wanted
            if said is None and waits:
                self.moot[key] = problems
            if kept:
                self.folded.problems[key] = kept
            else:
                del self.folded.problems[key]

    def list_evidence(self, page: dict[str, Any]) -> None:
        for name in evidence_in(body_of(page["body"]) or {}):
            self.folded.evidence.append((name, page["notebook"], page["page"]))

    def write_row(self) -> None:
        if self.first is None or self.kind is None:
            return
        first = {name: self.first[name] for name in COMMON if name in self.first}
        state = "entered in error" if self.in_error else "held" if self.held else "accepted"
        self.folded.table = self.kind.table
        self.folded.row = {
            **first,
            "record": self.folded.record,
            "state": state,
            "amendments": self.amendments,
            **dict.fromkeys(columns_of(self.kind.table or "")),
            **self.reading.columns,
        }


def _turn(page: dict[str, Any]) -> int:
    """Beginnings before what is about them, and one on the main line before one on a fork. One that is
    surely its writer's comes first, whatever times others wrote; what only the desk may begin, and a
    phone did, comes last."""
    kind = KINDS.get(page["kind"])
    if kind is not None and not kind.begins:
        return 6
    claim = 0 if _is_sure(page) else 2 if _may_begin(page) else 4
    return claim + int(page["line"] == "fork")


def _is_sure(page: dict[str, Any]) -> bool:
    """Whether a beginning is its writer's beyond doubt: at the desk, or with a number of their own book.
    Any phone may know the id of a place or of a live notice."""
    return bool(page["at_desk"]) or page["lent_to"] == page["notebook"]


def _may_begin(page: dict[str, Any]) -> bool:
    kind = KINDS.get(page["kind"])
    return kind is not None and kind.begins and (not kind.at_desk or bool(page["at_desk"]))


def _is_contested(pages: list[dict[str, Any]]) -> bool:
    """Whether several officers began a record, and none of them surely. Registers are everybody's at
    the desk."""
    begun = [page for page in pages if _may_begin(page) and body_of(page["body"]) is not None]
    claims = [page for page in begun if _is_sure(page)] or begun
    return len({page["officer"] for page in claims if not KINDS[page["kind"]].whole}) > 1


def _own_number(page: dict[str, Any]) -> bool:
    """Whether a page bears no number out of another notebook's book. No amendment changes that."""
    return page["lent_to"] in (None, page["notebook"])


def _as_issued(kind: type[Record]) -> tuple[str, ...]:
    return kind.AS_ISSUED if issubclass(kind, Notice) else ()


def _said(page: dict[str, Any]) -> set[str]:
    """The fields that a later page speaks of."""
    body = body_of(page["body"]) or {}
    changes = body.get("changes")
    if page["kind"] != Amendment.kind:
        return body.keys() & KINDS[page["kind"]].columns() if page["kind"] in KINDS else set(body)
    named = set(changes) if isinstance(changes, dict) else set()
    return named | ({"entered_in_error"} if body.get("entered_in_error") else set())


def check_all(kind: type[Record], body: dict[str, Any], written_at: datetime) -> Reading:
    """Check a record's whole body, fields of its later pages included where they are given."""
    reading = check(kind, body, written_at)
    for later in KINDS.values():
        if later.table == kind.table and not later.begins:
            read = check(later, body, written_at)
            reading = Reading(
                reading.columns | read.columns,
                reading.problems + [p for p in read.problems if p.field in body],
            )
            reading.problems.extend(_out_of_order(later, reading, body))
    return reading


def _out_of_order(later: type[Record], reading: Reading, body: dict[str, Any]) -> Iterator[Problem]:
    """Moments of a later page that are before the one of the first page that they may not precede."""
    wrong = {problem.field for problem in reading.problems}
    for one in later.fields():
        begun, ended = body.get(str(one.flags.not_before)), reading.columns[one.name]
        if one.name in wrong or not ended or not isinstance(begun, str) or not is_moment(begun):
            continue
        if read_moment(ended) < read_moment(begun):
            yield Problem(one.name, one.wording["not-before"], "not-before")


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def evidence_in(body: dict[str, Any]) -> list[str]:
    """The SHA-256 names of the evidence that a body lists, an amendment's changes included."""
    changes = body.get("changes")
    several = [body, changes] if isinstance(changes, dict) else [body]
    lists = [said.get(name) for said in several for name in ("photos", "signature")]
    items = [item for some in lists if isinstance(some, list) for item in some]
    names = [item.get("sha256") for item in items if isinstance(item, dict)]
    return [name for name in names if isinstance(name, str) and re.fullmatch(SHA256_PATTERN, name)]


def fold(db: Database, record: str) -> Folded:
    """Write what the tables must hold of one record, inside the caller's transaction."""
    made = folded(db, record)
    for table in TABLES:
        db.conn.execute(f'DELETE FROM "{table}" WHERE record = ?', [record])
    if made.table and made.row:
        insert(db, made.table, made.row)
    for table, row in rows_beside(made):
        insert(db, table, row)
    return made


def rows_beside(made: Folded) -> list[tuple[str, dict[str, Any]]]:
    """The rows for a folded record of the tables that may have several."""
    problems = [
        (
            "problems",
            {"notebook": n, "page": p, "seal": s, "record": made.record, **asdict(problem)},
        )
        for (n, p, s), several in made.problems.items()
        for problem in several
    ]
    evidence = [
        ("evidence_listed", {"sha256": name, "notebook": n, "page": p, "record": made.record})
        for name, n, p in made.evidence
    ]
    borne = [
        ("numbers_borne", {"number": number, "record": made.record}) for number in made.numbers
    ]
    return problems + evidence + borne + [("queries", row) for row in made.queries]


def fold_all(db: Database, progress: Callable[[str, int, int], object] | None = None) -> int:
    """Make every folded table anew from the pages; how many records there are."""
    for table in TABLES:
        db.conn.execute(f'DELETE FROM "{table}"')
    marks = ", ".join("?" * len(OF_THE_CATALOGUE))
    first = f"SELECT DISTINCT record FROM pages WHERE kind IN ({marks})"
    changes = [row["record"] for row in all_rows(db, first, OF_THE_CATALOGUE)]
    for record in changes:  # the others are judged by what these say
        fold(db, record)
    overlay.use(db)
    found = [row["record"] for row in all_rows(db, "SELECT DISTINCT record FROM pages")]
    records = list(set(found) - set(changes))
    for number, record in enumerate(records, 1):
        fold(db, record)
        if progress:
            progress("Records", number, len(records))
    return len(found)


def canonical(rows: list[dict[str, Any]]) -> list[str]:
    """Rows in a form that can be compared whatever their order."""
    return sorted(json.dumps(row, sort_keys=True) for row in rows)
