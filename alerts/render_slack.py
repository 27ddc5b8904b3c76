"""A message as Block Kit. Words from outside go into ``plain_text``, which formats nothing, or into escaped ``mrkdwn``.

Limits: Slack, "Block Kit reference": 50 blocks a message, 150 characters a header, 3,000 a section, 2,000 a field, 10 fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from alerts.message import Message
from alerts.render import ILLUSTRATIVE, POSSIBLE_DUPLICATE, Fact, Shown, heading, shown
from alerts.texts import clip

MAX_BLOCKS = 50
MAX_HEADER = 150
MAX_SECTION = 3000
MAX_FIELD = 2000
FACTS_A_SECTION = 5
LIST_CHARS = 11_000
"""How much of a list one message shows: Slack refuses blocks that are together "too long", and tells no number."""

Block = dict[str, Any]
_MARKS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "_": "＿", "~": "∼", "`": "ˋ", "|": "¦"})


def blocks(message: Message) -> list[Block]:
    """The blocks of a message, within every limit."""
    body = _list(message) if message.grouped else _one(shown(message.first))
    marks = [mark for mark, on in _marks(message) if on]
    notes = [_context(mark) for mark in marks]
    made = [_header(heading(message)), *body, *notes]
    return made[:MAX_BLOCKS]


def fallback(message: Message) -> str:
    """The text of the notification on a phone's lock screen."""
    return escape(clip(heading(message), 300)) + (" (illustrative)" if message.illustrative else "")


def escape(text: str) -> str:
    """Text that mrkdwn shows as it is: no mention, link or format. Format marks become characters that look like them."""
    return text.translate(_MARKS)


def _marks(message: Message) -> Iterator[tuple[str, bool]]:
    yield f":warning: {ILLUSTRATIVE}", message.illustrative
    yield f":repeat: {POSSIBLE_DUPLICATE}", message.possible_duplicate


def _one(alert: Shown) -> list[Block]:
    made = [_section(clip(words, MAX_SECTION)) for words in (alert.title_zh, alert.text, alert.text_zh) if words]
    facts = alert.facts
    made += [_table(facts[n : n + FACTS_A_SECTION]) for n in range(0, len(facts), FACTS_A_SECTION)]
    if alert.evidence:
        made.append(_section(clip(f"Evidence · 依据: “{alert.evidence}”", MAX_SECTION)))
    link = f"<{alert.link}|Source · 原文> ({escape(alert.host)})  |  " if alert.link else ""
    made.append(_context(f"{link}{alert.severity}  |  {escape(alert.rule)}  |  {alert.time}"))
    return made


def _list(message: Message) -> list[Block]:
    sections: list[str] = [""]
    told = 0
    for alert in map(shown, message.alerts):
        line = _line(alert)
        if sum(map(len, sections)) + len(line) > LIST_CHARS:
            break
        if len(sections[-1]) + len(line) > MAX_SECTION:
            sections.append("")
        sections[-1] += line
        told += 1
    made: list[Block] = [{"type": "section", "text": {"type": "mrkdwn", "text": s}} for s in sections if s]
    if rest := len(message.alerts) - told:
        made.append(_context(f"… and {rest} more, all on the board · 另有 {rest} 条，见看板"))
    return made


def _line(alert: Shown) -> str:
    title = escape(clip(alert.title, 120))
    linked = f"<{alert.link}|{title}>" if alert.link and len(alert.link) <= 500 else title
    detail = f" {escape(alert.detail)}" if alert.detail else ""
    return f"• {linked}{detail}{' _(illustrative)_' if alert.illustrative else ''}\n"


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(clip(text, MAX_HEADER))}


def _section(text: str) -> Block:
    return {"type": "section", "text": _plain(text)}


def _table(facts: Sequence[Fact]) -> Block:
    """Two columns: our own names in bold, the values as plain text."""
    fields: list[Block] = []
    for fact in facts:
        fields += [{"type": "mrkdwn", "text": f"*{fact.en} · {fact.zh}*"}, _plain(clip(fact.value, MAX_FIELD))]
    return {"type": "section", "fields": fields}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": clip(text, MAX_SECTION)}]}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
