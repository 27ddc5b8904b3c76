"""MEDPULSE_SIMULATOR: a town on loopback answers for every site, and no other is asked."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.clock import VirtualClock
from events.messages import Outcome
from medpulse.polling import look
from medpulse.scraping import outfit
from medpulse.settings import Settings
from simulator.facts import facts
from simulator.serve import LOOPBACK, served
from simulator.town import Town
from tests.medpulse.command import medpulse, refused

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


def test_a_town_beyond_this_machine_is_refused_in_one_line(tmp_path: Path) -> None:
    refused(
        medpulse(tmp_path, "sources", "list", MEDPULSE_SIMULATOR="http://town.example:8765"),
        "MEDPULSE_SIMULATOR",
    )


def test_doctor_says_that_nothing_real_is_asked(town: str, tmp_path: Path) -> None:
    said = medpulse(tmp_path, "doctor", MEDPULSE_SIMULATOR=town).stdout
    assert f"asked of the simulator at {town}" in " ".join(said.split())
