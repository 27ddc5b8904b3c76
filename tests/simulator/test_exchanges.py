"""cninfo, HKEX, SSE, SZSE and BSE: their JSON, their paging and how a project moves on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from events.clock import VirtualClock
from simulator.facts import facts
from simulator.sites.papers import finalpage
from simulator.town import Town
from tests.simulator.visiting import BSE, CNINFO, HKEX, SSE, SZSE, header, text, town_at, visit

REFERER = {"Referer": "https://www.sse.com.cn/"}


def jsonp(answer: str) -> Any:
    """The value inside ``cb(…)``."""
    assert answer.startswith("cb(")
    assert answer.endswith(")")
    return json.loads(answer[3:-1])


def announcements(town: Town, **form: str) -> Any:
    """An answer of cninfo."""
    asked = {"pageNum": "1", "pageSize": "30", "column": "szse", "tabName": "fulltext", "isHLtitle": "true"} | form
    return json.loads(text(town, CNINFO, form=asked))


def sse(town: Town, **query: str) -> Any:
    """An answer of the SSE."""
    extra = "".join(f"&{name.replace('_', '.')}={value}" for name, value in query.items())
    return jsonp(text(town, SSE + extra, REFERER))


def test_cninfo_pages_until_there_is_no_more() -> None:
    town = town_at("2022-09-16T12:00:00")
    first, second = announcements(town), announcements(town, pageNum="2")
    assert (len(first["announcements"]), first["hasMore"], second["hasMore"]) == (30, True, False)
    ids = [row["announcementId"] for row in first["announcements"] + second["announcements"]]
    assert len(set(ids)) == len(ids) == first["totalAnnouncement"] == len(facts().announcement)
    times = [row["announcementTime"] for row in first["announcements"]]
    assert times == sorted(times, reverse=True)
    assert all((time + 8 * 3_600_000) % 86_400_000 == 0 for time in times)


def test_cninfo_answers_what_was_asked() -> None:
    town = town_at("2022-09-16T12:00:00")
    listed = announcements(town, seDate="2022-08-20~2022-08-31", stock="688271,9900049812")["announcements"]
    assert [row["secName"] for row in listed] == ["联影医疗", "联影医疗"]
    found = announcements(town, searchkey="人工智能", category="category_rcjy_szsh;category_sf_szsh")["announcements"]
    assert found
    assert all("<em>人工智能</em>" in row["announcementTitle"] for row in found)
    shanghai = announcements(town, column="sse")["announcements"]
    assert {row["secCode"][0] for row in shanghai} == {"6"}
    empty = announcements(town, seDate="2019-01-01~2019-12-31")
    assert (empty["totalAnnouncement"], empty["announcements"], empty["hasMore"]) == (0, None, False)


def test_cninfo_wants_a_post() -> None:
    assert visit(town_at("2022-09-16T12:00:00"), CNINFO).status == 404


@pytest.mark.parametrize(
    ("host", "path"), [("static.cninfo.com.cn", ""), ("disc.static.szse.cn", "/download/disc/disk03")]
)
def test_each_announcement_has_its_file_once_it_is_published(host: str, path: str) -> None:
    first = min(facts().announcement, key=lambda row: row.published)
    url = f"https://{host}{path}/{finalpage(first)}"
    assert visit(town_at("2022-09-16T12:00:00"), url).body.startswith(b"%PDF-1.4")
    assert visit(Town(facts(), VirtualClock(first.published - timedelta(seconds=1))), url).status == 404


def test_hkex_shows_who_applied_and_who_was_listed() -> None:
    def statuses(at: str, file: str) -> dict[str, str]:
        return {row["a"]: row["s"] for row in json.loads(text(town_at(at), HKEX.replace("appactive_app", file)))["app"]}

    airdoc = "北京鷹瞳科技發展股份有限公司"
    assert airdoc not in statuses("2021-02-01T00:00:00", "appactive_app")
    assert statuses("2021-06-01T00:00:00", "appactive_app")[airdoc] == "A"
    assert airdoc not in statuses("2021-06-01T00:00:00", "applisted")
    assert statuses("2021-10-20T00:00:00", "appactive_appphip") == {airdoc: "A"}
    assert airdoc not in statuses("2021-10-20T00:00:00", "appactive_app")
    assert statuses("2021-11-30T00:00:00", "appactive_appphip")[airdoc] == "LT"
    assert statuses("2021-11-30T00:00:00", "applisted")[airdoc] == "LT"
    assert airdoc not in statuses("2022-03-01T00:00:00", "appactive_appphip")
    assert statuses("2022-03-01T00:00:00", "applisted")[airdoc] == "LT"
    assert statuses("2021-01-05T00:00:00", "appinactive") == {"Company 39": "IR"}
    assert statuses("2021-01-05T00:00:00", "appactive_app")["Company 39"] == "IR"
    assert statuses("2022-09-15T00:00:00", "appactive_app").keys() >= {"上海博動醫療科技股份有限公司"}
    assert statuses("2022-09-15T00:00:00", "appreturned") == {}


def test_hkex_rows_have_the_documented_shape() -> None:
    town = town_at("2021-10-20T00:00:00")
    answer = json.loads(text(town, HKEX.replace("appactive_app", "appactive_appphip")))
    assert answer["genDate"].isdecimal()
    row = next(row for row in answer["app"] if row["id"] == 103218)
    assert (row["d"], row["hasPhip"], len(row["ps"])) == ("08/02/2021", True, 1)
    assert row["ls"][0]["u1"].startswith("sehk/2021/103218/documents/")
    assert "postingDate" not in row
    english = json.loads(text(town, HKEX.replace("_c.json", "_e.json")))["app"]
    assert "Keya Medical Technology Co., Ltd." in {row["a"] for row in english}
    listed = json.loads(text(town_at("2021-12-01T00:00:00"), HKEX.replace("appactive_app", "applisted")))["app"]
    assert {(row["a"], row["st"], row["postingDate"]) for row in listed} >= {
        ("北京鷹瞳科技發展股份有限公司", "02251 (listed only)", "Nov 5, 2021")
    }
    assert json.loads(text(town, HKEX.replace("sehk", "gem")))["app"] == []


def test_sse_answers_only_its_own_pages() -> None:
    town = town_at("2022-09-16T12:00:00")
    assert json.loads(text(town, SSE))["errorType"] == "ExceptionInterceptor"
    assert header(visit(town, SSE), "medpulse-illustrative") is None
    assert json.loads(text(town, SSE, {"Referer": "https://example.org/"}))["success"] == "false"
    assert len(sse(town)["result"]) == 3


def test_sse_pages_and_filters() -> None:
    town = town_at("2022-09-16T12:00:00")
    help_, rows = (answer := sse(town, pageHelp_pageSize="2", pageHelp_pageNo="2"))["pageHelp"], answer["result"]
    assert (help_["total"], help_["pageCount"], len(rows)) == (3, 2, 1)
    assert [row["stockAuditNum"] for row in sse(town, currStatus="8")["result"]] == ["1012"]
    assert [row["stockAuditNum"] for row in sse(town)["result"]] == ["1288", "1012", "742"]


STATUS: dict[str, Callable[[Town], dict[str, Any]]] = {
    "SSE": lambda town: {row["stockAuditNum"]: row["currStatus"] for row in sse(town)["result"]},
    "SZSE": lambda town: {str(row["prjid"]): row["prjst"] for row in json.loads(text(town, SZSE))["data"]},
    "BSE": lambda town: {
        str(row["id"]): row["status"] for row in jsonp(text(town, BSE, form={"page": "0"}))[0]["listInfo"]["content"]
    },
}


@pytest.mark.parametrize("exchange", STATUS)
def test_a_project_shows_the_status_that_it_reached_last(exchange: str) -> None:
    for project in facts().of(exchange):
        for stage in project.stages:
            shown = STATUS[exchange](town_at(stage.at.replace(tzinfo=None).isoformat()))
            assert str(shown[project.id]) == stage.status
        first = project.stages[0].at.replace(tzinfo=None).isoformat()
        assert project.id not in STATUS[exchange](town_at(first[:10] + "T00:00:00"))


def test_szse_pages_and_filters() -> None:
    town = town_at("2022-09-16T12:00:00")
    answer = json.loads(text(town, SZSE.replace("pageSize=200", "pageSize=2").replace("pageIndex=0", "pageIndex=1")))
    assert (answer["totalPage"], answer["totalSize"], len(answer["data"])) == (2, 3, 1)
    asked = json.loads(text(town, SZSE + "&stage=40"))["data"]
    assert [(row["prjst"], row["updtdt"]) for row in asked] == [("注册生效", "2021-04-15 00:00:00")]


def test_bse_counts_its_statuses() -> None:
    answer = jsonp(text(town_at("2022-09-16T12:00:00"), BSE, form={"page": "0", "keyword": ""}))[0]
    assert answer["countsInfo"] == [{"cnt": 1, "status": "P02"}, {"cnt": 1, "status": "P07"}]
    assert [row["receiveDate"]["time"] for row in answer["listInfo"]["content"]] == [1639992065000, 1655981491000]


@pytest.mark.parametrize(
    ("url", "form"), [(HKEX, None), (SSE, None), (SZSE, None), (BSE, {}), (CNINFO, {"column": "szse"})]
)
def test_every_project_and_announcement_is_illustrative(url: str, form: dict[str, str] | None) -> None:
    served = visit(town_at("2022-09-16T12:00:00"), url, REFERER, form)
    assert header(served, "medpulse-illustrative") == "*"
