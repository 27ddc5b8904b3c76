"""The payloads of ``../shared`` as they were served: every row of them is read."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from scrapers.page import Page
from scrapers.parse import parse
from scrapers.source import owner
from tests.scrapers.payloads import counted

ROWS = {"fda-ai-list": 476, "hkex-applications": 2, "hkex-new-listings": 7, "sse-ipo": 3, "szse-ipo": 4, "bse-ipo": 3}


def _archived(shared: Path) -> list[Page]:
    pages = []
    with (shared / "data" / "payloads" / "exchanges_and_fda.warc.gz").open("rb") as stream:
        for record in ArchiveIterator(stream):
            url = record.rec_headers.get_header("WARC-Target-URI")
            source = owner(url)
            assert source is not None, url
            at = datetime.fromisoformat(record.rec_headers.get_header("WARC-Date"))
            kind = record.http_headers.get_header("Content-Type")
            pages.append(Page(source, url, record.content_stream().read(), at, kind))
    return pages


def test_every_row_of_the_archive_is_read(shared: Path) -> None:
    parsed = {page.source.id: parse(page) for page in _archived(shared)}
    assert {source_id: len(found.notices) for source_id, found in parsed.items()} == ROWS
    assert not any(found.replaced for found in parsed.values())


def test_every_row_has_what_its_source_requires(shared: Path) -> None:
    for page in _archived(shared):
        for notice in parse(page).notices:
            said = notice.fields | {"title": notice.title, "published_at": str(notice.published_at or "")}
            assert all(said.get(name) for name in page.source.required), notice


def test_the_files_are_those_of_the_archive(shared: Path) -> None:
    files = {f.read_bytes().strip() for f in (shared / "data" / "payloads").iterdir() if f.suffix != ".gz"}
    assert {page.content.strip() for page in _archived(shared)} == files


def test_names_of_the_fda_list_hold_no_control_characters(shared: Path) -> None:
    page = next(page for page in _archived(shared) if page.source.id == "fda-ai-list")
    names = {n.item_key: n.fields["product_name"] for n in parse(page).notices}
    assert not any(re.search(r"[\x00-\x1f\x7f-\x9f]", name) for name in names.values())
    assert "“Gili BioSensor System”" in names["DEN200038"]


def test_the_exchanges_say_who_and_how_far(shared: Path) -> None:
    notices = {n.notice_id: n for page in _archived(shared) for n in parse(page).notices}
    sse = notices["sse-ipo:2239"].fields
    assert (sse["company"], sse["raw_status"], sse["accepted_on"]) == ("上海思朗科技股份有限公司", "1", "2026-07-07")
    assert notices["szse-ipo:1003856"].fields["status_text"] == "注册生效"
    assert notices["bse-ipo:637"].fields["accepted_on"] == "2025-06-24"
    assert notices["hkex-applications:108066"].fields["status"] == "phip"
    assert notices["hkex-new-listings:6880"].fields["company"] == "MOMENTA GLOBAL LIMITED"


def test_the_command_counts_every_row(shared: Path) -> None:
    rows = counted(shared / "data" / "payloads")
    assert {row["source"]: row["read"] for row in rows} == ROWS
    assert all((row["rows"], row["lacking"], row["replaced"]) == (row["read"], 0, 0) for row in rows)
