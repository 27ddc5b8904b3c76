"""The bureaus of 31 provinces: lists of dated links and articles, in the markup of their families of CMS (SITES.md, A.4).

Of 24 hosts no page is known; what they serve here is varied among the forms that such sites are known to have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from events.clock import SHANGHAI
from simulator.facts import Bulletin
from simulator.faults import Quirks
from simulator.markup import page
from simulator.sites.site import ALL_BUT_MARKUP, Timeline, shanghai
from simulator.web import Ask, Reply, marked


@dataclass(frozen=True, slots=True)
class Look:
    """How a family writes: the form of its lists, of their dates, of the paths of its articles, and where bodies stand."""

    style: str
    date: str
    path: str
    place: str


TRS = Look("text", "%Y-%m-%d", "/zwgk/{ym}/t{ymd}_{id}.html", 'class="TRS_Editor"')
FUJIAN = Look("list", "%Y-%m-%d", "/ztzl/yxcg/ggtz/{ym}/t{ymd}_{id}.htm", 'class="TRS_Editor"')
HUNAN = Look("list", "%Y-%m-%d", "/ybj/first113541/firstF/info1/{ym}/t{ymd}_{id}.html", 'class="TRS_Editor"')
NFW = Look("first", "%Y-%m-%d", "/zwdt/snkb/content/post_{id}.html", 'class="article-content"')
SHANGHAI_LOOK = Look("list", "%Y-%m-%d", "/gfxwj/{ymd}/{hex}.html", 'class="Article_content" id="zoom"')
HANWEB = Look("list", "%Y-%m-%d", "/art/{y}/{m}/{d}/art_1229225636_{id}.html", 'id="zoom"')
XXGK = Look("table", "%Y-%m-%d", "/art/{y}/{m}/{d}/art_71878_{id}.html", 'id="barrierfree_container"')
GENERIC = (
    Look("list", "[%Y-%m-%d]", "/zwgk/{ym}/t{ymd}_{id}.html", 'id="UCAP-CONTENT"'),
    Look("first", "%Y/%m/%d", "/art/{y}/{m}/{d}/art_2153_{id}.html", 'id="zoom"'),
    Look("table", "%Y年%m月%d日", "/content/post_{id}.html", 'class="pages_content"'),
    Look("dl", "（%Y-%m-%d）", "/info/1021/{id}.htm", 'class="article-content"'),
    Look("box", "发布时间：%Y-%m-%d", "/c100012/{ym}/{hex}.shtml", 'class="view"'),
    Look("text", "%Y.%m.%d", "/zcwj/content_{id}.html", 'class="Custom_UnionStyle"'),
)
KNOWN = {
    "ybj.beijing.gov.cn": TRS,
    "ybj.sh.gov.cn": SHANGHAI_LOOK,
    "ybj.jiangsu.gov.cn": XXGK,
    "ybj.zj.gov.cn": HANWEB,
    "hsa.gd.gov.cn": NFW,
    "ybj.fujian.gov.cn": FUJIAN,
    "ybj.hunan.gov.cn": HUNAN,
}
_LIST = re.compile(
    r"/|/zczxs/2020_ycgga/(?:index\.html)?|/zwgk/2020_zcjd/(?:index\.html)?|/(?:zxzc|gsgg|ybdt)/(?:index\.html)?"
    r"|/col/col\d+/(?:index\.html)?|/module/xxgk/search\.jsp|/zwdt/snkb/(?:index\.html)?|/ztzl/yxcg/ggtz/(?:index\.html)?"
    r"|/ybj/first113541/firstF/info1/(?:index\.html)?"
)
_SECOND = re.compile(r"/zwgk/2020_zcjd/|/(?:gsgg|ybdt)/|/col/col71878/")
ROWS = 20


class Province:
    """The site of one bureau. Its second columns are empty folders that repeat the newest item of the first."""

    faults = ALL_BUT_MARKUP

    def __init__(self, host: str, look: Look, bulletins: Sequence[Bulletin]) -> None:
        self.hosts = (host,)
        self._look = look
        newest = sorted(bulletins, key=lambda one: one.published, reverse=True)
        self._by_path = {path_of(one, look): one for one in newest}
        self.timeline = Timeline(one.published for one in newest)

    def newest(self, at: datetime) -> str | None:
        return next((path for path, one in self._by_path.items() if one.published <= at), None)

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:
        if _LIST.fullmatch(ask.path):
            return self._list(at, quirks, 1 if _SECOND.match(ask.path) else ROWS)
        found = self._by_path.get(ask.path)
        if found is None or found.published > at or ask.path in quirks.withdrawn:
            return None
        return self._detail(ask.path, found, quirks)

    def _list(self, at: datetime, quirks: Quirks, most: int) -> Reply:
        shown = [(p, one) for p, one in self._by_path.items() if one.published <= at and quirks.listed(p)][:most]
        rows = [
            {
                "href": path,
                "title": quirks.title(path, one.title),
                "date": "" if quirks.undated else shanghai(one.published, self._look.date),
            }
            for path, one in shown
        ]
        bureau = shown[0][1].bureau if shown else "医疗保障局"
        body = page("province_list.html", bureau=bureau, style=self._look.style, rows=rows)
        return Reply(body, modified=at, illustrative=marked((path, one.illustrative) for path, one in shown))

    def _detail(self, path: str, one: Bulletin, quirks: Quirks) -> Reply:
        body = page(
            "province_detail.html",
            bureau=one.bureau,
            title=quirks.title(path, one.title),
            published="" if quirks.undated else shanghai(one.published, "%Y-%m-%d %H:%M"),
            place=self._look.place,
            text=quirks.title(path, one.body).split("\n"),
            table=one.table,
            file=one.file,
        )
        return Reply(body, modified=one.published, illustrative=marked([(path, one.illustrative)]))


def path_of(one: Bulletin, look: Look) -> str:
    """The path of an article in its family's form."""
    day = one.published.astimezone(SHANGHAI)
    digest = blake2b(f"{one.host}{one.id}".encode(), digest_size=16).hexdigest()
    stamp = {"ym": f"{day:%Y%m}", "ymd": f"{day:%Y%m%d}", "y": day.year, "m": day.month, "d": day.day}
    return look.path.format(id=one.id, hex=digest, **stamp)


def provinces(bulletins: Sequence[Bulletin]) -> tuple[Province, ...]:
    """The sites of all bureaus that have published something."""
    hosts = list(dict.fromkeys(one.host for one in bulletins))
    plain = [host for host in hosts if host not in KNOWN]
    looks = KNOWN | {host: GENERIC[at % len(GENERIC)] for at, host in enumerate(plain)}
    return tuple(Province(host, looks[host], [one for one in bulletins if one.host == host]) for host in hosts)
