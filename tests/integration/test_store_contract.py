"""The view on Debian's Redis: its Function loads and applies there as it does on Valkey."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from events.base import Precision
from events.event import CertificateOrigin, DeviceApproval
from events.view import layout
from streams.store import Store

AT = datetime(2022, 3, 7, 1, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def store(real_redis_url: str) -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(real_redis_url)
    await client.flushall()
    yield client
    await client.aclose()


def _approval(number: str, revision: int = 1, *, retracted: bool = False) -> DeviceApproval:
    return DeviceApproval(
        event_id=f"device_approval:{number}",
        revision=revision,
        retracted=retracted,
        title="肺结节CT影像辅助检测软件",
        url="https://www.nmpa.gov.cn/zwfw/sdxx/",
        source_id="nmpa-delivery",
        notice_id="n",
        event_time=AT,
        event_time_precision=Precision.DAY,
        detected_at=AT,
        certificate_number=number,
        product_name="肺结节CT影像辅助检测软件",
        device_class=3,
        certificate_year=2022,
        origin=CertificateOrigin.DOMESTIC,
    )


@pytest.mark.asyncio
async def test_it_is_redis_7(store: Redis) -> None:
    info = await store.info("server")
    assert int(info["redis_version"].split(".")[0]) >= 7
    assert "valkey_version" not in info


@pytest.mark.asyncio
async def test_the_function_applies_once_corrects_and_takes_back(store: Redis) -> None:
    view = Store(store)
    await view.load()
    await view.load()  # a second worker
    one, two = _approval("国械注准20223210001"), _approval("国械注准20223210002")
    assert await view.apply([one, two]) == [True, True]
    assert await view.apply([two, one]) == [False, False]
    assert await store.hlen(layout.events(view.view)) == 2
    assert await view.apply([_approval("国械注准20223210002", 2, retracted=True)]) == [True]
    assert await store.hlen(layout.events(view.view)) == 1
    assert await view.apply([two]) == [False]  # the older revision comes late
