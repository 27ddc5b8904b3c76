"""What the tests of the shell ask for: a site that misbehaves, and scrapers to poll it with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from events.clock import VirtualClock
from tests.scrapers.hostile import Hostile
from tests.scrapers.rig import Rig, rigged


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Hostile]:
    """A server on loopback without a single page."""
    async with Hostile() as server:
        yield server


@pytest_asyncio.fixture
async def rig(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Rig]:
    """Scrapers of the small platform on the tests' clock."""
    async with rigged(tmp_path, clock) as made:
        yield made
