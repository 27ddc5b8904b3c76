"""The receivers file: who is told, through which channel. Secrets are given by reference, never by value."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, TypeAdapter, model_validator

from alerts.configuration import Strict, load_tables
from alerts.deliver import DAY_SECONDS
from alerts.digest.settings import DigestSettings
from events.base import Severity

_ADDRESS = r"^[^\r\n]*[^\s<>@\r\n]+@[^\s<>@\r\n]+>?$"
Address = Annotated[str, Field(pattern=_ADDRESS)]
HOUR_SECONDS = 3600.0


class ReceiverBase(Strict):
    """What every receiver has. ``group_wait`` and ``give_up_after`` are seconds."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    rules: tuple[str, ...] = ()
    min_severity: Severity = Severity.INFO
    group_wait: Annotated[float, Field(ge=0)] = 0.0
    give_up_after: Annotated[float, Field(gt=0)] = DAY_SECONDS
    digest: DigestSettings | None = None


class SlackReceiver(ReceiverBase):
    """An incoming webhook (``url_env`` or ``url_file``), or a bot (``token_env`` or ``token_file``, and a ``conversation``)."""

    channel: Literal["slack"]
    url_env: str | None = None
    url_file: Path | None = None
    token_env: str | None = None
    token_file: Path | None = None
    conversation: Annotated[str, Field(pattern=r"^[A-Z0-9]{3,32}$")] | None = None

    @model_validator(mode="after")
    def _one_reference(self) -> Self:
        _exactly_one(self, "url_env", "url_file", "token_env", "token_file")
        if (self.conversation is not None) != self.by_bot:
            raise ValueError(
                "`conversation` (the channel's id, such as C012AB3CD) goes with a bot's token, and only with one"
            )
        return self

    @property
    def by_bot(self) -> bool:
        return self.token_env is not None or self.token_file is not None


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
        has_password = _log_in(self)
        if has_password and self.security == "none":
            raise ValueError("a password is not sent in the clear: set `security` to starttls or tls")
        return self


class WebhookReceiver(ReceiverBase):
    """A URL that takes CloudEvents. ``secret_env`` or ``secret_file`` names the key that signs them.

    http in the clear is taken for a host of this machine, and for others where ``cleartext`` says so.
    """

    channel: Literal["webhook"]
    url: str | None = None
    url_env: str | None = None
    url_file: Path | None = None
    secret_env: str | None = None
    secret_file: Path | None = None
    ca_file: str | None = None
    cleartext: bool = False

    @model_validator(mode="after")
    def _references(self) -> Self:
        _exactly_one(self, "url", "url_env", "url_file")
        _at_most_one(self, "secret_env", "secret_file")
        return self


class AlertmanagerReceiver(ReceiverBase):
    """An Alertmanager by its base URL. An alert ends ``hold_hours`` after it was sent, unless it is resolved before."""

    channel: Literal["alertmanager"]
    url: Annotated[str, Field(pattern=r"^https?://[^\s@]+$")]
    username: str | None = None
    password_env: str | None = None
    password_file: Path | None = None
    ca_file: str | None = None
    hold_hours: Annotated[float, Field(gt=0, le=24 * 366)] = 24.0

    @model_validator(mode="after")
    def _references(self) -> Self:
        if _log_in(self) and not self.url.startswith("https://"):
            raise ValueError("a password is not sent in the clear: use https")
        if self.digest is not None:
            raise ValueError("Alertmanager shows alerts, not digests; give the digest to another receiver")
        return self


class AppriseReceiver(ReceiverBase):
    """A URL of apprise; it holds the service's secrets, so a variable or a file holds it."""

    channel: Literal["apprise"]
    url_env: str | None = None
    url_file: Path | None = None

    @model_validator(mode="after")
    def _one_reference(self) -> Self:
        _exactly_one(self, "url_env", "url_file")
        return self


class ConsoleReceiver(ReceiverBase):
    """The terminal that medpulse runs in."""

    channel: Literal["console"]


AnyReceiver = SlackReceiver | EmailReceiver | WebhookReceiver | AlertmanagerReceiver | AppriseReceiver | ConsoleReceiver
_RECEIVER: TypeAdapter[AnyReceiver] = TypeAdapter(Annotated[AnyReceiver, Field(discriminator="channel")])
_MODELS = (SlackReceiver, EmailReceiver, WebhookReceiver, AlertmanagerReceiver, AppriseReceiver, ConsoleReceiver)
_KNOWN = tuple(dict.fromkeys(key for model in (*_MODELS, DigestSettings) for key in model.model_fields))
DEFAULT = (ConsoleReceiver(id="console", channel="console"),)


def load_receivers(path: Path | None) -> tuple[AnyReceiver, ...]:
    """The ``[[receiver]]`` tables of a TOML file; the console where there is no file, or none in it.

    Raises `ConfigurationError`.
    """
    return (load_tables(path, "receiver", _RECEIVER, _KNOWN) if path else ()) or DEFAULT


def _given(model: BaseModel, names: tuple[str, ...]) -> int:
    return sum(getattr(model, name) is not None for name in names)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names[:-1]) + f" and `{names[-1]}`"


def _exactly_one(model: BaseModel, *names: str) -> None:
    if _given(model, names) != 1:
        raise ValueError(f"give exactly one of {_listed(names)} (…_env: name of a variable, …_file: path of a file)")


def _at_most_one(model: BaseModel, *names: str) -> None:
    if _given(model, names) > 1:
        raise ValueError(f"give only one of {_listed(names)}")


def _log_in(model: EmailReceiver | AlertmanagerReceiver) -> bool:
    """Whether there is a password. Raises ValueError for one without a name, and the other way round."""
    _at_most_one(model, "password_env", "password_file")
    has_password = model.password_env is not None or model.password_file is not None
    if has_password != (model.username is not None):
        raise ValueError("`username` and `password_env` or `password_file` are given together or not at all")
    return has_password
