"""The notices that every contender reads: certificates and listing projects as the sites tell them, one event each.

They lie on two topics: one message a notice (`PLAIN`) for the peers, and in envelopes as a scraper sends them for medpulse.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from aiokafka import AIOKafkaProducer

from events.base import Precision
from events.kafka import Publisher
from events.notice import Notice
from events.topics import BATCH_NOTICES, DAY_MS, Topic
from events.wire import encode, envelopes

PLAIN = Topic(
    "flow.notices", "Notice", "notice_id", 4, "delete", 7 * DAY_MS, False, "one message a notice, for the peers"
)
BEGAN = datetime(2021, 1, 4, 2, tzinfo=UTC)
SEED = 1
SOURCES = 16
"""Envelopes are keyed by source: so many sources spread over four partitions."""
STAGES = ("1", "2", "3", "4", "5")
PRODUCTS = (
    "一次性使用无菌注射器",
    "电子血压计",
    "超声诊断仪",
    "肺结节CT影像辅助检测软件",
    "颅内出血CT影像辅助分诊软件",
)
USES = ("供临床使用", "采用深度学习算法，用于显示、处理、测量和分析影像，对疑似病灶进行自动识别，供医师参考")


def notices(many: int, *, distinct: bool = False) -> Iterator[Notice]:
    """``many`` notices of about 600 bytes of JSON, the same at every call: half certificates, half projects.

    Products, uses and companies come again; with ``distinct`` each text that is read for its meaning comes once.
    """
    rng = Random(SEED)
    for number in range(many):
        made = _certificate(number, rng) if number % 2 else _project(number, rng)
        yield _once(made, number) if distinct else made


def _once(notice: Notice, number: int) -> Notice:
    """The same notice with a model in its product's name, or a serial in its title."""
    rows = tuple(row | {"product_name": f"{row['product_name']} M{number}"} for row in notice.rows)
    title = notice.title if rows else f"{notice.title} {number}"
    own = {"rows": rows, "title": title, "content_hash": f"distinct{number}"}
    return notice.model_copy(update=own)


def pages(many: int, *, distinct: bool = False) -> Iterator[list[Notice]]:
    """The same notices by poll: an envelope's worth of one source each."""
    held: list[Notice] = []
    for notice in notices(many, distinct=distinct):
        held.append(notice)
        if len(held) == BATCH_NOTICES:
            yield held
            held = []
    if held:
        yield held


async def pour_plain(bootstrap: str, many: int, *, distinct: bool = False) -> float:
    """Put one message a notice on `PLAIN`, evenly over the partitions; returns the mean bytes of a message."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, max_batch_size=256 * 1024)
    await producer.start()
    size = 0
    try:
        for number, notice in enumerate(notices(many, distinct=distinct)):
            value = encode(notice)
            size += len(value)
            await producer.send(
                PLAIN.name, value=value, key=notice.notice_id.encode(), partition=number % PLAIN.partitions
            )
        await producer.flush()
    finally:
        await producer.stop()
    return size / many


async def pour_envelopes(out: Publisher, many: int, *, distinct: bool = False) -> None:
    """Send the same notices as scrapers do."""
    for number, page in enumerate(pages(many, distinct=distinct)):
        await out.send_until_done(envelopes(f"flow-{number % SOURCES}", page), "flow")


def _certificate(number: int, rng: Random) -> Notice:
    product = rng.choice(PRODUCTS)
    clever = "CT" in product
    row = {
        "certificate_number": f"国械注准2021{3 if clever else 2}{20 + number // 100_000:02d}{number % 100_000:05d}",
        "product_name": product,
        "registrant": f"流量{rng.randrange(300):03d}医疗科技有限公司",
        "intended_use": USES[clever],
    }
    day = (BEGAN + timedelta(days=number // 40)).date()  # some twenty certificates a day share their title
    return _notice("nmpa-delivery", number, f"{day:%Y年%m月%d日}医疗器械批准证明文件送达信息", rows=(row,))


def _project(number: int, rng: Random) -> Notice:
    fields = {
        "exchange": "SSE",
        "company": f"流量{rng.randrange(300):03d}医疗科技有限公司",
        "project_id": str(number),
        "raw_status": rng.choice(STAGES),
    }
    return _notice("sse-ipo", number, "首次公开发行股票并在科创板上市申请", fields=fields)


def _notice(source: str, number: int, title: str, **more: object) -> Notice:
    at = BEGAN + timedelta(minutes=number % 500_000)
    values = {
        "notice_id": f"{source}:{number}",
        "source_id": source,
        "item_key": str(number),
        "url": f"https://flow.invalid/{source}/{number}",
        "title": title,
        "published_at": at,
        "published_precision": Precision.SECOND,
        "detected_at": at + timedelta(minutes=5),
    }
    return Notice.model_validate(values | more)
