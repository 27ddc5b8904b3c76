"""Is it AI? Asserted, denied or not said, with the words that say so and the class of algorithm (CMDE principles, 2022)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from events.labels import Evidence
from streams.enrich.negation import GATE, Polarity, polarity
from streams.enrich.normalise import HAN, Normal
from streams.enrich.taxonomy import Hit

PLAIN, UNSPECIFIED = "plain", "unspecified"
_LETTERS = re.compile(
    r"(?<![A-Za-z0-9])A[Iil](?![A-Za-z0-9]|-[A-Za-z]{0,2}\d)|(?<=[a-z])AI(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9])AI(?=CT\b|MR\b|4[A-Z])|\b[Aa]rtificial-[Ii]ntelligence\b"
)
_MAY_BE_LETTERS = re.compile("A[Iil]|ntelligence")
_ZH_AFTER = re.compile(
    r"^[\s\-+]?(?:/?ml|cad|辅助|算法|模型|软件|技术|智能|功能|分析|识别|诊断|检测(?!试剂|卡"
    r"|试纸|盒)|影像|医学|医疗|引擎|平台|判读|分割|重建|阅片|筛查|预测|分诊|心电|"
    r"评估|模块|系统|导航|机器人|驱动|赋能|降噪|勾画|制药|药物|新药|大模型|产品|应用|处理|计算"
    r"|推理|组件|服务器|类|自动|病理|超声|ct|眼底|部分|内容|分类|扫描|血流|测量|质控|优化|图像"
    r"|肺|骨|心|脑|肝|乳腺|眼|糖网|冠脉|甲状腺|病灶|病变|结节|血管|息肉|肿瘤|靶区|器官|勾画|定位|切面|初筛|检出|量化|分级|去噪|计数|诊疗"
    r"|[\s:]*(?:不适用|未涉及|不涉及|未采用|未使用)|\s*:\s*(?:无|否|没)|无关|成像|标注|提示|预警|推荐|报告|决策|学习|网络|方法|手段|选件|接口|能力|芯片|训练|语音|增强)"
)
_ZH_BEFORE = re.compile(
    r"(?:基于|采用|使用|利用|运用|应用|搭载|通过|含|包含|包括|具有|具备|涉及|医疗|医学|智能"
    r"|结合|嵌入|集成|非|无|没有|需|须|借助|与|属于|关于|及|和|或|、|:|/"
    r"|[采使应运利]用了|引入了?|用到|用了|依靠|依托|依赖|内嵌|内置|调用|启用|部署|不带|带有|任何|而不是|而非|并非|不是|不属"
    r"|(?:更换|替换|升级|改)为|(?:算法|技术|模型|方法|模块)\()\s*$"
)
_NOT_METHOD_AFTER = re.compile(
    r"^\s*(?:抗体|抗原|蛋白|基因|测定|检测试剂|试剂|检测卡|检测试纸|浓度|指数|指标|值|亚型"
    r"|型(?!网络)|品?牌|商标|[、,/及和与]\s*(?:a?hi|odi|rdi|oai|cai)(?![a-z])|系列|号|染色|反流|杂音|酶|抑制剂|\(?(?:免疫|酶联|胶体|化学发光)|"
    r"gene\b|antibod|antigen|protein|assay|reagent|index|regurgit|insufficienc|inhibitor"
    r"|test kit|kit\b|inc\b|ltd\b|llc\b|co\b|corp|technolog(?:y|ies) (?:inc|co|ltd)|"
    r"medical solutions|,\s*(?:inc|ltd|llc|co)|metrics,?\s*llc)"
)
_NOT_METHOD_BEFORE = re.compile(
    r"(?:载脂蛋白|脂蛋白|apo(?:lipoprotein)?[\s\-(]*|抗|型号:?\s*|规格:?\s*|商标:?\s*"
    r"|品牌:?\s*|指数\(?|反流\(|不全\(|关闭不全\s*|淀粉样蛋白|胶原\s*|通气指数|暂停指数\(?"
    r"|品种:?\s*|类型\s*|"
    r"血管紧张素|angiotensin\s*|collagen\s*|factor\s*|class\s*|troponin\s*|ahi\s*[/、和及]\s*)$"
)
_OTHER_NAME = re.compile(
    r"(?:指数|指标|不全|反流|授精|抑制剂|流感|蛋白|index|insufficiency|regurgitation|inhibitors?|insemination"
    r"|influenza)\s*\(ai\)|(?<![a-z])ai\s*\([^()]{0,12}(?:指数|不全|反流|授精|抑制剂|index)"
)
"""The text itself says that its letters AI stand for something else: then they do so everywhere in it."""
_LABORATORY = re.compile(r"试剂|试纸|检测卡|校准品|质控品|测定|抗体|抗原|血清|反流|瓣膜|指数|病毒|基因|蛋白|标本|授精")
"""A text of this sort has abbreviations of its own, so the letters alone are not enough in it."""
_NAME_AFTER = re.compile(r"^(?:[\s]*(?:[a-z0-9)=<>≥≤%+±]|\-\d)|$)")
_NAME_BEFORE = re.compile(r"(?:[a-z0-9)][\s\-]*|牌|型号|规格|代号|商标|商品名|\()$")
_WIDE = 24


@dataclass(frozen=True, slots=True)
class Verdict:
    """The AI labels of a text."""

    is_ai: bool
    denied: bool
    algorithm: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def judge(normal: Normal, hits: list[Hit], firms: list[tuple[int, int]]) -> Verdict:
    """Asserted if any mention asserts; denied if some mention denies and none asserts; else not said.

    An unspecified own algorithm (自研算法) is noted as evidence and is neither. What stands inside the name of a firm
    (``firms``, spans) says nothing of its products.
    """
    mentions = sorted([*hits, *_letters(normal, hits)], key=lambda h: h.start)
    mentions = [m for m in mentions if not any(start <= m.start < end for start, end in firms)]
    asserted: list[Hit] = []
    denied = False
    may = GATE.may(normal.text) if mentions else 0
    evidence: list[Evidence] = []
    for hit in mentions:
        start, end = normal.span(hit.start, hit.end)
        if hit.id == UNSPECIFIED:
            evidence.append(Evidence(label="algorithm_unspecified", rule=hit.rule, start=start, end=end))
            continue
        said, why = polarity(normal.text, hit.start, hit.end, may)
        if said is Polarity.ASSERTED:
            asserted.append(hit)
        denied |= said is Polarity.DENIED
        label = {Polarity.ASSERTED: "is_ai", Polarity.DENIED: "denied", Polarity.NEUTRAL: "ai_mentioned"}[said]
        evidence.append(Evidence(label=label, rule=f"{hit.rule}/{why}", start=start, end=end))
    return Verdict(bool(asserted), denied and not asserted, _classes(asserted), tuple(evidence))


def _classes(asserted: list[Hit]) -> tuple[str, ...]:
    """The classes named; machine learning at large is ``other`` only where no class of its own is named."""
    named = dict.fromkeys(hit.id for hit in asserted if hit.id != PLAIN)
    if len(named) > 1:
        named.pop("other", None)
    return tuple(named)


def _letters(normal: Normal, hits: list[Hit]) -> list[Hit]:
    """The letters AI where they stand for the method: not in a gene, a reagent, an index, a brand or a firm's name."""
    found: list[Hit] = []
    if not _MAY_BE_LETTERS.search(normal.cased) or ("ai" in normal.text and _OTHER_NAME.search(normal.text)):
        return found
    for match in _LETTERS.finditer(normal.cased):
        start, end = match.span()
        if any(h.start <= start < h.end for h in hits):
            continue
        before, after = normal.text[max(0, start - _WIDE) : start].rpartition("\n")[2], normal.text[end : end + _WIDE]
        if _NOT_METHOD_BEFORE.search(before) or _NOT_METHOD_AFTER.match(after):
            continue
        if _means_method(match.group(), before, after, bool(_LABORATORY.search(normal.text))):
            found.append(Hit("method", PLAIN, start, end))
    return found


def _means_method(letters: str, before: str, after: str, laboratory: bool) -> bool:
    """In a Chinese text the letters need a word beside them that fits; outside the laboratory any word but a name's does."""
    if HAN.search(before[-6:] + after[:6]):
        return letters == "AI" and bool(
            _ZH_AFTER.match(after)
            or (_ZH_BEFORE.search(before) and not re.match(r"[a-z0-9(]", after))
            or (
                not laboratory
                and HAN.match(after.lstrip())
                and not _NAME_AFTER.match(after)
                and not _NAME_BEFORE.search(before)
            )
        )
    if letters != "AI":
        return bool(re.match(r"[\s\-](?:algorithm|rad companion)", after))
    return True
