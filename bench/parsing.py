"""``python -m bench.parsing``: pages a second of each platform, on the saved pages, against reading the same bytes and no more.

The limit is lxml for HTML and XML, orjson for JSON (for JSONP without its call); the other end is BeautifulSoup on
``html.parser``, which is what a first scraper is written with. ``notices`` is the time of the limit and of the notices of these
pages, built out of values that are known, as times of the limit: no parser that ends in notices takes less.
"""

from __future__ import annotations

import argparse
import re
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import geometric_mean
from typing import Any, TypeVar

import orjson
from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from lxml import etree, html

from bench.result import taking_turns
from events.notice import Notice
from scrapers import remember
from scrapers.page import Page, ParseError
from scrapers.parse import parse
from scrapers.platforms import hrefs
from tests.scrapers.saved import load, page_files

T = TypeVar("T")
ROUNDS = 5
_CALL = re.compile(rb"[\w.$]+\((?=[{\[])")


@dataclass(frozen=True, slots=True)
class Speed:
    """Of a platform's saved pages: pages a second by medpulse, by the limit, by html.parser (0.0 where it is no markup).

    ``floor`` is how many times the limit's time the limit and building the notices take.
    """

    platform: str
    pages: int
    ours: float
    limit: float
    naive: float
    floor: float

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
    said = [_said(notice) for page in pages for notice in parse(page).notices]
    works = [_over(_parse_cold, pages), _over(limit, contents), _over(_built, said)]
    ours, least, built, *slow = taking_turns([*works, *([_over(_naive, naive)] if naive else [])], rounds)
    naively = len(naive) / slow[0] if slow else 0.0
    return Speed(platform, len(pages), len(pages) / ours, len(pages) / least, naively, (least + built) / least)


def _said(notice: Notice) -> dict[str, Any]:
    """What a parser hands over for a notice."""
    return {name: getattr(notice, name) for name in notice.model_fields_set - {"content_hash"}}


def _built(said: dict[str, Any]) -> object:
    return Notice(**said)


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
    return content.lstrip()[:1] in {b"{", b"["} or _CALL.match(content) is not None


def limit(content: bytes) -> object:
    """The bytes as a tree, nothing looked for."""
    if is_json(content):
        call = _CALL.match(content)
        return orjson.loads(content[call.end() : content.rindex(b")")] if call else content)
    return html.fromstring(content)


def _naive(content: bytes) -> object:
    return BeautifulSoup(content, "html.parser")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.parsing", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    print(
        f"{'platform':20} {'pages':>5} {'pages/s':>9} {'limit/s':>9} {'html.parser/s':>13} {'of the limit':>12} {'notices':>8}"
    )
    found = run(asked.rounds)
    for one in found:
        speeds = f"{one.platform:20} {one.pages:5d} {one.ours:9,.0f} {one.limit:9,.0f} {one.naive:13,.0f}"
        print(f"{speeds} {one.times:11.1f}× {one.floor:7.1f}×")
    times, floor = (geometric_mean(some) for some in ([one.times for one in found], [one.floor for one in found]))
    print(f"{'geometric mean':59} {times:11.1f}× {floor:7.1f}×")


if __name__ == "__main__":
    main()
