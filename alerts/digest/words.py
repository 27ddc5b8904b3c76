"""The words of digests in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from alerts.digest.content import Digest, Lang, Period

WORDS: Mapping[str, tuple[str, str]] = {
    "daily": ("Daily digest", "每日摘要"),
    "weekly": ("Weekly digest", "每周摘要"),
    "nothing": ("Nothing changed, and nothing was raised.", "本期无变化，无告警。"),
    "figures": ("The sector in numbers", "行业数据"),
    "figures.note": ("At the end of the period; in brackets, since the last digest", "截至期末；括号内为较上期变化"),
    "happened": ("What happened", "本期动态"),
    "alerts": ("Alerts raised", "本期告警"),
    "more": ("and {n:,} more, all on the board", "另有 {n:,} 条，详见看板"),
    "board": ("Open the board", "打开看板"),
    "source": ("Source", "原文"),
    "no_change": ("unchanged", "无变化"),
    "illustrative": ("illustrative", "示意"),
    "undated": ("undated", "未注明日期"),
    "charts": ("Charts", "图表"),
    "sent_to": ("Sent to", "接收人"),
    "zone": ("Days are those of Asia/Shanghai", "日期按北京时间"),
}


class Words:
    """The dictionary in one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def __call__(self, key: str, **values: object) -> str:
        return self.pick(*WORDS[key]).format(**values)

    def pick(self, en: str, zh: str) -> str:
        """Of two texts, the one in this language."""
        return zh if self.lang is Lang.ZH else en

    def title(self, digest: Digest) -> str:
        """What the digest is called, with its day or days."""
        return f"{self(digest.period)} · {self.days(digest.start, digest.end)}"

    def span(self, digest: Digest) -> str:
        """What it covers, in words."""
        kind = self.pick("One day", "一日") if digest.start == digest.end else self.pick("The days", "期间")
        if digest.period is Period.WEEKLY:
            kind = self.pick("The week", "本周")
        return f"{kind} {self.days(digest.start, digest.end)} · {self('zone')}"

    def days(self, start: date, end: date) -> str:
        """A day, or from the first to the last."""
        return self.day(end) if start == end else f"{self.day(start)} – {self.day(end)}"

    def day(self, day: date) -> str:
        """A day in full."""
        if self.lang is Lang.ZH:
            return f"{day.year}年{day.month}月{day.day}日"
        return f"{day.day} {day:%B} {day.year}"

    def change(self, amount: int) -> str:
        """A change with its sign, in brackets; a true minus sign."""
        if amount == 0:
            return f"({self('no_change')})"
        return f"(+{amount:,})" if amount > 0 else f"(−{-amount:,})"
