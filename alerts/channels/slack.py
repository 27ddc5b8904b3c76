"""Slack through an incoming webhook."""

from __future__ import annotations

import logging
import ssl

import aiohttp
import orjson
from pydantic import SecretStr
from slack_sdk.webhook.async_client import AsyncWebhookClient

from alerts.channels.channel import ChannelError
from alerts.channels.verdict import Verdict, of_http, of_slack_error, retry_after
from alerts.message import Message
from alerts.render_slack import blocks, fallback
from events.clock import Clock

TIMEOUT_SECONDS = 15

# slack-sdk writes the webhook's URL, which is the secret, to its logger at debug level. It gets one that says nothing.
_SILENT = logging.getLogger("medpulse.alerts.slack.silent")
_SILENT.setLevel(logging.CRITICAL + 1)
_SILENT.propagate = False
_SILENT.addHandler(logging.NullHandler())


class SlackChannel:
    """One incoming webhook. Trying again is the dispatcher's business, so slack-sdk's own retries are off."""

    def __init__(self, url: SecretStr, clock: Clock, timeout_seconds: int = TIMEOUT_SECONDS) -> None:
        self._url = url
        self._clock = clock
        self._timeout = timeout_seconds
        self._tls = ssl.create_default_context()

    async def send(self, message: Message) -> str:
        """Send it as Block Kit. Raises `ChannelError`."""
        client = AsyncWebhookClient(
            self._url.get_secret_value(),
            timeout=self._timeout,
            ssl=self._tls,
            logger=_SILENT,
            retry_handlers=[],
        )
        try:
            answer = await client.send(
                text=fallback(message), blocks=blocks(message), unfurl_links=False, unfurl_media=False
            )
        # `from None`: the texts of these errors may hold the URL, which is the secret.
        except aiohttp.InvalidURL:
            raise ChannelError("the webhook's URL is not a URL", permanent=True) from None
        except aiohttp.ClientConnectorError:
            # Nothing was sent yet, so nothing can have arrived.
            raise ChannelError("Slack could not be reached", permanent=False) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            text = f"no answer from Slack ({type(error).__name__})"
            raise ChannelError(text, permanent=False, uncertain=True) from None
        headers = {name.lower(): value for name, value in dict(answer.headers).items()}
        return self._judge(answer.status_code, str(answer.body or ""), headers.get("retry-after"))

    def _judge(self, status: int, body: str, wait: str | None) -> str:
        said = f"{status} {body.strip()[:200]}".strip()
        verdict = of_http(status)
        if verdict is Verdict.DELIVERED:
            verdict = _of_body(body)
        if verdict is Verdict.DELIVERED:
            return said
        raise ChannelError(
            f"Slack answered {said}",
            permanent=verdict is Verdict.GIVE_UP,
            retry_after=retry_after(wait, self._clock.now()),
        )


def _of_body(body: str) -> Verdict:
    """The verdict of a 2xx: ``ok``, or JSON that says so. Anything else (a proxy's page) is not Slack: try again later."""
    if body.strip() == "ok":
        return Verdict.DELIVERED
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Verdict.RETRY
    if not isinstance(said, dict):
        return Verdict.RETRY
    return Verdict.DELIVERED if said.get("ok") is True else of_slack_error(str(said.get("error", "")))
