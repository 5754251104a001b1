"""What proves a notice, each thing under the reference by which statements and courts call it.

Criminal Procedure Rules 16.3: exhibits are identified clearly. A reference is the officer's initials and a
number. Numbers follow the order in which things were received, held or not, so that neither what comes
later nor what is put right later changes one that somebody has signed for.
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
from field_app.records.amendment import PhotosAdded
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
    left_out: str | None = None
    """Why a picture is produced by nobody, though it has its number; None for what is an exhibit."""


def initials(name: str) -> str:
    """OO, of Olu Officer."""
    return "".join(word[0] for word in name.split()).upper()


def exhibits(db: Database, story: Folding, pages: list[Row]) -> list[Exhibit]:
    """The notice itself, then every picture that stands in its record."""
    return [one for one in numbered(db, story, pages) if one.left_out is None]


def numbered(db: Database, story: Folding, pages: list[Row]) -> list[Exhibit]:
    """The notice itself, then every picture that any of its pages lists, once, under its number."""
    assert story.first is not None
    letters = initials(story.first["officer_name"] or "")
    number = story.body.get("number")
    shown = f" {numbers.shown(number)}" if isinstance(number, str) else ""
    title = KINDS[story.first["kind"]].title
    standing = story.standing_pages(pages)
    pictures = [
        _picture(db, f"{letters}/{number}", story, several, standing)
        for number, several in enumerate(_listings(pages).values(), 2)
    ]
    return [Exhibit(f"{letters}/1", f"Copy of {title}{shown}", story.first), *pictures]


@dataclass(frozen=True)
class _Listing:
    """A page lists a picture: what it is, and what the page says of it."""

    what: str
    said: Row
    page: Row


def _listings(pages: list[Row]) -> dict[str, list[_Listing]]:
    """Where each picture is listed, by its SHA-256, in the order in which they were received."""
    found: dict[str, list[_Listing]] = {}
    for page in sorted(
        pages, key=lambda p: (p["received_at"], p["notebook"], p["page"], p["seal"])
    ):
        for what, picture in _pictures(page):
            found.setdefault(picture["sha256"], []).append(_Listing(what, picture, page))
    return found


def _pictures(page: Row) -> list[tuple[str, Row]]:
    """The photos and the signature that a page lists, each with what it is."""
    body = body_of(page["body"]) or {}
    changes = body.get("changes")
    said = [body, changes] if isinstance(changes, dict) else [body]
    return [found for one in said for found in _listed_in(one)]


def _listed_in(body: Row) -> list[tuple[str, Row]]:
    return [
        (what, picture)
        for name, field, what in (
            ("photos", _PHOTOS, "Photograph"),
            ("signature", _SIGNATURE, "Signature of the recipient"),
        )
        for picture in _read(field, body.get(name))
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


def _picture(
    db: Database, ref: str, story: Folding, several: list[_Listing], standing: list[Row]
) -> Exhibit:
    good = [one for one in several if one.page in standing]
    one = (good or several)[0]
    sha256 = one.said["sha256"]
    kept = one_row(db, "SELECT * FROM evidence WHERE sha256 = ?", [sha256])
    said = f"{one.what}, taken {moment_in_words(one.said['taken_at'])}"
    left_out = _left_out(sha256, story, good)
    return Exhibit(ref, said, one.page, sha256, one.said["taken_at"], kept, left_out)


def _left_out(sha256: str, story: Folding, good: list[_Listing]) -> str | None:
    """What a page of its own adds stays; what the record lists, an amendment may take out."""
    if not good:
        return "only a held page lists it"
    added = any(one.page["kind"] == PhotosAdded.kind for one in good)
    stands = {picture["sha256"] for _, picture in _listed_in(story.body)}
    return None if added or sha256 in stands else "an amendment took it out"
