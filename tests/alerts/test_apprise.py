"""The channel over apprise: what services get, how loud, and what is refused before anything is sent."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import orjson
import pytest
import pytest_asyncio
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.pagerduty import NotifyPagerDuty
from pydantic import SecretStr

from alerts.channels.apprise import AppriseChannel
from alerts.channels.apprise.channel import BadUrl, in_thread
from alerts.channels.apprise.words import body, title
from alerts.channels.channel import ChannelError
from events.base import Severity
from events.messages import AlertStatus, Reason
from tests.alerts.build import alert, hostile, message
from tests.alerts.scripted import Scripted


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Scripted]:
    made = Scripted(headers={"Content-Type": "application/json"}, body=b"{}")
    await made.start()
    yield made
    await made.stop()


class _Root(logging.Handler):
    """What reaches the root logger, where a program's own handlers are. pytest's would hang on apprise's own logger, too."""

    def __init__(self) -> None:
        super().__init__(1)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


@pytest.fixture
def told() -> Iterator[list[str]]:
    """Every line that was logged, at any level."""
    handler, root = _Root(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(1)
    yield handler.told
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("severity", "kind"),
    [("info", "info"), ("notice", "info"), ("warning", "warning"), ("critical", "failure")],
)
async def test_a_service_gets_title_text_and_loudness(server: Scripted, severity: str, kind: str) -> None:
    channel = AppriseChannel(SecretStr(f"json://127.0.0.1:{server.port}/"))
    assert await channel.send(message(alert(severity=Severity(severity)))) == "JSON took it"
    said = orjson.loads(server.asked[0].body)
    assert (said["title"], said["type"]) == ("New Class III AI certificate: 肺结节CT影像辅助检测软件", kind)
    for part in ("国械注准20223210001", "肺结节", "https://www.nmpa.gov.cn/", "2022-03-07 09:00 Asia/Shanghai"):
        assert part in said["message"]


@pytest.mark.asyncio
async def test_feishu_gets_a_text_in_which_nobody_is_mentioned(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NotifyFeishu, "notify_url", f"http://127.0.0.1:{server.port}/{{token}}/")
    at_all = hostile().model_copy(update={"text": '<at user_id="all">all</at> @everyone [x](http://evil.example) # y'})
    await AppriseChannel(SecretStr("feishu://abcdef1234567890")).send(message(at_all))
    said = server.asked[0].body.decode()
    assert "＠everyone" in said
    assert not any(mark in said for mark in ("<at", "<script", "@everyone", "](", "<!channel>", "\\u202e", "\u202e"))


@pytest.mark.asyncio
async def test_pagerduty_opens_and_resolves_one_incident(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "apprise.plugins.pagerduty.PAGERDUTY_API_LOOKUP",
        dict.fromkeys(("us", "eu"), f"http://127.0.0.1:{server.port}/v2/enqueue"),
    )
    server.status = 202
    channel = AppriseChannel(SecretStr(f"pagerduty://{'i' * 32}@{'k' * 20}?action=map"))
    raised = alert(severity=Severity.CRITICAL)
    await channel.send(message(raised))
    ended = raised.model_copy(update={"status": AlertStatus.RESOLVED})
    await channel.send(replace(message(ended), reason=Reason.RESOLVED))
    opened, resolved = (orjson.loads(asked.body) for asked in server.asked)
    assert (opened["event_action"], resolved["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == resolved["dedup_key"]
    assert opened["payload"]["severity"] == "critical"
    assert NotifyPagerDuty.service_name == channel.service


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("no-such-service://s3cr3t", "cannot use the URL"),
        ("s3cr3t", "cannot use the URL"),
        ("json://s3cr3t@127.0.0.1/?verify=no", "verification of certificates"),
        ("syslog://", "no service on the network"),
        ("json://127.0.0.1/, json://127.0.0.2/", "cannot use the URL"),
    ],
)
def test_urls_that_are_refused(url: str, said: str, told: list[str]) -> None:
    with pytest.raises(BadUrl, match=said) as caught:
        AppriseChannel(SecretStr(url))
    assert "s3cr3t" not in str(caught.value) + "".join(told)


@pytest.mark.asyncio
async def test_the_url_reaches_no_log(server: Scripted, told: list[str]) -> None:
    channel = AppriseChannel(SecretStr(f"json://127.0.0.1:{server.port}/s3cr3t"))
    await channel.send(message())
    server.status = 403
    with pytest.raises(ChannelError, match="JSON answered 403"):
        await channel.send(message())
    assert "s3cr3t" not in "".join(told)
    assert server.asked[0].line.startswith("POST /s3cr3t")


@pytest.mark.asyncio
async def test_a_service_that_hangs_is_left_after_its_time(server: Scripted) -> None:
    server.headers, server.body, server.hang = {"Content-Length": "99"}, b"", True
    channel = AppriseChannel(SecretStr(f"json://127.0.0.1:{server.port}/?rto=30"), timeout_seconds=0.5)
    with pytest.raises(ChannelError, match="did not answer") as caught:
        await channel.send(message())
    assert (caught.value.permanent, caught.value.uncertain) == (False, True)
    await server.stop()


@pytest.mark.asyncio
async def test_a_call_that_never_ends_blocks_nobody() -> None:
    release = threading.Event()
    with pytest.raises(TimeoutError):
        await in_thread(release.wait, 0.05)
    release.set()
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0, 5)


def test_the_title_is_the_same_when_a_thing_ends() -> None:
    ended = alert().model_copy(update={"status": AlertStatus.RESOLVED})
    over = replace(message(ended), reason=Reason.RESOLVED)
    assert title(message()) == title(over)
    assert body(over).startswith("Resolved · 已恢复")
