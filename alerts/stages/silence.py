"""Silence: what somebody asked not to be told of for a while; and which silences the next message says have ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from alerts.texts import local_time, one_line
from events.matching import in_words, matches
from events.messages import Alert, Silence

REMEMBERED = timedelta(days=30)
"""The end of a silence is told for this long: what comes later has nothing to do with it."""


def silenced(alert: Alert, silences: Iterable[Silence], now: datetime) -> str | None:
    """What silences the alert, in words for the record; None where nothing does."""
    for silence in silences:
        if silence.state(now) == "active" and matches(silence.match, alert):
            until = local_time(silence.ends_at)
            return f"silenced by {one_line(silence.author)} until {until}: {one_line(silence.comment)}"
    return None


def ended(alerts: Iterable[Alert], silences: Iterable[Silence], told: frozenset[str], now: datetime) -> list[Silence]:
    """The silences that ended, had matched one of the alerts, and whose end the receiver was not ``told`` yet."""
    over = [s for s in silences if s.state(now) == "expired" and s.silence_id not in told and _began(s)]
    recent = [s for s in over if now - s.ends_at <= REMEMBERED]
    return [s for s in recent if any(matches(s.match, alert) for alert in alerts)]


def told_of_end(silence: Silence) -> str:
    """One line, English and Chinese, that says whose silence ended."""
    who = one_line(silence.ended_by or silence.author)
    how = f"was ended by {who}" if silence.ended_by else f"of {who} ended"
    what = in_words(silence.match)
    at = local_time(silence.ends_at)
    return f"A silence ({what}) {how} at {at}: {one_line(silence.comment)} · 静默已结束"


def _began(silence: Silence) -> bool:
    """A silence that was called off before it began silenced nothing."""
    return silence.ends_at > silence.starts_at
