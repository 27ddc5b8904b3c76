"""One receiver: take what is due from its outbox, claim it, send it, record what came of it.

Each receiver has a worker of its own, so that one that is dead, slow or throttled delays nobody else.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog

from alerts.channels.channel import Channel, ChannelError
from alerts.ledger import Claim, Due, Ledger, Pause, field
from alerts.message import Message
from alerts.stages import ALL, Wanted, pieces, reason_of, wait_seconds
from events import telemetry
from events.clock import Clock
from events.messages import Delivery

log = structlog.get_logger()
BATCH = 500
DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody to be told: what they want, the way to them, and for how long (seconds) a message is tried."""

    id: str
    kind: str
    channel: Channel
    wanted: Wanted = ALL
    group_wait: float = 0.0
    give_up_after: float = DAY_SECONDS


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

    async def drain(self, go_on: Callable[[], Awaitable[bool]]) -> int:
        """Send what is due, one piece after another, until nothing is or the receiver refuses. Returns the pieces tried.

        ``go_on`` is asked before each piece, and renews the lease.
        """
        tried = 0
        while not await self._paused():
            batch = await self._ledger.due(self.receiver.id, self._clock.now(), BATCH)
            if not batch:
                break
            for piece in pieces(batch):
                if not await go_on():
                    return tried
                tried += 1
                if not await self._send(piece):
                    return tried
        return tried

    async def _paused(self) -> bool:
        pause = await self._ledger.pause(self.receiver.id)
        return pause is not None and pause.until > self._clock.now()

    async def _send(self, piece: tuple[Due, ...]) -> bool:
        """Claim, send, record. False: the receiver wants to be left alone."""
        now = self._clock.now()
        claimed = [(due.alert.alert_id, _claim(due.claim, now)) for due in piece]
        await self._ledger.write_claims(self.receiver.id, claimed)
        doubtful = any(claim.doubtful for _, claim in claimed)
        message = Message(self.receiver.id, tuple(due.alert for due in piece), doubtful)
        try:
            answer = await self.receiver.channel.send(message)
        except ChannelError as error:
            return await self._refused(claimed, error)
        except Exception as error:  # noqa: BLE001 a fault in one channel must neither stop the queue nor lose the alert
            # No traceback: its frames hold the webhook's URL, and pretty printers show the values in them.
            frame = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{frame.filename}:{frame.lineno}"
            log.error("alerts.channel_fault", receiver=self.receiver.id, error=type(error).__name__, where=where)
            fault = ChannelError(f"the channel failed: {type(error).__name__}", permanent=True, uncertain=True)
            return await self._refused(claimed, fault)
        await self._record(claimed, "sent", answer)
        await self._ledger.set_pause(self.receiver.id, None)
        return True

    async def _refused(self, claimed: Sequence[tuple[str, Claim]], error: ChannelError) -> bool:
        """After a failed try: the end for what is permanent or too old, another try for the rest."""
        now = self._clock.now()
        ended = [c for c in claimed if error.permanent or _age(c[1], now) >= self.receiver.give_up_after]
        again = [c for c in claimed if c not in ended]
        log.warning(
            "alerts.refused", receiver=self.receiver.id, error=str(error), retried=len(again), given_up=len(ended)
        )
        if ended:
            await self._record(ended, "failed", str(error))
        if error.permanent:
            return True
        last = await self._ledger.pause(self.receiver.id)
        failures = (last.failures if last else 0) + 1
        until = now + timedelta(seconds=wait_seconds(failures, error.retry_after))
        closed = [
            (i, c.model_copy(update={"open": False, "doubtful": c.doubtful or error.uncertain})) for i, c in again
        ]
        if closed:
            await self._ledger.write_claims(self.receiver.id, closed, until)
        await self._ledger.set_pause(self.receiver.id, Pause(until=until, failures=failures))
        return False

    async def _record(
        self, claimed: Sequence[tuple[str, Claim]], status: Literal["sent", "failed"], answer: str
    ) -> None:
        at = self._clock.now()
        telemetry.SENDS.labels(self.receiver.kind, status).inc(len(claimed))
        await self._ledger.record(
            [
                Delivery(
                    delivery_id=field(alert_id, self.receiver.id),
                    alert_id=alert_id,
                    receiver=self.receiver.id,
                    channel=self.receiver.kind,
                    reason=reason_of(position),
                    status=status,
                    attempts=claim.attempts,
                    at=at,
                    answer=answer,
                    possible_duplicate=claim.doubtful,
                )
                for position, (alert_id, claim) in enumerate(claimed)
            ]
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
