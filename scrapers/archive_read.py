"""Archives read back, record by record: ours and other people's WARC files, whole or damaged."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator

from events.notice import ArchivePointer
from scrapers.archive import MARKS, SOURCE

_STARTS = (b"\x1f\x8b\x08", b"WARC/1.")
_LARGEST = 256 * 1024 * 1024
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """One kept answer. ``date`` is aware, in UTC; ``content`` is unpacked; ``illustrative`` as in `Fetched`.

    ``length`` is bytes of its record in the file; ``source`` the id of the source that asked, None where it is not said.
    """

    url: str
    status: int
    content: bytes
    content_type: str | None
    date: datetime
    pointer: ArchivePointer
    illustrative: frozenset[str] = frozenset()
    source: str | None = None
    length: int = 0


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that cannot be read: its file, where it begins in bytes, and what is wrong with it."""

    file: str
    offset: int
    error: str


class Unkept(LookupError):
    """A page is not where it is said to be. The text says why."""


class _Damaged(ValueError):
    pass


def page_at(path: Path, offset: int) -> ArchivedPage:
    """The page whose record begins at byte ``offset``. Raises `Unkept`, and OSError."""
    broken: list[BrokenRecord] = []
    found = next(read_archive(path, broken.append, offset), None)
    if broken:
        raise Unkept(f"{path.name} at byte {offset}: {broken[0].error}")
    if found is None or found.pointer.offset != offset:
        raise Unkept(f"{path.name} holds no page at byte {offset}")
    return found


def read_archive(path: Path, broken: Callable[[BrokenRecord], None], start: int | None = 0) -> Iterator[ArchivedPage]:
    """The response records of a ``.warc`` or ``.warc.gz`` file from byte ``start`` on, in order, one in memory at a time.

    A record that cannot be read is told to ``broken``, and reading goes on with the next. Raises OSError.
    """
    with path.open("rb") as file:
        while start is not None:
            start = yield from _from(file, start, path.name, broken)


def _from(
    file: BinaryIO, start: int, name: str, broken: Callable[[BrokenRecord], None]
) -> Generator[ArchivedPage, None, int | None]:
    """The pages from ``start`` to the first broken record; returns where the next record may begin, None at the end."""
    file.seek(start)
    records: Any = None
    at, complete = start, False
    try:
        records = ArchiveIterator(file)
        for record in records:
            at = records.offset
            page = _page(record, name, at)
            records.read_to_end()
            if records.reader.decompressor and not records.reader.decompressor.eof:
                raise _Damaged("the record is cut off")
            if page is not None:
                yield replace(page, length=records.get_record_length())
            at = records.offset
        complete = at >= _size(file) or not _rest(file, at)
        error = "the record is cut off"
    # warcio raises what its parts raise (zlib, struct, KeyError, its own): whatever it is, one record is broken.
    except Exception as failed:  # noqa: BLE001
        error = str(failed) or type(failed).__name__
    if complete:
        return None
    broken(BrokenRecord(name, at, error))
    return _next_start(file, at + 1)


def _page(record: Any, name: str, offset: int) -> ArchivedPage | None:
    """The page of a response record, None for a record of another kind. Raises `_Damaged`, and what warcio raises."""
    if record.rec_type != "response" or record.http_headers is None:
        return None
    content = record.content_stream().read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise _Damaged(f"the page is larger than {_LARGEST} bytes")
    if getattr(record.raw_stream, "limit", 0) > 0:
        raise _Damaged(f"{record.raw_stream.limit} bytes of the record are missing")
    head = record.rec_headers
    return ArchivedPage(
        url=head.get_header("WARC-Target-URI").strip("<>"),
        status=int(record.http_headers.get_statuscode()),
        content=content,
        content_type=record.http_headers.get_header("Content-Type"),
        date=_date(head.get_header("WARC-Date")),
        pointer=ArchivePointer(file=name, offset=offset, record_id=head.get_header("WARC-Record-ID")),
        illustrative=frozenset(filter(None, (head.get_header(MARKS) or "").split(","))),
        source=head.get_header(SOURCE),
    )


def _date(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _size(file: BinaryIO) -> int:
    return file.seek(0, 2)


def _rest(file: BinaryIO, at: int) -> bytes:
    """What stands at the end after the last record that was read, but for blank lines."""
    file.seek(at)
    return file.read(_BLOCK).strip()


def _next_start(file: BinaryIO, at: int) -> int | None:
    """Where, from ``at`` on, something begins that looks like a record; None where nothing does."""
    keep = max(map(len, _STARTS)) - 1
    file.seek(at)
    tail = b""
    while block := file.read(_BLOCK):
        window = tail + block
        found = [where for mark in _STARTS if (where := window.find(mark)) >= 0]
        if found:
            return at - len(tail) + min(found)
        at += len(block)
        tail = window[-keep:]
    return None
