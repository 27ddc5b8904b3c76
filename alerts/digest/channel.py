"""Between the outbox and a channel: the alert that announces a digest is exchanged for the digest itself."""

from __future__ import annotations

from dataclasses import replace

from redis.asyncio import Redis

from alerts.channels.channel import Channel
from alerts.digest.shelf import Shelf
from alerts.message import Message
from events.messages import Reason

RULES = ("digest-daily", "digest-weekly")
"""The rule ids of the alerts that announce digests."""


class DigestChannel:
    """A channel that also sends digests. One whose content is no longer kept goes out as its bare announcement."""

    def __init__(self, channel: Channel, redis: Redis) -> None:
        self.channel = channel
        self._shelf = Shelf(redis)

    async def send(self, message: Message) -> str:
        """Send it. Raises `ChannelError`."""
        if message.first.rule_id not in RULES or message.content is not None:
            return await self.channel.send(message)
        content = await self._shelf.get(message.first.alert_id)
        return await self.channel.send(replace(message, content=content, reason=Reason.DIGEST))
