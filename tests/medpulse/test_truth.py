"""``medpulse verify`` and ``rebuild`` on a running instance: right, then damaged by hand, then made right again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest
from redis.asyncio import Redis

from events.kafka import publisher
from events.view import layout
from events.wire import record
from medpulse.embedded.running import Running, find_running
from tests.embedded.polling import until
from tests.medpulse.command import answer, medpulse, refused, running
from tests.streams.make import approval, price


def test_without_a_running_instance_they_say_what_to_do(tmp_path: Path) -> None:
    for command in ("verify", "rebuild"):
        refused(medpulse(tmp_path, command), "nothing runs on", "medpulse up")
    refused(medpulse(tmp_path, "verify", "--window", "fortnight"), "no window is called fortnight", "cumulative")


@pytest.mark.kafka
@pytest.mark.timeout(180)
def test_a_damaged_view_is_found_out_and_made_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running(home):
        at = find_running(home)
        assert at is not None
        asyncio.run(_publish(at))
        until(lambda: answer(home, "metrics", "get", "class3_certificates")["value"] >= 30, "it was counted", within=90)
        assert answer(home, "verify")["differences"] == []

        asyncio.run(_damage(at))
        found = medpulse(home, "verify", "--window", "cumulative", "--json")
        assert found.returncode == 1
        wrong = {one["metric"]: one for one in orjson.loads(found.stdout)["differences"] if not one["by"]}
        assert int(wrong["class3_certificates"]["view"]) == int(wrong["class3_certificates"]["events"]) + 5

        built = answer(home, "rebuild")
        assert (built["view"], built["unreadable"], built["resumed"]) == ("v2", 0, False)
        assert built["events"] >= 32
        assert answer(home, "verify")["differences"] == []

        given = {"MEDPULSE_KAFKA": at.bootstrap, "MEDPULSE_REDIS": at.redis_url}
        assert answer(home, "verify", **given)["differences"] == []
        assert answer(home, "dlq", "list", **given) == []
        refused(medpulse(home, "dlq", "retry", "any", **given), "refused the producer", "MEDPULSE_IDEMPOTENT=false")


async def _publish(at: Running) -> None:
    redis: Redis = Redis.from_url(at.redis_url)
    events = [*(approval(f"国械注准2022321{n:04d}", day=n) for n in range(30)), price("beijing"), price("hebei")]
    async with publisher(at.bootstrap, idempotent=False, redis=redis) as out:
        await out.send([record(event) for event in events])
    await redis.aclose()


async def _damage(at: Running) -> None:
    """Five certificates too many on one day: a write that nobody of ours does."""
    redis: Redis = Redis.from_url(at.redis_url)
    key = layout.series(layout.FIRST, "class3_certificates", "")
    field = (await redis.hkeys(key))[0]
    await redis.hincrby(key, layout.text(field), 5)
    await redis.aclose()
