"""A disk that is full: the poll fails on our side, the archive stays whole, and the next poll catches up."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scrapers.archive_entry import index_of
from scrapers.archive_index import ArchiveIndex
from scrapers.archive_read import BrokenRecord, read_archive


@pytest.mark.parametrize("left", [0, 1, 400, 900])
def test_a_poll_on_a_full_disk_is_an_outage_of_ours_and_spoils_nothing(tmp_path: Path, left: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.scrapers.full_disk", str(tmp_path / "a"), str(left)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    first, full, after, last = json.loads(ended.stdout)
    assert (first["outcome"], full["outcome"], after["outcome"]) == ("new", "outage", "new")
    assert full["detail"].startswith("on our side: OSError: [Errno 27] File too large")
    assert full["sizes"] == first["sizes"], "the part that was written was taken back"
    assert list(after["sizes"]) == list(first["sizes"]), "the next record stands in the same file"
    assert (last["published"], last["kept"]) == (["a", "b"], 2)
    broken: list[BrokenRecord] = []
    (path,) = (tmp_path / "a").glob("*.warc.gz")
    pages = list(read_archive(path, broken.append))
    assert (len(pages), broken) == (2, [])
    assert [entry.pointer for entry in ArchiveIndex(tmp_path / "a").find()] == [page.pointer for page in pages]
    assert index_of(path).read_bytes().count(b"\n") == 3


def test_a_file_that_cannot_even_be_begun_leaves_nothing_behind(tmp_path: Path) -> None:
    program = f"""
import asyncio, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from scrapers.answer import Fetched
from scrapers.archive import Archive

folder = Path({str(tmp_path)!r})
async def main():
    with Archive(folder) as archive:
        one = Fetched("https://example.org/", 200, {{}}, b"x", datetime(2022, 3, 7, tzinfo=UTC))
        resource.setrlimit(resource.RLIMIT_FSIZE, (50, resource.RLIM_INFINITY))
        for _ in range(3):
            try:
                await archive.add(one)
            except OSError:
                print("full", sorted(p.name for p in folder.iterdir()))
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await archive.add(one)
asyncio.run(main())
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60, cwd=Path.cwd()
    )
    assert ended.stdout.splitlines() == ["full []"] * 3
    assert len(list(ArchiveIndex(tmp_path).find())) == 1
