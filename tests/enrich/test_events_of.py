from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.event import (
    DeviceApproval,
    Filing,
    Guidance,
    InnovationReview,
    IpoProgress,
    IpoStage,
    OverseasClearance,
    PriceItem,
    ReimbursementListing,
)
from events.wire import decode_event, encode
from streams.enrich.events import Unusable, events_of
from streams.enrich.make.ipo import stage_of
from tests.enrich.make import PUBLISHED, notice

ROW = {
    "seq": "1",
    "acceptance_number": "CQZ2101421",
    "product_name": "肺结节CT影像辅助检测软件",
    "certificate_number": "国械注准20223210431",
    "registrant": "北京数坤科技股份有限公司",
    "composition": "由光盘组成，基于深度学习。",
    "intended_use": "用于胸部CT影像。",
}


def only(source: str, title: str, kind: type[Any], **more: Any) -> Any:
    (event,) = events_of(notice(source, title, **more))
    assert isinstance(event, kind)
    assert decode_event(encode(event)) == event
    return event


def test_a_delivery_is_one_approval_a_row() -> None:
    bare = {"product_name": "无菌导尿管", "certificate_number": "国械注进20223140029"}
    found = events_of(notice("nmpa-delivery", "送达信息", rows=(ROW, bare), illustrative=True, revision=2))
    first, second = found
    assert isinstance(first, DeviceApproval)
    assert isinstance(second, DeviceApproval)
    assert (first.event_id, first.certificate_year, first.device_class) == ("approval:国械注准20223210431", 2022, 3)
    assert (first.labels.is_ai, first.labels.algorithm, first.labels.scenario) == (True, ("deep",), ("lung_nodule",))
    assert (first.registrant and first.registrant.id, first.illustrative, first.revision) == ("shukun", True, 2)
    assert first.event_time == PUBLISHED
    assert (second.origin, second.registrant, second.labels.is_ai) == ("imported", None, False)
    text = f"{first.title}\n{ROW['composition']}\n{ROW['intended_use']}"
    assert [text[e.start : e.end] for e in first.labels.evidence if e.label == "is_ai"] == ["深度学习"]


def test_a_row_without_its_number_is_told_and_the_others_are_kept() -> None:
    with pytest.raises(Unusable, match="CQZ1") as told:
        events_of(notice("nmpa-delivery", "送达信息", rows=(ROW, {"acceptance_number": "CQZ1"})))
    assert len(told.value.events) == 1
    with pytest.raises(Unusable, match="no table"):
        events_of(notice("nmpa-delivery", "送达信息", body="正文"))
    assert events_of(notice("nmpa-delivery", "送达信息")) == []


@pytest.mark.parametrize(
    ("exchange", "raw", "words", "stage"),
    [
        ("SSE", "1", "", IpoStage.ACCEPTED),
        ("SSE", "2", "", IpoStage.INQUIRY),
        ("SSE", "9", "", IpoStage.COMMITTEE),
        ("SSE", "10", "", IpoStage.COMMITTEE),
        ("SSE", "5", "", IpoStage.REGISTERED),
        ("SSE", "5", "不予注册", IpoStage.REJECTED),
        ("SSE", "8", "", IpoStage.TERMINATED),
        ("SZSE", "新受理", "", IpoStage.ACCEPTED),
        ("SZSE", "未通过", "", IpoStage.REJECTED),
        ("SZSE", "通过", "", IpoStage.COMMITTEE),
        ("SZSE", "注册生效", "", IpoStage.REGISTERED),
        ("SZSE", "终止注册", "", IpoStage.TERMINATED),
        ("BSE", "P06", "", IpoStage.SUBMITTED),
        ("BSE", "P09", "", IpoStage.SUSPENDED),
        ("HKEX", "A", "", IpoStage.ACCEPTED),
        ("HKEX", "A", "application", IpoStage.ACCEPTED),
        ("HKEX", "A", "phip", IpoStage.COMMITTEE),
        ("HKEX", "IR", "inactive", IpoStage.TERMINATED),
        ("HKEX", "", "new_listing", IpoStage.LISTED),
        ("SZSE", "20", "已问询", IpoStage.INQUIRY),
        ("SZSE", "60", "", IpoStage.TERMINATED),
        ("HKEX", "LT", "", IpoStage.LISTED),
        ("HKEX", "IR", "", IpoStage.TERMINATED),
        ("SSE", "77", "", IpoStage.UNKNOWN),
    ],
)
def test_stages(exchange: str, raw: str, words: str, stage: IpoStage) -> None:
    assert stage_of(exchange, raw, words) is stage


def test_a_project_at_an_exchange() -> None:
    fields = {
        "exchange": "HKEX",
        "project_id": "103466",
        "company": "數坤（北京）網絡科技股份有限公司",
        "raw_status": "A",
    }
    event = only("hkex-applications", "數坤", IpoProgress, fields=fields | {"accepted_on": "2021-08-17"})
    assert (event.event_id, event.company.id, event.stage) == ("ipo:hkex:103466:accepted", "shukun", IpoStage.ACCEPTED)
    assert event.event_time == datetime(2021, 8, 16, 16, tzinfo=UTC)
    assert (
        only("hkex-applications", "數坤", IpoProgress, fields=fields | {"raw_status": "A", "status": "phip"}).stage
        is IpoStage.COMMITTEE
    )
    with pytest.raises(Unusable, match="company"):
        events_of(notice("sse-ipo", "x", fields={"exchange": "SSE", "project_id": "1"}))


def test_a_filing_is_of_the_company_of_its_code() -> None:
    fields = {
        "announcement_id": "1207679980",
        "stock_code": "300003",
        "stock_name": "*乐普",
        "pdf_url": "https://x.invalid/a.pdf",
    }
    event = only("cninfo", "2021年年度报告", Filing, fields=fields)
    assert (event.event_id, event.company.id, event.document_url) == (
        "filing:1207679980",
        "lepu",
        "https://x.invalid/a.pdf",
    )


def test_a_clearance_on_the_list_of_ai_devices_is_asserted_by_the_register() -> None:
    fields = {
        "register": "FDA",
        "submission_number": "K213760",
        "product_name": "ABMD Software",
        "company": "HeartLung Corporation",
    }
    event = only(
        "fda-ai-list", "ABMD Software", OverseasClearance, fields=fields | {"panel": "Radiology", "product_code": "KGI"}
    )
    assert (event.event_id, event.labels.is_ai, event.company.china) == ("clearance:fda:k213760", True, None)
    assert event.labels.evidence[-1].rule == "register"
    assert event.labels.sector == "imaging"


def test_guidance_and_its_draft() -> None:
    title = "国家药监局器审中心关于发布人工智能医疗器械注册审查指导原则的通告（2022年第8号）"
    issued = only("cmde-guidance", title, Guidance)
    page = only("cmde-guidance", "人工智能医疗器械注册审查指导原则（2022年第8号）", Guidance)
    assert issued.event_id == page.event_id
    assert (issued.stage, issued.labels.ai_relevant) == ("issued", True)
    draft = only(
        "cmde-guidance",
        "关于公开征求《人工智能医疗器械注册审查指导原则（征求意见稿）》意见的通知",
        Guidance,
        body="请填写反馈意见表，于2021年7月5日前反馈至我中心。",
    )
    assert (draft.stage, draft.comments_close, draft.event_id != issued.event_id) == ("draft", date(2021, 7, 5), True)


def test_the_publicity_window_of_the_innovation_channel() -> None:
    body = (
        "现予以公示。\n1.产品名称：冠状动脉血流分析软件\n申 请 "
        "人：北京某某医疗有限公司\n2.产品名称：手术机器人\n申 请 人：上海某某有限公司\n"
        "公示时间：2023年11月9日至2023年11月23日"
    )
    title = "创新医疗器械特别审查申请审查结果公示（2023年第9号）"
    found = events_of(notice("cmde-guidance", title, body=body))
    assert [isinstance(e, InnovationReview) and e.product_name for e in found] == ["冠状动脉血流分析软件", "手术机器人"]
    first = found[0]
    assert isinstance(first, InnovationReview)
    assert (first.window_start, first.window_end) == (date(2023, 11, 9), date(2023, 11, 23))
    assert events_of(notice("cmde-guidance", title)) == []
    with pytest.raises(Unusable, match="names no product"):
        events_of(notice("cmde-guidance", title, body="正文"))


def test_a_price_item_of_a_province() -> None:
    title = "河北省医疗保障局关于新增冠状动脉CT血流储备分数计算（DEEPVESSEL FFR）医疗服务价格项目的通知"
    body = "使用科亚医疗深脉分数软件。价格为1,200.50元/次。本通知自2021年6月1日起执行。"
    event = only("nhsa-notices", title, PriceItem, body=body)
    assert (event.event_id, event.province) == ("price:hebei:keya_deepvessel_ffr", "hebei")
    assert (event.product.id, event.price.minor, event.effective_on) == (
        "keya_deepvessel_ffr",
        120_050,
        date(2021, 6, 1),
    )
    bare = only("nhsa-notices", title, PriceItem)
    assert (bare.event_id, bare.price, bare.effective_on) == (event.event_id, None, None)
    guide = only("nhsa-price-guides", "《放射检查类医疗服务价格项目立项指南（试行）》", PriceItem)
    assert (guide.province, guide.item_name, guide.product) == ("CN", "放射检查类", None)


def test_the_same_fundus_reading_by_its_generic_name_beside_its_maker() -> None:
    title = "广东省医疗保障局关于新增眼底图像人工智能辅助分析医疗服务价格项目的通知"
    event = only("nhsa-notices", title, PriceItem, body="使用鹰瞳科技眼底图像辅助诊断软件。")
    assert event.product.id == "airdoc_fundus"


def test_reimbursement_states_its_number_of_items() -> None:
    title = "上海市医疗保障局关于新增28项医疗服务项目纳入本市基本医疗保险支付范围的通知"
    event = only("nhsa-notices", title, ReimbursementListing)
    assert (event.province, event.items) == ("shanghai", 28)


@pytest.mark.parametrize(
    "title",
    [
        "深化医疗服务价格改革试点方案",
        "关于公布医保药品目录调整申报指南的通知",
        "关于做好经办服务工作的通知",
        "关于公开征求定点管理细则意见的通知",
    ],
)
def test_a_notice_of_no_known_kind_gives_no_event(title: str) -> None:
    assert events_of(notice("nhsa-policy", title)) == []


def test_a_retracted_notice_retracts_its_events() -> None:
    (event,) = events_of(notice("nmpa-delivery", "送达信息", rows=(ROW,), retracted=True, revision=3))
    assert (event.retracted, event.revision) == (True, 3)


def test_no_date_is_invented() -> None:
    (event,) = events_of(notice("nmpa-delivery", "送达信息", rows=(ROW,), published_at=None, published_precision=None))
    assert (event.event_time, event.published_at) == (None, None)


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_notice_gives_events_or_says_why_not(title: str, body: str) -> None:
    for source in ("cmde-guidance", "nhsa-notices", "cninfo"):
        try:
            first = events_of(notice(source, title, body=body))
        except Unusable:
            assert source == "cmde-guidance" or "医疗" in title
        else:
            assert [e.event_id for e in first] == [e.event_id for e in events_of(notice(source, title, body=body))]
