"""Saved pages, mutated as hostile servers, broken editors and cut connections mutate them.

Every choice is asked of a `random.Random`: a seeded one for the long run (`tests.scrapers.fuzz`), and one of hypothesis for the
tests, which then shrink what they find.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from scrapers.page import Page
from scrapers.source import catalog
from tests.scrapers.saved import load, page_files

Mutation = Callable[[Random, bytes], bytes]
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "big5", "latin-1", "utf-7", "utf-32")
KINDS = (
    None,
    "text/html; charset=gbk",
    "text/html; charset=utf-7",
    "application/json; charset=utf-16",
    "text/xml; charset=no-such",
    "text/html; charset=",
)
SPICE = (
    *(b"", b"<", b">", b"\x00", b"\xff\xfe", b'"', b"'", b"]]>", b"<!--", b"</div>", b"null", b"[]", b"{}", b"\\ud800"),
    *(b"<table><tr><td rowspan=9999 colspan=9999>", b"<record><![CDATA[", b"&#xD800;", b"&#99999999999;", b"<?xml?>"),
    *(
        b"http://[",
        b"http://[::1",
        b"javascript:",
        b"//",
        b"-1",
        b"1e999",
        b"NaN",
        b"<script>$_ts",
        b"<base href='http://['>",
    ),
    *(
        b"2024-02-30",
        b"9999-99-99",
        b"\xe2\x80\xae",
        b"\xed\xa0\x80",
        b"<p>" * 40,
        b"&nbsp;" * 40,
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
    ),
)
_TAG = re.compile(rb"</?[A-Za-z][\w-]*")
_NUMBER = re.compile(rb"\d+")
_VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"')
_TAGS = (
    b"<table",
    b"<td",
    b"<li",
    b"<a",
    b"<script",
    b"<style",
    b"<svg",
    b"<template",
    b"<select",
    b"</html",
    b"</body",
    b"<meta",
)
_HUGE = (b"9" * 400, b"-" + b"9" * 30, b"99999999999999", b"1" * 4400, b"0", b"1e400", b"253402300800000")

_ODD: tuple[Any, ...] = (
    None,
    True,
    "",
    " ",
    "null",
    "<b>",
    "&#x3b;",
    [],
    {},
    [None],
    [[]],
    {"time": None},
    -1,
    0.5,
    10**30,
    "9" * 20,
)


@cache
def seeds(platform: str) -> tuple[Page, ...]:
    """The saved pages of the sources on a platform."""
    return tuple(_page(file) for file in _files() if catalog()[file.parent.name].platform == platform)


_page: Callable[[Path], Page] = cache(load)
_files: Callable[[], list[Path]] = cache(page_files)


def _spiced(draw: Random, content: bytes) -> bytes:
    """Something put into the page, or in place of a piece of it: what parsers fear, noise, or the piece itself twice."""
    start = draw.randint(0, len(content))
    end = min(len(content), start + draw.randint(0, 40))
    pieces = (
        draw.choice(SPICE),
        bytes(draw.randint(0, 255) for _ in range(draw.randint(0, 12))),
        content[start:end] * 2,
    )
    return content[:start] + draw.choice(pieces) + content[end:]


def _flipped(draw: Random, content: bytes) -> bytes:
    """Some bits turned over."""
    turned = bytearray(content)
    for _ in range(draw.randint(1, 8) if content else 0):
        turned[draw.randint(0, len(content) - 1)] ^= 1 << draw.randint(0, 7)
    return bytes(turned)


def _cut(draw: Random, content: bytes) -> bytes:
    """The head, the tail, or the page without a piece of its middle."""
    start, end = sorted((draw.randint(0, len(content)), draw.randint(0, len(content))))
    return draw.choice((content[:end], content[start:], content[:start] + content[end:]))


def _swapped(pattern: re.Pattern[bytes], others: Sequence[bytes]) -> Mutation:
    """One thing of a kind replaced by another of the page, or by one of ``others``."""

    def mutate(draw: Random, content: bytes) -> bytes:
        found = list(pattern.finditer(content))
        if not found:
            return content
        place = draw.choice(found)
        other = draw.choice((draw.choice(others), draw.choice(found).group()))
        return content[: place.start()] + other + content[place.end() :]

    return mutate


def _recoded(draw: Random, content: bytes) -> bytes:
    """The same text in an encoding that the page does not name."""
    return content.decode("utf-8", "replace").encode(draw.choice(ENCODINGS), "replace")


def _nested(draw: Random, content: bytes) -> bytes:
    """Something opened hundreds of times, and never closed."""
    opener = draw.choice((b"<div>", b"<table><tr><td>", b"[", b'{"a":', b"<ul><li>", b"<b>", b"<data>", b"("))
    place = draw.randint(0, len(content))
    return content[:place] + opener * draw.choice((3, 3, 50, 50, 200, 600)) + content[place:]


def _reshaped(draw: Random, content: bytes) -> bytes:
    """JSON that is JSON still: a value in it is another, has gone, or stands there twice. Other content is spiced."""
    text = content.decode("utf-8", "replace")
    start = min((at for mark in "{[" if (at := text.find(mark)) >= 0), default=0)
    try:
        value, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return _spiced(draw, content)
    places = _places(value)
    if places:
        holder, key = draw.choice(places)
        holder[key] = draw.choice((draw.choice(_ODD), draw.choice(_ODD), [holder[key]] * 2, {"a": holder[key]}))
        if draw.randint(0, 3) == 0:
            del holder[key]
    return f"{text[:start]}{json.dumps(value, ensure_ascii=False)}{text[end:]}".encode("utf-8", "replace")


def _places(root: Any) -> list[tuple[Any, Any]]:
    """Every place of a JSON value that holds another, as its holder and key."""
    found: list[tuple[Any, Any]] = []
    rest = [root]
    while rest:
        holder = rest.pop()
        inner = holder.items() if isinstance(holder, dict) else enumerate(holder) if isinstance(holder, list) else ()
        for key, value in inner:
            found.append((holder, key))
            rest.append(value)
    return found


def _spliced(draw: Random, content: bytes) -> bytes:
    """The head of this page and the tail of a page of any other source: a site that moved, a proxy that mixed answers up."""
    other = _page(draw.choice(_files())).content
    return content[: draw.randint(0, len(content))] + other[draw.randint(0, len(other)) :]


MUTATIONS: tuple[Mutation, ...] = (
    _spiced,
    _flipped,
    _cut,
    _swapped(_TAG, _TAGS),
    _swapped(_NUMBER, _HUGE),
    _swapped(_VALUE, (b"null", b"[]", b"{}", b"true", b"0", b'""', b'[{"a":[null]}]')),
    _recoded,
    _nested,
    _spliced,
    _reshaped,
)
GENTLE: tuple[Mutation, ...] = (_reshaped, _reshaped, MUTATIONS[3], MUTATIONS[4])
"""Those after which JSON mostly is JSON and HTML has its elements: they get past the reading, into the parser."""


def mutated(draw: Random, platform: str) -> Page:
    """A saved page of a platform after one to five mutations, under any status and type, at its URL or its source's home."""
    page = draw.choice(seeds(platform))
    content = page.content
    kinds = draw.choice((MUTATIONS, GENTLE))
    for _ in range(draw.randint(1, 5)):
        content = draw.choice(kinds)(draw, content)
    return replace(
        page,
        content=content,
        content_type=draw.choice(KINDS),
        status=draw.choice((*(200,) * 14, 403, 412)),
        url=draw.choice((page.url, page.url, page.source.home)),
    )
