"""UDI records, recalls and publicity lists to events: the saved pages of their sources, through the makers."""

from __future__ import annotations

from datetime import date

import pytest

from events.event import DeviceApproval, EventBase, Guidance, InnovationReview
from scrapers.parse import parse
from streams.enrich.events import events_of
from tests.scrapers.saved import PAGES, load


def _events(page: str) -> list[EventBase]:
    return [event for notice in parse(load(PAGES / page)).notices for event in events_of(notice)]


def test_a_udi_record_is_an_approval_without_a_day() -> None:
    first, second = _events("udi/release.xml")
    assert isinstance(first, DeviceApproval)
    assert isinstance(second, DeviceApproval)
    assert (first.certificate_number, first.device_class, first.catalogue_code) == ("国械注准20263210001", 3, "21")
    assert (first.certificate_year, first.event_time, first.registrant is not None) == (2026, None, True)
    assert second.labels.is_ai


def test_a_udi_approval_and_a_delivered_one_are_the_same_event() -> None:
    (notice, _) = parse(load(PAGES / "udi/release.xml")).notices
    row = {"certificate_number": notice.fields["certificate_number"], "product_name": notice.title}
    delivered = notice.model_copy(update={"source_id": "nmpa-delivery", "fields": {}, "rows": (row,)})
    assert [e.event_id for e in events_of(notice)] == [e.event_id for e in events_of(delivered)]


@pytest.mark.parametrize(
    "page", ["udi/daily.xml", "udi/search.json", "nmpa-recalls/detail.html", "nmpa-recalls/list.html"]
)
def test_neither_a_feed_nor_a_search_nor_a_recall_approves_anything(page: str) -> None:
    assert _events(page) == []


def test_a_notice_of_registrations_approves_its_rows() -> None:
    found = _events("nmpa-device-notices/detail.html")
    assert [e.certificate_number for e in found if isinstance(e, DeviceApproval)] == [
        "国械注准20263211234",
        "国械注准20263031235",
    ]


def test_one_review_for_each_product_with_its_window() -> None:
    found = [event for event in _events("cmde-innovation/detail.html") if isinstance(event, InnovationReview)]
    assert [event.product_name for event in found] == ["冠状动脉CT血流储备分数计算软件", "经导管二尖瓣修复系统"]
    assert {(e.window_start, e.window_end) for e in found} == {(date(2026, 8, 10), date(2026, 8, 24))}
    assert all(event.applicant for event in found)


def test_a_draft_says_until_when_comments_are_taken() -> None:
    (found,) = _events("nmpa-consultation/detail.html")
    assert isinstance(found, Guidance)
    assert (found.stage, found.comments_close) == ("draft", date(2026, 12, 16))
