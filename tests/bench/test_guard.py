"""The regression guard: a ratio that became worse fails and is named; noise within the room does not."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import orjson
import pytest

from bench import guard, parsing
from bench.result import LEAST_SECONDS, taking_turns


def test_a_ratio_beyond_its_room_is_named_with_what_it_may_be() -> None:
    found = guard.worse({"parsing": 10.0, "explain": 2.0}, {"parsing": 10.0 * guard.ROOM + 0.1, "explain": 2.0})
    assert found == ["parsing: 14.10, accepted 10.00, at most 14.00"]


def test_what_is_within_the_room_or_better_passes() -> None:
    assert guard.worse({"parsing": 10.0, "explain": 2.0}, {"parsing": 13.9, "explain": 0.5, "new": 99.0}) == []


def test_a_ratio_that_is_measured_no_more_fails() -> None:
    assert guard.worse({"parsing": 10.0}, {}) == ["parsing: not measured any more"]


def test_ratios_are_geometric_means_over_platforms() -> None:
    speeds = [
        parsing.Speed("a", 1, ours=10, limit=20, naive=10, floor=1),
        parsing.Speed("b", 1, ours=10, limit=80, naive=0, floor=1),
    ]
    assert guard.ratios(speeds) == pytest.approx({guard.PARSING: 4.0, guard.NAIVE: 1.0})


@pytest.mark.parametrize(("times", "code"), [(1.0, 0), (3.0, 1)])
def test_the_command_holds_what_it_measures_against_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], times: float, code: int
) -> None:
    accepted = tmp_path / "accepted.json"
    factor = [1.0]
    monkeypatch.setattr(guard, "ACCEPTED", accepted)
    monkeypatch.setattr(
        parsing, "run", lambda _: [parsing.Speed("a", 1, ours=10 / factor[-1], limit=20, naive=10, floor=1)]
    )
    monkeypatch.setattr(guard, "explain_ratio", lambda: 2.0)
    monkeypatch.setattr(sys, "argv", ["guard", "--accept"])
    assert guard.main() == 0
    assert orjson.loads(accepted.read_bytes()) == {guard.PARSING: 2.0, guard.NAIVE: 1.0, guard.EXPLAIN: 2.0}
    factor.append(times)
    monkeypatch.setattr(sys, "argv", ["guard"])
    assert guard.main() == code
    assert (f"{guard.PARSING}: 6.00, accepted 2.00, at most 2.80" in capsys.readouterr().out) == bool(code)


def test_the_accepted_ratios_are_those_that_are_measured() -> None:
    assert set(orjson.loads(guard.ACCEPTED.read_bytes())) == {guard.PARSING, guard.NAIVE, guard.EXPLAIN}


def test_a_speed_says_what_a_notice_costs_and_how_plain_lxml_compares() -> None:
    speed = parsing.Speed("a", 2, ours=100, limit=2000, naive=0, floor=3, lxml=500, notices=4)
    assert (speed.times, speed.of_lxml) == (20, 5)
    assert speed.each == pytest.approx((5000, 500))
    assert "20.0×     3.0×     5.0×   5000    500" in parsing.table([speed])[1]


@pytest.mark.skipif(not parsing.ANSWERS.exists(), reason="no real answers here")
def test_real_answers_have_rows_of_their_own() -> None:
    names = {one.platform: one.notices for one in parsing.real(rounds=1)}
    assert names["real: fda-ai-list, 190.5 kB"] == 476
    assert len(names) == 6


def test_what_a_first_call_loads_does_not_count() -> None:
    calls = 0

    def lazy() -> None:
        nonlocal calls
        calls += 1
        began = time.process_time()
        while calls == 1 and time.process_time() - began < 2 * LEAST_SECONDS:
            pass

    taking_turns([lazy], rounds=1)
    assert calls > 10, "it is timed over many calls, since one takes next to nothing"
