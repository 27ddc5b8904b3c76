"""The receivers file: who is told, through which channel. Secrets are given by reference, never by value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, TypeAdapter, model_validator
from rich.console import Console

from alerts.channels.channel import Channel
from alerts.channels.console import ConsoleChannel
from alerts.channels.email import EmailChannel, Mailbox
from alerts.channels.slack import SlackChannel
from alerts.configuration import ConfigurationError, Strict, load_tables
from alerts.deliver import DAY_SECONDS, Receiver
from alerts.stages import Wanted
from events.base import Severity
from events.clock import Clock

_ADDRESS = r"^[^\r\n]*[^\s<>@\r\n]+@[^\s<>@\r\n]+>?$"
Address = Annotated[str, Field(pattern=_ADDRESS)]


class ReceiverBase(Strict):
    """What every receiver has. ``group_wait`` and ``give_up_after`` are seconds."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    rules: tuple[str, ...] = ()
    min_severity: Severity = Severity.INFO
    group_wait: Annotated[float, Field(ge=0)] = 0.0
    give_up_after: Annotated[float, Field(gt=0)] = DAY_SECONDS


class SlackReceiver(ReceiverBase):
    """An incoming webhook; exactly one of ``url_env`` (a variable) and ``url_file`` says where its URL is."""

    channel: Literal["slack"]
    url_env: str | None = None
    url_file: Path | None = None

    @model_validator(mode="after")
    def _one_reference(self) -> Self:
        if (self.url_env is None) == (self.url_file is None):
            raise ValueError("give exactly one of `url_env` (name of a variable) and `url_file` (path of a file)")
        return self


class EmailReceiver(ReceiverBase):
    """A mailbox or several. ``security``: ``starttls`` (the default), ``tls``, or ``none`` for a relay on this machine."""

    channel: Literal["email"]
    host: str
    port: Annotated[int, Field(ge=1, le=65_535)] = 587
    sender: Address
    to: Annotated[tuple[Address, ...], Field(min_length=1)]
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password_env: str | None = None
    password_file: Path | None = None
    unsubscribe: Annotated[str, Field(pattern=r"^(mailto:|https://)[^\s<>]+$")] | None = None
    ca_file: str | None = None

    @model_validator(mode="after")
    def _log_in_safely(self) -> Self:
        if self.password_env is not None and self.password_file is not None:
            raise ValueError("give only one of `password_env` and `password_file`")
        has_password = self.password_env is not None or self.password_file is not None
        if has_password != (self.username is not None):
            raise ValueError("`username` and `password_env` or `password_file` are given together or not at all")
        if has_password and self.security == "none":
            raise ValueError("a password is not sent in the clear: set `security` to starttls or tls")
        return self


class ConsoleReceiver(ReceiverBase):
    """The terminal that medpulse runs in."""

    channel: Literal["console"]


AnyReceiver = SlackReceiver | EmailReceiver | ConsoleReceiver
_RECEIVER: TypeAdapter[AnyReceiver] = TypeAdapter(Annotated[AnyReceiver, Field(discriminator="channel")])
_MODELS = (SlackReceiver, EmailReceiver, ConsoleReceiver)
_KNOWN = tuple(dict.fromkeys(key for model in _MODELS for key in model.model_fields))
DEFAULT = (ConsoleReceiver(id="console", channel="console"),)


def load_receivers(path: Path | None) -> tuple[AnyReceiver, ...]:
    """The ``[[receiver]]`` tables of a TOML file; the console where there is no file, or none in it.

    Raises `ConfigurationError`.
    """
    return (load_tables(path, "receiver", _RECEIVER, _KNOWN) if path else ()) or DEFAULT


def open_receivers(
    settings: Sequence[AnyReceiver], env: Mapping[str, str], clock: Clock, console: Console | None = None
) -> tuple[Receiver, ...]:
    """The receivers, ready to be told. Raises `ConfigurationError` for a secret that is not where it should be."""
    return tuple(
        Receiver(
            receiver.id,
            receiver.channel,
            _channel(receiver, env, clock, console),
            Wanted(receiver.rules, receiver.min_severity),
            receiver.group_wait,
            receiver.give_up_after,
        )
        for receiver in settings
    )


def _channel(receiver: AnyReceiver, env: Mapping[str, str], clock: Clock, console: Console | None) -> Channel:
    match receiver:
        case SlackReceiver():
            url = _secret(receiver.id, "url", receiver.url_env, receiver.url_file, env)
            if url is None or not url.get_secret_value().startswith(("https://", "http://127.0.0.1")):
                raise ConfigurationError(f"receiver {receiver.id!r}: the webhook's URL must start with https://")
            return SlackChannel(url, clock)
        case EmailReceiver():
            password = _secret(receiver.id, "password", receiver.password_env, receiver.password_file, env)
            box = receiver.model_dump(include={"host", "port", "sender", "to", "security", "username", "unsubscribe"})
            return EmailChannel(Mailbox(**box, ca_file=receiver.ca_file, password=password), clock)
        case ConsoleReceiver():
            return ConsoleChannel(console)


def _secret(
    receiver: str, what: str, variable: str | None, file: Path | None, env: Mapping[str, str]
) -> SecretStr | None:
    if variable is not None:
        if not env.get(variable):
            raise ConfigurationError(f"receiver {receiver!r}: {what}_env names {variable}, which is not set; export it")
        return SecretStr(env[variable].strip())
    if file is not None:
        try:
            return SecretStr(file.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            text = f"receiver {receiver!r}: {what}_file {file} cannot be read ({type(error).__name__})"
            raise ConfigurationError(text) from error
    return None
