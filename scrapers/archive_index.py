"""Looking things up in an archive without reading it: its index, and the index mended from the archive where it falls short.

A kill between a record and its line, a line cut off, an index that was lost: all are found by comparing where the last line
ends with the size of the file, and made good by reading the file from there. A file that its writer still holds (its lock says
so) is read for what the index lacks, and its index is left to the writer.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import orjson

from events.ids import digest
from events.notice import ArchivePointer
from scrapers.archive_entry import SUFFIX, Entry, entry_of, index_of, key_of, line_of, stamp_of
from scrapers.archive_read import ArchivedPage, BrokenRecord, Unkept, page_at, read_archive
from scrapers.source import owner

FILES = "*.warc.gz"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pages: of a source, at a URL, from ``since`` on, before ``until`` (aware). None asks for any."""

    source: str | None = None
    url: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def may_be(self, line: bytes) -> bool:
        """Whether a line may be one of these: a quick look, which spares reading most lines."""
        if self.source is not None and b'"source":' + orjson.dumps(self.source) not in line:
            return False
        if self.url is not None and not line.startswith(key_of(self.url).encode("utf-8", "replace") + b" "):
            return False
        stamp = line.split(b" ", 2)[1:2] if self.since or self.until else []
        return not stamp or self._in_time(stamp[0].decode("ascii", "replace"))

    def _in_time(self, stamp: str) -> bool:
        late_enough = self.since is None or stamp >= stamp_of(self.since)
        return late_enough and (self.until is None or stamp < stamp_of(self.until))

    def is_met(self, entry: Entry) -> bool:
        """Whether an entry is one of these."""
        return (
            not entry.note
            and self.source in {None, entry.source}
            and self.url in {None, entry.url}
            and self._in_time(stamp_of(entry.date))
        )


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Pruned:
    """A file that was deleted: its pages, its bytes, and when the last of its pages was kept (aware, in UTC)."""

    file: str
    pages: int
    size: int
    newest: datetime


class ArchiveIndex:
    """The index of the archive in ``folder``. One line is in memory at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def files(self) -> list[Path]:
        """The archive's files in the order of their names: by day, then by number."""
        return sorted(self.folder.glob(FILES))

    def find(self, wanted: Wanted = EVERYTHING) -> Iterator[Entry]:
        """The pages that are wanted, file by file, in the order in which they were kept. Raises OSError."""
        for path in self.files():
            yield from (entry for entry in self.of_file(path, wanted) if wanted.is_met(entry))

    def of_file(self, path: Path, wanted: Wanted = EVERYTHING) -> Iterator[Entry]:
        """The entries of one file that may be wanted, with the stretches that hold no page. Raises OSError."""
        told = -1
        rest = _mended(path)
        try:
            with index_of(path).open("rb") as lines:
                for entry in (entry_of(line) for line in lines if line.endswith(b"\n") and wanted.may_be(line)):
                    yield entry
                    told = entry.offset
        except FileNotFoundError:
            pass
        except ValueError:  # a line in the middle is no line: the whole index is made anew
            index_of(path).unlink(missing_ok=True)
            yield from (entry for entry in self.of_file(path, wanted) if entry.offset > told)
            return
        yield from rest

    def get(self, pointer: ArchivePointer) -> ArchivedPage:
        """The page at a pointer. Raises `Unkept`, and OSError."""
        path = self.folder / Path(pointer.file).name
        if not path.is_file():
            raise Unkept(f"{pointer.file} is not in {self.folder}: it was pruned, or kept by another machine")
        page = page_at(path, pointer.offset)
        if pointer.record_id and page.pointer.record_id != pointer.record_id:
            raise Unkept(f"{pointer.file} holds another page at byte {pointer.offset}")
        return page

    def rebuild(self) -> None:
        """Make the index of every file anew that nobody writes to. Raises OSError."""
        for path in self.files():
            with locked(path) as ours:
                if ours:
                    index_of(path).unlink(missing_ok=True)
            for _ in self.of_file(path):
                pass
        for stray in self.folder.glob(f"{FILES}{SUFFIX}"):
            if not stray.with_name(stray.name.removesuffix(SUFFIX)).exists():
                stray.unlink()

    def prune(self, before: datetime, *, dry: bool = False) -> list[Pruned]:
        """Delete the files whose every page was kept before ``before`` (aware), whole; one that is written to stays.

        With ``dry`` nothing is deleted. Raises OSError.
        """
        gone: list[Pruned] = []
        for path in self.files():
            dates = [entry.date for entry in self.of_file(path) if not entry.note]
            with locked(path) as ours:
                if not ours or not dates or max(dates) >= before:
                    continue
                gone.append(Pruned(path.name, len(dates), path.stat().st_size, max(dates)))
                if not dry:
                    path.unlink()
                    index_of(path).unlink(missing_ok=True)
        return gone


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Whether nobody else writes to an archive file, and that nobody mends or prunes it meanwhile."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def _mended(path: Path) -> Iterator[Entry]:
    """Mend the index of a file; gives what it lacks where it is not ours to mend."""
    size = path.stat().st_size
    if _reach(index_of(path)) == size:
        return iter(())
    with locked(path) as ours:
        if ours and _mend(path, size):
            return iter(())
    _, covered = _whole_part(path, size)
    return (entry for entry in _scanned(path, covered, path.stat().st_size) if not entry.note)


def _mend(path: Path, size: int) -> bool:
    """Cut an index back to what is good of it and write what it lacks; False in a folder that is not ours to write to."""
    kept, covered = _whole_part(path, size)
    try:
        with index_of(path).open("r+b" if kept else "wb") as index:
            index.truncate(kept)
            index.seek(kept)
            index.writelines(line_of(entry) for entry in _scanned(path, covered, size))
    except OSError:
        return False
    return True


def _reach(index: Path) -> int:
    """How much of its file an index covers, in bytes, by its last line; -1 where that cannot be told."""
    try:
        with index.open("rb") as file:
            return entry_of(_last_line(file)).end
    except (FileNotFoundError, ValueError):
        return -1


def _last_line(file: BinaryIO, block: int = 64 * 1024) -> bytes:
    size = file.seek(0, 2)
    file.seek(max(0, size - block))
    return file.read().splitlines(keepends=True)[-1] if size else b""


def _whole_part(path: Path, size: int) -> tuple[int, int]:
    """How many bytes of an index are good, and how many of its file they cover."""
    kept = covered = 0
    try:
        with index_of(path).open("rb") as lines:
            for line in lines:
                entry = entry_of(line)
                if entry.end > size or entry.offset < covered:
                    break
                kept, covered = kept + len(line), entry.end
    except (FileNotFoundError, ValueError):
        pass
    return kept, covered


def _scanned(path: Path, start: int, size: int) -> Iterator[Entry]:
    """Entries for a file from byte ``start`` to its end, read from the file itself; also for what of it cannot be read."""
    broken: list[BrokenRecord] = []
    at = start
    for page in read_archive(path, broken.append, start):
        yield from (_gap(path, one.offset, 0, one.error) for one in broken)
        broken.clear()
        yield indexed(page)
        at = page.pointer.offset + page.length
    yield from (_gap(path, one.offset, 0, one.error) for one in broken)
    if at < size:
        yield _gap(path, at, size - at, "no page" if not broken else "broken")


def indexed(page: ArchivedPage) -> Entry:
    """The entry of a page that was read from its file. Whose page it is says the record, or else its URL."""
    of = page.source or getattr(owner(page.url), "id", None)
    pointer = page.pointer
    return Entry(
        url=page.url,
        date=page.date,
        status=page.status,
        digest=digest(page.content),
        file=pointer.file,
        offset=pointer.offset,
        length=page.length,
        source=of,
        content_type=page.content_type,
        record_id=pointer.record_id,
    )


def _gap(path: Path, offset: int, length: int, note: str) -> Entry:
    return Entry("", _EPOCH, 0, "", path.name, offset, length, note=note)
