"""Whether a method that a text names is asserted, denied or merely mentioned.

A mention is judged inside its sentence. A negator reaches forward over a list (、和或) and over a comma that only goes on
listing, and not over a contrast (而是, 但, but). An answer may follow the word (人工智能：不适用), near or at the end of its
clause. 不仅, 不限于, "not only" deny nothing, and two negators in a row cancel.
"""

from __future__ import annotations

import re
from enum import StrEnum

from streams.enrich import phrases
from streams.enrich.needs import ALL, Gate

_REACH = {phrases.NEGATOR: 36, phrases.EN_NEGATOR: 90}
_NEAR_REACH = 8
_WINDOW = 400
_JOINTS = ("", "是", "的", " ")
"""What may stand between two negators that cancel each other: 并非 不含, 不是 未采用."""
GATE = Gate()
"""Which phrases a text can hold at all: `polarity` takes what its `Gate.may` answers."""
_BODY, _PEOPLE = GATE.of(phrases.BODY), GATE.of(phrases.PEOPLE)
_WHETHER, _SUPPOSED = GATE.of(phrases.WHETHER), GATE.of(phrases.SUPPOSED)
_ELSEWHERE, _APART = GATE.of(phrases.ELSEWHERE_BEFORE), GATE.of(phrases.APART)
_WITH_ANOTHER = (GATE.of(phrases.TOGETHER), GATE.of(phrases.SERVED), GATE.of(phrases.CALLED))
_NEGATOR, _EN_NEGATOR = GATE.of(phrases.NEGATOR), GATE.of(phrases.EN_NEGATOR)
_TOPIC_NO, _UNRELATED = GATE.of(phrases.TOPIC_NO), GATE.of(phrases.UNRELATED)
_EN_AFTER = GATE.of(phrases.EN_AFTER)
_AFTER = (
    ("answer-no", GATE.of(phrases.ANSWER_NO)),
    ("box-no", GATE.of(phrases.BOX_NO)),
    ("tail-no", GATE.of(phrases.TAIL_NO)),
    ("gone", GATE.of(phrases.GONE)),
    ("not-for", GATE.of(phrases.NOT_FOR)),
    ("unapproved", GATE.of(phrases.UNAPPROVED)),
)


class Polarity(StrEnum):
    """What the text says about a method that it names."""

    ASSERTED = "asserted"
    DENIED = "denied"
    NEUTRAL = "neutral"


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The bounds of the sentence that holds ``[start, end)``, at most 400 characters to each side."""
    left, right = max(0, start - _WINDOW), min(len(text), end + _WINDOW)
    for stop in phrases.SENTENCE_END.finditer(text, left, right):
        if stop.end() <= start:
            left = stop.end()
        elif stop.start() >= end:
            right = stop.start()
            break
    return left, right


def polarity(text: str, start: int, end: int, may: int = ALL) -> tuple[Polarity, str]:
    """What ``text`` (normal form) says of the method named at ``[start, end)``, and the name of the rule that decided.

    ``may`` is what `GATE` says of the text, for who asks of several words of it.
    """
    left, right = sentence(text, start, end)
    before, after = text[left:start], text[end:right]
    if _BODY.match(after, may):
        return Polarity.NEUTRAL, "name-of-a-body"
    if _PEOPLE.match(after, may):
        return Polarity.NEUTRAL, "taught-to-people"
    if text[right - 1 : right] == "?" or after.endswith("?") or text[right : right + 1] == "?":
        return _asked(text[right:].lstrip("?"))
    if _WHETHER.search(before, may) and not phrases.CHOSEN.search(before):
        return _answered(after)
    if rule := _denied_after(before, after, may):
        return Polarity.DENIED, rule
    if _ELSEWHERE.search(before, may) or _serves_another(before, after, may):
        return Polarity.NEUTRAL, "of-another-product"
    if rule := _denied_before(before, may):
        return Polarity.DENIED, rule
    if _SUPPOSED.search(before, may):
        return Polarity.NEUTRAL, "supposed"
    return Polarity.ASSERTED, "named"


def _serves_another(before: str, after: str, may: int) -> bool:
    """可与…配合使用, 为…提供接口, 近年来…应用广泛: the word is about another product, or about the time."""
    around = _last_clause(before) + "\n" + after
    return bool(_APART.match(after, may)) or any(phrase.search(around, may) for phrase in _WITH_ANOTHER)


def _answered(after: str) -> tuple[Polarity, str]:
    """是否采用人工智能: what the answer is, if there is one."""
    if any(pattern.match(after) for pattern in (phrases.ANSWER_NO, phrases.BOX_NO, phrases.EN_AFTER)):
        return Polarity.DENIED, "answer-no"
    if phrases.ANSWER_YES.match(after):
        return Polarity.ASSERTED, "answer-yes"
    return Polarity.NEUTRAL, "question"


def _asked(answer: str) -> tuple[Polarity, str]:
    """A question with its mark: what stands after it answers."""
    if phrases.ASKED_NO.match(answer):
        return Polarity.DENIED, "answer-no"
    return (Polarity.ASSERTED, "answer-yes") if phrases.ASKED_YES.match(answer) else (Polarity.NEUTRAL, "question")


def _denied_after(before: str, after: str, may: int) -> str | None:
    for rule, phrase in _AFTER:
        if phrase.match(after, may):
            return rule
    if _TOPIC_NO.match(after, may) and not phrases.ASSERTING.search(_last_clause(before)):
        return "topic-no"
    if _UNRELATED.match(after, may) and phrases.COMPARING.search(before):
        return "unrelated"
    return "none-after" if _EN_AFTER.match(after, may) else None


def _last_clause(before: str) -> str:
    """What stands after the last comma or colon."""
    return before[max(before.rfind(","), before.rfind(":")) + 1 :]


def _denied_before(before: str, may: int) -> str | None:
    """The last negator in reach denies the word, unless another stands right before it and cancels it."""
    chain = [
        match
        for phrase in (_NEGATOR, _EN_NEGATOR)
        for match in phrase.finditer(before, may)
        if match.lastgroup != "pseudo" and _reaches(before, match)
    ]
    if not chain:
        return None
    chain.sort(key=lambda match: match.end())
    last = chain[-1]
    doubled = sum(m.end() <= last.start() and before[m.end() : last.start()] in _JOINTS for m in chain[:-1])
    return None if doubled % 2 else f"negated-by-{last.group().strip()}"


def _reaches(before: str, negator: re.Match[str]) -> bool:
    between = before[negator.end() :]
    if negator.lastgroup == "near":
        if phrases.NEAR_LIST.fullmatch(between):
            return True
        rest = phrases.NEAR_FILLER.sub("", between)
        return len(between) <= _NEAR_REACH and len(rest) <= 4 and not re.search(r"[,、的]", between)
    if phrases.BREAK.search(between) or phrases.OF_A_THING.match(between):
        return False
    piece = between.rsplit(",", 1)
    if len(piece) == 2 and not phrases.LIST_GOES_ON.match(piece[1]):
        return False
    return len(between) <= _REACH[negator.re]
