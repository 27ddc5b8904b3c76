"""Mutated pages: whatever the bytes, only the parsers' own error leaves. ``MEDPULSE_FUZZ=10000`` for more of them."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scrapers.page import Page, ParseError
from scrapers.parse import parse
from tests.scrapers.saved import load, page_files

EXAMPLES = int(os.environ.get("MEDPULSE_FUZZ", "300"))
SPICE = (
    *(
        b"",
        b"<",
        b">",
        b"\x00",
        b"\xff\xfe",
        b'"',
        b"]]>",
        b"<!--",
        b"</div>",
        b"null",
        b"[]",
        b"{}",
        b"9" * 400,
        b"\\ud800",
    ),
    *(
        b"<table><tr><td rowspan=9999 colspan=9999>",
        b"<record><![CDATA[",
        b"&#xD800;",
        b"<?xml?>",
        b"http://[",
        b"-1",
        b"1e999",
    ),
)
_page = cache(load)


@st.composite
def pages(draw: st.DrawFn) -> Page:
    """A saved page of which pieces were cut out, doubled, moved or replaced."""
    page = _page(draw(st.sampled_from(page_files())))
    content = page.content
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 40)))
        piece = draw(st.one_of(st.sampled_from(SPICE), st.binary(max_size=12), st.just(content[start:end] * 2)))
        content = content[:start] + piece + content[end:]
    kind = draw(
        st.sampled_from(
            [None, "text/html; charset=gbk", "text/html; charset=utf-7", "application/json; charset=utf-16"]
        )
    )
    return replace(page, content=content, content_type=kind, status=draw(st.sampled_from([200, 200, 200, 403, 412])))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(page=pages())
def test_only_parse_errors_leave_a_parser(page: Page) -> None:
    try:
        parsed = parse(page)
    except ParseError:
        return
    assert all(notice.item_key and notice.source_id == page.source.id for notice in parsed.notices)


@settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=list(HealthCheck))
@given(page=pages())
def test_a_parser_is_pure(page: Page) -> None:
    assert _outcome(page) == _outcome(page)


def _outcome(page: Page) -> object:
    try:
        return parse(page)
    except ParseError as error:
        return type(error), str(error)
