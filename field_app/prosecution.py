"""The prosecution file of a notice that was not paid: one PDF with everything Legal begins with.

Only for a penalty that can still be prosecuted: payment closes the case (law.md R16), and a summary
offence has its time limit (Magistrates' Courts Act 1980 s127). The schedule lists what else is held
(Criminal Procedure and Investigations Act 1996, Code). Making a file writes only who was given its
pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, render_template
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import catalogue, paper, words
from field_app import notices as register
from field_app.auth import at_the_desk, kept_nowhere
from field_app.database import all_rows, get_db, one_row
from field_app.evidence import Store, true_to_name
from field_app.exhibits import Exhibit, numbered
from field_app.fields import UUID_PATTERN
from field_app.fold import Folding, pages_about
from field_app.history import History, history
from field_app.records import Amendment, body_of
from field_app.statements import Saved, declaration, draft, saved
from field_app.times import london, now
from field_app.views import log_views

Row = dict[str, Any]

AS_NOTICES = 4
"""As long as so many of the longest notices may a file be."""

blueprint = Blueprint("prosecution", __name__, url_prefix="/desk/notices")
blueprint.after_request(kept_nowhere)


class Refused(Exception):
    """No file may be made; the sentence says why."""


class NotHere(Refused):
    """There is no such notice."""


@dataclass(frozen=True)
class Unused:
    """One thing that is held and is no exhibit: what it is, when it was made, where it is."""

    what: str
    when: str | None
    where: str


@dataclass(frozen=True)
class Shown:
    """An exhibit in the file: the address of its picture, or why it is not there."""

    exhibit: Exhibit
    source: str | None
    lacking: str | None


_NO_FILE = {
    "held": "It is held: it does not stand until it is amended.",
    "withdrawn": "It is withdrawn.",
    "void": "It is void.",
    "written off": "It is written off.",
    "withdrawal asked": "Somebody asked to withdraw it; a second person has to answer first.",
    "upheld": "The representation against it was upheld: it is to be withdrawn.",
}


def refusal(row: Row, today: date) -> str | None:
    """Why a notice, by its row with its money, may not be prosecuted; None when it may."""
    if row["kind"] != "fpn":
        return "Only a Fixed Penalty Notice has an offence to prosecute."
    if row["settled"] and row["standing"] not in register.NOT_STANDING:
        return "It is paid. Payment closes the case: nobody may be convicted of the offence."
    if row["paid_in_doubt"]:
        return "Another notice bears its number, and a payment may be for this one."
    if sentence := _NO_FILE.get(row["standing"]):
        return sentence
    limit = _limit(row)
    if limit and limit < today and not _with_legal_by(row, limit):
        return (
            f"The time limit for a summary offence ended on {words.day(limit)} "
            "(Magistrates’ Courts Act 1980 s127)."
        )
    return None


def _limit(row: Row) -> date | None:
    return register.time_limits(row).get("summary-prosecution")


def _with_legal_by(row: Row, limit: date) -> bool:
    """Proceedings that began in time go on after it."""
    return row["step"] == "prosecution" and date.fromisoformat(row["step_on"]) <= limit


def prosecution_file(db: Database, record: str, moment: datetime) -> tuple[bytes, list[str]]:
    """The file as a tagged PDF, and the SHA-256 of every picture in it. Refused when it may not be
    made; NoPaper when it cannot."""
    today = london(moment).date()
    told, printed = history(db, record), paper.paper(db, record)
    row, pages = register.standing(db, record, today), pages_about(db, record)
    story = Folding(record, pages)
    if told is None or row is None or printed is None or story.first is None:
        raise NotHere("No page about this notice is in the central file.")
    if sentence := refusal(row, today):
        raise Refused(sentence)
    payments = register.payments(db, row["number"])
    items = numbered(db, story, pages)
    store = Store(Path(current_app.config["INSTANCE"]) / "evidence")
    shown = [_shown(store, one) for one in items if one.left_out is None]
    statements = saved(story, pages)
    html = render_template(
        "notices/prosecution.html",
        told=told,
        row=row,
        officer=story.first["officer_name"],
        offence=catalogue.offence_on(row["offence"], printed.issued_on),
        limit=_limit(row),
        today=today,
        payments=[one for one in payments if one["counts"]],
        printed=printed,
        statements=[one for one in statements if one.signed],
        unsigned=_unsigned(db, story, pages, statements),
        declaration=declaration(),
        shown=shown,
        left_out=[one.ref for one in items if one.left_out],
        unused=[*_unused(told, statements), *_elsewhere(db, told, payments, items)],
        before=[*_other_on_paper(story, row), *_before(row, statements, shown, today)],
        moment=moment,
        config=current_app.config,
        title_level=2,
    )
    if not paper.fits(html, AS_NOTICES):
        raise paper.TooLong("This file is too long to be made in one piece. Print its record.")
    pictures = {s.source: store.path(str(s.exhibit.sha256)) for s in shown if s.source}
    data = paper.typeset(html, "statement.css", "prosecution.css", pictures=pictures)
    return data, [path.name for path in pictures.values()]


def _unsigned(
    db: Database, story: Folding, pages: list[Row], statements: list[Saved]
) -> str | None:
    """The draft that stands, if one does: as the officer saved it, or else as the pages have it."""
    if not statements:
        return draft(db, story, pages)
    return None if statements[-1].signed else statements[-1].text


def _shown(store: Store, exhibit: Exhibit) -> Shown:
    if exhibit.sha256 is None:
        return Shown(exhibit, None, None)
    if exhibit.kept is None or not store.has(exhibit.sha256):
        return Shown(exhibit, None, "Not received yet: it is still on the officer’s phone.")
    if not true_to_name(store.path(exhibit.sha256)):
        return Shown(exhibit, None, "The stored file no longer has this SHA-256.")
    return Shown(exhibit, f"evidence:{exhibit.sha256}", None)


def _other_on_paper(story: Folding, row: Row) -> Iterator[str]:
    assert story.first is not None, "a row of notices has a page that issued it"
    if sentence := register.other_on_paper(body_of(story.first["body"]) or {}, row):
        yield sentence


def _before(row: Row, statements: list[Saved], shown: list[Shown], today: date) -> Iterator[str]:
    """What has to be seen to before the file is used."""
    if row["pay_until"] and row["pay_until"] >= today.isoformat():
        yield (
            f"It can still be paid until the end of {words.day(row['pay_until'])}. No proceedings "
            "may be taken before."
        )
    if not row["service"]:
        yield "Nobody has said that the notice was handed over, left or posted."
    limit = _limit(row)
    if limit and limit < today:
        yield (
            f"The time limit ended on {words.day(limit)}: only proceedings that began by then "
            "go on."
        )
    if row["grounds"] and not row["decision"]:
        yield "A representation has not been decided."
    if not statements or not statements[-1].signed:
        yield "The witness statement is a draft: its officer has not signed it."
    for one in shown:
        if one.lacking:
            yield f"Exhibit {one.exhibit.ref}: {one.lacking}"


def _unused(told: History, statements: list[Saved]) -> Iterator[Unused]:
    """The pages about a notice that are no signed statement."""
    used = [page for one in statements if one.signed for page in (one.page, one.signing_page)]
    signed = {page["seal"] for page in used if page}
    for page in told.pages:
        row = page.row
        if row["seal"] in signed:
            continue
        said = page.title + (": it was held" if page.problems else "")
        if row["kind"] == Amendment.kind:
            said += ", so an earlier version differs: " + ", ".join(c.label for c in page.changes)
        yield Unused(f"{said}; by {row['officer_name']}", row["written_at"], _place_of(row))


def _place_of(row: Row) -> str:
    line = "" if row["line"] == "main" else " (fork)"
    return f"Page {row['page']} of notebook {row['notebook'][:8]}{line}"


def _elsewhere(
    db: Database, told: History, payments: list[Row], items: list[Exhibit]
) -> Iterator[Unused]:
    """What is held about a notice outside its own pages, and what is held elsewhere."""
    for one in payments:
        pounds = "an amount" if one["amount"] is None else words.pounds(one["amount"])
        said = f"Payment of {pounds}{'' if one['counts'] else ', which does not count'}"
        yield Unused(said, one["written_at"], _place_of(one | {"line": "main"}))
    yield from _named(db, told)
    yield from _pictures_left_out(db, told, items)


def _named(db: Database, told: History) -> Iterator[Unused]:
    """Records that the notice names, what the phone was told, and the body-worn video."""
    for answer in told.stands:
        named = [answer.value] if answer.how == "shift" else answer.value
        for record in named if answer.how in ("shift", "records") else []:
            first = first_page_about(db, record)
            yield Unused(
                f"{answer.label}: record {record}",
                first["written_at"] if first else None,
                _place_of(first) if first else "Not received",
            )
    row = told.row or {}
    for message in messages_about(db, told.record, row["notebook"]):
        yield Unused(f"Message to the phone: {message['text']}", message["said_at"], "Central file")
    if row["camera"] or row["clip"]:
        named = f"camera {row['camera'] or 'not given'}, clip {row['clip'] or 'not given'}"
        yield Unused(f"Body-worn video: {named}", None, "Not in Fieldbook: ask the camera system")


def _pictures_left_out(db: Database, told: History, items: list[Exhibit]) -> Iterator[Unused]:
    """Pictures that pages list and nobody produces, each under the number it has."""
    for one in items:
        if one.left_out:
            said = f"{one.what} ({one.ref}), which is no exhibit: {one.left_out}"
            yield Unused(f"{said}; SHA-256 {one.sha256}", one.taken_at, _place_of(one.page))
    read = {one.sha256 for one in items}
    for listed in evidence_listed(db, told.record):
        if listed["sha256"] not in read:
            said = f"Picture whose listing cannot be read, SHA-256 {listed['sha256']}"
            yield Unused(said, None, _place_of(listed | {"line": "main"}))


# What the central file is asked


def first_page_about(db: Database, record: str) -> Row | None:
    """Where the record begins, and when it was written; None while no page is about it."""
    return one_row(
        db,
        "SELECT page, notebook, line, written_at FROM pages WHERE record = ? "
        "ORDER BY ordered_at LIMIT 1",
        [record],
    )


def messages_about(db: Database, record: str, notebook: str) -> list[Row]:
    """What a phone was told about a record."""
    return all_rows(
        db,
        "SELECT said_at, text FROM inbox WHERE notebook = ? AND about = ? ORDER BY id",
        [notebook, record],
    )


def evidence_listed(db: Database, record: str) -> list[Row]:
    """Every picture that a page about the record lists, whether the listing can be read or not."""
    return all_rows(db, "SELECT * FROM evidence_listed WHERE record = ? ORDER BY page", [record])


# At the desk


@blueprint.get(f'/<regex("{UUID_PATTERN}"):record>/prosecution.pdf')
@at_the_desk
def file_pdf(record: str) -> Response:
    db = get_db()
    try:
        data, pictures = prosecution_file(db, record, now())
    except NotHere as error:
        abort(404, str(error))
    except Refused as error:
        abort(409, str(error))
    except paper.NoPaper as error:
        abort(error.code, str(error))
    log_views(db, current_user.id, pictures, now())
    return paper.answer(db, data, record, "prosecution")


@blueprint.app_template_global()
def why_no_prosecution(record: str) -> str | None:
    """As `refusal`, today."""
    today = london(now()).date()
    row = register.standing(get_db(), record, today)
    return refusal(row, today) if row else None
