"""docs/consuming.md: its Python runs against a broker, its Java compiles, its Flink tables have columns that messages have."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from events.kafka import create_topics, publisher
from events.publish import ROOT
from events.wire import record
from medpulse.embedded.servers import tansu
from tests.board.town import certificates

TEXT = (ROOT / "docs" / "consuming.md").read_text(encoding="utf-8")
SCHEMAS = ROOT / "events" / "schemas"
CACHE = Path(os.environ.get("MEDPULSE_CACHE", Path.home() / ".cache" / "medpulse"))


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.asyncio
async def test_the_python_program_prints_each_fact_once(tmp_path: Path) -> None:
    # A broker of its own: what other tests left on the session's is no event.
    async with tansu(tmp_path / "tansu.log") as (_, bootstrap):
        await create_topics(bootstrap)
        await _prints_each_fact_once(bootstrap, tmp_path)


async def _prints_each_fact_once(bootstrap: str, tmp_path: Path) -> None:
    (program,) = _blocks("python")
    first, last = (e.model_copy(update={"event_id": f"docs:{n}"}) for n, e in zip("ab", certificates(), strict=False))
    async with publisher(bootstrap, idempotent=False) as out:
        gone = first.model_copy(update={"revision": 2, "retracted": True})
        await out.send_until_done([record(one) for one in (first, first, gone, first, last)], "test")
    file = tmp_path / "consumer.py"
    file.write_text(program, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, file, env=os.environ | {"KAFKA": bootstrap}, stdout=asyncio.subprocess.PIPE
    )
    said: dict[str, list[str]] = {"docs:a": [], "docs:b": []}
    try:
        assert process.stdout is not None
        while not (said["docs:b"] and len(said["docs:a"]) == 2):  # the two may lie on different partitions
            what, _, event_id, *_ = (await process.stdout.readline()).decode().split()
            said.setdefault(event_id, []).append(what)
    finally:
        process.kill()
        await process.communicate()
    assert said["docs:a"] == ["said", "withdrawn"]
    assert said["docs:b"] == ["said"]


def test_the_java_program_compiles(tmp_path: Path) -> None:
    jars = sorted(CACHE.glob("kafka-*/*.jar"))
    if shutil.which("javac") is None or not jars:
        pytest.skip("no JDK, or Kafka's jars are not in the cache (deploy/kafka/run.sh install)")
    (program,) = _blocks("java")
    (tmp_path / "SectorEvents.java").write_text(program, encoding="utf-8")
    path = os.pathsep.join(map(str, jars))
    command = ["javac", "-proc:none", "-Xlint:all,-classfile,-path,-processing", "-Werror", "-cp", path]
    run = subprocess.run(
        [*command, "-d", tmp_path, tmp_path / "SectorEvents.java"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "SectorEvents.class").exists()


@pytest.mark.parametrize(
    ("table", "schema", "ours"),
    [("medpulse_events", "DeviceApproval", set()), ("medpulse_metrics", "Metric", {"series"})],
)
def test_the_columns_of_flink_are_fields_of_the_messages(table: str, schema: str, ours: set[str]) -> None:
    sql = next(block for block in _blocks("sql") if f"CREATE TABLE {table} " in block)
    body = sql.split(f"CREATE TABLE {table} (\n", 1)[1].split("\n) WITH", 1)[0]
    columns = {line.split()[0].strip("`") for line in body.splitlines() if not line.strip().startswith("PRIMARY")}
    fields = set(json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8"))["properties"])
    assert columns - ours <= fields
    assert ours.isdisjoint(fields)
