"""The words that tell what sort of notice a text is, in the order in which they are asked. The first that fits decides."""

from __future__ import annotations

import re
from dataclasses import dataclass

from events.labels import Kind

_GUIDE = (
    "指导原则|审评要点|审查要点|技术指南|技术审查原则|审评原则|技术审评规范|编写指南|评价指南|审查原则|临床试验原则"
    r"|(?<!image )(?<!needle )(?<!visual )(?<!ultrasound )(?<!surgical )\bguidance (?:for|on|document)\b|\b(?:final"
    r"|draft|new|industry|fda|issues?|issued|publishes)\b[^\n]{0,60}\bguidance\b"
    r"|\bguidelines?\b|\bguiding principle"
)
_EXCHANGE = r"上交所|深交所|北交所|港交所|联交所|证券交易所|科创板|创业板|香港主板|港股"
_REVIEWED = (
    r"[已获]?受理|已?问询|提交注册|注册(?:生效|结果)|上市委会议|过会|(?:不予|终止)注册|终止(?![^\n]{0,6}上市)|中止"
    r"|上市(?!公司|后|以来|许可|持有)|撤回|挂牌|递表|招股"
)
_AUTHORITY = (
    r"药监局|药品监督|医疗保障局|医保局|卫生健康委|卫健委|总局|国务院|人民政府|器审中心|审评中心|工业和信息化"
    r"|发展改革委"
)
_ENFORCED = (
    r"召回|注销|撤销|吊销|暂停(?:进口|经营|销售|使用|生产)|停止(?:进口|销售|使用)|抽检|抽验|飞行检查|行政处罚|不良事件"
    r"|责令|警戒(?:快讯|信息)|警示(?:信息|函)"
    r"|不合格|不符合"
)
_REPORTED = r"监测|审评[^\n]{0,4}(?:年度|工作)|注册工作|监管|统计|质量公告|不良|召回"
_MATTER = (
    r"公司|股东|股份|股票|股权|资金|董事|监事|高管|获得|取得|收到|中标|合同|投资|收购|担保|诉讼|仲裁|专利|补助|债券"
    r"|质押|会计|审计"
    r"|业绩|募集|授信|分红|关联交易|资产"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A sort of notice, the name of the rule, its words, and whether only the first line is asked."""

    kind: Kind
    name: str
    pattern: re.Pattern[str]
    title_only: bool


def _rule(kind: Kind, name: str, pattern: str, *, title: bool = True) -> Rule:
    return Rule(kind, name, re.compile(pattern), title)


RULES: tuple[Rule, ...] = (
    _rule(
        Kind.REIMBURSEMENT,
        "reimbursement",
        r"纳入[^。\n]{0,24}(?:医保(?!局|基金监管|信息|电子)|基本医疗保险|医疗保险)(?:[^。\n]{0,16}(?:支付"
        r"|目录|报销)|(?:的通知|的公告|管理|范围|$))"
        r"|基本医疗保险[^。\n]{0,20}(?:药品|诊疗项目|服务项目|耗材)目录|医保[甲乙丙]类"
        r"|按[甲乙]类(?:支付|管理|报销)|(?:医保|基本医疗保险|医疗保险)(?:基金)?支付(?:范围|类别|标准|有关|政策|项目|目录)"
        r"|reimbursement (?:list|catalogue|decision|approval)|\b(?:medicare|cms|ntap)\b[^\n]*(?:reimburse|payment|coverage)"
        r"|医保(?:药品|(?:医用)?耗材|诊疗项目)目录(?!调整专家|[^\n]*专家)|医疗服务项目目录",
    ),
    _rule(
        Kind.FILING,
        "after-listing",
        r"首次公开发行[^\n]{0,24}(?:限售|解禁|募集资金|募投|持续督导|保荐总结|结余|部分限售)|解除限售|限售股[^\n]{0,8}流通",
    ),
    _rule(
        Kind.PRICE,
        "price",
        r"医疗服务价格|价格项目|立项指南|收费标准|价格的通知|试行价格|项目价格|\bprice items?\b|medical service prices?"
        r"|(?:收费|定价|降价|价格标准|价格水平|价格政策)[^\n]{0,16}(?:通知|公告|批复|函|公示|意见|办法|治理)"
        r"|(?:中选|挂网|医用耗材|耗材|检查|检验|项目|服务)价格[^\n]{0,12}(?:通知|公告|公示|批复|函)|平均降(?:幅|价)"
        r"|政府指导价"
        r"|带量采购[^\n]{0,24}(?:中选|中标|结果|价格)|医疗服务[^\n]{0,10}(?:定价|收费)|\bpric(?:e|es|ing) (?:of|for)\b",
    ),
    _rule(
        Kind.FINANCING,
        "before-listing",
        r"(?<![a-z])pre-?ipo(?![a-z])[^\n]{0,24}(?:融资|轮|投资|funding|round|financing)|closes? pre-ipo",
    ),
    _rule(
        Kind.IPO,
        "ipo",
        r"首次公开发行|向不特定合格投资者公开发行|公开发行股票并在|北交所上市|首发上市|招股说明书|招股书|招股章程"
        r"|申请版本|聆讯后资料集"
        r"|聆讯|(?<![药械品])上市申请|上市委(?!托)|上市审核|发行上市|上市辅导|辅导(?:备案|验收|工作)|发行注册|审核状态"
        r"|全球发售|首发申请|首发过会|递表"
        r"|新股上市|(?:赴|冲刺)[^\n]{0,6}(?:上市|ipo)|拟(?:赴|在)[^\n]{0,8}上市|挂牌上市"
        r"|(?<![a-z])(?<!pre-)(?<!pre)ipo(?![a-z])|initial public offering|application proof|prospectus|科创板上市"
        r"|创业板上市|(?<![a-z])phip(?![a-z])|post hearing information|提交注册稿|overall coordinator"
        r"|\blisting application|\bfiles? (?:for|an application)[^\n]{0,30}(?:listing|ipo)"
        rf"|(?:{_EXCHANGE}|公司主板)[^\n]{{0,30}}?(?:{_REVIEWED})",
    ),
    _rule(
        Kind.FINANCING,
        "financing",
        r"(?:天使|种子|pre-?[abc]|[abcdef]\d?\+{0,2})\+?轮|战略融资|轮融资|完成[^。\n]{0,20}融资"
        r"|融资[^。\n]{0,6}(?:亿|万)|\bseries [a-h]\d?\b|\bfunding round|\braises? (?:us|hk|rmb)? ?[$¥€]|首轮融资"
        r"|股权融资|(?<!对)获(?!批|准)[^。\n]{0,16}(?:亿|万)[^。\n]{0,10}投资|获(?!批|准"
        r"|得?投资者)[^。\n关于]{2,16}?(?:投资|注资|领投|入股)$"
        r"|\b(?:closes?|secures?|announces?|lands?|nets?|completes?)\b[^\n]{0,40}\b(?:funding|financing|round)\b"
        r"|配售[^。\n]{0,20}(?:亿|万)(?:股|港元|美元)",
    ),
    _rule(
        Kind.GUIDANCE_DRAFT,
        "guidance-for-comment",
        rf"(?:{_GUIDE}|基本要求|编写规范|分类界定|管理规范|资料要求|编写要求)[^\n]*(?:征求|征询|征集意见|求意见)"
        rf"|征求[^\n]*(?:{_GUIDE}|要求|规范)|(?:器械|试剂|软件|产品|规范|要求"
        rf"|原则)[^\n]*(?:征求意见稿|公开征求)|公开征求[^\n]*(?:器械|试剂|软件)|draft guidance|guidance[^\n]{{0,60}}\bdraft\b"
        rf"|for comment",
    ),
    _rule(Kind.OTHER, "call-for-data", r"征集[^\n]*信息"),
    _rule(
        Kind.GUIDANCE_ISSUED,
        "guidance-issued",
        rf"{_GUIDE}|基本原则\(?20|电子提交技术|申报资料[^\n]*基本要求|临床试验基本要求|分类界定|免于(?:进行)?临床(?:评价"
        rf"|试验)[^\n]{{0,12}}目录"
        r"|研究及申报[^\n]*要求|注册有关问题",
    ),
    _rule(
        Kind.CLEARANCE,
        "company-cleared",
        r"关于[^\n]{0,60}(?:获得?|取得|收到)[^\n]{0,16}(?:(?<![a-z])(?:fda|ce|pmda|tga|mfds)(?![a-z])|510\(k\)|欧盟"
        r"|美国)[^\n]{0,24}公告$",
    ),
    _rule(
        Kind.APPROVAL,
        "company-registered",
        r"关于[^\n]{0,60}(?:获得?|取得|收到)[^\n]{0,24}(?:注册证|注册批[准件]|批准注册|批准上市)[^\n]{0,12}公告$"
        r"|(?:voluntary announcement|announcement)[^\n]{0,40}nmpa approv",
    ),
    _rule(
        Kind.FILING,
        "of-a-company",
        rf"^(?!(?:{_AUTHORITY}))[^\n:,。]{{2,24}}(?<!解读)(?<!局):\s?(?:关于|第[一二三四五六七八九十\d]+届|首次"
        rf"|(?:20\d\d|[^\n]{{2,60}})年[^\n]{{0,20}}报告|[^\n]{{2,60}}公告$)",
    ),
    _rule(
        Kind.OTHER,
        "enforcement",
        rf"^(?![^\n,:。]*(?:软件|系统|平台)$)[^\n]*?(?:{_ENFORCED})|\bwarning letter|\brecall(?:s|ed)?\b|safety"
        rf" communication|(?:{_REPORTED})[^\n]{{0,12}}(?:年度)?报告|培训班|管理办法(?:》|$)|监督管理条例",
    ),
    _rule(
        Kind.FILING,
        "filing",
        r"年度报告|半年度报告|季度报告|年报|中期报告|业绩预告|业绩快报|股东(?:周年|特别)?大会|董事会|监事会|回购"
        r"|限制性股票|减持|增持|权益变动|募集资金|募集说明书|法律意见书|独立董事|annual report|interim report|quarterly"
        r" report"
        r"|announcement of|股权激励|内部控制|投资者关系|持续督导|现金管理|会计师事务所|股票交易异常|章程|委任表格"
        r"|关[连联]交易|环境、社会及管治"
        r"|业绩公告|(?:中期|全年|年度|季度|末期)业绩|(?:interim|annual|quarterly|final) results"
        r"|盈利预警|盈利警告|盈喜|内幕消息|须予披露|股份购回|月报表|翌日披露|股东周年大会|股东大会通函|自愿性?公告"
        r"|海外监管公告"
        r"|董事名单|更换[^\n]{0,16}(?:董事|秘书|核数师|委员会|代表)|短暂停牌|(?:^|[ :])[停复]牌|股息|供股|一般性?授权"
        r"|主要交易|出售事项|收购事项"
        r"|可转换(?:公司债|债券|证券)|债务证券|股份计划|收购守则|职权范围|业务发展最新情况|公众持股量|投票表决"
        r"|更改(?:公司名称|注册地址|每手买卖)|发行(?:优先股|权证)|董事调任|过户登记|抵押股份|私有化|权益分派|voluntary"
        r" announcement|next day disclosure|monthly return|list"
        r" of directors|proxy form"
        r"|notice of (?:annual|extraordinary) general meeting|10-[kq](?![0-9a-z])|(?<![a-z])form 8-k"
        rf"|^(?!.*(?:{_AUTHORITY}))[^\n]{{0,30}}?关于(?=[^\n]{{0,40}}(?:{_MATTER}))[^\n]{{0,60}}公告$|公告编号|利润分配|担保",
    ),
    _rule(
        Kind.OTHER,
        "occasion",
        r"^(?![^\n,:。]*(?:软件|系统|平台)$)[^\n]*?(?:召开|举行|举办|开幕|闭幕|论坛|峰会|学术大会|年会|研讨会|座谈会|发布会"
        r"|招聘|遴选|招标|中标公告|更正公告|成交公告"
        r"|采购(?:公告|项目|文件|意向)|宣传(?:周|活动|月)|放假|揭榜挂帅|揭牌|学术会议|工作会议)"
        r"|(?:特别审[查批]|优先审[批评])[^\n]{0,16}(?:公示|公告|结果|程序|通知|名单)|public workshop|advisory committee"
        r"|webinar",
    ),
    _rule(
        Kind.CLEARANCE,
        "clearance",
        r"510\(k\)|\bde novo\b|\bden\d{6}\b|(?<![a-z0-9])k\d{6}(?![0-9])"
        r"|(?<![a-z0-9])p\d{6}(?![0-9])|\bpremarket\b|(?<![a-z0-9])fda(?![a-z0-9])"
        r"|(?<![a-z])ce(?:[ -]?(?:mdr|ivdr))?[ -]?(?:mark|认证|标志|证书|注册证)|mdr ce|(?:mdr|ivdr)认证|pmda"
        r"|(?:韩国|日本|欧盟|美国|澳大利亚|mfds|tga)[^。\n]{0,12}(?:获批|批准|认证|许可|准入)"
        r"|\bcleared\b|(?:^|[\n,;|]) ?(?:radiology|cardiovascular|hematology|neurology|ophthalmic"
        r"|clinical chemistry|microbiology|gastroenterology[ a-z&-]*urology|anesthesiology"
        r"|general and plastic surgery|general hospital|orthopedic|obstetrics and gynecology"
        r"|dental|pathology)\s*(?:$|[\n,;|])",
        title=False,
    ),
    _rule(
        Kind.APPROVAL,
        "approval",
        r"批准注册\d*个?(?:的)?(?:医疗器械|产品)|械注[准进许]|食药监械|批准[^。\n]{2,60}(?:上市|注册)|批准证明文件"
        r"|注册证|准产|结构及组成|结构组成|适用范围|预期用途|产品由"
        r"|由[^。\n]{2,80}组成|用于|适用于|软件由|试剂盒|供[^。\n]{1,30}用|供医[师生]|发布版本|[二三]类证|\bnmpa approv"
        r"|辅助诊断|辅助检测|型号规格",
        title=False,
    ),
    _rule(Kind.GUIDANCE_ISSUED, "guidance-named", _GUIDE, title=False),
    _rule(Kind.PRICE, "price-in-body", r"医疗服务价格|价格项目", title=False),
    _rule(
        Kind.APPROVAL,
        "product-by-name",
        r"(?:软件|系统|仪|设备|试剂|装置|机|器|导管|支架|(?<=[一-鿿])[a-z]\))(?:\([^)\n]{0,20}\))?$",
    ),
)
