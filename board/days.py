"""Days in addresses: ISO 8601 and nothing else. Pydantic alone would take ``0`` for the first of January 1970."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator


def _written_out(value: object) -> object:
    if isinstance(value, str) and value and (len(value) != 10 or not value[:4].isdecimal()):
        raise ValueError("a day is written YYYY-MM-DD")
    return value


IsoDay = Annotated[date, BeforeValidator(_written_out)]
"""A day, written out."""
