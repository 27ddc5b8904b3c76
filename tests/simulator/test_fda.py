"""The FDA's list: its formulas, its control characters, its monthly refresh."""

from __future__ import annotations

import re

from lxml import etree

from simulator.facts import facts
from simulator.town import Town
from tests.simulator.visiting import FDA, header, text, town_at, visit


def numbers(town: Town) -> list[str]:
    """The submission numbers of the list, read out of their Excel formulas."""
    tree = etree.fromstring(visit(town, FDA).body)
    found = [re.fullmatch(r'=HYPERLINK\("(.+)", "(\w+)"\)', node.text or "") for node in tree.iter("Submission_number")]
    return [match[2] for match in found if match]


def test_a_row_has_the_documented_cells() -> None:
    tree = etree.fromstring(visit(town_at("2022-09-01T12:00:00"), FDA).body)
    row = next(row for row in tree.iter("row") if "K213657" in (row.findtext("Submission_number") or ""))
    assert [(cell.tag, cell.text) for cell in row] == [
        ("Date_of_final_decision", "04/01/2022"),
        (
            "Submission_number",
            '=HYPERLINK("https://www.accessdata.fda.gov/scripts/cdrh/cfdocs/cfPMN/pmn.cfm?ID=K213657", "K213657")',
        ),
        ("Device", "DEEPVESSEL FFR"),
        ("Company", "KeyaMed NA Inc."),
        ("Panel", "Cardiovascular"),
        ("Primary_product_code", "PJA"),
    ]


def test_the_list_is_refreshed_on_the_first_of_a_month() -> None:
    july = {row.number for row in facts().clearance if row.decided.isoformat()[:7] == "2022-07"}
    assert july
    assert not july & set(numbers(town_at("2022-08-01T21:59:59")))
    assert july <= set(numbers(town_at("2022-08-01T22:00:00")))
    assert len(numbers(town_at("2022-08-01T22:00:00"))) == len(facts().clearance)


def test_a_december_decision_shows_in_january() -> None:
    assert "K213155" not in numbers(town_at("2021-12-31T23:59:59"))
    assert "K213155" in numbers(town_at("2022-01-02T00:00:00"))


def test_the_list_keeps_its_control_characters() -> None:
    assert "\x93Gili BioSensor System\x94" in text(town_at("2022-09-01T12:00:00"), FDA)


def test_no_row_is_illustrative() -> None:
    assert header(visit(town_at("2022-09-01T12:00:00"), FDA), "medpulse-illustrative") is None


def test_the_page_links_to_the_list() -> None:
    url = "https://www.fda.gov/medical-devices/software-medical-device-samd/artificial-intelligence-enabled-medical-devices"
    assert 'href="/media/178565/download?attachment"' in text(town_at("2022-09-01T12:00:00"), url)
