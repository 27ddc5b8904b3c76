"""Messages as they are kept in Redis: Zstandard (RFC 8878) with a dictionary of what they say, or plain JSON.

A message of a kilobyte alone repeats little within itself; most of it are the names of fields and the words of the sector,
which the dictionary holds. So an event takes a fifth of its JSON. What earlier versions kept is read as before: plain JSON
begins with ``{``, what was deflated (RFC 1951, dictionary 1) with another mark. A dictionary is never edited, for what was
packed with it could not be read any more: another one gets the next number. ``python -m bench.bodies`` trains and measures one.
"""

from __future__ import annotations

import threading
import zlib
from functools import cache
from importlib import resources

import zstandard

PACKED = b"\x02"
"""The first byte of what is packed, with dictionary 2."""
DEFLATED = b"\x01"
"""The first byte of what epoch 4 packed, with dictionary 1."""
LEVEL = 3
LARGEST = 16 * 1024 * 1024
_RAW = -14
"""How epoch 4 deflated: without a header, in a window of 16 KB."""


class BadBody(ValueError):
    """The bytes are nothing that was packed here."""


@cache
def _dictionary(number: int) -> bytes:
    return resources.files("events.view").joinpath(f"bodies-{number}.dict").read_bytes()


class Zstandard(threading.local):
    """To pack with a dictionary, and to read again. Of each thread its own: the library's objects are not for two at once."""

    def __init__(self, dictionary: zstandard.ZstdCompressionDict) -> None:
        # No content's checksum, no number of the dictionary: Redis keeps its bytes, and the mark says which it is.
        self.pack = zstandard.ZstdCompressor(level=LEVEL, dict_data=dictionary, write_dict_id=False).compress
        self.unpack = zstandard.ZstdDecompressor(dict_data=dictionary).decompress


def zstandard_of(raw: bytes) -> Zstandard:
    """With this dictionary, which is prepared once for all threads."""
    dictionary = zstandard.ZstdCompressionDict(raw)
    dictionary.precompute_compress(level=LEVEL)
    return Zstandard(dictionary)


@cache
def _zstandard() -> Zstandard:
    return zstandard_of(_dictionary(2))


def pack(body: bytes) -> bytes:
    """JSON in less room. The same bytes give the same bytes on one installation of Zstandard."""
    return PACKED + _zstandard().pack(body)


def unpack(raw: bytes | str) -> bytes:
    """The inverse of `pack`; plain JSON is given back as it is. Raises `BadBody`, also for more than `LARGEST` bytes."""
    if isinstance(raw, str):  # as redis-py types what it never gives to a client that does not decode
        return raw.encode()
    if raw[:1] == PACKED:
        return _restored(raw[1:])
    return _inflated(raw[1:]) if raw[:1] == DEFLATED else raw


def _restored(packed: bytes) -> bytes:
    try:
        if zstandard.get_frame_parameters(packed).content_size > LARGEST:
            raise BadBody("what is kept in Redis is too large")
        return _zstandard().unpack(packed)
    except zstandard.ZstdError as error:
        raise BadBody(f"what is kept in Redis cannot be read: {error}") from error


def _inflated(packed: bytes) -> bytes:
    inflate = zlib.decompressobj(_RAW, zdict=_dictionary(1))
    try:
        body = inflate.decompress(packed, LARGEST)
    except zlib.error as error:
        raise BadBody(f"what is kept in Redis cannot be read: {error}") from error
    if not inflate.eof:
        raise BadBody("what is kept in Redis is cut, or too large")
    return body
