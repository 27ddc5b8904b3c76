"""Each way in which the town misbehaves, how often, and where."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import pytest
from lxml import etree

from simulator.facts import facts
from simulator.faults import Fault
from simulator.town import Town
from tests.simulator.visiting import (
    BSE,
    CNINFO,
    DELIVERIES,
    FDA,
    GUIDANCE,
    HKEX,
    NOTICES,
    SSE,
    SZSE,
    clock_at,
    header,
    text,
    town_at,
    visit,
)

NMPA = "www.nmpa.gov.cn"
REFERER = {"Referer": "https://www.sse.com.cn/"}
FORM = {"column": "szse", "pageNum": "1"}


@pytest.fixture
def town() -> Town:
    """The town in the middle of the story."""
    return town_at("2022-03-07T09:00:00")


def cms(body: str) -> list[tuple[str, str, str]]:
    """Key, title and date of the rows of a list."""
    row = r'<a href="(?:\.\./)+([^"]+)"[^>]*title="([^"]+)">[^<]*</a>(?:<span>\(([^)]*)\)</span>)?'
    return [("/" + key, title, date) for key, title, date in re.findall(row, body)]


def hanweb(body: str) -> list[tuple[str, str, str]]:
    """The same of a column of the NHSA."""
    return re.findall(r'<a href="(/art/[^"]+)" title="([^"]+)".*?sp-4">([^<]*)<', body)


def fda(body: str) -> list[tuple[str, str, str]]:
    """The same of the FDA's list."""
    names = ("Submission_number", "Device", "Date_of_final_decision")
    cells = ([row.findtext(name) or "" for name in names] for row in etree.fromstring(body.encode()).iter("row"))
    return [(number.split('"')[3], device, date) for number, device, date in cells]


def rows_of(key: str, title: str, date: str, *path: str) -> Callable[[str], list[tuple[str, str, str]]]:
    """The same of JSON or JSONP with its rows at ``path``."""

    def read(body: str) -> list[tuple[str, str, str]]:
        value = json.loads(re.sub(r"^\w+\(|\)$", "", body))
        value = value[0] if isinstance(value, list) else value
        for step in path:
            value = value[step]
        return [(str(row[key]), row[title], str(row[date] or "")) for row in value or ()]

    return read


SITES: dict[str, Callable[[str], list[tuple[str, str, str]]]] = {
    DELIVERIES: cms,
    GUIDANCE: cms,
    NOTICES: hanweb,
    FDA: fda,
    HKEX: rows_of("id", "a", "d", "app"),
    SZSE: rows_of("prjid", "cmpnm", "updtdt", "data"),
    SSE: rows_of("stockAuditNum", "stockAuditName", "updateDate", "result"),
    BSE: rows_of("id", "companyName", "updateDate", "listInfo", "content"),
    CNINFO: rows_of("announcementId", "announcementTitle", "announcementTime", "announcements"),
}


def read(town: Town, url: str) -> list[tuple[str, str, str]]:
    """Key, title and date of every row of a list."""
    return SITES[url](text(town, url, REFERER, FORM if url in {BSE, CNINFO} else None))


def host(url: str) -> str:
    """The host of a URL."""
    return url.split("/")[2]


@pytest.mark.parametrize("url", SITES)
def test_an_empty_list_is_well_formed(town: Town, url: str) -> None:
    assert read(town, url)
    town.misbehave(host(url), Fault.EMPTY_LIST)
    assert read(town, url) == []


@pytest.mark.parametrize("url", SITES)
def test_dates_go_missing_and_nothing_else(town: Town, url: str) -> None:
    before = read(town, url)
    assert all(date for _, _, date in before)
    town.misbehave(host(url), Fault.MISSING_DATE)
    assert read(town, url) == [(key, title, "") for key, title, _ in before]


def newest(url: str, rows: list[tuple[str, str, str]]) -> tuple[str, str, str]:
    """The row that appeared last: the first, but where the list goes by another date than the URL."""
    return max(rows, key=lambda row: row[0][-22:]) if url == GUIDANCE else rows[0]


@pytest.mark.parametrize("url", SITES)
def test_the_newest_item_is_edited(town: Town, url: str) -> None:
    before = read(town, url)
    edited = newest(url, before)
    town.misbehave(host(url), Fault.EDITED_ITEM)
    after = read(town, url)
    changed = [(new, old) for new, old in zip(after, before, strict=True) if new != old]
    assert [(new[0], new[1].replace("（更正）", ""), new[2]) for new, _ in changed] == [edited]
    assert [old for _, old in changed] == [edited]


@pytest.mark.parametrize("url", SITES)
def test_the_newest_item_is_withdrawn(town: Town, url: str) -> None:
    before = read(town, url)
    gone = newest(url, before)
    kept = [row for row in before if row != gone]
    town.misbehave(host(url), Fault.WITHDRAWN_ITEM)
    after = read(town, url)
    assert after[: len(kept)] == kept
    assert gone[0] not in {key for key, _, _ in after}
    town.behave()
    assert read(town, url) == before


@pytest.mark.parametrize("url", [DELIVERIES, NOTICES])
def test_a_withdrawn_article_is_gone_and_an_edited_one_says_so(town: Town, url: str) -> None:
    article = f"https://{host(url)}{read(town, url)[0][0]}"
    before = text(town, article)
    town.misbehave(host(url), Fault.EDITED_ITEM, times=1)
    assert text(town, article).count("（更正）") >= 3
    assert text(town, article) == before
    town.misbehave(host(url), Fault.WITHDRAWN_ITEM)
    assert visit(town, article).status == 404


def test_a_correction_of_a_delivery_page_falls_on_its_first_product(town: Town) -> None:
    article = f"https://{NMPA}{read(town, DELIVERIES)[0][0]}"
    cells = re.findall(r"<td>(.*?)</td>", text(town, article))
    town.misbehave(NMPA, Fault.EDITED_ITEM)
    assert re.findall(r"<td>(.*?)</td>", text(town, article)) == [*cells[:2], f"{cells[2]}（更正）", *cells[3:]]


@pytest.mark.asyncio
async def test_a_withdrawn_item_stays_withdrawn_when_a_newer_one_appears() -> None:
    clock = clock_at("2022-03-07T09:00:00")
    town = Town(facts(), clock)
    gone = read(town, NOTICES)[0][0]
    town.misbehave(host(NOTICES), Fault.WITHDRAWN_ITEM)
    await clock.advance_to(clock_at("2022-05-01T00:00:00").now())
    keys = [key for key, _, _ in read(town, NOTICES)]
    assert gone not in keys
    assert any(key > gone for key in keys)


def test_bot_walls_bear_their_marks(town: Town) -> None:
    for fault, status in ((Fault.WALL_412, 412), (Fault.WALL_202, 202), (Fault.WALL_200, 200)):
        town.misbehave(NMPA, fault, times=1)
        served = visit(town, DELIVERIES)
        assert (served.status, header(served, "etag")) == (status, None)
        assert b"$_ts" in served.body
        assert b'class="list"' not in served.body
    town.misbehave("www.bse.cn", Fault.WALL_200)
    assert b"C3VK" in visit(town, BSE, form={"page": "0"}).body


def test_throttling_states_when_to_come_back(town: Town) -> None:
    town.misbehave(NMPA, Fault.THROTTLED, times=1, retry_after=30)
    served = visit(town, DELIVERIES)
    assert (served.status, header(served, "retry-after")) == (429, "30")
    town.misbehave(NMPA, Fault.THROTTLED_UNTIL, times=1, retry_after=90)
    until = parsedate_to_datetime(header(visit(town, DELIVERIES), "retry-after") or "")
    assert until == clock_at("2022-03-07T09:01:30").now()


@pytest.mark.parametrize(("fault", "status"), [(Fault.ERROR_500, 500), (Fault.UNAVAILABLE_503, 503)])
def test_server_errors(town: Town, fault: Fault, status: int) -> None:
    town.misbehave("https://www.nmpa.gov.cn", fault)
    assert visit(town, DELIVERIES, {"If-None-Match": "*"}).status == status


@pytest.mark.parametrize("url", [DELIVERIES, NOTICES, SZSE, HKEX])
def test_gb18030_under_a_header_that_says_utf_8(town: Town, url: str) -> None:
    plain = visit(town, url)
    town.misbehave(host(url), Fault.GB18030)
    served = visit(town, url, {"If-None-Match": header(plain, "etag") or ""})
    assert served.status == 200
    assert header(served, "content-type") == header(plain, "content-type")
    assert "utf-8" in (header(served, "content-type") or "")
    with pytest.raises(UnicodeDecodeError):
        served.body.decode("utf-8")
    assert served.body.decode("gb18030") == plain.body.decode("utf-8")


def test_a_fault_ends_after_its_times(town: Town) -> None:
    town.misbehave(NMPA, Fault.ERROR_500, times=2)
    assert [visit(town, DELIVERIES).status for _ in range(3)] == [500, 500, 200]


def test_a_fault_lasts_until_it_is_cleared(town: Town) -> None:
    town.misbehave(NMPA, Fault.ERROR_500)
    town.misbehave("www.szse.cn", Fault.ERROR_500)
    assert {visit(town, DELIVERIES).status for _ in range(10)} == {500}
    town.behave(f"https://{NMPA}")
    assert (visit(town, DELIVERIES).status, visit(town, SZSE).status) == (200, 500)
    town.behave()
    assert visit(town, SZSE).status == 200


def test_a_fault_of_a_prefix_spares_the_rest_of_the_host(town: Town) -> None:
    town.misbehave("https://www.nhsa.gov.cn/col/col109", Fault.ERROR_500)
    assert visit(town, NOTICES).status == 500
    assert visit(town, NOTICES.replace("109", "104")).status == 200


def test_robots_is_spared_unless_it_is_meant(town: Town) -> None:
    town.misbehave(NMPA, Fault.ERROR_500, times=1)
    assert visit(town, f"https://{NMPA}/robots.txt").status == 200
    assert visit(town, DELIVERIES).status == 500
    town.misbehave(f"{NMPA}/robots.txt", Fault.UNAVAILABLE_503)
    assert visit(town, f"https://{NMPA}/robots.txt").status == 503


def test_what_cannot_be_shown_is_refused(town: Town) -> None:
    with pytest.raises(ValueError, match="no fault"):
        town.misbehave("example.org", Fault.ERROR_500)
    with pytest.raises(ValueError, match="no fault"):
        town.misbehave("www.szse.cn", Fault.REORDERED_COLUMNS)
    with pytest.raises(ValueError, match="no item yet"):
        town_at("2019-01-01T00:00:00").misbehave(NMPA, Fault.WITHDRAWN_ITEM)
