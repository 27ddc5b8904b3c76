"""The names of rounds, and tables of them as notices and events."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.base import Money
from events.clock import shanghai_day
from events.event import FinancingRound
from events.rounds import early_stage, happens_once, round_name
from scrapers.manual.reading import Import, read_table
from scrapers.manual.table import NoTable
from streams.enrich.events import events_of

NOW = datetime(2026, 11, 25, tzinfo=UTC)
HEADER = "date,company,round,amount,investors,sector,url,note,withdrawn\n"


def table(text: str, header: str = HEADER) -> Import:
    return read_table((header + text).encode(), NOW)


def event(text: str) -> FinancingRound:
    (notice,) = table(text).notices
    (made,) = events_of(notice)
    assert isinstance(made, FinancingRound)
    return made


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Series A", "A"),
        ("A轮", "A"),
        ("B+轮融资", "B+"),
        ("Pre-A", "pre-A"),
        ("pre B 轮", "pre-B"),
        ("C1", "C1"),
        ("Series D+++", "D+++"),
        ("天使轮", "angel"),
        ("Seed round", "seed"),
        ("种子轮", "seed"),
        ("pre-seed", "pre-seed"),
        ("战略融资", "strategic"),
        ("IPO HKEX 3696.HK", "IPO"),
        ("placing 342M shs @ HKD 6.10", "placing"),
        ("(follow-on)", "follow-on"),
        ("(round)", "undisclosed"),
        ("未披露", "undisclosed"),
        ("Ｅ輪", None),
        ("12 events", None),
        ("104 / 128 events", None),
        ("", None),
        ("Z", None),
        ("Ab", None),
    ],
)
def test_the_name_of_a_round(said: str, name: str | None) -> None:
    assert round_name(said) == name


@given(st.text(max_size=30))
def test_a_name_of_a_round_is_its_own_name(said: str) -> None:
    name = round_name(said)
    assert name is None or round_name(name) == name


@pytest.mark.parametrize(
    ("name", "early"), [("seed", True), ("A+", True), ("pre-B", True), ("B", False), ("IPO", False)]
)
def test_a_round_before_series_b_is_early(name: str, early: bool) -> None:
    assert early_stage(name) is early
    assert happens_once(name)
    assert early_stage("strategic") is early_stage("undisclosed") is None


def test_a_row_becomes_an_event() -> None:
    made = event('2020-09-28,XtalPi 晶泰科技,Series C,USD 318.8M,"SoftBank, PICC",drug_rd,https://x.example/1,lead,\n')
    assert (made.round, made.early_stage, made.labels.sector) == ("C", False, "drug_rd")
    assert made.amount_low == made.amount_high == Money(minor=31_880_000_000, currency="USD")
    assert made.event_time == datetime(2020, 9, 27, 16, tzinfo=UTC)
    assert (made.url, made.title) == ("https://x.example/1", "XtalPi 晶泰科技 Series C USD 318.8M")


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("nearly USD 10M", None, 1_000_000_000),
        ("> USD 100M", 10_000_000_000, None),
        ('"tens of millions USD (""千万美元"")"', 1_000_000_000, 10_000_000_000),
        ("未披露", None, None),
        ("", None, None),
    ],
)
def test_an_amount_keeps_what_is_open(said: str, low: int | None, high: int | None) -> None:
    made = event(f"2021-10-13,沃时科技,Pre-A,{said},,,,,\n")
    ends = [end.minor if end else None for end in (made.amount_low, made.amount_high)]
    assert ends == [low, high]


@pytest.mark.parametrize(
    ("row", "column", "severity", "said"),
    [
        ("2018,A公司,A,USD 1M,,,,,", "date", "warning", "only 2018 is stated"),
        ("2021-13-01,A公司,A,USD 1M,,,,,", "date", "error", "there is no such day"),
        ("2021年2月30日,A公司,A,USD 1M,,,,,", "date", "error", "there is no such day"),
        ("2021-06,A公司,A,USD 1M,,,,,", "date", "warning", "only 2021-06 is stated"),
        ("soon,A公司,A,USD 1M,,,,,", "date", "error", "there is no date"),
        ("2023 / 2024,A公司,A,USD 1M,,,,,", "date", "error", "several years"),
        ("2031-01-01,A公司,A,USD 1M,,,,,", "date", "error", "yet to come"),
        ("2020-01-01,,A,USD 1M,,,,,", "company", "error", "empty"),
        ("2020-01-01,A公司,12 events,USD 1M,,,,,", "round", "error", "names no round"),
        ("2020-01-01,A公司,A,3000,,,,,", "amount", "error", "no sum with its currency"),
        ("2020-01-01,A公司,A,USD 1M and CNY 3M,,,,,", "amount", "error", "2 sums"),
        ("2020-01-01,A公司,A,(not said),,,,,", "amount", "warning", "no sum is read"),
        ("2020-01-01,A公司,A,USD 1M,,pharma,,,", "sector", "error", "no such sector"),
        ("2020-01-01,A公司,A,USD 1M,,,ftp:x,,", "url", "warning", "no link"),
        ("2020-01-01,A公司,A,USD 1M,,,,,maybe", "withdrawn", "error", "neither yes nor no"),
        ("2020-01-01,A公司,A,USD 1,000,000,x,,,note,no", "", "error", "the row has"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(row: str, column: str, severity: str, said: str) -> None:
    made = table(f"\n{row}\n2020-02-02,B公司,B,CNY 3M,,,,,\n")
    (issue,) = made.issues
    assert (issue.line, issue.column, issue.severity) == (3, column, severity)
    assert said in issue.cause
    assert issue.remedy
    assert len(made.notices) == (1 if severity == "error" else 2)
    assert made.rows == 2


def test_the_line_is_that_on_which_a_row_begins() -> None:
    made = table('2020-01-01,A公司,A,USD 1M,"one\ntwo",,,,\n2020-01-01,B公司,none,USD 1M,,,,,\n')
    assert [issue.line for issue in made.issues] == [4]


def test_a_round_that_is_said_twice_in_a_file() -> None:
    rows = "2020-01-01,A公司,A,USD 1M,,,,,\n2020-01-02,A公司,Series A,USD 2M,,,,,\n"
    made = table(rows)
    assert [(issue.line, issue.cause) for issue in made.issues] == [(3, "line 2 says the same round")]
    strategic = rows.replace(",A,", ",strategic,").replace("Series A", "战略融资")
    assert len(table(strategic).notices) == 2


def test_a_corrected_row_is_the_same_round() -> None:
    first, second = (event(f"{day},A公司,A,USD 1M,,,,,\n") for day in ("2020-01-01", "2020-01-05"))
    assert first.event_id == second.event_id
    assert first.event_time != second.event_time


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_table_that_a_spreadsheet_writes(encoding: str, delimiter: str) -> None:
    text = "日期,公司,轮次,金额,投资方,备注栏\r\n2021-10-13,沃时科技,Pre-A轮,近1000万美元,经纬创投,无\r\n"
    made = read_table(text.replace(",", delimiter).encode(encoding), NOW)
    (notice,) = made.notices
    assert (notice.fields["company"], notice.fields["round"]) == ("沃时科技", "pre-A")
    assert [(i.column, i.severity) for i in made.issues] == [("备注栏", "warning")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04\x00\x00\x00", "no text"),
        (b"a,b\n1,2\n", "no table that is known"),
        (b'date,company,round,amount\n2020-01-01,"A,B,C\n', "no CSV"),
        (b"\n\n", "empty"),
    ],
)
def test_a_file_that_is_no_table(content: bytes, said: str) -> None:
    with pytest.raises(NoTable, match=said):
        read_table(content, NOW)


@given(st.binary(max_size=200), st.sampled_from([None, "rounds", "clearances"]))
def test_any_bytes_are_a_table_or_are_none(content: bytes, kind: str | None) -> None:
    try:
        read_table(content, NOW, kind)
    except NoTable:
        return


@given(st.lists(st.lists(st.text(max_size=12), max_size=9), max_size=6))
def test_any_cells_are_read_or_reported(rows: list[list[str]]) -> None:
    text = "".join(
        ",".join('"' + cell.replace('"', '""').replace("\0", "") + '"' for cell in row) + "\n" for row in rows
    )
    made = table(text)
    bad = {issue.line for issue in made.issues if issue.severity == "error"}
    assert made.bad_rows == len(bad)
    for notice in made.notices:
        events_of(notice)


def test_the_rounds_that_were_collected(shared: Path) -> None:
    made = read_table((shared / "data" / "ai_drug_financing_seen.csv").read_bytes(), NOW)
    assert (made.rows, len(made.notices)) == (16, 13)
    errors = {(i.line, i.column) for i in made.issues if i.severity == "error"}
    assert errors == {(15, "round"), (16, "round"), (17, "round")}
    found = [e for notice in made.notices for e in events_of(notice) if isinstance(e, FinancingRound)]
    dollars = sum(e.amount_low.minor for e in found if e.amount_low and e.amount_low.currency == "USD")
    assert dollars == 80_980_000_000
    days = {shanghai_day(e.event_time) for e in found if e.event_time}
    assert days == {date(2018, 1, 23), date(2020, 9, 28), date(2021, 10, 13), date(2021, 10, 15), date(2025, 12, 30)}
