"""Price items as government pages state them: the columns of their tables, and what a guide says of itself.

Keys of rows: ``seq``, ``item_code``, ``item_name``, ``service_output``, ``price_composition``, ``addon``, ``extension``,
``unit``, ``price``, ``price_level3``, ``price_level2``, ``price_level1`` (hospital grades), ``pricing_note``. Keys of fields:
``specialty``, ``batch``, ``main_items``, ``addon_items``, ``extension_items``, ``mapped_items`` (numbers in digits) and
``effective_on`` (``YYYY-MM-DD``). Rules: SITES.md, A.3 (立项指南 pages) and A.4.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from scrapers.platforms.tables import Columns, squeeze
from scrapers.times import iso_day, parse_time

_NAMES = {
    "seq": "序号",
    "item_code": "项目编码 项目代码 编码 医疗服务项目编码 价格项目编码 国家编码",
    "item_name": "项目名称 价格项目名称 医疗服务项目名称 医疗服务价格项目名称 医疗服务项目",
    "service_output": "服务产出",
    "price_composition": "价格构成",
    "addon": "加收项",
    "extension": "扩展项",
    "unit": "计价单位 单位",
    "price": "价格 价格(元) 政府指导价 最高限价 试行价格 现行价格 项目价格 收费标准 价格标准 最高价格 公立医疗机构价格",
    "price_level3": "三级 三级医院 三级医疗机构 三级公立医院 三级公立医疗机构 三级价格 三类",
    "price_level2": "二级 二级医院 二级医疗机构 二级公立医院 二级公立医疗机构 二级价格 二类",
    "price_level1": "一级 一级医院 一级医疗机构 一级公立医院 一级公立医疗机构 一级价格 一级及以下 一级及以下医疗机构 一类",
    "pricing_note": "计价说明 说明",
}
PRICE_COLUMNS = Columns({squeeze(name): key for key, names in _NAMES.items() for name in names.split()})

_GUIDE = re.compile(r"《?([^《》\n]{1,40}?类?)医疗服务价格项目立项指南")
_LEAD = re.compile(r"^.*(?:关于|印发|公布|发布|制定|解读|有关|编制)")
_BATCH = re.compile(r"第([一二三四五六七八九十\d]{1,3})批")
_NUMBER = r"(\d{1,4})"
_COUNTS = {
    "mapped_items": (rf"映射(?:并)?(?:整合|归并)?为{_NUMBER}项", rf"整合为{_NUMBER}项"),
    "main_items": (
        rf"{_NUMBER}[项个](?:价格)?主项目?",
        rf"主项目?(?:共|共计|合计)?[:]?{_NUMBER}[项个]",
        rf"(?:设立|列出|统一|规范|制定|包括|共有|共)(?:了)?{_NUMBER}[项个](?:医疗服务)?价格项目",
    ),
    "addon_items": (rf"{_NUMBER}[项个]加收(?:项目|项)?", rf"加收(?:项目|项)(?:共|共计|合计)?[:]?{_NUMBER}[项个]"),
    "extension_items": (rf"{_NUMBER}[项个]扩展(?:项目|项)?", rf"扩展(?:项目|项)(?:共|共计|合计)?[:]?{_NUMBER}[项个]"),
}
_DAY = r"((?:19|20)\d{2}年\d{1,2}月\d{1,2}日|(?:19|20)\d{2}-\d{1,2}-\d{1,2})"
_EFFECTIVE = (
    re.compile(rf"自{_DAY}(?:零时|0时)?(?:起|开始)"),
    re.compile(rf"(?:从|于){_DAY}(?:零时|0时)?(?:起|开始)?(?:正式)?(?:执行|施行|实施|生效)"),
    re.compile(rf"(?:执行|施行|实施|生效)(?:时间|日期)(?:为|:)?{_DAY}"),
)
_DIGITS = "零一二三四五六七八九"
_HAN_NUMBER = re.compile(rf"[{_DIGITS}十百]{{1,5}}(?=[项个](?!目))")
_PIECE = re.compile(r"(?<!\d)\d{2}(?=[\s\-—、.:]*[\u4e00-\u9fff])")
_NOTHING = re.compile(r"[\s\-—/\\无]*")


def price_fields(title: str, body: str, rows: Sequence[Mapping[str, str]], zone: ZoneInfo) -> dict[str, str]:
    """The fields that an article states of prices: from when on they hold, and what a guide says of itself."""
    plain = squeeze(body)
    return {"effective_on": _effective_day(plain, zone)} | _guide_fields(title, body, plain, rows)


def _effective_day(plain: str, zone: ZoneInfo) -> str:
    """自2025年4月1日起执行 as ``YYYY-MM-DD``; empty where the text states no such day, or several different ones."""
    for pattern in _EFFECTIVE:
        days = {iso_day(parse_time(said, zone), zone) for said in pattern.findall(plain)} - {""}
        if days:
            return days.pop() if len(days) == 1 else ""
    return ""


def _guide_fields(title: str, body: str, plain: str, rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What the page of a 立项指南 says of itself; nothing for any other page.

    A count that the text states goes before one that its table shows; where neither does, there is none.
    """
    plain = squeeze(title) + plain
    if "立项指南" not in plain:
        return {}
    plain = _HAN_NUMBER.sub(lambda number: str(_from_han(number.group())), plain)
    named = _GUIDE.search(squeeze(title)) or _GUIDE.search(unicodedata.normalize("NFKC", body))
    specialty = _LEAD.sub("", named.group(1)).strip("《》“”") if named else ""
    batch = _BATCH.search(squeeze(title)) or _BATCH.search(plain)
    stated = {key: _stated(patterns, plain) for key, patterns in _COUNTS.items()}
    shown = _shown(rows)
    counts = {key: said or shown.get(key, "") for key, said in stated.items()}
    return {"specialty": specialty, "batch": batch.group(1) if batch else "", **counts}


def _from_han(text: str) -> int:
    """A number below a thousand in Han digits: 二十七 is 27, 一百零一 is 101."""
    total = digit = 0
    for char in text:
        if unit := {"十": 10, "百": 100}.get(char):
            total, digit = total + (digit or 1) * unit, 0
        else:
            digit = _DIGITS.index(char)
    return total + digit


def _stated(patterns: Sequence[str], plain: str) -> str:
    return next((str(int(m.group(1))) for p in patterns if (m := re.search(p, plain))), "")


def _shown(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What the table of a guide shows: its rows, and the items in its columns 加收项 and 扩展项."""
    mains = [row for row in rows if row.get("item_name")]
    counts = {"main_items": len(mains)}
    for key, column in (("addon_items", "addon"), ("extension_items", "extension")):
        counts[key] = sum(_pieces(row.get(column, "")) for row in mains)
    return {key: str(count) for key, count in counts.items() if count}


def _pieces(cell: str) -> int:
    """How many numbered items a cell lists (``01儿童 11床旁``); one for a text without numbers, none for a dash."""
    return 0 if _NOTHING.fullmatch(cell) else len(_PIECE.findall(cell)) or 1
