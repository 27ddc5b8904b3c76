"""Annual and half-year reports of companies listed in Shanghai and Shenzhen, in simplified Chinese."""

from __future__ import annotations

from collections.abc import Callable

from tests.filings.paper import HANS, Paper
from tests.filings.truth import Books, Period, half, percent, plain, rounded, year
from tests.filings.truth import Paper as Filing

YUAN, WAN = 100, 1_000_000
NAMES = ("智影医疗科技股份有限公司", "慧脉生物股份有限公司", "远图医学影像股份有限公司")


def annual(seed: int) -> Filing:
    """An annual report with key data, customers and consolidated statements."""
    return _report(seed, "年年度报告", year)


def interim(seed: int) -> Filing:
    """A half-year report: its comparative of flows is the half year before, of cash the end of the year before."""
    return _report(seed, "年半年度报告", half)


def _report(seed: int, kind: str, period_of: Callable[[int], Period]) -> Filing:
    books = Books(seed, 1)
    at = books.chance.randint(2019, 2023)
    now, before = period_of(at), period_of(at - 1)
    books.keep(now, before)
    name = books.pick(*NAMES)
    paper = Paper(HANS, f"{name}{at}{kind}", books.pick("{page}", "{page} / 212", "第 {page} 页"), size=8)
    paper.line(f"{name}{at}{kind}")
    paper.para("本公司董事会及全体董事保证本报告内容的真实、准确和完整，不存在虚假记载、误导性陈述或者重大遗漏。")
    if books.chance.random() < 0.7:
        paper.para("元、万元、亿元 指 人民币元、人民币万元、人民币亿元")
        currency = ""
    else:
        currency = " 币种：人民币"
    _key_data(paper, books, now, before, currency, whole=kind == "年年度报告")
    _review(paper, books, now)
    _customers(paper, books, now)
    if books.chance.random() < 0.3:
        paper.scanned()
    _income(paper, books, now, before, currency)
    _balance(paper, books, now, currency)
    _flows(paper, books, now, before, currency)
    _parent(paper, books, now, currency)
    return Filing(f"hans{kind}-{seed}", f"{name}：{at}{kind}", paper.done(), books.truth, "annual")


def _label(period: Period) -> str:
    return f"{period[0].year}年" if period[1].month == 12 else f"{period[0].year}年1-6月"


def _key_data(paper: Paper, books: Books, now: Period, before: Period, currency: str, whole: bool) -> None:
    paper.line("一、主要会计数据和财务指标")
    paper.line(f"单位：元{currency}", right=True)
    change = books.pick("本年比上年增减", "本期比上年同期增减（%）", "同比增减")
    heads = [_label(now), _label(before), change]
    if whole and books.chance.random() < 0.5:
        heads = [_label(now), _label(before), change := "同比增减", f"{before[0].year - 1}年"]
        books.keep(year(before[0].year - 1))
    if not whole:
        heads = ["本报告期", "上年同期", "增减变动"]
    sign = "" if "%" in change and whole else "%"
    paper.row("主要会计数据" if "（%）" in change else "", heads)
    rows = [
        ("营业收入（元）", "revenue"),
        ("归属于上市公司股东的净利润（元）", None),
        ("归属于上市公司股东的扣除非经常性损益的净利润（元）", None),
        ("经营活动产生的现金流量净额（元）", None),
    ]
    for label, figure in rows:
        mine = books.of(now, figure) if figure else books.other()
        theirs = books.of(before, figure) if figure else books.other()
        cells = [plain(mine, YUAN, 2), plain(theirs, YUAN, 2), f"{books.chance.randint(-90, 300)}.37{sign}"]
        if len(heads) == 4:
            oldest = year(before[0].year - 1)
            cells.append(plain(books.of(oldest, figure) if figure else books.other(), YUAN, 2))
        paper.row(label, cells)


def _review(paper: Paper, books: Books, now: Period) -> None:
    revenue, profit = books.of(now, "revenue"), books.hidden(now, "net_profit")
    word = "亏损" if profit < 0 else "净利润"
    paper.line("第三节 管理层讨论与分析")
    paper.para(
        books.pick(
            f"报告期内，公司实现营业收入{rounded(revenue, WAN, 2)}万元，同比增长23.61%；实现归属于上市公司股东的{word}"
            f"{rounded(books.other(), WAN, 2)}万元。公司已取得人工智能三类医疗器械注册证。",
            f"{now[0].year}年{'' if now[1].month == 12 else '上半年'}，公司实现营业收入{rounded(revenue, 100 * WAN * 100, 2)}亿元，"  # noqa: E501
            f"较上年同期增加{rounded(books.other(), WAN, 2)}万元，研发投入{rounded(books.other(), WAN, 2)}万元。",
        )
    )
    paper.line("（1）营业收入构成")
    paper.line("单位：元", right=True)
    paper.row("", [_label(now), "占营业收入比重", "同比增减"])
    paper.row("营业收入合计", [plain(revenue, YUAN, 2), "100%", "23.61%"])
    paper.row("影像软件", [plain(revenue // 2, YUAN, 2), "50.00%", "11.20%"])
    paper.row("心电产品", [plain(revenue // 3, YUAN, 2), "33.33%", "18.00%"])


def _customers(paper: Paper, books: Books, now: Period) -> None:
    share = books.of(now, "top_five_share_bp")
    money = books.other()
    if books.chance.random() < 0.5:
        paper.line("公司主要销售客户情况")
        paper.row("前五名客户合计销售金额（元）", [plain(money, YUAN, 2)], label_width=320)
        paper.row("前五名客户合计销售金额占年度销售总额比例", [f"{percent(share)}%"], label_width=320)
        paper.row("前五名客户销售额中关联方销售额占年度销售总额比例", ["0.00%"], label_width=320)
        paper.row("公司前5大客户资料", [], label_width=320)
        paper.row("序号 客户名称", ["销售额（元）", "占年度销售总额比例"])
        for number in range(1, 6):
            paper.row(
                f"{number} 客户{number}", [plain(money // (number + 2), YUAN, 2), f"{percent(share // (number + 2))}%"]
            )
        paper.line("公司前 5 名供应商资料")
        paper.row("前五名供应商合计采购金额占年度采购总额比例", [f"{percent(9999 - share)}%"], label_width=320)
    else:
        paper.para(
            f"前五名客户销售额{rounded(money, WAN, 2)}万元，占年度销售总额{percent(share)}%；其中前五名客户销售额中关联方销售额0万元，"  # noqa: E501
            "占年度销售总额0%。"
        )
        paper.para(
            f"前五名供应商采购额{rounded(books.other(), WAN, 2)}万元，占年度采购总额{percent(9999 - share)}%；其中前五名供应商"
            "采购额中关联方采购额0万元，占年度采购总额0%。"
        )


def _income(paper: Paper, books: Books, now: Period, before: Period, currency: str) -> None:
    paper.turn()
    paper.line("3、合并利润表")
    paper.line(f"单位：元{currency}", right=True)
    heads = [f"{one[0].year}年度" if one[1].month == 12 else f"{one[0].year}年半年度" for one in (now, before)]
    noted = books.chance.random() < 0.5
    paper.row("项目", (["附注"] if noted else []) + heads)
    for label, figure, note in (
        ("一、营业总收入", "revenue", ""),
        ("其中：营业收入", "revenue", "七、61"),
        ("二、营业总成本", None, ""),
        ("其中：营业成本", None, "七、61"),
        ("税金及附加", None, "七、62"),
        ("销售费用", None, "七、63"),
        ("管理费用", None, "七、64"),
        ("研发费用", "rd_expense", "七、65"),
    ):
        _statement(paper, books, label, figure, note if noted else None, now, before)
    if books.chance.random() < 0.6:
        paper.turn()
    for label, figure, note in (
        ("三、营业利润（亏损以“－”号填列）", None, ""),
        ("四、利润总额（亏损总额以“－”号填列）", None, ""),
        ("减：所得税费用", None, "七、76"),
        ("五、净利润（净亏损以“－”号填列）", "net_profit", ""),
        ("1.归属于母公司股东的净利润", None, ""),
        ("2.少数股东损益", None, ""),
    ):
        _statement(paper, books, label, figure, note if noted else None, now, before)


def _statement(
    paper: Paper, books: Books, label: str, figure: str | None, note: str | None, now: Period, before: Period
) -> None:
    pair = [books.of(one, figure) if figure else books.other() for one in (now, before)]
    cells = [plain(one, YUAN, 2) for one in pair]
    paper.row(label, ([note] if note is not None else []) + cells)


def _balance(paper: Paper, books: Books, now: Period, currency: str) -> None:
    paper.turn()
    paper.line("1、合并资产负债表")
    paper.line(f"{now[1].year}年{now[1].month}月{now[1].day}日")
    paper.line(f"单位：元{currency}", right=True)
    paper.row("项目", [f"{now[1].year}年{now[1].month}月{now[1].day}日", f"{now[1].year - 1}年12月31日"])
    for label in ("流动资产：", "货币资金", "交易性金融资产", "应收账款", "存货"):
        paper.row(label, [] if "：" in label else [plain(books.other(), YUAN, 2), plain(books.other(), YUAN, 2)])


def _flows(paper: Paper, books: Books, now: Period, before: Period, currency: str) -> None:
    paper.turn()
    paper.line("5、合并现金流量表")
    paper.line(f"单位：元{currency}", right=True)
    paper.row("项目", books.chance.choice([["本期发生额", "上期发生额"], [_label(now), _label(before)]]))
    for label, figure in (
        ("一、经营活动产生的现金流量：", None),
        ("销售商品、提供劳务收到的现金", None),
        ("五、现金及现金等价物净增加额", None),
        ("加：期初现金及现金等价物余额", None),
        ("六、期末现金及现金等价物余额", "cash"),
    ):
        if label.endswith("："):
            paper.line(label)
        else:
            _statement(paper, books, label, figure, None, now, before)


def _parent(paper: Paper, books: Books, now: Period, currency: str) -> None:
    """The statement of the parent company alone: its figures are others."""
    paper.line("4、母公司利润表")
    paper.line(f"单位：元{currency}", right=True)
    paper.row("项目", [_label(now), f"{now[0].year - 1}年度" if now[1].month == 12 else f"{now[0].year - 1}年1-6月"])
    for label in ("一、营业收入", "减：营业成本", "研发费用", "四、净利润（净亏损以“－”号填列）"):
        paper.row(label, [plain(books.other(), YUAN, 2), plain(books.other(), YUAN, 2)])
    paper.line("6、母公司现金流量表")
    paper.line(f"单位：元{currency}", right=True)
    paper.row("项目", ["本期发生额", "上期发生额"])
    paper.row("六、期末现金及现金等价物余额", [plain(books.other(), YUAN, 2), plain(books.other(), YUAN, 2)])
