"""A view that is read once: facts that many metrics share are fetched for the first of them, and kept until others are."""

from __future__ import annotations

from datetime import date

from redis.asyncio import Redis

from events.view.derived.spec import DerivedSpec, Facts
from events.view.reader import View
from events.view.series import Window


class Once(View):
    """The view for `medpulse.verify.compare`, which asks for each metric by each dimension and window. Not for a live page.

    It asks for the metrics that share facts one after the other, so that the last are all that is kept.
    """

    def __init__(self, redis: Redis, name: str | None = None) -> None:
        super().__init__(redis, name)
        self._kept: tuple[tuple[tuple[str, ...], date], Facts] | None = None

    async def _facts(self, spec: DerivedSpec, within: Window) -> Facts:
        key = spec.needs, within.end
        if self._kept is None or self._kept[0] != key:
            self._kept = None
            self._kept = key, await super()._facts(spec, within)
        return self._kept[1]
