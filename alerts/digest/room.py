"""The digests' own clockwork: at its time, each is composed once and put into its receiver's outbox.

From there it goes the way of every message: claimed, tried, recorded. What makes it exactly one for each period and receiver
is its id: it is put into the outbox only if it neither stands there nor was delivered. The note that the period is done is
written last, so that a process that dies in between only does the same again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockError, RedisError

from alerts.deliver import Receiver
from alerts.digest.compose import Request, compose
from alerts.digest.content import Digest, Period
from alerts.digest.due import Due, first_day, following, latest, periods
from alerts.digest.sector import Sector
from alerts.digest.settings import DigestSettings
from alerts.digest.shelf import Shelf
from alerts.digest.words import Words
from alerts.ledger import Ledger
from alerts.ledger.keys import field, outbox
from alerts.stages.parcel import Parcel
from events.base import Severity
from events.clock import Clock
from events.messages import Alert, Reason
from events.view import layout

log = structlog.get_logger()
CLAIM_SECONDS = 300.0
"""How long one process may take to compose a digest before another may begin it, too."""

AWAY_SECONDS = 2.0
LOOK_SECONDS = 30.0
"""How often, in the machine's own time, it is looked whether something is due."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A receiver and the digests that it asked for."""

    receiver: Receiver
    settings: DigestSettings


class DigestRoom:
    """One process of those that send digests; any number may run."""

    def __init__(
        self, redis: Redis, clock: Clock, subscribers: Sequence[Subscriber], sector: Sector, board: str | None = None
    ) -> None:
        self._redis = redis
        self._clock = clock
        self._subscribers = tuple(subscribers)
        self._sector = sector
        self._board = board
        self._shelf = Shelf(redis)
        self._ledger = Ledger(redis)

    async def run(self, stop: asyncio.Event) -> None:
        """Send what falls due until ``stop``; while Redis is away, look again and again."""
        while not stop.is_set():
            try:
                await self.tick()
            except (RedisError, OSError) as error:
                log.warning("alerts.part_failed", part="digests", error=repr(error), retry_in=AWAY_SECONDS)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), AWAY_SECONDS)
                continue
            await self._rest(stop)

    async def tick(self) -> int:
        """Put every digest that is due into its outbox; returns how many. What was due while nobody ran is one digest, now."""
        sent = 0
        for subscriber in self._subscribers:
            for period in periods(subscriber.settings):
                sent += await self._settle(subscriber, period)
        return sent

    async def _settle(self, subscriber: Subscriber, period: Period) -> bool:
        """Send one receiver's digest of a kind if it is due. Another process that is at it is left to it."""
        due = latest(self._clock.now(), subscriber.settings, period)
        receiver = subscriber.receiver.id
        await self._shelf.begin(receiver, period, due.end)
        if (await self._shelf.done(receiver, period) or due.end) >= due.end:
            return False
        claim = Lock(self._redis, f"medpulse:digest:claim:{receiver}:{period}", timeout=CLAIM_SECONDS, blocking=False)
        if not await claim.acquire():
            return False
        try:
            done = await self._shelf.done(receiver, period)
            if done is None or done >= due.end:
                return False
            return await self._send(subscriber, period, due, done)
        finally:
            with suppress(LockError):
                await claim.release()

    async def _send(self, subscriber: Subscriber, period: Period, due: Due, done: date) -> bool:
        settings, receiver = subscriber.settings, subscriber.receiver
        asked = Request(
            id=f"digest:{period}:{due.end}:{receiver.id}",
            period=period,
            start=first_day(done, due.end),
            end=due.end,
            lang=settings.lang,
            charts=settings.charts,
            wanted=receiver.wanted,
            told=await self._shelf.told(receiver.id, period),
            board=self._board,
        )
        digest, figures = await compose(asked, self._sector, self._redis)
        wanted = settings.empty == "send" or not digest.empty
        if wanted:
            await self._shelf.put(digest)
            if not await self._stands(receiver.id, digest.id):
                now = self._clock.now()
                await self._ledger.put(receiver.id, [parcel(digest, receiver.id, now)], now)
        await self._shelf.finish(receiver.id, period, due.end, figures)
        log.info("alerts.digest", receiver=receiver.id, period=str(period), end=str(due.end), sent=wanted)
        return wanted

    async def _stands(self, receiver: str, digest_id: str) -> bool:
        """Whether a digest is in the outbox or was delivered: read in one step, as one becomes the other in one step."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zscore(outbox(receiver), digest_id)
            pipe.hexists(layout.DELIVERED, field(digest_id, receiver))
            waiting, delivered = await pipe.execute()
        return waiting is not None or bool(delivered)

    async def _rest(self, stop: asyncio.Event) -> None:
        """Until the next digest is due by the clock, ``stop``, or the machine's time to look again."""
        now = self._clock.now()
        ahead = [following(now, s.settings, p).at for s in self._subscribers for p in periods(s.settings)]
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(stop.wait())]
        if ahead:
            waits.append(asyncio.ensure_future(self._clock.sleep((min(ahead) - now).total_seconds())))
        try:
            await asyncio.wait(waits, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pending in waits:
                pending.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


def parcel(digest: Digest, receiver: str, now: datetime) -> Parcel:
    """The message in the outbox; its content is put in when it is sent."""
    return Parcel(
        message_id=digest.id,
        receiver=receiver,
        alerts=(announcement(digest, receiver, now),),
        reason=Reason.DIGEST,
        digest=str(digest.period),
        until=now,
    )


def announcement(digest: Digest, receiver: str, now: datetime) -> Alert:
    """The alert that stands for a digest in the outbox and in the ledger."""
    words = Words(digest.lang)
    return Alert(
        alert_id=digest.id,
        rule_id=f"digest-{digest.period}",
        severity=Severity.INFO,
        title=words.title(digest),
        text=words.span(digest),
        subject=receiver,
        labels={"type": "digest"},
        raised_at=now,
        illustrative=digest.illustrative,
    )
