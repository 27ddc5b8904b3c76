"""The publicity lists of the special review of innovative devices: numbered products with their applicants (SITES.md, A.2).

A list comes as lines (``1.产品名称：…`` and ``申 请 人：…``), which may share a line, or as a table with those headers.
"""

from __future__ import annotations

import re

from scrapers.platforms.devices import COLUMNS
from scrapers.platforms.tables import SEQ, rows_of
from scrapers.platforms.walk import Element
from scrapers.text import one_line

_CHANNEL = re.compile(r"创新医疗器械特[别殊]审[查批評评]|創新醫療器械特[別殊]審[查批]|进入(?:创新)?特别审[查批]程序")
_LABEL = re.compile(
    r"(?:(?P<seq>\d{1,3})\s*[.、．)）]\s*)?"
    r"(?P<what>产\s*品\s*名\s*称|產\s*品\s*名\s*稱|申\s*请\s*人(?:\s*名\s*称)?|申\s*請\s*人|申\s*请\s*单\s*位|公\s*示\s*时\s*间|公\s*示\s*期)\s*[:：]"
)
_STOP = re.compile(r"\n\s*\n|公\s*示\s*(?:时\s*间|期)|电子邮箱|联\s*系|特别说明|\n\s*\d{1,3}\s*[.、．]\s*(?=产|產|$)|$")
_APPLICANT = re.compile(r"^申")


def is_publicity(title: str, body: str) -> bool:
    """Whether a page is such a list: its title names the channel, or its body does and lists products."""
    if _CHANNEL.search(title) and "公示" in title:
        return True
    return bool(_CHANNEL.search(body)) and "公示" in body and bool(_LABEL.search(body))


def innovation_rows(body: Element, seen: str) -> tuple[dict[str, str], ...]:
    """The products proposed: ``product_name``, ``registrant`` (the applicant) and, where it is stated, ``seq``."""
    tables = [row for row in rows_of(body, COLUMNS) if row.get("product_name")]
    return tuple(tables) or tuple(_from_text(seen))


def _from_text(text: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    labels = list(_LABEL.finditer(text))
    for place, label in enumerate(labels):
        end = labels[place + 1].start() if place + 1 < len(labels) else len(text)
        value = _value(text[label.end() : end])
        if _APPLICANT.match(label["what"]):
            if rows and value and "registrant" not in rows[-1]:
                rows[-1]["registrant"] = value
        elif not label["what"].startswith("公") and value:
            rows.append(({SEQ: label["seq"]} if label["seq"] else {}) | {"product_name": value})
    return rows


def _value(text: str) -> str:
    """What stands after a label, up to whatever cannot belong to it; it may have been broken over two lines."""
    stop = _STOP.search(text.lstrip("\n"))
    return one_line(text.lstrip("\n")[: stop.start()] if stop else text).strip(" ;；,，")
