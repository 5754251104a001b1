"""Witness statements: drafted from the pages of a notice, edited by its officer, signed, then locked.

Criminal Justice Act 1967 s9; Criminal Procedure Rules 16.2. A draft says only what pages say. Officers
write here at a computer, in their own notebook at the desk; nobody writes another's statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user, login_required
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import authorisations, catalogue, numbers, words
from field_app.auth import kept_nowhere
from field_app.database import all_rows, get_db, one_row, writing
from field_app.exhibits import exhibits
from field_app.fields import UUID_PATTERN, Requirements, clean, not_given
from field_app.fold import Folding, merge_patch, pages_about
from field_app.notebook import NotWritten, sent_twice, write_at_desk, written_about
from field_app.records import KINDS, Amendment, Problem, body_of
from field_app.records.notice import Served
from field_app.records.statement import Statement, StatementSigned
from field_app.times import london, moment_text, now

Row = dict[str, Any]
LISTED = 100

blueprint = Blueprint("statements", __name__, url_prefix="/statements")
blueprint.after_request(kept_nowhere)


@dataclass(frozen=True)
class Saved:
    """A statement as one page has it, and the page's body that signed it, if any did."""

    page: Row
    text: str
    signed: Row | None
    signing_page: Row | None


def saved(story: Folding, pages: list[Row]) -> list[Saved]:
    """Every saved statement of a notice, in the order in which they were written."""
    standing = story.standing_pages(pages)
    signings = [page for page in standing if page["kind"] == StatementSigned.kind]
    bodies = [(page, body_of(page["body"]) or {}) for page in signings]
    by_seal = {body.get("signed_page"): (page, body) for page, body in bodies}
    found = []
    for page in standing:
        if page["kind"] == Statement.kind:
            signing, signed = by_seal.get(page["seal"], (None, None))
            text = clean(str((body_of(page["body"]) or {}).get("statement")))
            found.append(Saved(page, text, signed, signing))
    return found


def declaration() -> str:
    """The words of Criminal Justice Act 1967 s9."""
    return next(one.text for one in catalogue.wordings() if one.code == "s9-declaration")


def draft(db: Database, story: Folding, pages: list[Row]) -> str:
    """A statement in the first person that says what the pages of a notice say, and nothing else."""
    return "\n\n".join(_Witness(db, story, pages).paragraphs())


_BASES = {
    "found": "On {when_where}, I found the person doing what I describe here.",
    "cctv": "This happened on {when_where}. I know it from CCTV.",
    "reported": "This happened on {when_where}. Somebody reported it to me.",
    "later-evidence": "This happened on {when_where}. I know it from evidence found later.",
}
_IDENTITY = {
    "document": "I saw a document with the name and the address.",
    "known": "The person was known to me.",
    "police": "Police confirmed the name and the address.",
    "register": "A register confirmed the name and the address.",
    "believed": "I had the name and the address from what was said to me, and I believed it.",
    "not-believed": "I had the name and the address from what was said to me, and did not believe it.",
}
_AGE = {
    "document": "I saw a document that showed it.",
    "plain": "The person was plainly an adult.",
    "said": "I had it from what was said to me.",
    "parent-school": "A parent, guardian or school told me.",
    "not-checked": "I could not check it.",
}
_CAUTION = {
    "given": "I cautioned the person{when} in these words: “{caution}” I asked no questions.",
    "questioned": "I cautioned the person{when} in these words: “{caution}” I then asked questions.",
    "not-given": "I gave no caution.",
}
_SERVICE = {
    "by-hand": "I handed it over on {when}.",
    "left": "I left it at the address on {when}.",
    "post": "I sent it by post on {when}.",
}


class _Witness:
    """What the officer of a notice can say from their own pages: the first, what they amended, and how
    they served it. What the desk wrote later, such as a variation, somebody else has to say."""

    def __init__(self, db: Database, story: Folding, pages: list[Row]) -> None:
        assert story.first is not None
        assert story.kind is not None
        self.db, self.story, self.pages = db, story, pages
        self.first, self.kind = story.first, story.kind
        self.wrote = body_of(story.first["body"]) or {}
        self.body, self.servings = self.wrote, list[Row]()
        for page in story.standing_pages(pages):
            self.hear(page)

    def hear(self, page: Row) -> None:
        """Take one page in, if it is the officer's own."""
        body = body_of(page["body"]) or {}
        if page["kind"] == Amendment.kind:
            changes = body.get("changes") or {}
            self.body = merge_patch(self.body, changes)
            if self.read("entered_by"):  # what was typed off the paper was put right
                self.wrote = self.body
            served = {name: changes[name] for name in Served.columns() if name in changes}
            if served:
                self.servings[-1:] = [merge_patch((self.servings or [{}])[-1], served)]
        elif page["kind"] == Served.kind and page["officer"] == self.first["officer"]:
            self.servings.append(body)

    def paragraphs(self) -> Iterator[str]:
        parts = (
            self.who,
            self.when_and_where,
            self.seen,
            self.points,
            self.conduct,
            self.caution,
            self.identity,
            self.notice,
            self.evidence,
            self.record,
        )
        for part in parts:
            if said := " ".join(filter(None, part())):
                yield said

    def read(self, name: str) -> Any:
        """An answer as its field reads it; None where there is none, or it cannot be read."""
        return self.read_in(self.body, name)

    def read_in(self, body: Row, name: str) -> Any:
        field, value = self.kind.columns().get(name), body.get(name)
        if field is None or not_given(value):
            return None
        try:
            read = field.read(value)
        except (ValueError, TypeError):
            return None
        return clean(read) if isinstance(read, str) else read

    def quoted(self, said: str, name: str) -> Iterator[str]:
        """What the officer wrote, word for word; and what they had written before they amended it."""
        now, before = self.read(name), self.read_in(self.wrote, name)
        if now is None:
            return
        yield f"{said}: “{now}”"
        if before is None:
            yield "I added that when I amended my record."
        elif before != now:
            yield f"I wrote that when I amended my record; at first I wrote: “{before}”"

    @property
    def day(self) -> date:
        """London's day of issue: the law, and what was said, are that day's."""
        return london(self.read("issued_at") or self.first["written_at"]).date()

    def where(self) -> str:
        ward = self.read("ward")
        named = [self.read("place_name"), self.read("address")]
        return ", ".join(filter(None, [*named, ward and catalogue.label("wards", ward)]))

    def who(self) -> Iterator[str]:
        name, council = self.first["officer_name"], current_app.config["COUNCIL"]
        yield f"I am {name}, a Community Safety Enforcement Officer of {council}."
        row = self.story.folded.row
        paper = authorisations.covering(self.db, row) if row else None
        if paper:
            yield f"I am authorised in writing by the council (document {paper['document']})."

    def when_and_where(self) -> Iterator[str]:
        when, where = self.read("occurred_at"), self.where()
        basis = _BASES.get(self.read("basis") or "")
        if when and basis:
            said = [words.moment_in_words(when), where and f"at {where}"]
            yield basis.format(when_where=", ".join(filter(None, said)))
        elif where and not self.read("offence"):
            yield f"This statement is about {where}."
        if self.read("second_officer"):
            yield f"The second officer was {self.read('second_officer')}."

    def seen(self) -> Iterator[str]:
        offence = self.offence()
        if offence:
            yield f"The offence is: {offence.label} ({offence.created_by})."
        yield from self.quoted("In my record of it I wrote", "particulars")
        yield from self.quoted("About my request I wrote", "request_refused")
        if self.read("breached"):
            number, requirement = numbers.shown(self.read("breached")), self.read("requirement")
            yield f"The notice breached is {': '.join(filter(None, [number, requirement]))}."

    def offence(self) -> Any:
        return catalogue.offence_on(self.read("offence") or "", self.day)

    def points(self) -> Iterator[str]:
        offence, answers = self.offence(), self.read("points") or {}
        first = self.read_in(self.wrote, "points") or {}
        answered = [
            f"\n– {point.label} {_amended(answers[point.code], first.get(point.code))}"
            for point in (offence.points if offence else ())
            if not not_given(answers.get(point.code))
        ]
        if answered:
            yield f"On the points to prove I wrote:{''.join(answered)}"

    def conduct(self) -> Iterator[str]:
        for name, said in (
            ("conduct", "I recorded this conduct"),
            ("since", "Since when and how often"),
            ("effect", "Its effect on others"),
            ("unreasonable", "Why it was unreasonable"),
            ("informed", "Whom I informed before the notice"),
        ):
            yield from self.quoted(said, name)
        for one in self.read("requirements") or []:
            yield f"\n– I required: {Requirements.KINDS[one['kind']]}: {clean(one['what'])}"

    def caution(self) -> Iterator[str]:
        said = _CAUTION.get(self.read("caution") or "")
        if said:
            at = self.read("caution_at")
            when = f" at {words.clock(at)}" if at else ""
            caution = catalogue.wording_on(self.day)["caution"]
            yield said.format(when=when, caution=caution)
        yield from self.quoted("The reply was, word for word", "reply")
        if said and not (self.read("reply") or self.wrote.get("reply")):
            yield "I recorded no reply."
        if self.read("offered_to_read"):
            yield "I offered my record to be read and signed."

    def identity(self) -> Iterator[str]:
        body = self.read("recipient") == "body"
        name, address = self.read("recipient_name"), self.read("recipient_address")
        if name:
            of = f" of {address}" if address else ""
            yield f"The notice is for {'a body, ' if body else ''}{name}{of}."
        if self.read("company_number"):
            yield f"Its company number is {self.read('company_number')}."
        if self.read("spoke_for"):
            yield f"{self.read('spoke_for')} spoke for it."
        yield _IDENTITY.get(self.read("identity") or "", "")
        if self.read("born"):
            yield f"I recorded the date of birth {words.shortest_day(self.read('born'))}."
        if self.read("age"):
            yield f"I recorded the age: {catalogue.label('ages', self.read('age')).lower()}."
            yield _AGE.get(self.read("age_checked") or "", "")

    def notice(self) -> Iterator[str]:
        number, at = self.read("number"), self.read("issued_at")
        if number and at:
            yield (
                f"On {words.moment_in_words(at)} I issued {KINDS[self.first['kind']].title} "
                f"{numbers.shown(number)}."
            )
        for served in self.servings:
            said, at = _SERVICE.get(str(served.get("service"))), served.get("served_at")
            if said and at:
                yield said.format(when=words.moment_in_words(at))
                if note := served.get("service_note"):
                    yield f"About that I wrote: “{clean(str(note))}”"

    def evidence(self) -> Iterator[str]:
        notice, *pictures = exhibits(self.db, self.story, self.pages)
        yield f"I produce a copy of the notice as exhibit {notice.ref}."
        for one in pictures:
            yield (
                f"I produce as exhibit {one.ref}: {one.what[0].lower()}{one.what[1:]} "
                f"(the SHA-256 of the file begins {(one.sha256 or '')[:12]})."
            )
        if self.read("camera"):
            yield f"I recorded the number of my body-worn camera as {self.read('camera')}."
        if self.read("clip"):
            yield f"I recorded the reference of its clip as {self.read('clip')}."

    def record(self) -> Iterator[str]:
        first, by = self.first, self.read("entered_by")
        written = words.moment_in_words(first["written_at"])
        if by:
            entered = officer_name(self.db, by) or by
            yield f"I wrote it on paper. {entered} entered it on {written}."
        else:
            yield (
                f"I made my record on {written}, on page {first['page']} of my notebook. "
                f"It was received on {words.moment_in_words(first['received_at'])}."
            )
        if wrong := words.clock_trouble(first["clock_offset_s"]):
            yield f"My phone’s clock was {wrong}; the times here are those it showed."
        for page in self.story.standing_pages(self.pages):
            if page["kind"] == Amendment.kind:
                reason = clean(str((body_of(page["body"]) or {}).get("reason")))
                when = words.moment_in_words(page["written_at"])
                done = "What was typed from it was amended" if by else "I amended the record"
                yield f"{done} on {when}: “{reason}”"


def _amended(now: str, before: str | None) -> str:
    at_first = f"at first “{clean(before)}”" if before else "added later"
    return clean(now) if now == before else f"{clean(now)} (amended; {at_first})"


# What the central file is asked


def officer_name(db: Database, officer: str) -> str | None:
    row = one_row(db, "SELECT name FROM officers WHERE id = ?", [officer])
    return row["name"] if row else None


def latest_notices(db: Database, officer: str, limit: int) -> list[Row]:
    """An officer's notices, the last first, each with the last page of its statement as `last_page`."""
    return all_rows(
        db,
        """
        SELECT record, kind, number, issued_at, written_at, state,
          (SELECT kind FROM pages WHERE pages.record = notices.record
             AND kind IN ('statement', 'statement-signed')
           ORDER BY ordered_at DESC, page DESC LIMIT 1) AS last_page
        FROM notices WHERE officer = ? ORDER BY issued_at DESC, record LIMIT ?
        """,
        [officer, limit],
    )


# At the computer


@dataclass(frozen=True)
class _Own:
    """One of the officer's own notices."""

    record: str
    story: Folding
    pages: list[Row]

    @property
    def saved(self) -> list[Saved]:
        return saved(self.story, self.pages)

    @property
    def last(self) -> Saved | None:
        return self.saved[-1] if self.saved else None

    @property
    def seen(self) -> str:
        """The seal of what stands now: what somebody edits or signs has to be that still."""
        last = self.last
        return "" if last is None else str((last.signing_page or last.page)["seal"])


def _own(db: Database, record: str) -> _Own:
    """404 when it is no notice, 403 when it is another officer's."""
    pages = pages_about(db, record)
    story = Folding(record, pages)
    if story.first is None or story.first["kind"] not in numbers.LETTERS:
        abort(404, "No page about this notice is in the central file.")
    if story.first["officer"] != current_user.id:
        abort(403)
    return _Own(record, story, pages)


@blueprint.get("")
@login_required
def own() -> str:
    """The officer's own notices, the last first, and how far each one's statement is."""
    rows = latest_notices(get_db(), current_user.id, LISTED)
    return render_template("desk/statements.html", rows=rows, most=LISTED)


_ONE = f'/<regex("{UUID_PATTERN}"):record>'


@blueprint.route(_ONE, methods=["GET", "POST"])
@login_required
def edit(record: str) -> Response | str | tuple[str, int]:
    """Read it when it is signed; otherwise edit it. `?further=1` begins one after a signed one."""
    db = get_db()
    one = _own(db, record)
    if request.method == "POST":
        return _save(db, record)
    last = one.last
    if last and last.signed and "further" not in request.args:
        return render_template("desk/statement_signed.html", one=one, last=last)
    text = draft(db, one.story, one.pages) if last is None else "" if last.signed else last.text
    return _editing(one, text, [])


def _editing(one: _Own, text: str, problems: list[Problem]) -> str:
    return render_template("desk/statement.html", one=one, text=text, problems=problems)


def _save(db: Database, record: str) -> Response | tuple[str, int]:
    text = request.form.get("statement", "").replace("\r\n", "\n")
    try:
        with writing(db):
            one, body = _own(db, record), {"statement": text}
            if not _sent_twice(db, record, body):
                _still(one, "statement")
                if one.last is None or one.last.signed or one.last.text != text:
                    write_at_desk(db, current_user.id, Statement.kind, record, body, now())
    except NotWritten as error:
        return _editing(_own(db, record), text, error.problems), 400
    return redirect(url_for("statements.sign", record=record), 303)


def _sent_twice(db: Database, record: str, body: dict[str, str]) -> bool:
    last, seen = written_about(db, record)[-1], request.form.get("seen", "")
    return sent_twice(last, current_user.id, Statement.kind, body, seen)


def _still(one: _Own, field: str) -> None:
    """NotWritten when what the person saw is not what stands now."""
    if request.form.get("seen", "") != one.seen:
        signed = one.last is not None and one.last.signed
        said = (
            "It is signed, so its text stays as it is. Write a further statement instead."
            if signed
            else "It was saved elsewhere meanwhile. Read what stands now, then try again."
        )
        raise NotWritten([Problem(field, said, "seen")])


@blueprint.route(f"{_ONE}/sign", methods=["GET", "POST"])
@login_required
def sign(record: str) -> Response | str | tuple[str, int]:
    """Read the whole statement once more, with its declaration, and sign it."""
    db = get_db()
    one = _own(db, record)
    if one.last is None or one.last.signed:
        return redirect(url_for("statements.edit", record=record))
    if request.method == "POST":
        return _sign(db, record)
    return _signing(one, [])


def _signing(one: _Own, problems: list[Problem]) -> str:
    return render_template(
        "desk/statement_sign.html", one=one, problems=problems, declaration=declaration()
    )


def _sign(db: Database, record: str) -> Response | tuple[str, int]:
    moment, typed = now(), " ".join(request.form.get("signed_name", "").split())
    try:
        with writing(db):
            one = _own(db, record)
            _still(one, "signed_name")
            assert one.last is not None
            if typed and typed.casefold() != current_user.name.casefold():
                said = f"Type your name as Fieldbook knows it: {current_user.name}"
                raise NotWritten([Problem("signed_name", said, "name")])
            body = {
                "signed_page": one.last.page["seal"],
                "declaration": declaration(),
                "signed_name": typed and current_user.name,
                "signed_at": moment_text(moment),
            }
            write_at_desk(db, current_user.id, StatementSigned.kind, record, body, moment)
    except NotWritten as error:
        return _signing(_own(db, record), error.problems), 400
    return redirect(url_for("statements.edit", record=record), 303)
