"""Bytes to text: which encoding a page is really in, and text without the characters that nobody sees."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

_META = re.compile(rb"<meta\b[^>]{0,400}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_XML = re.compile(rb"<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_HEAD_BYTES = 65_536
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_GB = "gb18030"
_GB_LABELS = {"gb2312", "gbk", "gb_2312-80", "gb_2312", "x-gbk", "chinese", "cp936", "ms936", "936", "gb18030"}
_SINGLE_BYTE = {"iso8859-1", "iso-8859-1", "latin-1", "latin1", "cp1252", "windows-1252", "us-ascii", "ascii"}

_C1 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_UNSEEN = dict.fromkeys(
    [*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xFFFE, 0xFFFF]
)
_TABLE: dict[int, str | None] = {**_C1, **_UNSEEN, 0xA0: " ", 0x3000: " ", 0x2028: "\n", 0x2029: "\n"}
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile(r"[ \t\r\f\v]+")
_WRAPPED = re.compile(r"(?<=[\u3001-\u301f\u3400-\u9fff\uff01-\uff1f])\n(?=[\u3001-\u301f\u3400-\u9fff\uff01-\uff1f])")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page as text, the encoding that it turned out to be in, and how many characters were lost (U+FFFD)."""

    text: str
    encoding: str
    replaced: int


def decode(content: bytes, content_type: str | None = None, own: str = "utf-8") -> Decoded:
    """Decode a page: byte order mark, header, meta, the source's own setting, UTF-8, GB18030; the first that fits whole.

    A label is a claim. UTF-8 checks itself, so bytes that are valid UTF-8 are UTF-8 whatever they are called, and bytes that
    are called UTF-8 and are not fall through to the next claim. Never raises: what no encoding reads becomes U+FFFD.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding)
    try:
        if "\ufffd" not in (text := content.decode("utf-8")):
            return Decoded(text, "utf-8", 0)
    except UnicodeDecodeError:
        pass
    if _mostly_utf8(content):
        return _decoded(content, "utf-8")
    for encoding in _claims(content, content_type, own):
        if _fits(content, encoding):
            return _decoded(content, encoding)
    return min((_decoded(content, name) for name in ("utf-8", _GB)), key=lambda read: read.replaced)


def _decoded(content: bytes, encoding: str) -> Decoded:
    text = content.decode(encoding, "replace")
    return Decoded(text, encoding, text.count("\ufffd"))


def _mostly_utf8(content: bytes) -> bool:
    """Whether the bytes are UTF-8 but for a few broken ones (a cut-off end, one bad byte in a long page)."""
    text = content.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for char in text if char > "\x7f") - bad
    return bad == 0 or bad * 8 <= good


def _claims(content: bytes, content_type: str | None, own: str) -> Iterator[str]:
    """The encodings to try, in order. A single-byte one reads anything, so that a server's default of it proves nothing."""
    head = content[:_HEAD_BYTES]
    header = _HEADER.search(content_type or "")
    document = _META.search(head) or _XML.search(head)
    labels = [header.group(1) if header else None, document.group(1).decode("ascii") if document else None, own]
    known = [name for name in map(_known, labels) if name]
    yield from (name for name in known if name not in _SINGLE_BYTE)
    if document and (stated := _known(labels[1])) in _SINGLE_BYTE:
        yield stated
    yield _GB


def _known(label: str | None) -> str | None:
    """The codec of a label (GB2312 and GBK are read as GB18030, which holds both), or None for one that Python lacks."""
    name = (label or "").strip().casefold()
    if name in _GB_LABELS:
        return _GB
    if name in _SINGLE_BYTE:
        return "cp1252"
    try:
        b"".decode(name)
    except (LookupError, ValueError):
        return None
    return name


def _fits(content: bytes, encoding: str) -> bool:
    """Whether the bytes are text in this encoding; a character that is cut off at the very end does not count against it."""
    try:
        codecs.getincrementaldecoder(encoding)("strict").decode(content)
    except (LookupError, ValueError, TypeError):
        return False
    return True


def clean(text: str) -> str:
    """Text with the unseen characters taken out and white space made plain; line breaks stay, empty lines go.

    C1 control characters are what Windows-1252 punctuation becomes when it is read as Latin-1 (FDA); they are read back.
    """
    if is_plain(text):
        return "\n".join([" ".join(words) for line in text.split("\n") if (words := line.split())])
    seen = _SURROGATES.sub("", text).translate(_TABLE)
    lines = (_BLANKS.sub(" ", line).strip() for line in seen.split("\n"))
    return "\n".join(line for line in lines if line)


def is_plain(text: str) -> bool:
    """Whether a text holds nothing but characters that print, spaces and line breaks: most do, and to see it is quick."""
    return text.replace("\n", "").isprintable()


def one_line(text: object) -> str:
    """A value of a page as one clean line: a title, a name, a cell. None is the empty string.

    A line break between two Han characters, or their punctuation, is a wrapped line and no space.
    """
    said = "" if text is None else str(text)
    if not said.isprintable():
        said = _WRAPPED.sub("", clean(said))
    return " ".join(said.split())
