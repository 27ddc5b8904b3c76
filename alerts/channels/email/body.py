"""A message as an e-mail: subject, plain text, HTML."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from alerts.digest.content import Digest, Item, Picture
from alerts.digest.words import Words
from alerts.message import Message
from alerts.render import heading, marks, safe_link, shown, state
from alerts.texts import clip, one_line

MAX_SUBJECT = 200
COLOURS = {"info": "#5b6b7b", "notice": "#0b5fa5", "warning": "#9a5b00", "critical": "#a61b1b"}

_ENVIRONMENT = Environment(
    loader=PackageLoader("alerts"),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def subject(message: Message) -> str:
    """The subject on one line, marked where the data are illustrative and where it is not the first word on the matter."""
    said = state(message)
    kind = ("[drill] " if message.drill else "") + ("[illustrative] " if message.illustrative else "")
    return clip(f"[medpulse] {kind}{f'{said}: ' if said else ''}{heading(message)}", MAX_SUBJECT)


def text(message: Message) -> str:
    """The plain-text part."""
    return _render(message, "txt")


def html(message: Message) -> str:
    """The HTML part: no script, nothing remote, everything from outside escaped; light and dark."""
    return _render(message, "html")


def cid(picture: Picture) -> str:
    """The Content-ID of a chart."""
    return f"{picture.id}@charts.medpulse"


def _render(message: Message, kind: str) -> str:
    common: dict[str, object] = {
        "heading": heading(message),
        "severity": message.severity.value,
        "colour": COLOURS[message.severity.value],
        "state": state(message),
        "marks": marks(message),
        "receiver": message.receiver,
    }
    if message.content is not None:
        return _ENVIRONMENT.get_template(f"digest.{kind}.j2").render(common | _digest(message.content))
    alerts = [shown(alert) for alert in message.alerts]
    template = _ENVIRONMENT.get_template(f"alert.{kind}.j2")
    return template.render(common | {"alerts": alerts, "grouped": message.grouped, "lang": "en"})


def _digest(digest: Digest) -> dict[str, object]:
    words = Words(digest.lang)
    return {
        "digest": digest,
        "words": words,
        "lang": "zh-CN" if words.lang == "zh" else "en",
        "span": words.span(digest),
        "board": safe_link(digest.board),
        "pictures": [(cid(picture), picture) for picture in digest.pictures],
        "groups": [
            (words(name), [_item(item) for item in items], words("more", n=more) if more else "")
            for name, items, more in (
                ("alerts", digest.alerts, digest.more_alerts),
                ("happened", digest.items, digest.more),
            )
            if items
        ],
    }


def _item(item: Item) -> dict[str, object]:
    """An item, cleaned: what sites wrote stands in it."""
    return {
        "title": clip(one_line(item.title), 200),
        "link": safe_link(item.url),
        "small": " · ".join(clip(one_line(part), 160) for part in (item.kind, item.detail, item.day) if part),
        "illustrative": item.illustrative,
    }
