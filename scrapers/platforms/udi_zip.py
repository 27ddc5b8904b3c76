"""The XML members of a UDI release's ZIP, streamed: nothing is unpacked to disk or whole into memory.

A full release holds a thousand parts (SITES.md, A.1); a weekly or monthly one may hold the days' own ZIP files, which are
spooled. The limits are of what a ZIP *states and does*: members, bytes unpacked altogether, and the ratio, for a bomb is small
on the wire.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

from scrapers.page import Malformed
from scrapers.platforms.udi_xml import CHUNK, Tally

_PART = re.compile(r"PART(\d+)", re.IGNORECASE)
_IN_MEMORY = 8 * 1024 * 1024
_MOST_FAULTS = 20
MEMBER_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)
"""What reading one member may raise: cut off, a wrong checksum, encrypted, an unknown method."""


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """Sizes are bytes. ``ratio`` is unpacked over packed, of a member larger than ``small``."""

    members: int = 20_000
    unpacked: int = 64 * 1024**3
    nested: int = 2 * 1024**3
    ratio: int = 400
    small: int = 1024 * 1024
    depth: int = 3


class TooLarge(Malformed):
    """The ZIP unpacks to more than its limits allow."""


class _Counted:
    """A member that may be read up to what is left of the budget of the whole ZIP."""

    def __init__(self, member: IO[bytes], budget: list[int]) -> None:
        self._member, self._budget = member, budget

    def read(self, size: int = -1, /) -> bytes:
        data = self._member.read(size)
        self._budget[0] -= len(data)
        if self._budget[0] < 0:
            raise TooLarge("the ZIP unpacks to more than its limit")
        return data


def members(file: IO[bytes], tally: Tally, limits: ZipLimits, depth: int = 0) -> Iterator[tuple[str, _Counted]]:
    """The XML members in the order of their part numbers, also those of ZIP files inside.

    A member that cannot be opened is a fault of ``tally``. Raises `Malformed` for what is no ZIP and for one beyond the limits.
    """
    yield from _members(file, tally, limits, depth, [limits.unpacked])


def note(tally: Tally, name: str, error: object) -> None:
    """Keep the fault of one member; of many, the first."""
    if len(tally.faults) < _MOST_FAULTS:
        tally.faults.append(f"{name}: {error}")


def _members(
    file: IO[bytes], tally: Tally, limits: ZipLimits, depth: int, budget: list[int]
) -> Iterator[tuple[str, _Counted]]:
    try:
        archive = zipfile.ZipFile(file)
    except MEMBER_ERRORS as error:
        raise Malformed(f"the file is no whole ZIP: {error}") from error
    with archive:
        found = _checked(archive, limits)
        for info in found:
            if _is_bomb(info, limits):
                raise TooLarge(f"{info.filename} unpacks to {info.file_size} bytes from {info.compress_size}")
            try:
                with archive.open(info) as member:
                    counted = _Counted(member, budget)
                    if info.filename.casefold().endswith(".zip"):
                        yield from _nested(info, counted, tally, limits, depth, budget)
                    else:
                        tally.members += 1
                        yield info.filename, counted
            except TooLarge:
                raise
            except (Malformed, *MEMBER_ERRORS) as error:
                note(tally, info.filename, error)


def _checked(archive: zipfile.ZipFile, limits: ZipLimits) -> list[zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if info.filename.casefold().endswith((".xml", ".zip"))]
    if len(archive.filelist) > limits.members:
        raise TooLarge(f"the ZIP has {len(archive.filelist)} members")
    if sum(info.file_size for info in infos) > limits.unpacked:
        raise TooLarge("the ZIP unpacks to more than its limit")
    return sorted(infos, key=_order)


def _order(info: zipfile.ZipInfo) -> tuple[int, str]:
    part = _PART.search(info.filename)
    return int(part.group(1)) if part else 0, info.filename


def _is_bomb(info: zipfile.ZipInfo, limits: ZipLimits) -> bool:
    return info.file_size > limits.small and info.file_size > limits.ratio * max(info.compress_size, 1)


def _nested(
    info: zipfile.ZipInfo, member: _Counted, tally: Tally, limits: ZipLimits, depth: int, budget: list[int]
) -> Iterator[tuple[str, _Counted]]:
    if depth + 1 >= limits.depth or info.file_size > limits.nested:
        raise Malformed(f"a ZIP inside a ZIP, {info.file_size} bytes, {depth + 1} deep")
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as inner:
        while piece := member.read(CHUNK):
            inner.write(piece)
        inner.seek(0)
        for name, one in _members(inner, tally, limits, depth + 1, budget):
            yield f"{info.filename}/{name}", one
