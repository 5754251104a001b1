"""What ends or must be done with notices, by day: the desk's due list.

Nothing here is kept: it is worked out from where each notice stands today. What the law or the notice
sets has its day; what only waits has the day since which it waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlite_utils import Database

from field_app import notices, words
from field_app.copies import copies_due
from field_app.database import all_rows
from field_app.times import london

NOT_HELD = (
    "NOT EXISTS (SELECT 1 FROM problems WHERE problems.notebook = pages.notebook "
    "AND problems.page = pages.page AND problems.seal = pages.seal)"
)
"""Which pages stand."""
AHEAD = timedelta(days=28)
"""How far the list looks."""
NOTHING_DUE = (
    "withdrawn",
    "void",
    "written off",
    "discharged",
    "ended",
    "held",
)
PASSED = (*notices.PAID, *NOTHING_DUE)


@dataclass(frozen=True)
class Due:
    """One thing with a notice: on which day, what, and how long it has been waiting."""

    day: date
    what: str
    notice: dict[str, Any]

    def age(self, today: date) -> str:
        days = (today - self.day).days
        if days <= 0:
            return "today" if days == 0 else f"in {words.how_many(-days, 'day')}"
        return f"{words.how_many(days, 'day')} ago"


def due(db: Database, today: date) -> list[Due]:
    """Everything up to AHEAD, what is oldest first."""
    found = [one for row in _rows(db, today) for one in _of_notice(row, today)]
    found += [one for row in copies_due(db) for one in _copies(row)]
    found += [_money_back(row) for row in _to_pay_back(db, today)]
    near = (one for one in found if one.day <= today + AHEAD)
    return sorted(near, key=lambda one: (one.day, one.what, one.notice["number"] or ""))


def due_now(db: Database, today: date) -> list[Due]:
    """What is due today, or was before."""
    return [one for one in due(db, today) if one.day <= today]


def _rows(db: Database, today: date) -> list[dict[str, Any]]:
    passed = ", ".join(f"'{state}'" for state in PASSED)
    rows = all_rows(
        db,
        f"""
        WITH may_be_due AS MATERIALIZED (
        SELECT notices.record, number, notices.kind, offence, recipient_name, officers.name
          AS officer_name, issued_at, written_at, occurred_at, state, service, discount_until,
          pay_until, settled, represented_on, comply_by, review_on, reviewed_on, ends_on, step,
          {notices.STANDING} AS standing,
          iif(withdrawal IS NULL, NULL, (SELECT max(written_at) FROM pages
            WHERE pages.record = notices.record AND pages.kind = 'withdrawal' AND {NOT_HELD}))
            AS asked_at,
          iif(variation_reason IS NULL OR variation_service IS NOT NULL, NULL,
            (SELECT max(written_at) FROM pages WHERE pages.record = notices.record
              AND pages.kind = 'variation' AND {NOT_HELD})) AS varied_at
        FROM {notices.WITH_MONEY} JOIN officers ON officers.id = notices.officer
        WHERE {notices.OPEN})
        SELECT * FROM may_be_due WHERE standing NOT IN ({passed})
        """,
        {"today": today.isoformat()},
    )
    return [row | {"what": notices.what(row)} for row in rows]


def _of_notice(row: dict[str, Any], today: date) -> Iterator[Due]:
    for day, what in _days(row, today):
        if day:
            yield Due(day, what, row)


def _to_pay_back(db: Database, today: date) -> list[dict[str, Any]]:
    """The notices for which more came in than is owed, since the day of the last payment."""
    rows = all_rows(
        db,
        f"""
        WITH sums AS MATERIALIZED (SELECT number, sum(amount) AS came FROM payments
          WHERE {notices.COUNTS} GROUP BY number)
        SELECT notices.*, officers.name AS officer_name, {notices.STANDING} AS standing,
          (SELECT max(paid_on) FROM payments WHERE payments.number = notices.number
            AND payments.{notices.COUNTS}) AS last_paid_on
        FROM {notices.WITH_MONEY} JOIN officers ON officers.id = notices.officer
        WHERE notices.record IN (
          SELECT record FROM notices WHERE withdrawal_answer = 'agree' AND EXISTS
            (SELECT 1 FROM payments WHERE payments.number = notices.number)
          UNION ALL
          SELECT notices.record FROM sums CROSS JOIN notices ON notices.number = sums.number
          WHERE came > notices.amount OR came > discount AND came < notices.amount)
        """,
        {"today": today.isoformat()},
    )
    return [row | {"what": notices.what(row)} for row in rows if notices.to_pay_back(row)]


def _money_back(row: dict[str, Any]) -> Due:
    back = words.pounds(notices.to_pay_back(row))
    return Due(date.fromisoformat(row["last_paid_on"]), f"{back} to be paid back", row)


_WAITING = {
    "representation": ("represented_on", "Representation waits for its decision"),
    "upheld": ("represented_on", "Representation upheld: withdraw the notice"),
    "discount": ("discount_until", "Discount ends"),
}


def _copies(row: dict[str, Any]) -> Iterator[Due]:
    given = london(row["issued_at"] or row["written_at"]).date()
    for what in row["copies"].values():
        yield Due(given, what, row | {"what": notices.what(row)})


def _days(row: dict[str, Any], today: date) -> Iterator[tuple[date | None, str]]:
    at = row["standing"]
    if at == "withdrawal asked":
        yield _london_day(row["asked_at"]), "Withdrawal waits for a second person"
        yield from _days_of_prosecution(row, today)
        return
    if row["service"] is None:
        yield _london_day(row["issued_at"] or row["written_at"]), "Not handed over, left or posted"
    if at in _WAITING:
        name, sentence = _WAITING[at]
        yield _day(row[name]), sentence
    if at in ("issued", "handed over", "discount", "rejected", "payment ended"):
        last = _day(row["pay_until"])
        yield last and last + timedelta(days=1), "Time to pay ended: reminder due"
    if at in notices.RUNNING:
        yield from _days_of_running(row)
    if at in (*notices.TO_PAY, "prosecution"):
        yield from _days_of_prosecution(row, today)


def _days_of_running(row: dict[str, Any]) -> Iterator[tuple[date | None, str]]:
    yield _london_day(row["varied_at"]), "Variation not handed over, left or posted"
    last = _day(row["comply_by"])
    if last and (row["reviewed_on"] or "") <= last.isoformat():
        yield last + timedelta(days=1), "Time to comply ended: look whether it has changed"
    if row["kind"] == "cpn":
        yield _day(row["ends_on"]), "Notice ends"
    reviewed, review = row["reviewed_on"], row["review_on"]
    if review and (not reviewed or reviewed < review):
        kind = "Warning" if row["kind"] == "cpw" else "Notice"
        yield _day(review), f"{kind} to be reviewed"


def _days_of_prosecution(row: dict[str, Any], today: date) -> Iterator[tuple[date | None, str]]:
    """Only from the month in which Legal must have the file: before, every notice would be listed. What
    Legal has is listed until its limit, by when proceedings must have begun."""
    limits = notices.time_limits(row)
    to_legal, last = limits.get("to-legal"), limits.get("summary-prosecution")
    if row["settled"] or row["step"] == "written-off":
        return
    if row["step"] == "prosecution":
        if last and last >= today:
            yield last, "With Legal: the last day on which proceedings can begin"
    elif last and last < today:
        yield last, "Time limit to prosecute has passed: write it off, or withdraw it"
    elif to_legal and last and to_legal <= today:
        yield to_legal, f"To Legal: prosecute by {words.short_day(last)}"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _london_day(moment: str | None) -> date | None:
    return london(moment).date() if moment else None
