"""The Faust worker in this process, on the servers that are set."""

from __future__ import annotations

import asyncio

from events.clock import SystemClock
from medpulse.backends import Backends
from medpulse.house import answering, house
from medpulse.rooms import probed
from medpulse.settings import Settings
from streams.app import StreamConfig
from streams.worker import run_worker


def worker(settings: Settings) -> None:
    """Run until SIGINT or SIGTERM; ends the process. Raises `BrokerAway`, redis ConnectionError or `Failure` at the start."""
    found = Backends(settings.kafka or "", settings.redis or "", settings.idempotent is not False, attended=True)
    asyncio.run(_topics(settings, found))
    folder = settings.home.absolute() / "faust"
    folder.mkdir(parents=True, exist_ok=True)
    with probed(settings, "worker") as probe:
        run_worker(
            StreamConfig(found.kafka, found.redis, str(folder), idempotent=found.idempotent, heals=True, probe=probe)
        )


async def _topics(settings: Settings, found: Backends) -> None:
    await answering(settings, found)
    async with house(settings, found, SystemClock()):
        """Making the topics is all that is wanted: source topics must exist before a worker starts."""
