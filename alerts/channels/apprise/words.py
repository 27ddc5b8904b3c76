"""A message as plain text that no chat service takes for more: no mention, link, tag or format of a site's making."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.digest.content import Digest, Item
from alerts.digest.words import Words
from alerts.message import Message
from alerts.render import Shown, heading, marks, safe_link, shown, state
from alerts.texts import clip, one_line

MOST_LINES = 40
_LOOKALIKES = str.maketrans(
    {
        "<": "‹",
        ">": "›",
        "@": "＠",
        "*": "∗",
        "_": "＿",
        "~": "∼",
        "`": "ˋ",
        "[": "［",
        "]": "］",
        "|": "¦",
        "#": "＃",
        "!": "！",
        "\\": "＼",
        "&": "＆",
    }
)
"""Feishu's ``<at user_id="all">``, Discord's ``@everyone``, Telegram's and DingTalk's Markdown: none survives."""


def title(message: Message) -> str:
    """The title; the same while a thing lasts and when it has ended, by which PagerDuty finds what to resolve."""
    return tame(heading(message))


def body(message: Message) -> str:
    """The text below the title."""
    return "\n".join(line for line in _lines(message) if line)


def tame(text: str) -> str:
    """Text in which every character with a meaning in some service's markup is one that looks like it."""
    return one_line(text).translate(_LOOKALIKES)


def _lines(message: Message) -> Iterator[str]:
    yield from map(tame, marks(message))
    yield state(message)
    if message.content is not None:
        yield from _digest(message.content)
    elif message.grouped:
        yield from _list([shown(alert) for alert in message.alerts])
    else:
        yield from _one(shown(message.first))


def _one(alert: Shown) -> Iterator[str]:
    yield from (tame(alert.title_zh), tame(alert.text), tame(alert.text_zh))
    for fact in alert.facts:
        yield f"{fact.en} {fact.zh}: {tame(clip(fact.value, 300))}"
    if alert.evidence:
        yield f"Evidence 依据: “{tame(alert.evidence)}”"
    if alert.sources:
        yield f"Sources 来源: {', '.join(tame(name) for name, _ in alert.sources)}"
    yield _link(alert.link)
    yield f"{alert.severity} · {tame(alert.rule)} · {alert.time}"


def _list(alerts: list[Shown]) -> Iterator[str]:
    for alert in alerts[:MOST_LINES]:
        yield f"• {tame(clip(alert.title, 120))} {tame(alert.detail)}".rstrip()
    if (rest := len(alerts) - MOST_LINES) > 0:
        yield f"… and {rest} more, all on the board · 另有 {rest} 条，见看板"


def _digest(digest: Digest) -> Iterator[str]:
    words = Words(digest.lang)
    yield words.span(digest)
    if digest.empty:
        yield words("nothing")
    for line in digest.lines:
        yield f"{line.name}: {line.value:,} {words.change(line.change)}"
    for name, items, more in (("alerts", digest.alerts, digest.more_alerts), ("happened", digest.items, digest.more)):
        if items:
            yield words(name)
            yield from map(_item, items[:MOST_LINES])
            if rest := more + max(0, len(items) - MOST_LINES):
                yield words("more", n=rest)
    yield _link(digest.board)


def _item(item: Item) -> str:
    return "• " + " · ".join(tame(clip(part, 160)) for part in (item.title, item.kind, item.detail, item.day) if part)


def _link(url: str | None) -> str:
    """The link, with the marks that a service would read encoded."""
    link = safe_link(url) or ""
    return link.replace("@", "%40").replace("*", "%2A").replace("[", "%5B").replace("]", "%5D")
