"""What an operator runs into: addresses, ports and files that are wrong. Each is one line and exit code 1."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from tests.medpulse.command import left, medpulse, refused

NOWHERE = "127.0.0.1:1"


@pytest.fixture
def taken() -> Iterator[str]:
    """A port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield str(other.getsockname()[1])


@pytest.mark.parametrize("command", ["up", "events tail", "run worker", "run alerts", "replay {file}"])
def test_no_broker(tmp_path: Path, redis_url: str, command: str) -> None:
    file = tmp_path / "some.warc"
    file.touch()
    ended = medpulse(tmp_path, *command.format(file=file).split(), MEDPULSE_KAFKA=NOWHERE, MEDPULSE_REDIS=redis_url)
    refused(ended, f"no Kafka broker answers at {NOWHERE}", "unset MEDPULSE_KAFKA")


@pytest.mark.kafka
@pytest.mark.parametrize("command", ["up", "metrics get events", "run worker"])
def test_no_redis(tmp_path: Path, bootstrap: str, command: str) -> None:
    url = f"redis://user:secret-word@{NOWHERE}/0"  # pragma: allowlist secret
    ended = medpulse(tmp_path, *command.split(), MEDPULSE_KAFKA=bootstrap, MEDPULSE_REDIS=url)
    refused(ended, NOWHERE, "is Redis running at MEDPULSE_REDIS?")
    assert "secret-word" not in ended.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"MEDPULSE_KAFKA": NOWHERE}, "MEDPULSE_REDIS is not set"),
        ({"MEDPULSE_REDIS": f"redis://{NOWHERE}"}, "MEDPULSE_KAFKA is not set"),
        ({"MEDPULSE_KAFKA": NOWHERE, "MEDPULSE_REDIS": "nonsense:secret-word"}, "MEDPULSE_REDIS: Redis URL must"),
        ({"MEDPULSE_LOG_LEVEL": "loud"}, "MEDPULSE_LOG_LEVEL"),
        ({"MEDPULSE_SOURCES": "nope"}, "no source is called nope"),
    ],
)
def test_settings_that_cannot_be_used(tmp_path: Path, wrong: dict[str, str], said: str) -> None:
    ended = medpulse(tmp_path / "home", "up", **wrong)
    refused(ended, said)
    assert "secret-word" not in ended.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.kafka
def test_a_board_port_that_is_taken(tmp_path: Path, taken: str) -> None:
    refused(medpulse(tmp_path, "up", MEDPULSE_BOARD_PORT=taken), f"port {taken}", "set MEDPULSE_BOARD_PORT")
    assert left(tmp_path) == []


@pytest.mark.parametrize("variable", ["MEDPULSE_RULES", "MEDPULSE_RECEIVERS"])
@pytest.mark.parametrize("content", [None, "[[nope]\n", "[[nope]]\nid = 'a'\n"])
def test_a_rules_or_receivers_file_that_is_wrong(tmp_path: Path, variable: str, content: str | None) -> None:
    file = tmp_path / "own.toml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    refused(medpulse(tmp_path / "home", "up", **{variable: str(file)}), str(file))
    assert not (tmp_path / "home").exists(), "it is said before anything starts"


@pytest.mark.kafka
def test_a_wrong_rules_file_of_one_room(tmp_path: Path, redis_url: str, bootstrap: str) -> None:
    own = {"MEDPULSE_RULES": "/nowhere.toml", "MEDPULSE_KAFKA": bootstrap, "MEDPULSE_REDIS": redis_url}
    refused(medpulse(tmp_path, "run", "alerts", MEDPULSE_IDEMPOTENT="false", **own), "/nowhere.toml")
    refused(medpulse(tmp_path, "run", "alerts", **own), "set MEDPULSE_IDEMPOTENT=false")


def test_doctor_names_what_is_wrong(tmp_path: Path, taken: str, redis_url: str) -> None:
    ended = medpulse(
        tmp_path,
        "doctor",
        "--json",
        MEDPULSE_BOARD_PORT=taken,
        MEDPULSE_KAFKA=NOWHERE,
        MEDPULSE_REDIS=redis_url,
        MEDPULSE_RULES="/nowhere.toml",
    )
    assert ended.returncode == 1
    assert ended.stderr == ""
    rows = {row["what"]: row for row in orjson.loads(ended.stdout)}
    assert {what for what, row in rows.items() if row["well"] == "NO"} == {"board", "Kafka", "rules"}
    assert taken in rows["board"]["found"]
    assert f"no Kafka broker answers at {NOWHERE}" in rows["Kafka"]["found"]


def test_doctor_speaks_of_the_settings_too(tmp_path: Path) -> None:
    ended = medpulse(tmp_path, "doctor", "--json", MEDPULSE_BOARD_PORT="many")
    assert ended.returncode == 1
    assert "MEDPULSE_BOARD_PORT" in orjson.loads(ended.stdout)[-1]["found"]


def test_a_data_folder_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    refused(medpulse(file, "up"), str(file))
    assert medpulse(file, "doctor").returncode == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    refused(medpulse(tmp_path / "home", "up"), str(tmp_path), "Permission denied")
