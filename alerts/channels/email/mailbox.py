"""Where and how mail goes."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import SecretStr

TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where and how the mail goes. ``security``: ``starttls`` (required), ``tls`` from the first byte, or ``none``."""

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    security: str = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    unsubscribe: str | None = None
    ca_file: str | None = None
    timeout_seconds: float = TIMEOUT_SECONDS
