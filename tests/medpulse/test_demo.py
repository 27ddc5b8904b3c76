"""The time-lapse from nothing: every figure of the published report that its facts allow, computed from the events."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from medpulse.demo import END, STRIDE, sources
from simulator.facts import facts
from tests.medpulse.command import left

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def ended(folder: Path) -> subprocess.CompletedProcess[str]:
    """``medpulse demo --once --headless --json out.json``, run as a person would."""
    command = [sys.executable, "-m", "medpulse", "demo", "--once", "--headless", "--json", str(folder / "out.json")]
    env = os.environ | {"MEDPULSE_HOME": str(folder / "home")}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=390, check=False)


@pytest.fixture(scope="module")
def report(ended: subprocess.CompletedProcess[str], folder: Path) -> dict[str, Any]:
    assert ended.returncode == 0, ended.stderr[-2000:]
    found: dict[str, Any] = orjson.loads((folder / "out.json").read_bytes())
    return found


def test_it_shows_the_sector_of_the_report(report: dict[str, Any]) -> None:
    certificates = report["class3_certificates"]
    assert certificates == {
        "as_of": "2022-09-01",
        "products": 49,
        "companies": 28,
        "deep_learning_products": 29,
        "scenarios": 15,
        "device_types": 6,
    }
    assert report["class3_by_modality"] == {"ct": 31, "mri": 1, "colonoscope": 1}
    assert report["pricing"] == {"keya_deepvessel_ffr": 11, "pulse_qfr": 11, "airdoc_fundus": 5}


def test_it_prints_the_table_and_tells_the_alerts_on_the_way(
    ended: subprocess.CompletedProcess[str], report: object
) -> None:
    assert report
    assert "deep_learning_products" in ended.stdout
    told = [line for line in ended.stderr.splitlines() if "NOTICE" in line]
    assert sum("New Class III AI certificate" in line for line in told) == 51
    assert sum("is now priced in 10 provinces" in line for line in told) == 2


def test_every_figure_that_both_state_is_the_same_as_in_the_published_report(
    report: dict[str, Any], shared: Path
) -> None:
    published = tomllib.loads((shared / "data" / "report_2022.toml").read_text(encoding="utf-8"))
    figures = {
        (section, key): value
        for section, keys in published.items()
        for key, value in keys.items()
        if isinstance(value, int) and key in report.get(section, {})
    }
    assert len(figures) >= 16
    assert {at: report[at[0]][at[1]] for at in figures} == figures
    assert len(report["class3_by_scenario"]["more_than_one_company"]) == 5
    assert report["reimbursement"]["month"] == published["reimbursement"]["month"]


def test_it_goes_on_until_every_source_was_asked_after_the_last_certificate() -> None:
    last = max(delivery.at for delivery in facts().delivery)
    assert last + timedelta(seconds=max(source.cadence for source in sources())) + STRIDE < END


def test_no_process_is_left(ended: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert ended.returncode == 0
    assert left(folder) == []


@pytest.mark.timeout(120)
def test_ctrl_c_in_the_middle_ends_it_and_its_children(tmp_path: Path) -> None:
    env = os.environ | {"MEDPULSE_HOME": str(tmp_path / "home"), "MEDPULSE_BOARD_PORT": "0"}
    with subprocess.Popen(
        [sys.executable, "-m", "medpulse", "demo"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "the board is at" in line:
                break
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    assert running.returncode == 0
    assert left(tmp_path) == []
