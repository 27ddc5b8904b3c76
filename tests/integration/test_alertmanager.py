"""Debian's Alertmanager receives alerts of the channel, shows them through amtool, and sees them end."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from pydantic import SecretStr

from alerts.channels.alertmanager import AlertmanagerChannel
from alerts.channels.channel import ChannelError
from alerts.channels.http import Target
from events.clock import SystemClock
from events.messages import AlertStatus, Reason
from medpulse.embedded.process import free_port
from tests.alerts.build import alert, hostile, message

pytestmark = pytest.mark.integration
PROGRAM = shutil.which("prometheus-alertmanager")
CONFIG = "route: {receiver: nobody, group_by: [alertname]}\nreceivers: [{name: nobody}]\n"


@pytest_asyncio.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """The base URL of an Alertmanager of this test's own."""
    if PROGRAM is None:
        pytest.skip("prometheus-alertmanager is not installed")
    (tmp_path / "am.yml").write_text(CONFIG, encoding="utf-8")
    port = free_port()
    command = [PROGRAM, f"--config.file={tmp_path / 'am.yml'}", f"--storage.path={tmp_path / 'data'}"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    with (tmp_path / "am.log").open("wb") as out:
        process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out)
    try:
        await asyncio.wait_for(_ready(f"http://127.0.0.1:{port}/-/ready", process), 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


async def _ready(url: str, process: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as session:
        while process.returncode is None:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
    raise AssertionError("Alertmanager ended")


async def _active(url: str) -> list[dict[str, Any]]:
    """The alerts that amtool shows."""
    command = ["amtool", "alert", "query", f"--alertmanager.url={url}", "-o", "json"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    found: list[dict[str, Any]] = json.loads(out)
    return found


def _channel(url: str) -> AlertmanagerChannel:
    return AlertmanagerChannel(Target(SecretStr(f"{url}/api/v2/alerts")), SystemClock())


@pytest.mark.asyncio
async def test_alerts_are_shown_and_end(url: str) -> None:
    channel = _channel(url)
    assert await channel.send(message(alert(1), alert(2))) == "200"
    await channel.send(message(alert(1)))  # a second time is no second alert
    shown = {one["labels"]["alert_id"]: one for one in await _active(url)}
    assert len(shown) == 2
    (first, _) = sorted(shown.values(), key=lambda one: str(one["labels"]["alert_id"]))
    assert first["labels"]["alertname"] == "new-class3-ai"
    assert first["labels"]["severity"] == "notice"
    assert first["annotations"]["certificate"] == "国械注准20223210001"
    assert first["generatorURL"].startswith("https://www.nmpa.gov.cn/")
    ended = alert(1).model_copy(update={"status": AlertStatus.RESOLVED})
    await channel.send(replace(message(ended), reason=Reason.RESOLVED))
    assert [one["labels"]["alert_id"] for one in await _active(url)] == [alert(2).alert_id]


@pytest.mark.asyncio
async def test_hostile_text_is_taken_as_text(url: str) -> None:
    await _channel(url).send(message(hostile()))
    (shown,) = await _active(url)
    said = json.dumps([shown["labels"], shown["annotations"]], ensure_ascii=False)
    assert "<script>alert(1)</script>" in said
    assert not set("\u202e\u202c\x1b\r") & set(said)


@pytest.mark.asyncio
async def test_what_it_refuses_is_given_up(url: str) -> None:
    empty = alert(1).model_copy(update={"rule_id": "", "subject": "", "alert_id": "", "labels": {}})
    channel = AlertmanagerChannel(Target(SecretStr(f"{url}/api/v9/alerts")), SystemClock())
    with pytest.raises(ChannelError, match="404") as caught:
        await channel.send(message(empty))
    assert caught.value.permanent
