"""Failures that an operator can do something about: one line that names the cause and the remedy, and exit code 1."""

from __future__ import annotations

from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisAway

from events.kafka import BrokerAway
from events.view.catalog import UnknownMetric
from medpulse.embedded.process import PortTaken, ServerFailed
from medpulse.embedded.running import AlreadyRunning
from medpulse.settings import SettingsError
from scrapers.source import CatalogError


class Failure(Exception):
    """A command cannot do what was asked; the text says why and what to do."""


REMEDIES: dict[type[BaseException], str] = {
    BrokerAway: "start it, or unset MEDPULSE_KAFKA and MEDPULSE_REDIS to use the embedded servers",
    AlreadyRunning: "stop it first, or give another folder in MEDPULSE_HOME",
    SettingsError: "see `medpulse doctor`",
    CatalogError: "correct the file; `medpulse sources list` reads the whole catalogue",
    AuthenticationError: "check the user and the password in MEDPULSE_REDIS",
    RedisAway: "is Redis running at MEDPULSE_REDIS?",
    UnknownMetric: "see `medpulse metrics list`",
    FileNotFoundError: "check the path",
    IsADirectoryError: "give a file, not a folder",
    PermissionError: "check who may read or write it",
}
EXPECTED = (
    Failure,
    BrokerAway,
    RedisError,
    UnknownMetric,
    PortTaken,
    ServerFailed,
    AlreadyRunning,
    SettingsError,
    CatalogError,
    OSError,
)


def in_words(error: BaseException) -> str:
    """What to print for an expected failure: its own text, and the remedy where we know one."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        text = f"{error.filename}: {error.strerror}"
    else:
        text = str(error) or type(error).__name__
    remedy = next((REMEDIES[kind] for kind in type(error).__mro__ if kind in REMEDIES), None)
    return f"{text} ({remedy})" if remedy else text
