"""``python -m bench`` (`make bench`): run the benchmarks and print them as a table of medians."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable

from bench import apply, explain
from bench.result import Result

BENCHMARKS: tuple[Callable[[], list[Result]], ...] = (explain.run, apply.run)


def main() -> None:
    """Print one line a measurement: what, median, spread, unit."""
    print(f"# {platform.machine()}, Python {platform.python_version()}, {sys.platform}")
    print(f"{'what':58} {'median':>10} {'least':>10} {'most':>10}  unit")
    for benchmark in BENCHMARKS:
        for result in benchmark():
            print(f"{result.what:58} {result.median:10.1f} {result.least:10.1f} {result.most:10.1f}  {result.unit}")


main()
