"""Every HTTP status and every SMTP reply: retry or give up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alerts.channels.verdict import Verdict, of_http, of_slack_error, of_smtp, retry_after
from alerts.stages import LONGEST_WAIT_SECONDS, wait_seconds

RETRIED = set(range(100, 200)) | {408, 425, 429, 500, 502, 503, 504, 507, 508, 520, 521, 522, 523, 524, 529}
SMTP_GIVE_UP = [500, 501, 502, 503, 504, 521, 523, 530, 534, 535, 538, 541, 550, 551, 552, 553, 554, 555, 556]
SMTP_RETRY = [421, 430, 432, 450, 451, 452, 454, 455, 471, 354, 334]
NOW = datetime(2022, 3, 7, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", range(100, 600))
def test_http(status: int) -> None:
    wanted = Verdict.DELIVERED if status // 100 == 2 else Verdict.RETRY if status in RETRIED else Verdict.GIVE_UP
    assert of_http(status) is wanted


@pytest.mark.parametrize("code", SMTP_GIVE_UP)
def test_smtp_gives_up(code: int) -> None:
    assert of_smtp(code) is Verdict.GIVE_UP


@pytest.mark.parametrize("code", SMTP_RETRY)
def test_smtp_retries(code: int) -> None:
    assert of_smtp(code) is Verdict.RETRY


@pytest.mark.parametrize("code", [211, 214, 220, 221, 235, 250, 251, 252])
def test_smtp_delivered(code: int) -> None:
    assert of_smtp(code) is Verdict.DELIVERED


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        ("ratelimited", Verdict.RETRY),
        ("rollup_error", Verdict.RETRY),
        ("invalid_blocks", Verdict.GIVE_UP),
        ("no_service", Verdict.GIVE_UP),
        ("channel_is_archived", Verdict.GIVE_UP),
        ("action_prohibited", Verdict.GIVE_UP),
    ],
)
def test_slack_words(error: str, verdict: Verdict) -> None:
    assert of_slack_error(error) is verdict


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("30", 30.0),
        (" 1.5 ", 1.5),
        ("0", 0.0),
        ("999999", 3600.0),
        ("Mon, 07 Mar 2022 01:02:00 GMT", 120.0),
        ("Mon, 07 Mar 2022 00:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


def test_waits_double_up_to_the_longest_and_never_undercut_what_was_asked() -> None:
    assert [wait_seconds(n, None) for n in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert wait_seconds(10_000, None) == LONGEST_WAIT_SECONDS
    assert wait_seconds(1, 60) == 60
    assert wait_seconds(8, 60) == 128
