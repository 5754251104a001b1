"""A published week: frozen for good, late what differs from it, restated with a reason."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlite_utils import Database

from field_app import auth, counts, desk, exports, fold, publishing, verify, weeks_desk
from field_app.counts import ALL, NOT_GIVEN, WeekCount
from field_app.database import all_rows, writing
from field_app.fields import Counted, checksum_of
from field_app.notebook import NotWritten
from field_app.publishing import Difference, difference, late, versions
from field_app.records import KINDS, check
from field_app.times import Week
from tests.conftest import OTHER_WARD, WARD, patrol, sign_in
from tests.desk import hidden, pages, send, words

WEEK = Week.parse("2026-W47")
HERE = "/desk/count/2026-W47"
WEDNESDAY = datetime(2026, 11, 18, 14, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
FAITH = "faith-reassurance"
REASON = {"reason": "Seen again"}

Make = Callable[..., str]
Write = Callable[..., list[str]]


@pytest.fixture
def olu(officer: Make) -> str:
    return officer("Olu Officer")


@pytest.fixture
def logged(olu: str, write_pages: Write) -> Callable[..., str]:
    """Log a patrol of that Wednesday, received at a moment; its record."""

    def log(received: datetime = WEDNESDAY, /, **body: Any) -> str:
        return write_pages(olu, [("patrol", patrol(WEDNESDAY, **body))], received)[0]

    return log


@pytest.fixture
def amended(olu: str, write_pages: Write) -> Callable[..., None]:
    """Amend a patrol on Tuesday, or say that it was entered in error."""

    def amend(record: str, **changes: Any) -> None:
        body = {"changes": changes} if changes else {"entered_in_error": True}
        write_pages(olu, [("amendment", REASON | body, record)], TUESDAY)

    return amend


@pytest.fixture
def lena(client: FlaskClient, leader: str, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A team leader at the desk, on Monday."""
    assert leader
    for module in (desk, weeks_desk):
        monkeypatch.setattr(module, "now", lambda: MONDAY)
    sign_in(client, "lena")
    return client


@pytest.fixture
def publish(db: Database, leader: str) -> Callable[..., None]:
    def as_it_is(at: datetime = MONDAY, reason: str | None = None, week: Week = WEEK) -> None:
        with writing(db):
            publishing.publish(db, leader, week, at, reason)

    return as_it_is


def form(client: FlaskClient, here: str = HERE) -> dict[str, str]:
    """What the page's form sends with its button."""
    page = client.get(here).text
    return {name: hidden(page, name) for name in ("csrf_token", "follows", "seen")}


def refusal(problem: pytest.ExceptionInfo[NotWritten]) -> list[tuple[str, str]]:
    return [(one.field, one.message) for one in problem.value.problems]


def why_late(db: Database) -> dict[str, str]:
    return {one.record: one.why for one in late(db, versions(db, WEEK)[-1])}


# One version


def test_a_published_week_says_who_when_and_which_patrols(
    db: Database, lena: FlaskClient, logged: Callable[..., str], leader: str
) -> None:
    record = logged(with_police=True)
    logged(outcomes=None)
    assert send(lena, f"{HERE}/publish", HERE, **form(lena)).location == f"{HERE}#published"
    spot = hashlib.sha256(b"1 example street").hexdigest()[:16]
    counted: Counted = {record: {"activity": FAITH, "ward": WARD, "joint": 1, "spot": spot}}
    text = f'{{"{record}":{{"activity":"{FAITH}","joint":1,"spot":"{spot}","ward":"{WARD}"}}}}'.encode()
    checksum = hashlib.sha256(text).hexdigest()
    assert versions(db, WEEK) == [
        publishing.Version(WEEK, 1, 1, checksum, None, MONDAY, "Lena Leader", leader, counted)
    ]
    said = words(lena.get(HERE).text)
    assert "Published Version 1: 1 patrol, published by Lena Leader on Monday 23 November" in said
    assert (
        f"Version 1, 1 patrol Published Lena Leader, Monday 23 November 2026 at 09:30 Checksum {checksum}"
        in said
    )
    assert "Nothing is late." in said
    assert "Publish this week" not in said


def test_a_published_week_is_a_page_in_the_publisher_s_own_desk_notebook(
    db: Database,
    lena: FlaskClient,
    leader: str,
    publish: Callable[..., None],
    logged: Callable[..., str],
) -> None:
    logged()
    publish()
    [row] = all_rows(db, "SELECT * FROM published_weeks")
    [page] = pages(db, row["record"])
    [notebook] = all_rows(
        db, "SELECT officer, at_desk FROM notebooks WHERE id = ?", [page["notebook"]]
    )
    assert notebook == {"officer": leader, "at_desk": 1}
    answer = lena.get(f"/desk/records/{row['record']}")
    assert answer.location == HERE
    body = json.loads(page["body"])
    assert list(body) == ["week", "version", "total", "checksum", "counted"]
    assert page["kind"] == "week-published"


def test_the_checksum_tells_when_what_was_counted_of_one_patrol_is_another() -> None:
    counted: Counted = {"a": {"ward": WARD, "joint": 0}, "b": {"ward": WARD, "joint": 1}}
    turned = {
        record: dict(reversed(list(what.items())))
        for record, what in reversed(list(counted.items()))
    }
    assert checksum_of(turned) == checksum_of(counted)
    sums = {checksum_of(counted | {"a": counted["a"] | {"joint": joint}}) for joint in (0, 1)}
    assert len(sums) == 2


@pytest.mark.parametrize("name", ["2026-W43", "2026-W13", "2026-W47"])
def test_a_week_is_published_from_its_last_midnight_in_london_on(
    db: Database, publish: Callable[..., None], name: str
) -> None:
    week = Week.parse(name)
    with pytest.raises(NotWritten) as problem:
        publish(week.ends - timedelta(milliseconds=1), week=week)
    said = "This week has not ended: it can be published from Monday on"
    assert refusal(problem) == [("week", said)]
    assert versions(db, week) == []
    publish(week.ends, week=week)
    assert [one.at for one in versions(db, week)] == [week.ends]


@pytest.mark.parametrize("name", ["2026-W43", "2026-W13"])
def test_the_hour_of_the_clock_change_belongs_to_its_week(
    db: Database, olu: str, write_pages: Write, publish: Callable[..., None], name: str
) -> None:
    week = Week.parse(name)
    for at in (week.begins, week.ends - timedelta(seconds=1), week.ends):
        write_pages(olu, [("patrol", patrol(at))], at)
    publish(week.ends + timedelta(hours=9), week=week)
    assert [one.total for one in versions(db, week)] == [2]


def test_a_week_that_runs_has_no_form(lena: FlaskClient) -> None:
    said = words(lena.get("/desk/count/2026-W48").text)
    assert "This week is not over: its numbers still grow." in said
    assert "Publish" not in said.split("Count any days")[1]
    answer = send(lena, "/desk/count/2026-W48/publish", HERE, **form(lena))
    assert answer.status_code == 400


def test_an_empty_week_is_published_as_nought(db: Database, lena: FlaskClient) -> None:
    assert "Publish 0 patrols" in words(lena.get(HERE).text)
    assert send(lena, f"{HERE}/publish", HERE, **form(lena)).status_code == 303
    assert [(one.total, one.counted) for one in versions(db, WEEK)] == [(0, {})]
    assert "Version 1: 0 patrols, published by Lena Leader" in words(lena.get(HERE).text)
    assert "No patrol was counted in this week." in words(lena.get(f"{HERE}/versions/1").text)


# What is late


def test_what_arrives_after_is_late_and_until_then_the_count_is_live(
    db: Database, lena: FlaskClient, logged: Callable[..., str], publish: Callable[..., None]
) -> None:
    logged()
    logged(MONDAY - timedelta(minutes=1))
    publish()
    record = logged(TUESDAY)
    arrived = "Arrived after: Tuesday 24 November 2026 at 09:30"
    assert why_late(db) == {record: arrived}
    page = lena.get(HERE).text
    assert "2 published 3 patrols now 1 late" in words(page)
    assert (
        "1 late since version 1 Began Why it is late Activity Place Ward Officer "
        f"Wed 18 Nov 2026, 14:00 {arrived}"
    ) in words(page)
    assert f'href="/desk/records/{record}"' in page
    listed = words(lena.get("/desk/patrols?week=2026-W47").text)
    assert listed.count("Accepted Late") == 1


def test_what_is_amended_after_is_late_where_that_is_counted(
    db: Database,
    logged: Callable[..., str],
    amended: Callable[..., None],
    publish: Callable[..., None],
) -> None:
    moved, joint, elsewhere, noted = (logged() for _ in range(4))
    publish()
    amended(moved, ward=OTHER_WARD)
    amended(joint, with_police=True)
    amended(elsewhere, address="2 Example Street")
    amended(noted, notes="A better word")
    assert why_late(db) == {
        moved: "Amended after: ward Kilburn, now Camden Town",
        joint: "Amended after: joint with police",
        elsewhere: "Amended after: another place",
    }


def test_what_no_longer_counts_is_late_and_so_is_what_counts_only_since(
    db: Database,
    lena: FlaskClient,
    logged: Callable[..., str],
    amended: Callable[..., None],
    publish: Callable[..., None],
) -> None:
    wrong, moved, held = logged(), logged(), logged(outcomes=None)
    publish()
    amended(wrong)
    amended(moved, started_at="2026-11-10T10:00:00.000Z")
    amended(held, outcomes=["nothing-unusual"])
    assert why_late(db) == {
        wrong: "No longer counts: entered in error",
        moved: "No longer counts: it began in 2026-W46",
        held: "Was here, and counts only since: it was held, entered in error, counted with another "
        "or in another week",
    }
    assert "2 published 1 patrol now 3 late" in words(lena.get(HERE).text)


def test_what_came_into_a_published_week_out_of_another_is_late_there(
    db: Database,
    logged: Callable[..., str],
    amended: Callable[..., None],
    publish: Callable[..., None],
) -> None:
    record = logged()
    publish(week=WEEK.previous())
    amended(record, started_at="2026-11-10T10:00:00.000Z")
    [found] = late(db, versions(db, WEEK.previous())[0])
    assert (found.record, found.why.split(":")[0]) == (record, "Was here, and counts only since")


def test_what_a_later_fieldbook_counts_besides_is_no_difference() -> None:
    before: Counted = {
        "a": {"ward": WARD},
        "b": {"ward": WARD},
        "c": {},
    }
    after: Counted = {"a": before["a"] | {"day": 3}, "b": {"ward": OTHER_WARD}, "d": {}}
    assert difference(before, after) == Difference(frozenset("d"), frozenset("b"), frozenset("c"))
    assert difference(before, after).in_words() == "1 patrol more, 1 amended, 1 no longer counted"


def test_a_list_of_patrols_tags_what_is_late_and_nothing_else(
    lena: FlaskClient,
    logged: Callable[..., str],
    amended: Callable[..., None],
    publish: Callable[..., None],
) -> None:
    logged()
    logged(MONDAY)
    moved, noted, wrong = logged(), logged(), logged()
    publish(MONDAY)
    logged(TUESDAY)
    amended(moved, ward=OTHER_WARD)
    amended(noted, notes="A better word")
    amended(wrong)
    tags = words(lena.get("/desk/patrols?week=2026-W47").text)
    assert tags.count("Late") == 3
    assert tags.count("Accepted Late Amended") == 1
    assert tags.count("Entered in error Late Amended") == 1
    assert tags.count("Accepted Amended") == 1


def test_a_patrol_that_came_in_time_is_late_when_it_was_amended_after(
    lena: FlaskClient,
    logged: Callable[..., str],
    amended: Callable[..., None],
    publish: Callable[..., None],
) -> None:
    record = logged()
    publish()
    amended(record, ward=OTHER_WARD)
    assert "Accepted Late Amended" in words(lena.get("/desk/patrols?week=2026-W47").text)


def test_a_ward_stays_in_the_table_while_it_is_in_what_was_published() -> None:
    count = WeekCount(WEEK, {}, {(NOT_GIVEN, NOT_GIVEN): 1, (ALL, ALL): 1})
    assert [entries[-1].code for entries in (count.wards(), count.activities())] == [NOT_GIVEN] * 2


# Restated


def test_a_restatement_is_numbered_has_a_reason_and_leaves_the_first_version_readable(
    db: Database,
    lena: FlaskClient,
    logged: Callable[..., str],
    amended: Callable[..., None],
    publish: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = logged()
    logged()
    publish()
    first = versions(db, WEEK)
    amended(wrong)
    logged(TUESDAY)
    logged(TUESDAY)
    monkeypatch.setattr(weeks_desk, "now", lambda: TUESDAY)
    assert "Version 2 will say 3 patrols, 1 more (50%). Version 1 stays" in words(
        lena.get(HERE).text
    )
    answer = send(lena, f"{HERE}/publish", HERE, **form(lena), restated_reason=" ")
    assert answer.status_code == 400
    assert "There is a problem Say why it is restated" in words(answer.text)
    said = form(lena) | {"restated_reason": "A phone\r\nwas flat"}
    assert send(lena, f"{HERE}/publish", HERE, **said).status_code == 303
    assert versions(db, WEEK)[:1] == first
    after = versions(db, WEEK)[1]
    assert (after.number, after.total, after.reason) == (2, 3, "A phone\nwas flat")
    said_now = words(lena.get(HERE).text)
    assert "Restated Version 2: 3 patrols" in said_now
    assert (
        "Restatement: version 2, 3 patrols Published Lena Leader, Tuesday 24 November 2026 at 09:30 "
        "Differs from version 1 +1: 2 patrols more, 1 no longer counted Why A phone was flat"
    ) in said_now
    assert "Version 1, 2 patrols Published Lena Leader, Monday 23 November" in said_now
    assert why_late(db) == {}
    one, two = (lena.get(f"{HERE}/versions/{number}").text for number in (1, 2))
    assert "version 1, since restated 2 patrols published" in words(one)
    assert "3 patrols published" in words(two)
    assert (f"/desk/records/{wrong}" in one, f"/desk/records/{wrong}" in two) == (True, False)
    assert "There is no version 3" in words(lena.get(f"{HERE}/versions/3").text)


def test_a_restated_week_is_restated_again(
    db: Database, logged: Callable[..., str], publish: Callable[..., None]
) -> None:
    publish()
    for number in (1, 2):
        logged(TUESDAY)
        publish(TUESDAY + timedelta(hours=number), "Late")
    assert [(one.number, one.total) for one in versions(db, WEEK)] == [(1, 0), (2, 1), (3, 2)]


def test_nothing_is_published_where_nothing_has_changed(
    db: Database, lena: FlaskClient, logged: Callable[..., str], publish: Callable[..., None]
) -> None:
    logged()
    said = form(lena)
    publish()
    with pytest.raises(NotWritten) as problem:
        publish(TUESDAY, "To be sure")
    assert refusal(problem) == [("", "Nothing has changed since version 1 was published.")]
    answer = send(lena, f"{HERE}/publish", HERE.replace("47", "46"), **said | {"follows": "1"})
    assert answer.status_code == 400
    assert "Nothing has changed since version 1 was published." in words(answer.text)
    assert len(versions(db, WEEK)) == 1


# Several at once


def test_a_form_that_is_sent_twice_publishes_once(
    db: Database, lena: FlaskClient, logged: Callable[..., str]
) -> None:
    logged()
    said = form(lena)
    answers = [lena.post(f"{HERE}/publish", data=said) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert len(versions(db, WEEK)) == 1


def test_what_was_not_seen_is_not_published(
    db: Database, lena: FlaskClient, logged: Callable[..., str]
) -> None:
    said = form(lena)
    logged()
    answer = lena.post(f"{HERE}/publish", data=said)
    assert answer.status_code == 400
    assert "The count changed while this page was open." in words(answer.text)
    assert versions(db, WEEK) == []


def test_what_arrives_while_the_page_is_made_is_not_published(
    db: Database,
    lena: FlaskClient,
    logged: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = publishing.count_beside_published

    def and_then_one_arrives(db: Database, week: Week) -> Any:
        found = made(db, week)
        logged()
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(publishing, "count_beside_published", and_then_one_arrives)
        said = form(lena)
    assert lena.post(f"{HERE}/publish", data=said).status_code == 400
    assert versions(db, WEEK) == []


def test_of_two_leaders_at_once_one_publishes_and_the_other_is_told(
    app: Flask, db: Database, lena: FlaskClient, officer: Make, logged: Callable[..., str]
) -> None:
    logged()
    officer("Bea Second", auth.TEAM_LEADER)
    bea = app.test_client()
    sign_in(bea, "bea")
    ready, told = Barrier(2), list[tuple[int, str]]()

    def post(client: FlaskClient, said: dict[str, str]) -> None:
        ready.wait()
        answer = client.post(f"{HERE}/publish", data=said)
        told.append((answer.status_code, words(answer.text)))

    both = [Thread(target=post, args=(client, form(client))) for client in (lena, bea)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    [version] = versions(db, WEEK)
    assert version.number == 1
    assert sorted(status for status, _ in told) == [303, 400]
    [sentence] = [said for status, said in told if status == 400]
    assert f"{version.by} published version 1 of this week meanwhile." in sentence


# Who, and what nobody can do


def test_only_team_leaders_and_administrators_publish(
    app: Flask, db: Database, lena: FlaskClient, officer: Make, logged: Callable[..., str]
) -> None:
    logged()
    officer("Ada Admin", auth.ADMINISTRATOR)
    officer("Ola Other")
    said = form(lena)
    for username, status in (("ola", 403), ("ada", 303)):
        client = app.test_client()
        sign_in(client, username)
        token = json.loads(client.get("/api/v1/me").text)["csrf"]
        answer = client.post(f"{HERE}/publish", data=said | {"csrf_token": token})
        assert answer.status_code == status
    assert [one.by for one in versions(db, WEEK)] == ["Ada Admin"]


def test_a_phone_publishes_nothing(
    db: Database, olu: str, write_pages: Write, publish: Callable[..., None]
) -> None:
    body = {
        "week": "2026-W47",
        "version": 1,
        "total": 0,
        "checksum": checksum_of({}),
        "counted": {},
    }
    assert check(KINDS["week-published"], body, MONDAY).problems == []
    write_pages(olu, [("week-published", body)], MONDAY)
    assert versions(db, WEEK) == []
    publish()
    assert [one.number for one in versions(db, WEEK)] == [1]


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"week": "2026-W60"}, ("week", "type")),
        ({"week": "2026-W48"}, ("week", "future")),
        ({"week": "9999-W52"}, ("week", "type")),
        ({"total": 1}, ("counted", "differs")),
        ({"checksum": "0" * 64}, ("counted", "differs")),
        ({"counted": {"x": {}}}, ("counted", "type")),
        ({"counted": [1]}, ("counted", "type")),
        ({"version": 0}, ("version", "type")),
    ],
)
def test_a_version_that_does_not_fit_itself_is_held(
    wrong: dict[str, Any], problem: tuple[str, str]
) -> None:
    body = {
        "week": "2026-W47",
        "version": 1,
        "total": 0,
        "checksum": checksum_of({}),
        "counted": {},
    }
    found = check(KINDS["week-published"], body | wrong, MONDAY).problems
    assert [(one.field, one.rule) for one in found] == [problem]


@pytest.mark.parametrize("body", [{"entered_in_error": True}, {"changes": {"total": 7}}])
def test_a_published_version_is_never_amended(
    db: Database,
    leader: str,
    write_pages: Write,
    publish: Callable[..., None],
    body: dict[str, Any],
) -> None:
    publish()
    [row] = all_rows(db, "SELECT * FROM published_weeks")
    write_pages(leader, [("amendment", REASON | body, row["record"])], TUESDAY)
    assert all_rows(db, "SELECT * FROM published_weeks") == [row]
    [problem] = all_rows(db, "SELECT message, rule FROM problems")
    assert problem == {
        "message": "What was published stays. Publish a restatement.",
        "rule": "lasting",
    }


def test_published_weeks_survive_a_rebuild_and_are_verified(
    app: Flask,
    db: Database,
    logged: Callable[..., str],
    publish: Callable[..., None],
) -> None:
    logged()
    publish()
    logged(TUESDAY)
    publish(TUESDAY, "Late")
    before = versions(db, WEEK)
    with writing(db):
        fold.fold_all(db)
    assert versions(db, WEEK) == before
    assert list(verify.verify(db, Path(app.config["INSTANCE"]) / "evidence")) == []


@pytest.mark.parametrize("numbers", [(1, 1, 3), (1, 1, 2), (1, 3, 4), (2, 3, 4)])
def test_versions_that_are_not_numbered_one_after_the_other_are_found(
    db: Database,
    logged: Callable[..., str],
    publish: Callable[..., None],
    numbers: tuple[int, ...],
) -> None:
    publish()
    for _ in range(2):
        logged(TUESDAY)
        publish(TUESDAY, "Late")
    assert list(verify.publications(db)) == []
    rows = all_rows(db, "SELECT record FROM published_weeks ORDER BY version")
    for row, number in zip(rows, numbers, strict=True):
        db.conn.execute(
            "UPDATE published_weeks SET version = ? WHERE record = ?", [number, row["record"]]
        )
    said = ", ".join(map(str, numbers))
    assert list(verify.publications(db)) == [f"week 2026-W47: it has the versions {said}"]
    db.conn.execute("UPDATE published_weeks SET state = 'held'")
    assert list(verify.publications(db)) == []
    assert versions(db, WEEK) == []


# Exports


def test_the_csv_says_what_is_published_beside_what_is_live(
    db: Database,
    logged: Callable[..., str],
    amended: Callable[..., None],
    publish: Callable[..., None],
) -> None:
    record = logged()
    publish()
    amended(record, ward=OTHER_WARD)
    logged(TUESDAY, ward=OTHER_WARD, address="2 Example Street")
    text = exports.week_csv(*publishing.count_beside_published(db, WEEK))
    names = (
        "Ward code",
        "Activity code",
        "Patrols",
        "Published patrols",
        "Published version",
        "Published at",
    )
    rows = [[row[name] for name in names] for row in csv.DictReader(io.StringIO(text))]
    at = "2026-11-23T09:30:00.000Z"
    assert rows == [
        [OTHER_WARD, FAITH, "2", "0", "1", at],
        [WARD, FAITH, "0", "1", "1", at],
        [ALL, ALL, "2", "1", "1", at],
    ]


def test_a_published_count_names_no_address(
    db: Database, logged: Callable[..., str], publish: Callable[..., None]
) -> None:
    logged(address="Flat 7, Secret House", notes="A private word")
    publish()
    [row] = all_rows(db, "SELECT body FROM pages WHERE kind = 'week-published'")
    assert "secret" not in row["body"].lower()
    assert "private" not in row["body"]
    assert counts.counted_of_each(db, WEEK).keys() == versions(db, WEEK)[0].counted.keys()
