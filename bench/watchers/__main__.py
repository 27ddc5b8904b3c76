"""``python -m bench.watchers --pages 200 --hours 24``: the cost of a thousand checks, and what was told and missed."""

from __future__ import annotations

import argparse
import asyncio

from bench.watchers.run import CONTENDERS, watch


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.watchers", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--only", default=",".join(CONTENDERS), help=f"of {', '.join(CONTENDERS)}")
    asked = parser.parse_args()
    chosen = asked.only.split(",")
    if unknown := set(chosen) - set(CONTENDERS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(CONTENDERS)}")
    asyncio.run(watch(asked.pages, asked.hours, lambda text: print(text, flush=True), chosen))


if __name__ == "__main__":
    main()
