"""Durations in configuration files: ``30s``, ``5m``, ``36h``, ``14d``, ``2w``, or a number of seconds."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def seconds(value: object) -> object:
    """The seconds of a duration; what is no text is left to pydantic. Raises ValueError with the remedy."""
    if not isinstance(value, str):
        return value
    if not (found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw])", value.strip())):
        raise ValueError(f"{value!r} is no duration; write 30s, 5m, 36h, 14d or 2w")
    return float(found[1]) * _UNITS[found[2]]


def in_words(length: float) -> str:
    """The shortest writing of whole seconds: ``90m``, ``14d``."""
    whole = round(length)
    for unit in ("w", "d", "h", "m"):
        if whole and whole % _UNITS[unit] == 0:
            return f"{whole // _UNITS[unit]}{unit}"
    return f"{whole}s"


Seconds = Annotated[float, BeforeValidator(seconds), Field(ge=0)]
