"""The short version of `make chaos-alerts`: a receiver that fails, dispatchers that are killed, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.chaos_alerts.run import Chaos, Plan

pytestmark = pytest.mark.integration


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_nothing_is_lost_and_every_duplicate_is_marked(tmp_path: Path) -> None:
    async with Chaos.on_servers(Plan(alerts=200, kills=3, processes=2, seed=7), tmp_path) as chaos:
        result = await chaos.run()
    assert (result.lost, result.duplicates_unmarked, result.unrecorded) == (0, 0, 0), result.line
    assert result.kills == 3
    assert result.failures > 0
