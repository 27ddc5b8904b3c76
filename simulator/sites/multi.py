"""One host with several parts, each a site of its own: applications and filings of HKEX, reviews and announcements of SZSE."""

from __future__ import annotations

from datetime import datetime

from simulator.faults import Quirks
from simulator.sites.site import Site, Timeline
from simulator.web import Ask, Reply


class Shared:
    """The parts answer in their order. The newest item is that of the first part, so that an item fault meets that one."""

    def __init__(self, *parts: Site) -> None:
        self._parts = parts
        self.hosts = parts[0].hosts
        self.faults = frozenset.intersection(*(part.faults for part in parts))
        self.timeline = Timeline(at for part in parts for at in part.timeline.instants)

    def newest(self, at: datetime) -> str | None:
        return self._parts[0].newest(at)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        return next((reply for part in self._parts if (reply := part.answer(ask, at, quirks))), None)
