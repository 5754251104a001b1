"""What was measured, against its budget, and the table it is printed in."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["", "ok", "noise", "over"]

SPARED = 1.25
"""A time counts as over its budget when it is a quarter above it: a p95 is never the same twice."""
SPIN_SECONDS = 0.1


@dataclass(frozen=True)
class Measured:
    """One line of the table; without a budget it is a figure. `noise` is how many times the budget a
    value may be before that is no accident any more."""

    what: str
    value: float
    unit: str
    budget: float | None = None
    more: str = ""
    noise: float = 1

    @property
    def verdict(self) -> Verdict:
        if self.budget is None:
            return ""
        if self.value <= self.budget:
            return "ok"
        return "noise" if self.value <= self.budget * self.noise else "over"


def timed(what: str, seconds: list[float], budget_ms: float | None = None) -> Measured:
    """Repeats of one thing: their p95, with the median beside it."""
    more = f"p95 of {len(seconds)}; median {in_words(1000 * statistics.median(seconds), 'ms')}"
    return Measured(what, 1000 * p95(seconds), "ms", budget_ms, more, SPARED * crowding())


def crowding() -> float:
    """How many times longer work takes just now than on a machine that does nothing else."""
    began = time.perf_counter()
    until = time.process_time() + SPIN_SECONDS
    while time.process_time() < until:
        pass
    return max(1, (time.perf_counter() - began) / SPIN_SECONDS)


def p95(values: list[float]) -> float:
    """The value that 95 of 100 do not exceed, without guessing between two of them."""
    return sorted(values)[-(-95 * len(values) // 100) - 1]


def taking(work: Callable[[], object]) -> float:
    """The seconds that something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def computing(work: Callable[[], object]) -> float:
    """The seconds of the processor that something takes: other work on the machine hardly shows."""
    began = time.process_time()
    work()
    return time.process_time() - began


def table(lines: Iterable[Measured]) -> str:
    rows = [("what", "measured", "budget", ""), *(_row(line) for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join(
            (row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2].rjust(widths[2]), row[3])
        ).rstrip()
        for row in rows
    )


def _row(line: Measured) -> tuple[str, str, str, str]:
    budget = "" if line.budget is None else in_words(line.budget, line.unit)
    unsure = line.noise > 1 and line.verdict in ("noise", "over")
    crowded = f"allowing ×{line.noise:.1f}" if unsure else ""
    said = ", ".join(filter(None, (line.verdict, crowded, line.more)))
    return line.what, in_words(line.value, line.unit), budget, said


def in_words(value: float, unit: str) -> str:
    """Three digits say enough: 1.23, 12.3, 1,230."""
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}".rstrip()
