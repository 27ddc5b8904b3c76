"""The vocabulary of the sector: what a text can be labelled with, and the evidence that each label carries."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from events.base import EntityRef, Message

_DECIMAL = r"^-?\d{1,12}(\.\d{1,12})?$"


class Sector(StrEnum):
    """The sub-sectors of medical AI."""

    IMAGING = "imaging"
    PATHOLOGY = "pathology"
    ECG_PHYSIO = "ecg_physio"
    GENOMICS_IVD = "genomics_ivd"
    SURGERY_ROBOT = "surgery_robot"
    HOSPITAL_IT = "hospital_it"
    DRUG_RD = "drug_rd"
    OTHER = "other"


class Modality(StrEnum):
    """What the product looks at."""

    CT = "CT"
    MR = "MR"
    XRAY = "X-ray"
    ULTRASOUND = "ultrasound"
    FUNDUS = "fundus"
    ENDOSCOPY = "endoscopy"
    MICROSCOPY = "microscopy"
    ECG = "ECG"
    EEG = "EEG"
    PPG = "PPG"
    CAMERA = "camera"
    SEQUENCING = "sequencing"
    TEXT_QUESTIONNAIRE = "text_questionnaire"
    VOICE = "voice"
    MULTIPLE = "multiple"
    OTHER = "other"


class Kind(StrEnum):
    """What sort of notice a text is."""

    GUIDANCE_ISSUED = "guidance_issued"
    GUIDANCE_DRAFT = "guidance_draft"
    APPROVAL = "approval"
    PRICE = "price"
    REIMBURSEMENT = "reimbursement"
    IPO = "ipo"
    FILING = "filing"
    CLEARANCE = "clearance"
    FINANCING = "financing"
    OTHER = "other"


class Evidence(Message):
    """Why a label was given: the rule's name and the span ``[start, end)`` in characters of the text it was read from.

    The text is the title, one line feed, and the body.
    """

    label: str
    rule: str
    start: int
    end: int


class Percentage(Message):
    """A percentage that the text states, at ``[start, end)`` of it, and what its clause says of it; never a float.

    ``low`` and ``high`` are decimals as text, the same where one number is stated; null where the text leaves an end open
    (超50%, 近30%). A ``change`` is compared with a year or a period before or with ``base``; a ``share`` is of ``base``;
    a ``level`` is a rate called ``base``.
    """

    low: Annotated[str, Field(pattern=_DECIMAL)] | None = None
    high: Annotated[str, Field(pattern=_DECIMAL)] | None = None
    points: bool = False
    relation: Literal["change", "share", "level"]
    direction: Literal["up", "down"] | None = None
    comparison: Literal["year_on_year", "period_on_period", "stated_base"] | None = None
    base: str | None = None
    start: int
    end: int


class Labels(Message):
    """What a text says about itself. ``is_ai`` is True only where a method is asserted; ``denied`` where it is denied."""

    is_ai: bool = False
    denied: bool = False
    ai_relevant: bool = False
    sector: Sector = Sector.OTHER
    modality: Modality = Modality.OTHER
    scenario: tuple[str, ...] = ()
    algorithm: tuple[str, ...] = ()
    entities: tuple[EntityRef, ...] = ()
    kind: Kind = Kind.OTHER
    evidence: tuple[Evidence, ...] = ()
    percentages: tuple[Percentage, ...] = ()
