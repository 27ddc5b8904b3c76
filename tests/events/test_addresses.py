"""Addresses and secrets: what is taken, what is refused in words, and that no secret leaves the process."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from redis.connection import HiredisRespSerializer
from redis.exceptions import DataError

from events.addresses import BadAddress, kafka_address, kafka_client, redis_client, unanswered
from events.secrets import MASK, MissingSecret, hide, read_secret, remember
from medpulse.logs import configure
from medpulse.settings import Settings, SettingsError, settings

PASSWORD = "correct-horse-battery"  # pragma: allowlist secret
HOOK = "https://hooks.slack.com/services"
BOT = "xoxb-1234-abcdefgh"  # pragma: allowlist secret


def test_servers_alone_are_spoken_to_in_the_clear() -> None:
    assert kafka_client("a:9092,b:9093") == {
        "bootstrap_servers": ["a:9092", "b:9093"],
        "security_protocol": "PLAINTEXT",
    }


def test_a_login_names_its_password_and_keeps_certificates_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", PASSWORD)
    found = kafka_client("sasl_ssl://medpulse@k1:9093,k2:9093?password_env=KAFKA_PASSWORD")
    assert (found["security_protocol"], found["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-512")
    assert (found["sasl_plain_username"], found["sasl_plain_password"]) == ("medpulse", PASSWORD)
    assert found["ssl_context"].check_hostname
    assert found["bootstrap_servers"] == ["k1:9093", "k2:9093"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("kafka", "is not host:port"),
        ("kafka:http", "is not host:port"),
        ("a:9092,", "is not host:port"),
        ("http://a:9092", "http:// is not known"),
        ("sasl_ssl://a:9093", "sasl_ssl://user@host:port"),
        ("sasl_ssl://me:secret@a:9093?password_env=X", "sasl_ssl://user@host:port"),  # pragma: allowlist secret
        ("sasl_ssl://me@a:9093", "the password is missing"),
        ("sasl_ssl://me@a:9093?password_env=X&mechanism=MD5", "mechanism MD5 is not known"),
        ("ssl://me@a:9093", "a user is given without a login"),
        ("a:9092?ca_file=/ca.pem", "certificates are given without TLS"),
        ("ssl://a:9093?verify=false", "the parameter verify is not known"),
        ("ssl://a:9093?ca_file=", "the parameter ca_file is empty"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_words(address: str, told: str) -> None:
    with pytest.raises(BadAddress, match=told):
        kafka_address(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://a:6379",
        "rediss://a:6379/0?ssl_cert_reqs=none",
        "redis://a:6379/0?ca_file=/ca.pem",
        "redis://a:port/0",
    ],
)
def test_a_redis_url_that_cannot_be_used_or_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(BadAddress):
        redis_client(url)


def test_a_redis_password_comes_from_the_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    client = redis_client(f"rediss://medpulse@r:6380/2?password_file={tmp_path / 'password'}&ca_file=/ca.pem")
    told = client.connection_pool.connection_kwargs
    assert (told["username"], told["password"], told["db"], told["ssl_ca_certs"]) == (
        "medpulse",
        PASSWORD,
        2,
        "/ca.pem",
    )


@given(
    st.sampled_from(["SET", "CONFIG GET", b"SET", b"CONFIG GET"]),
    st.lists(
        st.one_of(
            st.text(st.characters(codec="utf-8")), st.binary(), st.integers(), st.floats(), st.binary().map(bytearray)
        )
    ),
)
def test_a_command_is_written_as_redis_py_writes_it(command: str | bytes, args: list[Any]) -> None:
    theirs: Any = HiredisRespSerializer()
    assert _connection().pack_command(command, *args) == theirs.pack(command, *args)


def test_a_command_that_cannot_be_written_is_refused_by_redis_py() -> None:
    with pytest.raises(DataError):
        _connection().pack_command("SET", "key", None)


def _connection() -> Any:
    pool: Any = redis_client("redis://127.0.0.1:6379").connection_pool
    return pool.make_connection()


@pytest.mark.parametrize("named", [{"env": "NOBODY_SETS_THIS", "file": None}, {"env": None, "file": "/nowhere/secret"}])
def test_a_secret_that_is_missing_is_named_by_its_place(named: dict[str, str | None]) -> None:
    place = named["env"] or named["file"]
    with pytest.raises(MissingSecret, match=str(place)):
        read_secret(**named, environ={})


def test_settings_say_which_variable_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDPULSE_KAFKA", "sasl_ssl://me@a:9093")
    monkeypatch.setenv("MEDPULSE_REDIS", "redis://a:6379/0")
    with pytest.raises(SettingsError, match="MEDPULSE_KAFKA: the password is missing"):
        settings()


def test_who_does_not_answer_is_told_without_the_files_of_the_secret() -> None:
    told = unanswered("sasl_ssl://me@a:9093?password_file=/run/secrets/kafka&ca_file=/ca.pem")
    assert "a:9093" in told
    assert "/ca.pem" in told
    assert "/run/secrets" not in told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://me:hunter2@r:6379/0 is away", f"redis://me:{MASK}@r:6379/0 is away"),  # pragma: allowlist secret
        (f"POST {HOOK}/T0/B0/abcDEF", f"POST {HOOK}/{MASK}"),
        ("Authorization: Bearer abcdefgh.ijkl", f"Authorization: Bearer {MASK}"),
        (f"token {BOT}", f"token {MASK}"),  # pragma: allowlist secret
        ("GET /x?api_key=0123&page=2", f"GET /x?api_key={MASK}&page=2"),
        ("medpulse.events at https://www.nmpa.gov.cn/a?id=2", "medpulse.events at https://www.nmpa.gov.cn/a?id=2"),
    ],
)
def test_what_looks_like_a_secret_is_masked_and_what_does_not_is_kept(text: str, shown: str) -> None:
    assert hide(text) == shown


def test_no_log_shows_a_secret_that_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    remember(PASSWORD)
    root = logging.getLogger()
    before, level, root.handlers = root.handlers, root.level, []
    try:
        configure(Settings(log="json", log_level="info"))
        structlog.get_logger().warning("away", error=ValueError(PASSWORD), said=f"it is {PASSWORD}", n=1)
        try:
            raise RuntimeError(PASSWORD)
        except RuntimeError:
            logging.getLogger("library").exception("failed with %s", PASSWORD)
    finally:
        root.handlers = before
        root.setLevel(level)
        structlog.reset_defaults()
    told = capsys.readouterr().err
    assert PASSWORD not in told
    assert told.count(MASK) >= 4
