"""What of the text of files goes into a message: the pages likeliest to state facts, where not all of them fit. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from events.notice import AttachmentPage

BUDGET = 300_000
"""Bytes of text for all files of one notice; an envelope holds 512 kB with everything else in it."""

_FACTS = re.compile(
    "营业收入|營業收入|收益|毛利|研发费用|研發|净利润|淨利潤|亏损|虧損|现金及现金等价物|現金及現金等價物|前五名|前五大|五大客户|五大客戶"
    "|revenue|gross profit|research and development|loss for the|profit for the|cash and cash equivalents|five largest"
    "|价格|支付标准|医保|项目编码|注册证编号|人工智能|深度学习|artificial intelligence|deep learning",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")


def chosen(pages: Sequence[AttachmentPage], budget: int = BUDGET) -> tuple[AttachmentPage, ...]:
    """The pages that fit into ``budget`` bytes, in their order: the likeliest first, then the earlier.

    A page that alone is too long is cut at the end of a line.
    """
    left, taken = budget, []
    for page in sorted(pages, key=lambda page: (-_likely(page.text), page.number)):
        size = len(page.text.encode())
        if size <= left:
            taken.append(page)
            left -= size
        elif not taken:
            cut = page.text.encode()[:left].decode("utf-8", "ignore").rpartition("\n")[0]
            taken, left = [AttachmentPage(number=page.number, text=cut)] if cut else [], 0
    return tuple(sorted(taken, key=lambda page: page.number))


def _likely(text: str) -> int:
    """How many facts a page may state: a word of a figure counts for nothing without figures."""
    return len(_FACTS.findall(text)) if len(_DIGIT.findall(text)) > 10 else 0
