"""The inbox: a folder into which a person puts pages that they saved, which are then read like fetched ones.

A file that is still being written is left alone: it must have the same size and time in two looks. What was read goes to
``done/``, what cannot be to ``refused/`` with a ``.reason.txt`` that says why and what to do. A file is moved only after the
broker has acknowledged what it said, so that a kill repeats it and never loses it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from events.clock import Clock
from events.wire import envelopes, record
from scrapers.answer import Fetched
from scrapers.archive import Archive
from scrapers.inbox_join import Ready, Saved, attached_to, joined
from scrapers.letters import Letters, fits
from scrapers.lists import Publish
from scrapers.page import Challenged, Page, ParseError
from scrapers.parse import parse
from scrapers.saved_page import NotSaved, SavedPage, is_side_file, saved_page, side_files, url_in_side_file
from scrapers.seen import Seen
from scrapers.source import Source, owner

log = structlog.get_logger(__name__)

DONE, REFUSED = "done", "refused"
LOOK_EVERY = 10.0
"""Seconds between two looks."""

LARGEST = 64 * 1024 * 1024
_UNFINISHED = (".part", ".crdownload", ".download", ".tmp", ".swp", "~")
_WALL = "a bot wall was saved in place of the page: wait until the page itself is shown, then save it again"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a file: ``result`` is ``published``, ``archived`` or ``refused``, ``detail`` the reason or a remark."""

    file: str
    result: str
    source: str | None = None
    url: str | None = None
    notices: int = 0
    detail: str = ""


class Inbox:
    """The folder ``folder``. ``archive`` keeps what is read, ``seen`` remembers it as a poll does."""

    def __init__(self, folder: Path, archive: Archive, seen: Seen, publish: Publish, clock: Clock) -> None:
        self.folder = folder
        self._archive = archive
        self._seen = seen
        self._send = publish
        self._clock = clock
        self._letters = Letters(clock)
        self._looked: dict[str, tuple[int, int]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Look again and again until ``stop`` is set, or cancelled. What fails on our side is logged and tried again."""
        while not stop.is_set():
            try:
                for arrival in await self.look():
                    say = log.info if arrival.result != "refused" else log.warning
                    say("inbox", file=arrival.file, result=arrival.result, source=arrival.source, detail=arrival.detail)
            # The disk, the store or the broker, in whatever way its client says so: the files are still there.
            except Exception as error:  # noqa: BLE001
                log.warning("inbox.failed", folder=str(self.folder), error=f"{type(error).__name__}: {error}")
            await self._clock.sleep(LOOK_EVERY)

    async def once(self, settle: float = 1.0) -> list[Arrival]:
        """Two looks, ``settle`` seconds apart, so that what is not being written is read. Raises OSError."""
        first = await self.look()
        await self._clock.sleep(settle)
        return [*first, *await self.look()]

    async def look(self) -> list[Arrival]:
        """Read the files that have not changed since the last look. Raises OSError, and what the store and the broker raise."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with _claimed(self.folder) as ours:
            if not ours:
                return []
            found = [(path, await self._read(path)) for path in self._settled()]
            arrivals = [one for _, one in found if isinstance(one, Arrival)]
            read = [(path, one) for path, one in found if isinstance(one, Saved)]
            for (path, page), ready in zip(read, joined([page for _, page in read]), strict=True):
                arrivals.append(await self._published(path, page, ready))
            return arrivals

    def _settled(self) -> list[Path]:
        """The files that are as they were at the last look, in the order of their names."""
        before, self._looked = self._looked, {}
        for path in sorted(self.folder.iterdir()):
            hidden = path.name.startswith((".", "~")) or path.name.lower().endswith(_UNFINISHED)
            if hidden or path.is_symlink() or not path.is_file() or is_side_file(path.name):
                continue
            stat = path.stat()
            self._looked[path.name] = (stat.st_size, stat.st_mtime_ns)
        return [self.folder / name for name, was in self._looked.items() if before.get(name) == was]

    async def _read(self, path: Path) -> Saved | Arrival:
        """The file read and archived; where it cannot be read, or says nothing of its own, what became of it."""
        try:
            page = _saved(path)
            source, url = _origin(path, page)
        except NotSaved as error:
            return self._refused(path, str(error))
        answer = Fetched(url, 200, {"content-type": page.content_type}, page.content, self._clock.now())
        pointer = await self._archive.add(answer, source.id)
        if page.content_type == "application/pdf":
            self._moved(path, DONE)
            remark = (
                f"kept as {pointer.file}:{pointer.offset}; a document alone is no item of a list: nothing was published"
            )
            return Arrival(path.name, "archived", source.id, url, detail=remark)
        try:
            parsed = await asyncio.to_thread(
                parse, Page(source, url, page.content, answer.fetched_at, page.content_type)
            )
        except ParseError as error:
            why = _WALL if isinstance(error, Challenged) else f"it is no page of {source.id} as it is known: {error}"
            return self._refused(path, why, source.id, url)
        return Saved(source, url, pointer, parsed)

    async def _published(self, path: Path, page: Saved, ready: Ready) -> Arrival:
        """Publish what a file says, and move it.

        A row whose own page was not saved is left out where the item is known: it would say less than what is known. Where
        it is not known it is published as it stands, and not remembered, so that a poll that gets through completes it.
        """
        known = await self._seen.known(page.source.id, [row.item_key for row in ready.bare])
        notices = [*ready.notices, *(row for row in ready.bare if row.item_key not in known)]
        made = envelopes(page.source.id, notices)
        lost = [self._letters.too_large(page.source, each) for each in made if not fits(each)]
        await self._send([*(each for each in made if fits(each)), *map(record, lost)])
        await self._seen.mark(page.source.id, ready.hashes)
        self._moved(path, DONE)
        return Arrival(path.name, "published", page.source.id, page.url, len(notices))

    def _refused(self, path: Path, why: str, source: str | None = None, url: str | None = None) -> Arrival:
        there = self._moved(path, REFUSED)
        reason = f"{path.name} was not read: {why}\nWhen that is done, put it into {self.folder} again.\n"
        there.with_name(there.name + ".reason.txt").write_text(reason, encoding="utf-8")
        return Arrival(path.name, "refused", source, url, detail=why)

    def _moved(self, path: Path, where: str) -> Path:
        """Move a file with what lies beside it; one of the same name that is there already keeps its name."""
        folder = self.folder / where
        folder.mkdir(exist_ok=True)
        name, number = path.name, 1
        while (folder / name).exists():
            number += 1
            name = f"{path.stem}-{number}{path.suffix}"
        images = path.with_name(f"{path.stem}_files")
        for beside in [*dict.fromkeys(side_files(path)), *([images] if images.is_dir() else [])]:
            extra = folder / (
                beside.name.replace(path.name, name) if beside.name.startswith(path.name) else beside.name
            )
            if not extra.exists():
                beside.rename(extra)
        path.rename(folder / name)
        self._looked.pop(path.name, None)
        return folder / name


@contextmanager
def _claimed(folder: Path) -> Iterator[bool]:
    """Whether no other process looks into the folder now."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(opened)


def _saved(path: Path) -> SavedPage:
    """The page in a file. Raises `NotSaved`."""
    if path.stat().st_size > LARGEST:
        raise NotSaved(f"it is larger than {LARGEST // 1024**2} MB; no page of a source is: save the page alone")
    told = [url_in_side_file(beside.name, beside.read_bytes()) for beside in side_files(path)]
    if told and not any(told):
        raise NotSaved("the file beside it states no URL: put the URL on its first line")
    return saved_page(path.name, path.read_bytes(), [url for url in told if url])


def _origin(path: Path, page: SavedPage) -> tuple[Source, str]:
    """Whose page it is, and its URL. Raises `NotSaved`."""
    if not page.urls:
        raise NotSaved(f"nothing says where it is from: write its URL into {path.name}.url.txt beside it")
    for url in page.urls:
        source = attached_to(url) if page.content_type == "application/pdf" else owner(url)
        if source is not None:
            return source, url
    said = ", ".join(page.urls)
    raise NotSaved(
        f"{said} is no page of a source in the catalogue (`medpulse sources list`): add one, or correct the URL"
    )
