"""Measures every budget and prints one table: `make bench`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import phone, plans, posts, requests, sizes, weeks
from bench.central import demonstration
from bench.measured import SPARED, Measured, table
from field_app import create_app

LEGEND = f"""
ok: within the budget. over: broken. noise: a time above its budget, but by less than {SPARED} times what
other work on this machine explains (×1 is an idle machine); measure again when it is quiet."""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="fieldbook-bench-") as folder:
        lines = list(_everything(Path(folder)))
    print(table(lines))
    print(LEGEND)
    return int(any(line.verdict == "over" for line in lines))


def _everything(folder: Path) -> Iterator[Measured]:
    yield from sizes.measured(create_app({"INSTANCE": folder / "empty"}))
    small = create_app({"INSTANCE": folder / "small"})
    yield from plans.measured(small, requests.ask_everything)
    yield from weeks.measured(folder)
    server = demonstration(folder / "instance")
    try:
        yield from posts.measured(server)
        yield from phone.measured(server, folder)
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
