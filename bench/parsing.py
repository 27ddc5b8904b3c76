"""``python -m bench.parsing``: pages a second of each platform, on the saved pages, against reading the same bytes and no more.

The limit is lxml for HTML and XML, orjson for JSON (for JSONP without its call). The goal is stated in times of plain lxml over
the same bytes, whatever they are; orjson is the harder limit, and ``of lxml`` says the other. The other end is BeautifulSoup on
``html.parser``, which is what a first scraper is written with. ``floor`` is the time of the limit and of the notices of these
pages, built out of values that are known, as times of the limit: no parser that ends in notices takes less. ``µs`` are those
of a notice, all of its page's reading in it, and what of them its building takes.

The saved pages are small. Real answers, as they were sent, have rows of their own where ``../shared`` is.
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
from scrapers.archive_read import BrokenRecord, read_archive
from scrapers.page import Page, ParseError
from scrapers.parse import parse
from scrapers.platforms import hrefs
from scrapers.source import owner
from tests.scrapers.payloads import FOLDER
from tests.scrapers.saved import load, page_files

T = TypeVar("T")
ROUNDS = 5
ANSWERS = FOLDER / "exchanges_and_fda.warc.gz"
"""Real answers as they were sent, with their addresses."""
_CALL = re.compile(rb"[\w.$]+\((?=[{\[])")


@dataclass(frozen=True, slots=True)
class Speed:
    """Of a platform's saved pages: pages a second by medpulse, by the limit, by html.parser (0.0 where it is no markup).

    ``floor`` is how many times the limit's time the limit and building the notices take; ``lxml`` are the pages a second of
    plain lxml, which is the limit itself but for JSON; ``notices`` is how many notices the pages hold.
    """

    platform: str
    pages: int
    ours: float
    limit: float
    naive: float
    floor: float
    lxml: float = 0.0
    notices: int = 0

    @property
    def times(self) -> float:
        """How many times the limit's time we take."""
        return self.limit / self.ours

    @property
    def of_lxml(self) -> float:
        """How many times the time of plain lxml over the same bytes we take."""
        return self.lxml / self.ours

    @property
    def each(self) -> tuple[float, float]:
        """Microseconds of a notice: all of them, and those in which it is built out of values that are known."""
        some = self.pages / max(self.notices, 1) * 1e6
        return some / self.ours, some / self.limit * (self.floor - 1)


def run(rounds: int = ROUNDS) -> list[Speed]:
    """Each platform of the saved pages, by name. Pages that are refused (walls) are left out, and spooled archives are."""
    by: dict[str, list[Page]] = defaultdict(list)
    for file in page_files():
        page = load(file)
        if _readable(page):
            by[page.source.platform].append(page)
    return [_speed(platform, pages, rounds) for platform, pages in sorted(by.items())]


def real(rounds: int = ROUNDS) -> list[Speed]:
    """Each real answer, by its source and size; none where they are not here."""
    if not ANSWERS.exists():
        return []
    found = []
    for kept in read_archive(ANSWERS, _give_up):
        source = owner(kept.url)
        if source is not None:
            page = Page(source, kept.url, kept.content, kept.date, kept.content_type, kept.status)
            found.append(_speed(f"real: {source.id}, {len(kept.content) / 1000:.1f} kB", [page], rounds))
    return found


def _give_up(broken: BrokenRecord) -> None:
    raise SystemExit(f"{ANSWERS}: {broken.error}")


def _speed(platform: str, pages: list[Page], rounds: int) -> Speed:
    contents = [page.content for page in pages]
    naive = [one for one in contents if not is_json(one)]
    said = [_said(notice) for page in pages for notice in parse(page).notices]
    works = [_over(_parse_cold, pages), _over(limit, contents), _over(_built, said), _over(html.fromstring, contents)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)  # feeds, and the list of the FDA
        ours, least, built, lxml, *slow = taking_turns([*works, *([_over(_naive, naive)] if naive else [])], rounds)
    count, naively = len(pages), len(naive) / slow[0] if slow else 0.0
    floor = (least + built) / least
    return Speed(platform, count, count / ours, count / least, naively, floor, count / lxml, len(said))


def _said(notice: Notice) -> dict[str, Any]:
    """What a parser hands over for a notice."""
    return {name: getattr(notice, name) for name in notice.model_fields_set - {"content_hash"}}


def _built(said: dict[str, Any]) -> object:
    return Notice.unchecked(said)


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


def table(found: Sequence[Speed]) -> list[str]:
    """The speeds as lines of text, with their geometric means where they are several; pure."""
    lines = [
        f"{'':32} {'pages':>5} {'notices':>7} {'pages/s':>9} {'limit/s':>9} {'html.parser/s':>13} {'of the limit':>12} "
        f"{'floor':>8} {'of lxml':>8} {'µs':>6} {'built':>6}"
    ]
    for one in found:
        speeds = f"{one.pages:5d} {one.notices:7d} {one.ours:9,.0f} {one.limit:9,.0f} {one.naive:13,.0f}"
        whole, built = one.each
        times = f"{one.times:11.1f}× {one.floor:7.1f}× {one.of_lxml:7.1f}× {whole:6.0f} {built:6.0f}"
        lines.append(f"{one.platform:32} {speeds} {times}")
    means = [geometric_mean(some) for some in zip(*((one.times, one.floor, one.of_lxml) for one in found), strict=True)]
    return [*lines, f"{'geometric mean':80} {means[0]:11.1f}× {means[1]:7.1f}× {means[2]:7.1f}×"]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.parsing", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    print("\n".join(table(run(asked.rounds))))
    if found := real(asked.rounds):
        print("\n".join(table(found)))
    else:
        print(f"no real answers: {ANSWERS} is not here")


if __name__ == "__main__":
    main()
