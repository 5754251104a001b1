"""After the street: what a team leader does about one notice, and the due list.

Each step has a form of its own, offered only where the notice stands so that the step fits, and
written as a page with its author and reason. What stands is read again when it is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from sqlite_utils import Database
from werkzeug.wrappers import Response

from field_app import due as due_list
from field_app import notices, payments, words
from field_app.auth import at_the_desk, kept_nowhere
from field_app.database import get_db, one_row, writing
from field_app.desk_forms import body_of, say_done
from field_app.fields import UUID_PATTERN, Declared
from field_app.letters import MEANWHILE
from field_app.notebook import NotWritten, sent_twice, write_at_desk, written_about
from field_app.prosecution import refusal
from field_app.records import Problem, Record
from field_app.records.case import (
    CaseStep,
    Decision,
    Discharge,
    Representation,
    Review,
    Variation,
    VariationServed,
    Withdrawal,
    WithdrawalAnswer,
    WithdrawalTakenBack,
)
from field_app.records.notice import Served
from field_app.representations import undecided
from field_app.times import london, now

Row = dict[str, Any]
Body = dict[str, Any]

blueprint = Blueprint("cases", __name__, url_prefix="/desk")
blueprint.after_request(kept_nowhere)

_STANDING = tuple(
    state for state in notices.STATES if state not in (*notices.NOT_STANDING, "withdrawal asked")
)


@dataclass(frozen=True)
class Step:
    """One thing that can be done: the kind of page it writes, in which states of a notice.

    `fixed` is what the form does not ask, `first` what it shows at first; `why_not` says what else
    stands against it; `says` stands above the form, `done` is said afterwards.
    """

    kind: type[Record]
    title: str
    states: tuple[str, ...]
    kinds: tuple[str, ...] = ("fpn",)
    fixed: Body = field(default_factory=dict)
    first: Callable[[Row, date], Body] = lambda _row, _today: {}
    why_not: Callable[[Row, date], str | None] = lambda _row, _today: None
    warning: bool = False
    says: str = ""
    done: str = "It is on file."

    @property
    def fields(self) -> list[Declared]:
        left_out = (*self.fixed, "signature")
        return [one for one in self.kind.fields() if one.name not in left_out]


def _today_as(name: str) -> Callable[[Row, date], Body]:
    return lambda _row, today: {name: today.isoformat()}


def _time_to_pay(row: Row, today: date) -> str | None:
    """No proceedings are taken before the time to pay has ended."""
    until = row["pay_until"] or ""
    runs = until >= today.isoformat()
    return f"The time to pay runs until {words.day(until)}." if runs else None


def _to_legal(row: Row, today: date) -> str | None:
    return refusal(row, today) or _time_to_pay(row, today)


def _was_served(row: Row, _today: date) -> str | None:
    return "How it was served is on file already." if row["service"] else None


def _variation_served(row: Row, _today: date) -> str | None:
    if not row["variation_reason"]:
        return "It has not been varied."
    done = row["variation_service"]
    return "How the variation was served is on file already." if done else None


def _asked_oneself(row: Row, _today: date) -> str | None:
    asked = _asked_by(get_db(), row["record"])
    mine = asked is not None and asked["officer"] == current_user.id
    return "A second person has to agree, not who asked." if mine else None


def _asked_by_another(row: Row, _today: date) -> str | None:
    asked = _asked_by(get_db(), row["record"])
    mine = asked is not None and asked["officer"] == current_user.id
    return None if mine else "Only who asked takes it back: answer it instead."


def _as_it_stands(row: Row, _today: date) -> Body:
    requirements = json.loads(row["requirements"] or "[]")
    return {"requirements": requirements, "comply_by": row["comply_by"], "ends_on": row["ends_on"]}


def _case_step(step: str, title: str, states: tuple[str, ...], **more: Any) -> Step:
    return Step(CaseStep, title, states, fixed={"step": step}, first=_today_as("step_on"), **more)


_ALL = ("fpn", "cpw", "cpn")
STEPS = {
    "served": Step(
        Served,
        "Say how it was served",
        (*notices.TO_PAY, *notices.RUNNING),
        _ALL,
        first=lambda _row, _today: {"service": "post"},
        why_not=_was_served,
        done="How it was served is on file.",
    ),
    "decision": Step(
        Decision,
        "Decide the representation",
        ("representation",),
        says="The time to pay is never made shorter. One that is upheld is then withdrawn.",
    ),
    "reminder": _case_step(
        "reminder",
        "Record a reminder",
        ("payment ended",),
        done="The reminder is on file.",
    ),
    "file-review": _case_step(
        "file-review",
        "Record a file review",
        ("payment ended", "reminder"),
        why_not=_time_to_pay,
        done="The file review is on file.",
    ),
    "prosecution": _case_step(
        "prosecution",
        "Send it to Legal",
        ("payment ended", "reminder", "file review"),
        why_not=_to_legal,
        says="Only an unpaid notice is prosecuted, after its time to pay has ended.",
        done="It is with Legal. The prosecution file is made below.",
    ),
    "representation": Step(
        Representation,
        "Record a representation",
        (*notices.TO_PAY, "prosecution", "withdrawal asked", "held"),
        first=_today_as("represented_on"),
        says="Write what they say in their own words. The time to pay runs on. One decision answers "
        "all that wait for it.",
        done="The representation is on file. It waits for its decision; the time to pay runs on.",
    ),
    "review": Step(
        Review,
        "Record a review",
        notices.RUNNING,
        ("cpw", "cpn"),
        first=_today_as("reviewed_on"),
        done="The review is on file.",
    ),
    "variation": Step(
        Variation,
        "Vary the notice",
        notices.RUNNING,
        ("cpn",),
        first=_as_it_stands,
        says="What stood before stays readable. The recipient has to be served with the change: post "
        "the notice of variation from its letters, or say afterwards how it was served.",
    ),
    "variation-served": Step(
        VariationServed,
        "Say how the variation was served",
        notices.RUNNING,
        ("cpn",),
        first=lambda _row, _today: {"variation_service": "post"},
        why_not=_variation_served,
        done="How the variation was served is on file.",
    ),
    "discharge": Step(
        Discharge,
        "Discharge the notice",
        notices.RUNNING,
        ("cpn",),
        first=_today_as("discharged_on"),
        warning=True,
        done="The notice is discharged.",
    ),
    "written-off": _case_step(
        "written-off",
        "Write it off",
        (*notices.TO_PAY, "prosecution"),
        warning=True,
        done="The notice is written off.",
    ),
    "withdrawal": Step(
        Withdrawal,
        "Ask to withdraw it or make it void",
        _STANDING,
        _ALL,
        warning=True,
        says="A second person has to agree. The number stays used, and is never given again.",
        done="Your request is on file. A second person has to answer it; until then the notice stands.",
    ),
    "withdrawal-answer": Step(
        WithdrawalAnswer,
        "Answer the request to withdraw it",
        ("withdrawal asked",),
        _ALL,
        why_not=_asked_oneself,
    ),
    "withdrawal-taken-back": Step(
        WithdrawalTakenBack,
        "Take back your request to withdraw it",
        ("withdrawal asked",),
        _ALL,
        why_not=_asked_by_another,
        done="You took your request back. The notice stands as it did.",
    ),
}


@blueprint.record_once
def _for_templates(state: Any) -> None:
    state.app.jinja_env.globals |= {
        "steps_now": _steps_now,
        "to_pay_back": notices.to_pay_back,
        "due_now": lambda: due_list.due_now(get_db(), _today()),
        "how_many_unmatched": lambda: payments.how_many_unmatched(get_db()),
        "asked_by": lambda record: _asked_by(get_db(), record),
    }


def _today() -> date:
    return london(now()).date()


def _steps_now(row: Row) -> dict[str, Step]:
    """What can be done now, by its name in the address."""
    return {name: step for name, step in STEPS.items() if _refusal(row, name, _today()) is None}


def _refusal(row: Row, name: str, today: date) -> str | None:
    """Why a step is not taken with a notice as it stands; None when it may be."""
    step, at = STEPS[name], row["standing"]
    if row["kind"] not in step.kinds:
        return "This is not done with this kind of notice."
    if at in step.states:
        return step.why_not(row, today)
    if at in notices.PAID:
        return refusal(row, today)
    return f"It does not fit where the notice stands: {notices.STATES[at].lower()}."


def _asked_by(db: Database, record: str) -> Row | None:
    """Who asked last that a notice be withdrawn or void, and when."""
    return one_row(
        db,
        "SELECT notebooks.officer, officers.name, pages.written_at FROM pages "
        "JOIN notebooks ON notebooks.id = pages.notebook "
        "JOIN officers ON officers.id = notebooks.officer "
        f"WHERE pages.record = ? AND pages.kind = ? AND {due_list.NOT_HELD} "
        "ORDER BY pages.ordered_at DESC, page DESC LIMIT 1",
        [record, Withdrawal.kind],
    )


_NAMES = "|".join(STEPS)


@blueprint.route(
    f'/notices/<regex("{UUID_PATTERN}"):record>/<regex("{_NAMES}"):name>', methods=["GET", "POST"]
)
@at_the_desk
def step(record: str, name: str) -> Response | str | tuple[str, int]:
    """One step's form, and what is written with it."""
    db, moment = get_db(), now()
    today = london(moment).date()
    row = _notice(db, record, today)
    if request.method == "POST":
        said = body_of(request.form, STEPS[name].fields)
        problems = _take(db, record, name, said, moment)
        if not problems:
            _say_done(record, name, said)
            return redirect(url_for("desk.record", record=record), 303)
        return _page(db, row, name, said, problems), 400
    if sentence := _refusal(row, name, today):
        abort(409, sentence)
    return _page(db, row, name, STEPS[name].first(row, today), [])


def _say_done(record: str, name: str, said: Body) -> None:
    answer = (url_for("letters.overview", record=record), "Post the answer")
    ask = (url_for("cases.step", record=record, name="withdrawal"), "Ask to withdraw the notice")
    vary = (url_for("letters.overview", record=record), "Post the notice of variation")
    match said:
        case {"decision": "rejected"}:
            say_done("The decision is on file, and the recipient does not know it yet.", *answer)
        case {"decision": "upheld"}:
            say_done("The decision is on file. Next, two people withdraw the notice.", *ask)
        case {"withdrawal_answer": "agree"}:
            say_done("You agreed: the notice does not stand any more. Its number stays used.")
        case {"withdrawal_answer": _}:
            say_done("You did not agree: the notice stands.")
        case {"variation_reason": _}:
            say_done("The variation is on file, and the recipient has to be served with it.", *vary)
        case _:
            say_done(STEPS[name].done)


def _notice(db: Database, record: str, today: date) -> Row:
    row = notices.standing(db, record, today)
    if row is None:
        abort(404, "No page about this notice is in the central file.")
    return row


def _page(db: Database, row: Row, name: str, said: Body, problems: list[Problem]) -> str:
    return render_template(
        "desk/case.html",
        row=row,
        step=STEPS[name],
        said=said,
        problems=problems,
        tags=notices.tags(row),
        asked=_asked_by(db, row["record"]) if name == "withdrawal-answer" else None,
        seen=written_about(db, row["record"])[-1]["seal"],
        represented=undecided(db, row["record"]),
        today=_today(),
    )


def _take(db: Database, record: str, name: str, said: Body, moment: datetime) -> list[Problem]:
    """Write the page; the rules that it breaks, when it is not written."""
    body = said | STEPS[name].fixed
    today = london(moment).date()
    try:
        with writing(db):
            pages, kind = written_about(db, record), STEPS[name].kind.kind
            if sent_twice(pages[-1], current_user.id, kind, body, request.form.get("seen")):
                return []  # sent twice
            row = _notice(db, record, today)
            problems = list(_problems(row, name, said, pages, today))
            if problems:
                raise NotWritten(problems)
            write_at_desk(db, current_user.id, kind, record, body, moment)
    except NotWritten as error:
        return error.problems
    return []


def _problems(row: Row, name: str, said: Body, pages: list[Row], today: date) -> Iterator[Problem]:
    """What no declaration says: it would have to know the notice."""
    if sentence := _refusal(row, name, today):
        yield Problem("", sentence, "state")
        return
    if request.form.get("seen") != pages[-1]["seal"]:
        yield Problem("", MEANWHILE, "seen")
    until = said.get("decided_pay_by")
    if isinstance(until, str) and row["pay_until"] and until < row["pay_until"]:
        sentence = (
            f"The time to pay is never made shorter: it runs until {words.day(row['pay_until'])}"
        )
        yield Problem("decided_pay_by", sentence, "shorter")
    if name == "variation" and str(said.get("ends_on", "9")) < str(said.get("comply_by", "")):
        yield Problem("ends_on", "It would end before the day by which it must change", "order")
    yield from _past(said, today)
    issued = london(row["issued_at"]).date().isoformat() if row["issued_at"] else ""
    for one in ("represented_on", "step_on", "reviewed_on", "discharged_on"):
        if isinstance(said.get(one), str) and said[one] < issued:
            yield Problem(
                one, f"The notice was issued on {words.day(issued)}, after that", "before"
            )


_STILL_TO_COME = {
    "comply_by": "By when it must change is past already",
    "ends_on": "It would have ended already",
    "decided_pay_by": "That day is past already",
}


def _past(said: Body, today: date) -> Iterator[Problem]:
    """Nobody is asked to do by a day that is past what they are told today."""
    for name, sentence in _STILL_TO_COME.items():
        if isinstance(said.get(name), str) and said[name] < today.isoformat():
            yield Problem(name, sentence, "past")
    if isinstance(said.get("review_on"), str) and said["review_on"] <= today.isoformat():
        yield Problem("review_on", "Enter a day after today, or leave it empty", "past")


@blueprint.get("/due")
@at_the_desk
def due() -> str:
    """What ends or must be done, by day."""
    today = _today()
    found = due_list.due(get_db(), today)
    return render_template(
        "desk/due.html",
        today=today,
        parts={
            "Before today": [one for one in found if one.day < today],
            "Today": [one for one in found if one.day == today],
            f"The next {due_list.AHEAD.days} days": [one for one in found if one.day > today],
        },
    )
