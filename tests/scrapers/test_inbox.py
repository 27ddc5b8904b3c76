"""The inbox: pages that a person saved, as HTML, MHTML or PDF, are read like fetched ones, or refused with what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from events.clock import VirtualClock
from scrapers.archive import Archive
from scrapers.archive_index import ArchiveIndex
from scrapers.inbox import Arrival, Inbox
from scrapers.seen import MemorySeen
from tests.scrapers.hostile import WALL
from tests.scrapers.papers import pdf
from tests.scrapers.rig import Sent
from tests.scrapers.saved import PAGES

LIST = (PAGES / "nmpa-delivery" / "list.html").read_bytes()
OWN = (PAGES / "nmpa-delivery" / "detail.html").read_bytes()
LIST_URL = "https://www.nmpa.gov.cn/zwfw/sdxx/sdxxylqx/qxpjfb/index.html"
OWN_URL = "https://www.nmpa.gov.cn/zwfw/sdxx/sdxxylqx/qxpjfb/20260312163232162.html"


@dataclass
class Desk:
    """An inbox with what it stands on."""

    inbox: Inbox
    sent: Sent
    seen: MemorySeen
    archive: Path

    def put(self, name: str, data: bytes) -> Path:
        path = self.inbox.folder / name
        path.write_bytes(data)
        return path

    async def look(self) -> dict[str, Arrival]:
        """Two looks: a file must have stood still between them."""
        assert await self.inbox.look() == []
        return {one.file: one for one in await self.inbox.look()}

    def names(self, where: str = "") -> list[str]:
        folder = self.inbox.folder / where
        return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


@pytest.fixture
def desk(tmp_path: Path, clock: VirtualClock) -> Iterator[Desk]:
    sent, seen = Sent(), MemorySeen()
    (tmp_path / "inbox").mkdir()
    with Archive(tmp_path / "archive") as archive:
        yield Desk(Inbox(tmp_path / "inbox", archive, seen, sent, clock), sent, seen, tmp_path / "archive")


def saved_from(url: str, html: bytes) -> bytes:
    """As Edge and Chrome save a page."""
    return f"<!-- saved from url=({len(url):04}){url} -->\n".encode() + html


def mhtml(url: str, html: bytes) -> bytes:
    """As Chrome saves a page in one file, with a picture behind it."""
    message = EmailMessage()
    message["Snapshot-Content-Location"] = url
    message.set_content("no page")
    message.clear_content()
    message.make_related()
    message.add_related(html, "text", "html", headers=[f"Content-Location: {url}"])
    message.add_related(b"\x89PNG", "image", "png", headers=["Content-Location: https://www.nmpa.gov.cn/a.png"])
    return bytes(message)


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["html", "mhtml", "side file"])
async def test_a_page_that_was_saved_is_read_like_a_fetched_one(kind: str, desk: Desk) -> None:
    if kind == "mhtml":
        desk.put("送达信息.mhtml", mhtml(OWN_URL, OWN))
    elif kind == "html":
        desk.put("送达信息.html", saved_from(OWN_URL, OWN))
    else:
        desk.put("送达信息.html", OWN)
        desk.put("送达信息.html.url.txt", f"{OWN_URL}\n".encode())
    (arrival,) = (await desk.look()).values()
    assert (arrival.result, arrival.source, arrival.url, arrival.notices) == ("published", "nmpa-delivery", OWN_URL, 1)
    (notice,) = desk.sent.notices
    assert "送达信息" in notice.title
    assert notice.rows, "the certificates of its table"
    (kept,) = ArchiveIndex(desk.archive).find()
    assert (kept.url, notice.archive) == (OWN_URL, kept.pointer), "and its bytes are kept"
    assert (desk.names(), arrival.file in desk.names("done")) == ([], True)


@pytest.mark.asyncio
async def test_a_list_and_an_items_own_page_are_joined(desk: Desk) -> None:
    desk.put("list.html", saved_from(LIST_URL, LIST))
    desk.put("own.html", saved_from(OWN_URL, OWN))
    arrivals = await desk.look()
    assert {name: one.notices for name, one in arrivals.items()} == {"list.html": 4, "own.html": 1}
    whole = [notice for notice in desk.sent.notices if notice.rows]
    assert [notice.item_key for notice in whole] == ["/zwfw/sdxx/sdxxylqx/qxpjfb/20260312163232162.html"]
    keys = [notice.item_key for notice in desk.sent.notices]
    assert len(keys) == len(set(keys)) == 5
    foreign = next(key for key in keys if key.startswith("mp.weixin.qq.com"))
    known = set(await desk.seen.known("nmpa-delivery", keys))
    assert known == {whole[0].item_key, foreign}, "whole, or without a page of its own; a poll completes the other rows"


@pytest.mark.asyncio
async def test_a_document_is_kept_with_its_source(desk: Desk) -> None:
    desk.put("公告.pdf", pdf("text"))
    desk.put("公告.pdf.url.txt", b"https://www.nmpa.gov.cn/directory/web/nmpa/images/1.pdf")
    (arrival,) = (await desk.look()).values()
    assert (arrival.result, arrival.notices, arrival.source is not None) == ("archived", 0, True)
    assert [entry.content_type for entry in ArchiveIndex(desk.archive).find()] == ["application/pdf"]


REFUSED = {
    "no-url.html": (b"<html><body>x</body></html>", "write its URL into no-url.html.url.txt beside it"),
    "foreign.html": (saved_from("https://example.org/x", b"<p>x"), "is no page of a source in the catalogue"),
    "wall.html": (saved_from(LIST_URL, WALL), "a bot wall was saved in place of the page"),
    "other.html": (saved_from(LIST_URL, b"<html><body><p>nothing</p></body></html>"), "no page of nmpa-delivery"),
    "empty.html": (b"  \n", "the file is empty"),
    "fake.pdf": (b"<html>", "does not begin with %PDF-"),
    "notes.docx": (b"PK\x03\x04", "save the page as HTML, MHTML or PDF"),
    "bad.mhtml": (b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x--\n", "no part of HTML"),
    "file.html": (saved_from("file:///etc/passwd", b"<p>x"), "nothing says where it is from"),
}


@pytest.mark.asyncio
async def test_what_cannot_be_read_says_why_and_holds_up_nothing(desk: Desk) -> None:
    for name, (data, _) in REFUSED.items():
        desk.put(name, data)
    desk.put("well.html", saved_from(OWN_URL, OWN))
    arrivals = await desk.look()
    assert arrivals.pop("well.html").result == "published"
    assert {name: one.result for name, one in arrivals.items()} == dict.fromkeys(REFUSED, "refused")
    for name, (_, words) in REFUSED.items():
        assert words in arrivals[name].detail, name
        reason = (desk.inbox.folder / "refused" / f"{name}.reason.txt").read_text()
        assert words in reason
        assert "put it into" in reason


@pytest.mark.asyncio
async def test_a_file_that_is_still_being_written_is_left_alone(desk: Desk) -> None:
    path = desk.put("slow.html", saved_from(OWN_URL, OWN)[:500])
    desk.put("later.html.crdownload", b"x")
    assert await desk.inbox.look() == []
    path.write_bytes(saved_from(OWN_URL, OWN))
    assert await desk.inbox.look() == [], "it grew between two looks"
    assert [one.file for one in await desk.inbox.look()] == ["slow.html"]
    assert desk.names() == ["later.html.crdownload"]


@pytest.mark.asyncio
async def test_a_file_is_moved_only_when_the_broker_has_it(desk: Desk) -> None:
    desk.put("own.html", saved_from(OWN_URL, OWN))
    desk.sent.away = True
    with pytest.raises(ConnectionError):
        await desk.look()
    assert desk.names() == ["own.html"]
    desk.sent.away = False
    assert [one.result for one in await desk.inbox.look()] == ["published"]
    assert desk.sent.keys.total() == 1


@pytest.mark.asyncio
async def test_the_same_name_twice_loses_neither(desk: Desk) -> None:
    for _ in range(2):
        desk.put("own.html", saved_from(OWN_URL, OWN))
        await desk.look()
    assert desk.names("done") == ["own-2.html", "own.html"]


@pytest.mark.asyncio
async def test_it_is_watched_until_it_is_stopped(desk: Desk, clock: VirtualClock) -> None:
    stop = asyncio.Event()
    watching = asyncio.create_task(desk.inbox.run(stop))
    desk.put("own.html", saved_from(OWN_URL, OWN))
    async with asyncio.timeout(30):
        while not desk.sent.notices:
            await asyncio.sleep(0.01)
            if (wake := clock.next_wake()) is not None:
                await clock.advance_to(wake)
    stop.set()
    watching.cancel()
    await asyncio.wait([watching])
    assert desk.sent.keys.total() == 1
