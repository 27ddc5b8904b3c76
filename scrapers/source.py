"""A source as its TOML file in ``scrapers/catalog/`` describes it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator


class CatalogError(ValueError):
    """A file of the catalogue cannot be used. The text names the file, the field and the cause."""


class FilesRead(BaseModel):
    """Of which notices the files are read: those whose title holds ``title`` and whose fields hold what ``where`` says.

    All are regular expressions. ``most`` bounds the files of one notice.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = ""
    where: dict[str, str] = Field(default_factory=dict)
    most: Annotated[int, Field(ge=1)] = 10

    @field_validator("title")
    @classmethod
    def _title(cls, pattern: str) -> str:
        re.compile(pattern)
        return pattern

    @field_validator("where")
    @classmethod
    def _where(cls, patterns: dict[str, str]) -> dict[str, str]:
        for pattern in patterns.values():
            re.compile(pattern)
        return patterns


class Source(BaseModel):
    """One source of the catalogue.

    ``urls`` are regular expressions that the whole URL of a page of this source matches: they route a saved or archived page
    to its parser. ``cadence`` is seconds between polls and ``delay`` the least number of seconds between two requests to
    its host. ``never_empty`` says that a list without items is a fault of the page (drifted) and not news (empty).
    ``empty_lists`` are regular expressions for the URLs of those of its lists that may be empty all the same.
    ``details`` says that items have pages of their own. ``params`` belongs to the platform. ``status`` unverified: its
    markup has not been seen, so that it is polled only where it is named. ``tls_exception`` is the reason why the name in the
    certificate of its host is not checked, None where it is; the chain of the certificate always is. ``expected_items`` is the
    number of items below which a list of it has drifted; without it that is learned. ``withdrawn_after`` is the number of
    polls that must find an item gone before it counts as withdrawn; 0 for a list that items leave in the course of things.
    ``files`` says which files that its items link to are downloaded and read. ``fetcher`` browser: its pages merely need
    JavaScript and are drawn by Chromium, where that is switched on (`scrapers.browser`).
    ``value`` weighs its items where sources share a budget of polls: one of value 2 is worth twice the waiting.
    ``polls_per_day`` takes it out of the sharing: it has that budget, which its rhythm places (`scrapers.timing`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    name: str
    name_zh: str
    publisher: str
    platform: str
    home: str
    urls: tuple[str, ...]
    timezone: str = "Asia/Shanghai"
    cadence: Annotated[int, Field(ge=60)] = 3600
    delay: Annotated[float, Field(ge=0)] = 1.5
    never_empty: bool = True
    empty_lists: tuple[str, ...] = ()
    details: bool = False
    encoding: str = "utf-8"
    status: Literal["verified", "unverified"] = "verified"
    tls_exception: Annotated[str, Field(min_length=10)] | None = None
    required: tuple[str, ...] = ()
    expected_items: Annotated[int, Field(ge=1)] | None = None
    withdrawn_after: Annotated[int, Field(ge=0)] = 3
    files: FilesRead | None = None
    fetcher: Literal["http", "browser"] = "http"
    value: Annotated[float, Field(gt=0)] = 1.0
    polls_per_day: Annotated[float, Field(gt=0, le=1440)] | None = None
    params: dict[str, str | int | bool | list[str]] = Field(default_factory=dict)

    @field_validator("urls", "empty_lists")
    @classmethod
    def _patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            re.compile(pattern)
        return patterns

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the source states its times."""
        return ZoneInfo(self.timezone)

    def owns(self, url: str) -> bool:
        """Whether a page at ``url`` is one of this source's."""
        return any(re.fullmatch(pattern, url) for pattern in self.urls)

    def may_be_empty(self, url: str) -> bool:
        """Whether the list at ``url`` may be without items."""
        return not self.never_empty or any(re.fullmatch(pattern, url) for pattern in self.empty_lists)

    def param(self, name: str) -> str:
        """A parameter that its platform cannot do without. Raises `CatalogError`."""
        if name not in self.params:
            raise CatalogError(f"source {self.id}: its platform {self.platform} needs params.{name}")
        return str(self.params[name])


def load(file: Traversable) -> Source:
    """One catalogue file. Raises `CatalogError`."""
    try:
        return Source.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise CatalogError(f"{file.name}: {error}") from error


@cache
def catalog() -> dict[str, Source]:
    """Every source by its id, in the order of the ids. Raises `CatalogError`."""
    files = [f for f in resources.files("scrapers").joinpath("catalog").iterdir() if f.name.endswith(".toml")]
    sources = {source.id: source for source in map(load, sorted(files, key=lambda f: f.name))}
    if len(sources) != len(files):
        raise CatalogError("two files of scrapers/catalog have the same id")
    return sources


def tls_exceptions(sources: Iterable[Source] | None = None) -> frozenset[str]:
    """The hosts whose certificates may bear another name, by the sources' own reasons."""
    every = catalog().values() if sources is None else sources
    return frozenset(urlsplit(s.home).hostname or "" for s in every if s.tls_exception) - {""}


def owner(url: str, sources: Iterable[Source] | None = None) -> Source | None:
    """The source whose page ``url`` is, or None."""
    return next((s for s in (catalog().values() if sources is None else sources) if s.owns(url)), None)
