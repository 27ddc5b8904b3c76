"""A view that is read once: facts that many metrics share are fetched for the first of them and kept."""

from __future__ import annotations

from datetime import date

from redis.asyncio import Redis

from events.view.derived.spec import DerivedSpec, Facts
from events.view.reader import View
from events.view.series import Window


class Once(View):
    """The view for `medpulse.verify.compare`, which asks for each metric by each dimension and window. Not for a live page."""

    def __init__(self, redis: Redis, name: str | None = None) -> None:
        super().__init__(redis, name)
        self._kept: dict[tuple[tuple[str, ...], date], Facts] = {}

    async def _facts(self, spec: DerivedSpec, within: Window) -> Facts:
        key = spec.needs, within.end
        if key not in self._kept:
            self._kept[key] = await super()._facts(spec, within)
        return self._kept[key]
