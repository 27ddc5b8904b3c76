"""The links of a page: where they lead, and what a row that they stand in is called."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit, urlunsplit

from scrapers.platforms.dom import Tree, attr
from scrapers.platforms.walk import Element
from scrapers.text import clean, one_line

_WHOLE = re.compile(r"https?://[\w.-]+(?:/[\w~%-][\w.~%-]*)+/?", re.ASCII)
_ROOTED = re.compile(r"(?:/[\w~%-][\w.~%-]*)*/?", re.ASCII)
_NEAR = re.compile(r"(?:\./)?(?P<up>(?:\.\./)*)(?P<path>[\w~%-][\w.~%-]*(?:/[\w~%-][\w.~%-]*)*/?)", re.ASCII)
_ANCHOR = re.compile(r"#[\w-]*", re.ASCII)
_FOLDER = re.compile(r"(?P<folder>https?://[\w.:-]+(?:/[\w~%-][\w.~%-]*)*/)[\w.~%-]*", re.ASCII)
_PATH = re.compile(r"https?://[\w.:-]+(?P<path>(?:/[!\"$->@-~]*)?)(?:[?#][!-~]*)?", re.ASCII)
_SCRIPT = "javascript:"
_SITE = re.compile(r"https?://[\w.:-]+(?=/|\Z)", re.ASCII)
_TITLE_LABEL = re.compile(r"^(?:标\s*题|文章标题)\s*[:：]\s*")
_ELLIPSIS = re.compile(r"(?:…+|\.{2,}|。{2,})\s*$")


def base_of(tree: Tree, url: str) -> str:
    """What the relative links of a page are relative to."""
    base = next((one for one in tree.root.iter("base") if one.get("href") is not None), None)
    return absolute(url, attr(base, "href")) or url if base is not None else url


@lru_cache(maxsize=8192)
def absolute(base: str, href: str) -> str:
    """The absolute http(s) URL of a link without its fragment; empty for any other kind of link."""
    if quick := _plainly(base, href):
        return quick
    if href.startswith(_SCRIPT):
        return ""
    if _ANCHOR.fullmatch(href) and _FOLDER.fullmatch(base):
        return base
    try:
        parts = urlsplit(urljoin(base, one_line(href)))
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return ""
    return urlunsplit(parts._replace(fragment=""))


def joined(base: str, path: str) -> str:
    """`urljoin`, for paths that mostly are plain ones."""
    return _plainly(base, path) or urljoin(base, path)


def _plainly(base: str, href: str) -> str:
    """What `urljoin` makes of the commonest kinds of links; empty for any other. It takes ten times as long."""
    if _WHOLE.fullmatch(href):
        return href
    if href and _ROOTED.fullmatch(href) and (site := _SITE.match(base)):
        return site.group() + href
    if (around := _FOLDER.fullmatch(base)) is None:
        return ""
    if near := _NEAR.fullmatch(href):
        return _up(around["folder"], near["up"].count("/")) + near["path"]
    return ""


def _up(folder: str, steps: int) -> str:
    """The folder so many steps above another; the root of a site is above itself."""
    for _ in range(steps):
        above = folder.rpartition("/")[0].rpartition("/")[0]
        folder = folder if above.endswith("/") else f"{above}/"
    return folder


def path_of(url: str) -> str:
    """The path of an address, as `urlsplit` takes it out; that takes ten times as long for one that it has not just seen."""
    plain = _PATH.fullmatch(url)
    return plain["path"] if plain else urlsplit(url).path


def href(base: str, link: Element) -> str:
    """Where an ``a`` leads, as `absolute` says it."""
    return absolute(base, attr(link, "href"))


def same_host(url: str, other: str) -> bool:
    """Whether two URLs are on the same host. To take a host out of an address is dear, and mostly the addresses are equal."""
    one, two = urlsplit(url), urlsplit(other)
    return one.netloc == two.netloc or one.hostname == two.hostname


def link_title(link: Element, own_text: str) -> str:
    """The title of a row: lists cut the text of a link and keep the whole in its ``title``; the longer one is whole.

    Of a ``title`` of several lines (标题：…, 发布时间：…) the one that the text of the link begins is meant.
    """
    shown = _ELLIPSIS.sub("", own_text)
    stated = link.get("title")
    if not stated:
        return shown
    lines = [_TITLE_LABEL.sub("", said) for said in clean(stated).split("\n")]
    begun = next((said for said in lines if len(lines) > 1 and shown and said.startswith(shown)), None)
    kept = begun or one_line(stated)
    return kept if len(kept) >= len(shown) else shown
