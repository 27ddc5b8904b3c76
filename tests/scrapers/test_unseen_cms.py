"""Pages of NMPA, CMDE and NHSA as they may also be written: what nobody has saved must be read all the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from events.base import Precision
from scrapers.parse import page_from_file
from scrapers.source import CatalogError, catalog
from tests.scrapers.saved import SEEN_AT, one, parsed

DELIVERY = "https://www.nmpa.gov.cn/zwfw/sdxx/sdxxylqx/qxpjfb/20260312145530123.html"
DRAFT = "https://www.cmde.org.cn/flfg/zdyz/zqyjg/20241128091030130.html"
ARTICLE = "https://www.nhsa.gov.cn/art/2025/12/7/art_104_18970.html"
TITLE = "2026年03月12日医疗器械批准证明文件送达信息"
DEVICE = {
    "seq": "1",
    "acceptance_number": "CQZ2300123",
    "product_name": "软件A",
    "certificate_number": "国械注准20263210123",
}
CELLS = "<td>1</td><td>CQZ2300123</td><td>软件A</td><td>国械注准20263210123</td>"
HEADER = "<tr><td>序号</td><td>受理号</td><td>产品名称</td><td>{}</td></tr>"


def _delivery(inner: str) -> str:
    return f"<meta name=PubDate content='2026-03-12 16:32'><h2 class=title>{TITLE}</h2><div class=text>{inner}</div>"


TABLES = [
    *(
        f"<table>{HEADER.format(name)}<tr>{CELLS}</tr></table>"
        for name in (
            "注册证编号",
            "注册证号",
            "批准文号",
            "证号",
            "注册证编号/注册文件号",
            "<p><b>注册证<br>编号</b></p>",
        )
    ),
    f"<table><tr><td colspan=4>一、准产批件</td></tr>{HEADER.format('注册证编号')}<tr>{CELLS}</tr></table>",
    f"<table>{HEADER.format('注册证编号').replace('<td>注', '<td colspan=2>注')}<tr>{CELLS}"
    "<td>国械注准20263210123</td></tr></table>",
    "<table><tr><td rowspan=2>序号</td><td colspan=2>产品信息</td><td rowspan=2>注册证编号</td></tr>"
    f"<tr><td>受理号</td><td>产品名称</td></tr><tr>{CELLS}</tr></table>",
    "<table><tr><td>序号<td>受理号<td>产品名称<td>注册证编号<tr><td>１<td>ＣＱＺ２３００１２３<td>软件A<td>国械注准２０２６３２１０１２３</table>",
    f"<table>{HEADER.format('注册证编号')}<tr><td><p><span>1</span></p></td><td><p><span>CQZ</span><span>2300123</span></p></td>"
    "<td>软件A</td><td><p>国械注准&nbsp;2026<br>3210123</p></td></tr></table>",
    f"<table><tr><td><table>{HEADER.format('注册证编号')}<tr>{CELLS}</tr></table></td></tr></table>",
    "<table><tr><th>序号</th><td>1</td></tr><tr><th>受理号</th><td>CQZ2300123</td></tr><tr><th>产品名称</th><td>软件A</td></tr>"
    "<tr><th>注册证编号</th><td>国械注准20263210123</td></tr></table>",
    f"<table><tr>{CELLS}</tr></table>",
    "<p>序号 受理号 产品名称 注册证编号</p><p>1&nbsp;CQZ2300123&nbsp;软件A&nbsp;国械注准2026 3210123</p>",
    "<p>1、CQZ2300123，软件A，国械注准20263210123</p>",
]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_device_is_read_from_any_table(table: str, encoding: str) -> None:
    notice = one("nmpa-delivery", _delivery(table), DELIVERY, encoding)
    assert notice.title == TITLE
    assert notice.rows == (DEVICE,)
    assert (notice.published_at, notice.published_precision) == (
        datetime(2026, 3, 12, 8, 32, tzinfo=UTC),
        Precision.MINUTE,
    )


def test_tables_side_by_side_and_cells_with_two_numbers() -> None:
    header = "<td>受理号</td><td>注册证编号</td>"
    cells = "".join(f"<td>CQZ230012{i}</td><td>国械注准2026321012{i}</td>" for i in (3, 4))
    twice = f"<table><tr>{header * 2}</tr><tr>{cells}</tr></table>"
    rows = one("nmpa-delivery", _delivery(twice), DELIVERY).rows
    assert [row["certificate_number"] for row in rows] == ["国械注准20263210123", "国械注准20263210124"]
    numbers = "国械注准20263210123<br>国械注准20263210124"
    both = f"<table><tr>{header}</tr><tr><td>CQZ2300123</td><td>{numbers}</td></tr></table>"
    (row,) = one("nmpa-delivery", _delivery(both), DELIVERY).rows
    assert row["certificate_number"] == "国械注准20263210123、国械注准20263210124"


ROWS = [
    f"<div class=list><ul><li><a href=20260312145530123.html title={TITLE}>2026年03月…</a>"
    "<span>(2026-03-12)</span></li></ul></div>",
    f"<div class=list><ul><li><span>２０２６－０３－１２</span><a href=./20260312145530123.html>{TITLE}</a></li></ul></div>",
    "<div class=list><ul><li><a href=20260312145530123.html><font>2026年03月12日</font>"
    "<span>医疗器械批准证明文件送达信息</span></a>"
    "<span><i>(</i><i>2026-03-12</i><i>)</i></span></li></ul></div>",
    f"<div class=list><table><tr><td><a href=20260312145530123.html>{TITLE}</a></td><td>2026-03-12</td></tr></table></div>",
    f"<dl><dd><a href=//www.nmpa.gov.cn/zwfw/sdxx/sdxxylqx/qxpjfb/20260312145530123.html>{TITLE}</a>"
    "<b>[2026/3/12]</b></dd></dl>",
    "<div class='list side'><ul><li><a href=/xxgk/ggtg/20260101010101111.html>热点</a></li></ul></div>"
    f"<div class=list><ul><li><a href=20260312145530123.html>{TITLE}</a><span>2026-03-12</span></li></ul></div>",
]


@pytest.mark.parametrize("rows", ROWS)
def test_a_row_of_a_list(rows: str) -> None:
    menu = "<div class=nav><ul><li><a href=/zwfw/sdxx/index.html>送达信息</a></li></ul></div>"
    notice = one("nmpa-delivery", menu + rows)
    assert (notice.url, notice.title) == (DELIVERY, TITLE)
    assert (notice.published_at, notice.published_precision) == (datetime(2026, 3, 11, 16, tzinfo=UTC), Precision.DAY)


@pytest.mark.parametrize(
    "stated",
    [
        "<meta property='article:published_time' content='2025-12-07T12:00:30+08:00'>",
        "<meta name=PublishDate content='2025-12-07 12:00:30'>",
        "<meta name=' pubdate ' content='2025-12-07T04:00:30Z'>",
        "<p>发布时间：２０２５－１２－０７　12:00:30 来源：本站</p>",
    ],
)
@pytest.mark.parametrize(("source", "url"), [("nhsa-policy", ARTICLE), ("cmde-guidance", DRAFT)])
def test_the_time_of_a_page(stated: str, source: str, url: str) -> None:
    notice = one(source, f"{stated}<h2 class=title>通知</h2><div class=text id=zoom>正文</div>", url)
    assert (notice.published_at, notice.published_precision) == (
        datetime(2025, 12, 7, 4, 0, 30, tzinfo=UTC),
        Precision.SECOND,
    )


@pytest.mark.parametrize(
    ("markup", "name"),
    [
        ("<table><tr><td>甲指导原则</td><td><a href=/directory/a.zip>下载</a></td></tr></table>", "甲指导原则"),
        ("<p>1.甲指导原则</p><p><a href=/directory/a.docx>下载</a></p>", "1.甲指导原则"),
        ("<p><a href=/directory/a.docx>附件2</a></p>", "附件2"),
        ("<p><a href='/module/download/downfile.jsp?showname=%E7%94%B2.docx&filename=ff.docx'>下载</a></p>", "甲.docx"),
        ("<p><a href=/directory/a.docx>附件1：</a><a href=/directory/a.docx>甲指导原则</a></p>", "甲指导原则"),
    ],
)
def test_the_name_of_a_file(markup: str, name: str) -> None:
    side = "<div class=side><a href=/x.pdf>手册</a></div>"
    body = f"{side}<h2 class=title>通知</h2><div class=text><p>各单位：</p>{markup}</div>"
    assert [file.name for file in one("cmde-guidance", body, DRAFT).attachments] == [name]


def test_a_file_outside_the_body_is_not_one_of_the_sidebar() -> None:
    files = "<p><a href=/a.docx>甲</a></p><div class='side-bar'><a href=/x.pdf>手册</a></div>"
    body = f"<h2 class=title>通知</h2><div class=text>正文</div>{files}"
    assert [file.name for file in one("cmde-guidance", body, DRAFT).attachments] == ["甲"]


@pytest.mark.parametrize("around", ["{}", "<ul>{}</ul>", "<table>{}</table>"])
def test_several_rows_in_one_record(around: str) -> None:
    row = "<tr><td><a href=/art/2025/12/7/art_104_{0}.html>通知</a></td><td>医保发〔2025〕{0}号</td><td>2025-12-07</td></tr>"
    if "ul" in around:
        row = row.replace("<tr>", "<li>").replace("</tr>", "</li>").replace("td>", "span>")
    held = around.format(row.format(1) + row.format(2))
    body = f"<datastore><recordset><record><![CDATA[{held}]]></record></recordset></datastore>"
    assert [n.document_number for n in parsed("nhsa-policy", body).notices] == [
        "医保发〔2025〕1号",
        "医保发〔2025〕2号",
    ]


def test_the_query_of_an_article_is_no_part_of_its_url() -> None:
    assert one("nhsa-policy", "<h1>通知</h1><div id=zoom>正文</div>", f"{ARTICLE}?xxgkhide=1").url == ARTICLE


@pytest.mark.parametrize("url", ["https://example.com/", "no url", "http://[", ARTICLE])
def test_a_file_needs_a_url_of_its_source(url: str) -> None:
    with pytest.raises(CatalogError, match="is no page of nmpa-delivery"):
        page_from_file("nmpa-delivery", b"x", url, SEEN_AT)


@pytest.mark.parametrize("source_id", sorted(catalog()))
def test_the_home_of_a_source_is_a_page_of_it(source_id: str) -> None:
    home = catalog()[source_id].home
    assert page_from_file(source_id, b"x", home, SEEN_AT).url == home
