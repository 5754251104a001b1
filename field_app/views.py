"""Who was shown what evidence, and when. Rows are added, never changed and never removed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from field_app.database import all_rows, insert, writing
from field_app.times import moment_text


def log_views(db: Database, officer: str, sha256s: Iterable[str], now: datetime) -> None:
    """Log that somebody is given these pieces of evidence; before they are, so that none goes unlogged."""
    with writing(db):
        for sha256 in sha256s:
            row = {"viewed_at": moment_text(now), "officer": officer}
            insert(db, "views", row | {"what": "evidence", "id": sha256})


def viewers(db: Database, record: str) -> list[dict[str, Any]]:
    """Everybody who was shown evidence of a record, with the last time; who saw it last comes first."""
    return all_rows(
        db,
        "SELECT officers.name, max(views.viewed_at) AS viewed_at FROM evidence_listed "
        "JOIN views ON views.what = 'evidence' AND views.id = evidence_listed.sha256 "
        "JOIN officers ON officers.id = views.officer WHERE evidence_listed.record = ? "
        "GROUP BY officers.id ORDER BY 2 DESC, 1",
        [record],
    )
