"""Prometheus' configuration, the operator's alerts and the Grafana dashboard, held to the names that the board exposes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from medpulse.dashboards import FOLDER, UnknownMetric, check, documents
from medpulse.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text(encoding="utf-8"))
ALERTS: list[dict[str, Any]] = [rule for group in RULES["groups"] for rule in group["rules"]]
WRITTEN = documents()
PANELS: list[dict[str, Any]] = [panel for text in WRITTEN.values() for panel in json.loads(text)["panels"]]


def test_the_dashboards_are_those_of_their_source() -> None:
    assert {path.stem for path in WRITTEN} == {"sector", "sources", "pipeline", "alerts"}
    assert set((FOLDER / "dashboards").glob("*.json")) == set(WRITTEN)
    for path, text in WRITTEN.items():
        assert path.read_text(encoding="utf-8") == text, "run `make dashboards`"


@pytest.mark.parametrize(
    ("expr", "legend", "told"),
    [
        ("medpulse_no_such_metric", "", "no process exposes medpulse_no_such_metric"),
        ('medpulse_lag_messages{stage="x"}', "", "medpulse_lag_messages has no label stage"),
        ("sum by (outcome) (medpulse_polls_total)", "{{source}}", "no label source"),
        ("sum by (colour) (medpulse_polls_total)", "", "no label colour"),
        ("medpulse_polls", "", "no process exposes medpulse_polls"),
        ("1 + 1", "", "reads no metric of ours"),
    ],
)
def test_a_panel_that_would_be_empty_is_refused(expr: str, legend: str, told: str) -> None:
    with pytest.raises(UnknownMetric, match=told):
        check("a panel", expr, legend)


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_every_name_and_label_of_an_alert_is_one_that_a_process_exposes(alert: dict[str, Any]) -> None:
    told = re.findall(r"\$labels\.(\w+)", str(alert["annotations"]))
    check(alert["alert"], alert["expr"], "".join(f"{{{{{label}}}}}" for label in told))


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: str(alert["alert"]))
def test_an_alert_says_what_is_wrong_and_what_to_do_and_is_tested(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in {"warning", "critical"}
    assert set(alert["annotations"]) == {"summary", "action"}
    tests = yaml.safe_load((DEPLOY / "prometheus" / "rules.test.yml").read_text(encoding="utf-8"))
    fired = {one["alertname"] for test in tests["tests"] for one in test["alert_rule_test"] if one.get("exp_alerts")}
    assert alert["alert"] in fired


def test_prometheus_scrapes_the_board_and_every_room_where_compose_puts_them() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    compose = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text(encoding="utf-8"))
    board, rooms = config["scrape_configs"]
    assert board["static_configs"] == [{"targets": [f"board:{Settings.model_fields['board_port'].default}"]}]
    (found,) = rooms["dns_sd_configs"]
    for room in found["names"]:
        assert compose["services"][room]["environment"]["MEDPULSE_METRICS_PORT"] == str(found["port"])
    assert all((DEPLOY / "prometheus" / file).is_file() for file in config["rule_files"])
    (told,) = config["alerting"]["alertmanagers"]
    assert told["static_configs"] == [{"targets": ["alertmanager:9093"]}]


def test_prometheus_on_a_cluster_has_the_same_jobs_and_finds_what_is_deployed_there() -> None:
    here, there = (
        yaml.safe_load((DEPLOY / "prometheus" / name).read_text(encoding="utf-8"))["scrape_configs"]
        for name in ("prometheus.yml", "kubernetes.yml")
    )
    assert [job["job_name"] for job in there] == [job["job_name"] for job in here]
    board, rooms = there
    service = next(
        one
        for one in yaml.safe_load_all((DEPLOY / "k8s/base/board.yaml").read_text(encoding="utf-8"))
        if one["kind"] == "Service"
    )
    (port,) = service["spec"]["ports"]
    assert board["static_configs"] == [{"targets": [f"{service['metadata']['name']}.medpulse.svc:{port['port']}"]}]
    services = list(yaml.safe_load_all((DEPLOY / "k8s/base/metrics.yaml").read_text(encoding="utf-8")))
    (found,) = rooms["dns_sd_configs"]
    assert found["names"] == [f"{one['metadata']['name']}.medpulse.svc" for one in services]
    (rule,) = rooms["relabel_configs"]
    asked = [re.fullmatch(rule["regex"], name) for name in found["names"]]
    assert [m and m[1] for m in asked] == [one["spec"]["selector"]["app.kubernetes.io/name"] for one in services]
    assert {one["spec"]["ports"][0]["port"] for one in services} == {found["port"]}
    assert all(one["spec"]["clusterIP"] == "None" for one in services), "headless: one address a pod"


def test_grafana_finds_its_data_source_and_panels_do_not_overlap() -> None:
    sources = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8"))
    (source,) = sources["datasources"]
    assert {panel["datasource"]["uid"] for panel in PANELS} == {source["uid"]}
    for text in WRITTEN.values():
        cells: set[tuple[int, int]] = set()
        for panel in json.loads(text)["panels"]:
            at = panel["gridPos"]
            own = {(at["x"] + dx, at["y"] + dy) for dx in range(at["w"]) for dy in range(at["h"])}
            assert not cells & own, panel["title"]
            assert at["x"] + at["w"] <= 24
            cells |= own


def test_amtool_takes_the_configuration_of_alertmanager() -> None:
    if not shutil.which("amtool"):
        pytest.skip("amtool is not installed (apt-get install prometheus-alertmanager)")
    command = ["amtool", "check-config", str(DEPLOY / "alertmanager" / "alertmanager.yml")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "config", "prometheus.yml"],
        ["check", "config", "kubernetes.yml"],
        ["check", "rules", "rules.yml"],
        ["test", "rules", "rules.test.yml"],
    ],
)
def test_promtool_takes_them(arguments: list[str]) -> None:
    if not shutil.which("promtool"):
        pytest.skip("promtool is not installed (apt-get install prometheus)")
    run = subprocess.run(
        ["promtool", *arguments], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
