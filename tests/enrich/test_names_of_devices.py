"""What a device is by the end of its name, by its certificate, by what it is for; and rows of classes that are hard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.enrich.checked import faults
from streams.enrich.devices import name_end
from streams.enrich.explain import explain
from streams.enrich.files import BadTaxonomy, path
from streams.enrich.normalise import normal
from streams.enrich.taxonomy import Taxonomy

DATA = Path(__file__).parent / "data"
AROUND = (
    "由主机、超声探头、显示屏组成。\n在CT或X射线引导下用于临床。",
    "由主机、心电模块、血氧探头和软件组成。\n供临床使用。",
    "由主体和附件组成。\n与内窥镜配合使用，术中可接影像系统，供医疗机构使用。",
    "由样本管、抗体、组织切片夹组成。\n供病理科和检验科使用。",
)
"""Bodies that name what is around a device: they say nothing of a device that its name tells."""


def lines(file: str) -> Iterator[tuple[list[str], str]]:
    for line in (DATA / file).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            head, _, rest = line.partition(" | ")
            yield head.split(), rest


def names() -> Iterator[tuple[str, str, str, str]]:
    for (code, sector, modality), rest in lines("names.txt"):
        for name in rest.split("、"):
            yield code, sector, modality, name


def wrong(text: str, sector: str, modality: str) -> str:
    got = explain(text)
    same = got.sector == sector and modality in ("?", got.modality)
    return "" if same else f"{text!r}: {got.sector}/{got.modality}, not {sector}/{modality}"


def test_names_of_every_sub_catalogue_are_told_without_a_body() -> None:
    assert [fault for _, sector, modality, name in names() if (fault := wrong(name, sector, modality))] == []
    assert len({code for code, *_ in names()}) >= 20


def test_what_stands_around_a_tool_or_a_reagent_does_not_change_what_it_is() -> None:
    rows = [(name, sector) for code, sector, _, name in names() if code not in {"01", "05", "06", "07", "21", "22"}]
    bad = [f for name, sector in rows for body in AROUND if (f := wrong(f"{name}\n{body}", sector, "?"))]
    assert len(bad) <= 0.02 * len(rows) * len(AROUND), bad


def test_rows_of_hard_classes() -> None:
    rows = [(text.replace("\\n", "\n"), *head) for head, text in lines("classes.txt")]
    assert [fault for text, sector, modality in rows if (fault := wrong(text, sector, modality))] == []


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("干式荧光免疫分析仪 FIA-AI01", "干式荧光免疫分析仪"),
        ("胃镜（GIF-H290Z）", "胃镜"),
        ("超声洁牙设备注册审查指导原则（2022年第35号）", "超声洁牙设备"),
        ("总局关于发布超声骨密度仪等5项注册技术审查指导原则的通告", "总局关于发布超声骨密度仪"),
        ("髋关节假体系统产品注册技术审查指导原则", "髋关节假体系统"),
        ("国家药监局批准髋关节置换手术导航系统注册申请", "国家药监局批准髋关节置换手术导航系统"),
        ("Coronary guidewire, hydrophilic", "coronary guidewire"),
        ("Powered wheelchair with intelligent joystick control.", "powered wheelchair"),
    ],
)
def test_where_the_name_of_a_device_ends(title: str, name: str) -> None:
    ready = normal(title)
    assert ready.text[: name_end(ready.text, len(ready.text))] == name


@pytest.mark.parametrize(
    ("number", "sector"),
    [
        ("国械注准20203070123", "ecg_physio"),
        ("国械注准20223220123", "genomics_ivd"),
        ("国械注准20213400123", "genomics_ivd"),
        ("国械注进20193060123", "imaging"),
        ("国械注准20223130123", "other"),
        ("国械注准20173400123", "genomics_ivd"),
        ("国械注准20163460123", "other"),
        ("国食药监械(准)字2010第3280001号", "imaging"),
        ("国械注准20173070123", "other"),
    ],
)
def test_a_certificate_says_it_where_the_name_does_not(number: str, sector: str) -> None:
    """The two digits after the class are the sub-catalogue, of the catalogue that was in force: 07 said nothing before 2018."""
    assert explain(f"某某牌产品\n{number}").sector == sector


def test_the_end_of_a_name_beats_the_certificate() -> None:
    assert explain("一次性使用输液器\n国械注准20203070123").sector == "other"


def test_evidence_points_at_the_end_of_the_name_even_around_brackets() -> None:
    text = "体外膜肺氧合（ECMO）设备\n由离心泵、血氧监测模块组成。"
    [said] = [e for e in explain(text).evidence if e.label == "sector=other"]
    assert (said.rule, text[said.start : said.end]) == ("device.other", "氧合（ECMO）设备")


def test_an_ending_may_stand_in_one_table_only() -> None:
    with pytest.raises(BadTaxonomy, match=r"\[device.imaging\]: '针' stands in another table"):
        Taxonomy({"device": {"other": {"terms": ["针"]}, "imaging": {"terms": ["针"]}}})


def test_a_users_taxonomy_of_before_has_no_endings_and_is_sound(tmp_path: Path) -> None:
    shipped = path("taxonomy").read_text(encoding="utf-8").splitlines(keepends=True)
    kept, skip = [], False
    for line in shipped:
        if line.startswith("["):
            skip = line.startswith(("[device.", "[likely."))
        if not skip:
            kept.append(line)
    old = tmp_path / "taxonomy.toml"
    old.write_text("".join(kept), encoding="utf-8")
    assert faults(old) == []


def test_an_unknown_sector_or_modality_of_an_ending_is_a_fault(tmp_path: Path) -> None:
    mine = tmp_path / "taxonomy.toml"
    mine.write_text(
        path("taxonomy").read_text(encoding="utf-8") + '\n[device."imaging/sonar"]\nterms = ["声呐"]\n',
        encoding="utf-8",
    )
    [fault] = faults(mine)
    assert "imaging/sonar" in fault.text
    assert mine.read_text(encoding="utf-8").splitlines()[fault.line - 1] == '[device."imaging/sonar"]'
