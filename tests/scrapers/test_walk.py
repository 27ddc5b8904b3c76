"""One walk over the catalogue with a whole poll of each source against the town: whoever adds one adds its simulator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events.clock import VirtualClock
from events.messages import Outcome
from scrapers.outcome import has
from scrapers.polite import Manners
from scrapers.room import Outfit, open_runner
from scrapers.round import Limits
from scrapers.seen import MemorySeen
from scrapers.source import Source, catalog
from simulator.facts import facts
from simulator.town import Town
from simulator.transport import TownTransport
from tests.scrapers.rig import FAST, Sent, driven

WHEN = datetime(2022, 8, 24, 12, tzinfo=UTC)
LATER = {
    "nhsa-price-guides": datetime(2025, 6, 1, 12, tzinfo=UTC),
    "hkex-new-listings": datetime(2021, 11, 20, 12, tzinfo=UTC),
    "openfda-510k": datetime(2022, 4, 20, 12, tzinfo=UTC),
}
"""A day on which a source of the town has something to say."""

ENOUGH = 40
"""Polls after which the history that a first one leaves over has been read."""


@pytest.mark.asyncio
@pytest.mark.parametrize("source", catalog().values(), ids=lambda source: source.id)
async def test_a_poll_of_the_town_finds_items_and_the_next_one_nothing_new(source: Source, tmp_path: Path) -> None:
    when = LATER.get(source.id, WHEN)
    clock, sent = VirtualClock(when - timedelta(days=1)), Sent()
    transport = TownTransport(Town(facts(), clock))
    outfit = Outfit(tmp_path, FAST, Manners(failures=50), Limits(files=0), transport=transport, simulated=True, seed=1)
    async with open_runner(outfit, clock, MemorySeen(), sent) as runner:
        first = await driven(runner.pace, clock, runner.poll(source))
        await clock.advance_to(when)
        reports = [first]
        while reports[-1].items_new or len(reports) < 3:
            reports.append(await driven(runner.pace, clock, runner.poll(source)))
            assert len(reports) < ENOUGH, f"{source.id} goes on having news"
    bad = [r.detail for r in reports if r.outcome not in {Outcome.NEW, Outcome.UNCHANGED, Outcome.EMPTY}]
    assert not bad, (
        f"the town does not answer for {source.id}: {bad[0]}; give it a row in simulator/facts (CONTRIBUTING.md)"
    )
    assert sent.notices, f"the town has nothing of {source.id}: {first.detail}"
    assert max(sent.keys.values()) == 1
    lacking = [n.item_key for n in sent.notices if not all(has(n, name) for name in source.required)]
    assert len(lacking) * 2 <= len(sent.notices), f"most items of {source.id} lack one of {source.required}"


def test_a_list_that_may_be_empty_is_named_by_a_source_that_never_is() -> None:
    source = catalog()["hkex-applications"]
    packs, applications = str(source.params["files"][1]), str(source.params["files"][0])  # type: ignore[index]
    assert source.may_be_empty(packs)
    assert not source.may_be_empty(applications)
