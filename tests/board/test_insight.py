"""What is kept between days and versions says, for every day, what is worked out for that day alone."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate

import pytest
from redis.asyncio import Redis

from board.held import Held
from board.index.follow import Index
from board.insight import NEEDS, insight
from board.kept import Kept
from board.reading import Reading
from board.summary import certificates, pricing, scenarios
from events.view.derived.figures import figures, sectors
from events.view.derived.funnel import STEPS, paths
from events.view.derived.spec import Facts
from events.view.reader import View

pytestmark = pytest.mark.asyncio
DAYS = [date(2019, 12, 31), *(date(2020, 1, 14) + timedelta(days=n) for n in range(0, 960, 97)), date(2022, 9, 1)]


async def reading(redis: Redis) -> Reading:
    """A reading that keeps what it has worked out, as the board's do."""
    index = Index(redis)
    await index.fresh()
    await index.aclose()
    return Reading.of(redis, Kept(), Held(index))


async def test_the_funnel_is_what_its_metrics_say(filled: Redis) -> None:
    view = View(filled)
    for day in DAYS:
        tables = [
            await view.derived_table(f"funnel_{name}", "step", day) for name in ("products", "companies", "lag_days")
        ]
        shown = (await insight(view, day)).funnel
        assert [step.step for step in shown] == list(STEPS)
        for step in shown:
            products, companies, lag = (table.get(step.step) for table in tables)
            assert (step.products, step.companies, step.lag_days) == (products or 0, companies or 0, lag)


async def test_facts_of_a_series_that_holds_later_days_are_those_of_the_day(filled: Redis) -> None:
    kept = await reading(filled)
    for day in DAYS:
        held = await kept.view.facts(NEEDS, day)
        alone = Facts({name: held[name] for name in NEEDS})
        assert [vars(path) for path in paths(held)] == [vars(path) for path in paths(alone)]
        assert figures(held) == figures(alone)
        assert sectors(held) == sectors(alone)
    assert figures(held)


async def test_the_certificates_of_a_day_are_the_beginning_of_those_of_all_days(filled: Redis) -> None:
    kept, plain = await reading(filled), View(filled)
    for day in DAYS:
        daily = {d: n for d, n in (await plain.daily("class3_certificates")).items() if d <= day.isoformat()}
        found = await certificates(kept, day)
        assert {one.day.isoformat(): one.added for one in found} == daily
        assert [one.total for one in found] == list(accumulate(daily.values()))
        by_scenario = await plain.table("class3_certificates", "scenario", day)
        assert {row.key: (row.value, sum(row.added.values())) for row in await scenarios(kept, day)} == {
            scenario: (n, n) for scenario, n in by_scenario.items()
        }
        priced = {row.key: row.value for row in await pricing(kept, day)}
        assert priced == await plain.table("pricing_provinces", "product", day)
