"""RSS and Atom as feedparser reads them, the lenient way."""

from __future__ import annotations

import io
from typing import Any

from scrapers.page import Malformed


def feed_of(text: str) -> Any:
    """The feed in a text that has been decoded, as feedparser gives it. Raises `Malformed`."""
    import feedparser  # noqa: PLC0415 (few sources are feeds)

    # The text is given as UTF-8, whatever its prolog calls itself.
    stream = io.BytesIO(text.encode("utf-8", "replace"))
    try:
        return feedparser.parse(stream, response_headers={"content-type": "application/xml; charset=utf-8"})
    # A feed that is no XML goes to its lenient reader, which raises whatever a broken entity or date makes its parts raise.
    except Exception as error:
        raise Malformed(f"the feed cannot be read: {type(error).__name__}: {error}") from error
