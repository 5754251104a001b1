"""One record as people read it: what stands now in words, and every page about it in order.

Nothing is hidden: an unknown kind, an unknown field and an answer that cannot be read are shown as
they were sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlite_utils import Database

from field_app import catalogue, numbers, words
from field_app.database import all_rows, one_row
from field_app.fields import Choice, Declared, Metres, Pence, Requirements, clean, not_given
from field_app.fold import Folding, columns_of, merge_patch, pages_about
from field_app.records import KINDS, Amendment, Problem, Record, body_of
from field_app.records.amendment import PhotosAdded
from field_app.settings import SETTINGS
from field_app.times import moment_text

Body = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """One answer in words.

    `how` is how a page shows it: text, notes, list, headed (pairs of heading and text), moment, place,
    shift, records, photos, seal (of a page), or raw (as sent).
    """

    label: str
    how: str
    value: Any


@dataclass(frozen=True)
class Change:
    """What an amendment changed; None for what was not given."""

    label: str
    before: Said | None
    after: Said | None


@dataclass(frozen=True)
class PageRead:
    """One page: `row` is the page as it is kept."""

    row: dict[str, Any]
    title: str
    problems: list[Problem]
    answers: list[Said]
    changes: list[Change]


@dataclass(frozen=True)
class History:
    """A record: its table and its row there, what stands now, and its pages as they are folded."""

    record: str
    title: str
    table: str | None
    row: dict[str, Any] | None
    stands: list[Said]
    pages: list[PageRead]


def history(db: Database, record: str) -> History | None:
    """Read a record; None when no page is about it."""
    pages = pages_about(db, record)
    if not pages:
        return None
    story = _Story(record, pages)
    in_words = _Words(db, story.body.get("offence"))
    read = [_read_page(story, in_words, page) for page in pages]
    title = story.kind.form_for(story.body).title if story.kind else read[0].title
    stands = list(in_words.answers(_fields_of(story.kind, story.body), story.body))
    stands += [said for one in read for said in _added_later(one)]
    return History(record, title, story.folded.table, story.folded.row, stands, read)


def _key(page: dict[str, Any]) -> tuple[str, int, str]:
    return page["notebook"], page["page"], page["seal"]


class _Story(Folding):
    """A fold that remembers how the record stood before each page."""

    def __init__(self, record: str, pages: list[dict[str, Any]]) -> None:
        self.before: dict[tuple[str, int, str], Body] = {}
        super().__init__(record, pages)

    def take(self, page: dict[str, Any]) -> list[Problem]:
        self.before[_key(page)] = self.body
        return super().take(page)


def _read_page(story: _Story, words: _Words, page: dict[str, Any]) -> PageRead:
    kind, body = KINDS.get(page["kind"]), body_of(page["body"])
    before = story.before[_key(page)]
    changes = body.get("changes") if body and kind is Amendment else None
    if body is not None and kind is not None and kind.whole and before:
        changes = {
            name: body.get(name) for name in before | body if before.get(name) != body.get(name)
        }
        answers: list[Said] = []
    elif body is None:
        answers = [Said("What was sent", "raw", clean(page["body"]))]
    else:
        rest = {name: value for name, value in body.items() if name != "changes"}
        said = rest if isinstance(changes, dict) else body
        answers = list(words.answers(_fields_of(kind, said), said))
    return PageRead(
        page,
        kind.title if kind else f"“{page['kind']}”, which Fieldbook does not know",
        story.folded.problems.get(_key(page), []),
        answers,
        words.changes(story.kind, before, changes),
    )


def _added_later(page: PageRead) -> list[Said]:
    """The photos that a page adds to its record, marked with when it was written."""
    if page.row["kind"] != PhotosAdded.kind or page.problems:
        return []
    label = f"Added later, {words.moment_in_words(page.row['written_at'])}"
    return [replace(said, label=label) for said in page.answers if said.how != "raw"]


def _fields_of(kind: type[Record] | None, body: Body) -> dict[str, Declared]:
    """The declared fields of a body, in the order of its form; those of later pages after them."""
    if kind is None:
        return {}
    first = {field.name: field for field in kind.form_for(body).fields()}
    return first | {
        name: field
        for name, field in columns_of(kind.table or "").items()
        if name not in first and name in body
    }


class _Words:
    """Answers in words: labels for codes, names for ids, an offence's own prompts."""

    def __init__(self, db: Database, offence: Any) -> None:
        self.db, self.offence = db, offence

    @cached_property
    def officers(self) -> dict[str, str]:
        return {
            row["id"]: row["name"] for row in all_rows(self.db, "SELECT id, name FROM officers")
        }

    def answers(self, declared: dict[str, Declared], body: Body) -> Iterator[Said]:
        """Every answer that is given: the declared ones in order, then what is not declared."""
        for name, field in declared.items():
            if not not_given(body.get(name)):
                yield self.said(field, body[name])
        for name, value in body.items():
            if name not in declared:
                yield _raw(name, value)

    def changes(self, kind: type[Record] | None, before: Body, changes: Any) -> list[Change]:
        """What an amendment's merge patch did to the record as it stood."""
        if not isinstance(changes, dict):
            return []
        after = merge_patch(before, changes)
        declared = columns_of(kind.table or "") if kind else {}
        return [
            Change(
                declared[name].label.text if name in declared else clean(name),
                self._one(declared.get(name), name, before),
                self._one(declared.get(name), name, after),
            )
            for name in changes
        ]

    def _one(self, field: Declared | None, name: str, body: Body) -> Said | None:
        if not_given(body.get(name)):
            return None
        return self.said(field, body[name]) if field else _raw(name, body[name])

    def said(self, field: Declared, value: Any) -> Said:
        """An answer in words, or as it was sent where its field cannot read it."""
        try:
            read = field.read(value)
        except (ValueError, TypeError):
            return _raw(field.label.text, value)
        how, words = getattr(self, f"_{field.data_type.replace('-', '_')}", _text)(field, read)
        return Said(field.label.text, how, words)

    def _number(self, field: Declared, value: float) -> tuple[str, Any]:
        if isinstance(field, Pence):
            return "text", words.pounds(int(value))
        unit = " metres" if isinstance(field, Metres) else ""
        return "text", str(value).removesuffix(".0") + unit

    def _notes(self, _field: Declared, value: Any) -> tuple[str, Any]:
        return "notes", clean(str(value or ""))

    def _yes_no(self, _field: Declared, _value: Any) -> tuple[str, Any]:
        return "text", "Yes"

    def _choice(self, field: Choice, value: str) -> tuple[str, Any]:
        return "text", catalogue.label(field.of, value)

    def _choices(self, field: Choice, value: list[str]) -> tuple[str, Any]:
        return "list", [catalogue.label(field.of, code) for code in value]

    def _moment(self, _field: Declared, value: Any) -> tuple[str, Any]:
        return "moment", moment_text(value)

    def _colleagues(self, _field: Declared, value: list[str]) -> tuple[str, Any]:
        return "list", [self.officers.get(one, one) for one in value]

    def _day(self, _field: Declared, value: str) -> tuple[str, Any]:
        return "text", words.day(value)

    def _notice_number(self, _field: Declared, value: str) -> tuple[str, Any]:
        return "text", numbers.shown(value)

    def _points(self, _field: Declared, value: dict[str, str]) -> tuple[str, Any]:
        offences = (one for one in catalogue.offences() if one.code == self.offence)
        prompts = {point.code: point.label for one in offences for point in one.points}
        said = ((prompts.get(code, clean(code)), clean(text)) for code, text in value.items())
        return "headed", list(said)

    def _requirements(self, _field: Declared, value: list[dict[str, str]]) -> tuple[str, Any]:
        return "headed", [(Requirements.KINDS[one["kind"]], clean(one["what"])) for one in value]

    def _setting_name(self, _field: Declared, value: str) -> tuple[str, Any]:
        return "text", SETTINGS[value].label if value in SETTINGS else clean(value)

    def _counted(self, _field: Declared, value: dict[str, Any]) -> tuple[str, Any]:
        return "text", words.how_many(len(value), "patrol")

    def _outlines(self, _field: Declared, value: dict[str, Any]) -> tuple[str, Any]:
        return "text", words.how_many(len(value), "ward")

    def _seal(self, _field: Declared, value: str) -> tuple[str, Any]:
        return "seal", value

    def _references(self, _field: Declared, value: list[str]) -> tuple[str, Any]:
        return "records", value

    def _signature(self, _field: Declared, value: list[dict[str, Any]]) -> tuple[str, Any]:
        return "photos", [self._photo(photo, "Signature written") for photo in value]

    def _photos(self, _field: Declared, value: list[dict[str, Any]]) -> tuple[str, Any]:
        return "photos", [self._photo(photo) for photo in value]

    def _photo(self, photo: dict[str, Any], what: str = "Photo taken") -> dict[str, Any]:
        here = one_row(self.db, "SELECT 1 FROM evidence WHERE sha256 = ?", [photo["sha256"]])
        kept = {name: photo[name] for name in ("sha256", "taken_at")}
        return kept | {"what": what, "here": here is not None}

    def _reference(self, field: Declared, value: str) -> tuple[str, Any]:
        if field.name == "shift":
            return "shift", value
        if field.name in (
            "granted_to",
            "entered_by",
            "signed_by",
            "invited",
            "holder",
            "withdrawn_by",
        ):
            return "text", self.officers.get(value, value)
        if field.name == "lost_from":
            return "text", value
        if field.name != "place":
            return "records", [value]
        row = one_row(self.db, "SELECT name, retired FROM places WHERE record = ?", [value])
        return "place", {"id": value, **(row or {"name": None, "retired": None})}


def _text(_field: Declared, value: Any) -> tuple[str, Any]:
    return "text", clean(str(value))


def _raw(label: str, value: Any) -> Said:
    return Said(clean(label), "raw", clean(json.dumps(value, ensure_ascii=False)))
