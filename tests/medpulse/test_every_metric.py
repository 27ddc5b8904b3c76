"""Every metric in every window, by every dimension, through the real command, from a store that holds events of every type."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import date
from typing import Any

import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner

from events.view.catalog import CATALOG, DERIVED, dimensions
from events.view.reader import View
from events.view.series import WINDOWS
from events.wire import encode
from medpulse.cli import whole
from medpulse.commands.metrics import shown
from medpulse.verify import plain
from medpulse.verify.compare import differences
from medpulse.verify.lean import lean
from streams.store import Store
from tests.streams.sector import history

app = whole()

AS_OF = date(2022, 3, 15)
EVENTS = history(20220315, 250)
runner = CliRunner()


@pytest.fixture
def asked(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of a user who names the store."""
    for name in [name for name in os.environ if name.startswith("MEDPULSE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MEDPULSE_REDIS", redis_url)
    monkeypatch.setenv("MEDPULSE_KAFKA", "127.0.0.1:1")  # given with the store or not at all; nothing here reads it


async def _filled(url: str) -> None:
    redis: Redis = Redis.from_url(url)
    await redis.flushall()
    store = Store(redis)
    await store.load()
    await store.apply(EVENTS)
    await redis.aclose()


def _get(*args: str) -> dict[str, Any]:
    done = runner.invoke(app, ["metrics", "get", *args, "--as-of", AS_OF.isoformat(), "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.asyncio
async def test_every_metric_in_every_window_by_every_dimension_is_what_the_events_say(redis_url: str) -> None:
    await _filled(redis_url)
    redis: Redis = Redis.from_url(redis_url)
    try:
        assert await differences(View(redis), EVENTS, AS_OF, WINDOWS) == []
    finally:
        await redis.aclose()


def test_a_lean_event_says_the_same_to_every_metric_and_is_much_smaller() -> None:
    slim = [lean(event) for event in EVENTS]
    known, said = plain.known(EVENTS, AS_OF), plain.known(slim, AS_OF)
    for name in CATALOG:
        assert plain.observed(said, name, AS_OF) == plain.observed(known, name, AS_OF), name
    spoken = EVENTS[0].model_copy(update={"title": "国" * 500, "url": "https://example.org/" * 20})
    assert len(encode(lean(spoken))) < len(encode(spoken)) / 2


def test_the_command_answers_for_every_metric(asked: None, redis_url: str) -> None:
    asyncio.run(_filled(redis_url))
    told, known = 0, plain.known(EVENTS, AS_OF)
    for number, (name, spec) in enumerate(CATALOG.items()):
        window, groups = WINDOWS[number % len(WINDOWS)], dimensions(spec)
        seen = plain.observed(known, name, AS_OF)
        answer = _get(name, "--window", window, *(["--by", groups[0]] if groups else []))
        assert (answer["metric"], answer["window"], answer["unit"]) == (name, window, spec.unit)
        assert answer["value"] == shown(plain.value(seen, name, AS_OF, window)), (name, window)
        assert bool(answer.get("note")) == (answer["value"] is None), (name, window)
        if groups:
            want = plain.table(seen, name, groups[0], AS_OF, window)
            assert answer["values"] == {one: shown(value) for one, value in want.items()}, (name, window)
        told += answer["value"] not in (0, None)
    assert told > len(CATALOG) // 3


def test_the_table_of_metrics_says_all_that_a_metric_is() -> None:
    done = runner.invoke(app, ["metrics", "list", "--json"])
    rows = json.loads(done.stdout)
    assert [row["name"] for row in rows] == list(CATALOG)
    for row in rows:
        assert row["windows"] == list(WINDOWS)
        assert row["derived"] == (row["name"] in DERIVED)
        assert row["unit"]
        assert row["measure"]
        assert row["meaning"]
        assert any("\u4e00" <= char <= "\u9fff" for char in row["meaning_zh"]), row["name"]


NAMED = {
    "certificates": ("class3_certificates", "class3_companies", "deep_learning_share", "products_per_scenario", "scenario_hhi", "class3_routes"),  # noqa: E501
    "reviews": ("review_days", "innovation_to_approval_days", "innovation_entries"),
    "guidance": ("guidance_documents",),
    "pricing": ("pricing_provinces", "first_price_day", "price_lowest", "price_highest", "reimbursement_items", "reimbursement_listings"),  # noqa: E501
    "funnel": ("funnel_products", "funnel_companies", "funnel_lag_days"),
    "ipo": ("ipo_projects", "ipo_stage_days"),
    "financing": ("financing_rounds", "financing_low", "financing_high", "early_stage_share"),
    "figures": ("revenue", "revenue_growth", "net_margin", "rd_share", "top_five_share"),
    "abroad": ("overseas_clearances_no_equipment", "channel_events"),
    "composite": ("distance_to_profitability",),
}  # fmt: skip
"""What the issue names under "Metrics" → the metrics that answer it."""


@pytest.mark.parametrize("part", NAMED)
def test_what_the_issue_names_is_in_the_table(part: str) -> None:
    assert [name for name in NAMED[part] if name not in CATALOG] == []
