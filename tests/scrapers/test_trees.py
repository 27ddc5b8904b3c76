"""Pages as trees of lxml: broken ones, selectors, links that take the short way, and rows that are remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import pytest
from lxml import etree

from events.base import Precision
from events.notice import Notice
from scrapers import remember
from scrapers.page import Malformed, Page, ParseError
from scrapers.parse import parse
from scrapers.platforms import common, dom, hrefs, places, walk
from scrapers.platforms.common import notice, query_of, with_query
from scrapers.remember import Known
from scrapers.source import catalog
from scrapers.text import one_line
from tests.scrapers.saved import SEEN_AT, load, page_files

PIECES = (
    *(
        "a",
        "b1",
        "..",
        "../",
        ".",
        "/",
        "//",
        "?",
        "#",
        ";",
        ":",
        "http://",
        "https://x.cn",
        "x.cn",
        "%20",
        "%zz",
        "~",
        "-",
        "_",
    ),
    *("html", "index.html", " ", "\u3000", "中", "@", "&", "=", ":8080", "javascript:", "HTTP://X", "[", "\\"),
)
BASES = (
    *(
        "https://x.cn/a/b/",
        "https://x.cn/a/b/c/d",
        "http://x.cn/",
        "https://x.cn/a/b/c.html",
        "https://x.cn",
        "https://x.cn/a/.b/c",
        "https://x.cn/中/a",
    ),
    *("http://x.cn:80/a//b/../c/d.htm?x=1#f", "http://x.cn/a/b?c=/d/e", "HTTP://X.cn/a/"),
)
LIST = (
    "<html><body><p>visitors: {noise}</p><ul><li><a href='/zwgk/202601/t20260105_1.html'>第一条通知</a>"
    "<span>2026-01-05</span></li>\n<li><a href='/zwgk/202601/t20260104_2.html'>{second}</a>"
    "<span>2026-01-04</span></li></ul></body></html>"
)


def plainly(base: str, href: str) -> str:
    """What `hrefs.absolute` says, by the long way alone."""
    try:
        parts = urlsplit(urljoin(base, one_line(href)))
    except ValueError:
        return ""
    return urlunsplit(parts._replace(fragment="")) if parts.scheme in {"http", "https"} and parts.netloc else ""


def test_the_short_way_of_links_leads_where_the_long_one_does() -> None:
    draw = Random(3)
    for _ in range(20_000):
        base, href = draw.choice(BASES), "".join(draw.choices(PIECES, k=draw.randint(0, 5)))
        assert hrefs.absolute.__wrapped__(base, href) == plainly(base, href), (base, href)
        assert or_error(hrefs.joined, base, href) == or_error(urljoin, base, href), (base, href)
        assert or_error(hrefs.path_of, base + href) == or_error(lambda url: urlsplit(url).path, base + href), (
            base,
            href,
        )


def or_error(ask: Callable[..., str], *of: str) -> str:
    """What a function answers, or that it refuses."""
    try:
        return ask(*of)
    except ValueError:
        return "refused"


def test_parameters_are_read_and_written_as_urllib_does() -> None:
    draw = Random(4)
    for _ in range(5_000):
        query = "".join(draw.choices((*PIECES, "&", "=", "+", "%2B", "|", ","), k=draw.randint(0, 9))).replace("#", "")
        read = dict(parse_qsl(query, keep_blank_values=True))
        url = f"https://x.cn/a?{query}"
        try:
            urlsplit(url)
        except ValueError:
            continue
        assert query_of(url) == read, query
        assert urlsplit(with_query(url, page="2")).query == urlencode(read | {"page": "2"}, safe=",|*~:/"), query


def test_what_stands_behind_the_end_of_a_page_belongs_to_it() -> None:
    tree = dom.tree_of("<html><body><p>one</p></html><div><p>two</p></div></html><p class=x>three</p>")
    assert tree.seen == "one\ntwo\nthree"
    assert places.first_text(tree, ".x") == "three"


@pytest.mark.parametrize("text", ["", "<!-- nothing -->", "words", "<?xml version='1.0'?>", "<>", "\ud800<p>\ud800"])
def test_a_page_without_an_element_is_an_empty_tree(text: str) -> None:
    assert dom.tree_of(text).links == []


def test_a_page_deeper_than_any_is_refused() -> None:
    assert dom.tree_of("<div>" * 290 + "x").seen == "x"
    with pytest.raises(Malformed, match="300 deep"):
        dom.tree_of("<div>" * 310 + "x")


def test_what_is_not_shown_is_no_text() -> None:
    tree = dom.tree_of(
        "<body><p>a<!-- no --><b style='DISPLAY : none'>no</b> b<script>no</script></p>c<br>d<template>no</template>"
        "<table><tr><td>e</td><td>f\n g</td></tr></table><ruby>h<rt>no</rt></ruby><p style='display:none'>no</p></body>"
    )
    assert tree.seen == "a b\nc\nd\ne f g\nh"
    body = next(tree.root.iter("p"))
    assert tree.visible(body) == dom.visible(body) == dom.line(body) == "a b"


def test_texts_of_an_element_that_is_hidden_can_be_asked_for() -> None:
    tree = dom.tree_of("<div style='display:none'><p id=x>one <i>two</i></p></div>")
    assert tree.seen == ""
    assert tree.visible(tree.marked["#x"][0]) == "one two"


def test_selectors() -> None:
    tree = dom.tree_of(
        "<div id=main class='wide text'><div><p class='text big'>1</p></div></div><p class=text>2</p><h2>3</h2><p id=main>4</p>"
    )
    for css, found in {
        "p": "124",
        ".text": "112",
        "p.text": "12",
        ".text.big": "1",
        "#main .text": "1",
        "div#main p": "1",
        ".wide div .big": "1",
        "h1": "",
        ".none .text": "",
    }.items():
        assert "".join(dom.line(node) for node in places.select(tree, css)) == found, css
    for css in ("p > a", "", "a:first-child", "[href]"):
        with pytest.raises(ParseError, match="not understood"):
            places.select(tree, css)


def test_leaves_hold_none_of_their_kind() -> None:
    root = dom.tree_of("<li>1<ul><li>2<b>3</b></li></ul></li><b>4</b>").root
    assert [dom.line(node) for node in walk.leaves(root, ("li",))] == ["23"]
    assert [dom.line(node) for node in walk.leaves(root, {"li", "b"})] == ["3", "4"]


def test_a_row_that_was_told_is_told_again_as_of_now() -> None:
    source = catalog()["ybj-beijing"]
    first = Page(source, source.home, LIST.format(noise=1, second="第二条通知").encode(), SEEN_AT)
    later = replace(first, fetched_at=SEEN_AT + timedelta(hours=1))
    remember.forget()
    told = parse(first).notices
    again = parse(replace(later, content=LIST.format(noise=2, second="第二条通知").encode())).notices
    assert [n.model_copy(update={"detected_at": SEEN_AT}) for n in again] == list(told)
    assert {n.detected_at for n in again} == {later.fetched_at}
    assert {n.detected_at for n in told} == {SEEN_AT}
    edited = parse(replace(later, content=LIST.format(noise=3, second="第二条通知（更正）").encode())).notices
    assert [a.content_hash == b.content_hash for a, b in zip(told, edited, strict=True)] == [True, False]


def test_a_source_of_the_same_name_that_says_something_else_is_not_told_from_memory() -> None:
    source = catalog()["ybj-beijing"]
    page = Page(source, source.home, LIST.format(noise=1, second="第二条通知").encode(), SEEN_AT)
    other = source.model_copy(update={"params": {**source.params, "province": "别处"}})
    assert [n.fields["province"] for n in parse(page).notices] == ["北京", "北京"]
    assert [n.fields["province"] for n in parse(replace(page, source=other)).notices] == ["别处", "别处"]


def test_every_saved_page_says_the_same_from_memory() -> None:
    pages = [load(file) for file in page_files()]
    for page in pages:
        remember.forget()
        try:
            fresh = parse(page)
        except ParseError:
            continue
        assert parse(page) == fresh, page.url


def test_what_is_known_is_bounded() -> None:
    known: Known[int, str] = Known(2)
    asked: list[int] = []

    def ask(key: int) -> str:
        def find() -> str:
            asked.append(key)
            return str(key)

        return known.of(key, find)

    assert list(map(ask, (1, 1, 2, 3, 3, 1))) == list("112331")
    assert asked == [1, 2, 3, 1]
    remember.forget()
    assert known.of(3, lambda: "anew") == "anew"


@pytest.mark.parametrize("odd", ["plain", "a \ud800 half", 7, None, etree.XML("<a>b</a>").xpath("string()")])
@pytest.mark.parametrize("place", ["key", "url", "number", "field", "row"])
def test_a_notice_is_what_it_is_when_it_is_validated(monkeypatch: pytest.MonkeyPatch, place: str, odd: Any) -> None:
    page = load(page_files()[0])
    values: dict[str, Any] = dict.fromkeys(("key", "url", "number", "field", "row"), "said") | {place: odd}

    def made() -> list[Any]:
        said: Any = {
            "fields": {"a": values["field"]},
            "rows": [{"b": values["row"]}],
            "document_number": values["number"],
        }
        try:
            found = notice(
                page, values["key"], values["url"], " the  title", (SEEN_AT, Precision.DAY), body="a\n\nb", **said
            )
        except (TypeError, ValueError) as error:
            return [type(error), str(error)]
        return [
            found,
            [*map(type, found.__dict__.values())],
            list(found.__dict__),
            found.model_fields_set,
            found.content_hash,
        ]

    quick = made()
    monkeypatch.setattr(common, "_sound", lambda _: False)
    assert quick == made()
    assert isinstance(quick[0], Notice) or odd != "plain"


def test_times_of_a_notice_come_to_be_in_utc() -> None:
    page = load(page_files()[0])
    local = SEEN_AT.astimezone(page.source.zone)
    found = notice(replace(page, fetched_at=local), "k", "u", "t", (local, Precision.DAY))
    assert (found.published_at, found.detected_at) == (SEEN_AT, SEEN_AT)
    assert {found.detected_at.tzinfo, found.published_at and found.published_at.tzinfo} == {UTC}
