"""events → Redis and the topic metrics: apply what happened, then tell what the series have become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from redis.asyncio import Redis

from events import telemetry
from events.clock import shanghai_day
from events.consumed import Consumed
from events.event import EventBase
from events.messages import Metric
from events.tracing import Trace, spans
from events.view import layout
from events.view.catalog import METRICS
from events.view.series import parse_dim_key
from events.wire import record
from streams.agents.body import Body
from streams.ahead import BREATH, breathing
from streams.sinks import surely
from streams.store import Entry, Store, Untold, entry

STAGE = "aggregate"
Counted = list[tuple[Consumed, EventBase, Entry]]
"""Messages that can be read and counted, with their event and what it gives."""


def metric_of(series: Untold) -> Metric:
    """The message that tells the new value of a series."""
    stamp = series.stamp
    return Metric(
        name=series.metric,
        dims=parse_dim_key(series.key),
        value=series.value,
        previous=series.previous,
        unit=METRICS[series.metric].unit,
        as_of=shanghai_day(stamp.at),
        at=stamp.at,
        event_id=stamp.event_id,
        illustrative=stamp.illustrative,
    )


async def stores(redis: Redis) -> list[Store]:
    """The live view, and after it the one that is being made beside it, if any."""
    live, building = await redis.mget(layout.LIVE, layout.BUILDING)
    return [Store(redis, layout.text(name)) for name in (live or layout.FIRST, building) if name]


def _tell_how_long(events: Sequence[EventBase], now: datetime) -> None:
    """From the poll that saw something to the view."""
    seconds = telemetry.END_TO_END.labels("view")
    for event in events:
        seconds.observe(max(0.0, (now - event.detected_at).total_seconds()))


class Aggregate(Body[Counted]):
    """The body of the agent ``aggregate``."""

    async def read(self, messages: Sequence[Consumed]) -> Counted:
        """The events, each with what it gives; one at which the counting fails costs itself, as a dead letter."""
        found: Counted = []
        said = await self._sinks.readable(STAGE, messages, self._sinks.recent.event, BREATH)
        async for message, event in breathing(said):
            try:
                given = entry(event, self._sinks.recent.packed(message.value))
            except Exception as error:  # noqa: BLE001  any fault of a metric costs one dead letter, never the worker
                await self._sinks.bury(STAGE, message, "it cannot be counted", error)
                self._sinks.brake.failed(STAGE)
            else:
                found.append((message, event, given))
        return found

    async def do(self, read: Counted) -> None:
        """Apply the events of a batch, then publish the series that they changed."""
        about = [(m.trace, {"source_id": event.source_id, "event_id": event.event_id}) for m, event, _ in read]
        with spans(STAGE, about) as steps:
            traces = {event.event_id: step.trace for (_, event, _), step in zip(read, steps, strict=True)}
            await self._apply([(event, given) for _, event, given in read], traces)

    async def _apply(self, counted: Sequence[tuple[EventBase, Entry]], traces: Mapping[str, Trace | None]) -> None:
        if counted:
            # What is live and what a rebuild makes are asked for before the effect: a rebuild that begins or ends meanwhile has
            # these messages in its own reading of the topic, or has them twice, which is once.
            live, *building = await surely(lambda: stores(self._sinks.redis), STAGE)
            for store in (live, *building):
                await surely(partial(store.apply_entries, [given for _, given in counted]), STAGE)
            _tell_how_long([event for event, _ in counted], self._sinks.clock.now())
            await self._tell(live, traces)

    async def _tell(self, store: Store, traces: Mapping[str, Trace | None]) -> None:
        again = True
        while again:
            series = await surely(store.untold, STAGE)
            news = [one for one in series if one.value != one.previous]
            changed = [record(metric_of(one), trace=traces.get(one.stamp.event_id)) for one in news]
            await self._sinks.publish(changed, STAGE)
            again = await surely(partial(store.told, series), STAGE) > 0
