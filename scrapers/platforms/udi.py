"""NMPA's open database of unique device identifiers (udi.nmpa.gov.cn): the feed of releases, the releases, a search.

A poll reads the feed (or the download page): each release is a notice (``release`` its file, ``release_kind`` daily, weekly,
monthly or full, ``release_from`` and ``release_to`` its days), and a release of a wanted kind is spooled and streamed. Of its
records those that the source wants become notices, the first of each certificate; the others are counted. A search
(``getDeviceList.html``, jqGrid JSON) was asked for what it holds and is not sifted. Rules: SITES.md, A.1 (UDI).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO

from events.notice import Notice
from scrapers.page import Malformed, Page, Parsed, ParseError, Request
from scrapers.platforms import jsons
from scrapers.platforms.common import each, lacking, query_of, read
from scrapers.platforms.udi_feed import feed
from scrapers.platforms.udi_records import Interest, certificate_of, fields_of, record_notice
from scrapers.platforms.udi_xml import Tally, records
from scrapers.platforms.udi_zip import MEMBER_ERRORS, TooLarge, ZipLimits, members, note
from scrapers.source import Source
from scrapers.text import decode

_ZIP = b"PK"
_SEARCH = "https://udi.nmpa.gov.cn/getDeviceList.html"
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|html|!doctype html|body|table|a|div|head)\b", re.IGNORECASE)
_RELEASE = re.compile(rb"<(?:[\w.-]+:)?(?:udid|devices?|header)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Udi:
    """``params``: ``feed`` is what a poll reads, ``kinds`` are the releases that it fetches, the rest is `Interest`."""

    limits: ZipLimits = field(default_factory=ZipLimits)

    def first(self, source: Source, now: datetime) -> Request:  # noqa: ARG002
        """The feed of releases."""
        return Request(str(source.params.get("feed", source.home)))

    def parse(self, page: Page) -> Parsed:
        """A feed, the download page, a search, or a release as ZIP or XML. Raises `ParseError`."""
        with ExitStack() as open_files:
            file = _file(page, open_files)
            head = file.read(4096)
            file.seek(0)
            if head.startswith(_ZIP) or _is_release(head):
                return _release(page, self.limits)
            if page.spooled:
                page = replace(page, content=file.read(), spooled=None)
        if head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in {b"{", b"["}:
            return _search(page)
        return feed(page)

    def stream(self, page: Page, tally: Tally) -> Iterator[Notice]:
        """The notices of a release one by one, in bounded memory; ``tally`` counts while they come. Raises `ParseError`."""
        return stream(page, tally, self.limits)


def _file(page: Page, files: ExitStack) -> IO[bytes]:
    return files.enter_context(page.spooled.open("rb") if page.spooled else io.BytesIO(page.content))


def _is_release(head: bytes) -> bool:
    plain = head.replace(b"\0", b"")
    found = _RELEASE.search(plain)
    other = _FEED.search(plain)
    return found is not None and (other is None or found.start() < other.start())


def _release(page: Page, limits: ZipLimits) -> Parsed:
    tally = Tally()
    notices = tuple(stream(page, tally, limits))
    if tally.cut:
        raise Malformed(f"the release is cut off after {tally.records} records")
    return Parsed(notices, replaced=tally.replaced, counts=tally.counts())


def stream(page: Page, tally: Tally, limits: ZipLimits) -> Iterator[Notice]:
    """See `Udi.stream`. One notice for each certificate; what is remembered of one is eight bytes."""
    interest, told = Interest.of(page.source), set[int]()
    for record in _records(page, tally, limits):
        fields = fields_of(record, page)
        certificate = certificate_of(fields.get("certificate_number", ""))
        if certificate is None:
            filed = "备" in fields.get("certificate_number", "")
            tally.other, tally.unusable = tally.other + filed, tally.unusable + (not filed)
        elif not interest.wants(certificate, fields):
            tally.other += 1
        elif (mark := hash(certificate.number)) in told:
            tally.repeated += 1
        else:
            try:
                made = record_notice(fields, record, page)
            except ValueError:
                tally.unusable += 1
                continue
            told.add(mark)
            tally.kept += 1
            yield made
    _judge(tally)


def _judge(tally: Tally) -> None:
    """Raises `ParseError` for a file that held no release, or nothing that could be read."""
    if not tally.framed and not tally.records:
        if tally.faults:
            raise Malformed(f"no part of the release can be read: {tally.faults[0]}")
        raise ParseError("the file holds no <devices> and no <device>")
    if tally.records and tally.broken == tally.records:
        raise Malformed(f"not one of the {tally.records} records can be read")
    if tally.records and tally.unusable == tally.records:
        raise ParseError(
            "not one of the records has a certificate number (zczbhhzbapzbh) and an identifier (zxxsdycpbs)"
        )


def _records(page: Page, tally: Tally, limits: ZipLimits) -> Iterator[dict[str, str]]:
    with ExitStack() as open_files:
        file = _file(page, open_files)
        is_zip = file.read(2) == _ZIP
        file.seek(0)
        if not is_zip and not _is_release(head := file.read(4096)):
            raise lacking(decode(head).text, "the file is no release: neither a ZIP nor XML with <devices>")
        file.seek(0)
        if not is_zip:
            yield from records(file, tally)
            return
        for name, member in members(file, tally, limits):
            try:
                yield from records(member, tally)
            except TooLarge:
                raise
            except MEMBER_ERRORS as error:
                note(tally, name, f"cut off after {tally.records} records of the release: {error}")


def _search(page: Page) -> Parsed:
    value, replaced = jsons.load(page)
    table = jsons.mapping(value, "the answer of the search") if not isinstance(value, list) else {"rows": value}
    if "rows" not in table:
        raise lacking(read(page).text, "the answer of the search has no rows")
    rows = [jsons.mapping(row, "a row") for row in jsons.items(table["rows"], "rows")]
    notices = each(rows, lambda row: _found(row, page), "rows of the search")
    here, last = jsons.count(table.get("page")), jsons.count(table.get("total"))
    following = _query(page.url, here + 1) if rows and 0 < here < last else None
    return Parsed(notices, next_page=following, replaced=replaced)


def _found(row: dict[str, object], page: Page) -> Notice:
    record = {key: jsons.text_of(row, key) for key in row}
    return record_notice(fields_of(record, page), record, page)


def _query(url: str, number: int) -> Request:
    """The next page of a search. What was asked for is in the form and not in the URL, unless whoever saved it put it there."""
    form = {
        "query": query_of(url).get("query", ""),
        "searchType": "1",
        "page": str(number),
        "rows": "15",
        "sidx": "",
        "sord": "asc",
    }
    return Request(_SEARCH, method="POST", form=form)
