"""Polls placed by what a source has shown: told apart from the cadence, shared among sources, and never too near."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from events.clock import SHANGHAI, VirtualClock
from events.messages import Outcome
from events.notice import Notice
from scrapers.history import Histories, MemoryHistories, RedisHistories, all_appeared, appeared
from scrapers.outcome import Verdict
from scrapers.room import ScraperRoom
from scrapers.runner import PollReport
from scrapers.schedule.share import Claim, allot
from scrapers.source import Source
from scrapers.times import parse_time
from scrapers.timing import AT_MOST, ENOUGH_TIMES, FLOOR, Timing, bounds, past_of, shares
from tests.scrapers.daily import daily
from tests.scrapers.hostile import Hostile, listed, page
from tests.scrapers.rig import A, rigged, small

NOW = datetime(2022, 7, 1, tzinfo=SHANGHAI)
SINCE = date(2022, 1, 3)


def notice(key: str, said: str) -> Notice:
    """An item that states a time, as precisely as ``said`` is."""
    at, precision = parse_time(said, SHANGHAI)
    whole: dict[str, object] = {
        "notice_id": key,
        "source_id": "s",
        "item_key": key,
        "url": "http://x.test/",
        "title": key,
    }
    whole |= {"published_at": at, "published_precision": precision, "detected_at": NOW}
    return Notice.model_validate(whole)


def afternoons(rng: Random, first: date, last: date, share: float = 0.6) -> list[datetime]:
    """An item between 15 and 16 o'clock of most working days."""
    return daily(rng, first, last, hour=15, share=share)


async def _noted(histories: Histories, source: Source, times: list[datetime]) -> None:
    await histories.note(source.id, {str(n): at for n, at in enumerate(times)})


def test_when_an_item_appeared() -> None:
    before, seen = datetime(2022, 3, 7, 1, tzinfo=UTC), datetime(2022, 3, 7, 3, tzinfo=UTC)
    minute = notice("a", "2022-03-07 10:30")
    assert appeared(minute, before, seen) == datetime(2022, 3, 7, 2, 30, tzinfo=UTC), "the minute that it states"
    old = notice("b", "2019-03-07 10:30")
    assert appeared(old, before, seen) == datetime(2022, 3, 7, 2, tzinfo=UTC), "an old item on a new page"
    assert appeared(notice("c", "2022-03-07"), before, seen) == datetime(2022, 3, 7, 2, tzinfo=UTC)
    assert appeared(notice("c", "2022-03-07"), seen - timedelta(days=2), seen) is None, "too long ago to guess"
    assert appeared(old, None, seen) == datetime(2019, 3, 7, 2, 30, tzinfo=UTC), "a first reading shows the past"
    assert appeared(notice("c", "2022-03-07"), None, seen) is None
    assert appeared(notice("d", "2030-01-01 10:30"), None, seen) is None, "nothing appears in the future"
    gone = minute.model_copy(update={"retracted": True})
    assert all_appeared([gone, notice("c", "2022-03-07")], before, seen) == {"c": datetime(2022, 3, 7, 2, tzinfo=UTC)}


@pytest.mark.asyncio
async def test_a_time_is_noted_once_in_redis_as_in_memory(redis: Redis) -> None:
    first, second = datetime(2022, 3, 7, 1, 30, tzinfo=UTC), datetime(2022, 3, 7, 2, tzinfo=UTC)
    for histories in (MemoryHistories(), RedisHistories(redis)):
        await histories.note("s", {})
        await histories.note("s", {"b": second, "a": first})
        await histories.note("s", {"a": second})
        assert await histories.times("s") == [first, second]
        assert await histories.times("other") == []


def test_a_past_must_be_long_enough_and_forgets_what_was_pinned() -> None:
    times = afternoons(Random(1), SINCE, NOW.date())
    past = past_of([datetime(2020, 1, 1, tzinfo=UTC), *times], NOW)
    assert past is not None
    assert past.since >= SINCE
    assert past_of(times[: ENOUGH_TIMES - 1], NOW) is None
    assert past_of([NOW - timedelta(minutes=n) for n in range(100)], NOW) is None, "one busy morning is no rhythm"


@settings(max_examples=100)
@given(
    st.dictionaries(st.text("abc", min_size=1), st.tuples(st.floats(0, 50), st.floats(0, 20), st.floats(0, 80))),
    st.floats(1, 500),
)
def test_a_budget_is_kept_to_and_bounds_are_respected(
    asked: dict[str, tuple[float, float, float]], total: float
) -> None:
    claims = {name: Claim(pull, least, least + more) for name, (pull, least, more) in asked.items()}
    given_ = allot(claims, total)
    assert sum(given_.values()) <= total * 1.001
    if sum(claim.least for claim in claims.values()) <= total:
        assert all(claims[name].least * 0.999 <= share <= claims[name].most * 1.001 for name, share in given_.items())


def test_the_busy_and_the_valued_get_more_of_the_budget() -> None:
    busy, calm, dear, cold = (small("http://x.test/", id=name) for name in ("busy", "calm", "dear", "cold"))
    dear = dear.model_copy(update={"value": 9.0})
    own = small("http://x.test/", id="own", polls_per_day=3.0)
    pasts = {
        name: past
        for name, share in (("busy", 0.9), ("calm", 0.2), ("dear", 0.2))
        if (past := past_of(afternoons(Random(2), SINCE, NOW.date(), share), NOW))
    }
    assert set(pasts) == {"busy", "calm", "dear"}
    given_ = shares([busy, calm, dear, cold, own], pasts)
    assert given_["cold"] == pytest.approx(24, rel=0.02), "the cadence of the catalogue"
    assert given_["own"] == 3.0
    assert FLOOR <= given_["calm"] < given_["busy"] < given_["dear"] <= 24 * AT_MOST * 1.001
    assert sum(given_.values()) <= 4 * 24 + 3 + 0.1
    halved = shares([busy, calm, dear, cold], pasts, 48)
    assert sum(halved.values()) == pytest.approx(48, rel=0.02)
    assert halved["calm"] < given_["calm"]


def test_polls_are_never_nearer_than_manners_allow() -> None:
    heavy = small("http://x.test/", delay=5.0)
    assert bounds(heavy, 7)[0] == timedelta(seconds=350)
    assert bounds(small("http://x.test/", delay=0.0), 1)[0] == timedelta(minutes=1)
    assert bounds(small("http://x.test/", cadence=43_200), 1)[1] == timedelta(hours=12)
    assert bounds(small("http://x.test/", cadence=900), 1)[1] == timedelta(hours=6)


@pytest.mark.asyncio
async def test_a_cold_start_keeps_to_the_cadence_and_says_so() -> None:
    source = small("http://x.test/")
    timing = Timing([source], MemoryHistories())
    planned = await timing.planned(source, NOW)
    assert (planned.at, "cadence" in planned.why) == (NOW + timedelta(hours=1), True)
    tight = await Timing([source], MemoryHistories(), per_day=12).planned(source, NOW)
    assert (tight.at, "budget" in tight.why) == (NOW + timedelta(hours=2), True)


@pytest.mark.asyncio
async def test_a_learned_schedule_waits_for_the_hours_that_matter_and_follows_news() -> None:
    rng, source = Random(3), small("http://x.test/")
    bursts = [at + timedelta(minutes=4 * n) for at in afternoons(rng, SINCE, NOW.date()) for n in range(3)]
    histories = MemoryHistories()
    await _noted(histories, source, bursts)
    timing = Timing([source], histories)
    at = datetime(2022, 7, 4, tzinfo=SHANGHAI)
    polls: list[datetime] = []
    while at < datetime(2022, 7, 5, tzinfo=SHANGHAI):
        planned = await timing.planned(source, at)
        at = planned.at
        polls.append(at.astimezone(SHANGHAI))
    assert sum(14 <= poll.hour < 17 for poll in polls) > len(polls) / 2, "most polls fall into three hours"
    assert max(after - before for before, after in pairwise(polls)) <= timedelta(hours=6), "and no hour is blind"
    assert "between 14:00 and 17:00 on working days" in planned.why
    noon = datetime(2022, 7, 5, 12, tzinfo=SHANGHAI)
    stirred = await timing.planned(source, noon, [noon])
    assert stirred.at - noon <= timedelta(minutes=15)
    assert "likely to be followed" in stirred.why


@pytest.mark.asyncio
async def test_a_learned_schedule_says_what_it_waits_for_and_what_it_does_not() -> None:
    source, histories = small("http://x.test/"), MemoryHistories()
    await _noted(histories, source, afternoons(Random(3), SINCE, NOW.date(), share=1.0))
    timing = Timing([source], histories)
    at = datetime(2022, 7, 4, 15, 30, tzinfo=SHANGHAI)
    late = await timing.planned(source, at)
    assert "nothing has come yet that on 5" in late.why  # about half of the days
    assert late.at - at < timedelta(minutes=30)
    without = await timing.planned(source, late.at)
    done = await timing.planned(source, late.at, [at])
    assert "news at 15:" in done.why
    assert "is likely to be all for" in done.why
    assert done.at - late.at > 2 * (without.at - late.at)
    assert "by its rhythm" in (await timing.planned(source, at.replace(hour=6, day=5))).why


@pytest.mark.asyncio
async def test_a_source_that_is_not_well_is_not_polled_by_its_rhythm(tmp_path: Path, clock: VirtualClock) -> None:
    async with Hostile() as site, rigged(tmp_path, clock) as rig:
        source = small(site.url(), cadence=7200)
        rig.runner.timing = Timing([source], MemoryHistories())
        site.pages["/list"] = page(b"", 503)
        bad = (await rig.poll(source)).health
        assert bad.next_poll_at is not None
        assert bad.next_poll_at - bad.at < timedelta(minutes=3)
        assert (
            bad.next_poll_why == "outage, bad poll 1 in a row: tried again soon, at growing intervals up to the cadence"
        )
        site.pages["/list"] = page(b"", 429, retry_after="9000")
        busy = (await rig.poll(source)).health
        assert busy.next_poll_at is not None
        assert busy.next_poll_at - busy.at >= timedelta(seconds=9000)
        assert busy.next_poll_why == "the site asked for a pause of 9000 s"


class _Away(MemoryHistories):
    async def times(self, source_id: str) -> list[datetime]:
        raise ConnectionError("the store is away")


@pytest.mark.asyncio
async def test_without_the_store_the_cadence_stands(tmp_path: Path, clock: VirtualClock) -> None:
    async with Hostile() as site, rigged(tmp_path, clock) as rig:
        site.pages["/list"] = listed(A)
        source = small(site.url())
        rig.runner.timing = Timing([source], _Away())
        report = await rig.poll(source)
    assert (report.outcome, report.health.next_poll_why) == (Outcome.NEW, "the cadence of the catalogue")
    assert Verdict(report.outcome, "").outcome.healthy


@pytest.mark.asyncio
@pytest.mark.parametrize("learned", [False, True])
async def test_the_room_sees_news_sooner_for_the_same_polls(tmp_path: Path, learned: bool) -> None:
    """Three weeks of a site that publishes in the afternoon, after half a year of the same: real requests, a virtual clock."""
    begin, end = datetime(2022, 7, 4, tzinfo=SHANGHAI), datetime(2022, 7, 25, tzinfo=SHANGHAI)
    clock, told = VirtualClock(begin), list[tuple[datetime, PollReport]]()
    coming = afternoons(Random(5), begin.date(), end.date(), 1.0)
    async with Hostile() as site, rigged(tmp_path, clock) as rig:
        source = small(site.url(), details=False, delay=0.0, cadence=7200, never_empty=False, withdrawn_after=0)
        if learned:
            histories = MemoryHistories()
            await _noted(histories, source, afternoons(Random(4), SINCE, begin.date()))
            rig.runner.timing = Timing([source], histories)
        stop = asyncio.Event()
        room = ScraperRoom(rig.runner, [source], seed=1, told=lambda report: told.append((clock.now(), report)))
        site.pages["/list"] = listed()
        task = asyncio.create_task(room.run(stop))
        await asyncio.sleep(0)
        await room.settled()
        while (wake := clock.next_wake()) is not None and wake < end:
            out = [A | {"key": str(at), "date": f"{at:%Y-%m-%d}"} for at in reversed(coming) if at <= wake]
            site.pages["/list"] = listed(*out[:20])
            await clock.advance_to(wake)
            await room.settled()
        stop.set()
        await task
    seen = {n.item_key: at for at, report in told for n in report.notices}
    waits = [(seen[str(at)] - at).total_seconds() / 60 for at in coming if str(at) in seen]
    assert len(waits) == len(coming)
    assert max(count for count in rig.sent.keys.values()) == 1
    apart = [(after - before).total_seconds() for (before, _), (after, _) in pairwise(told)]
    assert min(apart) >= 60
    assert len(told) <= 21 * 12 * 1.1
    assert (fmean(waits) < 25) is learned, f"mean wait {fmean(waits):.0f} min over {len(told)} polls"
