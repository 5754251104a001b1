"""A week's count for anybody: one fact a row, and no number that is so small that it might be somebody.

Only sums along one dimension are given, and of one measure each: numbers across two dimensions, hours,
places, and what followed warnings could be subtracted from each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from field_app.breakdowns import Table
from field_app.exports import OPEN_DATA, Row, as_csv, week_cells
from field_app.times import Week


def open_data_csv(week: Week, tables: Iterable[Table], smallest: int) -> str:
    """The open tables of a week. A number below `smallest` is empty and marked as suppressed, and so are
    as many others of its table as it takes that it cannot be had back from the sum."""
    headings = tuple(column.heading for column in OPEN_DATA)
    shown = (one for one in tables if one.breakdown.open_data)
    return as_csv(headings, (row for one in shown for row in _rows(week, one, smallest)))


def _rows(week: Week, table: Table, smallest: int) -> Iterator[Row]:
    one = table.breakdown
    measure = one.measures[0]
    counted = {row["code"]: row for row in table.rows}
    labels = one.labels(table.days) if one.labels else []
    labels += [(code, row["label"]) for code, row in counted.items() if code not in dict(labels)]
    # Rows that are zero are there too: else it would be known of a suppressed one that it is not.
    numbers = [counted[code][measure.name] if code in counted else 0 for code, _ in labels]
    hidden = suppressed(numbers, smallest, has_sum=measure.adds_up)
    facts = [
        (code, label, number, nth in hidden)
        for nth, ((code, label), number) in enumerate(zip(labels, numbers, strict=True))
    ]
    if table.total and measure.adds_up:
        total = table.total[measure.name]
        facts.append(("all", "All", total, total < smallest))
    for code, label, number, hide in facts:
        said = ("", "yes") if hide else (number, "no")
        yield (*week_cells(week), one.title, code, label, measure.unit, *said)


def suppressed(numbers: Sequence[int], smallest: int, *, has_sum: bool) -> set[int]:
    """Which of some numbers are not said, by their places: those that are too small; and where their sum
    is said too, the next larger ones, equal ones together, until each hidden one might be none.

    Whoever reads the file knows this rule, how many are hidden, their sum, and that each of them is less
    than the least that is shown. So one of them might be none while the others could still have that sum:
    as equal ones as can be, since then the rule would have hidden the same places. And as the rule looks at
    no number's place, each hidden one might be any other of them.
    """
    hidden = {nth for nth, number in enumerate(numbers) if number < smallest}
    if not (hidden and has_sum):
        return hidden
    while shown := [number for nth, number in enumerate(numbers) if nth not in hidden]:
        rest, least = sum(numbers) - sum(shown), min(shown)
        if smallest <= rest < (len(hidden) - 1) * (least - 1):
            break
        hidden |= {nth for nth, number in enumerate(numbers) if number == least}
    return hidden
