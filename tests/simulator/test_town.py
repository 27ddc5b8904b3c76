"""What holds for every host: robots, conditional requests, unknown hosts and pages, and the log of visits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from events.clock import SHANGHAI
from simulator.facts import facts
from simulator.faults import Fault
from simulator.town import Town, Visit
from simulator.web import Reply, marked
from tests.simulator.visiting import DELIVERIES, FDA, GUIDANCE, HKEX, NOTICES, SZSE, clock_at, header, town_at, visit

HOSTS = (
    "www.nmpa.gov.cn",
    "www.cmde.org.cn",
    "www.nhsa.gov.cn",
    "www.cninfo.com.cn",
    "www1.hkexnews.hk",
    "query.sse.com.cn",
    "www.szse.cn",
    "www.bse.cn",
    "www.fda.gov",
    "udi.nmpa.gov.cn",
    "www2.hkexnews.hk",
    "www.csrc.gov.cn",
    "eid.csrc.gov.cn",
    "api.fda.gov",
    "ec.europa.eu",
    "www.pmda.go.jp",
    "36kr.com",
    "static.cninfo.com.cn",
    "disc.static.szse.cn",
    *sorted({one.host for one in facts().bulletin}),
)


def test_every_host_has_a_robots_file() -> None:
    town = town_at("2022-03-07T09:00:00")
    assert sorted(town.hosts) == sorted(HOSTS)
    for host in HOSTS:
        assert visit(town, f"https://{host}/robots.txt").body.startswith(b"User-agent: *")
        assert visit(town, f"https://{host}/nowhere.html").status == 404


def test_an_unknown_host_is_misdirected() -> None:
    assert visit(town_at("2022-03-07T09:00:00"), "https://example.org/").status == 421


@pytest.mark.parametrize("url", [DELIVERIES, GUIDANCE, NOTICES, FDA, HKEX, SZSE])
def test_a_known_page_is_answered_304(url: str) -> None:
    town = town_at("2022-03-07T09:00:00")
    first = visit(town, url)
    etag, modified = header(first, "etag"), header(first, "last-modified")
    assert etag
    assert modified
    for known in ({"If-None-Match": etag}, {"If-None-Match": f'"x", W/{etag}'}, {"If-Modified-Since": modified}):
        again = visit(town, url, known)
        assert (again.status, again.body) == (304, b"")
        assert header(again, "etag") == etag
    assert visit(town, url, {"If-None-Match": '"x"', "If-Modified-Since": modified}).status == 200
    assert visit(town, url, {"If-Modified-Since": "Mon, 02 Jan 2017 00:00:00 GMT"}).status == 200
    assert visit(town, url, {"If-Modified-Since": "yesterday"}).status == 200


@pytest.mark.asyncio
async def test_a_page_stays_304_until_its_site_changes() -> None:
    clock = clock_at("2022-03-09T00:00:00")
    town = Town(facts(), clock)
    etag = header(visit(town, GUIDANCE), "etag") or ""
    await clock.advance_to(datetime(2022, 3, 9, 8, 55, tzinfo=SHANGHAI))
    assert visit(town, GUIDANCE, {"If-None-Match": etag}).status == 304
    await clock.advance_to(datetime(2022, 3, 9, 8, 57, tzinfo=SHANGHAI))
    changed = visit(town, GUIDANCE, {"If-None-Match": etag})
    assert changed.status == 200
    assert header(changed, "last-modified") == "Wed, 09 Mar 2022 00:56:00 GMT"


def test_an_edited_page_is_new_though_its_site_states_the_old_time() -> None:
    town = town_at("2022-03-07T09:00:00")
    first = visit(town, GUIDANCE)
    known = {"If-Modified-Since": header(first, "last-modified") or ""}
    town.misbehave("www.cmde.org.cn", Fault.EDITED_ITEM)
    assert visit(town, GUIDANCE, known).status == 200
    assert visit(town, GUIDANCE, {"If-None-Match": header(first, "etag") or ""}).status == 200


def test_pages_are_made_once_per_change(monkeypatch: pytest.MonkeyPatch) -> None:
    town = town_at("2022-03-07T09:00:00")
    site = town._sites["www.szse.cn"]
    made: list[Any] = []
    answer = site.answer

    def counted(*args: Any) -> Reply | None:
        made.append(args)
        return answer(*args)

    monkeypatch.setattr(site, "answer", counted)
    for number in range(5):
        visit(town, SZSE.replace("random=0.5", f"random=0.{number}"))
    assert len(made) == 1


def test_other_methods_are_refused_and_head_has_the_headers_of_get() -> None:
    town = town_at("2022-03-07T09:00:00")
    assert town.serve("DELETE", "/robots.txt", {"host": "www.fda.gov"}).status == 405
    target = "/media/178565/download?attachment"
    head, got = (dict(town.serve(method, target, {"host": "www.fda.gov"}).headers) for method in ("HEAD", "GET"))
    assert head == got


def test_visits_are_kept() -> None:
    town = town_at("2022-03-07T09:00:00")
    visit(town, NOTICES)
    visit(town, "https://www.fda.gov/nowhere")
    assert list(town.visits) == [Visit("GET", NOTICES, 200), Visit("GET", "https://www.fda.gov/nowhere", 404)]


def test_illustrative_header_values() -> None:
    assert marked([]) is None
    assert marked([("a", False)]) is None
    assert marked([("a", True), ("b", True)]) == "*"
    assert marked([("a", True), ("b", False), ("c", True)]) == "a,c"
