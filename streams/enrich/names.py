"""How the name of a company is read: its legal form, the places in it, and the form in which two spellings are compared."""

from __future__ import annotations

import re
from functools import lru_cache

from streams.enrich.normalise import HAN, simplified

PLACES_ZH = (
    "北京|上海|天津|重庆|深圳|广州|杭州|苏州|南京|无锡|常州|南通|宁波|温州|嘉兴|绍兴|厦门"
    "|福州|泉州|武汉|长沙|成都|合肥|西安|济南|青岛|烟台|郑州|沈阳|大连|"
    "长春|哈尔滨|石家庄|太原|南昌|昆明|贵阳|南宁|海口|兰州|珠海|佛山|东莞|中山|惠州|汕头|昆山"
    "|泰州|徐州|扬州|镇江|绵阳|潍坊|淄博|江苏|浙江|广东|山东|河北|河南|湖北|湖南|"
    "四川|安徽|福建|江西|辽宁|吉林|黑龙江|陕西|山西|云南|贵州|广西|海南|甘肃|内蒙古|宁夏|新疆|西藏|青海|中国"
)
PLACES_EN = (
    "beijing|shanghai|tianjin|chongqing|shenzhen|guangzhou|hangzhou|suzhou|nanjing|wuxi"
    "|changzhou|nantong|ningbo|wenzhou|jiaxing|shaoxing|xiamen|fuzhou|"
    "wuhan|changsha|chengdu|hefei|xi'?an|jinan|qingdao|yantai|zhengzhou|shenyang|dalian"
    "|changchun|harbin|shijiazhuang|taiyuan|nanchang|kunming|guiyang|nanning|"
    "haikou|lanzhou|zhuhai|foshan|dongguan|zhongshan|huizhou|shantou|kunshan|taizhou|xuzhou"
    "|yangzhou|zhenjiang|weifang|jiangsu|zhejiang|guangdong|shandong|hebei|"
    "henan|hubei|hunan|sichuan|anhui|fujian|jiangxi|liaoning|jilin|heilongjiang|shaanxi"
    "|shanxi|yunnan|guizhou|guangxi|hainan|gansu|ningxia|xinjiang|hangwei|"
    "shenzen|guangdon|china|p\\.?r\\.?c\\.?|sino|zhangjiang|huzhou|quzhou|jinhua|yancheng"
    "|huaian|huai'an|lianyungang|xiangtan|zhuzhou|mianyang|tangshan|baoding|langfang"
)
ABROAD = re.compile(
    r"台湾|台北|新北|新竹|台中|高雄|香港|澳门|株式会社|\bhong ?kong\b|\bh\.?k\.?\b|\btaiwan\b"
    r"|\btaipei\b|\bmacau\b|\bmacao\b|south china sea|\bkorea\b|\bsingapore\b|\bpte\b|"
    r"china medical university|\bgmbh\b|\bb\.?v\.?\b|\bn\.?v\.?\b|\bpty\b|\bs\.?a\.?s\b|\boy\b|\ba/s\b|\baps\b"
)
"""Signs of a seat outside mainland China. Hong Kong, Macao and Taiwan count as outside: NMPA registers them as 许."""
_ZH_FORM = re.compile(
    r"(?:\(集团\)|集团)?(?:股份有限公司|有限责任公司|有限公司|股份公司|责任公司|总公司|公司|株式会社|\(有限合伙\))+$"
)
_EN_FORM = re.compile(
    r"(?:[\s,.]*(?<![a-z0-9])(?:co|company|ltd|limited|inc|incorporated|corp|corporation|llc"
    r"|l\.l\.c|gmbh|ag|sas|s\.a\.s|s\.a|sa|s\.l|sl|b\.v|bv|n\.v|nv|ab|a/s|aps|oy|srl|s\.r\.l|"
    r"s\.p\.a|spa|plc|pty|pte|kk|k\.k|kg|lp|\(publ\))\.?)+$"
)
_PLACE_ZH = re.compile(rf"\((?:{PLACES_ZH})\)|^(?:{PLACES_ZH})(?:省|市|自治区)?(?:(?:{PLACES_ZH})市?)?")
_PLACE_EN = re.compile(rf"\((?:{PLACES_EN})\)|^(?:{PLACES_EN})(?=\s)|(?<=\s)(?:{PLACES_EN})$")
_NOISE = re.compile(r"[\s,.·・\-–_'\"“”‘’()&/]+")
_WESTERN = re.compile(r"[\s,](?:inc|incorporated|llc|corp|corporation)\.?$")
_LIMITED = re.compile(r"(?<![a-z])(?:co\.?,? ?ltd|ltd|limited)(?![a-z])")
_JOINT = " \t()/|,;·-"
_SHORT_NAME = re.compile(r"(.+公司)\s*\(([^()]+)\)")
_LATIN = re.compile(r"[a-z]")
_DIGITS = frozenset("0123456789")
ZH_PLACE = re.compile(PLACES_ZH)
EN_PLACE = re.compile(rf"(?<![a-z])(?:{PLACES_EN})(?![a-z])")
_TRADE = (
    "technolog(?:y|ies)|medical|medtech|healthcare|health|diagnostics|innovations|labs?|laboratories|imaging|systems"
    "|sciences|therapeutics|biotech|biotechnology|biomedical|pharma|robotics|instruments|international|group|holdings"
    "|informatics|electronics|bio|biosciences|genomics|networks?"
)
TRADE_NAME = re.compile(rf"(?:[a-z0-9][\w&'.’-]*,? ){{1,4}}(?:{_TRADE}|ai)\.?|[a-z0-9]\w*[.-]ai")
"""A name without a legal form that still reads as a firm's: its last word is a trade (``Volta Medical``, ``Paige.AI``)."""
PLACED_NAME = re.compile(rf"(?!china |prc |p\.r)(?:{PLACES_EN}) (?:[a-z0-9][\w&'’-]*)(?: [a-z0-9(][\w&'’()-]*){{0,4}}")
"""A name that begins with a place in China (``Zhuhai Hokai``)."""
PROFILE_SUFFIX = re.compile(r"-(?:b|w|h|s|p|sb|bw|ws)$")
"""Markers that the Hong Kong exchange adds to a stock name (biotech, weighted voting, H shares, secondary)."""


@lru_cache(maxsize=8192)  # the same companies come again and again
def folded(name: str) -> str:
    """NFKC, simplified characters, lower case, one blank between words."""
    return re.sub(r"\s+", " ", simplified(name)).strip().casefold()


@lru_cache(maxsize=8192)
def without_form(name: str) -> str:
    """``name`` (folded) without its legal form: 某某股份有限公司 → 某某, ``Foo Co., Ltd.`` → ``foo``."""
    tidy = PROFILE_SUFFIX.sub("", name.strip(" ,.;"))
    shorter = _EN_FORM.sub("", _ZH_FORM.sub("", tidy)).strip(" ,.;")
    return shorter or tidy


def key(name: str) -> str:
    """The whole name without its legal form, blanks and marks: its own identity where the register does not know it."""
    tidy = without_form(folded(name))
    return _NOISE.sub("", tidy) or _NOISE.sub("", folded(name)) or folded(name)


def bare_key(name: str) -> str:
    """`key` without the places in the name: what the register is asked when the whole name is not in it."""
    return _NOISE.sub("", without_places(without_form(folded(name))))


def without_places(tidy: str) -> str:
    """``tidy`` (folded) without the places at its ends and in brackets, and the legal forms that stand before them."""
    for _ in range(2):
        tidy = without_form(_PLACE_EN.sub("", _PLACE_ZH.sub("", tidy)).strip(" ,"))
    return tidy


def parts(name: str) -> list[str]:
    """The names in a name that states two: ``西门子医疗 Siemens Healthcare``, ``XtalPi (晶泰科技)``, ``乐普…公司（乐普医疗）``.

    Two scripts, either first: all the Chinese stands on one side, all the Latin on the other. Empty for any other name.
    """
    tidy = folded(name)
    if found := _SHORT_NAME.fullmatch(tidy) if "公司" in tidy else None:
        return [part.strip() for part in found.groups()]
    chinese, latin = ([m.start() for m in script.finditer(tidy)] for script in (HAN, _LATIN))
    if not chinese or not latin:
        return []
    if chinese[-1] < latin[0]:
        cut = _start_of_word(tidy, latin[0])
    elif latin[-1] < chinese[0] and (tidy[chinese[0] - 1] in _JOINT or not _ZH_FORM.search(tidy)):
        cut = chinese[0]  # but Infervision影像有限公司 is one name, and another firm's
    else:
        return []
    return [part for piece in (tidy[:cut], tidy[cut:]) if (part := _unbracketed(piece.strip(_JOINT)))]


def _start_of_word(text: str, at: int) -> int:
    while at and text[at - 1] in _DIGITS:
        at -= 1
    return at


def _unbracketed(piece: str) -> str:
    """A piece that lost the other half of a pair of brackets gets it back where it began inside: 深圳(中国 → 深圳(中国)."""
    return piece + ")" if piece.count("(") > piece.count(")") else piece


def is_form(tidy: str) -> bool:
    """Whether ``tidy`` (folded) is nothing but a legal form: ``co., ltd``."""
    return bool(_EN_FORM.fullmatch(tidy) or _ZH_FORM.fullmatch(tidy))


def has_form(name: str) -> bool:
    """Whether the name ends in a legal form (有限公司, Co., Ltd., Inc, GmbH …)."""
    tidy = folded(name).strip(" ;")
    return bool(
        _ZH_FORM.search(tidy) or re.search(r"[\s,)]" + _EN_FORM.pattern, tidy) or _EN_FORM.search(tidy.rstrip("."))
    )


def _seated(tidy: str) -> bool:
    """Whether a Chinese place in an English name is a seat: not where it stands inside the name of a firm of another form
    (``New Beijing Diner Inc``), for Chinese firms call themselves Co., Ltd. or begin or end with their place."""
    if not (found := EN_PLACE.search(tidy)):
        return False
    inside = found.start() > 0 and tidy[found.start() - 1] == " " and tidy[found.end() : found.end() + 1] == " "
    return not (inside and _WESTERN.search(tidy) and not _LIMITED.search(tidy))


def seat_in_china(name: str) -> bool | None:
    """Whether the name says that its bearer sits in mainland China; None where it says nothing."""
    tidy = folded(name)
    if ABROAD.search(tidy):
        return False
    if ZH_PLACE.search(tidy) or _seated(tidy):
        return True
    return True if HAN.search(tidy) and _ZH_FORM.search(tidy) else None
