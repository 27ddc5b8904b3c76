"""HTML as government sites write it: a page as a tree of lxml, the text that a reader sees, and pages that were cut off."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import cast

from lxml import etree

from scrapers.page import Malformed
from scrapers.platforms import walk
from scrapers.platforms.walk import UNSPOKEN, Element
from scrapers.text import clean, is_plain, one_line

BLOCK = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol "  # noqa: SIM905
    "p pre section table tbody tfoot thead tr ul".split()
)
_BREAK = "\0"
"""Between blocks while a text is gathered: white space inside of a text is no break."""
_AROUND: dict[object, str] = {**dict.fromkeys((*BLOCK, "br"), _BREAK), "td": " ", "th": " "}
_HIDDEN = UNSPOKEN | {"noscript", "head", "title", "iframe", "select", "datastore"}
_PROLOG = re.compile(r"<\?xml[^<>]*>?", re.IGNORECASE)
_UNSHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_DEEPEST = 300
_TOO_DEEP = etree.XPath(f"boolean({'/'.join(['*'] * _DEEPEST)})")
_MARKED = etree.XPath("//*[@class or @id]")
_PARSER = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True)  # how deep is said below
_PAIRED = ("div", "ul", "table", "script")
_LAST_TAG_OPEN = re.compile(r"<[^<>]*$")


class Tree:
    """A page. What is asked of it often is found out once: its links, its marked elements, and the text that it shows."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self._pieces: list[str] = []
        self._spans: dict[Element, tuple[int, int]] = {}

    @cached_property
    def links(self) -> list[Element]:
        """The ``a`` elements with an address, in the order of the page."""
        return walk.links(self.root)

    @cached_property
    def marked(self) -> dict[str, list[Element]]:
        """The elements by each class (``.name``) and id (``#name``) that they bear, in the order of the page."""
        found: dict[str, list[Element]] = defaultdict(list)
        for node in cast("list[Element]", _MARKED(self.root)):
            for name in dict.fromkeys((node.get("class") or "").split()):
                found[f".{name}"].append(node)
            if name := node.get("id") or "":
                found[f"#{name}"].append(node)
        return found

    @cached_property
    def seen(self) -> str:
        """What the whole page shows (`visible`)."""
        return self.visible(self.root)

    def visible(self, node: Element) -> str:
        """The text that a reader sees of an element, a line per block; the cells of a table row stand on one line."""
        if not self._pieces:
            _gather(self.root, self._pieces, self._spans)
        if node is self.root:
            return _shown(self._pieces)
        start, end = self._spans.get(node, (0, 0))
        return _shown(self._pieces[start:end]) if end else visible(node)


def tree_of(text: str) -> Tree:
    """The page as a tree. An XML prolog is left out: this is read as HTML, whatever it calls itself.

    Raises `Malformed` for a tree deeper than any page is: the cost of looking for something grows with the depth.
    """
    markup = text.replace("\0", "")
    if "<?" in markup:
        markup = _PROLOG.sub("", markup)
    if "<" not in markup:
        markup = f"<body>{markup}"
    root = _root(markup.encode("utf-8", "ignore"))
    # What stands behind an </html> comes as a second one. A browser shows it as one page.
    for more in list(root.itersiblings("*")):
        root.append(more)
    if text.count("<") > _DEEPEST and _TOO_DEEP(root):
        raise Malformed(f"the page nests its elements more than {_DEEPEST} deep")
    return Tree(root)


def _root(markup: bytes) -> Element:
    """The root of the tree; an empty one where there is no element to make a tree of (a comment and nothing else)."""
    try:
        root: Element | None = etree.fromstring(markup, _PARSER)
    except etree.LxmlError:
        root = None
    return root if root is not None else etree.Element("html")


def whole(text: str) -> None:
    """Raises `Malformed` for a page that was cut off: it has no end tag, and blocks or a tag are left open."""
    if "</html" in text or "</body" in text:
        return
    low = text.casefold()
    if "</html" in low or "</body" in low or not ("<html" in low or "<body" in low):
        return
    unclosed = [name for name in _PAIRED if len(re.findall(rf"<{name}\b", low)) > low.count(f"</{name}")]
    if unclosed or _LAST_TAG_OPEN.search(low):
        raise Malformed(f"the page is cut off: no </html>, and <{unclosed[0] if unclosed else 'a tag'}> is left open")


def attr(node: Element, name: str) -> str:
    """An attribute of an element; empty where it has none."""
    return node.get(name) or ""


def visible(node: Element) -> str:
    """The text that a reader sees of an element, a line per block; the cells of a table row stand on one line."""
    pieces: list[str] = []
    _gather(node, pieces, {})
    return _shown(pieces)


def _shown(pieces: list[str]) -> str:
    text = "\n".join([" ".join(words) for said in "".join(pieces).split(_BREAK) if (words := said.split())])
    return text if is_plain(text) else clean(text)


def line(node: Element | None) -> str:
    """The visible text of a node as one line; empty for None."""
    if node is None:
        return ""
    if len(node):
        return one_line(visible(node))
    text, style = node.text, node.get("style")
    if not text or node.tag in _HIDDEN or (style and _UNSHOWN.search(style)):
        return ""
    said = " ".join(text.split())
    return said if said.isprintable() else one_line(said)


def _gather(node: Element, pieces: list[str], spans: dict[Element, tuple[int, int]]) -> None:
    """Append what a node shows, with the breaks around its blocks; ``spans`` is to say which pieces are which block's."""
    tag, style = node.tag, node.get("style")
    if tag in _HIDDEN or (style and _UNSHOWN.search(style)):
        return
    start, around = len(pieces), _AROUND.get(tag)
    if around:
        pieces.append(around)
    if text := node.text:
        pieces.append(text)
    for child in node:
        _gather(child, pieces, spans)
        if text := child.tail:
            pieces.append(text)
    if around:
        pieces.append(around)
        spans[node] = (start, len(pieces))
