from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.labels import Modality, Sector
from events.scenarios import SCENARIOS
from streams.enrich.explain import as_json, explain
from streams.enrich.files import BadTaxonomy
from streams.enrich.labelling import BY_SCENARIO
from streams.enrich.normalise import normal
from streams.enrich.taxonomy import Taxonomy, taxonomy

DEMO = {
    "肺结节CT影像辅助检测软件": ("lung_nodule", "CT"),
    "糖尿病视网膜病变眼底图像辅助诊断软件": ("diabetic_retinopathy", "fundus"),
    "冠状动脉CT血流储备分数计算软件": ("ct_ffr", "CT"),
    "冠脉血流储备分数计算软件": ("ct_ffr", "CT"),
    "肺炎CT影像辅助分诊与评估软件": ("pneumonia", "CT"),
    "颅内出血CT影像辅助分诊软件": ("intracranial_haemorrhage", "CT"),
    "骨折CT影像辅助检测软件": ("fracture", "CT"),
    "儿童手部X射线影像骨龄辅助评估软件": ("bone_age", "X-ray"),
    "慢性青光眼样视神经病变眼底图像辅助诊断软件": ("glaucoma", "fundus"),
    "结肠息肉电子内窥镜图像辅助检测软件": ("colorectal_polyp", "endoscopy"),
    "放射治疗CT影像轮廓勾画软件": ("radiotherapy_contouring", "CT"),
    "人工智能心电分析软件": ("ecg_arrhythmia", "ECG"),
    "胸椎CT影像辅助评估软件": ("thoracic_spine", "CT"),
    "颅内肿瘤磁共振影像辅助诊断软件": ("brain_tumour", "MR"),
    "冠状动脉CT造影图像血管狭窄辅助分诊软件": ("coronary_stenosis", "CT"),
    "急性缺血性脑卒中CT影像辅助评估软件": ("stroke", "CT"),
}
PIECES = st.sampled_from(
    [
        "人工智能",
        "不含",
        "深度学习",
        "，",
        "。",
        "AI",
        "ＡＩ",
        "肺結節",
        "ＣＴ",
        "ﬁ",
        "①",
        "申 请 人",
        "北京数坤科技股份有限公司",
        "\n",
        "İ",
        "e\u0301",
    ]
)


@pytest.mark.parametrize(("name", "expected"), DEMO.items())
def test_product_names_have_one_scenario_and_one_modality(name: str, expected: tuple[str, str]) -> None:
    labels = explain(name)
    assert (labels.scenario, str(labels.modality)) == ((expected[0],), expected[1])


@given(st.text(max_size=300) | st.lists(PIECES | st.text(max_size=4), max_size=30).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_is_explained_and_its_spans_lie_in_it(text: str) -> None:
    labels = explain(text)
    assert all(0 <= e.start < e.end <= len(text) for e in labels.evidence), labels.evidence
    assert not (labels.is_ai and labels.denied)


@given(st.lists(PIECES | st.characters(), max_size=40).map("".join))
@settings(max_examples=200, deadline=None)
def test_the_normal_form_keeps_its_way_back(text: str) -> None:
    ready = normal(text)
    assert len(ready.text) == len(ready.cased)
    for at in range(len(ready.text)):
        start, end = ready.span(at, at + 1)
        assert 0 <= start < end <= len(text)


def test_spans_point_to_the_words_of_the_original() -> None:
    text = "肺結節ＣＴ影像輔助檢測軟體\n採用深度學習技術"
    shown = {e.label: text[e.start : e.end] for e in explain(text).evidence}
    assert shown["is_ai"] == "深度學習"
    assert shown["modality=CT"] == "ＣＴ"
    assert shown["scenario=lung_nodule"] == "肺結節"


def test_widths_scripts_and_blanks_do_not_matter() -> None:
    plain = explain("肺结节CT影像辅助检测软件\n采用深度学习")
    other = explain("肺結節ＣＴ影像輔助檢測軟件\n採用 深 度 學 習")
    assert plain.model_dump(exclude={"evidence"}) == other.model_dump(exclude={"evidence"})
    assert unicodedata.normalize("NFKC", "ＣＴ") == "CT"


def test_the_json_has_exactly_these_keys() -> None:
    told = as_json(explain("北京数坤科技股份有限公司"))
    assert list(told) == [
        "is_ai", "denied", "ai_relevant", "sector", "modality", "scenario", "algorithm", "entities", "kind", "evidence",
    ]  # fmt: skip
    assert told["entities"] == [{"id": "shukun", "name": "数坤科技", "china": True}]
    assert {tuple(e) for e in told["evidence"]} == {("label", "rule", "start", "end")}


def test_the_taxonomy_knows_only_ids_of_the_contract() -> None:
    ids = taxonomy().ids()
    assert {n for a, n in ids if a == "scenario"} - {"none"} == set(SCENARIOS)
    assert {n for a, n in ids if a == "modality"} - {"none"} <= {m.value for m in Modality}
    assert {n for a, n in ids if a == "sector"} - {"none"} <= {s.value for s in Sector}
    assert set(BY_SCENARIO) <= set(SCENARIOS)


def test_a_bad_taxonomy_is_refused_by_name() -> None:
    with pytest.raises(BadTaxonomy, match=r"scenario\.x"):
        Taxonomy({"scenario": {"x": {"words": ["a"]}}})
    with pytest.raises(BadTaxonomy, match="empty term"):
        Taxonomy({"scenario": {"x": {"terms": [""]}}})
