"""Making a digest: the figures and what happened, the alerts that were raised, the charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from redis.asyncio import Redis

from alerts.digest.content import Digest, Item, Lang, Line, Period
from alerts.digest.sector import Figure, Sector
from alerts.stages.wanted import ALL, LOUDNESS, Wanted
from alerts.texts import local_time
from events.clock import SHANGHAI
from events.messages import Alert
from events.view import layout

MOST_EVENTS = 30
MOST_ALERTS = 30


@dataclass(frozen=True, slots=True)
class Request:
    """A digest to be made. ``told`` are the figures of the last one; without them, those of the day before it begins."""

    id: str
    period: Period
    start: date
    end: date
    lang: Lang = Lang.EN
    charts: tuple[str, ...] = ()
    wanted: Wanted = ALL
    told: Mapping[str, int] = field(default_factory=dict)
    board: str | None = None


async def compose(asked: Request, sector: Sector, redis: Redis) -> tuple[Digest, dict[str, int]]:
    """The digest, and the figures that it tells, by key, for the next one to compare with."""
    figures = await sector.figures(asked.start - timedelta(days=1), asked.end, asked.lang)
    items, more = await sector.events(asked.start, asked.end, asked.lang, MOST_EVENTS)
    raised = await alerts_of(redis, asked)
    made = Digest(
        id=asked.id,
        period=asked.period,
        lang=asked.lang,
        start=asked.start,
        end=asked.end,
        lines=lines_of(figures, asked.told),
        items=tuple(items),
        more=more,
        alerts=tuple(item_of(alert, asked.lang) for alert in raised[:MOST_ALERTS]),
        more_alerts=max(0, len(raised) - MOST_ALERTS),
        board=_as_of(asked.board, asked.end, asked.lang),
        illustrative=any(item.illustrative for item in items) or any(alert.illustrative for alert in raised),
    )
    # A digest that says that nothing happened needs no picture of it.
    pictures = [] if made.empty else await sector.pictures(asked.charts, asked.end, asked.lang)
    return made.model_copy(update={"pictures": tuple(pictures)}), {f.key: f.value for f in figures}


async def alerts_of(redis: Redis, asked: Request) -> list[Alert]:
    """The alerts that were raised in the period and that the receiver wants, the loudest and then the latest first."""
    since = datetime.combine(asked.start, time.min, SHANGHAI).timestamp()
    until = datetime.combine(asked.end + timedelta(days=1), time.min, SHANGHAI).timestamp()
    ids = await redis.zrangebyscore(layout.RAISED, since, f"({until}")
    if not ids:
        return []
    found = await redis.hmget(layout.ALERTS, [layout.text(i) for i in ids])
    alerts = [Alert.model_validate_json(raw) for raw in found if raw is not None]
    wanted = [alert for alert in alerts if asked.wanted.wants(alert)]
    return sorted(wanted, key=lambda a: (-LOUDNESS[a.severity], -a.raised_at.timestamp(), a.alert_id))


def lines_of(figures: Sequence[Figure], told: Mapping[str, int]) -> tuple[Line, ...]:
    """The figures, each with its change since it was ``told``, or else since the day before the period."""
    return tuple(Line(name=f.name, value=f.value, change=f.value - told.get(f.key, f.before)) for f in figures)


def item_of(alert: Alert, lang: Lang) -> Item:
    """An alert as a line of a digest."""
    zh = alert.labels.get("title_zh") if lang is Lang.ZH else None
    return Item(
        kind=alert.severity.value,
        title=zh or alert.title,
        detail=" · ".join(
            alert.labels[name] for name in ("company", "certificate", "province") if alert.labels.get(name)
        ),
        url=alert.url,
        day=local_time(alert.raised_at),
        severity=alert.severity,
        illustrative=alert.illustrative,
    )


def _as_of(board: str | None, day: date, lang: Lang) -> str | None:
    """The board as it was at the end of the period."""
    return f"{board.rstrip('/')}/?as_of={day.isoformat()}&lang={lang}" if board else None
