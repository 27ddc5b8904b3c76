"""Every way in which a site can fail, one row or one test each, over a real server: it ends in its named outcome, nothing is
lost or published twice, and the next healthy poll catches up. Waits are on a virtual clock.
"""

from __future__ import annotations

import gzip
import json
import ssl
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from events.clock import VirtualClock
from events.messages import HealthState, Outcome
from events.notice import Notice
from scrapers.polite import Manners
from scrapers.room import Outfit, open_runner
from scrapers.round import Limits
from scrapers.seen import MemorySeen
from scrapers.source import Source, catalog
from simulator.facts import facts
from simulator.faults import Fault
from simulator.town import Town
from simulator.transport import TownTransport
from tests.scrapers.hostile import (
    WALL,
    Hostile,
    Manner,
    Mapped,
    cut_off,
    drip,
    endless,
    hang,
    listed,
    page,
    raw,
    redirect,
    reset,
)
from tests.scrapers.rig import FAST, A, B, Rig, Sent, driven, own, rigged, small

HOUR = 3600.0


@dataclass(frozen=True)
class Way:
    """What the server does, what the poll ends as, words of its detail, and seconds that the site is then left alone."""

    manner: Manner
    outcome: Outcome
    says: str = ""
    rest: float = 0.0


def _json(*items: object) -> bytes:
    return json.dumps({"items": items}, ensure_ascii=False).encode()


BOMB = gzip.compress(b"0" * 9_000_000)
WAYS = {
    # the connection
    "reset mid-body": Way(reset(b'{"items"'), Outcome.OUTAGE),
    "hang": Way(hang, Outcome.OUTAGE),
    "slow drip": Way(drip, Outcome.OUTAGE, "not whole after"),
    "closed without an answer": Way(raw(b""), Outcome.OUTAGE, "disconnected"),
    "not HTTP": Way(raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), Outcome.MALFORMED, "not whole"),
    # the body
    "endless body": Way(endless, Outcome.MALFORMED, "larger than 200000 bytes"),
    "cut off": Way(cut_off(b'{"items": ['), Outcome.MALFORMED, "not whole"),
    "bad gzip": Way(page(b"{}", content_encoding="gzip"), Outcome.MALFORMED, "not gzip"),
    "zip bomb": Way(page(BOMB, content_encoding="gzip"), Outcome.MALFORMED, "larger than 200000 bytes"),
    "brotli unasked": Way(page(b"{}", content_encoding="br"), Outcome.MALFORMED, "not asked for"),
    "half a document": Way(page(b'{"items": [{"key"'), Outcome.MALFORMED, "no JSON"),
    "million-row list": Way(
        page(_json(*({"key": str(n)} for n in range(1_000_000)))), Outcome.MALFORMED, "larger than"
    ),
    # redirects
    "redirect loop": Way(redirect("/list"), Outcome.REFUSED, "redirected more than 5 times", HOUR / 2),
    "redirect to a file": Way(redirect("file:///etc/passwd"), Outcome.REFUSED, "not an address of the web", HOUR / 2),
    "redirect to nowhere": Way(page(b"", 302), Outcome.DRIFTED, "302"),
    # statuses and walls
    "401": Way(page(b"", 401), Outcome.REFUSED, "401", HOUR / 2),
    "403": Way(page(b"", 403), Outcome.REFUSED, "403", HOUR / 2),
    "404": Way(page(b"", 404), Outcome.REFUSED, "404", HOUR / 2),
    "410": Way(page(b"", 410), Outcome.REFUSED, "410", HOUR / 2),
    "412": Way(page(WALL, 412), Outcome.CHALLENGED, "Ruishu", HOUR / 2),
    "412 without a script": Way(page(b"", 412), Outcome.CHALLENGED, "412", HOUR / 2),
    "521": Way(page(b"", 521), Outcome.CHALLENGED, "521", HOUR / 2),
    "202 with script": Way(page(WALL, 202), Outcome.CHALLENGED, "Ruishu", HOUR / 2),
    "200 with wall": Way(page(WALL), Outcome.CHALLENGED, "Ruishu", HOUR / 2),
    "429 with seconds": Way(page(b"", 429, retry_after="9000"), Outcome.THROTTLED, "429", 9000),
    "429 with a date": Way(page(b"", 429, retry_after="Mon, 07 Mar 2022 04:00:00 GMT"), Outcome.THROTTLED, "429", 9000),
    "429 without Retry-After": Way(page(b"", 429), Outcome.THROTTLED, "429", HOUR / 2),
    "500": Way(page(b"oops", 500), Outcome.OUTAGE, "500"),
    "503": Way(page(b"", 503), Outcome.OUTAGE, "503"),
    "503 with Retry-After": Way(page(b"", 503, retry_after="9000"), Outcome.OUTAGE, "503", 9000),
    # what the page says
    "another shape": Way(page(b'{"records": []}'), Outcome.DRIFTED, "no items"),
    "empty list": Way(listed(), Outcome.DRIFTED, "never empty"),
    "every date missing": Way(listed({"key": "c", "title": "t"}), Outcome.DRIFTED, "1 of 1 items have no published_at"),
    "wrong charset": Way(page(_json(A).replace("甲".encode(), b"\xff\xfe")), Outcome.MALFORMED, "no JSON"),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", WAYS)
async def test_each_way_to_fail_is_named_and_loses_nothing(name: str, rig: Rig, site: Hostile) -> None:
    """A healthy poll, three of a site that fails, and one of a site that is well again and has one more item."""
    way, source = WAYS[name], small(site.url(), details=False)
    site.pages["/list"] = listed(A)
    assert (await rig.poll(source)).outcome is Outcome.NEW
    site.pages["/list"] = way.manner
    for times, state in ((1, HealthState.DEGRADED), (2, HealthState.DEGRADED), (3, HealthState.FAILING)):
        report = await rig.poll(source)
        assert (report.outcome, report.items_new, way.says in report.detail) == (way.outcome, 0, True), report.detail
        assert (report.health.state, report.health.bad_in_a_row) == (state, times)
        assert report.health.next_poll_at is not None
        assert times > 1 or report.health.next_poll_at - report.health.at >= timedelta(seconds=way.rest)
        await rig.clock.advance_to(report.health.next_poll_at)
    site.pages["/list"] = listed(B, A)
    healed = await rig.poll(source)
    assert (healed.outcome, healed.health.state) == (Outcome.NEW, HealthState.HEALTHY), healed.detail
    assert rig.sent.keys == {"a": 1, "b": 1}
    assert len(rig.sent.letters) <= 1, "what cannot be read is a dead letter once"


@pytest.mark.asyncio
async def test_refused_connection(rig: Rig, clock: VirtualClock) -> None:
    site = Hostile()
    async with site:
        site.pages["/list"] = listed(A)
        assert (await rig.poll(small(site.url(), details=False))).outcome is Outcome.NEW
    down = await rig.poll(small(site.url(), details=False))
    assert (down.outcome, "connection" in down.detail.lower()) == (Outcome.OUTAGE, True), down.detail
    async with site:
        site.pages["/list"] = listed(B, A)
        assert (await rig.poll(small(site.url(), details=False))).items_new == 1


def _certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.mark.asyncio
async def test_tls_name_mismatch(tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real TLS listener whose authority is trusted and whose certificate bears another name, then its own."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    site = Hostile(_certified(authority, "127.0.0.1"))
    async with rigged(tmp_path / "a", clock) as rig:
        async with site:
            site.pages["/list"] = listed(A)
            source = small(site.url(), details=False)
            assert (await rig.poll(source)).outcome is Outcome.NEW
        site.context = _certified(authority, "other.example")
        async with site:
            site.pages["/list"] = listed(B, A)
            other = await rig.poll(source)
            assert (other.outcome, "mismatch" in other.detail) == (Outcome.OUTAGE, True), other.detail
            assert site.times_asked("/list") == 1, "nothing was asked of a host that is not who it says"
        site.context = _certified(authority, "127.0.0.1")
        async with site:
            site.pages["/list"] = listed(B, A)
            assert (await rig.poll(source)).items_new == 1
    assert rig.sent.keys == {"a": 1, "b": 1}


@pytest.mark.asyncio
async def test_a_tls_exception_is_of_one_host_says_why_and_is_told_with_every_poll(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, stranger, why = trustme.CA(), trustme.CA(), "the site presents the certificate of its cloud provider"
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    excepting = replace(FAST, tls_exceptions=frozenset({"127.0.0.1"}))
    site = Hostile(_certified(authority, "other.example"))
    async with rigged(tmp_path / "a", clock, settings=excepting) as rig, site:
        site.pages["/list"] = listed(A)
        source = small(site.url(), details=False, tls_exception=why)
        assert (await rig.poll(source)).health.tls_exception == why
        assert rig.sent.health[-1].tls_exception == why
    site.context = _certified(stranger, "127.0.0.1")
    async with rigged(tmp_path / "b", clock, settings=excepting) as rig, site:
        unvouched = await rig.poll(source)
        assert (unvouched.outcome, "verify failed" in unvouched.detail) == (Outcome.OUTAGE, True), (
            "the chain is checked"
        )


@pytest.mark.asyncio
async def test_robots_disallow(rig: Rig, site: Hostile, clock: VirtualClock) -> None:
    source = small(site.url(), details=False)
    site.pages |= {"/robots.txt": page(b"User-agent: *\nDisallow: /list"), "/list": listed(A)}
    refused = await rig.poll(source)
    assert (refused.outcome, "robots.txt" in refused.detail) == (Outcome.REFUSED, True)
    assert site.times_asked("/list") == 0
    site.pages["/robots.txt"] = page(b"User-agent: *\nDisallow: /other")
    await clock.advance_to(clock.now() + timedelta(days=1))
    assert (await rig.poll(source)).outcome is Outcome.NEW


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "to", ["http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://10.0.0.8/", "//localhost"]
)
async def test_private_address_redirect(to: str, tmp_path: Path, clock: VirtualClock, site: Hostile) -> None:
    guarded = replace(FAST, allow_private=False)
    site.pages |= {"/list": redirect(to), "/latest/meta-data/": page(b"secret")}
    async with rigged(tmp_path, clock, settings=guarded, transport=Mapped(site.port)) as rig:
        source = small("http://www.nmpa.gov.cn/list", details=False)
        refused = await rig.poll(source)
        assert (refused.outcome, "private address" in refused.detail) == (Outcome.REFUSED, True), refused.detail
        assert {asked.path for asked in site.asked} == {"/robots.txt", "/list"}
        site.pages["/list"] = listed(A)
        assert (await rig.poll(source)).outcome is Outcome.NEW


@pytest.mark.asyncio
async def test_an_empty_list_may_be_news(rig: Rig, site: Hostile) -> None:
    site.pages["/list"] = listed()
    assert (await rig.poll(small(site.url(), never_empty=False))).outcome is Outcome.EMPTY


@pytest.mark.asyncio
async def test_missing_date(rig: Rig, site: Hostile) -> None:
    site.pages["/list"] = listed(A, B, {"key": "c", "title": "丙"})
    assert (await rig.poll(small(site.url(), details=False))).outcome is Outcome.NEW
    dated = [(n.item_key, n.published_at is not None) for n in rig.sent.notices]
    assert dated == [("a", True), ("b", True), ("c", False)], "a date is not invented"


@pytest.mark.asyncio
async def test_future_date(rig: Rig, site: Hostile, clock: VirtualClock) -> None:
    site.pages["/list"] = listed(A | {"key": "typo", "date": "2062-03-04"}, A, B)
    report = await rig.poll(small(site.url(), details=False))
    assert (report.outcome, "typo states 2062-03-0" in report.detail) == (Outcome.NEW, True), report.detail
    assert [n.published_at and n.published_at.year for n in rig.sent.notices] == [2062, 2022, 2022], "kept as stated"
    assert (await rig.seen.memory("small")).news == (date(2022, 3, 4), date(2022, 3, 5)), "no rhythm is learned from it"
    site.pages["/list"] = listed(A | {"key": "new"}, A | {"key": "typo", "date": "2022-03-04"}, A, B)
    await clock.advance_to(clock.now() + timedelta(hours=1))
    again = await rig.poll(small(site.url(), details=False))
    assert sorted(n.item_key for n in again.notices) == ["new", "typo"], "what is put right is a revision"


@pytest.mark.asyncio
async def test_edited(rig: Rig, site: Hostile) -> None:
    source = small(site.url())
    for title in ("甲", "甲（更正）"):
        site.pages["/list"] = listed(A | {"title": title}, B)
        await rig.poll(source)
    before, after = (n for n in rig.sent.notices if n.item_key == "a")
    assert (before.notice_id, after.title) == (after.notice_id, "甲（更正）")
    assert before.content_hash != after.content_hash
    assert rig.sent.keys == {"a": 2, "b": 1}


@pytest.mark.asyncio
async def test_edited_in_place_on_its_own_page(rig: Rig, site: Hostile, clock: VirtualClock) -> None:
    site.pages |= {"/list": listed(A | {"own": True}), "/item/a": own("a", number="7")}
    source = small(site.url())
    await rig.poll(source)
    site.pages["/item/a"] = own("a", number="8")
    await clock.advance_to(clock.now() + timedelta(hours=7))
    await rig.poll(source)
    assert [n.fields.get("number") for n in rig.sent.notices] == ["7", "8"]


@pytest.mark.asyncio
async def test_withdrawn(rig: Rig, site: Hostile, clock: VirtualClock) -> None:
    source = small(site.url(), details=False)
    older = [A | {"key": f"old{n}", "date": "2022-03-01"} for n in range(4)]
    site.pages["/list"] = listed(B, A, *older)
    await rig.poll(source)
    site.pages["/list"] = listed(B, *older)
    gone = []
    for _ in range(4):
        await clock.advance_to(clock.now() + timedelta(hours=1))
        gone.append([n.item_key for n in (await rig.poll(source)).notices if n.retracted])
    assert gone == [[], [], ["a"], []], "withdrawn once, after three polls that agree"
    site.pages["/list"] = listed(B, A, *older)
    await clock.advance_to(clock.now() + timedelta(hours=1))
    assert [(n.item_key, n.retracted) for n in (await rig.poll(source)).notices] == [("a", False)], "and it comes back"


@pytest.mark.asyncio
async def test_million_row_list(tmp_path: Path, clock: VirtualClock, site: Hostile) -> None:
    """A list far longer than one poll takes: gone through over several, each row once (memory: `test_stretch`)."""
    rows = [{"key": f"k{n}", "title": "t", "date": "2022-03-04"} for n in range(1000)]
    site.pages["/list"] = page(_json(*rows))
    news = []
    async with rigged(tmp_path, clock, limits=Limits(rows=400)) as rig:
        while (report := await rig.poll(small(site.url(), details=False))).items_new:
            news.append(report.items_new)
    assert (news, set(rig.sent.keys.values()), len(rig.sent.keys)) == ([400, 400, 200], {1}, 1000)


async def _of_the_town(folder: Path, source: Source, host: str, fault: Fault | None) -> list[Notice]:
    """What polls of a real source find, whose site in the town has a fault."""
    clock, sent = VirtualClock(datetime(2022, 8, 15, tzinfo=UTC)), Sent()
    town = Town(facts(), clock)
    if fault:
        town.misbehave(host, fault)
    outfit = Outfit(folder, FAST, Manners(failures=50), transport=TownTransport(town), simulated=True, seed=1)
    async with open_runner(outfit, clock, MemorySeen(), sent) as runner:
        report = await driven(runner.pace, clock, runner.poll(source))
    assert report.outcome is Outcome.NEW, report.detail
    return sent.notices


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", [Fault.REORDERED_COLUMNS, Fault.GB18030])
async def test_shuffled_columns_and_wrong_charset_read_as_the_plain_page(fault: Fault, tmp_path: Path) -> None:
    source, host = catalog()["nmpa-delivery"], "www.nmpa.gov.cn"
    plain = await _of_the_town(tmp_path / "plain", source, host, None)
    odd = await _of_the_town(tmp_path / "odd", source, host, fault)
    assert [(n.item_key, n.title, n.fields, n.rows) for n in odd] == [
        (n.item_key, n.title, n.fields, n.rows) for n in plain
    ]
    assert len(plain) > 5
    assert not any("\ufffd" in f"{n.title}{n.body}{n.rows}" for n in odd)
