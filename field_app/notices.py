"""The register of notices: finding them, where each one stands now, and one of them in words.

What is typed into the search box is the name or number of a person's notice, so it is posted, and
never stands in an address: addresses are kept in browsers' histories and proxies' logs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlite_utils import Database

from field_app import catalogue, inbox, numbers, words
from field_app.asked import A_PAGE, Question, given_in, page_in
from field_app.board import officers
from field_app.counts import NOT_GIVEN
from field_app.database import all_rows, one_row
from field_app.fields import clean
from field_app.records import KINDS
from field_app.rules import months_after
from field_app.times import london, london_day, moment_text

NAMES = ("officer", "offence", "kind", "state", "followed", "from", "to")
STATES = {
    "issued": "Issued, not yet handed over",
    "handed over": "Handed over: time to pay running",
    "discount": "Discount running",
    "payment ended": "Time to pay ended",
    "representation": "Representation: to be decided",
    "rejected": "Representation rejected",
    "upheld": "Representation upheld: to be withdrawn",
    "reminder": "Reminder sent",
    "file review": "File review",
    "prosecution": "With Legal for prosecution",
    "paid with discount": "Paid with discount",
    "paid": "Paid in full",
    "written off": "Written off",
    "withdrawal asked": "Waiting for a second person",
    "withdrawn": "Withdrawn",
    "void": "Void",
    "running": "Running: a warning or notice",
    "review due": "Review due: a warning or notice",
    "varied": "Varied: a notice",
    "discharged": "Discharged: a notice",
    "ended": "Ended: a notice",
    "held": "Held: until amended",
}
"""Where a notice stands: in one of these states, worked out from what its pages and payments say."""

_COLOURS = {
    "discount": "turquoise",
    "payment ended": "orange",
    "representation": "yellow",
    "rejected": "orange",
    "upheld": "yellow",
    "reminder": "orange",
    "file review": "orange",
    "prosecution": "red",
    "withdrawal asked": "yellow",
    "review due": "orange",
    "paid with discount": "green",
    "paid": "green",
    "running": "turquoise",
    "varied": "turquoise",
}
TO_PAY = (
    "issued",
    "handed over",
    "discount",
    "payment ended",
    "representation",
    "rejected",
    "upheld",
    "reminder",
    "file review",
)
"""The states of a penalty that is neither paid nor closed nor with Legal."""
RUNNING = ("running", "review due", "varied")
PAID = ("paid", "paid with discount")
NOT_STANDING = ("withdrawn", "void")
LIVE = (*TO_PAY, *RUNNING, "prosecution", "withdrawal asked")
"""The states of a notice that an officer should know of when they meet its person again."""
KIND_NAMES = {kind: KINDS[kind].title for kind in numbers.LETTERS}

COUNTS = "state = 'accepted' AND dismissed_reason IS NULL"
"""Which payments count."""
ALONE = (
    "NOT EXISTS (SELECT 1 FROM notices AS other WHERE other.number = notices.number "
    "AND other.record != notices.record AND other.state IN ('accepted', notices.state) "
    "AND other.withdrawal_answer IS NOT 'agree')"
)
"""Whether no other notice bears a notice's number as well as it does. Otherwise nobody can say which of
them a payment is for, and it closes neither."""
_CAME_IN = "sum(payments.amount - coalesce(paid_back, 0))"
_FOR_NUMBER = (
    f"(SELECT coalesce({_CAME_IN}, 0) FROM payments WHERE payments.number = notices.number "
    f"AND payments.{COUNTS}"
)
_PAYMENTS = f"{_FOR_NUMBER} AND {ALONE}"
_EARLY = "paid_on BETWEEN coalesce(date(notices.issued_at), '') AND notices.discount_until"
"""Whether a payment came while the discount ran. London's day of issue is the UTC day or the next one."""
_SETTLED = (
    "CASE WHEN paid > 0 AND paid >= amount THEN 'paid' "
    "WHEN paid_early > 0 AND paid_early >= discount THEN 'paid with discount' END"
)
WITH_MONEY = (
    f"(SELECT *, {_SETTLED} AS settled FROM (SELECT notices.*, {_PAYMENTS}) AS paid, "
    f"{_PAYMENTS} AND {_EARLY}) AS paid_early, "
    f"{_FOR_NUMBER} AND NOT {ALONE}) AS paid_in_doubt, "
    "max(pay_by, coalesce(decided_pay_by, pay_by)) AS pay_until FROM notices)) AS notices"
)
"""Every notice, with the pence paid for it, those paid while the discount ran, those paid for its number
that another notice bears too, the last day to pay, and as `settled` how its money is in, whatever else
happens to it (R16); NULL while it is not."""

OPEN = (
    "notices.record IN (SELECT record FROM notices WHERE withdrawal_answer IS NOT 'agree' "
    "AND discharged_on IS NULL AND step IS NOT 'written-off' "
    f"AND ((SELECT {_CAME_IN} >= notices.amount OR {_CAME_IN} FILTER (WHERE {_EARLY}) >= discount "
    f"FROM payments WHERE payments.number = notices.number AND payments.{COUNTS}) IS NOT TRUE "
    f"OR NOT {ALONE}) "
    "UNION ALL SELECT record FROM notices WHERE withdrawal IS NOT NULL AND withdrawal_answer IS NULL)"
)
"""Which notices may be open: all those that STANDING does not call closed, and few others. An index has
those that were not closed at the desk; one look at its payments sorts out most of the rest."""

STANDING = """
CASE
  WHEN withdrawal_answer = 'agree' THEN iif(withdrawal = 'void', 'void', 'withdrawn')
  WHEN withdrawal IS NOT NULL AND withdrawal_answer IS NULL THEN 'withdrawal asked'
  WHEN state = 'held' THEN state
  WHEN settled IS NOT NULL THEN settled
  WHEN discharged_on IS NOT NULL THEN 'discharged'
  WHEN kind != 'fpn' AND ends_on < :today THEN 'ended'
  WHEN kind != 'fpn' AND review_on <= :today AND coalesce(reviewed_on, '') < review_on
    THEN 'review due'
  WHEN kind != 'fpn' THEN iif(variation_reason IS NULL, 'running', 'varied')
  WHEN step = 'written-off' THEN 'written off'
  WHEN grounds IS NOT NULL AND decision IS NULL THEN 'representation'
  WHEN decision = 'upheld' THEN 'upheld'
  WHEN step = 'prosecution' THEN 'prosecution'
  WHEN step = 'file-review' THEN 'file review'
  WHEN step = 'reminder' THEN 'reminder'
  WHEN pay_until < :today THEN 'payment ended'
  WHEN decision = 'rejected' THEN 'rejected'
  WHEN discount_until >= :today THEN 'discount'
  ELSE iif(service IS NULL, 'issued', 'handed over')
END
"""
"""The state of a row of WITH_MONEY on `:today`. Payment closes a case, whatever came before it."""
ABOUT = f"coalesce(offence, iif(kind = 'fpn', '{NOT_GIVEN}', kind))"
"""What a notice is about: its offence, or else its kind; of a penalty that gives no offence, that."""
FOLLOWED = {
    "notice": "Followed by a notice",
    "passed": "Time passed, no notice since",
    "running": "Time still running",
}
"""What followed a warning so far. That no notice followed does not prove that it was heeded."""
WARNINGS = "kind = 'cpw' AND state = 'accepted' AND withdrawal_answer IS NOT 'agree'"
"""The warnings that stand."""
WHAT_FOLLOWED = """
CASE
  WHEN record IN (SELECT warning FROM notices WHERE kind = 'cpn' AND state = 'accepted'
    AND withdrawal_answer IS NOT 'agree') THEN 'notice'
  WHEN comply_by < :today THEN 'passed'
  ELSE 'running'
END
"""
ISSUED = "coalesce(issued_at, written_at)"
"""When a notice was issued: one that is held may not say."""
_ON_PAPER = (
    "iif(notices.amendments, (SELECT group_concat(iif(json_valid(body), body ->> '$.recipient_name', '')) "
    "FROM pages WHERE pages.record = notices.record AND pages.kind = notices.kind), NULL)"
)
"""The name on the paper, where it may have been put right since."""
_FOUND_IN = (
    f"plain(concat_ws(' ', recipient_name, {_ON_PAPER}, spoke_for, recipient_address, "
    "notices.place_name, notices.address, (SELECT concat_ws(' ', name, address) FROM places "
    "WHERE places.record = notices.place)))"
)
_MOST_WORDS = 10


@dataclass(kw_only=True)
class AskedNotices(Question):
    """What the register is asked for: filters, days, and what was typed into the search box."""

    first: date | None
    last: date | None
    today: date
    typed: str = ""
    number: str | None = None

    @classmethod
    def read(cls, args: Mapping[str, str], typed: str, today: date) -> AskedNotices:
        given = given_in(args, NAMES)
        asked = cls(given=given, page=page_in(args), first=None, last=None, today=today)
        asked.first, asked.last = asked.day("from"), asked.day("to")
        if asked.first and asked.last and asked.last < asked.first:
            asked.problems["to"] = "The last day must be the first day or after it"
        asked.choose(
            "offence", {one.code for one in catalogue.offences()} | {NOT_GIVEN}, "offences"
        )
        asked.choose("kind", KIND_NAMES, "kinds of notice")
        asked.choose("state", STATES, "states")
        asked.choose("followed", FOLLOWED | {"any": ""}, "things that follow a warning")
        asked._read_typed(clean(typed).strip())
        return asked

    def _read_typed(self, typed: str) -> None:
        self.typed = typed
        if _is_meant_as_number(typed):
            try:
                self.number = numbers.read(typed)
            except ValueError as error:
                self.problems["q"] = str(error)

    def days_in_words(self) -> str:
        if self.first and self.last:
            return words.days(self.first, self.last)
        if self.first:
            return f"from {words.day(self.first)}"
        return f"until {words.day(self.last)}" if self.last else ""

    def where(self, db: Database) -> tuple[str, dict[str, Any]]:
        """The one choice of notices, and its values."""
        db.conn.create_function("plain", 1, plain, deterministic=True)
        values = dict[str, Any](self.given) | {"today": self.today.isoformat()}
        sql = ["TRUE", *(_NARROWED_BY[name] for name in self.given if name in _NARROWED_BY)]
        if self.first:
            sql.append(f"{ISSUED} >= :begins")
            values["begins"] = moment_text(london_day(self.first)[0])
        if self.last:
            sql.append(f"{ISSUED} < :ends")
            values["ends"] = moment_text(london_day(self.last)[1])
        if self.number:
            sql.append("number = :number")
            values["number"] = self.number
        else:
            for place, word in enumerate(plain(self.typed).split()[:_MOST_WORDS]):
                found = f"instr({_FOUND_IN}, :word{place})"
                if _may_be_of_number(word):
                    found = f"({found} OR instr(lower(number), :word{place}))"
                sql.append(found)
                values[f"word{place}"] = word
        return " AND ".join(sql), values


_NARROWED_BY = {
    "officer": "notices.officer = :officer",
    "offence": f"({ABOUT}) = :offence",
    "kind": "notices.kind = :kind",
    "state": f"({STANDING}) = :state",
    "followed": f"{WARNINGS} AND (:followed = 'any' OR ({WHAT_FOLLOWED}) = :followed)",
}


def _is_meant_as_number(typed: str) -> bool:
    """Whether somebody typed a number, also one with a mistake, and not the beginning of one; a postcode
    such as CF10 1LL is none."""
    text = re.sub(r"[\W_]", "", typed).upper()
    return bool(re.fullmatch(r"C[FWN][0-9OIL]{9,}|[A-Z0-9]{2}[0-9OIL]{10}", text, re.ASCII))


def _may_be_of_number(word: str) -> bool:
    """Whether a word may be part of a number; a house number is none."""
    return bool(re.fullmatch(r"c[fwn]\d{2,}|\d{4,}", word, re.ASCII))


def plain(text: str) -> str:
    """Text as it is compared: without case, accents, and what commas and apostrophes look like."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(one for one in folded if unicodedata.category(one) != "Mn")
    return re.sub(r"['‘’`]", "", letters).replace(",", " ")


def meant(db: Database, typed: str) -> list[dict[str, Any]]:
    """The notices whose number is nearly what was typed."""
    return [
        row
        for number in numbers.near(typed)
        for row in all_rows(
            db,
            "SELECT record, number, kind, offence, recipient_name FROM notices WHERE number = ? "
            "ORDER BY record",
            [number],
        )
    ]


def how_many(db: Database, asked: AskedNotices) -> int:
    where, values = asked.where(db)
    row = one_row(db, f"SELECT count(*) AS n FROM {WITH_MONEY} WHERE {where}", values)
    return row["n"] if row else 0


def found(db: Database, asked: AskedNotices) -> list[dict[str, Any]]:
    """The notices asked for, the one issued last first."""
    where, values = asked.where(db)
    rows = all_rows(
        db,
        f"""
        SELECT notices.record, number, kind, offence, recipient_name,
          notices.officer, officers.name AS officer_name, issued_at, written_at, clock_offset_s,
          coalesce((SELECT name FROM places WHERE places.record = notices.place), place_name, address)
            AS place_name, ward,
          amount, discount, discount_until, pay_until, paid, paid_early, service, state, amendments,
          {STANDING} AS standing
        FROM {WITH_MONEY} JOIN officers ON officers.id = notices.officer
        WHERE notices.record IN (SELECT record FROM {WITH_MONEY} WHERE {where})
        ORDER BY coalesce(issued_at, written_at) DESC, notices.record
        LIMIT :limit OFFSET :offset
        """,
        values | {"limit": A_PAGE, "offset": asked.offset},
    )
    return [row | {"what": what(row), "tags": tags(row)} for row in rows]


def standing(db: Database, record: str, today: date) -> dict[str, Any] | None:
    """A notice's row with its money, and its state as `standing`; None when there is no such notice."""
    return one_row(
        db,
        f"SELECT *, {STANDING} AS standing FROM {WITH_MONEY} WHERE record = :record",
        {"record": record, "today": today.isoformat()},
    )


def live(db: Database, today: date) -> list[dict[str, Any]]:
    """The notices of the last year that are live, newest first, each with its state as `standing`; and
    the penalties of the last seven days that are paid, so that nobody gives a second one for the same
    offence (R16)."""
    return all_rows(
        db,
        f"SELECT * FROM (SELECT *, {STANDING} AS standing FROM {WITH_MONEY} "
        "WHERE state = 'accepted' AND issued_at >= :since) "
        f"WHERE standing IN {LIVE} OR (standing IN {PAID} AND issued_at >= :lately) "
        "ORDER BY issued_at DESC, record",
        {
            "today": today.isoformat(),
            "since": months_after(today, -12).isoformat(),
            "lately": moment_text(london_day(today - timedelta(days=7))[0]),
        },
    )


def payments(db: Database, number: str | None) -> list[dict[str, Any]]:
    """What came in for a number, by day; also what was set aside, and so has no `counts`."""
    return all_rows(
        db,
        f"SELECT payments.*, payments.{COUNTS} AS counts, officers.name AS officer_name FROM payments "
        "JOIN officers ON officers.id = payments.officer "
        "WHERE number = ? ORDER BY paid_on, record",
        [number],
    )


def what(row: dict[str, Any]) -> str:
    """What a notice is about: its offence, or else its kind."""
    if row["offence"]:
        return catalogue.label("offences", row["offence"])
    return KIND_NAMES.get(row["kind"], "Notice")


def tags(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Where a notice stands: words, each with its colour."""
    at = row["standing"]
    said = []
    if row["state"] == "accepted":
        served = row["service"]
        how = (catalogue.label("services", served), "green") if served else ("Issued", "blue")
        said.append(how)
    if at not in ("issued", "handed over"):
        said.append((_state_in_words(row), _COLOURS.get(at, "yellow" if at == "held" else "grey")))
    if money := money_in_words(row):
        said.append((money, "yellow"))
    if row["amendments"]:
        said.append(("Amended", "purple"))
    return said


def _state_in_words(row: dict[str, Any]) -> str:
    if row["standing"] == "discount":
        return f"Discount until {words.day_and_month(row['discount_until'])}"
    if row["standing"] == "rejected":
        return f"Rejected: pay by {words.day_and_month(row['pay_until'])}"
    return STATES[row["standing"]].partition(":")[0]


def money_in_words(row: dict[str, Any]) -> str | None:
    """What was paid, where that is not just what was asked."""
    if back := to_pay_back(row):
        return f"{words.pounds(back)} to be paid back"
    paid, asked = row["paid"], row["amount"]
    if not paid or asked is None or row["standing"] in PAID:
        return None
    return f"{words.pounds(paid)} of {words.pounds(asked)} paid"


def asks_for_money(row: dict[str, Any]) -> bool:
    """Whether a notice, by its row with its money, is still to be paid."""
    return row["standing"] not in CLOSED


def other_on_paper(first: dict[str, Any], row: dict[str, Any]) -> str | None:
    """What the paper names, by the body of the page that issued it, where name or address were put right
    since. What was typed off a paper wrongly never stood on it."""
    if row["entered_by"]:
        return None
    names = ("recipient_name", "recipient_address")
    said = {name: str(first.get(name) or "") for name in names}
    other = [text for name, text in said.items() if text and clean(text) != row[name]]
    return f"The paper that was handed over names: {clean(', '.join(other))}." if other else None


def to_pay_back(row: dict[str, Any]) -> int:
    """The pence that came in for a notice and are not owed: all, when it does not stand."""
    if row["standing"] in NOT_STANDING:
        return int(row["paid"])
    enough = {"paid": row["amount"], "paid with discount": row["discount"]}.get(row["standing"])
    return max(0, row["paid"] - enough) if enough is not None else 0


def choices(db: Database) -> dict[str, Any]:
    """What the register's filters offer."""
    return {
        "officers": officers(db),
        "offences": catalogue.offences(),
        "kinds": KIND_NAMES,
        "states": STATES,
    }


CLOSED = (*PAID, "written off", "withdrawn", "void", "entered in error")
"""The states of a penalty for which nobody is prosecuted any more."""


def time_limits(row: dict[str, Any]) -> dict[str, date]:
    """The last days for a summary offence, counted from the day on which it happened; none when the
    case is closed."""
    offence = next((one for one in catalogue.offences() if one.code == row["offence"]), None)
    if not offence or offence.triable != "summary" or not row["occurred_at"]:
        return {}
    if row["standing"] in CLOSED:
        return {}
    happened = london(row["occurred_at"]).date()
    return {
        period.code: months_after(happened, period.months)
        for period in catalogue.periods()
        if period.code in ("summary-prosecution", "to-legal")
        and period.months
        and period.in_force(happened)
    }


def tell_of_withdrawal(db: Database, record: str, now: datetime) -> None:
    """Say on its officer's phones that a notice stands no more, inside the caller's transaction that a
    second person has agreed in: it is not to be handed over, and what was handed over asks for nothing."""
    row = one_row(db, "SELECT * FROM notices WHERE record = ?", [record])
    if row is None or row["withdrawal_answer"] != "agree":
        return
    now_is = "void" if row["withdrawal"] == "void" else "withdrawn"
    text = (
        f"{numbers.shown(row['number'])} is {now_is}. Do not hand it over; if the person has it "
        "already, tell your team leader."
    )
    for phone in inbox.phones_of(db, row["officer"]):
        inbox.say(db, phone, inbox.News("void", record, text, fields={"word": now_is}), now)
