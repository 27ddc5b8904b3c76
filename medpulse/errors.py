"""Failures that an operator can do something about: one line that names the cause and the remedy, and exit code 1."""

from __future__ import annotations

from aiokafka.errors import KafkaError
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisAway

from alerts.configuration import ConfigurationError
from events.addresses import BadAddress
from events.kafka import BrokerAway
from events.secrets import MissingSecret, hide
from events.view.catalog import UnknownMetric
from medpulse.embedded.process import PortTaken, ServerFailed
from medpulse.embedded.running import AlreadyRunning
from medpulse.settings import SettingsError
from scrapers.source import CatalogError
from streams.enrich.files import BadRegister, BadTaxonomy


class Failure(Exception):
    """A command cannot do what was asked; the text says why and what to do."""


REMEDIES: dict[type[BaseException], str] = {
    BrokerAway: "start it, or unset MEDPULSE_KAFKA and MEDPULSE_REDIS to use the embedded servers",
    AlreadyRunning: "stop it first, or give another folder in MEDPULSE_HOME",
    MissingSecret: "docs/operations.md has examples",  # pragma: allowlist secret
    SettingsError: "docs/operations.md lists the settings",
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
    KafkaError,
    RedisError,
    UnknownMetric,
    PortTaken,
    ServerFailed,
    AlreadyRunning,
    SettingsError,
    CatalogError,
    ConfigurationError,
    BadRegister,
    BadTaxonomy,
    BadAddress,
    MissingSecret,
    OSError,
)


def in_words(error: BaseException) -> str:
    """What to print for an expected failure, on one line: its own text, and the remedy where we know one."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        text = f"{error.filename}: {error.strerror}"
    else:
        text = str(error) or type(error).__name__
    text = hide(one_line(text))
    remedy = next((REMEDIES[kind] for kind in type(error).__mro__ if kind in REMEDIES), None)
    return f"{text} ({remedy})" if remedy else text


def expected(error: BaseException) -> BaseException | None:
    """The failure to tell of: the error itself, or the first of a task group whose errors were all expected; else None."""
    if isinstance(error, BaseExceptionGroup):
        found = [expected(one) for one in error.exceptions]
        return found[0] if all(found) else None
    return error if isinstance(error, EXPECTED) else None


def one_line(text: str, most: int = 2000) -> str:
    """The text with its line breaks folded and what no terminal should be sent escaped, ``most`` characters at the most."""
    folded = " ".join(text.split())
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in folded)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
