"""``python spider.py URL PAGES FILE``: a Scrapy spider with the usual change check, a round for each line it is given.

It runs in an environment of its own and imports nothing of medpulse. One process for all rounds, which spares it the second
that a start costs. The check: the texts and addresses of the list's rows (a CSS filter, so that the noise around it does not
count), hashed, and held against the hash in SQLite. Prints the pages that changed, as JSON.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from typing import Any

import scrapy
from scrapy.crawler import CrawlerRunner
from scrapy.utils.reactor import install_reactor

install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
from twisted.internet import defer, reactor, threads  # noqa: E402

SETTINGS = {
    "ROBOTSTXT_OBEY": True,
    "LOG_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "DOWNLOAD_DELAY": 0,
    "COOKIES_ENABLED": False,
    "RETRY_ENABLED": True,
}


class Watch(scrapy.Spider):  # type: ignore[misc]
    """One round over all pages."""

    name = "watch"

    def __init__(self, urls: list[str], store: sqlite3.Connection, told: list[str], **more: Any) -> None:
        super().__init__(**more)
        self.start_urls = urls
        self._store, self._told = store, told

    def parse(self, response: Any, **_: Any) -> None:
        rows = response.css(".main li, .main tr")
        said = "\n".join("|".join(row.css("::text, a::attr(href), a::attr(title)").getall()) for row in rows)
        now = hashlib.sha256(said.encode()).hexdigest()
        known = self._store.execute("select hash from pages where url = ?", (response.url,)).fetchone()
        if known is None or known[0] != now:
            self._store.execute("insert or replace into pages values (?, ?)", (response.url, now))
            self._told.append(response.url)


async def rounds(urls: list[str], file: str) -> None:
    """A round for each line of standard input, until it ends."""
    store = sqlite3.connect(file)
    store.execute("create table pages (url text primary key, hash text)")
    runner = CrawlerRunner(SETTINGS)
    while await threads.deferToThread(sys.stdin.readline):
        told: list[str] = []
        await runner.crawl(Watch, urls=urls, store=store, told=told)
        store.commit()
        print(json.dumps({"told": told}), flush=True)


def main(url: str, pages: int, file: str) -> None:
    """Run the reactor until the rounds are over."""
    urls = [f"{url}/p{place:03d}/" for place in range(pages)]
    done = defer.ensureDeferred(rounds(urls, file))
    done.addErrback(lambda failure: failure.printTraceback())
    done.addBoth(lambda _: reactor.stop())
    reactor.run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
