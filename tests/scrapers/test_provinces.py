"""The bureaus of the provinces: pages to SITES.md, A.4, that the saved ones do not have, and polls against the town."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from events.base import Precision
from events.clock import VirtualClock
from events.messages import Outcome
from medpulse.scraping import chosen
from scrapers.page import Challenged, Page, ParseError
from scrapers.parse import parse
from scrapers.source import catalog
from simulator.faults import Fault
from tests.scrapers.rig import driven
from tests.scrapers.saved import SEEN_AT, one, parsed
from tests.scrapers.test_town import _rigged, _to_the_end

PROVINCES = [name for name in catalog() if name.startswith("ybj-")]
BEFORE, AFTER = datetime(2022, 3, 1, tzinfo=UTC), datetime(2022, 8, 1, tzinfo=UTC)


def _days(source_id: str, body: str, url: str | None = None) -> list[tuple[str, str, str]]:
    zone = catalog()[source_id].zone
    return [
        (n.url, n.title, n.published_at.astimezone(zone).date().isoformat() if n.published_at else "")
        for n in parsed(source_id, body, url).notices
    ]


def test_there_are_all_provinces_and_most_wait_for_a_page() -> None:
    assert len(PROVINCES) == 31
    polled = {source.id for source in chosen(())} & set(PROVINCES)
    assert polled == {"ybj-beijing", "ybj-jiangsu", "ybj-guangdong", "ybj-fujian"}
    assert [s.id for s in chosen(["ybj-hunan"])] == ["ybj-hunan"]
    assert {catalog()[name].status for name in set(PROVINCES) - polled} == {"unverified"}


def test_beijing_states_the_date_as_text_of_the_row() -> None:
    body = """<html><body><div class="nav"><ul><li><a href="/zwgk/">政务</a></li></ul></div><div><ul>
    <li><a href="./202608/t20260806_4001.html" title="关于新增医疗服务价格项目的通知">关于新增医疗服务…</a>[2026-08-06]</li>
    <li><a href="http://mp.weixin.qq.com/s/abc">公众号文章一则</a> 2026-08-05</li>
    <li><a href="t20260801_3999.html">没有日期的通知</a></li></ul></div>
    <script>createPageHTML(12, 0, "index", "html");</script></body></html>"""
    source = "ybj-beijing"
    url = "https://ybj.beijing.gov.cn/zwgk/2020_zcjd/index_3.html"
    base = "https://ybj.beijing.gov.cn/zwgk/2020_zcjd/"
    assert _days(source, body, url) == [
        (f"{base}202608/t20260806_4001.html", "关于新增医疗服务价格项目的通知", "2026-08-06"),
        ("http://mp.weixin.qq.com/s/abc", "公众号文章一则", "2026-08-05"),
        (f"{base}t20260801_3999.html", "没有日期的通知", "2026-08-01"),
    ]
    found = parsed(source, body, url)
    assert found.next_page is not None
    assert found.next_page.url == f"{base}index_4.html"
    assert "mp.weixin.qq.com/s/abc" not in found.details
    first = parsed(source, body, catalog()[source].home).next_page
    assert first is not None
    assert first.url == f"{base}index.html", "from the first column to the second"


def test_guangdong_counts_its_pages_from_two() -> None:
    rows = "".join(
        f'<li><i>2026-08-{n:02d}</i><a href="https://hsa.gd.gov.cn/zwdt/snkb/content/post_48471{n:02d}.html" '
        f'title="广东医保快报第{n}期">广东医保</a></li>'
        for n in range(1, 21)
    )
    body = f"<html><body><div></div><div><ul>{rows}</ul></div></body></html>"
    found = parsed("ybj-guangdong", body)
    assert len(found.notices) == len(found.details) == 20
    assert found.notices[0].title == "广东医保快报第1期"
    assert found.next_page is not None
    assert found.next_page.url == "https://hsa.gd.gov.cn/zwdt/snkb/index_2.html"
    third = parsed("ybj-guangdong", body, "https://hsa.gd.gov.cn/zwdt/snkb/index_2.html").next_page
    assert third is not None
    assert third.url.endswith("/index_3.html")


def test_jiangsu_takes_the_last_cell_as_the_date_and_pages_with_a_form() -> None:
    rows = "".join(
        f"<tr><td>{n}</td><td>2026-01-01</td><td><a href='/art/2026/9/{n}/art_71878_{n}.html' title='苏医保通知{n}'>苏医…</a>"
        f"</td><td>2026-09-{n:02d}</td></tr>"
        for n in range(1, 13)
    )
    url = "https://ybj.jiangsu.gov.cn/module/xxgk/search.jsp#currpage=2"
    found = parsed(
        "ybj-jiangsu", f"<table><tr><td>序号</td><td>成文</td><td>标题</td><td>日期</td></tr>{rows}</table>", url
    )
    assert [n.title for n in found.notices] == [f"苏医保通知{n}" for n in range(1, 13)]
    assert str(found.notices[0].published_at) == "2026-08-31 16:00:00+00:00"
    assert found.next_page is not None
    assert found.next_page.form is not None
    assert found.next_page.form["currpage"] == "3"
    assert found.next_page.form["divid"] == "div71577"
    last = parsed("ybj-jiangsu", f"<table>{rows}</table><div>共2页</div>", url)
    assert last.next_page is None
    body = (
        "<html><head><title>某通知</title></head><body><div id='barrierfree_container'><p>正文</p></div></body></html>"
    )
    detail = one("ybj-jiangsu", body, "https://ybj.jiangsu.gov.cn/art/2026/9/10/art_71878_1.html")
    assert (detail.body, detail.title, detail.fields["column"]) == ("正文", "某通知", "71878")
    assert detail.published_at == datetime(2026, 9, 9, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "url"),
    [
        ("ybj-shanghai", "https://ybj.sh.gov.cn/gfxwj/20260313/921e047144694b61b6df8ca0c5ef2cfc.html"),
        ("ybj-hunan", "http://ybj.hunan.gov.cn/ybj/first113541/firstF/info1/202603/t20260313_34040891.html"),
        ("ybj-zhejiang", "https://ybj.zj.gov.cn/art/2026/3/13/art_1229225636_5566097.html"),
        ("ybj-beijing", "https://ybj.beijing.gov.cn/zwgk/2024zcwj/202603/t20260313_3978283.html"),
        ("ybj-hebei", "https://ylbzj.hebei.gov.cn/content/2026-03/13/content_123.html"),
    ],
)
@pytest.mark.parametrize(
    "place", ["class='TRS_Editor'", "id='zoom'", "id='UCAP-CONTENT'", "class='pages_content'", "class='view'"]
)
def test_the_day_of_an_article_is_in_its_url(source: str, url: str, place: str) -> None:
    page = (
        "<html><head>{}</head><body><h1>关于价格的通知</h1>"
        "<div {}><p>正文</p><a href='P0.pdf'>附件1：表.pdf</a></div></body></html>"
    )
    found = one(source, page.format("", place), url)
    assert (found.published_at, found.published_precision) == (datetime(2026, 3, 12, 16, tzinfo=UTC), Precision.DAY)
    assert found.attachments[0].name == "附件1：表.pdf"
    assert found.fields["province"] == catalog()[source].params["province"]
    same = one(source, page.format("<meta name='PubDate' content='2026-03-13 09:30'>", place), url)
    assert same.published_at == datetime(2026, 3, 13, 1, 30, tzinfo=UTC), "the hour of the same day is kept"


def test_another_day_in_the_meta_does_not_go_before_the_url() -> None:
    head = "<html><head><meta name='PubDate' content='2026-03-20 09:30'></head>"
    page = f"{head}<body><h1>通知</h1><div id='zoom'>正文</div></body></html>"
    found = one("ybj-hunan", page, "http://ybj.hunan.gov.cn/ybj/x/202603/t20260313_1.html")
    assert found.published_at == datetime(2026, 3, 12, 16, tzinfo=UTC)
    later = one("ybj-guangdong", page, "https://hsa.gd.gov.cn/zwdt/snkb/content/post_1.html")
    assert later.published_at == datetime(2026, 3, 20, 1, 30, tzinfo=UTC)


def test_a_page_without_a_date_gets_none() -> None:
    page = "<html><body><h1>通知</h1><div id='zoom'>依据2020年1月1日的文件。</div></body></html>"
    assert one("ybj-guangdong", page, "https://hsa.gd.gov.cn/zwdt/snkb/content/post_1.html").published_at is None


@pytest.mark.parametrize("status", [521, 412, 202])
@pytest.mark.parametrize("name", PROVINCES)
def test_a_wall_is_a_challenge(name: str, status: int) -> None:
    source = catalog()[name]
    wall = b"<script>document.cookie='__jsl_clearance=1'</script>"
    with pytest.raises(Challenged):
        parse(Page(source, source.home, wall, SEEN_AT, status=status))
    with pytest.raises(Challenged):
        parse(Page(source, source.home, wall, SEEN_AT))


@pytest.mark.parametrize("name", PROVINCES)
def test_a_page_without_a_list_has_drifted(name: str) -> None:
    source = catalog()[name]
    with pytest.raises(ParseError, match=r"list|data store"):
        parse(Page(source, source.home, "<html><body><p>维护中</p></body></html>".encode(), SEEN_AT))


def test_prices_of_three_grades_under_a_header_of_two_rows() -> None:
    page = """<html><body><h1>通知</h1><div class="TRS_Editor"><table>
    <tr><td rowspan="2">项目编码</td><td rowspan="2">项目名称</td><td rowspan="2">计价单位</td>
    <td colspan="3">价格（元）</td></tr>
    <tr><td>三级</td><td>二级</td><td>一级</td></tr>
    <tr><td>012103</td><td>肺结节辅助检测</td><td>次</td><td>90</td><td>81</td><td>72.5</td></tr></table></div></body></html>"""
    (row,) = one("ybj-hunan", page, "http://ybj.hunan.gov.cn/ybj/x/202603/t20260313_1.html").rows
    assert (row["price_level3"], row["price_level2"], row["price_level1"], row["unit"]) == ("90", "81", "72.5", "次")


def test_gb18030_and_a_sidebar() -> None:
    body = """<html><head><meta charset="gb2312"></head><body>
    <div class="side"><ul><li><a href="/art/2026/1/1/art_1_1.html">热门文章</a></li></ul></div>
    <ul><li><a href="/art/2026/2/2/art_1_2.html">医疗服务价格通知</a><b>（2026-02-02）</b></li></ul></body></html>"""
    page = Page(catalog()["ybj-hebei"], "https://ylbzj.hebei.gov.cn/zw/index.html", body.encode("gb18030"), SEEN_AT)
    assert [n.title for n in parse(page).notices] == ["医疗服务价格通知"]


def test_a_row_without_a_date_is_not_lost() -> None:
    body = """<html><body><ul><li><span>[2026-08-07]</span><a href="//ybj.fujian.gov.cn/a/t20260807_7.htm">公告一则</a></li>
    <li><span></span><a href="/zwgk/123.html" title="没有日期的公告">没有…</a></li><li><a href="list_2.jsp?p=2">下一页</a></li>
    </ul></body></html>"""
    assert [(title, day) for _, title, day in _days("ybj-fujian", body)] == [
        ("公告一则", "2026-08-07"),
        ("没有日期的公告", ""),
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize("name", PROVINCES)
async def test_a_province_is_polled(name: str, tmp_path: Path) -> None:
    source, clock = catalog()[name], VirtualClock(BEFORE)
    host = urlsplit(source.home).netloc
    async with _rigged(tmp_path, clock) as (rig, town):
        await _to_the_end(rig, source)
        assert len(rig.sent.notices) == 1
        await clock.advance_to(AFTER)
        report = await driven(rig.runner.pace, clock, rig.runner.poll(source))
        assert (report.outcome, report.items_new) == (Outcome.NEW, 1), report.detail
        assert bool(report.notices[0].rows) == source.details
        for fault, outcome in ((Fault.EMPTY_LIST, Outcome.DRIFTED), (Fault.WALL_412, Outcome.CHALLENGED)):
            town.misbehave(host, fault)
            await clock.advance_to(clock.now() + timedelta(days=1))
            assert (await driven(rig.runner.pace, clock, rig.runner.poll(source))).outcome is outcome
            town.behave()
        town.misbehave(host, Fault.EDITED_ITEM)
        await clock.advance_to(clock.now() + timedelta(days=2))
        edited = await driven(rig.runner.pace, clock, rig.runner.poll(source))
        assert [n.title.endswith("（更正）") for n in edited.notices] == [True], edited.detail
