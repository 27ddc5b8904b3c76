"""Filings whose files were read become events with figures; the others stay as they were."""

from __future__ import annotations

from datetime import UTC, date, datetime

from events.base import Money, Precision
from events.event import Filing, FinancialReport, IpoProgress
from events.notice import Attachment, AttachmentPage, Notice
from streams.enrich.events import events_of

URL = "https://static.cninfo.com.cn/finalpage/2022-04-20/1.PDF"
TEXT = (
    "合并利润表\n单位：元 币种：人民币\n项目 2021年度 2020年度\n一、营业收入 2,750,000,000.00 2,266,000,000.00\n研发费用 300,000,000.00 200,000,000.00\n"  # noqa: E501
    "前五名客户销售额1.00万元，占年度销售总额12.34%。"
)


def notice(file: Attachment, **fields: str) -> Notice:
    said = {"announcement_id": "1", "stock_code": "300253", "stock_name": "卫宁健康", "pdf_url": URL} | fields
    return Notice(
        notice_id="cninfo:1", source_id="cninfo", item_key="1", url=URL, title="卫宁健康：2021年年度报告", attachments=(file,), fields=said,  # noqa: E501
        published_at=datetime(2022, 4, 20, tzinfo=UTC), published_precision=Precision.DAY, detected_at=datetime(2022, 4, 20, tzinfo=UTC),  # noqa: E501
    )  # fmt: skip


def test_one_event_a_period_beside_the_filing_itself() -> None:
    filing, now, before = events_of(
        notice(Attachment(name="a", url=URL, pages=(AttachmentPage(number=7, text=TEXT),), pages_total=200))
    )
    assert isinstance(filing, Filing)
    assert isinstance(now, FinancialReport)
    assert isinstance(before, FinancialReport)
    assert (now.company.id, now.period_end, now.comparative) == ("winning", date(2021, 12, 31), False)
    assert (now.revenue, now.rd_expense, now.top_five_share_bp) == (
        Money(minor=275_000_000_000, currency="CNY"), Money(minor=30_000_000_000, currency="CNY"), 1234,
    )  # fmt: skip
    assert {gap.figure for gap in now.not_found} == {"gross_profit", "net_profit", "cash"}
    read = next(one for one in now.readings if one.figure == "revenue")
    assert (read.page, read.quote, read.document_url) == (7, "一、营业收入 2,750,000,000.00 2,266,000,000.00", URL)
    assert (before.period_end, before.revenue, before.comparative) == (
        date(2020, 12, 31), Money(minor=226_600_000_000, currency="CNY"), True,
    )  # fmt: skip
    assert before.not_found == ()
    assert now.event_id != before.event_id


def test_a_scanned_report_says_that_nothing_was_found() -> None:
    file = Attachment(name="a", url=URL, unread="none of its pages (9) holds text: they are pictures")
    filing, report = events_of(notice(file))
    assert isinstance(report, FinancialReport)
    assert (filing.notice_id, report.revenue, report.period_end) == (report.notice_id, None, date(2021, 12, 31))
    assert {gap.reason for gap in report.not_found} == {"no text was read"}


def test_a_filing_whose_file_nobody_asked_for_has_no_figures() -> None:
    assert [type(event) for event in events_of(notice(Attachment(name="a", url=URL)))] == [Filing]


def test_an_application_for_listing_tells_its_track_record() -> None:
    text = "SUMMARY\nYear ended December 31,\n2019 2020\nRMB'000 RMB'000\nRevenue 30,415 47,671\nLoss for the year (87,140) (79,630)"  # noqa: E501
    file = Attachment(name="Summary", url=URL, pages=(AttachmentPage(number=1, text=text),), pages_total=9)
    said = {"exchange": "HKEX", "project_id": "12345", "company": "Airdoc", "raw_status": "A", "status": "application"}
    events = events_of(notice(file).model_copy(update={"fields": said, "title": "Airdoc Technology"}))
    assert isinstance(events[0], IpoProgress)
    told = {e.period_end.year: (e.revenue, e.net_profit) for e in events if isinstance(e, FinancialReport)}
    assert told == {
        2019: (Money(minor=3_041_500_000, currency="CNY"), Money(minor=-8_714_000_000, currency="CNY")),
        2020: (Money(minor=4_767_100_000, currency="CNY"), Money(minor=-7_963_000_000, currency="CNY")),
    }
