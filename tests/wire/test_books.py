"""The wire: books of notice numbers. Phones issue offline, are lost, and come back to a server that has
forgotten what it lent them: no number is issued twice, and none is unaccounted for."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2 as sqlite3

from tests.wire.client import Json, Notebook, Server, Session, states

SERIES = {"fpn": "CF", "cpw": "CW", "cpn": "CN"}
PHONES = 22
Run = tuple[str, int, int]
"""A book as a phone keeps it."""


def number(series: str, serial: int) -> str:
    """As docs/wire.md says, not as the application makes it."""
    before = f"{series}{serial:06}"
    digits = "".join(str(int(character, 36)) for character in before)
    return f"{before}{98 - int(digits) * 100 % 97:02}"


class Phone:
    """A phone that draws numbers from the books it was lent, and forgets none of them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.notebook = Notebook(session.server)
        self.books: list[Run] = []
        self.drawn: list[str] = []
        self.open()

    def open(self) -> None:
        answer = self.session.open(self.notebook.id)
        assert answer.status in (200, 201), answer.text
        self.notebook.token = answer.json["token"]
        self.told(answer.json)

    def told(self, standing: Json) -> None:
        told = [(book["series"], book["first"], book["last"]) for book in standing["books"]]
        self.books += [book for book in told if book not in self.books]

    def unused(self, letters: str) -> Iterator[str]:
        for series, first, last in self.books:
            if series.startswith(letters):
                every = (number(series, serial) for serial in range(first, last + 1))
                yield from (one for one in every if one not in self.drawn)

    def issue(self, kind: str, several: int) -> None:
        """Without a signal; the last number drawn is spoiled."""
        for left in reversed(range(several)):
            drawn = next(self.unused(SERIES[kind]), None)
            assert drawn, f"{self.books} have no number left"
            self.drawn.append(drawn)
            if left:
                self.notebook.write(kind, {"number": drawn})
            else:
                self.notebook.write("spoiled", {"number": drawn, "reason": "The printer ate it"})

    def send(self) -> None:
        held = [{"series": s, "first": first, "last": last} for s, first, last in self.books]
        answer = self.notebook.post(books=held)
        assert answer.status == 201, answer.text
        self.told(answer.json)


def at_once(doing: Callable[[Phone], None], phones: list[Phone]) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(doing, phones))


def opened_at_once(sessions: list[Session], several: int) -> list[Phone]:
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(Phone, [sessions[one % 2] for one in range(several)]))


def assert_disjoint(phones: list[Phone]) -> None:
    """No serial is in the books of two phones."""
    held = Counter(
        (series, serial)
        for phone in phones
        for series, first, last in phone.books
        for serial in range(first, last + 1)
    )
    assert [one for one, several in held.items() if several > 1] == []


def rows(server: Server, sql: str) -> list[Json]:
    with closing(sqlite3.connect(str(server.instance / "fieldbook.sqlite3"))) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql)]


def backed_up(server: Server) -> Path:
    done = server.flask("backup")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().rpartition(" ")[2])


def restored(server: Server, backup: Path) -> None:
    server.stop()
    done = server.flask("restore", str(backup))
    assert done.returncode == 0, done.stderr
    server.start()


def people(server: Server) -> list[Session]:
    return [Session(server, name).sign_in() for name in ("first", "second")]


def test_opening_and_posting_lend_what_is_lacking(first: Session) -> None:
    phone = Phone(first)
    assert sorted(series[:2] for series, _, _ in phone.books) == ["CF", "CN", "CW"]
    phone.issue("fpn", 10)
    phone.send()
    assert len(phone.books) == 3
    phone.issue("fpn", 1)
    phone.send()
    assert sorted(series[:2] for series, _, _ in phone.books) == ["CF", "CF", "CN", "CW"]
    assert [last - start + 1 for _, start, last in phone.books] == [20] * 4


def test_unsound_books_of_a_phone_refuse_no_page(notebook: Notebook) -> None:
    notebook.write()
    nothing: Json = {"series": [], "first": {}, "last": None}
    unsound: list[Any] = [7, "CF26", [7], [{"series": "CF26"}], [nothing]]
    for books in unsound:
        assert notebook.post(books=books).status == 201


def test_pages_are_taken_when_no_book_can_be_lent(own_server: Callable[..., Server]) -> None:
    server = own_server()
    (server.instance / "books.json.coming").mkdir()  # so that the mark cannot be written
    notebook = people(server)[0].notebook()
    notebook.write()
    answer = notebook.post()
    assert (answer.status, answer.json["books"]) == (201, [])
    (server.instance / "books.json.coming").rmdir()
    assert len(notebook.post().json["books"]) == 3


@pytest.mark.parametrize("ends", ["notebooks SET withdrawn_at", "officers SET retired_at"])
def test_a_notebook_withdrawn_or_of_who_has_left_is_lent_nothing_and_what_it_holds_comes_back(
    own_server: Callable[..., Server], ends: str
) -> None:
    server = own_server()
    phone = Phone(people(server)[0])
    with closing(sqlite3.connect(str(server.instance / "fieldbook.sqlite3"))) as connection:
        connection.execute(f"UPDATE {ends} = '2026-11-22T14:10:00.000Z'")
        connection.commit()
    assert phone.notebook.standing()["books"] == []
    phone.issue("fpn", 12)
    phone.books.append(("CF26", 700_000, 700_019))
    answer = phone.notebook.post(books=[{"series": "CF26", "first": 700_000, "last": 700_019}])
    assert answer.json["books"] == []
    back = rows(server, "SELECT count(*) AS books, count(returned_at) AS returned FROM books")
    assert back == [{"books": 4, "returned": 4}]


def test_twenty_two_notebooks_opened_at_once_share_no_number(
    own_server: Callable[..., Server],
) -> None:
    server = own_server()
    phones = opened_at_once(people(server), PHONES)
    assert_disjoint(phones)
    assert len(rows(server, "SELECT * FROM books")) == PHONES * len(SERIES)
    at_once(lambda phone: phone.issue("cpw", 15), phones)
    at_once(Phone.send, phones)
    assert_disjoint(phones)
    assert len(rows(server, "SELECT * FROM books")) == PHONES * (len(SERIES) + 1)


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same machine", "another machine"])
def test_no_number_is_issued_twice_and_none_is_unaccounted_for_after_a_restore(
    own_server: Callable[..., Server], tmp_path: Path, elsewhere: bool
) -> None:
    server = own_server()
    sessions = people(server)
    phones = opened_at_once(sessions, PHONES // 2)
    at_once(lambda phone: phone.issue("fpn", 3), phones)
    at_once(Phone.send, phones)
    backup = shutil.copytree(backed_up(server), tmp_path / "20200101T000000Z")

    phones += opened_at_once(sessions, PHONES - len(phones))
    at_once(lambda phone: phone.issue("fpn", 12), phones)
    at_once(Phone.send, phones[::2])  # the others stay without a signal
    at_once(lambda phone: phone.issue("cpn", 4), phones)
    lost, living = phones[-5:], phones[:-5]

    for _ in range(1 if elsewhere else 2):
        if elsewhere:
            server.stop()
            server = own_server()
        restored(server, backup)
        sessions = people(server)
        for phone in living:
            phone.session = sessions[phones.index(phone) % 2 if phone in phones else 0]
            phone.notebook.server = server
        with ThreadPoolExecutor(8) as threads:  # new phones between those that come back
            new = [threads.submit(Phone, sessions[one % 2]) for one in range(6)]
            back = [threads.submit(phone.send) for phone in living]
            for one in back:
                one.result()
            living += [one.result() for one in new]
        at_once(lambda phone: phone.issue("fpn", 4), living)
        at_once(Phone.send, living)

    assert_disjoint(living + lost)
    drawn = [one for phone in living + lost for one in phone.drawn]
    assert len(drawn) == len(set(drawn))
    assert accounted_for(server, living) == {
        (phone.notebook.id, *book) for phone in living for book in phone.books
    }
    assert used(server) == {(phone.notebook.id, one) for phone in living for one in phone.drawn}
    done = server.flask("verify")
    assert done.returncode == 0, done.stderr
    account = server.flask("books").stdout.splitlines()
    assert len(account) == sum(len(phone.books) for phone in living)
    said = server.flask("books", "--number", living[0].drawn[-1])
    assert (said.returncode, "spoiled: The printer ate it" in said.stdout) == (0, True)


def accounted_for(server: Server, phones: list[Phone]) -> set[tuple[str, str, int, int]]:
    ours = {phone.notebook.id for phone in phones}
    lent = rows(server, "SELECT notebook, series, first, last FROM books")
    assert {row["notebook"] for row in lent} == ours
    return {(row["notebook"], row["series"], row["first"], row["last"]) for row in lent}


def used(server: Server) -> set[tuple[str, str]]:
    found = rows(
        server,
        "SELECT notebook, number FROM notices UNION ALL SELECT notebook, number FROM spoiled",
    )
    assert len(found) == len({row["number"] for row in found})
    return {(row["notebook"], row["number"]) for row in found}


def test_a_book_that_a_phone_brings_back_makes_its_numbers_anybody_elses_no_more(
    first: Session, second: Session
) -> None:
    owner, other = first.notebook(), second.notebook()
    other.write("spoiled", {"number": number("CF26", 990_001), "reason": "Torn"})
    assert states(other.post()) == ["accepted"]
    owner.write()
    owner.post(books=[{"series": "CF26", "first": 990_000, "last": 990_019}])
    assert states(other.post()) == ["known"]
    [problem] = other.post().json["results"][0]["problems"]
    assert problem["rule"] == "others-number"
