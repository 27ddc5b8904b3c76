"""Whether a method that a text names is asserted, denied or merely mentioned.

A mention is judged inside its sentence. A negator reaches forward over a list (、和或) and over a comma that only goes on
listing, and not over a contrast (而是, 但, but). An answer may follow the word (人工智能：不适用), near or at the end of its
clause. 不仅, 不限于, "not only" deny nothing, and two negators in a row cancel.
"""

from __future__ import annotations

import re
from enum import StrEnum

from streams.enrich import phrases

_REACH = {phrases.NEGATOR: 36, phrases.EN_NEGATOR: 90}
_NEAR_REACH = 8
_WINDOW = 400
_JOINTS = ("", "是", "的", " ")
"""What may stand between two negators that cancel each other: 并非 不含, 不是 未采用."""
_AFTER = (
    ("answer-no", phrases.ANSWER_NO),
    ("box-no", phrases.BOX_NO),
    ("tail-no", phrases.TAIL_NO),
    ("gone", phrases.GONE),
    ("not-for", phrases.NOT_FOR),
    ("unapproved", phrases.UNAPPROVED),
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


def polarity(text: str, start: int, end: int) -> tuple[Polarity, str]:
    """What ``text`` (normal form) says of the method named at ``[start, end)``, and the name of the rule that decided."""
    left, right = sentence(text, start, end)
    before, after = text[left:start], text[end:right]
    if phrases.BODY.match(after):
        return Polarity.NEUTRAL, "name-of-a-body"
    if phrases.PEOPLE.match(after):
        return Polarity.NEUTRAL, "taught-to-people"
    if text[right - 1 : right] == "?" or after.endswith("?") or text[right : right + 1] == "?":
        return _asked(text[right:].lstrip("?"))
    if phrases.WHETHER.search(before) and not phrases.CHOSEN.search(before):
        return _answered(after)
    if rule := _denied_after(before, after):
        return Polarity.DENIED, rule
    if phrases.ELSEWHERE_BEFORE.search(before) or _serves_another(before, after):
        return Polarity.NEUTRAL, "of-another-product"
    if rule := _denied_before(before):
        return Polarity.DENIED, rule
    if phrases.SUPPOSED.search(before):
        return Polarity.NEUTRAL, "supposed"
    return Polarity.ASSERTED, "named"


def _serves_another(before: str, after: str) -> bool:
    """可与…配合使用, 为…提供接口, 近年来…应用广泛: the word is about another product, or about the time."""
    around = re.split(r"[,:]", before)[-1] + "\n" + after
    patterns = (phrases.TOGETHER, phrases.SERVED, phrases.CALLED)
    return bool(phrases.APART.match(after)) or any(pattern.search(around) for pattern in patterns)


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


def _denied_after(before: str, after: str) -> str | None:
    for rule, pattern in _AFTER:
        if pattern.match(after):
            return rule
    clause = re.split(r"[,:]", before)[-1]
    if phrases.TOPIC_NO.match(after) and not phrases.ASSERTING.search(clause):
        return "topic-no"
    if phrases.UNRELATED.match(after) and phrases.COMPARING.search(before):
        return "unrelated"
    return "none-after" if phrases.EN_AFTER.match(after) else None


def _denied_before(before: str) -> str | None:
    """The last negator in reach denies the word, unless another stands right before it and cancels it."""
    chain = [
        match
        for pattern in (phrases.NEGATOR, phrases.EN_NEGATOR)
        for match in pattern.finditer(before)
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
