"""Reading the view: a thin shell over Redis around the arithmetic of `events.view.series`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from redis.asyncio import Redis

from events.event import EVENT, EventBase
from events.messages import Alert, Delivery, SourceHealth
from events.view import layout
from events.view.bodies import unpack
from events.view.catalog import UnknownMetric, check_dim, derived, metric
from events.view.derived import spec as arithmetic
from events.view.derived import untold as reasons
from events.view.derived.spec import DerivedSpec, Facts, Value
from events.view.ordered import Series
from events.view.series import Measure, Window, dim_key, parse_dim_key, window
from events.view.spec import MetricSpec


def _adding(name: str) -> MetricSpec:
    spec = metric(name)
    if spec.measure not in {Measure.COUNT, Measure.SUM}:
        raise UnknownMetric(f"{name} is a {spec.measure} measure: it has no daily amounts")
    return spec


def _ordered(counted: Mapping[str, int]) -> dict[str, int]:
    """Greatest first, zeros left out."""
    return {value: n for value, n in sorted(counted.items(), key=lambda item: (-item[1], item[0])) if n}


class View:
    """A view in a Redis (``decode_responses=False``), by default the live one. Reads take an as-of day in Asia/Shanghai."""

    def __init__(self, redis: Redis, name: str | None = None) -> None:
        self._redis = redis
        self._fixed = name

    async def name(self) -> str:
        """The name of the view that is read."""
        if self._fixed is not None:
            return self._fixed
        live = await self._redis.get(layout.LIVE)
        return layout.text(live) if live else layout.FIRST

    async def value(
        self, name: str, as_of: date, dims: Mapping[str, str] | None = None, within: str = "cumulative"
    ) -> int:
        """One number: of the total, or of one value of one dimension (and of one state).

        Raises `UnknownMetric` for a name, a dimension or a pair of dimensions that has no series, ValueError for a window.
        """
        spec = metric(name)
        for dim in dims or {}:
            check_dim(spec, dim)
        state = (dims or {}).get(spec.states or "")
        series_dims = {dim: value for dim, value in (dims or {}).items() if dim != spec.states}
        if len(series_dims) > 1:
            raise UnknownMetric(
                f"{name} is kept by one dimension at a time, not by {' and '.join(sorted(series_dims))}"
            )
        [series] = await self._series(spec, [dim_key(series_dims)])
        return series.read(window(within, as_of), state)

    async def history(self, name: str, days: Sequence[date], dims: Mapping[str, str] | None = None) -> list[int]:
        """The cumulative value at the end of each of these days. Raises `UnknownMetric`."""
        spec = metric(name)
        state = (dims or {}).get(spec.states or "")
        key = dim_key({d: v for d, v in (dims or {}).items() if d != spec.states})
        [series] = await self._series(spec, [key])
        return [series.read(Window(None, day), state) for day in days]

    async def table(self, name: str, by: str, as_of: date, within: str = "cumulative") -> dict[str, int]:
        """Value by value of the dimension ``by``, greatest first, zeros left out. Raises `UnknownMetric`, ValueError."""
        spec = metric(name)
        check_dim(spec, by)
        days = window(within, as_of)
        if by == spec.states:
            [series] = await self._series(spec, [""])
            return _ordered(Counter(series.latest(days).values()))
        return _ordered({value: series.read(days) for value, series in (await self._by(spec, by)).items()})

    async def states(self, name: str, by: str, as_of: date) -> dict[str, dict[str, int]]:
        """State → value of the dimension ``by`` → members whose last state it is. Raises as `table`, also without states."""
        spec = metric(name)
        if spec.states is None:
            raise UnknownMetric(f"{name} is a {spec.measure} measure: it has no states")
        check_dim(spec, by)
        found: dict[str, dict[str, int]] = {}
        for value, series in (await self._by(spec, by)).items():
            for state, n in Counter(series.latest(Window(None, as_of)).values()).items():
                found.setdefault(state, {})[value] = n
        return found

    async def daily(self, name: str, dims: Mapping[str, str] | None = None) -> dict[str, int]:
        """A count or sum as ISO day → amount. Raises `UnknownMetric`, also for a measure that has no daily amounts."""
        spec = _adding(name)
        for dim in dims or {}:
            check_dim(spec, dim)
        [series] = await self._series(spec, [dim_key(dims or {})])
        return series.daily()

    async def dailies(self, name: str, by: str) -> dict[str, dict[str, int]]:
        """Value of the dimension ``by`` → ISO day → amount. Raises as `daily`."""
        spec = _adding(name)
        check_dim(spec, by)
        return {value: series.daily() for value, series in (await self._by(spec, by)).items()}

    async def derived(
        self, name: str, as_of: date, dims: Mapping[str, str] | None = None, within: str = "cumulative"
    ) -> Value:
        """A derived metric over the facts that have every value of ``dims``; None where they do not tell.

        Raises `UnknownMetric` for a name or a dimension, ValueError for a window.
        """
        spec, days = derived(name), window(within, as_of)
        for dim in dims or {}:
            check_dim(spec, dim)
        return arithmetic.value(spec, await self._facts(spec, days), days, dims or {})

    async def untold(
        self, name: str, as_of: date, dims: Mapping[str, str] | None = None, within: str = "cumulative"
    ) -> str:
        """Why a derived metric is None there, in a sentence for people; empty where it is not. Raises as `derived`."""
        spec, days = derived(name), window(within, as_of)
        return reasons.untold(spec, await self._facts(spec, days), days, dims or {})

    async def derived_table(
        self, name: str, by: str, as_of: date, dims: Mapping[str, str] | None = None, within: str = "cumulative"
    ) -> dict[str, Value]:
        """The same value by value of the dimension ``by``, in the order of the values. Raises `UnknownMetric`, ValueError."""
        spec, days = derived(name), window(within, as_of)
        for dim in (by, *(dims or {})):
            check_dim(spec, dim)
        return arithmetic.table(spec, await self._facts(spec, days), days, by, dims or {})

    async def facts(self, names: Sequence[str], as_of: date, member: str | None = None) -> Facts:
        """The facts of these base series up to a day: all, or those of one member. Raises `UnknownMetric`."""
        until = Window(None, as_of)
        held = {name: (await self._series(metric(name), [""]))[0] for name in names}
        if member is not None:
            return Facts({name: one.facts_of(member, until) for name, one in held.items()})
        return Facts({name: one.facts(until) for name, one in held.items()}, held, until)

    async def events(self, limit: int = 50, offset: int = 0) -> list[EventBase]:
        """The latest events by event time, newest first."""
        view = await self.name()
        ids = [layout.text(i) for i in await self._redis.zrevrange(layout.timeline(view), offset, offset + limit - 1)]
        if not ids:
            return []
        found = await self._redis.hmget(layout.events(view), ids)
        return [EVENT.validate_json(unpack(raw)) for raw in found if raw is not None]

    async def event(self, event_id: str) -> EventBase | None:
        """One event, or None where there is none (or it was retracted)."""
        raw = await self._redis.hget(layout.events(await self.name()), event_id)
        return None if raw is None else EVENT.validate_json(unpack(raw))

    async def count_events(self) -> int:
        """How many events stand."""
        return int(await self._redis.zcard(layout.timeline(await self.name())))

    async def names(self) -> dict[str, str]:
        """Entity id → name."""
        found = await self._redis.hgetall(layout.entities(await self.name()))
        return {layout.text(key): layout.text(value) for key, value in found.items()}

    async def health(self) -> list[SourceHealth]:
        """The last poll of each source, in the order of their ids."""
        found = await self._redis.hgetall(layout.HEALTH)
        return [SourceHealth.model_validate_json(found[key]) for key in sorted(found)]

    async def spools(self) -> dict[str, dict[str, Any]]:
        """Scraper process → what waits on its disk for a broker that is away: ``batches``, ``bytes``, ``since`` (ISO 8601)."""
        found = await self._redis.hgetall(layout.SPOOLS)
        return {layout.text(owner): orjson.loads(raw) for owner, raw in sorted(found.items())}

    async def deliveries(self, limit: int = 50) -> list[Delivery]:
        """The latest deliveries, newest first."""
        found = await self._redis.zrevrange(layout.DELIVERIES, 0, limit - 1)
        return [Delivery.model_validate_json(layout.text(raw)) for raw in found]

    async def alert(self, alert_id: str) -> Alert | None:
        """One alert, or None."""
        raw = await self._redis.hget(layout.ALERTS, alert_id)
        return None if raw is None else Alert.model_validate_json(raw)

    async def backlog(self) -> dict[tuple[str, str], int]:
        """(Consumer group, topic) → messages written and not yet processed, as far as our own rooms have noted."""
        backlog: dict[tuple[str, str], int] = {}
        for group, topic in layout.FLOW:
            ends = await self._ends(layout.produced(topic))
            done = await self._ends(layout.processed(group, topic))
            backlog[group, topic] = sum(max(0, end - done.get(partition, 0)) for partition, end in ends.items())
        return backlog

    async def lag(self) -> dict[str, int]:
        """Topic → the backlog of the consumer group that is furthest behind on it."""
        lags: dict[str, int] = {}
        for (_, topic), behind in (await self.backlog()).items():
            lags[topic] = max(behind, lags.get(topic, 0))
        return lags

    async def _facts(self, spec: DerivedSpec, within: Window) -> Facts:
        return await self.facts(spec.needs, within.end)

    async def _ends(self, key: str) -> dict[str, int]:
        found: Any = await self._redis.zrange(key, 0, -1, withscores=True)
        return {layout.text(partition): int(end) for partition, end in found}

    async def _dim_keys(self, name: str) -> list[str]:
        found = await self._redis.smembers(layout.index(await self.name(), name))
        return sorted(layout.text(key) for key in found)

    async def _keys_by(self, spec: MetricSpec, by: str) -> dict[str, str]:
        """Value of the dimension → its dim key."""
        found = await self._dim_keys(spec.name)
        return {dims[by]: key for key in found if (dims := parse_dim_key(key)).keys() == {by}}

    async def _by(self, spec: MetricSpec, by: str) -> dict[str, Series]:
        """Value of the dimension → its series."""
        keys = await self._keys_by(spec, by)
        return dict(zip(keys, await self._series(spec, list(keys.values())), strict=True))

    async def _series(self, spec: MetricSpec, keys: Sequence[str]) -> list[Series]:
        """The series of a metric under these dim keys, in one round trip; one that does not exist is empty."""
        view = await self.name()
        async with self._redis.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.hgetall(layout.series(view, spec.name, key))
            found = await pipe.execute()
        return [
            Series(spec.measure, {layout.text(name): int(amount) for name, amount in fields.items()})
            for fields in found
        ]
