"""Facts to judge and alerts to send."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from alerts.decide import alerts_of
from alerts.message import Message
from alerts.rules import load_rules
from events.base import EntityRef, Precision, Severity
from events.event import DeviceApproval
from events.labels import Evidence, Labels, Modality, Sector
from events.messages import Alert, HealthState, Metric, Outcome, SourceHealth

RULES = load_rules()
SEEN = datetime(2022, 3, 7, 1, 0, tzinfo=UTC)
URL = "https://www.nmpa.gov.cn/zwfw/sdxx/20220305101538191.html"
TITLE = "国械注准20223210001 肺结节CT影像辅助检测软件"
LABELS = Labels(
    is_ai=True,
    sector=Sector.IMAGING,
    modality=Modality.CT,
    scenario=("lung_nodule",),
    algorithm=("deep_learning",),
    evidence=(Evidence(label="scenario:lung_nodule", rule="scenario", start=16, end=19),),
)


def approval(number: int = 1, **changes: Any) -> DeviceApproval:
    """A Class III AI certificate; ``changes`` are fields."""
    fields: dict[str, Any] = {
        "event_id": f"device_approval:{number}",
        "title": TITLE,
        "url": URL,
        "source_id": "nmpa-delivery",
        "notice_id": "n1",
        "event_time": datetime(2022, 3, 4, 16, tzinfo=UTC),
        "event_time_precision": Precision.DAY,
        "detected_at": SEEN,
        "certificate_number": f"国械注准2022321{number:04d}",
        "product_name": "肺结节CT影像辅助检测软件",
        "registrant": EntityRef(id="company-01", name="Company 01"),
        "device_class": 3,
        "labels": LABELS,
    }
    return DeviceApproval.model_validate(fields | changes)


def priced(previous: int, value: int, product: str = "keya_deepvessel_ffr") -> Metric:
    """The provinces of one product went from ``previous`` to ``value``."""
    return Metric(
        name="pricing_provinces",
        dims={"product": product},
        value=value,
        previous=previous,
        unit="provinces",
        as_of=date(2022, 3, 7),
        at=SEEN,
        event_id="price_item:1",
    )


def health(state: HealthState, at: datetime = SEEN, last_healthy_at: datetime | None = None) -> SourceHealth:
    """A poll of a source that a bot wall kept out."""
    return SourceHealth(
        source_id="nmpa-delivery",
        outcome=Outcome.CHALLENGED,
        state=state,
        at=at,
        url=URL,
        bad_in_a_row=3,
        http_status=412,
        last_healthy_at=last_healthy_at,
    )


def alert(number: int = 1, **changes: Any) -> Alert:
    """An alert of the default rules; ``changes`` are fields of the alert."""
    return alerts_of(approval(number), RULES)[0].model_copy(update=changes)


def message(*alerts: Alert, possible_duplicate: bool = False) -> Message:
    """A message to a receiver called ``team``."""
    return Message("team", alerts or (alert(),), possible_duplicate)


def hostile() -> Alert:
    """An alert whose every text tries to be more than text."""
    attack = "<script>alert(1)</script> <!channel> <http://evil.example|x> *b* _i_ `c` \u202egnp.exe\u202c"
    attack += "\r\nBcc: victim@example.org\x1b[2J"
    return alert(
        title=attack,
        text=attack,
        url='https://evil.example/">\r\n<b>|x',
        severity=Severity.CRITICAL,
        labels={"product": attack, "evidence": attack, "title_zh": attack},
    )
