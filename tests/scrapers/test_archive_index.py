"""The archive's index: found by it, lost, cut off, behind its file, and pruned with it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events.notice import ArchivePointer
from scrapers.answer import Fetched
from scrapers.archive import Archive
from scrapers.archive_entry import Entry, entry_of, index_of, key_of, line_of
from scrapers.archive_index import ArchiveIndex, Wanted, locked
from scrapers.archive_read import Unkept

AT = datetime(2022, 3, 7, 1, 0, 0, 250_000, tzinfo=UTC)
SITES = ("https://www.nhsa.gov.cn/col/col109/index.html", "https://www.szse.cn/api/ras/projectrends/query?x=1")
SOURCES = ("nhsa-notices", "szse-ipo")


def _answer(number: int, day: int = 0) -> Fetched:
    return Fetched(
        url=f"{SITES[number % 2]}#{number}",
        status=200 if number else 404,
        headers={"content-type": "text/html"},
        content=random.Random(number).randbytes(300),
        fetched_at=AT + timedelta(days=day, minutes=number),
    )


def _kept(folder: Path, *answers: Fetched) -> list[ArchivePointer]:
    async def keep() -> list[ArchivePointer]:
        with Archive(folder) as archive:
            return [await archive.add(one, SOURCES[n % 2]) for n, one in enumerate(answers)]

    return asyncio.run(keep())


def _lines(index: Path) -> list[Entry]:
    return [entry_of(line) for line in index.read_bytes().splitlines(keepends=True)]


def test_an_entry_is_what_was_kept_and_leads_to_it(tmp_path: Path) -> None:
    pointers = _kept(tmp_path, *map(_answer, range(4)))
    index = ArchiveIndex(tmp_path)
    found = list(index.find())
    assert [entry.pointer for entry in found] == pointers
    assert [(e.url, e.status, e.date, e.source, e.content_type) for e in found] == [
        (a.url, a.status, a.fetched_at, SOURCES[n % 2], "text/html") for n, a in enumerate(map(_answer, range(4)))
    ]
    assert found[-1].end == (tmp_path / pointers[0].file).stat().st_size
    assert [index.get(pointer).content for pointer in pointers] == [_answer(n).content for n in range(4)]


def test_pages_are_looked_up_by_source_url_and_time_without_the_archive(tmp_path: Path) -> None:
    (pointer, *_) = _kept(tmp_path, *map(_answer, range(6)))
    index, warc = ArchiveIndex(tmp_path), tmp_path / pointer.file
    size = warc.stat().st_size
    warc.write_bytes(b"\0" * size)  # nothing of it can be read any more

    def numbers(wanted: Wanted) -> list[int]:
        return [int(entry.url.partition("#")[2]) for entry in index.find(wanted)]

    assert numbers(Wanted(source="szse-ipo")) == [1, 3, 5]
    assert numbers(Wanted(source="nhsa")) == []
    assert numbers(Wanted(url=f"{SITES[0]}#4")) == [4]
    assert numbers(Wanted(since=AT + timedelta(minutes=2), until=AT + timedelta(minutes=4))) == [2, 3]
    with pytest.raises(Unkept, match=warc.name):
        index.get(pointer)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "lost": lambda index: index.unlink(),
    "empty": lambda index: index.write_bytes(b""),
    "behind by one record": lambda index: index.write_bytes(b"".join(index.read_bytes().splitlines(True)[:-1])),
    "cut off in a line": lambda index: index.write_bytes(index.read_bytes()[:-40]),
    "garbage at its end": lambda index: index.write_bytes(index.read_bytes() + b"\0garbage"),
    "garbage in its middle": lambda index: index.write_bytes(
        b"\n".join([*index.read_bytes().splitlines()[:2], b"x", *index.read_bytes().splitlines()[2:]]) + b"\n"
    ),
    "of a longer file": lambda index: index.write_bytes(
        index.read_bytes() + line_of(Entry("u", AT, 200, "", "f", 10**6, 5))
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_mended_from_the_archive(tmp_path: Path, damage: str) -> None:
    (pointer, *_) = _kept(tmp_path, *map(_answer, range(4)))
    index = index_of(tmp_path / pointer.file)
    before, found = _lines(index), list(ArchiveIndex(tmp_path).find())
    DAMAGE[damage](index)
    assert list(ArchiveIndex(tmp_path).find()) == found
    assert [line for line in _lines(index) if not line.note] == [line for line in before if not line.note]
    assert list(ArchiveIndex(tmp_path).find()) == found


def test_every_cut_of_archive_and_index_gives_the_whole_records(tmp_path: Path) -> None:
    pointers = _kept(tmp_path / "a", *map(_answer, range(3)))
    warc = tmp_path / "a" / pointers[0].file
    whole, lines = warc.read_bytes(), index_of(warc).read_bytes()
    ends = [entry.end for entry in ArchiveIndex(tmp_path / "a").find()]
    rng = random.Random(5)
    for case in range(200):
        folder = tmp_path / str(case)
        folder.mkdir()
        size = rng.randrange(len(whole) + 1)
        (folder / warc.name).write_bytes(whole[:size])
        index_of(folder / warc.name).write_bytes(lines[: rng.randrange(len(lines) + 1)])
        wanted = [pointer for pointer, end in zip(pointers, ends, strict=True) if end <= size]
        for _ in range(2):
            assert [entry.pointer for entry in ArchiveIndex(folder).find()] == wanted, size


@pytest.mark.asyncio
async def test_a_file_that_is_written_to_is_read_and_left_alone(tmp_path: Path) -> None:
    with Archive(tmp_path) as archive:
        first = await archive.add(_answer(1), "szse-ipo")
        index = index_of(tmp_path / first.file)
        behind = index.read_bytes().splitlines(keepends=True)[0]
        index.write_bytes(behind)
        with locked(tmp_path / first.file) as ours:
            assert not ours
        assert [entry.pointer for entry in ArchiveIndex(tmp_path).find()] == [first]
        assert index.read_bytes() == behind
        assert ArchiveIndex(tmp_path).prune(AT + timedelta(days=999)) == []
    assert [entry.pointer for entry in ArchiveIndex(tmp_path).find()] == [first]
    assert len(_lines(index)) == 2


def test_an_archive_of_before_there_was_an_index_knows_its_sources_by_their_urls(tmp_path: Path) -> None:
    async def keep() -> None:
        with Archive(tmp_path) as archive:
            await archive.add(_answer(0))
            await archive.add(Fetched("https://example.org/x", 200, {}, b"x", AT))

    asyncio.run(keep())
    for index in tmp_path.glob("*.cdxj"):
        index.unlink()
    assert [entry.source for entry in ArchiveIndex(tmp_path).find()] == ["nhsa-notices", None]


def test_rebuilding_makes_the_same_index_and_clears_what_is_left_of_others(tmp_path: Path) -> None:
    _kept(tmp_path, *map(_answer, range(4)))
    found = list(ArchiveIndex(tmp_path).find())
    stray = tmp_path / "medpulse-20200101-00001.warc.gz.cdxj"
    stray.write_bytes(b"")
    ArchiveIndex(tmp_path).rebuild()
    assert (list(ArchiveIndex(tmp_path).find()), stray.exists()) == (found, False)


def test_pruning_takes_whole_files_and_only_old_ones(tmp_path: Path) -> None:
    for day in (0, 1, 2):
        _kept(tmp_path, _answer(1, day), _answer(2, day))
    index = ArchiveIndex(tmp_path)
    pointers = [entry.pointer for entry in index.find()]
    limit = AT + timedelta(days=1, minutes=2)
    assert [(one.pages, one.newest) for one in index.prune(limit, dry=True)] == [(2, AT + timedelta(minutes=2))]
    assert len(list(index.find())) == 6
    index.prune(limit)
    assert [entry.pointer for entry in index.find()] == pointers[2:]
    assert len(list(tmp_path.iterdir())) == 4
    with pytest.raises(Unkept, match="pruned"):
        index.get(pointers[0])


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.NHSA.gov.cn/Col/?A=1#f", "cn,gov,nhsa,www)/col/?a=1#f"),
        ("http://x/a b", "x)/a%20b"),
        ("http://[x/ a", "http://[x/%20a"),
        ("", ")"),
    ],
)
def test_a_key_is_one_word(url: str, key: str) -> None:
    assert key_of(url) == key
    assert not set(key) & set(" \n\t")
