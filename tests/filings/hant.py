"""Results, annual and interim reports of companies listed in Hong Kong, in traditional Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass

from tests.filings.paper import HANT, LATIN, Paper
from tests.filings.truth import Books, Period, bracketed, half, percent, plain, rounded, year
from tests.filings.truth import Paper as Filing

THOUSAND, MILLION = 100_000, 100_000_000


@dataclass(frozen=True)
class Words:
    """The language of a report."""

    font: str
    company: str
    annual: str
    interim: str
    year_ended: str
    half_ended: str
    at: str
    notes: str
    unit: str
    income: str
    position: str
    revenue: tuple[str, ...]
    gross: tuple[str, ...]
    research: tuple[str, ...]
    loss: tuple[str, ...]
    profit: tuple[str, ...]
    cash: tuple[str, ...]
    others: tuple[str, ...]


CHINESE = Words(
    HANT,
    "智影科技發展股份有限公司",
    "截至{year}年12月31日止年度之年度業績公告",
    "截至{year}年6月30日止六個月之中期業績公告",
    "截至12月31日止年度",
    "截至6月30日止六個月",
    "於{year}年{month}月{day}日",
    "附註",
    "人民幣千元",
    "綜合損益及其他全面收益表",
    "綜合財務狀況表",
    ("收益", "收入", "營業收入"),
    ("毛利",),
    ("研發開支", "研究及開發開支", "研發費用", "研發成本"),
    ("年內虧損", "期內虧損"),
    ("年內溢利", "期內利潤"),
    ("現金及現金等價物",),
    ("銷售成本", "其他收入及收益", "銷售及分銷開支", "行政開支", "財務成本", "除稅前虧損"),
)
ENGLISH = Words(
    LATIN,
    "Zhiying Technology Development Co., Ltd.",
    "ANNUAL RESULTS ANNOUNCEMENT FOR THE YEAR ENDED DECEMBER 31, {year}",
    "INTERIM RESULTS ANNOUNCEMENT FOR THE SIX MONTHS ENDED JUNE 30, {year}",
    "Year ended December 31,",
    "Six months ended June 30,",
    "As at {day} {name} {year}",
    "Notes",
    "RMB'000",
    "CONSOLIDATED STATEMENT OF PROFIT OR LOSS",
    "CONSOLIDATED STATEMENT OF FINANCIAL POSITION",
    ("Revenue", "Revenues", "REVENUE"),
    ("Gross profit",),
    ("Research and development expenses", "Research and development costs", "R&D expenses"),
    ("Loss for the year", "Loss for the period"),
    ("Profit for the year", "Profit for the period"),
    ("Cash and cash equivalents",),
    ("Cost of sales", "Other income and gains", "Selling and distribution expenses", "Administrative expenses",
     "Finance costs", "Loss before tax"),
)  # fmt: skip


def chinese_annual(seed: int) -> Filing:
    """Annual results in traditional Chinese."""
    return _results(seed, CHINESE, whole=True)


def chinese_interim(seed: int) -> Filing:
    """Interim results in traditional Chinese."""
    return _results(seed, CHINESE, whole=False)


def english_annual(seed: int) -> Filing:
    """Annual results in English."""
    return _results(seed, ENGLISH, whole=True)


def english_interim(seed: int) -> Filing:
    """Interim results in English."""
    return _results(seed, ENGLISH, whole=False)


def _results(seed: int, words: Words, *, whole: bool) -> Filing:
    books = Books(seed, THOUSAND)
    at = books.chance.randint(2020, 2023)
    span = year if whole else half
    now, before = span(at), span(at - 1)
    books.keep(now, before)
    title = (words.annual if whole else words.interim).format(year=at)
    paper = Paper(words.font, words.company, "- {page} -")
    paper.line(words.company)
    paper.line(title)
    _highlights(paper, books, words, now, before)
    _income(paper, books, words, now, before)
    _position(paper, books, words, now)
    _discussion(paper, books, words, now, before)
    return Filing(
        f"hk-{'annual' if whole else 'interim'}-{words.unit[:3]}-{seed}", title, paper.done(), books.truth, "annual"
    )


def _heads(paper: Paper, books: Books, words: Words, now: Period, before: Period, *, noted: bool) -> None:
    zh = words is CHINESE
    paper.row("", ["", words.year_ended if now[1].month == 12 else words.half_ended])
    blank = [""] if noted else []
    suffix = "年" if zh and books.chance.random() < 0.7 else ""
    paper.row(
        "", [words.notes if noted else "", f"{now[0].year}{suffix}", f"{before[0].year}{suffix}"][0 if noted else 1 :]
    )
    paper.row("", [*blank, words.unit, words.unit])
    if now[1].month == 6:
        unaudited = "（未經審核）" if zh else "(Unaudited)"
        paper.row("", [*blank, unaudited, unaudited])


def _income(paper: Paper, books: Books, words: Words, now: Period, before: Period) -> None:
    paper.turn()
    paper.line(words.income)
    noted = books.chance.random() < 0.6
    _heads(paper, books, words, now, before, noted=noted)
    loss = books.truth.values[now, "net_profit"] < 0
    bottom = (words.loss if loss else words.profit)[now[1].month == 6]
    rows: list[tuple[str, str | None, str]] = [
        (books.pick(*words.revenue), "revenue", "4"),
        (words.others[0], None, ""),
        (books.pick(*words.gross), "gross_profit", ""),
        (words.others[1], None, "5"),
        (words.others[2], None, ""),
        (books.pick(*words.research), "rd_expense", ""),
        (words.others[3], None, ""),
        (words.others[4], None, "7"),
        (words.others[5], None, "6"),
        (bottom, "net_profit", ""),
    ]
    for number, (label, figure, note) in enumerate(rows):
        cells = []
        for period in (now, before):
            amount = books.of(period, figure) if figure else -books.other()
            cells.append(bracketed(-amount if figure == "rd_expense" else amount, THOUSAND))
        paper.row(label, ([note] if noted else []) + cells, turn_before=number == 5 and books.chance.random() < 0.4)


def _position(paper: Paper, books: Books, words: Words, now: Period) -> None:
    paper.turn()
    end = now[1]
    name = "December" if end.month == 12 else "June"
    paper.line(words.position)
    paper.row("", [words.at.format(year=end.year, month=end.month, day=end.day, name=name)])
    last = (end.year - 1, 12, 31, "December")
    of_last = words.at.format(year=last[0], month=last[1], day=last[2], name=last[3])
    now_head = words.at.format(year=end.year, month=end.month, day=end.day, name=name)
    paper.row("", [now_head, of_last])
    paper.row("", [words.unit, words.unit])
    paper.row(
        "存貨" if words is CHINESE else "Inventories", [plain(books.other(), THOUSAND), plain(books.other(), THOUSAND)]
    )
    before = (end.replace(year=end.year - 1, month=1, day=1), end.replace(year=end.year - 1))
    old = plain(books.of(before, "cash"), THOUSAND) if end.month == 12 else plain(books.other(), THOUSAND)
    paper.row(words.cash[0], [plain(books.of(now, "cash"), THOUSAND), old])


def _highlights(paper: Paper, books: Books, words: Words, now: Period, before: Period) -> None:
    a, b = books.of(now, "revenue"), books.of(before, "revenue")
    six = now[1].month == 6
    if words is CHINESE:
        span = "{}年6月30日止六個月" if six else "{}年12月31日止年度"
        paper.para(
            f"截至{span.format(now[0].year)}，本集團錄得收益人民幣{rounded(a, MILLION, 1)}百萬元，"
            f"而截至{span.format(before[0].year)}則為人民幣{rounded(b, MILLION, 1)}百萬元。"
        )
    else:
        span = "six months ended June 30, {}" if six else "year ended December 31, {}"
        paper.para(
            f"Our revenue amounted to RMB{rounded(a, MILLION, 1)} million for the {span.format(now[0].year)}, as compared with "
            f"RMB{rounded(b, MILLION, 1)} million for the {span.format(before[0].year)}."
        )


def _discussion(paper: Paper, books: Books, words: Words, now: Period, before: Period) -> None:
    share = books.of(now, "top_five_share_bp")
    books.truth.values[now, "top_five_share_bp"] = share = share // 10 * 10
    if words is CHINESE:
        paper.para(
            f"截至{now[1].year}年{now[1].month}月{now[1].day}日止{'六個月' if now[1].month == 6 else '年度'}，"
            f"來自本集團五大客戶的收益佔本集團總收益的{percent(share, 1)}%，而最大客戶佔總收益的12.3%。"
        )
        paper.para(
            "報告期內，本集團五大供應商佔採購總額的64.9%。經調整虧損淨額（非國際財務報告準則計量）為人民幣9.9百萬元。"
        )
    else:
        span = "six months ended June 30" if now[1].month == 6 else "year ended December 31"
        paper.para(
            f"For the {span}, {now[0].year}, revenue from the Group's five largest customers accounted for {percent(share, 1)}% of "  # noqa: E501
            "the Group's total revenue and our single largest customer accounted for 12.3%."
        )
        paper.para(
            "The Group's five largest suppliers accounted for 64.9% of the total purchases. Adjusted net loss (non-IFRS measure) "  # noqa: E501
            "was RMB9.9 million."
        )
