"""A digest as Block Kit: the figures as two columns, then what happened, then the links."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.channels.slack.pieces import MAX_SECTION, Block, context, escape, header
from alerts.digest.content import Digest, Item
from alerts.digest.words import Words
from alerts.render import safe_link
from alerts.texts import clip, one_line

FIELDS_A_SECTION = 10
ITEMS_CHARS = 6_000


def digest_blocks(digest: Digest) -> list[Block]:
    """The blocks, in the digest's language."""
    words = Words(digest.lang)
    made = [header(words.title(digest)), context(escape(words.span(digest)))]
    if digest.empty:
        made.append(_section(escape(words("nothing"))))
    fields = [
        {"type": "mrkdwn", "text": f"{escape(line.name)}\n*{line.value:,}* {escape(words.change(line.change))}"}
        for line in digest.lines
    ]
    made += [
        {"type": "section", "fields": fields[n : n + FIELDS_A_SECTION]} for n in range(0, len(fields), FIELDS_A_SECTION)
    ]
    for title, items, more in (
        ("happened", digest.items, digest.more),
        ("alerts", digest.alerts, digest.more_alerts),
    ):
        if items:
            made.append(_section(f"*{escape(words(title))}*"))
            made += _items(items, more, words)
    if digest.board and (link := safe_link(digest.board)):
        made.append(context(f"<{link}|{escape(words('board'))}>"))
    return made


def _items(items: Sequence[Item], more: int, words: Words) -> list[Block]:
    texts, told = [""], 0
    for item in items:
        line = _line(item)
        if sum(map(len, texts)) + len(line) > ITEMS_CHARS:
            break
        if len(texts[-1]) + len(line) > MAX_SECTION:
            texts.append("")
        texts[-1] += line
        told += 1
    made = [_section(text) for text in texts if text]
    if rest := more + len(items) - told:
        made.append(context(escape(words("more", n=rest))))
    return made


def _line(item: Item) -> str:
    link = safe_link(item.url)
    title = escape(clip(one_line(item.title), 160))
    shown = f"<{link}|{title}>" if link and len(link) <= 500 else title
    rest = " · ".join(escape(clip(one_line(part), 120)) for part in (item.kind, item.detail, item.day) if part)
    return f"• {shown} {rest}{' _(illustrative)_' if item.illustrative else ''}\n"


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}
