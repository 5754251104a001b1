"""The real Datasette, on a backup: it gives the numbers that the desk's pages give."""

from __future__ import annotations

import html
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlite_utils import Database

from field_app import analysts
from field_app.breakdowns import BREAKDOWNS
from field_app.database import FILE_NAME, connect
from field_app.periods import Days
from field_app.times import Week, now
from field_app.words import minutes
from tests.test_breakdowns import rows_of
from tests.wire.client import BIN, PASSWORD, Answer, Server, Session

WEEK = Week.of(now()).previous()


class Datasette(Server):
    """Datasette on a free port, with a backup and the metadata that is made for it."""

    def __init__(self, folder: Path, metadata: Path) -> None:
        super().__init__(folder)
        self.metadata = metadata

    def start(self) -> Datasette:
        file = self.instance / FILE_NAME
        command = [
            str(BIN / "datasette"),
            "serve",
            "--immutable",
            str(file),
            "--port",
            str(self.port),
        ]
        log = (self.metadata.parent / "datasette.log").open("wb")
        self.process = subprocess.Popen(
            [*command, "--metadata", str(self.metadata)],
            start_new_session=True,
            stdout=log,
            stderr=log,
        )
        deadline = time.monotonic() + 30
        while not self.answers():
            assert self.process.poll() is None, "Datasette ended at once"
            assert time.monotonic() < deadline, "Datasette does not answer"
            time.sleep(0.1)
        return self

    def answers(self) -> bool:
        try:
            return self.call("GET", "/-/versions.json").status == 200
        except OSError:
            return False

    def counted(self, code: str, week: Week) -> list[dict[str, object]]:
        asked = f"_shape=array&from={week.monday}&to={week.sunday}"
        answer = self.call("GET", f"/{analysts.DATABASE}/{code}.json?{asked}")
        assert answer.status == 200, answer.text
        rows: list[dict[str, object]] = answer.json
        return rows


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("desk") / "instance")
    server.instance.mkdir()
    (server.instance / "demonstration-password").write_text(PASSWORD)
    assert server.flask("demonstrate").returncode == 0
    yield server.start()
    server.stop()


@pytest.fixture(scope="module")
def datasette(desk: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Datasette]:
    folder = tmp_path_factory.mktemp("analysts")
    done = desk.flask("backup", "--output", str(folder))
    assert done.returncode == 0, done.stderr
    [backup] = [path for path in folder.iterdir() if path.is_dir()]
    said = desk.flask("datasette-metadata")
    assert (said.returncode, said.stderr) == (0, "")
    (folder / "metadata.json").write_text(said.stdout, encoding="utf-8")
    started = Datasette(backup, folder / "metadata.json").start()
    yield started
    started.stop(signal.SIGTERM)


@pytest.fixture(scope="module")
def lead(desk: Server) -> Session:
    return Session(desk, "leader1").sign_in()


def page(lead: Session, path: str) -> Answer:
    answer = lead.server.call("GET", path, Cookie=lead.cookie)
    assert answer.status == 200, path
    return answer


@pytest.mark.parametrize("code", BREAKDOWNS)
def test_a_query_gives_the_numbers_of_the_page(
    datasette: Datasette, lead: Session, code: str
) -> None:
    one = BREAKDOWNS[code]
    shown = page(lead, f"/desk/count/{WEEK}/by/{code}").text
    numbers = {row[len(one.keys)]: row[len(one.keys) + 1 :] for row in _rows(shown)}
    said = {
        str(row["label"]): [_shown(row[each.name], each.unit) for each in one.measures]
        for row in datasette.counted(code, WEEK)
    }
    labels = dict(one.labels(Days(WEEK.monday, WEEK.sunday))) if one.labels else {}
    by_label = {labels.get(label, label): each for label, each in said.items()}
    zero = ["0"] * len(one.measures)
    some = {label: each for label, each in numbers.items() if each != zero}
    assert {label: each for label, each in by_label.items() if each != zero} == some
    if one.of_patrols or code in ("shifts", "visits"):
        assert some


def _rows(shown: str) -> list[list[str]]:
    return rows_of(shown)[1:] if "<table" in shown else []


def _shown(number: object, unit: str) -> str:
    assert isinstance(number, int)
    return minutes(number) if unit == "minutes" and number else f"{number:,}"


def test_without_days_a_query_is_of_the_week_that_ended_last(datasette: Datasette) -> None:
    answer = datasette.call("GET", f"/{analysts.DATABASE}/ward.json?_shape=array")
    assert answer.json == datasette.counted("ward", WEEK)


def test_every_table_and_query_is_described_opens_and_is_led_to(datasette: Datasette) -> None:
    said = json.loads(datasette.metadata.read_text())["databases"][analysts.DATABASE]
    assert list(said["queries"]) == list(BREAKDOWNS)
    first = datasette.call("GET", "/").text
    for name in [*said["tables"], *said["queries"]]:
        assert f'href="{analysts.DATABASE}/{name}"' in first
    for name, one in said["tables"].items():
        if name in said["queries"]:
            continue  # Datasette answers with the query
        answer = datasette.call("GET", f"/{analysts.DATABASE}/{name}")
        assert (answer.status, one["description"] in html.unescape(answer.text)) == (200, True), (
            name
        )


OPEN = {"choices"} | {
    name + ending
    for name in ("shifts", "patrols", "spoiled", "places", "published_weeks")
    for ending in ("", "_in_words")
}


def test_nothing_else_of_the_file_is_shown_and_no_other_sql_is_run(datasette: Datasette) -> None:
    with closing(connect(datasette.instance / FILE_NAME).conn) as file:
        every = {row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE sql > ''")}
        every &= {row[0] for row in file.execute("SELECT name FROM pragma_table_list")}
    status = {
        name: datasette.call("GET", f"/{analysts.DATABASE}/{name}.json").status for name in every
    }
    assert {"pages", "inbox", "views", "team", "invitations", "settings", "officers"} < every
    assert status == {name: 200 if name in OPEN else 403 for name in every}
    sql = quote("SELECT password_hash FROM officers")
    assert datasette.call("GET", f"/{analysts.DATABASE}.json?sql={sql}").status == 403
    assert datasette.call("GET", f"/{analysts.DATABASE}.db").status == 403


@pytest.mark.parametrize(
    ("at", "first", "last"),
    [
        ("2026-06-21T23:30:00Z", "2026-06-15", "2026-06-21"),  # Monday in London
        ("2026-06-21T22:30:00Z", "2026-06-08", "2026-06-14"),
        ("2026-11-22T23:30:00Z", "2026-11-09", "2026-11-15"),
        ("2026-11-23T00:00:00Z", "2026-11-16", "2026-11-22"),
    ],
)
def test_the_week_that_ended_last_is_london_s(db: Database, at: str, first: str, last: str) -> None:
    asked = analysts._ASKED.replace("'now'", f"'{at}'")
    [row] = db.query(f"{asked} SELECT first, last FROM asked", {"from": "", "to": ""})
    assert row == {"first": first, "last": last}


def test_today_is_london_s(db: Database) -> None:
    queries = analysts.metadata()["databases"][analysts.DATABASE]["queries"]
    assert all("date('now')" not in one["sql"] for one in queries.values())
    today = analysts._TODAY.replace("'now'", "'2026-06-21T23:30:00Z'")
    assert list(db.query(f"SELECT {today} AS today")) == [{"today": "2026-06-22"}]


def test_the_metadata_describes_every_column_that_is_there(db: Database) -> None:
    tables = analysts.metadata()["databases"][analysts.DATABASE]["tables"]
    for name, said in tables.items():
        if name == "choices":
            continue
        columns = {row[1] for row in db.conn.execute(f"PRAGMA table_info({name})")}
        assert said["columns"].keys() == columns, name
        assert all(said["columns"].values()), name
        assert said["units"].keys() <= columns


def test_a_backup_is_not_the_live_file(desk: Server, datasette: Datasette) -> None:
    assert datasette.instance != desk.instance
    assert not (datasette.instance / FILE_NAME).samefile(desk.instance / FILE_NAME)
    inspected = datasette.call("GET", "/-/databases.json").json
    assert [(one["name"], one["is_mutable"]) for one in inspected] == [(analysts.DATABASE, False)]
