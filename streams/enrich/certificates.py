"""The anatomy of a device registration certificate number.

Rules: Measures for the Administration of Medical Device Registration (SAMR order 47 of 2021, article 112; CFDA order 4 of
2014, article 76) for 国械注准20213210001; SFDA order 16 of 2004 for 国食药监械(准)字2010第3210001号.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from events.event import CertificateOrigin
from streams.enrich.normalise import simplified

DeviceClass = Literal[1, 2, 3]
_ORIGIN = {"准": CertificateOrigin.DOMESTIC, "进": CertificateOrigin.IMPORTED, "许": CertificateOrigin.HK_MO_TW}
_CLASS: dict[str, DeviceClass] = {"1": 1, "2": 2, "3": 3}
_NEW = re.compile(
    r"([国京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵黔云滇藏陕秦甘陇青宁新])械注([准进许])((?:19|20)\d\d)([123])(\d\d)(\d{4,5})"
)
_OLD = re.compile(r"([国\u4e00-\u9fff])食?药?监械\(?([准进许])\)?字((?:19|20)\d\d)第([123])(\d\d)(\d{4,5})号?")
_FILED = re.compile(r"([国\u4e00-\u9fff]{1,3})械备((?:19|20)\d\d)(\d{4})号?")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate number taken apart. ``issuer`` is 国 or the province's short name; ``catalogue`` None for a filing."""

    number: str
    issuer: str
    origin: CertificateOrigin
    year: int
    device_class: DeviceClass
    catalogue: str | None
    serial: str


def certificate(number: str) -> Certificate | None:
    """The parts of ``number`` (any width, spaces and brackets), or None where it follows no known pattern."""
    tidy = "".join(simplified(number).split())
    if match := _NEW.search(tidy) or _OLD.search(tidy):
        issuer, origin, year, device_class, catalogue, serial = match.groups()
        return Certificate(match.group(), issuer, _ORIGIN[origin], int(year), _CLASS[device_class], catalogue, serial)
    if match := _FILED.search(tidy):
        issuer, year, serial = match.groups()
        origin_of = CertificateOrigin.IMPORTED if issuer == "国" else CertificateOrigin.DOMESTIC
        return Certificate(match.group(), issuer, origin_of, int(year), 1, None, serial)
    return None
