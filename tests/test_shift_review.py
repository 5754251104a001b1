"""A team leader reads a shift, asks about a page, and signs the shift off when nothing is missing."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import decisions, desk, fold, gaps, notebook, reviews, shift_log
from field_app.database import all_rows, connect, insert, one_row, path_of, writing
from field_app.inbox import since
from field_app.times import moment_text
from field_app.verify import verify
from tests.conftest import WARD, Notebook, patrol, sign_in
from tests.desk import hidden, words
from tests.notices import fpn

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
BEGAN = NOW - timedelta(hours=8)

Make = Callable[..., str]
Body = dict[str, Any]


class Leader:
    """Somebody at the desk."""

    def __init__(self, app: Flask, name: str) -> None:
        self.client: FlaskClient = app.test_client()
        sign_in(self.client, name)

    def page(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, words(answer.text)
        return answer.text

    def read(self, path: str, status: int = 200) -> str:
        return words(self.page(path, status))

    def form(self, path: str) -> Body:
        page = self.page(path)
        return {name: hidden(page, name) for name in ("csrf_token", "seen")}

    def send(self, path: str, form: Body, status: int = 303, **fields: str) -> str:
        answer = self.client.post(path, data=form | fields)
        assert answer.status_code == status, words(answer.text)
        return words(answer.text)

    def sign(self, shift: str, **fields: str) -> str:
        here = f"/desk/shifts/{shift}"
        return self.send(f"{here}/sign-off", self.form(here), 303, **fields)

    def asks(self, page: notebook.Page, question: str) -> str:
        """Ask about a page; the seal of the question's own page."""
        path = f"/desk/records/{page.record}/query/{page.seal}"
        self.send(path, self.form(path), question=question)
        db = connect(path_of(self.client.application))
        row = one_row(db, "SELECT seal FROM queries ORDER BY rowid DESC")
        db.conn.close()
        assert row
        return str(row["seal"])

    def closes(self, query: str, **fields: str) -> None:
        path = f"/desk/queries/{query}/close"
        self.send(path, self.form(path), 303, **fields)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk's clock begins an hour after the shift, and ticks."""
    ticks = itertools.count()
    for module in (desk, reviews, decisions):
        monkeypatch.setattr(module, "now", lambda: NOW + timedelta(hours=1, seconds=next(ticks)))


@pytest.fixture
def lena(app: Flask, leader: str) -> Leader:
    assert leader
    return Leader(app, "lena")


@pytest.fixture
def sam(app: Flask, officer: Make) -> Leader:
    officer("Sam Second", "team leader")
    return Leader(app, "sam")


class Shift:
    """A shift as an officer's phone writes it: start, two patrols, a notice, end: pages 1 to 5."""

    def __init__(self, book: Notebook, began: datetime = BEGAN) -> None:
        self.book = book
        write = book.write
        self.record = write("shift-start", {"started_at": moment_text(began)}, began)
        self.patrols = [
            write(
                "patrol", self.visit(began + timedelta(hours=hours)), began + timedelta(hours=hours)
            )
            for hours in (1, 2)
        ]
        self.notice = write("fpn", fpn(began + timedelta(hours=3)), began + timedelta(hours=3))
        self.ends = began + timedelta(hours=8)

    def visit(self, began: datetime, **more: Any) -> Body:
        return patrol(began, shift=self.record, **more)

    def end(self) -> Shift:
        body = {"ended_at": moment_text(self.ends), "end_notes": "All calm"}
        self.book.write("shift-end", body, self.ends, self.record)
        return self

    def amend(self, record: str, at: datetime, **changes: Any) -> None:
        self.book.write("amendment", {"reason": "Mistyped", "changes": changes}, at, record)


@pytest.fixture
def shift(officer: Make, notebook_of: Callable[[str], Notebook]) -> Shift:
    return Shift(notebook_of(officer("Olu Officer")))


@pytest.fixture
def ended(shift: Shift) -> Shift:
    """A shift that has ended and come whole."""
    shift.end().book.send(NOW)
    return shift


def signed(db: Database) -> list[Body]:
    rows = all_rows(db, "SELECT body FROM pages WHERE kind = 'shift-signed' ORDER BY received_at")
    return [json.loads(row["body"]) for row in rows]


def test_the_log_has_every_page_in_order_and_says_that_it_is_complete(
    lena: Leader, ended: Shift
) -> None:
    page = lena.page(f"/desk/shifts/{ended.record}")
    said = words(page)
    assert "Complete: pages 1–5, all received." in said
    titles = re.findall(r'page__number">(Page \d+)</span>\s+<a [^>]*>([^<]+)</a>', page)
    assert titles == [
        ("Page 1", "Start shift"),
        ("Page 2", "Faith-site reassurance"),
        ("Page 3", "Faith-site reassurance"),
        ("Page 4", "Fixed Penalty Notice"),
        ("Page 5", "End shift"),
    ]
    assert (
        "Page 2 Faith-site reassurance Accepted Written Sunday 22 November 2026 at 09:00 . "
        "Received 16:00, 7 hours later ." in said
    )
    assert (
        "Page 5 End shift Accepted Written Sunday 22 November 2026 at 16:00 . Received 16:00."
        in said
    )
    assert "Anything the next shift should know All calm" in said


def test_a_clock_that_was_wrong_is_corrected_before_a_page_is_called_late(
    lena: Leader, shift: Shift
) -> None:
    shift.end().book.send(NOW + timedelta(hours=2), clock_wrong_by=-timedelta(hours=2))
    said = lena.read(f"/desk/shifts/{shift.record}")
    assert (
        "Written Sunday 22 November 2026 at 16:00 by the phone, 18:00 corrected. Received 18:00."
        in said
    )
    assert "at 09:00 by the phone, 11:00 corrected. Received 18:00, 7 hours later ." in said


def test_what_was_written_later_about_its_records_stands_last(lena: Leader, ended: Shift) -> None:
    ended.amend(ended.patrols[0], NOW + timedelta(minutes=5), notes="Quiet")
    other = ended.book.write("patrol", patrol(NOW), NOW)
    ended.book.send(NOW + timedelta(minutes=10))
    page = lena.page(f"/desk/shifts/{ended.record}")
    numbers = re.findall(r'page__number">Page (\d+)<', page)
    assert numbers == ["1", "2", "3", "4", "5", "6"]
    assert other not in page
    assert "Page 6 Amend Accepted" in words(page)
    assert "Notes Not given Quiet" in words(page)


def test_a_shift_that_runs_says_so_and_cannot_be_signed_off(lena: Leader, shift: Shift) -> None:
    shift.book.send(NOW)
    page = lena.page(f"/desk/shifts/{shift.record}")
    said = words(page)
    assert "The shift is open. Received so far: pages 1–4." in said
    assert (
        "It cannot be signed off yet: The shift is still open: its end has not been received."
        in said
    )
    assert "sign-off" not in page


def test_a_shift_is_signed_off_as_it_was_read(
    db: Database, lena: Leader, leader: str, ended: Shift
) -> None:
    lena.sign(ended.record, signed_note="Good work")
    [body] = signed(db)
    at = body.pop("signed_at")
    assert body == {"signed_by": leader, "signed_through": 5, "signed_note": "Good work"}
    row = one_row(db, "SELECT signed_at, signed_by, signed_note FROM shifts")
    assert row == {"signed_at": at, "signed_by": leader, "signed_note": "Good work"}
    page = lena.page(f"/desk/shifts/{ended.record}")
    assert "Signed off by Lena Leader on Sunday 22 November 2026 at 17:00." in words(page)
    assert "sign-off" not in page


def test_a_second_tap_signs_nothing_twice(db: Database, lena: Leader, ended: Shift) -> None:
    form, path = lena.form(f"/desk/shifts/{ended.record}"), f"/desk/shifts/{ended.record}/sign-off"
    for _ in range(2):
        lena.send(path, form, signed_note="Good work")
    assert len(signed(db)) == 1


def test_the_second_of_two_leaders_is_told(
    db: Database, lena: Leader, sam: Leader, ended: Shift
) -> None:
    path = f"/desk/shifts/{ended.record}/sign-off"
    first, second = (
        lena.form(f"/desk/shifts/{ended.record}"),
        sam.form(f"/desk/shifts/{ended.record}"),
    )
    lena.send(path, first)
    assert reviews.MEANWHILE in sam.send(path, second, 400, signed_note="Mine")
    assert len(signed(db)) == 1


def test_a_page_that_comes_while_the_shift_is_read_is_told(
    db: Database, lena: Leader, ended: Shift
) -> None:
    form, path = lena.form(f"/desk/shifts/{ended.record}"), f"/desk/shifts/{ended.record}/sign-off"
    ended.amend(ended.patrols[0], NOW, notes="Quiet")
    ended.book.send(NOW)
    assert reviews.MEANWHILE in lena.send(path, form, 400)
    assert signed(db) == []
    lena.sign(ended.record)
    assert len(signed(db)) == 1


def refused(lena: Leader, db: Database, shift: str, reason: str) -> None:
    """The button is replaced by the reason, and what is posted anyway is refused with it."""
    page = lena.page(f"/desk/shifts/{shift}")
    assert "sign-off" not in page
    assert reason in words(page)
    form = {"csrf_token": hidden(page, "csrf_token")}
    assert reason in lena.send(f"/desk/shifts/{shift}/sign-off", form, 400)
    assert signed(db) == []


def test_an_open_shift_is_refused(db: Database, lena: Leader, shift: Shift) -> None:
    shift.book.send(NOW)
    refused(lena, db, shift.record, "The shift is still open")


def test_a_held_page_is_refused_until_it_is_amended(
    db: Database, lena: Leader, shift: Shift
) -> None:
    held = shift.book.write("patrol", shift.visit(BEGAN, outcomes=None), BEGAN)
    shift.end().book.send(NOW)
    refused(lena, db, shift.record, "Page 5 is held until amended.")
    shift.amend(held, NOW, outcomes=["nothing-unusual"])
    shift.book.send(NOW)
    assert "Complete: pages 1–6, all received." in lena.read(f"/desk/shifts/{shift.record}")
    lena.sign(shift.record)


def test_a_held_amendment_that_came_after_the_end_is_refused_too(
    db: Database, lena: Leader, ended: Shift
) -> None:
    ended.amend(ended.patrols[0], NOW, spoken_to=-1)
    ended.book.send(NOW)
    refused(lena, db, ended.record, "Page 6 is held until amended.")


def test_a_forked_page_is_refused_until_an_amendment_says_that_it_stands(
    db: Database, lena: Leader, ended: Shift, notebook_of: Callable[[str], Notebook]
) -> None:
    ended.book.pages, ended.book.sent = ended.book.pages[:3], 3
    forked = ended.book.write("patrol", ended.visit(BEGAN), BEGAN)
    ended.book.send(NOW)
    refused(lena, db, ended.record, "Page 4 is forked: another page has the number.")
    assert "Page 4 Faith-site reassurance Fork Held" in lena.read(f"/desk/shifts/{ended.record}")
    book = notebook_of(ended.book.officer)
    book.write("amendment", {"reason": "It stands", "changes": {"mood": "calm"}}, NOW, forked)
    book.send(NOW)
    lena.sign(ended.record)


def test_missing_pages_are_named_and_refused(db: Database, lena: Leader, shift: Shift) -> None:
    shift.book.send(NOW)
    book = shift.book
    lost = [book.write("patrol", shift.visit(BEGAN), BEGAN) for _ in range(2)]
    shift.end()
    with writing(db):
        notebook.append(db, book.id, book.pages[6:], notebook.Phone(oldest=7), NOW)
    refused(
        lena, db, shift.record, "Pages 5–6 are missing: the phone had lost what was written there."
    )
    assert "Not complete: pages 1–7." in lena.read(f"/desk/shifts/{shift.record}")
    assert lost[0] not in lena.page(f"/desk/shifts/{shift.record}")


# Pages that are lost for ever

WHY = "Its storage was cleared; there is no backup of that hour"


def lose(db: Database, shift: Shift) -> list[notebook.Page]:
    """The phone of a shift loses pages 5 and 6, which nobody has, and sends page 7; the lost pages."""
    shift.book.send(NOW)
    for nth in range(2):
        shift.book.write("patrol", shift.visit(BEGAN + timedelta(hours=4 + nth)), NOW)
    shift.end()
    later(db, shift, shift.book.pages[6:], 7)
    return shift.book.pages[4:6]


def later(
    db: Database, shift: Shift, pages: list[notebook.Page], oldest: int | None = None
) -> list[str]:
    """Pages that come; the state of each."""
    phone = notebook.Phone(oldest=oldest)
    with writing(db):
        results = notebook.append(db, shift.book.id, pages, phone, NOW + timedelta(minutes=1))
    return [str(result["state"]) for result in results]


def gap_of(shift: Shift) -> str:
    """Where the desk decides about pages 5 and 6."""
    return f"/desk/gaps/{shift.book.id}/{shift.book.pages[5].seal}"


def decides(leader: Leader, shift: Shift, status: int = 303, **fields: str) -> str:
    form = {"csrf_token": hidden(leader.page("/desk/patrols"), "csrf_token")}
    return leader.send(gap_of(shift), form, status, **fields)


def rebuilt_is_the_same(db: Database, instance: Path) -> None:
    before = {table: all_rows(db, f"SELECT * FROM {table}") for table in fold.TABLES}
    with writing(db):
        fold.fold_all(db)
    for table, rows in before.items():
        now = all_rows(db, f"SELECT * FROM {table}")
        assert fold.canonical(now) == fold.canonical(rows), table
    assert list(verify(db, instance / "evidence")) == []


def test_a_shift_with_lost_pages_is_signed_off_once_a_leader_has_decided_about_them(
    app: Flask, db: Database, lena: Leader, sam: Leader, shift: Shift
) -> None:
    lose(db, shift)
    here = f"/desk/shifts/{shift.record}"
    refused(lena, db, shift.record, "Pages 5–6 are missing")
    assert gap_of(shift) in lena.page("/desk")
    assert "Say why they are lost for ever" in decides(lena, shift, 400)
    decides(lena, shift, lost_reason=WHY)
    [row] = all_rows(db, "SELECT * FROM gap_decisions")
    assert (row["lost_from"], row["first_lost"], row["last_lost"]) == (shift.book.id, 5, 6)
    said = sam.read(here)
    why = (
        f"Pages 5–6 lost: decided by Lena Leader on Sunday 22 November 2026 at 17:00 because: {WHY}"
    )
    assert "Complete but for what is lost: pages 1–7." in said
    assert why in said
    assert "Complete but for what is lost pages 1–7" in sam.read("/desk/shifts")
    sam.sign(shift.record)
    assert why in lena.read(here)
    assert "will not come" not in lena.read("/desk")
    assert why.replace("Pages 5–6", f"pages 5–6 of notebook {shift.book.id[:8]}") in lena.read(
        "/desk/held"
    )
    assert why.partition(" decided")[0] in lena.read(gap_of(shift))
    rebuilt_is_the_same(db, app.config["INSTANCE"])


def test_a_decision_about_lost_pages_is_written_once_and_the_second_leader_is_told(
    db: Database, lena: Leader, sam: Leader, shift: Shift
) -> None:
    lose(db, shift)
    for _ in range(2):
        decides(lena, shift, lost_reason=WHY)
    said = decides(sam, shift, 400, lost_reason="Another reason")
    assert "Lena Leader has decided about these pages already." in said
    assert len(all_rows(db, "SELECT 1 FROM gap_decisions")) == 1


def test_nobody_decides_about_lost_pages_of_their_own(
    db: Database, lena: Leader, leader: str, notebook_of: Callable[[str], Notebook]
) -> None:
    own = Shift(notebook_of(leader))
    lose(db, own)
    assert "Nobody decides about lost pages of their own." in lena.read(gap_of(own))
    assert "Nobody decides about lost pages" in decides(lena, own, 400, lost_reason=WHY)
    assert all_rows(db, "SELECT 1 FROM gap_decisions") == []


def test_a_phone_decides_nothing_about_lost_pages(db: Database, shift: Shift) -> None:
    lost = lose(db, shift)
    body = {"lost_from": shift.book.id, "first_lost": 5, "last_lost": 6, "lost_reason": WHY}
    shift.book.write("gap-decided", body | {"lost_before": lost[-1].seal}, NOW)
    later(db, shift, shift.book.pages[7:])
    assert len(gaps.undecided(db)) == 1
    [problem] = all_rows(db, "SELECT rule FROM problems WHERE rule = 'not-at-desk'")
    assert problem


def test_lost_pages_that_come_after_all_show_as_received_and_the_decision_stays(
    app: Flask, db: Database, lena: Leader, shift: Shift
) -> None:
    lost = lose(db, shift)
    decides(lena, shift, lost_reason=WHY)
    here = f"/desk/shifts/{shift.record}"
    assert later(db, shift, lost[:1]) == ["forked"]
    assert "Page 5 is forked" in lena.read(here)
    assert later(db, shift, lost[1:]) == ["forked"]
    said = lena.read(here)
    assert "Complete: pages 1–7, all received." in said
    assert "Page 5 Faith-site reassurance Accepted" in said
    assert "lost" not in said
    assert gaps.standing(db) == []
    assert all_rows(db, "SELECT DISTINCT rule FROM problems") == []
    told = all_rows(db, "SELECT kind, about FROM inbox WHERE kind = 'accepted'")
    assert told == [{"kind": "accepted", "about": lost[0].record}]
    lena.page(gap_of(shift), 404)
    [row] = all_rows(db, "SELECT record FROM gap_decisions")
    assert WHY in lena.read(f"/desk/records/{row['record']}")
    lena.sign(shift.record)
    rebuilt_is_the_same(db, app.config["INSTANCE"])


def test_other_pages_with_the_numbers_of_lost_ones_stay_forked(
    db: Database, lena: Leader, shift: Shift
) -> None:
    lose(db, shift)
    gap = gap_of(shift)
    shift.book.pages = shift.book.pages[:4]
    other = [shift.book.write("patrol", shift.visit(BEGAN), NOW) for _ in range(2)]
    assert later(db, shift, shift.book.pages[4:]) == ["forked", "forked"]
    assert other[0] in lena.page(f"/desk/shifts/{shift.record}")
    refused(lena, db, shift.record, "Pages 5, 6 are forked")
    assert [(gap["first"], gap["last"]) for gap in gaps.undecided(db)] == [(5, 6)]
    form = {"csrf_token": hidden(lena.page(gap), "csrf_token")}
    lena.send(gap, form, 303, lost_reason=WHY)
    assert gaps.undecided(db) == []
    assert [row["rule"] for row in all_rows(db, "SELECT rule FROM problems")] == ["forked"] * 2


def test_a_decision_covers_no_more_than_it_says(db: Database, lena: Leader, shift: Shift) -> None:
    """An older file came back, in which pages are missing that were here when it was decided."""
    lose(db, shift)
    decides(lena, shift, lost_reason=WHY)
    with writing(db):
        db.conn.execute("UPDATE gaps SET after_page = 2")
        db.conn.execute("DROP TRIGGER no_delete_of_a_page")
        db.conn.execute("DELETE FROM pages WHERE page IN (3, 4)")
    assert [(gap["first"], gap["last"]) for gap in gaps.undecided(db)] == [(3, 6)]
    refused(lena, db, shift.record, "Pages 3–4 are missing")
    decides(lena, shift, lost_reason="And these")
    assert gaps.undecided(db) == []


def test_nobody_signs_off_or_asks_about_their_own_shift(
    db: Database, lena: Leader, leader: str, notebook_of: Callable[[str], Notebook]
) -> None:
    own = Shift(notebook_of(leader)).end()
    own.book.send(NOW)
    refused(lena, db, own.record, "Nobody signs off their own shift.")
    assert "Ask about" not in lena.read(f"/desk/shifts/{own.record}")
    page = own.book.pages[1]
    lena.read(f"/desk/records/{page.record}/query/{page.seal}", 409)
    for kind, record, body in (
        ("query", page.record, {"about_page": page.seal, "question": "Why"}),
        (
            "shift-signed",
            own.record,
            {"signed_at": moment_text(NOW), "signed_by": leader, "signed_through": 5},
        ),
    ):
        with (
            pytest.raises(notebook.NotWritten, match="Nobody reviews what they wrote"),
            writing(db),
        ):
            notebook.write_at_desk(db, leader, kind, record, body, NOW)


def test_a_phone_cannot_sign_a_shift_off(db: Database, ended: Shift) -> None:
    body = {"signed_at": moment_text(NOW), "signed_by": ended.book.officer, "signed_through": 5}
    ended.book.write("shift-signed", body, NOW, ended.record)
    changes = {"reason": "x", "changes": {"signed_at": moment_text(NOW)}}
    ended.book.write("amendment", changes, NOW, ended.record)
    ended.book.send(NOW)
    rules = all_rows(db, "SELECT page, rule FROM problems ORDER BY page, rule")
    assert {(row["page"], row["rule"]) for row in rules} >= {(6, "not-at-desk"), (7, "not-at-desk")}
    assert one_row(db, "SELECT signed_at FROM shifts") == {"signed_at": None}


@pytest.mark.parametrize("late", ["amendment", "photos"])
def test_what_comes_after_the_sign_off_shows_and_it_can_be_signed_again(
    db: Database, lena: Leader, sam: Leader, ended: Shift, late: str
) -> None:
    lena.sign(ended.record, signed_note="Good work")
    assert "Changed since" not in sam.read("/desk")
    if late == "amendment":
        ended.amend(ended.notice, NOW, particulars="Dropped it twice")
    else:
        photos = {"photos": [{"sha256": "ab" * 32, "taken_at": moment_text(NOW)}]}
        ended.book.write("photos-added", photos, NOW, ended.patrols[1])
    ended.book.send(NOW + timedelta(hours=3))
    said = sam.read(f"/desk/shifts/{ended.record}")
    title = "Amend" if late == "amendment" else "Add photos"
    later = f"Changed since it was signed off Page 6 , {title}, received Sunday 22 November 2026 at 19:00"
    assert later in said
    assert (
        "Changed since they were signed off Officer Shift Is it all here? Olu Officer"
        in sam.read("/desk")
    )
    reviews_now = NOW + timedelta(hours=4)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reviews, "now", lambda: reviews_now)
        sam.sign(ended.record)
    assert [body.get("signed_note") for body in signed(db)] == ["Good work", None]
    assert one_row(db, "SELECT signed_note FROM shifts") == {"signed_note": None}
    said = lena.read(f"/desk/shifts/{ended.record}")
    assert "Signed off by Sam Second" in said
    assert "Changed since" not in said
    assert "Changed since" not in lena.read("/desk")


def test_a_forgotten_shift_has_its_pages_up_to_the_next_one_and_its_end(
    db: Database, shift: Shift
) -> None:
    second = Shift(shift.book, BEGAN + timedelta(hours=24))
    shift.end()
    second.end().book.send(NOW + timedelta(hours=48))
    read = shift_log.read(db, shift.record)
    assert read
    assert [page["page"] for page in read.pages] == [1, 2, 3, 4, 9]
    assert read.numbers == "pages 1–4"
    assert read.why_not("somebody") == []
    other = shift_log.read(db, second.record)
    assert other
    assert [page["page"] for page in other.pages] == [5, 6, 7, 8, 9, 10]


def test_a_shift_that_goes_on_in_another_notebook_is_read_over_both(
    db: Database, shift: Shift, notebook_of: Callable[[str], Notebook]
) -> None:
    shift.book.send(NOW)
    book = notebook_of(shift.book.officer)
    book.write("patrol", shift.visit(BEGAN), BEGAN)
    book.write("shift-end", {"ended_at": moment_text(NOW)}, NOW, shift.record)
    book.write("patrol", patrol(NOW), NOW)
    book.send(NOW)
    read = shift_log.read(db, shift.record)
    assert read
    assert [(page["notebook"], page["page"]) for page in read.pages] == [
        *((shift.book.id, page) for page in range(1, 5)),
        (book.id, 1),
        (book.id, 2),
    ]
    assert read.numbers == "pages 1–4 and pages 1–2"
    assert read.is_complete


def test_odd_patterns_are_said_quietly(lena: Leader, shift: Shift) -> None:
    for minutes in range(5):
        began = BEGAN + timedelta(hours=7, minutes=50 + minutes)
        ended = began + timedelta(minutes=2 if minutes == 0 else 0)
        visit = shift.visit(began, ended_at=moment_text(ended), notes="Spoke to the warden")
        shift.book.write("patrol", visit, ended)
    shift.end().book.send(NOW)
    said = lena.read(f"/desk/shifts/{shift.record}").partition("Worth a look")[2]
    assert said.partition("Each of these has ordinary reasons")[0].strip() == (
        "1 notice without a photo: page 4 "
        "1 notice without a position: page 4 "
        "5 of 8 patrols and notices were written within 10 minutes: "
        "page 5 , page 6 , page 7 , page 8 , page 9 "
        "The same words on 5 patrols: page 5 , page 6 , page 7 , page 8 , page 9 "
        "A patrol began at 15:51, another one ended at 15:52: page 5 , page 6"
    )


def test_a_shift_with_nothing_odd_says_nothing_of_it(
    lena: Leader, officer: Make, write_pages: Callable[..., list[str]]
) -> None:
    [record] = write_pages(
        officer("Ada Officer"), [("shift-start", {"started_at": moment_text(BEGAN)})], NOW
    )
    assert "Worth a look" not in lena.read(f"/desk/shifts/{record}")


def inbox(db: Database, book: Notebook) -> list[Body]:
    return [
        {name: item[name] for name in ("about", "kind", "by", "text", "fields")}
        for item in since(db, book.id, 0)
    ]


def test_a_question_reaches_the_phone_is_answered_and_closed_and_then_the_shift_is_signed(
    db: Database, lena: Leader, ended: Shift, tmp_path: Path
) -> None:
    page = ended.book.pages[1]
    query = lena.asks(page, "Who was the\ncontact?")
    fields = {"query": query, "page": page.seal}
    news = {
        "about": page.record,
        "by": "Lena Leader",
        "text": "Who was the\ncontact?",
        "fields": fields,
    }
    ended_news = {"about": page.record, "by": None, "fields": {"query": query}}
    assert inbox(db, ended.book) == [news | {"kind": "query"}]
    refused(lena, db, ended.record, "1 question about it is not closed.")
    for path in (f"/desk/records/{page.record}", f"/desk/shifts/{ended.record}"):
        said = lena.read(path)
        assert (
            "Lena Leader asked on Sunday 22 November 2026 at 17:00 Not answered yet Who was the contact?"
            in said
        )
    assert "Questions that were answered" not in lena.read("/desk")

    answer = {"query": query, "answer": "The caretaker"}
    ended.book.write("answer", answer, NOW + timedelta(minutes=5), page.record)
    ended.book.send(NOW + timedelta(hours=2))
    assert inbox(db, ended.book)[1:] == [
        ended_news | {"kind": "answered", "text": "The question was answered."}
    ]
    said = lena.read("/desk")
    assert "Questions that were answered Olu Officer answered what Lena Leader asked" in said
    assert said.find("Questions that were answered") < said.find("Shifts to sign off")
    for path in (f"/desk/records/{page.record}", f"/desk/shifts/{ended.record}"):
        assert (
            "Answered Who was the contact? Olu Officer answered on page 6, "
            "Sunday 22 November 2026 at 16:05 The caretaker Close the question" in lena.read(path)
        )

    lena.closes(query, closed_reason="That will do")
    assert inbox(db, ended.book)[2:] == [
        ended_news | {"kind": "query-closed", "text": "The question was closed."}
    ]
    assert "Lena Leader closed it on Sunday 22 November 2026 at 17:00 That will do" in lena.read(
        f"/desk/records/{page.record}"
    )
    assert "Questions that were answered" not in lena.read("/desk")
    lena.sign(ended.record)
    assert len(signed(db)) == 1
    assert list(verify(db, tmp_path)) == []
    [row] = all_rows(db, "SELECT state, amendments FROM patrols WHERE record = ?", [page.record])
    assert row == {"state": "accepted", "amendments": 0}


def test_an_answer_to_a_question_that_is_not_here_is_taken_and_its_phone_told(
    db: Database, lena: Leader, ended: Shift
) -> None:
    lost, elsewhere = "0" * 64, lena.asks(ended.book.pages[1], "Which mood?")
    for query in (lost, elsewhere):
        ended.book.write("answer", {"query": query, "answer": "Calm"}, NOW, ended.patrols[1])
    assert ended.book.send(NOW) == ["accepted", "accepted"]
    news = [(item["kind"], item["fields"]["query"]) for item in inbox(db, ended.book)]
    assert news == [("query", elsewhere), ("answered", lost)]
    assert one_row(db, "SELECT answered_at FROM queries") == {"answered_at": None}
    lena.closes(elsewhere)
    lena.sign(ended.record)


def test_an_amendment_answers_a_question_too(lena: Leader, ended: Shift) -> None:
    page = ended.book.pages[1]
    ended.amend(page.record, NOW, mood="calm")
    ended.book.send(NOW)
    lena.asks(page, "Who was the contact?")
    assert "Questions that were answered" not in lena.read("/desk")
    ended.amend(page.record, NOW, contact_role="caretaker")
    ended.book.send(NOW + timedelta(hours=2))
    assert "Olu Officer answered what Lena Leader asked" in lena.read("/desk")
    said = lena.read(f"/desk/records/{page.record}")
    assert "Answered Who was the contact? Olu Officer amended on page 7" in said


def test_the_second_of_two_who_decide_a_question_is_told(
    db: Database, lena: Leader, sam: Leader, ended: Shift
) -> None:
    query = lena.asks(ended.book.pages[1], "Why so late?")
    path = f"/desk/queries/{query}/close"
    first, second = lena.form(path), sam.form(path)
    lena.send(path, first)
    said = sam.send(path, second, 400, closed_reason="Seen to")
    assert "Lena Leader has closed this question already." in said
    assert "Lena Leader has closed this question already." in sam.read(path, 409)
    lena.send(path, first)
    assert len(all_rows(db, "SELECT 1 FROM pages WHERE kind = 'query-closed'")) == 1


def test_a_question_is_asked_about_the_record_as_it_was_read(
    db: Database, lena: Leader, ended: Shift
) -> None:
    page = ended.book.pages[1]
    path = f"/desk/records/{page.record}/query/{page.seal}"
    form = lena.form(path)
    assert "Enter your question" in lena.send(path, form, 400)
    ended.amend(page.record, NOW, mood="calm")
    ended.book.send(NOW + timedelta(hours=2))
    assert reviews.MEANWHILE in lena.send(path, form, 400, question="Which mood?")
    assert all_rows(db, "SELECT 1 FROM queries") == []


def test_a_question_sent_twice_is_asked_once(db: Database, lena: Leader, ended: Shift) -> None:
    page = ended.book.pages[1]
    path = f"/desk/records/{page.record}/query/{page.seal}"
    form = lena.form(path)
    for _ in range(2):
        lena.send(path, form, question="Which mood?")
    assert len(all_rows(db, "SELECT 1 FROM queries")) == 1


def test_a_question_that_is_not_there_is_not_found(lena: Leader, ended: Shift) -> None:
    page = ended.book.pages[1]
    for path in (
        f"/desk/records/{page.record}/query/{'0' * 64}",
        f"/desk/records/{ended.notice}/query/{page.seal}",
        f"/desk/queries/{'0' * 64}/close",
    ):
        lena.read(path, 404)


def test_a_new_phone_is_told_what_its_officer_has_not_answered(
    db: Database, lena: Leader, ended: Shift, notebook_of: Callable[[str], Notebook]
) -> None:
    first, second = ended.book.pages[1], ended.book.pages[2]
    answered, waits = lena.asks(first, "Which mood?"), lena.asks(second, "Who was there?")
    ended.book.write("answer", {"query": answered, "answer": "Calm"}, NOW, first.record)
    ended.book.send(NOW + timedelta(hours=2))
    new = notebook_of(ended.book.officer)
    new.send(NOW)
    assert [item["fields"]["query"] for item in inbox(db, new)] == [waits]
    withdrawn = moment_text(NOW + timedelta(hours=3))
    db.conn.execute(
        "UPDATE notebooks SET withdrawn_at = ? WHERE id = ?", [withdrawn, ended.book.id]
    )
    before = len(inbox(db, ended.book))
    lena.closes(waits)
    assert [item["kind"] for item in inbox(db, new)] == ["query", "query-closed"]
    assert len(inbox(db, ended.book)) == before


def test_a_forked_answer_is_put_right_by_answering_again(
    db: Database, lena: Leader, ended: Shift, notebook_of: Callable[[str], Notebook]
) -> None:
    page = ended.book.pages[1]
    query = lena.asks(page, "Which mood?")
    ended.book.write("patrol", patrol(NOW), NOW)
    ended.book.send(NOW)
    ended.book.pages, ended.book.sent = ended.book.pages[:5], 5
    answer = {"query": query, "answer": "Calm"}
    ended.book.write("answer", answer, NOW, page.record)
    assert ended.book.send(NOW) == ["forked"]
    assert one_row(db, "SELECT answered_at FROM queries") == {"answered_at": None}
    book = notebook_of(ended.book.officer)
    book.write("answer", answer, NOW + timedelta(minutes=1), page.record)
    book.send(NOW)
    assert all_rows(db, "SELECT 1 FROM problems") == []
    assert one_row(db, "SELECT answered_at FROM queries") == {"answered_at": moment_text(NOW)}


def test_every_shift_that_has_ended_is_listed_until_it_is_signed_off(
    lena: Leader, ended: Shift, officer: Make, notebook_of: Callable[[str], Notebook]
) -> None:
    other = Shift(notebook_of(officer("Ada Officer")), BEGAN - timedelta(days=1))
    other.book.write("patrol", other.visit(other.ends, outcomes=None), other.ends)
    other.end().book.send(NOW)
    said = lena.read("/desk/shifts")
    assert (
        "Olu Officer Sun 22 Nov 2026, 08:00 –16:00 Complete pages 1–5 "
        "Ada Officer Sat 21 Nov 2026, 08:00 –16:00 Not yet Page 5 is held until amended." in said
    )
    lena.sign(ended.record)
    assert "Olu Officer" not in lena.read("/desk/shifts")


def test_a_photo_that_has_not_come_is_said_and_does_not_stand_against_the_sign_off(
    db: Database, lena: Leader, shift: Shift
) -> None:
    photos = [{"sha256": digit * 64, "taken_at": moment_text(BEGAN)} for digit in "ab"]
    shift.book.write("patrol", shift.visit(BEGAN, photos=photos), BEGAN)
    shift.end().book.send(NOW)
    row = {"sha256": "a" * 64, "type": "image/jpeg", "bytes": 4, "notebook": shift.book.id}
    insert(db, "evidence", row | {"received_at": moment_text(NOW)})
    said = lena.read(f"/desk/shifts/{shift.record}")
    assert "1 photo of it has not come yet." in said
    assert "2 pictures (1 not received yet)" in said
    lena.sign(shift.record)


def in_shift(kind: str, at: datetime, shift: str) -> Body:
    """The body of a page of this kind that says of which shift it is."""
    if kind == "patrol":
        return patrol(at, shift=shift)
    if kind == "fpn":
        return fpn(at, shift=shift)
    happened = {"outcome": "walked-off", "occurred_at": moment_text(at), "shift": shift}
    return happened | {"ward": WARD, "address": "1 Example Street", "particulars": "Walked off"}


@pytest.mark.parametrize("kind", ["patrol", "fpn", "not-issued"])
def test_whatever_an_officer_wrote_in_another_notebook_is_of_the_shift(
    db: Database, officer: Make, leader: str, notebook_of: Callable[[str], Notebook], kind: str
) -> None:
    olu = officer("Olu Officer")
    first, second, third = (notebook_of(olu) for _ in range(3))
    shift = first.write("shift-start", {"started_at": moment_text(BEGAN)}, BEGAN)
    record = second.write(kind, in_shift(kind, BEGAN, shift), BEGAN)
    third.write("shift-end", {"ended_at": moment_text(NOW)}, NOW, shift)
    for book in (first, second, third):
        book.send(NOW)
    found = shift_log.read(db, shift)
    assert found
    assert {span.notebook for span in found.spans} == {first.id, second.id, third.id}
    assert record in found.records
    at = NOW + timedelta(hours=1)
    signed = {"signed_at": moment_text(at), "signed_by": leader, "signed_through": 1}
    with writing(db):
        notebook.write_at_desk(db, leader, "shift-signed", shift, signed, at)
    assert shift_log.changed_since(db, moment_text(NOW)) == []
    second.write("amendment", {"reason": "x", "changes": {"particulars": "Ran"}}, NOW, record)
    second.send(NOW + timedelta(hours=2))
    assert shift_log.changed_since(db, moment_text(NOW)) == [{"record": shift}]


def test_a_page_of_the_list_that_cannot_be_is_the_first(app: Flask, leader: str) -> None:
    assert leader
    lena = Leader(app, "lena")
    first = lena.read("/desk/shifts")
    for page in ("99999999999999999999", "0", "-1", "x"):
        assert lena.read(f"/desk/shifts?page={page}") == first
