"""What a message says, whatever the channel: titles, facts, the quoted evidence, the link, the times, the marks."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from alerts.digest.words import Words
from alerts.facts import NAMES
from alerts.message import Message
from alerts.texts import clip, local_time, one_line, plain
from events.messages import Alert, Reason

ILLUSTRATIVE = "Illustrative data, not a real event · 示意数据，并非真实事件"
POSSIBLE_DUPLICATE = "You may have been told this before: an earlier try was cut off · 可能重复发送"
ZONE = "Asia/Shanghai"
MAX_TEXT = 4000
DRILL = "This is a drill: a test of the way to you, nothing happened · 演练，并非真实告警"
_STATES = {
    Reason.RESOLVED: "Resolved · 已恢复",
    Reason.CHANGED: "Changed · 有更新",
    Reason.REPEAT: "Still so · 持续中",
}
_DETAIL = ("company", "certificate", "province", "event_time")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the table: a name in English and Chinese, and a value."""

    en: str
    zh: str
    value: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One alert as a reader sees it: clean plain text that a channel still has to escape for its own format."""

    title: str
    title_zh: str
    text: str
    text_zh: str
    facts: tuple[Fact, ...]
    detail: str
    evidence: str
    link: str | None
    host: str
    time: str
    severity: str
    rule: str
    illustrative: bool
    sources: tuple[tuple[str, str | None], ...] = ()
    """Where else it was seen: name and link, where there is more than one place."""


def shown(alert: Alert) -> Shown:
    """The alert, cleaned of control characters and direction marks."""
    labels = alert.labels
    facts = tuple(Fact(en, zh, one_line(labels[name])) for name, (en, zh) in NAMES.items() if labels.get(name))
    link = safe_link(alert.url)
    return Shown(
        title=clip(one_line(alert.title), 300),
        title_zh=clip(one_line(labels.get("title_zh", "")), 300),
        text=clip(plain(alert.text), MAX_TEXT),
        text_zh=clip(plain(labels.get("text_zh", "")), MAX_TEXT),
        facts=facts,
        detail=clip(" · ".join(one_line(labels[name]) for name in _DETAIL if labels.get(name)), 200),
        evidence=clip(one_line(labels.get("evidence", "")), 500),
        link=link,
        host=(urlsplit(link).hostname or "") if link else "",
        time=f"{local_time(alert.raised_at)} {ZONE}",
        severity=alert.severity.value,
        rule=alert.rule_id,
        illustrative=alert.illustrative,
        sources=_sources(alert),
    )


def _sources(alert: Alert) -> tuple[tuple[str, str | None], ...]:
    places = {source.source_id: source.url for source in alert.sources}
    if len(places) < 2:
        return ()
    return tuple((one_line(name), safe_link(url)) for name, url in places.items())


def heading(message: Message) -> str:
    """The title of the whole message: the digest's, the alert's own, or how many others came with the first."""
    if message.content is not None:
        return Words(message.content.lang).title(message.content)
    title = shown(message.first).title
    if not message.grouped:
        return title
    return f"{clip(title, 110)}, and {len(message.alerts) - 1} more · 共 {len(message.alerts)} 条"


def marks(message: Message) -> list[str]:
    """What has to be said before anything else: that it is a drill, made-up data, perhaps told before; and notes."""
    said = [
        words
        for words, on in (
            (DRILL, message.drill),
            (ILLUSTRATIVE, message.illustrative),
            (POSSIBLE_DUPLICATE, message.possible_duplicate),
        )
        if on
    ]
    return said + [clip(one_line(note), 300) for note in message.notes]


def state(message: Message) -> str:
    """What is new about a thing that was told before, in words; empty for one that was not."""
    return _STATES.get(Reason.RESOLVED if message.resolved else message.reason, "")


def safe_link(url: str | None) -> str | None:
    """An http or https URL, percent-encoded so that no character of it can end a link in any format; otherwise None."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    return quote(one_line(url), safe=":/?#[]@!$&'()*+,;=%-._~") if usable else None
