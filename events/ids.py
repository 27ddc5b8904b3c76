"""Deterministic ids: the same fact has the same id, whoever saw it and however often."""

from __future__ import annotations

import hashlib
import unicodedata

_LONG = 120


def normalised(text: str) -> str:
    """NFKC, lower case, no white space and no invisible format characters: the form in which spellings are compared."""
    visible = unicodedata.normalize("NFKC", text)
    if not visible.isprintable():  # Cf is among what is not
        visible = "".join(c for c in visible if unicodedata.category(c) != "Cf")
    return "".join(visible.split()).casefold()


def fact_id(kind: str, *parts: str) -> str:
    """``kind:part:part`` of normalised parts. A key over 120 characters is shortened to a digest of itself.

    Raises ValueError if a part is empty: an id without its key would join facts that are not the same.
    """
    keys = [normalised(part).replace(":", "_") for part in parts]
    if not keys or not all(keys):
        raise ValueError(f"an id of kind {kind!r} needs every part of its key, got {parts!r}")
    joined = ":".join(keys)
    if len(joined) > _LONG:
        joined = f"{joined[:40]}~{digest(joined)[:24]}"
    return f"{kind}:{joined}"


def digest(*parts: str | bytes) -> str:
    """SHA-256 in hex over the parts, each preceded by its length, so that no two lists of parts collide by joining."""
    sha = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        sha.update(len(data).to_bytes(8, "big"))
        sha.update(data)
    return sha.hexdigest()
