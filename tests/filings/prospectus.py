"""Prospectuses: three years and a stub, in simplified and traditional Chinese and in English."""

from __future__ import annotations

from tests.filings.paper import HANS, HANT, LATIN, Paper
from tests.filings.truth import Books, Period, bracketed, half, percent, plain, year
from tests.filings.truth import Paper as Filing

WAN, THOUSAND = 1_000_000, 100_000


def star_market(seed: int) -> Filing:
    """A prospectus of the STAR market: amounts in 万元, the latest period first."""
    books = Books(seed, 10_000)
    last = books.chance.randint(2019, 2022)
    stub = books.chance.random() < 0.5
    periods = ([half(last + 1)] if stub else []) + [year(last), year(last - 1), year(last - 2)]
    books.keep(*periods)
    paper = Paper(HANS, "智影医疗科技股份有限公司 招股说明书（申报稿）", "1-1-{page}")
    paper.line("智影医疗科技股份有限公司首次公开发行股票并在科创板上市招股说明书（申报稿）")
    paper.para(
        "本招股说明书中，除特别说明外，金额单位均为人民币万元。报告期是指"
        + "、".join(_zh(p) for p in periods[::-1])
        + "。"
    )
    paper.line("（三）主要财务数据和财务指标")
    paper.line(books.pick("单位：万元", "单位：人民币万元", "单位：万元"), right=True)
    paper.row("项目", [_zh(one) for one in periods])
    for label, figure in (
        ("营业收入", "revenue"),
        ("归属于母公司所有者的净利润", None),
        ("净利润", "net_profit"),
        ("研发费用", "rd_expense"),
        ("期末现金及现金等价物余额", "cash"),
        ("研发投入占营业收入的比例", None),
    ):
        if "比例" in label:
            paper.row(label, [f"{books.chance.randint(5, 80)}.12%" for _ in periods])
        else:
            paper.row(label, [plain(books.of(p, figure) if figure else books.other(), WAN, 2) for p in periods])
    shares = [f"{percent(books.of(p, 'top_five_share_bp'))}%" for p in periods[::-1]]
    paper.para(
        f"{'、'.join(_zh(p) for p in periods[::-1][:-1])}及{_zh(periods[0])}，公司对前五大客户的销售收入占营业收入的比例分别为"
        f"{'、'.join(shares[:-1])}和{shares[-1]}，客户集中度逐年下降。"
    )
    paper.para("报告期各期，公司前五大供应商采购占比分别为55.10%、50.20%和49.30%。")
    return Filing(
        f"star-{seed}", "智影医疗科技股份有限公司招股说明书（申报稿）", paper.done(), books.truth, "prospectus"
    )


def _zh(period: Period) -> str:
    return f"{period[0].year}年度" if period[1].month == 12 else f"{period[0].year}年1-6月"


def hong_kong(seed: int, english: bool) -> Filing:
    """An application proof: the earliest year first, then the half years side by side, amounts with their share of revenue."""
    books = Books(seed, THOUSAND, loss=True)
    last = books.chance.randint(2019, 2022)
    years = (
        [year(last - 2), year(last - 1), year(last)] if books.chance.random() < 0.5 else [year(last - 1), year(last)]
    )
    halves = [half(last), half(last + 1)] if books.chance.random() < 0.6 else []
    books.keep(*years, *halves)
    shares = books.chance.random() < 0.5
    paper = Paper(LATIN if english else HANT, "SUMMARY" if english else "概要", "- {page} -", size=8)
    paper.para(
        "The following table sets forth our consolidated statements of profit or loss for the periods indicated."
        if english
        else "下表載列所示期間我們的綜合損益表概要。"
    )
    _track_record(paper, books, years, halves, english=english, shares=shares)
    _customers(paper, books, years, halves, english=english)
    title = "Application Proof (1st submission)" if english else "申請版本（第一次呈交）"
    return Filing(f"hk-proof-{'en' if english else 'zh'}-{seed}", title, paper.done(), books.truth, "prospectus")


def english_proof(seed: int) -> Filing:
    """An application proof in English."""
    return hong_kong(seed, english=True)


def chinese_proof(seed: int) -> Filing:
    """An application proof in traditional Chinese."""
    return hong_kong(seed, english=False)


def _track_record(
    paper: Paper, books: Books, years: list[Period], halves: list[Period], *, english: bool, shares: bool
) -> None:
    spans = (
        ("Year ended December 31,", "Six months ended June 30,")
        if english
        else ("截至12月31日止年度", "截至6月30日止六個月")
    )
    heads = [f"{p[0].year}{'' if english else '年'}" for p in (*years, *halves)]
    money = "RMB'000" if english else "人民幣千元"
    each = [money, "%"] if shares else [money]
    paper.row("", [spans[0], spans[1]] if halves else [spans[0]], label_width=110)
    paper.row("", heads, label_width=110)
    paper.row("", each * len(heads), label_width=110)
    if halves:
        paper.line("(unaudited)" if english else "（未經審核）", right=True)
    labels = (
        (
            "Revenue",
            "Cost of sales",
            "Gross profit",
            "Research and development expenses",
            "Loss before tax",
            "Loss for the year/period",
        )
        if english
        else ("收入", "銷售成本", "毛利", "研發開支", "除稅前虧損", "年內/期內虧損")
    )
    figures = ("revenue", None, "gross_profit", "rd_expense", None, "net_profit")
    for label, figure in zip(labels, figures, strict=True):
        cells = []
        for period in (*years, *halves):
            amount = books.of(period, figure) if figure else -books.other()
            cells.append(bracketed(-amount if figure == "rd_expense" else amount, THOUSAND))
            if shares:
                cells.append("100.0" if figure == "revenue" else f"{books.chance.randint(10, 99)}.4")
        paper.row(label, cells, label_width=110)


def _customers(paper: Paper, books: Books, years: list[Period], halves: list[Period], *, english: bool) -> None:
    periods = [*years, *halves[-1:]]
    for p in periods:
        books.truth.values[p, "top_five_share_bp"] = books.of(p, "top_five_share_bp") // 10 * 10
    told = [f"{percent(books.truth.values[p, 'top_five_share_bp'], 1)}%" for p in periods]
    if english:
        when = ", ".join(str(p[0].year) for p in years[:-1])
        ends = (
            f"{when} and {years[-1][0].year}"
            if not halves
            else f"{when}, {years[-1][0].year} and the six months ended June 30, {halves[1][0].year}"
        )
        paper.para(
            f"In {ends}, revenue generated from our five largest customers accounted for {', '.join(told[:-1])} and {told[-1]} of our "  # noqa: E501
            "total revenue, respectively. Our largest customer accounted for 30.1%, 22.5% and 20.9% in the same periods."
        )
    else:
        ends = "、".join(f"{p[0].year}年" for p in years[:-1]) + f"及{years[-1][0].year}年"
        if halves:
            ends = "、".join(f"{p[0].year}年" for p in years) + f"及截至{halves[1][0].year}年6月30日止六個月"
        paper.para(
            f"於{ends}，來自我們五大客戶的收入分別佔總收入的{'、'.join(told[:-1])}及{told[-1]}。於同期，最大客戶分別佔30.1%、22.5%及20.9%。"
        )
