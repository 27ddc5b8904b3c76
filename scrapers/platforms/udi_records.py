"""What a UDI record says, under our names, and which records the source wants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from events.notice import Notice
from scrapers.page import Page
from scrapers.platforms.common import notice
from scrapers.source import Source
from scrapers.text import one_line
from scrapers.times import UNKNOWN, Stated, iso_day, parse_time

_NAMES = {
    "zxxsdycpbs": "udi_di", "primarydeviceid": "udi_di",
    "cpmctymc": "product_name", "productname": "product_name",
    "spmc": "trade_name",
    "ggxh": "model", "specification": "model",
    "cpms": "description",
    "zczbhhzbapzbh": "certificate_number",
    "ylqxzcrbarmc": "registrant", "companyname": "registrant",
    "ylqxzcrbarywmc": "registrant_en",
    "tyshxydm": "credit_code",
    "flbm": "classification_code",
    "qxlb": "device_kind",
    "devicerecordkey": "record_key",
    "versionnumber": "version",
    "versionstauts": "version_status", "versionstatus": "version_status",
    "agencyname": "issuing_agency", "cpbsbmtxmc": "issuing_agency",
    "deviceenddatestatus": "end_date_status",
}  # fmt: skip
"""Element of the XML or key of the JSON, in lower case → name of the field. NMPA's own spelling is ``versionStauts``."""

_DAYS = {"cpbsfbrq": "udi_published_on", "versiontime": "version_on", "tsrq": "withdrawn_on"}
_LONGEST = 4000
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_CERTIFICATE = re.compile(
    r"[\u4e00-\u9fff]{1,3}械注[准进许進許]\s*(?:19|20)\d\d(?P<class>[123])(?P<catalogue>\d\d)\d{4,5}"
    r"|[国國\u4e00-\u9fff]食?[药藥]?监械\s*[(（]?[准进许]\s*[)）]?\s*字?\s*(?:19|20)\d\d\s*第?(?P<old_class>[123])(?P<old_catalogue>\d\d)\d{4,5}号?"
)
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Certificate:
    """The first certificate that a record names. A filing (备案) is none."""

    number: str
    device_class: str
    catalogue: str


def certificate_of(stated: str) -> Certificate | None:
    """The certificate in the text of ``zczbhhzbapzbh``, which may name several; None for a filing or for none."""
    found = _CERTIFICATE.search(_SPACE.sub("", stated))
    if found is None:
        return None
    return Certificate(
        found.group(), found["class"] or found["old_class"], found["catalogue"] or found["old_catalogue"]
    )


@dataclass(frozen=True, slots=True)
class Interest:
    """Which records become notices: ``params`` classes, catalogues and words of the source. An empty list does not restrict."""

    classes: frozenset[str]
    catalogues: frozenset[str]
    words: re.Pattern[str] | None

    @classmethod
    def of(cls, source: Source) -> Interest:
        """The interest that a source's file states."""
        words = _listed(source, "words")
        pattern = "|".join(rf"(?<![A-Za-z]){re.escape(w)}(?![A-Za-z])" if w.isascii() else re.escape(w) for w in words)
        return cls(
            frozenset(_listed(source, "classes")),
            frozenset(_listed(source, "catalogues")),
            re.compile(pattern, re.IGNORECASE) if words else None,
        )

    def wants(self, certificate: Certificate, fields: Mapping[str, str]) -> bool:
        """Whether a record matters: its class, and then its catalogue or its words."""
        if self.classes and certificate.device_class not in self.classes:
            return False
        if not self.catalogues and self.words is None:
            return True
        if certificate.catalogue in self.catalogues or fields.get("classification_code", "")[:2] in self.catalogues:
            return True
        said = " ".join(fields.get(name, "") for name in ("product_name", "trade_name", "description"))
        return self.words is not None and self.words.search(said) is not None


def _listed(source: Source, name: str) -> list[str]:
    value = source.params.get(name)
    return value if isinstance(value, list) else []


def fields_of(record: Mapping[str, str], page: Page) -> dict[str, str]:
    """The record under our names; days as ``YYYY-MM-DD``, left out where the text is no date."""
    fields: dict[str, str] = {}
    for key, text in record.items():
        name = key.casefold()
        if known := _NAMES.get(name):
            fields.setdefault(known, one_line(_TAG.sub("", text))[:_LONGEST])
        elif dated := _DAYS.get(name):
            fields[dated] = iso_day(_time(text, page), page.source.zone)
    return {name: value for name, value in fields.items() if value}


def _time(text: str, page: Page) -> Stated:
    return parse_time(text, page.source.zone) if text else UNKNOWN


def record_notice(fields: Mapping[str, str], record: Mapping[str, str], page: Page) -> Notice:
    """One record as a notice. The key is NMPA's key of the record, which all of its versions share; else the identifier.

    It was published with its version. Raises ValueError for a record without key and identifier, or without a name.
    """
    key = fields.get("record_key") or "-".join(filter(None, (fields.get("udi_di", ""), fields.get("version", ""))))
    title = fields.get("product_name") or fields.get("trade_name", "")
    if not fields.get("udi_di") and not fields.get("record_key"):
        raise ValueError("a record without its identifier")
    if not title:
        raise ValueError("a record without the name of its product")
    lower = {name.casefold(): text for name, text in record.items()}
    stated = _time(lower.get("versiontime", ""), page)
    if stated[0] is None:
        stated = _time(lower.get("cpbsfbrq", ""), page)
    own = fields.get("record_key")
    url = f"https://udi.nmpa.gov.cn/showDetailCX.html?deviceRecordKey={quote(own, safe='')}" if own else page.url
    return notice(page, key, url, title, stated, body=fields.get("description", ""), fields=fields)
