"""The text that evidence points into is the same for who reads it and who shows it: for every page that was saved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from events.event import OverseasClearance
from events.labels import Evidence
from events.notice import Notice
from events.said import read_from
from streams.enrich.events import events_of
from streams.enrich.explain import explain
from streams.enrich.make.common import Unusable

PAGES = Path(__file__).parents[1] / "scrapers" / "pages"


def notices(folder: Path) -> list[Notice]:
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.expected.json"))]
    more = {"source_id": folder.name, "detected_at": "2026-11-01T00:00:00Z"}
    return [Notice.model_validate(one | more) for page in found for one in page["notices"]]


def evidence(labels: tuple[Evidence, ...]) -> list[tuple[str, int, int]]:
    return [(one.label, one.start, one.end) for one in labels]


@pytest.mark.parametrize("folder", sorted(path for path in PAGES.iterdir() if path.is_dir()), ids=lambda p: p.name)
def test_the_text_that_is_shown_gives_the_evidence_that_is_marked_in_it(folder: Path) -> None:
    for notice in notices(folder):
        try:
            made = events_of(notice)
        except Unusable as fault:
            made = list(fault.events)
        for event in made:
            text = read_from(event, notice)
            marked = evidence(event.labels.evidence)
            if isinstance(event, OverseasClearance):
                marked = [one for one in marked if one != ("is_ai", 0, len(event.product_name))]
            assert marked == evidence(explain(text).evidence), event.event_id
            assert all(0 <= start < end <= len(text) for _, start, end in marked)


def test_an_item_of_a_list_is_marked_in_its_own_row() -> None:
    rows = (
        {"certificate_number": "国械注准20223210186", "product_name": "肺炎CT影像辅助分诊与评估软件"},
        {
            "certificate_number": "国械注准20223210187",
            "product_name": "骨折CT影像辅助检测软件",
            "composition": "采用深度学习技术",
        },
    )
    [notice, *_] = notices(PAGES / "nmpa-delivery")
    of = notice.model_copy(update={"rows": rows})
    first, second = events_of(of)
    assert read_from(first, of) == "肺炎CT影像辅助分诊与评估软件\n"
    assert read_from(second, of) == "骨折CT影像辅助检测软件\n采用深度学习技术"
    assert "深度学习" in {read_from(second, of)[one.start : one.end] for one in second.labels.evidence}
