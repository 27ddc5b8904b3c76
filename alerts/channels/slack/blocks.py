"""A message as Block Kit. Words from outside go into ``plain_text``, which formats nothing, or into escaped ``mrkdwn``.

Limits: Slack, "Block Kit reference": 50 blocks a message, 150 characters a header, 3,000 a section, 2,000 a field, 10 fields.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.channels.slack.digest import digest_blocks
from alerts.channels.slack.pieces import MAX_SECTION, Block, context, escape, header, plain_text, section, sections
from alerts.message import Message
from alerts.render import Fact, Shown, heading, marks, shown, state
from alerts.texts import clip

MAX_BLOCKS = 50
MAX_FIELD = 2000
MAX_NOTES = 10
FACTS_A_SECTION = 5
LIST_CHARS = 11_000
"""How much of a list one message shows: Slack refuses blocks that are together "too long", and tells no number."""

MAX_PARTS = 10
"""A list that goes on in a thread has no more parts than this; the board has the rest."""


def blocks(message: Message) -> list[Block]:
    """The blocks of a message that has to be one, within every limit; what finds no room is counted."""
    return parts(message, most=1)[0]


def parts(message: Message, most: int = MAX_PARTS) -> list[list[Block]]:
    """The blocks of a message in as many posts as it needs, at most ``most``; the first one has the header and the marks."""
    notes = [context(f":information_source: {escape(mark)}") for mark in marks(message)][:MAX_NOTES]
    if message.content is not None:
        return [[*digest_blocks(message.content)[: MAX_BLOCKS - len(notes)], *notes]]
    top = [header(heading(message)), *_state(message)]
    if not message.grouped:
        body = _one(shown(message.first))
        return [[*top, *body[: MAX_BLOCKS - len(top) - len(notes)], *notes]]
    lists = _lists(message, most)
    return [[*(top if n == 0 else []), *made, *(notes if n == 0 else [])] for n, made in enumerate(lists)]


def fallback(message: Message) -> str:
    """The text of the notification on a phone's lock screen."""
    return escape(clip(heading(message), 300)) + (" (illustrative)" if message.illustrative else "")


def _state(message: Message) -> list[Block]:
    said = state(message)
    return [context(f"*{escape(said)}*")] if said else []


def _one(alert: Shown) -> list[Block]:
    made = [block for words in (alert.title_zh, alert.text, alert.text_zh) if words for block in sections(words)]
    facts = alert.facts
    made += [_table(facts[n : n + FACTS_A_SECTION]) for n in range(0, len(facts), FACTS_A_SECTION)]
    if alert.evidence:
        made.append(section(clip(f"Evidence · 依据: “{alert.evidence}”", MAX_SECTION)))
    if alert.sources:
        places = ", ".join(f"<{url}|{escape(name)}>" if url else escape(name) for name, url in alert.sources)
        made.append(context(f"Seen on {len(alert.sources)} sources · {len(alert.sources)} 个来源: {places}"))
    link = f"<{alert.link}|Source · 原文> ({escape(alert.host)})  |  " if alert.link else ""
    made.append(context(f"{link}{alert.severity}  |  {escape(alert.rule)}  |  {alert.time}"))
    return made


def _lists(message: Message, most: int) -> list[list[Block]]:
    """The list of a group, cut into posts of `LIST_CHARS` and these into sections; the last says how many are left out."""
    posts: list[list[str]] = [[""]]
    told = 0
    for alert in map(shown, message.alerts):
        line = _line(alert)
        if sum(map(len, posts[-1])) + len(line) > LIST_CHARS:
            if len(posts) == most:
                break
            posts.append([""])
        if len(posts[-1][-1]) + len(line) > MAX_SECTION:
            posts[-1].append("")
        posts[-1][-1] += line
        told += 1
    made = [[_mrkdwn(text) for text in texts] for texts in posts]
    if rest := len(message.alerts) - told:
        made[-1].append(context(f"… and {rest} more, all on the board · 另有 {rest} 条，见看板"))
    return made


def _line(alert: Shown) -> str:
    title = escape(clip(alert.title, 120))
    linked = f"<{alert.link}|{title}>" if alert.link and len(alert.link) <= 500 else title
    detail = f" {escape(alert.detail)}" if alert.detail else ""
    return f"• {linked}{detail}{' _(illustrative)_' if alert.illustrative else ''}\n"


def _mrkdwn(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _table(facts: Sequence[Fact]) -> Block:
    """Two columns: our own names in bold, the values as plain text."""
    fields: list[Block] = []
    for fact in facts:
        fields += [{"type": "mrkdwn", "text": f"*{fact.en} · {fact.zh}*"}, plain_text(clip(fact.value, MAX_FIELD))]
    return {"type": "section", "fields": fields}
