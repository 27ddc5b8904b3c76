"""A page that a person saved from a browser: its bytes, its type and its URL. Pure, but for `side_files`.

Where the URL may stand, the surest first: a file beside it (``NAME.url`` or ``NAME.webloc``, a shortcut; ``NAME.url.txt``, it
stands on the first line), the head of an MHTML file (``Content-Location``, ``Snapshot-Content-Location``), the comment
``<!-- saved from url=(0042)https://… -->`` of Internet Explorer, Edge and Chrome, SingleFile's ``url: …`` comment,
``<link rel=canonical>``, ``<meta property=og:url>`` and ``<base href>``. Rules: RFC 2557 (MHTML).
"""

from __future__ import annotations

import configparser
import plistlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from events.sparing import without

with without("charset_normalizer"):  # to guess the encoding of bytes: `scrapers.text` has decoded them before
    from bs4 import BeautifulSoup

SIDE_SUFFIXES = (".url", ".webloc", ".url.txt")
MHTML = frozenset({".mhtml", ".mht"})
HTML = frozenset({".html", ".htm", ".xhtml", ".shtml"})
DATA = frozenset({".json", ".xml"})
PDF = ".pdf"
KINDS = MHTML | HTML | DATA | {PDF}

_HEAD = 64 * 1024
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\((\d{4})\)(\S[^\r\n]*?)\s*-->", re.IGNORECASE)
_SINGLE_FILE = re.compile(rb"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?[\w-]+", re.IGNORECASE)


class NotSaved(ValueError):
    """The file is no page that was saved, or nobody says from where. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A saved page. ``urls`` are where it may come from, the surest first; ``content`` is the page itself, undecoded."""

    content: bytes
    content_type: str
    urls: tuple[str, ...]


def saved_page(name: str, data: bytes, told: Sequence[str] = ()) -> SavedPage:
    """The page in a file. ``told`` are the URLs of its side files. Raises `NotSaved`."""
    suffix = Path(name).suffix.lower()
    if not data.strip():
        raise NotSaved("the file is empty: save the page again")
    if data.startswith(b"%PDF-"):
        return SavedPage(data, "application/pdf", tuple(told))
    if suffix == PDF:
        raise NotSaved("the file is called .pdf and is none: it does not begin with %PDF-; download it again")
    if suffix in MHTML or _is_mhtml(data):
        return _from_mhtml(data, told)
    if suffix in DATA:
        kind = "application/json" if suffix == ".json" else "application/xml"
        return SavedPage(data, kind, tuple(told))
    if suffix in HTML:
        return SavedPage(data, "text/html", _once([*told, *_in_html(data)]))
    raise NotSaved(f"files of kind {suffix or 'without an ending'} are not read: save the page as HTML, MHTML or PDF")


def url_in_side_file(name: str, data: bytes) -> str | None:
    """The URL that a side file states: a Windows or macOS shortcut, or the first line of a text."""
    text = data.decode("utf-8-sig", "replace").strip()
    try:
        if name.lower().endswith(".webloc"):
            found = plistlib.loads(data).get("URL")
        elif text.startswith("["):
            shortcut = configparser.RawConfigParser(strict=False)
            shortcut.read_string(text)
            found = shortcut.get("InternetShortcut", "URL", fallback=None)
        else:
            found = next(iter(text.splitlines()), None)
    # A file that a person made: whatever is wrong with it, it states no URL. plistlib fails in a dozen ways.
    except Exception:  # noqa: BLE001
        return None
    return found.strip() if isinstance(found, str) and _is_url(found.strip()) else None


def side_files(path: Path) -> Iterator[Path]:
    """The files beside ``path`` that may state its URL, the surest first: by its whole name, then without its ending."""
    for base in (path.name, path.stem):
        for suffix in SIDE_SUFFIXES:
            beside = path.with_name(base + suffix)
            if beside.is_file():
                yield beside


def is_side_file(name: str) -> bool:
    """Whether a file is beside a page, and no page itself."""
    return name.lower().endswith(SIDE_SUFFIXES)


def _is_mhtml(data: bytes) -> bool:
    head = data[:4096].lower()
    return b"mime-version:" in head and b"multipart/related" in head


def _from_mhtml(data: bytes, told: Sequence[str]) -> SavedPage:
    message = BytesParser(policy=policy.default).parsebytes(data)
    main = _main_part(message)
    if main is None:
        raise NotSaved("the MHTML file has no part of HTML: save the page again")
    content = main.get_payload(decode=True)
    if not isinstance(content, bytes) or not content.strip():
        raise NotSaved("the main part of the MHTML file is empty: save the page again")
    said = [main.get("Content-Location"), message.get("Snapshot-Content-Location"), message.get("Content-Location")]
    urls = [str(one).strip() for one in said if one is not None]
    charset = main.get_content_charset()
    kind = main.get_content_type() + (
        f"; charset={charset}" if charset and not _CHARSET.search(content[:_HEAD]) else ""
    )
    return SavedPage(content, kind, _once([*told, *urls, *_in_html(content)]))


def _main_part(message: EmailMessage) -> EmailMessage | None:
    """The part that ``start`` names, else the first of HTML (RFC 2387, section 3.2)."""
    start = message.get_param("start")
    parts = [part for part in message.walk() if not part.is_multipart()]
    named = [part for part in parts if isinstance(start, str) and part.get("Content-ID", "") == start]
    pages = [part for part in parts if part.get_content_type() in {"text/html", "application/xhtml+xml"}]
    return next(iter([*(part for part in named if part in pages), *pages]), None)


def _in_html(data: bytes) -> Iterator[str]:
    head = data[:_HEAD]
    for match in _SAVED_FROM.finditer(head):
        length, rest = int(match[1]), match[2]
        yield unescape((rest[:length] if len(rest) >= length > 0 else rest).decode("utf-8", "replace"))
    for match in _SINGLE_FILE.finditer(head):
        yield unescape(match[1].decode("utf-8", "replace"))
    tree = BeautifulSoup(head, "lxml")
    for selector, attribute in (
        ("link[rel~=canonical][href]", "href"),
        ('meta[property="og:url"][content]', "content"),
        ("base[href]", "href"),
    ):
        for tag in tree.select(selector):
            yield str(tag[attribute]).strip()


def _once(urls: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(url for url in urls if _is_url(url)))


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not set(text) & set(" \n\r\t")
