"""A visitor of the town: asks by the real URLs, without a client in between."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode, urlsplit

from events.clock import VirtualClock
from simulator.facts import Facts, facts
from simulator.town import Served, Town

DELIVERIES = "https://www.nmpa.gov.cn/zwfw/sdxx/sdxxylqx/qxpjfb/index.html"
GUIDANCE = "https://www.cmde.org.cn/flfg/zdyz/index.html"
NOTICES = "https://www.nhsa.gov.cn/col/col109/index.html"
FDA = "https://www.fda.gov/media/178565/download?attachment"
SSE = "https://query.sse.com.cn/commonSoaQuery.do?jsonCallBack=cb&sqlId=SH_XM_LB&issueMarketType=1,2"
SZSE = "https://www.szse.cn/api/ras/projectrends/query?bizType=1&pageIndex=0&pageSize=200&random=0.5"
HKEX = "https://www1.hkexnews.hk/ncms/json/eds/appactive_app_sehk_c.json"
CNINFO = "https://www.cninfo.com.cn/new/hisAnnouncement/query"
BSE = "https://www.bse.cn/projectNewsController/infoResult.do?callback=cb"


def clock_at(local: str) -> VirtualClock:
    """A clock that stands at a time in Shanghai."""
    return VirtualClock(datetime.fromisoformat(f"{local}+08:00"))


def town_at(local: str, rows: Facts | None = None) -> Town:
    """The town at a time in Shanghai, with the facts of the project unless others are given."""
    return Town(rows or facts(), clock_at(local))


def visit(town: Town, url: str, headers: dict[str, str] | None = None, form: dict[str, str] | None = None) -> Served:
    """The answer to a GET of ``url``, or to a POST of a form."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    asked = {"host": parts.netloc} | {name.lower(): value for name, value in (headers or {}).items()}
    return town.serve("GET" if form is None else "POST", target, asked, urlencode(form or {}).encode())


def text(town: Town, url: str, headers: dict[str, str] | None = None, form: dict[str, str] | None = None) -> str:
    """The body of a page that is there, which is UTF-8."""
    served = visit(town, url, headers, form)
    assert served.status == 200
    return served.body.decode()


def header(served: Served, name: str) -> str | None:
    """The value of a header of the answer."""
    return dict(served.headers).get(name)
