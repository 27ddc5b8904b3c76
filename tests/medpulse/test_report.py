"""The sections of the report that the demo has no facts for, from events made by hand, on a real Valkey."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from redis.asyncio import Redis

from events.base import EntityRef, Money
from events.event import EventBase, FinancialReport, FinancingRound
from events.labels import Labels, Sector
from events.view.reader import View
from medpulse.report import UNKNOWN, figures, sector_report
from streams.store import Store

AS_OF = date(2022, 9, 1)
AT = datetime(2021, 10, 1, tzinfo=UTC)


def _event(model: type[EventBase], key: str, company: str, **fields: object) -> EventBase:
    common = {
        "event_id": f"{model.__name__}:{key}",
        "title": "t",
        "url": "https://www.hkexnews.hk/a.pdf",
        "source_id": "hkex",
        "notice_id": "hkex:a",
        "event_time": AT,
        "detected_at": AT,
        "company": EntityRef(id=company, name=company),
        "labels": Labels(sector=Sector.DRUG_RD),
    }
    return model.model_validate(common | fields)


def _year(company: str, year: int, yuan: int) -> EventBase:
    period = {"period_start": date(year, 1, 1), "period_end": date(year, 12, 31)}
    revenue = Money(minor=yuan * 100, currency="CNY")
    return _event(FinancialReport, f"{company}{year}", company, revenue=revenue, **period)


@pytest.mark.asyncio
async def test_sections_without_facts_say_why(redis: Redis) -> None:
    await redis.flushall()
    report = await sector_report(View(redis), AS_OF)
    assert {section for section, keys in report.items() if "not_computed" in keys} == set(UNKNOWN)
    assert {row["section"] for row in figures(report)}.isdisjoint(UNKNOWN)


@pytest.mark.asyncio
async def test_rounds_and_revenue_are_computed_once_they_are_seen(redis: Redis) -> None:
    await redis.flushall()
    store = Store(redis)
    await store.load()
    rounds = [_event(FinancingRound, str(n), f"c{n}", round="A", early_stage=n > 0) for n in range(5)]
    await store.apply([*rounds, _year("airdoc", 2020, 47_000_000), _year("airdoc", 2021, 113_740_000)])
    report = await sector_report(View(redis), AS_OF)
    assert report["ai_drug_financing"] == {
        "rounds_2022": 5,
        "early_stage_rounds_2022": 4,
        "early_stage_share_2022": 0.8,
    }
    assert report["revenue"] == {
        "airdoc_yoy_2021": 1.42,
        "airdoc_2021_fen": 11_374_000_000,
        "airdoc_2021_over_cny": 100_000_000,
    }
    assert {"section": "revenue", "key": "airdoc_yoy_2021", "value": 1.42} in figures(report)
