"""Where pages keep things: elements by a selector, and of those the heading, the body, the metas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from scrapers.page import ParseError
from scrapers.platforms import walk
from scrapers.platforms.dom import Tree, attr, line
from scrapers.platforms.walk import Element
from scrapers.text import one_line

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

_STEP = re.compile(r"(?P<name>[a-z][a-z0-9]*)?(?P<marks>(?:[.#][\w-]+)*)")
_MARK = re.compile(r"[.#][\w-]+")
_FRAME = ("nav", "header", "footer", "aside", "li")
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
_ENOUGH = 100
_SITE_SUFFIX = re.compile(r"\s*[-_|—–]\s*[^-_|—–]*(?:局|中心|网|政府|委员会|门户)\s*$")


def select(tree: Tree, css: str) -> list[Element]:
    """The elements that a selector finds, in the order of the page.

    A selector is a name, classes and ids (``div.text``), or several such steps one inside of the other (``#main .text``).
    Raises `ParseError` for any other.
    """
    *around, (name, marks) = _steps(css)
    if not marks:
        found = list(tree.root.iter(name))
    elif name == "*" and len(marks) == 1:
        found = tree.marked.get(marks[0], [])
    else:
        found = [node for node in tree.marked.get(marks[0], ()) if _fits(node, name, marks)]
    return [node for node in found if _inside(node, around)] if around else found


_Step = tuple[str, tuple[str, ...]]


@lru_cache
def _steps(css: str) -> tuple[_Step, ...]:
    """The steps of a selector, from the outside in: the name (``*`` where it has none) and the marks of each."""
    steps = [_STEP.fullmatch(step) for step in css.split()]
    if not steps or None in steps:
        raise ParseError(
            f"the selector {css!r} is not understood: write names, classes and ids (div.text, #main .text)"
        )
    return tuple((step["name"] or "*", tuple(_MARK.findall(step["marks"]))) for step in steps if step)


def _fits(node: Element, name: str, marks: Iterable[str]) -> bool:
    classes = attr(node, "class").split()
    return name in {"*", node.tag} and all(
        mark[1:] in classes if mark[0] == "." else mark[1:] == node.get("id") for mark in marks
    )


def _inside(node: Element, around: Sequence[_Step]) -> bool:
    """Whether elements around a node fit the steps, from the inside out."""
    left = list(around)
    for parent in node.iterancestors():
        if left and _fits(parent, *left[-1]):
            left.pop()
    return not left


def metas(tree: Tree) -> dict[str, str]:
    """The ``content`` of the page's meta tags by their ``name`` (or ``property``) in lower case; the first not empty stands."""
    found: dict[str, str] = {}
    for meta in tree.root.iter("meta"):
        name = (attr(meta, "name") or attr(meta, "property")).strip().casefold()
        if name and (content := one_line(attr(meta, "content"))):
            found.setdefault(name, content)
    return found


def first_text(tree: Tree, *selectors: str) -> str:
    """The text of the first element that any of the selectors, in their order, finds with text in it."""
    return next((text for css in selectors for node in select(tree, css) if (text := line(node))), "")


def is_frame(node: Element) -> bool:
    """Whether an element is the frame around the page: its menu, head, foot or sidebar."""
    words = _WORDS.split(f"{attr(node, 'class')} {attr(node, 'id')}".casefold())
    return node.tag in _ASIDE or not _ASIDE.isdisjoint(words)


def framed(node: Element) -> bool:
    """Whether an element stands in the frame around the page."""
    return any(is_frame(parent) for parent in node.iterancestors())


def heading(tree: Tree, *selectors: str) -> str:
    """The heading of an article: of the texts that the selectors find in their order, the one that the page's own ``<title>``
    is, else the first outside of the frame of the page, whose head may be a heading too (the name of the site), else the first.
    """
    found = [(node, text) for css in selectors for node in select(tree, css) if (text := line(node))]
    inside = [text for node, text in found if not framed(node)] if len(found) > 1 else []
    every = inside or [text for _, text in found]
    title = page_title(tree) if len(every) > 1 else ""
    return title if title in every else next(iter(every), "")


def fullest(tree: Tree, *selectors: str) -> Element | None:
    """The element with the most text among those of the first selector that finds any."""
    for css in selectors:
        if found := select(tree, css):
            return max(found, key=_length) if len(found) > 1 else found[0]
    return None


def _length(node: Element) -> int:
    # White space between elements counts as one character, however far a page indents its source.
    return sum(1 if text.isspace() else len(text) for text in walk.texts(node))


def densest(tree: Tree) -> Element | None:
    """The element whose own paragraphs hold the most text: the body of a page whose markup is not known.

    None where no element has two of them, or a hundred characters in one: a menu or a message is no body.
    """
    said: dict[Element, tuple[int, int]] = {}
    for paragraph in tree.root.iter("p"):
        parent = paragraph.getparent()
        if parent is not None and walk.above(paragraph, _FRAME) is None:
            count, length = said.get(parent, (0, 0))
            text = "".join(piece.strip() for piece in walk.texts(paragraph))
            said[parent] = (count + bool(text), length + len(text))
    best = max(said.items(), key=lambda one: one[1][1], default=None)
    return best[0] if best and (best[1][0] > 1 or best[1][1] >= _ENOUGH) else None


def page_title(tree: Tree) -> str:
    """The ``<title>`` without the name of the site at its end."""
    node = next(tree.root.iter("title"), None)
    title = one_line("".join(walk.texts(node))) if node is not None else ""
    return _SITE_SUFFIX.sub("", title) or title
