"""What proves a notice, each thing under the reference by which statements and courts call it.

Criminal Procedure Rules 16.3: exhibits are identified clearly. A reference is the officer's initials and a
number. Numbers follow the order in which things were received, so that what comes later changes none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from field_app import numbers
from field_app.database import one_row
from field_app.fields import Declared, not_given
from field_app.fold import Folding
from field_app.records import KINDS, body_of
from field_app.records.notice import Served
from field_app.words import moment_in_words

Row = dict[str, Any]


@dataclass(frozen=True)
class Exhibit:
    """One thing. `sha256` and `taken_at` are of a picture; `page` is the page that lists it."""

    ref: str
    what: str
    page: Row
    sha256: str | None = None
    taken_at: str | None = None
    kept: Row | None = None
    """What the central file says of the picture's bytes; None while they have not been received."""


def initials(name: str) -> str:
    """OO, of Olu Officer."""
    return "".join(word[0] for word in name.split()).upper()


def taken(story: Folding, pages: list[Row]) -> list[Row]:
    """The pages of a record that stand: those that are not held."""
    return [
        page
        for page in pages
        if (page["notebook"], page["page"], page["seal"]) not in story.folded.problems
    ]


def exhibits(db: Database, story: Folding, pages: list[Row]) -> list[Exhibit]:
    """The notice itself, then every picture that its pages list, once."""
    assert story.first is not None
    letters = initials(story.first["officer_name"] or "")
    number = story.body.get("number")
    shown = f" {numbers.shown(number)}" if isinstance(number, str) else ""
    title = KINDS[story.first["kind"]].title
    found = [Exhibit(f"{letters}/1", f"Copy of {title}{shown}", story.first)]
    seen: set[str] = set()
    order = sorted(taken(story, pages), key=lambda p: (p["received_at"], p["notebook"], p["page"]))
    for page in order:
        for what, picture in _pictures(page):
            if picture["sha256"] not in seen:
                seen.add(picture["sha256"])
                found.append(_picture(db, f"{letters}/{len(found) + 1}", what, page, picture))
    return found


def _pictures(page: Row) -> list[tuple[str, Row]]:
    """The photos and the signature that a page lists, each with what it is."""
    body = body_of(page["body"]) or {}
    changes = body.get("changes")
    said = [body, changes] if isinstance(changes, dict) else [body]
    return [
        (what, picture)
        for one in said
        for name, field, what in (
            ("photos", _PHOTOS, "Photograph"),
            ("signature", _SIGNATURE, "Signature of the recipient"),
        )
        for picture in _read(field, one.get(name))
    ]


_PHOTOS = KINDS["fpn"].columns()["photos"]
_SIGNATURE = Served.columns()["signature"]


def _read(field: Declared, value: Any) -> list[Row]:
    if not_given(value):
        return []
    try:
        return list(field.read(value))
    except (ValueError, TypeError):
        return []


def _picture(db: Database, ref: str, what: str, page: Row, picture: Row) -> Exhibit:
    kept = one_row(db, "SELECT * FROM evidence WHERE sha256 = ?", [picture["sha256"]])
    said = f"{what}, taken {moment_in_words(picture['taken_at'])}"
    return Exhibit(ref, said, page, picture["sha256"], picture["taken_at"], kept)
