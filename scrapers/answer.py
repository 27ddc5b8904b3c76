"""What comes back from a site: an answer, whatever its status, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from events.messages import Outcome


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said of the version it sent; sent back to ask for a newer one (RFC 9110, section 13.1)."""

    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """As the headers of a conditional request."""
        pairs = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return {name: value for name, value in pairs if value}


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status. ``headers`` have lower-case names; ``content`` is unpacked; ``fetched_at`` is UTC.

    ``url`` is where the answer came from, after redirects, with the fragment of the request. ``illustrative`` holds the
    item keys (or ``*``) that the simulator marks; it is empty for every real site.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes
    fetched_at: datetime
    not_modified: bool = False
    illustrative: frozenset[str] = frozenset()

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")

    @property
    def validators(self) -> Validators:
        return Validators(self.headers.get("etag"), self.headers.get("last-modified"))


class FetchError(Exception):
    """There is no answer to read. ``outcome`` is what that makes of the poll; ``retry_after`` is seconds, where known."""

    outcome: ClassVar[Outcome]

    def __init__(self, what: str, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class Unreachable(FetchError):
    """No connection, a connection that broke, a certificate that is not the host's, or no answer in time."""

    outcome = Outcome.OUTAGE


class Refused(FetchError):
    """We do not ask (robots.txt, a private address, another scheme), or are sent on and on."""

    outcome = Outcome.REFUSED


class Throttled(FetchError):
    """The site asked for a pause that has not ended."""

    outcome = Outcome.THROTTLED


class Broken(FetchError):
    """The answer is not whole: not HTTP, cut off, not in its encoding, or larger than the limit."""

    outcome = Outcome.MALFORMED
