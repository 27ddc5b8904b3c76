"""What the deployment runs and tells people to run is there: commands of medpulse, the rooms, Compose's services."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.core import TyperGroup
from typer.main import get_command

from medpulse.cli import whole
from medpulse.commands.run import Room

ROOT = Path(__file__).parents[2]
FILES = sorted(
    [
        ROOT / "docker-compose.yml",
        *(ROOT / "deploy" / "k8s").rglob("*.yaml"),
        *(ROOT / "deploy" / "prometheus").glob("*.yml"),
        *(ROOT / "deploy" / "alertmanager").glob("*.yml"),
    ]
)
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
ACTIONS = [
    rule["annotations"]["action"]
    for group in yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]


def test_a_container_runs_every_room_and_nothing_else() -> None:
    run = {tuple(one["command"]) for one in COMPOSE["services"].values() if one.get("command", [""])[0] == "medpulse"}
    assert run == {("medpulse", "run", room.value) for room in Room}
    lines = [line for file in FILES for line in re.findall(r"\[medpulse, (.+)\]", file.read_text(encoding="utf-8"))]
    assert set(lines) == {f"run, {room.value}" for room in Room}


@pytest.mark.parametrize("action", ACTIONS)
def test_what_an_alert_tells_an_operator_to_run_is_there(action: str) -> None:
    root = get_command(whole())
    assert isinstance(root, TyperGroup)
    for name, following in re.findall(r"medpulse ([a-z]+) ([a-z]+)", action):
        command = root.commands[name]
        assert not isinstance(command, TyperGroup) or following in command.commands
    for service in re.findall(r"docker compose (?:ps|logs|restart) ([a-z]+)\b", action):
        assert service in COMPOSE["services"]
