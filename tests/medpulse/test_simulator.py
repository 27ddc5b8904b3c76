"""MEDPULSE_SIMULATOR: a town on loopback answers for every site, and no other is asked."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from events.clock import VirtualClock
from events.messages import Outcome
from medpulse.polling import look
from medpulse.scraping import outfit
from medpulse.settings import Settings
from simulator.facts import facts
from simulator.serve import LOOPBACK, served
from simulator.town import Town

MARCH = datetime(2022, 3, 7, 15, 59, tzinfo=UTC)


class Unhurried(VirtualClock):
    """A virtual clock on which who sleeps wakes at once, so that a polite pace takes no time."""

    async def sleep(self, seconds: float) -> None:
        """Let the others go first; the time stays what it is."""
        del seconds


@pytest.fixture(scope="module")
def town() -> Iterator[str]:
    """The address of a town in which it is March 2022."""
    with served(Town(facts(), VirtualClock(MARCH))) as url:
        yield url


@pytest.mark.asyncio
async def test_a_source_is_read_from_the_town_by_its_own_addresses(town: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, simulator=town)
    report, seen = await look(settings, "nhsa-notices", Unhurried(MARCH))
    assert report.outcome is Outcome.NEW
    assert report.notices
    hosts = {str(request["url"]).split("/")[2] for request in seen.requests}
    assert hosts == {"www.nhsa.gov.cn"}, "the scraper asks the site, and the town answers for it"
    assert {notice.detected_at.year for notice in report.notices} == {2022}
    assert list(outfit(settings).archive.glob("*")), "what came is in the archive, as from any site"


@pytest.mark.asyncio
async def test_a_town_that_is_away_is_an_outage_and_no_site_is_asked_instead(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as nobody:
        port = nobody.getsockname()[1]
    report, _ = await look(
        Settings(home=tmp_path, simulator=f"http://{LOOPBACK}:{port}"), "nhsa-notices", Unhurried(MARCH)
    )
    assert report.outcome is Outcome.OUTAGE
    assert report.notices == ()


def test_the_town_is_believed_what_is_illustrative_and_a_real_site_is_not(tmp_path: Path) -> None:
    assert outfit(Settings(home=tmp_path, simulator="http://127.0.0.1:1")).simulated
    real = outfit(Settings(home=tmp_path))
    assert (real.simulated, real.transport) == (False, None)


@pytest.mark.parametrize(
    "url", ["http://town.example:8765", "https://127.0.0.1:8765", "127.0.0.1:8765", "http://127.0.0.1"]
)
def test_a_town_beyond_this_machine_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDPULSE_SIMULATOR", url)
    with pytest.raises(ValidationError, match="simulator"):
        Settings()
