"""From a receiver's answer to what to do next: the tables of HTTP statuses and SMTP replies, pure, for every channel."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

MAX_WAIT_SECONDS = 3600.0
"""No receiver can make us wait longer than this before the next try."""

_RETRIED_HTTP = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 508, 520, 521, 522, 523, 524, 529})
# The server failed, or what stands before it did, at a moment that nobody knows: it may have taken the message all the same.
_DOUBTFUL_HTTP = frozenset({500, 502, 504, 520, 524})
# Slack's own words for "not now" in a 200 with an error body (its documentation of webhooks and of chat.postMessage).
_RETRIED_SLACK = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "rollup_error",
        "service_unavailable",
        "internal_error",
        "fatal_error",
        "request_timeout",
        "team_added_to_org",
    }
)


class Verdict(StrEnum):
    """What an answer means for the message."""

    DELIVERED = "delivered"
    RETRY = "retry"
    GIVE_UP = "give_up"


def of_http(status: int) -> Verdict:
    """Rule: RFC 9110, section 15; RFC 6585 (429). A 3xx is not followed: set the URL anew. After a 1xx an answer is missing."""
    if 100 <= status < 200:
        return Verdict.RETRY
    if 200 <= status < 300:
        return Verdict.DELIVERED
    return Verdict.RETRY if status in _RETRIED_HTTP else Verdict.GIVE_UP


def doubtful_http(status: int) -> bool:
    """Whether a message that was answered so may have been taken: a further try may be a duplicate, and is marked as one."""
    return status in _DOUBTFUL_HTTP or 100 <= status < 200


def of_slack_error(error: str) -> Verdict:
    """What an error word of Slack means: a table of those that pass with time; all others need a person."""
    return Verdict.RETRY if error in _RETRIED_SLACK else Verdict.GIVE_UP


def of_smtp(code: int) -> Verdict:
    """Rule: RFC 5321, section 4.2.1: 4yz is transient, 5yz permanent. A 1yz or 3yz at the end is a broken dialogue: retry."""
    match code // 100:
        case 2:
            return Verdict.DELIVERED
        case 5:
            return Verdict.GIVE_UP
        case _:
            return Verdict.RETRY


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds to wait by a ``Retry-After`` header: delay-seconds or an HTTP date (RFC 9110, 10.2.3), bounded.

    None where there is no header, or none that can be read.
    """
    if header is None:
        return None
    text = header.strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
        return min(float(text), MAX_WAIT_SECONDS)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (aware - now).total_seconds()), MAX_WAIT_SECONDS)
