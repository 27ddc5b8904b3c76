"""The numbers of the demo, from its events and a plain recomputation: no broker, no store, no figure in the code."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from events.view.catalog import METRICS
from events.view.series import dim_key, read, window
from tests.streams.demo_events import demo_events
from tests.streams.plain import Series, recomputed

UNTIL = window("cumulative", date(2022, 9, 1))


def value(series: Series, name: str, **dims: str) -> int:
    return read(METRICS[name].measure, series.get(f"{name}:{dim_key(dims)}", {}), UNTIL)


@pytest.mark.asyncio
async def test_the_town_s_events_add_up_to_the_published_totals(tmp_path: Path) -> None:
    series = recomputed(await demo_events(tmp_path))
    assert value(series, "class3_certificates") == 49
    assert value(series, "class3_companies") == 28
    assert value(series, "class3_certificates", algorithm="deep") == 29
    assert value(series, "class3_scenarios") == 15
    assert [value(series, "class3_certificates", modality=m) for m in ("CT", "MR", "endoscopy")] == [31, 1, 1]
    by_scenario = ("lung_nodule", "diabetic_retinopathy", "ct_ffr", "pneumonia")
    assert [value(series, "class3_certificates", scenario=s) for s in by_scenario] == [9, 7, 6, 6]
    assert value(series, "class3_companies", scenario="diabetic_retinopathy") == 7
    assert value(series, "class3_certificates", company="lepu") == 4
    products = ("keya_deepvessel_ffr", "pulse_qfr", "airdoc_fundus")
    assert [value(series, "pricing_provinces", product=p) for p in products] == [11, 11, 5]
    assert value(series, "reimbursement_items", province="shanghai") == 28
