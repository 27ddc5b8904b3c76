"""The phrases by which register texts deny, ask about or suppose a method: compiled once, used by `negation`.

Texts are in normal form: NFKC, lower case, simplified characters, so that 「：」 is ``:`` and 「，」 is ``,``.
"""

from __future__ import annotations

import re


def _any(words: str) -> str:
    """An alternation of the words of ``words`` (blanks between)."""
    return "(?:" + "|".join(words.split()) + ")"


SENTENCE_END = re.compile(r"[。;!?\n]|\.(?=\s|$)|\s[-•·]\s|(?<=[一-鿿)])\s*\(?\d{1,2}[.、)](?=[一-鿿])")

_THINGS = _any("软件 产品 系统 器械 设备 申报产品 公司产品")
_INSIDE = r"[中内里]|之中|当中"
_STOP = r"(?=$|[,。;.)\s])"
_VERBS = _any(
    "采用 使用 应用 利用 配置 内含 选配 装备 植入 写入 运用 借助 含有 含 包含 包括 具有 具备 "
    "涉及 基于 属于 提供 依赖 搭载 内置 嵌入 内嵌 "
    "引入 支持 集成 配备 设置 设有 结合 实现 存在 装有 添加 增加 纳入 启用 开启 调用 部署 "
    "加载 带有 带 附带 携带 用到 用 有 是 为 需要 经过 通过 "
    "实施 执行 完成 申报 申请"
)
_ADVERB = _any("见 再 曾 会 需 须 能 可 均 都 得 予 专门 额外 另行 另外 实际 直接 主动 任何 真正 明确 被") + "?"
_PLACE = rf"(?:[在于][^,]{{1,15}}?(?:{_INSIDE})?|[对将把就][^,]{{1,12}}?)?"

# 不仅, 不限于, 无创, 非小细胞 …: they begin like a denial and deny nothing
_PSEUDO = (
    r"不(?:仅|但|只|单|光|限于|断|得不|能不|可避免|可或缺|可缺少|局限|失|同程度)"
    r"|非(?:仅|但|小细胞|增强|平扫|线性|接触|侵入|刚性|局部)"
    r"|无(?:线|创|菌|源|论|法|痛|影灯|须人工|需人工|人工干预|需手动|纺|损|限|缝)"
    r"|未(?:知|来|成年|见异常|经验证)"
    r"|不依赖于?(?:人工(?!智能)|操作者|医生|医师|手动)"
    r"|[不未无](?:使用|注射|需要?|用|经|采用)?(?:造影剂|对比剂|增强|散瞳|麻醉|镇静)"
    r"|不良|不足|不同(?!于)|不规则|不均|不稳定|不明"
    r"|不能(?:替代|单独|作为|取代)|不可(?:替代|单独|作为)|不得作为"
)
_CONTRARY = _any(
    "并非 并不是 而不是 不是 而非 绝非 均非 不等于 不同于 区别于 有别于 没有 并无 均无 暂无 尚无 禁止 不存在 不得 不含 "
    "缺少 缺乏 杜绝 拒绝 避免 不允许"
)
_LEAD = _any("并 均 都 也 皆 尚 且 亦 本身") + "?"
NEGATOR = re.compile(
    rf"(?P<pseudo>{_PSEUDO})"
    rf"|(?P<neg>{_LEAD}(?:不再|不|未|没有|没|从未|尚未|无需|无须|无|勿){_PLACE}{_ADVERB}{_VERBS}(?![^,]{{0,2}}人工[^智])"
    rf"|{_CONTRARY}"
    r"|(?:删除|移除|去除|取消|禁用|停用|关闭|剔除|排除|摒弃|放弃|舍弃|弃用)(?:了|其|原有的?|该)?)"
    r"|(?P<near>非|无|不)"
)
_EN_USE = (
    r"(?:use|include|contain|employ|incorporate|utili[sz]e|involve|rely on|have|implement|provide|feature|based on)"
)
EN_NEGATOR = re.compile(
    r"(?P<pseudo>\bnot (?:only|just|merely|limited to|solely)\b|\bwithout (?:contrast|limitation)\b"
    r"|\bno (?:later|less|more) than\b|\bnon-(?:contrast|invasive|small|linear|gated)\b)"
    rf"|(?P<neg>\b(?:does|do|did|is|are|was|were|has|have|will|can|shall)(?: not|n't|n’t)\b(?: {_EN_USE})?"
    r"|\bnone of (?:the|them|these|its)\b"
    r"|\b(?:not|no|never|neither|without|exclud(?:es|ing)|free of|lacks?|absence of|rather than|instead of|unlike)\b)"
    r"|(?P<near>\bnon[- ])"
)
BREAK = re.compile(
    r"而是|但是?|然而|却|不过|(?:且|并且|并|同时|而|还|则)(?=采用|使用|基于|应用|利用|通过|运用|包含|具有|具备|含有)"
    r"|\b(?:but|because|since|however|instead it|whereas|although|yet|and (?:uses?|employs?|is based|applies)"
    r"|it uses|rather,? it)\b"
)
OF_A_THING = re.compile(
    r"^(?!.*(?:任何|驱动|基于|为基础))[^,]{0,14}?(?:诊断|结论|建议|诊疗|治疗|图像|影像|数据|设备|患者|gpu|硬件|药物"
    r"|辐射|网络连接|造影剂)[^,]{0,6}?(?:的|时|下|后)[^,]{0,10}$"
)
"""Between a negator and the word stands a thing that is denied and qualifies what follows: 不提供诊断结论的人工智能软件."""
CHOSEN = re.compile(r"(?:选择|决定|设置|勾选|切换|控制)是否[^,。;\n]{0,16}$")
"""选择是否启用: the user may choose, so the thing is there."""
LIST_GOES_ON = re.compile(
    r"^\s*(?:$|[(、]|如|例如|比如|诸如|包括|或|以及|及|和|与|也|亦|即|等"
    r"|any\b|such as|including|or\b|and\b|e\.g|nor\b|i\.e|deep|machine|neural|artificial|ai\b)"
)
NEAR_LIST = re.compile(
    r"任何(?:形式|类型|种类)?的?|(?:(?:人工智能|ai|[一-鿿]{2}学习|神经网络)(?:等|类)?(?:技术|算法|功能)?[、和及或/与])+"
)
"""What a bare 无 or 非 may reach over: a list of methods and nothing else."""
NEAR_FILLER = re.compile(r"^(?:基于|采用|使用|应用|依赖|属于|有|任何|的|类|上述|其他|所谓|\()+")

# an answer after the word: 人工智能算法:不适用
_TOPIC_TAIL = _any(
    "技术 算法 功能 模块 模型 方法 组件 软件 类 等 相关 的 之 及其 有关 部分 内容 应用 情况 "
    "使用 资料 研究 要求 方面 或 和 与 及 、 / 任何 其他 "
    "辅助 分析 诊断 检测 识别 人工智能 深度学习 机器学习 神经网络 [a-z()/]|\\s"
)
_ANSWERS = (
    "不适用|否|无|没有|未(?:涉及|采用|使用|应用|包含|配备|启用|提供|配置|激活|开放|申报)"
    "|不(?:涉及|含|包含|具备|存在|采用|使用|可用|启用|提供)"
)
ANSWER_NO = re.compile(
    rf"^{_TOPIC_TAIL}{{0,14}}[\s,:=\-—]*(?:\(?(?:填写|选择|说明|结论)\)?:?)?(?:均|都|皆|一律|全部|:)*\s*(?:为|:)?\s*"
    rf"(?:(?:{_ANSWERS}){_STOP}|除外|不在(?:本|此)|不包括在内|[×✗✘])"
    rf"|^[^,:。;\n]{{0,16}}:\s*(?:均|皆)?(?:{_ANSWERS}){_STOP}"
)
GONE = re.compile(
    r"^[^,:。;\n]{0,14}?(?:已经?|均|全部|现已|被)+(?:被|予以|从[^,。;\n]{1,12}中)?(?:删除|移除|去除|取消|禁用|停用|关闭"
    r"|剔除|下线|屏蔽|裁减|剥离)"
    r"|^[^,:。;\n]{0,10}?(?:模块|功能|部分)(?:取消|删除|移除)(?=$|[,。;\n)])"
    r"|^[^.,:;\n]{0,40}?\b(?:has|have|had|is|are|was|were) (?:been )?(?:removed|disabled|deactivated|withdrawn)\b"
)
_USED = _any("采用 使用 应用 涉及 启用 运用 引入 出现 纳入 集成 体现 实现")
TAIL_NO = re.compile(
    rf"^(?:(?!结果|结论)[^,:。;\n]){{0,30}}?(?:均|都|皆|也|并|尚|暂|从|完全|一概)?(?:未|没有"
    rf"|不)(?:在[^,]{{1,15}}?(?:{_INSIDE})?)?"
    rf"(?:被|得到|予以|曾|再)?{_USED}(?:[于在到]?(?:本|该|此)?{_THINGS}?(?:{_INSIDE})?)?(?=$|[,。;\n)])"
)
NOT_FOR = re.compile(rf"^[^,:。;\n]{{0,30}}?(?:不用于|未用于|不应用于|未应用于|不适用于)(?:本|该){_THINGS}")
_HAVE = _any("采用 使用 应用 涉及 包含 含有 含 具备 具有 引入 搭载") + "?"
TOPIC_NO = re.compile(
    rf"^[^,:。;\n]{{0,14}},\s*(?:本|该|此|我)?(?:注册单元|申报单元|注册证|次注册|次申报)?{_THINGS}?[中内]?(?:均|都|也|并"
    rf"|并且|则)?(?:未|不|没有|无){_HAVE}"
    r"(?:上述|该类|相关|此类|以上)?(?:技术|算法|功能|模块|方法|内容)?(?=$|[,。;\n)])"
    r"|^[^,:。;\n]{0,14},\s*(?:暂|尚|均)?未(?:在[^,。]{1,6})?(?:获批|注册|申报|取证|取得注册证?)(?=$|[,。;\n)])"
    r"|^[^,:。;\n]{0,14},\s*(?:但|而)?(?:在?(?:最终|正式|当前|现行|发布|上市|申报|本)版本?(?:软件|产品)?[中内]?|现"
    r"|后)?(?:已经?|均|全部)?(?:被|予以)*"
    r"(?:移除|删除|取消|剔除|放弃|弃用|停用)(?=$|[,。;\n)])"
)
ASSERTING = re.compile(r"采用|使用|基于|应用|利用|通过")
UNAPPROVED = re.compile(
    r"^[^,:。;\n]{0,14}?(?:\([^()。]{0,8},|\()?(?:本次|本证|均|暂|尚|也|并|此次)*"
    r"(?:未(?:获批|获得?批准|经批准|被批准|予批准|在[^,。]{1,6}(?:注册|获批|上市)|通过审批|注册|申报|申请注册|取得注册"
    r"|取证|批准"
    r"|(?:包含|包括|纳入|列入|涵盖)(?:在|于|本|到|产品技术要求|注册)"
    r"|取得(?=$|[,。;\n]))"
    r"|不(?:在(?:本|该|此|注册|批准|申报|中国|国内|境内|大陆)|属于(?:本|该|注册|申报)|纳入(?!医保|基本医疗|本市|本省)"
    r"|包[含括](?:在|于))"
    r"|[尚仍]?在(?:开发|研发|研制|试验))"
)
"""The method is there on paper only: not approved, not applied for, outside the certificate, still being made."""
UNRELATED = re.compile(
    r"^[^,。;\n]{0,30}?(?:无关|无涉|没有关系|不相关|没有关联|无直接关系|(?:有所|明显|完全|截然)?不同(?=[,。;\n]|$))"
)
COMPARING = re.compile(r"[与和同跟][^,。;]{0,30}$")
_EN_PARTICIPLE = (
    r"(?:used|included|present|employed|implemented|part|utili[sz]ed|applied|involved"
    r"|incorporated|provided|available|applicable|cleared|approved|authori[sz]ed)\b"
)
EN_AFTER = re.compile(
    r"^-free\b|^[\w\s/()-]{0,40}?(?:\s*[:=–-]\s*|\s+)(?:none\b|n/?a\b|no\b(?!\s+(?:later|more|less))"
    rf"|(?:(?:is|are|was|were|has been|have been)(?: not|n't)|(?:has|have|had) (?:not|never) been|not)"
    rf" {_EN_PARTICIPLE}|absent\b)"
)
_EMPTY, _TICKED = r"[□☐○]\s*", r"[☑■√✓☒●]\s*"
_YES, _NO = _any("是 有 涉及 采用 含有? 适用 使用"), _any("否 无 不涉及 未采用 不采用 不含有? 不适用 未使用 不使用")
BOX_NO = re.compile(rf"^[^。;\n]{{0,16}}?(?:{_EMPTY}{_YES}\s*{_TICKED}{_NO}|{_TICKED}{_NO}\s*{_EMPTY}{_YES})")
ASKED_NO = re.compile(r"\s*(?:答?:\s*)?(?:no\b|否|无|没有|不|未)")
ASKED_YES = re.compile(r"\s*(?:答?:\s*)?(?:yes\b|是|有|采用|使用|含)")
"""The answer after a question of its own: 是否采用神经网络? 否。"""
WHETHER = re.compile(r"(?:是否|有无|whether)[^,。;\n]{0,16}$")
ANSWER_YES = re.compile(rf"^[^。;\n]{{0,12}}?[:?]\s*(?:是|有|yes)|^[^。;\n]{{0,16}}?{_TICKED}(?:是|有)")
SUPPOSED = re.compile(
    r"(?:如果|若(?!干)|假如|倘若|如(?=采用|使用|涉及|含|包含|基于|有)|当(?=采用|使用)"
    r"|(?<![模虚])拟(?!合)|(?<![疗术])计划(?=[^模系设的])|未来|后续(?:版本|升级|更新|开发|将|拟|计划)|将来|将会"
    r"|同类产品|同品种|对比产品"
    r"|其他产品|竞品|市场上|文献|\bif\b|\bpredicate\b|\bfuture\b|\bother devices\b)[^,。;\n]{0,24}$"
)
_JOINED = _any("配合 联合 联用 同时 配套 协同 一起 对接 搭配 连接 互联 兼容")
_OTHERS = _any("第三方 外部 其他厂家 其它厂家 科研用")
ELSEWHERE_BEFORE = re.compile(
    rf"(?<!采用)(?<!使用)(?<!集成)(?<!内置)(?<!嵌入)(?:{_OTHERS}|预留(?:了|有)?|另购|自购|外购|另配)[^,。;\n]{{0,8}}$"
    r"|(?<!uses a )(?<!use )(?<!uses )\bthird[- ]party (?:\w+ )?$"
)
APART = re.compile(r"^[^,。;\n]{0,12}?(?:另行|另外|另需|另|单独|独立)(?:注册|取证|购买|购|申报|获批)")
CALLED = re.compile(
    r"(?:可|能|支持|用于)(?:调用|接入|对接|接收|连接|兼容)[^,。;\n]{0,10}\n[^,。;\n]{0,10}?(?:产品|软件|系统|平台|服务|结果)"
)
TOGETHER = re.compile(rf"[与和同][^,。;\n]{{0,8}}\n[^,。;\n]{{0,16}}?{_JOINED}")
SERVED = re.compile(
    r"(?:为|向|供|给)[^,。;\n采用基]{0,8}\n[^,。;\n]{0,14}?(?:提供(?:数据|标准|开放)?接口|提供(?:数据|图像|影像)"
    r"|训练(?:使?用|之用))"
    r"|(?:用于|为|供|面向)\n(?!药物|制药|新药)[^,。;\n]{0,6}?(?:研究|训练|研发|开发|教学|科研|标注|学习者)"
    r"|\b(?:together|compatible|interoperable) with (?:\w+ ){0,2}\n[\w -]{0,12}?(?:software|application|system|product)"
    r"|(?:随着|近年来?|目前|当前)[^。;\n]{0,10}\n[^,。;\n]{0,24}?(?:广泛|发展|兴起|普及|热点|成熟)"
    r"|(?:\n|^)[^,。;\n]{0,24}由(?:另外|另行|其他|第三方)[^,。;\n]{0,24}(?:完成|提供|实现)"
)
"""What stands before the word, a line feed, what stands after: the method serves, or belongs to, something else."""
PEOPLE = re.compile(r"^[^,。;\n]{0,4}(?:训练|培训|教育|课程)[^,。;\n]{0,4}(?:用户|医[生师]|人员|操作者|者)")
BODY = re.compile(
    r"^(?![一-鿿]{0,6}(?:公司|企业)[^,。;\n]{0,12}?(?:完成|获|宣布|融资|上市|递|披露|通过))"
    r"(?:(?!由|本公司|我公司|我司)[一-鿿a-z()&. ]){0,14}?(?:公司|研究院|研究所|实验室|学院|协会|联盟|学会"
    r"|产业园|有限合伙|事业部|研究中心)"
    r"|^[\s\-–,]*(?:\w+[\s,]+){0,4}?(?:inc|ltd|llc|gmbh|corp|corporation|limited|laboratory|institute|pte|pty|co)\b"
)
"""The word is part of the name of a firm, an institute, a laboratory."""
