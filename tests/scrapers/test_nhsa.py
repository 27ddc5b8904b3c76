"""NHSA: groups of records to the last, and what a guide to price items says of itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.clock import VirtualClock
from events.messages import Outcome
from scrapers.page import Request
from scrapers.source import catalog
from tests.scrapers.rig import driven
from tests.scrapers.saved import one, parsed
from tests.scrapers.test_town import _rigged, _to_the_end

_PROXY = "https://www.nhsa.gov.cn/module/web/jpage/dataproxy.jsp"
_GUIDE = "https://www.nhsa.gov.cn/art/2025/3/3/art_201_15900.html"


def _store(first: int, last: int, total: int | None = None, group: str = "") -> str:
    records = "".join(
        f"<record><![CDATA[<li><span>{n}</span>"
        f"<a href='/art/2025/3/3/art_187_{n}.html'>通知{n}</a><span>2025-03-03</span></li>]]></record>"
        for n in range(first, last + 1)
    )
    said = "" if total is None else f"<totalrecord>{total}</totalrecord>"
    more = f'<nextgroup><![CDATA[<a href="{group}"></a>]]></nextgroup>' if group else ""
    return f"<datastore>{more}{said}<recordset>{records}</recordset></datastore>"


def _next(body: str, url: str | None = None) -> Request | None:
    return parsed("nhsa-procurement", body, url).next_page


def _asked(first: int, last: int) -> str:
    return f"{_PROXY}?startrecord={first}&endrecord={last}&perpage=15"


def test_groups_of_records_to_the_last() -> None:
    second = _next(_store(1, 45, 100))
    assert second is not None
    assert second.url == f"{_asked(46, 90)}#columnid=187"
    assert second.form is not None
    assert (second.method, second.form["columnid"], second.form["unitid"]) == ("POST", "187", "2464")
    third = _next(_store(46, 90, 100), second.url)
    assert third is not None
    assert third.url == f"{_asked(91, 135)}#columnid=187"
    assert _next(_store(91, 100, 100), third.url) is None


def test_without_a_total_the_link_to_the_next_group_leads_on() -> None:
    link = "/module/web/jpage/dataproxy.jsp?page=1&amp;startrecord=61&amp;endrecord=105&amp;perpage=20&amp;unitid=999"
    found = _next(_store(1, 60, group=link))
    assert found is not None
    assert found.url == f"{_PROXY}?startrecord=61&endrecord=105&perpage=20#columnid=187"
    assert found.form is not None
    assert found.form["unitid"] == "999"


def test_without_total_and_link_a_short_group_is_the_last() -> None:
    assert _next(_store(46, 60), _asked(46, 90)) is None
    assert _next(_store(46, 90), _asked(46, 90)) is not None


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        (
            "《放射检查类医疗服务价格项目立项指南（试行）》",
            "设立主项目26项，加收项4项，扩展项12项，将现行项目映射整合为30项。自2025年4月1日起执行。",
            {
                "specialty": "放射检查类",
                "main_items": "26",
                "addon_items": "4",
                "extension_items": "12",
                "mapped_items": "30",
                "effective_on": "2025-04-01",
            },
        ),
        (
            "国家医疗保障局关于印发《超声检查类医疗服务价格项目立项指南（试行）》的通知",
            "第三批立项指南，共设立 28 项价格项目、 5 项加收项、9个扩展项，映射整合为 28 项。",
            {
                "specialty": "超声检查类",
                "batch": "三",
                "main_items": "28",
                "addon_items": "5",
                "extension_items": "9",
                "mapped_items": "28",
            },
        ),
        ("口腔种植类医疗服务价格项目立项指南（试行）", "见附件。", {"specialty": "口腔种植类"}),
        ("关于做好价格工作的通知", "设立主项目26项。", {}),
    ],
)
def test_a_guide_says_what_it_holds(title: str, text: str, expected: dict[str, str]) -> None:
    page = f"<html><body><span class='mu-sp-2'>{title}</span><div id='zoom'><p>{text}</p></div></body></html>"
    assert one("nhsa-price-guides", page, _GUIDE).fields == {"column": "201"} | expected


def test_the_table_of_a_guide_is_counted_where_its_text_does_not() -> None:
    page = """<html><body><span class='mu-sp-2'>《检查类医疗服务价格项目立项指南（试行）》</span><div id='zoom'><table>
    <tr><th>序号</th><th>项目名称</th><th>服务产出</th><th>价格构成</th><th>加收项</th><th>扩展项</th><th>计价单位</th></tr>
    <tr><td>1</td><td>检查费</td><td>甲</td><td>乙</td><td>01儿童<br>11床旁</td><td>01人工智能辅助诊断</td><td>次</td></tr>
    <tr><td>2</td><td>造影费</td><td>甲</td><td>乙</td><td>-</td><td></td><td>次</td></tr></table></div></body></html>"""
    found = one("nhsa-price-guides", page, _GUIDE)
    assert (found.fields["main_items"], found.fields["addon_items"], found.fields["extension_items"]) == ("2", "2", "1")
    assert found.rows[0]["extension"] == "01人工智能辅助诊断"


@pytest.mark.asyncio
async def test_procurement_is_polled(tmp_path: Path) -> None:
    source, clock = catalog()["nhsa-procurement"], VirtualClock(datetime(2022, 1, 1, tzinfo=UTC))
    async with _rigged(tmp_path, clock) as (rig, _):
        await _to_the_end(rig, source)
        assert len(rig.sent.notices) == 1
        await clock.advance_to(datetime(2022, 8, 1, tzinfo=UTC))
        report = await driven(rig.runner.pace, clock, rig.runner.poll(source))
    assert (report.outcome, [n.fields["column"] for n in report.notices]) == (Outcome.NEW, ["187"])
    assert report.notices[0].body
