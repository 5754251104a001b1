"""What the officer of a notice says as a witness, in writing: drafted from the pages, edited, signed.

Criminal Justice Act 1967 s9; Criminal Procedure Rules 16.2. Each saving is a page with the whole text, and
what is signed is one such page, named by its seal: so a signed text can be changed by nobody.
"""

from __future__ import annotations

from typing import ClassVar

from field_app.fields import SHA256_PATTERN, Moment, Notes, Text
from field_app.numbers import LETTERS
from field_app.records.base import Record


class StatementPage(Record):
    """A page about a notice that only the officer who issued it writes, signed in at a computer."""

    begins = False
    at_desk = True
    by_author = True
    only_for: ClassVar[tuple[str, ...]] = tuple(LETTERS)


class Statement(StatementPage):
    """A witness statement as its officer saved it: a draft, until a later page signs it."""

    kind = "statement"
    title = "Witness statement, draft"

    statement = Notes("Statement", required=True, longest=20_000)


class StatementSigned(StatementPage):
    """The officer signs the statement as it was saved last; a further statement is a new one."""

    kind = "statement-signed"
    title = "Witness statement signed"
    after = "statement"

    signed_page = Text(
        "Seal of the page that is signed", required=True, longest=64, pattern=SHA256_PATTERN
    )
    declaration = Notes("Declaration", required=True, longest=1_000)
    signed_name = Text(
        "Your name, as your signature",
        required=True,
        wording={"required": "Type your name to sign"},
    )
    signed_at = Moment("Signed", required=True)
