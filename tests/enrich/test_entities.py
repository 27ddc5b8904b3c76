from __future__ import annotations

import pytest

from streams.enrich.explain import explain
from streams.enrich.files import BadRegister
from streams.enrich.register import Company, Product, Register, propose, register, resolve_company


@pytest.mark.parametrize(
    ("name", "ident"),
    [
        ("北京数坤科技股份有限公司", "shukun"),
        ("數坤（北京）網絡科技股份有限公司", "shukun"),
        ("Shukun (Beijing) Network Technology Co., Ltd.", "shukun"),
        ("推想醫療科技股份有限公司", "infervision"),
        ("Beijing Infervision Technology Co.,Ltd.", "infervision"),
        ("科亞醫療科技股份有限公司", "keya"),
        ("KeyaMed NA Inc.", "keya"),
        ("CuraCloud Corp.", "keya"),
        ("鷹瞳科技－Ｂ", "airdoc"),
        ("上海博動醫療科技股份有限公司", "pulse_medical"),
        ("上海联影智能医疗科技有限公司", "united_imaging_intelligence"),
        ("Siemens Medical Solutions, USA, Inc.", "siemens"),
        ("GE Hangwei Medical Systems, Co., Ltd.", "ge_hangwei"),
        ("Philips Healthcare (Suzhou) Co., Ltd.", "philips_suzhou"),
    ],
)
def test_names_of_one_company(name: str, ident: str) -> None:
    assert resolve_company(name).id == ident


@pytest.mark.parametrize(
    "name", ["数坤", "Pulse", "Pulse Therapeutics Inc.", "上海数坤贸易有限公司", "Keya", "Company 07", "Wisdom Inc"]
)
def test_a_generic_word_is_nobody_in_the_register(name: str) -> None:
    assert resolve_company(name).id.startswith("company:")


def test_an_unknown_registrant_is_a_new_entity_the_same_each_time() -> None:
    first, again = resolve_company("杭州某某医疗科技有限公司"), resolve_company(" 杭州某某醫療科技有限公司 ")
    assert first.id == again.id
    assert first.china is True
    assert resolve_company("Company 07").id != resolve_company("Company 70").id


def test_a_near_name_is_proposed_and_never_merged() -> None:
    near = propose("北京深睿博连科技有限责任公司")
    assert near[0].id == "deepwise"
    assert resolve_company("北京深睿博连科技有限责任公司").id != "deepwise"
    assert propose("北京数坤科技股份有限公司") == []


@pytest.mark.parametrize(
    ("name", "china"),
    [
        ("Hangzhou Something Medical Co., Ltd.", True),
        ("Jiangsu Foo Bio Inc", True),
        ("TaiHao Medical Inc.", False),
        ("Ever Fortune.AI Co., Ltd.", False),
        ("Bonraybio Co., Ltd.", False),
        ("Siemens Healthcare GmbH", False),
        ("佳能医疗系统株式会社", False),
        ("香港某某有限公司", False),
        ("Samsung Medison Co., Ltd.", False),
        ("DeepVoxel, Inc.", False),
    ],
)
def test_the_seat(name: str, china: bool) -> None:
    assert [bool(e.china) for e in explain(name).entities] == [china]


def test_companies_inside_running_text() -> None:
    found = explain("关于北京数坤科技股份有限公司与推想医疗合作，并由上海联影智能医疗科技有限公司供货的公告").entities
    assert [e.id for e in found] == ["shukun", "infervision", "united_imaging_intelligence"]
    assert explain("数坤是一个名字，Pulse is a word").entities == ()
    assert [e.id for e in explain("CT viewer\nSiemens Medical Solutions USA, Inc. Radiology").entities] == ["siemens"]


@pytest.mark.parametrize(
    ("text", "makers", "ids"),
    [
        ("深脉分数", (), ["keya_deepvessel_ffr"]),
        ("DEEPVESSEL FFR", (), ["keya_deepvessel_ffr"]),
        ("深脈分數(DeepVessel FFR)", (), ["keya_deepvessel_ffr"]),
        ("冠脉血流储备分数计算软件", (), []),
        ("冠脉血流储备分数计算软件", ("keya",), ["keya_deepvessel_ffr"]),
        ("冠脉血流储备分数计算软件", ("shukun",), []),
        ("定量血流分数", (), ["pulse_qfr"]),
    ],
)
def test_products_across_their_names(text: str, makers: tuple[str, ...], ids: list[str]) -> None:
    assert [product.id for product in register().products_in(text, makers)] == ids


def test_the_register_is_large_and_sound() -> None:
    known = register()
    assert len(known.companies) >= 80
    assert {c.group for c in known.companies.values() if c.group} - {"neusoft"} <= set(known.companies)
    assert sum(c.ecosystem for c in known.companies.values()) >= 8


def test_a_register_that_contradicts_itself_is_refused() -> None:
    a, b = Company("a", "甲医疗", china=True), Company("b", "乙医疗", china=True, names=("甲医疗有限公司",))
    with pytest.raises(BadRegister, match="甲医疗"):
        Register([a, b], [])
    with pytest.raises(BadRegister, match="nobody"):
        Register([a], [Product("p", "p", "nobody", ("p",))])


@pytest.mark.parametrize(
    ("name", "ident"),
    [
        ("乐普（北京）医疗器械股份有限公司（乐普医疗）", "lepu"),
        ("乐普（北京）医疗器械股份有限公司 Lepu Medical", "lepu"),
        ("西门子医疗有限公司 Siemens Healthcare GmbH", "siemens"),
        ("某某医疗有限公司(Siemens Healthcare GmbH)", "siemens"),
    ],
)
def test_a_name_in_two_languages_or_with_its_short_form_is_one_company(name: str, ident: str) -> None:
    assert resolve_company(name).id == ident


def test_two_names_of_two_companies_are_nobody_that_the_register_knows() -> None:
    assert resolve_company("乐普（北京）医疗器械股份有限公司（鹰瞳科技）").id.startswith("company:")


@pytest.mark.parametrize(
    "name",
    [
        "XtalPi 晶泰科技", "晶泰科技 XtalPi", "晶泰科技/XtalPi", "XtalPi（晶泰科技）", "XtalPi | 晶泰科技", "XtalPi·晶泰科技",
        "ＸｔａｌＰｉ　晶泰科技", "XtalPi 晶泰控股",
    ],
)  # fmt: skip
def test_a_name_in_two_scripts_is_the_company_of_its_parts(name: str) -> None:
    assert resolve_company(name).id == "xtalpi"
    assert [e.id for e in explain(name).entities] == ["xtalpi"]


@pytest.mark.parametrize("name", ["Infervision影像有限公司", "XtalPi 鹰瞳科技", "北京Airdoc眼科医院有限公司"])
def test_a_name_with_the_brand_of_another_firm_inside_is_not_that_firm(name: str) -> None:
    assert resolve_company(name).id.startswith("company:")


@pytest.mark.parametrize(
    ("text", "firm", "china", "is_ai"),
    [
        ("AI-ECG Tracker, Shenzhen Carewell Electronics Co., Ltd.", "凯沃尔", True, True),
        ("AI-Rad Companion Brain MR, Siemens Healthcare GmbH", None, False, True),
        ("FDA 510(k) K212690: qXR-BT (Qure.ai Technologies)", "Qure.ai Technologies", False, False),
        ("沃时科技完成近千万美元Pre-A轮融资", "沃时科技", True, False),
        ("GE Medical Systems, Ultrasound & Primary Care Diagnostics, LLC", None, False, False),
    ],
)
def test_a_firm_beside_its_product_or_its_news(text: str, firm: str | None, china: bool, is_ai: bool) -> None:
    said = explain(text)
    [one] = said.entities
    assert (bool(one.china), said.is_ai) == (china, is_ai)
    assert firm is None or one.name == firm
