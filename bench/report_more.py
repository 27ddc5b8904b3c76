"""Lines of `make bench` for freshness, latency, and the peers that watch pages. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench import freshness
from bench.latency.run import Latency
from bench.report import Line, held, yes
from bench.watchers.run import Watched

LATENCY = 1000.0
"""Milliseconds: the goal for the 99th percentile."""


def freshness_lines(found: Iterable[freshness.Line]) -> list[Line]:
    """Three lines a budget: against even polling, its 95th percentile, and against hindsight."""
    made = []
    for one in found:
        name = f"{one.history}, {one.budget} polls a day"
        command = "make bench-freshness"
        hindsight = one.mean / one.hindsight_mean
        waits = f"mean {one.mean:.1f} min, even {one.even_mean:.1f} min"
        made += [
            held(f"{name}: mean wait / even's", f"{one.ratio:.3f} ({waits})", one.ratio, freshness.GOAL, "", command),
            held(f"{name}: p95 / even's", f"{one.p95:.0f} min", one.p95 / one.even_p95, 1.0, " × even's", command),
            held(
                f"{name}: mean wait / hindsight's",
                f"{hindsight:.2f}",
                hindsight,
                freshness.GOAL_HINDSIGHT,
                " ×",
                command,
            ),
        ]
    return made


def latency_lines(found: Iterable[Latency], scale: float) -> list[Line]:
    """A line a rate, and below it the hops."""
    made = []
    for one in found:
        command = f"python -m bench.latency --rates {one.rate} --scale {scale:g}"
        p50, p99 = one.p50 * 1000, one.p99 * 1000
        lost = f", {one.late} rows never told" if one.late else ""
        said = f"p50 {p50:,.0f} ms, p99 {p99:,.0f} ms over {one.rows} alerts{lost}"
        made.append(held(f"page to Slack at {one.rate} events/s", said, p99, LATENCY, " ms (p99)", command))
        hops = "; ".join(f"{name} {low * 1000:,.0f} / {high * 1000:,.0f}" for name, (low, high) in one.hops.items())
        made.append(Line(f"of which at {one.rate} events/s, p50 / p99 in ms", hops, command=command))
    return made


def watcher_lines(found: Sequence[Watched], pages: int, hours: int) -> list[Line]:
    """A line a contender, then ours against each: processor, memory, and what was missed or false."""
    command = f"python -m bench.watchers --pages {pages} --hours {hours}"
    made = [Line(f"watching {pages} pages: {one.name}", _figures(one), command=command) for one in found]
    ours = next((one for one in found if one.name == "medpulse"), None)
    if ours is None:
        return made
    wrong = ours.verdict.missed + ours.verdict.false
    said = f"{ours.verdict.missed} missed, {ours.verdict.false} false of {ours.changes}"
    made.append(Line("medpulse: missed and false", said, "0 and 0", yes(wrong == 0), command))
    for one in found:
        if one is not ours:
            cpu, memory = ours.use.cpu / one.use.cpu, ours.use.peak_mb / one.use.peak_mb
            own = ours.use.own_mb / one.use.own_mb
            made.append(held(f"processor of a check / {one.name}", f"{cpu:.2f}", cpu, 1.0, " ×", command))
            made.append(held(f"memory resident / {one.name}", f"{memory:.2f}", memory, 1.0, " ×", command))
            made.append(held(f"memory without pages of files / {one.name}", f"{own:.2f}", own, 1.0, " ×", command))
    return made


def _figures(one: Watched) -> str:
    verdict, use, alone = one.verdict, one.use, one.alone
    part = f" (the checking process alone {alone.cpu:.1f} s, {alone.peak_mb:.0f} MB, {alone.own_mb:.0f})"
    return (
        f"{use.cpu:.1f} CPU s/1,000 checks, {use.peak_mb:.0f} MB, {use.own_mb:.0f} without pages of files"
        f"{part if alone.peak_mb != use.peak_mb else ''}; "
        f"{verdict.told} of {one.changes} changes told, {verdict.missed} missed, {verdict.false} false"
    )
