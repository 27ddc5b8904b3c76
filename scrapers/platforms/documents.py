"""What an official document carries beside its text: its number (文号) and its attachments."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from events.notice import Attachment
from scrapers.platforms import dom, hrefs, places, walk
from scrapers.platforms.dom import Tree
from scrapers.platforms.walk import Element
from scrapers.text import one_line

_NUMBER = (
    r"(?:[\u4e00-\u9fff]{2,16}?\s*[〔\[［(（【]\s*(?:19|20)\d{2}\s*[〕\]］)）】]\s*第?\s*\d{1,4}\s*号"
    r"|[\u4e00-\u9fff]{2,12}令\s*第\s*\d{1,3}\s*号)"
)
_YEARLY = r"(?:19|20)\d{2}\s*年\s*第\s*\d{1,4}\s*[号批]"
_LABELLED = re.compile(rf"(?:发文字号|发文文号|公文文号|文\s*号)\s*[:：]?\s*({_NUMBER}|{_YEARLY})")
_WHOLE = re.compile(rf"[(（\[【]?\s*({_NUMBER}|{_YEARLY})\s*[)）\]】]?")
_IN_TITLE = re.compile(rf"(?<!》)[(（]\s*({_NUMBER}|{_YEARLY})\s*[)）]?")
_FILE = re.compile(r"\.(?:docx?|xlsx?|pptx?|wps|et|ofd|pdf|zip|rar|7z|csv|txt|tiff?)$", re.IGNORECASE)
_DOWNLOAD = re.compile(r"/module/download/downfile\.jsp$", re.IGNORECASE)
_SAYS_NOTHING = re.compile(
    r"[\s\[(（【]*(?:点击|点此|此处|请|立即|附件|文件)?\s*(?:下载|查看|打开|链接)?\s*(?:\d+\s*)?[:：.)）\]】]*\s*"
)
_INLINE = {"span", "font", "strong", "b", "em", "i", "u", "small"}
_LISTED = re.compile(r"\d+\s*[.、．]|附件|《")
_NUMBERED = re.compile(r"附件\s*\d+")
_SPACE = re.compile(r"\s+")


def number(text: str) -> str | None:
    """``text`` as a document number, if it is one and nothing else (``医保发〔2024〕1号``, ``2021年第47号``)."""
    match = _WHOLE.fullmatch(text.strip())
    return _SPACE.sub("", match.group(1)) if match else None


def number_in(title: str, body: str = "", around: str = "") -> str | None:
    """The number of a document: in brackets in its title, after the label 文号, or alone on a line near its beginning.

    ``around`` is the whole page, whose head may state the number outside of the body. A number in running text, or after
    the name of a document (``《…》（…）``), is that of another document, which this one cites.
    """
    if found := _IN_TITLE.search(title) or _LABELLED.search(body) or _LABELLED.search(around):
        return _SPACE.sub("", found.group(1))
    return next((alone for line in body.split("\n")[:12] if (alone := number(line))), None)


def attachments(body: Element, tree: Tree, base: str) -> tuple[Attachment, ...]:
    """The files that a page links to, once per URL: those of its body, else those anywhere but in its navigation."""
    links = _files(walk.links(body), base) or {
        url: link for url, link in _files(tree.links, base).items() if not places.framed(link)
    }
    return tuple(Attachment(name=_name(link, url), url=url) for url, link in links.items())


def _files(links: Iterable[Element], base: str) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for link in links:
        url = hrefs.href(base, link)
        if url and (_FILE.search(path := urlsplit(url).path) or _DOWNLOAD.search(path)):
            if url in found and _says(dom.line(found[url])):
                continue
            found[url] = link
    return found


def _says(name: str) -> bool:
    return bool(name) and _SAYS_NOTHING.fullmatch(name) is None


def _name(link: Element, url: str) -> str:
    """The name of a file: the link's text, or where that is just 下载, what stands before it, or the URL's own name."""
    if name := next((name for name in _said(link) if _says(name) and len(name) <= 120), None):
        return name
    stated = _file_name(url)
    shown = _NUMBERED.search(dom.line(link))
    return shown.group() if shown and stated.isascii() else stated


def _said(link: Element) -> Iterator[str]:
    yield dom.line(link)
    yield one_line(dom.attr(link, "title"))
    yield one_line(dom.attr(link, "download"))
    yield _before(link)
    yield _above(link)


def _above(link: Element) -> str:
    """The text of the cell before the link's own, or of the line above it where its own holds nothing else."""
    own = walk.above(link, ("td", "p", "li", "div"))
    if own is None or _says(dom.line(own)) or len(walk.every(own, "a")) > 1:
        return ""
    near = next(own.itersiblings("*", preceding=True), None)
    text = dom.line(near) if near is not None and near.tag == own.tag and not walk.holds(near, ("a",)) else ""
    return text if own.tag == "td" or _LISTED.match(text) else ""


def _before(link: Element) -> str:
    """The text on the same line before a link, also outside of the inline elements that hold it."""
    said: list[str] = []
    node: Element | None = link
    while node is not None and not said:
        parent: Element | None = node.getparent()
        for near in node.itersiblings(preceding=True):
            said += filter(None, [one_line(near.tail)])
            if near.tag == "a" or near.tag in dom.BLOCK or (near.tag == "br" and said):
                break
            said += filter(None, [dom.line(near)])
        else:
            said += filter(None, [one_line(parent.text if parent is not None else None)])
        node = parent if parent is not None and parent.tag in _INLINE else None
    return "".join(reversed(said)).strip(" （([【：:")


def _file_name(url: str) -> str:
    """The name that a URL holds; the CMS of NMPA writes it as Base64 of GBK."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    stated = next((query[key][0] for key in ("showname", "filename") if key in query), unquote(parts.path))
    path = PurePosixPath(stated)
    stem = stated.rpartition("/images/")[2].removesuffix(path.suffix)  # Base64 has slashes of its own
    try:
        name = base64.b64decode(stem, validate=True).decode("gb18030")
    except (binascii.Error, ValueError):
        return path.name
    return f"{name.removesuffix(path.suffix)}{path.suffix}" if name.isprintable() and len(name) > 1 else path.name
