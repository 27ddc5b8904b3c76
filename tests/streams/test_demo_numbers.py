"""The numbers of the demo, from its events and a plain recomputation: no broker, no store, no figure in the code."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from redis.asyncio import Redis

from events.view.catalog import METRICS
from events.view.reader import View
from events.view.series import dim_key, read, window
from medpulse.report import sector_report
from streams.store import Store
from tests.streams.demo_events import demo_events
from tests.streams.plain import Series, recomputed

UNTIL = window("cumulative", date(2022, 9, 1))


def value(series: Series, name: str, **dims: str) -> int:
    return read(METRICS[name].measure, series.get(f"{name}:{dim_key(dims)}", {}), UNTIL)


@pytest.mark.asyncio
async def test_the_report_of_the_demo_states_what_the_published_one_does(tmp_path: Path, redis: Redis) -> None:
    await redis.flushall()
    store = Store(redis)
    await store.load()
    await store.apply(await demo_events(tmp_path))
    report = await sector_report(View(redis), date(2022, 9, 1))
    financing, revenue = report["ai_drug_financing"], report["revenue"]
    rounds = (financing["rounds_2021"], financing["early_stage_rounds_2021"], financing["early_stage_share_2021"])
    assert rounds == (35, 28, 0.8)
    assert (financing["early_stage_rounds_2022"], financing["early_stage_share_2022"]) == (32, 0.76)
    assert [one["company"] for one in financing["examples"]] == ["百图生科", "Xinhe Bio", "晶泰科技"]  # type: ignore[attr-defined]
    assert (revenue["shukun_yoy_2021_h1"], revenue["airdoc_yoy_2021"]) == (6.81, 1.42)
    assert revenue["airdoc_2021_over_cny"] == 100_000_000
    assert revenue["companies_at_a_loss"] == revenue["companies_with_net_profit"] == 2
    assert revenue["top_five_customer_share_declining"] == ["鹰瞳科技", "数坤科技"]
    assert report["class3_others"] == {"fundus": 9, "xray": 3, "ecg": 4}
    assert "not_computed" in report["class2_pathology"]


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
