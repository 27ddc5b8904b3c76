"""Modality, scenario, sector and relevance: the title speaks first, the body where the title is silent."""

from __future__ import annotations

import re
from dataclasses import dataclass

from events.labels import Modality, Sector
from streams.enrich.devices import SOFTWARE, Device, device, likely, name_end
from streams.enrich.normalise import Normal
from streams.enrich.taxonomy import Hit

Hits = dict[str, list[Hit]]
_IMAGING = frozenset({"CT", "MR", "X-ray", "ultrasound", "fundus", "endoscopy", "other"})
"""``other`` among them is nuclear imaging (PET, SPECT): with a second scanner it makes a text one of several."""
_LOOKED_AT: dict[str, frozenset[str]] = {
    Sector.IMAGING: _IMAGING | {"camera", "microscopy"},
    Sector.ECG_PHYSIO: frozenset({"ECG", "EEG", "PPG", "camera"}),
    Sector.GENOMICS_IVD: frozenset({"microscopy", "sequencing"}),
    Sector.PATHOLOGY: frozenset({"microscopy"}),
}
"""What a device of a sector may look at; other words in its body are of the things around it."""
_SIGNALS = _IMAGING - {"other"} | {"multiple", "ECG", "EEG", "PPG"}
"""What reads one of these may be joined to a hospital's systems (PACS, HIS) and is none of them."""
_LABORATORY = "implied-by-catalogue-22"
_SENSORS = frozenset({"ECG", "EEG", "PPG", "microscopy", "sequencing"})
_REAGENT = re.compile(r"试剂|试纸|检测卡|校准品|质控品|测定|抗体|抗原|assay|test kit")
_SPARED = re.compile(
    r"(?:不(?:适用于|能用于|可用于|用于|包括|包含|支持|处理|含)|未用于|禁用于|排除|区别于"
    r"|不同于|代替|替代|取代|not (?:for|intended)|exclud\w+|"
    r"other than|compared (?:to|with)|相比于?|参照|对照)[^,。;:\n]{0,10}$"
)
_UNRELATED = re.compile(r"[^,。;\n]{0,4}(?:无关|不相关)")
_GUIDED = re.compile(r"[^,。;\n]{0,6}?(?:引导|监视|透视|直视|监控|辅助|介导)?[之]?下")
"""在超声引导下, 经内窥镜下: a tool is used under the eyes of something else."""
_GUIDES = re.compile(r"(?:影像|图像)?引导(?!放射|放疗|治疗|系统|设备)")
"""超声引导穿刺套装: in the name of a thing as well."""
_LOOKS = re.compile(r"软件|图像|影像|成像|检测|诊断|分析|检查|筛查|识别|算法|[a-z]{4}")
"""A product that looks at something; a plate, a needle, a stent names a disease and looks at nothing."""
_SCANNERS = frozenset({"CT", "MR", "X-ray"})
BY_SCENARIO: dict[str, tuple[Sector, Modality | None]] = {
    "lung_nodule": (Sector.IMAGING, Modality.CT),
    "diabetic_retinopathy": (Sector.IMAGING, Modality.FUNDUS),
    "ct_ffr": (Sector.IMAGING, Modality.CT),
    "pneumonia": (Sector.IMAGING, None),
    "coronary_stenosis": (Sector.IMAGING, None),
    "fracture": (Sector.IMAGING, None),
    "bone_age": (Sector.IMAGING, Modality.XRAY),
    "intracranial_haemorrhage": (Sector.IMAGING, Modality.CT),
    "stroke": (Sector.IMAGING, Modality.CT),
    "glaucoma": (Sector.IMAGING, Modality.FUNDUS),
    "radiotherapy_contouring": (Sector.IMAGING, None),
    "colorectal_polyp": (Sector.IMAGING, Modality.ENDOSCOPY),
    "brain_tumour": (Sector.IMAGING, None),
    "ecg_arrhythmia": (Sector.ECG_PHYSIO, Modality.ECG),
    "thoracic_spine": (Sector.IMAGING, None),
    "breast": (Sector.IMAGING, None),
    "cervical_cytology": (Sector.PATHOLOGY, Modality.MICROSCOPY),
    "thyroid_nodule": (Sector.IMAGING, Modality.ULTRASOUND),
    "tuberculosis": (Sector.IMAGING, None),
    "liver_lesion": (Sector.IMAGING, None),
    "prostate": (Sector.IMAGING, None),
    "aneurysm": (Sector.IMAGING, None),
    "gastric_lesion": (Sector.IMAGING, Modality.ENDOSCOPY),
    "macular_degeneration": (Sector.IMAGING, Modality.FUNDUS),
    "coronary_calcium": (Sector.IMAGING, Modality.CT),
    "pulmonary_embolism": (Sector.IMAGING, Modality.CT),
    "sleep_apnoea": (Sector.ECG_PHYSIO, None),
    "epilepsy": (Sector.ECG_PHYSIO, Modality.EEG),
    "chromosome_karyotype": (Sector.GENOMICS_IVD, Modality.MICROSCOPY),
    "surgical_navigation": (Sector.SURGERY_ROBOT, None),
}
"""What a scenario implies where the text names neither; Alzheimer's implies nothing."""
BY_MODALITY: dict[Modality, Sector] = {
    **dict.fromkeys((Modality.CT, Modality.MR, Modality.XRAY, Modality.ULTRASOUND, Modality.FUNDUS), Sector.IMAGING),
    **dict.fromkeys((Modality.ENDOSCOPY, Modality.MULTIPLE), Sector.IMAGING),
    **dict.fromkeys((Modality.ECG, Modality.EEG, Modality.PPG), Sector.ECG_PHYSIO),
    Modality.MICROSCOPY: Sector.PATHOLOGY,
    Modality.SEQUENCING: Sector.GENOMICS_IVD,
}
"""What a modality implies. A camera implies nothing: skin is imaging by its words (图像, 皮损), a gait or a face is not."""
_BENCHES = {Sector.PATHOLOGY, Sector.GENOMICS_IVD}
_FIRST = ("drug_rd", "genomics_ivd", "surgery_robot", "hospital_it", "pathology", "ecg_physio", "imaging")


@dataclass(frozen=True, slots=True)
class Found:
    """A label and the hits that carry it; no hits where another label implied it."""

    value: str
    hits: tuple[Hit, ...] = ()
    rule: str = ""


def title_end(normal: Normal) -> int:
    """Where the first line ends."""
    at = normal.text.find("\n")
    return len(normal.text) if at < 0 else at


def _told(normal: Normal, hits: list[Hit], thing: Device | None) -> tuple[list[Hit], list[Hit]]:
    """Hits of the title and of the body; those of the body that the text sets aside are left out, all of a tool's."""
    end = title_end(normal)
    soft = SOFTWARE.search(normal.text, 0, end)
    title = [h for h in hits if h.start < end and (soft or not _GUIDES.match(normal.text, h.end))]
    if thing and thing.sector is Sector.OTHER:
        return title, []
    body = [
        h
        for h in hits
        if h.start >= end
        and (soft or not _GUIDED.match(normal.text, h.end))
        and not _UNRELATED.match(normal.text, h.end)
        and not _SPARED.search(normal.text[max(end, h.start - 24) : h.start])
    ]
    return title, body


def modality(normal: Normal, hits: Hits, scenarios: tuple[Found, ...], thing: Device | None) -> Found:
    """One modality, or ``multiple`` where two or more are named. Words for text, voice or camera yield to a scanner.

    A tool has none; a device that looks at one thing says so by its name; an analyser of the laboratory may have a microscope.
    """
    title, body = _told(normal, hits.get("modality", []), thing)
    if thing and thing.sector is Sector.OTHER:
        return Found(Modality.OTHER, rule=thing.rule)
    if thing and thing.modality:
        elsewhere = thing.sector is Sector.IMAGING and thing.modality is Modality.OTHER
        if thing.sector is Sector.GENOMICS_IVD:
            title = [h for h in title if h.id == Modality.SEQUENCING]
        title, body = (not elsewhere and title) or _named(thing), []
    if family := _LOOKED_AT.get(thing.sector if thing else _of_title(normal, hits)):
        body = [h for h in body if h.id in family]
    for part in (title, body):
        for group in (_IMAGING, _SENSORS):
            named = [h for h in part if h.id in group]
            ids = {h.id for h in named}
            if len(ids) == 1:
                return Found(ids.pop(), tuple(named[:1]))
            if ids:
                return Found(Modality.MULTIPLE, tuple({h.id: h for h in reversed(named)}.values()))
    if title:
        return Found(title[0].id, (title[0],))
    implied = [m for s in scenarios if (m := BY_SCENARIO.get(s.value, (None, None))[1])]
    if implied and _LOOKS.search(normal.text):
        return Found(implied[0], rule="implied-by-scenario")
    return Found(body[0].id, (body[0],)) if body else Found(Modality.OTHER)


def _of_title(normal: Normal, hits: Hits) -> str:
    """The sector that the title of a thing names in words; none of software, which may read anything."""
    end = title_end(normal)
    if SOFTWARE.search(normal.text, 0, end):
        return ""
    found = _first([h for h in hits.get("sector", []) if h.start < end])
    return found.value if found else ""


def thing_of(normal: Normal, hits: Hits) -> Device | None:
    """What kind of thing the title's end (`devices.device`) says it is; a weak word only where no other says so."""
    end = title_end(normal)
    named = name_end(normal.text, end)
    if (found := device(normal, end, named)) and not (found.rule == _LABORATORY and _at_a_slide(hits, end)):
        return found
    said = any(h.start < end for axis in ("sector", "modality", "scenario") for h in hits.get(axis, ()))
    return None if said else likely(normal, named)


def _at_a_slide(hits: Hits, end: int) -> bool:
    """Whether the title names pathology: sub-catalogue 22 holds what stains and reads cells as well as analysers."""
    return any(hit.id == Sector.PATHOLOGY for hit in hits.get("sector", ()) if hit.start < end)


def _named(thing: Device) -> list[Hit]:
    """The end of the name as a hit of its modality; none for ``other``."""
    if thing.hit is None or thing.modality in {None, Modality.OTHER}:
        return []
    return [Hit("modality", str(thing.modality), thing.hit.start, thing.hit.end)]


def scenarios(normal: Normal, hits: Hits, thing: Device | None) -> tuple[Found, ...]:
    """The scenarios that the title names, else those of the body. A reagent has none: it reads no picture."""
    title, body = _told(normal, hits.get("scenario", []), thing)
    if _REAGENT.search(normal.text[: title_end(normal)]):
        return ()
    first: dict[str, Hit] = {}
    for hit in title or body:
        first.setdefault(hit.id, hit)
    if "ct_ffr" in first:
        first.pop("coronary_stenosis", None)
    if len(first) > 1:
        first.pop("surgical_navigation", None)
    return tuple(Found(name, (hit,)) for name, hit in first.items())


def sector(normal: Normal, hits: Hits, seen: Found, named: tuple[Found, ...], thing: Device | None) -> Found:
    """By what the name's end or the certificate says it is, by the title's words, then by modality and scenario, then by the
    body's words, then by the panel."""
    end = title_end(normal)
    if thing:
        return Found(thing.sector, (thing.hit,) if thing.hit else (), thing.rule)
    all_hits = hits.get("sector", [])
    title = [h for h in all_hits if h.start < end]
    in_title = bool(seen.hits) and seen.hits[0].start < end
    if in_title and seen.value in _SCANNERS:
        title = [h for h in title if h.id != Sector.ECG_PHYSIO]
    if found := _first(title):
        return found
    panels = hits.get("panel", [])
    at_the_bench = seen.value in {Modality.MICROSCOPY, Modality.SEQUENCING} or any(h.id in _BENCHES for h in panels)
    for scenario in named:
        by_scenario = BY_SCENARIO.get(scenario.value, (Sector.IMAGING, None))[0]
        if at_the_bench and by_scenario is Sector.IMAGING:
            continue
        if scenario.value in BY_SCENARIO and scenario.hits[0].start < end:
            return Found(BY_SCENARIO[scenario.value][0], rule="implied-by-scenario")
    if in_title and (by := BY_MODALITY.get(Modality(seen.value))):
        return Found(by, rule="implied-by-modality")
    _, body = _told(normal, all_hits, None)
    first = {"drug_rd", "surgery_robot", "pathology"} if seen.value in _SIGNALS else {*_FIRST[:5]} - {"genomics_ivd"}
    if found := _first([h for h in body if h.id in first]):
        return found
    if by := BY_MODALITY.get(Modality(seen.value)):
        return Found(by, rule="implied-by-modality")
    for scenario in named:
        if scenario.value in BY_SCENARIO and _LOOKS.search(normal.text):
            return Found(BY_SCENARIO[scenario.value][0], rule="implied-by-scenario")
    return _first(body) or _first(panels) or Found(Sector.OTHER)


def _first(hits: list[Hit]) -> Found | None:
    for name in _FIRST:
        for hit in hits:
            if hit.id == name:
                return Found(name, (hit,))
    return None


def relevant(hits: Hits) -> Found | None:
    """Whether the text concerns AI or medical software, and the first word that says so."""
    found = hits.get("relevant", [])
    return Found("ai_relevant", (found[0],)) if found else None
