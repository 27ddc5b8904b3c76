"""Secrets: read from a file or a variable that is named, and hidden wherever text leaves the process.

A setting names its secret (``password_env``, ``password_file``) and never holds it. What was read is remembered here, so that a
log line, an error or a page that would show it shows `MASK` instead, whoever put it there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

MASK = "***"
SHORTEST = 6
"""A remembered secret of fewer characters is not looked for in text: it would blank out ordinary words."""

_known: set[str] = set()
_IN_TEXT = (
    (re.compile(r"(?<=://)([^\s/:@]*):[^\s/@]+(?=@)"), rf"\1:{MASK}"),
    (re.compile(r"(?<=hooks\.slack\.com/)(services|workflows|triggers)/[\w/-]+"), rf"\1/{MASK}"),
    (re.compile(r"\bxox[a-z]-[\w-]{8,}"), MASK),
    (re.compile(r"(?i)\b(bearer|basic) [\w.~+/=-]{8,}"), rf"\1 {MASK}"),
    (re.compile(r"(?i)\b((?:access_?)?token|password|passwd|secret|api_?key)=[^\s&'\"]+"), rf"\1={MASK}"),
)
"""What looks like a secret, whoever read it: passwords in URLs, Slack's webhooks and tokens, headers, parameters."""


class MissingSecret(ValueError):
    """A secret that a setting names is not there. The text says where it was looked for, and never what was found."""


def read_secret(*, env: str | None, file: str | Path | None, environ: Mapping[str, str]) -> str:
    """The secret in the variable or the file that is named, without the line end of a file; it is hidden from now on.

    Exactly one of the two is given. Raises `MissingSecret`.
    """
    if (env is None) == (file is None):
        raise MissingSecret("name the secret by one of `…_env` and `…_file`")
    if env is not None:
        found = environ.get(env, "")
        if not found:
            raise MissingSecret(f"the variable {env} is not set; it should hold the secret")
    else:
        found = _of_file(Path(str(file)))
    remember(found)
    return found


def _of_file(path: Path) -> str:
    try:
        found = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise MissingSecret(f"the file {path} that should hold the secret cannot be read: {reason}") from error
    if not found:
        raise MissingSecret(f"the file {path} that should hold the secret is empty")
    return found


def remember(secret: str) -> None:
    """From now on `hide` masks this text."""
    if len(secret) >= SHORTEST:
        _known.add(secret)


def hide(text: str) -> str:
    """The text with every known secret, and what looks like one, masked."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    for pattern, instead in _IN_TEXT:
        text = pattern.sub(instead, text)
    return text
