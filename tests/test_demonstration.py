"""The demonstration data: invented, repeatable, and sound as real pages are."""

import hashlib
import itertools
import json
import re
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlite_utils import Database

from field_app import (
    auth,
    authorisations,
    books,
    catalogue,
    database,
    demonstration,
    publishing,
    schema,
)
from field_app.books import Floors
from field_app.demonstration import cases
from field_app.demonstration.people import officers, people, places
from field_app.demonstration.rota import HOURS
from field_app.demonstration.shifts import FAST, HELD, OPEN, SILENT, Sending, pages
from field_app.demonstration.weeks import published_at
from field_app.records import KINDS, Reading, body_of, check
from field_app.times import Week, london, read_moment
from field_app.verify import numbers as wrong_numbers

NOW = datetime(2026, 11, 22, 16, 20, tzinfo=UTC)
"""A Sunday; the clocks went back four weeks before."""
INVENTED = re.compile("Example|Sample|Specimen|Placeholder|Demo|Mock|Trial|Test")
NAMES = {person.id: person.username for person in people()}


def sent(now: datetime = NOW, seed: int = 1) -> list[Sending]:
    return list(pages(now, officers(), places(), seed))


@pytest.fixture(scope="module")
def sendings() -> list[Sending]:
    return sent()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    file = tmp_path_factory.mktemp("demonstration") / database.FILE_NAME
    schema.prepare(file)
    db = database.connect(file)
    demonstration.fill(db, "a password", NOW, Floors(file.parent))
    yield db
    db.conn.close()


def written(sendings: list[Sending]) -> list[tuple[Sending, dict[str, Any]]]:
    return [(sending, page) for sending in sendings for page in sending.pages]


def truly(sending: Sending, moment: str) -> datetime:
    """A moment by the phone's clock, put right."""
    return read_moment(moment) - (sending.sent_at - sending.received_at)


def test_there_are_22_officers_2_team_leaders_and_1_administrator() -> None:
    assert Counter(person.role for person in people()) == {
        auth.OFFICER: 22,
        auth.TEAM_LEADER: 2,
        auth.ADMINISTRATOR: 1,
    }
    assert [person.username for person in people()] == [
        *(f"officer{number:02d}" for number in range(1, 23)),
        "leader1",
        "leader2",
        "admin",
    ]


def test_three_places_stand_in_each_ward() -> None:
    wards = [ward.code for ward in catalogue.wards()]
    assert Counter(place.ward for place in places()) == dict.fromkeys(wards, 3)


def test_every_category_of_place_is_shown() -> None:
    known = {entry.code for entry in catalogue.entries("place_categories")}
    assert {place.category for place in places()} == known


def test_every_place_lies_in_a_rough_box_of_the_borough() -> None:
    assert all(51.515 <= place.latitude <= 51.57 for place in places())
    assert all(-0.21 <= place.longitude <= -0.11 for place in places())


def test_every_person_and_place_is_plainly_invented() -> None:
    names = [person.name for person in people()] + [place.name for place in places()]
    assert [name for name in names if not INVENTED.search(name)] == []
    assert [place for place in places() if not re.search(r", ZZ\d+ \dZZ$", place.address)] == []


def test_no_place_bears_the_name_of_a_real_ward() -> None:
    wards = [ward.label.lower() for ward in catalogue.wards()]
    places_named = [place.name.lower() for place in places()]
    assert [name for name in places_named if any(ward in name for ward in wards)] == []


def test_ids_and_names_are_there_once() -> None:
    ids = {one.id for one in people()} | {one.id for one in places()}
    names = {one.name for one in people()} | {one.name for one in places()}
    assert (len(ids), len(names)) == (85, 85)


def test_the_same_arguments_make_the_same_pages(sendings: list[Sending]) -> None:
    assert sent() == sendings


def test_another_seed_makes_other_pages(sendings: list[Sending]) -> None:
    assert sent(seed=2) != sendings


def test_what_came_before_is_the_same_an_hour_later(sendings: list[Sending]) -> None:
    later = {page["seal"] for _, page in written(sent(NOW + timedelta(hours=1)))}
    assert {page["seal"] for _, page in written(sendings)} < later


def test_every_page_is_sealed_to_the_one_before(sendings: list[Sending]) -> None:
    last: dict[str, tuple[int, str]] = {}
    for sending, page in written(sendings):
        number, seal = last.get(sending.notebook, (0, sending.notebook))
        lines = (seal, number + 1, page["kind"], page["record"], page["written_at"], page["body"])
        expected = hashlib.sha256("\n".join(map(str, lines)).encode()).hexdigest()
        assert (page["page"], page["previous"], page["seal"]) == (number + 1, seal, expected)
        last[sending.notebook] = (page["page"], page["seal"])
    assert len(last) == 22


def test_there_are_eight_weeks_of_pages_and_fewer_than_8000(sendings: list[Sending]) -> None:
    starts = [page for _, page in written(sendings) if page["kind"] == "shift-start"]
    days = {london(page["written_at"]).date() for page in starts}
    first = NOW.date() - timedelta(days=56)
    assert days == {first + timedelta(days=day) for day in range(57)}
    assert 5_000 < len(written(sendings)) < 8_000


def test_a_shift_has_6_to_14_patrols(sendings: list[Sending]) -> None:
    today = NOW.date()
    counts = {
        sum(page["kind"] == "patrol" for page in sending.pages)
        for sending in sendings
        if london(truly(sending, sending.pages[0]["written_at"])).date() < today
    }
    assert counts == set(range(6, 15))


def test_shifts_keep_london_hours_across_the_clock_change(sendings: list[Sending]) -> None:
    for sending in sendings:
        began = london(truly(sending, sending.pages[0]["written_at"]))
        hours = next(hours for hours in HOURS.values() if hours[0] == began.hour)
        assert began.minute < 10
        if sending.pages[-1]["kind"] == "shift-end":
            ended = london(truly(sending, sending.pages[-1]["written_at"]))
            wall = datetime.combine(began.date(), time()) + timedelta(hours=hours[1])
            assert timedelta() <= wall - ended.replace(tzinfo=None) <= timedelta(minutes=10)


def test_both_sides_of_the_clock_change_are_there(sendings: list[Sending]) -> None:
    offsets = Counter(london(sending.received_at).utcoffset() for sending in sendings)
    assert set(offsets) == {timedelta(0), timedelta(hours=1)}


@pytest.mark.parametrize(
    "now",
    [NOW, datetime(2026, 3, 30, 0, 30, tzinfo=UTC), datetime(2027, 1, 1, 7, 3, tzinfo=UTC)],
)
def test_nothing_comes_from_the_future_and_all_in_order(now: datetime) -> None:
    found = sent(now)
    assert all(truly(sending, page["written_at"]) < now for sending, page in written(found))
    received = [sending.received_at for sending in found]
    assert received == sorted(received)
    assert received[-1] <= now


def test_some_shifts_are_running_in_the_afternoon(sendings: list[Sending]) -> None:
    last = {sending.officer: sending.pages[-1]["kind"] for sending in sendings}
    assert 3 < sum(kind != "shift-end" for kind in last.values()) < 22


def test_a_record_id_begins_with_the_moment_it_was_made(sendings: list[Sending]) -> None:
    for sending, page in written(sendings):
        if page["kind"] == "patrol":
            record = UUID(page["record"])
            made = datetime.fromtimestamp((record.int >> 80) / 1000, UTC)
            assert record.version == 7
            assert abs(made - truly(sending, page["written_at"])) <= timedelta(milliseconds=1)


def read_page(page: dict[str, Any]) -> Reading:
    written_at = read_moment(page["written_at"])
    return check(KINDS[page["kind"]], body_of(page["body"]) or {}, written_at)


def test_one_patrol_ended_before_it_began_and_every_other_page_keeps_the_rules(
    sendings: list[Sending],
) -> None:
    broken = [
        (NAMES[sending.officer], problem.field, problem.rule)
        for sending, page in written(sendings)
        for problem in read_page(page).problems
    ]
    assert broken == [(HELD, "ended_at", "not-before")]


def test_every_field_of_every_body_is_declared(sendings: list[Sending]) -> None:
    for _, page in written(sendings):
        body = json.loads(page["body"])
        declared = {field.name for field in KINDS[page["kind"]].form_for(body).fields()}
        assert set(body) <= declared


def test_one_shift_before_today_was_left_open(sendings: list[Sending]) -> None:
    open_ones = [
        NAMES[sending.officer]
        for sending in sendings
        if sending.pages[-1]["kind"] != "shift-end"
        and london(truly(sending, sending.pages[0]["written_at"])).date() < NOW.date()
    ]
    assert open_ones == [OPEN]


def test_one_phone_has_a_clock_two_hours_fast(sendings: list[Sending]) -> None:
    fast = {
        (NAMES[sending.officer], sending.sent_at - sending.received_at)
        for sending in sendings
        if sending.sent_at != sending.received_at
    }
    assert fast == {(FAST, timedelta(hours=2))}


def test_one_phone_sent_pages_after_their_week_was_published(sendings: list[Sending]) -> None:
    late = {
        NAMES[sending.officer]
        for sending, page in written(sendings)
        if sending.received_at > published_at(Week.of(truly(sending, page["written_at"])))
    }
    assert late == {SILENT}


def test_every_week_is_published_but_the_last_and_one_has_late_patrols(filled: Database) -> None:
    last = Week.of(NOW).previous()
    weeks = [last]
    while len(weeks) < 8:
        weeks.append(weeks[-1].previous())
    published = {str(week): publishing.versions(filled, week) for week in weeks}
    numbers = [[one.number for one in several] for several in published.values()]
    assert numbers == [[], *([1] for _ in range(len(weeks) - 1))]
    late = {
        week: {one.row["officer_name"] for one in publishing.late(filled, several[-1])}
        for week, several in published.items()
        if several
    }
    names = {person.username: person.name for person in people()}
    assert late.pop(str(last.previous())) == {names[SILENT]}
    assert set().union(*late.values()) == set()


def test_about_15_in_100_patrols_are_joint_with_police(sendings: list[Sending]) -> None:
    bodies = [json.loads(page["body"]) for _, page in written(sendings) if page["kind"] == "patrol"]
    assert 0.12 < sum("with_police" in body for body in bodies) / len(bodies) < 0.18


def test_every_activity_ward_and_place_is_met(sendings: list[Sending]) -> None:
    bodies = [json.loads(page["body"]) for _, page in written(sendings) if page["kind"] == "patrol"]
    assert {body["activity"] for body in bodies} == {a.code for a in catalogue.activities()}
    assert {body["ward"] for body in bodies} == {ward.code for ward in catalogue.wards()}
    assert {body.get("place") for body in bodies} == {None, *(place.id for place in places())}


def test_an_officer_is_on_one_shift_at_a_time(sendings: list[Sending]) -> None:
    for officer in officers():
        own = [sending for sending in sendings if sending.officer == officer.id]
        for before, after in itertools.pairwise(own):
            assert truly(before, before.pages[-1]["written_at"]) < truly(
                after, after.pages[0]["written_at"]
            )


def test_a_filled_file_has_every_page_and_holds_one(filled: Database) -> None:
    expected = {page["seal"] for _, page in written(sent(seed=demonstration.SEED))}
    kept = database.all_rows(filled, "SELECT seal, line FROM pages")
    assert expected < {page["seal"] for page in kept}
    assert {page["line"] for page in kept} == {"main"}
    held = database.all_rows(filled, "SELECT count(*) AS n FROM patrols WHERE state = 'held'")
    assert held == [{"n": 1}]
    assert database.all_rows(filled, "SELECT DISTINCT rule FROM problems") == [
        {"rule": "not-before"}
    ]


def test_notices_stand_at_every_step_of_their_way(filled: Database) -> None:
    rows = database.all_rows(
        filled,
        "SELECT *, EXISTS (SELECT 1 FROM payments WHERE payments.number = notices.number) AS paid "
        "FROM notices",
    )
    today = NOW.date().isoformat()
    assert {row["state"] for row in rows} == {"accepted"}
    assert all(row["service"] for row in rows)
    fpns = [row for row in rows if row["kind"] == "fpn"]
    assert [row["paid"] for row in fpns].count(1) == 1
    assert any(row["pay_by"] < today and not row["paid"] for row in fpns)
    assert any(row["pay_by"] >= today for row in fpns)
    assert any((row["discount_until"] or "") >= today for row in fpns)
    assert any(row["represented_on"] for row in fpns)
    warnings = {row["record"]: row for row in rows if row["kind"] == "cpw"}
    assert any(row["review_on"] <= today for row in warnings.values())
    [cpn] = [row for row in rows if row["kind"] == "cpn"]
    warning = warnings[cpn["warning"]]
    assert warning["recipient_name"] == cpn["recipient_name"]
    assert warning["comply_by"] == cpn["warning_comply_by"]
    assert database.one_row(filled, "SELECT outcome FROM not_issued") == {"outcome": "walked-off"}
    assert len(database.all_rows(filled, "SELECT 1 FROM spoiled")) == 1


def test_everybody_in_a_notice_is_plainly_invented(filled: Database) -> None:
    rows = database.all_rows(filled, "SELECT recipient_name, recipient_address FROM notices")
    assert [row for row in rows if not INVENTED.search(row["recipient_name"])] == []
    assert [row for row in rows if not re.search(r", ZZ\d+ \dZZ$", row["recipient_address"])] == []


def test_every_notice_is_covered_by_an_authorisation_and_two_officers_lack_powers(
    filled: Database,
) -> None:
    for row in database.all_rows(filled, "SELECT * FROM notices"):
        found = authorisations.covering(filled, row)
        assert found
        assert found["document"] == row["authorisation"]
    powers = {
        one.username: {p for a in authorisations.of_officer(filled, one.id) for p in a["powers"]}
        for one in officers()
    }
    every = {entry.code for entry in catalogue.entries("powers")}
    lacking = {name: len(held) for name, held in powers.items() if held != every}
    assert lacking == {"officer20": 0, "officer21": 3}


def test_every_number_of_the_demonstration_is_accounted_for(filled: Database) -> None:
    assert list(wrong_numbers(filled)) == []
    assert {book["paper"] for book in books.account(filled)} == {0, 1}


def test_notices_can_be_made_on_the_first_days_of_a_year(tmp_path: Path) -> None:
    file = tmp_path / database.FILE_NAME
    schema.prepare(file)
    db = database.connect(file)
    new_year = datetime(2027, 1, 1, 7, 3, tzinfo=UTC)
    with database.writing(db):
        for person in people():
            database.insert(db, "officers", vars(person) | {"password_hash": "none"})
        demonstration.keep_places(db, new_year - timedelta(days=120))
        cases.fill(db, new_year, Floors(tmp_path), seed=1)
    assert database.all_rows(db, "SELECT * FROM problems") == []
    assert {row["series"] for row in books.account(db) if row["issued"]} == {"CF26", "CW26", "CN26"}
    db.conn.close()


def test_a_filled_file_says_that_it_is_a_demonstration(filled: Database) -> None:
    assert database.setting(filled, "demonstration") == "yes"


def test_everybody_signs_in_with_the_shared_password(filled: Database) -> None:
    rows = database.all_rows(filled, "SELECT username, password_hash FROM officers")
    assert {row["username"] for row in rows} == set(NAMES.values())
    (hashed,) = {row["password_hash"] for row in rows}
    assert auth.passwords.verify(hashed, "a password")


def test_a_file_that_is_in_use_is_not_filled(filled: Database, tmp_path: Path) -> None:
    before = database.one_row(filled, "SELECT count(*) AS n FROM pages")
    with pytest.raises(database.DatabaseTrouble, match="has officers already"):
        demonstration.fill(filled, "another password", NOW, Floors(tmp_path))
    assert database.one_row(filled, "SELECT count(*) AS n FROM pages") == before


def test_the_password_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    made = demonstration.password(tmp_path)
    assert len(made) == 12
    assert demonstration.password(tmp_path) == made
    file = tmp_path / "demonstration-password"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
