"""``python -m bench.latency --rates 1,10,100 --scale 1``: from a page's row to Slack's receipt, p50 and p99, and by hop."""

from __future__ import annotations

import argparse
import asyncio

from bench.latency.run import SECONDS, latency


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.latency", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--rates", default="1,10,100", help=f"events a second, of {', '.join(map(str, SECONDS))}")
    parser.add_argument("--scale", type=float, default=1.0, help="how many times the usual length each rate lasts")
    asked = parser.parse_args()
    rates = [int(rate) for rate in asked.rates.split(",")]
    if unknown := set(rates) - set(SECONDS):
        parser.error(f"there is no rate {sorted(unknown)}; there are {', '.join(map(str, SECONDS))}")
    asyncio.run(latency(rates, lambda text: print(text, flush=True), asked.scale))


if __name__ == "__main__":
    main()
