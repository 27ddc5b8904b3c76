"""``python -m bench.flow --events N --rounds R --only abc``: the contenders' figures and ratios, also on Apache Kafka."""

from __future__ import annotations

import argparse
import asyncio

from bench.flow.contenders import CONTENDERS
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
    asked = parser.parse_args()
    found = asyncio.run(
        flow(asked.events, asked.rounds, lambda text: print(text, flush=True), only=asked.only, real=asked.kafka)
    )
    print(f"medians of {asked.rounds}")
    for contender in CONTENDERS:
        if contender.key in found:
            print(line(contender, found[contender.key]))
    for name, ratio in ratios(found).items():
        print(f"{name}: {ratio:.2f}")


if __name__ == "__main__":
    main()
