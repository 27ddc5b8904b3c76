"""What the sector says during chaos: pages of notices, the same for the same seed, and what must stand at the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from events.base import Precision
from events.event import DeviceApproval, EventBase
from events.notice import Notice
from streams.enrich.events import events_of

BEGAN = datetime(2021, 1, 4, 2, tzinfo=UTC)
AS_OF = date(2022, 12, 31)
PAGE = 60
"""About this many facts a page."""
STAGES = ("1", "2", "3", "4", "5")
PLAIN = ("一次性使用无菌注射器", "电子血压计", "医用外科口罩", "超声诊断仪", "骨科手术导航定位系统")
CLEVER = ("肺结节CT影像辅助检测软件", "糖尿病视网膜病变眼底图像辅助诊断软件", "颅内出血CT影像辅助分诊软件")


@dataclass(frozen=True, slots=True)
class PageOf:
    """One poll's notices of one source."""

    source_id: str
    notices: tuple[Notice, ...]


def pages(seed: int, events: int) -> list[PageOf]:
    """Pages that tell ``events`` facts or a few more; some correct or take back what an earlier page said."""
    rng = Random(seed)
    made: list[PageOf] = []
    certificates: list[Notice] = []
    told = number = 0
    while told < events:
        if certificates and rng.random() < 0.15:
            some = rng.sample(certificates, min(5, len(certificates)))
            changed = tuple(_changed(one, number + n, rng) for n, one in enumerate(some))
            number += len(changed)
            certificates = [one for one in certificates if one not in some]
            made.append(PageOf("nmpa-delivery", changed))
            told += sum(len(one.rows) for one in changed if not one.retracted)
        elif rng.random() < 0.4:
            notices = tuple(_certificates(number + 5 * n, rng) for n in range(PAGE // 5))
            number += PAGE
            # An alert is told of a fact once, so what is told to people is not corrected: the count stays plain.
            certificates += [one for one in notices if not _clever(one)]
            made.append(PageOf("nmpa-delivery", notices))
            told += PAGE
        else:
            exchange = rng.choice(("SSE", "SZSE"))
            made.append(
                PageOf(f"{exchange.lower()}-ipo", tuple(_project(exchange, number + n, rng) for n in range(PAGE)))
            )
            number += PAGE
            told += PAGE
    return made


def standing(told: list[PageOf]) -> dict[str, EventBase]:
    """The events that must stand at the end, by id: what the last version of each notice says. No agent is asked."""
    last: dict[str, Notice] = {notice.notice_id: notice for page in told for notice in page.notices}
    return {event.event_id: event for notice in last.values() if not notice.retracted for event in events_of(notice)}


def alerted(expected: dict[str, EventBase]) -> set[str]:
    """The numbers of the certificates that people must be told of: Class III, and AI."""
    return {
        event.certificate_number
        for event in expected.values()
        if isinstance(event, DeviceApproval) and event.device_class == 3 and event.labels.is_ai
    }


RULES = """\
[[rule]]
id = "chaos-certificates"
on = "event"
types = ["device_approval"]
device_class = [3]
is_ai = true
title = "{{ event.certificate_number }}"
"""


def _certificates(number: int, rng: Random) -> Notice:
    rows = tuple(_row(number + n, clever=rng.random() < 0.02, rng=rng) for n in range(5))
    return _notice("nmpa-delivery", f"/delivery/{number}.html", "医疗器械批件送达信息", number, rows=rows)


def _row(number: int, *, clever: bool, rng: Random) -> dict[str, str]:
    name = rng.choice(CLEVER if clever else PLAIN)
    device_class = 3 if clever else 2
    return {
        "certificate_number": _certificate_number(2021, device_class, number),
        "product_name": name,
        "registrant": f"混沌{rng.randrange(300):03d}医疗科技有限公司",
        "intended_use": "采用深度学习算法" if clever else "供临床使用",
    }


def _certificate_number(year: int, device_class: int, number: int) -> str:
    """Another one for each number below eight million: the serial has five digits, the catalogue two."""
    return f"国械注准{year}{device_class}{20 + number // 100_000:02d}{number % 100_000:05d}"


def _clever(notice: Notice) -> bool:
    return any(row["product_name"] in CLEVER for row in notice.rows)


def _changed(notice: Notice, number: int, rng: Random) -> Notice:
    """The same notice with a corrected number in its first row, or withdrawn."""
    later = notice.detected_at + timedelta(hours=1)
    if rng.random() < 0.3:
        changed = {"retracted": True, "detected_at": later, "content_hash": ""}
    else:
        row = notice.rows[0] | {"certificate_number": _certificate_number(2019, 2, number)}
        changed = {"rows": (row, *notice.rows[1:]), "detected_at": later, "content_hash": ""}
    return Notice.model_validate(notice.model_dump() | changed)


def _project(exchange: str, number: int, rng: Random) -> Notice:
    fields = {
        "exchange": exchange,
        "company": f"混沌{rng.randrange(300):03d}医疗科技有限公司",
        "project_id": str(number),
        "raw_status": rng.choice(STAGES) if exchange == "SSE" else "20",
    }
    return _notice(f"{exchange.lower()}-ipo", str(number), "首次公开发行", number, fields=fields)


def _notice(source: str, key: str, title: str, number: int, **more: object) -> Notice:
    at = BEGAN + timedelta(minutes=7 * (number % 100_000))
    values = {
        "notice_id": f"{source}:{key}",
        "source_id": source,
        "item_key": key,
        "url": f"https://chaos.invalid/{number}",
        "title": title,
        "published_at": at,
        "published_precision": Precision.SECOND,
        "detected_at": at + timedelta(minutes=5),
    }
    return Notice.model_validate(values | more)
