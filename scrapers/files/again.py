"""The files of notices, read again from the archive: what a reparse does in place of downloading them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from events.notice import Attachment, Notice
from scrapers.archive_read import Unkept, page_at
from scrapers.files.chosen import BUDGET
from scrapers.files.extract import FileText, UnreadableFile
from scrapers.files.process import text_of
from scrapers.files.wanted import read_as, wanted, with_files
from scrapers.source import Source

Where = Callable[[str], tuple[Path, int] | None]
"""URL of a file → the archive file that holds it and the offset in it; None where it is not kept."""


async def with_kept_files(source: Source, notice: Notice, where: Where, broken: Callable[[str], None]) -> Notice:
    """The notice with the text of those of its files that are kept; ``broken`` is told of damaged records.

    Raises OSError (the disk).
    """
    files = wanted(source, notice)
    read: list[Attachment] = []
    for file in files:
        if (place := where(file.url)) is None:
            continue
        try:
            kept = page_at(*place)
            found: FileText | str = await text_of(kept.content)
        except Unkept as error:
            broken(str(error))
            continue
        except UnreadableFile as error:
            found = str(error)
        read.append(read_as(file, found, kept.pointer, BUDGET // len(files)))
    return with_files(notice, read) if read else notice
