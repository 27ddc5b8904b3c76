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
    """What an operator may set. Times are seconds.

    With ``kafka`` and ``redis`` unset, a broker and a store are started as child processes with ``home`` as their folder.
    ``contact`` goes into the user agent, so that a site can reach whoever polls it. ``inbox`` is the folder for pages that
    a person saved, ``inbox`` in ``home`` by default. ``schedule`` says whether polls are placed by the rhythms of the sources
    or evenly; ``polls_per_day`` is the budget of all sources together, by default what their cadences add up to.
    ``board_url`` is where readers of digests find the board.
    ``spool_mb`` bounds what a scraper process keeps on disk while Kafka is away.
    ``browser`` is the Chromium for sources whose pages need JavaScript; without it they are not asked.
    ``taxonomy``, ``companies`` and ``products`` are files to read by instead of those in ``streams/registry/``.
    A ``patient`` room waits at its start for servers that are away.
    ``board_token`` (or what ``board_token_file`` holds) is asked of those who look at the board; it is needed where the board
    listens beyond loopback, unless ``board_open`` says that it is not.
    """

    model_config = SettingsConfigDict(env_prefix="MEDPULSE_", env_ignore_empty=True, extra="ignore", frozen=True)

    home: Path = Path(".medpulse")
    kafka: str | None = None
    redis: str | None = None
    idempotent: bool | None = None
    patient: bool = False
    board_host: str = "127.0.0.1"
    board_port: int = Field(default=8642, ge=0, le=65535)
    board_token: SecretStr | None = None
    board_token_file: Path | None = None
    board_open: bool = False
    board_url: str | None = Field(default=None, pattern=r"^https?://[^\s<>\"]+$")
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    contact: str = "https://github.com/medpulse"
    inbox: Path | None = None
    rules: Path | None = None
    receivers: Path | None = None
    taxonomy: Path | None = None
    companies: Path | None = None
    products: Path | None = None
    routes: Path | None = None
    subscriptions: Path | None = None
    sources: str = ""
    schedule: Literal["learned", "cadence"] = "learned"
    polls_per_day: float | None = Field(default=None, gt=0)
    browser: Path | None = None
    spool_mb: int = Field(default=1024, ge=1)
    log: Literal["pretty", "json"] = "pretty"
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    debug: bool = False

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
