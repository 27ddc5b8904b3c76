"""``python -m bench.guard``: holds ratios (never seconds) against the last accepted ones; exit code 1 where one became worse.

Ratios of two readings of the same bytes by the same process hardly depend on the machine; what noise is left has room.
``--accept`` writes today's ratios to `ACCEPTED`. About 10 s.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from bench import parsing

ACCEPTED = Path(__file__).with_name("accepted.json")
ROOM = 1.4
"""A ratio may be so many times the accepted one: runs on a loaded machine were seen to differ by a fifth."""


def ratios(found: Sequence[parsing.Speed]) -> dict[str, float]:
    """The figures that are guarded, smaller is better; pure. Geometric means over platforms."""
    markup = [one for one in found if one.naive]
    return {
        "parsing, time of lxml or orjson": statistics.geometric_mean(one.times for one in found),
        "parsing, time of html.parser": statistics.geometric_mean(one.naive / one.ours for one in markup),
    }


def worse(accepted: Mapping[str, float], now: Mapping[str, float]) -> list[str]:
    """What became worse by more than `ROOM`, or is measured no more; pure."""
    gone = [f"{name}: not measured any more" for name in accepted if name not in now]
    return gone + [
        f"{name}: {now[name]:.2f}, accepted {before:.2f}, at most {before * ROOM:.2f}"
        for name, before in accepted.items()
        if name in now and now[name] > before * ROOM
    ]


def main() -> int:
    """Measure, then accept or judge."""
    parser = argparse.ArgumentParser(prog="python -m bench.guard", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--accept", action="store_true", help="write today's ratios as the accepted ones")
    asked = parser.parse_args()
    now = ratios(parsing.run(3))
    for name, ratio in now.items():
        print(f"{name}: {ratio:.2f}")
    if asked.accept:
        rounded = {name: round(ratio, 3) for name, ratio in now.items()}
        ACCEPTED.write_bytes(orjson.dumps(rounded, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        return 0
    found = worse(orjson.loads(ACCEPTED.read_bytes()), now)
    print("\n".join(found) if found else "no ratio became worse")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
