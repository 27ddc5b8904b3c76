"""A sector to look at: 49 certificates over 15 scenarios, prices, listings, clearances, sources and deliveries.

The totals are those that tests expect; rows without a known fact behind them are marked illustrative, as in the demo.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from redis.asyncio import Redis

from bench.sector import common
from events.base import EntityRef, Money
from events.event import (
    ApprovalChange,
    DeviceApproval,
    EventBase,
    Filing,
    FinancialReport,
    FinancingRound,
    Guidance,
    InnovationReview,
    IpoProgress,
    IpoStage,
    OverseasClearance,
    PriceItem,
    ReimbursementListing,
)
from events.flow import note_processed, note_produced
from events.labels import Labels, Modality, Sector
from events.view import layout
from events.view.polls import remember
from streams.store import Store
from tests.board import running

SOURCES = {"www.nmpa.gov.cn": "nmpa-delivery", "www.accessdata.fda.gov": "fda-ai-list"}
FIRST = datetime(2020, 1, 14, 2, 0, tzinfo=UTC)
SCENARIOS: tuple[tuple[str, Modality, int, str], ...] = (
    ("lung_nodule", Modality.CT, 9, "肺结节CT影像辅助检测软件"),
    ("diabetic_retinopathy", Modality.FUNDUS, 7, "糖尿病视网膜病变眼底图像辅助诊断软件"),
    ("ct_ffr", Modality.CT, 6, "冠脉血流储备分数计算软件"),
    ("pneumonia", Modality.CT, 6, "肺炎CT影像辅助分诊与评估软件"),
    ("ecg_arrhythmia", Modality.ECG, 4, "心电分析软件"),
    ("radiotherapy_contouring", Modality.CT, 4, "放射治疗轮廓勾画软件"),
    ("coronary_stenosis", Modality.CT, 2, "冠状动脉CT造影图像血管狭窄辅助分诊软件"),
    ("fracture", Modality.CT, 2, "骨折CT影像辅助检测软件"),
    ("bone_age", Modality.XRAY, 2, "儿童手部X射线影像骨龄辅助评估软件"),
    ("glaucoma", Modality.FUNDUS, 2, "青光眼眼底图像辅助筛查软件"),
    ("intracranial_haemorrhage", Modality.CT, 1, "颅内出血CT影像辅助分诊软件"),
    ("stroke", Modality.CT, 1, "急性缺血性脑卒中CT影像辅助评估软件"),
    ("thoracic_spine", Modality.XRAY, 1, "胸椎骨折X射线影像辅助检测软件"),
    ("brain_tumour", Modality.MR, 1, "颅内肿瘤磁共振影像辅助诊断软件"),
    ("colorectal_polyp", Modality.ENDOSCOPY, 1, "肠息肉电子下消化道内窥镜影像辅助检测软件"),
)
PRICED = (
    ("keya_deepvessel_ffr", "DEEPVESSEL FFR", 11),
    ("pulse_qfr", "QFR", 11),
    ("airdoc_fundus", "Airdoc-AIFUNDUS", 5),
)
PROVINCES = (
    "beijing",
    "hebei",
    "shandong",
    "zhejiang",
    "jiangsu",
    "hunan",
    "guangdong",
    "sichuan",
    "fujian",
    "anhui",
    "hubei",
)
LISTINGS = (
    ("airdoc", "鹰瞳科技", "HKEX", IpoStage.LISTED, 660),
    ("keya", "科亚医疗", "HKEX", IpoStage.ACCEPTED, 440),
    ("infervision", "推想医疗", "HKEX", IpoStage.INQUIRY, 590),
    ("shukun", "数坤科技", "HKEX", IpoStage.INQUIRY, 610),
    ("company_31", "Company 31", "SSE", IpoStage.INQUIRY, 700),
    ("company_32", "Company 32", "SSE", IpoStage.TERMINATED, 720),
    ("company_33", "Company 33", "SZSE", IpoStage.COMMITTEE, 800),
    ("botong", "博动医疗", "SSE", IpoStage.ACCEPTED, 930),
)


def _common(kind: str, key: str, title: str, host: str, day: int, minute: int = 0) -> dict[str, object]:
    source = SOURCES.get(host, "nhsa-notices")
    return common(kind, key, title, host, source, FIRST + timedelta(days=day, minutes=minute), timedelta(minutes=3))


def certificates() -> Iterator[DeviceApproval]:
    """49 certificates of 28 companies, 29 of them of deep-learning products; the last on 2022-08-25."""
    products = [(s, m, title) for s, m, n, title in SCENARIOS for _ in range(n)]
    order = sorted(range(len(products)), key=lambda i: (i * 31) % 49)
    for place, i in enumerate(order):
        scenario, modality, title = products[i]
        day = round(954 * (place / 48) ** 0.62)
        company = place % 28 + 1
        year = (FIRST + timedelta(days=day)).year
        number = f"国械注准{year}321{place:04d}"
        yield DeviceApproval(
            **_common("certificate", number, f"{title}获批上市", "www.nmpa.gov.cn", day, place * 7),
            certificate_number=number,
            product_name=title,
            registrant=EntityRef(id=f"company_{company:02d}", name=f"Company {company:02d}", china=True),
            device_class=3,
            certificate_year=year,
            labels=Labels(
                is_ai=True, modality=modality, scenario=(scenario,), algorithm=("deep",) if place % 49 < 29 else ()
            ),
            illustrative=place % 4 != 0,
        )


def prices() -> Iterator[PriceItem]:
    """Three products priced in 11, 11 and 5 provinces: 11 provinces in all."""
    for step, (product, name, n) in enumerate(PRICED):
        for i, province in enumerate(PROVINCES[:n]):
            yield PriceItem(
                **_common(
                    "price",
                    f"{province}-{product}",
                    f"关于新增{name}等医疗服务价格项目的通知",
                    "www.nhsa.gov.cn",
                    430 + i * 47 + step * 9,
                ),
                province=province,
                item_name=name,
                product=EntityRef(id=product, name=name),
            )


def listings() -> Iterator[IpoProgress]:
    """Eight applications, each with its acceptance and the stage that it is in."""
    for key, name, exchange, stage, day in LISTINGS:
        for reached, at in {IpoStage.ACCEPTED: day - 120, stage: day}.items():
            yield IpoProgress(
                **_common("ipo", f"{key}-{reached}", f"{name}：首次公开发行", "www.hkexnews.hk", at),
                exchange=exchange,
                project_id=key,
                company=EntityRef(id=key, name=name),
                stage=reached,
                raw_status=reached,
            )


def others() -> Iterator[EventBase]:
    """60 clearances by the FDA and 12 guiding principles, a third of them drafts."""
    for i in range(60):
        yield OverseasClearance(
            **_common(
                "clearance", f"k{200000 + i}", f"Radiological software {i:02d}", "www.accessdata.fda.gov", i * 15
            ),
            register_name="FDA",
            number=f"K{200000 + i}",
            product_name=f"Radiological software {i:02d}",
            company=EntityRef(id=f"maker_{i % 9}", name=f"Maker {i % 9}", china=i % 9 == 0),
            panel="Radiology",
        )
    for i in range(12):
        yield Guidance(
            **_common(
                "guidance",
                f"2022-{i}",
                f"人工智能医疗器械注册审查指导原则（第{i + 1}部分）",
                "www.cmde.org.cn",
                300 + i * 58,
            ),
            stage="draft" if i % 3 == 0 else "issued",
            comments_close=date(2022, 9, 5) if i == 9 else None,
            labels=Labels(ai_relevant=True),
        )


def more() -> Iterator[EventBase]:
    """Of each other type a little: an open window, filings and figures of a company, a reimbursement, a round, a change."""
    airdoc = EntityRef(id="airdoc", name="鹰瞳科技", china=True)
    yield InnovationReview(
        **_common("innovation", "2022-9", "创新医疗器械特别审查公示", "www.cmde.org.cn", 955),
        product_name="肺栓塞CT影像辅助检测软件",
        applicant=airdoc,
        window_start=date(2022, 8, 26),
        window_end=date(2022, 9, 9),
    )
    for year in (2020, 2021):
        yield Filing(
            **_common(
                "filing", f"airdoc-{year}", f"鹰瞳科技：{year}年年度报告", "www1.hkexnews.hk", 460 + 365 * (year - 2020)
            ),
            company=airdoc,
            stock_code="02251",
            document_url=f"https://www1.hkexnews.hk/{year}.pdf",
            category="年报",
        )
        yield FinancialReport(
            **_common(
                "report", f"airdoc-{year}", f"鹰瞳科技{year}年业绩", "www1.hkexnews.hk", 461 + 365 * (year - 2020)
            ),
            company=airdoc,
            period_start=date(year, 1, 1),
            period_end=date(year, 12, 31),
            revenue=Money(minor=(4767 if year == 2020 else 11520) * 1_000_000, currency="CNY"),
            gross_profit=Money(minor=(2900 if year == 2020 else 7000) * 1_000_000, currency="CNY"),
            rd_expense=Money(minor=2_500_000_000, currency="CNY"),
            net_profit=Money(minor=-14_300_000_000, currency="CNY"),
            top_five_share_bp=6120,
            labels=Labels(sector=Sector.IMAGING),
        )
    yield ReimbursementListing(
        **_common("reimbursement", "zhejiang", "关于新增医保支付项目的通知", "www.nhsa.gov.cn", 800),
        province="zhejiang",
        items=12,
        products=(EntityRef(id="pulse_qfr", name="QFR"),),
    )
    yield FinancingRound(
        **_common("financing", "keya-d", "科亚医疗完成D轮融资", "www.cninfo.com.cn", 500),
        company=EntityRef(id="keya", name="科亚医疗"),
        round="D",
        amount_low=Money(minor=30_000_000_000, currency="CNY"),
    )
    yield ApprovalChange(
        **_common("change", "1", "变更注册", "www.nmpa.gov.cn", 900),
        certificate_number="国械注准20203210001",
        change="changed",
    )


def everything() -> list[EventBase]:
    """All events."""
    return [*certificates(), *prices(), *listings(), *others(), *more()]


async def fill(redis: Redis) -> None:
    """Write the town through the function that the workers use, then its sources and deliveries."""
    store = Store(redis)
    await store.load()
    await store.apply(everything())
    await redis.hset(layout.HEALTH, mapping={h.source_id: h.model_dump_json() for h in running.sources()})
    await remember(redis, running.polls())
    await running.people(redis)
    for minutes, (alert, delivery) in enumerate(running.told()):
        await redis.hset(layout.ALERTS, alert.alert_id, alert.model_dump_json())
        await redis.zadd(layout.DELIVERIES, {delivery.model_dump_json(): delivery.at.timestamp() - minutes})
    await redis.hset(layout.DEAD, "enrich", 2)
    await note_produced(redis, [("medpulse.events", 0, 89), ("medpulse.events", 1, 59)])
    await note_processed(redis, layout.STREAMS, [("medpulse.events", 0, 86), ("medpulse.events", 1, 59)])
    await note_processed(redis, layout.RULES, [("medpulse.events", 0, 89), ("medpulse.events", 1, 59)])
