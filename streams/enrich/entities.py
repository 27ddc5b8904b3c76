"""The companies and products that a text names: registered ones by alias, others by their legal form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import AhoCorasick

from events.base import EntityRef
from streams.enrich import files, names
from streams.enrich.normalise import HAN, Normal
from streams.enrich.register import register
from streams.enrich.taxonomy import taxonomy

_ZH_LEGAL = re.compile(r"[\u4e00-\u9fffa-z0-9()·\-]{2,40}?(?:股份有限公司|有限责任公司|有限公司|株式会社)")
_ZH_LEAD = re.compile(
    r"^.*(?:关于|申请人|注册人|备案人|生产企业|制造商|企业名称|公司名称|委托|同意|核准|受理|由"
    r"|与|向|对|为|及|和|系|是|将|收到|按照|批准|控股子公司|全资子公司|子公司"
    r"|公告)(?=[\u4e00-\u9fffa-z(]{4})"
)
_EN_START = r"[A-Za-z0-9][\w+&'’/-]*(?:\.[\w+&'’/-]+)*"
_EN_WORD = r"(?:[A-Z0-9][\w+&'’/-]*(?:\.[\w+&'’/-]+)*|\([A-Za-z][\w ,.]{0,40}\)|[&–-]|of|and|the|de|for|by)"
_EN_LEGAL = re.compile(
    rf"(?<![\w.]){_EN_START}(?: {_EN_WORD}){{0,8}}?[.,]{{0,2}} ?(?:Co\.?,? ?\.?,? ?L[Tt][Dd]"
    rf"|Co\.|L[Tt][Dd]|Limited|I[Nn][Cc]|Incorporated|Corp(?:oration)?|LLC|Llc|G[Mm][Bb][HhTt]"
    rf"|AG|S\.?A\.?S?|S\.?L|B\.?V|N\.?V|NV|BV|AB|A/S|ApS|Oy|"
    r"SRL|Srl|S\.p\.A|PLC|Plc|Pty|Pte|K\.?K)(?![A-Za-z])\.?"
)
_ZH_FORM, _EN_FORM = (
    re.compile("公司|株式会社"),
    re.compile(
        "L[Tt][Dd]|Limited|I[Nn][Cc]|Corp|L[Ll][Cc]|G[Mm][Bb]|Co|AG|S\\.?A|S\\.?L|B\\.?V|N\\.?V|AB|A/S|ApS|Oy"
        "|S[Rr][Ll]|S\\.p|P[Ll][Cc]|Pty|Pte|K\\.?K"
    ),
)
"""What every legal name has: looked for first, because it is quick."""
_CLEARED = re.compile(
    r"(?:510\(k\)|De Novo|K\d{6}|DEN\d{6}|P\d{6})[^()\n]*:[^\n]*\(([^()\n]{4,60})\)\s*(?:$|\n)", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"([一-鿿a-z0-9]{1,8}?(?:科技|医疗|智能|生物|制药|医药|器械|数据|医学|健康|基因|机器人))"
    r"(?=(?:近日|日前|今日|宣布|正式)*(?:已?完成|获得?|递交|向港交所|通过)[^。\n]{0,24}(?:融资|招股书|上市|聆讯))"
)
_DIVISION = re.compile(
    r"(?i:usa?|u\.s\.|america|canada|israel|japan|germany|europe|france|nederland|uk|korea|china|ultrasound|imaging"
    r"|division)\b"
)
"""What may stand after the comma inside the name of one firm."""
_LINE = re.compile(r"\n([^\n]{3,60})(?:$|\n)")
_AT_THE_END = re.compile(r" \(([^()\n]{3,60})\)$")
_IN_LIST = re.compile(r", ([^,\n]{3,60})(?:$|, [A-Za-z ,&-]{4,40}$)")
_WORD = re.compile(r"[0-9a-z]")
_SHORT = 3
_ROW = 240
"""Characters of a row: a device, its firm, a panel; a page has more."""


@dataclass(frozen=True, slots=True)
class Named:
    """An entity and where the text (normal form) names it."""

    ref: EntityRef
    start: int
    end: int
    rule: str


@cache
def _aliases() -> tuple[AhoCorasick, list[tuple[str, EntityRef, str]]]:
    known = register()
    rows: list[tuple[str, EntityRef, str]] = []
    for company in known.companies.values():
        rows += [
            (names.folded(a), company.ref, "entity.alias") for a in (company.name, *company.names, *company.aliases)
        ]
    for product in known.products.values():
        rows += [
            (names.folded(name), known.product_ref(product), "entity.product")
            for name in (product.name, *product.names)
        ]
    rows = [row for row in dict.fromkeys(rows) if _safe(row[0])]
    return AhoCorasick([row[0] for row in rows]), rows


files.forgets(_aliases.cache_clear)


def _safe(alias: str) -> bool:
    """Too short to be looked for in running text: two characters, or a bare Latin word of three letters (resolve only)."""
    return len(alias) >= _SHORT if re.search(r"[\u4e00-\u9fff]", alias) else len(alias) > _SHORT


def entities(normal: Normal) -> tuple[Named, ...]:
    """Every entity once, in the order of the text. A text that is nothing but a known name or a legal name is that entity."""
    found = _whole(normal) or [*_legal(normal), *_products_and_aliases(normal)]
    covered: set[int] = set()
    kept: list[Named] = []
    for named in sorted(found, key=lambda n: (n.start - n.end, n.start)):
        places = range(named.start, named.end)
        if named.rule == "entity.product":
            kept.append(named)
        elif covered.isdisjoint(places):
            covered.update(places)
            kept.append(named)
    first: dict[str, Named] = {}
    for named in sorted(kept, key=lambda n: n.start):
        first.setdefault(named.ref.id, named)
    return tuple(first.values())


def _whole(normal: Normal) -> list[Named]:
    text = normal.cased.strip()
    if not text or "\n" in text or len(text) > 120 or re.search(r"[。;:《》]", text):
        return []
    if _device_and_firm(text):
        return []
    known = register().known(text)
    legal = _reads_as_a_firm(normal, text) and not re.search(
        r"[\u4e00-\u9fff]{2}[^\u4e00-\u9fff]*(?:的|关于|公告)", text
    )
    if not (known or (legal and not _ZH_LEAD.match(normal.text))):
        return []
    start = normal.cased.find(text)
    return [Named(register().company(text), start, start + len(text), "entity.whole")]


def _device_and_firm(text: str) -> bool:
    """``AI-Rad Companion, Siemens Healthcare GmbH``: a product and its firm. Not ``GE Medical Systems, Ultrasound, LLC``."""
    first, comma, rest = text.partition(", ")
    if not comma or names.is_form(names.folded(rest).strip(" ,.")):
        return False
    known = register().known
    if known(text) or known(first) or names.has_form(first) or _DIVISION.match(rest):
        return False
    if known(rest):
        return True
    return names.has_form(rest) and not names.TRADE_NAME.fullmatch(names.folded(first))


def _reads_as_a_firm(normal: Normal, text: str) -> bool:
    """It ends in a legal form; or each word has its capital, it ends in a trade or begins with a place, and it names
    nothing to look at (``Volta Medical`` is a firm, ``Ultrasound Systems`` is not)."""
    if names.has_form(text):
        return True
    tidy = names.folded(text)
    if not (names.TRADE_NAME.fullmatch(tidy) or names.PLACED_NAME.fullmatch(tidy)):
        return False
    capital = all(not word[0].islower() or "." in word for word in re.split(r"[ (]+", text) if word)
    return capital and not taxonomy().find(normal).get("modality")


def _legal(normal: Normal) -> list[Named]:
    found = []
    for match in _ZH_LEGAL.finditer(normal.text) if _ZH_FORM.search(normal.text) else ():
        start = match.start()
        if places := [p.start() for p in names.ZH_PLACE.finditer(match.group()) if p.start() < len(match.group()) - 6]:
            start += next((p for p in places if match.group()[p - 1 : p] != "("), 0)
        elif lead := _ZH_LEAD.match(match.group()):
            start += lead.end()
        found.append(
            Named(register().company(normal.cased[start : match.end()]), start, match.end(), "entity.legal-name")
        )
    english = (
        (Named(register().company(m.group()), *m.span(), "entity.legal-name") for m in _EN_LEGAL.finditer(normal.cased))
        if _EN_FORM.search(normal.cased)
        else ()
    )
    return [*found, *english, *_in_brackets(normal), *_subject(normal)]


def _in_brackets(normal: Normal) -> list[Named]:
    """The firm at the end of a line of FDA's: ``K212690: qXR-BT (Qure.ai Technologies)``, where no form tells it."""
    match = _CLEARED.search(normal.cased)
    if match is None or not names.TRADE_NAME.fullmatch(names.folded(match[1])):
        return _after_device(normal)
    return [Named(register().company(match[1]), *match.span(1), "entity.in-brackets")]


def _after_device(normal: Normal) -> list[Named]:
    """The firm after the device in a row of Latin letters, where its trade tells it: ``qXR-BT, Qure.ai Technologies``."""
    if len(normal.text) > _ROW or HAN.search(normal.text):
        return []
    for pattern in (_LINE, _IN_LIST, _AT_THE_END):
        if (match := pattern.search(normal.cased)) and names.TRADE_NAME.fullmatch(names.folded(match[1])):
            return [Named(register().company(match[1].strip()), *match.span(1), "entity.after-device")]
    return []


def _subject(normal: Normal) -> list[Named]:
    """Who finished a round or files for listing, where a trade tells the firm's name: 沃时科技完成Pre-A轮融资."""
    match = _SUBJECT.match(normal.text)
    if match is None:
        return []
    ref = register().company(normal.cased[match.start(1) : match.end(1)])
    if ref.china is None:
        ref = ref.model_copy(update={"china": True})
    return [Named(ref, *match.span(1), "entity.subject")]


def _products_and_aliases(normal: Normal) -> list[Named]:
    automaton, rows = _aliases()
    found = []
    for index, start, end in automaton.find_matches_as_indexes(normal.text, overlapping=True):
        alias, ref, rule = rows[index]
        if _bounded(normal.text, alias, start, end):
            found.append(Named(ref, start, end, rule))
    return found


def _bounded(text: str, alias: str, start: int, end: int) -> bool:
    if _WORD.match(alias[0]) and start and _WORD.match(text[start - 1]):
        return False
    return not (_WORD.match(alias[-1]) and end < len(text) and _WORD.match(text[end]))
