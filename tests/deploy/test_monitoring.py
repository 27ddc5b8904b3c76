"""Prometheus' configuration, the operator's alerts and the Grafana dashboard, held to the names that the board exposes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from board.prometheus import TABLE
from medpulse.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text(encoding="utf-8"))
ALERTS: list[dict[str, Any]] = [rule for group in RULES["groups"] for rule in group["rules"]]
DASHBOARD: dict[str, Any] = json.loads(
    (DEPLOY / "grafana" / "dashboards" / "medpulse.json").read_text(encoding="utf-8")
)
PANELS: list[dict[str, Any]] = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
SELECTOR = re.compile(r"\b(medpulse_\w+)(?:\{([^}]*)\})?")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
EXPOSED = {f"{name}_total" if family.counter else name: set(family.labels) for name, family in TABLE.items()}


def _expressions() -> Iterator[tuple[str, str]]:
    """Where an expression stands, and the expression."""
    for alert in ALERTS:
        yield alert["alert"], alert["expr"]
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(("where", "expression"), list(_expressions()))
def test_every_name_and_label_is_one_that_the_board_exposes(where: str, expression: str) -> None:
    found = SELECTOR.findall(expression)
    assert found or expression.startswith("up{")
    for name, matchers in found:
        assert name in EXPOSED, where
        assert set(LABEL.findall(matchers)) <= EXPOSED[name], where


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel["title"]))
def test_a_legend_shows_labels_that_its_series_have(panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        labels = set().union(*(EXPOSED[name] for name, _ in SELECTOR.findall(target["expr"])))
        assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= labels


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_an_alert_says_what_is_wrong_and_what_to_do_and_is_tested(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"warning", "critical"}
    assert set(alert["annotations"]) == {"summary", "action"}
    tests = yaml.safe_load((DEPLOY / "prometheus" / "rules.test.yml").read_text(encoding="utf-8"))
    fired = {one["alertname"] for test in tests["tests"] for one in test["alert_rule_test"] if one.get("exp_alerts")}
    assert alert["alert"] in fired


def test_prometheus_scrapes_the_board_where_compose_puts_it() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = config["scrape_configs"]
    assert job["static_configs"] == [{"targets": [f"board:{Settings.model_fields['board_port'].default}"]}]
    assert all((DEPLOY / "prometheus" / file).is_file() for file in config["rule_files"])


def test_grafana_finds_its_data_source_and_panels_do_not_overlap() -> None:
    sources = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8"))
    (source,) = sources["datasources"]
    assert {panel["datasource"]["uid"] for panel in PANELS} == {source["uid"]}
    cells: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        own = {(at["x"] + dx, at["y"] + dy) for dx in range(at["w"]) for dy in range(at["h"])}
        assert not cells & own, panel["title"]
        assert at["x"] + at["w"] <= 24
        cells |= own
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.parametrize("arguments", [["check", "config", "prometheus.yml"], ["test", "rules", "rules.test.yml"]])
def test_promtool_takes_them(arguments: list[str]) -> None:
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed (apt-get install prometheus)")
    run = subprocess.run(
        ["promtool", *arguments], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
