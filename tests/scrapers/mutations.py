"""Saved pages, mutated as hostile servers, broken editors and cut connections mutate them. Strategies of hypothesis."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from scrapers.page import Page
from scrapers.source import catalog
from tests.scrapers.saved import load, page_files

Mutation = Callable[[st.DrawFn, bytes], bytes]
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


@cache
def seeds(platform: str) -> tuple[Page, ...]:
    """The saved pages of the sources on a platform."""
    return tuple(_page(file) for file in page_files() if catalog()[file.parent.name].platform == platform)


_page: Callable[[Path], Page] = cache(load)


def _spiced(draw: st.DrawFn, content: bytes) -> bytes:
    start = draw(st.integers(0, len(content)))
    end = min(len(content), start + draw(st.integers(0, 40)))
    piece = draw(st.one_of(st.sampled_from(SPICE), st.binary(max_size=12), st.just(content[start:end] * 2)))
    return content[:start] + piece + content[end:]


def _flipped(draw: st.DrawFn, content: bytes) -> bytes:
    """Some bits turned over."""
    turned = bytearray(content)
    for place in draw(st.lists(st.integers(0, max(len(content) - 1, 0)), max_size=8)) if content else ():
        turned[place] ^= 1 << draw(st.integers(0, 7))
    return bytes(turned)


def _cut(draw: st.DrawFn, content: bytes) -> bytes:
    start, end = sorted((draw(st.integers(0, len(content))), draw(st.integers(0, len(content)))))
    return draw(st.sampled_from((content[:end], content[start:], content[:start] + content[end:])))


def _swapped(pattern: re.Pattern[bytes], others: Sequence[bytes]) -> Mutation:
    """One thing of a kind replaced by another of the page, or by one of ``others``."""

    def mutate(draw: st.DrawFn, content: bytes) -> bytes:
        found = list(pattern.finditer(content))
        if not found:
            return content
        place = draw(st.sampled_from(found))
        other = draw(st.one_of(st.sampled_from(others), st.sampled_from(found).map(lambda match: match.group())))
        return content[: place.start()] + other + content[place.end() :]

    return mutate


def _recoded(draw: st.DrawFn, content: bytes) -> bytes:
    """The same text in an encoding that the page does not name."""
    return content.decode("utf-8", "replace").encode(draw(st.sampled_from(ENCODINGS)), "replace")


def _nested(draw: st.DrawFn, content: bytes) -> bytes:
    """Something opened hundreds of times, and never closed."""
    opener = draw(st.sampled_from((b"<div>", b"<table><tr><td>", b"[", b'{"a":', b"<ul><li>", b"<b>", b"<data>", b"(")))
    place = draw(st.integers(0, len(content)))
    return content[:place] + opener * draw(st.sampled_from((3, 200, 1500))) + content[place:]


MUTATIONS: tuple[Mutation, ...] = (
    _spiced,
    _flipped,
    _cut,
    _swapped(_TAG, _TAGS),
    _swapped(_NUMBER, _HUGE),
    _swapped(_VALUE, (b"null", b"[]", b"{}", b"true", b"0", b'""', b'[{"a":[null]}]')),
    _recoded,
    _nested,
)


@st.composite
def mutated(draw: st.DrawFn, platform: str) -> Page:
    """A saved page of a platform after one to five mutations, under any status and type, at its URL or its source's home."""
    page = draw(st.sampled_from(seeds(platform)))
    content = page.content
    for mutation in draw(st.lists(st.sampled_from(MUTATIONS), min_size=1, max_size=5)):
        content = mutation(draw, content)
    return replace(
        page,
        content=content,
        content_type=draw(st.sampled_from(KINDS)),
        status=draw(st.sampled_from((200, 200, 200, 200, 403, 412))),
        url=draw(st.sampled_from((page.url, page.url, page.source.home))),
    )
