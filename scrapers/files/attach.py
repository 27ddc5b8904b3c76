"""The files of items that are about to be published: downloaded politely, archived, read in a process of their own.

A file that cannot be read costs itself: its notice says why, and one dead letter holds what came. A host in trouble costs a
turn: the item stays unseen, and the next poll tries again, `Limits.give_up` times.
"""

from __future__ import annotations

from collections.abc import Sequence

from events.messages import Outcome
from events.notice import Attachment, Notice
from scrapers.answer import Fetched
from scrapers.files.chosen import BUDGET
from scrapers.files.extract import FileText, UnreadableFile
from scrapers.files.process import text_of
from scrapers.files.wanted import read_as, wanted, with_files
from scrapers.letters import Letters
from scrapers.outcome import HOST_IN_TROUBLE, Verdict, page_fault
from scrapers.page import Request
from scrapers.platforms.walls import wall
from scrapers.reading import Reader, Reading
from scrapers.round import Round
from scrapers.seen import Seen

_HEAD = 64 * 1024


class Files:
    """Reads the files of notices."""

    def __init__(self, reader: Reader, seen: Seen, letters: Letters) -> None:
        self._reader = reader
        self._seen = seen
        self._letters = letters

    async def completed(self, at: Round, ready: Sequence[Notice]) -> list[Notice]:
        """The notices that can be published, with the text of their files; the others wait for another poll."""
        done: list[Notice] = []
        for notice in ready:
            files = wanted(at.source, notice) if at.limits.files else []
            if not files:
                done.append(notice)
            elif not at.stopped and at.files_asked < at.limits.files:
                at.files_asked += len(files)
                if (whole := await self._read(at, notice, files)) is not None:
                    done.append(whole)
        return done

    async def _read(self, at: Round, notice: Notice, files: Sequence[Attachment]) -> Notice | None:
        tries = await self._seen.tries(at.source.id, [notice.item_key])
        last = tries.get(notice.item_key, 0) + 1 >= at.limits.give_up
        read: list[Attachment] = []
        for file in files:
            reading = await self._reader.file(at.source, Request(file.url))
            found = await self._text(at, reading)
            if isinstance(found, Verdict) and found.outcome in HOST_IN_TROUBLE and not last:
                await self._seen.tried(at.source.id, [notice.item_key])
                at.problems.append(found)
                at.stopped = True
                return None
            said = found.detail if isinstance(found, Verdict) else found
            read.append(read_as(file, said, reading.pointer, BUDGET // len(files)))
        return with_files(notice, read)

    async def _text(self, at: Round, reading: Reading) -> FileText | Verdict:
        answer = reading.answer
        if (fault := page_fault(answer, None, reading.retry_after)) is not None:
            return fault
        assert isinstance(answer, Fetched)
        try:
            return await text_of(answer.content)
        except UnreadableFile as error:
            if mark := wall(answer.content[:_HEAD].decode("utf-8", "replace")):
                return Verdict(Outcome.CHALLENGED, f"in place of the file came a page with {mark}", answer.status)
            broken = Verdict(Outcome.MALFORMED, str(error), answer.status)
            at.letters.extend(self._letters.unreadable(at.source, reading, broken))
            return broken
