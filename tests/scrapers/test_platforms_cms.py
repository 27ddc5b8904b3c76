"""Pages of NMPA and CMDE as they vary: wrappers, cases, minified markup, other tags for the same thing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from events.base import Precision
from scrapers.page import Page, Request
from scrapers.parse import parse
from scrapers.platforms import platform_of
from scrapers.platforms.nmpa_cms import item_key, page_url
from scrapers.source import catalog
from tests.scrapers.saved import SEEN_AT, one, parsed

COLUMN = "https://www.nmpa.gov.cn/zwfw/sdxx/sdxxylqx/qxpjfb/"
DELIVERY = f"{COLUMN}20260312163232162.html"


@pytest.mark.parametrize(
    "row",
    [
        "<a href='./20260312163232162.html'>甲类产品的公告</a><span>(2026-03-12)</span>",
        "<A HREF='20260312163232162.html' TARGET=_blank>甲类产品的公告</A><B>2026-03-12</B>",
        "<i>2026-03-12</i><a href='20260312163232162.html' title='甲类产品的公告'>甲类…</a>",
        "<a href='20260312163232162.html'>甲类产品的公告</a> 2026-03-12",
        "<a href='20260312163232162.html'><span>甲类产品的公告</span><em>[2026-03-12]</em></a>",
        "<div><p><a href='../qxpjfb/20260312163232162.html'>甲类产品的公告</a></p></div><div>发布时间：2026年3月12日</div>",
        "<a href='#'><img src=x></a><a href='http://www.nmpa.gov.cn//zwfw/sdxx/sdxxylqx/qxpjfb/20260312163232162.html?x=1'>"
        "甲类产品的公告</a><span>2026/3/12</span>",
    ],
)
def test_a_row_of_a_list(row: str) -> None:
    notice = one("nmpa-delivery", f"<div class='box list'><div><ul><li>{row}</li></ul></div></div>")
    assert notice.title == "甲类产品的公告"
    assert notice.item_key == "/zwfw/sdxx/sdxxylqx/qxpjfb/20260312163232162.html"
    assert (notice.published_at, notice.published_precision) == (datetime(2026, 3, 11, 16, tzinfo=UTC), Precision.DAY)


def test_a_row_without_a_date_gets_none() -> None:
    notice = one("cmde-guidance", "<ul class=list><li><a href='20241128091030130.html'>2023年版指导原则</a></li></ul>")
    assert notice.published_at is None
    assert notice.fields["cms_created_at"] == "2024-11-28T01:10:30.130Z"


def test_a_list_that_was_renamed_is_known_by_its_links() -> None:
    assert one("nmpa-delivery", "<ul id=x><li><a href='20260312163232162.html'>公告</a></li></ul>").title == "公告"


def test_a_menu_that_looks_like_a_list_holds_no_items() -> None:
    menu = "<div class=list><ul><li><a href='/zwfw/'>政务服务</a></li><li><a href='../index.html'>送达信息</a></li></ul></div>"
    rows = "<div class=list><ul><li><a href='20260312163232162.html'>公告</a></li></ul></div>"
    assert one("nmpa-delivery", menu + rows).title == "公告"


def test_the_same_page_twice_is_one_item() -> None:
    rows = "<li><a href='/directory/web/nmpa////zwfw/sdxx/sdxxylqx/qxpjfb/{0}'>公告</a></li><li><a href='{0}'>公告</a></li>"
    assert (
        one("nmpa-delivery", f"<div class=list><ul>{rows.format('20260312163232162.html')}</ul></div>").url == DELIVERY
    )


def test_pages_of_a_list_follow_one_another() -> None:
    rows = "".join(f"<li><a href='202603121632321{n:02}.html'>公告{n}</a></li>" for n in range(20))
    first = parsed("nmpa-delivery", f"<div class=list><ul>{rows}</ul></div>", COLUMN)
    second = parsed("nmpa-delivery", f"<div class=list><ul>{rows}</ul></div>", f"{COLUMN}index_1.html")
    assert first.next_page == Request(f"{COLUMN}index_1.html")
    assert second.next_page == Request(f"{COLUMN}index_2.html")


def test_a_poll_of_cmde_goes_from_column_to_column() -> None:
    source = catalog()["cmde-guidance"]
    seen: list[str] = []
    request: Request | None = platform_of(source).first(source, SEEN_AT)
    while request is not None and len(seen) < 20:
        seen.append(request.url)
        request = parse(Page(source, request.url, b"<div class=list><ul></ul></div>", SEEN_AT)).next_page
    assert seen == source.params["columns"]


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.nmpa.gov.cn/directory/web/nmpa/ylqx/a.html", "/ylqx/a.html"),
        ("https://www.nmpa.gov.cn////ylqx//a.html?from=x#top", "/ylqx/a.html"),
        ("https://mp.weixin.qq.com/s?__biz=1&mid=2#wechat", "mp.weixin.qq.com/s?__biz=1&mid=2"),
    ],
)
def test_the_identity_of_an_item(url: str, key: str) -> None:
    assert item_key(url, COLUMN) == key
    assert "//" not in page_url(url).removeprefix("https://")


HEADER = "<tr><th>序号</th><th>受理号</th><th>产品名称</th><th>注册证编号/批准文号</th><th>注册人名称</th></tr>"
ROW = "<tr><td>1</td><td>CQZ2500101</td><td>肺结节辅助检测软件</td><td>国械注准20263210001</td><td>甲公司</td></tr>"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize(
    "body",
    [
        "<h2 class=title>送达信息</h2><div class=date>发布时间：2026-03-12</div><div class=text><table>{}{}</table></div>",
        "<H2 CLASS='title'>送达信息</H2><SPAN CLASS='date'>2026-03-12</SPAN><DIV CLASS='wenzhang'><TABLE>{}{}</TABLE></DIV>",
        "<html><head><meta charset=utf-8><meta content='2026-03-12' name=pubdate><meta content=送达信息 name=articletitle>"
        "</head><body><div class=TRS_Editor><table><thead><tr><td colspan=5>送达信息</td></tr>{}</thead><tbody>{}</tbody>"
        "</table></div></body></html>",
        "<title>送达信息-国家药品监督管理局</title><p class=date>2026年03月12日</p><div class=text><table><tr><td>"
        "<table>{}{}</table></td></tr></table></div>",
    ],
)
def test_a_delivery_page(body: str, encoding: str) -> None:
    notice = one("nmpa-delivery", body.format(HEADER, ROW), DELIVERY, encoding)
    assert notice.title == "送达信息"
    assert notice.published_at == datetime(2026, 3, 11, 16, tzinfo=UTC)
    assert notice.rows == (
        {
            "seq": "1",
            "acceptance_number": "CQZ2500101",
            "product_name": "肺结节辅助检测软件",
            "certificate_number": "国械注准20263210001",
            "registrant": "甲公司",
        },
    )


def _table(*rows: str) -> tuple[dict[str, str], ...]:
    body = "".join(f"<tr><td>{row.replace('|', '</td><td>')}</td></tr>" for row in rows)
    return one(
        "nmpa-delivery", f"<h2 class=title>送达信息</h2><div class=text><table>{body}</table></div>", DELIVERY
    ).rows


def test_columns_are_known_by_their_cells_before_their_header() -> None:
    (row,) = _table("序号|注册证编号|受理号|产品名称", "1|CQZ2500101|肺结节软件|国械注准20263210001")
    assert row == {
        "seq": "1",
        "acceptance_number": "CQZ2500101",
        "product_name": "肺结节软件",
        "certificate_number": "国械注准20263210001",
    }


def test_every_column_is_kept_under_its_key_or_its_own_header() -> None:
    (row,) = _table(
        "序号|产品名称|注册证号|申请人名称|管理类别|结构及组成|适用范围/预期用途|型号、规格|有效期至",
        "1|软件|国械注准2026 3210001|甲公司|Ⅲ类|光盘|辅助检测|V1|2031-03-11",
    )
    assert row == {
        "seq": "1",
        "product_name": "软件",
        "certificate_number": "国械注准20263210001",
        "registrant": "甲公司",
        "device_class": "Ⅲ类",
        "composition": "光盘",
        "intended_use": "辅助检测",
        "model": "V1",
        "有效期至": "2031-03-11",
    }


def test_a_header_on_every_sheet_and_a_sum_are_no_devices() -> None:
    rows = _table("序号|受理号|产品名称", "1|CQZ2500101|甲", "序号|受理号|产品名称", "2|CQZ2500102|乙", "||")
    assert [row["product_name"] for row in rows] == ["甲", "乙"]


def test_a_table_that_lists_no_devices_gives_no_rows() -> None:
    assert _table("联系人|电话", "张三|010-88330000") == ()


def test_a_table_that_came_as_lines() -> None:
    text = "<p>序号 受理号 产品名称 注册证编号</p><p>1 CQZ2500101 肺结节 辅助检测软件 国械注准20263210001</p>"
    notice = one("nmpa-delivery", f"<h2 class=title>送达信息</h2><div class=text>{text}</div>", DELIVERY)
    assert notice.rows == (
        {
            "seq": "1",
            "acceptance_number": "CQZ2500101",
            "product_name": "肺结节 辅助检测软件",
            "certificate_number": "国械注准20263210001",
        },
    )
