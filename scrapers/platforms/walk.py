"""Elements by their names, looked for by hand: what ``find_all``, ``find`` and ``find_parent`` of Beautiful Soup find.

Those build a filter of several objects at each call, which was half of the time that a list of links took; for plain names a
walk over the tree does the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bs4 import Tag
from bs4.element import NavigableString


def every(node: Tag, *names: str) -> list[Tag]:
    """The elements of these names below ``node``, in the order of the page."""
    return [one for one in node.descendants if isinstance(one, Tag) and one.name in names]


def holds(node: Tag, names: Collection[str]) -> bool:
    """Whether an element of one of these names is below ``node``."""
    return any(isinstance(one, Tag) and one.name in names for one in node.descendants)


def leaves(node: Tag, names: Collection[str]) -> Iterator[Tag]:
    """The elements of these names below ``node`` that hold no other element of them."""
    return (one for one in every(node, *names) if not holds(one, names))


def links(node: Tag) -> Iterator[Tag]:
    """The ``a`` elements with an address below ``node``."""
    return (one for one in node.descendants if isinstance(one, Tag) and one.name == "a" and "href" in one.attrs)


def texts(node: Tag) -> Iterator[NavigableString]:
    """The texts below ``node``, comments and scripts too."""
    return (one for one in node.descendants if isinstance(one, NavigableString))


def children(node: Tag, names: Collection[str]) -> list[Tag]:
    """The elements of these names right below ``node``."""
    return [one for one in node.contents if isinstance(one, Tag) and one.name in names]


def above(node: Tag, names: Collection[str]) -> Tag | None:
    """The nearest element of one of these names around ``node``."""
    parent = node.parent
    while parent is not None and parent.name not in names:
        parent = parent.parent
    return parent
