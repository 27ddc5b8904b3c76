"""The sector for digests: the board's figures, names and charts, told to the room of alerts, which never imports the board."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import structlog
from redis.asyncio import Redis

from alerts.digest.content import Item, Lang, Picture
from alerts.digest.sector import Figure
from board.orders import ChartName, Size, order
from board.reading import Reading
from board.render import NotDrawn, Renderer
from board.show import company, detail, safe_url
from board.summary import FIGURES
from board.words import Lang as BoardLang
from board.words import Words
from events.clock import shanghai_day
from events.event import EventBase

log = structlog.get_logger()
PAGE = 500
MOST_READ = 20_000
"""No more events than this are looked through for those of a period."""

OLDEST_DAYS = 365
"""An event that is older than this when it is first seen is history, of a source that is new, and no news."""

PICTURE_WIDTH = 400
"""CSS pixels in a mail. The charts are those for phones, which are read on any screen; a mail cannot ask which it is on."""


class BoardSector:
    """Reads the live view. `aclose` ends the drawing process."""

    def __init__(self, redis: Redis) -> None:
        self._reading = Reading.of(redis)
        self._renderer = Renderer()

    async def figures(self, before: date, as_of: date, lang: Lang) -> list[Figure]:
        """The board's key figures."""
        words = Words(BoardLang(lang))
        made = []
        for key, (name, dims) in FIGURES.items():
            then, now = await self._reading.view.history(name, [before, as_of], dims)
            made.append(Figure(key, words(f"figure.{key}"), then, now))
        return made

    async def events(self, start: date, end: date, lang: Lang, most: int) -> tuple[list[Item], int]:
        """What was detected in the period, newest first; what was history by then is left out."""
        words = Words(BoardLang(lang))
        found = [event for event in await self._recent(start) if start <= shanghai_day(event.detected_at) <= end]
        return [_item(event, words) for event in found[:most]], max(0, len(found) - most)

    async def pictures(self, charts: Sequence[str], as_of: date, lang: Lang) -> list[Picture]:
        """The board's charts in their light look, as PNG."""
        words = Words(BoardLang(lang))
        made = []
        for name in map(ChartName, charts):
            found = await order(self._reading, name, as_of)
            asked = found.model_copy(update={"lang": BoardLang(lang), "size": Size.NARROW})
            try:
                png = await self._renderer.png(asked)
            except NotDrawn as error:
                log.warning("digest.chart_not_drawn", chart=str(name), error=str(error))
                continue
            title, note = words(name), words(f"{name}.note")
            made.append(Picture.model_construct(id=str(name), title=title, alt=note, width=PICTURE_WIDTH, png=png))
        return made

    async def aclose(self) -> None:
        """End the drawing process, if one was started."""
        await self._renderer.aclose()

    async def _recent(self, start: date) -> list[EventBase]:
        """The events that are young enough to be news of a period that begins on ``start``, newest first."""
        oldest = start - timedelta(days=OLDEST_DAYS)
        found: list[EventBase] = []
        while len(found) < MOST_READ:
            page = await self._reading.view.events(limit=PAGE, offset=len(found))
            found += page
            last = page[-1] if page else None
            if last is None or shanghai_day(last.event_time or last.detected_at) < oldest:
                break
        return [event for event in found if shanghai_day(event.event_time or event.detected_at) >= oldest]


def _item(event: EventBase, words: Words) -> Item:
    about = " · ".join(filter(None, (company(event), detail(event, words))))
    return Item(
        kind=words.value("event", str(getattr(event, "type", ""))),
        title=event.title,
        detail=about,
        url=safe_url(event.url),
        day=words.instant(event.event_time, event.event_time_precision) if event.event_time else words("undated"),
        illustrative=event.illustrative,
    )
