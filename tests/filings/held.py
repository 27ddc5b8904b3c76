"""A second set of phrasings and layouts, written before the first rule of `streams.enrich.filings` and not read while tuning.

They differ from the first on purpose: letter-style statements, five-year summaries, fiscal years that end in March, dollars,
half-year tables in 百萬元, the Beijing exchange's forms, units in heads of columns, prose without any table.
"""

from __future__ import annotations

from datetime import date

from tests.filings.paper import HANS, HANT, LATIN, Paper
from tests.filings.truth import Books, Period, bracketed, half, percent, plain, year
from tests.filings.truth import Paper as Filing

YUAN, WAN, THOUSAND, MILLION, YI = 100, 1_000_000, 100_000, 100_000_000, 10_000_000_000


def beijing(seed: int) -> Filing:
    """An annual report of the Beijing exchange: three columns, the change in per cent between them, no decimals of a sign."""
    books = Books(seed, 1)
    at = books.chance.randint(2020, 2023)
    now, before, oldest = year(at), year(at - 1), year(at - 2)
    books.keep(now, before, oldest)
    paper = Paper(HANS, "远图影像技术（北京）股份有限公司 2021年年度报告".replace("2021", str(at)), "{page}/156")
    paper.line("第三节 会计数据和财务指标")
    paper.line("一、 盈利能力")
    paper.line("单位：人民币元", right=True)
    paper.row("", [f"{at}年", f"{at - 1}年", "本年比上年增减%", f"{at - 2}年"])
    paper.row(
        "营业收入",
        [
            plain(books.of(now, "revenue"), YUAN, 2),
            plain(books.of(before, "revenue"), YUAN, 2),
            "12.30%",
            plain(books.of(oldest, "revenue"), YUAN, 2),
        ],
    )
    paper.row("毛利率%", ["61.20%", "58.77%", "-", "57.01%"])
    paper.row(
        "归属于上市公司股东的净利润",
        [plain(books.other(), YUAN, 2), plain(books.other(), YUAN, 2), "-4.10%", plain(books.other(), YUAN, 2)],
    )
    paper.line("（二）主要客户情况")
    paper.line("单位：元", right=True)
    paper.row("序号 客户", ["销售金额", "年度销售占比%", "是否存在关联关系"])
    for number in range(1, 6):
        paper.row(f"{number} 客户{number}", [plain(books.other(), YUAN, 2), f"{7 - number}.10%", "否"])
    share = books.of(now, "top_five_share_bp")
    paper.row("合计", [plain(books.other(), YUAN, 2), f"{percent(share)}%", "-"])
    paper.turn()
    paper.line("（三） 合并利润表")
    paper.line("单位：人民币元", right=True)
    paper.row("项目", ["附注", f"{at}年", f"{at - 1}年"])
    for label, figure, note in (
        ("一、营业总收入", "revenue", ""),
        ("其中：营业收入", "revenue", "五（二十七）"),
        ("二、营业总成本", None, ""),
        ("研发费用", "rd_expense", "五（三十一）"),
        ("五、净利润（净亏损以“－”号填列）", "net_profit", ""),
        ("其中：被合并方在合并前实现的净利润", None, ""),
        ("（一）按经营持续性分类：", None, "skip"),
        ("1.持续经营净利润（净亏损以“-”号填列）", None, ""),
    ):
        cells = [plain(books.of(p, figure) if figure else books.other(), YUAN, 2) for p in (now, before)]
        paper.row(label, [] if note == "skip" else [note, *cells])
    return Filing(f"held-beijing-{seed}", f"远图影像：{at}年年度报告", paper.done(), books.truth, "annual")


def prose_only(seed: int) -> Filing:
    """A prospectus summary that tells everything in sentences."""
    books = Books(seed, 10_000, loss=True)
    at = books.chance.randint(2020, 2022)
    periods = [year(at - 2), year(at - 1), year(at)]
    books.keep(*periods)
    said = {f: [plain(abs(books.of(p, f)), WAN, 2) for p in periods] for f in ("revenue", "rd_expense", "net_profit")}
    paper = Paper(HANS, "", "1-1-{page}")
    paper.line("慧脉生物股份有限公司招股说明书（注册稿）")
    paper.para(
        f"{at - 2}年度、{at - 1}年度和{at}年度，公司营业收入分别为{said['revenue'][0]}万元、{said['revenue'][1]}万元和{said['revenue'][2]}"  # noqa: E501
        "万元，最近三年复合增长率为94.60%。"
    )
    paper.para(
        f"{at - 2}年、{at - 1}年和{at}年，公司研发费用分别为{said['rd_expense'][0]}万元、{said['rd_expense'][1]}万元及{said['rd_expense'][2]}"  # noqa: E501
        "万元，占营业收入的比例分别为81.20%、60.12%和45.77%。"
    )
    paper.para(
        f"公司尚未盈利。{at - 2}年度、{at - 1}年度和{at}年度，公司净亏损分别为{said['net_profit'][0]}万元、{said['net_profit'][1]}万元和"  # noqa: E501
        f"{said['net_profit'][2]}万元，扣除非经常性损益后归属于母公司所有者的净亏损分别为9,001.10万元、9,002.20万元和9,003.30万元。"
    )
    shares = [percent(books.of(p, "top_five_share_bp")) for p in periods]
    paper.para(
        f"{at - 2}年度、{at - 1}年度和{at}年度，公司前五名客户合计销售收入占当期营业收入的比例分别为{shares[0]}%、{shares[1]}%和{shares[2]}%。"  # noqa: E501
    )
    return Filing(
        f"held-prose-{seed}", "慧脉生物股份有限公司招股说明书（注册稿）", paper.done(), books.truth, "prospectus"
    )


def march_year(seed: int) -> Filing:
    """A Hong Kong annual report in English whose year ends in March, in HK$ million, with the note beside the figure."""
    books = Books(seed, MILLION, "HKD")
    at = books.chance.randint(2020, 2023)
    now, before = ((date(at - n - 1, 4, 1), date(at - n, 3, 31)) for n in (0, 1))
    books.keep(now, before)
    paper = Paper(LATIN, f"Annual Report {at - 1}/{str(at)[2:]}", "{page}")
    paper.line("CONSOLIDATED INCOME STATEMENT")
    paper.line(f"For the year ended 31 March {at}")
    paper.row("", ["", str(at), str(at - 1)])
    paper.row("", ["Note", "HK$ million", "HK$ million"])
    for label, figure, note in (
        ("Revenue", "revenue", "5"),
        ("Cost of services", None, "7(a)"),
        ("Gross profit", "gross_profit", ""),
        ("Research and development costs", "rd_expense", "7(b)"),
        ("General and administrative expenses", None, ""),
        ("Profit/(loss) before income tax", None, ""),
        ("Income tax credit", None, "9"),
        ("Profit/(loss) for the year", "net_profit", ""),
        ("Profit/(loss) attributable to:", None, "skip"),
        ("- Owners of the Company", None, ""),
    ):
        if note == "skip":
            paper.line(label)
            continue
        cells = []
        for p in (now, before):
            amount = books.of(p, figure) if figure else books.other()
            cells.append(bracketed(-amount if figure == "rd_expense" else amount, MILLION))
        paper.row(label, [note, *cells])
    paper.turn()
    paper.line("CONSOLIDATED STATEMENT OF CASH FLOWS")
    paper.line(f"For the year ended 31 March {at}")
    paper.row("", [str(at), str(at - 1)])
    paper.row("", ["HK$ million", "HK$ million"])
    for label, figure in (
        ("Net (decrease)/increase in cash and cash equivalents", None),
        ("Cash and cash equivalents at 1 April", None),
        ("Effect of foreign exchange rate changes", None),
        ("Cash and cash equivalents at 31 March", "cash"),
    ):
        paper.row(label, [bracketed(books.of(p, figure) if figure else books.other(), MILLION) for p in (now, before)])
    books.truth.values[now, "top_five_share_bp"] = share = books.of(now, "top_five_share_bp") // 100 * 100
    paper.para(
        f"During the year, the aggregate sales attributable to the Group's five largest customers were {share // 100}% of the Group's "  # noqa: E501
        "total sales, of which sales to the largest customer were 11%. Purchases from the five largest suppliers were 42%."
    )
    return Filing(f"held-march-{seed}", f"ANNUAL REPORT {at - 1}/{str(at)[2:]}", paper.done(), books.truth, "annual")


def five_years(seed: int) -> Filing:
    """A five-year summary in traditional Chinese, the first year first, loss in brackets, amounts in 百萬元 with one decimal."""  # noqa: E501
    books = Books(seed, MILLION // 10)
    at = books.chance.randint(2020, 2022)
    periods = [year(n) for n in range(at - 4, at + 1)]
    books.keep(*periods)
    paper = Paper(HANT, "", "{page}", size=8)
    paper.line("五年財務摘要")
    paper.row("", ["截至12月31日止年度"], label_width=120)
    paper.row("", [str(p[0].year) for p in periods], label_width=120)
    paper.row("", ["人民幣百萬元"] * 5, label_width=120)
    for label, figure in (
        ("收入", "revenue"),
        ("毛利", "gross_profit"),
        ("除所得稅前虧損", None),
        ("年度（虧損）╱利潤", "net_profit"),
    ):
        paper.row(
            label,
            [bracketed(books.of(p, figure) if figure else books.other(), MILLION, 1) for p in periods],
            label_width=120,
        )
    paper.row("", ["於12月31日"], label_width=120)
    paper.row("", [str(p[0].year) for p in periods], label_width=120)
    paper.row("", ["人民幣百萬元"] * 5, label_width=120)
    for label, figure in (("現金及現金等價物", "cash"), ("資產總值", None)):
        paper.row(
            label,
            [plain(books.of(p, figure) if figure else books.other(), MILLION, 1) for p in periods],
            label_width=120,
        )
    return Filing(f"held-five-{seed}", f"{at}年度報告", paper.done(), books.truth, "annual")


def dollars(seed: int) -> Filing:
    """A prospectus of a company that reports in US dollars, the unit in brackets above the table."""
    books = Books(seed, THOUSAND, "USD", loss=True)
    at = books.chance.randint(2020, 2022)
    periods = [year(at - 1), year(at)]
    books.keep(*periods)
    paper = Paper(LATIN, "FINANCIAL INFORMATION", "{page}")
    paper.para("The following table summarizes our results of operations for the years indicated.")
    paper.row("", ["", "For the Year Ended December 31,"])
    paper.row("", [str(p[0].year) for p in periods])
    paper.line("(US$ in thousands, except percentages)", right=True)
    for label, figure in (
        ("Total revenue", "revenue"),
        ("Cost of revenue", None),
        ("Gross profit", "gross_profit"),
        ("Operating expenses:", None),
        ("Research and development expenses", "rd_expense"),
        ("Loss before income tax", None),
        ("Net loss", "net_profit"),
    ):
        if label.endswith(":"):
            paper.line(label)
            continue
        cells = []
        for p in periods:
            amount = books.of(p, figure) if figure else -books.other()
            cells.append(bracketed(-amount if figure == "rd_expense" else amount, THOUSAND))
        paper.row(label, cells)
    paper.para(
        f"As of December 31, {at}, we had cash and cash equivalents of US${plain(books.of(periods[1], 'cash'), MILLION, 3)} million, "  # noqa: E501
        "as well as restricted cash of US$1.2 million."
    )
    return Filing(f"held-dollars-{seed}", "PROSPECTUS", paper.done(), books.truth, "prospectus")


def letter(seed: int) -> Filing:
    """A Chinese interim announcement whose discussion alone is read: from … to …, with the change between."""
    books = Books(seed, MILLION // 10, loss=True)
    at = books.chance.randint(2020, 2023)
    now, before = half(at), half(at - 1)
    books.keep(now, before)
    a, b = (plain(books.of(p, "revenue"), MILLION, 1) for p in (now, before))
    c, d = (plain(books.of(p, "gross_profit"), MILLION, 1) for p in (now, before))
    e, f = (plain(books.of(p, "rd_expense"), MILLION, 1) for p in (now, before))
    paper = Paper(HANT, "管理層討論及分析", "{page}")
    spans = [f"截至{p[0].year}年6月30日止六個月" for p in (now, before)]
    paper.para(
        f"我們的收入由{spans[1]}的人民幣{b}百萬元增加38.2%至{spans[0]}的人民幣{a}百萬元，主要由於醫療機構數目增加。"
    )
    paper.para(f"毛利由{spans[1]}的人民幣{d}百萬元增加至{spans[0]}的人民幣{c}百萬元。")
    paper.para(f"研發開支由{spans[1]}的人民幣{f}百萬元增加12.0%至{spans[0]}的人民幣{e}百萬元，佔收入的88.1%。")
    paper.para(
        f"由於上述原因，我們於{spans[0]}錄得期內虧損人民幣{plain(-books.of(now, 'net_profit'), MILLION, 1)}百萬元，"
        f"而{spans[1]}則錄得期內虧損人民幣{plain(-books.of(before, 'net_profit'), MILLION, 1)}百萬元。"
    )
    return Filing(f"held-letter-{seed}", f"截至{at}年6月30日止六個月之中期報告", paper.done(), books.truth, "annual")


LAYOUTS = (beijing, prose_only, march_year, five_years, dollars, letter)


def corpus(each: int = 5) -> list[Filing]:
    """Every layout under several seeds."""
    return [layout(100 + seed) for layout in LAYOUTS for seed in range(each)]


__all__ = ["LAYOUTS", "Period", "corpus"]
