"""The Slack channel against an HTTP server that behaves like Slack."""

from __future__ import annotations

import logging

import pytest
from pydantic import SecretStr

from alerts.channels.channel import ChannelError
from alerts.channels.slack import SlackChannel
from events.clock import VirtualClock
from tests.alerts.build import alert, hostile, message
from tests.alerts.slack_server import HANG_UP, Answer, SlackServer, words


def _channel(slack: SlackServer, clock: VirtualClock) -> SlackChannel:
    return SlackChannel(SecretStr(slack.url), clock)


@pytest.mark.asyncio
async def test_an_alert_arrives_whole(slack: SlackServer, clock: VirtualClock) -> None:
    assert await _channel(slack, clock).send(message(alert(illustrative=True))) == "200 ok"
    (payload,) = slack.received
    said = words(payload)
    for part in (
        "国械注准20223210001",
        "新增人工智能三类证",
        "肺结节",
        "Illustrative",
        "2022-03-07 09:00 Asia/Shanghai",
    ):
        assert part in said
    assert "<https://www.nmpa.gov.cn/zwfw/sdxx/20220305101538191.html|Source · 原文>" in said


@pytest.mark.asyncio
async def test_hostile_text_is_inert(slack: SlackServer, clock: VirtualClock) -> None:
    for sent in (message(hostile()), message(*[hostile()] * 6)):
        await _channel(slack, clock).send(sent)
    for payload in slack.received:
        formatted = [payload["text"]]
        for block in payload["blocks"]:
            parts = [block.get("text", {}), *block.get("fields", []), *block.get("elements", [])]
            formatted += [part["text"] for part in parts if part.get("type") == "mrkdwn"]
            assert all(part.get("emoji", False) is False for part in parts)
        for text in formatted:
            assert not {"<!channel>", "<script>", "<http://evil.example|x>", "*b*", "_i_", "`c`"} & set(text.split())
        said = words(payload)
        assert not set("\u202e\u202c\r\x1b") & set(said)


@pytest.mark.asyncio
@pytest.mark.parametrize("count", [2, 49, 300, 400])
async def test_a_burst_is_one_message_within_the_limits(slack: SlackServer, clock: VirtualClock, count: int) -> None:
    burst = message(*(alert(n, title=f"证{n} " + "很长" * 60) for n in range(count)))
    await _channel(slack, clock).send(burst)
    assert f"and {count - 1} more" in words(slack.received[0])


@pytest.mark.asyncio
async def test_long_texts_stay_within_the_limits(slack: SlackServer, clock: VirtualClock) -> None:
    long = "<&>*" * 3000
    labels = {"product": long, "company": long, "evidence": long, "title_zh": long, "text_zh": long}
    await _channel(slack, clock).send(message(alert(title=long, text=long, labels=labels)))
    assert len(slack.received) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("answer", "permanent", "wait"),
    [
        ((429, "rate_limited", {"Retry-After": "30"}), False, 30.0),
        ((400, "invalid_blocks", {}), True, None),
        ((403, "action_prohibited", {}), True, None),
        ((404, "no_service", {}), True, None),
        ((410, "channel_is_archived", {}), True, None),
        ((500, "rollup_error", {}), False, None),
        ((503, "", {"Retry-After": "Mon, 07 Mar 2022 01:02:00 GMT"}), False, 120.0),
        ((200, '{"ok":false,"error":"ratelimited"}', {}), False, None),
        ((200, '{"ok":false,"error":"invalid_auth"}', {}), True, None),
        ((200, "<html>please log in</html>", {}), False, None),
    ],
)
async def test_refusals(
    slack: SlackServer, clock: VirtualClock, answer: Answer, permanent: bool, wait: float | None
) -> None:
    slack.script = [answer]
    with pytest.raises(ChannelError) as caught:
        await _channel(slack, clock).send(message())
    assert (caught.value.permanent, caught.value.retry_after) == (permanent, wait)
    assert caught.value.uncertain is (answer[0] == 500), "it may have taken the message before it failed"
    assert slack.requests == 1, "trying again is the dispatcher's business"


@pytest.mark.asyncio
async def test_a_connection_lost_before_the_answer_is_uncertain(slack: SlackServer, clock: VirtualClock) -> None:
    slack.script = [HANG_UP]
    with pytest.raises(ChannelError) as caught:
        await _channel(slack, clock).send(message())
    assert (caught.value.permanent, caught.value.uncertain) == (False, True)


@pytest.mark.asyncio
async def test_no_server_is_not_uncertain(slack: SlackServer, clock: VirtualClock) -> None:
    channel = _channel(slack, clock)
    await slack.stop()
    with pytest.raises(ChannelError) as caught:
        await channel.send(message())
    assert (caught.value.permanent, caught.value.uncertain) == (False, False)


@pytest.mark.asyncio
async def test_the_url_reaches_neither_log_nor_error(
    slack: SlackServer, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = _channel(slack, clock)
    slack.script = [(200, "ok", {}), (500, "", {}), HANG_UP]
    await channel.send(message())
    said = []
    for _ in range(2):
        with pytest.raises(ChannelError) as caught:
            await channel.send(message())
        said.append(repr(caught.value))
    with pytest.raises(ChannelError) as caught:
        await SlackChannel(SecretStr("s3cr3t"), clock).send(message())
    assert caught.value.permanent
    assert "s3cr3t" not in "".join([*said, repr(caught.value), repr(channel), caplog.text])
