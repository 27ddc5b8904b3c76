"""A message as an e-mail: subject, plain text, HTML."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from alerts.message import Message
from alerts.render import ILLUSTRATIVE, POSSIBLE_DUPLICATE, heading, shown
from alerts.texts import clip

MAX_SUBJECT = 200


_ENVIRONMENT = Environment(
    loader=PackageLoader("alerts"),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_HTML = _ENVIRONMENT.get_template("alert.html.j2")
_TEXT = _ENVIRONMENT.get_template("alert.txt.j2")


def subject(message: Message) -> str:
    """The subject on one line, marked where the data are illustrative."""
    mark = "[illustrative] " if message.illustrative else ""
    return clip(f"[medpulse] {mark}{heading(message)}", MAX_SUBJECT)


def text(message: Message) -> str:
    """The plain-text part."""
    return _TEXT.render(_values(message))


def html(message: Message) -> str:
    """The HTML part: no script, no remote image, everything from outside escaped."""
    return _HTML.render(_values(message))


def _values(message: Message) -> dict[str, object]:
    return {
        "alerts": [shown(alert) for alert in message.alerts],
        "heading": heading(message),
        "grouped": message.grouped,
        "severity": message.severity.value,
        "illustrative": message.illustrative,
        "illustrative_words": ILLUSTRATIVE,
        "duplicate_words": POSSIBLE_DUPLICATE if message.possible_duplicate else "",
    }
