"""What the page shows: delivery pages of certificates, each an event; those of Class III AI software are alerts too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Literal

from simulator.facts import Certificate, Delivery, Facts

FIRST = datetime(2021, 1, 4, 2, tzinfo=UTC)
APART = timedelta(days=1)
"""Between two pages, as their titles bear the day: real ones do not share a title either."""
SOURCE = "nmpa-delivery"
MARK = "辅助检测软件"
"""Before the serial number in a product's name, by which a message is known to tell of a certificate."""
SCENES = ("肺结节CT影像", "糖尿病视网膜病变眼底图像", "颅内出血CT影像", "骨折CT影像", "冠脉CT影像")

_NAMED = re.compile(rf"{MARK}(\d{{5}})")


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a delivery page: its rows, of which the first and every so many'th after it is an alert."""

    rows: int
    alerting: int = 1


def facts(shapes: Sequence[Shape]) -> Facts:
    """Delivery pages in the order in which they are to be shown."""
    numbers = count()
    pages = (
        Delivery(
            at=FIRST + place * APART,
            rows=tuple(_certificate(next(numbers), clever=row % shape.alerting == 0) for row in range(shape.rows)),
        )
        for place, shape in enumerate(shapes)
    )
    return Facts(delivery=tuple(pages))


def named(text: str) -> list[str]:
    """The numbers of the certificates whose products a message names; pure."""
    return [_number(int(serial), 3) for serial in _NAMED.findall(text)]


def _number(serial: int, device_class: int) -> str:
    return f"国械注准2021{device_class}{20 + serial // 10_000:02d}{serial % 10_000:04d}"


def _certificate(number: int, *, clever: bool) -> Certificate:
    scene = SCENES[number % len(SCENES)]
    device_class: Literal[2, 3] = 3 if clever else 2
    return Certificate(
        acceptance=f"CQZ{2_000_000 + number}",
        product=f"{scene}{MARK}{number:05d}" if clever else f"一次性使用无菌注射器{number:05d}",
        number=_number(number, device_class),
        registrant=f"延时{number % 300:03d}医疗科技有限公司",
        device_class=device_class,
        composition="软件安装光盘" if clever else "由外套、芯杆和胶塞组成",
        intended_use=f"采用深度学习算法，用于{scene}的显示、处理、测量和分析" if clever else "供抽吸和注射液体用",
        ai=clever,
    )
