"""Latency: percentiles of what was measured, hops that add up, and lines that say what was lost."""

from __future__ import annotations

import math

import pytest

from bench.latency.hops import hops
from bench.latency.percentile import percentile
from bench.latency.run import Latency
from bench.latency.sector import Shape, facts, named
from bench.report_more import latency_lines


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 99), percentile([7.0], 99)) == (50.0, 99.0, 7.0)
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


def test_the_hops_of_a_row_add_up_to_the_whole() -> None:
    between = [{"a": 1.0}, {"a": 1.5}, {"a": 2.0}, {"a": 4.0}]
    found = hops(["a", "lost"], {"a": 0.0, "lost": 0.0}, between, {"a": 4.5})
    assert [low for low, _ in found.values()] == [1.0, 0.5, 0.5, 2.0, 0.5]
    assert hops(["lost"], {"lost": 0.0}, between, {}) == {}


def test_a_message_names_the_certificates_that_the_pages_show() -> None:
    rows = [row for row in facts([Shape(1), Shape(20, alerting=4)]).delivery[1].rows if row.ai]
    assert len(rows) == 5
    text = " ".join(f"New: {row.product}" for row in rows)
    assert named(text) == [row.number for row in rows]


def test_a_rate_over_its_goal_and_a_lost_row_are_said() -> None:
    fast, slow = Latency(1, 100, 0, 0.2, 0.5, {}, {}), Latency(100, 100, 3, 0.9, math.inf, {}, {})
    lines = [line for line in latency_lines([fast, slow], 1.0) if line.goal]
    assert [line.reached for line in lines] == ["yes", "**no**"]
    assert "3 rows never told" in lines[1].measured
