"""``python -m bench.parsing``: pages a second of each platform, on the saved pages, against reading the same bytes and no more.

The limit is lxml for HTML and XML, orjson for JSON; the other end is BeautifulSoup on ``html.parser``, which is what a first
scraper is written with.
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import orjson
from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from lxml import etree, html

from bench.result import taking_turns
from scrapers import remember
from scrapers.page import Page, ParseError
from scrapers.parse import parse
from scrapers.platforms import hrefs
from tests.scrapers.saved import load, page_files

T = TypeVar("T")
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Speed:
    """Of a platform's saved pages: pages a second by medpulse, by the limit, by html.parser (0.0 where it is no markup)."""

    platform: str
    pages: int
    ours: float
    limit: float
    naive: float

    @property
    def times(self) -> float:
        """How many times the limit's time we take."""
        return self.limit / self.ours


def run(rounds: int = ROUNDS) -> list[Speed]:
    """Each platform of the saved pages, by name. Pages that are refused (walls) are left out, and spooled archives are."""
    warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)  # the press feeds
    by: dict[str, list[Page]] = defaultdict(list)
    for file in page_files():
        page = load(file)
        if _readable(page):
            by[page.source.platform].append(page)
    return [_speed(platform, pages, rounds) for platform, pages in sorted(by.items())]


def _speed(platform: str, pages: list[Page], rounds: int) -> Speed:
    contents = [page.content for page in pages]
    naive = [one for one in contents if not is_json(one)]
    works = [_over(_parse_cold, pages), _over(limit, contents), *([_over(_naive, naive)] if naive else [])]
    ours, least, *slow = taking_turns(works, rounds)
    return Speed(platform, len(pages), len(pages) / ours, len(pages) / least, len(naive) / slow[0] if slow else 0.0)


def _parse_cold(page: Page) -> object:
    """A page as a process reads it that has read no other: what parsers remember of short texts is forgotten before it."""
    remember.forget()
    hrefs.absolute.cache_clear()
    return parse(page)


def _over(work: Callable[[T], object], items: Sequence[T]) -> Callable[[], object]:
    def over() -> None:
        for item in items:
            work(item)

    return over


def _readable(page: Page) -> bool:
    try:
        parse(page)
        limit(page.content)
    except (ParseError, ValueError, etree.ParserError):
        return False
    return True


def is_json(content: bytes) -> bool:
    """Whether the bytes begin as JSON does."""
    return content.lstrip()[:1] in {b"{", b"["}


def limit(content: bytes) -> object:
    """The bytes as a tree, nothing looked for."""
    return orjson.loads(content) if is_json(content) else html.fromstring(content)


def _naive(content: bytes) -> object:
    return BeautifulSoup(content, "html.parser")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.parsing", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    print(f"{'platform':20} {'pages':>5} {'pages/s':>9} {'limit/s':>9} {'html.parser/s':>13} {'of the limit':>12}")
    for one in run(asked.rounds):
        print(
            f"{one.platform:20} {one.pages:5d} {one.ours:9,.0f} {one.limit:9,.0f} {one.naive:13,.0f} {one.times:11.1f}×"
        )


if __name__ == "__main__":
    main()
