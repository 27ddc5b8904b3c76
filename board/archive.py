"""One answer of a site read back from the archive (WARC) that the scrapers keep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from events.notice import ArchivePointer

LARGEST = 16 * 1024 * 1024
SHOWN = {"text/html": "text/html", "application/xhtml+xml": "text/html", "application/pdf": "application/pdf"}
"""Media types that a browser may show; everything else is shown as text."""


class NotThere(LookupError):
    """The archive does not hold what was asked for. The text says why."""


def page_of(folder: Path, pointer: ArchivePointer) -> tuple[bytes, str]:
    """The body of the answer and the media type to show it under. Raises `NotThere`."""
    path = folder / pointer.file
    if path.parent.resolve() != folder.resolve() and folder.resolve() not in path.resolve().parents:
        raise NotThere("the copy lies outside of the archive")
    try:
        with path.open("rb") as file:
            file.seek(pointer.offset)
            record: Any = next(iter(ArchiveIterator(file)), None)
            if record is None or record.rec_type != "response" or record.http_headers is None:
                raise NotThere(f"{pointer.file} holds no answer at byte {pointer.offset}")
            body = bytes(record.content_stream().read(LARGEST))
            stated = record.http_headers.get_header("Content-Type") or "text/plain"
    except OSError as error:
        raise NotThere(f"{pointer.file} cannot be read: {error.strerror}") from error
    # warcio raises what its parts raise; whatever it is, there is no copy to show.
    except (ValueError, EOFError, KeyError) as error:
        raise NotThere(f"{pointer.file} is damaged at byte {pointer.offset}") from error
    kind, _, parameters = stated.partition(";")
    shown = SHOWN.get(kind.strip().lower(), "text/plain")
    charset = parameters.strip().lower()
    plain = charset.startswith("charset=") and charset.removeprefix("charset=").replace("-", "").isalnum()
    return body, f"{shown}; {charset}" if plain else f"{shown}; charset=utf-8" if shown != "application/pdf" else shown
