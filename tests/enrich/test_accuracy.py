from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pytest

from streams.enrich.explain import as_json, explain
from tests.enrich.accuracy import PARTS, Score, notices, scores

SHARED = next(
    (p / "shared" / "data" for p in Path(__file__).resolve().parents if (p / "shared" / "data").exists()), Path()
)
GOALS = {
    "is_ai": 0.97,
    "denied": 0.95,
    "sector": 0.95,
    "modality": 0.95,
    "scenario": 0.93,
    "kind": 0.95,
    "ai_relevant": 0.95,
}


def rows(name: str) -> list[dict[str, str]]:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_labelled_set_is_large_and_its_parts_do_not_overlap() -> None:
    texts = [[row["text"] for row in notices(part)] for part in PARTS]
    assert sum(map(len, texts)) >= 300
    assert not set(texts[0]) & set(texts[1]) - {
        row["text"] for row in notices("held") if row["kind"].startswith("guidance")
    }


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("label", "goal"), GOALS.items())
def test_goals_are_met(part: str, label: str, goal: float) -> None:
    score = scores(part).get(label, Score())
    assert score.f1 >= goal, f"{label} on {part}: {score.f1:.3f}, wrong in {score.errors}"


def test_kinds_of_real_guidance_titles_follow_their_column() -> None:
    real = rows("cmde_guidance_2007_2022.csv")
    wrong = [
        row["title"]
        for row in real
        if explain(row["title"]).kind != ("guidance_draft" if "zqyjg" in row["column"] else "guidance_issued")
    ]
    assert len(wrong) <= 0.012 * len(real), wrong


def test_real_guidance_titles_that_concern_software_are_found_and_no_others() -> None:
    said = {row["title"] for row in rows("cmde_guidance_2007_2022.csv") if explain(row["title"]).ai_relevant}
    about = ("软件", "人工智能", "网络安全", "移动医疗")
    assert said == {
        row["title"] for row in rows("cmde_guidance_2007_2022.csv") if any(w in row["title"] for w in about)
    }


def test_chinese_companies_on_the_fda_list() -> None:
    names = {row["Company"] for row in rows("fda_ai_enabled_to_2022-07.csv")}
    said = {name for name in names if any(e["china"] for e in as_json(explain(name))["entities"])}
    heads = "Beijing Chengdu CuraCloud GE Infervision KeyaMed MedMind Philips Shanghai Shenzhen Xiamen"
    assert {name.split()[0].strip(",.") for name in said} == set(heads.split())
    assert len(said) == 15


def test_every_company_on_the_fda_list_is_found_and_none_is_a_method() -> None:
    for name in {row["Company"] for row in rows("fda_ai_enabled_to_2022-07.csv")}:
        labels = explain(name)
        assert len(labels.entities) == 1, name
        assert (labels.is_ai, labels.denied) == (False, False), name


def test_company_names_with_a_legal_form_are_one_entity() -> None:
    names = {row["Company"] for row in rows("fda_ai_enabled_to_2022-07.csv")}
    legal = [name for name in names if name.rstrip(".").endswith((" Inc", " Ltd", " LLC", " GmbH", " Corporation"))]
    assert len(legal) > 150
    assert [name for name in legal if len(explain(name).entities) != 1] == []


def test_the_rows_of_the_demo_are_labelled_as_their_facts_say() -> None:
    pages = sorted((Path(__file__).resolve().parents[2] / "simulator" / "facts").glob("deliveries_*.toml"))
    if not pages:
        pytest.skip("the demo's facts are not here")
    facts = [row for page in pages for d in tomllib.loads(page.read_text("utf-8"))["delivery"] for row in d["rows"]]
    for row in facts:
        labels = explain("\n".join((row["product"], row.get("composition", ""), row.get("intended_use", ""))))
        assert labels.is_ai == bool(row.get("ai")), row
        if row.get("ai"):
            said = ("deep" in labels.algorithm, labels.scenario, str(labels.modality))
            scenario = (row["scenario"],) if row.get("scenario") else ()
            assert said == (bool(row.get("deep_learning")), scenario, row["modality"]), row
