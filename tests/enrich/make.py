"""Notices for the tests of this folder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from events.base import Precision
from events.notice import Notice

SEEN = datetime(2022, 9, 1, 4, tzinfo=UTC)
PUBLISHED = datetime(2022, 8, 30, 1, 55, tzinfo=UTC)


def notice(source_id: str, title: str, **more: Any) -> Notice:
    """A notice of ``source_id``, published on 2022-08-30 at 09:55 in Shanghai."""
    given: dict[str, Any] = {
        "notice_id": f"{source_id}:1",
        "item_key": "1",
        "url": "https://example.invalid/1",
        "published_at": PUBLISHED,
        "published_precision": Precision.MINUTE,
        "detected_at": SEEN,
    }
    return Notice(source_id=source_id, title=title, **(given | more))
