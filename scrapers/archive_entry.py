"""One line of the archive's index: which answer lies where. Beside ``X.warc.gz`` stands ``X.warc.gz.cdxj``.

Rule: the CDXJ format of pywb: a sort key (SURT), a time stamp, and a JSON object, one record a line, here in the order in which
they were written. The names of the object are CDXJ's own; ``source`` and ``note`` are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from events.notice import ArchivePointer

SUFFIX = ".cdxj"
_STAMP = "%Y%m%d%H%M%S%f"
_BLANKS = str.maketrans({" ": "%20", "\n": "%0A", "\r": "%0D", "\t": "%09"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of an archive file. ``date`` is aware, in UTC; ``offset`` and ``length`` are bytes in ``file``.

    ``source`` is the id of the source that asked, None where the record does not say. ``note`` is empty for a page; a stretch
    of the file that holds none says there what it is.
    """

    url: str
    date: datetime
    status: int
    digest: str
    file: str
    offset: int
    length: int
    source: str | None = None
    content_type: str | None = None
    record_id: str = ""
    note: str = ""

    @property
    def end(self) -> int:
        """Where the next record begins."""
        return self.offset + self.length

    @property
    def pointer(self) -> ArchivePointer:
        """Where the record is, as notices say it."""
        return ArchivePointer(file=self.file, offset=self.offset, record_id=self.record_id)


def index_of(path: Path) -> Path:
    """Where the index of an archive file is."""
    return path.with_name(path.name + SUFFIX)


def key_of(url: str) -> str:
    """The sort key of a URL: its host from the right to the left, then path, query and fragment, in lower case."""
    try:
        parts = urlsplit(url)
        host = ",".join(reversed((parts.hostname or "").split(".")))
    except ValueError:
        return url.lower().translate(_BLANKS)
    query = f"?{parts.query}" if parts.query else ""
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{host}){parts.path}{query}{fragment}".lower().translate(_BLANKS)


def stamp_of(at: datetime) -> str:
    """An aware time as the index states it: 20 digits, to the microsecond, in UTC. Stamps sort as their times do."""
    return at.astimezone(UTC).strftime(_STAMP)


def line_of(entry: Entry) -> bytes:
    """The entry as a line of the index."""
    said: dict[str, object] = {
        "url": entry.url,
        "mime": entry.content_type,
        "status": entry.status,
        "digest": entry.digest,
        "filename": entry.file,
        "offset": entry.offset,
        "length": entry.length,
        "record": entry.record_id,
        "source": entry.source,
        "note": entry.note,
    }
    kept = {name: value for name, value in said.items() if value not in {None, ""}}
    head = f"{key_of(entry.url) or '-'} {stamp_of(entry.date)} ".encode("utf-8", "replace")
    return head + orjson.dumps(kept, option=orjson.OPT_APPEND_NEWLINE)


def entry_of(line: bytes) -> Entry:
    """The entry of a line. Raises ValueError for what is no whole line of an index."""
    if not line.endswith(b"\n"):
        raise ValueError("the line is cut off")
    try:
        _, stamp, said = line.split(b" ", 2)
        found = orjson.loads(said)
        return Entry(
            url=found.get("url", ""),
            date=datetime.strptime(stamp.decode("ascii"), _STAMP).replace(tzinfo=UTC),
            status=int(found.get("status", 0)),
            digest=found.get("digest", ""),
            file=found["filename"],
            offset=int(found["offset"]),
            length=int(found["length"]),
            source=found.get("source"),
            content_type=found.get("mime"),
            record_id=found.get("record", ""),
            note=found.get("note", ""),
        )
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(f"no line of an index: {error!r}") from error
