"""The fact files of the pretend town, as typed values. The rows of a site appear on it when they were published."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from events.clock import SHANGHAI


class FactError(ValueError):
    """A fact file cannot be used. The text names the place and the cause."""


class Row(BaseModel):
    """A row of a fact file. It is illustrative unless all that it says is known from a public source."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    illustrative: bool = True


class Certificate(Row):
    """One row of a certificate delivery page; ``ai`` and what follows it is the truth to test against, and on no page."""

    acceptance: Annotated[str, Field(pattern=r"^[A-Z]{2,5}\d{7,}$")]
    product: str
    number: Annotated[str, Field(pattern=r"^国械注[准进许]\d{11}$")]
    registrant: str
    device_class: Literal[2, 3]
    composition: str
    intended_use: str
    ai: bool = False
    deep_learning: bool = False
    scenario: str | None = None
    modality: str | None = None

    @model_validator(mode="after")
    def _class_of_number(self) -> Self:
        if int(self.number[8]) != self.device_class:
            raise ValueError(f"{self.number} states another class than {self.device_class}")
        return self


class Delivery(BaseModel):
    """One delivery page: the instant of its URL (to the millisecond) and its certificates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    rows: Annotated[tuple[Certificate, ...], Field(min_length=1)]


class Guidance(Row):
    """One page of the CMDE: its path, the date that its list shows, and its title."""

    path: Annotated[str, Field(pattern=r"^/flfg/zdyz/[a-z/]+/\d{17}\.html$")]
    listed: date
    title: str


class CmsNotice(Row):
    """One page of a column of the NMPA or the CMDE beside deliveries and guidance: its host, path, date, title and text."""

    host: str
    path: Annotated[str, Field(pattern=r"^/[a-z/]+/\d{17}\.html$")]
    listed: date
    title: str
    text: str


class Article(Row):
    """One article of a column of the NHSA. ``province`` and ``product`` are the truth to test against, and on no page."""

    column: int
    id: int
    published: AwareDatetime
    title: str
    document_number: str | None = None
    body: str
    province: str | None = None
    product: str | None = None


class Bulletin(Row):
    """One article of a provincial bureau of healthcare security. ``table`` holds its rows, the header first."""

    host: str
    bureau: str
    id: int
    published: AwareDatetime
    title: str
    body: str
    table: tuple[tuple[str, ...], ...] = ()
    file: str | None = None


class Announcement(Row):
    """One announcement of a listed company on cninfo."""

    id: str
    published: AwareDatetime
    code: Annotated[str, Field(pattern=r"^\d{6}$")]
    name: str
    org_id: str
    title: str
    category: str
    size_kb: int


class Stage(BaseModel):
    """When an application reached a stage, under the code of its exchange."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    status: str


class Project(Row):
    """One application for listing and the stages that it reached, in their order."""

    exchange: Literal["HKEX", "SSE", "SZSE", "BSE"]
    id: str
    company: str
    company_en: str | None = None
    board: str
    sponsor: str | None = None
    stock_code: str | None = None
    hearing_passed: AwareDatetime | None = None
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]

    def stage(self, at: datetime) -> Stage | None:
        """The stage that was the latest at ``at``; None before the first."""
        return next((stage for stage in reversed(self.stages) if stage.at <= at), None)


class Clearance(Row):
    """One row of the FDA's list of AI-enabled devices."""

    decided: date
    number: Annotated[str, Field(pattern=r"^(K|DEN|P)\d+$")]
    device: str
    company: str
    panel: str
    product_code: str


class Item(Row):
    """One item of a site without a table of its own here: its key, title and time, and what else the site says of it."""

    site: Literal["hkex-latest", "csrc-ipo", "csrc-filings", "csrc-requests", "eudamed", "pmda", "press"]
    key: str
    published: AwareDatetime
    title: str
    said: dict[str, str] = Field(default_factory=dict)


class Facts(BaseModel):
    """Everything that the town knows; each name is the key of a table in the fact files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    delivery: tuple[Delivery, ...] = ()
    guidance: tuple[Guidance, ...] = ()
    cms_notice: tuple[CmsNotice, ...] = ()
    article: tuple[Article, ...] = ()
    bulletin: tuple[Bulletin, ...] = ()
    announcement: tuple[Announcement, ...] = ()
    project: tuple[Project, ...] = ()
    clearance: tuple[Clearance, ...] = ()
    item: tuple[Item, ...] = ()

    def items(self, site: str) -> tuple[Item, ...]:
        """The items of one site, newest first."""
        return tuple(sorted((i for i in self.item if i.site == site), key=lambda i: i.published, reverse=True))

    def certificates(self, until: date | None = None) -> list[Certificate]:
        """The certificates delivered up to and including ``until`` (a day in Shanghai), oldest first."""
        pages = sorted(self.delivery, key=lambda page: page.at)
        return [
            row for page in pages if until is None or page.at.astimezone(SHANGHAI).date() <= until for row in page.rows
        ]

    def of(self, exchange: str) -> tuple[Project, ...]:
        """The applications at one exchange."""
        return tuple(project for project in self.project if project.exchange == exchange)


def load(files: Iterable[Traversable]) -> Facts:
    """The facts of several TOML files together. Raises `FactError`."""
    tables: dict[str, list[Any]] = {}
    for file in files:
        try:
            for name, rows in tomllib.loads(file.read_text(encoding="utf-8")).items():
                tables.setdefault(name, []).extend(rows)
        except tomllib.TOMLDecodeError as error:
            raise FactError(f"{file.name}: {error}") from error
    try:
        return Facts.model_validate(tables)
    except ValidationError as error:
        raise FactError(str(error)) from error


@cache
def facts() -> Facts:
    """The facts of ``simulator/facts/``. Raises `FactError`."""
    found = (file for file in resources.files("simulator").joinpath("facts").iterdir() if file.name.endswith(".toml"))
    return load(sorted(found, key=lambda file: file.name))
