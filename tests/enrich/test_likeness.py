from __future__ import annotations

import pytest

from streams.enrich.likeness import Core, core, likeness
from streams.enrich.register import propose, register
from tests.enrich.test_accuracy import rows


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("北京深睿博联科技有限责任公司", "深睿博联"),
        ("Qure.ai Technologies", "qure"),
        ("Medical Systems, Inc.", ""),
        ("Neusoft Medical Systems USA", "neusoft"),
        ("YITU Healthcare Technology", "yitu"),
        ("", ""),
    ],
)
def test_what_is_a_names_own(name: str, own: str) -> None:
    assert core(name).text == own


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("YITU Healthcare Technology", "yitu"),
        ("Deepwise Healthcare", "deepwise"),
        ("Manteia Medical", "manteia"),
        ("Infervision US Inc.", "infervision"),
        ("Infervison Technology", "infervision"),
        ("Ping An Healthcare Technology", "ping_an"),
        ("北京推想医疗器械有限公司", "infervision"),
        ("北京数坤医疗科技有限公司", "shukun"),
        ("科亚医疗器械（深圳）有限公司", "keya"),
        ("北京深睿博连科技有限责任公司", "deepwise"),
    ],
)
def test_another_spelling_is_proposed(name: str, near: str) -> None:
    assert propose(name)[0].id == near


@pytest.mark.parametrize(
    "name",
    [
        "Qure.ai Technologies",
        "Agfa HealthCare N.V.",
        "Medical Systems, Inc.",
        "Monarch Medical Technologies",
        "Merge Healthcare Incorporated",
        "BrainScope Company, Inc.",
        "珠海普生医疗科技股份有限公司",
        "苏州同心医疗科技股份有限公司",
        "乐普生物科技股份有限公司",
        "",
        "()",
    ],
)
def test_what_every_firm_of_the_trade_has_makes_no_name_near(name: str) -> None:
    assert propose(name) == []


def test_of_all_real_names_only_those_that_a_person_would_look_at_are_proposed() -> None:
    """1,052 names of three public lists, 964 of them unknown; by likeness of letters 19 were proposed and none was right."""
    names = {row["Company"] for row in rows("fda_ai_enabled_to_2022-07.csv")}
    names |= {row["company_name"] for row in rows("ipo_pipeline_medical_2026-08-21.csv")}
    names |= {row["company"] for row in rows("ipo_events_2026.csv")}
    said = {name: [near.id for near in propose(name)] for name in names if register().known(name) is None}
    assert {name: near for name, near in said.items() if near} == {
        "Samsung Electronics Co.,Ltd.": ["samsung_medison"],
        "华科精准（北京）医疗设备股份有限公司": ["sinovation"],
    }


def test_likeness_is_the_same_both_ways_round() -> None:
    cores = [core(name) for company in register().companies.values() for name in (company.name, *company.names)][:60]
    assert all(likeness(one, other) == likeness(other, one) for one in cores for other in cores)
    assert likeness(Core(()), Core(())) == 0.0
