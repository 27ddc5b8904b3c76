"""Elements of a tree of lxml by their names, and the texts between them.

What lxml filters by name it filters in C: an element that is not asked for costs nothing. Comments and processing
instructions are nodes without a name; their text is never a text of the page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lxml import etree

Element = etree._Element  # noqa: SLF001 - the only name that lxml has for it
"""An element of a tree. Two are the same only while one of them is held: lxml makes them anew when they are asked for."""

ROWS = ("li", "tr", "dd")
"""Names of the elements that are rows of lists."""
UNSPOKEN: frozenset[object] = frozenset(
    {"script", "style", "template", "rt", "rp", etree.Comment, etree.PI, etree.Entity}
)
"""Names of the nodes whose text is no text of the page (lxml names a comment by the function that makes one)."""


def every(node: Element, *names: str) -> list[Element]:
    """The elements of these names below ``node``, in the order of the page."""
    return list(node.iterdescendants(*names))


def holds(node: Element, names: Collection[str]) -> bool:
    """Whether an element of one of these names is below ``node``."""
    return len(node) > 0 and next(node.iterdescendants(*names), None) is not None


def leaves(node: Element, names: Collection[str]) -> list[Element]:
    """The elements of these names below ``node`` that hold no other element of them."""
    return [one for one in _below(node, names) if not any(True for _ in _below(one, names))]


def _below(node: Element, names: Collection[str]) -> Iterator[Element]:
    # A filter of several names takes lxml longer to build than a row has elements.
    return (one for one in node.iterdescendants() if one.tag in names) if len(node) else iter(())


def links(node: Element) -> list[Element]:
    """The ``a`` elements with an address below ``node``."""
    return [one for one in node.iterdescendants("a") if one.get("href") is not None] if len(node) else []


def children(node: Element, *names: str) -> list[Element]:
    """The elements of these names right below ``node``."""
    return [one for one in node if one.tag in names]


def above(node: Element, names: Collection[str]) -> Element | None:
    """The nearest element of one of these names around ``node``."""
    return next((parent for parent in node.iterancestors() if parent.tag in names), None)


def texts(node: Element, without: Element | None = None) -> Iterator[str]:
    """The texts below ``node``, piece by piece, shown or not, but for those of scripts and of the element ``without``."""
    if node.tag in UNSPOKEN or node is without:
        return
    if node.text:
        yield node.text
    for child in node:
        yield from texts(child, without)
        if child.tail:
            yield child.tail


def says(node: Element) -> bool:
    """Whether there is any text below ``node``."""
    return any(text and not text.isspace() for text in texts(node))


def bears(node: Element, *names: str) -> bool:
    """Whether ``node`` says something, or holds an element of one of these names (an image, a link)."""
    return says(node) or holds(node, names)
