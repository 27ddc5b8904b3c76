"""Answers of the newer sources as they may also be written: what nobody has saved must be read all the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from events.base import Precision
from scrapers.page import Malformed, ParseError
from scrapers.platforms import platform_of
from scrapers.source import catalog
from tests.scrapers.saved import SEEN_AT, one, parsed

ANNOUNCEMENT = {
    "id": "4c9f-uuid",
    "annId": 1219056613,
    "title": "甲公告",
    "publishTime": "2024-01-31 00:00:00",
    "attachPath": "/disc/disk03/finalpage/2024-01-31/4c9f.PDF",
    "attachFormat": "PDF",
    "secCode": ["300760"],
    "secName": ["迈瑞医疗"],
}
FILING = {"newsId": 1, "title": "T", "webPath": "/listedco/a.pdf", "stock": [{"sc": "00700", "sn": "TENCENT"}]}
FOUND = {"NEWS_ID": "1", "TITLE": "T", "DATE_TIME": "11/02/2026 19:10", "FILE_LINK": "/a.pdf", "STOCK_CODE": "00700"}
DEVICE = {"k_number": "K252054", "device_name": "D", "applicant": "A", "decision_date": "2025-09-29"}
RECORD = {"uuid": "u", "primaryDi": "069", "tradeName": "T", "manufacturerName": "M"}
DAY = datetime(2024, 1, 30, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"publishTime": "2024-01-31"},
        {"publishTime": "2024-01-31T00:00:00"},
        {"publishTime": 1706630400000},
        {"annId": None, "id": "1219056613"},
        {"attachPath": "disc/disk03/finalpage/2024-01-31/4c9f.PDF"},
        {"secCode": "300760", "secName": "迈瑞医疗"},
        {"title": "<em>甲</em>公告", "bigCategoryId": None},
    ],
)
def test_an_announcement_of_szse(changed: dict[str, object]) -> None:
    notice = one("szse-announcements", json.dumps({"announceCount": 1, "data": [ANNOUNCEMENT | changed]}))
    assert (notice.title, notice.item_key) == ("甲公告", "1219056613")
    assert (notice.published_at, notice.published_precision) == (DAY, Precision.DAY)
    assert notice.fields["stock_code"] == "300760"
    assert notice.url == "https://disc.static.szse.cn/download/disc/disk03/finalpage/2024-01-31/4c9f.PDF"


@pytest.mark.parametrize("data", [None, []])
def test_a_holiday_has_no_announcements(data: object) -> None:
    assert parsed("szse-announcements", json.dumps({"announceCount": 0, "data": data})).notices == ()


def test_every_page_of_a_slice_of_days_is_asked_for() -> None:
    source = catalog()["szse-announcements"]
    asked = platform_of(source).first(source, SEEN_AT)
    assert asked.json == {
        "seDate": ["2026-10-31", "2026-11-02"],
        "channelCode": ["listedNotice_disc"],
        "pageSize": 50,
        "pageNum": 1,
    }
    body = json.dumps({"announceCount": 101, "data": [ANNOUNCEMENT]})
    second = parsed(source.id, body, asked.url).next_page
    assert second
    third = parsed(source.id, body, second.url).next_page
    assert third
    assert third.json == {**asked.json, "pageNum": 3}
    assert parsed(source.id, body, third.url).next_page is None


@pytest.mark.parametrize("count", [2, "2", None])
@pytest.mark.parametrize("made", [1775836800475, "1775836800475", None])
def test_the_feed_of_hkex(count: object, made: object) -> None:
    feed = {"genDate": made, "maxNumOfFile": count, "newsInfoLst": [FILING | {"relTime": "10/04/2026 19:10"}]}
    found = parsed("hkex-latest", json.dumps(feed))
    (notice,) = found.notices
    assert notice.published_at == datetime(2026, 4, 10, 11, 10, tzinfo=UTC)
    assert notice.published_precision is Precision.MINUTE
    assert bool(found.next_page) == bool(count)


@pytest.mark.parametrize(
    ("stock", "codes", "names"),
    [
        ([{"sc": "00700", "sn": "TENCENT"}, {"sc": "80700", "sn": "TENCENT-R"}], "00700、80700", "TENCENT、TENCENT-R"),
        ([], None, None),
        (None, None, None),
        ([None, {"sc": "00700"}], "00700", None),
    ],
)
def test_the_stocks_of_a_filing(stock: object, codes: str | None, names: str | None) -> None:
    fields = one("hkex-latest", json.dumps({"newsInfoLst": [FILING | {"stock": stock}]})).fields
    assert (fields.get("stock_code"), fields.get("stock_name")) == (codes, names)
    assert ("announcement_id" in fields) == (codes is not None)


@pytest.mark.parametrize("codes", ["00700<br/>80700", "00700<br />80700", "00700\n80700", "00700<BR>80700<br/>"])
def test_the_stocks_of_a_search(codes: str) -> None:
    row = FOUND | {"STOCK_CODE": codes, "STOCK_NAME": "A&amp;B<br/>C", "TITLE": "T&#x3b; U"}
    for result in (json.dumps([row]), [row]):
        notice = one("hkex-latest", json.dumps({"result": result, "recordCnt": 1}))
        assert (notice.fields["stock_code"], notice.fields["stock_name"]) == ("00700、80700", "A&B、C")
        assert (notice.title, notice.published_at) == ("T; U", datetime(2026, 2, 11, 11, 10, tzinfo=UTC))


@pytest.mark.parametrize("result", ["null", "", "[]", None, " null "])
def test_a_search_that_found_nothing(result: object) -> None:
    assert parsed("hkex-latest", json.dumps({"result": result, "recordCnt": 0})).notices == ()


def test_a_search_whose_result_is_no_json() -> None:
    with pytest.raises(Malformed, match="result holds no JSON"):
        parsed("hkex-latest", json.dumps({"result": "[{"}))


PROSPECTUS = "http://eid.csrc.gov.cn/101013/2026/07/03/4211.pdf"
CELLS = ["1", "甲医疗科技股份有限公司", "科创板", "某某证券股份有限公司", "2026-07-03", "招股说明书（申报稿）"]
HEADER = ["序号", "公司名称", "上市板块", "保荐机构", "披露时间", "文件类型"]


def _row(cells: list[str], opens: str) -> str:
    return f"<tr {opens}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _head(cells: list[str], tag: str = "th") -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


@pytest.mark.parametrize(
    "opens",
    [
        f"onclick=\"downloadPdf1('{PROSPECTUS}','甲','x')\"",
        f'onclick=\'downloadPdf1("{PROSPECTUS}","甲")\'',
        f"onclick=\"javascript: downloadPdf1( '{PROSPECTUS}' );return false\"",
    ],
)
@pytest.mark.parametrize("header", ["", _head(HEADER), _head(HEADER, "td")])
def test_a_prospectus(opens: str, header: str) -> None:
    notice = one("csrc-ipo", f"<html><body><table>{header}{_row(CELLS, opens)}</table></body></html>")
    assert (notice.url, notice.fields["company"]) == (PROSPECTUS, CELLS[1])
    assert (notice.fields["document"], notice.fields["board"]) == (CELLS[5], CELLS[2])
    assert notice.published_at == datetime(2026, 7, 2, 16, tzinfo=UTC)


def test_the_columns_of_prospectuses_in_another_order() -> None:
    order = [0, 5, 4, 1, 2, 3]
    table = _head([HEADER[i] for i in order]) + _row(
        [CELLS[i] for i in order], f"onclick=\"downloadPdf1('{PROSPECTUS}',1)\""
    )
    fields = one("csrc-ipo", f"<table>{table}</table>").fields
    assert (fields["company"], fields["document"], fields["board"]) == (CELLS[1], CELLS[5], CELLS[2])


def test_the_pages_of_prospectuses() -> None:
    rows = "".join(
        _row(CELLS, f"onclick=\"downloadPdf1('{PROSPECTUS.replace('4211', str(i))}',1)\"") for i in range(15)
    )
    for here, after in (("index_2_f.html", "index_3_f.html"), ("index_3_f.html", "index_4_f.html")):
        found = parsed("csrc-ipo", f"<table>{rows}</table>", f"http://eid.csrc.gov.cn/ipo/101013/{here}")
        assert found.next_page
        assert found.next_page.url.endswith(f"/101013/{after}")


@pytest.mark.parametrize(
    ("title", "week"),
    [
        ("境外发行上市备案补充材料要求公示（2026年7月3日—2026年7月9日）", ("2026-07-03", "2026-07-09")),
        ("境外发行上市备案补充材料要求公示（2026年7月3日-7月9日）", ("2026-07-03", "2026-07-09")),
        ("境外发行上市备案补充材料要求公示（2025年12月26日至1月1日）", ("2025-12-26", "2026-01-01")),
        ("境外发行上市备案补充材料要求公示", ("", "")),
    ],
)
def test_the_week_of_a_list_of_requests(title: str, week: tuple[str, str]) -> None:
    body = f"<meta name=ArticleTitle content='{title}'><div class=detail-news><p>一、甲股份有限公司</p><p>1.请说明。</p></div>"
    notice = one("csrc-overseas-requests", body, "http://www.csrc.gov.cn/csrc/c105983/c1/content.shtml")
    assert (notice.fields.get("window_start", ""), notice.fields.get("window_end", "")) == week
    assert notice.rows == ({"seq": "一", "company": "甲股份有限公司", "questions": "1"},)


def test_a_column_of_csrc_leads_to_its_older_items() -> None:
    rows = "".join(
        f"<li><a href=/csrc/c105984/c{i}/content.shtml>通知{i}</a><span>2026-07-10</span></li>" for i in range(18)
    )
    body = f"<meta name=channelid content=b2e5><ul id=list>{rows}</ul>"
    found = parsed("csrc-overseas-filings", body)
    assert found.next_page
    assert "/searchList/b2e5?" in found.next_page.url
    assert found.next_page.url.endswith("&page=2#column=c105984")
    assert catalog()["csrc-overseas-filings"].owns(found.next_page.url)
    assert not catalog()["csrc-overseas-requests"].owns(found.next_page.url)


def test_openfda_pages_on_and_says_when_there_is_nothing() -> None:
    meta = {"results": {"skip": 100, "limit": 100, "total": 300}}
    answer = {"meta": meta, "results": [DEVICE | {"k_number": f"K{i:06}"} for i in range(100)]}
    found = parsed("openfda-510k", json.dumps(answer), "https://api.fda.gov/device/510k.json?limit=100&skip=100")
    assert found.next_page
    assert found.next_page.url == "https://api.fda.gov/device/510k.json?limit=100&skip=200"
    none = {"error": {"code": "NOT_FOUND", "message": "No matches found!"}}
    assert parsed("openfda-510k", json.dumps(none)).notices == ()
    with pytest.raises(ParseError, match="API_KEY"):
        parsed("openfda-510k", json.dumps({"error": {"code": "API_KEY_INVALID"}}))


@pytest.mark.parametrize("day", ["2025-09-29", "20250929", "09/29/2025"])
def test_a_decision_of_the_fda(day: str) -> None:
    notice = one("openfda-510k", json.dumps({"results": [DEVICE | {"decision_date": day}]}))
    assert notice.published_at == datetime(2025, 9, 29, 4, tzinfo=UTC)
    pma = {"pma_number": "P150001", "supplement_number": "S012", "trade_name": "T", "applicant": "A"}
    assert one("openfda-510k", json.dumps({"results": [pma]})).fields["submission_number"] == "P150001/S012"


@pytest.mark.parametrize(
    "answer",
    [
        {"content": [RECORD], "totalElements": 1, "totalPages": 1},
        {"devices": [RECORD], "totalElements": 1, "totalPages": 1},
        [RECORD],
        RECORD,
        {"content": [RECORD | {"tradeName": {"texts": [{"language": {"isoCode": "en"}, "text": "T"}]}}]},
        {"content": [RECORD | {"primaryDi": {"uuid": "x", "code": "069"}, "basicUdi": {"code": None}}]},
        {"content": [RECORD | {"manufacturerName": None, "manufacturer": {"name": {"texts": [{"text": "M"}]}}}]},
    ],
)
def test_a_device_of_eudamed(answer: object) -> None:
    notice = one("eudamed-devices", json.dumps(answer))
    assert (notice.title, notice.fields["company"], notice.fields["submission_number"]) == ("T", "M", "069")


def test_eudamed_pages_on_and_then_searches_for_the_next_name() -> None:
    source = catalog()["eudamed-devices"]
    first = platform_of(source).first(source, SEEN_AT).url
    answer = json.dumps({"content": [RECORD], "totalPages": 2, "totalElements": 301})
    second = parsed(source.id, answer, first).next_page
    assert second
    assert second.url == first.replace("page=0", "page=1")
    third = parsed(source.id, answer, second.url).next_page
    assert third
    assert "tradeName=DEEPVESSEL" in third.url
    assert parsed(source.id, json.dumps({"totalElements": 0, "totalPages": 0}), third.url).notices == ()


ITEM = "<item><title>甲医疗完成B轮融资</title><link>https://36kr.com/p/1</link>{}</item>"
ENTRY = "<entry><title>甲医疗完成B轮融资</title><link rel='alternate' href='https://36kr.com/p/1'/><id>https://36kr.com/p/1</id>{}</entry>"
FEEDS = [
    f"<rss version='2.0'><channel><title>F</title>{ITEM}</channel></rss>",
    f"<?xml version='1.0' encoding='gb2312'?>\n<rss version='2.0'><channel><title>F</title>{ITEM}</channel></rss>",
    f"<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title>{ENTRY}</feed>",
]


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("Fri, 10 Jul 2026 09:30:05 +0800", datetime(2026, 7, 10, 1, 30, 5, tzinfo=UTC)),
        ("Fri, 10 Jul 2026 01:30:05 GMT", datetime(2026, 7, 10, 1, 30, 5, tzinfo=UTC)),
        ("2026-07-10 09:30:05", datetime(2026, 7, 10, 1, 30, 5, tzinfo=UTC)),
        ("2026-07-10T01:30:05Z", datetime(2026, 7, 10, 1, 30, 5, tzinfo=UTC)),
        ("", None),
        ("soon", None),
    ],
)
def test_an_item_of_any_feed(feed: str, said: str, at: datetime | None) -> None:
    name = "published" if "<feed" in feed else "pubDate"
    notice = one("press-36kr", feed.format(f"<{name}>{said}</{name}>" if said else ""))
    assert (notice.title, notice.url, notice.published_at) == ("甲医疗完成B轮融资", "https://36kr.com/p/1", at)


def test_a_feed_in_gb18030_with_bare_ampersands() -> None:
    feed = FEEDS[1].replace("甲医疗完成", "A&B医疗完成").format("<description>一&nbsp;二 & 三</description>")
    notice = one("press-36kr", feed, encoding="gb18030")
    assert notice.title.endswith("医疗完成B轮融资")


def test_a_feed_without_items_is_empty_and_one_cut_off_is_not() -> None:
    assert parsed("press-36kr", "<rss version='2.0'><channel><title>F</title></channel></rss>").notices == ()
    with pytest.raises(Malformed, match="cut off"):
        parsed("press-36kr", FEEDS[0].format("")[:80])


def test_a_table_of_pmda_without_a_header_keeps_its_files() -> None:
    source = catalog()["pmda-approvals"]
    body = "<table><tr><td>R7.9.1</td><td><a href=/files/1.pdf>EndoBRAIN</a></td></tr></table>"
    notice = one(source.id, body)
    assert (notice.title, notice.url) == ("EndoBRAIN", "https://www.pmda.go.jp/files/1.pdf")


@pytest.mark.parametrize(
    ("said", "count"),
    [("二十七", "27"), ("一百零一", "101"), ("十", "10"), ("一百二十", "120"), ("26", "26"), ("两", "")],
)
def test_a_number_of_items_in_han_digits(said: str, count: str) -> None:
    body = f"<h1>《放射检查类医疗服务价格项目立项指南（试行）》</h1><div id=zoom>现有项目映射整合为{said}项。</div>"
    notice = one("nhsa-price-guides", body, "https://www.nhsa.gov.cn/art/2024/11/29/art_201_14900.html")
    assert notice.fields.get("mapped_items", "") == count


def test_the_body_of_an_article_whose_markup_is_not_known() -> None:
    url = "https://ybj.sh.gov.cn/gfxwj/20260313/0123456789abcdef0123456789abcdef.html"
    menu = "<div><ul><li><p>首页</p></li><li><p>公告</p></li></ul></div>"
    body = f"<h2>关于调整价格项目的通知</h2>{menu}<div id=ivs_content><p>沪医保规〔2026〕2号</p><p>各区医保局：正文</p></div>"
    notice = one("ybj-shanghai", body, url)
    assert (notice.body, notice.document_number) == ("沪医保规〔2026〕2号\n各区医保局：正文", "沪医保规〔2026〕2号")
    with pytest.raises(ParseError, match="no body"):
        parsed("ybj-shanghai", f"<h2>通知</h2>{menu}<p>页面不存在</p>", url)
