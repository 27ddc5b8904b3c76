"""The webhook: a CloudEvent, signed, and verified by the lines that docs/receivers.md gives."""

from __future__ import annotations

import base64
import re
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
import trustme
from aiohttp import web
from pydantic import SecretStr

from alerts.channels.channel import ChannelError
from alerts.channels.http import Target
from alerts.channels.webhook import WebhookChannel
from alerts.channels.webhook.sign import BadSecret, key_of
from events.clock import VirtualClock
from events.messages import Alert
from tests.alerts.build import alert, hostile, message
from tests.alerts.scripted import Scripted

SECRET = SecretStr("whsec_" + base64.b64encode(b"k" * 32).decode())
DOCS = Path(__file__).resolve().parents[2] / "docs" / "receivers.md"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Scripted]:
    made = Scripted()
    await made.start()
    yield made
    await made.stop()


def _verify() -> Callable[..., None]:
    """The function that the documentation gives."""
    code = re.search(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    found: dict[str, Any] = {}
    exec(code.group(1), found)
    verify: Callable[..., None] = found["verify"]
    return verify


@pytest.mark.asyncio
async def test_the_event_is_a_cloudevent_with_the_alerts_as_the_topic_has_them(
    server: Scripted, clock: VirtualClock
) -> None:
    channel = WebhookChannel(Target(SecretStr(server.url)), clock)
    sent = message(alert(1), alert(2), possible_duplicate=True)
    await channel.send(sent)
    await channel.send(replace(sent, possible_duplicate=False))
    first, second = (orjson.loads(asked.body) for asked in server.asked)
    assert server.asked[0].headers["content-type"].startswith("application/cloudevents+json")
    assert (first["specversion"], first["type"]) == ("1.0", "org.medpulse.message")
    assert first["id"] == second["id"], "every try of a message has one id"
    assert [Alert.model_validate(one) for one in first["data"]["alerts"]] == [alert(1), alert(2)]
    assert (first["data"]["possible_duplicate"], second["data"]["possible_duplicate"]) == (True, False)


@pytest.mark.asyncio
async def test_the_documented_lines_verify_it(server: Scripted, clock: VirtualClock) -> None:
    await WebhookChannel(Target(SecretStr(server.url)), clock, SECRET).send(message(hostile()))
    asked, verify, now = server.asked[0], _verify(), clock.now().timestamp()
    secret = SECRET.get_secret_value()
    verify(secret, asked.headers, asked.body, now)
    with pytest.raises(ValueError, match="signature"):
        verify(secret, asked.headers, asked.body + b" ", now)
    with pytest.raises(ValueError, match="signature"):
        verify("whsec_" + base64.b64encode(b"x" * 32).decode(), asked.headers, asked.body, now)
    with pytest.raises(ValueError, match="signature"):
        verify(secret, asked.headers | {"webhook-timestamp": str(int(now) + 1)}, asked.body, now)
    with pytest.raises(ValueError, match="too old"):
        verify(secret, asked.headers, asked.body, now + 301)


@pytest.mark.parametrize("secret", ["hunter2", "whsec_hunter2!", "whsec_aHVudGVyMg==", "whsec_"])
def test_a_secret_that_cannot_be_used_is_not_shown(secret: str) -> None:
    with pytest.raises(BadSecret, match="openssl rand") as caught:
        key_of(SecretStr(secret))
    assert "hunter2" not in str(caught.value)


@pytest.mark.asyncio
async def test_certificates_are_verified(clock: VirtualClock, tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    app = web.Application()

    async def take(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    app.router.add_post("/", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = SecretStr(f"https://127.0.0.1:{runner.addresses[0][1]}/")
    with pytest.raises(ChannelError, match="cannot be verified") as caught:
        await WebhookChannel(Target(url), clock).send(message())
    assert (caught.value.permanent, caught.value.uncertain) == (False, False)
    known = Target(url, ca_file=str(tmp_path / "ca.pem"))
    assert await WebhookChannel(known, clock).send(message()) == "200 ok"
    await runner.cleanup()
