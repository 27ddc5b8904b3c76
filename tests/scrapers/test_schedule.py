"""The schedule: its plans are the best there are, it keeps to its budget, no hour is blind, and news brings it back soon."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from itertools import chain, combinations, pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.clock import SHANGHAI
from events.workdays import DayKind, day_kind
from scrapers.schedule.batches import MINUTES, Batch, Fading, together
from scrapers.schedule.budget import CHEAPEST, DEAREST, price_for
from scrapers.schedule.learning import Learning
from scrapers.schedule.ledger import Ledger
from scrapers.schedule.news import Lull, Told, within
from scrapers.schedule.plan import plan
from scrapers.schedule.policy import Even, Standing
from scrapers.schedule.replay import Replayed, replay
from scrapers.schedule.rhythm import Rhythm, learn
from scrapers.schedule.scheduler import LONGEST, Scheduler
from tests.scrapers.daily import daily

SINCE, CUT, END = date(2021, 1, 1), datetime(2022, 1, 1, tzinfo=SHANGHAI), datetime(2022, 3, 15, tzinfo=SHANGHAI)


def office(rng: Random, first: date, last: date) -> list[datetime]:
    """Bursts between 9 and 11 on about one working day in three."""
    found: list[datetime] = []
    for day in (first + timedelta(n) for n in range((last - first).days)):
        if day_kind(day) is DayKind.WORKING and rng.random() < 0.35:
            at = datetime(day.year, day.month, day.day, 9, tzinfo=SHANGHAI) + timedelta(minutes=rng.uniform(0, 120))
            found += [at + timedelta(minutes=6 * n) for n in range(rng.randint(1, 4))]
    return found


def noons(rng: Random, first: date, last: date) -> list[datetime]:
    """One item on every working day, somewhere between 11:00 and 13:00, and nothing else."""
    return daily(rng, first, last, hour=11, minutes=120)


def cost(rates: list[float], polls: tuple[int, ...], price: float) -> float:
    """Price and waiting of a plan, minute by minute."""
    waits = (next(poll for poll in polls if poll > minute) - minute - 0.5 for minute in range(len(rates)))
    return price * len(polls) + sum(rate * wait for rate, wait in zip(rates, waits, strict=True))


@given(st.lists(st.floats(0, 3), min_size=1, max_size=9), st.floats(0.01, 20))
def test_no_plan_is_better(rates: list[float], price: float) -> None:
    end = len(rates)
    others = chain.from_iterable(combinations(range(1, end), n) for n in range(end))
    best = min(cost(rates, (*other, end), price) for other in others)
    assert cost(rates, tuple(plan(rates, price)), price) == pytest.approx(best)


@pytest.mark.parametrize(("rate", "price"), [(0.01, 2.0), (0.1, 5.0), (0.002, 8.0)])
def test_a_constant_rate_is_polled_by_the_square_root_law(rate: float, price: float) -> None:
    gaps = [after - before for before, after in pairwise(plan([rate] * 5000, price))]
    assert sum(gaps) / len(gaps) == pytest.approx(math.sqrt(2 * price / rate), rel=0.02)


def test_an_empty_horizon_has_no_poll() -> None:
    assert plan([], 1.0) == []


def test_working_days_are_chinas() -> None:
    assert day_kind(date(2022, 10, 3)) is DayKind.FREE  # a Monday of the National Day holidays
    assert day_kind(date(2022, 10, 8)) is DayKind.WORKING  # a Saturday that is worked for it
    assert day_kind(date(1990, 1, 1)) is DayKind.WORKING  # a Monday of a year that the calendar does not hold


def test_a_rhythm_expects_what_it_has_seen_where_it_has_seen_it() -> None:
    rhythm = learn(office(Random(1), SINCE, CUT.date()), SINCE, CUT.date())
    working, free = rhythm.rates
    assert sum(working[9 * 60 : 11 * 60 + 30]) > 0.8 * sum(working)
    assert sum(free) < 0.1 * sum(working)
    assert min(*working, *free) > 0
    assert rhythm.follow > 0.3


def test_a_rhythm_that_changed_is_forgotten() -> None:
    """Mornings until October, then afternoons: the end of the past is told best by what is not long ago."""
    moved = date(2021, 10, 1)
    mornings = office(Random(1), SINCE, moved)
    afternoons = [at + timedelta(hours=6) for at in office(Random(2), moved, CUT.date())]
    working, _ = learn([*mornings, *afternoons], SINCE, CUT.date()).rates
    assert sum(working[15 * 60 : 17 * 60]) > 2 * sum(working[9 * 60 : 11 * 60])
    steady, _ = learn(office(Random(1), SINCE, CUT.date()), SINCE, CUT.date()).rates
    assert sum(steady[9 * 60 : 11 * 60]) > 10 * sum(steady[15 * 60 : 17 * 60])


def test_without_history_office_hours_are_likelier_than_the_night() -> None:
    working, free = learn([], SINCE, CUT.date()).rates
    assert working[11 * 60] > 10 * working[3 * 60] > 0
    assert min(free) > 0


def test_a_source_that_publishes_once_a_morning_is_known_for_it() -> None:
    rhythm = learn(noons(Random(1), SINCE, CUT.date()), SINCE, CUT.date())
    assert rhythm.lull is not None
    assert rhythm.follow == 0
    assert rhythm.lull.minutes >= 120
    assert rhythm.lull.depth >= 0.9
    # at 12:30 three of four days had their item within the last two hours: the others are all the likelier to have it soon
    half_past = datetime(2022, 1, 4, 12, 30, tzinfo=SHANGHAI)
    assert rhythm.lull.within[DayKind.WORKING][12 * 60 + 30] == pytest.approx(0.73, abs=0.04)
    assert rhythm.lull.likelier(half_past) > 2.5
    assert rhythm.lull.likelier(half_past.replace(hour=8)) == pytest.approx(1, abs=0.02)
    assert max(rhythm.lull.within[DayKind.FREE]) < 0.01


def test_one_that_publishes_in_bursts_has_no_lull() -> None:
    assert learn(office(Random(1), SINCE, CUT.date()), SINCE, CUT.date()).lull is None
    assert learn([], SINCE, CUT.date()).lull is None


@given(
    st.lists(st.integers(0, 20 * MINUTES), max_size=40), st.sampled_from([30, 180, 240]), st.sampled_from([3.0, 3650.0])
)
def test_a_share_of_days_is_one(minutes: list[int], lasting: int, half_life: float) -> None:
    """Whatever the batches: no minute lies in a lull on more days than there were, and the shares add up to the lulls."""
    begin = datetime(2021, 1, 4, tzinfo=SHANGHAI)
    batches = together([begin + timedelta(minutes=minute) for minute in sorted(minutes)])
    told = Told(batches, [1.0] * len(batches), Fading(date(2021, 1, 25), half_life))
    lull = Lull(lasting, 0.9, within(told, begin.date(), lasting))
    assert all(0 <= share < 1.01 for kind in DayKind for share in lull.within[kind])
    begun = [round((batch.at - begin) / timedelta(minutes=1)) for batch in batches]
    covered = {minute + n for minute in begun for n in range(lasting) if minute + n < 21 * MINUTES}
    days, weighed = dict.fromkeys(DayKind, 1.0), dict.fromkeys(DayKind, 0.0)
    for n in range(21):
        day = begin.date() + timedelta(n)
        days[day_kind(day)] += told.fading.weight(day)
        weighed[day_kind(day)] += told.fading.weight(day) * sum(n * MINUTES <= m < (n + 1) * MINUTES for m in covered)
    for kind in DayKind:
        assert weighed[kind] / days[kind] - 1e-6 <= sum(lull.within[kind]) <= 1.1 * weighed[kind] / days[kind] + 5


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        learn([datetime(2022, 1, 1)], SINCE, CUT.date())  # noqa: DTZ001


def test_what_comes_within_a_minute_is_one_batch() -> None:
    at = datetime(2022, 3, 4, 1, tzinfo=UTC)
    assert together([at, at + timedelta(seconds=50), at + timedelta(minutes=2)]) == [
        Batch(at, 2),
        Batch(at + timedelta(minutes=2), 1),
    ]


def test_news_brings_the_next_poll_forward_and_only_for_a_while() -> None:
    flat = tuple([0.001] * MINUTES)
    scheduler = Scheduler(Rhythm((flat, flat), follow=1.0, decay=10.0), price=20.0)
    at = datetime(2022, 3, 4, 2, tzinfo=UTC)
    calm = scheduler.next_poll(at) - at
    stirred = scheduler.next_poll(at, [Batch(at, 1)]) - at
    assert stirred < calm / 3
    assert scheduler.next_poll(at, [Batch(at - timedelta(hours=2), 1)]) - at == calm


def test_after_news_the_rest_of_a_lull_is_left_alone_and_a_late_noon_is_watched() -> None:
    rhythm = learn(noons(Random(1), SINCE, CUT.date()), SINCE, CUT.date())
    scheduler = Scheduler(rhythm, price=3.0)
    noon = datetime(2022, 1, 4, 12, tzinfo=SHANGHAI)

    def wait(at: datetime, *news: Batch) -> float:
        return (scheduler.next_poll(at, news) - at).total_seconds() / 60

    assert wait(noon, Batch(noon, 1)) > 60  # today's has come
    assert wait(noon, Batch(noon - timedelta(days=1), 1)) == wait(noon) < 30  # yesterday's says nothing
    late = 12 * 60 + 50
    any_day = plan(rhythm.rates[DayKind.WORKING][late:], scheduler.price)[0]
    assert wait(noon + timedelta(minutes=50)) < 0.6 * any_day  # few days have it later: it is the surer today
    assert rhythm.lull is not None
    assert scheduler.calm_for(noon + timedelta(minutes=50, seconds=30), [Batch(noon, 1)]) == rhythm.lull.minutes - 50
    assert not scheduler.is_stirred(noon, [Batch(noon, 1)])


def test_no_hour_is_blind_and_no_poll_comes_too_soon() -> None:
    dead = tuple([1e-12] * MINUTES)
    lively = tuple([50.0] * MINUTES)
    at = datetime(2022, 3, 4, 2, tzinfo=UTC)
    assert Scheduler(Rhythm((dead, dead), 0.0, 5.0), price=1e5).next_poll(at) <= at + LONGEST
    least = timedelta(minutes=7)
    assert Scheduler(Rhythm((lively, lively), 0.0, 5.0), price=1e-4, least=least).next_poll(at) == at + least


@settings(max_examples=30)
@given(st.floats(0.1, 500), st.floats(0.5, 50), st.floats(0.3, 1.5))
def test_the_price_keeps_to_the_budget(scale: float, per_day: float, power: float) -> None:
    price = price_for(lambda price: scale * price**-power, per_day)
    least, most = sorted((scale * CHEAPEST**-power, scale * DEAREST**-power))
    if least <= per_day <= most:
        assert 0.8 * per_day <= scale * price**-power <= per_day


def test_who_spends_too_much_pays_more_the_next_day() -> None:
    first = date(2022, 1, 4)
    planned = {first + timedelta(n): 12 if day_kind(first + timedelta(n)) is DayKind.WORKING else 3 for n in range(28)}
    ledger = Ledger.opened(2.0, 8.0, planned, datetime(2022, 1, 4, 12, tzinfo=SHANGHAI))
    working, free = ledger.wants[DayKind.WORKING], ledger.wants[DayKind.FREE]
    assert working == pytest.approx(4 * free)
    assert sum(ledger.wants[day_kind(day)] for day in planned) == pytest.approx(8.0 * 28)
    ledger.spent = math.floor(working / 2)
    # half of the day was over when it began, and less was spent than granted
    assert ledger.price_on(date(2022, 1, 5)) == 2.0
    ledger.spent = math.ceil(working * 1.5) + 6
    assert ledger.price_on(date(2022, 1, 6)) == pytest.approx(2.0 / (1 - (ledger.spent - 1.5 * working) / 24) ** 2)
    ledger.spent = 1000
    assert ledger.price_on(date(2022, 1, 6)) == 2.0 / 0.5**2  # never less than half of the budget


@pytest.mark.parametrize("budget", [4, 24])
def test_one_item_a_day_is_seen_sooner_for_the_same_polls_once_lulls_are_known(budget: int) -> None:
    rng = Random(7)
    history, future = noons(rng, SINCE, CUT.date()), noons(rng, CUT.date(), END.date())
    ours = replay(Learning(budget, history, SINCE, CUT, again=timedelta.max), future, CUT, END)
    rates = learn(history, SINCE, CUT.date()).rates

    def without(price: float) -> Replayed:
        return replay(Standing(Scheduler(Rhythm(rates), price)), future, CUT, END)

    as_many = without(price_for(lambda price: without(price).per_day, ours.per_day))
    assert ours.per_day <= 1.02 * budget
    assert as_many.per_day > 0.95 * ours.per_day
    assert sum(ours.delays) < 0.8 * sum(as_many.delays)


@pytest.mark.parametrize("budget", [4, 24])
def test_a_learned_schedule_sees_sooner_for_the_same_polls(budget: int) -> None:
    rng = Random(7)
    history, future = office(rng, SINCE, CUT.date()), office(rng, CUT.date(), END.date())
    ours = replay(Learning(budget, history, SINCE, CUT, again=timedelta(days=28)), future, CUT, END)
    even = replay(Even(timedelta(days=1) / budget), future, CUT, END)
    assert len(ours.delays) == len(even.delays) == len(future)
    assert ours.per_day <= 1.05 * budget
    assert sum(ours.delays) < 0.5 * sum(even.delays)


def test_a_policy_hears_of_an_item_only_from_the_poll_that_sees_it() -> None:
    heard: list[tuple[datetime, int]] = []

    class Listening(Even):
        def saw(self, at: datetime, published: object) -> None:
            assert isinstance(published, list)
            assert all(one <= at for one in published)
            heard.append((at, len(published)))

    start = datetime(2022, 3, 4, tzinfo=UTC)
    items = [start + timedelta(minutes=m) for m in (10, 50, 70, 600)]
    done = replay(Listening(timedelta(hours=1)), items, start, start + timedelta(hours=5))
    assert heard == [(start + timedelta(hours=1), 2), (start + timedelta(hours=2), 1)]
    assert done.delays == (3000.0, 600.0, 3000.0)
    assert done.polls == 4


def test_a_standing_schedule_polls_the_same_every_time() -> None:
    rhythm = learn(office(Random(1), SINCE, CUT.date()), SINCE, CUT.date())
    items = office(Random(2), CUT.date(), END.date())
    runs = [replay(Standing(Scheduler(rhythm, 2.0)), items, CUT, END) for _ in range(2)]
    assert runs[0] == runs[1]
