"""Events and notices for the tests of this room: plain builders and hypothesis strategies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from events.base import EntityRef, Precision
from events.event import DeviceApproval, EventBase, IpoProgress, IpoStage, PriceItem, ReimbursementListing
from events.labels import Labels, Modality
from events.notice import Notice

START = datetime(2022, 1, 1, 4, tzinfo=UTC)
SEEN = datetime(2022, 9, 1, tzinfo=UTC)


def approval(number: str = "国械注准20203210035", *, day: int = 0, revision: int = 1, **more: object) -> DeviceApproval:
    """A Class III approval of an AI product, ``day`` days after 2022-01-01."""
    values: dict[str, object] = {
        "event_id": f"certificate:{number}",
        "revision": revision,
        "title": "肺结节CT影像辅助检测软件",
        "url": "https://www.nmpa.gov.cn/a.html",
        "source_id": "nmpa-delivery",
        "notice_id": "nmpa-delivery:/a.html",
        "event_time": START + timedelta(days=day),
        "event_time_precision": Precision.DAY,
        "detected_at": SEEN,
        "certificate_number": number,
        "product_name": "肺结节CT影像辅助检测软件",
        "device_class": 3,
        "certificate_year": 2022,
        "registrant": EntityRef(id="company_01", name="Company 01", china=True),
        "labels": Labels(is_ai=True, modality=Modality.CT, scenario=("lung_nodule",), algorithm=("deep",)),
    }
    return DeviceApproval.model_validate(values | more)


def price(province: str, product: str = "keya_deepvessel_ffr", *, day: int = 0, revision: int = 1) -> PriceItem:
    """A price item of a product in a province."""
    return PriceItem(
        event_id=f"price:{province}:{product}",
        revision=revision,
        title="关于新增医疗服务价格项目的通知",
        url="https://www.nhsa.gov.cn/a.html",
        source_id="nhsa-notices",
        notice_id=f"nhsa-notices:{province}",
        event_time=START + timedelta(days=day),
        event_time_precision=Precision.DAY,
        detected_at=SEEN,
        province=province,
        item_name="冠状动脉CT血流储备分数",
        product=EntityRef(id=product, name="DEEPVESSEL FFR"),
    )


def ipo(project: str, stage: IpoStage, *, day: int = 0) -> IpoProgress:
    """A stage of a listing application."""
    return IpoProgress(
        event_id=f"ipo:{project}:{stage}",
        title="IPO",
        url="https://www.sse.com.cn/",
        source_id="sse-ipo",
        notice_id=f"sse-ipo:{project}",
        event_time=START + timedelta(days=day),
        event_time_precision=Precision.SECOND,
        detected_at=SEEN,
        exchange="SSE",
        project_id=project,
        company=EntityRef(id=f"company_{project}", name=f"Company {project}"),
        stage=stage,
        raw_status="1",
    )


def listing(province: str, items: int, *, revision: int = 1, day: int | None = 0) -> ReimbursementListing:
    """A reimbursement listing; undated where ``day`` is None."""
    when = None if day is None else START + timedelta(days=day)
    return ReimbursementListing(
        event_id=f"reimbursement:{province}",
        revision=revision,
        title="新增医保支付项目",
        url="https://www.nhsa.gov.cn/b.html",
        source_id="nhsa-notices",
        notice_id=f"nhsa-notices:r:{province}",
        event_time=when,
        event_time_precision=None if when is None else Precision.DAY,
        detected_at=SEEN,
        province=province,
        items=items,
    )


def notice(key: str, title: str = "a title", source: str = "cmde-guidance") -> Notice:
    """A notice of one title."""
    return Notice(
        notice_id=f"{source}:{key}",
        source_id=source,
        item_key=key,
        url=f"https://www.cmde.org.cn/{key}.html",
        title=title,
        published_at=START,
        published_precision=Precision.DAY,
        detected_at=SEEN,
    )


_days = st.integers(0, 600)
_revisions = st.integers(1, 4)
_approvals = st.builds(
    lambda n, day, revision, company, ct, ai: approval(
        f"国械注准2022321{n:04d}",
        day=day,
        revision=revision,
        registrant=EntityRef(id=f"company_{company}", name=f"Company {company}", china=True),
        labels=Labels(
            is_ai=ai,
            modality=Modality.CT if ct else Modality.FUNDUS,
            scenario=("lung_nodule",) if ct else ("glaucoma", "diabetic_retinopathy"),
            algorithm=("deep",) if company % 2 else (),
        ),
    ),
    st.integers(0, 5),
    _days,
    _revisions,
    st.integers(0, 3),
    st.booleans(),
    st.booleans(),
)
_prices = st.builds(
    lambda p, product, day, revision: price(p, product, day=day, revision=revision),
    st.sampled_from(["beijing", "hebei", "jiangsu"]),
    st.sampled_from(["keya_deepvessel_ffr", "pulse_qfr"]),
    _days,
    _revisions,
)
_ipos = st.builds(
    lambda n, stage, day: ipo(str(n), stage, day=day), st.integers(0, 3), st.sampled_from(list(IpoStage)), _days
)
_listings = st.builds(
    lambda p, items, revision, day: listing(p, items, revision=revision, day=day),
    st.sampled_from(["shanghai", "beijing"]),
    st.integers(1, 10**9),
    _revisions,
    st.none() | _days,
)


@st.composite
def histories(draw: st.DrawFn) -> list[EventBase]:
    """A stream of events with corrections and retractions; one (id, order) is always one text, as at a real source."""
    drawn: list[EventBase] = draw(st.lists(_approvals | _prices | _ipos | _listings, max_size=20))
    one = {(event.event_id, event.order): event for event in drawn}
    retracted = draw(st.sets(st.sampled_from(sorted(one)), max_size=4)) if one else set()
    return [e.model_copy(update={"retracted": True}) if key in retracted else e for key, e in one.items()]
