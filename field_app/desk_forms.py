"""What somebody types at the desk, read as the body of a page: by the declaration, as a phone's form is.

A value that cannot be read is left as it was typed; the declaration says what is wrong with it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from flask import abort, flash
from werkzeug.datastructures import MultiDict

from field_app.fields import BLANK, Declared, Pence, not_given
from field_app.payment_file import read_pounds
from field_app.times import LONDON, is_moment, london, moment_text

Typed = MultiDict[str, str]


def body_of(typed: Typed, fields: Iterable[Declared]) -> dict[str, Any]:
    """The body that a posted form says; what is not given is left out."""
    said = {field.name: _read(field, typed) for field in fields}
    return {name: value for name, value in said.items() if not not_given(value)}


def own_id(typed: Typed) -> str:
    """The id that a form has borne since it was shown, so that sending it twice writes one record."""
    try:
        return str(uuid.UUID(typed.get("record", ""), version=4))
    except ValueError:
        abort(400, "This form is not whole: open it again.")


def as_typed(field: Declared, value: Any) -> str:
    """A value as its box shows it again."""
    if field.data_type == "moment" and isinstance(value, str) and is_moment(value):
        return f"{london(value):%Y-%m-%dT%H:%M}"
    if isinstance(field, Pence) and isinstance(value, int):
        return f"{value // 100}.{value % 100:02}"
    return str(value)


def say_done(sentence: str, address: str = "", link: str = "") -> None:
    """Say on the next page what was done, and what comes next, perhaps with a link."""
    said: Any = (sentence, address, link)
    flash(said, "done")


def _read(field: Declared, typed: Typed) -> Any:
    if field.data_type == "choices":
        return typed.getlist(field.name)
    if field.data_type == "yes-no":
        return field.name in typed
    if field.data_type == "points":
        return _points(field.name, typed)
    if field.data_type == "requirements":
        return _requirements(field.name, typed)
    text = typed.get(field.name, "").replace("\r\n", "\n").strip(BLANK)
    if isinstance(field, Pence):
        return read_pounds(text) or text
    how = _HOW.get(field.data_type, str)
    return how(text) if text else None


def _moment(text: str) -> str:
    """What a browser gives for a date and time, meant as London's."""
    try:
        return moment_text(datetime.fromisoformat(text).replace(tzinfo=LONDON))
    except ValueError:
        return text


def _number(text: str) -> str:
    return re.sub(r"\s", "", text).upper()


def read_number(text: str) -> int | float | str:
    """ "3", "51.5", "51,5"; what is no number stays as it is."""
    if not re.fullmatch(r"[-+\u2212]?\d{1,9}([.,]\d{1,20})?", text, re.ASCII):
        return text
    plain = text.replace(",", ".").replace("\u2212", "-")
    return float(plain) if "." in plain else int(plain)


_HOW: dict[str, Callable[[str], Any]] = {
    "moment": _moment,
    "notice-number": _number,
    "number": read_number,
}


def _points(name: str, typed: Typed) -> dict[str, str] | None:
    """Answers by the point's code: each has a box of its own."""
    begins = f"{name}-"
    answers = {
        key.removeprefix(begins): text for key, text in typed.items() if key.startswith(begins)
    }
    return {code: text.strip() for code, text in answers.items() if text.strip()} or None


def _requirements(name: str, typed: Typed) -> list[dict[str, str]]:
    """Lines of a kind and what it asks."""
    kinds, whats = typed.getlist(f"{name}-kind"), typed.getlist(f"{name}-what")
    lines = zip(kinds, whats, strict=False)
    return [{"kind": kind, "what": what.strip()} for kind, what in lines if what.strip()]
