"""HKEX: the feed of the latest filings, and the answer of its title search. Both are JSON, newest first.

``Notice.fields``: ``stock_code`` and ``stock_name`` (several are joined by 、), ``category`` (HKEX's headline),
``category_codes`` (its codes of tier one and two), ``pdf_url``, and ``announcement_id`` where a company is named: what the
exchange itself says is no filing of a company. Times are to the minute, in Hong Kong. Rules: SITES.md, A.6 (1 and 2).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from events.notice import Attachment, Notice
from scrapers.page import Malformed, Page, Parsed, ParseError, Request
from scrapers.platforms import hrefs, jsons
from scrapers.platforms.common import each, notice
from scrapers.source import Source
from scrapers.times import parse_time

_SITE = "https://www1.hkexnews.hk"
_FILE = re.compile(r"/lcisehk1relsd(?P<lang>\w)_(?P<number>\d+)\.json$")
_CODES = re.compile(r"<br\s*/?>|[\s;,、]+", re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>|[\n;、]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HkexNews:
    """The source's home is the first file of the feed; each names how many there are."""

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The first file of the feed."""
        return Request(source.home)

    def parse(self, page: Page) -> Parsed:
        """The filings of one file of the feed, or of a search. Raises `ParseError`."""
        value, replaced = jsons.load(page)
        answer = jsons.mapping(value, "the answer")
        if "newsInfoLst" in answer:
            rows = jsons.items(answer["newsInfoLst"], "newsInfoLst")
            made = each(rows, lambda row: _latest(page, row), "filings")
            return Parsed(made, {}, _next(page, jsons.count(answer.get("maxNumOfFile"))), replaced)
        if "result" in answer:
            found = jsons.items(_held(answer["result"]), "result")
            return Parsed(each(found, lambda row: _found(page, row), "filings"), {}, None, replaced)
        raise ParseError("the answer has neither newsInfoLst nor result")


def _next(page: Page, files: int) -> Request | None:
    """The file of the feed after this one."""
    file = _FILE.search(urlsplit(page.url).path)
    if file is None or int(file["number"]) >= files:
        return None
    return Request(hrefs.joined(page.url, f"lcisehk1relsd{file['lang']}_{int(file['number']) + 1}.json"))


def _held(result: object) -> object:
    """The array that the search answers as a string of JSON (``"null"`` for nothing found)."""
    if not isinstance(result, str):
        return result
    try:
        return json.loads(result) if result.strip() else None
    except ValueError as error:
        raise Malformed(f"result holds no JSON: {error}") from error


def _latest(page: Page, value: object) -> Notice:
    row = jsons.mapping(value, "a filing")
    stocks = [one for one in jsons.items(row.get("stock"), "stock") if isinstance(one, dict)]
    codes, names = (_joined(jsons.text_of(one, key) for one in stocks) for key in ("sc", "sn"))
    category = jsons.plain_title(jsons.text_of(row, "lTxt", "sTxt"))
    tiers = "、".join(filter(None, (jsons.text_of(row, key) for key in ("t1Code", "t2Code"))))
    said = _Said(jsons.text_of(row, "newsId"), jsons.text_of(row, "title"), jsons.text_of(row, "webPath"))
    return _notice(page, said, jsons.text_of(row, "relTime"), codes, names, category, tiers)


def _found(page: Page, value: object) -> Notice:
    row = jsons.mapping(value, "a filing")
    codes, names = _joined(_CODES.split(_raw(row, "STOCK_CODE"))), _joined(_BREAK.split(_raw(row, "STOCK_NAME")))
    category = jsons.plain_title(_raw(row, "LONG_TEXT", "SHORT_TEXT"))
    said = _Said(_raw(row, "NEWS_ID"), _raw(row, "TITLE"), _raw(row, "FILE_LINK"))
    return _notice(page, said, _raw(row, "DATE_TIME"), codes, names, category, "")


@dataclass(frozen=True, slots=True)
class _Said:
    ident: str
    title: str
    path: str


def _raw(row: dict[str, Any], *keys: str) -> str:
    """A value with its entities read and its breaks kept."""
    return next((jsons.entities(text) for key in keys if (text := jsons.text_of(row, key))), "")


def _joined(parts: Any) -> str:
    plain = (jsons.plain_title(part) for part in parts)
    return "、".join(dict.fromkeys(filter(None, plain)))


def _notice(page: Page, said: _Said, when: str, codes: str, names: str, category: str, tiers: str) -> Notice:
    title = jsons.plain_title(said.title) or category
    url = hrefs.joined(_SITE, said.path) if said.path else ""
    ident = said.ident or urlsplit(url).path.rpartition("/")[2].partition(".")[0]
    fields = {
        "stock_code": codes,
        "stock_name": names,
        "announcement_id": ident if codes else "",
        "category": category,
        "category_codes": tiers,
        "pdf_url": url,
    }
    files = [Attachment(name=f"{title}.{url.rpartition('.')[2]}", url=url)] if url else []
    return notice(
        page,
        ident,
        url or page.url.split("#")[0],
        title,
        parse_time(when, page.source.zone),
        attachments=files,
        fields=fields,
    )
