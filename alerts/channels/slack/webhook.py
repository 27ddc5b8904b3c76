"""Slack through an incoming webhook: one message, always; it can neither thread nor answer with the message's place."""

from __future__ import annotations

import orjson
from pydantic import SecretStr
from slack_sdk.webhook.async_client import AsyncWebhookClient

from alerts.channels.channel import ChannelError
from alerts.channels.http import inert, trusted
from alerts.channels.slack.blocks import blocks, fallback
from alerts.channels.slack.client import SILENT, TIMEOUT_SECONDS, judged_failures, refused
from alerts.channels.verdict import Verdict, of_http, retry_after
from alerts.message import Message
from events.clock import Clock


class SlackChannel:
    """One incoming webhook. Trying again is the dispatcher's business, so slack-sdk's own retries are off."""

    def __init__(self, url: SecretStr, clock: Clock, timeout_seconds: int = TIMEOUT_SECONDS) -> None:
        self._url = url
        self._clock = clock
        self._timeout = timeout_seconds
        self._tls = trusted(None)

    async def send(self, message: Message) -> str:
        """Send it as Block Kit. Raises `ChannelError`."""
        client = AsyncWebhookClient(
            self._url.get_secret_value(),
            timeout=self._timeout,
            ssl=self._tls,
            logger=SILENT,
            retry_handlers=[],
        )
        with judged_failures():
            answer = await client.send(
                text=fallback(message), blocks=blocks(message), unfurl_links=False, unfurl_media=False
            )
        headers = {name.lower(): value for name, value in dict(answer.headers).items()}
        wait = retry_after(headers.get("retry-after"), self._clock.now())
        return _judge(answer.status_code, str(answer.body or ""), wait)


def _judge(status: int, body: str, wait: float | None) -> str:
    """A 2xx is delivered where its body says so: ``ok``, or JSON with ``"ok": true``.

    Any other body (a proxy's page) is not Slack's: the message is tried again later.
    """
    if of_http(status) is not Verdict.DELIVERED:
        raise refused(status, body, wait)
    if body.strip() == "ok":
        return inert(f"{status} {body}")
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict):
        raise ChannelError(f"Slack answered {inert(f'{status} {body}')}", permanent=False, retry_after=wait)
    if said.get("ok") is not True:
        raise refused(status, str(said.get("error", "")), wait)
    return inert(f"{status} {body}")
