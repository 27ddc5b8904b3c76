"""``python -m tests.scrapers.fuzz --pages 10000``: so many mutated pages through every parser, counted by what became of them.

Nothing but a notice or the parsers' own error may leave a parser; anything else stops the run and is printed with its page.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed

from hypothesis import HealthCheck, Phase, given, seed, settings

from medpulse.output import print_rows
from scrapers.page import Page, ParseError
from scrapers.parse import parse
from scrapers.platforms import PLATFORMS
from tests.scrapers.mutations import mutated, seeds

Row = dict[str, object]


def outcome(page: Page) -> str:
    """``read``, ``empty``, or the name of the parsers' own error: ``net`` where only `scrapers.parse` made it one."""
    try:
        parsed = parse(page)
    except ParseError as error:
        return "net" if "the parser of" in str(error) else type(error).__name__
    assert all(n.item_key and n.source_id == page.source.id for n in parsed.notices)
    return "read" if parsed.notices else "empty"


def fuzzed(platform: str, pages: int, number: int) -> Row:
    """Run ``pages`` mutated pages through the parser of a platform."""
    counts: Counter[str] = Counter()
    begun = time.perf_counter()

    @seed(number)
    @settings(
        max_examples=pages,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(page=mutated(platform))
    def run(page: Page) -> None:
        counts[outcome(page)] += 1

    run()
    names = ("read", "empty", "ParseError", "Malformed", "Challenged", "net")
    row: Row = {"platform": platform, "seeds": len(seeds(platform)), "pages": counts.total()}
    return row | {name: counts[name] for name in names} | {"seconds": round(time.perf_counter() - begun)}


def main() -> int:
    """Run, and print a row for each parser."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pages", type=int, default=10_000, help="mutated pages for each parser")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("platforms", nargs="*", default=list(PLATFORMS))
    given_ = asked.parse_args()
    with ProcessPoolExecutor(given_.processes) as pool:
        running = [pool.submit(fuzzed, name, given_.pages, given_.seed) for name in given_.platforms]
        rows: list[Row] = []
        for one in as_completed(running):
            rows.append(one.result())
            sys.stderr.write(f"{len(rows)} of {len(running)} parsers: {rows[-1]}\n")
    print_rows(rows, as_json=False)
    total = sum(int(str(row["pages"])) for row in rows)
    sys.stdout.write(
        f"{total} mutated pages through {len(rows)} parsers: nothing but notices and the parsers' own errors\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
