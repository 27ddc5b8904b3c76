"""Manners: pauses, Retry-After, robots.txt, back-off and the circuit of a host."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from events.clock import VirtualClock
from scrapers.answer import Fetched, Refused, Throttled, Unreachable
from scrapers.fetch import Fetcher
from scrapers.pace import Pace
from scrapers.page import Request
from scrapers.polite import LONGEST_PAUSE, Circuit, Manners, Polite, after_request, backoff, retry_after
from tests.scrapers.hostile import Hostile, hang, page, redirect
from tests.scrapers.rig import FAST, driven, together

NOW = datetime(2022, 3, 7, 1, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Hostile]:
    async with Hostile() as server:
        server.pages["/list"] = page(b"{}")
        yield server


@pytest_asyncio.fixture
async def polite(clock: VirtualClock) -> AsyncIterator[Polite]:
    async with Fetcher(FAST, clock) as fetcher:
        yield Polite(fetcher, Pace(clock), random.Random(1), Manners(failures=3))


async def _get(polite: Polite, clock: VirtualClock, url: str, delay: float = 1.5) -> Fetched:
    return await driven(polite._pace, clock, polite.get(Request(url), delay))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("99999999999999999999", LONGEST_PAUSE),
        ("Mon, 07 Mar 2022 01:02:00 GMT", 120.0),
        ("Mon, 07 Mar 2022 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_PAUSE),
        ("soon", None),
        ("-5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_in_both_forms(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_back_off_doubles_within_bounds(failures: int, jitter: float) -> None:
    wait = backoff(failures, 60, 3600, jitter)
    assert 30 <= wait <= 3600
    assert wait <= backoff(failures + 1, 60, 3600, jitter)
    assert backoff(failures, 60, 1e12, 1) == min(60 * 2.0 ** min(failures - 1, 40), 1e12)


def test_a_circuit_opens_for_longer_and_closes_at_once() -> None:
    circuit, rests = Circuit(), []
    for _ in range(5):
        circuit = after_request(circuit, ok=False, now=NOW, manners=Manners(failures=3, rest=60), jitter=1.0)
        rests.append(circuit.open_until and (circuit.open_until - NOW).total_seconds())
    assert rests == [None, None, 60.0, 120.0, 240.0]
    assert after_request(circuit, ok=True, now=NOW, manners=Manners(), jitter=0.0) == Circuit()


@pytest.mark.asyncio
async def test_two_requests_to_a_host_are_apart(polite: Polite, clock: VirtualClock, site: Hostile) -> None:
    began = clock.now()
    times = []
    for _ in range(3):
        await _get(polite, clock, site.url(), delay=2.0)
        times.append((clock.now() - began).total_seconds())
    assert times[0] == 0.0
    assert all(2.0 <= later - earlier <= 2.4 for earlier, later in pairwise(times))


@pytest.mark.asyncio
async def test_one_request_at_a_time_and_hosts_side_by_side(polite: Polite, clock: VirtualClock, site: Hostile) -> None:
    async with Hostile() as other:
        other.pages["/list"] = page(b"{}")
        urls = (site.url(), site.url(), other.url(), other.url())
        began = clock.now()
        await together(polite._pace, clock, *(polite.get(Request(url), 1000.0) for url in urls))
    assert 1000 <= (clock.now() - began).total_seconds() <= 1200, "the hosts wait at the same time, each for itself"


@pytest.mark.asyncio
async def test_robots_forbids_and_slows(polite: Polite, clock: VirtualClock, site: Hostile) -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: medpulse\nCrawl-delay: 7\nDisallow: /secret\n"
    site.pages |= {"/robots.txt": page(rules), "/on": redirect("/secret/x"), "/secret/x": page(b"!")}
    with pytest.raises(Refused, match=r"robots\.txt of 127\.0\.0\.1:\d+ forbids /secret/x"):
        await _get(polite, clock, site.url("/secret/x"))
    with pytest.raises(Refused, match="forbids /secret/x"):
        await _get(polite, clock, site.url("/on"))
    assert site.times_asked("/secret/x") == 0
    await _get(polite, clock, site.url())
    began = clock.now()
    await _get(polite, clock, site.url())
    assert (clock.now() - began).total_seconds() >= 7
    assert site.times_asked("/robots.txt") == 1
    await clock.advance_to(clock.now() + timedelta(days=1))
    await _get(polite, clock, site.url())
    assert site.times_asked("/robots.txt") == 2


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [401, 403, 404, 410, 412])
async def test_robots_that_cannot_be_had_forbids_nothing(
    status: int, polite: Polite, clock: VirtualClock, site: Hostile
) -> None:
    site.pages["/robots.txt"] = page(b"User-agent: *\nDisallow: /", status)
    assert (await _get(polite, clock, site.url())).status == 200


@pytest.mark.asyncio
async def test_robots_that_fails_means_not_now(polite: Polite, clock: VirtualClock, site: Hostile) -> None:
    site.pages["/robots.txt"] = page(b"", 503)
    for _ in range(2):
        with pytest.raises(Unreachable, match=r"robots\.txt: the site answered 503"):
            await _get(polite, clock, site.url())
    assert [asked.path for asked in site.asked] == ["/robots.txt"]
    site.pages["/robots.txt"] = page(b"")
    await clock.advance_to(clock.now() + timedelta(minutes=10))
    assert (await _get(polite, clock, site.url())).status == 200


@pytest.mark.asyncio
@pytest.mark.parametrize(("status", "value"), [(429, "300"), (503, "Mon, 07 Mar 2022 01:05:00 GMT")])
async def test_a_pause_is_kept(status: int, value: str, polite: Polite, clock: VirtualClock, site: Hostile) -> None:
    site.pages["/list"] = page(b"", status, retry_after=value)
    assert (await _get(polite, clock, site.url())).status == status
    site.pages["/list"] = page(b"{}")
    with pytest.raises(Throttled) as caught:
        await _get(polite, clock, site.url())
    assert caught.value.retry_after == 300
    assert site.times_asked("/list") == 1
    await clock.advance_to(NOW + timedelta(seconds=300))
    assert (await _get(polite, clock, site.url())).status == 200


@pytest.mark.asyncio
async def test_a_host_that_fails_is_left_alone(polite: Polite, clock: VirtualClock, site: Hostile) -> None:
    site.pages |= {"/list": page(b"", 500), "/hang": hang}
    for path in ("/list", "/list"):
        await _get(polite, clock, site.url(path))
    with pytest.raises(Unreachable, match=r"not whole after|Timeout|timed out"):
        await _get(polite, clock, site.url("/hang"))
    site.pages["/list"] = page(b"{}")
    with pytest.raises(Unreachable, match="3 requests failed in a row") as caught:
        await _get(polite, clock, site.url())
    assert caught.value.retry_after is not None
    assert site.times_asked("/list") == 2
    await clock.advance_to(clock.now() + timedelta(seconds=caught.value.retry_after))
    assert (await _get(polite, clock, site.url())).status == 200
