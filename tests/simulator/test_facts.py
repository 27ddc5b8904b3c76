"""The rows of the fact files against the totals and the registers that they are taken from."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from simulator.facts import Certificate, FactError, facts, load
from simulator.sites.cms import stamp

REPORT_DAY = date(2022, 9, 1)


@pytest.fixture(scope="module")
def certificates() -> list[Certificate]:
    """The Class III certificates of AI products on the day of the report."""
    return [row for row in facts().certificates(REPORT_DAY) if row.ai and row.device_class == 3]


@pytest.fixture(scope="module")
def report(shared: Path) -> dict[str, Any]:
    """The published report's figures."""
    return tomllib.loads((shared / "data" / "report_2022.toml").read_text(encoding="utf-8"))


def test_totals_of_the_report(certificates: list[Certificate], report: dict[str, Any]) -> None:
    stated = report["class3_certificates"]
    assert len(certificates) == stated["products"]
    assert len({row.registrant for row in certificates}) == stated["companies"]
    assert sum(row.deep_learning for row in certificates) == stated["deep_learning_products"]
    assert len({row.scenario for row in certificates}) == stated["scenarios"]
    assert len({row.modality for row in certificates}) == stated["device_types"]


def test_modalities_of_the_report(certificates: list[Certificate], report: dict[str, Any]) -> None:
    counts, stated = Counter(row.modality for row in certificates), report["class3_by_modality"]
    assert (counts["CT"], counts["MR"], counts["endoscopy"]) == (stated["ct"], stated["mri"], stated["colonoscope"])
    assert counts["fundus"] + counts["X-ray"] + counts["ECG"] == len(certificates) - 33


def test_scenarios_of_the_report(certificates: list[Certificate], report: dict[str, Any]) -> None:
    counts, stated = Counter(row.scenario for row in certificates), report["class3_by_scenario"]
    assert counts["lung_nodule"] == stated["lung_nodule_ct"]
    assert counts["diabetic_retinopathy"] == stated["diabetic_retinopathy"]
    assert counts["ct_ffr"] == stated["ct_ffr"]
    assert counts["pneumonia"] == stated["pneumonia_ct"]
    assert counts["ecg_arrhythmia"] == stated["lepu_ecg_certificates"]
    assert len({row.registrant for row in certificates if row.scenario == "diabetic_retinopathy"}) == 7
    shared_ones = ("radiotherapy_contouring", "fracture", "bone_age", "intracranial_haemorrhage", "glaucoma")
    for scenario in shared_ones:
        assert len({row.registrant for row in certificates if row.scenario == scenario}) > 1


def test_prices_of_the_report(report: dict[str, Any]) -> None:
    stated = report["pricing"]
    rows = [row for row in facts().article if row.product and row.published.date() < REPORT_DAY]
    provinces = Counter(product for product, _ in {(row.product, row.province) for row in rows})
    assert provinces == {name: stated[name] for name in ("keya_deepvessel_ffr", "pulse_qfr", "airdoc_fundus")}
    keya = {row.province for row in rows if row.product == "keya_deepvessel_ffr"}
    assert keya >= {"北京", "河北", "山东", "浙江", "江苏"}


def test_the_wording_asserts_what_the_truth_says() -> None:
    for row in facts().certificates():
        said = f"{row.product}{row.composition}{row.intended_use}"
        denied = re.search(r"[不未][^。，]{0,3}(人工智能)", said)
        assert bool(re.search("人工智能|机器学习|深度学习", said)) == (row.ai or bool(denied)), row.number
        assert ("深度学习" in said) == row.deep_learning, row.number
        assert ("神经网络" in said) <= row.deep_learning, row.number


def test_certificates_are_unique_and_delivered_on_working_days() -> None:
    numbers = [row.number for row in facts().certificates()]
    assert len(numbers) == len(set(numbers)) > 100
    days = [page.at.date() for page in facts().delivery]
    assert len(days) == len(set(days))
    assert all(day.weekday() < 5 for day in days)
    for page in facts().delivery:
        assert all(row.number[4:8] == str(page.at.year) for row in page.rows)


def test_rows_after_the_report_change_the_count() -> None:
    def count(day: date) -> int:
        return sum(row.ai and row.device_class == 3 for row in facts().certificates(day))

    assert [count(date(2022, 9, day)) for day in (1, 7, 8, 14)] == [49, 49, 50, 51]


def test_guidance_is_the_real_pages(shared: Path) -> None:
    with (shared / "data" / "cmde_guidance_2007_2022.csv").open(encoding="utf-8") as file:
        real = {row["url"].removeprefix("https://www.cmde.org.cn"): row for row in csv.DictReader(file)}
    assert len(facts().guidance) >= 40
    for row in facts().guidance:
        there = real[row.path]
        assert (row.listed.isoformat(), row.title) == (there["list_date"], there["title"].strip())
        assert stamp(row.path).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] == there["url_timestamp_cst"]
        assert not row.illustrative


def test_clearances_are_the_real_rows(shared: Path) -> None:
    with (shared / "data" / "fda_ai_enabled_to_2022-07.csv").open(encoding="utf-8") as file:
        real = {row["Submission Number"].strip(): row for row in csv.DictReader(file)}
    assert len(facts().clearance) >= 45
    for row in facts().clearance:
        there = real[row.number]
        assert row.decided == datetime.strptime(there["Date of Final Decision"], "%m/%d/%Y").date()  # noqa: DTZ007
        assert _letters(row.device) == _letters(there["Device"])
        assert row.company == there["Company"].strip()
        assert (row.panel, row.product_code) == (there["Panel (Lead)"], there["Primary Product Code"])


def _letters(name: str) -> str:
    return re.sub(r"\W", "", name).casefold()


def test_everything_else_is_marked_illustrative() -> None:
    known = facts()
    rows = [*known.certificates(), *known.article, *known.announcement, *known.project]
    assert all(row.illustrative for row in rows)


def test_who_filed_in_hong_kong() -> None:
    filed = {p.company_en: p.stages[0].at for p in facts().of("HKEX")}
    for name in ("Keya Medical Technology", "Infervision", "Shukun", "Beijing Airdoc"):
        assert [at.year for company, at in filed.items() if company and company.startswith(name)] == [2021]
    assert filed["Botong Medical"].date() < date(2022, 9, 15)
    assert not any("LinkDoc" in (company or "") for company in filed)
    airdoc = next(p for p in facts().of("HKEX") if p.company_en and "Airdoc" in p.company_en)
    assert [(stage.status, f"{stage.at:%Y-%m}") for stage in airdoc.stages] == [("A", "2021-02"), ("LT", "2021-11")]


def test_stages_follow_one_another() -> None:
    for project in facts().project:
        instants = [stage.at for stage in project.stages]
        assert instants == sorted(set(instants))


@pytest.mark.parametrize(
    "wrong",
    [
        "delivery = 3 4",
        "[[article]]\ncolumn = 109",
        "[[unheard_of]]\nx = 1",
        '[[delivery]]\nat = 2020-01-15T16:22:03+08:00\nrows = [{acceptance = "CQZ1900308", product = "p", '
        'number = "国械注准20203210035", registrant = "r", device_class = 2, composition = "c", intended_use = "u"}]',
    ],
)
def test_a_wrong_fact_file_is_refused(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "facts.toml"
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(FactError):
        load([file])
