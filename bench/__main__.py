"""``python -m bench`` (`make bench`): every speed side by side with its limit and its peers, written to bench/RESULTS.md.

``--only flow,parsing`` chooses parts; ``--events`` and ``--rounds`` set the size of the flow, ``--state`` that of the state.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bench import apply, explain, parsing, state
from bench.flow.run import flow
from bench.report import RESULTS, Line, flow_lines, head, parsing_lines, result_lines, state_lines, table
from events.clock import SystemClock, monotonic

PARTS = ("explain", "apply", "parsing", "flow", "state")


def _say(text: str) -> None:
    print(text, flush=True)


def measured(part: str, asked: argparse.Namespace) -> list[Line]:
    """The lines of one part. Raises what the part raises."""
    match part:
        case "explain":
            return result_lines(explain.run(), "python -m bench --only explain")
        case "apply":
            return result_lines(apply.run(), "python -m bench --only apply")
        case "parsing":
            return parsing_lines(parsing.run())
        case "flow":
            return flow_lines(asyncio.run(flow(asked.events, asked.rounds, _say)), asked.events, asked.rounds)
        case _:
            with tempfile.TemporaryDirectory(prefix="medpulse-state-") as folder:
                found = asyncio.run(state.measure(asked.state, Path(folder)))
            _say("\n".join(state.lines(found)))
            return state_lines(found)


def main() -> int:
    """Run the parts one after the other; one that fails is said and costs itself."""
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").split(": ")[1])
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts, of {','.join(PARTS)}")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--state", type=int, default=10_000, help="events of the state")
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    chosen = asked.only.split(",")
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    lines: list[Line] = []
    failed: list[str] = []
    for part in chosen:
        began = monotonic()
        try:
            lines += measured(part, asked)
        except Exception as error:  # noqa: BLE001  the other parts are worth having all the same
            failed.append(f"{part} failed: {error}")
            _say(failed[-1])
        _say(f"── {part}: {monotonic() - began:.0f} s")
    written = "\n".join([*head(SystemClock().now(), chosen), "", *table(lines), "", *failed])
    asked.out.write_text(written.rstrip() + "\n", encoding="utf-8")
    _say(f"{written}\n\nwritten to {asked.out}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
