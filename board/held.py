"""Series in memory: each is read from Redis once, and again only when an event that counts in it has changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from redis.asyncio import Redis

from board.index.follow import Index, Version
from board.index.rows import series, tag
from events.view.derived.spec import Facts
from events.view.ordered import Series
from events.view.reader import View
from events.view.spec import MetricSpec

MOST_FIELDS = 600_000
"""Of all series together. The series that were asked for last stay."""

Name = tuple[str, str, str]


@dataclass(slots=True)
class Held:
    """What is in memory: (view, metric, dim key) → the series, the version that it was read at, and the tag of its events."""

    index: Index
    _series: OrderedDict[Name, tuple[Series, Version, int]] = field(default_factory=OrderedDict)
    _keys: dict[Name, dict[str, str]] = field(default_factory=dict)
    _keys_at: Version | None = None
    _fields: int = 0

    def get(self, name: Name) -> Series | None:
        """The series, if it is still what the view says."""
        found = self._series.get(name)
        if found is None or not self.index.unchanged(found[2], found[1]):
            return None
        self._series.move_to_end(name)
        return found[0]

    def before(self, name: Name) -> Series | None:
        """The series as it was read last, whether or not it is still so."""
        found = self._series.get(name)
        return found[0] if found else None

    def put(self, name: Name, made: Series, version: Version) -> None:
        """Keep a series that was read when the view was at this version or a later one."""
        self._forget(name)
        self._series[name] = made, version, tag(series(*name[1:]))
        self._fields += len(made)
        while self._fields > MOST_FIELDS:
            self._forget(next(iter(self._series)))

    def keys(self, version: Version) -> dict[Name, dict[str, str]]:
        """(View, metric, dimension) → value → dim key, as far as they were asked for at this version; empty for another."""
        if version != self._keys_at:
            self._keys, self._keys_at = {}, version
        return self._keys

    def _forget(self, name: Name) -> None:
        found = self._series.pop(name, None)
        self._fields -= len(found[0]) if found else 0


class HeldView(View):
    """The view at the index's latest version, with its series from memory where they are as they were."""

    def __init__(self, redis: Redis, held: Held) -> None:
        super().__init__(redis, held.index.latest.view)
        self._held, self._version = held, held.index.latest
        self._facts_of: dict[tuple[tuple[str, ...], date, str | None], Facts] = {}

    async def facts(self, names: Sequence[str], as_of: date, member: str | None = None) -> Facts:
        """Those of `View.facts`; one request that asks twice gets the same ones, with what was made of them."""
        key = tuple(names), as_of, member
        if key not in self._facts_of:
            self._facts_of[key] = await super().facts(names, as_of, member)
        return self._facts_of[key]

    async def _keys_by(self, spec: MetricSpec, by: str) -> dict[str, str]:
        known, name = self._held.keys(self._version), (self._version.view, spec.name, by)
        if name not in known:
            known[name] = await super()._keys_by(spec, by)
        return known[name]

    async def _series(self, spec: MetricSpec, keys: Sequence[str]) -> list[Series]:
        view = self._version.view
        found = {key: self._held.get((view, spec.name, key)) for key in keys}
        lacking = [key for key, one in found.items() if one is None]
        for key, made in zip(lacking, await super()._series(spec, lacking) if lacking else (), strict=True):
            name = (view, spec.name, key)
            self._held.put(name, made.after(self._held.before(name)), self._version)
            found[key] = made
        return [one for one in found.values() if one is not None]
