"""Whether a method that a text names is asserted, denied or merely mentioned.

A mention is judged inside its sentence. A negator reaches forward over a list (、和或) and over a comma that only goes on
listing, and not over a contrast (而是, 但, but). An answer may follow the word (人工智能：不适用), near or at the end of its
clause. 不仅, 不限于, "not only" deny nothing, and two negators in a row cancel.
"""

from __future__ import annotations

import re
from enum import StrEnum

SENTENCE_END = re.compile(r"[。;!?\n]|\.(?=\s|$)|\s[-•·]\s|(?<=[一-鿿)])\s*\(?\d{1,2}[.、)](?=[一-鿿])")


class Polarity(StrEnum):
    """What the text says about a method that it names."""

    ASSERTED = "asserted"
    DENIED = "denied"
    NEUTRAL = "neutral"


_VERBS = (
    "采用|使用|应用|利用|运用|借助|含有|含|包含|包括|具有|具备|涉及|基于|属于|提供|依赖|搭载|内置|嵌入|内嵌|引入|支持|集成|配备|设置|设有|"
    "结合|实现|存在|装有|添加|增加|纳入|启用|开启|调用|部署|加载|带有|带|附带|携带|用到|用|有|是|为|需要|经过|通过|实施|执行|完成"
)
_ADVERB = r"(?:再|曾|会|需|须|能|可|均|都|得|予|专门|额外|另行|另外|实际|直接|主动|任何|真正|明确|被)?"
_PLACE = r"(?:[在于][^,]{1,15}?[中内里上]?)?"
_PSEUDO = (
    r"不(?:仅|但|只|单|光|限于|断|得不|能不|可避免|可或缺|可缺少|局限|失|同程度)|非(?:仅|但|小细胞|增强|平扫|线性|接触|侵入|刚性|局部)|无(?:线|创|菌|源|论|法|痛|"
    r"影灯|须人工|需人工|人工干预|需手动|纺|损|限|缝|损伤)|未(?:知|来|成年|见异常|经验证)|不依赖于?(?:人工(?!智能)|操作者|医生|医师|手动)|"
    r"不(?:使用|注射|需要)(?:造影剂|对比剂)|不良|不足|不同(?!于)|不规则|不均|不稳定|不明|不能(?:替代|单独|作为|取代)|不可(?:替代|单独|作为)|不得作为"
)
_NEGATOR = re.compile(
    rf"(?P<pseudo>{_PSEUDO})"
    rf"|(?P<neg>(?:并|均|都|也|皆|尚|且|亦|本身)?(?:不再|不|未|没有|没|从未|尚未|无需|无|勿){_PLACE}{_ADVERB}(?:{_VERBS})(?![^,]{{0,2}}人工[^智])"
    r"|并非|并不是|而不是|不是|而非|绝非|均非|不等于|不同于|区别于|有别于|没有|并无|均无|暂无|尚无|禁止|不存在|不得|不含|缺少|缺乏"
    r"|(?:删除|移除|去除|取消|禁用|停用|关闭|剔除|排除)(?:了|其|原有的?|该)?)"
    r"|(?P<near>非|无|不)"
)
_EN_NEGATOR = re.compile(
    r"(?P<pseudo>\bnot (?:only|just|merely|limited to|solely)\b|\bwithout (?:contrast|limitation)\b|\bno (?:later|less|more) than\b|\bnon-(?:contrast|invasive|small|linear|gated)\b)"
    r"|(?P<neg>\b(?:does|do|did|is|are|was|were|has|have|will|can|shall)(?: not|n't|n’t)\b(?: (?:use|include|contain|employ|incorporate|utili[sz]e|involve|rely on|"
    r"have|implement|provide|feature|based on))?|\bnot\b|\bno\b|\bnever\b|\bneither\b|\bwithout\b|\bexclud(?:es|ing)\b|\bfree of\b|\blacks?\b|\babsence of\b|"
    r"\brather than\b|\binstead of\b|\bunlike\b)|(?P<near>\bnon[- ])"
)
_BREAK = re.compile(
    r"而是|但是?|然而|却|不过|(?:且|并且|并|同时|而|还|则)(?=采用|使用|基于|应用|利用|通过|运用|包含|具有|具备|含有)|"
    r"\b(?:but|however|instead it|whereas|although|yet|and (?:uses?|employs?|is based|applies)|it uses|rather it|rather, it)\b"
)
_LIST_GOES_ON = re.compile(
    r"^\s*(?:$|[(、]|如|例如|比如|诸如|包括|或|以及|及|和|与|也|亦|即|等|及其|以及其他|any\b|such as|including|or\b|and\b|e\.g|nor\b|i\.e|deep|machine|neural|artificial|ai\b)"
)
_REACH = 36
_NEAR_REACH = 8

_TOPIC_TAIL = "技术|算法|功能|模块|模型|方法|组件|软件|类|等|相关|的|之|及其|有关|部分|内容|应用|情况|使用|资料|研究|要求|方面|或|和|与|及|、|/|任何|其他|辅助|分析|诊断|检测|识别"
_ANSWER_NO = re.compile(
    rf"^(?:{_TOPIC_TAIL}|[a-z()/ ]){{0,14}}[\s,:=\-—]*(?:\(?(?:填写|选择|说明|结论)\)?[:]?)?"
    r"(?:均|都|皆|一律|全部|:)*\s*(?:为|:)?\s*"
    r"(?:不适用|不涉及|否(?![认定则])|无(?=$|[,。;.)\s])|没有(?=$|[,。;.)\s])|未(?:涉及|采用|使用|应用|包含|配备|启用|提供)(?=$|[,。;.)\s])|不(?:含|包含|具备|存在|采用|使用)(?=$|[,。;.)\s])"
    r"|除外|不在(?:本|此)|不包括在内|[×✗✘])"
)
_TAIL_NO = re.compile(
    r"^[^,:。;\n]{0,30}?(?:均|都|皆|也|并|尚|暂|从|完全|一概)?(?:未|没有|不)(?:在[^,]{1,15}?[中内里上])?(?:被|得到|予以|曾|再)?(?:采用|使用|应用|涉及|启用|运用|引入|出现|纳入|集成|体现|实现)"
    r"(?:[于在到]?(?:本|该|此)?(?:软件|产品|系统|器械|设备)?(?:中|内|里|之中|当中)?)?(?=$|[,。;\n)])"
)
_TAIL_NOT_FOR = re.compile(r"^[^,:。;\n]{0,12}?(?:不用于|未用于|不应用于|未应用于|不适用于)(?:本|该)(?:软件|产品|系统|器械)")
_TOPIC_NO = re.compile(
    r"^[^,:。;\n]{0,14},\s*(?:本|该|此|我)?(?:软件|产品|系统|器械|设备|申报产品|公司产品)?(?:中|内)?(?:均|都|也|并|并且|则)?(?:未|不|没有|无)(?:采用|使用|应用|涉及|包含|含有|含|具备|具有|引入|搭载)?(?:上述|该类|相关|此类|以上)?(?:技术|算法|功能|模块|方法|内容)?(?=$|[,。;\n)])"
)
_UNRELATED = re.compile(r"^[^,。;\n]{0,30}?(?:无关|没有关系|不相关|没有关联|无直接关系)")
_EN_AFTER = re.compile(
    r"^[\w\s/()-]{0,40}?(?:\s*[:=–-]\s*|\s+)(?:none\b|n/?a\b|no\b(?!\s+(?:later|more|less))|not (?:applicable|used|included|present|employed|implemented|part|utili[sz]ed|applied|involved|incorporated|provided|available)\b|"
    r"(?:is|are|was|were|has been|have been)(?: not|n't) (?:used|included|present|employed|implemented|part|utili[sz]ed|applied|involved|incorporated|provided|available|applicable)\b|absent\b)"
)
_BOX_NO = re.compile(r"^[^。;\n]{0,16}?(?:[□☐○]\s*(?:是|有)\s*[☑■√✓☒●]\s*(?:否|无)|[☑■√✓☒●]\s*(?:否|无)\s*[□☐○]\s*(?:是|有))")
_WHETHER = re.compile(r"(?:是否|有无|whether)[^,。;\n]{0,16}$")
_ANSWER_YES = re.compile(r"^[^。;\n]{0,12}?[:：?]\s*(?:是|有|yes)|^[^。;\n]{0,16}?[☑■√✓☒●]\s*(?:是|有)")
_SUPPOSED = re.compile(
    r"(?:如果|若|假如|倘若|如(?=采用|使用|涉及|含|包含|基于|有)|当(?=采用|使用)|拟|计划|未来|后续(?:版本)?|将来|将会|同类产品|同品种|对比产品|其他产品|竞品|市场上|"
    r"文献|\bif\b|\bpredicate\b|\bfuture\b|\bother devices\b)[^,。;\n]{0,24}$"
)
_COMPANY = re.compile(r"^[一-鿿a-z()&. ]{0,14}?(?:公司|研究院|研究所|实验室|学院|协会|联盟|学会|产业园|有限合伙|事业部|研究中心)")
_EN_COMPANY = re.compile(r"^[\s\-–,]*(?:\w+[\s,]+){0,4}?(?:inc|ltd|llc|gmbh|corp|corporation|limited|laboratory|institute|pte|pty|co)\b")


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The bounds of the sentence that holds ``[start, end)``."""
    left, right = 0, len(text)
    for stop in SENTENCE_END.finditer(text):
        if stop.end() <= start:
            left = stop.end()
        elif stop.start() >= end:
            right = stop.start()
            break
    return left, right


def polarity(text: str, start: int, end: int) -> tuple[Polarity, str]:
    """What ``text`` (normal form) says of the method named at ``[start, end)``, and the name of the rule that decided."""
    left, right = sentence(text, start, end)
    before, after = text[left:start], text[end:right]
    if _COMPANY.match(after) or _EN_COMPANY.match(after):
        return Polarity.NEUTRAL, "name-of-a-body"
    if _WHETHER.search(before):
        if _ANSWER_YES.match(after):
            return Polarity.ASSERTED, "answer-yes"
        denied = _ANSWER_NO.match(after) or _BOX_NO.match(after) or _EN_AFTER.match(after)
        return (Polarity.DENIED, "answer-no") if denied else (Polarity.NEUTRAL, "question")
    if rule := _denied_after(before, after):
        return Polarity.DENIED, rule
    if rule := _denied_before(before):
        return Polarity.DENIED, rule
    if _SUPPOSED.search(before):
        return Polarity.NEUTRAL, "supposed"
    return Polarity.ASSERTED, "named"


def _denied_after(before: str, after: str) -> str | None:
    for rule, pattern in (("answer-no", _ANSWER_NO), ("box-no", _BOX_NO), ("tail-no", _TAIL_NO), ("not-for", _TAIL_NOT_FOR)):
        if pattern.match(after):
            return rule
    clause = re.split(r"[,:]", before)[-1]
    if _TOPIC_NO.match(after) and not re.search(r"采用|使用|基于|应用|利用|通过", clause):
        return "topic-no"
    if _UNRELATED.match(after) and re.search(r"[与和同跟][^,。;]{0,30}$", before):
        return "unrelated"
    return "none-after" if _EN_AFTER.match(after) else None


def _denied_before(before: str) -> str | None:
    """The last negators before the word: an odd number of them in reach denies it."""
    chain: list[re.Match[str]] = []
    for pattern in (_NEGATOR, _EN_NEGATOR):
        chain.extend(m for m in pattern.finditer(before) if m.lastgroup != "pseudo" and _reaches(before, m))
    chain.sort(key=lambda m: m.end())
    if not chain:
        return None
    last = chain[-1]
    doubled = sum(last.start() - m.end() in range(3) for m in chain[:-1])
    return None if doubled % 2 else f"negated-by-{last.group().strip()}"


def _reaches(before: str, negator: re.Match[str]) -> bool:
    between = before[negator.end() :]
    if negator.lastgroup == "near":
        tidy = re.sub(r"^(?:基于|采用|使用|应用|依赖|属于|有|任何|的|类|上述|其他|所谓|\()+", "", between)
        return len(between) <= _NEAR_REACH and not re.search(r"[,、的]", between) and len(tidy) <= 4
    if _BREAK.search(between):
        return False
    piece = between.rsplit(",", 1)
    if len(piece) == 2 and not _LIST_GOES_ON.match(piece[1]):
        return False
    reach = _REACH if negator.re is _NEGATOR else 90
    return len(between) <= reach
