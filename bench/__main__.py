"""``python -m bench`` (`make bench`): every speed side by side with its limit and its peers, written to bench/RESULTS.md.

``--only flow,parsing`` chooses parts, whose lines are printed and not written unless ``--out`` says where. ``--events`` and
``--rounds`` set the size of the flow, ``--state`` that of the state, ``--scale`` the length of the latency's phases,
``--pages`` and ``--hours`` what is watched. With the defaults all of it takes under 20 minutes on two idle cores.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bench import apply, explain, freshness, parsing, state
from bench.flow.growth import WORKERS, growth
from bench.flow.run import EVENTS, ROUNDS, flow
from bench.latency.run import SECONDS, latency
from bench.report import RESULTS, Line, flow_lines, growth_lines, head, parsing_lines, result_lines, state_lines, table
from bench.report_more import freshness_lines, latency_lines, watcher_lines
from bench.watchers.run import watch
from events.clock import SystemClock, monotonic

PARTS = ("explain", "apply", "parsing", "freshness", "flow", "growth", "state", "latency", "watchers")


class NoData(RuntimeError):
    """What a part measures on is not on this machine."""


def _say(text: str) -> None:
    print(text, flush=True)


def measured(part: str, asked: argparse.Namespace) -> list[Line]:
    """The lines of one part. Raises what the part raises."""
    match part:
        case "explain":
            return result_lines(explain.run(), "python -m bench --only explain", explain.GOAL)
        case "apply":
            return result_lines(apply.run(), "python -m bench --only apply")
        case "parsing":
            return parsing_lines([*parsing.run(), *parsing.real()])
        case "flow":
            return flow_lines(asyncio.run(flow(asked.events, asked.rounds, _say)), asked.events, asked.rounds)
        case "growth":
            return growth_lines(asyncio.run(growth(asked.events, WORKERS, _say)), asked.events)
        case "freshness":
            return freshness_lines(_freshness())
        case "latency":
            return latency_lines(asyncio.run(latency(tuple(SECONDS), _say, asked.scale)), asked.scale)
        case "watchers":
            found_days = asyncio.run(watch(asked.pages, asked.hours, _say))
            return watcher_lines(found_days, asked.pages, asked.hours)
        case _:
            with tempfile.TemporaryDirectory(prefix="medpulse-state-") as folder:
                found = asyncio.run(state.measure(asked.state, Path(folder), _say))
            _say("\n".join(state.lines(found)))
            return state_lines(found)


def _freshness() -> list[freshness.Line]:
    """Every budget on every history. Raises `NoData` where the histories are not there."""
    if not freshness.DATA.is_dir():
        raise NoData(f"{freshness.DATA} is absent: nothing to measure on")
    return [freshness.line(one, budget) for one in freshness.histories() for budget in freshness.BUDGETS]


def main() -> int:
    """Run the parts one after the other; one that fails is said and costs itself."""
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts, of {','.join(PARTS)}")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--state", type=int, default=10_000, help="events of the state")
    parser.add_argument("--scale", type=float, default=0.5, help="of the phases of the latency")
    parser.add_argument("--pages", type=int, default=200, help="pages that are watched")
    parser.add_argument("--hours", type=int, default=24, help="checks of each page")
    parser.add_argument("--out", type=Path, help=f"file for the table; {RESULTS} where every part is run")
    asked = parser.parse_args()
    chosen = asked.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    out = asked.out or (RESULTS if set(chosen) == set(PARTS) else None)
    lines: list[Line] = []
    failed: list[str] = []
    took: list[str] = []
    written = ""
    for part in chosen:
        began = monotonic()
        try:
            lines += measured(part, asked)
        except Exception as error:  # noqa: BLE001  the other parts are worth having all the same
            failed.append(f"**{part} failed**: {error}")
            _say(failed[-1])
        took.append(f"{part} {monotonic() - began:.0f} s")
        _say(f"── {took[-1]}")
        # After each part: whoever is interrupted keeps what was measured.
        ending = f"Took: {', '.join(took)}."
        written = (
            "\n".join([*head(SystemClock().now(), chosen), ending, "", *table(lines), "", *failed]).rstrip() + "\n"
        )
        if out is not None:
            out.write_text(written, encoding="utf-8")
    _say(f"{written}\nwritten to {out}" if out else written)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
