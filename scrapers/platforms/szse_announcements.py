"""SZSE (深圳证券交易所): announcements of listed companies, asked for by slices of days with a JSON body.

``Notice.fields``: ``stock_code`` and ``stock_name`` (several are joined by 、), ``announcement_id``, ``category`` (SZSE's own
categories, joined by 、), ``pdf_url``. The page number and the slice of days stand in the fragment of the URL, which is never
sent: the answer itself does not say which page it is. Rules: SITES.md, A.8.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from events.notice import Attachment, Notice
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.platforms import hrefs, jsons
from scrapers.platforms.common import each, notice, query_of
from scrapers.platforms.projects import time_of
from scrapers.source import Source

_QUERY = "https://www.szse.cn/api/disc/announcement/annList?random=0.5"
_FILES = "https://disc.static.szse.cn/download"
_PAGE = "https://www.szse.cn/disclosure/listed/bulletinDetail/index.html?"
_HEADERS = {"X-Requested-With": "XMLHttpRequest", "Referer": "https://www.szse.cn/disclosure/listed/notice/index.html"}
_SIZE = 50


@dataclass(frozen=True, slots=True)
class SzseAnnouncements:
    """``params.channel``: SZSE's channel, ``listedNotice_disc`` unless another is given."""

    def first(self, source: Source, now: datetime) -> Request:
        """Yesterday to tomorrow in the source's zone: what is filed in the evening bears the date of the next day."""
        return self.since(source, now.astimezone(source.zone).date() - timedelta(days=1), now)

    def since(self, source: Source, day: date, now: datetime) -> Request:
        """From a day to tomorrow."""
        return _request(source, 1, day, now.astimezone(source.zone).date() + timedelta(days=1))

    def parse(self, page: Page) -> Parsed:
        """The announcements of one page; none at all is an answer too. Raises `ParseError`."""
        value, replaced = jsons.load(page)
        answer = jsons.mapping(value, "the answer")
        if not answer.keys() & {"data", "announceCount"}:
            raise ParseError("the answer has neither data nor announceCount")
        rows = jsons.items(answer.get("data"), "data")
        made = each(rows, lambda row: _row(page, row), "announcements")
        return Parsed(made, {}, _next(page, jsons.count(answer.get("announceCount")), bool(rows)), replaced)

    def history(self, source: Source, first: date, last: date) -> Iterator[Request]:
        """A request for each day."""
        for back in range((last - first).days + 1):
            day = last - timedelta(days=back)
            yield _request(source, 1, day, day)


def _request(source: Source, number: int, first: date, last: date) -> Request:
    days = [first.isoformat(), last.isoformat()]
    body: dict[str, object] = {
        "seDate": days,
        "channelCode": [str(source.params.get("channel", "listedNotice_disc"))],
        "pageSize": _SIZE,
        "pageNum": number,
    }
    mark = urlencode({"pageNum": str(number), "seDate": "~".join(days)}, safe="~")
    return Request(f"{_QUERY}#{mark}", "POST", _HEADERS, json=body)


def _next(page: Page, total: int, shown: bool) -> Request | None:
    here = query_of(page.url)
    number = jsons.count(here.get("pageNum"))
    first, _, last = here.get("seDate", "").partition("~")
    if not shown or not number or number * _SIZE >= total:
        return None
    try:
        return _request(page.source, number + 1, date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return None


def _row(page: Page, value: object) -> Notice:
    row = jsons.mapping(value, "an announcement")
    ident, own = jsons.text_of(row, "annId", "id"), jsons.text_of(row, "id", "annId")
    path, title = jsons.text_of(row, "attachPath"), jsons.words_of(row, "title")
    pdf = path if path.startswith("http") else hrefs.joined(_FILES, f"/download/{path.lstrip('/')}") if path else ""
    kind = jsons.text_of(row, "attachFormat") or pdf.rpartition(".")[2]
    return notice(
        page,
        ident,
        pdf or f"{_PAGE}{own}",
        title,
        time_of(row.get("publishTime"), page.source.zone),
        attachments=[Attachment(name=f"{title}.{kind}", url=pdf)] if pdf else [],
        fields={
            "stock_code": jsons.text_of(row, "secCode"),
            "stock_name": jsons.words_of(row, "secName"),
            "announcement_id": ident,
            "category": _category(row),
            "pdf_url": pdf,
        },
    )


def _category(row: dict[str, Any]) -> str:
    found = (jsons.text_of(row, name) for name in ("bigCategoryId", "smallCategoryId"))
    return "、".join(filter(None, found))
