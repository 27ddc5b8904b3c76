"""Settings, from the environment (``MEDPULSE_…``) and nowhere else; defaults are the embedded run mode."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from events.addresses import kafka_address, redis_client


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used. The text names it."""


class Settings(BaseSettings):
    """What an operator may set; docs/operations.md tells the same to people, and a test holds its table to this class.

    With ``kafka`` and ``redis`` unset, a broker and a store are started as child processes with ``home`` as their folder.
    """

    model_config = SettingsConfigDict(env_prefix="MEDPULSE_", env_ignore_empty=True, extra="ignore", frozen=True)

    home: Path = Path(".medpulse")
    """The data folder: archive, spool, logs, and the files of the embedded servers."""

    kafka: str | None = None
    """Bootstrap servers (`events.addresses`). Given together with ``redis`` or not at all."""

    redis: str | None = None
    """The URL of the store (`events.addresses`)."""

    idempotent: bool | None = None
    """Whether to ask the broker for the idempotent producer; None: on a broker that is given, not on the embedded one."""

    patient: bool = False
    """Whether a room waits at its start for servers that are away, instead of ending with code 1."""

    board_host: str = "127.0.0.1"
    """The address that the board listens on."""

    board_port: int = Field(default=8642, ge=0, le=65535)
    """The board's port; 0 takes any free one."""

    board_token: SecretStr | None = None
    """What is asked of those who look at the board; needed where it listens beyond loopback, unless ``board_open``."""

    board_token_file: Path | None = None
    """A file that holds the token, instead of ``board_token``."""

    board_open: bool = False
    """Whether the board may listen beyond loopback and ask nobody: something before it does."""

    board_url: str | None = Field(default=None, pattern=r"^https?://[^\s<>\"]+$")
    """Where readers of digests find the board."""

    metrics_host: str = "127.0.0.1"
    """The address that a room's own port listens on (`events.probe`)."""

    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    """That port: ``/metrics``, ``/healthz`` and ``/readyz`` of a room; 0 takes any free one, None opens none."""

    contact: str = "https://github.com/medpulse"
    """Goes into the user agent, so that a site can reach whoever polls it."""

    inbox: Path | None = None
    """The folder for pages that a person saved; None: ``inbox`` in ``home``."""

    rules: Path | None = None
    """The rules file; None: ``alerts/default_rules.toml``."""

    receivers: Path | None = None
    """The receivers file; None: the console alone."""

    taxonomy: Path | None = None
    """What words mean; None: the file in ``streams/registry/``, as with ``companies`` and ``products``."""

    companies: Path | None = None
    """The register of companies."""

    products: Path | None = None
    """The register of products."""

    routes: Path | None = None
    """The routes file; None: ``alerts/default_routes.toml``."""

    subscriptions: Path | None = None
    """A file of subscriptions, or a folder with one file a person."""

    sources: str = ""
    """Ids of sources, comma-separated; empty for those of the catalogue that are polled by themselves."""

    schedule: Literal["learned", "cadence"] = "learned"
    """Whether polls are placed by the rhythms of the sources, or evenly."""

    polls_per_day: float | None = Field(default=None, gt=0)
    """The budget of all sources together; None: what their cadences add up to."""

    browser: Path | None = None
    """The Chromium for sources whose pages need JavaScript; without it they are not asked."""

    simulator: str | None = Field(default=None, pattern=r"^http://(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}/?$")
    """Where a simulated town (``python -m simulator.serve``) answers for every site; None asks the real ones."""

    spool_mb: int = Field(default=1024, ge=1)
    """What a scraper process keeps on disk while Kafka is away, in MiB at the most."""

    log: Literal["pretty", "json"] = "pretty"
    """How log lines are written, to standard error."""

    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    """The least level that is written."""

    debug: bool = False
    """Tracebacks instead of one line for a failure that is understood."""

    @field_validator("redis")
    @classmethod
    def _is_a_url(cls, url: str | None) -> str | None:
        if url is not None:
            redis_client(url)
        return url

    @field_validator("kafka")
    @classmethod
    def _is_an_address(cls, address: str | None) -> str | None:
        if address is not None:
            kafka_address(address)
        return address

    @property
    def embedded(self) -> bool:
        """Whether the broker and the store are our own child processes."""
        return self.kafka is None and self.redis is None

    @property
    def chosen_sources(self) -> tuple[str, ...]:
        """The ids in ``sources``, comma-separated; empty for the whole catalogue."""
        return tuple(filter(None, (one.strip() for one in self.sources.split(","))))


def settings() -> Settings:
    """The settings of this process. Raises `SettingsError`."""
    try:
        found = Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "MEDPULSE_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg'].removeprefix('Value error, ')}") from error
    if (found.kafka is None) != (found.redis is None):
        missing = "MEDPULSE_REDIS" if found.redis is None else "MEDPULSE_KAFKA"
        raise SettingsError(f"{missing} is not set: give both addresses, or neither for the embedded servers")
    return found
