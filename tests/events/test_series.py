"""The arithmetic of series: order does not matter, what is taken back is gone, and windows end where they should."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.view.derived.spec import Facts, first_seen
from events.view.ordered import Series
from events.view.series import (
    UNDATED,
    WINDOWS,
    Measure,
    Window,
    by_day,
    day_field,
    dim_key,
    fact_field,
    facts,
    latest,
    member_field,
    members,
    parse_dim_key,
    read,
    state_field,
    window,
)

AT = st.none() | st.datetimes(datetime(2019, 1, 1), datetime(2023, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - UTC
NAME = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
AS_OF = st.dates(date(2019, 1, 1), date(2023, 12, 31))
STATE = st.sampled_from(["accepted", "inquiry", "listed"])
FIELD: dict[Measure, st.SearchStrategy[str]] = {
    Measure.COUNT: st.builds(day_field, AT),
    Measure.SUM: st.builds(day_field, AT),
    Measure.DISTINCT: st.builds(member_field, AT, st.sampled_from("abc")),
    Measure.FACT: st.builds(fact_field, AT, st.sampled_from("abc"), st.sampled_from("xyz")),
    Measure.LATEST: st.builds(state_field, AT, st.integers(0, 99), st.sampled_from("abc"), STATE),
}

FIRST_SEEN = first_seen(lambda fact: fact.parts[0])


def series(added: list[tuple[str, int]]) -> dict[str, int]:
    """A series as the store keeps it: amounts add up, and a field at nought is gone."""
    total: Counter[str] = Counter()
    for field, amount in added:
        total[field] += amount
    return {field: amount for field, amount in total.items() if amount}


@pytest.mark.parametrize("measure", list(Measure))
@given(data=st.data(), as_of=AS_OF, within=st.sampled_from(WINDOWS))
def test_the_order_of_contributions_does_not_matter(
    measure: Measure, data: st.DataObject, as_of: date, within: str
) -> None:
    added = data.draw(st.lists(st.tuples(FIELD[measure], st.integers(1, 5)), max_size=20))
    turned = random.Random(data.draw(st.integers())).sample(added, len(added))
    days = window(within, as_of)
    assert read(measure, series(added), days) == read(measure, dict(reversed(series(turned).items())), days)


@pytest.mark.parametrize("measure", list(Measure))
@given(data=st.data(), as_of=AS_OF, within=st.sampled_from(WINDOWS))
def test_what_is_taken_back_leaves_what_was_there_before(
    measure: Measure, data: st.DataObject, as_of: date, within: str
) -> None:
    amounts = st.lists(st.tuples(FIELD[measure], st.integers(1, 5)), max_size=10)
    before, event = data.draw(amounts), data.draw(amounts)
    back = [(field, -amount) for field, amount in event]
    days = window(within, as_of)
    assert series(before + event + back) == series(before)
    assert series(back + before + event) == series(before)
    assert read(measure, series(before + event + back), days) == read(measure, series(before), days)
    assert read(measure, series(event + back), days) == 0


@pytest.mark.parametrize("measure", list(Measure))
@given(data=st.data(), as_of=AS_OF, within=st.sampled_from(WINDOWS))
def test_a_series_in_the_order_of_its_days_says_the_same(
    measure: Measure, data: st.DataObject, as_of: date, within: str
) -> None:
    fields = series(data.draw(st.lists(st.tuples(FIELD[measure], st.integers(1, 5)), max_size=30)))
    days, made = window(within, as_of), Series(measure, fields)
    assert made.read(days) == read(measure, fields, days)
    assert made.read(days) == read(measure, fields, days), "and again"
    match measure:
        case Measure.COUNT | Measure.SUM:
            assert made.daily() == by_day(fields)
        case Measure.LATEST:
            assert made.latest(days) == latest(fields, days)
            assert made.read(days, "listed") == read(measure, fields, days, "listed")
        case Measure.FACT:
            assert made.facts(days) == facts(fields, days)
            assert made.each(lambda fact: fact.parts, days) == [fact.parts for fact in facts(fields, days)]
            assert made.facts_of("b", days) == [fact for fact in facts(fields, days) if fact.parts[0] == "b"]
        case Measure.DISTINCT:
            assert made.read(days) == len(members(fields, days))


@given(st.lists(st.tuples(FIELD[Measure.FACT], st.integers(1, 5)), max_size=30), AS_OF)
def test_a_fold_that_went_through_all_days_once_says_what_one_over_the_days_until_then_says(
    added: list[tuple[str, int]], as_of: date
) -> None:
    fields, until = series(added), Window(None, as_of)
    made = Series(Measure.FACT, fields)
    read_so_far = Facts({"s": made.facts(until)})
    seen = Facts({"s": made.facts(until)}, {"s": made}, until).settled("s", FIRST_SEEN)
    assert seen == read_so_far.settled("s", FIRST_SEEN)
    assert seen == {
        member: min(fact.day for fact in facts(fields, until) if fact.parts[0] == member)
        for member in {fact.parts[0] for fact in facts(fields, until)}
    }


@given(
    st.lists(st.tuples(FIELD[Measure.FACT], st.integers(1, 5)), max_size=20),
    st.lists(st.tuples(FIELD[Measure.FACT], st.integers(1, 5)), max_size=5),
)
def test_a_series_that_is_read_again_is_that_of_its_fields_alone(
    held: list[tuple[str, int]], changed: list[tuple[str, int]]
) -> None:
    before = Series(Measure.FACT, series(held))
    assert len(before.facts(MARCH)) <= len(before)
    fields = series(held[1:] + changed)
    again = Series(Measure.FACT, fields).after(before)
    assert again.facts(Window(None, date.max)) == facts(fields, Window(None, date.max))


def test_a_sum_may_go_below_nought_and_a_member_that_nothing_holds_is_none() -> None:
    assert Series(Measure.SUM, {"2022-03-01": -5, "2022-03-02": 2}).read(MARCH) == -3
    held = {member_field(at(1), "a"): 0, member_field(at(2), "b"): 1}
    assert Series(Measure.DISTINCT, held).read(window("cumulative", date(2022, 3, 31))) == 1


@given(st.lists(st.tuples(FIELD[Measure.COUNT], st.integers(1, 5)), max_size=20), AS_OF)
def test_a_later_day_never_counts_less(added: list[tuple[str, int]], as_of: date) -> None:
    today, tomorrow = window("cumulative", as_of), window("cumulative", as_of + timedelta(days=1))
    assert read(Measure.COUNT, series(added), today) <= read(Measure.COUNT, series(added), tomorrow)


@pytest.mark.parametrize(
    ("name", "as_of", "first"),
    [
        ("7d", date(2022, 3, 7), date(2022, 3, 1)),
        ("30d", date(2022, 3, 1), date(2022, 1, 31)),
        ("90d", date(2022, 3, 31), date(2022, 1, 1)),
        ("365d", date(2022, 12, 31), date(2022, 1, 1)),
        ("365d", date(2020, 12, 31), date(2020, 1, 2)),
        ("month", date(2022, 2, 28), date(2022, 2, 1)),
        ("month", date(2022, 3, 1), date(2022, 3, 1)),
        ("year", date(2022, 1, 1), date(2022, 1, 1)),
        ("year", date(2021, 12, 31), date(2021, 1, 1)),
        ("statistical_year", date(2022, 8, 31), date(2021, 9, 1)),
        ("statistical_year", date(2022, 9, 1), date(2022, 9, 1)),
        ("statistical_year", date(2022, 1, 1), date(2021, 9, 1)),
        ("statistical_year", date(2022, 12, 31), date(2022, 9, 1)),
    ],
)
def test_a_window_includes_its_first_and_last_day_and_none_beside(name: str, as_of: date, first: date) -> None:
    days = window(name, as_of)
    assert days == Window(first, as_of)
    assert days.includes(first.isoformat())
    assert days.includes(as_of.isoformat())
    assert not days.includes((first - timedelta(days=1)).isoformat())
    assert not days.includes((as_of + timedelta(days=1)).isoformat())


@given(AS_OF)
def test_rolling_windows_have_as_many_days_as_they_say(as_of: date) -> None:
    for name in ("7d", "30d", "90d", "365d"):
        start = window(name, as_of).start
        assert start is not None
        assert (as_of - start).days + 1 == int(name[:-1])


@pytest.mark.parametrize("name", WINDOWS)
def test_only_the_cumulative_window_includes_undated_facts(name: str) -> None:
    assert window(name, date(2022, 9, 1)).includes(UNDATED) is (name == "cumulative")


@pytest.mark.parametrize("name", ["", "8d", "d", "week", "cumulative "])
def test_an_unknown_window_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="statistical_year"):
        window(name, date(2022, 9, 1))


def at(day: int, hour: int = 4) -> datetime:
    return datetime(2022, 3, day, hour, tzinfo=UTC)


MARCH = window("month", date(2022, 3, 31))


def test_a_member_counts_once_and_only_while_something_holds_it() -> None:
    twice = series(
        [(member_field(at(1), "浙江"), 1), (member_field(at(2), "浙江"), 1), (member_field(at(2), "北京"), 1)]
    )
    assert members(twice, MARCH) == {"浙江", "北京"}
    once = series([*twice.items(), (member_field(at(1), "浙江"), -1)])
    assert members(once, MARCH) == {"浙江", "北京"}
    assert members(series([*once.items(), (member_field(at(2), "浙江"), -1)]), MARCH) == {"北京"}
    assert members(twice, window("cumulative", date(2022, 3, 1))) == {"浙江"}


def test_the_last_state_up_to_the_day_stands() -> None:
    moves = series([(state_field(at(d), 0, "p", s), 1) for d, s in ((1, "accepted"), (9, "listed"), (5, "inquiry"))])
    standing = {day: latest(moves, window("cumulative", date(2022, 3, day))).get("p") for day in (1, 4, 5, 8, 9, 31)}
    assert standing == {1: "accepted", 4: "accepted", 5: "inquiry", 8: "inquiry", 9: "listed", 31: "listed"}
    assert latest(moves, window("cumulative", date(2022, 2, 28))) == {}


def test_a_state_counts_in_a_window_only_if_it_was_reached_there() -> None:
    moves = {state_field(at(1), 0, "p", "accepted"): 1}
    assert latest(moves, window("7d", date(2022, 3, 7))) == {"p": "accepted"}
    assert latest(moves, window("7d", date(2022, 3, 8))) == {}
    left = moves | {state_field(at(9), 0, "p", "listed"): 1}
    assert read(Measure.LATEST, left, window("month", date(2022, 3, 31)), "accepted") == 0


def test_of_two_states_of_one_instant_the_greater_rank_is_the_later() -> None:
    tie = {state_field(at(1), rank, "p", state): 1 for rank, state in ((5, "listed"), (4, "registered"), (10, "a"))}
    assert latest(tie, MARCH) == {"p": "a"}
    del tie[state_field(at(1), 10, "p", "a")]
    assert latest(tie, MARCH) == {"p": "listed"}


def test_a_fraction_of_a_second_is_later_than_the_whole_second() -> None:
    fine = at(1) + timedelta(milliseconds=5)
    assert latest({state_field(at(1), 99, "p", "a"): 1, state_field(fine, 0, "p", "b"): 1}, MARCH) == {"p": "b"}


def test_a_dated_state_is_later_than_an_undated_one() -> None:
    moves = {state_field(None, 99, "p", "undated"): 1, state_field(at(1), 0, "p", "dated"): 1}
    assert latest(moves, window("cumulative", date(2022, 3, 31))) == {"p": "dated"}
    assert latest(moves, window("cumulative", date(2022, 2, 28))) == {"p": "undated"}


def test_facts_are_taken_apart_and_counted_by_their_first_part() -> None:
    rows = series(
        [(fact_field(at(1), "p", "a|b", ""), 2), (fact_field(at(9), "p", "c", ""), 1), (fact_field(None, "q"), 1)]
    )
    assert [(f.day, f.parts, f.amount) for f in facts(rows, MARCH)] == [
        ("2022-03-01", ("p", "a/b", ""), 2),
        ("2022-03-09", ("p", "c", ""), 1),
    ]
    assert [f.parts for f in facts(rows, window("cumulative", date(2022, 3, 31))) if f.day == UNDATED] == [("q",)]
    assert (read(Measure.FACT, rows, MARCH), read(Measure.FACT, rows, window("7d", date(2022, 3, 20)))) == (1, 0)


def test_states_are_counted_one_by_one_or_together() -> None:
    moves = {state_field(at(1), 0, member, state): 1 for member, state in (("p", "a"), ("q", "a"), ("r", "b"))}
    assert [read(Measure.LATEST, moves, MARCH, state) for state in ("a", "b", "c", None)] == [2, 1, 0, 3]


def test_the_dimensions_of_a_series_are_told_by_name_and_its_field_is_a_day() -> None:
    assert (dim_key({"year": "2022", "company": "c"}), day_field(at(1))) == ("company=c,year=2022", "2022-03-01")


def test_the_bucket_is_the_day_in_shanghai() -> None:
    assert day_field(datetime(2022, 3, 6, 16, tzinfo=UTC)) == "2022-03-07"
    assert day_field(None) == UNDATED
    assert list(by_day({"2022-03-07": 2, UNDATED: 5, "2022-03-01": 1}).items()) == [
        ("2022-03-01", 1),
        ("2022-03-07", 2),
    ]


@given(st.dictionaries(st.text("abcdef_", min_size=1), NAME, max_size=4))
def test_a_dim_key_comes_back_with_its_separators_replaced(dims: dict[str, str]) -> None:
    kept = {dim: value.replace("|", "/").replace("\n", " ").replace(",", "_") for dim, value in dims.items()}
    assert parse_dim_key(dim_key(dims)) == kept
    assert dim_key(parse_dim_key(dim_key(dims))) == dim_key(dims)


def test_the_total_has_an_empty_key() -> None:
    assert dim_key({}) == ""
    assert parse_dim_key("") == {}


@given(AT, NAME, STATE)
def test_a_field_is_read_back_whatever_its_member_is_called(at_: datetime | None, member: str, state: str) -> None:
    days = window("cumulative", date(2100, 1, 1))
    assert len(members({member_field(at_, member): 1}, days)) == 1
    assert list(latest({state_field(at_, 1, member, state): 1}, days).values()) == [state]
