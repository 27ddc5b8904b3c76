"""Which figure a row of a table is, by its whole label: a label that says one word more is another figure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERING = re.compile(
    r"^(?:[一二三四五六七八九十]+[、.]|\([一二三四五六七八九十]+\)|\(?\d{1,2}\)?[、.)]|其中[::]|减[::]|加[::]|-)\s*"
)
_UNIT = re.compile(r"\((?P<unit>(?:人民币)?(?:元|万元|千元|百万元|亿元))\)$")
_SIGN = re.compile(r"\((?:净?亏损)(?:总额)?以[^)]*填列\)$")
_TRAIL = re.compile(r"[::.…\s]+$")

_PROFIT = r"(?:利润|溢利|盈利)"
_BOTH = (
    rf"(?:\(亏损\)/{_PROFIT}|{_PROFIT}/\(亏损\)|亏损/{_PROFIT}|{_PROFIT}/亏损|\({_PROFIT}\)/亏损|亏损/\({_PROFIT}\))"
)
_TIME = r"(?:(?:年|期)内?/(?:年|期)内|年度/期间|年内|期内|年度|本年度?内?|本期间?|期间|全年)"
_EN_BOTH = r"(?:\(loss\)/profit|profit/\(loss\)|loss/profit|profit/loss|loss/\(profit\)|\(profit\)/loss|\(loss\) ?/ ?income|income/\(loss\))"  # noqa: E501
_EN_TIME = r"for the (?:year|period|years|periods|year ?/ ?period|years ?/ ?periods|financial year|half-year)"


@dataclass(frozen=True, slots=True)
class Label:
    """The figure of a row, the unit that the label itself states, and whether its amounts are losses without a sign."""

    figure: str
    unit: str = ""
    loss: bool = False


_RULES: tuple[tuple[str, bool, re.Pattern[str]], ...] = tuple(
    (figure, loss, re.compile(pattern, re.IGNORECASE))
    for figure, loss, pattern in (
        ("revenue", False, r"营业收入|(?:总|净)?(?:收入|收益)(?:总额|净额)?|(?:来自)?客户合[约同](?:的)?(?:收入|收益)"),
        ("revenue", False, r"(?:total |net )*revenues?(?:, net)?|(?:total )?revenues? from contracts with customers|turnover"),
        ("gross_profit", False, r"毛利(?:润|总额)?|毛利/\(毛损\)|\(毛损\)/毛利"),
        ("gross_profit", False, r"gross profit|gross (?:profit/\(loss\)|\(loss\)/profit)"),
        ("gross_profit", True, r"毛损|gross loss"),
        ("rd_expense", False, r"研发(?:费用|开支|成本)|研究(?:及|与|和)?(?:开发|发展)(?:费用|开支|成本|支出)"),
        ("rd_expense", False, r"(?:research and development|research & development|r&d) (?:expenses?|costs?|expenditures?)"),
        ("net_profit", False, rf"净{_PROFIT}(?:/\(净?亏损\))?|净\(亏损\)/{_PROFIT}|{_TIME}净?{_PROFIT}|{_TIME}(?:净)?{_BOTH}|\(净亏损\)/净{_PROFIT}"),  # noqa: E501
        ("net_profit", True, rf"净亏损|{_TIME}净?亏损(?:净额)?"),
        ("net_profit", False, rf"net (?:profit|income)|(?:net )?profit {_EN_TIME}|(?:net )?{_EN_BOTH} {_EN_TIME}|net {_EN_BOTH}"),  # noqa: E501
        ("net_profit", True, rf"net loss(?:es)?|(?:net )?loss(?:es)? {_EN_TIME}|net loss {_EN_TIME}"),
        ("cash", False, r"(?:于)?(?:(?:年|期)(?:末|终)|年/期(?:末|终))(?:的|之)?现金及现金等价物(?:余额|结余)?|现金及现金等价物(?:余额)?"),  # noqa: E501
        ("cash", False, r"cash and cash equivalents(?:,? at (?:the )?end of (?:the )?(?:year|period|year ?/ ?period)s?)?"),
    )
)  # fmt: skip
_DATED_CASH = re.compile(
    r"(?:cash and cash equivalents(?: as)? at (?P<en>.+)|(?:于)?(?P<m>\d{1,2})月(?P<d>\d{1,2})日(?:的|之)?现金及现金等价物(?:余额)?)",  # noqa: E501
    re.IGNORECASE,
)
SHARE = re.compile(
    r"(?:公司)?(?:前(?:五|5)(?:名|大)|五大)客户(?:合计)?(?:的)?(?:销售(?:金额|额|收入)?|收入(?:金额)?)?(?:合计)?占(?:年度|当期|本期|全年|公司|总|主营)*"
    r"(?:销售(?:总额|收入|额)|营业收入|收入|收益)(?:总额)?(?:的)?(?:比例|比重|比率|百分比)?(?:\(%\)|%)?"
)
"""The label of the share of the five largest customers."""


def bare(label: str) -> tuple[str, str]:
    """A label without its numbering and notes on signs, and the unit at its end."""
    text = _TRAIL.sub("", label.strip())
    for _ in range(3):
        shorter = _NUMBERING.sub("", text)
        if shorter == text:
            break
        text = shorter
    text = _TRAIL.sub("", _SIGN.sub("", text))
    unit = _UNIT.search(text)
    return (_TRAIL.sub("", text[: unit.start()]), unit["unit"]) if unit else (text, "")


def label(text: str) -> Label | None:
    """The figure that the whole of ``text`` names; None for any other."""
    name, unit = bare(text)
    for figure, loss, pattern in _RULES:
        if pattern.fullmatch(name):
            return Label(figure, unit, loss)
    return None


def dated_cash(text: str) -> str | None:
    """The day in ``Cash and cash equivalents at 31 March``, as written; None for any other label."""
    match = _DATED_CASH.fullmatch(bare(text)[0])
    if match is None:
        return None
    return match["en"] or f"于{match['m']}月{match['d']}日"
