"""docker-compose.yml and the image: what can be held without a Docker daemon."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.opening import open_receivers
from alerts.receivers import load_receivers
from events.clock import SystemClock
from medpulse.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
BROKERS = ("kafka-1", "kafka-2", "kafka-3")
ROOMS = ("scraper", "worker", "alerts", "board")
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def test_the_services_are_the_rooms_and_their_servers() -> None:
    assert set(SERVICES) == {*ROOMS, *BROKERS, "redis", "prometheus", "alertmanager", "grafana"}


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned_to_a_version(name: str) -> None:
    assert re.search(r":v?\d+\.\d+", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_every_port_is_published_on_loopback_only(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_gets_no_new_rights_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["security_opt"] == ["no-new-privileges:true"]
    if name not in BROKERS:  # its image's start script needs what it has
        assert service["cap_drop"] == ["ALL"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_waited_for_can_say_that_it_is_ready(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert how == {"condition": "service_healthy"}
        assert SERVICES[other]["healthcheck"]["test"]


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_runs_its_command_as_nobody_on_a_read_only_root(name: str) -> None:
    room = SERVICES[name]
    assert room["command"] == ["medpulse", "run", name]
    assert room["user"] == "10001:10001"
    assert room["read_only"] is True
    assert set(room["depends_on"]) == {*BROKERS, "redis"}
    assert room["build"]["dockerfile"] == "deploy/Dockerfile"


@pytest.mark.parametrize("name", ROOMS)
def test_a_rooms_settings_are_known_and_lead_to_the_servers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = SERVICES[name]["environment"]
    fields = {f"MEDPULSE_{field.upper()}" for field in Settings.model_fields}
    assert set(given) <= fields
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    settings = Settings()
    assert settings.kafka == ",".join(f"{broker}:9092" for broker in BROKERS)
    for broker in BROKERS:
        assert SERVICES[broker]["environment"]["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{broker}:9092"
    assert settings.redis == "redis://redis:6379/0"
    if name == "board":
        assert (settings.board_host, settings.board_port) == ("0.0.0.0", 8642)
        assert SERVICES[name]["ports"] == [f"127.0.0.1:{settings.board_port}:{settings.board_port}"]


def test_every_volume_and_mounted_folder_exists() -> None:
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            assert (ROOT / source).is_dir() if source.startswith(".") else source in COMPOSE["volumes"]


def test_redis_keeps_what_it_has_answered_for_and_evicts_nothing() -> None:
    command = SERVICES["redis"]["command"]
    settings = dict(zip(command[1::2], command[2::2], strict=True))
    assert settings["--appendonly"] == "yes"
    assert settings["--maxmemory-policy"] == "noeviction"


def test_compose_and_the_integration_tests_use_one_version_of_kafka() -> None:
    pom = (ROOT / "deploy" / "kafka" / "pom.xml").read_text(encoding="utf-8")
    found = re.search("<kafka.version>(.+)</kafka.version>", pom)
    assert found
    assert {SERVICES[broker]["image"] for broker in BROKERS} == {f"apache/kafka:{found[1]}"}


def test_topics_appear_only_when_they_are_created() -> None:
    assert all(SERVICES[broker]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false" for broker in BROKERS)
    template = (ROOT / "deploy" / "kafka" / "server.properties.template").read_text(encoding="utf-8")
    assert "auto.create.topics.enable=false" in template


def test_the_receivers_file_is_read_and_its_examples_too(tmp_path: Path) -> None:
    file = ROOT / "deploy" / "config" / "receivers.toml"
    assert [receiver.id for receiver in load_receivers(file)] == ["console"]
    examples = tmp_path / "receivers.toml"
    active = re.sub(r"^# (?=\[\[|\w+ = )", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    examples.write_text(active, encoding="utf-8")
    receivers = load_receivers(examples)
    named = ["console", "team-slack", "analysts", "team-bot", "data-platform", "alertmanager", "feishu"]
    assert [receiver.id for receiver in receivers] == named
    secrets = {
        "SLACK_WEBHOOK": "https://hooks.slack.com/services/T/B/x",
        "SMTP_PASSWORD": "x",
        "SLACK_TOKEN": "x",
        "WEBHOOK_SECRET": f"whsec_{'A' * 40}",
        "FEISHU_URL": "feishu://abcdef1234567890",
    }
    assert len(open_receivers(receivers, secrets, SystemClock())) == len(named)


def test_the_image_is_built_from_locked_hashes_in_two_stages_and_is_not_root() -> None:
    assert DOCKERFILE.count("\nFROM ") + DOCKERFILE.startswith("FROM ") == 2
    assert "--require-hashes -r /src/requirements.lock" in DOCKERFILE
    assert DOCKERFILE.index("USER 10001:10001") > DOCKERFILE.rindex("RUN ")
    assert len(set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))) == 1


def test_the_image_has_every_package_and_the_builder_is_shown_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    copied = set(re.findall(r"^COPY (\w+) /src/\1$", DOCKERFILE, re.MULTILINE))
    assert copied == packages
    ignore = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    shown = {line[1:] for line in ignore if line.startswith("!")}
    assert ignore[1] == "*"
    assert shown == packages | {"pyproject.toml", "README.md", "LICENSE", "requirements.lock"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries"} <= set(check)


def test_the_brokers_are_one_cluster_that_survives_one_of_them() -> None:
    settings = [SERVICES[broker]["environment"] for broker in BROKERS]
    assert [one["KAFKA_NODE_ID"] for one in settings] == ["1", "2", "3"]
    assert len({one["KAFKA_CONTROLLER_QUORUM_VOTERS"] for one in settings}) == 1
    assert len({one["CLUSTER_ID"] for one in settings}) == 1
    for one in settings:
        assert one["KAFKA_DEFAULT_REPLICATION_FACTOR"] == one["KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR"] == "3"
        assert one["KAFKA_MIN_INSYNC_REPLICAS"] == "2"
    assert len({volume for broker in BROKERS for volume in SERVICES[broker]["volumes"]}) == 3


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_limits(name: str) -> None:
    assert SERVICES[name]["mem_limit"]
    assert SERVICES[name]["cpus"] <= 1.0, "a machine with fewer would refuse to start it"
    assert SERVICES[name]["pids_limit"]


def test_work_is_shared_and_taken_over() -> None:
    replicas = {name: SERVICES[name].get("deploy", {}).get("replicas", 1) for name in ROOMS}
    assert replicas == {"scraper": 2, "worker": 3, "alerts": 2, "board": 1}


def test_the_file_is_what_the_compose_specification_says() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    ended = subprocess.run([*command, ROOT / "docker-compose.yml"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout
