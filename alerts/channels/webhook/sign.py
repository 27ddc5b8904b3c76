"""Signatures of webhooks. Rule: Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA256 over ``id.timestamp.body``.

Receivers in most languages have a library for it; docs/receivers.md has a dozen lines that do without one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from pydantic import SecretStr

PREFIX = "whsec_"
SHORTEST_KEY = 24
"""Bytes, as the standard asks."""


class BadSecret(ValueError):
    """A signing secret that cannot be used. The text does not show it."""


def key_of(secret: SecretStr) -> bytes:
    """The key in a secret written as ``whsec_`` and base64. Raises `BadSecret`."""
    text = secret.get_secret_value()
    remedy = "write it as whsec_ and the base64 of 24 to 64 random bytes: printf whsec_; openssl rand -base64 32"
    if not text.startswith(PREFIX):
        raise BadSecret(f"the secret does not begin with {PREFIX}: {remedy}")
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise BadSecret(f"the secret is not base64: {remedy}") from None
    if len(key) < SHORTEST_KEY:
        raise BadSecret(f"the secret is too short: {remedy}")
    return key


def signature(key: bytes, ident: str, seconds: int, body: bytes) -> str:
    """The value of the header ``webhook-signature``; ``seconds`` since the epoch are those of ``webhook-timestamp``."""
    signed = f"{ident}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
