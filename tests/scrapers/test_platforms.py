"""Documents, hanweb pages and exchanges as they vary: attachments, numbers, records, names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from events.base import Precision
from scrapers.platforms import platform_of
from scrapers.platforms.documents import number_in
from scrapers.platforms.projects import company_of, without_marker
from scrapers.source import catalog
from tests.scrapers.saved import SEEN_AT, one

ARTICLE = "https://www.nhsa.gov.cn/art/2025/12/7/art_104_18970.html"


@pytest.mark.parametrize(
    ("markup", "name"),
    [
        ("<a href='/directory/web/cmde/images/1.docx'>附件1.docx</a>", "附件1.docx"),
        ("<p>征求意见稿（<a href='/directory/web/cmde/images/1.docx'>下载</a>）</p>", "征求意见稿"),
        ("<p><span>反馈表</span><a href='/directory/web/cmde/images/1.docx'><img src=/i.gif></a></p>", "反馈表"),
        ("<a title=反馈表.docx href='/directory/web/cmde/images/1.docx'>点击下载</a>", "反馈表.docx"),
        ("<a href='/directory/web/cmde/images/0uK8+7e0wKGx7S5kb2N4.docx'>下载</a>", "意见反馈表.docx"),
        ("<p>附件1：甲<a href='/directory/web/cmde/images/1.docx'>下载</a></p>", "附件1：甲"),
        ("<font>甲表</font><br><strong><a href='/directory/web/cmde/images/1.docx'>【下载】</a></strong>", "甲表"),
    ],
)
def test_the_name_of_an_attachment(markup: str, name: str) -> None:
    url = "https://www.cmde.org.cn/flfg/zdyz/zqyjg/20221226164621102.html"
    notice = one("cmde-guidance", f"<h2 class=title>通知</h2><div class=text><p>请看。</p>{markup}</div>", url)
    (attachment,) = notice.attachments
    assert attachment.url.startswith("https://www.cmde.org.cn/directory/web/cmde/images/")
    assert attachment.name == name


def _record(inner: str) -> str:
    return f"<datastore><recordset><record><![CDATA[{inner}]]></record></recordset></datastore>"


@pytest.mark.parametrize(
    "body",
    [
        _record(
            "<li><a href='/art/2025/12/7/art_104_18970.html' title='关于目录的通知'>关于…</a><span>2025-12-07</span></li>"
        ),
        _record("<li><b>2025-12-07</b><a href='/art/2025/12/7/art_104_18970.html'>关于目录的通知</a></li>"),
        _record("<tr><td>1</td><td><a href='/art/2025/12/7/art_104_18970.html'>关于目录的通知</a></td><td></td></tr>"),
        "<script type=text/xml>"
        + _record("<a href='/art/2025/12/7/art_104_18970.html'>关于目录的通知</a><i>[2025-12-07]</i>")
        + "</script>",
        "<?xml version='1.0' encoding='utf-8'?><DATASTORE><RECORDSET><RECORD>&lt;a href='/art/2025/12/7/art_104_18970.html'"
        "&gt;关于目录的通知&lt;/a&gt;</RECORD></RECORDSET></DATASTORE>",
        "<ul><li><a href='https://www.nhsa.gov.cn/art/2025/12/7/art_104_18970.html'>关于目录的通知</a><span>2025-12-07</span></li></ul>",
    ],
)
def test_a_record_of_hanweb(body: str) -> None:
    notice = one("nhsa-policy", body)
    assert (notice.title, notice.url) == ("关于目录的通知", ARTICLE)
    assert (notice.published_at, notice.published_precision) == (datetime(2025, 12, 6, 16, tzinfo=UTC), Precision.DAY)


@pytest.mark.parametrize(
    "body",
    [
        "<meta name=PubDate content='2025-12-07 12:00'><span class=mu-sp-2>通知</span><div id=zoom><p>正文</p></div>",
        "<META CONTENT='2025-12-07 12:00' NAME='PubDate'><META CONTENT='通知' NAME='ArticleTitle'><DIV><p>导航</p>"
        "<META NAME='ContentStart'><SPAN><P>正文</P></SPAN><META NAME='ContentEnd'></DIV><p>页脚</p>",
        "<meta name=PubDate content='2025-12-07 12:00'><h1>通知</h1><div class=article-content>正文</div>",
    ],
)
def test_an_article_of_hanweb(body: str) -> None:
    notice = one("nhsa-policy", body, ARTICLE)
    assert (notice.title, notice.body) == ("通知", "正文")
    assert (notice.published_at, notice.published_precision) == (datetime(2025, 12, 7, 4, tzinfo=UTC), Precision.MINUTE)


@pytest.mark.parametrize(
    ("title", "body", "number"),
    [
        ("关于印发目录的通知（医保发〔2024〕1号）", "", "医保发〔2024〕1号"),
        ("通知", "医保办函〔2025〕 88号\n各省：", "医保办函〔2025〕88号"),
        ("通知", "发文字号：医保发[2024]33号 成文日期：2024年1月1日", "医保发[2024]33号"),
        ("国家药监局公告（2021年第47号）", "", "2021年第47号"),
        ("《办法》（医保发〔2021〕41号）的政策解读", "按照《办法》（医保发〔2021〕41号）要求", None),
    ],
)
def test_the_number_of_a_document_is_its_own(title: str, body: str, number: str | None) -> None:
    assert number_in(title, body) == number


@pytest.mark.parametrize(
    ("name", "company"),
    [
        ("上海思朗科技股份有限公司科创板IPO项目", "上海思朗科技股份有限公司"),
        ("北京英诺特生物技术股份有限公司首次公开发行股票并在科创板上市", "北京英诺特生物技术股份有限公司"),
        ("甲医疗科技（上海）股份有限公司（科创板）", "甲医疗科技（上海）股份有限公司"),
        ("中导光电设备股份有限公司", "中导光电设备股份有限公司"),
    ],
)
def test_the_company_in_the_name_of_a_project(name: str, company: str) -> None:
    assert company_of(name) == company


def test_the_marker_of_hkex_is_no_part_of_the_name() -> None:
    assert without_marker("MOMENTA GLOBAL LIMITED - W") == ("MOMENTA GLOBAL LIMITED", "W")
    assert without_marker("Example-AI") == ("Example-AI", "")


def test_cninfo_is_asked_for_days_of_shanghai() -> None:
    source = catalog()["cninfo"]
    late = datetime(2026, 7, 13, 17, 0, tzinfo=UTC)  # the 14th in Shanghai
    request = platform_of(source).first(source, late)
    assert request.form is not None
    assert request.form["seDate"] == "2026-07-13~2026-07-15"
    assert platform_of(source).first(source, late + timedelta(hours=1)) == request


def test_sse_is_asked_with_its_referer_and_errors_without() -> None:
    source = catalog()["sse-ipo"]
    assert platform_of(source).first(source, SEEN_AT).headers["Referer"] == "https://www.sse.com.cn/"


def test_an_answer_that_a_browser_saved_is_read() -> None:
    body = '<html><body><pre>{"data":[{"prjid":1,"cmpnm":"A&amp;B"}]}</pre></body></html>'
    assert one("szse-ipo", body).title == "A&B"
