"""Messages as they are kept in Redis: deflated (RFC 1951) with a dictionary of what all of them say, or plain JSON.

A message of a kilobyte alone repeats little within itself; most of it are the names of fields, which the dictionary holds. So
an event takes a fifth of its JSON. What an earlier version kept as plain JSON is read as before: it begins with ``{``. A
dictionary is never edited, for what was packed with it could not be read any more: another one gets the next number.
"""

from __future__ import annotations

import zlib
from functools import cache
from importlib import resources
from typing import Any

PACKED = b"\x01"
"""The first byte of what was packed with dictionary 1."""
LEVEL = 3
LARGEST = 16 * 1024 * 1024
_RAW = -14
"""Without a header, and a window of 16 KB, which the dictionary and a message fit into."""
_MEMORY = 5


class BadBody(ValueError):
    """The bytes are nothing that was packed here."""


@cache
def _dictionary() -> bytes:
    return resources.files("events.view").joinpath("bodies-1.dict").read_bytes()


@cache
def _primed() -> Any:
    """A compressor that has read the dictionary: to copy it takes a third less than to read it again."""
    return zlib.compressobj(LEVEL, zlib.DEFLATED, _RAW, _MEMORY, zdict=_dictionary())


def pack(body: bytes) -> bytes:
    """JSON in less room. The same bytes give the same bytes on one installation of zlib."""
    deflate = _primed().copy()
    return PACKED + bytes(deflate.compress(body)) + bytes(deflate.flush())


def unpack(raw: bytes | str) -> bytes:
    """The inverse of `pack`; plain JSON is given back as it is. Raises `BadBody`, also for more than `LARGEST` bytes."""
    if isinstance(raw, str):  # as redis-py types what it never gives to a client that does not decode
        return raw.encode()
    if raw[:1] != PACKED:
        return raw
    inflate = zlib.decompressobj(_RAW, zdict=_dictionary())
    try:
        body = inflate.decompress(raw[1:], LARGEST)
    except zlib.error as error:
        raise BadBody(f"what is kept in Redis cannot be read: {error}") from error
    if not inflate.eof:
        raise BadBody("what is kept in Redis is cut, or too large")
    return body
