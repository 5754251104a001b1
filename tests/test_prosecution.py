"""A notice that was not paid: its officer's statement, and the file for Legal."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import desk, exhibits, numbers, prosecution, statements
from field_app import notices as register
from field_app.database import all_rows, writing
from field_app.evidence import Store
from field_app.notebook import NotWritten, write_at_desk
from field_app.times import moment_text
from field_app.verify import verify
from tests import notices
from tests.conftest import Notebook, sign_in
from tests.desk import hidden, keep, pages, photo, words
from tests.papers import ask, letters

ISSUED = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
DECLARATION = (
    "This statement is true to the best of my knowledge and belief and I make it knowing that, if it is "
    "tendered in evidence, I shall be liable to prosecution if I have wilfully stated in it anything which "
    "I know to be false or do not believe to be true."
)
BREACHED = numbers.number("CN26", 1)
REPLY = "It wasn’t me, it was the wind — honest"


@dataclass
class Case:
    """A notice of Olu Officer, its notebook, and what proves it."""

    record: str
    number: str
    book: Notebook
    photos: list[str]
    body: dict[str, Any]

    @property
    def file(self) -> str:
        return f"/desk/notices/{self.record}/prosecution.pdf"

    @property
    def statement(self) -> str:
        return f"/statements/{self.record}"


Issue = Callable[..., Case]


@pytest.fixture(autouse=True)
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (desk, prosecution, statements):
        monkeypatch.setattr(module, "now", lambda: NOW)


@pytest.fixture
def olu(officer: Callable[..., str]) -> str:
    return officer("Olu Officer")


@pytest.fixture
def issue(app: Flask, db: Database, olu: str, notebook_of: Callable[[str], Notebook]) -> Issue:
    def make(kind: str = "fpn", serial: int = 1, photos: int = 2, **more: Any) -> Case:
        book = notebook_of(olu)
        pictures = [photo(colour) for colour in ("red", "green", "blue")[:photos]]
        names = [hashlib.sha256(data).hexdigest() for data in pictures]
        taken = moment_text(ISSUED - timedelta(minutes=8))
        listed = [{"sha256": name, "taken_at": taken} for name in names] or None
        said = {"photos": listed, "reply": REPLY, "camera": "BWV-7", "clip": "C-0451"}
        issued, served = more.pop("issued", ISSUED), more.pop("served", True)
        body = getattr(notices, kind)(
            issued, serial=serial, **(said if kind == "fpn" else {}) | more
        )
        record = book.write(kind, body, issued)
        if served:
            handed = {"service": "by-hand", "served_at": moment_text(issued)}
            book.write("served", handed, issued, record)
        assert "forked" not in book.send(issued)
        for data in pictures if kind == "fpn" else []:
            keep(db, app.config["INSTANCE"], book.id, data, issued)
        return Case(record, str(body.get("number")), book, names, body)

    return make


@pytest.fixture
def case(issue: Issue) -> Case:
    return issue()


@pytest.fixture
def by_olu(app: Flask, olu: str) -> FlaskClient:
    assert olu
    client = app.test_client()
    sign_in(client, "olu")
    return client


@pytest.fixture
def at_desk(app: Flask, leader: str) -> FlaskClient:
    assert leader
    client = app.test_client()
    sign_in(client, "lena")
    return client


@pytest.fixture
def decide(db: Database, leader: str) -> Callable[..., None]:
    """Write a page at the desk, each a minute after the one before."""
    minutes = itertools.count(-60)

    def write(kind: str, record: str, body: dict[str, Any], by: str = leader) -> None:
        with writing(db):
            moment = NOW + timedelta(minutes=next(minutes))
            write_at_desk(db, by, kind, record, body, moment)

    return write


def text_of(pdf: bytes) -> str:
    return ask(pdf, "pdftotext", "-raw")


def said(client: FlaskClient, case: Case) -> str:
    """What the prosecution file says."""
    answer = client.get(case.file)
    assert answer.status_code == 200, words(answer.text)
    assert answer.mimetype == "application/pdf"
    return text_of(answer.data)


def save(client: FlaskClient, case: Case, text: str, seen: str | None = None, **query: Any) -> Any:
    page = client.get(case.statement, query_string=query).text
    token, now = hidden(page, "csrf_token"), hidden(page, "seen")
    data = {"csrf_token": token, "seen": now if seen is None else seen, "statement": text}
    return client.post(case.statement, data=data)


def sign(client: FlaskClient, case: Case, name: str = "Olu Officer") -> Any:
    page = client.get(f"{case.statement}/sign").text
    data = {name: hidden(page, name) for name in ("csrf_token", "seen")}
    return client.post(f"{case.statement}/sign", data=data | {"signed_name": name})


# The witness statement


def test_the_draft_says_what_the_pages_say_in_the_first_person(
    by_olu: FlaskClient, case: Case
) -> None:
    page = words(by_olu.get(case.statement).text)
    for sentence in (
        "I am Olu Officer, a Community Safety Enforcement Officer of the council.",
        "On Thursday 1 October 2026 at 09:50, at 1 Example Street, Kilburn, I found the person doing",
        "The offence is: Litter",
        "In my record of it I wrote: “Dropped a cup, and walked on”",
        "I cautioned the person at 09:55 in these words: “You do not have to say anything. But it may",
        f"The reply was, word for word: “{REPLY}”",
        "The notice is for Alex Invented of 9 Sample Road.",
        "I saw a document with the name and the address.",
        "I recorded the age: 18 or over. I saw a document that showed it.",
        f"I issued Fixed Penalty Notice {case.number[:4]} {case.number[4:10]} {case.number[10:]}.",
        "I handed it over on Thursday 1 October 2026 at 10:00.",
        "I produce a copy of the notice as exhibit OO/1.",
        "I produce as exhibit OO/2: photograph, taken Thursday 1 October 2026 at 09:52 (the SHA-256 "
        f"of the file begins {case.photos[0][:12]}).",
        f"exhibit OO/3: photograph, taken Thursday 1 October 2026 at 09:52 (the SHA-256 of the file "
        f"begins {case.photos[1][:12]}).",
        "I recorded the number of my body-worn camera as BWV-7.",
        "on page 1 of my notebook. It was received on Thursday 1 October 2026 at 10:00.",
    ):
        assert sentence in page, sentence
    assert "None" not in page
    assert "authorised in writing" not in page


def test_each_point_to_prove_is_in_the_draft(by_olu: FlaskClient, case: Case) -> None:
    page = by_olu.get(case.statement).text
    assert page.count("? Seen") == len(case.body["points"]) > 2


def test_the_draft_says_what_was_not_done_and_claims_nothing_more(
    by_olu: FlaskClient, issue: Issue
) -> None:
    case = issue(
        "fpn",
        2,
        0,
        basis="cctv",
        offence="fly-tipping",
        caution="not-given",
        caution_at=None,
        reply=None,
        camera=None,
        clip=None,
        age_checked=None,
        place_name="Sample Hall",
    )
    page = words(by_olu.get(case.statement).text)
    assert "This happened on Thursday 1 October 2026 at 09:50, at Sample Hall, 1 Example" in page
    assert "I know it from CCTV." in page
    assert "I gave no caution. I recorded no reply." in page
    for claimed in ("found the person", "body-worn", "exhibit OO/2", "document that showed it"):
        assert claimed not in page, claimed


@pytest.mark.parametrize("kind", ["cpw", "cpn"])
def test_a_warning_has_a_draft_too(by_olu: FlaskClient, issue: Issue, kind: str) -> None:
    page = words(by_olu.get(issue(kind).statement).text)
    assert "I recorded this conduct: “Amplified music”" in page
    assert "I required: Stop: Playing music after 23:00" in page
    assert ("Whom I informed before the notice: “The landlord”" in page) == (kind == "cpn")


def test_amendments_and_a_wrong_clock_are_told(by_olu: FlaskClient, case: Case) -> None:
    change = {"reason": "It was a can", "changes": {"particulars": "Dropped a can"}}
    case.book.write("amendment", change, ISSUED + timedelta(hours=1), case.record)
    case.book.send(ISSUED + timedelta(hours=1))
    page = words(by_olu.get(case.statement).text)
    assert (
        "In my record of it I wrote: “Dropped a can” I wrote that when I amended my record; at first I "
        "wrote: “Dropped a cup, and walked on”" in page
    )
    assert "I amended the record on Thursday 1 October 2026 at 11:00: “It was a can”" in page
    assert "clock" not in page


def test_the_draft_says_how_it_was_served_and_each_point_as_its_officer_amended_them(
    by_olu: FlaskClient, case: Case
) -> None:
    points = case.body["points"] | {"item": "A can"}
    later = ISSUED + timedelta(hours=1)
    change = {"reason": "My mistake", "changes": {"service": "left", "points": points}}
    case.book.write("amendment", change, later, case.record)
    assert case.book.send(later) == ["accepted"]
    page = words(by_olu.get(case.statement).text)
    assert "I left it at the address on Thursday 1 October 2026 at 10:00." in page
    assert "I handed it over" not in page
    assert "What was the litter? A can (amended; at first “Seen”)" in page
    assert page.count("(amended; ") == 1


def test_what_the_desk_wrote_later_is_not_in_the_officers_mouth(
    by_olu: FlaskClient, issue: Issue, decide: Callable[..., None]
) -> None:
    case = issue("cpn")
    varied: dict[str, Any] = {"requirements": [{"kind": "do", "what": "Clear the yard"}]}
    varied |= {"comply_by": "2026-12-20", "ends_on": "2027-03-01", "variation_reason": "It does"}
    decide("variation", case.record, varied)
    page = words(by_olu.get(case.statement).text)
    assert "I required: Stop: Playing music after 23:00" in page
    assert "Clear the yard" not in page


@pytest.mark.parametrize(
    ("lacking", "sentence"),
    [
        ({"recipient_name": None, "recipient_address": None}, "The notice is for"),
        ({"recipient_address": None}, "The notice is for Alex Invented. I saw"),
        ({"address": None, "ward": None}, "On Thursday 1 October 2026 at 09:50, I found"),
        (
            {"offence": "cpn-breach", "breached": BREACHED},
            f"The notice breached is {numbers.shown(BREACHED)}. ",
        ),
    ],
)
def test_the_draft_leaves_out_what_has_no_answer(
    by_olu: FlaskClient, issue: Issue, lacking: dict[str, Any], sentence: str
) -> None:
    case = issue("fpn", 1, 0, **lacking)
    page = words(by_olu.get(case.statement).text)
    assert (sentence in page) == ("recipient_name" not in lacking)
    assert "None" not in page


def test_what_was_written_on_paper_is_said_to_be(
    by_olu: FlaskClient, issue: Issue, leader: str
) -> None:
    case = issue("fpn", 1, 0, entered_by=leader)
    change = {"reason": "Misread", "changes": {"particulars": "Dropped a can"}}
    case.book.write("amendment", change, ISSUED + timedelta(hours=1), case.record)
    assert case.book.send(ISSUED + timedelta(hours=1)) == ["accepted"]
    page = words(by_olu.get(case.statement).text)
    assert "I wrote it on paper. Lena Leader entered it on Thursday 1 October 2026" in page
    assert (
        "What was typed from it was amended on Thursday 1 October 2026 at 11:00: “Misread”" in page
    )
    assert "In my record of it I wrote: “Dropped a can” " in page
    for claimed in ("I made my record", "I amended", "at first"):
        assert claimed not in page


def test_the_draft_names_the_written_authorisation_that_covers_it(
    by_olu: FlaskClient, case: Case, olu: str, decide: Callable[..., None]
) -> None:
    body = {"granted_to": olu, "powers": ["epa-88"], "document": "CS/12", "starts": "2026-01-01"}
    decide("authorisation", str(uuid.uuid4()), body)
    assert "I am authorised in writing by the council (document CS/12)." in words(
        by_olu.get(case.statement).text
    )


def test_what_the_officer_saves_is_a_page_of_their_own_notebook_at_the_desk(
    db: Database, by_olu: FlaskClient, case: Case, olu: str
) -> None:
    assert save(by_olu, case, "I am Olu.\r\n\r\nI saw it.").status_code == 303
    [page] = pages(db, case.record, "statement")
    [book] = all_rows(db, "SELECT * FROM notebooks WHERE id = ?", [page["notebook"]])
    assert (book["officer"], book["at_desk"]) == (olu, 1)
    assert json.loads(page["body"]) == {"statement": "I am Olu.\n\nI saw it."}
    assert save(by_olu, case, "I am Olu.\n\nI saw it.").status_code == 303
    assert len(pages(db, case.record, "statement")) == 1  # nothing new was said
    assert "I saw it." in by_olu.get(case.statement).text


def test_the_declaration_is_that_of_the_act_word_for_word(
    db: Database, by_olu: FlaskClient, at_desk: FlaskClient, case: Case
) -> None:
    save(by_olu, case, "I saw it.")
    assert DECLARATION in words(by_olu.get(f"{case.statement}/sign").text)
    assert sign(by_olu, case).status_code == 303
    [page] = pages(db, case.record, "statement-signed")
    body = json.loads(page["body"])
    assert body["declaration"] == DECLARATION
    assert (body["signed_name"], body["signed_at"]) == ("Olu Officer", moment_text(NOW))
    assert body["signed_page"] == pages(db, case.record, "statement")[0]["seal"]
    assert letters(DECLARATION) in letters(said(at_desk, case))


def test_a_signed_statement_is_locked(
    db: Database, by_olu: FlaskClient, at_desk: FlaskClient, case: Case
) -> None:
    save(by_olu, case, "I saw it fall.")
    before = hidden(by_olu.get(case.statement).text, "seen")
    sign(by_olu, case)
    page = by_olu.get(case.statement).text
    assert "<textarea" not in page
    assert "I saw it fall." in page
    answer = save(by_olu, case, "I saw nothing.", seen=before, further="1")
    assert answer.status_code == 400
    assert "It is signed, so its text stays as it is." in words(answer.text)
    assert "I saw nothing." in answer.text  # nothing that was typed is lost
    assert len(pages(db, case.record, "statement")) == 1
    change = {"reason": "Tidier", "changes": {"statement": "I saw nothing."}}
    case.book.write("amendment", change, NOW, case.record)
    case.book.send(NOW)
    text = said(at_desk, case)
    assert "I saw it fall." in text
    assert "Draft. Nobody has signed it" not in text


def test_a_further_statement_is_a_new_one_beside_the_signed_one(
    db: Database, by_olu: FlaskClient, at_desk: FlaskClient, case: Case
) -> None:
    save(by_olu, case, "I saw it fall.")
    sign(by_olu, case)
    save(by_olu, case, "I also heard it.", further="1")
    half = said(at_desk, case)
    assert "I saw it fall." in half
    assert half.index("Draft. Nobody has signed it") < half.index("I also heard it.")
    assert sign(by_olu, case).status_code == 303
    both = said(at_desk, case)
    assert both.index("I saw it fall.") < both.index("I also heard it.")
    assert "Draft. Nobody" not in both
    assert len(pages(db, case.record, "statement-signed")) == 2


def test_signing_twice_signs_once(db: Database, by_olu: FlaskClient, case: Case) -> None:
    save(by_olu, case, "I saw it.")
    page = by_olu.get(f"{case.statement}/sign").text
    data = {name: hidden(page, name) for name in ("csrf_token", "seen")}
    for _ in range(2):
        by_olu.post(f"{case.statement}/sign", data=data | {"signed_name": "Olu Officer"})
    assert len(pages(db, case.record, "statement-signed")) == 1


@pytest.mark.parametrize(("name", "why"), [("", "Type your name"), ("Lena Leader", "as Fieldbook")])
def test_a_statement_is_signed_with_ones_own_name(
    db: Database, by_olu: FlaskClient, case: Case, name: str, why: str
) -> None:
    save(by_olu, case, "I saw it.")
    answer = sign(by_olu, case, name)
    assert answer.status_code == 400
    assert why in words(answer.text)
    assert pages(db, case.record, "statement-signed") == []


def test_two_windows_do_not_write_over_each_other(
    db: Database, by_olu: FlaskClient, case: Case
) -> None:
    save(by_olu, case, "First window.")
    answer = save(by_olu, case, "Second window.", seen="")
    assert answer.status_code == 400
    assert "It was saved elsewhere meanwhile." in words(answer.text)
    assert len(pages(db, case.record, "statement")) == 1


def test_a_statement_saved_twice_is_saved_once(
    db: Database, by_olu: FlaskClient, case: Case
) -> None:
    page = by_olu.get(case.statement).text
    said = {name: hidden(page, name) for name in ("csrf_token", "seen")}
    for _ in range(2):
        answer = by_olu.post(case.statement, data=said | {"statement": "I saw it."})
        assert (answer.status_code, answer.location) == (303, f"{case.statement}/sign")
    assert len(pages(db, case.record, "statement")) == 1


def test_an_empty_statement_is_refused(by_olu: FlaskClient, case: Case) -> None:
    answer = save(by_olu, case, "  ")
    assert answer.status_code == 400
    assert "Enter statement" in words(answer.text)


def test_nobody_writes_another_officers_statement(
    app: Flask,
    db: Database,
    case: Case,
    leader: str,
    officer: Callable[..., str],
    at_desk: FlaskClient,
) -> None:
    officer("Ada Second")
    ada, nobody = app.test_client(), app.test_client()
    sign_in(ada, "ada")
    for path in (case.statement, f"{case.statement}/sign"):
        assert [one.get(path).status_code for one in (ada, at_desk, nobody)] == [403, 403, 302]
    assert ada.get(f"/statements/{uuid.uuid4()}").status_code == 404
    assert case.record not in ada.get("/statements").text
    with pytest.raises(NotWritten) as caught, writing(db):
        write_at_desk(db, leader, "statement", case.record, {"statement": "I saw it"}, NOW)
    assert [problem.rule for problem in caught.value.problems] == ["not-yours"]


def test_a_phone_cannot_write_or_sign_a_statement(case: Case) -> None:
    case.book.write("statement", {"statement": "I saw it"}, NOW, case.record)
    assert case.book.send(NOW) == ["held"]


def test_an_officer_sees_how_far_each_statement_is(by_olu: FlaskClient, issue: Issue) -> None:
    first, second, _ = (issue("fpn", serial, 0) for serial in (1, 2, 3))
    save(by_olu, first, "One")
    save(by_olu, second, "Two")
    sign(by_olu, second)
    page = words(by_olu.get("/statements").text)
    assert [page.count(state) for state in ("Draft", "Signed", "Not written")] == [1, 1, 1]
    answer = by_olu.get(first.statement)
    assert answer.headers["Cache-Control"] == "no-store"


# The prosecution file


def test_the_file_has_every_pages_seal_and_every_exhibits_hash(
    db: Database, by_olu: FlaskClient, at_desk: FlaskClient, case: Case, decide: Any
) -> None:
    save(by_olu, case, "I saw it.")
    sign(by_olu, case)
    decide("representation", case.record, {"represented_on": "2026-10-05", "grounds": "Not me"})
    pdf = at_desk.get(case.file).data
    text = letters(text_of(pdf))
    for page in pages(db, case.record):
        assert page["seal"] in text
        assert page["previous"] in text
    part = text[text.index("SHA-256ofthefile") : text.rindex("4.Pagesoftherecord")]
    assert [part.count(name) for name in case.photos] == [2, 2]  # in the list, and at the picture
    assert re.search(r"Page1of\d+", text)
    assert pictures(pdf) == [photo("red"), photo("green")]  # the very bytes
    assert "Figure" in ask(pdf, "pdfinfo", "-struct-text")


def pictures(pdf: bytes) -> list[bytes]:
    """The JPEG files in a PDF."""
    with TemporaryDirectory() as folder:
        command = ["pdfimages", "-j", "-", f"{folder}/one"]
        subprocess.run(command, input=pdf, check=True, capture_output=True)
        return [one.read_bytes() for one in sorted(Path(folder).glob("*.jpg"))]


def test_the_cover_says_who_what_and_until_when(at_desk: FlaskClient, case: Case) -> None:
    text = " ".join(said(at_desk, case).split())
    for words_ in (
        "Prosecution file",
        "Defendant Alex Invented",
        "Address 9 Sample Road",
        "Offence Litter, Environmental Protection Act 1990 s87",
        "Time to pay ended Thursday 15 October 2026",
        "Drawn again on Sunday 22 November 2026 from the council’s settings of that day.",
        "Nothing of £100",
        "Thursday 1 April 2027: proceedings begin within 6 months of the offence",
        "Notice served Handed over, Thursday 1 October 2026 at 10:00",
    ):
        assert words_ in text, words_


def test_the_file_has_receipts_and_clock_offsets(at_desk: FlaskClient, case: Case) -> None:
    text = " ".join(said(at_desk, case).split())
    assert "Received Thursday 1 October 2026 at 10:00." in text
    assert "Clock of the phone: 0.0 seconds to add." in text


def test_an_unsigned_statement_is_marked_as_a_draft(at_desk: FlaskClient, case: Case) -> None:
    text = " ".join(said(at_desk, case).split())
    assert "The witness statement is a draft: its officer has not signed it." in text
    assert "Draft. Nobody has signed it, and it is no evidence." in text


def test_the_schedule_lists_all_that_is_held_and_is_no_exhibit(
    by_olu: FlaskClient, at_desk: FlaskClient, case: Case, decide: Any
) -> None:
    change: dict[str, Any] = {"reason": "A can", "changes": {"particulars": "Dropped a can"}}
    case.book.write("served", {"service": "carried off"}, ISSUED, case.record)
    case.book.write("mystery", {}, ISSUED, case.record)
    assert case.book.send(ISSUED) == ["held", "held"]
    change["changes"] |= {"service": "left"}
    case.book.write("amendment", change, ISSUED, case.record)
    assert case.book.send(ISSUED) == ["accepted"]
    save(by_olu, case, "A first try.")
    save(by_olu, case, "I saw it.")
    sign(by_olu, case)
    decide("representation", case.record, {"represented_on": "2026-10-05", "grounds": "Not me"})
    payment = {"number": case.number, "amount": 1_000, "paid_on": "2026-11-01", "source": "post"}
    decide("payment", str(uuid.uuid4()), payment)
    text = " ".join(said(at_desk, case).split())
    schedule = text[text.rindex("Schedule of unused material") :]
    for item in (
        "Fixed Penalty Notice; by Olu Officer",
        "Hand over; by Olu Officer",
        "Amend, so an earlier version differs: What happened, How it was served; by Olu Officer",
        "“mystery”, which Fieldbook does not know: it was held; by Olu Officer",
        "Witness statement, draft; by Olu Officer",
        "Record a representation; by Lena Leader",
        "Payment of £10",
        "Body-worn video: camera BWV-7, clip C-0451",
        "Message to the phone: Page 3 is no longer held.",
    ):
        assert item in schedule, item
    assert schedule.count("Witness statement, draft") == 1  # the signed text is no unused material
    assert case.photos[0] not in letters(schedule)


def test_a_photo_that_is_not_here_or_not_itself_is_named_and_not_shown(
    app: Flask, at_desk: FlaskClient, case: Case
) -> None:
    later = {"photos": [{"sha256": "a" * 64, "taken_at": moment_text(ISSUED)}]}
    case.book.write("photos-added", later, ISSUED, case.record)
    case.book.send(ISSUED)
    Store(app.config["INSTANCE"] / "evidence").path(case.photos[0]).write_bytes(photo("black"))
    answer = at_desk.get(case.file)
    text = " ".join(text_of(answer.data).split())
    assert "Exhibit OO/4: Not received yet: it is still on the officer’s phone." in text
    assert "Exhibit OO/2: The stored file no longer has this SHA-256." in text
    assert pictures(answer.data) == [photo("green")]


def test_what_comes_later_changes_no_exhibits_number(by_olu: FlaskClient, case: Case) -> None:
    early = ISSUED - timedelta(hours=3)
    later = {"photos": [{"sha256": "b" * 64, "taken_at": moment_text(early)}]}
    case.book.write("photos-added", later, early, case.record)
    case.book.send(NOW)
    page = words(by_olu.get(case.statement).text)
    assert (
        f"OO/2: photograph, taken Thursday 1 October 2026 at 09:52 (the SHA-256 of the file begins "
        f"{case.photos[0][:12]}" in page
    )
    assert "exhibit OO/4: photograph" in page


def exhibits_in(page: str) -> dict[str, str]:
    """The pictures that a draft produces: how each SHA-256 begins, by its reference."""
    found = re.findall(r"as exhibit (OO/\d+): .*?file begins ([0-9a-f]{12})", page)
    return dict(found)


def test_a_held_page_has_its_exhibits_number_before_it_is_put_right(
    by_olu: FlaskClient, at_desk: FlaskClient, case: Case
) -> None:
    def add(name: str, at: datetime, **more: Any) -> list[str]:
        listed = {"photos": [{"sha256": name * 64, "taken_at": moment_text(ISSUED)}]}
        case.book.write("photos-added", listed | more, at, case.record)
        return case.book.send(at)

    assert add("a", ISSUED + timedelta(hours=1), photos_note="x" * 301) == ["held"]
    assert add("b", ISSUED + timedelta(hours=2)) == ["accepted"]
    first = {"OO/2": case.photos[0][:12], "OO/3": case.photos[1][:12], "OO/5": "b" * 12}
    assert exhibits_in(words(by_olu.get(case.statement).text)) == first
    text = " ".join(said(at_desk, case).split())
    assert "Not produced, and in part 5: OO/4." in text
    assert "(OO/4), which is no exhibit: only a held page lists it; SHA-256 aaaa" in text
    listed = [*case.body["photos"], {"sha256": "a" * 64, "taken_at": moment_text(ISSUED)}]
    change = {"reason": "Too long", "changes": {"photos": listed, "photos_note": "A cup"}}
    case.book.write("amendment", change, ISSUED + timedelta(hours=3), case.record)
    assert case.book.send(ISSUED + timedelta(hours=3)) == ["accepted"]
    now = exhibits_in(words(by_olu.get(case.statement).text))
    assert now == first | {"OO/4": "a" * 12}


def test_a_photo_that_an_amendment_took_out_is_no_exhibit_and_in_the_schedule(
    by_olu: FlaskClient, at_desk: FlaskClient, case: Case
) -> None:
    kept = case.body["photos"][1:]
    change = {"reason": "The wrong photo", "changes": {"photos": kept}}
    case.book.write("amendment", change, ISSUED + timedelta(hours=1), case.record)
    assert case.book.send(ISSUED + timedelta(hours=1)) == ["accepted"]
    assert exhibits_in(words(by_olu.get(case.statement).text)) == {"OO/3": case.photos[1][:12]}
    answer = at_desk.get(case.file)
    assert pictures(answer.data) == [photo("green")]
    text = text_of(answer.data)
    schedule = " ".join(text[text.rindex("Schedule of unused material") :].split())
    assert "(OO/2), which is no exhibit: an amendment took it out" in schedule
    assert case.photos[0] in letters(schedule)


ASKED = {"withdrawal": "withdraw", "withdrawal_reason": "The wrong person"}


def test_r16_no_file_for_a_paid_notice(at_desk: FlaskClient, case: Case, decide: Any) -> None:
    def pay(amount: int, day: str) -> None:
        payment = {"number": case.number, "amount": amount, "paid_on": day, "source": "online"}
        decide("payment", str(uuid.uuid4()), payment)

    pay(4_000, "2026-11-01")
    assert at_desk.get(case.file).status_code == 200
    pay(6_000, "2026-11-02")
    refused(at_desk, case, "It is paid. Payment closes the case")
    decide("withdrawal", case.record, ASKED)
    refused(at_desk, case, "It is paid. Payment closes the case")


def test_nobody_is_prosecuted_while_a_withdrawal_waits_for_its_answer(
    at_desk: FlaskClient, case: Case, decide: Any
) -> None:
    decide("withdrawal", case.record, ASKED)
    refused(at_desk, case, "Somebody asked to withdraw it")


def test_no_reminder_moves_a_case_back(
    db: Database, at_desk: FlaskClient, case: Case, decide: Any
) -> None:
    letter = f"/desk/notices/{case.record}/letters/reminder.pdf"
    assert at_desk.get(letter).status_code == 200
    here = f"/desk/notices/{case.record}/letters"
    token = hidden(at_desk.get(here).text, "csrf_token")
    done = {"step": "prosecution", "step_on": "2026-11-21", "step_reason": "Unpaid"}
    decide("case-step", case.record, done)
    assert at_desk.get(letter).status_code == 409
    form = {"csrf_token": token, "posted_on": "2026-11-21", "times": "0"}
    assert at_desk.post(f"{here}/reminder", data=form).status_code == 409
    row = register.standing(db, case.record, NOW.date())
    assert row
    assert (row["standing"], row["step"]) == ("prosecution", "prosecution")


@pytest.mark.parametrize(
    ("day", "pence", "closed"), [("15", 9_000, True), ("16", 9_000, False), ("15", 8_999, False)]
)
def test_r16_the_lower_amount_closes_the_case_only_in_its_time(
    at_desk: FlaskClient, issue: Issue, decide: Any, day: str, pence: int, closed: bool
) -> None:
    case = issue("fpn", 1, 0, offence="street-trading")
    payment = {
        "number": case.number,
        "amount": pence,
        "paid_on": f"2026-10-{day}",
        "source": "post",
    }
    decide("payment", str(uuid.uuid4()), payment)
    answer = at_desk.get(case.file)
    assert answer.status_code == (409 if closed else 200), words(answer.text)


def refused(client: FlaskClient, case: Case, why: str) -> None:
    answer = client.get(case.file)
    assert answer.status_code == 409
    assert why in words(answer.text)
    page = words(client.get(f"/desk/records/{case.record}").text)
    assert f"No prosecution file. {why}" in page
    assert "Make the prosecution file" not in page


@pytest.mark.parametrize(
    ("what", "why"), [("withdraw", "It is withdrawn."), ("void", "It is void.")]
)
def test_no_file_for_a_notice_that_does_not_stand(
    at_desk: FlaskClient, case: Case, decide: Any, officer: Any, what: str, why: str
) -> None:
    decide("withdrawal", case.record, {"withdrawal": what, "withdrawal_reason": "Wrong person"})
    refused(at_desk, case, "Somebody asked to withdraw it")
    answer = {"withdrawal_answer": "agree", "withdrawal_answer_reason": "Yes"}
    decide("withdrawal-answer", case.record, answer, by=officer("Sam Second", "team leader"))
    refused(at_desk, case, why)


def test_no_file_for_a_notice_held_written_off_or_too_late(
    at_desk: FlaskClient, issue: Issue, decide: Any
) -> None:
    refused(at_desk, issue("fpn", 2, 0, recipient_name=None), "It is held")
    off = issue("fpn", 3, 0)
    step = {"step": "written-off", "step_on": "2026-11-22", "step_reason": "Moved away"}
    decide("case-step", off.record, step)
    refused(at_desk, off, "It is written off.")
    late = issue("fpn", 4, 0, issued=datetime(2026, 5, 21, 9, 0, tzinfo=UTC))
    refused(
        at_desk, late, "The time limit for a summary offence ended on Saturday 21 November 2026"
    )


def test_the_last_day_of_the_time_limit_still_counts_and_either_way_has_none(
    at_desk: FlaskClient, issue: Issue
) -> None:
    last = issue("fpn", 1, 0, issued=datetime(2026, 5, 22, 9, 0, tzinfo=UTC))
    assert "Sunday 22 November 2026: proceedings begin" in " ".join(said(at_desk, last).split())
    old = issue("fpn", 2, 0, issued=datetime(2026, 1, 5, 9, 0, tzinfo=UTC), offence="fly-tipping")
    assert "None of 6 months: it can be tried either way" in " ".join(said(at_desk, old).split())


def test_a_warning_has_no_offence_to_prosecute(at_desk: FlaskClient, issue: Issue) -> None:
    case = issue("cpw")
    assert at_desk.get(case.file).status_code == 409
    assert "rosecution file" not in words(at_desk.get(f"/desk/records/{case.record}").text)


def test_what_has_to_be_seen_to_first_is_on_the_cover(
    at_desk: FlaskClient, issue: Issue, decide: Any
) -> None:
    case = issue("fpn", 1, 0, issued=NOW - timedelta(days=2))
    decide("representation", case.record, {"represented_on": "2026-11-21", "grounds": "Not me"})
    text = " ".join(said(at_desk, case).split())
    assert "It can still be paid until the end of Friday 4 December 2026. No proceedings" in text
    assert "A representation has not been decided." in text


def test_the_cover_says_that_the_time_to_pay_was_made_longer_and_runs(
    at_desk: FlaskClient, case: Case, decide: Any
) -> None:
    decide("representation", case.record, {"represented_on": "2026-10-05", "grounds": "Not me"})
    rejected = {"decision": "rejected", "decision_reason": "Seen", "decided_pay_by": "2026-11-22"}
    decide("decision", case.record, rejected)
    text = " ".join(said(at_desk, case).split())
    assert "Time to pay ends Sunday 22 November 2026" in text
    assert "It can still be paid until the end of Sunday 22 November 2026." in text


def test_the_cover_and_the_letters_say_what_the_paper_names_when_it_was_put_right_since(
    at_desk: FlaskClient, case: Case
) -> None:
    sentence = "The paper that was handed over names: Alex Invented, 9 Sample Road."
    assert sentence not in " ".join(said(at_desk, case).split())
    changes = {"recipient_name": "Alexa Invented", "recipient_address": "8 Sample Road, EX1 1AA"}
    case.book.write("amendment", {"reason": "Misheard", "changes": changes}, NOW, case.record)
    assert case.book.send(NOW) == ["accepted"]
    assert sentence in " ".join(said(at_desk, case).split())
    letter = at_desk.get(f"/desk/notices/{case.record}/letters/reminder.pdf").data
    assert sentence in " ".join(text_of(letter).split())


def test_the_cover_says_that_nobody_has_served_the_notice(
    at_desk: FlaskClient, issue: Issue
) -> None:
    sentence = "Nobody has said that the notice was handed over, left or posted."
    assert sentence in " ".join(said(at_desk, issue("fpn", 1, 0, served=False)).split())
    assert sentence not in " ".join(said(at_desk, issue("fpn", 2, 0)).split())


def test_what_went_to_legal_in_time_has_its_file_made_again_after_the_limit(
    at_desk: FlaskClient, issue: Issue, decide: Any
) -> None:
    in_time, late = (
        issue("fpn", serial, 0, issued=datetime(2026, 5, 21, 9, 0, tzinfo=UTC)) for serial in (1, 2)
    )
    step = {"step": "prosecution", "step_reason": "Unpaid"}
    decide("case-step", in_time.record, step | {"step_on": "2026-11-21"})
    decide("case-step", late.record, step | {"step_on": "2026-11-22"})
    text = " ".join(said(at_desk, in_time).split())
    assert "The time limit ended on Saturday 21 November 2026: only proceedings that began" in text
    refused(
        at_desk, late, "The time limit for a summary offence ended on Saturday 21 November 2026"
    )


def test_making_the_file_writes_only_who_was_given_its_pictures(
    db: Database, at_desk: FlaskClient, case: Case
) -> None:
    def everything() -> list[list[dict[str, Any]]]:
        return [list(table.rows) for table in db.tables if table.name != "views"]

    before = everything()
    said(at_desk, case)
    assert everything() == before


def test_what_would_keep_a_worker_busy_for_minutes_is_refused(
    by_olu: FlaskClient, at_desk: FlaskClient, case: Case
) -> None:
    save(by_olu, case, "x" * 19_000)
    answer = at_desk.get(case.file)
    assert answer.status_code == 413
    assert "too long to be made in one piece" in words(answer.text)


def test_the_file_is_for_the_desk_only(
    app: Flask, by_olu: FlaskClient, at_desk: FlaskClient, case: Case
) -> None:
    assert by_olu.get(case.file).status_code == 403
    assert app.test_client().get(case.file).status_code == 302
    answer = at_desk.get(case.file)
    assert answer.headers["Cache-Control"] == "no-store"
    assert at_desk.get(f"/desk/notices/{uuid.uuid4()}/prosecution.pdf").status_code == 404


def test_the_notices_page_offers_the_file(at_desk: FlaskClient, case: Case) -> None:
    page = at_desk.get(f"/desk/records/{case.record}").text
    assert "Make the prosecution file (PDF)" in page
    assert f'href="{case.file}"' in page
    assert case.statement in page


def test_the_tables_are_as_the_pages_say_after_statements(
    app: Flask, db: Database, by_olu: FlaskClient, case: Case
) -> None:
    save(by_olu, case, "I saw it.")
    sign(by_olu, case)
    assert list(verify(db, app.config["INSTANCE"] / "evidence", lambda *_: None)) == []


def test_initials() -> None:
    assert exhibits.initials("Olu van der Officer") == "OVDO"
