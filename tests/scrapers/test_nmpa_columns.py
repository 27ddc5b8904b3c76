"""The NMPA's and the CMDE's other columns: windows and deadlines as texts state them, publicity lists, polls over the town."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events.clock import VirtualClock
from events.messages import Outcome
from scrapers.page import Challenged, ParseError
from scrapers.platforms.windows import comments_close, publicity
from scrapers.source import catalog
from simulator.faults import Fault
from tests.scrapers.rig import driven
from tests.scrapers.saved import one, parsed
from tests.scrapers.test_town import _rigged

SOURCES = {
    **dict.fromkeys(("nmpa-device-notices", "nmpa-recalls", "nmpa-consultation"), "www.nmpa.gov.cn"),
    "cmde-innovation": "www.cmde.org.cn",
}
NOISE = "<script r='m'>window.$_ts={}</script>"
INNOVATION = "https://www.cmde.org.cn/xxgk/tzgg/20231109150012345.html"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("请于2026年12月5日前反馈意见", "2026-12-05"),
        ("请于 2026 年 12 月 5 日前将意见反馈至邮箱", "2026-12-05"),
        ("意见反馈截止时间为2026年12月5日", "2026-12-05"),
        ("截止日期：2026-12-05", "2026-12-05"),
        ("征求意见时间为2026年11月5日至12月5日。", "2026-12-05"),
        ("征求意见时间为2026年12月20日—2027年1月20日", "2027-01-20"),
        ("征求意见时间为2026年12月20日至1月20日", "2027-01-20"),
        ("有关意见请在2026年12月5日18:00前反馈", "2026-12-05"),
        ("请于12月5日前反馈意见", ""),
        ("请于2026年2月30日前反馈意见", ""),
        ("企业应于2026年12月5日前完成整改。", ""),
        ("本文件自2026年12月5日起施行", ""),
    ],
)
def test_until_when_comments_are_taken(text: str, day: str) -> None:
    assert comments_close("关于公开征求某某意见的通知", f"各有关单位：\n{text}") == day


def test_a_page_that_asks_for_no_comments_has_no_such_day() -> None:
    assert comments_close("关于开展检查的通知", "请于2026年12月5日前报送总结") == ""


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("公示时间：2023年11月9日至2023年11月23日", ("2023-11-09", "2023-11-23")),
        ("公 示 时 间 ： 2023年11月9日 至 11月23日", ("2023-11-09", "2023-11-23")),
        ("公示期为2023年12月25日-2024年1月8日", ("2023-12-25", "2024-01-08")),
        ("公示期：自2023-11-09至2023-11-23", ("2023-11-09", "2023-11-23")),
        ("公示期内，任何单位可以反映。2018年1月1日至2018年2月1日", ("", "")),
        ("公示时间：10个工作日", ("", "")),
    ],
)
def test_a_publicity_window(text: str, window: tuple[str, str]) -> None:
    assert publicity(text) == window


@pytest.mark.parametrize(
    "items",
    [
        "<p>1.产品名称：甲软件</p><p>申 请 人：甲公司</p><p>2.产品名称：乙系统</p><p>申 请 人：乙公司</p>",
        "<p>1.产品名称：甲软件 申 请 人：甲公司 2.产品名称：乙系统 申 请 人：乙公司 公示时间：2023年11月9日至11月23日</p>",
        "<p>1、产品名称:甲软件<br/>&nbsp;申请人:甲公司</p><p>2、产品名称:乙系统<br/>申请人:乙公司</p>",
        "<p>1.</p><p>产品名称：甲软件</p><p>申请人：</p><p>甲公司</p><p>2．产品名称：乙系统</p><p>申请人：乙公司</p>",
        "<table><tr><th>申请人</th><th>产品名称</th></tr><tr><td>甲公司</td><td>甲软件</td></tr>"
        "<tr><td>乙公司</td><td>乙系统</td></tr></table>",
    ],
)
def test_a_publicity_list_is_read_wherever_it_stands(items: str) -> None:
    body = (
        f"<html><head>{NOISE}</head><body><h2 class='title'>创新医疗器械特别审查申请审查结果公示（2023年第9号）</h2>"
        "<div class='text'>"
        f"<p>拟同意以下申请项目进入特别审查程序，现予以公示。</p>{items}<p>公示时间：2023年11月9日至2023年11月23日</p>"
        "<p>公示期内，任何单位和个人有异议的，可以反映。</p><p>电子邮箱：gcdivision@cmde.org.cn</p></div></body></html>"
    )
    found = one("cmde-innovation", body, INNOVATION)
    assert [(row["product_name"], row["registrant"]) for row in found.rows] == [
        ("甲软件", "甲公司"),
        ("乙系统", "乙公司"),
    ]
    assert (found.fields["window_start"], found.fields["window_end"]) == ("2023-11-09", "2023-11-23")


def test_other_news_of_the_column_is_not_the_sources() -> None:
    row = "<li><a href='20261118091000123.html'>器审中心召开会议</a><span>2026-11-18</span></li>"
    page = f"<div class='list'><ul>{row}</ul></div>"
    assert parsed("cmde-innovation", f"<html><body>{page}</body></html>").notices == ()


@pytest.mark.parametrize("source_id", SOURCES)
def test_a_wall_is_told_from_a_page_that_bears_its_marks(source_id: str) -> None:
    with pytest.raises(Challenged):
        parsed(source_id, f"<html><head>{NOISE}</head><body></body></html>")
    with pytest.raises(ParseError):
        parsed(source_id, "<html><body><p>404</p></body></html>")


@pytest.mark.asyncio
@pytest.mark.parametrize("source_id", SOURCES)
async def test_a_poll_of_each_column(source_id: str, tmp_path: Path) -> None:
    source, clock = catalog()[source_id], VirtualClock(datetime(2022, 2, 1, tzinfo=UTC))
    async with _rigged(tmp_path, clock) as (rig, town):

        async def poll(later: timedelta) -> tuple[Outcome, int]:
            await clock.advance_to(clock.now() + later)
            report = await driven(rig.runner.pace, clock, rig.runner.poll(source))
            return report.outcome, report.items_new

        assert await poll(timedelta()) == (Outcome.NEW, 1)
        assert await poll(timedelta(hours=3)) == (Outcome.UNCHANGED, 0)
        assert await poll(timedelta(days=180)) == (Outcome.NEW, 1)
        newest = max(rig.sent.keys)
        town.misbehave(SOURCES[source_id], Fault.EDITED_ITEM, item=newest)
        assert await poll(timedelta(hours=3)) == (Outcome.NEW, 1)
        town.behave()
        assert await poll(timedelta(hours=3)) == (Outcome.NEW, 1)
        town.misbehave(SOURCES[source_id], Fault.WALL_200)
        assert await poll(timedelta(hours=3)) == (Outcome.CHALLENGED, 0)
        town.behave()
        town.misbehave(SOURCES[source_id], Fault.EMPTY_LIST)
        empty = Outcome.DRIFTED if source.never_empty else Outcome.EMPTY
        assert await poll(timedelta(days=2)) == (empty, 0)
