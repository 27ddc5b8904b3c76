"""Receivers made ready: their channels opened, with the secrets that their settings point to."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr
from redis.asyncio import Redis
from rich.console import Console

from alerts.channels.alertmanager import AlertmanagerChannel
from alerts.channels.apprise import AppriseChannel
from alerts.channels.apprise.channel import BadUrl
from alerts.channels.channel import Channel
from alerts.channels.console import ConsoleChannel
from alerts.channels.email import EmailChannel, Mailbox
from alerts.channels.http import Target
from alerts.channels.memory import Memory, RedisMemory, ShortMemory
from alerts.channels.slack import SlackBotChannel, SlackChannel
from alerts.channels.slack.bot import Bot
from alerts.channels.webhook import WebhookChannel
from alerts.channels.webhook.sign import BadSecret
from alerts.configuration import ConfigurationError
from alerts.deliver import Receiver
from alerts.receivers import (
    HOUR_SECONDS,
    AlertmanagerReceiver,
    AnyReceiver,
    AppriseReceiver,
    ConsoleReceiver,
    EmailReceiver,
    SlackReceiver,
    WebhookReceiver,
)
from alerts.stages.wanted import Wanted
from events.clock import Clock
from events.secrets import MissingSecret, read_secret

_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


def open_receivers(
    settings: Sequence[AnyReceiver],
    env: Mapping[str, str],
    clock: Clock,
    console: Console | None = None,
    redis: Redis | None = None,
) -> tuple[Receiver, ...]:
    """The receivers, ready to be told. Raises `ConfigurationError` for a secret that is not where it should be.

    ``redis`` keeps what channels remember across restarts: without one, threads end with the process.
    """
    return tuple(
        Receiver(
            receiver.id,
            receiver.channel,
            _channel(receiver, env, clock, console, redis),
            Wanted(receiver.rules, receiver.min_severity),
            receiver.group_wait,
            receiver.give_up_after,
        )
        for receiver in settings
    )


def _channel(
    receiver: AnyReceiver, env: Mapping[str, str], clock: Clock, console: Console | None, redis: Redis | None
) -> Channel:
    secrets = _Secrets(receiver.id, env)
    match receiver:
        case SlackReceiver() if receiver.by_bot:
            token = secrets.needed("token", receiver.token_env, receiver.token_file)
            memory: Memory = RedisMemory(redis, receiver.id) if redis is not None else ShortMemory()
            return SlackBotChannel(Bot(token, receiver.conversation or ""), clock, memory)
        case SlackReceiver():
            url = secrets.needed("url", receiver.url_env, receiver.url_file)
            return SlackChannel(_safe(receiver.id, url), clock)
        case EmailReceiver():
            password = secrets.found("password", receiver.password_env, receiver.password_file)
            box = receiver.model_dump(include={"host", "port", "sender", "to", "security", "username", "unsubscribe"})
            return EmailChannel(
                Mailbox(**box, ca_file=_readable(receiver.id, receiver.ca_file), password=password), clock
            )
        case WebhookReceiver():
            return _webhook(receiver, secrets, clock)
        case AlertmanagerReceiver():
            return _alertmanager(receiver, secrets, clock)
        case AppriseReceiver():
            try:
                return AppriseChannel(secrets.needed("url", receiver.url_env, receiver.url_file))
            except BadUrl as error:
                raise ConfigurationError(f"receiver {receiver.id!r}: {error}") from None
        case ConsoleReceiver():
            return ConsoleChannel(console)


def _webhook(receiver: WebhookReceiver, secrets: _Secrets, clock: Clock) -> WebhookChannel:
    url = SecretStr(receiver.url) if receiver.url else secrets.needed("url", receiver.url_env, receiver.url_file)
    target = Target(_safe(receiver.id, url, receiver.cleartext), ca_file=_readable(receiver.id, receiver.ca_file))
    try:
        return WebhookChannel(target, clock, secrets.found("secret", receiver.secret_env, receiver.secret_file))
    except BadSecret as error:
        raise ConfigurationError(f"receiver {receiver.id!r}: {error}") from None


def _alertmanager(receiver: AlertmanagerReceiver, secrets: _Secrets, clock: Clock) -> AlertmanagerChannel:
    password = secrets.found("password", receiver.password_env, receiver.password_file)
    headers = {}
    if password is not None:
        pair = f"{receiver.username}:{password.get_secret_value()}".encode()
        headers["Authorization"] = SecretStr(f"Basic {base64.b64encode(pair).decode()}")
    url = SecretStr(receiver.url.rstrip("/") + "/api/v2/alerts")
    target = Target(url, headers, _readable(receiver.id, receiver.ca_file))
    return AlertmanagerChannel(target, clock, receiver.hold_hours * HOUR_SECONDS)


def _safe(receiver: str, url: SecretStr, cleartext: bool = False) -> SecretStr:
    """The URL, if it is https, or http where that is harmless or asked for. Raises `ConfigurationError`."""
    try:
        parts = urlsplit(url.get_secret_value())
        clear = parts.scheme == "http" and (cleartext or parts.hostname in _THIS_MACHINE)
        usable = bool(parts.hostname) and (parts.scheme == "https" or clear)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(f"receiver {receiver!r}: the URL must start with https://")
    return url


def _readable(receiver: str, ca_file: str | None) -> str | None:
    if ca_file is not None and not Path(ca_file).is_file():
        raise ConfigurationError(f"receiver {receiver!r}: ca_file {ca_file} is no file")
    return ca_file


class _Secrets:
    """Where one receiver's secrets are found. Raises `ConfigurationError`, which names the place and never the secret."""

    def __init__(self, receiver: str, env: Mapping[str, str]) -> None:
        self._receiver = receiver
        self._env = env

    def needed(self, what: str, variable: str | None, file: Path | None) -> SecretStr:
        found = self.found(what, variable, file)
        if found is None or not found.get_secret_value():
            raise ConfigurationError(f"receiver {self._receiver!r}: its {what} is empty")
        return found

    def found(self, what: str, variable: str | None, file: Path | None) -> SecretStr | None:
        if variable is None and file is None:
            return None
        try:
            return SecretStr(read_secret(env=variable, file=file, environ=self._env).strip())
        except MissingSecret as error:
            raise ConfigurationError(f"receiver {self._receiver!r}: its {what}: {error}") from error
