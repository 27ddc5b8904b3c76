"""The text of a Word 97–2003 document (.doc), by its piece table. Pure.

Source of the layout: [MS-DOC], sections 2.5.1 (FIB), 2.4.1 (retrieving text) and 2.8.35 (PlcPcd).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

import olefile

_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_CCP_TEXT, _CLX = 0x004C, 0x01A2
_PIECES = 2
_COMPRESSED = 0x40000000
_ENDS = re.compile(r"[\r\x0b\x0c]")
_FIELD = re.compile(r"\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")
_MARKS = re.compile(r"[\x00-\x06\x08\x0e-\x1f]")


class NoWord(ValueError):
    """The bytes are no Word document that can be read. The text says why."""


def text_of_doc(data: bytes) -> str:
    """The main text, a paragraph a line and the cells of a table row separated by tabs. Raises `NoWord`."""
    try:
        with olefile.OleFileIO(data) as ole:
            main = ole.openstream("WordDocument").read()
            flags = struct.unpack_from("<H", main, 0x0A)[0]
            if flags & _ENCRYPTED:
                raise NoWord("it asks for a password")
            table = ole.openstream("1Table" if flags & _TABLE_1 else "0Table").read()
    except (OSError, struct.error) as error:
        raise NoWord(f"its streams cannot be read: {error}") from error
    try:
        start, size = struct.unpack_from("<II", main, _CLX)
        (length,) = struct.unpack_from("<I", main, _CCP_TEXT)
        said = "".join(_pieces(main, _piece_table(table[start : start + size])))
    except (struct.error, IndexError) as error:
        raise NoWord(f"its piece table cannot be read: {error}") from error
    return _plain(said[:length])


def _piece_table(clx: bytes) -> bytes:
    """The PlcPcd in a Clx, after the property runs that may stand before it."""
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != _PIECES:
        raise NoWord("it has no piece table")
    (size,) = struct.unpack_from("<I", clx, at + 1)
    return clx[at + 5 : at + 5 + size]


def _pieces(main: bytes, table: bytes) -> Iterator[str]:
    """The text piece by piece: n + 1 character positions, then n descriptors of 8 bytes."""
    count = (len(table) - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", table, 0)
    for number in range(count):
        (where,) = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * number + 2)
        length = ends[number + 1] - ends[number]
        if where & _COMPRESSED:
            first = (where & ~_COMPRESSED) // 2
            yield main[first : first + length].decode("cp1252", "replace")
        else:
            yield main[where : where + 2 * length].decode("utf-16-le", "replace")


def _plain(said: str) -> str:
    """Without the marks of the format: of a field its result, of a cell a tab."""
    while (shorter := _FIELD.sub(lambda match: match[1] or "", said)) != said:
        said = shorter
    lines = _ENDS.sub("\n", said.replace("\x07\x07", "\n").replace("\x07", "\t")).split("\n")
    return "\n".join(line for raw in lines if (line := _MARKS.sub("", raw).strip()))
