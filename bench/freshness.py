"""``python -m bench.freshness`` (`make bench-freshness`): how long publications wait to be seen, for as many polls.

Trained on the first part of a real history and measured on the rest. Even polling is measured at 48 phases. Hindsight is the
exact optimum (`scrapers.schedule.plan`) for rates that are constant within an hour of a working or of a free day, taken from
the test period itself, at the same number of polls: what nobody could know beforehand. *Told* is our own scheduler with a
rhythm learned from the test period: what separates it from hindsight is smoothing and the floor, what separates us from it is
that the test period was not like the training. Delays are in minutes.
"""

from __future__ import annotations

import csv
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from events.clock import SHANGHAI, shanghai_day
from events.workdays import DayKind, day_kind
from scrapers.schedule.budget import price_for
from scrapers.schedule.learning import Learning
from scrapers.schedule.policy import Even, Standing
from scrapers.schedule.replay import Replayed, replay
from scrapers.schedule.rhythm import Rhythm, learn
from scrapers.schedule.scheduler import Scheduler

DATA = Path(__file__).parents[2] / "shared" / "data"
BUDGETS = (4, 8, 24, 48, 96)
PHASES = 48
GOAL, GOAL_HINDSIGHT = 0.40, 1.25
HEAD = (
    "history         polls/day   used     mean   median      p95 |"
    "     even  even p95   ratio | hindsight   ours/it      told   told/it  goals"
)


@dataclass(frozen=True, slots=True)
class History:
    """Real publication times (aware), and where training begins, and where the test begins and ends."""

    name: str
    published: tuple[datetime, ...]
    since: datetime
    cut: datetime
    end: datetime

    @property
    def trained(self) -> list[datetime]:
        """The times to learn from."""
        return [at for at in self.published if self.since <= at < self.cut]

    @property
    def tested(self) -> list[datetime]:
        """The times to be measured on."""
        return [at for at in self.published if self.cut <= at < self.end]


@dataclass(frozen=True, slots=True)
class Line:
    """One budget on one history: waits in minutes, of medpulse, of even polling, and in hindsight."""

    history: str
    budget: int
    polls: float
    mean: float
    median: float
    p95: float
    even_mean: float
    even_p95: float
    hindsight_mean: float
    told_mean: float

    @property
    def ratio(self) -> float:
        """Mean wait against even polling."""
        return self.mean / self.even_mean


def histories(folder: Path = DATA) -> list[History]:
    """CMDE's guidance (training 2018–2020, test 2021–2022) and exchange reviews (training 12 days, test 14 days)."""

    def day(year: int, month: int, number: int) -> datetime:
        return datetime(year, month, number, tzinfo=SHANGHAI)

    guidance = (
        datetime.fromisoformat(row["url_timestamp_cst"]).replace(tzinfo=SHANGHAI)
        for row in _rows(folder / "cmde_guidance_2007_2022.csv")
    )
    reviews = (datetime.fromisoformat(row["snapshot_time"]) for row in _rows(folder / "ipo_events_2026.csv"))
    return [
        History("cmde_guidance", tuple(sorted(guidance)), day(2018, 1, 1), day(2021, 1, 1), day(2023, 1, 1)),
        History("ipo_events", tuple(sorted(reviews)), day(2026, 7, 13), day(2026, 7, 25), day(2026, 8, 8)),
    ]


def line(history: History, budget: int) -> Line:
    """Measure one budget. The rhythm is learned once, from the training part; it hears of the test part only what polls see."""
    policy = Learning(budget, history.trained, shanghai_day(history.since), history.cut, again=timedelta.max)
    ours = replay(policy, history.published, history.cut, history.end)
    even = _evenly(history, budget)
    tested = history.tested
    best = _known(history, budget, _hourly(tested, history))
    told = _known(history, budget, learn(tested, shanghai_day(history.cut), shanghai_day(history.end)))
    return Line(
        history.name,
        budget,
        ours.per_day,
        statistics.fmean(ours.delays) / 60,
        statistics.median(ours.delays) / 60,
        _p95(ours.delays) / 60,
        statistics.fmean(even) / 60,
        _p95(even) / 60,
        statistics.fmean(best.delays) / 60,
        statistics.fmean(told.delays) / 60,
    )


def _evenly(history: History, budget: int) -> list[float]:
    every = timedelta(days=1) / budget
    starts = (history.cut - every * phase / PHASES for phase in range(PHASES))
    return [
        wait for start in starts for wait in replay(Even(every), history.published, start, history.end + every).delays
    ]


def _known(history: History, budget: int, rhythm: Rhythm) -> Replayed:
    """The test with a rhythm that is known from the beginning, at the price that spends the budget on it."""

    def polled(price: float) -> Replayed:
        return replay(Standing(Scheduler(rhythm, price)), history.published, history.cut, history.end)

    return polled(price_for(lambda price: polled(price).per_day, budget))


def _hourly(published: Iterable[datetime], history: History) -> Rhythm:
    counts = {(kind, hour): 0 for kind in DayKind for hour in range(24)}
    for at in (one.astimezone(SHANGHAI) for one in published):
        counts[day_kind(at.date()), at.hour] += 1
    first = shanghai_day(history.cut)
    days = [day_kind(first + timedelta(n)) for n in range((history.end - history.cut).days)]
    working, free = (
        tuple(counts[kind, minute // 60] / 60 / max(1, days.count(kind)) for minute in range(1440)) for kind in DayKind
    )
    return Rhythm((working, free), 0.0, 5.0)


def _p95(delays: Sequence[float]) -> float:
    return sorted(delays)[int(0.95 * len(delays))]


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def main() -> int:
    """Print the table; exit 1 where a goal is missed, 0 where ``../shared/data`` is absent."""
    if not DATA.is_dir():
        print(f"{DATA} is absent: nothing to measure on")
        return 0
    print(f"# delays in minutes; goals: ratio ≤ {GOAL}, p95 ≤ even's, mean ≤ {GOAL_HINDSIGHT} × hindsight")
    print(HEAD)
    missed = 0
    for history in histories():
        for budget in BUDGETS:
            one = line(history, budget)
            against = one.mean / one.hindsight_mean
            met = (
                one.ratio <= GOAL
                and one.p95 <= one.even_p95
                and against <= GOAL_HINDSIGHT
                and one.polls <= budget * 1.02
            )
            missed += not met
            print(
                f"{one.history:15} {budget:9} {one.polls:6.2f} {one.mean:8.1f} {one.median:8.1f} {one.p95:8.1f} |"
                f" {one.even_mean:8.1f} {one.even_p95:9.1f} {one.ratio:7.3f} | {one.hindsight_mean:9.1f} {against:9.2f}"
                f" {one.told_mean:9.1f} {one.told_mean / one.hindsight_mean:9.2f}"
                f"  {'met' if met else 'MISSED'}"
            )
    print(f"{missed} of {2 * len(BUDGETS)} lines miss a goal")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
