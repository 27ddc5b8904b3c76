"""``medpulse registry``, ``merges`` and ``enrich`` where nothing runs: what they answer, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.enrich import files
from streams.enrich.checked import faults
from tests.medpulse.command import medpulse, refused

COMPANIES = '[[company]]\nid = "a"\nname = "甲医疗"\nchina = true\n'


def test_the_shipped_files_are_in_order() -> None:
    assert [fault for name in files.NAMES for fault in faults(files.path(name))] == []


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a = \n", 1, "no TOML"),
        (f"{COMPANIES}\n{COMPANIES}", 7, "given twice"),
        (f'{COMPANIES}colour = "red"\n', 5, "colour"),
        (f'{COMPANIES}group = "b"\n', 5, "no company is called 'b'"),
        (
            f'{COMPANIES}\n[[company]]\nid = "b"\nname = "乙"\nchina = true\nnames = ["甲医疗有限公司"]\n',
            10,
            "is a name of a too",
        ),
        ('[[product]]\nid = "p"\nname = "P"\ncompany = "nobody"\nnames = []\n', 4, "no company is called 'nobody'"),
        ('[sector.imaging]\nterms = ["影像", ""]\n', 2, "none of them empty"),
        ('[sector.imaging]\npatterns = ["("]\n', 2, "cannot be used"),
        ('[sector.imaging]\npatterns = ["x*"]\n', 2, "matches nothing at all"),
        ('[sector.radiology]\nterms = ["影像"]\n', 1, "unknown id"),
        ('[colour.red]\nterms = ["影像"]\n', 1, "unknown axis"),
    ],
)
def test_each_fault_has_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    file = tmp_path / "edited.toml"
    file.write_text(text, "utf-8")
    assert any(fault.line == line and said in fault.text for fault in faults(file)), faults(file)


def test_a_bad_file_is_told_by_file_and_line_and_never_used(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("[sector.imaging]\nterms = ['']\n", "utf-8")
    ended = medpulse(tmp_path, "registry", "check", str(bad))
    assert ended.returncode == 1
    assert f"{bad}:2: [sector.imaging]: terms must be a list of words" in ended.stderr
    refused(medpulse(tmp_path, "explain", "CT", MEDPULSE_TAXONOMY=str(bad)), "empty term")
