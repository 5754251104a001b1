"""Payments: entered by hand, taken in from a provider's CSV file, and those that no notice bears."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import cases, desk, due, notices, numbers, payments, payments_desk, prosecution
from field_app.csv_file import BadFile
from field_app.database import all_rows, connect, one_row, path_of, writing
from field_app.fold import fold_all
from field_app.payment_file import (
    LIMITS,
    Columns,
    read_day,
    read_lines,
    read_pounds,
    read_table,
)
from tests.conftest import Notebook, sign_in
from tests.desk import make_void
from tests.notices import cpw, fpn

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
LATER = datetime(2026, 11, 25, 12, tzinfo=UTC)
COLUMNS: Columns = {
    "number": "Notice",
    "amount": "Gross",
    "paid_on": "Settled",
    "payment_reference": "Ref",
}
HEADINGS = "Settled,Notice,Payer,Gross,Ref"

Body = dict[str, Any]
Make = Callable[..., str]


def csv_of(*lines: str, headings: str = HEADINGS) -> bytes:
    return "\r\n".join([headings, *lines, ""]).encode()


@pytest.fixture
def issued(officer: Make, notebook_of: Callable[[str], Notebook]) -> list[str]:
    """Three litter notices, £100 each, to be paid by 6 December; their records."""
    book = notebook_of(officer("Olu Officer"))
    records = [book.write("fpn", fpn(NOW, serial=n), NOW) for n in (1, 2, 3)]
    records.append(book.write("cpw", cpw(NOW, 4), NOW))
    book.send(NOW)
    return records


ONE, TWO, THREE = (numbers.number("CF26", n) for n in (1, 2, 3))
NOBODYS, WARNING = numbers.number("CF26", 900), numbers.number("CW26", 4)
WRONG = ONE[:-1] + str((int(ONE[-1]) + 1) % 10)


@pytest.fixture
def lena(client: FlaskClient, leader: str, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    assert leader
    for module in (cases, desk, payments_desk):
        monkeypatch.setattr(module, "now", lambda: LATER)
    sign_in(client, "lena")
    return client


def read(page: str) -> str:
    body = page.partition("<main")[2] or page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def token(client: FlaskClient) -> Body:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/desk/payments").text)
    assert found
    return {"csrf_token": found[1]}


def upload(client: FlaskClient, data: bytes, status: int = 200, **more: str) -> str:
    said = token(client) | more | {"file": (io.BytesIO(data), "payments.csv")}
    answer = client.post("/desk/payments/file", data=said)
    assert answer.status_code == status, read(answer.text)
    return answer.text


CHOSEN: Body = {f"column-{name}": heading for name, heading in COLUMNS.items()} | {"chosen": "yes"}


def hidden(page: str) -> Body:
    """What the page's form sends on."""
    return {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    }


def take_in(client: FlaskClient, data: bytes) -> str:
    """Upload a file, look at it, take it in; what the page after it says."""
    page = upload(client, data, **CHOSEN)
    answer = client.post("/desk/payments/file", data=hidden(page) | {"take": "yes"})
    assert answer.status_code == 303
    return read(client.get(answer.location).text)


def on_file(db: Database) -> list[dict[str, Any]]:
    return all_rows(db, "SELECT * FROM payments ORDER BY paid_on, number, amount, record")


FILE = csv_of(
    f'22/11/2026,{ONE},"Invented, Alex",£100.00,A1',
    f"2026-11-23,{numbers.shown(TWO)},,50,A2",
    f"24 Nov 2026,{NOBODYS},,£100.00,A3",
    f"2026-11-24,{WRONG},,100,A4",
)


def test_a_file_is_looked_at_before_it_is_taken_in(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    assert issued
    page = upload(lena, FILE)
    said = read(page)
    assert "Choose the columns" in said
    assert "Line Settled Notice Payer Gross Ref 2 22/11/2026 CF2600000149 Invented, Alex" in said
    answer = lena.post("/desk/payments/file", data=hidden(page) | CHOSEN)
    said = read(answer.text)
    assert "2 match, 2 unmatched, 0 already known" in said
    assert "2 CF26 000001 49 £100 22 Nov 2026 A1 Matches" in said
    assert f"5 {WRONG} £100 24 Nov 2026 A4 Unmatched No number of a notice" in said
    assert on_file(db) == []
    answer = lena.post("/desk/payments/file", data=hidden(answer.text) | {"take": "yes"})
    assert answer.location == "/desk/payments"
    said = "4 payments taken in, 2 of them unmatched."
    assert [said in read(lena.get("/desk/payments").text) for _ in range(2)] == [True, False]
    assert "payments taken in" not in read(lena.get("/desk/payments?known=5&match=999").text)
    rows = on_file(db)
    assert [(r["number"], r["typed_number"], r["amount"], r["paid_on"]) for r in rows] == [
        (ONE, None, 10_000, "2026-11-22"),
        (TWO, None, 5_000, "2026-11-23"),
        (None, WRONG, 10_000, "2026-11-24"),
        (NOBODYS, None, 10_000, "2026-11-24"),
    ]
    standing = [notices.standing(db, one, LATER.date()) for one in issued[:2]]
    assert [row and (row["standing"], row["paid"]) for row in standing] == [
        ("paid", 10_000),
        ("issued", 5_000),
    ]


def test_the_columns_are_chosen_once(lena: FlaskClient) -> None:
    assert "Choose the columns" in read(upload(lena, FILE))
    assert "0 match, 4 unmatched" in read(upload(lena, FILE, **CHOSEN))
    page = upload(lena, FILE)
    assert "0 match, 4 unmatched" in read(page)
    other = lena.post("/desk/payments/file", data=hidden(page) | {"choose": "yes"}).text
    assert "Choose the columns" in read(other)
    assert re.search(r'<option value="Gross" selected>', other)
    assert "Choose the columns" in read(upload(lena, csv_of("1,2,3", headings="A,B,C")))


def test_the_same_file_twice_changes_nothing(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    assert issued
    assert "4 payments taken in" in take_in(lena, FILE)
    before, pages = on_file(db), all_rows(db, "SELECT seal FROM pages")
    assert "0 match, 0 unmatched, 4 already known" in read(upload(lena, FILE))
    assert "0 payments taken in. 4 were known already." in take_in(lena, FILE)
    assert (on_file(db), all_rows(db, "SELECT seal FROM pages")) == (before, pages)


def test_files_that_overlap_and_lines_that_are_equal_are_counted_right(
    db: Database, lena: FlaskClient
) -> None:
    same = f"2026-11-22,{ONE},,50,B1"
    take_in(lena, csv_of(same, same))
    assert len(on_file(db)) == 2
    other = csv_of(f"22/11/2026,{numbers.shown(ONE)},,£50.00,B1", f"2026-11-23,{TWO},,50,B2", same)
    assert "1 payment taken in, 1 of them unmatched. 2 were known already." in take_in(lena, other)
    assert len(on_file(db)) == 3


WITHOUT = {name: heading for name, heading in CHOSEN.items() if name != "column-payment_reference"}


def paid(db: Database, record: str) -> tuple[str, int]:
    row = notices.standing(db, record, LATER.date())
    assert row
    return row["standing"], row["paid"]


@pytest.mark.parametrize("first", ["without the column", "by hand"])
def test_a_payment_that_lacked_its_reference_is_not_doubled_by_the_file(
    db: Database, lena: FlaskClient, issued: list[str], first: str
) -> None:
    if first == "by hand":
        enter(lena, number=ONE, amount="100", paid_on="2026-11-22")
        enter(lena, number=WRONG, amount="100", paid_on="2026-11-24", keep="yes")
    else:
        page = upload(lena, csv_of(*FILE.decode().split("\r\n")[1:5:3]), **WITHOUT)
        lena.post("/desk/payments/file", data=hidden(page) | {"take": "yes"})
    assert len(on_file(db)) == 2
    page = upload(lena, FILE, **CHOSEN)
    said = read(page)
    assert "1 match, 1 unmatched, 0 already known, 2 perhaps known" in said
    assert "Line 2: CF26 000001 49, £100, 22 Nov 2026, A1" in said
    assert "2 CF26 000001 49 £100 22 Nov 2026 A1 Perhaps known already" in said
    said = take_in(lena, FILE)
    assert "2 payments taken in, 1 of them unmatched. 2 were left out, perhaps known" in said
    assert paid(db, issued[0]) == ("paid", 10_000)
    assert len(on_file(db)) == 4


def test_a_payment_perhaps_known_is_taken_in_once_when_its_line_is_ticked(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    enter(lena, number=ONE, amount="40", paid_on="2026-11-22")
    line = f"22/11/2026,{ONE},,40,"
    page = upload(lena, csv_of(line + "J1", line + "J2"), **CHOSEN)
    assert "Take in those ticked" in read(page)
    form = hidden(page) | {"take": "yes", "too": "3"}
    for _ in range(2):
        assert lena.post("/desk/payments/file", data=form).status_code == 303
    assert [row["payment_reference"] for row in on_file(db)].count("J2") == 1
    assert paid(db, issued[0]) == ("issued", 8_000)
    said = read(upload(lena, csv_of(line + "J1", line + "J2"), **CHOSEN))
    assert "0 match, 0 unmatched, 1 already known, 1 perhaps known" in said


def test_every_line_of_the_longest_file_can_be_ticked(db: Database, lena: FlaskClient) -> None:
    kept = base64.b64encode(FILE).decode()
    said = token(lena) | CHOSEN | {"take": "yes", "kept": kept}
    too = [str(line) for line in range(2, 3_001)]
    answer = lena.post(
        "/desk/payments/file", data=said | {"too": too}, content_type="multipart/form-data"
    )
    assert answer.status_code == 303
    assert len(on_file(db)) == 4


def test_equal_lines_without_a_reference_are_each_taken_in(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    assert issued
    line = f"22/11/2026,{ONE},,20,"
    take_in(lena, csv_of(line))
    assert "1 payment taken in. 1 was known already." in take_in(lena, csv_of(line, line))
    assert len(on_file(db)) == 2


def test_the_take_in_button_pressed_twice_takes_in_once(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    assert issued
    form = hidden(upload(lena, FILE, **CHOSEN)) | {"take": "yes"}
    answers = [lena.post("/desk/payments/file", data=form) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert len(on_file(db)) == 4


def test_a_payment_entered_by_hand_is_known_when_its_file_comes(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    assert issued
    enter(lena, number=ONE, amount="100", payment_reference="a1")
    assert "1 match, 2 unmatched, 1 already known" in read(upload(lena, FILE, **CHOSEN))
    take_in(lena, FILE)
    assert len(on_file(db)) == 4


def perhaps_known(client: FlaskClient, line: str) -> None:
    assert "0 match, 0 unmatched, 0 already known, 1 perhaps known" in read(
        upload(client, csv_of(line), **CHOSEN)
    )
    said = take_in(client, csv_of(line))
    assert "0 payments taken in. 1 was left out, perhaps known already." in said


@pytest.mark.parametrize(
    "line", [f"24/11/2026,{ONE},,100,h1", f"22/11/2026,{TWO},,100,H1", "22/11/2026,,,100,H1"]
)
def test_a_reference_and_amount_on_file_are_perhaps_known_on_any_day_for_any_number(
    db: Database, lena: FlaskClient, issued: list[str], line: str
) -> None:
    take_in(lena, csv_of(f"22/11/2026,{ONE},,100,H1"))
    perhaps_known(lena, line)
    assert len(on_file(db)) == 1
    assert paid(db, issued[1])[1] == 0


@pytest.mark.parametrize("reference", ["H2", ""])
@pytest.mark.parametrize("rest", ["match", "set-aside"])
def test_a_payment_moved_or_set_aside_does_not_count_again_when_its_file_comes(
    db: Database, lena: FlaskClient, issued: list[str], reference: str, rest: str
) -> None:
    enter(lena, number=ONE, amount="100", paid_on="2026-11-22", payment_reference=reference)
    [row] = on_file(db)
    said: Body = {"number": TWO, "match_reason": "The name", "dismissed_reason": "Another’s"}
    send(lena, f"/desk/payments/{row['record']}/{rest}", **said)
    perhaps_known(lena, f"22/11/2026,{ONE},,100,H2")
    assert paid(db, issued[0])[1] == 0


def test_one_reference_for_two_notices_in_one_file_is_two_payments(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    lines = [f"22/11/2026,{number},,50,H3" for number in (ONE, TWO)]
    take_in(lena, csv_of(*lines))
    assert [paid(db, one)[1] for one in issued[:2]] == [5_000, 5_000]
    assert "0 match, 0 unmatched, 2 already known" in read(upload(lena, csv_of(*lines)))


def test_what_is_entered_by_hand_while_a_file_is_taken_in_counts_once(
    app: Flask, db: Database, lena: FlaskClient, issued: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    form = hidden(upload(lena, csv_of(f"22/11/2026,{ONE},,100,H4"), **CHOSEN)) | {"take": "yes"}
    by_another = {"number": ONE, "amount": 10_000, "paid_on": "2026-11-22", "source": "online"}
    by_another |= {"payment_reference": "H4"}
    other, [lena_id] = (
        connect(path_of(app)),
        all_rows(db, "SELECT id FROM officers WHERE username = 'lena'"),
    )

    @contextmanager
    def after_another(db: Database) -> Iterator[None]:
        monkeypatch.setattr(payments, "writing", writing)
        with writing(other):
            record = str(uuid.uuid4())
            payments.by_hand(other, lena_id["id"], record, by_another, LATER, keep=False)
        with writing(db):
            yield

    monkeypatch.setattr(payments, "writing", after_another)
    answer = lena.post("/desk/payments/file", data=form)
    other.conn.close()
    assert "0 payments taken in. 1 was known already." in read(lena.get(answer.location).text)
    assert paid(db, issued[0]) == ("paid", 10_000)


def test_a_payment_from_before_its_notice_is_not_taken_for_it(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    assert issued
    sentence = "The notice was issued on Sunday 22 November 2026, after that"
    assert sentence in read(enter(lena, 400, number=ONE, amount="100", paid_on="2026-11-21"))
    line = f"21/11/2026,{ONE},,100,H5"
    assert sentence in read(upload(lena, csv_of(line), **CHOSEN))
    take_in(lena, csv_of(line))
    assert on_file(db) == []


def test_what_was_paid_before_the_notice_counts_as_no_early_payment(
    db: Database, lena: FlaskClient, officer: Make, notebook_of: Callable[[str], Notebook]
) -> None:
    """The file came before the phone sent the notice."""
    early, discount = notices_of_litter()
    take_in(lena, csv_of(f"21/11/2026,{ONE},,{discount},H6", f"22/11/2026,{TWO},,{discount},H7"))
    book = notebook_of(officer("Late Officer"))
    records = [book.write("fpn", early | {"number": one}, NOW) for one in (ONE, TWO)]
    book.send(LATER)
    states = [paid(db, one)[0] for one in records]
    assert states == ["discount", "paid with discount"]


def notices_of_litter() -> tuple[Body, str]:
    """A notice with a discount, and what the discount is in pounds."""
    body = fpn(NOW, "fly-tipping")
    return body, f"{body['discount'] / 100:.2f}"


def test_a_payment_closes_neither_of_two_notices_with_its_number(
    db: Database,
    lena: FlaskClient,
    issued: list[str],
    leader: str,
    officer: Callable[..., str],
    notebook_of: Callable[[str], Notebook],
) -> None:
    enter(lena, number=ONE, amount="100")
    [row] = on_file(db)
    assert paid(db, issued[0]) == ("paid", 10_000)
    [first] = all_rows(db, "SELECT officer FROM notices WHERE record = ?", [issued[0]])
    book = notebook_of(first["officer"])
    second = book.write("fpn", fpn(NOW, serial=1), NOW)
    assert book.send(LATER) == ["accepted"]
    assert [paid(db, one)[1] for one in (issued[0], second)] == [0, 0]
    waiting = {one.notice["record"] for one in due.due(db, LATER.date())}
    assert {issued[0], second} <= waiting
    stands = notices.standing(db, second, LATER.date())
    assert stands
    assert "a payment may be for this one" in str(prosecution.refusal(stands, LATER.date()))
    assert [one["record"] for one in payments.unmatched(db)] == [row["record"]]
    said = f"{numbers.shown(ONE)} is borne twice, so it does not say what was paid for."
    assert said in read(enter(lena, 400, number=ONE, amount="1"))
    assert "0 match, 1 unmatched" in read(upload(lena, csv_of(f"23/11/2026,{ONE},,1,"), **CHOSEN))
    make_void(db, second, leader, officer("Sam Second", "team leader"), LATER)
    assert paid(db, issued[0]) == ("paid", 10_000)
    assert payments.unmatched(db) == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (f"22/11/2026,{ONE},,lots,C1", "“lots” is no amount such as £80.00."),
        (f"22/11/2026,{ONE},,-50,C1", "“-50” is no amount"),
        (f"22/11/2026,{ONE},,0.00,C1", "“0.00” is no amount"),
        (f"11/22/2026,{ONE},,50,C1", "“11/22/2026” is no day such as 22/11/2026."),
        (f"26/11/2026,{ONE},,50,C1", "Paid on is in the future"),
        (f"22/11/1026,{ONE},,50,C1", "Paid on must be a real date"),
        (f"22/11/2026,{ONE},,500000,C1", "“500000” is no amount"),
        (f"22/11/2026,{ONE},,50,{'x' * 101}", "The reference is longer than 100 characters."),
        (f"22/11/2026,{'x' * 201},,50,C1", "The number is longer than 200 characters."),
        ("Total,,,50", "“Total” is no day"),
    ],
)
def test_a_line_that_cannot_be_read_is_said_with_its_number_and_left_out(
    db: Database, lena: FlaskClient, line: str, sentence: str
) -> None:
    said = read(upload(lena, csv_of(line, f"22/11/2026,{ONE},,50,C2"), **CHOSEN))
    assert "1 line cannot be taken in." in said
    assert sentence in said
    assert "0 match, 1 unmatched" in said
    take_in(lena, csv_of(line, f"22/11/2026,{ONE},,50,C2"))
    assert [row["payment_reference"] for row in on_file(db)] == ["C2"]


HOSTILE = [
    '=HYPERLINK("http://x")',
    "+1+1",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "'; DROP",
    "\u202e",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_a_formula_or_markup_is_text(
    db: Database, lena: FlaskClient, text: str
) -> None:
    quoted = '"' + text.replace('"', '""') + '"'
    take_in(lena, csv_of(f"22/11/2026,{quoted},{quoted},50,{quoted}"))
    [row] = on_file(db)
    assert (row["typed_number"], row["payment_reference"]) == (text, text)
    page = lena.get("/desk/payments").text
    assert html.unescape(page).count(text) >= 2
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Select a CSV file"),
        (b"PK\x03\x04\0\0\0", "This is not a CSV file."),
        (csv_of(), "The file has no payments"),
        (b"One column\n1\n", "at least three headings"),
        (csv_of('22/11/2026,"CF26,,50,X'), "Line 2 cannot be read: look whether its quotes close."),
        (b"A,B,C\n\x81\x8d,2,3\n", "The letters of this file cannot be read."),
        (b"A,B,C\n" + b"1,2,3\n" * 50_000, "The file must be 250 kB or smaller"),
        (b"A,B,C\n" + b"1,2,3\n" * 3_001, "The file must have 3,000 lines or fewer"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(
    lena: FlaskClient, data: bytes, sentence: str
) -> None:
    assert sentence in read(upload(lena, data, 400)).partition("There is a problem")[2]


def test_far_too_large_a_post_is_never_read(lena: FlaskClient) -> None:
    upload(lena, b"x" * (3 * LIMITS.most_bytes + 1), 413)


def test_a_file_kept_between_pages_is_read_as_strictly(lena: FlaskClient) -> None:
    for kept, sentence in (
        ("?", "Upload the file again."),
        (base64.b64encode(b"x" * (LIMITS.most_bytes + 1)).decode(), "250 kB or smaller"),
    ):
        answer = lena.post("/desk/payments/file", data=token(lena) | {"kept": kept})
        assert answer.status_code == 400
        assert sentence in read(answer.text)


@pytest.mark.parametrize(
    "data",
    [
        ("\ufeff" + FILE.decode()).encode(),
        FILE.decode().encode("cp1252"),
        FILE.decode().replace('"Invented, Alex"', "Alex").replace(",", ";").encode("cp1252"),
        FILE.decode().replace('"Invented, Alex"', "Zoë").replace(",", "\t").encode(),
        FILE.replace(b"\r\n", b"\n\n"),
        FILE.replace(b"\r\n", b"\r"),
    ],
)
def test_encodings_and_separators_make_no_difference(data: bytes) -> None:
    lines = read_lines(read_table(data), COLUMNS)
    assert [(one.number, one.amount, one.paid_on, one.reference) for one in lines] == [
        (ONE, 10_000, "2026-11-22", "A1"),
        (TWO, 5_000, "2026-11-23", "A2"),
        (NOBODYS, 10_000, "2026-11-24", "A3"),
        (None, 10_000, "2026-11-24", "A4"),
    ]


def test_a_line_with_more_cells_than_headings_is_wrong_and_an_empty_one_too_many_is_not() -> None:
    first, *lines = FILE.decode().splitlines()
    data = "\r\n".join([first, lines[0] + ",,", *(f"{line},more" for line in lines[1:])])
    sound, *wrong = read_lines(read_table(data.encode()), COLUMNS)
    assert sound.problems == []
    assert all("more cells than headings" in one.problems[0] for one in wrong)


def test_headings_that_are_empty_or_stand_twice_are_told_apart() -> None:
    table = read_table(b"Amount,,Amount,Date\n1,2,3,4\n")
    assert table.headings == ["Amount", "Column 2", "Amount (3)", "Date"]
    assert list(table.lines[0][1].values()) == ["1", "2", "3", "4"]
    with pytest.raises(BadFile):
        read_table(b"\n\n")


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("£1,080.00", 108_000),
        ("80", 8_000),
        ("80.5", 8_050),
        (" £ 80.05 ", 8_005),
        ("80.00 GBP", 8_000),
        ("1,00", None),
        ("1.000,00", None),
        ("(80)", None),
        ("", None),
        ("\uff18\uff10", None),
        ("8e1", None),
    ],
)
def test_amounts_as_people_write_them(text: str, pence: int | None) -> None:
    assert read_pounds(text) == pence


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-22", date(2026, 11, 22)),
        ("2026-11-22 23:59:01", date(2026, 11, 22)),
        ("2026-07-22T23:30:00Z", date(2026, 7, 23)),
        ("22/11/2026", date(2026, 11, 22)),
        ("22/11/26 10:15", date(2026, 11, 22)),
        ("1/2/2026", date(2026, 2, 1)),
        ("22-Nov-2026", date(2026, 11, 22)),
        ("22 November 2026", date(2026, 11, 22)),
        ("30/02/2026", None),
        ("2026-W47", None),
        ("46348", None),
    ],
)
def test_days_as_people_write_them(text: str, day: date | None) -> None:
    assert read_day(text) == day


# By hand


def form(client: FlaskClient, path: str = "/desk/payments/enter") -> Body:
    return hidden(client.get(path).text.partition("<main")[2])


def enter(client: FlaskClient, status: int = 303, **said: str) -> str:
    usual = {"paid_on": "2026-11-24", "source": "post"}
    answer = client.post("/desk/payments/enter", data=form(client) | usual | said)
    assert answer.status_code == status, read(answer.text)
    return answer.text if status != 303 else answer.location


def test_a_payment_is_entered_from_its_notice(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    page = lena.get(f"/desk/payments/enter?notice={issued[0]}").text
    assert 'value="CF26 000001 49"' in page
    assert enter(lena, number="cf26-oooool 49", amount="£62.50") == f"/desk/records/{issued[0]}"
    said = read(lena.get(f"/desk/records/{issued[0]}").text)
    assert "Issued £62.50 of £100 paid" in said
    assert "£62.50 24 Nov 2026 By post – Lena Leader" in said
    [row] = on_file(db)
    assert (row["number"], row["amount"]) == (ONE, 6_250)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"number": WRONG}, "The check digits do not fit: look at the number again."),
        ({"number": "CF26"}, "A notice number looks like CF26 326041"),
        ({"number": NOBODYS}, "No penalty notice that has been received bears CF26 000900"),
        ({"number": WARNING}, "No penalty notice that has been received bears CW26 000004"),
        ({"number": ""}, "Enter number of the notice"),
        ({"amount": "lots"}, "Enter an amount such as £80.00"),
        ({"amount": "0"}, "Enter an amount such as £80.00"),
        ({"amount": ""}, "Enter an amount such as £80.00"),
        ({"amount": "40,50"}, "Enter an amount such as £80.00"),
        ({"amount": "1,0800"}, "Enter an amount such as £80.00"),
        ({"paid_on": "2026-11-26"}, "Paid on is in the future"),
        ({"source": ""}, "Select how it came in"),
    ],
)
def test_what_is_wrong_with_a_payment_is_said_and_what_was_typed_is_kept(
    db: Database, lena: FlaskClient, issued: list[str], said: Body, sentence: str
) -> None:
    assert issued
    typed = {"number": ONE, "amount": "55.55", "payment_reference": "Cheque 7"} | said
    page = enter(lena, 400, **typed)
    assert sentence in read(page).partition("There is a problem")[2]
    assert 'value="Cheque 7"' in page
    assert all(f'value="{text}"' in page for text in typed.values() if text not in ("", "0"))
    assert on_file(db) == []


def test_a_mistyped_number_says_which_it_may_be(lena: FlaskClient, issued: list[str]) -> None:
    page = enter(lena, 400, number=WRONG, amount="100")
    assert "But for one wrong character it would be: CF26 000001 49 , Litter" in read(page)
    assert f"/desk/records/{issued[0]}" in page
    swapped = ONE[:8] + ONE[9] + ONE[8] + ONE[10:]
    assert swapped == ONE or "CF26 000001 49" in read(enter(lena, 400, number=swapped, amount="1"))


def test_a_number_that_no_notice_bears_is_kept_when_that_is_wanted(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    assert issued
    for number, kept in ((NOBODYS, (NOBODYS, None)), ("The red car", (None, "The red car"))):
        page = enter(lena, 400, number=number, amount="100")
        assert "Keep it as unmatched" in read(page)
        assert enter(lena, number=number, amount="100", keep="yes") == "/desk/payments"
        assert kept in [(row["number"], row["typed_number"]) for row in on_file(db)]
    assert "Unmatched payments (2)" in read(lena.get("/desk/payments").text)
    assert "Payments (2 unmatched)" in read(lena.get("/desk/notices").text)


def test_a_reference_is_taken_once_for_each_number(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    assert issued
    for number in (ONE, TWO, "The red car"):
        enter(lena, number=number, amount="100", payment_reference="PAY-7", keep="yes")
        again = {"number": number, "amount": "90", "payment_reference": "pay-7", "keep": "yes"}
        page = enter(lena, 400, **again)
        shown = numbers.shown(number) if number != "The red car" else number
        said = f"A payment with this reference is on file already, for {shown}."
        assert said in read(page).partition("There is a problem")[2]
    assert len(on_file(db)) == 3


def test_a_payment_form_sent_twice_is_one_payment(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    said = form(lena) | {"number": ONE, "amount": "50", "paid_on": "2026-11-24", "source": "post"}
    answers = [lena.post("/desk/payments/enter", data=said) for _ in range(2)]
    assert {one.location for one in answers} == {f"/desk/records/{issued[0]}"}
    assert len(on_file(db)) == 1


@pytest.mark.parametrize(
    "changed", [{"number": TWO}, {"amount": "40.00"}, {"paid_on": "2026-11-23"}]
)
def test_a_payment_form_used_again_for_another_payment_loses_nothing(
    db: Database, lena: FlaskClient, issued: list[str], changed: Body
) -> None:
    assert issued
    said = form(lena) | {
        "number": ONE,
        "amount": "50.00",
        "paid_on": "2026-11-24",
        "source": "post",
    }
    assert lena.post("/desk/payments/enter", data=said).status_code == 303
    other = said | changed
    answer = lena.post("/desk/payments/enter", data=other)
    assert answer.status_code == 400
    assert "This form was used already" in read(answer.text).partition("There is a problem")[2]
    for name in ("number", "amount", "paid_on"):
        assert f'value="{other[name]}"' in answer.text
    assert len(on_file(db)) == 1
    again = other | hidden(answer.text.partition("<main")[2])
    assert lena.post("/desk/payments/enter", data=again).status_code == 303
    assert len(on_file(db)) == 2


def test_money_that_is_not_owed_is_looked_at_twice_and_due_to_be_paid_back(
    db: Database, lena: FlaskClient, leader: str, officer: Make, issued: list[str]
) -> None:
    for amount, sentence in (
        ("1000", "Only £100 is still owed for CF26 000001 49."),
        ("50", "CF26 000001 49 is void: nothing is owed for it."),
    ):
        page = read(enter(lena, 400, number=ONE, amount=amount))
        assert sentence in page.partition("There is a problem")[2]
        assert "But for one wrong character" not in page
        assert "So much came in for this notice" in page
        if amount == "1000":
            make_void(db, issued[0], leader, officer("Sam Second", "team leader"), NOW)
    said = form(lena) | {"paid_on": "2026-11-24", "source": "post", "number": ONE, "amount": "50"}
    for _ in range(2):
        assert lena.post("/desk/payments/enter", data=said | {"sure": "yes"}).status_code == 303
    page = read(lena.get(f"/desk/records/{issued[0]}").text)
    assert "Void £50 to be paid back" in page
    assert "£50 to be paid back. Open the payment to say that it was." in page
    assert "It is paid." not in page
    assert "£50 to be paid back" in read(lena.get("/desk/due").text)
    [row] = on_file(db)
    here = f"/desk/payments/{row['record']}"
    assert "£50 is to be paid back" in read(lena.get(here).text)
    back = {"paid_back": "50", "paid_back_on": "2026-11-25", "paid_back_proof": "Bank transfer"}
    page = send(lena, f"{here}/paid-back", 400, **back | {"paid_back": "60"})
    assert "Enter an amount up to £50" in page
    was = form(lena, here)
    for _ in range(2):
        send(lena, f"{here}/paid-back", **was | back)
    assert len(all_rows(db, "SELECT 1 FROM pages WHERE kind = 'payment-paid-back'")) == 1
    assert "to be paid back" not in read(lena.get("/desk/due").text)
    page = read(lena.get(f"/desk/records/{issued[0]}").text)
    assert "to be paid back" not in page
    assert "£50 paid back on 25 Nov 2026" in page


# Unmatched


@pytest.fixture
def stray(db: Database, lena: FlaskClient, issued: list[str]) -> str:
    """A payment whose number is mistyped; its record."""
    assert issued
    take_in(lena, csv_of(f"22/11/2026,{WRONG},,100,D1"))
    return str(on_file(db)[0]["record"])


def send(client: FlaskClient, path: str, status: int = 303, **said: str) -> str:
    """Send a form of a payment's page as it stands now, or as `seen` says that it stood."""
    answer = client.post(path, data=form(client, path.rpartition("/")[0]) | said)
    assert answer.status_code == status, read(answer.text)
    return read(answer.text)


def test_an_unmatched_payment_is_matched_with_a_reason(
    db: Database, lena: FlaskClient, issued: list[str], stray: str
) -> None:
    here = f"/desk/payments/{stray}"
    said = read(lena.get(here).text)
    assert "as it was typed; it is no number of a notice" in said
    assert "But for one wrong character it would be: CF26 000001 49" in said
    wrong = send(lena, f"{here}/match", 400, number=NOBODYS, match_reason="The name")
    assert "No penalty notice that has been received bears CF26 000900" in wrong
    assert "Enter how you know" in send(lena, f"{here}/match", 400, number=ONE)
    was = form(lena, here)
    for _ in range(2):
        said_of_it = was | {"number": numbers.shown(ONE), "match_reason": "The same name"}
        send(lena, f"{here}/match", **said_of_it)
    row = notices.standing(db, issued[0], LATER.date())
    assert row
    assert row["standing"] == "paid"
    assert "Every payment on file is for a notice" in read(lena.get("/desk/payments").text)
    assert len(all_rows(db, "SELECT 1 FROM pages WHERE kind = 'payment-matched'")) == 1
    assert "Number as it was typed" in read(lena.get(f"/desk/records/{stray}").text)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-09-22", "The notice was issued on Sunday 22 November 2026, after that"),
        ("2026-11-24", "A payment with this reference is on file already, for CF26 000001 49."),
    ],
)
def test_a_payment_is_not_matched_to_what_it_could_not_be_entered_for(
    db: Database, lena: FlaskClient, issued: list[str], day: str, sentence: str
) -> None:
    assert issued
    enter(lena, number=ONE, amount="50", payment_reference="PAY-7")
    said: Body = {
        "number": "The red car",
        "payment_reference": "PAY-7",
        "paid_on": day,
        "keep": "yes",
    }
    enter(lena, amount="50", **said)
    row = one_row(db, "SELECT record FROM payments WHERE typed_number IS NOT NULL")
    assert row
    here = f"/desk/payments/{row['record']}"
    page = send(lena, f"{here}/match", 400, number=ONE, match_reason="The name")
    assert sentence in page.partition("There is a problem")[2]
    assert [one["number"] for one in on_file(db)].count(ONE) == 1
    after_issue = day > "2026-11-22"  # for another notice the reference is new
    send(lena, f"{here}/match", 303 if after_issue else 400, number=TWO, match_reason="The name")


def test_an_unmatched_payment_is_set_aside_with_a_reason(
    db: Database, lena: FlaskClient, stray: str
) -> None:
    here = f"/desk/payments/{stray}"
    assert "Enter a reason" in send(lena, f"{here}/set-aside", 400)
    assert "Unmatched payments (1)" in read(lena.get("/desk/payments").text)
    was = form(lena, here)
    for _ in range(2):
        send(
            lena, f"{here}/set-aside", **was | {"dismissed_reason": "Another council’s; paid back"}
        )
    assert "Unmatched payments (0)" in read(lena.get("/desk/payments").text)
    assert len(all_rows(db, "SELECT 1 FROM pages WHERE kind = 'payment-dismissed'")) == 1
    assert "0 match, 0 unmatched, 1 already known" in read(
        upload(lena, csv_of(f"22/11/2026,{WRONG},,100,D1"))
    )


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("match", {"number": TWO, "match_reason": "The street"}),
        ("match", {"number": ONE, "match_reason": "The street"}),
        ("set-aside", {"dismissed_reason": "Paid back"}),
    ],
)
@pytest.mark.parametrize("seen", ["stale", "none"])
def test_what_somebody_wrote_about_a_payment_meanwhile_is_read_first(
    db: Database, lena: FlaskClient, stray: str, rest: str, said: Body, seen: str
) -> None:
    here = f"/desk/payments/{stray}"
    was = form(lena, here) if seen == "stale" else {"seen": ""}
    send(lena, f"{here}/match", number=ONE, match_reason="The name")
    before = on_file(db)
    answer = send(lena, f"{here}/{rest}", 400, **was | said)
    assert "Somebody wrote about this payment meanwhile." in answer
    assert "Matched: The name" in answer
    page = lena.post(f"{here}/{rest}", data=form(lena, here) | was | said).text
    assert all(f'value="{text}"' in page or f">{text}<" in page for text in said.values())
    assert on_file(db) == before
    again = hidden(page.partition("<main")[2])
    send(lena, f"{here}/{rest}", **again | said)
    assert on_file(db) != before


def test_a_payment_set_aside_no_longer_closes_the_case(
    db: Database, lena: FlaskClient, issued: list[str]
) -> None:
    enter(lena, number=ONE, amount="100", payment_reference="E1")
    [row] = on_file(db)
    said: Body = {"dismissed_reason": "The cheque bounced"}
    send(lena, f"/desk/payments/{row['record']}/set-aside", **said)
    now = notices.standing(db, issued[0], LATER.date())
    assert now
    assert now["standing"] == "issued"
    assert "Set aside: The cheque bounced" in read(lena.get(f"/desk/records/{issued[0]}").text)
    enter(lena, number=ONE, amount="100", payment_reference="E1")
    again = notices.standing(db, issued[0], LATER.date())
    assert again
    assert again["standing"] == "paid"


def test_a_payment_finds_its_notice_when_the_phone_sends_it_later(
    db: Database, lena: FlaskClient, officer: Make, notebook_of: Callable[[str], Notebook]
) -> None:
    take_in(lena, csv_of(f"22/11/2026,{THREE},,100,F1"))
    assert payments.how_many_unmatched(db) == 1
    book = notebook_of(officer("Late Officer"))
    record = book.write("fpn", fpn(NOW, serial=3), NOW)
    book.send(LATER)
    assert payments.how_many_unmatched(db) == 0
    row = notices.standing(db, record, LATER.date())
    assert row
    assert row["standing"] == "paid"


def test_payments_are_folded_the_same_from_their_pages_alone(
    app: Flask, db: Database, lena: FlaskClient, issued: list[str], stray: str
) -> None:
    assert issued
    take_in(lena, FILE)
    send(lena, f"/desk/payments/{stray}/match", number=THREE, match_reason="The same name")
    before = on_file(db)
    other = connect(path_of(app))
    with writing(other):
        fold_all(other)
    assert on_file(db) == before
    other.conn.close()


# Who may


PATHS = ("/desk/payments", "/desk/payments/enter", "/desk/payments/file")


def test_payments_are_for_the_desk_only(
    app: Flask, lena: FlaskClient, officer: Make, stray: str
) -> None:
    officer("Nina Nosy")
    stranger, nosy = app.test_client(), app.test_client()
    sign_in(nosy, "nina")
    one = f"/desk/payments/{stray}"
    for path in (*PATHS, one):
        assert stranger.get(path).location.startswith("/sign-in?next=/desk/payments"), path
        assert nosy.get(path).status_code == 403, path
        assert lena.get(path).headers["Cache-Control"] == "no-store"
    for path in ("/desk/payments/file", f"{one}/match", f"{one}/set-aside"):
        assert nosy.post(path, data=token(lena)).status_code in (400, 403), path


@pytest.mark.parametrize("rest", ["enter", "file", "match", "set-aside"])
def test_every_form_needs_its_token(
    db: Database, lena: FlaskClient, issued: list[str], stray: str, rest: str
) -> None:
    assert issued
    before = all_rows(db, "SELECT seal FROM pages")
    said: Body = {"number": TWO, "amount": "1", "paid_on": "2026-11-24", "source": "post"}
    said |= {"match_reason": "So", "dismissed_reason": "So", "record": stray[:-1] + "0"}
    said |= CHOSEN | {"take": "yes", "kept": base64.b64encode(FILE).decode()}
    within = f"/{stray}" if rest in ("match", "set-aside") else ""
    answer = lena.post(f"/desk/payments{within}/{rest}", data=said)
    assert answer.status_code == 400
    assert all_rows(db, "SELECT seal FROM pages") == before


def test_nothing_personal_stands_in_an_address(lena: FlaskClient, stray: str) -> None:
    page = lena.get("/desk/payments").text + lena.get(f"/desk/payments/{stray}").text
    addresses = re.findall(r'(?:href|action)="([^"]*)"', page)
    assert [one for one in addresses if WRONG in one or "CF26" in one] == []


def test_the_remembered_columns_are_a_setting_of_the_central_file(
    db: Database, lena: FlaskClient
) -> None:
    upload(lena, FILE, **CHOSEN)
    row = one_row(db, "SELECT value FROM central WHERE name = 'payment_columns'")
    assert row
    assert json.loads(row["value"]) == COLUMNS
    assert "0 match, 4 unmatched" in read(upload(lena, FILE, name="x"))


def test_a_large_file_is_taken_in_by_portions_that_others_write_between(
    lena: FlaskClient, issued: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert issued
    lines = [f"22/11/2026,{ONE},,1.00,G{n}" for n in range(120)]
    form = hidden(upload(lena, csv_of(*lines), **CHOSEN)) | {"take": "yes"}
    after: list[int] = []

    @contextmanager
    def watched(db: Database) -> Iterator[None]:
        with writing(db):
            yield
        after.append(len(on_file(db)))

    monkeypatch.setattr(payments, "writing", watched)
    assert lena.post("/desk/payments/file", data=form).status_code == 303
    assert after == [50, 100, 120]
