from __future__ import annotations

import pytest

from streams.enrich.explain import explain
from tests.enrich.accuracy import DATA
from tests.enrich.test_accuracy import rows

LINES = [line.split("\t") for line in (DATA / "kinds.txt").read_text("utf-8").splitlines() if not line.startswith("#")]


@pytest.mark.parametrize(("kind", "text"), LINES)
def test_the_kind_of_a_title(kind: str, text: str) -> None:
    assert explain(text.replace("\\n", "\n")).kind == kind


def test_every_status_of_a_real_listing_review_is_one() -> None:
    said = [
        f"{row['company']} {row['exchange']} {row['board']} {row['new_status']}" for row in rows("ipo_events_2026.csv")
    ]
    assert [text for text in said if explain(text).kind != "ipo"] == []
    rest = rows("ipo_pipeline_medical_2026-08-21.csv")
    said = [f"{row['company_name']} {row['board']} {row['status']} {row['content']}" for row in rest]
    assert [text for text in said if explain(text).kind != "ipo"] == []


@pytest.mark.parametrize("form", ["{Device}\n{Company}", "{Device}, {Company}, {Panel (Lead)}", "{Device} ({Company})"])
def test_a_row_of_fdas_list_is_a_clearance(form: str) -> None:
    said = [form.format(**row) for row in rows("fda_ai_enabled_to_2022-07.csv")]
    assert sum(explain(text).kind == "clearance" for text in said) >= 0.94 * len(said)
