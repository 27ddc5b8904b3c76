"""What goes into a parser and what comes out of it. No network and no clock in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from events.notice import Notice
from scrapers.source import Source


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a site. ``form`` is sent URL-encoded, ``json`` as JSON; with either, the method is POST."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json: object | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a site, whole and undecoded. ``fetched_at`` is aware, in UTC."""

    source: Source
    url: str
    content: bytes
    fetched_at: datetime
    content_type: str | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a page said.

    ``details`` maps the ``item_key`` of a notice to the request for its own page, where the source has one; ``next_page`` is
    the request for the next page of a list; ``replaced`` counts characters that no encoding could read (U+FFFD).
    """

    notices: tuple[Notice, ...]
    details: Mapping[str, Request] = field(default_factory=dict)
    next_page: Request | None = None
    replaced: int = 0


class ParseError(ValueError):
    """The page is not in the shape that its platform is known for. The text says what is missing (outcome: drifted)."""


class Malformed(ParseError):
    """The bytes are not even the format that the platform speaks: broken JSON or XML, a cut-off body (outcome: malformed)."""


class Challenged(ParseError):
    """The page is a bot wall: an access control, recognised and reported, never defeated (outcome: challenged)."""


class Platform(Protocol):
    """One family of sites. Pure: the same page gives the same answer, and only `ParseError` is ever raised."""

    def first(self, source: Source, now: datetime) -> Request:
        """The request for the newest items of a source. ``now`` is aware; it is used for date ranges only."""
        ...

    def parse(self, page: Page) -> Parsed:
        """The notices of a list page or of a detail page, told apart by the URL. Raises `ParseError`."""
        ...
