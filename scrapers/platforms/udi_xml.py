"""Device records out of a UDI release's XML, one at a time and whatever else is wrong with the file.

``<udid><header>…</header><devices><device>…</device>…``: the element names are those of NMPA's data-sharing interface
(udi.nmpa.gov.cn/showListInterr.html); public readers of the releases spell them out, such as OnesZhang/udi-data-platform on
GitHub (fields, nested lists, ``numberRkeyecordXML`` in the header). The XML holds characters illegal in XML 1.0 (SITES.md, A.1)
and bare ampersands, at which a strict parser gives up the rest of a file. So the text is cut at ``<device>`` first, and each
record is mended and parsed by itself: a broken one costs itself, memory holds one record, and no DTD is ever seen, so that its
entities cannot expand.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html.entities import html5
from typing import Protocol

from lxml import etree

from scrapers.text import decode

CHUNK = 256 * 1024
LONGEST = 1024 * 1024
"""Characters of one record; a real one has some two thousand."""

_OPEN = re.compile(r"<(?:[\w.-]+:)?device(?:\s[^<>]*)?>", re.IGNORECASE)
_CLOSE = re.compile(r"</(?:[\w.-]+:)?device\s*>", re.IGNORECASE)
_FRAME = re.compile(r"<(?:[\w.-]+:)?(?:udid|devices)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_END = re.compile(r"</(?:[\w.-]+:)?(?:udid|devices)\s*>", re.IGNORECASE)
_DECLARED = re.compile(r"<numberRkeyecordXML>\s*(\d{1,12})\s*</", re.IGNORECASE)
_TAIL = 512  # characters that may hold the beginning of a tag
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = re.compile(
    r"<!\[CDATA\[.*?\]\]>|&(?P<name>#\d{1,8}|#[xX][0-9a-fA-F]{1,8}|\w{1,32});|&|<(?![/!?A-Za-z_])", re.DOTALL
)
_LEGAL = ((0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})


class Bytes(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(slots=True)
class Tally:
    """What a release held. ``broken`` records could not be read; ``mended`` ones held what XML does not allow.

    ``unusable`` ones state no certificate or no key, ``other`` ones are not what the source wants, ``repeated`` ones name a
    certificate that the release named before; the rest is ``kept``. ``framed`` says that it looked like a release at all,
    ``cut`` that its text ends inside the element that held the records.
    """

    records: int = 0
    kept: int = 0
    other: int = 0
    repeated: int = 0
    unusable: int = 0
    broken: int = 0
    mended: int = 0
    replaced: int = 0
    members: int = 0
    declared: int = 0
    framed: bool = False
    cut: bool = False
    faults: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """The numbers by their names."""
        names = ("records", "kept", "other", "repeated", "unusable", "broken", "mended", "members", "declared")
        return {name: getattr(self, name) for name in names}


def records(stream: Bytes, tally: Tally) -> Iterator[dict[str, str]]:
    """Each record's leaf elements by their names in lower case. Errors of ``stream`` itself are not caught."""
    for block in _blocks(stream, tally):
        tally.records += 1
        record = _record(block, tally)
        if record:
            yield record
        else:
            tally.broken += 1


def _texts(stream: Bytes, tally: Tally) -> Iterator[str]:
    """The stream as text, piece by piece, in the encoding of its beginning."""
    first = stream.read(CHUNK)
    name = decode(first).encoding
    decoder = codecs.getincrementaldecoder(name)("replace")
    piece = first
    while True:
        text = decoder.decode(piece, final=not piece)
        tally.replaced += text.count("\ufffd")
        yield text
        if not piece:
            return
        piece = stream.read(CHUNK)


def _blocks(stream: Bytes, tally: Tally) -> Iterator[str]:
    """The text of each record with its tags. One without an end, cut off or endless, counts as broken."""
    held = ending = ""
    for text in _texts(stream, tally):
        held, ending = held + text, (ending + text)[-_TAIL:]
        if not tally.framed or not tally.records:
            _head(held, tally)
        at = 0
        while (opened := _OPEN.search(held, at)) is not None:
            closed = _CLOSE.search(held, opened.end())
            again = _OPEN.search(held, opened.end(), closed.start() if closed else len(held))
            if again is not None:
                _lost(tally)
                at = again.start()
            elif closed is not None:
                yield held[opened.start() : closed.end()]
                at = closed.end()
            elif len(held) - opened.start() > LONGEST:
                _lost(tally)
                at = opened.end()
            else:
                at = opened.start()
                break
        held = held[at:] if opened is not None else held[max(at, len(held) - _TAIL) :]
    if _OPEN.search(held):
        _lost(tally)
    tally.cut = tally.framed and _END.search(ending) is None


def _head(text: str, tally: Tally) -> None:
    tally.framed = tally.framed or bool(_FRAME.search(text) or _OPEN.search(text))
    if found := _DECLARED.search(text):
        tally.declared = max(tally.declared, int(found.group(1)))


def _lost(tally: Tally) -> None:
    tally.records += 1
    tally.broken += 1


def _record(block: str, tally: Tally) -> dict[str, str]:
    tidy = _ESCAPES.sub(_escaped, _ILLEGAL.sub("", block))
    tally.mended += tidy != block
    return _leaves(tidy)


def _leaves(text: str) -> dict[str, str]:
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        return {}
    found: dict[str, str] = {}
    for leaf in root.iter(etree.Element) if root is not None else ():
        if len(leaf) == 0 and leaf is not root and (said := (leaf.text or "").strip()):
            found.setdefault(_local(str(leaf.tag)), said)
    return found


@lru_cache(maxsize=4096)
def _local(tag: str) -> str:
    """The name of an element without its namespace or prefix, in lower case."""
    return tag.rpartition("}")[2].rpartition(":")[2].casefold()


def _is_legal(number: int) -> bool:
    """Whether XML 1.0 allows a character (section 2.2)."""
    return number in {9, 10, 13} or any(low <= number <= high for low, high in _LEGAL)


def _escaped(found: re.Match[str]) -> str:
    """Markup that is none, made text: a bare ampersand or less-than sign, an entity of HTML, a reference to no character."""
    whole, name = found.group(), found["name"]
    if whole.startswith("<!["):
        return whole
    if name is None:
        return "&lt;" if whole == "<" else "&amp;"
    if name.startswith("#"):
        number = int(f"0{name[1:]}", 16) if name[1] in {"x", "X"} else int(name[1:])
        return whole if _is_legal(number) else ""
    if name in _XML_NAMES:
        return whole
    return html5.get(f"{name};", f"&amp;{name};")
