"""The session's broker carries a message from a publisher to a consumer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from events.consume import consume
from events.consumed import Consumed
from events.kafka import publisher
from events.messages import HealthState, Outcome, SourceHealth
from events.topics import SOURCE_HEALTH
from events.wire import decode, record


@pytest.mark.kafka
@pytest.mark.asyncio
async def test_a_message_goes_through(bootstrap: str) -> None:
    at = datetime(2022, 3, 7, 1, 0, tzinfo=UTC)
    sent = SourceHealth(
        source_id=uuid4().hex, outcome=Outcome.NEW, state=HealthState.HEALTHY, at=at, url="https://www.nmpa.gov.cn/"
    )
    seen: list[SourceHealth] = []
    stop = asyncio.Event()

    async def effect(messages: list[Consumed]) -> None:
        seen.extend(decode(SourceHealth, message.value) for message in messages)
        if sent in seen:
            stop.set()

    async with publisher(bootstrap, idempotent=False) as out:
        await out.send([record(sent)])
    await asyncio.wait_for(consume(bootstrap, uuid4().hex, [SOURCE_HEALTH], effect, stop=stop), 60)
    assert sent in seen
