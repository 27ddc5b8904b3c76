"""What goes into a parser and what comes out of it. No network and no clock in here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from events.notice import Notice
from scrapers.source import Source


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a site. ``form`` is sent URL-encoded, ``json`` as JSON; with either, the method is POST.

    ``drawn`` asks for the page as a browser shows it once its scripts have run (`scrapers.browser`).
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    json: object | None = None
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a site, whole and undecoded. ``fetched_at`` is aware, in UTC.

    ``spooled`` is where an answer lies that is too large for memory; ``content`` is then empty.
    """

    source: Source
    url: str
    content: bytes
    fetched_at: datetime
    content_type: str | None = None
    status: int = 200
    spooled: Path | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a page said.

    ``details`` maps the ``item_key`` of a notice to the request for its own page, where the source has one; ``next_page`` is
    the request for the next page of a list; ``replaced`` counts characters that no encoding could read (U+FFFD).
    ``releases`` maps the ``item_key`` of a notice to the request for a file of many records, which is spooled to disk and
    streamed; ``counts`` says of such a file how many records it held, and how many of them are notices. ``nothing`` is the
    site's own word that a search found nothing, which is an answer even under a status of 404.
    """

    notices: tuple[Notice, ...]
    details: Mapping[str, Request] = field(default_factory=dict)
    next_page: Request | None = None
    replaced: int = 0
    releases: Mapping[str, Request] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    nothing: bool = False


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


@runtime_checkable
class Sliced(Platform, Protocol):
    """A platform that is asked for a slice of days: what was published while nobody asked is in none but a longer one."""

    def since(self, source: Source, day: date, now: datetime) -> Request:
        """The request for all items from ``day`` on, a civil day in the source's zone; ``now`` is aware."""
        ...


@runtime_checkable
class Historical(Platform, Protocol):
    """A platform that can ask for the items of a span of days, and need not page back from today to reach them."""

    def history(self, source: Source, first: date, last: date) -> Iterator[Request]:
        """The requests that together list every item from ``first`` to ``last``, both included, the newest days first.

        Days are civil days in the source's zone. Each answer is followed through `Parsed.next_page` before the next request
        is made. The same days give the same requests in the same order, so that a place in them can be come back to.
        """
        ...
