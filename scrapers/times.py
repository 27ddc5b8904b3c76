"""The times that sites state, as aware instants in UTC with the precision that the site gives. A date is never invented."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo

from events.base import Precision
from scrapers.remember import of_short

Stated = tuple[datetime, Precision] | tuple[None, None]
"""An instant in UTC with its precision, or two Nones where the text states no time."""

UNKNOWN: Final[Stated] = (None, None)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?P<mon>[A-Za-z]{3})[a-z]*\.?"
_YEAR = r"(?P<y>(?:19|20)\d\d)"
_CLOCK = (
    r"(?:[\sT]*(?P<H>[01]?\d|2[0-4])\s*[:：时]\s*(?P<M>[0-5]\d)(?:\s*[:：分]\s*(?P<S>[0-5]\d)(?:\.(?P<f>\d{3})\d*)?)?"
    r"(?P<z>Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?"
)
_COMPACT = r"(?P<m>[01]\d)(?P<d>[0-3]\d)(?:(?P<H>[0-2]\d)(?P<M>[0-5]\d)(?:(?P<S>[0-5]\d)(?P<f>\d{3})?)?)?"
_FORMS = (
    rf"(?<!\d){_YEAR}\s*(?P<sep>[-/.])\s*(?P<m>\d\d?)\s*(?P=sep)\s*(?P<d>\d\d?)(?!\d){_CLOCK}",
    rf"(?<!\d){_YEAR}\s*年\s*(?P<m>\d\d?)\s*月\s*(?P<d>\d\d?)\s*日{_CLOCK}",
    rf"(?<!\d){_YEAR}{_COMPACT}(?!\d)",
    rf"(?<!\d)(?P<d>\d\d?)\s+{_MONTH},?\s+{_YEAR}(?!\d){_CLOCK}",
    rf"\b{_MONTH}\s+(?P<d>\d\d?),?\s+{_YEAR}(?!\d){_CLOCK}",
)
_DMY = rf"(?<!\d)(?P<d>\d\d?)(?P<sep>[/.-])(?P<m>\d\d?)(?P=sep){_YEAR}(?!\d){_CLOCK}"
_MDY = rf"(?<!\d)(?P<m>\d\d?)(?P<sep>[/.-])(?P<d>\d\d?)(?P=sep){_YEAR}(?!\d){_CLOCK}"
_NEEDS = tuple(map(re.compile, (r"[-/.]", r"年", r"\d{8}", r"[A-Za-z]{3}", r"[A-Za-z]{3}", r"[/.-]")))
_PATTERNS = {
    "dmy": [*zip(_NEEDS, map(re.compile, (*_FORMS, _DMY)), strict=True)],
    "mdy": [*zip(_NEEDS, map(re.compile, (*_FORMS, _MDY)), strict=True)],
}
"""Each form after what a text must hold to hold it, which is quicker to look for."""
_LABEL = r"(?:发布|成文|印发|更新|公布|发文)?(?:时间|日期)?"
_AROUND = re.compile(rf"^[\s(（\[【]*{_LABEL}\s*[:：]?|[\s)）\]】]+$")
_PLAIN_YEAR, _PLAIN_CLOCK = r"((?:19|20)[0-9]{2})", r"(?: ([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?)?"
_PLAIN = re.compile(
    rf"(?:[(（\[【]|{_LABEL}[:：])?{_PLAIN_YEAR}(?:([-/.])([0-9]{{1,2}})\2([0-9]{{1,2}})|年([0-9]{{1,2}})月([0-9]{{1,2}})日)"
    rf"{_PLAIN_CLOCK}[)）\]】]?"
)
_SLASHED = re.compile(rf"([0-9]{{2}})/([0-9]{{2}})/{_PLAIN_YEAR}{_PLAIN_CLOCK}")
_STAMP = re.compile(
    rf"{_PLAIN_YEAR}([01][0-9])([0-3][0-9])(?:([01][0-9]|2[0-3])([0-5][0-9])(?:([0-5][0-9])([0-9]{{3}})?)?)?"
)
_EARLIEST, _LATEST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_ART_DAY = re.compile(r"/((?:19|20)\d\d)/(\d\d?)/(\d\d?)/art_")
_TRS_DAY = re.compile(r"/t((?:19|20)\d\d)(\d\d)(\d\d)_\d+\.s?html?$", re.IGNORECASE)
_HKEX_DAY = re.compile(r"/((?:19|20)\d\d)/(\d\d)(\d\d)/\d{10,}")
_CMS_STAMP = re.compile(r"/((?:19|20)\d{15})\.s?html?$", re.IGNORECASE)


@of_short
def parse_time(text: str | None, zone: ZoneInfo, order: Literal["dmy", "mdy"] = "dmy") -> Stated:
    """The first time stated in ``text``, which was written in ``zone``.

    Reads ``2024-11-28``, ``2020-09-11 08:38``, ``2026年3月12日``, ``20260707172714``, ``11/02/2026 19:10``, ``Jun 23, 2026``,
    with or without brackets, in full-width digits too; an offset (``+08:00``, ``Z``) goes before ``zone``. ``order`` says
    what ``11/02/2026`` means (HKEX day first, FDA month first). Midnight is how systems write a day whose hour they do not
    know: it has the precision of a day.
    """
    if not text:
        return UNKNOWN
    if (plainly := _plainly(text, zone, order)) is not None:
        return plainly
    plain = unicodedata.normalize("NFKC", text)
    if not _has_year(plain):
        return UNKNOWN
    found = [match for pattern in _forms(plain, order) for match in pattern.finditer(plain)]
    for match in sorted(found, key=lambda m: (m.start(), -m.end())):
        if (when := _instant(match, zone)) is not None:
            return when
    return UNKNOWN


def _has_year(plain: str) -> bool:
    """Whether a time may be stated at all: every form has a year, which begins with 19 or 20."""
    return "19" in plain or "20" in plain


@of_short
def is_date(text: str, zone: ZoneInfo) -> bool:
    """Whether ``text`` is a time and nothing else, but for brackets and a label such as 发布时间."""
    if _plainly(text, zone, "dmy") is not None:
        return True
    plain = unicodedata.normalize("NFKC", text)
    if not _has_year(plain):
        return False
    bare = _AROUND.sub("", plain.strip())
    whole = (p.fullmatch(bare) for p in _forms(bare, "dmy"))
    return any(match is not None and _instant(match, zone) is not None for match in whole)


def _forms(plain: str, order: Literal["dmy", "mdy"]) -> list[re.Pattern[str]]:
    """The forms that a text may hold."""
    return [form for needs, form in _PATTERNS[order] if needs.search(plain)]


def _plainly(text: str, zone: ZoneInfo, order: Literal["dmy", "mdy"]) -> tuple[datetime, Precision] | None:
    """The instant of a text that is a time in one of the commonest forms, and nothing else but for brackets or a label.

    These are ``2024-11-28 09:30``, ``[2024/1/2]``, ``发布时间：2024年1月2日``, ``28/11/2024``, and the digits of a stamp.
    """
    milli: str | None = None
    if match := _PLAIN.fullmatch(text):
        year, _, m, d, month, day, *clock = match.groups()
        month, day = month or m, day or d
    elif match := _SLASHED.fullmatch(text):
        day, month, year, *clock = match.groups()
        if order == "mdy":
            day, month = month, day
    elif match := _STAMP.fullmatch(text):
        year, month, day, *clock, milli = match.groups()
    else:
        return None
    return _at((int(year), int(month), int(day)), (*clock, milli), zone)


def _instant(match: re.Match[str], zone: ZoneInfo) -> tuple[datetime, Precision] | None:
    """The instant that a match of one of the forms states; None if there is no such day (30 February)."""
    parts = match.groupdict()
    name = (parts.get("mon") or "").casefold()
    if name and name not in _MONTHS:
        return None
    month = _MONTHS.index(name) + 1 if name else int(parts["m"])
    clock = [parts.get(key) for key in ("H", "M", "S", "f")]
    return _at((int(parts["y"]), month, int(parts["d"])), clock, _zone(parts.get("z")) or zone)


def _at(day: tuple[int, int, int], clock: Sequence[str | None], zone: tzinfo) -> tuple[datetime, Precision] | None:
    """The instant of a day (year, month, day) and of what is stated of hour, minute, second, millisecond.

    None where there is no such day.
    """
    hour, minute, second, milli = [int(part) if part else 0 for part in clock] if any(clock) else (0, 0, 0, 0)
    try:
        at = datetime(*day, hour % 24, minute, second, milli * 1000, tzinfo=zone)
    except ValueError:
        return None
    if hour == minute == second == milli == 0:
        return at.astimezone(UTC), Precision.DAY
    if hour == 24:
        at += timedelta(days=1)
    fine = Precision.MILLISECOND if clock[3] else Precision.SECOND if clock[2] else Precision.MINUTE
    return at.astimezone(UTC), fine


def _zone(offset: str | None) -> tzinfo | None:
    """The zone of ``Z`` or ``+08:00``; None where no offset is stated."""
    if not offset or offset == "Z":
        return UTC if offset else None
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def civil_day(at: datetime, zone: ZoneInfo) -> Stated:
    """The civil day in ``zone`` that holds an instant: its first instant, with the precision of a day."""
    local = at.astimezone(zone)
    return datetime(local.year, local.month, local.day, tzinfo=zone).astimezone(UTC), Precision.DAY


def from_epoch(value: object, zone: ZoneInfo, *, late_is_day: bool = False) -> Stated:
    """Milliseconds since 1970 (number or digits). Midnight in ``zone`` is a day; with ``late_is_day`` 23:59 is one too."""
    try:
        milliseconds = int(str(value).strip().removesuffix(".0"))
    except ValueError:
        return UNKNOWN
    if not _EARLIEST.timestamp() * 1000 <= milliseconds < _LATEST.timestamp() * 1000:
        return UNKNOWN
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    local = at.astimezone(zone)
    midnight = local.hour == local.minute == local.second == local.microsecond == 0
    if midnight or (late_is_day and (local.hour, local.minute) == (23, 59)):
        return civil_day(at, zone)
    return at, Precision.MILLISECOND if at.microsecond else Precision.SECOND


def from_path(url: str, zone: ZoneInfo) -> Stated:
    """The day of publication that a URL states: ``/2025/12/7/art_…``, ``/t20241231_….html``, HKEX's ``/2026/0630/…``."""
    path = url.split("?")[0].split("#")[0]
    for pattern in (_ART_DAY, _TRS_DAY, _HKEX_DAY):
        if match := pattern.search(path):
            try:
                return datetime(*map(int, match.groups()), tzinfo=zone).astimezone(UTC), Precision.DAY  # type: ignore[misc,arg-type]
            except ValueError:
                return UNKNOWN
    return UNKNOWN


def cms_stamp(url: str, zone: ZoneInfo) -> datetime | None:
    """When the CMS of NMPA and CMDE made a page, to the millisecond, from the 17 digits of its URL.

    It may precede or follow publication by months (CMDE's library), so that it is not a time of publication.
    """
    match = _CMS_STAMP.search(url.split("?")[0].split("#")[0])
    return parse_time(match.group(1), zone)[0] if match else None


def first_stated(places: Iterable[Stated]) -> Stated:
    """The first of several places of a page that states a time."""
    return next((stated for stated in places if stated[0] is not None), UNKNOWN)


def iso_day(stated: Stated, zone: ZoneInfo) -> str:
    """The civil day in ``zone`` as ``YYYY-MM-DD``; empty where no time is stated."""
    return stated[0].astimezone(zone).date().isoformat() if stated[0] is not None else ""
