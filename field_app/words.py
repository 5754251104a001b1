"""Days, times and numbers as people at the desk read them: London time, in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from field_app import numbers
from field_app.times import Week, london, moment_text, read_moment

CLOCK_MAY_DIFFER = 120
"""Seconds by which a phone's clock may be wrong before a time is shown with its correction."""


def day(of: date | datetime | str) -> str:
    """Sunday 22 November 2026"""
    on = _london_day(of)
    return f"{on:%A} {on.day} {on:%B %Y}"


def short_day(of: date | datetime | str) -> str:
    """Sun 22 Nov 2026"""
    on = _london_day(of)
    return f"{on:%a} {on.day} {on:%b %Y}"


def clock(moment: datetime | str) -> str:
    """14:10"""
    return f"{london(moment):%H:%M}"


def moment_in_words(moment: datetime | str) -> str:
    """Sunday 22 November 2026 at 14:10"""
    return f"{day(moment)} at {clock(moment)}"


def days(first: date, last: date) -> str:
    """Monday 16 to Sunday 22 November 2026, leaving out what both days share."""
    begun = f"{first:%A} {first.day}"
    if first.year != last.year:
        begun += f" {first:%B %Y}"
    elif first.month != last.month:
        begun += f" {first:%B}"
    return day(first) if first == last else f"{begun} to {day(last)}"


def short_days(first: date, last: date) -> str:
    """31 Aug to 6 Sep 2026"""
    ended = shortest_day(last)
    return ended if first == last else f"{day_and_month(first)} to {ended}"


def week(of: Week) -> str:
    """Monday 16 to Sunday 22 November 2026"""
    return days(of.monday, of.sunday)


def corrected(moment: str, offset: float | None) -> str | None:
    """The moment put right by what the phone's clock was wrong, if that is worth saying."""
    if offset is None or abs(offset) <= CLOCK_MAY_DIFFER:
        return None
    return moment_text(read_moment(moment) + timedelta(seconds=offset))


def clock_trouble(offset: float | None) -> str | None:
    """How wrong a phone's clock was: “2 hours slow”."""
    if offset is None or abs(offset) <= CLOCK_MAY_DIFFER:
        return None
    hours, minutes = divmod(round(abs(offset) / 60), 60)
    parts = [how_many(n, unit) for n, unit in ((hours, "hour"), (minutes, "minute")) if n]
    return f"{' '.join(parts)} {'slow' if offset > 0 else 'fast'}"


def how_many(number: int, singular: str) -> str:
    """1 patrol, 1,204 patrols"""
    return f"{number:,} {singular}" + ("" if number == 1 else "s")


def difference(number: int, before: int) -> str:
    """How a number differs from an earlier one: “12 more (9%)”."""
    if number == before:
        return "as many"
    more = f"{abs(number - before):,} {'more' if number > before else 'fewer'}"
    return f"{more} ({abs(number - before) / before:.0%})" if before else more


def ago(moment: str, now: datetime) -> str:
    """5 minutes ago; 3 hours ago"""
    minutes = max(0, round((now - read_moment(moment)).total_seconds() / 60))
    if minutes < 90:
        return f"{how_many(minutes, 'minute')} ago"
    return f"{how_many(round(minutes / 60), 'hour')} ago" if minutes < 2880 else day(moment)


def minutes(number: int) -> str:
    """7 h 45 min, 8 h, 20 min"""
    hours, rest = divmod(number, 60)
    parts = [f"{hours:,} h"] * bool(hours) + [f"{rest} min"] * bool(rest)
    return " ".join(parts) or "0 min"


def room(left: int) -> str:
    """Bytes as people know them: 340 MB, 1.2 GB."""
    megabytes = left / 1_000_000
    return f"{megabytes:,.0f} MB" if megabytes < 1000 else f"{megabytes / 1000:,.1f} GB"


def pounds(pence: int) -> str:
    """£150, £1,000, £62.50"""
    whole, rest = divmod(pence, 100)
    return f"£{whole:,}" + (f".{rest:02}" if rest else "")


def shortest_day(of: date | datetime | str) -> str:
    """22 Nov 2026"""
    on = _london_day(of)
    return f"{on.day} {on:%b %Y}"


def day_and_month(of: date | datetime | str) -> str:
    """2 Dec"""
    on = _london_day(of)
    return f"{on.day} {on:%b}"


def _london_day(of: date | datetime | str) -> date:
    """The London day of a moment; a day of the calendar is itself."""
    if isinstance(of, str) and len(of) == len("2026-11-22"):
        return date.fromisoformat(of)
    return london(of).date() if isinstance(of, datetime | str) else of


FILTERS = {
    "day": day,
    "short_day": short_day,
    "shortest_day": shortest_day,
    "clock": clock,
    "moment": moment_in_words,
    "week": week,
    "corrected": corrected,
    "clock_trouble": clock_trouble,
    "how_many": how_many,
    "difference": difference,
    "short_days": lambda these: short_days(these.first, these.last),
    "days": lambda these: days(these.first, these.last),
    "ago": ago,
    "minutes": minutes,
    "pounds": pounds,
    "room": room,
    "notice_number": numbers.shown,
}
