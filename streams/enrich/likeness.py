"""How near two names of companies are, by what is their own: not by 医疗科技, Medical Technologies, a place, a form.

A proposal is read by a person, so a far-fetched one costs trust: names that share only what every firm of the trade has are
not near. Three ways to be near: the same own part in another trade's dress, one that holds the other as a word, one letter off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from streams.enrich import names
from streams.enrich.normalise import HAN

_TRADE_ZH = (
    "医疗|医学|器械|科技|技术|生物|医药|制药|药业|药物|智能|信息|软件|网络|数据|健康|影像|电子|设备|仪器|工程|机器人|系统|控股|集团|发展"
    "|国际|诊断|基因|实业|投资|创新|研究院|研发|服务|产业|股份|电气|精密|材料|新材|生命|医院|微电子|光电|装备|检测|检验"
)
_TRADES_ZH = re.compile(rf"(?:{_TRADE_ZH})+$")
_TRADES_EN = re.compile(
    r"(?:"
    r"technology|technologies|tech|medical|medtech|med|healthcare|health|diagnostics|diagnostic|innovations|"
    r"innovation|lab|labs|laboratories|laboratory|imaging|image|images|systems|system|sciences|science|therapeutics|"
    r"biotech|biotechnology|biomedical|pharma|pharmaceutical|pharmaceuticals|robotics|robot|instruments|instrument|"
    r"international|group|holdings|holding|informatics|electronics|bio|biosciences|genomics|network|networks|ai|"
    r"solutions|solution|company|research|software|services|service|devices|device|usa|us|america|medicine|"
    r"intelligence|intelligent|digital|global|data|information|development|ultrasound|care|surgical|products|"
    r"equipment|vision|limited|and|of|the|na"
    r")"
)
_WORDS = re.compile(r"[a-z0-9]+")
_LONG_WORD, _LONG_NAME = 5, 7
"""Letters from which a word may tell a firm, and a name may differ in one letter and still be taken for the same."""
_LONG_ZH = 4
SAME, PART, TYPO = 95.0, 88.0, 85.0


@dataclass(frozen=True, slots=True)
class Core:
    """What is a name's own: its words (one for a Chinese name) and, for a Chinese name, the trade that was left out."""

    words: tuple[str, ...]
    trade: str = ""

    @property
    def text(self) -> str:
        """The words without blanks."""
        return "".join(self.words)


@lru_cache(maxsize=8192)
def core(name: str) -> Core:
    """The own part of ``name``; no words where nothing of its own remains (``Medical Systems, Inc.``)."""
    tidy = names.folded(name)
    if HAN.search(tidy):
        bare = names.bare_key(tidy)
        if not (cut := _TRADES_ZH.search(bare)):
            return Core((bare,) if len(bare) > 1 else ())
        own = bare[: cut.start()]
        return Core((own,) if len(own) > 1 else (), cut.group())
    plain = names.without_form(tidy)
    words = [word for word in _WORDS.findall(names.without_places(plain)) if not _TRADES_EN.fullmatch(word)]
    return Core(tuple(words))


def likeness(one: Core, other: Core) -> float:
    """0 for names that are not near; else how near, up to 95."""
    if not one.words or not other.words:
        return 0.0
    if one.trade or other.trade or HAN.search(one.text + other.text):
        return _chinese(one, other)
    if one.text == other.text:
        return SAME if len(one.text) >= _LONG_WORD - 1 else 0.0
    shared = set(one.words) & set(other.words)
    if shared and (shared == set(one.words) or shared == set(other.words)):
        return PART if one.words[0] == other.words[0] and max(map(len, shared)) >= _LONG_WORD else 0.0
    return TYPO if _one_off(one.text, other.text, _LONG_NAME) else 0.0


def _chinese(one: Core, other: Core) -> float:
    """Two characters are many firms' own: 康泰医学 and 康泰生物 are two, so they must have a trade in common as well."""
    if one.text == other.text:
        return SAME if len(one.text) > 2 or _same_trade(one.trade, other.trade) else 0.0
    return TYPO if _one_off(one.text, other.text, _LONG_ZH) else 0.0


def _same_trade(one: str, other: str) -> bool:
    parts = (set(re.findall(_TRADE_ZH, trade)) for trade in (one, other))
    first, second = parts
    return bool(first & second) or not first or not second


def _one_off(one: str, other: str, least: int) -> bool:
    """One letter more, less, other, or two changed round; the first is the same."""
    return min(len(one), len(other)) >= least and one[0] == other[0] and OSA.distance(one, other, score_cutoff=1) == 1
