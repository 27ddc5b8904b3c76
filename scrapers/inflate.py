"""Content encodings, undone within a limit: a zip bomb costs its limit and not the machine's memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

ACCEPTED = "gzip, deflate"
"""What a request offers to read (RFC 9110, section 8.4.1)."""

_STEP = 256 * 1024
_GZIP_MAGIC = b"\x1f\x8b"


class BadEncoding(ValueError):
    """The body is not in the content encoding that its header names, or is cut off in it."""


class OverLimit(ValueError):
    """The body, on the wire or unpacked, is larger than the limit."""


class Inflater:
    """Undoes one content encoding piece by piece; the pieces it yields are never more than ``limit`` bytes together."""

    def __init__(self, encoding: str, limit: int) -> None:
        """``encoding`` is the value of the header, empty for none. Raises `BadEncoding` for one that was not asked for."""
        self._encoding = encoding.strip().lower().removeprefix("x-")
        if self._encoding not in {"", "identity", "gzip", "deflate"}:
            raise BadEncoding(f"the content encoding {encoding!r} was not asked for")
        self._left = limit
        self._limit = limit
        self._unpack = None if self._encoding in {"", "identity"} else _decompressor(self._encoding)
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bytes that ``data`` holds. Raises `BadEncoding` and `OverLimit`."""
        if self._unpack is None:
            yield self._counted(data)
            return
        while data:
            out = self._step(data)
            yield self._counted(out)
            data = self._unpack.unconsumed_tail
            if self._unpack.eof:
                data = self._next_member()

    def finish(self) -> None:
        """Raises `BadEncoding` where the body ended before its encoding did."""
        if self._unpack is not None and self._started and not self._unpack.eof:
            raise BadEncoding(f"the {self._encoding} body is cut off")

    def _step(self, data: bytes) -> bytes:
        assert self._unpack is not None
        try:
            out = self._unpack.decompress(data, _STEP)
        except zlib.error as error:
            if self._started or self._encoding != "deflate":
                raise BadEncoding(f"the body is not {self._encoding}: {error}") from error
            # "deflate" means the zlib format, and many servers send the raw one.
            self._unpack = zlib.decompressobj(-zlib.MAX_WBITS)
            self._started = True
            return self._step(data)
        self._started = True
        return out

    def _next_member(self) -> bytes:
        """What follows the end of a member: another one, or padding that everybody ignores."""
        assert self._unpack is not None
        rest = self._unpack.unused_data
        if self._encoding != "gzip" or not rest.startswith(_GZIP_MAGIC):
            return b""
        self._unpack = _decompressor("gzip")
        return rest

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise OverLimit(f"the body is larger than {self._limit} bytes")
        return data


def _decompressor(encoding: str) -> zlib._Decompress:
    return zlib.decompressobj(zlib.MAX_WBITS | 16 if encoding == "gzip" else zlib.MAX_WBITS)
