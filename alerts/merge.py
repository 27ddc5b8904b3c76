"""Two reports of one alert make one: it keeps its beginning, gains sources, and once it has ended it stays so. Pure."""

from __future__ import annotations

from events.messages import Alert, AlertSource, AlertStatus


def merged(stored: Alert | None, said: Alert) -> Alert:
    """What is known of an alert after it was said (again).

    A fact keeps the words that it was first told with: a corrected notice is no second piece of news. A standing alert takes
    those of the latest report, unless that is older than its end.
    """
    if stored is None:
        return said
    sources = _union(stored.sources, said.sources)
    if not stored.standing or stored.status is AlertStatus.RESOLVED:
        return stored.model_copy(update={"sources": sources})
    return said.model_copy(update={"sources": sources, "raised_at": min(stored.raised_at, said.raised_at)})


def _union(one: tuple[AlertSource, ...], other: tuple[AlertSource, ...]) -> tuple[AlertSource, ...]:
    known = {(source.source_id, source.url) for source in one}
    return (*one, *(source for source in other if (source.source_id, source.url) not in known))
