"""One receiver: take what is due from its outbox, claim it, send it, record what came of it.

Each receiver has a worker of its own, so that one that is dead, slow or throttled delays nobody else.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from redis.asyncio.lock import Lock

from alerts.channels.channel import Channel, ChannelError
from alerts.failing import failing_again, works_again
from alerts.ledger import Claim, Due, Ledger, Pause
from alerts.message import Message
from alerts.stages.parcel import Parcel
from alerts.stages.wanted import ALL, Wanted, wait_seconds
from alerts.texts import local_time
from events import telemetry
from events.clock import Clock
from events.messages import Delivery, Reason, Step
from events.tracing import parse, spans, within

log = structlog.get_logger()
BATCH = 100
DAY_SECONDS = 86_400.0
_ARRIVALS = frozenset({Reason.FIRST, Reason.NEW_IN_GROUP})
Dress = Callable[[Message], Awaitable[Message]]
"""Adds to a message what is only known when it is sent, such as the figures and charts of a digest."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody to be told: what they want, the way to them, and for how long (seconds) a message is tried."""

    id: str
    kind: str
    channel: Channel
    wanted: Wanted = ALL
    group_wait: float = 0.0
    give_up_after: float = DAY_SECONDS
    dress: Dress | None = None


class Deliverer:
    """The tries of one receiver."""

    def __init__(self, receiver: Receiver, ledger: Ledger, clock: Clock) -> None:
        self.receiver = receiver
        self._ledger = ledger
        self._clock = clock

    async def wait_seconds(self) -> float | None:
        """Seconds of the clock until something can be sent; None while there is nothing to send."""
        due = await self._ledger.next_due(self.receiver.id)
        if due is None:
            return None
        pause = await self._ledger.pause(self.receiver.id)
        ready = max(due, pause.until.timestamp()) if pause else due
        return max(0.0, ready - self._clock.now().timestamp())

    async def drain(self, go_on: Callable[[], Awaitable[bool]], lease: Lock | None = None) -> int:
        """Send what is due, one message after another, until nothing is or the receiver refuses. Returns those tried.

        ``go_on`` is asked before each message, and renews the ``lease`` under which each is claimed. Raises `LeaseLost`.
        """
        tried = 0
        while not await self._paused():
            batch = await self._ledger.due(self.receiver.id, self._clock.now(), BATCH)
            if not batch:
                break
            for due in batch:
                if not await go_on():
                    return tried
                tried += 1
                if not await self._send(due, lease):
                    return tried
        return tried

    async def _paused(self) -> bool:
        pause = await self._ledger.pause(self.receiver.id)
        return pause is not None and pause.until > self._clock.now()

    async def _send(self, due: Due, lease: Lock | None) -> bool:
        """Claim, send, record: a span in the trace of each alert. False: the receiver wants to be left alone."""
        told = due.parcel.alerts
        about = [(parse(a.traceparent), {"alert_id": a.alert_id, "receiver": self.receiver.id}) for a in told]
        with spans("deliver", about) as steps, within(steps[0].trace):
            return await self._tried(due, lease)

    async def _tried(self, due: Due, lease: Lock | None) -> bool:
        parcel, claim = due.parcel, _claim(due.claim, self._clock.now())
        await self._ledger.claim(parcel, claim, under=lease)
        try:
            message = parcel.told(claim.doubtful)
            dress = self.receiver.dress
            answer = await self.receiver.channel.send(await dress(message) if dress else message)
        except ChannelError as error:
            return await self._refused(parcel, claim, error, lease)
        except Exception as error:  # noqa: BLE001 a fault in one channel must neither stop the queue nor lose the alert
            # No traceback: its frames hold the webhook's URL, and pretty printers show the values in them.
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{frame.filename}:{frame.lineno}"
            log.error("alerts.channel_fault", receiver=self.receiver.id, error=type(error).__name__, where=where)
            fault = ChannelError(f"the channel failed: {type(error).__name__}", permanent=True, uncertain=True)
            return await self._refused(parcel, claim, fault, lease)
        await self._record(parcel, claim, "sent", answer)
        await self._ledger.set_pause(self.receiver.id, None)
        return True

    async def _refused(self, parcel: Parcel, claim: Claim, error: ChannelError, lease: Lock | None) -> bool:
        """After a failed try: the end for what is permanent or too old, another try for the rest."""
        now = self._clock.now()
        ended = error.permanent or _age(claim, now) >= self.receiver.give_up_after
        log.warning("alerts.refused", receiver=self.receiver.id, error=str(error), given_up=ended)
        if ended:
            await self._record(parcel, claim, "failed", str(error))
        if error.permanent:
            return True
        last = await self._ledger.pause(self.receiver.id)
        failures = (last.failures if last else 0) + 1
        until = now + timedelta(seconds=wait_seconds(failures, error.retry_after))
        if not ended:
            closed = claim.model_copy(update={"open": False, "doubtful": claim.doubtful or error.uncertain})
            text = f"try {claim.attempts} failed: {error}; again at {local_time(until)}"
            step = Step(at=now, stage="deliver", said=text, receiver=self.receiver.id)
            await self._ledger.claim(parcel, closed, until, step, under=lease)
        await self._ledger.set_pause(self.receiver.id, Pause(until=until, failures=failures))
        return False

    async def _record(self, parcel: Parcel, claim: Claim, status: Literal["sent", "failed"], answer: str) -> None:
        at = self._clock.now()
        telemetry.SENDS.labels(self.receiver.kind, status).inc(len(parcel.alerts))
        if status == "sent":
            tell_how_long(parcel, self.receiver.kind, at)
        made = [delivery(parcel, self.receiver, n, claim, status, answer, at) for n in range(len(parcel.alerts))]
        before = await self._ledger.failing(self.receiver.id)
        raised = works_again(before, at) if status == "sent" else failing_again(before, parcel, answer, at)
        await self._ledger.record(parcel, made, raised)


def tell_how_long(parcel: Parcel, kind: str, at: datetime) -> None:
    """From the poll that saw an event to the receiver that was first told of it, whatever it waited for on the way.

    An alert of events bears the time at which the fact was seen. Repeats, changes and digests are no arrival.
    """
    seconds = telemetry.END_TO_END.labels(kind)
    for alert in parcel.alerts:
        if alert.event_ids and not alert.standing and parcel.reason_of(alert) in _ARRIVALS:
            seconds.observe(max(0.0, (at - alert.raised_at).total_seconds()))


def delivery(
    parcel: Parcel,
    receiver: Receiver,
    number: int,
    claim: Claim,
    status: Literal["sent", "failed", "suppressed"],
    answer: str,
    at: datetime,
) -> Delivery:
    """The record of one alert of a message."""
    alert = parcel.alerts[number]
    return Delivery(
        delivery_id=f"{parcel.message_id}|{alert.alert_id}",
        alert_id=alert.alert_id,
        receiver=receiver.id,
        channel=receiver.kind,
        reason=parcel.reason_of(alert),
        status=status,
        attempts=max(1, claim.attempts),
        at=at,
        answer=answer,
        possible_duplicate=claim.doubtful,
        group=parcel.group_key,
        route=parcel.route,
        message_id=parcel.message_id,
        traceparent=alert.traceparent,
    )


def _claim(before: Claim, now: datetime) -> Claim:
    """The claim of the next try. One that was left open had a process die on it: nobody knows what came of that try."""
    return Claim(
        attempts=before.attempts + 1,
        since=before.since or now,
        open=True,
        doubtful=before.doubtful or before.open,
    )


def _age(claim: Claim, now: datetime) -> float:
    return (now - claim.since).total_seconds() if claim.since else 0.0
