"""The pages of NMPA and CMDE: lists, paging, articles, and when they appear."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

from events.clock import SHANGHAI
from simulator.facts import facts
from simulator.faults import Fault
from simulator.town import Town
from tests.simulator.visiting import DELIVERIES, GUIDANCE, clock_at, header, text, town_at, visit


def rows(town: Town, url: str) -> list[Tag]:
    """The links of a list, as a reader of these sites selects them."""
    return list(BeautifulSoup(text(town, url), "lxml").select(".list ul li a"))


def pages(town: Town, first: str) -> list[Tag]:
    """The rows of a whole list, page after page until there is none."""
    found = rows(town, first)
    number = 1
    while visit(town, url := first.replace("index.html", f"index_{number}.html")).status == 200:
        found += rows(town, url)
        number += 1
    return found


def meta(tree: BeautifulSoup, name: str) -> str:
    """The content of a meta tag."""
    found = tree.select_one(f'meta[name="{name}"]')
    assert found is not None
    return str(found["content"])


def test_a_list_shows_twenty_rows_newest_first() -> None:
    town = town_at("2022-09-01T12:00:00")
    links = rows(town, DELIVERIES)
    assert len(links) == 20
    dates = [span.get_text() for link in links if link.parent for span in link.parent.select("span")]
    assert all(re.fullmatch(r"\(\d{4}-\d\d-\d\d\)", shown) for shown in dates)
    assert dates == sorted(dates, reverse=True)
    assert len(dates) == 20
    hrefs = [str(link["href"]) for link in links]
    assert all(href.startswith("../") and re.search(r"/\d{17}\.html$", href) for href in hrefs)


@pytest.mark.parametrize(("url", "total"), [(DELIVERIES, len(facts().delivery)), (GUIDANCE, len(facts().guidance))])
def test_paging_reaches_every_row_once(url: str, total: int) -> None:
    town = town_at("2022-12-31T00:00:00")
    paths = [urlsplit(urljoin(url, str(link["href"]))).path for link in pages(town, url)]
    assert len(paths) == len(set(paths)) == total


def test_the_second_page_is_index_1() -> None:
    town = town_at("2022-09-01T12:00:00")
    tree = BeautifulSoup(text(town, DELIVERIES), "lxml")
    following = tree.select_one(".page a")
    assert following is not None
    assert following["href"] == "index_1.html"
    assert visit(town, DELIVERIES.replace("index.html", "index_99.html")).status == 404
    assert visit(town, DELIVERIES.replace("index.html", "index_0.html")).status == 404


@pytest.mark.parametrize("url", [DELIVERIES, GUIDANCE])
def test_rows_appear_only_when_they_were_published(url: str) -> None:
    day = datetime(2022, 3, 9, 9, 5, tzinfo=SHANGHAI)
    town = town_at("2022-03-09T09:05:00")
    stamps = [str(link["href"])[-22:-5] for link in pages(town, url)]
    assert stamps
    assert max(stamps) <= day.strftime("%Y%m%d%H%M%S999")
    later = next(page.at for page in sorted(facts().delivery, key=lambda page: page.at) if page.at > day)
    path = f"/zwfw/sdxx/sdxxylqx/qxpjfb/{later:%Y%m%d%H%M%S}{later.microsecond // 1000:03d}.html"
    assert visit(town, f"https://www.nmpa.gov.cn{path}").status == 404


@pytest.mark.asyncio
async def test_a_page_appears_at_the_instant_of_its_url() -> None:
    clock = clock_at("2022-03-09T09:07:59")
    town = Town(facts(), clock)
    url = "https://www.cmde.org.cn/flfg/zdyz/fbg/fbgyy/20220309090800158.html"
    before = len(rows(town, "https://www.cmde.org.cn/flfg/zdyz/fbg/fbgyy/index.html"))
    assert visit(town, url).status == 404
    await clock.advance_to(datetime(2022, 3, 9, 9, 8, 0, 158_000, tzinfo=SHANGHAI))
    assert "人工智能医疗器械注册审查指导原则" in text(town, url)
    assert len(rows(town, "https://www.cmde.org.cn/flfg/zdyz/fbg/fbgyy/index.html")) == before + 1


def test_an_article_states_its_time_and_title_in_its_head() -> None:
    town = town_at("2022-09-01T12:00:00")
    url = "https://www.cmde.org.cn/flfg/zdyz/fbg/fbgyy/20220309090800158.html"
    tree = BeautifulSoup(text(town, url), "lxml")
    title = "国家药监局器审中心关于发布人工智能医疗器械注册审查指导原则的通告（2022年第8号）"
    assert meta(tree, "PubDate") == "2022-03-09 09:08"
    assert meta(tree, "ArticleTitle") == title
    assert meta(tree, "ContentSource") == "国家药品监督管理局医疗器械技术审评中心"
    assert [node.get_text() for node in tree.select("h2.title, .date")] == [title, "发布时间：2022-03-09"]
    assert header(visit(town, url), "medpulse-illustrative") is None


def test_a_page_entered_later_keeps_its_date_without_a_time() -> None:
    town = town_at("2022-09-01T12:00:00")
    tree = BeautifulSoup(text(town, "https://www.cmde.org.cn/flfg/zdyz/zdyzwbk/20220606085622107.html"), "lxml")
    assert meta(tree, "PubDate") == "2022-05-26 00:00"


def test_a_delivery_page_holds_its_certificates() -> None:
    town = town_at("2020-01-16T00:00:00")
    url = urljoin(DELIVERIES, str(rows(town, DELIVERIES)[0]["href"]))
    tree = BeautifulSoup(text(town, url), "lxml")
    assert meta(tree, "ArticleTitle") == "2020年01月15日医疗器械批准证明文件送达信息"
    assert [cell.get_text() for cell in tree.select(".text th")][:4] == ["序号", "受理号", "产品名称", "注册证编号"]
    cells = [[cell.get_text() for cell in row.select("td")] for row in tree.select(".text tbody tr")]
    expected = next(page.rows for page in facts().delivery if page.at.date().isoformat() == "2020-01-15")
    assert [(row[2], row[3], row[4]) for row in cells] == [(r.product, r.number, r.registrant) for r in expected]
    assert header(visit(town, url), "medpulse-illustrative") == "*"


def test_the_mirror_path_serves_the_same_page() -> None:
    town = town_at("2022-09-01T12:00:00")
    mirror = DELIVERIES.replace(".cn/", ".cn/directory/web/nmpa/")
    assert visit(town, mirror).body == visit(town, DELIVERIES).body


def test_long_titles_are_cut_and_whole_in_the_title_attribute() -> None:
    links = pages(town_at("2022-09-16T12:00:00"), GUIDANCE)
    short = [link for link in links if link.get_text().endswith("...")]
    assert short
    assert all(str(link["title"]).startswith(link.get_text()[:-3]) for link in short)


def test_noise_of_a_bot_wall_leaves_the_list_readable() -> None:
    town = town_at("2022-09-01T12:00:00")
    plain = [str(link["href"]) for link in rows(town, DELIVERIES)]
    town.misbehave("www.nmpa.gov.cn", Fault.RUISHU_NOISE)
    assert "$_ts" in text(town, DELIVERIES)
    assert [str(link["href"]) for link in rows(town, DELIVERIES)] == plain


def test_reordered_columns_keep_each_cell_under_its_header() -> None:
    town = town_at("2020-01-16T00:00:00")
    url = urljoin(DELIVERIES, str(rows(town, DELIVERIES)[0]["href"]))
    town.misbehave("www.nmpa.gov.cn", Fault.REORDERED_COLUMNS)
    tree = BeautifulSoup(text(town, url), "lxml")
    names = [cell.get_text() for cell in tree.select("th")]
    assert names[-1] == "序号"
    first = [cell.get_text() for cell in tree.select("tbody tr:first-child td")]
    assert re.fullmatch(r"国械注准\d{11}", first[names.index("注册证编号")])


def test_a_row_of_the_facts_is_enough_for_a_new_column() -> None:
    known = facts()
    path = "/yaowen/ypjgyw/ylqxyw/20211206160213599.html"
    row = known.cms_notice[0].model_copy(update={"host": "www.nmpa.gov.cn", "path": path, "title": "医疗器械要闻"})
    more = known.model_copy(update={"cms_notice": [*known.cms_notice, row]})
    town = town_at("2022-08-15T12:00", more)
    assert [link.get_text() for link in rows(town, "https://www.nmpa.gov.cn/yaowen/ypjgyw/ylqxyw/index.html")] == [
        "医疗器械要闻"
    ]
