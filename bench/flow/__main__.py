"""``python -m bench.flow --events N --rounds R --only abc``: the contenders' figures and ratios, also on Apache Kafka."""

from __future__ import annotations

import argparse
import asyncio
import os

from bench.flow.contenders import CONTENDERS
from bench.flow.peers.job import REMEMBER
from bench.flow.run import ALL, flow, line, ratios


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.flow", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=ALL, help=f"letters of contenders, of {ALL}")
    parser.add_argument(
        "--kafka", action="store_true", help="Apache Kafka and redis-server instead of the embedded servers"
    )
    parser.add_argument("--distinct", action="store_true", help="each text that is read for its meaning comes once")
    parser.add_argument("--remember", action="store_true", help="the peers remember answers too, as our worker does")
    asked = parser.parse_args()
    if asked.remember:
        os.environ[REMEMBER] = "1"
    found = asyncio.run(
        flow(
            asked.events,
            asked.rounds,
            lambda text: print(text, flush=True),
            only=asked.only,
            real=asked.kafka,
            distinct=asked.distinct,
        )
    )
    print(f"medians of {asked.rounds}")
    for contender in CONTENDERS:
        if contender.key in found:
            print(line(contender, found[contender.key]))
    for name, ratio in ratios(found).items():
        print(f"{name}: {ratio:.2f}")


if __name__ == "__main__":
    main()
