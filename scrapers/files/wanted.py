"""Which files of a notice are read, and what a notice is with their text. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from events.notice import ArchivePointer, Attachment, Notice
from scrapers.files.chosen import BUDGET, chosen
from scrapers.files.extract import FileText
from scrapers.source import Source

_READ = re.compile(r"\.(?:pdf|docx?|xlsx?)$", re.IGNORECASE)


def wanted(source: Source, notice: Notice) -> list[Attachment]:
    """The files of a notice that its source says are read, without those that were: none of a withdrawn notice."""
    asked = source.files
    if asked is None or notice.retracted or not re.search(asked.title, notice.title):
        return []
    if not all(re.search(pattern, notice.fields.get(name, "")) for name, pattern in asked.where.items()):
        return []
    files = [file for file in notice.attachments if _READ.search(file.url.partition("?")[0]) or _READ.search(file.name)]
    return [file for file in files[: asked.most] if not file.pages and file.unread is None]


def read_as(
    file: Attachment, found: FileText | str, pointer: ArchivePointer | None, budget: int = BUDGET
) -> Attachment:
    """The file with its text, as much as ``budget`` bytes hold, or with the reason why it has none."""
    changes: dict[str, object] = {"archive": pointer}
    if isinstance(found, str):
        changes["unread"] = found
    else:
        pages = chosen(found.pages, budget)
        changes |= {"media_type": found.media_type, "pages": pages, "pages_total": found.total}
    return file.model_copy(update=changes)


def with_files(notice: Notice, files: Sequence[Attachment]) -> Notice:
    """The notice with these in place of its files of the same URLs."""
    read = {file.url: file for file in files}
    whole = tuple(read.get(file.url, file) for file in notice.attachments)
    return Notice.model_validate(dict(notice) | {"attachments": whole, "content_hash": ""})
