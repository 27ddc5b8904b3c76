"""The table of `make bench`: goal, measured, ratio, and whether the goal was reached."""

from __future__ import annotations

from bench.flow.cost import Cost
from bench.flow.growth import assigned
from bench.report import flow_lines, growth_lines, held, table
from bench.report_more import watcher_lines
from bench.watchers.judge import Verdict
from bench.watchers.run import Use, Watched


def test_a_goal_is_at_most_or_at_least() -> None:
    slow, quick = held("a", "2.0 s", 2.0, 1.0, " s", "x"), held("b", "5", 5.0, 4.0, "", "x", least=True)
    assert (slow.goal, slow.ratio, slow.reached) == ("≤ 1 s", "2.00", "**no**")
    assert (quick.goal, quick.ratio, quick.reached) == ("≥ 4", "1.25", "yes")
    assert table([slow])[2] == "| a | ≤ 1 s | 2.0 s | 2.00 | **no** | `x` |"


def test_medpulse_is_held_against_each_peer_and_the_truth() -> None:
    ours = Watched("medpulse", 10, Use(4.0, 150.0, 60.0), Use(3.0, 90.0, 50.0), Verdict(9, 1, 0), 10)
    peer = Watched("Scrapy", 10, Use(8.0, 100.0, 70.0), Use(8.0, 100.0, 70.0), Verdict(10, 0, 0), 10)
    reached = {line.what: line.reached for line in watcher_lines([ours, peer], 10, 1) if line.goal}
    assert reached == {
        "medpulse: missed and false": "**no**",
        "processor of a check / Scrapy": "yes",
        "memory resident / Scrapy": "**no**",
        "memory without pages of files / Scrapy": "yes",
    }


def test_every_contender_of_the_flow_has_a_line_and_every_ratio_one() -> None:
    costs = {key: Cost(100, 1.0 * place, 2.0 * place, 90.0) for place, key in enumerate("atbcde", start=1)}
    lines = {line.what: line for line in flow_lines(costs, 100, 1)}
    assert len([name for name in lines if name.startswith("(")]) == len(costs)
    plain = lines["whole path / plain Faust"]
    assert (plain.measured, plain.goal, plain.reached) == ("1.33", "≥ 4", "**no**")
    assert (
        lines["CPU of plain Faust / of the whole path"].measured,
        lines["transport, CPU of (a) / of one hop"].measured,
    ) == (
        "1.33",
        "0.50",
    )


def test_workers_are_read_off_their_logs_and_held_beside_the_first() -> None:
    log = (
        "worker.partitions app=medpulse-streams ours=['medpulse.events/0', 'medpulse.notices.unique/3']\n"
        "worker.partitions app=medpulse-streams ours=['medpulse.source-health/0']\n"
    )
    assert assigned(log) == {"medpulse.source-health/0"}
    assert assigned("worker.started") == set()
    one, two = growth_lines({1: Cost(100, 2.0, 1.0, 90.0), 2: Cost(100, 1.0, 1.2, 90.0)}, 100)
    assert one.measured == "50 events/s (1.00 × the first), 10,000.0 CPU s/million"
    assert two.measured == "100 events/s (2.00 × the first), 12,000.0 CPU s/million"
