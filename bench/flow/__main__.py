"""``python -m bench.flow --events N --rounds R --only abc``: the contenders' figures and ratios, also on Apache Kafka.

The sizes that `make bench` takes are the defaults, six minutes on two idle cores; ``--events 200000 --rounds 5`` takes hours,
most of them in the peers. ``--workers 1,2,4`` measures how our worker grows instead.
"""

from __future__ import annotations

import argparse
import asyncio
import os

from bench.flow.contenders import CONTENDERS
from bench.flow.growth import growth
from bench.flow.peers.job import REMEMBER
from bench.flow.run import ALL, EVENTS, ROUNDS, flow, line, ratios
from bench.report import growth_lines


def _say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.flow", description=(__doc__ or "").split(": ", 1)[1])
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--workers", help="growth instead of contenders: numbers of workers, such as 1,2,4")
    parser.add_argument("--only", default=ALL, help=f"letters of contenders, of {ALL}")
    parser.add_argument(
        "--kafka", action="store_true", help="Apache Kafka and redis-server instead of the embedded servers"
    )
    parser.add_argument("--distinct", action="store_true", help="each text that is read for its meaning comes once")
    parser.add_argument("--remember", action="store_true", help="the peers remember answers too, as our worker does")
    asked = parser.parse_args()
    if asked.remember:
        os.environ[REMEMBER] = "1"
    if asked.workers:
        numbers = [int(one) for one in asked.workers.split(",")]
        grown = asyncio.run(growth(asked.events, numbers, _say, real=asked.kafka))
        print("\n".join(f"{one.what}: {one.measured}" for one in growth_lines(grown, asked.events)))
        return
    found = asyncio.run(
        flow(
            asked.events,
            asked.rounds,
            _say,
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
