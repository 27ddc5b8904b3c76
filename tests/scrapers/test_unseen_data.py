"""Answers of the exchanges, of cninfo and of FDA as they may also be written."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from events.base import Precision
from scrapers.page import Malformed
from tests.scrapers.saved import one, parsed

PROJECT = {
    "updateDate": "20260707172714",
    "stockAuditName": "甲股份有限公司科创板IPO项目",
    "currStatus": 2,
    "stockAuditNum": "2239",
}
HK = "https://www1.hkexnews.hk/ncms/json/eds/"
APPLICATION = {"id": 1, "d": "17/10/2025", "a": "某某股份有限公司 - B", "s": "A", "ls": [], "ps": []}
ANNOUNCEMENT = {
    "secCode": "688271",
    "announcementId": "1",
    "announcementTitle": "<em>甲</em>公告",
    "announcementTime": 1706630400000,
}
DEVICE = {
    "Date_of_final_decision": "09/29/2025",
    "Submission_number": "K252054",
    "Device": "Foo",
    "Company": "Bar",
    "Panel": "Radiology",
}


@pytest.mark.parametrize(
    "wrap",
    [
        "{}",
        "cb({});",
        "/**/cb({})",
        "/* x */\n window.cb ( {} ) ; // end",
        "\ufeffcb({})",
        "null({})",
        "cb && cb({});",
        "/**/ typeof cb === 'function' && cb({});",
        "try{{cb({})}}catch(e){{}}",
    ],
)
def test_any_jsonp_is_read(wrap: str) -> None:
    notice = one("sse-ipo", wrap.format(json.dumps({"result": [PROJECT]})))
    assert (notice.item_key, notice.fields["company"]) == ("2239", "甲股份有限公司")


def test_jsonp_that_was_cut_off_is_malformed() -> None:
    for cut in ('cb({"result":[', 'cb({"result":[]}'):
        with pytest.raises(Malformed):
            parsed("sse-ipo", cut)


@pytest.mark.parametrize(
    "answer",
    [
        {"pageHelp": {"data": [PROJECT]}},
        {"result": None, "pageHelp": {"data": [PROJECT]}},
        {"result": [{**PROJECT, "updateDate": 1783416434000}]},
        {
            "result": [
                {**PROJECT, "stockAuditName": None, "stockIssuer": [{"s_issueCompanyFullName": "甲股份有限公司"}]}
            ]
        },
    ],
)
def test_a_project_of_sse(answer: object) -> None:
    notice = one("sse-ipo", json.dumps(answer))
    assert notice.fields["company"] == "甲股份有限公司"
    assert (notice.published_at, notice.published_precision) == (
        datetime(2026, 7, 7, 9, 27, 14, tzinfo=UTC),
        Precision.SECOND,
    )


@pytest.mark.parametrize("wrap", ['{{"data":[{}]}}', '{{"data":{{"totalPage":1,"data":[{}]}}}}', '[{{"data":[{}]}}]'])
@pytest.mark.parametrize(
    "updated", ["2026-07-13 00:00:00", "2026-07-13", "2026-07-13T00:00:00.000+08:00", 1783872000000]
)
def test_a_project_of_szse(wrap: str, updated: object) -> None:
    row = {"prjid": 1, "cmpnm": "甲", "prjst": "已问询", "updtdt": updated, "sprinsts": ["中信", "中金"]}
    notice = one("szse-ipo", wrap.format(json.dumps(row)))
    assert (notice.published_at, notice.published_precision) == (datetime(2026, 7, 12, 16, tzinfo=UTC), Precision.DAY)
    assert notice.fields["sponsor"] == "中信、中金"


@pytest.mark.parametrize("ls", [None, "", {"d": "18/10/2025"}, [None], [[1]]])
def test_an_application_without_a_list_of_documents(ls: object) -> None:
    notice = one(
        "hkex-applications",
        json.dumps({"app": [{**APPLICATION, "ls": ls, "ps": [None]}]}),
        f"{HK}appactive_app_sehk_c.json",
    )
    assert (notice.fields["status"], notice.fields["marker"]) == ("application", "B")


@pytest.mark.parametrize("st", ["01461 (listed only)", "01461-W", ["01461", "81461"]])
@pytest.mark.parametrize("name", ["甲公司 - B", "甲公司－Ｂ", "甲公司-B"])
def test_a_listed_application(st: object, name: str) -> None:
    row = {**APPLICATION, "a": name, "s": "LT", "st": st, "postingDate": "Jun 23, 2026"}
    fields = one("hkex-applications", json.dumps({"app": [row]}), f"{HK}applisted_sehk_c.json").fields
    assert (fields["company"], fields["marker"], fields["stock_code"]) == ("甲公司", "B", "01461")
    assert (fields["status"], fields["posted_on"]) == ("listed", "2026-06-23")


def test_the_labels_of_a_narrow_screen_are_no_part_of_a_row() -> None:
    head = "<tr><th>Stock Code</th><th>Stock Name</th><th>New Listing Announcements</th></tr>"
    row = (
        "<tr><td><span>Stock Code: </span>{}</td><td><span>Stock Name: </span><a href=https://www.hkex.com.hk/>"
        "FOO LIMITED - W</a></td>"
        "<td><a href=//www1.hkexnews.hk/listedco/listconews/sehk/2026/0630/2026063000123.pdf>PDF</a></td></tr>"
    )
    body = "".join(f"<table>{head}{row.format(code)}</table>" for code in ("02581", "02582 / 82582", "02581"))
    first, second = parsed("hkex-new-listings", body).notices
    assert (first.item_key, first.fields["company"], first.fields["marker"]) == ("02581", "FOO LIMITED", "W")
    assert second.fields["stock_code"] == "02582"
    assert [file.name for file in first.attachments] == ["New Listing Announcements"]


@pytest.mark.parametrize(
    "answer",
    [
        {"announcements": [ANNOUNCEMENT, None]},
        {"totalAnnouncement": 1, "announcements": None, "classifiedAnnouncements": [[ANNOUNCEMENT], None]},
        {"announcements": [{**ANNOUNCEMENT, "announcementTitle": None, "shortTitle": "甲公告"}]},
        {"announcements": [{**ANNOUNCEMENT, "announcementTime": "2024-01-31"}]},
        {"announcements": [{**ANNOUNCEMENT, "announcementTime": "1706716799000"}]},
    ],
)
def test_an_announcement_of_cninfo(answer: object) -> None:
    notice = one("cninfo", json.dumps(answer))
    assert notice.title == "甲公告"
    assert (notice.published_at, notice.published_precision) == (datetime(2024, 1, 30, 16, tzinfo=UTC), Precision.DAY)


def _elements(row: dict[str, str], prefix: str = "") -> str:
    return "".join(f"<{prefix}{name}>{text}</{prefix}{name}>" for name, text in row.items())


def _cells(texts: list[str]) -> str:
    return "<Row>" + "".join(f"<Cell><Data>{text}</Data></Cell>" for text in texts) + "</Row>"


SHEET = "urn:schemas-microsoft-com:office:spreadsheet"
FORMS = [
    f"<data><row>{_elements(DEVICE)}</row></data>",
    f"<x:data xmlns:x='urn:a'><x:row>{_elements(DEVICE, 'x:')}</x:row></x:data>",
    f"<dataroot><AI>{_elements({k.replace('_', '_x0020_'): v for k, v in DEVICE.items()})}</AI></dataroot>",
    f"<data><row>{_elements({k.replace('_', ''): v for k, v in DEVICE.items()})}</row></data>",
    "<data><row " + " ".join(f'{k}="{v}"' for k, v in DEVICE.items()) + "/></data>",
    f"<Workbook xmlns='{SHEET}'><Table>{_cells([k.replace('_', ' ') for k in DEVICE])}{_cells(list(DEVICE.values()))}"
    "</Table></Workbook>",
]
NUMBERS = [
    "K252054",
    '=HYPERLINK("http://x/?ID=K252054","K252054")',
    "=HYPERLINK(&quot;http://x/?ID=K252054&quot;,&quot;K252054&quot;)",
    "=HYPERLINK('http://x/?ID=K252054'; 'K252054')",
    "=HYPERLINK(“http://x/?ID=K252054”,“K252054”)",
    '<![CDATA[= hyperlink( "http://x/?ID=K252054" , "K252054" )]]>',
]
DAYS = ["09/29/2025", "9/29/2025", "2025-09-29", "2025-09-29T00:00:00.000", "September 29, 2025", "45929"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_device_of_fda_in_any_xml(form: str, encoding: str) -> None:
    notice = one("fda-ai-list", f'<?xml version="1.0" encoding="{encoding}"?>\r\n{form}', encoding=encoding)
    assert (notice.item_key, notice.title, notice.fields["company"], notice.fields["panel"]) == (
        "K252054",
        "Foo",
        "Bar",
        "Radiology",
    )
    assert notice.published_at == datetime(2025, 9, 29, 4, tzinfo=UTC)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("day", DAYS)
def test_the_number_and_the_day_of_a_device(number: str, day: str) -> None:
    row = {
        **DEVICE,
        "Submission_number": number,
        "Date_of_final_decision": day,
        "Device": "R&D&nbsp;&trade; \u0093x\u0094",
    }
    notice = one("fda-ai-list", f"<data><row>{_elements(row)}</row></data>")
    assert (notice.item_key, notice.title) == ("K252054", "R&D ™ “x”")
    assert (notice.published_at, notice.published_precision) == (datetime(2025, 9, 29, 4, tzinfo=UTC), Precision.DAY)
    assert ("HYPERLINK" in number.upper()) == (notice.url == "http://x/?ID=K252054")
