"""The notice on paper as a PDF: as it was handed over, for post, and in large print.

The layout is the phone's, templates/notices/paper.html, and what stands in its slots is what
static/phone/paper.js puts there. Later pages change none of it: it only says that there are some. The words
of the law are those of the day of the notice; the council's settings are kept for no day but today, so
a paper that is made on a later day says so.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import segno
from flask import current_app, make_response, render_template
from markupsafe import Markup
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import catalogue, numbers, words
from field_app.catalogue import Entry, Family, Offence
from field_app.database import one_row
from field_app.fields import Requirements, clean, not_given
from field_app.fold import Folding, pages_about
from field_app.records import KINDS, Amendment, body_of
from field_app.records.case import Discharge, Variation, WithdrawalAnswer
from field_app.times import is_moment, london

LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
"""What sets the letters, each with the Debian package that brings it."""

LONGEST, MOST_LINES, LONGEST_WORD = 100_000, 2_000, 5_000
"""Characters and lines of a page's HTML, and characters without a space: a notice has fewer, and more
would keep a worker busy for minutes."""

Word = str | list[str] | None
"""What stands in a slot: text, a list's lines, or nothing."""

AnEntry = TypeVar("AnEntry", bound=Entry)

_NOTHING = "…"
_NOT_STANDING = {
    "held": "Held: it breaks a rule, and does not stand until it is amended.",
}


class NoPaper(Exception):
    """No PDF can be made on this machine; the sentence says what to install. `code` is HTTP's."""

    code = 501


class TooLong(NoPaper):
    """No PDF can be made of so many words."""

    code = 413


@dataclass(frozen=True)
class Paper:
    """A notice as it was handed over: what each slot says; then what became of it since. `wording` is
    what was printed on the day on which it was issued."""

    kind: str
    number: str
    words: dict[str, Word]
    since: list[str]
    issued_on: date
    wording: dict[str, str]

    def slot(self, name: str, tag: str = "span") -> Markup:
        """A word of the notice in an element of its own; nothing for a word there is not."""
        word = self.words[name]
        if word is None:
            return Markup()
        if isinstance(word, list):
            word = Markup().join(Markup("<li>{}</li>").format(line) for line in word)
        return Markup("<{0}>{1}</{0}>").format(tag, word)

    def drawn_again(self, today: date) -> str | None:
        """What it says of itself when it is made on a later day."""
        if today <= self.issued_on:
            return None
        return f"Drawn again on {words.day(today)} from the council’s settings of that day."


def missing() -> str:
    """What to install before a PDF can be made; nothing, when it is all here."""
    lacking = [package for library, package in LIBRARIES.items() if not _loads(library)]
    return f"No PDF can be made: install {', '.join(lacking)}." if lacking else ""


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def paper(db: Database, record: str) -> Paper | None:
    """The notice that a record is; None when no page that can be read has issued one."""
    pages = pages_about(db, record)
    story = Folding(record, pages)
    first = story.first
    if first is None or first["kind"] not in numbers.LETTERS:
        return None
    body = body_of(first["body"]) or {}
    on = _issued_on(first, body)
    said = _Said(first["kind"], body, on)
    return Paper(
        said.kind,
        said("number"),
        _common(said, first["officer_name"]) | _WORDS[said.kind](said),
        _since(story, pages),
        on,
        catalogue.wording_on(on),
    )


def _issued_on(first: dict[str, Any], body: dict[str, Any]) -> date:
    """London's day of issue; of writing, where that cannot be read."""
    at = body.get("issued_at")
    return london(at if isinstance(at, str) and is_moment(at) else first["written_at"]).date()


def pdf(printed: Paper, today: date, *, large: bool = False) -> bytes:
    """The notice as a tagged PDF (PDF/UA-1), on A4. NoPaper, or TooLong, when that cannot be made."""
    html = render_template(
        "notices/pdf.html",
        printed=printed,
        title=KINDS[printed.kind].title,
        today=today,
        config=current_app.config,
        title_level=1,
        large=large,
    )
    if not fits(html):
        raise TooLong("This notice is too long to be printed. Read it in its record.")
    return typeset(html)


def fits(html: str, notices: int = 1) -> bool:
    """Whether a page of ours, as long as so many notices at most, can be made in good time."""
    longest_word = max(map(len, html.split()))
    short = len(html) <= notices * LONGEST and html.count("\n") <= notices * MOST_LINES
    return short and longest_word <= LONGEST_WORD


def typeset(html: str, *more: str, pictures: Mapping[str, Path] | None = None) -> bytes:
    """A page of ours as a tagged PDF, with `more` of our style sheets. It gets these pictures, by the
    addresses it has for them; whatever else it asks for is refused."""
    if lacking := missing():
        raise NoPaper(lacking)
    # Here, because it loads slowly, and only where Pango is.
    from weasyprint import CSS, HTML  # noqa: PLC0415
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class Given(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if url in (pictures or {}):
                return URLFetcherResponse(url, (pictures or {})[url].read_bytes())
            return super().fetch(url, headers)

    given = Given(allowed_protocols=())
    folder = Path(current_app.static_folder or "")
    names = ("paper.css", "pdf.css", *more)
    styles = [CSS(folder / name, url_fetcher=given) for name in names]
    page = HTML(string=html, url_fetcher=given)
    return bytes(page.write_pdf(stylesheets=styles, pdf_variant="pdf/ua-1"))


def answer(db: Database, data: bytes, record: str, what: str = "") -> Response:
    """A PDF about a notice, under its number as a name, and `what` it is."""
    number = number_of(db, record)
    name = number if number and numbers.is_sound(number) else record
    made = make_response(data)
    made.content_type = "application/pdf"
    file = "-".join(filter(None, [name, what]))
    made.headers["Content-Disposition"] = f'inline; filename="{file}.pdf"'
    return made


def number_of(db: Database, record: str) -> str | None:
    """The number of a notice; None when it has none that can be read, or is not here."""
    row = one_row(db, "SELECT number FROM notices WHERE record = ?", [record])
    return row["number"] if row else None


def _since(story: Folding, pages: list[dict[str, Any]]) -> list[str]:
    """What became of the notice after it was handed over, a line each."""
    state = story.folded.row["state"] if story.folded.row else ""
    said = [_NOT_STANDING[state]] if state in _NOT_STANDING else []
    stand = story.standing_pages(pages)
    if story.body.get("withdrawal_answer") == "agree":
        last = [page for page in stand if page["kind"] == WithdrawalAnswer.kind][-1]
        word = "Void" if story.body["withdrawal"] == "void" else "Withdrawn"
        said.append(f"{word} since {words.day(last['written_at'])}: nothing is to be paid or done.")
    amended = [page for page in stand if page["kind"] == Amendment.kind][-1:]
    said += [f"Amended on {words.day(page['written_at'])}." for page in amended]
    return [*said, *(line for page in stand if (line := _changed_by(page)))]


def _changed_by(page: dict[str, Any]) -> str | None:
    """What a variation made of the notice, or that it was discharged."""
    said = _Said("cpn", body_of(page["body"]) or {}, london(page["written_at"]).date())
    if page["kind"] == Discharge.kind:
        return f"Discharged on {words.day(said.body['discharged_on'])}."
    if page["kind"] != Variation.kind:
        return None
    return (
        f"Varied on {words.day(page['written_at'])}. What must change since then: "
        f"{'; '.join(requirements_in_words(said.read('requirements')))}. By the end of "
        f"{said('comply_by', words.day)}. The notice now ends on {said('ends_on', words.day)}."
    )


class _Said:
    """A notice's answers in words: “…” for what is not given, and what cannot be read as it was sent."""

    def __init__(self, kind: str, body: dict[str, Any], on: date) -> None:
        self.kind, self.body, self.on = kind, body, on

    def __call__(self, name: str, how: Callable[[Any], str] = str) -> str:
        value = self.body.get(name)
        if not_given(value):
            return _NOTHING
        try:
            read = self.read(name)
            return clean(_NOTHING if read is None else how(read))
        except (ValueError, TypeError):
            return _as_sent(value)

    def read(self, name: str) -> Any:
        """An answer as its field reads it. ValueError or TypeError when it cannot."""
        return KINDS[self.kind].columns()[name].read(self.body[name])

    def has(self, name: str) -> bool:
        return not not_given(self.body.get(name))


def _as_sent(value: Any) -> str:
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _common(said: _Said, officer: str) -> dict[str, Word]:
    where = [said("place_name"), said("address"), said("ward", _ward)]
    return {
        "number": said("number", numbers.shown),
        "recipient_name": said("recipient_name"),
        "recipient_address": said("recipient_address"),
        "where": ", ".join(one for one in where if one != _NOTHING),
        "issued": said("issued_at", words.moment_in_words),
        "officer": officer,
    }


def _ward(code: str) -> str:
    return catalogue.label("wards", code)


def _of_penalty(said: _Said) -> dict[str, Word]:
    offence = catalogue.offence_on(said("offence"), said.on)
    family = _row(catalogue.families(), offence.family.lower()) if offence else None
    until = said("discount_until", words.day)
    discount = f"{said('discount', words.pounds)} if paid by the end of {until}"
    return {
        "plain": offence.plain if offence else said("offence"),
        "created_by": offence.created_by if offence else _NOTHING,
        "power": offence.power if offence else _NOTHING,
        "maximum": offence.maximum if offence else _NOTHING,
        "occurred": said("occurred_at", words.moment_in_words),
        "particulars": said("particulars"),
        "points": _points(offence, said.body.get("points"), said.body.get("particulars")),
        "breach": _breach(said),
        "amount": said("amount", words.pounds),
        "discount": discount if said.has("discount") else None,
        "pay_by": said("pay_by", words.day),
        "period": _period(family) if family else _NOTHING,
        **_payment(said("number")),
    }


def _points(offence: Offence | None, answers: Any, particulars: Any) -> Word:
    """Each point to prove, with what was answered, where the particulars do not say it already."""
    if offence is None or not isinstance(answers, dict):
        return None
    told = particulars if isinstance(particulars, str) else ""
    answered = [
        (one.label, answer)
        for one in offence.points
        if not not_given(answer := answers.get(one.code))
        and _as_sent(answer).strip().removesuffix(".") not in told
    ]
    return [f"{label} {_as_sent(answer)}" for label, answer in answered] or None


def _breach(said: _Said) -> str | None:
    """Which order, or which notice, and what of it."""
    if said.has("breached"):
        number = said("breached", numbers.shown)
        what = said("requirement")
        return f"Breached: Community Protection Notice {number}, requirement: {what}"
    order = _row(catalogue.orders(), said("pspo"))
    if order is None:
        return None
    made = words.day(order.made) if order.made else _NOTHING
    article = said("article", lambda code: _label(order, code))
    return f"Breached: {order.title}, made on {made}, article: {article}"


def _label(order: catalogue.Order, article: str) -> str:
    return next((one.label for one in order.articles if one.code == article), article)


def _period(family: Family) -> str:
    counting = {"beginning": "beginning with", "following": "following"}[family.period_counting]
    return f"{family.period_days} days {counting} the date of this notice"


def _payment(number: str) -> dict[str, Word]:
    """Where it can be paid on line, and the same as a QR code."""
    link = str(current_app.config["PAYMENT_LINK"]).replace("{number}", number)
    if not link:
        return {}
    code = segno.make_qr(link, error="m").svg_inline(
        omitsize=True, svgclass=None, lineclass=None, title="QR code of the same address"
    )
    return {"payment_link": link, "qr": Markup(code)}  # noqa: S704 - segno made it


def _of_conduct(said: _Said) -> dict[str, Word]:
    return {
        "conduct": said("conduct"),
        "since": said("since"),
        "effect": said("effect"),
        "unreasonable": said("unreasonable"),
        "persistence": said("persistence", _persistence),
        "requirements": _requirements(said),
        "comply_by": said("comply_by", words.day),
    }


def _persistence(code: str) -> str:
    return catalogue.label("persistences", code).lower()


def _requirements(said: _Said) -> Word:
    if not said.has("requirements"):
        return None
    try:
        several = said.read("requirements")
    except ValueError:
        return [_as_sent(said.body["requirements"])]
    return requirements_in_words(several)


def requirements_in_words(several: list[dict[str, str]]) -> list[str]:
    return [f"{Requirements.KINDS[one['kind']]}: {clean(one['what'])}" for one in several]


def _of_notice(said: _Said) -> dict[str, Word]:
    number = f" {said('warning_number', numbers.shown)}" if said.has("warning_number") else ""
    given, asked = said("warned_on", words.day), said("warning_comply_by", words.day)
    breach = catalogue.offence_on("cpn-breach", said.on)
    return _of_conduct(said) | {
        "warning": f"Community Protection Warning{number}, given on {given}, "
        f"asked for the change by {asked}",
        "appeal_by": said("appeal_by", words.day),
        "ends_on": said("ends_on", words.day),
        "maximum": breach.maximum if breach else _NOTHING,
    }


_WORDS: dict[str, Callable[[_Said], dict[str, Word]]] = {
    "fpn": _of_penalty,
    "cpw": _of_conduct,
    "cpn": _of_notice,
}


def _row(entries: list[AnEntry], code: str) -> AnEntry | None:
    return next((entry for entry in entries if entry.code == code), None)
