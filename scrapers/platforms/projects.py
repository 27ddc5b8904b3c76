"""What the IPO reviews of the exchanges have in common.

``Notice.fields`` of every exchange: ``exchange`` (SSE, SZSE, BSE, HKEX), ``project_id``, ``company``, ``raw_status`` (the
exchange's own code), ``status_text`` (its own words, where it gives them), ``board``, ``sponsor``, ``stock_code``,
``accepted_on`` and ``updated_on`` (``YYYY-MM-DD``, in the exchange's zone). What an exchange does not say is left out.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from zoneinfo import ZoneInfo

from scrapers.text import one_line
from scrapers.times import UNKNOWN, Stated, from_epoch, parse_time

_SUFFIX = re.compile(
    r"^(?P<company>.{2,}?)\s*[(（\[【-]?\s*(?:关于|拟|申请|在|于|沪市|深市|上交所|深交所|北交所|上海证券交易所|科创板|主板|创业板|[)）\]】、])*"
    r"(?:IPO|首次公开发行|首发|向不特定合格投资者|公开发行|发行股票|发行存托凭证|上市申请|上市项目).*$"
)
_BOARD = re.compile(r"[(（]?(?:科创板|创业板|主板)[)）]?(?:项目)?$")

_MARKER = re.compile(r"^(?P<company>.+?)\s*[-－–]\s*(?P<marker>[BHPRSWZＢＨＰＲＳＷＺ]{1,2})$")


def time_of(value: Any, zone: ZoneInfo) -> Stated:
    """A time of an exchange: words, milliseconds since 1970, or a Java Date as JSON (``{"time": ms, …}``)."""
    inner = value.get("time") if isinstance(value, dict) else value
    said = str(inner or "")
    stated = from_epoch(inner, zone) if len(said.strip()) in {12, 13} else UNKNOWN
    return stated if stated[0] is not None else parse_time(said, zone)


def company_of(name: str) -> str:
    """The company in the name of a project: ``上海思朗科技股份有限公司科创板IPO项目`` is 上海思朗科技股份有限公司."""
    plain = one_line(name)
    match = _SUFFIX.match(plain.removeprefix("关于"))
    return _BOARD.sub("", match["company"] if match else plain).strip(" -—（(") or plain


def without_marker(name: str) -> tuple[str, str]:
    """The company and the marker that HKEX puts after its name (``-B`` biotech, ``-P`` specialist technology, ``-W`` …)."""
    match = _MARKER.match(name)
    return (match["company"], unicodedata.normalize("NFKC", match["marker"])) if match else (name, "")
