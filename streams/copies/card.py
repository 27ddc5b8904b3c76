"""What two notices are compared by, and whether they are one: by document number, by title, by near-equal text. Pure.

The hash of a text is a one-permutation minhash (Li, Owen, Zhang 2012) of its triples of characters: the share of its 64 places
that two texts have in common is about the share of triples that they have in common.
Near-equal is not enough for a merge. Two provinces fill in the same form, and two drafts share a covering letter: so numbers,
quoted names, authority and table must agree as well. What is doubtful stays two.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from hashlib import blake2b

from rapidfuzz import fuzz

from events.base import Message, UtcDatetime
from events.ids import digest
from events.notice import Notice
from streams.enrich.make.common import province
from streams.enrich.normalise import simplified

OWN_IDENTITY = frozenset(
    {"udi_di", "record_key", "announcement_id", "submission_number", "register", "exchange", "project_id"}
)
"""Columns whose notices have an identity of their own (a filing, a clearance): they are never copies by likeness."""
PLACES = 64
BANDS = 16
NEAR_TEXT = 0.6
FAR_TEXT = 0.25
NEAR_TITLE = 88.0
SAME_NUMBERS = 0.9
DAYS = 45
"""A repost comes within so many days; the same office gives next year's notice the same title."""
_SHORT_TITLE = 8
_SHORT_TEXT = 120
_READ = 6000
_FULL = 0xFFFF
_MARKS = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_QUOTED = re.compile(r"《([^》]+)》")
_DOCUMENT = re.compile(r"([\u4e00-\u9fffa-z]{2,24})[\[(【〔]?(\d{4})[\])】〕]?第?(\d{1,5})号")
_LEAD = re.compile(
    r"^(?:[\[【(](?:转发|转载|转|公告|通知|通告|政策文件?)[\])】]\s*|(?:关于)?转发(?=.{8})"
    r"|(?:[\u4e00-\u9fff]{2,12}?(?:省|市|区|自治区)?(?:医疗保障局|医保局|药品监督管理局|药监局|卫生健康委员会|卫健委|人民政府)"
    r"(?:办公室|器审中心)?[、:\s]*)+(?=.{8}))"
)
_COMMENT = re.compile(r"解读|答记者问|问答|图解|一图|新闻发布|说明$|起草说明|答复|通讯稿")
_KINDS = tuple(
    re.compile(word)
    for word in ("征求意见", "废止|取消|停止执行", "更正|勘误", "补充通知", "延长|延期", "第[二三四]批")
)


class Card(Message):
    """One notice as it is compared. ``minhash`` is empty for a short text; ``rows`` a digest of its table."""

    notice_id: str
    source_id: str
    url: str
    title: str
    core: str
    document: str = ""
    province: str = ""
    quoted: tuple[str, ...] = ()
    title_numbers: tuple[str, ...] = ()
    numbers: str = ""
    minhash: str = ""
    rows: str = ""
    published_at: UtcDatetime | None = None
    serial: int = 0


class Likeness(Message):
    """Why two notices are one: the rule, and in words what agreed."""

    rule: str
    why: str


def card(notice: Notice) -> Card | None:
    """The card of a notice; None for one that has an identity of its own, or says too little to be compared."""
    if notice.retracted or OWN_IDENTITY & notice.fields.keys():
        return None
    document = document_key(notice.document_number) if notice.document_number else ""
    core, quoted, numbers = _of_title(notice.title)
    if not document and len(core) < _SHORT_TITLE:
        return None
    text = key(notice.body) if notice.body else ""
    return Card.trusted(
        notice_id=notice.notice_id,
        source_id=notice.source_id,
        url=notice.url,
        title=notice.title,
        core=core,
        document=document,
        province=province(notice) or "",
        quoted=quoted,
        title_numbers=numbers,
        numbers=_counted(_NUMBER.findall(text)) if text else "",
        minhash=minhash(text) if len(text) >= _SHORT_TEXT else "",
        rows=digest(*sorted(repr(sorted(row.items())) for row in notice.rows))[:32] if notice.rows else "",
        published_at=notice.published_at,
        serial=0,
    )


@lru_cache(maxsize=4096)  # an office gives many notices one title
def _of_title(title: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The core of a title, the names that it quotes, and the numbers in its core."""
    core = core_of(title)
    return core, tuple(sorted(key(name) for name in _QUOTED.findall(simplified(title)))), tuple(_NUMBER.findall(core))


def signatures(one: Card) -> list[str]:
    """Under what a card is kept: two that agree in none of these are never compared."""
    found = [f"title:{digest(one.province, one.core)[:24]}"]
    if one.document:
        found.append(f"document:{one.document}")
    width = len(one.minhash) // BANDS
    found += [f"text{n}:{one.minhash[n * width : (n + 1) * width]}" for n in range(BANDS) if one.minhash]
    return found


def likeness(one: Card, other: Card) -> Likeness | None:
    """Whether two notices are one document, and why; None where they are two, or where it is doubtful."""
    if one.url == other.url and one.notice_id != other.notice_id and one.source_id == other.source_id:
        return None  # several items of one page
    if _apart(one, other):
        return None
    if one.document and one.document == other.document:
        return Likeness(rule="document-number", why=f"both are {one.document}")
    near = _common(one, other)
    if near is not None and near < FAR_TEXT:
        return None
    if one.core == other.core and len(one.core) >= _SHORT_TITLE and _soon(one, other) and _by_another(one, other):
        return Likeness(rule="title", why=f"the same title ({one.core[:60]}) of the same authority within {DAYS} days")
    alike = fuzz.ratio(one.core, other.core)
    if near is None or near < NEAR_TEXT or alike < NEAR_TITLE or not _soon(one, other):
        return None
    return Likeness(
        rule="near-equal-text",
        why=f"{near:.0%} of the text is common, titles are {alike:.0f} % alike, numbers agree",
    )


def _apart(one: Card, other: Card) -> bool:
    """What forbids a merge whatever else agrees."""
    if one.document and other.document and one.document != other.document:
        return True
    if one.rows and other.rows and one.rows != other.rows:
        return True
    if one.province and other.province and one.province != other.province:
        return True
    titles = simplified(one.title), simplified(other.title)
    if len({bool(_COMMENT.search(title)) for title in titles}) > 1:
        return True
    if any(len({bool(kind.search(title)) for title in titles}) > 1 for kind in _KINDS):
        return True
    if one.quoted and other.quoted and one.quoted != other.quoted:
        return True
    return one.title_numbers != other.title_numbers or not _numbers_agree(one.numbers, other.numbers)


def _by_another(one: Card, other: Card) -> bool:
    """One office gives several notices one title (送达信息): then only the text, or the table, can make two of them one."""
    if one.source_id != other.source_id:
        return True
    near = _common(one, other)
    return (near is not None and near >= NEAR_TEXT) or bool(one.rows and one.rows == other.rows)


def _soon(one: Card, other: Card) -> bool:
    if one.published_at is None or other.published_at is None:
        return True
    return abs((one.published_at - other.published_at).days) <= DAYS


def _numbers_agree(one: str, other: str) -> bool:
    """Whether nearly all numbers of the shorter text are in the other: a header or a footer may bring some of its own."""
    if not one or not other:
        return True
    left, right = (Counter(dict(_pairs(numbers))) for numbers in (one, other))
    shared, fewer = (left & right).total(), min(left.total(), right.total())
    return shared >= SAME_NUMBERS * fewer


def _counted(numbers: list[str]) -> str:
    return ",".join(f"{number}*{count}" for number, count in sorted(Counter(numbers).items())[:400])


def _pairs(numbers: str) -> list[tuple[str, int]]:
    return [(number, int(count)) for number, _, count in (pair.partition("*") for pair in numbers.split(","))]


def core_of(title: str) -> str:
    """A title without what a repost puts before it (转发, 【转载】, the office), and without marks."""
    tidy, before = simplified(title).strip(), ""
    while tidy != before:
        before, tidy = tidy, _LEAD.sub("", tidy).strip()
    return key(tidy).removeprefix("关于").removesuffix("的通知").removesuffix("的公告").removesuffix("的通告")


def document_key(number: str) -> str:
    """医保发〔2021〕32号 in one spelling: ``医保发202132``; empty for what is no document number."""
    found = _DOCUMENT.search(simplified(number).lower().replace(" ", ""))
    return f"{found[1]}{found[2]}-{int(found[3])}" if found else ""


def key(text: str) -> str:
    """Simplified, lower case, letters and digits only."""
    return _MARKS.sub("", simplified(text).lower())


def minhash(text: str) -> str:
    """64 places of 4 hex digits, of the first 6,000 characters: in each, the least hash among the triples that fall there."""
    least: dict[int, int] = {}
    for at in range(min(_READ, len(text) - 2)):
        place, value = _hashed(text[at : at + 3])
        if value < least.get(place, _FULL):
            least[place] = value
    filled = [least.get(place) for place in range(PLACES)]
    # A place where nothing fell takes the value of the next one that is filled.
    known = (
        [next(v for v in (*filled[place:], *filled[:place]) if v is not None) for place in range(PLACES)]
        if least
        else []
    )
    return "".join(f"{value:04x}" for value in known)


@lru_cache(maxsize=1 << 16)
def _hashed(triple: str) -> tuple[int, int]:
    bits = int.from_bytes(blake2b(triple.encode(), digest_size=8).digest(), "big")
    return bits % PLACES, (bits >> 8) % _FULL


def _common(one: Card, other: Card) -> float | None:
    """The share of the text that two notices have in common; None where one of them is too short to tell."""
    if not one.minhash or not other.minhash:
        return None
    pairs = ((one.minhash[at : at + 4], other.minhash[at : at + 4]) for at in range(0, 4 * PLACES, 4))
    return sum(left == right for left, right in pairs) / PLACES
