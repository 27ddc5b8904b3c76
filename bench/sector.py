"""A sector of any size in the proportions of the real one: events for benchmarks, the same for the same number."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from events.base import EntityRef, Money, Precision
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
from events.labels import Evidence, Labels, Modality, Sector
from events.scenarios import SCENARIOS

FIRST = datetime(2015, 1, 5, 1, tzinfo=UTC)
DAYS = 2790
COMPANIES, PRODUCTS = 4000, 900
PROVINCES = (
    *("beijing", "tianjin", "hebei", "shanxi", "inner_mongolia", "liaoning", "jilin", "heilongjiang", "shanghai"),
    *(
        "jiangsu",
        "zhejiang",
        "anhui",
        "fujian",
        "jiangxi",
        "shandong",
        "henan",
        "hubei",
        "hunan",
        "guangdong",
        "guangxi",
    ),
    *(
        "hainan",
        "chongqing",
        "sichuan",
        "guizhou",
        "yunnan",
        "tibet",
        "shaanxi",
        "gansu",
        "qinghai",
        "ningxia",
        "xinjiang",
    ),
    "CN",
)
WORDS = (
    "影像",
    "辅助",
    "检测",
    "软件",
    "分析",
    "系统",
    "诊断",
    "CT",
    "超声",
    "血管",
    "心电",
    "手术",
    "规划",
    "评估",
    "平台",
)


def common(kind: str, key: str, title: str, host: str, source: str, at: datetime, seen: timedelta) -> dict[str, object]:
    """The fields of every event: of one that a source told at an instant, and that was seen so much later."""
    return {
        "event_id": f"{kind}:{key}",
        "title": title,
        "url": f"https://{host}/{kind}/{key}.html",
        "source_id": source,
        "notice_id": f"{source}:/{kind}/{key}",
        "event_time": at,
        "event_time_precision": Precision.MINUTE,
        "published_at": at,
        "detected_at": at + seen,
    }


class Sector100k:
    """Makes events one by one, numbered from ``start`` on; `everything` gives so many, by the weights of their types."""

    def __init__(self, start: int = 0) -> None:
        self._random = random.Random(start or 7)
        self._serial = start

    def everything(self, n: int) -> Iterator[EventBase]:
        """``n`` events, in no order of time."""
        makers = list(self._makers())
        kinds = self._random.choices([m for m, _ in makers], [w for _, w in makers], k=n)
        for make in kinds:
            self._serial += 1
            yield make()

    def _makers(self) -> Iterator[tuple[Callable[[], EventBase], int]]:
        yield self.device, 28
        yield self.ai_device, 2
        yield self.change, 10
        yield self.filing, 25
        yield self.price, 15
        yield self.listing, 3
        yield self.ipo, 4
        yield self.report, 3
        yield self.round, 4
        yield self.clearance, 4
        yield self.guidance, 1
        yield self.review, 1

    def _common(self, kind: str, title: str, source: str) -> dict[str, object]:
        at = FIRST + timedelta(days=self._random.random() ** 0.7 * DAYS)
        return common(kind, f"{self._serial:06d}", title, "www.example.cn", source, at, timedelta(minutes=4))

    def _company(self) -> EntityRef:
        # A few companies have most of the events, as in life.
        n = int(self._random.paretovariate(0.6)) % COMPANIES
        return EntityRef(id=f"company_{n:04d}", name=f"第{n:04d}医疗科技股份有限公司", china=True)

    def _product(self) -> EntityRef:
        n = self._random.randrange(PRODUCTS)
        return EntityRef(id=f"product_{n:03d}", name=f"智影{n:03d}")

    def _name(self) -> str:
        return "".join(self._random.choices(WORDS, k=5))

    def _number(self) -> str:
        return f"国械注准{2015 + self._serial % 8}3{self._serial % 90 + 10:02d}{self._serial:06d}"

    def device(self) -> EventBase:
        name, number = self._name(), self._number()
        return DeviceApproval(
            **self._common("certificate", f"{name}（{number}）", "nmpa-delivery"),
            certificate_number=number,
            product_name=name,
            registrant=self._company(),
            device_class=self._random.choice((2, 3)),
            certificate_year=2015 + self._serial % 8,
        )

    def ai_device(self) -> EventBase:
        scenario = self._random.choice(list(SCENARIOS))
        name, number = f"{SCENARIOS[scenario][1]}{self._name()}", self._number()
        evidence = tuple(Evidence(label=one, rule="term", start=0, end=2) for one in ("is_ai", "scenario", "modality"))
        return DeviceApproval(
            **self._common("certificate", f"{name}获批上市", "nmpa-delivery"),
            certificate_number=number,
            product_name=name,
            registrant=self._company(),
            product=self._product() if self._random.random() < 0.5 else None,
            device_class=3,
            certificate_year=2015 + self._serial % 8,
            labels=Labels(
                is_ai=True,
                modality=self._random.choice(list(Modality)),
                sector=self._random.choice(list(Sector)),
                scenario=(scenario,),
                algorithm=("deep",) if self._random.random() < 0.6 else (),
                evidence=evidence,
            ),
        )

    def change(self) -> EventBase:
        return ApprovalChange(
            **self._common("change", f"{self._name()}变更注册", "nmpa-device-notices"),
            certificate_number=self._number(),
            change=self._random.choice(("changed", "renewed", "cancelled")),
        )

    def filing(self) -> EventBase:
        company = self._company()
        return Filing(
            **self._common(
                "filing", f"{company.name}：{self._random.choice(('年度报告', '业绩预告', '董事会决议'))}", "cninfo"
            ),
            company=company,
            stock_code=f"{600000 + self._serial % 9000}",
            document_url=f"https://static.example.cn/{self._serial}.pdf",
            category="年报",
        )

    def price(self) -> EventBase:
        province = self._random.choice(PROVINCES)
        return PriceItem(
            **self._common("price", f"关于新增{self._name()}医疗服务价格项目的通知", f"ybj-{province}"),
            province=province,
            item_name=self._name(),
            product=self._product() if self._random.random() < 0.3 else None,
            price=Money(minor=self._random.randrange(1000, 200_000), currency="CNY"),
            unit="次",
        )

    def listing(self) -> EventBase:
        province = self._random.choice(PROVINCES)
        products = (self._product(),) if self._random.random() < 0.3 else ()
        return ReimbursementListing(
            **self._common("reimbursement", f"关于{self._name()}纳入医保支付范围的通知", f"ybj-{province}"),
            province=province,
            items=self._random.randrange(1, 60),
            products=products,
        )

    def ipo(self) -> EventBase:
        company = self._company()
        exchange = self._random.choice(("SSE", "SZSE", "BSE", "HKEX"))
        return IpoProgress(
            **self._common("ipo", f"{company.name}：首次公开发行", f"{exchange.lower()}-ipo"),
            exchange=exchange,
            project_id=company.id,
            company=company,
            stage=self._random.choice(list(IpoStage)),
            raw_status="1",
        )

    def report(self) -> EventBase:
        year, company = 2015 + self._serial % 7, self._company()
        revenue = self._random.randrange(10**8, 10**11)
        return FinancialReport(
            **self._common("report", f"{company.name}{year}年年度报告", "cninfo"),
            company=company,
            period_start=date(year, 1, 1),
            period_end=date(year, 12, 31),
            revenue=Money(minor=revenue, currency="CNY"),
            gross_profit=Money(minor=revenue // 2, currency="CNY"),
            rd_expense=Money(minor=revenue // 5, currency="CNY"),
            net_profit=Money(minor=-revenue // 9, currency="CNY"),
            top_five_share_bp=self._random.randrange(2000, 9000),
            labels=Labels(sector=self._random.choice(list(Sector))),
        )

    def round(self) -> EventBase:
        company, low = self._company(), self._random.randrange(10**8, 10**11)
        return FinancingRound(
            **self._common("financing", f"{company.name}完成新一轮融资", "cninfo"),
            company=company,
            round=self._random.choice(("A", "B", "C", "D")),
            amount_low=Money(minor=low, currency="CNY"),
            labels=Labels(sector=self._random.choice(list(Sector))),
        )

    def clearance(self) -> EventBase:
        return OverseasClearance(
            **self._common("clearance", f"Radiological software {self._serial}", "fda-ai-list"),
            register_name="FDA",
            number=f"K{self._serial:06d}",
            product_name=f"Radiological software {self._serial}",
            company=self._company(),
            panel="Radiology",
        )

    def guidance(self) -> EventBase:
        draft = self._random.random() < 0.4
        common = self._common("guidance", f"{self._name()}注册审查指导原则", "cmde-guidance")
        closes = FIRST + timedelta(days=self._random.randrange(DAYS + 60))
        return Guidance(
            **common,
            stage="draft" if draft else "issued",
            comments_close=closes.date() if draft else None,
            labels=Labels(ai_relevant=self._random.random() < 0.1),
        )

    def review(self) -> EventBase:
        opened = (FIRST + timedelta(days=self._random.randrange(DAYS))).date()
        return InnovationReview(
            **self._common("innovation", f"{self._name()}创新医疗器械特别审查公示", "cmde-innovation"),
            product_name=self._name(),
            applicant=self._company(),
            window_start=opened,
            window_end=opened + timedelta(days=14),
        )
