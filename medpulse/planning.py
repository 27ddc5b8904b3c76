"""The schedule of each source, worked out from Redis as the scrapers work it out: for people who want to know why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from events.clock import SHANGHAI, shanghai_day
from events.messages import SourceHealth
from events.view.reader import View
from events.workdays import DayKind
from medpulse.backends import store
from medpulse.scraping import chosen
from medpulse.settings import Settings
from scrapers.history import RedisHistories
from scrapers.schedule.rhythm import Rhythm
from scrapers.source import Source
from scrapers.timing import Past, busiest, past_of, policy_of, shares

SHOWN = ("id", "placed_by", "polls_per_day", "cadence_per_day", "items_per_day", "next_poll", "why")
_DAY = 86_400


async def schedules(settings: Settings, only: str | None, now: datetime) -> list[dict[str, Any]]:
    """The schedule of every source that is polled here, or of one. ``now`` is aware. Raises `Failure` for an unknown id."""
    sources = chosen(settings.chosen_sources)
    wanted = sources if only is None else chosen((only,))
    every = {one.id: one for one in [*sources, *wanted]}
    async with store(settings) as redis:
        histories = RedisHistories(redis)
        times = {name: await histories.times(name) for name in every}
        health = {one.source_id: one for one in await View(redis).health()}
    learned = settings.schedule == "learned"
    pasts = {name: past for name, some in times.items() if learned and (past := past_of(some, now))}
    given = shares(every.values(), pasts, settings.polls_per_day if learned else None)
    rows = [_row(one, times[one.id], pasts.get(one.id), given[one.id], health.get(one.id), now) for one in wanted]
    return rows if only is None else [rows[0] | _detail(wanted[0], pasts.get(only), given[only], now)]


def _row(
    source: Source,
    times: Sequence[datetime],
    past: Past | None,
    share: float,
    health: SourceHealth | None,
    now: datetime,
) -> dict[str, Any]:
    following = health.next_poll_at if health else None
    return {
        "id": source.id,
        "placed_by": "rhythm" if past else "cadence",
        "polls_per_day": round(share, 1),
        "cadence_per_day": round(_DAY / source.cadence, 1),
        "value": source.value,
        "items_known": len(times),
        "learned_since": past.since.isoformat() if past else None,
        "items_per_day": round(past.per_day(shanghai_day(now)), 2) if past else None,
        "busiest": busiest(past.rhythm) if past else None,
        "next_poll": following.astimezone(SHANGHAI).isoformat(timespec="seconds") if following else None,
        "why": health.next_poll_why if health else "not polled yet: within seconds of the start",
    }


def _detail(source: Source, past: Past | None, share: float, now: datetime) -> dict[str, Any]:
    if past is None:
        return {"timetable": [], "items_by_hour": []}
    scheduler = policy_of(source, past, share, now).standing.scheduler
    polls = [f"{minute // 60:02}:{minute % 60:02}" for minute in scheduler.timetable(shanghai_day(now))]
    return {
        "price_item_minutes": round(scheduler.price, 3),
        "least_minutes": scheduler.least.total_seconds() / 60,
        "longest_minutes": scheduler.longest.total_seconds() / 60,
        "followed_by": round(past.rhythm.follow, 2),
        "followed_within_minutes": past.rhythm.decay,
        "calm_after_news_minutes": past.rhythm.lull.minutes if past.rhythm.lull else 0,
        "timetable": polls,
        "items_by_hour": [{"hour": f"{hour:02}", **_expected(past.rhythm, hour)} for hour in range(24)],
    }


def _expected(rhythm: Rhythm, hour: int) -> dict[str, float]:
    return {
        name: round(sum(rhythm.rates[kind][hour * 60 : hour * 60 + 60]), 4)
        for name, kind in (("working_day", DayKind.WORKING), ("free_day", DayKind.FREE))
    }
