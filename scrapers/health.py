"""The standing of a source after a poll, and when to poll it again. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from events.messages import HealthState, Outcome, SourceHealth
from scrapers.outcome import Verdict
from scrapers.polite import LONGEST_PAUSE, backoff
from scrapers.quiet import Due
from scrapers.source import Source
from scrapers.timing import Planned

FAILING_AFTER = 3
"""Bad polls in a row after which a source is failing."""

_SOON = 60.0
_JITTER = 60.0
_MAY_PASS = frozenset({Outcome.OUTAGE, Outcome.MALFORMED})
_UNWELCOME = frozenset({Outcome.CHALLENGED, Outcome.THROTTLED, Outcome.REFUSED})


@dataclass(frozen=True, slots=True)
class Poll:
    """The facts of one poll that has ended. ``at`` is aware, in UTC; ``duration_ms`` is real time.

    ``due`` is by when news is expected, None where the rhythm of the source is not known; ``notes`` are added to the detail.
    ``planned`` is when its schedule wants the next poll, None where only its cadence says.
    """

    verdict: Verdict
    at: datetime
    url: str
    items_seen: int = 0
    items_new: int = 0
    duration_ms: int = 0
    expected_items: int | None = None
    replaced: int = 0
    due: Due | None = None
    notes: tuple[str, ...] = ()
    planned: Planned | None = None


def next_health(
    previous: SourceHealth | None, source: Source, poll: Poll, jitter: float, failing_after: int = FAILING_AFTER
) -> SourceHealth:
    """The health of a source after a poll: healthy, degraded by one bad poll, failing after ``failing_after`` in a row.

    ``jitter`` (0 to 1) spreads the next poll, so that sources that began together do not stay together.
    """
    outcome = poll.verdict.outcome
    bad = 0 if outcome.healthy else (previous.bad_in_a_row if previous else 0) + 1
    usual = (poll.planned.at - poll.at).total_seconds() if poll.planned else None
    wait = next_wait(source, poll.verdict, bad, jitter, usual)
    overdue = poll.due is not None and poll.at >= poll.due.overdue_from
    return SourceHealth(
        source_id=source.id,
        outcome=outcome,
        state=_state(bad, failing_after),
        at=poll.at,
        url=poll.url,
        detail=_detail(poll, overdue),
        http_status=poll.verdict.http_status,
        items_seen=poll.items_seen,
        items_new=poll.items_new,
        bad_in_a_row=bad,
        duration_ms=poll.duration_ms,
        last_healthy_at=poll.at if outcome.healthy else previous and previous.last_healthy_at,
        last_new_at=poll.at if poll.items_new else previous and previous.last_new_at,
        next_poll_at=poll.at + timedelta(seconds=wait),
        next_poll_why=_why(poll, bad),
        tls_exception=source.tls_exception,
        expected_items=poll.expected_items,
        expected_by=poll.due and poll.due.expected_by,
        overdue=overdue,
        replaced=poll.replaced,
    )


def _detail(poll: Poll, overdue: bool) -> str:
    """What people should know: the outcome, and what is not as it should be whatever the outcome."""
    said = [poll.verdict.detail, *poll.notes]
    if poll.replaced:
        said.append(f"{poll.replaced} characters could not be read")
    if overdue and poll.due:
        said.append(f"quiet too long: by its rhythm news was due by {poll.due.expected_by:%Y-%m-%d %H:%M}Z")
    return "; ".join(said)


def _why(poll: Poll, bad: int) -> str | None:
    """The reason for the time of the next poll, for people."""
    outcome = poll.verdict.outcome
    if poll.verdict.retry_after:
        return f"the site asked for a pause of {poll.verdict.retry_after:.0f} s"
    if outcome in _MAY_PASS:
        return f"{outcome.value}, bad poll {bad} in a row: tried again soon, at growing intervals up to the cadence"
    if outcome in _UNWELCOME:
        return f"{outcome.value}, bad poll {bad} in a row: left alone for growing intervals, up to a day"
    return poll.planned.why if poll.planned else "the cadence of the catalogue"


def _state(bad: int, failing_after: int) -> HealthState:
    if bad == 0:
        return HealthState.HEALTHY
    return HealthState.FAILING if bad >= failing_after else HealthState.DEGRADED


def next_wait(source: Source, verdict: Verdict, bad: int, jitter: float, usual: float | None = None) -> float:
    """Seconds until the next poll. ``usual`` is what its schedule wants after a poll that was read, None for the cadence.

    What may pass by itself is tried again soon, at longer and longer intervals up to the cadence. Where the site does not
    want us, the intervals grow from the cadence up to a day. Never before the end of a pause that the site asked for.
    """
    cadence = float(source.cadence)
    if verdict.outcome in _MAY_PASS:
        wait = min(backoff(bad, _SOON, cadence, jitter), cadence)
    elif verdict.outcome in _UNWELCOME:
        wait = max(cadence, backoff(bad, cadence, max(cadence, LONGEST_PAUSE), jitter))
    else:
        wait = cadence if usual is None else usual
    asked = min(verdict.retry_after or 0.0, LONGEST_PAUSE)
    return max(wait, asked) + jitter * min(_JITTER, cadence / 10)
