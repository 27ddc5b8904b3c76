"""Rows and titles as sites also serve them: badges, pagers of scripts, several lines in a title, entities, other clocks."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from events.base import Precision
from scrapers.page import Malformed
from tests.scrapers.saved import one, parsed

LIST = "https://www.nmpa.gov.cn/ylqx/ylqxggtg/index.html"
HREF = "href=20220301111147171.html"
TITLE = "关于公布新增医疗服务价格项目的通知"
BEIJING = "https://ybj.beijing.gov.cn/zwgk/2024zcwj/202412/t20241231_3978283.html"


def _list(row: str, after: str = "") -> str:
    return f"<html><body><div class=list><ul><li>{row}</li></ul></div>{after}</body></html>"


@pytest.mark.parametrize(
    "row",
    [
        f"<a {HREF}><em class=new>NEW</em>关于召回</a><span>（2022年3月1日）</span>",
        f"<a {HREF}><span class=top>[置顶]</span>关于召回<b>hot!</b></a><em>２０２２－３－１</em>",
        f"<a {HREF}>[置顶] 关于召回</a><span>2022/3/1</span>",
        f"<i>[置顶]</i><a {HREF} title=''>关于<br>召回</a><span>2022.03.01</span>",
        f"<a {HREF} title='标题：关于召回&#10;发布时间：2022-03-01'>关于召…</a>",
        "<A TARGET=_blank HREF=20220301111147171.HTML>关于召回</A><SPAN>[2022-03-01]</SPAN>",
        f"<!-- <a href=20200101010101111.html>旧</a> --><a href=/ylqx/>[器械]</a><a {HREF}>关于召回</a>&nbsp;2022-03-01&nbsp;",
    ],
)
def test_a_row_says_its_title_and_day_and_nothing_else(row: str) -> None:
    notice = one("nmpa-device-notices", _list(row), LIST)
    assert (notice.title, notice.fields["column"]) == ("关于召回", "/ylqx/ylqxggtg")
    assert (notice.published_at, notice.published_precision) == (datetime(2022, 2, 28, 16, tzinfo=UTC), Precision.DAY)


def test_a_day_without_its_year_is_no_date() -> None:
    notice = one("nmpa-device-notices", _list(f"<a {HREF}>关于召回</a><span>[03-01]</span>"), LIST)
    assert (notice.title, notice.published_at) == ("关于召回", None)


@pytest.mark.parametrize(
    ("source", "url", "pager", "after"),
    [
        ("nmpa-device-notices", LIST, '10, 0, "index", "html"', "index_1.html"),
        ("nmpa-device-notices", LIST.replace("index", "index_8"), '10, 8, "index", "html"', "index_9.html"),
        ("nmpa-device-notices", LIST.replace("index", "index_9"), '10, 9, "index", "html"', None),
        ("ybj-beijing", "https://ybj.beijing.gov.cn/zwgk/tzgg/index.html", "'5', '0', 'index', 'html'", "index_1.html"),
    ],
)
def test_the_pager_of_a_script_is_followed_on_a_short_page(
    source: str, url: str, pager: str, after: str | None
) -> None:
    row = "<a href=./202412/t20241231_3978283.html>通知</a><span>2024-12-31</span>"
    body = _list(
        row if source == "ybj-beijing" else f"<a {HREF}>关于召回</a>", f"<script>createPageHTML({pager})</script>"
    )
    following = parsed(source, body, url).next_page
    assert (following and following.url.rpartition("/")[2]) == after


def test_a_header_of_two_rows_names_its_columns_together() -> None:
    table = (
        "<table><tr><th rowspan=2>序号</th><th colspan=2>注册人</th><th rowspan=2>产品名称</th>"
        "<th rowspan=2>注册证编号</th></tr>"
        "<tr><th>名称</th><th>住所</th></tr><tr><td>1</td><td>甲公司</td><td>北京</td><td>软件</td><td>国械注准20203210001</td></tr></table>"
    )
    (row,) = one(
        "nmpa-device-notices", f"<h2 class=title>公告</h2><div class=text>{table}</div>", LIST[:-10] + HREF[5:]
    ).rows
    assert (row["registrant"], row["product_name"], row["住所"]) == ("甲公司", "软件", "北京")


@pytest.mark.parametrize(
    "head",
    [
        f"<div class=header><h1><a href=/>北京市医疗保障局</a></h1></div><h1>{TITLE}</h1>",
        f"<div class='top logo'><h1>北京市医疗保障局</h1></div><div class=con_title>{TITLE}</div>",
        f"<h1>北京市医疗保障局</h1><h2>{TITLE}</h2>",
    ],
)
def test_the_name_of_the_site_is_not_the_title_of_an_article(head: str) -> None:
    page = f"<html><head><title>{TITLE}-北京市医疗保障局</title></head><body>{head}<div class=view>正文</div></body></html>"
    assert one("ybj-beijing", page, BEIJING).title == TITLE


STORE = (
    "<html><body><div><script type='text/xml'><datastore><recordset><record><![CDATA[<li>"
    "<a href='/art/2025/8/12/art_1229225636_5566097.html' title='关于制定部分新增项目价格的通知'>关于制定…</a>"
    "<span>08-12</span></li>]]></record></recordset></datastore></script></div></body></html>"
)


@pytest.mark.parametrize("source", ["ybj-zhejiang", "ybj-anhui", "ybj-tibet"])
def test_the_generic_reader_reads_a_data_store_too(source: str) -> None:
    notice = one(source, STORE)
    assert (notice.title, notice.item_key) == (
        "关于制定部分新增项目价格的通知",
        "/art/2025/8/12/art_1229225636_5566097.html",
    )
    assert notice.published_at == datetime(2025, 8, 11, 16, tzinfo=UTC)
    with pytest.raises(Malformed, match="cut off"):
        parsed(source, STORE[: STORE.index("</record")])


@pytest.mark.parametrize("more", [True, "true", 1, "1"])
@pytest.mark.parametrize("when", [1706716740000, "1706716740000", 1706716740000.0, "2024-01-31 23:59:59", "2024-01-31"])
def test_an_announcement_of_cninfo(more: object, when: object) -> None:
    row = {
        "announcementId": 1,
        "announcementTitle": "A&amp;B<em>公告</em>",
        "announcementTime": when,
        "secCode": "000012,200012",
    }
    url = "https://www.cninfo.com.cn/new/hisAnnouncement/query#pageNum=1&seDate=2024-01-31~2024-01-31"
    found = parsed("cninfo", json.dumps({"announcements": [row], "hasMore": more}), url)
    (notice,) = found.notices
    assert (notice.title, notice.fields["stock_code"]) == ("A&B公告", "000012、200012")
    assert (notice.published_at, notice.published_precision) == (datetime(2024, 1, 30, 16, tzinfo=UTC), Precision.DAY)
    assert found.next_page
    assert found.next_page.form
    assert found.next_page.form["pageNum"] == "2"


@pytest.mark.parametrize("when", [10**400, -(10**30), 1e300, "9" * 400, 253402300800000])
def test_a_time_beyond_all_time_costs_its_own_row_no_more_than_its_date(when: object) -> None:
    rows = [
        {"announcementId": i, "announcementTitle": "甲", "announcementTime": at}
        for i, at in enumerate((when, 1706716740000))
    ]
    first, second = parsed("cninfo", json.dumps({"announcements": rows})).notices
    assert (first.published_at, second.published_precision) == (None, Precision.DAY)


@pytest.mark.parametrize(
    ("source", "answer", "company"),
    [
        ("sse-ipo", {"result": [{"stockAuditNum": 1, "stockAuditName": "A&amp;B公司"}]}, "A&B公司"),
        ("szse-ipo", {"data": [{"prjid": 1, "cmpnm": "A&amp;B公司"}]}, "A&B公司"),
        ("bse-ipo", [{"listInfo": {"content": [{"id": 1, "companyName": "A&#38;B公司"}]}}], "A&B公司"),
        ("hkex-applications", {"app": [{"id": 1, "a": "A&amp;B Ltd &#45; B"}]}, "A&B Ltd"),
        ("eudamed-devices", {"content": [{"uuid": "u", "tradeName": "T", "manufacturerName": "A&amp;B"}]}, "A&B"),
        ("openfda-510k", {"results": [{"k_number": "K1", "device_name": "T", "applicant": "A&amp;B"}]}, "A&B"),
    ],
)
def test_the_entities_in_a_name_are_read(source: str, answer: object, company: str) -> None:
    assert one(source, json.dumps(answer)).fields["company"] == company


def test_a_page_saved_without_its_query_leads_to_the_query_of_the_next() -> None:
    answer = json.dumps({"totalPage": 5, "pageIndex": 0, "data": [{"prjid": 1, "cmpnm": "甲"}]})
    following = parsed("szse-ipo", answer).next_page
    assert following
    assert "/projectrends/query?" in following.url
    assert "pageIndex=1" in following.url


def test_prospectuses_in_a_table_of_the_layout() -> None:
    row = (
        "<tr onclick=\"downloadPdf1('http://eid.csrc.gov.cn/1.pdf')\"><td>1</td><td>甲公司</td><td>2026-07-03</td></tr>"
    )
    head = "<tr><th>序号</th><th>公司名称</th><th>披露时间</th></tr>"
    fields = one("csrc-ipo", f"<table><tr><td><table>{head}{row}</table></td></tr></table>").fields
    assert fields["company"] == "甲公司"


@pytest.mark.parametrize(
    ("said", "at", "precision"),
    [
        ("Fri, 10 Jul 2026 09:30:05 CST", datetime(2026, 7, 10, 1, 30, 5, tzinfo=UTC), Precision.SECOND),
        ("Fri, 10 Jul 2026 01:30 GMT", datetime(2026, 7, 10, 1, 30, tzinfo=UTC), Precision.MINUTE),
        ("2026-07-10 09:30:05  +0800", datetime(2026, 7, 10, 1, 30, 5, tzinfo=UTC), Precision.SECOND),
    ],
)
def test_the_clock_of_a_feed(said: str, at: datetime, precision: Precision) -> None:
    item = f"<item><title>甲医疗完成B轮融资</title><link>/p/1</link><pubDate>{said}</pubDate></item>"
    notice = one("press-36kr", f"<rss version='2.0'><channel><title>F</title>{item}</channel></rss>")
    assert (notice.published_at, notice.published_precision) == (at, precision)
