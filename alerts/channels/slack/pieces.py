"""The pieces of Block Kit, each within its own limit, and text that cannot be more than text.

Limits: Slack, "Block Kit reference": 150 characters a header, 3,000 a section.
"""

from __future__ import annotations

from typing import Any

from alerts.texts import clip

MAX_HEADER = 150
MAX_SECTION = 3000

Block = dict[str, Any]
_MARKS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "_": "＿", "~": "∼", "`": "ˋ", "|": "¦"})


def escape(text: str) -> str:
    """Text that mrkdwn shows as it is: no mention, link or format. Format marks become characters that look like them."""
    return text.translate(_MARKS)


def header(text: str) -> Block:
    return {"type": "header", "text": plain_text(clip(text, MAX_HEADER))}


def section(text: str) -> Block:
    """Plain text that fits one section."""
    return {"type": "section", "text": plain_text(text)}


def sections(text: str) -> list[Block]:
    """Plain text of any length, in as many sections as it needs, cut at line ends or spaces where there are any."""
    made = []
    while len(text) > MAX_SECTION:
        at = max(text.rfind(gap, MAX_SECTION // 2, MAX_SECTION) for gap in ("\n", " ", "。"))
        cut = at + 1 if at > 0 else MAX_SECTION
        made.append(text[:cut].strip())
        text = text[cut:].strip()
    return [section(one) for one in [*made, text] if one]


def context(text: str) -> Block:
    """Small print, in mrkdwn: what comes from outside is escaped by the caller."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": clip(text, MAX_SECTION)}]}


def plain_text(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
