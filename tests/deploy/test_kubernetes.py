"""deploy/k8s: built by kustomize, held against the schemas of Kubernetes, and to what the rooms need."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.receivers import load_receivers
from events.addresses import kafka_address
from events.topics import TOPICS
from medpulse.settings import Settings

K8S = Path(__file__).parents[2] / "deploy" / "k8s"
KUBERNETES = "1.35"
ROOMS = ("scraper", "worker", "alerts", "board")
OPERATORS = ("kafka.strimzi.io/", "keda.sh/")
"""Their schemas are not in Kubernetes' own; `kubectl apply --dry-run=server` on a cluster that has them is the last word."""


def _kustomize() -> str:
    cached = Path(os.environ.get("MEDPULSE_CACHE", Path.home() / ".cache" / "medpulse")) / "bin" / "kustomize"
    found = shutil.which("kustomize") or (str(cached) if cached.is_file() else None)
    if found is None:
        pytest.skip("kustomize is not installed (deploy/k8s/install.sh, needs Go)")
    return found


@lru_cache
def _built(folder: str) -> str:
    run = subprocess.run([_kustomize(), "build", K8S / folder], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def _objects(folder: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(_built(folder)) if one]


def _deployments(folder: str = "base") -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one["spec"] for one in _objects(folder) if one["kind"] == "Deployment"}


@pytest.mark.parametrize("folder", ["base", "overlays/strimzi"])
def test_kubernetes_takes_every_object(folder: str, tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    own = [one for one in _objects(folder) if not one["apiVersion"].startswith(OPERATORS)]
    file.write_text(yaml.safe_dump_all(own), encoding="utf-8")
    command = [sys.executable, "-m", "kubernetes_validate", "-k", KUBERNETES, "--strict", "--quiet", str(file)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_rooms_run_as_nobody_on_a_read_only_root_with_limits_and_probes() -> None:
    deployments = _deployments()
    assert set(deployments) == set(ROOMS)
    for name, spec in deployments.items():
        pod = spec["template"]["spec"]
        (container,) = pod["containers"]
        assert container["args"] == ["medpulse", "run", name]
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert {"requests", "limits"} <= set(container["resources"])
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container)


@pytest.mark.parametrize("folder", ["base", "overlays/strimzi"])
def test_the_settings_are_known_and_lead_somewhere(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = [one for one in _objects(folder) if one["kind"] == "ConfigMap" and "MEDPULSE_KAFKA" in one["data"]]
    own = [
        e for spec in _deployments(folder).values() for e in spec["template"]["spec"]["containers"][0].get("env", [])
    ]
    names = {*found["data"], *(one["name"] for one in own)}
    assert names <= {f"MEDPULSE_{field.upper()}" for field in Settings.model_fields}
    for name, value in found["data"].items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.kafka
    assert kafka_address(settings.kafka).servers
    assert settings.redis == "redis://redis:6379/0"


def test_the_receivers_are_read() -> None:
    assert [receiver.id for receiver in load_receivers(K8S / "base" / "receivers.toml")] == ["console"]


def test_every_room_may_be_drained_and_nobody_speaks_to_anybody_unasked() -> None:
    objects = _objects("base")
    budgets = {one["metadata"]["name"] for one in objects if one["kind"] == "PodDisruptionBudget"}
    assert budgets == set(ROOMS)
    policies = {one["metadata"]["name"]: one["spec"] for one in objects if one["kind"] == "NetworkPolicy"}
    assert policies["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (outside,) = policies["outside"]["egress"]
    assert "10.0.0.0/8" in outside["to"][0]["ipBlock"]["except"]


def test_the_overlay_speaks_to_kafka_by_tls_with_rights_on_its_own_names_only() -> None:
    objects = _objects("overlays/strimzi")
    (config,) = [one for one in objects if one["kind"] == "ConfigMap" and "MEDPULSE_KAFKA" in one["data"]]
    address = kafka_address(config["data"]["MEDPULSE_KAFKA"])
    (user,) = [one for one in objects if one["kind"] == "KafkaUser"]
    assert address.tls
    assert address.username == user["metadata"]["name"]
    (topics,) = [a["resource"] for a in user["spec"]["authorization"]["acls"] if a["resource"]["type"] == "topic"]
    assert all(topic.name.startswith(topics["name"]) for topic in TOPICS)
    (container,) = _deployments("overlays/strimzi")["worker"]["template"]["spec"]["containers"]
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    files = [address.named[key] for key in ("password_file", "ca_file")]
    assert all(any(file.startswith(f"{mount}/") for mount in mounts) for file in files)


def _restricted(pod: dict[str, Any], containers: list[dict[str, Any]]) -> bool:
    """Whether a namespace that enforces the standard ``restricted`` takes the pod."""
    return (
        pod["securityContext"]["runAsNonRoot"]
        and pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        and all(
            c["securityContext"]["allowPrivilegeEscalation"] is False
            and c["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            for c in containers
        )
    )


def test_the_namespace_takes_every_pod_and_those_of_the_kafka_operator_too() -> None:
    objects = _objects("overlays/strimzi")
    (namespace,) = [one for one in objects if one["kind"] == "Namespace"]
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    owned = [one["spec"]["template"]["spec"] for one in objects if one["kind"] in {"Deployment", "StatefulSet"}]
    assert len(owned) == len(ROOMS) + 1
    assert all(_restricted(pod, pod["containers"]) for pod in owned)
    (nodes,) = [one["spec"]["template"] for one in objects if one["kind"] == "KafkaNodePool"]
    (kafka,) = [one["spec"]["entityOperator"] for one in objects if one["kind"] == "Kafka"]
    assert _restricted(nodes["pod"], [nodes["kafkaContainer"]])
    assert _restricted(kafka["template"]["pod"], [kafka["template"]["userOperatorContainer"]])


def test_brokers_may_speak_to_one_another_and_rooms_to_them() -> None:
    objects = _objects("overlays/strimzi")
    policies = {one["metadata"]["name"]: one["spec"] for one in objects if one["kind"] == "NetworkPolicy"}
    (pool,) = [one for one in objects if one["kind"] == "KafkaNodePool"]
    brokers = {"strimzi.io/cluster": pool["metadata"]["labels"]["strimzi.io/cluster"]}
    kafka = policies["kafka"]
    assert kafka["podSelector"] == {"matchLabels": brokers}
    among, api = kafka["egress"]
    assert among["to"] == [{"podSelector": {"matchLabels": brokers}}]
    assert [one["port"] for one in among["ports"]] == [9090, 9091, 9093]
    assert "to" not in api
    (listener,) = next(one for one in objects if one["kind"] == "Kafka")["spec"]["kafka"]["listeners"]
    assert listener["port"] in [one["port"] for rule in policies["rooms"]["egress"] for one in rule["ports"]]


def test_workers_are_scaled_on_lag_up_to_the_partitions() -> None:
    (scaled,) = [one for one in _objects("overlays/strimzi") if one["kind"] == "ScaledObject"]
    (trigger,) = scaled["spec"]["triggers"]
    assert re.search(r"medpulse_lag_messages\{group=\"medpulse-streams\"\}", trigger["metadata"]["query"])
    assert scaled["spec"]["scaleTargetRef"]["name"] == "worker"
    assert "replicas" not in _deployments("overlays/strimzi")["worker"], "an apply would undo what KEDA set"
    assert scaled["spec"]["maxReplicaCount"] == max(topic.partitions for topic in TOPICS)
