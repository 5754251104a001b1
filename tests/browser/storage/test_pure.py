"""The pure modules against Python's own: seals, ids, London's clock."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from playwright.sync_api import Page

from tests.browser.storage.central import seal_of
from tests.browser.storage.conftest import run

LONDON = ZoneInfo("Europe/London")
ROOT = Path(__file__).resolve().parents[3]


def utc_text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_seal_is_sha256_of_the_page_and_the_seal_before(page: Page) -> None:
    pages = [
        {
            "previous": "a" * 64,
            "page": 2,
            "kind": "patrol",
            "record": "r",
            "written_at": "t",
            "body": b,
        }
        for b in ("{}", '{"notes":"a\\u0000b"}', '{"notes":"Šálom 😀 مرحبا\u2028"}', "x" * 10_000)
    ]
    seals = run(page, "return Promise.all(arg.map(seal.sealOf));", pages)
    assert seals == [seal_of(one) for one in pages]


def test_ids_are_uuid_version_7_and_carry_their_moment(page: Page) -> None:
    ids = run(page, "return Array.from({ length: 200 }, () => uuid.uuidv7(now));")
    read = [UUID(one) for one in ids]
    assert len(set(ids)) == 200
    assert {(one.version, one.variant, one.int >> 80) for one in read} == {
        (7, "specified in RFC 4122", int(datetime(2026, 11, 22, 14, tzinfo=UTC).timestamp() * 1000))
    }


def test_london_agrees_with_the_time_zone_database(page: Page) -> None:
    chance, first = random.Random(7), datetime(1996, 1, 1, tzinfo=UTC)
    moments = [first + timedelta(minutes=chance.randrange(40 * 525_960)) for _ in range(4_000)]
    texts = [utc_text(moment) for moment in moments]
    shown = run(
        page, "return arg.map((t) => [london.toLondon(t), london.clock(t), london.day(t)]);", texts
    )
    local = [moment.astimezone(LONDON) for moment in moments]
    assert shown == [
        [at.strftime("%Y-%m-%dT%H:%M"), at.strftime("%H:%M"), at.strftime(f"%A {at.day} %B")]
        for at in local
    ]
    back = run(page, "return arg.map((t) => london.fromLondon(t));", [one[0] for one in shown])
    first_reading = [at.replace(fold=0).astimezone(UTC) for at in local]
    assert back == [utc_text(moment) for moment in first_reading]


def test_every_minute_around_the_clock_changes_comes_back(page: Page) -> None:
    changes = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
    minutes = [timedelta(minutes=m) for m in range(-130, 131)]
    texts = [utc_text(change + minute) for change in changes for minute in minutes]
    kept = run(page, "return arg.map((t) => london.fromLondon(london.toLondon(t), t));", texts)
    assert kept == texts


def test_clock_change_and_leap_day_are_read_as_people_mean_them(page: Page) -> None:
    """The text, what was shown before, the moment."""
    cases: list[list[str | None]] = [
        ["2026-10-25T01:30", None, "2026-10-25T00:30:00.000Z"],
        ["2026-10-25T01:30", "2026-10-25T01:30:00.000Z", "2026-10-25T01:30:00.000Z"],
        ["2026-10-25T01:31", "2026-10-25T01:30:00.000Z", "2026-10-25T00:31:00.000Z"],
        ["2026-03-29T01:30", None, "2026-03-29T01:30:00.000Z"],
        ["2026-03-29T02:30", None, "2026-03-29T01:30:00.000Z"],
        ["2026-11-22T14:10", "2026-11-22T14:10:37.123Z", "2026-11-22T14:10:37.123Z"],
        ["2026-07-01T14:10:05", None, "2026-07-01T13:10:05.000Z"],
        ["2028-02-29T12:00", None, "2028-02-29T12:00:00.000Z"],
        ["2027-02-29T12:00", None, None],
        ["2026-11-31T12:00", None, None],
        ["2026-11-22T24:00", None, None],
        ["2026-11-22", None, None],
        ["half past two", None, None],
        ["", None, None],
    ]
    read = run(page, "return arg.map(([t, k]) => london.fromLondon(t, k ?? undefined));", cases)
    assert read == [moment for _, _, moment in cases]


def test_unreadable_moment_is_shown_as_nothing(page: Page) -> None:
    shown = run(page, "return [london.toLondon('x'), london.clock('x'), london.day('x')];")
    assert shown == ["", "", ""]


def test_numbers_are_those_of_the_shared_vectors(page: Page) -> None:
    vectors = json.loads((ROOT / "tests" / "vectors" / "numbers.json").read_text())
    sound = [(one["series"], one["serial"]) for one in vectors["sound"]]
    made = run(page, "return arg.map(([series, serial]) => books.numberOf(series, serial));", sound)
    assert made == [one["number"] for one in vectors["sound"]]
    all_of_them = [*made, *(one["number"] for one in vectors["damaged"])]
    judged = run(page, "return arg.map(books.isSound);", all_of_them)
    assert judged == [True] * len(made) + [False] * len(vectors["damaged"])
    shown = run(page, "return arg.map(books.shown);", made)
    assert shown == [one["shown"] for one in vectors["sound"]]


DRAWN = """
const lent = [{ series: 'CF26', first: 40, last: 41 }, { series: 'CF26', first: 7, last: 8 },
  { series: 'CF27', first: 1, last: 1 }, { series: 'CW26', first: 1, last: 9 }];
const row = { books: lent, drawn: {} };
const numbers = [];
for (;;) {
  try {
    const { series, serial, number } = books.next(row, 'fpn');
    row.drawn[series] = serial;
    numbers.push([series, serial, books.isSound(number), books.left(row, 'fpn')]);
  } catch (error) {
    return [numbers, error.name, books.left(row, 'cpw')];
  }
}
"""


def test_books_are_used_up_one_number_after_the_other_and_then_it_is_said(page: Page) -> None:
    expected = [["CF26", 7], ["CF26", 8], ["CF26", 40], ["CF26", 41], ["CF27", 1]]
    drawn = [[*one, True, left] for one, left in zip(expected, [4, 3, 2, 1, 0], strict=True)]
    assert run(page, DRAWN) == [drawn, "NoNumber", 9]


def test_a_book_that_either_side_has_forgotten_is_kept(page: Page) -> None:
    ours, theirs = (
        [{"series": "CF26", "first": 1, "last": 9}],
        [{"series": "CW26", "first": 1, "last": 9}],
    )
    both = run(page, "return books.together(arg[0], arg[1]);", [ours, [*ours, *theirs]])
    assert both == [*ours, *theirs]
    assert run(page, "return books.together(undefined, undefined);") == []


def test_who_is_the_same_is_as_the_shared_vectors_say(page: Page) -> None:
    people = json.loads((ROOT / "tests" / "vectors" / "people.json").read_text())
    judge = "return arg.map(({ one, other }) => earlier.isSamePerson(one, other));"
    assert run(page, judge, people) == [pair["same"] for pair in people]


def test_the_ward_of_a_position_is_as_the_shared_vectors_say(page: Page) -> None:
    vectors = json.loads((ROOT / "tests" / "vectors" / "wards.json").read_text())
    judge = "return arg.positions.map((one) => wards.wardAt(arg.wards, one) ?? null);"
    assert run(page, judge, vectors) == [one["ward"] for one in vectors["positions"]]
    unknown = "return [wards.wardAt(undefined, arg), wards.wardAt({ A: [] }, {})];"
    assert run(page, unknown, {"latitude": 51.5, "longitude": 0.1}) == [None, None]
