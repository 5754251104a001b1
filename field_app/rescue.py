"""Pages handed in as a file, when a phone cannot send them itself.

The file is JSON: `{notebook, officer, pages: [as on the wire], phone: {oldest}}`. It is taken in by
the same `append` as a post. What authorises it is that somebody runs the command on the server.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from field_app.database import one_row, writing
from field_app.fields import UUID_PATTERN
from field_app.notebook import (
    BadEnvelope,
    NotYours,
    OutOfChain,
    Phone,
    append,
    open_notebook,
    read_pages,
)


class RescueTrouble(Exception):
    """A file that cannot be taken in; the sentence says why. Nothing of it is kept."""


def take_in(db: Database, sent: Any, now: datetime) -> Counter[str]:
    """Take in a rescue file, whole or not at all; how many pages were accepted, held, …"""
    notebook, officer = _whose(db, sent)
    phone = sent.get("phone")
    oldest = phone.get("oldest") if isinstance(phone, dict) else None
    try:
        pages = read_pages(sent.get("pages"), notebook)
        with writing(db):
            open_notebook(db, notebook, officer, 0, now)
            # When the file was written is not when it came, so it says nothing about the clock.
            results = append(db, notebook, pages, Phone(oldest=oldest), now)
    except BadEnvelope as error:
        raise RescueTrouble(error.message) from error
    except NotYours as error:
        raise RescueTrouble(
            "The central file says that this notebook is another officer’s."
        ) from error
    except OutOfChain as error:
        raise RescueTrouble(
            f"Page {pages[0].page - 1} is not here. Import the file that has the older pages first."
        ) from error
    return Counter(str(result["state"]) for result in results)


def _whose(db: Database, sent: Any) -> tuple[str, str]:
    """The file's notebook, and its officer: as the file says, or as the central file knows."""
    notebook = sent.get("notebook") if isinstance(sent, dict) else None
    if not isinstance(notebook, str) or not re.fullmatch(UUID_PATTERN, notebook):
        raise RescueTrouble("This is not a rescue file: it does not name its notebook.")
    known = one_row(db, "SELECT officer FROM notebooks WHERE id = ?", [notebook])
    officer = sent.get("officer") or (known["officer"] if known else None)
    if not isinstance(officer, str) or not one_row(
        db, "SELECT 1 FROM officers WHERE id = ?", [officer]
    ):
        raise RescueTrouble("Neither this notebook nor its officer is known here.")
    return notebook, officer
