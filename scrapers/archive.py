"""Every answer kept as it came: rotating WARC files, written so that a kill costs at most the record being written.

Rule: ISO 28500 (WARC 1.1). Each record is a gzip member of its own, so that a reader finds the next one after a broken one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from events.notice import ArchivePointer
from scrapers.answer import Fetched
from scrapers.fetch import AGENT

MARKS = "Medpulse-Illustrative"
"""Our own field of a record's head (not of the site's answer, where anybody could write it): see `Fetched.illustrative`."""

_THREAD_BYTES = 256 * 1024
_REWRITTEN = {"content-encoding", "transfer-encoding", "content-length"}


@dataclass(slots=True)
class _File:
    handle: BinaryIO
    path: Path
    opened: datetime
    size: int = 0


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
            self._file.handle.close()
            self._file = None

    async def add(self, fetched: Fetched) -> ArchivePointer:
        """Keep one answer. Raises OSError (a full disk)."""
        ident = f"<urn:uuid:{uuid4()}>"
        if len(fetched.content) > _THREAD_BYTES:
            data = await asyncio.to_thread(_response, fetched, ident)
        else:
            data = _response(fetched, ident)
        file = self._current(fetched.fetched_at)
        offset = file.size
        _append(file, data)
        return ArchivePointer(file=file.path.name, offset=offset, record_id=ident)

    def _current(self, now: datetime) -> _File:
        held = self._file
        if held and (held.size >= self._roll_bytes or now - held.opened >= self._roll_after):
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
            file = _File(path.open("xb", buffering=0), path, now)
        except FileExistsError:
            continue
        _append(file, _info(path.name, now))
        return file


def _append(file: _File, data: bytes) -> None:
    view = memoryview(data)
    while view:
        written = file.handle.write(view)
        file.size += written
        view = view[written:]


def _info(name: str, now: datetime) -> bytes:
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="WARC/1.1")
    record = writer.create_warcinfo_record(name, {"software": AGENT, "format": "WARC File Format 1.1"})
    record.rec_headers.replace_header("WARC-Date", _date(now))
    writer.write_record(record)
    return out.getvalue()


def _response(fetched: Fetched, ident: str) -> bytes:
    """The answer as a response record. The body is kept unpacked, so the headers that described its packing are renamed."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="WARC/1.1")
    head = {"WARC-Record-ID": ident, "WARC-Date": _date(fetched.fetched_at)}
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
