"""Every timed script, played on a fake clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.asyncio import Redis

from events.messages import Delivery
from events.view import layout
from tests.alerts.timed.language import Script
from tests.alerts.timed.runner import Stage, differences
from tests.alerts.timed.scripts import SCRIPTS, SOURCES

FEWEST = 40


def _slug(script: Script) -> str:
    return script.name.replace(" ", "-").replace(",", "")


@pytest.mark.asyncio
@pytest.mark.parametrize("script", SCRIPTS, ids=_slug)
async def test_script(script: Script, redis: Redis, tmp_path: Path) -> None:
    stage = Stage(redis, script, tmp_path)
    await stage.play()
    wrong = differences(script, stage.arrived)
    assert not wrong, "\n".join([script.name, *wrong, "arrived:", *map(str, stage.arrived)])
    assert not await _unrecorded(redis, stage)


async def _unrecorded(redis: Redis, stage: Stage) -> set[str]:
    """The alerts that were routed to somebody, do not wait any more and have left no record: there must be none."""
    recorded = {Delivery.model_validate_json(raw).alert_id for raw in await redis.hvals(layout.DELIVERED)}
    raised = {layout.text(raw) for raw in await redis.hkeys(layout.ALERTS)}
    nobodys = {i for i in raised if any(step.said == "no route leads to anybody" for step in await stage.desk.path(i))}
    return raised - recorded - nobodys - await stage.store.waiting()


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len({script.name for script in SCRIPTS}) == len(SCRIPTS) >= FEWEST


@pytest.mark.asyncio
async def test_the_three_sources_are_in_the_message(redis: Redis, tmp_path: Path) -> None:
    stage = Stage(redis, SOURCES[0], tmp_path)
    await stage.play()
    (one,) = stage.arrived
    assert [source.source_id for source in one.message.first.sources] == ["nmpa", "udi", "cmde"]


@pytest.mark.asyncio
async def test_every_message_that_was_suppressed_has_a_record(redis: Redis, tmp_path: Path) -> None:
    script = next(one for one in SCRIPTS if "recorded as suppressed" in one.name)
    stage = Stage(redis, script, tmp_path)
    await stage.play()
    (raw,) = await redis.hvals(layout.DELIVERED)
    record = Delivery.model_validate_json(raw)
    assert (record.status, record.receiver) == ("suppressed", "team")
    assert "Li Wei" in record.answer
    assert "maintenance" in record.answer
