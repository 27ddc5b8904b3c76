"""udi.nmpa.gov.cn: the feed of daily releases, the download page, the releases as ZIP of XML, and the search.

A certificate of the facts gets its device identifier on the day after its delivery; the release of that day holds it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from html import escape
from zlib import crc32

import orjson

from events.clock import SHANGHAI
from simulator.facts import Certificate, Delivery
from simulator.faults import Quirks
from simulator.sites.site import ALL_BUT_MARKUP, Timeline, shanghai, whole
from simulator.web import HTML, JSON, XML, Ask, Reply

HOST = "udi.nmpa.gov.cn"
FEED, PAGE, SEARCH, FILES = "/rss/download.html", "/download.html", "/getDeviceList.html", "/releases/"
ZIP = "application/zip"
_SHOWN = 30
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Udi:
    """The site."""

    hosts = (HOST,)
    faults = ALL_BUT_MARKUP

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        days: dict[datetime, list[Certificate]] = {}
        for page in deliveries:
            days.setdefault(_released(page.at), []).extend(page.rows)
        self._days = sorted(days.items(), reverse=True)
        self.timeline = Timeline(days)

    def newest(self, at: datetime) -> str | None:
        return next((_name(day) for day, _ in self._days if day <= at), None)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        days = [(day, rows) for day, rows in self._days if day <= at and quirks.listed(_name(day))]
        if ask.path == FEED:
            shown = days[:_SHOWN] if ask.param("files", "daily") == "daily" else []
            return Reply(_feed(shown, quirks), XML, modified=at, illustrative="*")
        if ask.path == PAGE:
            return Reply(_page(days[:_SHOWN]), HTML, modified=at, illustrative="*")
        if ask.path == SEARCH:
            return Reply(_search([row for _, rows in days for row in rows], ask), JSON, illustrative="*")
        found = next(((day, rows) for day, rows in days if ask.path == FILES + _name(day)), None)
        return Reply(_release(*found, quirks), ZIP, modified=found[0], illustrative="*") if found else None


def _released(at: datetime) -> datetime:
    """Six in the morning of the day after."""
    return datetime.combine(at.astimezone(SHANGHAI).date() + timedelta(days=1), time(6), SHANGHAI)


def _name(day: datetime) -> str:
    return shanghai(day, "UDID_DAY_UPDATE_%Y%m%d.zip")


def _feed(days: Sequence[tuple[datetime, list[Certificate]]], quirks: Quirks) -> bytes:
    items = "".join(
        f"<item><title>{_name(day)}</title><link>https://{HOST}{FILES}{_name(day)}</link>"
        f"<description>包含{len(rows)}个产品标识{quirks.title(_name(day), '')}</description>"
        + ("" if quirks.undated else f"<pubDate>{shanghai(day, '%a, %d %b %Y %H:%M:%S +0800')}</pubDate>")
        + "</item>\n"
        for day, rows in days
    )
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>UDI每日更新</title>'
    return f"{head}<link>https://{HOST}{PAGE}</link>\n{items}</channel></rss>\n".encode()


def _page(days: Sequence[tuple[datetime, list[Certificate]]]) -> bytes:
    rows = "".join(
        f'<tr><td><a href="{FILES}{_name(day)}">{_name(day)}</a></td><td>包含{len(rows)}个产品标识</td></tr>\n'
        for day, rows in days
    )
    head = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>数据下载</title></head><body>'
    return f"{head}<table>\n{rows}</table></body></html>\n".encode()


def _di(row: Certificate, variant: int = 0) -> str:
    """A made-up identifier: 14 digits that begin with 0692, as the Chinese ones of GS1 do."""
    return f"0692{(crc32(row.number.encode()) * 10 + variant) % 10**10:010d}"


def _release(day: datetime, rows: list[Certificate], quirks: Quirks) -> bytes:
    """Two records a certificate, as there are for two models; the second's text holds what XML does not allow."""
    devices = "".join(_device(row, day, variant, quirks) for row in rows for variant in (0, 1))
    date = shanghai(day, "%Y-%m-%d")
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<udid version="1.0"><header><creationDate>{date}</creationDate>'
    count = f"<numberRkeyecordXML>{2 * len(rows)}</numberRkeyecordXML></header>"
    text = f"{head}{count}<devices>\n{devices}</devices></udid>\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        info = zipfile.ZipInfo(shanghai(day, "UDID_DAY_UPDATE_PART1_Of_1_%Y-%m-%d.xml"), _EPOCH)
        file.writestr(info, text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _device(row: Certificate, day: datetime, variant: int, quirks: Quirks) -> str:
    date = "" if quirks.undated else shanghai(day, "%Y-%m-%d")
    di = _di(row, variant)
    cells = {
        "zxxsdycpbs": di,
        "cpbsbmtxmc": "GS1",
        "cpbsfbrq": date,
        "cpmctymc": row.product,
        "ggxh": f"V{variant + 1}.0",
        "cpms": row.intended_use,
        "qxlb": "器械",
        "flbm": f"{row.number[9:11]}-01-01",
        "zczbhhzbapzbh": row.number,
        "ylqxzcrbarmc": row.registrant,
        "cplb": "设备",
        "deviceRecordKey": f"{di}{row.number[-11:]}",
        "versionNumber": "1",
        "versionTime": date,
        "versionStauts": "新增",
    }
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in cells.items())
    return f"<device>{inner}{'<tscchcztj>5 & 30' + chr(0x0B) + '</tscchcztj>' if variant else ''}</device>\n"


def _search(rows: Sequence[Certificate], ask: Ask) -> bytes:
    size, number = whole(ask.field("rows"), 15) or 15, whole(ask.field("page"), 1) or 1
    shown = [row for row in rows if ask.field("query") in row.product][(number - 1) * size : number * size]
    found = [
        {
            "deviceRecordKey": f"{_di(row)}{row.number[-11:]}",
            "primaryDeviceId": _di(row),
            "agencyName": "GS1",
            "deviceCount": 1,
            "companyName": row.registrant,
            "productName": row.product,
            "specification": "V1.0",
            "deviceEndDateStatus": "",
        }
        for row in shown
    ]
    total = -(-len(rows) // size)
    return orjson.dumps({"records": len(rows), "total": total, "page": number, "rows": found})
