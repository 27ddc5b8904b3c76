"""The archive: written, read back, and damaged in every way that a kill or a disk can."""

from __future__ import annotations

import asyncio
import gzip
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from events.notice import ArchivePointer
from scrapers.answer import Fetched
from scrapers.archive import Archive
from scrapers.archive_read import ArchivedPage, BrokenRecord, read_archive

AT = datetime(2022, 3, 7, 1, 0, 0, 250_000, tzinfo=UTC)
URL = "https://www.nhsa.gov.cn/module/web/jpage/dataproxy.jsp?startrecord=1#columnid=104"


def _answer(number: int, at: datetime = AT, **changes: object) -> Fetched:
    noise = random.Random(number).randbytes(400)
    headers = {"content-type": "text/html; charset=utf-8", "content-encoding": "gzip", "content-length": "9"}
    whole = {"url": f"{URL}&n={number}", "status": 200, "headers": headers, "content": noise, "fetched_at": at}
    return Fetched(**(whole | changes))  # type: ignore[arg-type]


async def _written(folder: Path, *answers: Fetched) -> list[ArchivePointer]:
    with Archive(folder) as archive:
        return [await archive.add(answer) for answer in answers]


def _read(path: Path) -> tuple[list[ArchivedPage], list[BrokenRecord]]:
    broken: list[BrokenRecord] = []
    return list(read_archive(path, broken.append)), broken


@pytest.mark.asyncio
async def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    answers = [_answer(1), _answer(2, status=521, content=b""), _answer(3, illustrative=frozenset({"a", "b"}))]
    pointers = await _written(tmp_path, *answers)
    pages, broken = _read(tmp_path / pointers[0].file)
    assert broken == []
    assert [(p.url, p.status, p.content, p.date, p.pointer) for p in pages] == [
        (a.url, a.status, a.content, a.fetched_at, pointer) for a, pointer in zip(answers, pointers, strict=True)
    ]
    assert pages[0].content_type == "text/html; charset=utf-8"
    assert [p.illustrative for p in pages] == [frozenset(), frozenset(), frozenset({"a", "b"})]


@pytest.mark.asyncio
async def test_a_pointer_leads_straight_to_its_record(tmp_path: Path) -> None:
    *_, last = await _written(tmp_path, _answer(1), _answer(2), _answer(3))
    with (tmp_path / last.file).open("rb") as file:
        file.seek(last.offset)
        record = next(iter(ArchiveIterator(file)))
        assert record.rec_headers.get_header("WARC-Record-ID") == last.record_id
        assert record.content_stream().read() == _answer(3).content


@pytest.mark.asyncio
async def test_cut_off_anywhere_only_the_last_record_is_lost(tmp_path: Path) -> None:
    pointers = await _written(tmp_path, _answer(1), _answer(2), _answer(3))
    whole = (tmp_path / pointers[0].file).read_bytes()
    ends = [pointer.offset for pointer in pointers[1:]] + [len(whole)]
    clean = {0, pointers[0].offset, *ends}
    cut = tmp_path / "cut.warc.gz"
    for size in range(len(whole) + 1):
        cut.write_bytes(whole[:size])
        pages, broken = _read(cut)
        assert [page.url for page in pages] == [f"{URL}&n={n + 1}" for n, end in enumerate(ends) if end <= size]
        assert (broken == []) == (size in clean), size


@pytest.mark.asyncio
async def test_a_flipped_bit_costs_at_most_its_record(tmp_path: Path) -> None:
    pointers = await _written(tmp_path, *(_answer(n) for n in range(4)))
    whole = (tmp_path / pointers[0].file).read_bytes()
    rng, torn = random.Random(7), tmp_path / "torn.warc.gz"
    for _ in range(300):
        where = rng.randrange(len(whole))
        torn.write_bytes(whole[:where] + bytes([whole[where] ^ 1 << rng.randrange(8)]) + whole[where + 1 :])
        pages, broken = _read(torn)
        assert all(page.content == _answer(int(page.url[-1])).content for page in pages)
        assert len(pages) == 4 or (len(pages) == 3 and len(broken) >= 1), (where, broken)


@pytest.mark.asyncio
async def test_an_uncompressed_archive_is_read_too(tmp_path: Path) -> None:
    pointers = await _written(tmp_path, _answer(1), _answer(2))
    plain = tmp_path / "plain.warc"
    data = gzip.decompress((tmp_path / pointers[0].file).read_bytes())
    plain.write_bytes(data)
    assert [page.content for page in _read(plain)[0]] == [_answer(1).content, _answer(2).content]
    plain.write_bytes(data[:-200])
    pages, broken = _read(plain)
    assert ([page.content for page in pages], len(broken)) == ([_answer(1).content], 1)


def test_what_is_no_archive_is_one_broken_record(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"<html>not an archive</html>")
    pages, broken = _read(path)
    assert (pages, [b.offset for b in broken]) == ([], [0])
    path.write_bytes(b"")
    assert _read(path) == ([], [])


@pytest.mark.asyncio
async def test_files_roll_by_size_and_by_date(tmp_path: Path) -> None:
    with Archive(tmp_path, roll_bytes=1500, roll_after=timedelta(days=1)) as archive:
        for day in range(3):
            for number in range(3):
                await archive.add(_answer(number, AT + timedelta(days=day)))
    names = sorted(path.name for path in tmp_path.glob("*.warc.gz"))
    assert names == [f"medpulse-2022030{d}-0000{n}.warc.gz" for d in (7, 8, 9) for n in (1, 2)]
    assert [len(_read(tmp_path / name)[0]) for name in names] == [2, 1] * 3


@pytest.mark.asyncio
async def test_a_file_belongs_to_the_one_that_made_it(tmp_path: Path) -> None:
    with Archive(tmp_path) as one, Archive(tmp_path) as other:
        first, second = await asyncio.gather(one.add(_answer(1)), other.add(_answer(2)))
        again = await one.add(_answer(3, content=b"x" * 300_000))
    assert first.file != second.file
    assert again.file == first.file
    assert [page.content for page in _read(tmp_path / first.file)[0]] == [_answer(1).content, b"x" * 300_000]


def test_the_real_payloads_are_read(shared: Path) -> None:
    pages, broken = _read(shared / "data/payloads/exchanges_and_fda.warc.gz")
    assert broken == []
    assert [page.url.split("/")[2] for page in pages] == [
        "www.fda.gov",
        "www1.hkexnews.hk",
        "www2.hkexnews.hk",
        "query.sse.com.cn",
        "www.szse.cn",
        "www.bse.cn",
    ]
    fda = (shared / "data/payloads/fda_ai_list_to_2021.xml").read_bytes()
    assert (pages[0].content, pages[0].date, pages[0].content_type) == (
        fda,
        datetime(2026, 1, 2, tzinfo=UTC),
        "application/xml",
    )
