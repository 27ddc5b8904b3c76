"""Kafka away: polls go on, what they find waits on disk, and follows in order, also over a kill, a full disk and damage."""

from __future__ import annotations

import asyncio
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from events.clock import VirtualClock
from events.kafka import Publisher, create_topics
from events.messages import Outcome
from events.notice import NoticeBatch
from events.topics import NOTICES, SOURCE_HEALTH
from events.wire import Record, decode
from medpulse.embedded.process import free_port
from medpulse.embedded.servers import tansu
from scrapers.spool import Spool, SpoolFull, opened
from scrapers.spooled import Spooled, Waiting
from tests.kafka_read import read_all
from tests.scrapers.hostile import Hostile, listed
from tests.scrapers.rig import A, B, Rig, rigged, small

MOST = 10_000_000


def _record(key: str) -> Record:
    return Record(SOURCE_HEALTH, key.encode(), b"\x00value", [("ce_id", b"\xff")])


def test_what_is_kept_comes_back_whole_and_in_order(tmp_path: Path) -> None:
    with opened(tmp_path, MOST) as spool:
        for n in range(12):
            spool.add([_record(f"{n}a"), _record(f"{n}b")])
    with opened(tmp_path, MOST) as spool:
        assert (len(spool), spool.since is not None) == (12, True)
        keys = []
        while (oldest := spool.first()) is not None:
            keys += [one.key.decode() for one in oldest[1]]
            assert oldest[1][0] == _record(keys[-2])
            spool.drop(oldest[0])
        assert keys == [f"{n}{part}" for n in range(12) for part in "ab"]
        assert (spool.size, spool.since) == (0, None)


def test_two_processes_have_two_spools(tmp_path: Path) -> None:
    with opened(tmp_path, MOST) as one, opened(tmp_path, MOST) as two:
        assert one.folder != two.folder


def test_a_full_spool_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 250)
    spool.add([_record("a")])
    with pytest.raises(SpoolFull, match="MEDPULSE_SPOOL_MB"):
        spool.add([_record("b"), _record("c")])
    assert [len(spool), len(list(tmp_path.iterdir()))] == [1, 1]


def test_a_full_disk_leaves_no_half_of_a_batch(tmp_path: Path) -> None:
    program = f"""
import resource
from pathlib import Path
from scrapers.spool import Spool
from events.topics import SOURCE_HEALTH
from events.wire import Record
def _record(key):
    return Record(SOURCE_HEALTH, key.encode(), b"v" * 20, [])
spool = Spool(Path({str(tmp_path)!r}), 10**9)
spool.add([_record("a")])
resource.setrlimit(resource.RLIMIT_FSIZE, (200, resource.RLIM_INFINITY))
try:
    spool.add([_record(str(n)) for n in range(50)])
except OSError as error:
    print(error.strerror)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
spool.add([_record("b")])
print(len(spool), sorted(path.suffix for path in Path({str(tmp_path)!r}).iterdir()))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.splitlines() == ["File too large", "2 ['.batch', '.batch']"]
    assert [len(Spool(tmp_path, MOST)), resource.RLIM_INFINITY] == [2, resource.RLIM_INFINITY]


def test_a_kill_in_the_middle_leaves_whole_batches(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from scrapers.spool import Spool
from events.topics import SOURCE_HEALTH
from events.wire import Record
def _record(key):
    return Record(SOURCE_HEALTH, key.encode(), b"v" * 20, [])
spool = Spool(Path({str(tmp_path)!r}), 10**9)
spool.add([_record("a")])
Path.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
spool.add([_record("b")])
"""
    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    assert [path.suffix for path in sorted(tmp_path.iterdir())] == [".batch", ".part"]
    again = Spool(tmp_path, MOST)
    assert [len(again), len(list(tmp_path.iterdir()))] == [1, 1]


class Broker:
    """A broker's place that can be away: it then keeps whoever publishes waiting."""

    def __init__(self) -> None:
        self.here = asyncio.Event()
        self.here.set()
        self.got: list[str] = []
        self.told: list[Waiting] = []

    async def send(self, records: Sequence[Record]) -> None:
        await self.here.wait()
        self.got += [one.key.decode() for one in records]

    async def tell(self, waiting: Waiting) -> None:
        self.told.append(waiting)
        raise ConnectionError("the store is away too, which harms nobody")


@asynccontextmanager
async def draining(spooled: Spooled) -> AsyncIterator[None]:
    task = asyncio.create_task(spooled.drain())
    yield
    task.cancel()
    await asyncio.wait([task])


async def _emptied(spooled: Spooled) -> None:
    async with asyncio.timeout(30):
        while spooled.waiting.batches:  # noqa: ASYNC110 - what is waited for is on disk
            await asyncio.sleep(0.01)


@pytest.mark.asyncio
async def test_what_waits_goes_first(tmp_path: Path) -> None:
    broker = Broker()
    spooled = Spooled(broker.send, Spool(tmp_path, MOST), 0.05, broker.tell)
    async with draining(spooled):
        await spooled([_record("1")])
        broker.here.clear()
        for n in "234":
            await spooled([_record(n)])
        assert (broker.got, spooled.waiting.batches) == (["1"], 3)
        broker.here.set()
        await _emptied(spooled)
        await spooled([_record("5")])
    assert broker.got == list("12345")
    assert [broker.told[0].batches, max(w.batches for w in broker.told), broker.told[-1].since] == [0, 3, None]


@pytest.mark.asyncio
async def test_a_damaged_file_is_set_aside_and_holds_up_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MOST)
    for n in "12":
        spool.add([_record(n)])
    min(tmp_path.glob("*.batch")).write_bytes(b'{"topic": "no.such.topic"}\n')
    broker = Broker()
    spooled = Spooled(broker.send, Spool(tmp_path, MOST), 1.0, broker.tell)
    async with draining(spooled):
        await _emptied(spooled)
    assert (broker.got, [path.suffix for path in tmp_path.iterdir()]) == (["2"], [".damaged"])


async def _polled(rig: Rig, site: Hostile, *items: dict[str, object]) -> Outcome:
    site.pages["/list"] = listed(*items)
    return (await rig.poll(small(site.url(), details=False))).outcome


@pytest.mark.kafka
@pytest.mark.asyncio
async def test_a_real_broker_that_is_killed_gets_everything_in_order(tmp_path: Path, clock: VirtualClock) -> None:
    """Polls while Tansu is dead: news, an edit of it, and news that leaves the list again; all of it arrives, in order."""
    port, edited = free_port(), B | {"title": "乙（更正）"}
    publishers: list[Publisher] = []

    async def send(records: Sequence[Record]) -> None:
        await publishers[-1].send_until_done(records, "test")

    async def tell(_: Waiting) -> None:
        """Nobody listens."""

    with opened(tmp_path / "spool", MOST) as spool:
        spooled = Spooled(send, spool, 1.0, tell)
        async with Hostile() as site, rigged(tmp_path / "archive", clock, publish=spooled) as rig:
            async with tansu(tmp_path / "one.log", port) as (server, bootstrap):
                await create_topics(bootstrap)
                publishers.append(Publisher(bootstrap, idempotent=False))
                await publishers[-1].start()
                assert await _polled(rig, site, A) is Outcome.NEW
                assert len(spool) == 0
                server.kill()
            lists = ((B, A), (edited, A), (B | {"key": "c"}, edited, A), (edited, A))
            said = [await _polled(rig, site, *items) for items in lists]
            assert said == [Outcome.NEW, Outcome.NEW, Outcome.NEW, Outcome.UNCHANGED]
            assert len(spool) == 7, "three times notices, four times health"
            async with tansu(tmp_path / "two.log", port) as (_, bootstrap):
                await create_topics(bootstrap)
                async with draining(spooled):
                    await _emptied(spooled)
                batches = [decode(NoticeBatch, m.value) for m in await read_all(bootstrap, NOTICES)]
                await publishers[-1].stop()
    # What the producer had in hand when the broker died may come a second time, which the streams drop.
    assert list(dict.fromkeys((n.item_key, n.title) for batch in batches for n in batch.notices)) == [
        ("b", "乙"),
        ("b", "乙（更正）"),
        ("c", "乙"),
    ]
