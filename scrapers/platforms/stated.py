"""When a page of a government site says that it was published."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from scrapers.platforms import places
from scrapers.platforms.dom import Tree
from scrapers.times import Stated, first_stated, parse_time

_METAS = ("pubdate", "publishdate", "publish-date", "publish_date", "publishtime", "pubtime", "article:published_time")
_LABELLED = re.compile(r"(?:发布|公布|发文)\s*(?:时间|日期)\s*[:：]?\s*([^\n]{8,40})")


def published(tree: Tree, meta: Mapping[str, str], zone: ZoneInfo, *where: str) -> Stated:
    """The time that the page states: in its metas, in one of the places ``where`` (selectors), or after the label 发布时间."""
    return first_stated(parse_time(text, zone) for text in _said(tree, meta, where))


def _said(tree: Tree, meta: Mapping[str, str], where: Iterable[str]) -> Iterator[str | None]:
    # One after the other: the text of the whole page is the dearest, and the metas mostly state it.
    yield from map(meta.get, _METAS)
    for place in where:
        yield places.first_text(tree, place)
    shown = _LABELLED.search(tree.seen)
    yield shown and shown.group(1)
