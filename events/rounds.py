"""The name of a round of financing as texts state it (``Series A+``, ``Pre-A轮``, 天使轮, ``IPO``), and whether it is early.

A pure reader that the importer of tables and the makers of events share.
"""

from __future__ import annotations

import re
import unicodedata

from events.amounts import Amount, amounts

UNDISCLOSED = "undisclosed"
_AROUND = re.compile(r"\b(?:series|round|financing|funding)\b|轮次?|融资|[()\[\]\"'“”]", re.IGNORECASE)
_LETTER = re.compile(
    r"(?:(?P<pre>pre)[\s-]*)?(?P<letter>[a-h])\s*(?P<number>[1-9](?!\d))?(?P<plus>\+{0,3})", re.IGNORECASE
)
_NAMES = (
    ("pre-seed", r"pre[\s-]*seed"),
    ("seed", r"seed|种子"),
    ("angel", r"angel|天使"),
    ("IPO", r"ipo\b.*|.*首次公开.*|.*上市"),
    ("placing", r"(?:plac(?:ing|ement)|private placement|配售|定增|定向增发)\b.*"),
    ("follow-on", r"follow[\s-]*on\b.*|增发"),
    ("strategic", r"strategic\b.*|战略.*|战投"),
    ("crossover", r"crossover"),
    ("debt", r"(?:venture )?debt\b.*|债权|可转债"),
    ("acquisition", r"acquisition|m&a|并购|收购"),
    (UNDISCLOSED, r"undisclosed|unknown|n/?a|未披露|未公开|不详|-+|"),
)
_KINDS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _NAMES)
_EARLY = frozenset({"pre-seed", "seed", "angel", "A", "pre-A", "pre-B"})
_LATE = frozenset({"IPO", "placing", "follow-on", "crossover"})
ONCE = frozenset({"pre-seed", "seed", "angel", "IPO"})
"""Rounds of a name that a company has once, beside those of a letter; of the others there may be several."""


def round_name(text: str) -> str | None:
    """The one name of a round: ``A``, ``A+``, ``pre-A``, ``seed``, ``IPO``, ``strategic``, …; None for what names none.

    ``(round)`` and 未披露 are `UNDISCLOSED`; an empty text is none.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None
    bare = re.sub(r"\s+", " ", _AROUND.sub(" ", plain)).strip()
    if letter := _LETTER.fullmatch(bare):
        name = f"{letter['letter'].upper()}{letter['number'] or ''}{letter['plus']}"
        return f"pre-{name}" if letter["pre"] else name
    return next((name for name, pattern in _KINDS if pattern.fullmatch(bare)), None)


def early_stage(name: str) -> bool | None:
    """Whether a round comes before Series B; None where its name does not tell."""
    if name in _EARLY or re.fullmatch(r"A\d?\+*", name):
        return True
    return False if name in _LATE or re.fullmatch(r"(?:pre-)?[B-H]\d?\+*", name) else None


def happens_once(name: str) -> bool:
    """Whether a company has a round of this name once, so that its name tells it."""
    return name in ONCE or re.fullmatch(r"(?:pre-)?[A-H]\d?\+*", name) is not None


def sums(text: str) -> list[Amount]:
    """The sums that a text states, one for those that say the same (``tens of millions USD ("千万美元")``)."""
    return list({(one.low, one.high, one.currency): one for one in amounts(text)}.values())
