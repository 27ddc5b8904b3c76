"""Where messages wait on disk while no broker takes them: in order, whole or not at all, and never without bound.

One file holds what one poll publishes at once. It is written beside, synced, and renamed, so that a kill or a full disk leaves
no half of it; it is deleted once the broker has acknowledged all of it, so that a kill repeats a file and loses none.
"""

from __future__ import annotations

import base64
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import orjson

from events.topics import TOPICS
from events.wire import Record

_SUFFIX, _UNFINISHED = ".batch", ".part"
_MOST_PROCESSES = 64
_TOPICS = {topic.name: topic for topic in TOPICS}


class SpoolFull(OSError):
    """The spool holds as much as it may. The text says how much, and what to do."""


class Spool:
    """A folder of files that wait. ``most`` bounds their bytes together. One process at a time: see `opened`."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder = folder
        self._most = most
        folder.mkdir(parents=True, exist_ok=True)
        for cut_off in folder.glob(f"*{_UNFINISHED}"):
            cut_off.unlink()
        self._files = {path: _stat(path) for path in sorted(folder.glob(f"*{_SUFFIX}"))}
        last = max(self._files, default=None)
        self._next = int(last.stem) + 1 if last else 1

    def __len__(self) -> int:
        return len(self._files)

    @property
    def size(self) -> int:
        """Bytes that wait."""
        return sum(size for size, _ in self._files.values())

    @property
    def since(self) -> datetime | None:
        """When the oldest file was written, None where nothing waits. Aware, in UTC, by the disk's clock."""
        return next((at for _, at in self._files.values()), None)

    def add(self, records: Sequence[Record]) -> None:
        """Keep messages behind those that wait, safe from a kill once this returns.

        Raises `SpoolFull`, and OSError (the disk is full); nothing of them is kept then.
        """
        data = b"".join(orjson.dumps(_written(one), option=orjson.OPT_APPEND_NEWLINE) for one in records)
        if self.size + len(data) > self._most:
            raise SpoolFull(
                f"{len(self)} batches ({self.size} bytes) wait for Kafka in {self.folder}, which may hold {self._most} bytes: "
                "bring the broker back, or raise MEDPULSE_SPOOL_MB"
            )
        path = self.folder / f"{self._next:012}{_SUFFIX}"
        beside = path.with_suffix(_UNFINISHED)
        try:
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.rename(path)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise
        self._sync()
        self._files[path] = _stat(path)
        self._next += 1

    def first(self) -> tuple[Path, list[Record]] | None:
        """The oldest file and its messages, None where nothing waits.

        Raises OSError, and ValueError or KeyError for a file that is damaged (`set_aside_first`).
        """
        path = next(iter(self._files), None)
        return (path, [_read(line) for line in path.read_bytes().splitlines()]) if path else None

    def drop(self, path: Path) -> None:
        """Forget a file whose messages the broker has acknowledged. Raises OSError."""
        path.unlink(missing_ok=True)
        self._files.pop(path, None)

    def set_aside_first(self) -> Path:
        """Move the oldest file, which cannot be read, out of the way for a person to look at; where it is. Raises OSError."""
        path = next(iter(self._files))
        aside = path.with_suffix(".damaged")
        path.rename(aside)
        self._files.pop(path, None)
        return aside

    def _sync(self) -> None:
        """Make the new name of the file as durable as its bytes."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def opened(folder: Path, most: int) -> Iterator[Spool]:
    """The first spool in ``folder`` that no other process has, also with what an earlier process left in it.

    Raises OSError where all are taken.
    """
    for number in range(_MOST_PROCESSES):
        own = folder / str(number)
        own.mkdir(parents=True, exist_ok=True)
        with (own / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield Spool(own, most)
            return
    raise OSError(f"{_MOST_PROCESSES} processes use the spools in {folder}")


def _stat(path: Path) -> tuple[int, datetime]:
    found = path.stat()
    return found.st_size, datetime.fromtimestamp(found.st_mtime, UTC)


def _written(record: Record) -> dict[str, object]:
    headers = [[name, _text(value)] for name, value in record.headers]
    return {
        "topic": record.topic.name,
        "key": _text(record.key),
        "value": _text(record.value),
        "headers": headers,
    }


def _read(line: bytes) -> Record:
    """Raises ValueError or KeyError for a line that is none of ours."""
    said = orjson.loads(line)
    headers = [(str(name), base64.b64decode(value)) for name, value in said["headers"]]
    return Record(_TOPICS[said["topic"]], base64.b64decode(said["key"]), base64.b64decode(said["value"]), headers)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
