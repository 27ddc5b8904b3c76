"""Everything read anew, on a real broker and a real Valkey: the metrics follow the files, and nothing is counted twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from events.clock import VirtualClock
from events.consumed import Consumed
from events.kafka import Publisher, create_topics
from events.notice import Notice, NoticeBatch
from events.topics import EVENTS, NOTICES, NOTICES_UNIQUE
from events.view.reader import View
from events.wire import Record, decode_event, encode
from medpulse.embedded.servers import tansu
from medpulse.verify.compare import differences
from streams.agents.aggregate import Aggregate
from streams.agents.dedupe import Dedupe
from streams.agents.enrich import Enrich
from streams.enrich import files
from streams.enrich.events import events_of
from streams.rerun import Progress, rerun
from streams.sinks import Sinks
from streams.store import Store
from tests.streams.make import START, notice

DAY = date(2022, 9, 1)
Both = tuple[Sinks, "Heard"]


class Heard(Publisher):
    """A publisher that also keeps what the broker took."""

    records: list[Record]

    async def send_until_done(self, records: list[Record], stage: str) -> None:  # type: ignore[override]
        await super().send_until_done(records, stage)
        self.records += records


@pytest_asyncio.fixture
async def here(redis: Redis, clock: VirtualClock, tmp_path: Path) -> AsyncIterator[Both]:
    async with tansu(tmp_path / "tansu.log") as (_, address):
        await create_topics(address)
        publisher = Heard(address, idempotent=False, redis=redis)
        publisher.records = []
        await publisher.start()
        await Store(redis).load()
        yield Sinks(redis, Store(redis), publisher, clock), publisher
        await publisher.stop()


@pytest.fixture(autouse=True)
def shipped_files() -> Iterator[None]:
    yield
    files.use(taxonomy=None, companies=None, products=None)


def certificates() -> list[Notice]:
    """Six deliveries by two spellings of one firm; three name a method that no taxonomy knows."""
    rows = [
        {
            "product_name": "肺结节CT影像辅助检测软件",
            "certificate_number": f"国械注准2022321{n:04d}",
            "registrant": "北京深睿博连科技有限责任公司" if n % 2 else "北京深睿博联科技有限责任公司",
            "composition": "采用量子共振识别法" if n < 3 else "采用深度学习算法",
        }
        for n in range(6)
    ]
    return [
        notice(str(n), f"2022年3月{n + 1}日批准证明文件待领取信息发布", source="nmpa-delivery").model_copy(
            update={"rows": (row,), "content_hash": str(n), "published_at": START + timedelta(days=n)}
        )
        for n, row in enumerate(rows)
    ]


def own_files(folder: Path) -> dict[str, Path]:
    """The shipped files with one method and one name more."""
    taxonomy, companies = folder / "taxonomy.toml", folder / "companies.toml"
    said = files.path("taxonomy").read_text("utf-8")
    taxonomy.write_text(
        said.replace("[method.other]\nterms = [", '[method.other]\nterms = ["量子共振识别法", '), "utf-8"
    )
    firms = files.path("companies").read_text("utf-8")
    name = 'names = ["北京深睿博连科技有限责任公司", "Deepwise"'
    companies.write_text(firms.replace('names = ["Deepwise"', name), "utf-8")
    return {"taxonomy": taxonomy, "companies": companies}


async def come_in(sinks: Sinks, heard: Heard, notices: list[Notice]) -> None:
    for one in notices:
        before = len(heard.records)
        batch = NoticeBatch(batch_id=one.notice_id, source_id=one.source_id, notices=(one,))
        await Dedupe(sinks).take([Consumed(NOTICES.name, 0, 0, b"k", encode(batch))])
        passed = [r for r in heard.records[before:] if r.topic == NOTICES_UNIQUE]
        await Enrich(sinks, events_of).take([Consumed(NOTICES_UNIQUE.name, 0, 0, b"k", r.value) for r in passed])


async def counted(sinks: Sinks, heard: Heard) -> tuple[int, int, list[object]]:
    """Certificates and companies in the view once everything that was published is applied, and how the view is wrong."""
    told = [r.value for r in heard.records if r.topic == EVENTS]
    await Aggregate(sinks).take([Consumed(EVENTS.name, 0, n, b"k", value) for n, value in enumerate(told)])
    view = View(sinks.redis)
    wrong = await differences(view, map(decode_event, told), DAY, ["cumulative"])
    values = [await view.value(name, DAY, {}) for name in ("class3_certificates", "class3_companies")]
    return int(values[0]), int(values[1]), list(wrong)


@pytest.mark.kafka
@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_the_metrics_follow_the_files_there_and_back(
    here: Both, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.rerun.BATCH", 2)
    sinks, heard = here
    enrich, address = Enrich(sinks, events_of), heard._bootstrap
    await come_in(sinks, heard, certificates())
    assert await counted(sinks, heard) == (3, 2, [])
    same = await rerun(address, sinks.redis, enrich, Progress())
    assert (same.notices, same.changed, same.finished) == (6, 0, True)

    files.use(**own_files(tmp_path))
    seen: list[int] = []

    def cut_short() -> bool:
        return len(seen) > 0

    first = await rerun(address, sinks.redis, enrich, Progress(done=seen.append, stopped=cut_short))
    going_on = await rerun(address, sinks.redis, enrich, Progress())
    assert (first.finished, going_on.finished, going_on.resumed) == (False, True, True)
    assert (first.generation, going_on.generation) == (2, 2)
    assert await counted(sinks, heard) == (6, 1, [])
    again = await rerun(address, sinks.redis, enrich, Progress(), restart=True)
    assert again.changed == 0

    files.use(taxonomy=None, companies=None)
    back = await rerun(address, sinks.redis, enrich, Progress())
    assert back.changed == 5
    assert await counted(sinks, heard) == (3, 2, [])
