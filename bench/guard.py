"""``python -m bench.guard``: holds ratios (never seconds) against the last accepted ones; exit code 1 where one became worse.

Ratios of two works of one process, which take turns and are measured in seconds of processor, hardly depend on the machine;
what noise is left has room. ``--accept`` writes today's ratios to `ACCEPTED`. About 12 s of processor.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson
from bs4 import BeautifulSoup

from bench import parsing
from bench.explain import TEXTS
from bench.result import taking_turns
from simulator.markup import page as markup
from streams.enrich.explain import explain

ACCEPTED = Path(__file__).with_name("accepted.json")
ROOM = 1.4
"""A ratio may be so many times the accepted one: five runs at a load of 8 to 10 differed by 3 % (parsing), 14 % (explain)."""
PARSING, NAIVE, EXPLAIN = (
    "parsing, time of lxml or orjson",
    "parsing, time of html.parser",
    "explain, time of html.parser",
)


def ratios(found: Sequence[parsing.Speed]) -> dict[str, float]:
    """The figures of parsing that are guarded, smaller is better; pure. Geometric means over platforms."""
    marked_up = [one for one in found if one.naive]
    return {
        PARSING: statistics.geometric_mean(one.times for one in found),
        NAIVE: statistics.geometric_mean(one.naive / one.ours for one in marked_up),
    }


def explain_ratio(rounds: int = 5) -> float:
    """The time to find what four texts mean, as a part of the time in which html.parser reads a list of twenty rows."""
    rows = [{"href": f"/{n}.html", "title": f"第{n}号通知", "date": "2022-03-07"} for n in range(20)]
    page = markup("province_list.html", bureau="医疗保障局", style="list", rows=rows)

    def explained() -> None:
        for text in TEXTS:
            explain(text)

    ours, reference = taking_turns([explained, lambda: BeautifulSoup(page, "html.parser")], rounds)
    return ours / reference


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
    now = {**ratios(parsing.run(3)), EXPLAIN: explain_ratio()}
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
