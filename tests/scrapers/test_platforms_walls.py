"""Bot walls, cut-off bodies and other shapes: each has its own error, and only parse errors leave a parser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scrapers.page import Challenged, Malformed, Page, ParseError
from scrapers.parse import page_from_file, parse
from scrapers.source import CatalogError, catalog
from tests.scrapers.saved import PAGES, SEEN_AT, load, page_files

RUISHU = "<html><head><script r='m'>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script></head><body></body></html>"
C3VK = "<html><body><script>document.cookie='C3VK=1a2b3c; max-age=300';location.reload();</script></body></html>"


def _page(source_id: str, body: str | bytes, status: int = 200, url: str | None = None) -> Page:
    source = catalog()[source_id]
    content = body.encode() if isinstance(body, str) else body
    return Page(source, url or source.home, content, SEEN_AT, status=status)


def _name(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


@pytest.mark.parametrize("status", [202, 400, 412, 521])
@pytest.mark.parametrize("source_id", list(catalog()))
def test_the_status_of_a_bot_wall(source_id: str, status: int) -> None:
    with pytest.raises(Challenged, match=str(status)):
        parse(_page(source_id, "<html></html>", status))


@pytest.mark.parametrize("wall", [RUISHU, C3VK, "<h1>Precondition Failed</h1>", "<p>网站地址已变更</p>"])
@pytest.mark.parametrize("source_id", list(catalog()))
def test_a_bot_wall_that_answers_200(source_id: str, wall: str) -> None:
    with pytest.raises(Challenged):
        parse(_page(source_id, wall))


def test_a_bot_wall_with_an_empty_list_is_one() -> None:
    blank = RUISHU.replace("<body>", "<body><div class='list'><ul></ul></div>")
    with pytest.raises(Challenged):
        parse(_page("nmpa-delivery", blank))


def test_a_forbidden_page_with_the_marks_of_a_wall() -> None:
    with pytest.raises(Challenged):
        parse(_page("nmpa-delivery", RUISHU, status=403))


def test_noise_in_the_head_of_a_page_with_content_is_no_wall() -> None:
    assert b"$_ts" in (PAGES / "nmpa-delivery" / "list.html").read_bytes()
    assert len(parse(load(PAGES / "nmpa-delivery" / "list.html")).notices) == 5


@pytest.mark.parametrize("source_id", list(catalog()))
def test_a_page_of_another_shape_says_what_is_missing(source_id: str) -> None:
    other = "<html><body><p>welcome</p></body></html>"
    with pytest.raises(ParseError) as caught:
        parse(_page(source_id, other))
    assert not isinstance(caught.value, Challenged)
    assert str(caught.value)


@pytest.mark.parametrize("source_id", list(catalog()))
def test_an_empty_body(source_id: str) -> None:
    with pytest.raises(Malformed, match="empty"):
        parse(_page(source_id, b" \n"))


@pytest.mark.parametrize("file", page_files(), ids=_name)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_cut_off_page_is_malformed(file: Path, share: float) -> None:
    page = load(file)
    cut = replace(page, content=page.content[: int(len(page.content) * share)])
    with pytest.raises(ParseError):
        parse(cut)


@pytest.mark.parametrize(
    ("source_id", "body", "url"),
    [
        ("nmpa-delivery", "<html><body><div class='list'><ul></ul></div></body></html>", None),
        (
            "nhsa-policy",
            "<html><body><script type='text/xml'><datastore><recordset></recordset></datastore></script></body></html>",
            None,
        ),
        ("nhsa-policy", "<datastore><totalrecord>0</totalrecord><recordset></recordset></datastore>", None),
        ("cninfo", '{"totalAnnouncement":0,"announcements":null,"hasMore":false}', None),
        ("cninfo", '{"totalAnnouncement":0,"hasMore":false}', None),
        ("hkex-applications", '{"genDate":1,"app":[]}', None),
        ("sse-ipo", 'cb({"pageHelp":{"data":[]},"result":[]})', None),
        ("szse-ipo", '{"data":[]}', None),
        ("bse-ipo", 'cb([{"listInfo":{"content":[],"totalPages":0,"number":0}}])', None),
        ("fda-ai-list", "<data></data>", None),
    ],
)
def test_a_list_without_items_is_empty(source_id: str, body: str, url: str | None) -> None:
    parsed = parse(_page(source_id, body, url=url))
    assert parsed.notices == ()
    assert parsed.next_page is None


@pytest.mark.parametrize(
    ("source_id", "body", "said"),
    [
        ("sse-ipo", '{"success":"false","error":"系统繁忙...","errorType":"ExceptionInterceptor"}', "系统繁忙"),
        ("szse-ipo", "[1,2]", "object"),
        ("cninfo", '{"error":"x"}', "announcements"),
        ("bse-ipo", 'cb([{"countsInfo":[]}])', "listInfo"),
        ("hkex-applications", '{"app":{}}', "array"),
        ("szse-ipo", '{"data":[{"cmpnm":"甲"},{"cmpnm":"乙"}]}', "not one"),
        ("fda-ai-list", "<data><row><Device>x</Device></row></data>", "Submission_number"),
    ],
)
def test_another_answer_says_what_is_missing(source_id: str, body: str, said: str) -> None:
    with pytest.raises(ParseError, match=said):
        parse(_page(source_id, body))


def test_a_broken_row_costs_itself() -> None:
    body = '{"data":[{"cmpnm":"甲"},null,7,{"prjid":1,"cmpnm":"乙股份有限公司"}]}'
    assert [n.item_key for n in parse(_page("szse-ipo", body)).notices] == ["1"]


def test_a_hostile_document_is_one_malformed_page() -> None:
    deep = "[" * 100_000
    with pytest.raises(Malformed, match=r"RecursionError|JSON"):
        parse(_page("szse-ipo", deep))


def test_entities_of_a_document_are_not_read() -> None:
    row = "<row><Submission_number>K1&b;</Submission_number></row>"
    bomb = f'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><data>{row}</data>'
    parsed = parse(_page("fda-ai-list", bomb))
    assert all("aaaa" not in n.model_dump_json() for n in parsed.notices)


def test_a_file_needs_a_source_of_the_catalogue() -> None:
    with pytest.raises(CatalogError, match="sse-ipo"):
        page_from_file("sse", b"", "https://example.org/", SEEN_AT)
    assert page_from_file("sse-ipo", b"x", "", SEEN_AT).url == catalog()["sse-ipo"].home
