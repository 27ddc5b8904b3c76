"""What a device is by its name's end and by the sub-catalogue of its certificate number.

Names end in what the thing is (Rules for the generic names of medical devices, CFDA order 19 of 2015): a needle for ultrasound
guidance is a needle. Software ends in 软件 and is told by what it reads, which is no matter of this module.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from events.labels import Modality, Sector
from streams.enrich.normalise import HAN, Normal
from streams.enrich.taxonomy import Hit, taxonomy

_AFTER_NAME = re.compile(
    r"等[\d一二三四五六七八九十两]+[项个]"
    r"|(?:类?产品|器械)?的?(?:注册|技术|临床|同品种|说明书|审评|审查|动物|性能|可用性)[^\n《》]{0,18}?(?:指导原则|要点|指南|规范)"
    r"|指导原则|(?:产品)?(?:上市|注册(?:申请)?)$|[\s(]*[一-鿿]{1,2}械[注备]|注册证"
)
"""What a notice says after a device's name: of a guidance, an approval, a certificate."""
_TRAIL = re.compile(
    r"(?:\s*\([^()]*\)|[\s\-_/·,.:]*[a-z0-9σ][a-z0-9\-_/·.+ σ]*|[\s,.;:·\-]+|\)|组件|附件|套装|(?:类|等)?产品)$"
)
_BRACKETS = re.compile(r"\([^()]*\)")
_SENSES = re.compile(r"监测|记录|采集|监护|检测|成像|诊断|检查")
"""A patch, a cap, a bed for these is part of what looks, and no tool: 动态心电记录贴, X射线诊断床."""
_EN_AFTER = re.compile(
    r"\s*(?:[(,;:]|\.(?:\s|$)|\s[-–]\s|\b(?:with|for|to|that|which|using|based|by|from|in|on|and|used|intended|designed)\b)"
)
_NUMBER = re.compile(r"械注[准进许]((?:19|20)\d\d)[123](\d\d)\d{4}|械\(?[准进许]\)?字((?:19|20)\d\d)第[123](\d\d)\d{4}")
_CATALOGUE_FROM = 2018
"""The Classification Catalogue of 2017 (CFDA notice 104) is in force from August 2018; before it, codes are 68xx."""
_OTHER = ("02", "03", "04", "08", "09", "10", "11", "12", "13", "14", "15", "19", "20")
_NEW: dict[str, tuple[Sector, Modality | None]] = {
    **dict.fromkeys(_OTHER, (Sector.OTHER, Modality.OTHER)),
    "06": (Sector.IMAGING, None),
    "07": (Sector.ECG_PHYSIO, None),
    "22": (Sector.GENOMICS_IVD, None),
    "40": (Sector.GENOMICS_IVD, None),
}
"""The sub-catalogues that are one sector. Not 01, 05, 16, 17, 18 and 21: robots, eyes, teeth, software are several."""
_OLD_OTHER = ("10", "13", "25", "26", "45", "46", "56", "57", "58", "63", "64", "65", "66")
_OLD: dict[str, tuple[Sector, Modality | None]] = {
    **dict.fromkeys(_OLD_OTHER, (Sector.OTHER, Modality.OTHER)),
    "28": (Sector.IMAGING, Modality.MR),
    "30": (Sector.IMAGING, None),
    "33": (Sector.IMAGING, None),
    "40": (Sector.GENOMICS_IVD, None),
}
"""The same for the Classification Catalogue of 2002 (68xx)."""
SOFTWARE = re.compile(r"软件|平台|程序|工作站|software|algorithm|platform|(?<![a-z])app(?![a-z])")
_MOVES = re.compile(r"机器人|机械臂|导航|robot|navigat|surgical system")
_PURPOSE = re.compile(r"(?:适用于|应用于|用于|用作|供|预期)[^\n]*")
_UNDER = re.compile(r"[在经于][^,。;\n]{1,14}?下|与[^,。;\n]{1,16}?(?:配合|配套|连接|联合|一起|联用)")
"""在CT引导下, 与内窥镜配合: what is around the thing, not what it does."""
_TREATS = re.compile(
    r"治疗|切割|切除|固定|植入|输注|注射|冲洗|消毒|灭菌|支撑|康复|防护|止血|缝合|引流|清洗|封闭|填充|修复|输送|扩张|加热|降温|矫正|支持"
    r"|刺激|消融|凝固|碎石|透析|通气|吸引|训练|补偿|替代|吸氧|麻醉|缓解|搬运|转运|承载|护理|覆盖|保护|吸附|净化|除颤|起搏|粘接"
    r"|连接|夹持|建立|稳定|牵开|收集|抽取|穿刺|移除|取出|回收|按摩|热敷|冷敷"
)
_LOOKS = re.compile(
    r"诊断|检测|检查|分析|显示|成像|测量|监测|监护|筛查|评估|评价|观察|记录|识别|采集|拍摄|扫描|测定|摄影|影像|图像|判断|提示|定性|定量"
    r"|鉴别|鉴定|计算|规划|导航|定位|检验|试验|染色|培养|样本|标本|测试"
    r"|初筛|预警|预测|检出|读取|阅读|浏览|查看|管理|存储|传输|监控|听诊|听力|引导|信号|报告"
)


@dataclass(frozen=True, slots=True)
class Device:
    """What a name or a number says that a thing is. ``modality`` None: its other words say."""

    sector: Sector
    modality: Modality | None
    hit: Hit | None
    rule: str


def name_end(text: str, end: int) -> int:
    """Where in the title ``text[:end]`` (normal form) the device's name ends: before models, brackets, the notice's words."""
    title = text[:end]
    if not HAN.search(title):
        cut = _EN_AFTER.search(title)
        return cut.start() if cut else len(title.rstrip(" .;"))
    if (said := _AFTER_NAME.search(title)) and said.start() > 1:
        end = said.start()
    while cut := _TRAIL.search(text, max(0, end - 60), end):
        end = cut.start()
    return end


def device(normal: Normal, end: int, named: int) -> Device | None:
    """What the thing is, by the end of its name (`name_end`, ``named``) in the title (up to ``end``), by its certificate, by
    what it is for."""
    if (hit := _ending("device", normal.text, named)) and not (
        hit.end - hit.start == 1 and _SENSES.search(normal.text, 0, end)
    ):
        sector, _, seen = hit.id.partition("/")
        return Device(Sector(sector), Modality(seen) if seen else _alone(Sector(sector)), hit, hit.rule)
    return _by_catalogue(normal.text) or _by_purpose(normal.text, end)


def likely(normal: Normal, named: int) -> Device | None:
    """The weaker word for it (分析仪, 监测仪): asked where no other word of the title says what it is."""
    hit = _ending("likely", normal.text, named)
    return Device(Sector(hit.id), _alone(Sector(hit.id)), hit, hit.rule) if hit else None


def _ending(axis: str, text: str, end: int) -> Hit | None:
    """The end of the device's name; what stands in brackets inside it is passed over: 体外膜肺氧合(ECMO)设备."""
    if "(" not in text[:end]:
        return taxonomy().ending(axis, text, end)
    hidden = {at for match in _BRACKETS.finditer(text, 0, end) for at in range(*match.span())}
    kept = [at for at in range(end) if at not in hidden]
    hit = taxonomy().ending(axis, "".join(text[at] for at in kept), len(kept))
    return Hit(axis, hit.id, kept[hit.start], kept[hit.end - 1] + 1) if hit else None


def _alone(sector: Sector) -> Modality | None:
    return Modality.OTHER if sector is Sector.OTHER else None


def _by_purpose(text: str, end: int) -> Device | None:
    """A thing that treats, holds or carries and looks at nothing, by what its text says that it is for."""
    if SOFTWARE.search(text, 0, end) or _MOVES.search(text, 0, end):
        return None
    said = [_UNDER.sub("", piece) for piece in _PURPOSE.findall(text, end)]
    if (
        said
        and _TREATS.search(" ".join(said))
        and not any(_LOOKS.search(piece) for piece in said)
        and not _LOOKS.search(text[:end])
    ):
        return Device(Sector.OTHER, Modality.OTHER, None, "implied-by-purpose")
    return None


def _by_catalogue(text: str) -> Device | None:
    if not (match := _NUMBER.search(text)):
        return None
    year, code = match[1] or match[3], match[2] or match[4]
    found = (_NEW if int(year) >= _CATALOGUE_FROM else _OLD).get(code)
    return Device(*found, None, f"implied-by-catalogue-{code}") if found else None
