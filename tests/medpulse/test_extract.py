"""``medpulse extract``: pages of a file in a table or as JSON, and a reason in one line where there are none."""

from __future__ import annotations

from pathlib import Path

from tests.filings import hans
from tests.medpulse.command import answer, medpulse, refused
from tests.scrapers.papers import excel, pdf


def test_the_pages_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf("营业收入 1,234 万元", "", "第三页"))
    said = answer(tmp_path, "extract", str(file))
    assert [(page["number"], page["text"]) for page in said["pages"]] == [(1, "营业收入 1,234 万元"), (3, "第三页")]
    assert (said["total"], said["media_type"]) == (3, "application/pdf")
    assert "第三页" in medpulse(tmp_path, "extract", str(file)).stdout


def test_the_cells_of_a_workbook_are_shown_whole(tmp_path: Path) -> None:
    file = tmp_path / "prices.xlsx"
    file.write_bytes(excel({"价格": [["项目编码", "价格"], ["FFR001", 1200]]}))
    assert "项目编码  价格" in medpulse(tmp_path, "extract", str(file)).stdout


def test_a_file_without_text_says_why(tmp_path: Path) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(pdf(""))
    refused(medpulse(tmp_path, "extract", str(file)), "scan.pdf", "pictures")
    refused(medpulse(tmp_path, "extract", str(tmp_path / "none.pdf")), "none.pdf")


def test_the_figures_of_a_report(tmp_path: Path) -> None:
    paper = hans.annual(3)
    file = tmp_path / "report.pdf"
    file.write_bytes(paper.pdf)
    said = answer(tmp_path, "extract", str(file), "--facts", "--title", paper.title)
    own = next(one for one in said["periods"] if one["end"] == said["period"]["end"])
    revenue = next(one for one in own["figures"] if one["figure"] == "revenue")
    assert (
        paper.truth.values[min(p for p, _ in paper.truth.stated if p[1].isoformat() == own["end"]), "revenue"]
        == revenue["value"]
    )
    assert (revenue["currency"], revenue["page"] > 0, "收入" in revenue["quote"]) == ("CNY", True, True)
    assert [gap["figure"] for gap in said["not_found"]] == ["gross_profit"]
