"""Files read again from the archive: a reparse says what the polls said, and asks nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from events.clock import VirtualClock
from events.notice import Notice
from scrapers.room import Outfit, open_runner
from scrapers.round import Limits
from scrapers.seen import MemorySeen
from scrapers.source import catalog
from simulator.facts import facts
from simulator.town import Town
from simulator.transport import TownTransport
from tests.scrapers.papers import pdf
from tests.scrapers.rig import FAST, Sent, driven
from tests.scrapers.test_reparse import again

DAYS = [datetime(2020, 4, day, 13, tzinfo=UTC) for day in (20, 21, 22)] + [datetime(2020, 8, 21, 13, tzinfo=UTC)]
HOST = "static.cninfo.com.cn"


class _WithFiles(TownTransport):
    """The town, and a host of files beside it: of two reports one is a picture."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != HOST:
            return await super().handle_async_request(request)
        if request.url.path == "/robots.txt":
            return httpx.Response(404, stream=httpx.ByteStream(b""))
        content = pdf("" if "1207796943" in request.url.path else "营业收入 1,234 元")
        return httpx.Response(200, stream=httpx.ByteStream(content))


async def _polled(folder: Path) -> dict[str, Notice]:
    clock, sent = VirtualClock(DAYS[0]), Sent()
    town = Town(facts(), clock)
    outfit = Outfit(folder, FAST, limits=Limits(files=50), transport=_WithFiles(town), simulated=True, seed=1)
    async with open_runner(outfit, clock, MemorySeen(), sent) as runner:
        for day in DAYS:
            await clock.advance_to(day)
            await driven(runner.pace, clock, runner.poll(catalog()["cninfo"]))
    return {notice.notice_id: notice for notice in sent.notices}


@pytest.mark.asyncio
@pytest.mark.parametrize("since", [None, DAYS[-1]])
async def test_a_reparse_reads_the_files_in_the_archive(tmp_path: Path, since: datetime | None) -> None:
    polled = await _polled(tmp_path)
    read = {key: n for key, n in polled.items() if any(file.pages for file in n.attachments)}
    scans = [n for n in polled.values() if any("pictures" in (file.unread or "") for file in n.attachments)]
    assert len(read) == 3
    assert len(scans) == 1
    done = await again(tmp_path, {key: n.content_hash for key, n in polled.items()}, since=since)
    found = {notice.notice_id: notice for notice in done.sent.notices}
    assert len(found) == (len(polled) if since is None else 3)
    assert {key: n.attachments for key, n in found.items()} == {key: polled[key].attachments for key in found}
    assert {done.told[key] for key in found} == {"same"}
    assert (done.tally.unowned, done.tally.broken, done.sent.letters) == ([], [], [])
