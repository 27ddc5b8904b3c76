"""When digests are due: Shanghai's days, China's holidays and the days that are worked for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.digest.content import Period
from alerts.digest.due import LONGEST_DAYS, Due, first_day, following, latest
from alerts.digest.settings import DigestSettings
from events.clock import SHANGHAI

EVERY = DigestSettings(daily="08:30", weekly="monday 09:00")
WORKDAYS = DigestSettings(daily="08:30", weekly="monday 09:00", days="workdays")


def _shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "at", "end"),
    [
        ("2022-03-07 08:29", "2022-03-06 08:30", "2022-03-05"),
        ("2022-03-07 08:30", "2022-03-07 08:30", "2022-03-06"),
        # Before eight in the morning it is still yesterday in UTC.
        ("2022-03-08 00:10", "2022-03-07 08:30", "2022-03-06"),
        ("2022-01-01 08:30", "2022-01-01 08:30", "2021-12-31"),
    ],
)
def test_a_daily_digest_tells_of_the_day_before(now: str, at: str, end: str) -> None:
    found = latest(_shanghai(now), EVERY, Period.DAILY)
    assert found == Due(_shanghai(at), date.fromisoformat(end))
    assert found.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("now", "at", "end"),
    [
        # National Day 2022: free from 1 to 7 October; 8 and 9 October, a weekend, are worked.
        ("2022-10-07 12:00", "2022-09-30 08:30", "2022-09-29"),
        ("2022-10-08 12:00", "2022-10-08 08:30", "2022-10-07"),
        ("2022-10-09 12:00", "2022-10-09 08:30", "2022-10-08"),
        # An ordinary weekend waits for Monday.
        ("2022-03-06 12:00", "2022-03-04 08:30", "2022-03-03"),
        ("2022-03-07 12:00", "2022-03-07 08:30", "2022-03-06"),
    ],
)
def test_on_free_days_nothing_is_sent_and_make_up_days_are_worked(now: str, at: str, end: str) -> None:
    assert latest(_shanghai(now), WORKDAYS, Period.DAILY) == Due(_shanghai(at), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("now", "settings", "at", "end"),
    [
        ("2022-03-07 08:59", EVERY, "2022-02-28 09:00", "2022-02-27"),
        ("2022-03-07 09:00", EVERY, "2022-03-07 09:00", "2022-03-06"),
        ("2022-03-13 23:59", EVERY, "2022-03-07 09:00", "2022-03-06"),
        # Monday 3 October is free, and so is the rest of that week: Saturday the 8th is worked.
        ("2022-10-07 12:00", WORKDAYS, "2022-09-26 09:00", "2022-09-25"),
        ("2022-10-08 12:00", WORKDAYS, "2022-10-08 09:00", "2022-10-02"),
        # And the next Monday has its own again.
        ("2022-10-10 12:00", WORKDAYS, "2022-10-10 09:00", "2022-10-09"),
        # Spring Festival 2022: the week from Monday 31 January is free and has none; the next Monday's tells of both.
        ("2022-02-06 12:00", WORKDAYS, "2022-01-24 09:00", "2022-01-23"),
        ("2022-02-07 12:00", WORKDAYS, "2022-02-07 09:00", "2022-02-06"),
    ],
)
def test_a_weekly_digest_tells_of_the_week_before(now: str, settings: DigestSettings, at: str, end: str) -> None:
    assert latest(_shanghai(now), settings, Period.WEEKLY) == Due(_shanghai(at), date.fromisoformat(end))


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 1)),  # noqa: DTZ001 made aware below
    st.sampled_from([EVERY, WORKDAYS]),
    st.sampled_from(list(Period)),
)
def test_one_digest_follows_another_without_gap_or_overlap(
    at: datetime, settings: DigestSettings, period: Period
) -> None:
    now = at.replace(tzinfo=SHANGHAI).astimezone(UTC)
    last, then = latest(now, settings, period), following(now, settings, period)
    assert last.at <= now < then.at
    assert last.end < then.end
    assert latest(then.at, settings, period) == then
    assert latest(then.at - timedelta(seconds=1), settings, period) == last
    assert first_day(last.end, then.end) == last.end + timedelta(days=1)
    assert last.end < last.at.astimezone(SHANGHAI).date()


def test_a_long_silence_is_not_told_whole() -> None:
    assert first_day(date(2021, 1, 1), date(2022, 1, 1)) == date(2022, 1, 1) - timedelta(days=LONGEST_DAYS - 1)


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({}, "give `daily`"),
        ({"daily": "8:30"}, "is no time of day"),
        ({"daily": "24:00"}, "is no time of day"),
        ({"weekly": "08:30"}, "names no weekday"),
        ({"weekly": "monday"}, "is no time of day"),
        ({"daily": "08:30", "days": "holidays"}, "'every' or 'workdays'"),
        ({"daily": "08:30", "charts": ["pies"]}, "charts"),
    ],
)
def test_settings_that_cannot_be_used_say_why(given_: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DigestSettings.model_validate(given_)
