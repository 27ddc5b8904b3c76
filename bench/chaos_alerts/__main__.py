"""``make chaos-alerts``: the last line says what was lost and what was told twice without a mark; exit code 1 if anything was.

A real broker (Tansu, or Apache Kafka with ``--kafka``), a real Valkey, real dispatcher processes that are killed with SIGKILL,
half of the time while the receiver has their message in its hands.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from bench.chaos_alerts.run import Chaos, Plan


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos_alerts", description=__doc__)
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kafka", action="store_true", help="Apache Kafka instead of Tansu; needs Java and Maven")
    return parser.parse_args()


async def main() -> int:
    found = _arguments()
    plan = Plan(found.alerts, found.kills, found.processes, found.seed)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="medpulse-chaos-")))
        chaos = await stack.enter_async_context(Chaos.on_servers(plan, folder, kafka=found.kafka))
        result = await chaos.run()
    print(result.line)
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
