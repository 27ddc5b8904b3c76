"""HTML as government sites write it: selectors with fallbacks, visible text, links, and pages that were cut off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urljoin, urlsplit, urlunsplit

from bs4 import BeautifulSoup, CData, Tag
from bs4.element import NavigableString

from scrapers.page import Malformed
from scrapers.platforms import walk
from scrapers.text import clean, one_line

BODIES = (
    ".TRS_Editor",
    "#zoom",
    "#UCAP-CONTENT",
    ".pages_content",
    ".article",
    ".article-content",
    ".article_con",
    ".content",
    ".content_main",
    ".main-content",
    ".Custom_UnionStyle",
    ".view",
    "article",
)
"""Where government sites keep the body, in the order that worked for 31 provinces (SITES.md, A.4)."""

_PROLOG = re.compile(r"<\?xml[^<>]*>?", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_SIMPLE = re.compile(r"([a-z][a-z0-9]*)?(?:([.#])([A-Za-z][\w-]*))?")
_HIDDEN = {"script", "style", "noscript", "template", "head", "title", "iframe", "select", "datastore"}
BLOCK = set(
    "address article aside blockquote body center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol "  # noqa: SIM905
    "p pre section table tbody tfoot thead tr ul".split()
)
_UNSHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_FRAME = ["nav", "header", "footer", "aside", "li"]
_ASIDE = {
    "nav",
    "header",
    "footer",
    "aside",
    "menu",
    "head",
    "foot",
    "side",
    "sidebar",
    "crumb",
    "link",
    "links",
    "logo",
}
_WORDS = re.compile(r"[\s_-]+")
_ENOUGH, _DEEPEST = 100, 300
_PAIRED = ("div", "ul", "table", "script")
_LAST_TAG_OPEN = re.compile(r"<[^<>]*$")
_SITE_SUFFIX = re.compile(r"\s*[-_|—–]\s*[^-_|—–]*(?:局|中心|网|政府|委员会|门户)\s*$")
_TITLE_LABEL = re.compile(r"^(?:标\s*题|文章标题)\s*[:：]\s*")
_ELLIPSIS = re.compile(r"(?:…+|\.{2,}|。{2,})\s*$")


def soup(text: str) -> BeautifulSoup:
    """The page as a tree. An XML prolog is left out: this is read as HTML, whatever it calls itself.

    Raises `Malformed` for a tree deeper than any page is: the cost of looking for something grows with the depth.
    """
    markup = _PROLOG.sub("", text.replace("\0", ""))
    # Text without a tag is taken for a file's name or a URL that was given by mistake, and warned of.
    tree = BeautifulSoup(markup if "<" in markup else f"<body>{markup}", "lxml")
    if text.count("<") > _DEEPEST and (depth := _depth(tree)) > _DEEPEST:
        raise Malformed(f"the page nests its elements {depth} deep, more than {_DEEPEST}")
    return tree


def _depth(tree: BeautifulSoup) -> int:
    """How deep the elements of a tree are nested."""
    deepest = 0
    stack: list[tuple[Tag, int]] = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        stack.extend((child, depth + 1) for child in node.contents if isinstance(child, Tag))
    return deepest


def whole(text: str) -> None:
    """Raises `Malformed` for a page that was cut off: it has no end tag, and blocks or a tag are left open."""
    low = text.casefold()
    if "</html" in low or "</body" in low or not ("<html" in low or "<body" in low):
        return
    unclosed = [name for name in _PAIRED if len(re.findall(rf"<{name}\b", low)) > low.count(f"</{name}")]
    if unclosed or _LAST_TAG_OPEN.search(low):
        raise Malformed(f"the page is cut off: no </html>, and <{unclosed[0] if unclosed else 'a tag'}> is left open")


def metas(tree: Tag) -> dict[str, str]:
    """The ``content`` of the page's meta tags by their ``name`` (or ``property``) in lower case; the first not empty stands."""
    found: dict[str, str] = {}
    for meta in walk.every(tree, "meta"):
        name = (attr(meta, "name") or attr(meta, "property")).strip().casefold()
        content = one_line(attr(meta, "content"))
        if name and content:
            found.setdefault(name, content)
    return found


def attr(tag: Tag, name: str) -> str:
    """An attribute of a tag; empty where it has none."""
    value = tag.get(name)
    return " ".join(value) if isinstance(value, list) else (value or "")


def visible(node: Tag) -> str:
    """The text that a reader sees, a line per block; the cells of a table row stand on one line."""
    return clean("".join(_pieces(node)))


def _pieces(root: Tag) -> Iterator[str]:
    stack: list[object] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Tag):
            if node.name in _HIDDEN or _UNSHOWN.search(attr(node, "style")):
                continue
            around = "\n" if node.name in BLOCK or node.name == "br" else " " if node.name in {"td", "th"} else ""
            yield around
            stack.append(around)
            stack.extend(reversed(node.contents))
        elif type(node) in {NavigableString, CData}:
            yield _SPACE.sub(" ", str(node))
        elif type(node) is str:
            yield node


def line(node: Tag | None) -> str:
    """The visible text of a node as one line; empty for None."""
    return one_line("".join(_pieces(node))) if node is not None else ""


def select(tree: Tag, css: str) -> list[Tag]:
    """What ``tree.select(css)`` finds, in the order of the page.

    A tag's name, a class, an id, or a name with one of them is looked for by hand, in a tenth of the time: an article is asked
    for some twenty of them, which was a third of its parsing.
    """
    simple = _SIMPLE.fullmatch(css)
    if simple is None or not isinstance(tree, BeautifulSoup):
        return list(tree.select(css))
    name, mark, value = simple.groups()
    return [
        node
        for node in tree.descendants
        if isinstance(node, Tag) and (name is None or node.name == name) and _bears(node, mark, value)
    ]


def _bears(node: Tag, mark: str | None, value: str) -> bool:
    if mark is None:
        return True
    if mark == "#":
        return node.attrs.get("id") == value
    # The only attribute here that is read as a list.
    return value in (node.attrs.get("class") or ())


def first_text(tree: Tag, *selectors: str) -> str:
    """The text of the first element that any of the selectors, in their order, finds with text in it."""
    return next((text for css in selectors for node in select(tree, css) if (text := line(node))), "")


def is_frame(node: Tag) -> bool:
    """Whether an element is the frame around the page: its menu, head, foot or sidebar."""
    words = set(_WORDS.split(f"{attr(node, 'class')} {attr(node, 'id')}".casefold()))
    return node.name in _ASIDE or bool(words & _ASIDE)


def heading(tree: Tag, *selectors: str) -> str:
    """The heading of an article: of the texts that the selectors find in their order, the one that the page's own ``<title>``
    is, else the first outside of the frame of the page, whose head may be a heading too (the name of the site), else the first.
    """
    found = [(node, text) for css in selectors for node in select(tree, css) if (text := line(node))]
    title = page_title(tree)
    inside = [text for node, text in found if node.find_parent(is_frame) is None] if len(found) > 1 else []
    every = inside or [text for _, text in found]
    return title if title in every else next(iter(every), "")


def fullest(tree: Tag, *selectors: str) -> Tag | None:
    """The element with the most text among those of the first selector that finds any."""
    for css in selectors:
        if found := select(tree, css):
            return max(found, key=lambda node: len(node.get_text()))
    return None


def densest(tree: Tag) -> Tag | None:
    """The element whose own paragraphs hold the most text: the body of a page whose markup is not known.

    None where no element has two of them, or a hundred characters in one: a menu or a message is no body.
    """
    said: dict[int, tuple[Tag, int, int]] = {}
    for paragraph in walk.every(tree, "p"):
        parent = paragraph.parent
        if isinstance(parent, Tag) and walk.above(paragraph, _FRAME) is None:
            _, count, length = said.get(id(parent), (parent, 0, 0))
            text = paragraph.get_text(strip=True)
            said[id(parent)] = (parent, count + bool(text), length + len(text))
    best = max(said.values(), key=lambda one: one[2], default=None)
    return best[0] if best and (best[1] > 1 or best[2] >= _ENOUGH) else None


def page_title(tree: Tag) -> str:
    """The ``<title>`` without the name of the site at its end."""
    title = one_line(tree.title.get_text()) if isinstance(tree, BeautifulSoup) and tree.title else ""
    return _SITE_SUFFIX.sub("", title) or title


def base_of(tree: Tag, url: str) -> str:
    """What the relative links of a page are relative to."""
    base = next((one for one in walk.every(tree, "base") if "href" in one.attrs), None)
    return absolute(url, attr(base, "href")) or url if base is not None else url


@lru_cache(maxsize=8192)
def absolute(base: str, href: str) -> str:
    """The absolute http(s) URL of a link without its fragment; empty for any other kind of link."""
    try:
        parts = urlsplit(urljoin(base, one_line(href)))
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return ""
    return urlunsplit(parts._replace(fragment=""))


def link_title(link: Tag, own_text: str) -> str:
    """The title of a row: lists cut the text of a link and keep the whole in its ``title``; the longer one is whole.

    Of a ``title`` of several lines (标题：…, 发布时间：…) the one that the text of the link begins is meant.
    """
    shown = _ELLIPSIS.sub("", own_text)
    lines = [_TITLE_LABEL.sub("", said) for said in clean(attr(link, "title")).split("\n")]
    begun = next((said for said in lines if len(lines) > 1 and shown and said.startswith(shown)), None)
    kept = begun or one_line(attr(link, "title"))
    return kept if len(kept) >= len(shown) else shown
