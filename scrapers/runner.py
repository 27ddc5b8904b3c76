"""One poll of one source, from the request to the messages. It ends in exactly one named outcome and never raises."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TypeGuard

import structlog

from events.clock import monotonic, shanghai_day
from events.messages import Outcome, SourceHealth
from events.notice import Notice
from events.tracing import current, root
from events.wire import record
from scrapers.files.attach import Files
from scrapers.health import Poll, next_health
from scrapers.history import all_appeared
from scrapers.letters import Letters
from scrapers.lists import Lists
from scrapers.outcome import Verdict, conclude
from scrapers.outlet import Outlet, Publish
from scrapers.pace import Pace
from scrapers.page import Platform, Request, Sliced
from scrapers.quiet import due, remembered
from scrapers.reading import Reader
from scrapers.reread import Reread
from scrapers.round import Limits, Round
from scrapers.seen import Seen
from scrapers.source import Source
from scrapers.timing import Planned, Timing
from scrapers.withdraw import Withdrawals

log = structlog.get_logger(__name__)
_NOTES = 5
_TOMORROW = timedelta(days=2)
_DAY = timedelta(days=1)
_LONGEST_SLICE = timedelta(days=31)
"""What one poll catches up with after an absence; for more there is a backfill, which is slow and can be gone on with."""


@dataclass(frozen=True, slots=True)
class PollReport:
    """How a poll ended. ``notices`` are those that were published; ``health`` is what the topic was told.

    ``unrecorded`` is the reason why health or dead letters could not be published, None where they were. ``trace_id`` is that
    of the trace that the poll began.
    """

    source_id: str
    outcome: Outcome
    detail: str
    items_seen: int
    items_new: int
    notices: tuple[Notice, ...]
    health: SourceHealth
    unrecorded: str | None = None
    trace_id: str = ""


class Runner:
    """Polls sources. Polls of different sources may run at once; two of the same source must not."""

    def __init__(
        self,
        platform_of: Callable[[Source], Platform],
        reader: Reader,
        seen: Seen,
        publish: Publish,
        pace: Pace,
        rng: random.Random,
        limits: Limits | None = None,
    ) -> None:
        self.pace = pace
        self.timing: Timing | None = None
        """Plans when a source is polled next; without it, that is when its cadence says."""
        self._platform_of = platform_of
        self._seen = seen
        self._send = publish
        self._rng = rng
        self._limits = limits or Limits()
        letters = Letters(pace)
        outlet = Outlet(seen, letters, publish, pace)
        files = Files(reader, seen, letters)
        self._lists = Lists(reader, seen, letters, outlet, files)
        self._reread = Reread(reader, seen, outlet, files)
        self._withdrawals = Withdrawals(seen, outlet)
        self._health: dict[str, SourceHealth] = {}

    def first(self, source: Source) -> Request:
        """The request that a poll of this source begins with. Raises `CatalogError`."""
        return self._platform_of(source).first(source, self.pace.now())

    async def health(self, source: Source) -> SourceHealth | None:
        """The health after the last poll of a source, also by an earlier process; None where it is not known."""
        try:
            return (await self._seen.memory(source.id)).health
        # The store is away, in whatever way its client says so: the source is polled as if for the first time.
        except Exception:  # noqa: BLE001
            return self._health.get(source.id)

    async def hold(self, sources: Iterable[Source], token: int) -> None:
        """Poll these sources under a lease from now on: what a poll remembers is refused once a later lease was used.

        Raises `scrapers.seen.Fenced` where that has already happened, and what the store raises.
        """
        await self._seen.hold([source.id for source in sources], token)

    async def poll(self, source: Source) -> PollReport:
        """Poll one source, which begins a trace. Raises nothing but cancellation."""
        with root("poll", source_id=source.id) as step:
            report = await self._poll(source)
            step.note(outcome=report.outcome.value)
            return report

    async def _poll(self, source: Source) -> PollReport:
        started = monotonic()
        at = Round(source, self._limits)
        try:
            at.memory = await self._seen.memory(source.id)
            at.loaded = True
            await self._read(at)
            verdict = conclude(at.faults, at.problems, at.items_seen, len(at.published))
        # What is left to fail is ours: the store, the broker, the disk, a bug. The room must live on, and the poll counts as
        # bad: nothing that was not acknowledged is marked as seen, so the next one catches up.
        except Exception as error:  # noqa: BLE001
            verdict = Verdict(Outcome.OUTAGE, f"on our side: {type(error).__name__}: {error}")
        spent = round((monotonic() - started) * 1000)
        health = self._judged(at, verdict, spent, await self._planned(at, verdict))
        unrecorded = await self._recorded(at, health)
        return PollReport(
            source_id=source.id,
            outcome=verdict.outcome,
            detail=health.detail,
            items_seen=health.items_seen,
            items_new=health.items_new,
            notices=tuple(at.published),
            health=health,
            unrecorded=unrecorded,
            trace_id=trace.trace_id if (trace := current()) else "",
        )

    async def _read(self, at: Round) -> None:
        """Everything that a poll asks for: the lists, some items' own pages, and what is gone."""
        begun = at.memory.begun
        try:
            await self._lists.walk(at, self._begun(at))
            await self._reread.some(at)
            await self._withdrawals.settle(at)
        finally:
            # The first poll finds history, whose dates tell the rhythm; from then on news is of the day on which it is seen.
            today = shanghai_day(self.pace.now())
            dated = [shanghai_day(n.published_at) for n in at.published if n.published_at]
            news = ([today] if begun else dated) if any(not n.retracted for n in at.published) else []
            at.recall(news=remembered(at.memory.news, news, today))
            at.notes.extend(_too_early(at.published, self.pace.now()))

    def _begun(self, at: Round) -> Request:
        """The first request of a poll: where days are asked for, from the day before the last healthy poll on."""
        platform, previous = self._platform_of(at.source), at.memory.health
        last = previous.last_healthy_at if previous else None
        if last is None or not _is_sliced(platform):
            return self.first(at.source)
        now, zone = self.pace.now(), at.source.zone
        wanted = last.astimezone(zone).date() - _DAY
        day = max(wanted, now.astimezone(zone).date() - _LONGEST_SLICE)
        if day > wanted:
            at.notes.append(
                f"not polled since {wanted + _DAY}: `medpulse backfill {at.source.id} --from {wanted} --to {day}`"
            )
        return platform.since(at.source, day, now)

    async def _planned(self, at: Round, verdict: Verdict) -> Planned | None:
        """When the schedule wants the next poll, and why; None where only the cadence says. What appeared is noted for it."""
        if self.timing is None or not verdict.outcome.healthy:
            return None
        now, previous = self.pace.now(), self._previous(at)
        times = all_appeared(at.published, previous.last_healthy_at if previous else None, now)
        try:
            await self.timing.histories.note(at.source.id, times)
            news = [] if previous is None else sorted(times.values())
            return await self.timing.planned(at.source, now, news, len(at.memory.pages))
        # The store is away, in whatever way its client says so: the cadence is good enough until it is back.
        except Exception as error:  # noqa: BLE001
            log.warning("timing.not_planned", source=at.source.id, error=repr(error))
            return None

    def _previous(self, at: Round) -> SourceHealth | None:
        return at.memory.health if at.loaded else self._health.get(at.source.id)

    def _judged(self, at: Round, verdict: Verdict, duration_ms: int, planned: Planned | None) -> SourceHealth:
        source, previous = at.source, self._previous(at)
        facts = Poll(
            verdict,
            self.pace.now(),
            at.url or source.home,
            at.items_seen or 0,
            len(at.published),
            duration_ms,
            at.expected_items,
            at.replaced,
            due(at.memory.news),
            tuple(at.notes[:_NOTES]),
            planned,
        )
        health = self._health[source.id] = next_health(previous, source, facts, self._rng.random())
        return health

    async def _recorded(self, at: Round, health: SourceHealth) -> str | None:
        """Publish dead letters and health, and remember the poll; returns the reason where that was not possible."""
        try:
            if at.loaded:
                await self._seen.remember(at.source.id, at.memory.model_copy(update={"health": health}))
            await self._send([*map(record, at.letters), record(health)])
        # The broker or the store is away, in whatever way its client says so. The next poll's health takes this one's place.
        except Exception as error:  # noqa: BLE001
            return f"{type(error).__name__}: {error}"
        return None


def _is_sliced(platform: Platform) -> TypeGuard[Sliced]:
    return _are_sliced(type(platform))


@cache
def _are_sliced(kind: type[Platform]) -> bool:
    """Asked once: Python looks through all that a protocol names, which is 20 µs."""
    return issubclass(kind, Sliced)


def _too_early(published: Iterable[Notice], now: datetime) -> list[str]:
    """What to say of items that state a day after tomorrow: it is kept as stated, and a person should look."""
    late = [n for n in published if n.published_at and n.published_at - now > _TOMORROW]
    first = f"{late[0].item_key} states {late[0].published_at:%Y-%m-%d}, which is still to come" if late else ""
    return [first + (f", and {len(late) - 1} more" if late[1:] else "")] if late else []
