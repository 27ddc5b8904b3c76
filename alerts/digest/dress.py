"""A digest gets its content when it is sent: what was composed for it, or the figures around the alerts of a route's digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from alerts.channels.channel import Channel, ChannelError
from alerts.digest.compose import MOST_ALERTS, MOST_EVENTS, item_of, lines_of
from alerts.digest.content import Digest, Period
from alerts.digest.sector import Sector
from alerts.digest.settings import DigestSettings
from alerts.digest.shelf import Shelf
from alerts.message import Message
from events.clock import shanghai_day
from events.messages import Reason

RULES = ("digest-daily", "digest-weekly")
"""The rule ids of the alerts that announce the digests of `DigestRoom`."""


class DigestChannel:
    """The channel of one receiver, before which digests get their content.

    Its ``settings`` say the language and the charts; the defaults where it has none.
    """

    def __init__(
        self,
        channel: Channel,
        redis: Redis,
        sector: Sector,
        settings: DigestSettings | None,
        board: str | None = None,
    ) -> None:
        self._channel = channel
        self._shelf = Shelf(redis)
        self._sector = sector
        self._settings = settings or DigestSettings(daily="09:00")
        self._board = board

    async def send(self, message: Message) -> str:
        """Send it, with its content if it is a digest. Raises `ChannelError`."""
        return await self._channel.send(await self.dressed(message))

    async def dressed(self, message: Message) -> Message:
        """The message, with its content where it is a digest. One whose content is no longer kept stays a bare announcement.

        Raises `ChannelError` while the figures cannot be read: the digest waits for them.
        """
        if message.reason is not Reason.DIGEST:
            return message
        try:
            if message.first.rule_id in RULES:
                return replace(message, content=await self._shelf.get(message.first.alert_id))
            return replace(message, content=await self._around(message))
        except (RedisError, OSError) as error:
            raise ChannelError(f"the figures cannot be read ({type(error).__name__})", permanent=False) from error

    async def _around(self, message: Message) -> Digest | None:
        """The digest of a route: the alerts that it gathered, among what else happened in the meantime."""
        if message.since is None or message.until is None:
            return None
        lang, start, end = self._settings.lang, shanghai_day(message.since), shanghai_day(message.until)
        figures = await self._sector.figures(start - timedelta(days=1), end, lang)
        items, more = await self._sector.events(start, end, lang, MOST_EVENTS)
        return Digest(
            id=message.message_id,
            period=Period(message.digest) if message.digest else Period.DAILY,
            lang=lang,
            start=start,
            end=end,
            lines=lines_of(figures, {}),
            items=tuple(items),
            more=more,
            alerts=tuple(item_of(alert, lang) for alert in message.alerts[:MOST_ALERTS]),
            more_alerts=max(0, len(message.alerts) - MOST_ALERTS),
            pictures=tuple(await self._sector.pictures(self._settings.charts, end, lang)),
            board=self._board,
            illustrative=any(item.illustrative for item in items),
        )
