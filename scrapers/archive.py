"""Every answer kept as it came: rotating WARC files, written so that a kill costs at most the record being written.

Rule: ISO 28500 (WARC 1.1). Each record is a gzip member of its own, so that a reader finds the next one after a broken one.
Beside each file stands its index, a line for each record (`scrapers.archive_entry`).
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import structlog
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from events.ids import digest
from events.notice import ArchivePointer
from scrapers.answer import Fetched
from scrapers.archive_entry import Entry, index_of, line_of
from scrapers.fetch import AGENT

log = structlog.get_logger(__name__)

MARKS = "Medpulse-Illustrative"
"""Our own field of a record's head (not of the site's answer, where anybody could write it): see `Fetched.illustrative`."""

SOURCE = "Medpulse-Source"
"""Another: the id of the source that asked."""

_THREAD_BYTES = 256 * 1024
_REWRITTEN = {"content-encoding", "transfer-encoding", "content-length"}


@dataclass(slots=True)
class _File:
    """A file of ours. ``handle`` holds its lock, so that others see that it is written to; ``torn``: it ends in half a
    record."""

    handle: BinaryIO
    index: BinaryIO
    path: Path
    opened: datetime
    size: int = 0
    torn: bool = False

    def close(self) -> None:
        self.handle.close()
        self.index.close()


class Archive:
    """Appends answers to ``folder``, a new file after ``roll_bytes`` or ``roll_after``, by the answers' own dates.

    A file belongs to the process that made it: several may share a folder. Use it as a context manager.
    """

    def __init__(
        self, folder: Path, *, roll_bytes: int = 256 * 1024 * 1024, roll_after: timedelta = timedelta(days=1)
    ) -> None:
        self._folder = folder
        self._roll_bytes = roll_bytes
        self._roll_after = roll_after
        self._file: _File | None = None

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the current file; the next answer opens another."""
        if self._file is not None:
            self._file.close()
            self._file = None

    async def add(self, fetched: Fetched, source_id: str | None = None) -> ArchivePointer:
        """Keep one answer, and who asked for it.

        Raises OSError (a full disk). What was written of the record is then taken back, so that the next one begins where
        this one did; where that fails too, the next one begins a new file.
        """
        ident = f"<urn:uuid:{uuid4()}>"
        if len(fetched.content) > _THREAD_BYTES:
            data = await asyncio.to_thread(_response, fetched, ident, source_id)
        else:
            data = _response(fetched, ident, source_id)
        file = self._current(fetched.fetched_at)
        offset = file.size
        _append(file, data)
        entry = _entry(fetched, source_id, file.path.name, offset, len(data), ident)
        if not _indexed(file, entry):
            self.close()
        return entry.pointer

    def _current(self, now: datetime) -> _File:
        held = self._file
        if held and (held.torn or held.size >= self._roll_bytes or now - held.opened >= self._roll_after):
            self.close()
        if self._file is None:
            self._file = _opened(self._folder, now)
        return self._file


def _opened(folder: Path, now: datetime) -> _File:
    """A file that nobody has written to: after a kill the last one may end in half a record."""
    folder.mkdir(parents=True, exist_ok=True)
    day = now.astimezone(UTC).strftime("%Y%m%d")
    serial = 0
    while True:
        serial += 1
        path = folder / f"{AGENT}-{day}-{serial:05}.warc.gz"
        try:
            handle = path.open("xb", buffering=0)
        except FileExistsError:
            continue
        fcntl.flock(handle, fcntl.LOCK_EX)
        file = _File(handle, index_of(path).open("wb", buffering=0), path, now)
        info = _info(path.name, now)
        try:
            _append(file, info)
        except OSError:
            file.close()
            path.unlink()
            index_of(path).unlink()
            raise
        _indexed(file, Entry("", now, 0, "", path.name, 0, len(info), note="warcinfo"))
        return file


def _append(file: _File, data: bytes) -> None:
    """Write a record whole, or leave the file as it was. Raises OSError."""
    try:
        _write(file.handle, data)
    except OSError:
        try:
            file.handle.truncate(file.size)
            file.handle.seek(file.size)
        except OSError:
            file.torn = True
        raise
    file.size += len(data)


def _write(handle: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[handle.write(view) :]


def _indexed(file: _File, entry: Entry) -> bool:
    """Write the line of a record. Without it the record is kept all the same: readers find it and mend the index."""
    try:
        _write(file.index, line_of(entry))
    except OSError as error:
        log.warning("archive.not_indexed", file=str(file.path), error=str(error))
        return False
    return True


def _entry(fetched: Fetched, source_id: str | None, file: str, offset: int, length: int, ident: str) -> Entry:
    return Entry(
        url=fetched.url,
        date=fetched.fetched_at,
        status=fetched.status,
        digest=digest(fetched.content),
        file=file,
        offset=offset,
        length=length,
        source=source_id,
        content_type=fetched.content_type,
        record_id=ident,
    )


def _info(name: str, now: datetime) -> bytes:
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="WARC/1.1")
    record = writer.create_warcinfo_record(name, {"software": AGENT, "format": "WARC File Format 1.1"})
    record.rec_headers.replace_header("WARC-Date", _date(now))
    writer.write_record(record)
    return out.getvalue()


def _response(fetched: Fetched, ident: str, source_id: str | None) -> bytes:
    """The answer as a response record. The body is kept unpacked, so the headers that described its packing are renamed."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="WARC/1.1")
    head = {"WARC-Record-ID": ident, "WARC-Date": _date(fetched.fetched_at)}
    if source_id:
        head[SOURCE] = source_id
    if fetched.illustrative:
        head[MARKS] = ",".join(sorted(fetched.illustrative))
    http = StatusAndHeaders(_status(fetched.status), _kept(fetched.headers, len(fetched.content)), protocol="HTTP/1.1")
    record = writer.create_warc_record(
        fetched.url,
        "response",
        payload=BytesIO(fetched.content),
        length=len(fetched.content),
        warc_headers_dict=head,
        http_headers=http,
    )
    writer.write_record(record)
    return out.getvalue()


def _kept(headers: Mapping[str, str], length: int) -> list[tuple[str, str]]:
    renamed = ((f"X-Archive-Orig-{name}" if name in _REWRITTEN else name, value) for name, value in headers.items())
    return [*renamed, ("Content-Length", str(length))]


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"{code} Unknown"


def _date(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
