from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.enrich import phrases
from streams.enrich.kind_rules import RULES
from streams.enrich.needs import ALL, Gate, needs
from streams.enrich.normalise import normal
from tests.enrich.accuracy import PARTS, notices

PATTERNS = [
    "(?:召回|注销)[^。]{2,9}公告",
    "未(?:获批|获得?批准)|不(?:在|属于)本",
    "a[bc]d?(?:ef|g)+x*",
    "(?:天使|[abc]\\d?)轮",
    "x{0,2}公告$",
    "(?>甲|乙丙)丁",
    "[^a]bc",
]
EVERY = [rule.pattern for rule in RULES] + [v for v in vars(phrases).values() if isinstance(v, re.Pattern)]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("[与和]甲\n乙", [{"与", "和"}]),
        ("(?:召回|注销)[^。]{2,9}公告", [{"公告"}, {"召回", "注销"}]),
        ("a|b*", []),
        ("x?", []),
        ("(?!不)同意", [{"同意"}]),
        ("(?<=采用)网络", [{"网络"}, {"采用"}]),
        (".*", []),
        ("(?i:abc)人工智能", [{"人工智能"}]),
        ("(?x) 人工 智能 # 注", [{"人工智能"}]),
    ],
)
def test_the_literals_of_an_expression(pattern: str, said: list[set[str]]) -> None:
    assert set(needs(re.compile(pattern))) == set(map(frozenset, said))


def test_an_expression_that_ignores_case_tells_none() -> None:
    assert needs(re.compile("abc", re.IGNORECASE)) == ()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_match_holds_one_of_each(data: st.DataObject) -> None:
    pattern = re.compile(data.draw(st.sampled_from(PATTERNS)))
    text = data.draw(st.from_regex(pattern))
    gate = Gate([pattern])
    assert gate.gated[0].can(gate.may(text))


def test_no_rule_is_passed_over_that_would_have_matched() -> None:
    gate = Gate(EVERY)
    for row in (row for part in PARTS for row in notices(part)):
        text = normal(row["text"]).text
        may = gate.may(text)
        over = [gated.pattern.pattern[:60] for gated in gate.gated if gated.pattern.search(text) and not gated.can(may)]
        assert over == [], row["id"]


def test_where_nothing_is_known_everything_is_tried() -> None:
    gate = Gate([re.compile("公告")])
    assert gate.gated[0].search("某公告", ALL)
    assert gate.gated[0].search("某公告", 0) is None
    assert list(gate.gated[0].finditer("公告公告", 0)) == []
