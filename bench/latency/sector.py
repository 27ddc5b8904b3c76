"""What the page shows: delivery pages of Class III AI certificates, each of which is an event and an alert."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from simulator.facts import Certificate, Delivery, Facts

FIRST = datetime(2021, 1, 4, 2, tzinfo=UTC)
APART = timedelta(days=1)
"""Between two pages, as their titles bear the day: real ones do not share a title either."""
SOURCE = "nmpa-delivery"
MARK = "辅助检测软件"
"""Before the serial number in a product's name, by which a message is known to tell of a certificate."""
SCENES = ("肺结节CT影像", "糖尿病视网膜病变眼底图像", "颅内出血CT影像", "骨折CT影像", "冠脉CT影像")

_NAMED = re.compile(rf"{MARK}(\d{{5}})")


def facts(sizes: list[int]) -> Facts:
    """Delivery pages of so many certificates each, in the order in which they are to be shown."""
    numbers = _numbers()
    pages = (
        Delivery(at=FIRST + place * APART, rows=tuple(_certificate(next(numbers)) for _ in range(size)))
        for place, size in enumerate(sizes)
    )
    return Facts(delivery=tuple(pages))


def named(text: str) -> list[str]:
    """The numbers of the certificates whose products a message names; pure."""
    return [_number(int(serial)) for serial in _NAMED.findall(text)]


def _number(serial: int) -> str:
    return f"国械注准20213{20 + serial // 10_000:02d}{serial % 10_000:04d}"


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


def _certificate(number: int) -> Certificate:
    scene = SCENES[number % len(SCENES)]
    return Certificate(
        acceptance=f"CQZ{2_000_000 + number}",
        product=f"{scene}{MARK}{number:05d}",
        number=_number(number),
        registrant=f"延时{number % 300:03d}医疗科技有限公司",
        device_class=3,
        composition="软件安装光盘",
        intended_use=f"采用深度学习算法，用于{scene}的显示、处理、测量和分析",
        ai=True,
    )
