"""What sort of notice a text is, decided by the first rule that fits."""

from __future__ import annotations

import re

from events.labels import Kind
from streams.enrich.normalise import Normal

_GUIDE = (
    "指导原则|审评要点|审查要点|技术指南|技术审查原则|审评原则|技术审评规范|编写指南|评价指南|审查原则|临床试验原则"
    r"|\bguidance\b|\bguidelines?\b|\bguiding principle"
)
_RULES: tuple[tuple[Kind, str, re.Pattern[str], bool], ...] = tuple(
    (kind, rule, re.compile(pattern), title_only)
    for kind, rule, pattern, title_only in (
        (
            Kind.REIMBURSEMENT,
            "reimbursement",
            r"纳入[^。\n]{0,24}(?:医保|基本医疗保险|医疗保险)[^。\n]{0,16}(?:支付|目录|报销)"
            r"|基本医疗保险[^。\n]{0,20}药品目录|医保[甲乙丙]类"
            r"|按[甲乙]类(?:支付|管理|报销)|医保支付范围|基本医疗保险支付范围|reimbursement list|医保药品目录|医疗服务项目目录",
            True,
        ),
        (
            Kind.PRICE,
            "price",
            r"医疗服务价格|价格项目|立项指南|收费标准|价格的通知|试行价格|项目价格|price item|medical service price",
            True,
        ),
        (
            Kind.IPO,
            "ipo",
            r"首次公开发行|向不特定合格投资者公开发行|公开发行股票并在|北交所上市|首发上市|招股说明书|招股书|申请版本|聆讯后资料集|聆讯|上市申请|上市委"
            r"|(?<![a-z])ipo(?![a-z])|initial public offering|application proof|prospectus|科创板上市"
            r"|创业板上市|(?<![a-z])phip(?![a-z])|提交注册稿",
            True,
        ),
        (
            Kind.FINANCING,
            "financing",
            r"(?:天使|种子|pre-?[abc]|[abcdef]\d?\+{0,2})\+?轮|战略融资|轮融资|完成[^。\n]{0,20}融资"
            r"|融资[^。\n]{0,6}(?:亿|万)|series [a-f]\b|funding round|raises? (?:us)?\$|首轮融资"
            r"|股权融资",
            True,
        ),
        (
            Kind.GUIDANCE_DRAFT,
            "guidance-for-comment",
            rf"(?:(?:{_GUIDE}|基本要求|编写规范|分类界定|管理规范|资料要求|编写要求)[^\n]*(?:征求|征询"
            rf"|求意见)|征求[^\n]*(?:{_GUIDE}|要求|规范)|(?:器械|试剂|软件|产品|规范|要求"
            rf"|原则)[^\n]*(?:征求意见稿|公开征求)|公开征求[^\n]*(?:器械|试剂|软件)|draft guidance"
            rf"|for comment)",
            True,
        ),
        (Kind.OTHER, "call-for-data", r"征集[^\n]*信息", True),
        (
            Kind.GUIDANCE_ISSUED,
            "guidance-issued",
            rf"{_GUIDE}|基本原则（?\(?20|电子提交技术|申报资料[^\n]*基本要求|临床试验基本要求|分类界定",
            True,
        ),
        (
            Kind.FILING,
            "filing",
            r"年度报告|半年度报告|季度报告|年报|中期报告|业绩预告|业绩快报|股东大会|董事会|监事会|回购"
            r"|限制性股票|减持|增持|权益变动|募集资金|法律意见书|独立董事|annual report|interim report"
            r"|announcement of|股权激励"
            r"|业绩公告|中期业绩|全年业绩|年度业绩|季度业绩|(?:interim|annual|quarterly|final) results"
            r"|盈利预警|盈利警告|盈喜|内幕消息|须予披露|股份购回|月报表|翌日披露|股东周年大会|股东大会通函"
            r"|^(?!.*(?:药监局|药品监督管理|医疗保障局|医保局|卫生健康委|总局|国务院|人民政府))[^\n]{0,30}?关于[^\n]{0,40}公告$|公告编号|10-k|利润分配|担保",
            True,
        ),
        (
            Kind.CLEARANCE,
            "clearance",
            r"510\(k\)|\bde novo\b|\bden\d{6}\b|(?<![a-z0-9])k\d{6}(?![0-9])"
            r"|(?<![a-z0-9])p\d{6}(?![0-9])|\bpremarket\b|(?<![a-z0-9])fda(?![a-z0-9])"
            r"|(?<![a-z])ce(?:[ -]?(?:mdr|ivdr))?[ -]?(?:mark|认证|标志|证书|注册证)|mdr ce|(?:mdr|ivdr)认证|pmda"
            r"|\bcleared\b|(?:^|[\n,;|]) ?(?:radiology|cardiovascular|hematology|neurology|ophthalmic"
            r"|clinical chemistry|microbiology|gastroenterology[ a-z&-]*urology|anesthesiology"
            r"|general and plastic surgery|general hospital|orthopedic|obstetrics and gynecology"
            r"|dental|pathology)\s*(?:$|[\n,;|])",
            False,
        ),
        (
            Kind.APPROVAL,
            "approval",
            r"批准注册(?:的)?医疗器械|械注|食药监械|批准[^。\n]{2,60}(?:上市|注册)|批准证明文件|注册证|准产|结构及组成|结构组成|适用范围|预期用途|产品由"
            r"|由[^。\n]{2,80}组成|用于|适用于|软件由|试剂盒|供[^。\n]{1,30}用|供医[师生]|发布版本"
            r"|辅助诊断|辅助检测|型号规格",
            False,
        ),
        (Kind.GUIDANCE_ISSUED, "guidance-named", _GUIDE, False),
        (Kind.PRICE, "price-in-body", r"医疗服务价格|价格项目", False),
        (
            Kind.APPROVAL,
            "product-by-name",
            r"(?:软件|系统|仪|设备|试剂|装置|机|器|导管|支架|[a-z]\))(?:\([^)\n]{0,20}\))?$",
            True,
        ),
    )
)


_FOREIGN = re.compile(
    "510|novo|den\\d|[kp]\\d{6}|premarket|fda|ce|mdr|pmda|cleared|radiology|cardiovascular|hematology|neurology"
    "|ophthalmic|chemistry|microbiology|gastroenterology|anesthesiology|surgery|hospital|orthopedic|obstetrics|dental|pathology"
)
"""A word that every clearance has: looked for first, because it is quick."""


def kind(normal: Normal, title_end: int) -> tuple[Kind, str, int, int]:
    """The kind, its rule, and the span (normal text) that decided; an empty span where nothing did."""
    text = normal.text
    foreign = _FOREIGN.search(text) is not None
    for found, rule, pattern, title_only in _RULES:
        if found is Kind.CLEARANCE and not foreign:
            continue
        if match := pattern.search(text, 0, title_end if title_only else len(text)):
            return found, f"kind.{rule}", match.start(), match.end()
    return Kind.OTHER, "", 0, 0
