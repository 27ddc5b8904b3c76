"""``python -m tests.scrapers.fuzz --pages 10000``: so many mutated pages through every parser, counted by what became of them.

A page is read, empty, or refused with the parsers' own error. ``exceptions`` counts anything else that leaves a parser, before
`scrapers.parse` makes a refusal of it too: each is printed with its traceback and the seed of its page, and fails the run.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from random import Random

from medpulse.jobs import progress
from medpulse.output import print_rows
from scrapers.page import Page, ParseError
from scrapers.platforms import PLATFORMS, platform_of
from tests.scrapers.mutations import mutated, seeds

Row = dict[str, object]
_BATCH = 250
_REFUSALS = ("ParseError", "Malformed", "Challenged")


@dataclass(slots=True)
class Fuzzed:
    """What became of the pages of one parser: how many of each outcome, their notices, and what else left the parser."""

    platform: str
    counts: Counter[str] = field(default_factory=Counter)
    exceptions: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, other: Fuzzed) -> None:
        """Take in a batch of the same parser; of one exception the first traceback is kept."""
        self.counts += other.counts
        self.exceptions = other.exceptions | self.exceptions
        self.seconds += other.seconds

    def row(self) -> Row:
        """The counts of the parser, as they are printed. ``seconds`` are of the processor."""
        refused = {name: self.counts[name] for name in _REFUSALS}
        pages = sum(self.counts[name] for name in ("read", "empty", "exceptions", *_REFUSALS))
        said: Row = {"platform": self.platform, "seeds": len(seeds(self.platform)), "pages": pages}
        said |= {"read": self.counts["read"], "notices": self.counts["notices"], "empty": self.counts["empty"]}
        said |= {"refused": sum(refused.values())} | refused
        return said | {"exceptions": self.counts["exceptions"], "seconds": round(self.seconds, 1)}


def page_of(platform: str, seed: int, number: int) -> Page:
    """The mutated page of this number: always the same one."""
    return mutated(Random(f"{seed}:{platform}:{number}"), platform)


def outcome(page: Page) -> tuple[str, int]:
    """``read``, ``empty`` or the name of the parsers' own error, and the number of notices. Raises anything else."""
    try:
        parsed = platform_of(page.source).parse(page)
    except ParseError as error:
        return type(error).__name__, 0
    assert all(n.item_key and n.source_id == page.source.id for n in parsed.notices)
    return "read" if parsed.notices else "empty", len(parsed.notices)


def fuzzed(platform: str, numbers: range, seed: int = 1) -> Fuzzed:
    """The mutated pages of these numbers through the parser of a platform."""
    found = Fuzzed(platform)
    begun = time.process_time()
    for number in numbers:
        page = page_of(platform, seed, number)
        try:
            name, notices = outcome(page)
        except Exception as error:  # noqa: BLE001 - whatever leaves a parser is what this looks for
            found.counts["exceptions"] += 1
            said = traceback.format_exception(error)
            where = f"{platform} page {number} of seed {seed} ({page.source.id}, {len(page.content)} bytes)"
            found.exceptions.setdefault(f"{type(error).__name__} {said[-2]}", f"{where}\n{''.join(said[-6:])}")
            continue
        found.counts[name] += 1
        found.counts["notices"] += notices
    found.seconds = time.process_time() - begun
    return found


def _batches(pages: int) -> Iterator[range]:
    for first in range(0, pages, _BATCH):
        yield range(first, min(first + _BATCH, pages))


def run(platforms: list[str], pages: int, seed: int, processes: int) -> list[Fuzzed]:
    """So many pages through each of the parsers, in batches that the processes share."""
    found = {name: Fuzzed(name) for name in platforms}
    jobs = [(name, numbers) for name in platforms for numbers in _batches(pages)]
    with ProcessPoolExecutor(processes) as pool, progress("mutated pages", len(jobs) * _BATCH, "pages") as step:
        for done in as_completed([pool.submit(fuzzed, name, numbers, seed) for name, numbers in jobs]):
            one = done.result()
            found[one.platform].add(one)
            for _ in range(_BATCH):
                step()
    return list(found.values())


def main() -> int:
    """Run, and print a row for each parser; exit code 1 where anything but the parsers' own error left one."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pages", type=int, default=10_000, help="mutated pages for each parser")
    asked.add_argument("--seed", type=int, default=1, help="another seed makes other pages")
    asked.add_argument("--processes", type=int, default=2)
    asked.add_argument("--json", action="store_true", help="print JSON")
    asked.add_argument("platforms", nargs="*", default=list(PLATFORMS), help="all of them unless some are named")
    args = asked.parse_args()
    if unknown := set(args.platforms) - set(PLATFORMS):
        asked.error(f"no such platform: {', '.join(sorted(unknown))}; known are {', '.join(PLATFORMS)}")
    begun = time.perf_counter()
    found = run(args.platforms, args.pages, args.seed, args.processes)
    print_rows([one.row() for one in found], as_json=args.json)
    counts = sum((one.counts for one in found), Counter[str]())
    for one in found:
        for said in one.exceptions.values():
            sys.stderr.write(f"\n{said}")
    sys.stderr.write(
        f"{args.pages * len(found)} mutated pages (seed {args.seed}) through {len(found)} parsers in"
        f" {time.perf_counter() - begun:.0f} s: {counts['notices']} notices, {sum(counts[n] for n in _REFUSALS)} refusals,"
        f" exceptions other than the parsers' own error: {counts['exceptions']}\n"
    )
    return int(bool(counts["exceptions"]))


if __name__ == "__main__":
    sys.exit(main())
