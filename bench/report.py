"""bench/RESULTS.md: machine, date, versions, and one table of what was measured, its goal, and whether it was reached."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import distributions, version
from pathlib import Path

from bench.flow.contenders import CONTENDERS
from bench.flow.cost import Cost
from bench.flow.run import ratios
from bench.parsing import Speed
from bench.result import Result
from bench.state import State

RESULTS = Path(__file__).with_name("RESULTS.md")
SHOWN = ("faust-streaming", "aiokafka", "redis", "hiredis", "pydantic", "orjson", "lxml", "beautifulsoup4")
PEERS = {
    "peers": frozenset({"quixstreams", "confluent-kafka"}),
    "watchers": frozenset({"changedetection.io", "changedetection-io", "scrapy", "twisted"}),
}
GOALS = {
    "whole path / plain Faust": 4.0,
    "whole path / quixstreams": 1.0,
    "whole path / confluent-kafka": 1.0,
    "transport, CPU of (a) / of one hop": 0.5,
}
PARSING = 1.5


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table, as text. ``ratio`` is what was measured over the goal."""

    what: str
    measured: str
    goal: str = ""
    reached: str = ""
    command: str = ""
    ratio: str = ""


def held(what: str, measured: str, value: float, goal: float, unit: str, command: str, *, least: bool = False) -> Line:
    """A line with a goal: at most ``goal`` ``unit``, or with ``least`` at least; pure."""
    reached = value >= goal if least else value <= goal
    ratio = f"{value / goal:.2f}" if goal else ""
    return Line(what, measured, f"{'≥' if least else '≤'} {goal:g}{unit}", yes(reached), command, ratio)


def head(now: datetime, parts: Iterable[str]) -> list[str]:
    """Machine, date, versions, and how busy the machine was, for timings of a busy one are not those of an idle one."""
    versions = ", ".join(f"{name} {version(name)}" for name in SHOWN)
    return [
        "# Results of `make bench`",
        "",
        f"Parts that were run: {', '.join(parts)}.",
        f"{now:%Y-%m-%d %H:%M} UTC; {_processor()}, {os.cpu_count()} cores, Python {platform.python_version()};",
        f"{versions}.",
        *peers(Path(sys.prefix)),
        f"Load of the machine at the end: {os.getloadavg()[1]:.1f} (5 minutes). Read ratios; seconds depend on the load.",
    ]


def peers(prefix: Path) -> list[str]:
    """A line with the versions of the peers that are installed in the environments below ``prefix``; none without any."""
    found: dict[str, str] = {}
    for folder, names in PEERS.items():
        paths = [str(path) for path in prefix.glob(f"{folder}/lib/python*/site-packages")]
        found |= {one.name: one.version for one in distributions(path=paths) if one.name.casefold() in names}
    said = ", ".join(f"{name} {number}" for name, number in sorted(found.items()))
    return [f"Peers: {said}."] if said else ["Peers: none installed (`make .venv/bench .venv/watchers.ready`)."]


def _processor() -> str:
    """What the machine calls its processor."""
    try:
        said = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("model name", 1)[1]
    except (OSError, IndexError):
        return platform.machine()
    return said.split("\n", 1)[0].strip(" \t:")


def table(lines: Iterable[Line]) -> list[str]:
    """The lines as Markdown; pure."""
    rows = [
        f"| {one.what} | {one.goal} | {one.measured} | {one.ratio} | {one.reached} | `{one.command}` |" for one in lines
    ]
    return ["| what | goal | measured | measured / goal | reached | command |", "|---|---|---|---|---|---|", *rows]


def flow_lines(found: Mapping[str, Cost], events: int, rounds: int) -> list[Line]:
    """Contenders, then ratios; pure."""
    command = f"python -m bench.flow --events {events} --rounds {rounds}"
    lines = []
    for contender in CONTENDERS:
        if cost := found.get(contender.key):
            figures = f"{cost.rate:,.0f} events/s, {cost.cpu_per_million:,.1f} CPU s/million, {cost.peak_mb:,.0f} MB"
            lines.append(Line(f"({contender.key}) {contender.name}", figures, command=command))
    for name, ratio in ratios(found).items():
        said, goal = f"{ratio:.2f}", GOALS.get(name)
        lines.append(
            Line(name, said, command=command)
            if goal is None
            else held(name, said, ratio, goal, "", command, least=True)
        )
    return lines


def growth_lines(found: Mapping[int, Cost], events: int) -> list[Line]:
    """One line a number of workers, beside the first; pure."""
    command = f"python -m bench.flow --workers {','.join(map(str, found))} --events {events}"
    first = next(iter(found.values()))
    return [
        Line(
            f"whole path, {number} worker{'s' if number > 1 else ''}",
            f"{one.rate:,.0f} events/s ({one.rate / first.rate:.2f} × the first), {one.cpu_per_million:,.1f} CPU s/million",
            command=command,
        )
        for number, one in found.items()
    ]


def parsing_lines(found: Iterable[Speed]) -> list[Line]:
    """One line a platform; pure."""
    lines = []
    for one in found:
        naive = f", html.parser {one.naive:,.0f}/s" if one.naive else ""
        of = f"{one.times:.1f} × the limit, {one.of_lxml:.1f} × lxml, {one.each[0]:,.0f} µs a notice"
        figures = f"{one.ours:,.0f} pages/s, {of}{naive}"
        lines.append(held(f"parsing {one.platform}", figures, one.times, PARSING, " ×", "python -m bench.parsing"))
    return lines


def state_lines(found: State) -> list[Line]:
    """Memory and times of a state; pure."""
    command = f"python -m bench.state --events {found.events}"
    lines = [Line(f"Redis for an event of {found.events:,}", f"{found.used:,.0f} bytes", command=command)]
    lines += [Line(f"of which {kind}", f"{size:,} bytes", command=command) for kind, size in found.by.most_common(12)]
    took = {
        "verify": f"{found.verify:.1f} s, {found.verify_mb:,.0f} MB",
        "rebuild": f"{found.rebuild:.1f} s, {found.rebuild_mb:,.0f} MB",
        "restart to the first notice": f"{found.restart:.1f} s",
    }
    return lines + [Line(name, said, command=command) for name, said in took.items()]


def result_lines(found: Iterable[Result], command: str, goal: float | None = None) -> list[Line]:
    """Medians with the least and the most, held against ``goal`` where there is one; pure."""
    lines = []
    for one in found:
        said = f"{one.median:,.1f} {one.unit} ({one.least:,.1f}–{one.most:,.1f})"
        line = Line(one.what, said, command=command)
        lines.append(line if goal is None else held(one.what, said, one.median, goal, f" {one.unit}", command))
    return lines


def yes(reached: bool) -> str:
    return "yes" if reached else "**no**"
