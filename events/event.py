"""Events: what happened in the sector. One tagged union; each member is a fact with a deterministic id."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from events.base import EntityRef, Message, Money, Precision, UtcDatetime
from events.labels import Labels

GENERATIONS = 1_000_000
MOST_ITEMS = 10**9
"""A number of items beyond this is a slip or an attack, and would in the end overflow the 64 bits of a sum in Redis."""


class EventSource(Message):
    """One site that says so: its earliest notice that tells the fact. Times are UTC."""

    source_id: str
    notice_id: str
    url: str
    published_at: UtcDatetime | None = None
    detected_at: UtcDatetime


class EventBase(Message):
    """What every event has.

    ``event_time`` is when it happened, ``published_at`` when its source said so, ``detected_at`` when we saw it; all UTC.
    ``revision`` counts the changes of the fact at its source; ``generation`` whatever else was said of it: by another source,
    or by our own re-reading. ``sources`` are the sites that say so, the one whose words these are first.
    """

    event_id: str
    revision: Annotated[int, Field(ge=1)] = 1
    generation: Annotated[int, Field(ge=0, lt=GENERATIONS)] = 0
    retracted: bool = False
    title: str
    url: str
    source_id: str
    notice_id: str
    event_time: UtcDatetime | None = None
    event_time_precision: Precision | None = None
    published_at: UtcDatetime | None = None
    detected_at: UtcDatetime
    labels: Labels = Labels()
    illustrative: bool = False
    sources: tuple[EventSource, ...] = ()

    @property
    def order(self) -> int:
        """A number that grows with every revision and, within one, with every generation: the later one stands."""
        return self.revision * GENERATIONS + self.generation


class CertificateOrigin(StrEnum):
    """The third character of a registration certificate number: 准 domestic, 进 imported, 许 Hong Kong, Macao, Taiwan."""

    DOMESTIC = "domestic"
    IMPORTED = "imported"
    HK_MO_TW = "hk_mo_tw"


class DeviceApproval(EventBase):
    """A registration certificate was issued. Its time is that of the delivery notice where no approval date is stated."""

    type: Literal["device_approval"] = "device_approval"
    certificate_number: str
    product_name: str
    registrant: EntityRef | None = None
    device_class: Literal[1, 2, 3] | None = None
    certificate_year: int | None = None
    catalogue_code: str | None = None
    origin: CertificateOrigin | None = None
    acceptance_number: str | None = None
    accepted_on: date | None = None
    route: Literal["innovation", "priority", "normal"] | None = None
    product: EntityRef | None = None


class ApprovalChange(EventBase):
    """A certificate was changed, renewed or cancelled."""

    type: Literal["approval_change"] = "approval_change"
    certificate_number: str
    change: Literal["changed", "renewed", "cancelled"]


class InnovationReview(EventBase):
    """A product was proposed for the special review of innovative devices; objections are taken during the window."""

    type: Literal["innovation_review"] = "innovation_review"
    product_name: str
    applicant: EntityRef | None = None
    window_start: date | None = None
    window_end: date | None = None


class Guidance(EventBase):
    """A guiding principle was issued, or published as a draft for comment."""

    type: Literal["guidance"] = "guidance"
    stage: Literal["issued", "draft"]
    comments_close: date | None = None


class PriceItem(EventBase):
    """A healthcare-security authority set a price item. ``province`` is ``CN`` for the national authority."""

    type: Literal["price_item"] = "price_item"
    province: str
    item_name: str
    item_code: str | None = None
    product: EntityRef | None = None
    price: Money | None = None
    effective_on: date | None = None
    unit: str | None = None
    price_max: Money | None = None
    price_level3: Money | None = None
    price_level2: Money | None = None
    price_level1: Money | None = None
    specialty: str | None = None
    batch: str | None = None
    main_items: Annotated[int, Field(ge=0, le=MOST_ITEMS)] | None = None
    addon_items: Annotated[int, Field(ge=0, le=MOST_ITEMS)] | None = None
    extension_items: Annotated[int, Field(ge=0, le=MOST_ITEMS)] | None = None
    mapped_items: Annotated[int, Field(ge=0, le=MOST_ITEMS)] | None = None


class ReimbursementListing(EventBase):
    """Items were put on the reimbursement list of an authority. ``items`` is the number that the notice states."""

    type: Literal["reimbursement_listing"] = "reimbursement_listing"
    province: str
    items: Annotated[int, Field(ge=1, le=MOST_ITEMS)] | None = None
    effective_on: date | None = None
    products: tuple[EntityRef, ...] = ()


class IpoStage(StrEnum):
    """The stages of an initial public offering, in the order that they are usually reached."""

    ACCEPTED = "accepted"
    INQUIRY = "inquiry"
    COMMITTEE = "committee"
    SUBMITTED = "submitted"
    REGISTERED = "registered"
    LISTED = "listed"
    SUSPENDED = "suspended"
    REJECTED = "rejected"
    TERMINATED = "terminated"
    UNKNOWN = "unknown"


class IpoProgress(EventBase):
    """An application for listing reached a stage. ``raw_status`` keeps the code of the exchange."""

    type: Literal["ipo_progress"] = "ipo_progress"
    exchange: Literal["SSE", "SZSE", "BSE", "HKEX"]
    project_id: str
    company: EntityRef
    stage: IpoStage
    raw_status: str
    board: str | None = None


class Filing(EventBase):
    """A listed company published a document."""

    type: Literal["filing"] = "filing"
    company: EntityRef
    stock_code: str
    document_url: str
    category: str | None = None


class FigureReading(Message):
    """One statement of one figure in a filing: minor units of a currency, or basis points of a share (no currency).

    Known to within ``slack``: 115.2 百万元 may be 50,000 yuan more or less. ``quote`` is the row or sentence as printed, on page
    ``page`` of the file ``document_url``.
    """  # noqa: E501

    figure: str
    value: int
    slack: Annotated[int, Field(ge=0)] = 0
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    page: Annotated[int, Field(ge=1)]
    quote: str
    document_url: str
    rule: str


class FigureGap(Message):
    """A figure that a filing was searched for in vain, and why."""

    figure: str
    reason: str


class FinancialReport(EventBase):
    """Figures of one company for one period, as one filing states them, each with its reading in ``readings``.

    A figure whose readings contradict one another is in ``disagreeing``, with all of them in ``readings``, and has no value.
    ``comparative`` marks a period that the filing tells beside its own; only its own has ``not_found``.
    """

    type: Literal["financial_report"] = "financial_report"
    company: EntityRef
    period_start: date
    period_end: date
    revenue: Money | None = None
    gross_profit: Money | None = None
    rd_expense: Money | None = None
    net_profit: Money | None = None
    cash: Money | None = None
    top_five_share_bp: Annotated[int, Field(ge=0, le=10_000)] | None = None
    readings: tuple[FigureReading, ...] = ()
    disagreeing: tuple[str, ...] = ()
    not_found: tuple[FigureGap, ...] = ()
    comparative: bool = False


class FinancingRound(EventBase):
    """A round of financing. A stated range has both ends; an undisclosed amount has neither."""

    type: Literal["financing_round"] = "financing_round"
    company: EntityRef
    round: str
    early_stage: bool | None = None
    amount_low: Money | None = None
    amount_high: Money | None = None


class OverseasClearance(EventBase):
    """A register outside China cleared a device."""

    type: Literal["overseas_clearance"] = "overseas_clearance"
    register_name: Literal["FDA", "CE", "PMDA"]
    number: str
    product_name: str
    company: EntityRef
    panel: str | None = None
    product_code: str | None = None


Event = Annotated[
    DeviceApproval
    | ApprovalChange
    | InnovationReview
    | Guidance
    | PriceItem
    | ReimbursementListing
    | IpoProgress
    | Filing
    | FinancialReport
    | FinancingRound
    | OverseasClearance,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
