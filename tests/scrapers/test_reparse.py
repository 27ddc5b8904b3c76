"""An archive read again: what each item said last, whole, and nothing that a poll would not have said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events.clock import VirtualClock
from events.notice import Notice
from scrapers.answer import Fetched
from scrapers.archive import Archive
from scrapers.archive_index import ArchiveIndex, Wanted
from scrapers.latest import Latest
from scrapers.letters import Letters
from scrapers.polite import Manners
from scrapers.reparse import Reparse, ReparseTally, What
from scrapers.room import Outfit, open_runner
from scrapers.seen import MemorySeen
from scrapers.source import catalog
from simulator.facts import facts
from simulator.faults import Fault
from simulator.town import Town
from simulator.transport import TownTransport
from tests.scrapers.rig import FAST, Sent, driven

BEFORE, AFTER = datetime(2022, 2, 1, tzinfo=UTC), datetime(2022, 8, 15, tzinfo=UTC)
SOURCES = ("nhsa-notices", "nmpa-delivery", "cmde-guidance", "hkex-applications", "szse-ipo", "fda-ai-list", "udi")
NHSA = "https://www.nhsa.gov.cn"


@dataclass
class Again:
    """A reparse that has ended."""

    tally: ReparseTally
    sent: Sent
    told: dict[str, What] = field(default_factory=dict)
    steps: int = 0


async def again(
    folder: Path, known: Mapping[str, str] | None = None, source: str | None = None, since: datetime | None = None
) -> Again:
    """The archive in ``folder`` read again, with what is known downstream."""

    async def there(ids: Sequence[str]) -> Mapping[str, str]:
        return {one: said for one in ids if (said := (known or {}).get(one))}

    with Latest() as latest:
        latest.add_pages(folder, ArchiveIndex(folder).find(Wanted(source=source)))
        reparse = Reparse(latest, Letters(VirtualClock(AFTER)), since)
        done = Again(reparse.tally, Sent())

        def step() -> None:
            done.steps += 1

        for _ in reparse.read(step):
            pass
        assert done.steps == latest.count_pages(since)
        await reparse.publish(there, done.sent, lambda notice, what: done.told.update({notice.notice_id: what}))
        return done


async def _polled(folder: Path, *names: str) -> dict[str, Notice]:
    """The sources polled before and after, an item of each edited meanwhile; the notices as they were published last."""
    clock = VirtualClock(BEFORE)
    town, sent = Town(facts(), clock), Sent()
    outfit = Outfit(folder, FAST, Manners(failures=50), transport=TownTransport(town), simulated=True, seed=1)
    async with open_runner(outfit, clock, MemorySeen(), sent) as runner:
        for at in (BEFORE, BEFORE + timedelta(days=90), AFTER):
            await clock.advance_to(at)
            if at == AFTER and "nhsa-notices" in names:
                town.misbehave("www.nhsa.gov.cn", Fault.EDITED_ITEM)
            for name in names:
                for _ in range(8):
                    await driven(runner.pace, clock, runner.poll(catalog()[name]))
    return {notice.notice_id: notice for notice in sent.notices}


def _is_release(notice: Notice) -> bool:
    return "release" in notice.fields


@pytest.mark.asyncio
async def test_it_says_what_the_polls_said_last(tmp_path: Path) -> None:
    polled = {key: notice for key, notice in (await _polled(tmp_path, *SOURCES)).items() if not _is_release(notice)}
    done = await again(tmp_path, {key: notice.content_hash for key, notice in polled.items()})
    found = {notice.notice_id: notice for notice in done.sent.notices}
    assert {notice.source_id for notice in polled.values()} == set(SOURCES)
    assert {key for key, notice in polled.items() if found.get(key) is None} == set()
    assert {key: found[key].content_hash for key in polled} == {key: n.content_hash for key, n in polled.items()}
    assert set(done.told.values()) == {What.SAME}
    assert max(done.sent.keys.values()) == 1, "each item once, in its latest state"
    assert {key: found[key].illustrative for key in polled} == {key: n.illustrative for key, n in polled.items()}
    late = [key for key in polled if found[key].detected_at > polled[key].detected_at]
    assert late == [], "an item was not seen later than it was"
    assert (done.tally.broken, done.tally.unowned, done.sent.letters) == ([], [], [])
    assert [of.failed for of in done.tally.sources.values() if of.failed] == []


@pytest.mark.asyncio
async def test_with_since_later_items_are_still_whole(tmp_path: Path) -> None:
    polled = await _polled(tmp_path, "nhsa-notices")
    since = BEFORE + timedelta(days=30)
    done = await again(tmp_path, since=since)
    found = {notice.notice_id: notice for notice in done.sent.notices}
    later = {key for key, notice in polled.items() if notice.detected_at >= since}
    assert 0 < done.steps < len(list(ArchiveIndex(tmp_path).find()))
    assert later <= set(found)
    assert all(found[key].content_hash == polled[key].content_hash for key in found), "also those found by older pages"
    assert all(notice.body for notice in found.values())


@pytest.mark.asyncio
async def test_one_source_is_read_alone(tmp_path: Path) -> None:
    await _polled(tmp_path, "nhsa-notices", "szse-ipo")
    done = await again(tmp_path, source="szse-ipo")
    assert set(done.tally.sources) == {"szse-ipo"}
    assert {notice.source_id for notice in done.sent.notices} == {"szse-ipo"}


def _list(*numbers: int, title: str = "通知") -> bytes:
    rows = "".join(
        f"<record><![CDATA[<li><a href='/art/2022/3/1/art_109_{n}.html'>{title}{n}</a><span>2022-03-01</span></li>]]></record>"
        for n in numbers
    )
    store = f"<datastore><recordset>{rows}</recordset></datastore>"
    return f"<html><body><script type='text/xml'>{store}</script></body></html>".encode()


def _own(text: str) -> bytes:
    head = "<meta name='ArticleTitle' content='通知1'><meta name='PubDate' content='2022-03-01 09:30'>"
    return f"<html><head>{head}</head><body><div id='zoom'><p>{text}</p></div></body></html>".encode()


async def _kept(folder: Path, *answers: tuple[str, int, bytes]) -> None:
    with Archive(folder) as archive:
        for number, (url, status, content) in enumerate(answers):
            at = BEFORE + timedelta(minutes=number)
            await archive.add(Fetched(url, status, {"content-type": "text/html"}, content, at), "nhsa-notices")


HOME, ONE = f"{NHSA}/col/col109/index.html", f"{NHSA}/art/2022/3/1/art_109_1.html"


@pytest.mark.asyncio
async def test_the_latest_row_is_joined_to_the_latest_own_page(tmp_path: Path) -> None:
    await _kept(
        tmp_path,
        (HOME, 200, _list(1)),
        (ONE, 200, _own("alt")),
        (HOME, 200, _list(1, title="更正")),
        (ONE, 200, _own("neu")),
        (HOME, 200, _list(1, 2, title="更正")),
    )
    done = await again(tmp_path)
    said = {notice.item_key.rpartition("_")[2]: notice for notice in done.sent.notices}
    assert {key: (n.body, n.detected_at) for key, n in said.items()} == {
        "1.html": ("neu", BEFORE + timedelta(minutes=2)),
        "2.html": ("", BEFORE + timedelta(minutes=4)),
    }
    assert done.tally.of("nhsa-notices").new == 2


@pytest.mark.asyncio
async def test_a_bare_row_never_replaces_what_is_known(tmp_path: Path) -> None:
    await _kept(tmp_path, (HOME, 200, _list(1)))
    (row,) = (await again(tmp_path)).sent.notices
    done = await again(tmp_path, {row.notice_id: "the hash of the whole"})
    assert (done.sent.notices, done.tally.of("nhsa-notices").rows_only) == ([], 1)
    assert done.told == {row.notice_id: What.ROW_ONLY}


@pytest.mark.asyncio
async def test_what_cannot_be_read_is_told_and_goes_to_the_dead_letters(tmp_path: Path) -> None:
    wall = b"<html><head><script r='m'>window.$_ts={};</script></head><body></body></html>"
    await _kept(
        tmp_path,
        (HOME, 200, b"<html><body>new design</body></html>"),
        (HOME, 412, wall),
        (ONE, 404, b"gone"),
        (HOME, 200, _list(2)),
    )
    with Archive(tmp_path) as archive:
        await archive.add(Fetched("https://example.org/", 200, {}, b"x", BEFORE))
    (path, _) = sorted(tmp_path.glob("*.warc.gz"))
    done = await again(tmp_path)
    of = done.tally.of("nhsa-notices")
    assert (of.pages, of.notices, dict(of.passed_over)) == (4, 1, {"challenged": 1, "refused": 1})
    assert [HOME in line and "ParseError" in line for line in of.failed] == [True]
    assert [(letter.stage, letter.topic, letter.key) for letter in done.sent.letters] == [
        ("parse", HOME, b"nhsa-notices")
    ]
    assert done.tally.unowned == ["https://example.org/"]
    last = max(ArchiveIndex(tmp_path).of_file(path), key=lambda entry: entry.offset)
    data = path.read_bytes()
    path.write_bytes(data[: last.offset + 20] + b"\0" * (len(data) - last.offset - 20))
    broken = await again(tmp_path)
    assert (len(broken.tally.broken), broken.sent.notices) == (1, [])
