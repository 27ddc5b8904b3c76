"""What every maker of events shares: the fields that come from the notice, dates as texts state them, provinces."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from events.base import EntityRef, Precision
from events.clock import SHANGHAI, to_utc
from events.event import EventBase
from events.labels import Kind, Labels
from events.notice import Notice
from streams.enrich.normalise import simplified


class Unusable(ValueError):
    """A notice claims a kind but lacks its key. ``events`` are those of its items that could be made."""

    def __init__(self, reason: str, events: tuple[EventBase, ...] = ()) -> None:
        super().__init__(reason)
        self.events = events


PROVINCES: dict[str, str] = {
    "北京": "beijing", "天津": "tianjin", "河北": "hebei", "山西": "shanxi", "内蒙古": "inner_mongolia",
    "辽宁": "liaoning", "吉林": "jilin", "黑龙江": "heilongjiang", "上海": "shanghai", "江苏": "jiangsu",
    "浙江": "zhejiang", "安徽": "anhui", "福建": "fujian", "江西": "jiangxi", "山东": "shandong",
    "河南": "henan", "湖北": "hubei", "湖南": "hunan", "广东": "guangdong", "广西": "guangxi",
    "海南": "hainan", "重庆": "chongqing", "四川": "sichuan", "贵州": "guizhou", "云南": "yunnan",
    "西藏": "tibet", "陕西": "shaanxi", "甘肃": "gansu", "青海": "qinghai", "宁夏": "ningxia",
    "新疆": "xinjiang",
}  # fmt: skip
"""Short Chinese name → stable id of a province; the national authority is ``CN``."""
NATIONAL = "CN"
_PROVINCE = "|".join(PROVINCES)
_ISSUER = re.compile(
    rf"({_PROVINCE})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)?(?:医疗保障局|医保局"
    rf"|医疗保障委员会|人民政府|人力资源和社会保障厅)"
)
_NAMED = re.compile(rf"^(?:关于)?({_PROVINCE})")
_NATION = re.compile(r"国家医疗保障局|国家医保局|国家卫生健康委")
_DAY = r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日"
DAY = re.compile(_DAY)
_EFFECTIVE = re.compile(rf"自\s*{_DAY}\s*起(?:正式)?(?:执行|施行|实施|生效)?")


def common(notice: Notice, labels: Labels, kind: Kind, *entities: EntityRef) -> dict[str, Any]:
    """The fields of `EventBase` but its id. The time is the notice's own: a date is never invented."""
    own: dict[str, Any] = {"kind": kind}
    if entities:
        own["entities"] = entities if len(entities) == 1 else tuple(dict.fromkeys(entities))
    return {
        "revision": notice.revision,
        "retracted": notice.retracted,
        "title": notice.title,
        "url": notice.url,
        "source_id": notice.source_id,
        "notice_id": notice.notice_id,
        "event_time": notice.published_at,
        "event_time_precision": notice.published_precision,
        "published_at": notice.published_at,
        "detected_at": notice.detected_at,
        "labels": labels.model_copy(update=own),
        "illustrative": notice.illustrative,
    }


def at_day(text: str) -> dict[str, Any]:
    """``event_time`` of the civil day in Shanghai that ``text`` (ISO 8601) begins with; nothing where it states none."""
    try:
        day = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return {}
    start = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    return {"event_time": to_utc(start), "event_time_precision": Precision.DAY}


def day(match: re.Match[str], first: int = 1) -> date | None:
    """The date in three groups of ``match``; None where the calendar has no such day."""
    try:
        return date(*(int(match.group(first + part)) for part in range(3)))
    except ValueError:
        return None


def iso(text: str) -> date | None:
    """The day of ``YYYY-MM-DD``; None for any other text."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def effective_on(text: str) -> date | None:
    """自2021年6月1日起执行: the day from which a rule holds, where the text states one."""
    match = _EFFECTIVE.search(simplified(text))
    return day(match) if match else None


def province(notice: Notice) -> str | None:
    """The id of the province whose authority speaks, ``CN`` for the national one, None where the notice does not tell."""
    title = simplified(notice.title)
    if own := PROVINCES.get(notice.fields.get("province", "")):
        found = _ISSUER.match(title)
        return PROVINCES[found.group(1)] if found else NATIONAL if _NATION.match(title) else own
    issuer = simplified(" ".join(notice.fields.get(k, "") for k in ("issuer", "content_source", "province")))
    for text in (title, issuer, simplified(notice.body)):
        if match := _ISSUER.search(text):
            return PROVINCES[match.group(1)]
    if match := _NAMED.search(title) or _NAMED.search(issuer):
        return PROVINCES[match.group(1)]
    national = _NATION.search(title + issuer) or notice.source_id.startswith("nhsa")
    return NATIONAL if national else None


def field(notice: Notice, *names: str) -> str:
    """The first of these fields. Raises `Unusable` where the notice has none of them."""
    for name in names:
        if value := notice.fields.get(name, "").strip():
            return value
    raise Unusable(f"{notice.source_id}: the notice {notice.item_key!r} states no {names[0]}")
