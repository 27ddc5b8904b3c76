"""The columns of the NHSA: records in the page, records behind the proxy, articles."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bs4 import BeautifulSoup

from events.clock import SHANGHAI
from simulator.facts import Article, Facts
from tests.simulator.visiting import NOTICES, header, text, town_at, visit

RECORD = re.compile(r"<record><!\[CDATA\[(.*?)\]\]></record>", re.DOTALL)
PROXY = "https://www.nhsa.gov.cn/module/web/jpage/dataproxy.jsp?startrecord={first}&endrecord={last}&perpage=15"
FORM = {"col": "1", "appid": "1", "webid": "1", "path": "/", "columnid": "109", "unitid": "2464", "permissiontype": "0"}


def spans(record: str) -> list[str]:
    """The four spans of a record: number, title, document number, date."""
    return [span.get_text() for span in BeautifulSoup(record, "lxml").select("li > span")]


def many(count: int) -> Facts:
    """A column with so many articles, one a day, every third of them real."""
    start = datetime(2021, 1, 4, 10, 0, tzinfo=SHANGHAI)
    return Facts(
        article=tuple(
            Article(
                column=109,
                id=n,
                published=start + timedelta(days=n),
                title=f"关于第{n}项的通知",
                body="正文",
                illustrative=n % 3 != 0,
            )
            for n in range(count)
        )
    )


def test_the_page_itself_holds_the_records() -> None:
    town = town_at("2022-09-01T12:00:00")
    records = RECORD.findall(text(town, NOTICES))
    assert len(records) == 41
    read = [spans(record) for record in records]
    assert [row[0] for row in read] == [str(n) for n in range(1, 42)]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row[3]) for row in read)
    assert [row[3] for row in read] == sorted((row[3] for row in read), reverse=True)
    priced = next(row for row in read if "QFR" in row[1])
    assert priced[2] == "辽医保发〔2022〕18号"


def test_an_article_has_its_title_body_and_minute() -> None:
    town = town_at("2022-09-01T12:00:00")
    record = next(r for r in RECORD.findall(text(town, NOTICES)) if "新增28项" in r)
    link = BeautifulSoup(record, "lxml").select_one("a")
    assert link is not None
    assert re.fullmatch(r"/art/2021/4/22/art_109_\d+\.html", str(link["href"]))
    tree = BeautifulSoup(text(town, f"https://www.nhsa.gov.cn{link['href']}"), "lxml")
    title, body, published = (tree.select_one(css) for css in (".mu-sp-2", "#zoom", 'meta[name="PubDate"]'))
    assert title is not None
    assert body is not None
    assert published is not None
    assert title.get_text() == link["title"]
    assert re.fullmatch(r"2021-04-22 \d\d:\d\d", str(published["content"]))
    for limited_to in ("人工智能辅助治疗技术", "根治性前列腺切除术", "肾部分切除术", "全子宫切除术", "直肠癌根治术"):
        assert limited_to in body.get_text()


def test_the_proxy_serves_the_records_after_the_first_group() -> None:
    town = town_at("2021-12-31T12:00:00", many(100))
    first = RECORD.findall(text(town, NOTICES))
    assert len(first) == 45
    assert "startrecord=46" in text(town, NOTICES)
    answer = text(town, PROXY.format(first=46, last=90), form=FORM)
    assert "<totalrecord>100</totalrecord>" in answer
    rest = RECORD.findall(answer) + RECORD.findall(text(town, PROXY.format(first=91, last=1000), form=FORM))
    titles = [spans(record)[1] for record in first + rest]
    assert titles == [f"关于第{n}项的通知" for n in reversed(range(100))]


def test_only_a_post_reaches_the_proxy() -> None:
    assert visit(town_at("2022-09-01T12:00:00"), PROXY.format(first=1, last=45)).status == 404


def test_a_mixed_page_names_its_illustrative_items() -> None:
    town = town_at("2021-12-31T12:00:00", many(3))
    assert header(visit(town, NOTICES), "medpulse-illustrative") == (
        "/art/2021/1/6/art_109_2.html,/art/2021/1/5/art_109_1.html"
    )
    assert header(visit(town, "https://www.nhsa.gov.cn/art/2021/1/4/art_109_0.html"), "medpulse-illustrative") is None
    assert header(visit(town, "https://www.nhsa.gov.cn/art/2021/1/5/art_109_1.html"), "medpulse-illustrative") == "*"


def test_price_guides_exist_from_2024_on() -> None:
    url = "https://www.nhsa.gov.cn/col/col201/index.html"
    early = visit(town_at("2022-09-01T12:00:00"), url)
    assert b"<recordset></recordset>" in early.body
    assert header(early, "medpulse-illustrative") is None
    assert len(RECORD.findall(text(town_at("2025-06-01T12:00:00"), url))) == 3


def test_rows_appear_only_when_they_were_published() -> None:
    counts = [
        len(RECORD.findall(text(town_at(at), NOTICES)))
        for at in ("2020-01-01T00:00:00", "2021-01-01T00:00:00", "2022-01-01T00:00:00")
    ]
    assert counts[0] == 0
    assert counts[0] < counts[1] < counts[2]
