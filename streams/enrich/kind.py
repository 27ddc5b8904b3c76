"""What sort of notice a text is, decided by the first rule that fits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from events.labels import Kind
from streams.enrich.entities import Named
from streams.enrich.kind_rules import RULES
from streams.enrich.needs import Gate
from streams.enrich.normalise import HAN, Normal

_GATE = Gate()
_ASKED = tuple((rule, _GATE.of(rule.pattern)) for rule in RULES)
_LONGEST = 240
"""Characters of a row: a name and a firm, not a page."""
_BEFORE_FIRM = re.compile(r"(?:\n|, |; |\(| - | – |: |\| )$")
_AFTER_FIRM = re.compile(r"[^\n]{0,50}$")


def kind(normal: Normal, title_end: int, named: Sequence[Named] = ()) -> tuple[Kind, str, int, int]:
    """The kind, its rule, and the span (normal text) that decided; an empty span where nothing did.

    ``named`` are the entities of the text: an English name with a firm after it, and nothing else, is a row of a register
    outside China.
    """
    text = normal.text
    may = _GATE.may(text)
    for rule, gated in _ASKED:
        if gated.can(may) and (match := rule.pattern.search(text, 0, title_end if rule.title_only else len(text))):
            return rule.kind, f"kind.{rule.name}", match.start(), match.end()
    if (firm := named[-1] if named else None) and _row(text, firm):
        return Kind.CLEARANCE, "kind.device-and-firm", firm.start, firm.end
    return Kind.OTHER, "", 0, 0


def _row(text: str, firm: Named) -> bool:
    """``ABMD Software, HeartLung Corporation``: what a register lists, in Latin letters, and whose it is."""
    return (
        len(text) < _LONGEST
        and not HAN.search(text)
        and bool(_BEFORE_FIRM.search(text, 0, firm.start))
        and bool(_AFTER_FIRM.match(text, firm.end))
    )
