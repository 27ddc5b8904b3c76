"""A generic webhook: one CloudEvent a message, in structured mode, signed where there is a secret.

The body is CloudEvents 1.0 JSON (``application/cloudevents+json``), type ``medpulse.message``: who is told, why, whether it may
be a duplicate, and the alerts as the topic has them. The event's ``id`` is the same for every try of one message.
"""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import SecretStr

from alerts.channels.http import Target, delivered, post
from alerts.channels.webhook.sign import key_of, signature
from alerts.message import Message
from events.clock import Clock
from events.wire import TYPE_PREFIX

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


class WebhookChannel:
    """One URL that takes events. Raises `BadSecret` for a signing secret that cannot be used."""

    def __init__(self, target: Target, clock: Clock, secret: SecretStr | None = None) -> None:
        self._target = target
        self._clock = clock
        self._secret = secret
        if secret is not None:
            key_of(secret)

    async def send(self, message: Message) -> str:
        """POST it once. Raises `ChannelError`."""
        body = orjson.dumps(event(message))
        headers = {"Content-Type": CONTENT_TYPE, **self._signed(message.key, body)}
        return delivered(await post(self._target, body, headers, self._clock), "the webhook")

    def _signed(self, ident: str, body: bytes) -> dict[str, str]:
        """The headers that prove who sent the body, and when. A receiver refuses a timestamp that is minutes old."""
        seconds = int(self._clock.now().timestamp())
        headers = {"webhook-id": ident, "webhook-timestamp": str(seconds)}
        if self._secret is not None:
            headers["webhook-signature"] = signature(key_of(self._secret), ident, seconds, body)
        return headers


def event(message: Message) -> dict[str, Any]:
    """The message as a CloudEvent."""
    kind = "digest" if message.content is not None else "message"
    data: dict[str, Any] = {
        "receiver": message.receiver,
        "reason": str(message.reason),
        "status": str(message.status),
        "group": message.group_key,
        "thread": message.thread_key,
        "number": message.number,
        "notes": list(message.notes),
        "drill": message.drill,
        "possible_duplicate": message.possible_duplicate,
        "alerts": [alert.model_dump(mode="json") for alert in message.alerts],
    }
    if message.content is not None:
        data["digest"] = message.content.model_dump(mode="json")
    return {
        "specversion": "1.0",
        "id": message.key,
        "source": f"/medpulse/receivers/{message.receiver}",
        "type": f"{TYPE_PREFIX}{kind}",
        "subject": message.first.subject,
        "time": max(alert.raised_at for alert in message.alerts).isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }
