"""Files that pages link to: of one host, each a PDF of plain lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from simulator.facts import Announcement, Paper
from simulator.faults import Quirks
from simulator.pdf import pdf
from simulator.sites.site import ALL_BUT_MARKUP, Timeline, shanghai
from simulator.web import Ask, Reply, marked


@dataclass(frozen=True, slots=True)
class File:
    """A file: when it is there, its lines page by page, and what it is marked as illustrative by."""

    published: datetime
    pages: Sequence[Sequence[str]]
    key: str
    illustrative: bool


class Files:
    """The files of one host by their path. They are no items of a list: none is ever the newest."""

    faults = ALL_BUT_MARKUP

    def __init__(self, host: str, files: Mapping[str, File]) -> None:
        self.hosts = (host,)
        self._files = files
        self.timeline = Timeline(file.published for file in files.values())

    def newest(self, at: datetime) -> str | None:  # noqa: ARG002
        return None

    def answer(self, ask: Ask, at: datetime, quirks: Quirks) -> Reply | None:  # noqa: ARG002
        file = self._files.get(ask.path)
        if file is None or file.published > at:
            return None
        return Reply(pdf(file.pages), "application/pdf", illustrative=marked([(file.key, file.illustrative)]))


def papers(host: str, facts: Sequence[Paper]) -> Files:
    """The papers of a host."""
    own = [paper for paper in facts if paper.host == host]
    return Files(host, {one.path: File(one.published, one.pages, one.path, one.illustrative) for one in own})


def covers(host: str, folder: str, announcements: Sequence[Announcement]) -> Files:
    """The files of announcements, below ``folder``: a page each, which says who announces what and states no figure."""
    return Files(
        host,
        {
            f"{folder}/{finalpage(row)}": File(row.published, [_cover(row)], row.id, row.illustrative)
            for row in announcements
        },
    )


def finalpage(row: Announcement) -> str:
    """The path of an announcement's file, below the folder of its host."""
    return f"finalpage/{shanghai(row.published, '%Y-%m-%d')}/{row.id}.PDF"


def _cover(row: Announcement) -> tuple[str, ...]:
    return f"证券代码：{row.code}", f"证券简称：{row.name}", row.title
