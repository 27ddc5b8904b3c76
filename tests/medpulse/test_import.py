"""``medpulse import``: the report on a file, and its rows through Kafka and Redis to the metrics, the same ones once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner

from events.view.reader import View
from medpulse.cli import whole
from medpulse.embedded.servers import embedded_redis
from medpulse.importing import Imported, publish
from medpulse.settings import Settings
from scrapers.manual.reading import Import, read_table

app = whole()

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ROUNDS = """date,company,round,amount
2020-09-28,XtalPi 晶泰科技,Series C,USD 318.8M
2021-10-13,沃时科技,Pre-A,nearly USD 10M
2021-10-15,寻百会,12 events,千万美元
"""
CERTIFICATES = """date,register,number,product,company
2020-03-25,CE,G1 099999 0001,InferRead CT Pneumonia,推想医疗
2020-06-03,PMDA,30200BZX00184000,InferRead CT Pneumonia,推想医疗
"""


def table(text: str) -> Import:
    return read_table(text.encode(), NOW)


async def _values(home: Path) -> dict[str, object]:
    async with embedded_redis(home) as url:
        redis: Redis = Redis.from_url(url)
        view, day = View(redis), date(2026, 11, 25)
        try:
            return {
                "rounds": await view.value("financing_rounds", day),
                "by year": await view.table("financing_rounds", "statistical_year", day),
                "by register": await view.table("overseas_clearances", "register", day),
            }
        finally:
            await redis.aclose()


@pytest.mark.kafka
@pytest.mark.timeout(400)
def test_rounds_and_certificates_reach_the_metrics_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert asyncio.run(publish(settings, table(ROUNDS))) == Imported(new=2)
    corrected = table(ROUNDS.replace("2020-09-28", "2020-08-28"))
    both = replace(corrected, notices=(*corrected.notices, *table(CERTIFICATES).notices))
    assert asyncio.run(publish(settings, both)) == Imported(new=2, changed=1, same=1)
    values = asyncio.run(_values(tmp_path))
    assert values["rounds"] == 2
    assert values["by year"] == {"2020": 1, "2022": 1}
    assert values["by register"] == {"CE": 1, "PMDA": 1}


def test_a_dry_run_says_what_would_be_and_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "rounds.csv"
    file.write_text(ROUNDS, encoding="utf-8")
    ended = CliRunner().invoke(app, ["import", str(file), "--dry-run"])
    assert ended.exit_code == 1
    assert "2 of 3 rounds are good; nothing was published" in ended.stdout
    assert "2020-09-28" in ended.stdout
    assert "line 4, round '12 events': this names no round; write" in ended.stderr
    held = CliRunner().invoke(app, ["import", str(file), "--strict"])
    assert (held.exit_code, "as --strict asks" in held.stdout) == (1, True)
    said = orjson.loads(CliRunner().invoke(app, ["import", str(file), "--dry-run", "--json"]).stdout)
    assert (said["kind"], said["rows"], said["good"], said["left_out"]) == ("rounds", 3, 2, 1)
    assert [(i["line"], i["column"], i["severity"]) for i in said["issues"]] == [(4, "round", "error")]
    assert [n["source_id"] for n in said["notices"]] == ["manual-rounds"] * 2


def test_a_file_that_is_no_such_table_is_an_expected_failure(tmp_path: Path) -> None:
    file = tmp_path / "rounds.csv"
    file.write_text(ROUNDS, encoding="utf-8")
    ended = CliRunner().invoke(app, ["import", str(file), "--kind", "clearances"])
    assert "lacks the columns register" in str(ended.exception)
