"""cninfo (巨潮资讯): announcements of listed companies, asked for by slices of days with a form.

``Notice.fields``: ``stock_code`` and ``stock_name`` (several are joined by 、), ``org_id``, ``announcement_id``, ``category``
(cninfo's own types), ``pdf_url``. Rules: SITES.md, A.5. The page number and the slice of days stand in the fragment of the URL,
which is never sent: the answer itself does not say which page it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from events.notice import Attachment, Notice
from scrapers.page import Page, Parsed, ParseError, Request
from scrapers.platforms import hrefs, jsons
from scrapers.platforms.common import each, notice, query_of
from scrapers.source import Source
from scrapers.times import Stated, civil_day, first_stated, from_epoch, parse_time

_QUERY = "https://www.cninfo.com.cn/new/hisAnnouncement/query"
_FILES = "http://static.cninfo.com.cn/"
_HEADERS = {
    "X-Requested-With": "XMLHttpRequest",
    "Referer": "https://www.cninfo.com.cn/new/commonUrl?url=disclosure/list/notice",
}
_COUNTS = {"announcements", "totalAnnouncement", "totalRecordNum", "hasMore"}
_COMMA = re.compile(r"\s*[,，]\s*")
_SLICE = ("pageNum", "seDate")


@dataclass(frozen=True, slots=True)
class Cninfo:
    """``params``: ``column``, and optionally ``plate``, ``category``, ``searchkey``, ``stock`` of cninfo's own form."""

    def first(self, source: Source, now: datetime) -> Request:
        """Yesterday to tomorrow in the source's zone: what is filed in the evening bears the date of the next day."""
        return self.since(source, now.astimezone(source.zone).date() - timedelta(days=1), now)

    def since(self, source: Source, day: date, now: datetime) -> Request:
        """From a day to tomorrow."""
        return _request(source, "1", f"{day}~{now.astimezone(source.zone).date() + timedelta(days=1)}")

    def parse(self, page: Page) -> Parsed:
        """The announcements of one page; none at all is an answer too. Raises `ParseError`."""
        value, replaced = jsons.load(page)
        answer = jsons.mapping(value, "the answer")
        if not answer.keys() & _COUNTS:
            raise ParseError("the answer has no announcements")
        rows = jsons.items(answer.get("announcements"), "announcements") or [
            row for group in jsons.items(answer.get("classifiedAnnouncements"), "the groups") for row in group or ()
        ]
        return Parsed(
            each(rows, lambda row: _row(page, row), "announcements"), {}, _next(page, answer, len(rows)), replaced
        )


def _request(source: Source, number: str, days: str) -> Request:
    own = {
        name: str(source.params.get(name, "")) for name in ("plate", "stock", "searchkey", "secid", "category", "trade")
    }
    form = {
        "pageNum": number,
        "pageSize": "30",
        "column": str(source.params.get("column", "szse")),
        "tabName": "fulltext",
    }
    form |= own | {"seDate": days, "sortName": "", "sortType": "", "isHLtitle": "true"}
    return Request(f"{_QUERY}#{urlencode({'pageNum': number, 'seDate': days}, safe='~')}", "POST", _HEADERS, form)


def _next(page: Page, answer: dict[str, Any], shown: int) -> Request | None:
    here = query_of(page.url)
    if not jsons.truth(answer.get("hasMore")) or not shown or not all(here.get(name) for name in _SLICE):
        return None
    return _request(page.source, str(jsons.count(here["pageNum"]) + 1), here["seDate"])


def _row(page: Page, value: object) -> Notice:
    row = jsons.mapping(value, "an announcement")
    path, title = (
        jsons.text_of(row, "adjunctUrl"),
        jsons.words_of(row, "announcementTitle", "shortTitle"),
    )
    ident = jsons.text_of(row, "announcementId", "id") or urlsplit(path).path.rpartition("/")[2].partition(".")[0]
    pdf = hrefs.joined(_FILES, path.lstrip("/")) if path else ""
    return notice(
        page,
        ident,
        pdf or page.url.split("#")[0],
        title,
        _time(page, row.get("announcementTime")),
        attachments=[Attachment(name=f"{title}.{pdf.rpartition('.')[2]}", url=pdf)] if pdf else [],
        fields={
            "stock_code": _COMMA.sub("、", jsons.text_of(row, "secCode")),
            "stock_name": _COMMA.sub("、", jsons.words_of(row, "secName")),
            "org_id": jsons.text_of(row, "orgId"),
            "announcement_id": ident,
            "category": jsons.text_of(row, "announcementTypeName", "announcementType"),
            "pdf_url": pdf,
        },
    )


def _time(page: Page, value: object) -> Stated:
    zone = page.source.zone
    words = value if isinstance(value, str) else ""
    said = parse_time(words, zone)
    late = said[0] is not None and (local := said[0].astimezone(zone)).hour == 23 and local.minute == 59
    return first_stated(
        (from_epoch(value, zone, late_is_day=True), civil_day(said[0], zone) if late and said[0] else said)
    )
