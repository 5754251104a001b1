"""What goes out by post about a notice: the notice itself, a notice of variation, a reminder, the answer to
a representation.

A letter is a PDF to print, or is posted by GOV.UK Notify where the council has set that up. Only post: a
Community Protection Notice is served by hand, left, or posted (ASBCPA 2014 s55). A letter counts as
posted when Notify has taken it, or when a person says that they posted it; never before.

The address stands where Notify's letters and window envelopes have theirs (its letter specification).
"""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from notifications_python_client.errors import APIError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import notices as register
from field_app import paper, words
from field_app.auth import at_the_desk, kept_nowhere
from field_app.copies import copies_to_send
from field_app.database import get_db, writing
from field_app.desk_forms import body_of as typed_body
from field_app.desk_forms import say_done
from field_app.fields import UUID_PATTERN, clean
from field_app.fold import Folding, pages_about
from field_app.notebook import NotWritten, sent_twice, write_at_desk, written_about
from field_app.records import KINDS, Problem, body_of
from field_app.records.case import (
    CaseStep,
    CopySent,
    DecisionSent,
    LetterPosted,
    VariationServed,
)
from field_app.records.notice import Served
from field_app.representations import answered
from field_app.times import LONDON, is_moment, london, moment_text, now, read_moment

Row = dict[str, Any]

NOTIFY_SECONDS = 20
MOST_LINES = 7
"""Of an address, as Notify prints it; the least is three, and the last is the postcode."""
WIDEST = 27.5
"""Of a line of an address in the window, in widths of the letter m: about 45 letters."""
_POSTCODE = re.compile(r"[\s,]*\b([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})\s*$", re.IGNORECASE)
_FAILED = (
    "cancelled",
    "permanent-failure",
    "technical-failure",
    "validation-failed",
    "virus-scan-failed",
)
"""How Notify says that a letter it took will never be posted."""

blueprint = Blueprint("letters", __name__, url_prefix="/desk/notices")
blueprint.after_request(kept_nowhere)


NO_LETTER = "There is no such letter about this notice."
MEANWHILE = "Somebody wrote about this notice meanwhile. Read what stands now, then try again."


class NotPosted(Exception):
    """Nothing was posted, and nothing is marked as posted; the sentence says why."""


@dataclass(frozen=True)
class Letter:
    """A letter about one notice: whether it may go out now, and when it went."""

    code: str
    title: str
    why_not: str | None
    posted: list[Row]
    """The pages that say that it was posted."""


def letters(db: Database, row: Row, today: date) -> list[Letter]:
    """The letters that a notice, by its row with its money, may need, in the order in which they go."""
    pages = pages_about(db, row["record"])
    pages = Folding(row["record"], pages).standing_pages(pages)

    def letter(code: str, title: str, why_not: str | None) -> Letter:
        return Letter(code, title, why_not, _posted(pages, code))

    found = [letter("notice", KINDS[row["kind"]].title, _not_standing(row))]
    if row["variation_reason"]:
        found.append(letter("variation", "Notice of variation", _not_standing(row)))
    if row["kind"] == "fpn":
        why_not = _not_standing(row) or _no_reminder(row, today)
        found.append(letter("reminder", "Reminder", why_not))
    if row["decision"]:
        found.append(letter("decision", "Answer to a representation", _no_answer(row)))
    return found


_ENDED = {
    "withdrawn": "It is withdrawn.",
    "void": "It is void.",
    "held": "It is held.",
    "discharged": "It is discharged.",
    "ended": "It has ended.",
}


def _not_standing(row: Row) -> str | None:
    return _ENDED.get(row["standing"]) or ("It is held." if row["state"] == "held" else None)


def _no_reminder(row: Row, today: date) -> str | None:
    if row["settled"]:
        return "It is paid."
    if row["pay_until"] >= today.isoformat():
        return "The time to pay has not ended."
    if not row["service"]:
        return "Nobody has said how it was served: nobody is reminded of what they were not given."
    if row["standing"] not in ("payment ended", "reminder"):
        return "Its case has gone another way: see where it stands."
    return None


def _no_answer(row: Row) -> str | None:
    """An answer that agrees says that the notice is withdrawn, which two people decide; one that does
    not asks for money."""
    if row["decision"] == "upheld":
        agreed = row["withdrawal_answer"] == "agree"
        return (
            None
            if agreed
            else "It says that the notice is withdrawn: a second person first agrees."
        )
    if row["settled"]:
        return _not_standing(row) or "It is paid."
    if row["standing"] == "withdrawal asked":
        return "Somebody asked to withdraw it; a second person has to answer first."
    return "It is written off." if row["standing"] == "written off" else _not_standing(row)


_FIRST: dict[str, tuple[str, tuple[str, str] | None]] = {
    "notice": (Served.kind, ("service", "post")),
    "variation": (VariationServed.kind, ("variation_service", "post")),
    "reminder": (CaseStep.kind, ("step", "reminder")),
    "decision": (DecisionSent.kind, None),
}
"""The kind of page that says of each letter that it went out the first time, and what it says of it."""


def _posted(pages: list[Row], code: str) -> list[Row]:
    kind, said = _FIRST[code]
    says = {kind: said, LetterPosted.kind: ("letter", code)}
    of_kind = [(page, says[page["kind"]]) for page in pages if page["kind"] in says]
    return [
        one for one, said in of_kind if not said or said in (body_of(one["body"]) or {}).items()
    ]


def address_lines(row: Row) -> list[str]:
    """Name and address as they stand in an envelope's window; a postcode on a line of its own."""
    address = clean(row["recipient_address"] or "")
    found = _POSTCODE.search(address)
    street = address[: found.start()] if found else address
    lines = [row["recipient_name"] or "", *re.split(r"[,\n]", street)]
    if found:
        lines.append(f"{found[1]} {found[2]}".upper())
    return [part for line in lines if line.strip() for part in _broken(line.strip())]


def _broken(line: str) -> Iterator[str]:
    """A line in as many as the window is wide enough for, broken between words where it can be."""
    while _width(line) > WIDEST:
        fits = next(n for n in range(len(line), 0, -1) if _width(line[:n]) <= WIDEST)
        at = line.rfind(" ", 1, fits + 1)
        yield line[: at if at > 0 else fits].strip()
        line = line[at if at > 0 else fits :].strip()
    yield line


def _width(line: str) -> float:
    """How wide a line is printed at the most, in widths of the letter m."""
    return sum(map(_width_of, line))


def _width_of(letter: str) -> float:
    if letter == " ":
        return 0.3
    if letter in "MWmw@%" or not letter.isascii():
        return 1
    return 0.75 if letter.isupper() else 0.62


def letter_pdf(db: Database, row: Row, code: str, moment: datetime) -> bytes:
    """A letter as a tagged PDF. NoPaper, or TooLong, when that cannot be made."""
    printed = paper.paper(db, row["record"])
    assert printed is not None, "a row of notices has a page that issued it"
    html = render_template(
        "notices/letter.html",
        code=code,
        row=row,
        lines=address_lines(row),
        today=london(moment).date(),
        title=KINDS[row["kind"]].title,
        printed=printed,
        other_on_paper=register.other_on_paper(_first_body(db, row["record"]), row),
        requirements=paper.requirements_in_words(json.loads(row["requirements"] or "[]")),
        received=[one["represented_on"] for one in answered(db, row["record"])],
        config=current_app.config,
        title_level=1,
    )
    if not paper.fits(html):
        raise paper.TooLong("This letter is too long to be printed.")
    return paper.typeset(html, "letter.css")


def _first_body(db: Database, record: str) -> Row:
    first = Folding(record, pages_about(db, record)).first
    return (body_of(first["body"]) if first else None) or {}


# Posting


def notify() -> NotificationsAPIClient | None:
    """The council's account at GOV.UK Notify; None while none is set up."""
    key, address = current_app.config["NOTIFY_API_KEY"], current_app.config["NOTIFY_ADDRESS"]
    if not key:
        return None
    return NotificationsAPIClient(key, base_url=address, timeout=NOTIFY_SECONDS)


def post_by_notify(
    db: Database, record: str, code: str, times: int, person: str, moment: datetime
) -> None:
    """Have Notify post a letter that was posted so many `times` before, and write down that it has it.

    However often it is asked for, Notify gets it once: it is looked for under its reference first, so
    that an answer that was lost is found again. NotPosted when Notify has not taken it.

    It answers after seconds, in which the case may have moved on: what it took is then written down as a
    letter that changes nothing else.
    """
    client = notify()
    if client is None:
        raise NotPosted("GOV.UK Notify is not set up.")
    with _one_letter_at_a_time():
        row, letter = _as_it_stands(db, record, code, moment)
        if letter and len(letter.posted) > times:
            return
        if why_not := letter.why_not if letter else NO_LETTER:
            raise NotPosted(why_not)
        if trouble := _unfit_address(address_lines(row)):
            raise NotPosted(trouble)
        reference = f"{record}-{code}-{times + 1}"
        letter_id = _taken_by_notify(client, reference, letter_pdf(db, row, code, moment))
        proof = f"Taken for posting by GOV.UK Notify as letter {letter_id}, reference {reference}."
        then = now()
        say_posted(db, record, Posting(code, times, then, proof), person, then, gone=True)


def _as_it_stands(
    db: Database, record: str, code: str, moment: datetime
) -> tuple[Row, Letter | None]:
    """A notice's row, and one of its letters; None when there is no such letter."""
    today = london(moment).date()
    row = register.standing(db, record, today)
    assert row is not None, "a notice that has been received stays"
    return row, next((one for one in letters(db, row, today) if one.code == code), None)


def _unfit_address(lines: list[str]) -> str | None:
    if not _POSTCODE.fullmatch(lines[-1] if lines else ""):
        return "The address has no postcode. Have its officer amend it, or print the letter."
    if len(lines) < 3:
        return (
            f"With the name, the address has {len(lines)} lines; GOV.UK Notify takes 3 at least. "
            "Have its officer amend it, or print the letter."
        )
    return _too_long(lines)


def _too_long(lines: list[str]) -> str | None:
    """Why an address does not stand in the window whole: its end, the postcode, would be cut off."""
    if len(lines) <= MOST_LINES:
        return None
    return (
        f"With the name, the address has {len(lines)} lines; an envelope’s window shows {MOST_LINES}. "
        "Have its officer amend it: put what belongs together on one line."
    )


def _taken_by_notify(client: NotificationsAPIClient, reference: str, data: bytes) -> str:
    """Notify's id of a letter that it has now, or had already."""
    try:
        known = client.get_all_notifications(template_type="letter", reference=reference)
        for one in known["notifications"]:
            if one["status"] not in _FAILED:
                return str(one["id"])
        return str(client.send_precompiled_letter_notification(reference, BytesIO(data))["id"])
    except (InvalidResponse, KeyError, TypeError):
        said = "GOV.UK Notify answered something else."
    except APIError as error:
        if error.response is None:
            said = "GOV.UK Notify cannot be reached."
        else:
            said = f"GOV.UK Notify refused it: {error.status_code}, {_message(error)}."
    raise NotPosted(
        f"{said} Nothing is marked as posted. Try again later (a letter that Notify has already is not "
        "posted twice), or print the letter."
    )


def _message(error: APIError) -> str:
    if isinstance(error.message, list):
        return "; ".join(str(one.get("message")) for one in error.message)
    return str(error.message)


@contextmanager
def _one_letter_at_a_time() -> Iterator[None]:
    """Two presses of one button are two requests, perhaps in two worker processes."""
    with (Path(current_app.config["INSTANCE"]) / "letters.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Posting:
    """That a letter went out which had been posted so many `times` before: when, and how that is known."""

    code: str
    times: int
    at: datetime
    proof: str

    @property
    def day(self) -> str:
        return london(self.at).date().isoformat()


def say_posted(
    db: Database,
    record: str,
    posting: Posting,
    person: str,
    moment: datetime,
    *,
    gone: bool = False,
) -> None:
    """Write down that a letter was posted; said twice, it is written once. NotWritten when it may not go
    out, or breaks a rule. What is `gone` already is written down all the same."""
    with writing(db):
        row, letter = _as_it_stands(db, record, posting.code, moment)
        if letter and len(letter.posted) > posting.times:
            return
        if problems := [] if gone else list(_untrue(row, letter, posting)):
            raise NotWritten(problems)
        write_at_desk(db, person, *_page_about(row, letter, posting), moment)


def _untrue(row: Row, letter: Letter | None, posting: Posting) -> Iterator[Problem]:
    """Why a letter cannot have been posted then."""
    if why_not := letter.why_not if letter else NO_LETTER:
        yield Problem("", why_not, "state")
        return
    code, day = posting.code, posting.day
    issued = london(row["issued_at"] or row["written_at"]).date().isoformat()
    said = None
    if day < issued:
        said = f"The notice was issued on {words.day(issued)}, after that"
    elif code == "reminder" and day <= row["pay_until"]:
        until = words.day(row["pay_until"])
        said = f"The time to pay ran until {until}: a reminder goes out after it"
    elif code == "decision" and day < row["represented_on"]:
        said = f"The representation came on {words.day(row['represented_on'])}, after that"
    if said:
        yield Problem("", said, "before")


def _page_about(
    row: Row, letter: Letter | None, posting: Posting
) -> tuple[str, str, dict[str, str]]:
    """The kind, the record and the body of the page about a posting. What the case says is said once: a
    copy changes nothing of how a notice was served, and no letter moves a case back."""
    code, day, proof = posting.code, posting.day, posting.proof
    may = letter is not None and letter.why_not is None
    at = posting.at
    if row["issued_at"] and day == london(row["issued_at"]).date().isoformat():
        at = max(at, read_moment(row["issued_at"]))
    if code == "notice" and not row["service"]:
        kind = Served.kind
        body = {"service": "post", "served_at": moment_text(at), "service_note": proof}
    elif code == "variation" and not row["variation_service"]:
        kind = VariationServed.kind
        body = {
            "variation_service": "post",
            "variation_served_at": moment_text(at),
            "variation_service_note": proof,
        }
    elif code == "reminder" and may and row["standing"] == "payment ended":
        kind, body = CaseStep.kind, {"step": "reminder", "step_on": day, "step_reason": proof}
    elif code == "decision" and may and not row["decision_sent_on"]:
        kind, body = DecisionSent.kind, {"decision_sent_on": day, "decision_proof": proof}
    else:
        kind = LetterPosted.kind
        body = {"letter": code, "letter_posted_on": day, "letter_proof": proof}
    return kind, row["record"], body


# At the desk

_ONE = f'/<regex("{UUID_PATTERN}"):record>'
_LETTER = f'{_ONE}/letters/<regex("notice|variation|reminder|decision"):code>'


def _row(record: str) -> Row:
    row = register.standing(get_db(), record, london(now()).date())
    if row is None:
        abort(404, "No page about this notice is in the central file.")
    return row


def _letter(row: Row, code: str) -> Letter:
    """404 when there is no such letter, 409 when it may not go out."""
    several = letters(get_db(), row, london(now()).date())
    letter = next((one for one in several if one.code == code), None)
    if letter is None:
        abort(404, NO_LETTER)
    if letter.why_not:
        abort(409, letter.why_not)
    return letter


@blueprint.get(f"{_ONE}/letters")
@at_the_desk
def overview(record: str) -> str:
    return _page(_row(record), [])


def _page(row: Row, problems: list[Problem]) -> str:
    today = london(now()).date()
    return render_template(
        "desk/letters.html",
        row=row,
        title=KINDS[row["kind"]].title,
        letters=letters(get_db(), row, today),
        lines=(lines := address_lines(row)),
        unfit=_unfit_address(lines),
        can_notify=bool(current_app.config["NOTIFY_API_KEY"]),
        today=today,
        problems=problems,
    )


@blueprint.get(f"{_LETTER}.pdf")
@at_the_desk
def pdf(record: str, code: str) -> Response:
    row = _row(record)
    _letter(row, code)
    if sentence := _too_long(address_lines(row)):
        abort(409, sentence)
    try:
        data = letter_pdf(get_db(), row, code, now())
    except paper.NoPaper as error:
        abort(error.code, str(error))
    return paper.answer(get_db(), data, record, code)


@blueprint.post(_LETTER)
@at_the_desk
def post(record: str, code: str) -> Response | tuple[str, int]:
    """Have Notify post it; or, with a day in `posted_on`, say that somebody posted it by hand."""
    row, db, moment = _row(record), get_db(), now()
    times = request.form.get("times", len(_letter(row, code).posted), type=int)
    try:
        if "posted_on" in request.form:
            posted = _moment_of(request.form["posted_on"], moment)
            proof = f"Printed, and posted by {current_user.name}."
            posting = Posting(code, times, posted, proof)
            say_posted(db, record, posting, current_user.id, moment)
        else:
            post_by_notify(db, record, code, times, current_user.id, moment)
    except (NotPosted, paper.NoPaper) as error:
        return _page(row, [Problem(f"post-{code}", str(error), "not-posted")]), 409
    except NotWritten as error:
        return _page(row, [Problem(f"day-{code}", p.message, p.rule) for p in error.problems]), 400
    say_done("It is on file that it was posted.")
    return redirect(url_for("letters.overview", record=record), 303)


def _moment_of(day: str, moment: datetime) -> datetime:
    """Noon of the day on which something was posted, or now when that is today's."""
    if not is_moment(f"{day}T00:00:00Z"):
        problem = Problem("posted_on", "Enter the day on which you posted it", "type")
        raise NotWritten([problem])
    posted = date.fromisoformat(day)
    if posted == london(moment).date():
        return moment
    return datetime.combine(posted, time(12), LONDON)


@blueprint.post(f"{_ONE}/copies")
@at_the_desk
def copies(record: str) -> Response | tuple[str, int]:
    """Somebody says that a copy was sent."""
    row, db = _row(record), get_db()
    if row["offence"] != "household-waste":
        abort(409, "No copy of this notice has to be sent.")
    try:
        with writing(db):
            body = typed_body(request.form, CopySent.fields())
            last, seen = written_about(db, record)[-1], request.form.get("seen")
            if not sent_twice(last, current_user.id, CopySent.kind, body, seen):
                if seen != last["seal"]:
                    raise NotWritten([Problem("", MEANWHILE, "seen")])
                write_at_desk(db, current_user.id, CopySent.kind, record, body, now())
    except NotWritten as error:
        html = render_template(
            "desk/letters_copies.html",
            row=row,
            problems=error.problems,
            today=london(now()).date(),
        )
        return html, 400
    say_done("It is on file that the copy was sent.")
    return redirect(url_for("desk.record", record=record), 303)


@blueprint.record_once
def _for_templates(state: Any) -> None:
    state.app.jinja_env.globals |= {
        "copies_to_send": copies_to_send,
        "last_seal": lambda record: written_about(get_db(), record)[-1]["seal"],
        "london_today": lambda: london(now()).date(),
    }
