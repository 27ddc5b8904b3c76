"""The Slack bot: threads for one group, long lists that go on in the thread, and tries that go on where they were."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from pydantic import SecretStr
from redis.asyncio import Redis

from alerts.channels.channel import ChannelError
from alerts.channels.memory import RedisMemory
from alerts.channels.slack import SlackBotChannel
from alerts.channels.slack.bot import Bot
from alerts.channels.slack.pieces import MAX_SECTION, sections
from events.clock import VirtualClock
from events.messages import AlertStatus, Reason
from tests.alerts.build import alert, hostile, message
from tests.alerts.slack_api import TOKEN, SlackApi
from tests.alerts.slack_server import Answer, words


@pytest_asyncio.fixture
async def api() -> AsyncIterator[SlackApi]:
    made = SlackApi()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def bot(api: SlackApi, redis: Redis, clock: VirtualClock) -> SlackBotChannel:
    return _bot(api, redis, clock)


def _bot(api: SlackApi, redis: Redis, clock: VirtualClock, token: str = TOKEN) -> SlackBotChannel:
    return SlackBotChannel(Bot(SecretStr(token), "C012AB3CD", api.url), clock, RedisMemory(redis, "team"))


@pytest.mark.asyncio
async def test_updates_of_a_group_are_in_its_thread_across_restarts(
    api: SlackApi, redis: Redis, clock: VirtualClock
) -> None:
    first = replace(message(alert(1)), thread_key="g1", message_id="g1#1")
    resolved = alert(1).model_copy(update={"status": AlertStatus.RESOLVED})
    second = replace(message(resolved), thread_key="g1", message_id="g1#2", reason=Reason.RESOLVED, number=2)
    other = replace(message(alert(2)), thread_key="g2", message_id="g2#1")
    for one in (first, second, other):
        await _bot(api, redis, clock).send(one)
    threads = [payload.get("thread_ts") for payload in api.posted]
    assert threads == [None, api.posted[0]["ts"], None]
    assert "Resolved · 已恢复" in words(api.posted[1])


@pytest.mark.asyncio
async def test_a_thread_that_was_deleted_begins_anew(bot: SlackBotChannel, api: SlackApi) -> None:
    await bot.send(replace(message(alert(1)), thread_key="g", message_id="g#1"))
    api.posted.clear()
    second = replace(message(alert(2)), thread_key="g", message_id="g#2")
    with pytest.raises(ChannelError, match="the thread is gone") as caught:
        await bot.send(second)
    assert (caught.value.permanent, caught.value.uncertain) == (False, False)
    await bot.send(second)
    assert [payload.get("thread_ts") for payload in api.posted] == [None]


@pytest.mark.asyncio
async def test_a_list_that_is_too_long_goes_on_in_the_thread(bot: SlackBotChannel, api: SlackApi) -> None:
    await bot.send(message(*(alert(n, title=f"证{n}; " + "很长" * 40) for n in range(300))))
    head, *rest = api.posted
    assert head.get("thread_ts") is None
    assert rest
    assert {payload["thread_ts"] for payload in rest} == {head["ts"]}
    said = "".join(words(payload) for payload in api.posted)
    assert all(f"证{n};" in said for n in range(300)), "every one of them is told"


@pytest.mark.asyncio
async def test_a_try_after_one_that_broke_off_goes_on_where_it_was(
    api: SlackApi, redis: Redis, clock: VirtualClock
) -> None:
    long = message(*(alert(n, title=f"证{n}; " + "很长" * 40) for n in range(300)))
    api.script = [None, None, (429, '{"ok":false,"error":"ratelimited"}', {"Retry-After": "7"})]
    with pytest.raises(ChannelError) as caught:
        await _bot(api, redis, clock).send(long)
    assert (caught.value.permanent, caught.value.retry_after, caught.value.uncertain) == (False, 7.0, True)
    await _bot(api, redis, clock).send(long)
    said = "".join(words(payload) for payload in api.posted)
    assert all(said.count(f"证{n};") >= 1 for n in range(300))
    assert len({words(payload) for payload in api.posted}) == len(api.posted), "no part is told twice"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "permanent", "wait"),
    [
        ((429, '{"ok":false,"error":"ratelimited"}', {"Retry-After": "30"}), False, 30.0),
        ((200, '{"ok":false,"error":"ratelimited"}', {}), False, None),
        ((200, '{"ok":false,"error":"internal_error"}', {}), False, None),
        ((200, '{"ok":false,"error":"invalid_blocks"}', {}), True, None),
        ((200, '{"ok":false,"error":"not_in_channel"}', {}), True, None),
        ((200, '{"ok":false,"error":"token_revoked"}', {}), True, None),
        ((503, '{"ok":false,"error":"service_unavailable"}', {}), False, None),
    ],
)
async def test_refusals(bot: SlackBotChannel, api: SlackApi, answer: Answer, permanent: bool, wait: float) -> None:
    api.script = [answer]
    with pytest.raises(ChannelError) as caught:
        await bot.send(message())
    assert (caught.value.permanent, caught.value.retry_after) == (permanent, wait)


@pytest.mark.asyncio
async def test_the_token_reaches_neither_log_nor_error(
    api: SlackApi, redis: Redis, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = _bot(api, redis, clock, "xoxb-wr0ng")
    with pytest.raises(ChannelError) as caught:
        await channel.send(message())
    assert caught.value.permanent
    assert "wr0ng" not in repr(caught.value) + repr(channel) + caplog.text


@pytest.mark.asyncio
async def test_hostile_text_is_inert(bot: SlackBotChannel, api: SlackApi) -> None:
    await bot.send(message(*[hostile()] * 6))
    for block in api.posted[0]["blocks"]:
        for part in [block.get("text", {}), *block.get("elements", [])]:
            if part.get("type") == "mrkdwn":
                assert not {"<!channel>", "<http://evil.example|x>", "*b*"} & set(part["text"].split())


@pytest.mark.parametrize("text", ["字" * 7001, "word " * 2000, "line\n" * 1500, "short", "x" * MAX_SECTION])
def test_long_text_is_cut_into_sections_and_none_of_it_is_lost(text: str) -> None:
    made = [block["text"]["text"] for block in sections(text)]
    assert all(1 <= len(one) <= MAX_SECTION for one in made)
    assert "".join("".join(made).split()) == "".join(text.split())
